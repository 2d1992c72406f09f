/* The events of a report as entries of a feed. */
#include "show/changes_internal.h"

int changes_begin_feed(struct changes *changes)
{
	if (!changes->wish->feed)
		return 0;
	changes->events =
		ARENA_ARRAY(changes->arena, struct feed_entry, FEED_ENTRIES_MAX);
	return changes->events != NULL ? 0 : error_set(changes->error, "out of memory");
}

struct naming {
	struct arena *arena;
	struct slice wanted;
	struct slice names[FEED_LISTS_MAX];
	uint32_t count;
	bool is_wanted; /* it may be one that is not named any more */
};

static bool note_list(const struct store_document *found, void *data)
{
	struct naming *naming = data;
	naming->is_wanted |= slice_equal(found->list, naming->wanted);
	for (uint32_t i = 0; i < naming->count; i++)
		if (slice_equal(naming->names[i], found->list))
			return true;
	if (naming->count < FEED_LISTS_MAX)
		naming->names[naming->count++] = arena_copy(naming->arena, found->list);
	return true;
}

/* A ring: the newest stay. */
static bool put(struct changes *changes, const struct store_event *stored,
	const struct naming *naming)
{
	struct feed_entry *entry =
		&changes->events[changes->event_count++ % FEED_ENTRIES_MAX];
	struct slice *lists =
		ARENA_ARRAY(changes->arena, struct slice, naming->count + 1);
	if (lists == NULL)
		return false;
	memcpy(lists, naming->names, naming->count * sizeof(*lists));
	*entry = (struct feed_entry){
		.event_id = stored->event_id,
		.event = stored->event,
		.url = arena_copy(changes->arena, stored->url),
		.lists = lists,
		.list_count = naming->count,
	};
	entry->event.text = arena_copy(changes->arena, stored->event.text);
	return true;
}

bool changes_feed_event(struct changes *changes, const struct store_event *stored)
{
	struct slice wanted = changes->wish->list;
	struct naming naming = { .arena = changes->arena, .wanted = wanted };
	if (changes->events == NULL || !feed_wants(&stored->event))
		return true;
	if (stored->event.link_id > 0) {
		if (store_walk_documents(changes->wish->beside, stored->event.link_id,
			    (struct slice){ 0 }, note_list, &naming, changes->error) < 0)
			return false;
		if (wanted.len > 0 && !naming.is_wanted)
			return true;
	} else if (wanted.len > 0 && stored->list.len > 0 &&
		   !slice_equal(stored->list, wanted)) {
		return true;
	}
	return put(changes, stored, &naming);
}

static void fill_head(struct changes *changes)
{
	struct feed_head *head = &changes->digest->feed;
	struct arena *arena = changes->arena;
	const struct changes_wish *wish = changes->wish;
	head->list = wish->list;
	head->generator = wish->generator;
	head->updated = wish->since > 0 ? wish->since : wish->until;
	head->title = wish->list.len > 0 ? arena_printf(arena, "Links of %.*s",
						   SLICE_ARG(wish->list))
					 : SLICE("Links");
	head->host = wish->own_host;
	if (wish->address != NULL && wish->address->url.len > 0) {
		struct slice base = wish->address->url;
		head->host = wish->address->host;
		head->page_url = arena_printf(arena, "%.*s/", SLICE_ARG(base));
		head->self_url =
			wish->list.len > 0
				? arena_printf(arena, "%.*s/lists/%.*s/feed.atom",
					  SLICE_ARG(base), SLICE_ARG(wish->list))
				: arena_printf(arena, "%.*s/feed.atom", SLICE_ARG(base));
	}
}

/* Newest first. */
int changes_end_feed(struct changes *changes)
{
	uint32_t count = changes->event_count;
	if (changes->events == NULL)
		return 0;
	if (count > FEED_ENTRIES_MAX)
		count = FEED_ENTRIES_MAX;
	struct feed_entry *sorted =
		ARENA_ARRAY(changes->arena, struct feed_entry, count + 1);
	if (sorted == NULL)
		return error_set(changes->error, "out of memory");
	for (uint32_t i = 0; i < count; i++)
		sorted[i] = changes->events[(changes->event_count - 1 - i) %
					    FEED_ENTRIES_MAX];
	changes->digest->events = sorted;
	changes->digest->event_count = count;
	fill_head(changes);
	return 0;
}
