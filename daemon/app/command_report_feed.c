/* The events of a report as entries of a feed. */
#include <unistd.h>

#include "app/command_report_internal.h"
#include "model/url.h"

int report_feed_begin(struct compiling *compiling)
{
	if (compiling->format != FORMAT_ATOM)
		return 0;
	compiling->events =
		ARENA_ARRAY(&compiling->arena, struct feed_entry, FEED_ENTRIES_MAX);
	return compiling->events != NULL ? 0
					 : error_set(&compiling->error, "out of memory");
}

struct naming {
	struct arena *arena;
	struct slice names[FEED_LISTS_MAX];
	uint32_t count;
};

static bool note_list(const struct store_occurrence *found, void *data)
{
	struct naming *naming = data;
	for (uint32_t i = 0; i < naming->count; i++)
		if (slice_equal(naming->names[i], found->list))
			return true;
	naming->names[naming->count++] = arena_copy(naming->arena, found->list);
	return naming->count < FEED_LISTS_MAX;
}

static bool is_wanted_list(const struct compiling *compiling, const struct naming *naming)
{
	for (uint32_t i = 0; i < naming->count; i++)
		if (slice_equal(naming->names[i], compiling->list))
			return true;
	return compiling->list.len == 0;
}

/* A ring: the newest stay. */
static bool put(struct compiling *compiling, const struct store_event *stored,
	const struct naming *naming)
{
	struct feed_entry *entry =
		&compiling->events[compiling->event_count++ % FEED_ENTRIES_MAX];
	struct slice *lists =
		ARENA_ARRAY(&compiling->arena, struct slice, naming->count + 1);
	if (lists == NULL)
		return false;
	memcpy(lists, naming->names, naming->count * sizeof(*lists));
	*entry = (struct feed_entry){
		.event_id = stored->event_id,
		.event = stored->event,
		.url = arena_copy(&compiling->arena, stored->url),
		.lists = lists,
		.list_count = naming->count,
	};
	entry->event.text = arena_copy(&compiling->arena, stored->event.text);
	return true;
}

bool report_feed_event(struct compiling *compiling, const struct store_event *stored)
{
	struct naming naming = { .arena = &compiling->arena };
	if (compiling->events == NULL || !feed_wants(&stored->event))
		return true;
	if (stored->event.link_id > 0) {
		if (store_walk_occurrences(compiling->lookup.beside,
			    stored->event.link_id, 0, note_list, &naming,
			    &compiling->error) < 0)
			return false;
		if (!is_wanted_list(compiling, &naming))
			return true;
	}
	return put(compiling, stored, &naming);
}

/* Whose ids they are: the public address', else this machine's name. */
static void name_host(struct compiling *compiling, struct feed_head *head)
{
	struct url url;
	char name[256] = "";
	if (head->page_url.len > 0 &&
		url_parse(&compiling->arena, head->page_url, NULL, &url) == 0) {
		head->host = url.host;
		return;
	}
	if (gethostname(name, sizeof(name) - 1) == 0)
		head->host = arena_copy(&compiling->arena, slice_of(name));
}

static void fill_head(struct compiling *compiling)
{
	struct feed_head *head = &compiling->digest.feed;
	struct arena *arena = &compiling->arena;
	const struct config *config = compiling->lookup.config;
	struct slice list = compiling->list;
	const char *public_url = config != NULL ? config->publish.public_url : NULL;
	head->list = list;
	head->generator = compiling->digest.generator;
	head->updated = compiling->digest.since > 0 ? compiling->digest.since
						    : compiling->digest.until;
	head->title = list.len > 0 ? arena_printf(arena, "Links of %.*s", SLICE_ARG(list))
				   : SLICE("Links");
	if (public_url != NULL) {
		struct slice base = slice_of(public_url);
		while (slice_ends(base, SLICE("/")))
			base = slice_sub(base, 0, base.len - 1);
		head->page_url = arena_printf(arena, "%.*s/", SLICE_ARG(base));
		head->self_url =
			list.len > 0
				? arena_printf(arena, "%.*s/lists/%.*s/feed.atom",
					  SLICE_ARG(base), SLICE_ARG(list))
				: arena_printf(arena, "%.*s/feed.atom", SLICE_ARG(base));
	}
	name_host(compiling, head);
}

/* Newest first. */
int report_feed_end(struct compiling *compiling)
{
	uint32_t count = compiling->event_count;
	if (compiling->events == NULL)
		return 0;
	if (count > FEED_ENTRIES_MAX)
		count = FEED_ENTRIES_MAX;
	struct feed_entry *sorted =
		ARENA_ARRAY(&compiling->arena, struct feed_entry, count + 1);
	if (sorted == NULL)
		return error_set(&compiling->error, "out of memory");
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = compiling->events[(compiling->event_count - 1 - i) %
					      FEED_ENTRIES_MAX];
	compiling->digest.events = sorted;
	compiling->digest.event_count = count;
	fill_head(compiling);
	return 0;
}
