#include <stdlib.h>

#include "show/changes_internal.h"
#include "show/standing.h"

/* --- events --- */

static struct happened *happened_to(struct changes *changes, int64_t link_id)
{
	struct happened *found = NULL;
	HASH_FIND(hh, changes->happened, &link_id, sizeof(link_id), found);
	if (found != NULL)
		return found;
	found = ARENA_NEW(changes->arena, struct happened);
	if (found == NULL)
		return NULL;
	found->link_id = link_id;
	HASH_ADD(hh, changes->happened, link_id, sizeof(link_id), found);
	return found->hh.tbl != NULL ? found : NULL;
}

static void begin_period(struct changes *changes, struct periods *periods,
	const struct store_event *stored)
{
	const struct event *event = &stored->event;
	if (periods->count == CHANGES_PERIODS_MAX)
		return;
	periods->at[periods->count++] = (struct digest_period){
		.incident_id = event->kind == EVENT_INCIDENT_BEGAN ? stored->event_id : 0,
		.began_at = event->at,
		.text = arena_copy(changes->arena, event->text),
		.links = event->links,
	};
}

static struct digest_period *find_incident(
	const struct changes *changes, int64_t incident_id)
{
	const struct periods *incidents = &changes->incidents;
	for (uint32_t i = incidents->count; i-- > 0;)
		if (incidents->at[i].incident_id == incident_id)
			return &incidents->at[i];
	return NULL;
}

struct looking_back {
	struct changes *changes;
	int64_t incident_id;
};

static bool note_beginning(const struct store_event *stored, void *data)
{
	struct looking_back *back = data;
	if (stored->event_id == back->incident_id &&
		stored->event.kind == EVENT_INCIDENT_BEGAN)
		begin_period(back->changes, &back->changes->incidents, stored);
	return false;
}

/* One that began before the time, when its end or its links fall into it. NULL: there is
 * no room for it, or it is not there. */
static struct digest_period *incident_of(struct changes *changes, int64_t incident_id)
{
	struct digest_period *found = find_incident(changes, incident_id);
	struct looking_back back = { changes, incident_id };
	if (found != NULL || changes->incidents.count == CHANGES_PERIODS_MAX)
		return found;
	if (store_walk_events(changes->wish->beside, incident_id - 1, 0, note_beginning,
		    &back, changes->error) < 0)
		changes->failed = true;
	return find_incident(changes, incident_id);
}

static void end_incident(struct changes *changes, const struct event *event)
{
	struct digest_period *period = incident_of(changes, event->incident_id);
	if (period != NULL)
		period->ended_at = event->at;
}

static void end_offline(struct periods *offline, time_ms at)
{
	if (offline->count > 0 && offline->at[offline->count - 1].ended_at == 0)
		offline->at[offline->count - 1].ended_at = at;
}

static bool note_link_event(struct changes *changes, const struct event *event)
{
	struct happened *happened = happened_to(changes, event->link_id);
	if (happened == NULL)
		return false;
	if (event->kind == EVENT_CONTENT_CHANGED) {
		happened->changed_at = event->at;
		return true;
	}
	/* From where it was before all of it. */
	if (happened->from == happened->to)
		happened->from = event_before(event);
	happened->to = event->to;
	happened->at = event->at;
	happened->incident_id = event->incident_id;
	return true;
}

static bool note_event(const struct store_event *stored, void *data)
{
	struct changes *changes = data;
	const struct event *event = &stored->event;
	changes->last_event_id = stored->event_id;
	if (!changes_feed_event(changes, stored))
		changes->failed = true;
	switch (event->kind) {
	case EVENT_STATE:
	case EVENT_CONTENT_CHANGED:
		if (!note_link_event(changes, event))
			changes->failed = true;
		break;
	case EVENT_INCIDENT_BEGAN:
		begin_period(changes, &changes->incidents, stored);
		break;
	case EVENT_INCIDENT_ENDED:
		end_incident(changes, event);
		break;
	case EVENT_OFFLINE_BEGAN:
		begin_period(changes, &changes->offline, stored);
		break;
	case EVENT_OFFLINE_ENDED:
		end_offline(&changes->offline, event->at);
		break;
	case EVENT_SOURCE_FAILED:
	case EVENT_SOURCE_BACK: /* the sources themselves say it */
	case EVENT_FLAPPING:    /* the records say it */
	case EVENT_STEADY:
	case EVENT_LINK_ADDED:
	case EVENT_LINK_REMOVED:
		break;
	}
	return !changes->failed;
}

static bool note_source(const struct store_source *source, void *data)
{
	struct changes *changes = data;
	struct periods *periods = &changes->sources;
	if (source->failed_since == 0 || periods->count == CHANGES_PERIODS_MAX)
		return true;
	periods->at[periods->count++] = (struct digest_period){
		.began_at = source->failed_since,
		.name = arena_copy(changes->arena, source->name),
		.text = arena_copy(changes->arena, source->failure),
	};
	return true;
}

/* --- links --- */

static bool section_of(const struct changes *changes, const struct store_link *link,
	const struct happened *happened, enum digest_section *ret_section, bool *ret_due)
{
	bool moved = happened != NULL && happened->from != happened->to;
	const struct digest_past past = {
		.before = moved ? happened->from : link->record.state,
		.changed = happened != NULL && happened->changed_at != 0,
		.since = changes->digest->since,
		.until = changes->digest->until,
	};
	return digest_place(&link->record, &past, ret_section, ret_due);
}

/* Since when it is so: without an event it is the state's age, or that of the note. */
static time_ms began_at(enum digest_section section, const struct store_link *link,
	const struct happened *happened)
{
	if (section == DIGEST_STILL)
		return link->record.since;
	if (section == DIGEST_CHANGED && happened != NULL && happened->changed_at != 0)
		return happened->changed_at;
	if (happened != NULL && happened->at > 0)
		return happened->at;
	return section == DIGEST_FLAPPING ? link->record.flapping_since
					  : link->record.span.first_at;
}

/* Room is kept for what is due. */
static bool has_room(const struct digest_links *links, bool due)
{
	return links->count < (due ? CHANGES_ENTRIES_MAX : CHANGES_BEFORE_MAX);
}

static bool add_entry(struct changes *changes, const struct store_link *link,
	const struct happened *happened, enum digest_section section, bool due)
{
	struct digest_links *links = &changes->digest->links[section];
	int64_t incident_id = happened != NULL ? happened->incident_id : 0;
	links->total++;
	links->told_before += !due;
	if (!has_room(links, due))
		return true;
	struct standing *standing = ARENA_NEW(changes->arena, struct standing);
	const struct show_places places = { .list = changes->wish->list };
	if (standing == NULL || show_standing(changes->wish->beside, link, &places,
					changes->arena, standing, changes->error) < 0)
		return false;
	changes->entries[section][links->count++] = (struct digest_entry){
		.standing = standing,
		.at = began_at(section, link, happened),
		.from = happened != NULL ? happened->from : STATE_UNCHECKED,
		.incident_id = incident_id,
		.told_before = !due,
	};
	if (incident_id > 0)
		incident_of(changes, incident_id);
	return !changes->failed;
}

static void note_gated(struct digest *digest, const struct link_record *record)
{
	time_ms at = record->confirmed_at;
	if (record->state == STATE_GATED && at > 0 &&
		(digest->gated_confirmed_at == 0 || at < digest->gated_confirmed_at))
		digest->gated_confirmed_at = at;
}

static bool add_link(const struct store_link *link, void *data)
{
	struct changes *changes = data;
	struct happened *happened = NULL;
	enum digest_section section;
	bool due;
	if (!link->monitored)
		return true;
	changes_note_checks(changes, link);
	note_gated(changes->digest, &link->record);
	HASH_FIND(hh, changes->happened, &link->link_id, sizeof(link->link_id), happened);
	if (section_of(changes, link, happened, &section, &due) &&
		!add_entry(changes, link, happened, section, due))
		changes->failed = true;
	return !changes->failed;
}

static int by_time(const void *a, const void *b)
{
	time_ms left = ((const struct digest_entry *)a)->at;
	time_ms right = ((const struct digest_entry *)b)->at;
	return (left < right) - (left > right);
}

/* --- the whole --- */

static bool count(const struct store_counts *counts, void *data)
{
	struct changes *changes = data;
	if (!slice_equal(counts->list, changes->wish->list))
		return true;
	memcpy(changes->digest->counts.by_state, counts->by_state,
		sizeof(changes->digest->counts.by_state));
	return false;
}

static bool add_list(const struct store_list *list, void *data)
{
	struct changes *changes = data;
	struct digest *digest = changes->digest;
	if ((changes->wish->list.len == 0 ||
		    slice_equal(list->name, changes->wish->list)) &&
		digest->list_count < CHANGES_LISTS_MAX)
		changes->lists[digest->list_count++] =
			arena_copy(changes->arena, list->name);
	return true;
}

static int make_room(struct changes *changes)
{
	struct periods *const periods[] = { &changes->incidents, &changes->sources,
		&changes->offline };
	struct arena *arena = changes->arena;
	bool complete = true;
	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		periods[i]->at =
			ARENA_ARRAY(arena, struct digest_period, CHANGES_PERIODS_MAX);
		complete = complete && periods[i]->at != NULL;
	}
	for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++) {
		changes->entries[i] =
			ARENA_ARRAY(arena, struct digest_entry, CHANGES_ENTRIES_MAX);
		changes->digest->links[i].entries = changes->entries[i];
		complete = complete && changes->entries[i] != NULL;
	}
	changes->lists = ARENA_ARRAY(arena, struct slice, CHANGES_LISTS_MAX);
	changes->digest->lists = changes->lists;
	return complete && changes->lists != NULL
		       ? 0
		       : error_set(changes->error, "out of memory");
}

/* Links in a state that is told of anyway, and those to which something happened. */
static int add_links(struct changes *changes)
{
	static const enum state states[] = { STATE_DEAD, STATE_MOVED, STATE_SUSPECT,
		STATE_GATED, STATE_ALIVE, STATE_SKIPPED };
	struct store *store = changes->wish->store;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const struct store_filter filter = {
			.list = changes->wish->list, .by_state = true, .state = states[i]
		};
		if (store_walk_links(store, &filter, add_link, changes, changes->error) <
				0 ||
			changes->failed)
			return -1;
	}
	return 0;
}

/* Of one list only those that befell it. */
static void keep_incidents_of_entries(struct changes *changes)
{
	struct periods *incidents = &changes->incidents;
	uint32_t kept = 0;
	for (uint32_t i = 0; i < incidents->count; i++) {
		bool named = false;
		for (size_t k = 0; k < DIGEST_SECTION_COUNT; k++)
			for (uint32_t n = 0;
				n < changes->digest->links[k].count && !named; n++)
				named = changes->entries[k][n].incident_id ==
					incidents->at[i].incident_id;
		if (named)
			incidents->at[kept++] = incidents->at[i];
	}
	incidents->count = kept;
}

static bool is_marked(const struct store_event *stored, void *data)
{
	struct changes *changes = data;
	if (stored->event_id == changes->wish->after_event_id)
		changes->last_event_id = stored->event_id;
	return false;
}

/* From the event that was told last; by time where there is none, or where it is not in
 * this database, because another one has taken its place. */
static int walk_events(struct changes *changes)
{
	struct store *store = changes->wish->store;
	struct error *error = changes->error;
	int64_t told = changes->wish->after_event_id;
	if (told > 0 &&
		store_walk_events(store, told - 1, 0, is_marked, changes, error) < 0)
		return -1;
	bool by_id = told > 0 && changes->last_event_id == told;
	return store_walk_events(store, by_id ? told : 0,
		by_id ? 0 : changes->digest->since, note_event, changes, error);
}

static struct digest_periods periods_of(const struct periods *periods)
{
	return (struct digest_periods){ periods->at, periods->count, periods->count };
}

static void finish(struct changes *changes)
{
	struct digest *digest = changes->digest;
	for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++)
		qsort(changes->entries[i], digest->links[i].count,
			sizeof(struct digest_entry), by_time);
	if (changes->wish->list.len > 0)
		keep_incidents_of_entries(changes);
	digest->counts.lists = digest->list_count;
	digest->incidents = periods_of(&changes->incidents);
	digest->sources = periods_of(&changes->sources);
	digest->offline = periods_of(&changes->offline);
}

static int load(struct changes *changes)
{
	struct store *store = changes->wish->store;
	struct error *error = changes->error;
	struct slice list = changes->wish->list;
	struct store_statistics statistics;
	if (make_room(changes) < 0 || changes_begin_feed(changes) < 0 ||
		walk_events(changes) < 0 || changes->failed ||
		store_walk_sources(store, list, note_source, changes, error) < 0 ||
		store_count_states(store, count, changes, error) < 0 ||
		store_walk_lists(store, add_list, changes, error) < 0 ||
		store_statistics(store, &statistics, error) < 0 ||
		add_links(changes) < 0 || changes_end_window(changes, &statistics) < 0)
		return -1;
	if (list.len > 0 && changes->digest->list_count == 0)
		return error_set(error, "there is no list %.*s", SLICE_ARG(list));
	finish(changes);
	return changes_end_feed(changes);
}

int changes_load(const struct changes_wish *wish, struct arena *arena,
	struct digest *ret_digest, int64_t *ret_last_event_id, struct error *error)
{
	/* What fails without a sentence of its own is an arena that is full. */
	struct error trouble = { "out of memory" };
	struct changes changes = {
		.wish = wish, .arena = arena, .digest = ret_digest, .error = &trouble
	};
	*ret_digest = (struct digest){
		.generator = wish->generator,
		.since = wish->since,
		.until = wish->until,
		.database = wish->database,
	};
	int result = load(&changes);
	if (result == 0 && arena->failed) /* names are copied without a look */
		result = -1;
	HASH_CLEAR(hh, changes.happened);
	*ret_last_event_id = changes.last_event_id;
	return result == 0 ? 0 : error_set(error, "%s", trouble.text);
}
