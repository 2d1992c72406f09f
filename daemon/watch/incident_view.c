#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "watch/incident_internal.h"

/* --- walks ------------------------------------------------------------------------- */

static struct incident_case *find(const struct incidents *incidents, uint32_t number)
{
	for (struct list *node = incidents->open.next; node != &incidents->open;
		node = node->next) {
		struct incident_case *open = LIST_OF(node, struct incident_case, open);
		if (open->facts.number == number)
			return open;
	}
	return NULL;
}

typedef int (*entry_fn)(void *data, const struct incident_entry *entry);

static int each_of_leaf(const struct incident_group *leaf, entry_fn on_entry, void *data)
{
	int stop = 0;
	for (struct list *node = leaf->members.next; node != &leaf->members && stop == 0;
		node = node->next)
		stop = on_entry(data, LIST_OF(node, const struct incident_entry, member));
	return stop;
}

static int each_of_group(
	const struct incident_group *group, entry_fn on_entry, void *data)
{
	int stop = 0;
	if (group->parent != NULL)
		return each_of_leaf(group, on_entry, data);
	for (struct list *node = group->children.next;
		node != &group->children && stop == 0; node = node->next)
		stop = each_of_leaf(LIST_OF(node, const struct incident_group, sibling),
			on_entry, data);
	return stop;
}

/* --- one incident ------------------------------------------------------------------ */

static int count_reason(void *data, const struct incident_entry *entry)
{
	uint32_t *counts = data;
	counts[entry->reason]++;
	return 0;
}

/* That of most; of equals the first in their table. */
static void tell_reason(const struct incident_group *group, struct incident *facts)
{
	uint32_t counts[REASON_COUNT] = { 0 }, kinds = 0;
	each_of_group(group, count_reason, counts);
	facts->reason = REASON_OK;
	for (int i = 0; i < REASON_COUNT; i++) {
		kinds += counts[i] > 0 ? 1 : 0;
		if (counts[i] > counts[facts->reason])
			facts->reason = (enum reason)i;
	}
	facts->reasons_differ = kinds > 1;
}

static void tell_facts(const struct incident_case *open, struct incident *ret_incident)
{
	const struct incident_group *group = open->group;
	*ret_incident = open->facts;
	ret_incident->cause = group->cause;
	ret_incident->name = slice_of(group->name);
	ret_incident->links = group->links;
	ret_incident->host_links = group->host_links;
	ret_incident->hosts = group->parent != NULL ? 1 : group->child_count;
	/* An end that has begun has fewer links than there were reasons; the last one
	 * known stays. */
	if (group->links > 0)
		tell_reason(group, ret_incident);
}

bool incident_get(
	const struct incidents *incidents, uint32_t number, struct incident *ret_incident)
{
	const struct incident_case *open = find(incidents, number);
	if (open == NULL)
		return false;
	tell_facts(open, ret_incident);
	return true;
}

void incident_set_id(struct incidents *incidents, uint32_t number, int64_t id)
{
	struct incident_case *open = find(incidents, number);
	if (open != NULL)
		open->facts.id = id;
	for (struct list *node = incidents->news.next; node != &incidents->news;
		node = node->next) {
		struct incident_case *ended = LIST_OF(node, struct incident_case, news);
		if (ended->facts.number == number)
			ended->facts.id = id;
	}
}

int incident_each(const struct incidents *incidents,
	int (*on_incident)(void *data, const struct incident *incident), void *data)
{
	int stop = 0;
	for (struct list *node = incidents->open.next;
		node != &incidents->open && stop == 0; node = node->next) {
		struct incident facts;
		tell_facts(LIST_OF(node, const struct incident_case, open), &facts);
		stop = on_incident(data, &facts);
	}
	return stop;
}

struct link_walk {
	int (*on_link)(void *data, int64_t link_id, enum reason reason);
	void *data;
};

static int tell_link(void *data, const struct incident_entry *entry)
{
	const struct link_walk *walk = data;
	return walk->on_link(walk->data, entry->link_id, entry->reason);
}

int incident_each_link(const struct incidents *incidents, uint32_t number,
	int (*on_link)(void *data, int64_t link_id, enum reason reason), void *data)
{
	struct link_walk walk = { on_link, data };
	const struct incident_case *open = find(incidents, number);
	return open != NULL ? each_of_group(open->group, tell_link, &walk) : 0;
}

int incident_each_open_link(const struct incidents *incidents,
	int (*on_link)(void *data, int64_t link_id, enum reason reason), void *data)
{
	struct link_walk walk = { on_link, data };
	int stop = 0;
	for (struct list *node = incidents->open.next;
		node != &incidents->open && stop == 0; node = node->next)
		stop = each_of_group(LIST_OF(node, struct incident_case, open)->group,
			tell_link, &walk);
	return stop;
}

struct wait_walk {
	int64_t link_id;                            /* the one that answers */
	const struct incident_group *leaf, *domain; /* its own; the leaf may be NULL */
	struct link_walk to;
};

static int tell_waiting(void *data, const struct incident_entry *entry)
{
	const struct wait_walk *walk = data;
	const struct incident_group *answers =
		entry->leaf == walk->leaf ? walk->leaf : walk->domain;
	if (entry->link_id == walk->link_id || incident_is_of_page(entry->reason) ||
		entry->since <= answers->good_at)
		return 0;
	return walk->to.on_link(walk->to.data, entry->link_id, entry->reason);
}

int incident_each_waiting(const struct incidents *incidents,
	const struct incident_link *link,
	int (*on_link)(void *data, int64_t link_id, enum reason reason), void *data)
{
	struct wait_walk walk = { link->link_id,
		incident_find_host(incidents, link->host),
		incident_find_domain(incidents, link->host), { on_link, data } };
	return walk.domain != NULL ? each_of_group(walk.domain, tell_waiting, &walk) : 0;
}

/* --- lists ------------------------------------------------------------------------- */

struct list_count {
	struct incident_list *lists;
	uint32_t count, max;
};

static int count_lists(void *data, const struct incident_entry *entry)
{
	struct list_count *counted = data;
	for (uint32_t i = 0; i < entry->list_count; i++) {
		uint32_t k = 0;
		while (k < counted->count && counted->lists[k].list != entry->lists[i])
			k++;
		if (k == counted->max)
			continue;
		if (k == counted->count)
			counted->lists[counted->count++] =
				(struct incident_list){ entry->lists[i], 0 };
		counted->lists[k].links++;
	}
	return 0;
}

static int by_links(const void *a, const void *b)
{
	const struct incident_list *one = a, *other = b;
	if (one->links != other->links)
		return one->links > other->links ? -1 : 1;
	return one->list < other->list ? -1 : 1;
}

uint32_t incident_lists(const struct incidents *incidents, uint32_t number,
	struct incident_list *ret_lists, uint32_t max)
{
	struct list_count counted = { ret_lists, 0, max };
	const struct incident_case *open = find(incidents, number);
	if (open != NULL)
		each_of_group(open->group, count_lists, &counted);
	if (counted.count > 1)
		qsort(ret_lists, counted.count, sizeof(*ret_lists), by_links);
	return counted.count;
}

/* --- its sentence ------------------------------------------------------------------ */

static const char *predicate(const struct incident *incident)
{
	enum reason reason = incident->reason;
	if (reason == REASON_PARKED_DOMAIN)
		return " is parked";
	if (reason == REASON_DNS_NXDOMAIN || reason == REASON_DNS_NO_ADDRESS)
		return " has no address any more";
	if (incident->cause == INCIDENT_CERTIFICATE && reason == REASON_TLS_EXPIRED)
		return " has expired";
	if (incident->cause == INCIDENT_CERTIFICATE)
		return " is not accepted";
	return reason_outcome(reason) == OUTCOME_UNREACHABLE ? " unreachable" : " broken";
}

static void say_name(const struct incident *incident, struct buffer *out)
{
	if (incident->cause == INCIDENT_CERTIFICATE)
		buffer_add_text(out, "The certificate of ");
	for (size_t i = 0; i < incident->name.len; i++) {
		char c = incident->name.at[i];
		buffer_add_char(out, (unsigned char)c > ' ' && c != 0x7f ? c : '?');
	}
}

static void say_count(uint32_t links, const struct incident *incident, struct buffer *out)
{
	buffer_printf(out, ", %" PRIu32, links);
	bool some = incident->cause == INCIDENT_HOST && incident->host_links > links;
	if (some)
		buffer_printf(out, " of %" PRIu32, incident->host_links);
	buffer_add_text(out, links == 1 && !some ? " link" : " links");
	if (incident->cause != INCIDENT_HOST && incident->hosts > 1)
		buffer_printf(out, " on %" PRIu32 " hosts", incident->hosts);
}

void incident_sentence(const struct incident *incident, struct buffer *out)
{
	say_name(incident, out);
	if (incident->merged_into != 0) {
		buffer_add_text(out, " is part of a larger incident");
		if (incident->links > 0)
			say_count(incident->links, incident, out);
		return;
	}
	if (incident->ended_at != 0) {
		buffer_add_text(out, incident->cause == INCIDENT_CERTIFICATE
					     ? " is well again"
					     : " is back");
		say_count(incident->links_peak, incident, out);
		if (incident->links > 0)
			buffer_printf(out, " (%" PRIu32 " still bad)", incident->links);
		return;
	}
	buffer_add_text(out, predicate(incident));
	say_count(incident->links, incident, out);
	buffer_printf(out, " (%s%s)", incident->reasons_differ ? "most " : "",
		reason_text(incident->reason));
}
