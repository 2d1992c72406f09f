#include <stdlib.h>

#include "model/url.h"
#include "process/wall.h"
#include "run/watchman.h"

enum {
	SENTENCE_BYTES_MAX = 1024,
	RESTORING_BYTES_MAX = 256 * 1024 * 1024,
	URL_SCRATCH_BYTES = 4 * URL_BYTES_MAX,
	LINK_BYTES_MAX = 1024 * 1024,
	GONE_LOOKS = 64,
	GONE_EVERY_MS = 4000,
	ROOM_MIN = STORE_REQUEST_LINKS_MAX + 64, /* items that one job may need */
};

/* --- incidents --- */

static void put_incident_event(
	struct watchman *watchman, const struct incident *incident, bool began)
{
	struct buffer sentence;
	int64_t id = 0;
	buffer_init(&sentence, SENTENCE_BYTES_MAX);
	incident_sentence(incident, &sentence);
	const struct event event = {
		.kind = began ? EVENT_INCIDENT_BEGAN : EVENT_INCIDENT_ENDED,
		.at = began ? incident->began_at : incident->ended_at,
		.incident_id = began ? 0 : incident->id,
		.reason = incident->reason,
		.links = began ? incident->links : incident->links_peak,
		.text = buffer_slice(&sentence),
	};
	store_put_event(watchman->writer, &event, &id);
	if (began)
		incident_set_id(watchman->incidents, incident->number, id);
	journal_event(
		watchman->journal, &event, (struct slice){ 0 }, (struct slice){ 0 });
	buffer_fini(&sentence);
}

void recording_tell_incidents(struct watchman *watchman)
{
	enum incident_news news;
	struct incident incident;
	while (incident_next_news(watchman->incidents, &news, &incident)) {
		if (news == INCIDENT_BEGAN)
			put_incident_event(watchman, &incident, true);
		/* Who was told of its beginning waits for an end, also where it is only
		 * part of a larger one from now on. */
		else if (news == INCIDENT_ENDED)
			put_incident_event(watchman, &incident, false);
	}
}

static struct incident_link incident_link_of(const struct watchman *watchman,
	int64_t link_id, struct slice host, uint32_t list_bits,
	uint16_t lists[static INCIDENT_LINK_LISTS_MAX])
{
	const struct crowd_host *crowd = crowd_host_of(&watchman->crowd, link_id);
	struct incident_link link = {
		.link_id = link_id,
		.host = host,
		.host_links = crowd != NULL ? crowd->links : 0,
		.lists = lists,
	};
	for (uint16_t bit = 0;
		bit < STORE_LIST_BITS && link.list_count < INCIDENT_LINK_LISTS_MAX; bit++)
		if (list_bits >> bit & 1)
			lists[link.list_count++] = bit;
	return link;
}

static int ask_now(void *data, int64_t link_id, enum reason reason)
{
	struct watchman *watchman = data;
	(void)reason;
	/* It has its place in the queue, or is being asked: this cannot fail. */
	if (!busy_recheck(watchman, link_id))
		(void)schedule_queue_set(
			watchman->queue, link_id, wall_now(), TIME_MS_PER_DAY, false);
	return 0;
}

/* Returns the event id of the incident that explains the link; 0: none does. */
static int64_t note_incident(struct watchman *watchman, const struct job_link *at,
	const struct check_facts *facts)
{
	struct arena scratch;
	struct url url;
	struct incident incident;
	uint16_t lists[INCIDENT_LINK_LISTS_MAX];
	uint32_t number = 0;
	if (at->link.kind != LINK_HTTP)
		return 0;
	/* Of our own choice: it is nobody's bad one any more. What keeps it from being
	 * asked today, a robots.txt in trouble, is no such news. */
	if (facts->reason == REASON_EXCLUDED) {
		incident_note_removed(
			watchman->incidents, at->stored->link_id, facts->at);
		recording_tell_incidents(watchman);
	}
	if (facts->outcome == OUTCOME_SKIPPED)
		return 0;
	arena_init(&scratch, URL_SCRATCH_BYTES);
	if (url_parse(&scratch, at->link.url, NULL, &url) == 0) {
		struct incident_link link = incident_link_of(watchman,
			at->stored->link_id, url.host, at->stored->list_bits, lists);
		link.reason = facts->reason;
		link.certificate = facts->bad_certificate;
		if (facts->outcome == OUTCOME_BROKEN ||
			facts->outcome == OUTCOME_UNREACHABLE)
			number = incident_note_bad(watchman->incidents, &link, facts->at);
		else {
			incident_each_waiting(
				watchman->incidents, &link, ask_now, watchman);
			incident_note_good(watchman->incidents, &link, facts->at);
		}
		recording_tell_incidents(watchman);
	}
	arena_fini(&scratch);
	return number != 0 && incident_get(watchman->incidents, number, &incident)
		       ? incident.id
		       : 0;
}

/* Of the links of open incidents the next few. */
struct members {
	int64_t after, ids[GONE_LOOKS];
	uint32_t count;
};

static int gather_member(void *data, int64_t link_id, enum reason reason)
{
	struct members *members = data;
	uint32_t place = members->count;
	(void)reason;
	while (place > 0 && members->ids[place - 1] > link_id)
		place--;
	if (link_id <= members->after || place == GONE_LOOKS)
		return 0;
	if (members->count < GONE_LOOKS)
		members->count++;
	memmove(&members->ids[place + 1], &members->ids[place],
		(members->count - place - 1) * sizeof(members->ids[0]));
	members->ids[place] = link_id;
	return 0;
}

/* Dead links are asked for once in months, and who takes them out of his list has put it
 * right: their incident is to end then. Some are looked at, in turn, every few seconds.
 */
void recording_look_for_gone(struct watchman *watchman)
{
	struct members next = { .after = watchman->gone_after }, *members = &next;
	struct arena scratch;
	if (watchman_now() - watchman->gone_looked_at < GONE_EVERY_MS)
		return;
	watchman->gone_looked_at = watchman_now();
	incident_each_open_link(watchman->incidents, gather_member, members);
	watchman->gone_after =
		members->count == GONE_LOOKS ? members->ids[GONE_LOOKS - 1] : 0;
	arena_init(&scratch, LINK_BYTES_MAX);
	for (uint32_t i = 0; i < members->count; i++) {
		struct store_link link;
		struct error error;
		bool found;
		arena_reset(&scratch);
		if (store_load_link(watchman->store, members->ids[i], &scratch, &link,
			    &found, &error) == 0 &&
			!(found && link.monitored))
			job_let_go(watchman, members->ids[i]);
	}
	arena_fini(&scratch);
}

/* --- on_state_changed --- */

/* False: the writer did not take it. */
static bool put_link(struct watchman *watchman, struct job *job, struct job_link *at)
{
	const struct check_facts facts = facts_of(&at->link, &job->sighting,
		&at->stored->record, job->asked_wall > 0 ? job->asked_wall : wall_now());
	struct health_change change;
	struct event events[STORE_RESULT_EVENTS_MAX];
	const struct schedule_limits limits =
		watchman_limits(watchman, at->stored->list_bits);
	int64_t link_id = at->stored->link_id;
	uint64_t item = 0;
	time_ms now = wall_now();

	at->record = at->stored->record;
	health_apply(&at->record, &facts, &watchman->health, &change);
	schedule_next(&at->record, &change, &limits, &watchman->health,
		hash_mix((uint64_t)link_id), &watchman->random, now);
	if (!change.ignored) {
		int64_t incident_id = note_incident(watchman, at, &facts);
		at->record.incident_id = incident_id;
		const struct store_texts texts =
			facts_texts(&at->link, &job->sighting, &at->stored->texts);
		const struct store_result result = {
			.link_id = link_id,
			.facts = &facts,
			.record = &at->record,
			.texts = facts_same_texts(&texts, &at->stored->texts) ? NULL
									      : &texts,
			.closed = change.span_closed ? &change.closed : NULL,
			.events = events,
			.event_count = facts_events(
				&change, &facts, link_id, incident_id, events),
		};
		item = store_put_result(watchman->writer, &result);
		if (item == 0)
			return false;
		watchman->counts.checks++;
		meter_note(&watchman->meter, &at->link, at->stored->list_bits, now);
		for (uint32_t i = 0; i < result.event_count; i++)
			journal_event(watchman->journal, &events[i], at->link.url,
				(struct slice){ 0 });
	}
	returning_add(watchman, &at->busy, &at->record, item);
	return true;
}

static bool has_room(struct watchman *watchman)
{
	struct store_health health;
	store_writer_health(watchman->writer, &health);
	return health.queued_items + ROOM_MIN < STORE_QUEUE_ITEMS &&
	       health.queued_bytes < STORE_QUEUE_BYTES / 4 * 3;
}

/* False: it is not all put yet. Room is looked for before each link, because incidents
 * are told of one before it is put, and would be told of it again. */
static bool put_links(struct job *job)
{
	struct watchman *watchman = job->watchman;
	for (uint32_t i = 0; i < job->stored.link_count; i++) {
		struct job_link *at = &job->links[i];
		if (!at->put && has_room(watchman))
			at->put = put_link(watchman, job, at);
		if (!at->put)
			return false;
	}
	return true;
}

void job_record(struct job *job)
{
	struct watchman *watchman = job->watchman;
	job->held = false;
	if (put_links(job))
		job_free(job);
	else
		list_push_back(&watchman->unsaved, &job->in_unsaved);
}

/* The first that still finds no room ends it: its turn comes again. */
void recording_go_on(struct watchman *watchman)
{
	while (!list_empty(&watchman->unsaved)) {
		struct job *job = LIST_OF(watchman->unsaved.next, struct job, in_unsaved);
		if (!put_links(job))
			return;
		job_free(job);
	}
}

/* --- after a restart --- */

/* An incident whose end is not in the store. */
struct open_incident {
	int64_t incident_id;
	enum reason reason;
	uint32_t links;
	struct slice text;
	bool found; /* it goes on */
	UT_hash_handle hh;
};

struct restoring {
	struct watchman *watchman;
	const int64_t *bad;
	size_t bad_count;
	int64_t *incident_ids; /* that the last event of each named; 0: none */
	struct arena arena;
	struct open_incident *open;
	bool failed;
};

static bool note_last(const struct store_event *stored, void *data)
{
	int64_t *incident_id = data;
	*incident_id = stored->event.incident_id;
	return *incident_id == 0 && stored->event.kind != EVENT_STATE;
}

static struct open_incident *find_open(
	const struct restoring *restoring, int64_t incident_id)
{
	struct open_incident *open = NULL;
	HASH_FIND(hh, restoring->open, &incident_id, sizeof(incident_id), open);
	return open;
}

static bool note_open(const struct store_event *stored, void *data)
{
	struct restoring *restoring = data;
	struct open_incident *open = ARENA_NEW(&restoring->arena, struct open_incident);
	if (open != NULL) {
		*open = (struct open_incident){ .incident_id = stored->event_id,
			.reason = stored->event.reason,
			.links = stored->event.links,
			.text = arena_copy(&restoring->arena, stored->event.text) };
		HASH_ADD(hh, restoring->open, incident_id, sizeof(open->incident_id),
			open);
	}
	restoring->failed |= open == NULL || open->hh.tbl == NULL;
	return !restoring->failed;
}

/* A dead link has no event for as long as its host stays dead, so each is asked for its
 * own last one, however old. */
static int find_incidents(struct restoring *restoring, struct error *error)
{
	struct store *store = restoring->watchman->store;
	int result = store_walk_open_incidents(store, note_open, restoring, error);
	for (size_t i = 0; i < restoring->bad_count && result == 0; i++)
		result = store_walk_events_of_link_back(store, restoring->bad[i],
			note_last, &restoring->incident_ids[i], error);
	return result;
}

static int mark_found(void *data, const struct incident *incident)
{
	struct open_incident *open = find_open(data, incident->id);
	if (open != NULL)
		open->found = true;
	return 0;
}

/* Nothing that is bad names it any more: its links were let go, or are well, while nobody
 * knew. Whoever was told of it would be told of it for ever. */
static void end_lost(struct restoring *restoring)
{
	struct watchman *watchman = restoring->watchman;
	incident_each(watchman->incidents, mark_found, restoring);
	for (struct open_incident *open = restoring->open; open != NULL;
		open = open->hh.next) {
		struct buffer sentence;
		int64_t id;
		if (open->found)
			continue;
		buffer_init(&sentence, SENTENCE_BYTES_MAX);
		buffer_printf(&sentence, "Over: %.*s", SLICE_ARG(open->text));
		const struct event event = { .kind = EVENT_INCIDENT_ENDED,
			.at = wall_now(),
			.incident_id = open->incident_id,
			.reason = open->reason,
			.links = open->links,
			.text = buffer_slice(&sentence) };
		store_put_event(watchman->writer, &event, &id);
		journal_event(watchman->journal, &event, (struct slice){ 0 },
			(struct slice){ 0 });
		buffer_fini(&sentence);
	}
}

static void restore_link(
	struct restoring *restoring, const struct store_link *stored, int64_t incident_id)
{
	struct watchman *watchman = restoring->watchman;
	struct arena scratch;
	struct url url;
	uint16_t lists[INCIDENT_LINK_LISTS_MAX];
	if (!stored->monitored || stored->kind != LINK_HTTP)
		return;
	/* Records of before tell nothing. */
	if (stored->record.incident_id != 0)
		incident_id = stored->record.incident_id;
	arena_init(&scratch, URL_SCRATCH_BYTES);
	if (url_parse(&scratch, stored->url, NULL, &url) == 0) {
		struct incident_link link = incident_link_of(
			watchman, stored->link_id, url.host, stored->list_bits, lists);
		link.reason = stored->record.reason;
		link.certificate = stored->record.bad_certificate;
		incident_restore(watchman->incidents, &link,
			find_open(restoring, incident_id) != NULL ? incident_id : 0,
			stored->record.first_strike_at);
	}
	arena_fini(&scratch);
}

static int restore_links(struct restoring *restoring, struct error *error)
{
	struct arena arena;
	int result = 0;
	arena_init(&arena, LINK_BYTES_MAX);
	for (size_t i = 0; i < restoring->bad_count && result == 0; i++) {
		struct store_link link;
		bool found;
		arena_reset(&arena);
		result = store_load_link(restoring->watchman->store, restoring->bad[i],
			&arena, &link, &found, error);
		if (result == 0 && found)
			restore_link(restoring, &link,
				restoring->failed ? 0 : restoring->incident_ids[i]);
	}
	arena_fini(&arena);
	return result;
}

int recording_restore(struct watchman *watchman, const int64_t *bad, size_t bad_count,
	struct error *error)
{
	struct restoring restoring = {
		.watchman = watchman,
		.bad = bad,
		.bad_count = bad_count,
		.incident_ids = calloc(bad_count + 1, sizeof(int64_t)),
	};
	int result = 0;
	arena_init(&restoring.arena, RESTORING_BYTES_MAX);
	restoring.failed = restoring.incident_ids == NULL;
	if (!restoring.failed)
		result = find_incidents(&restoring, error);
	/* Half of it could put links into incidents that are over. Without any the
	 * incidents begin anew, which is better than a daemon that does not. */
	if (restoring.failed)
		journal_say(watchman->journal, JOURNAL_KIND_STORE,
			"no memory to find the incidents of before the start");
	if (result == 0)
		result = restore_links(&restoring, error);
	incident_restored(watchman->incidents, wall_now());
	if (result == 0 && !restoring.failed)
		end_lost(&restoring);
	HASH_CLEAR(hh, restoring.open);
	arena_fini(&restoring.arena);
	free(restoring.incident_ids);
	return result;
}
