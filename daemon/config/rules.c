#include "config/rules_internal.h"

#include "base/table.h"
#include "config/keys_internal.h"

struct config_place rules_place(
	const struct key_group *group, const void *values, const char *name)
{
	const struct config_place *places = key_places(values);
	const struct key *key = key_of_name(group, slice_of(name));
	assert(key != NULL);
	if (places == NULL)
		return (struct config_place){ 0 };
	if (places[key - group->keys].file != NULL)
		return places[key - group->keys];
	for (uint32_t i = 0; i < group->count; i++)
		if (places[i].file != NULL)
			return places[i];
	return (struct config_place){ 0 };
}

const struct key_group *rules_group(const char *name)
{
	return key_of_name(&key_root, slice_of(name))->group;
}

/* --- defaults --- */

static void fill_hosts(struct config *config, struct config_host *hosts)
{
	for (uint32_t i = 0; i < config->host_count; i++) {
		if (hosts[i].request_interval_ms == KEY_INHERITED)
			hosts[i].request_interval_ms =
				config->check.host_request_interval_ms;
		if (hosts[i].concurrency == (uint32_t)KEY_INHERITED)
			hosts[i].concurrency = config->check.host_concurrency;
	}
}

/* --- names are there once --- */

struct seen {
	struct config_place place;
	UT_hash_handle hh;
};

static void check_name(struct seen **table, struct seen *own, const char *of,
	const char *text, struct complaints *complaints)
{
	struct slice name = slice_of(text);
	struct seen *seen;
	HASH_FIND(hh, *table, name.at, name.len, seen);
	if (seen != NULL) {
		complain(complaints, own->place,
			"%s: \"%s\" is also in %s:%u; each needs its own", of, text,
			seen->place.file, seen->place.line);
		return;
	}
	HASH_ADD_KEYPTR(hh, *table, name.at, name.len, own);
	if (own->hh.tbl == NULL)
		complain(complaints, own->place, "not enough memory");
}

static void check_lists(
	const struct config *config, struct seen *all, struct complaints *complaints)
{
	struct seen *table = NULL;
	for (uint32_t i = 0; i < config->list_count; i++) {
		const struct config_list *list = &config->lists[i];
		if (list->name == NULL)
			continue; /* complained about */
		all[i].place = rules_place(rules_group("lists"), list, "name");
		check_name(&table, &all[i], "lists.name", list->name, complaints);
	}
	HASH_CLEAR(hh, table);
}

/* The second of two would never match. Built-in entries that are written again are not
 * there any more. */
static void check_hosts(
	const struct config *config, struct seen *all, struct complaints *complaints)
{
	struct seen *table = NULL;
	for (uint32_t i = 0; i < config->host_count; i++) {
		const struct config_host *host = &config->hosts[i];
		if (host->match == NULL || host->places == NULL)
			continue;
		all[i].place = rules_place(rules_group("hosts"), host, "match");
		check_name(&table, &all[i], "hosts.match", host->match, complaints);
	}
	HASH_CLEAR(hh, table);
}

static void check_receivers(
	const struct config *config, struct seen *all, struct complaints *complaints)
{
	struct seen *table = NULL;
	for (uint32_t i = 0; i < config->notify_count; i++) {
		const struct config_notify *notify = &config->notify[i];
		if (notify->name == NULL)
			continue;
		all[i].place = rules_place(rules_group("notify"), notify, "name");
		check_name(&table, &all[i], "notify.name", notify->name, complaints);
	}
	HASH_CLEAR(hh, table);
}

static void check_names(const struct config *config, struct complaints *complaints)
{
	size_t count =
		(size_t)config->list_count + config->host_count + config->notify_count;
	struct seen *all = calloc(count + 1, sizeof(*all));
	if (all == NULL) {
		complain(complaints, (struct config_place){ 0 }, "not enough memory");
		return;
	}
	check_lists(config, all, complaints);
	check_hosts(config, all + config->list_count, complaints);
	check_receivers(
		config, all + config->list_count + config->host_count, complaints);
	free(all);
}

/* --- contradictions --- */

static void check_confirm(const struct config *config, struct complaints *complaints)
{
	if (config->confirm.unreachable_span_ms >= config->confirm.span_ms)
		return;
	complain(complaints,
		rules_place(rules_group("confirm"), &config->confirm, "unreachable_span"),
		"confirm.unreachable_span: is shorter than confirm.span, but weaker "
		"evidence needs more time; make it at least as long");
}

void rules_apply(struct config *config, struct config_list *lists,
	struct config_host *hosts, struct complaints *complaints)
{
	for (uint32_t i = 0; i < config->list_count; i++)
		if (lists[i].title == NULL)
			lists[i].title = lists[i].name;
	fill_hosts(config, hosts);
	check_names(config, complaints);
	/* A value that was refused left its default behind, and a sentence about that
	 * would be wrong. */
	if (complaints->errors->count > 0)
		return;
	check_confirm(config, complaints);
	for (uint32_t i = 0; i < config->notify_count; i++)
		rules_check_notify(config, i, complaints);
}
