#include <stdlib.h>

#include "app/command_report_internal.h"

enum {
	ENTRIES_MAX = 10000, /* of a section */
	BEFORE_MAX = 5000,   /* of them, those that were told before */
	PERIODS_MAX = 1000,
};

/* --- events --- */

static struct happened *happened_to(struct compiling *compiling, int64_t link_id)
{
	struct happened *found = NULL;
	HASH_FIND(hh, compiling->happened, &link_id, sizeof(link_id), found);
	if (found != NULL)
		return found;
	found = ARENA_NEW(&compiling->arena, struct happened);
	if (found == NULL)
		return NULL;
	found->link_id = link_id;
	HASH_ADD(hh, compiling->happened, link_id, sizeof(link_id), found);
	return found->hh.tbl != NULL ? found : NULL;
}

static void begin_period(struct compiling *compiling, struct periods *periods,
	const struct store_event *stored)
{
	const struct event *event = &stored->event;
	if (periods->count == PERIODS_MAX)
		return;
	periods->at[periods->count++] = (struct digest_period){
		.incident_id = event->kind == EVENT_INCIDENT_BEGAN ? stored->event_id : 0,
		.began_at = event->at,
		.text = arena_copy(&compiling->arena, event->text),
		.links = event->links,
	};
}

static struct digest_period *find_incident(
	const struct compiling *compiling, int64_t incident_id)
{
	const struct periods *incidents = &compiling->incidents;
	for (uint32_t i = incidents->count; i-- > 0;)
		if (incidents->at[i].incident_id == incident_id)
			return &incidents->at[i];
	return NULL;
}

struct looking_back {
	struct compiling *compiling;
	int64_t incident_id;
};

static bool note_beginning(const struct store_event *stored, void *data)
{
	struct looking_back *back = data;
	if (stored->event_id == back->incident_id &&
		stored->event.kind == EVENT_INCIDENT_BEGAN)
		begin_period(back->compiling, &back->compiling->incidents, stored);
	return false;
}

/* One that began before the time, when its end or its links fall into it. NULL: there is
 * no room for it, or it is not there. */
static struct digest_period *incident_of(struct compiling *compiling, int64_t incident_id)
{
	struct digest_period *found = find_incident(compiling, incident_id);
	struct looking_back back = { compiling, incident_id };
	if (found != NULL || compiling->incidents.count == PERIODS_MAX)
		return found;
	if (store_walk_events(compiling->lookup.beside, incident_id - 1, 0,
		    note_beginning, &back, &compiling->error) < 0)
		compiling->failed = true;
	return find_incident(compiling, incident_id);
}

static void end_incident(struct compiling *compiling, const struct event *event)
{
	struct digest_period *period = incident_of(compiling, event->incident_id);
	if (period != NULL)
		period->ended_at = event->at;
}

static void end_offline(struct periods *offline, time_ms at)
{
	if (offline->count > 0 && offline->at[offline->count - 1].ended_at == 0)
		offline->at[offline->count - 1].ended_at = at;
}

static bool note_link_event(struct compiling *compiling, const struct event *event)
{
	struct happened *happened = happened_to(compiling, event->link_id);
	if (happened == NULL)
		return false;
	if (event->kind == EVENT_CONTENT_CHANGED) {
		happened->changed = true;
		if (happened->at == 0)
			happened->at = event->at;
		return true;
	}
	/* From where it was before all of it. */
	if (happened->from == happened->to)
		happened->from = event->from;
	happened->to = event->to;
	happened->at = event->at;
	happened->incident_id = event->incident_id;
	return true;
}

static bool note_event(const struct store_event *stored, void *data)
{
	struct compiling *compiling = data;
	const struct event *event = &stored->event;
	compiling->last_event_id = stored->event_id;
	if (!report_feed_event(compiling, stored))
		compiling->failed = true;
	switch (event->kind) {
	case EVENT_STATE:
	case EVENT_CONTENT_CHANGED:
		if (!note_link_event(compiling, event))
			compiling->failed = true;
		break;
	case EVENT_INCIDENT_BEGAN:
		begin_period(compiling, &compiling->incidents, stored);
		break;
	case EVENT_INCIDENT_ENDED:
		end_incident(compiling, event);
		break;
	case EVENT_OFFLINE_BEGAN:
		begin_period(compiling, &compiling->offline, stored);
		break;
	case EVENT_OFFLINE_ENDED:
		end_offline(&compiling->offline, event->at);
		break;
	case EVENT_SOURCE_FAILED:
	case EVENT_SOURCE_BACK: /* the sources themselves say it */
	case EVENT_FLAPPING:    /* the records say it */
	case EVENT_STEADY:
	case EVENT_LINK_ADDED:
	case EVENT_LINK_REMOVED:
		break;
	}
	return !compiling->failed;
}

static bool note_source(const struct store_source *source, void *data)
{
	struct compiling *compiling = data;
	struct periods *periods = &compiling->sources;
	if (source->failed_since == 0 || periods->count == PERIODS_MAX)
		return true;
	periods->at[periods->count++] = (struct digest_period){
		.began_at = source->failed_since,
		.name = arena_copy(&compiling->arena, source->name),
		.text = arena_copy(&compiling->arena, source->failure),
	};
	return true;
}

/* --- links --- */

static bool section_of(const struct compiling *compiling, const struct store_link *link,
	const struct happened *happened, enum digest_section *ret_section, bool *ret_due)
{
	bool moved = happened != NULL && happened->from != happened->to;
	const struct digest_past past = {
		.before = moved ? happened->from : link->record.state,
		.changed = happened != NULL && happened->changed,
		.since = compiling->digest.since,
		.until = compiling->digest.until,
	};
	return digest_place(&link->record, &past, ret_section, ret_due);
}

/* Since when it is so: without an event it is the state's age, or that of the note. */
static time_ms began_at(enum digest_section section, const struct store_link *link,
	const struct happened *happened)
{
	if (section == DIGEST_STILL)
		return link->record.since;
	if (happened != NULL && happened->at > 0)
		return happened->at;
	return section == DIGEST_FLAPPING ? link->record.flapping_since
					  : link->record.span.first_at;
}

/* Room is kept for what is due. */
static bool has_room(const struct digest_links *links, bool due)
{
	return links->count < (due ? ENTRIES_MAX : BEFORE_MAX);
}

static bool add_entry(struct compiling *compiling, const struct store_link *link,
	const struct happened *happened, enum digest_section section, bool due)
{
	struct digest_links *links = &compiling->digest.links[section];
	int64_t incident_id = happened != NULL ? happened->incident_id : 0;
	links->total++;
	links->told_before += !due;
	if (!has_room(links, due))
		return true;
	struct standing *standing = ARENA_NEW(&compiling->arena, struct standing);
	if (standing == NULL ||
		show_standing(compiling->lookup.beside, link, &compiling->arena, standing,
			&compiling->error) < 0)
		return false;
	compiling->entries[section][links->count++] = (struct digest_entry){
		.standing = standing,
		.at = began_at(section, link, happened),
		.from = happened != NULL ? happened->from : STATE_UNCHECKED,
		.incident_id = incident_id,
		.told_before = !due,
	};
	if (incident_id > 0)
		incident_of(compiling, incident_id);
	return !compiling->failed;
}

static bool add_link(const struct store_link *link, void *data)
{
	struct compiling *compiling = data;
	struct happened *happened = NULL;
	enum digest_section section;
	bool due;
	if (!link->monitored)
		return true;
	report_note_checks(compiling, link);
	HASH_FIND(
		hh, compiling->happened, &link->link_id, sizeof(link->link_id), happened);
	if (section_of(compiling, link, happened, &section, &due) &&
		!add_entry(compiling, link, happened, section, due))
		compiling->failed = true;
	return !compiling->failed;
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
	struct compiling *compiling = data;
	if (!slice_equal(counts->list, compiling->list))
		return true;
	memcpy(compiling->digest.counts.by_state, counts->by_state,
		sizeof(compiling->digest.counts.by_state));
	return false;
}

static bool add_list(const struct store_list *list, void *data)
{
	struct compiling *compiling = data;
	struct digest *digest = &compiling->digest;
	if ((compiling->list.len == 0 || slice_equal(list->name, compiling->list)) &&
		digest->list_count < ENTRIES_MAX)
		compiling->lists[digest->list_count++] =
			arena_copy(&compiling->arena, list->name);
	return true;
}

static int make_room(struct compiling *compiling)
{
	struct periods *const periods[] = { &compiling->incidents, &compiling->sources,
		&compiling->offline };
	struct arena *arena = &compiling->arena;
	bool complete = true;
	for (size_t i = 0; i < sizeof(periods) / sizeof(periods[0]); i++) {
		periods[i]->at = ARENA_ARRAY(arena, struct digest_period, PERIODS_MAX);
		complete = complete && periods[i]->at != NULL;
	}
	for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++) {
		compiling->entries[i] =
			ARENA_ARRAY(arena, struct digest_entry, ENTRIES_MAX);
		compiling->digest.links[i].entries = compiling->entries[i];
		complete = complete && compiling->entries[i] != NULL;
	}
	compiling->lists = ARENA_ARRAY(arena, struct slice, ENTRIES_MAX);
	compiling->digest.lists = compiling->lists;
	return complete && compiling->lists != NULL
		       ? 0
		       : error_set(&compiling->error, "out of memory");
}

/* Links in a state that is told of anyway, and those to which something happened. */
static int add_links(struct compiling *compiling)
{
	static const enum state states[] = { STATE_DEAD, STATE_MOVED, STATE_SUSPECT,
		STATE_GATED, STATE_ALIVE, STATE_SKIPPED };
	struct store *store = compiling->lookup.store;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		const struct store_filter filter = {
			.list = compiling->list, .by_state = true, .state = states[i]
		};
		if (store_walk_links(
			    store, &filter, add_link, compiling, &compiling->error) < 0 ||
			compiling->failed)
			return -1;
	}
	return 0;
}

/* Of one list only those that befell it. */
static void keep_incidents_of_entries(struct compiling *compiling)
{
	struct periods *incidents = &compiling->incidents;
	uint32_t kept = 0;
	for (uint32_t i = 0; i < incidents->count; i++) {
		bool named = false;
		for (size_t k = 0; k < DIGEST_SECTION_COUNT; k++)
			for (uint32_t n = 0;
				n < compiling->digest.links[k].count && !named; n++)
				named = compiling->entries[k][n].incident_id ==
					incidents->at[i].incident_id;
		if (named)
			incidents->at[kept++] = incidents->at[i];
	}
	incidents->count = kept;
}

static bool is_marked(const struct store_event *stored, void *data)
{
	struct compiling *compiling = data;
	if (stored->event_id == compiling->mark.event_id)
		compiling->last_event_id = stored->event_id;
	return false;
}

/* From the event that was told last; by time where there is none, or where it is not in
 * this database, because another one has taken its place. */
static int walk_events(struct compiling *compiling)
{
	struct store *store = compiling->lookup.store;
	struct error *error = &compiling->error;
	int64_t told = compiling->mark.event_id;
	if (told > 0 &&
		store_walk_events(store, told - 1, 0, is_marked, compiling, error) < 0)
		return -1;
	bool by_id = told > 0 && compiling->last_event_id == told;
	return store_walk_events(store, by_id ? told : 0,
		by_id ? 0 : compiling->digest.since, note_event, compiling, error);
}

static struct digest_periods periods_of(const struct periods *periods)
{
	return (struct digest_periods){ periods->at, periods->count, periods->count };
}

static void finish(struct compiling *compiling)
{
	struct digest *digest = &compiling->digest;
	for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++)
		qsort(compiling->entries[i], digest->links[i].count,
			sizeof(struct digest_entry), by_time);
	if (compiling->list.len > 0)
		keep_incidents_of_entries(compiling);
	digest->counts.lists = digest->list_count;
	digest->incidents = periods_of(&compiling->incidents);
	digest->sources = periods_of(&compiling->sources);
	digest->offline = periods_of(&compiling->offline);
	digest->database = slice_of(compiling->lookup.database);
}

int report_compile(struct compiling *compiling)
{
	struct store *store = compiling->lookup.store;
	struct error *error = &compiling->error;
	struct store_statistics statistics;
	if (make_room(compiling) < 0 || report_feed_begin(compiling) < 0 ||
		walk_events(compiling) < 0 || compiling->failed ||
		store_walk_sources(
			store, compiling->list, note_source, compiling, error) < 0 ||
		store_count_states(store, count, compiling, error) < 0 ||
		store_walk_lists(store, add_list, compiling, error) < 0 ||
		store_statistics(store, &statistics, error) < 0 ||
		add_links(compiling) < 0 || report_end_window(compiling, &statistics) < 0)
		return -1;
	if (compiling->list.len > 0 && compiling->digest.list_count == 0)
		return error_set(
			error, "there is no list %.*s", SLICE_ARG(compiling->list));
	finish(compiling);
	return report_feed_end(compiling);
}

void report_compile_end(struct compiling *compiling)
{
	HASH_CLEAR(hh, compiling->happened);
}
