/* What is checked at all, after the configuration has changed: a link that is excluded
 * now, or is so no more, would otherwise stand as it was until its own time comes, which
 * for a dead one is in three months. */
#include "run/watchman.h"

#include <string.h>

static bool excludes(const struct watchman *watchman, const struct store_link *link)
{
	return settings_excludes(&watchman->crew->configured.settings, link->url);
}

/* Whether what it was skipped for is no reason any more, or may be none. */
static bool may_be_asked(const struct watchman *watchman, const struct store_link *link)
{
	enum reason reason = link->record.reason;
	if (reason == REASON_EXCLUDED)
		return !link->decided && !excludes(watchman, link);
	if (reason == REASON_ROBOTS_DISALLOWED)
		return watchman->crew->config->check.robots == CONFIG_ROBOTS_IGNORE;
	return reason == REASON_ADDRESS_FORBIDDEN;
}

static bool on_skipped(const struct store_link *link, void *data)
{
	struct watchman *watchman = data;
	if (link->monitored && may_be_asked(watchman, link))
		watchman_make_due(watchman, link->link_id, link->record.interval_ms);
	return true;
}

static bool on_any(const struct store_link *link, void *data)
{
	struct watchman *watchman = data;
	if (link->monitored && link->record.state != STATE_SKIPPED &&
		excludes(watchman, link))
		watchman_make_due(watchman, link->link_id, link->record.interval_ms);
	return true;
}

static bool same_texts(const struct config_texts *a, const struct config_texts *b)
{
	bool same = a->count == b->count;
	for (uint32_t i = 0; i < a->count && same; i++)
		same = strcmp(a->at[i], b->at[i]) == 0;
	return same;
}

static bool has_new_filters(
	const struct config_check *check, const struct config_check *old)
{
	if (check->include.count + check->exclude.count == 0)
		return false;
	return old == NULL || !same_texts(&check->include, &old->include) ||
	       !same_texts(&check->exclude, &old->exclude);
}

int watchman_heed_filters(
	struct watchman *watchman, const struct config *old, struct error *error)
{
	const struct store_filter skipped = { .by_state = true, .state = STATE_SKIPPED };
	const struct store_filter any = { 0 };
	const struct config_check *check = &watchman->crew->config->check;
	int result =
		store_walk_links(watchman->store, &skipped, on_skipped, watchman, error);
	if (result == 0 && has_new_filters(check, old != NULL ? &old->check : NULL))
		result = store_walk_links(watchman->store, &any, on_any, watchman, error);
	return result;
}
