#include "check/history.h"

#include "base/table.h"
#include "process/wall.h"

enum {
	ATTEMPTS_MAX = 3, /* of the writer at a disk that refuses: about 3 s */
	WAIT_NS = 50 * 1000 * 1000,
	STOP_PATIENCE_MS = 10 * 1000,
};

/* A span that no history has. */
#define NEVER_MS (100 * 365 * TIME_MS_PER_DAY)

#define HISTORY_BYTES_MAX ((size_t)4 << 30)

/* --- life --- */

void history_init(struct history *history, const char *path, struct link_table *table)
{
	*history = (struct history){
		.path = path,
		.table = table,
		.health = health_limits_default(),
		.schedule = schedule_limits_default(),
	};
	arena_init(&history->arena, HISTORY_BYTES_MAX);
	random_init(&history->random, hash_mix(table_seed ^ uv_hrtime()));
}

static void on_committed(void *data, uint64_t item)
{
	struct history *history = data;
	uv_mutex_lock(&history->mutex);
	history->committed = item;
	uv_cond_signal(&history->moved);
	uv_mutex_unlock(&history->mutex);
}

static int start_writer(struct history *history, struct error *error)
{
	const struct store_writer_options options = { .committed = on_committed,
		.context = history };
	struct store *store = store_open(history->path, STORE_WRITE, error);
	if (store == NULL)
		return -1;
	if (uv_mutex_init(&history->mutex) != 0) {
		store_close(store);
		return error_set(error, "out of memory");
	}
	if (uv_cond_init(&history->moved) != 0) {
		uv_mutex_destroy(&history->mutex);
		store_close(store);
		return error_set(error, "out of memory");
	}
	history->writer = store_writer_start(store, &options, error);
	if (history->writer != NULL)
		return 0;
	uv_cond_destroy(&history->moved);
	uv_mutex_destroy(&history->mutex);
	return -1;
}

int history_open(struct history *history, struct error *error)
{
	if (start_writer(history, error) < 0)
		return -1;
	history->store = store_open(history->path, STORE_READ, error);
	return history->store != NULL ? 0 : -1;
}

int history_close(struct history *history, struct error *error)
{
	struct store_writer *writer = history->writer;
	store_close(history->store);
	history->store = NULL;
	history->writer = NULL;
	if (writer == NULL)
		return 0;
	int result = store_writer_stop(writer, STOP_PATIENCE_MS, error);
	uv_cond_destroy(&history->moved);
	uv_mutex_destroy(&history->mutex);
	return result;
}

void history_fini(struct history *history)
{
	history_free_documents(history);
	arena_fini(&history->arena);
}

/* --- waiting for the disk --- */

static bool is_durable(struct history *history, uint64_t item)
{
	uv_mutex_lock(&history->mutex);
	if (history->committed < item)
		uv_cond_timedwait(&history->moved, &history->mutex, WAIT_NS);
	bool durable = history->committed >= item;
	uv_mutex_unlock(&history->mutex);
	return durable;
}

int history_wait(struct history *history, uint64_t item, struct error *error)
{
	struct store_health health;
	store_writer_flush(history->writer);
	while (!is_durable(history, item)) {
		store_writer_health(history->writer, &health);
		if (health.attempts >= ATTEMPTS_MAX)
			return error_set(error, "%s", health.trouble);
		/* Nothing is on its way that could make room: it was refused for want of
		 * memory. */
		if (item > health.put)
			return error_set(error, "%s: out of memory", history->path);
	}
	return 0;
}

int history_wait_for_room(struct history *history, struct error *error)
{
	struct store_health health;
	store_writer_health(history->writer, &health);
	return history_wait(history, health.committed + 1, error);
}

/* --- before anybody is asked --- */

static struct link *link_of(struct history *history, const struct store_link *stored)
{
	return link_table_find(history->table, stored->kind, stored->url, stored->source);
}

static bool note_known(const struct store_link *stored, void *data)
{
	struct history *history = data;
	const struct link *link = link_of(history, stored);
	if (link != NULL)
		history->links[link->number].confirms =
			health_wants_second_method(&stored->record, &history->health);
	return true;
}

static int walk(
	struct history *history, store_link_fn *fn, void *data, struct error *error)
{
	const struct store_filter filter = { .list = SLICE(HISTORY_LIST) };
	return store_walk_links(history->store, &filter, fn, data, error);
}

static bool note_own_bit(const struct store_list *list, void *data)
{
	struct history *history = data;
	if (slice_equal(list->name, SLICE(HISTORY_LIST)))
		history->own_bit = list->bit;
	return true;
}

int history_begin(
	struct history *history, const struct texts *inputs, struct error *error)
{
	uint32_t count = history->table->link_count;
	if (history->failed)
		return error_set(error, "%s: out of memory", history->path);
	if (history_put_sources(history, inputs, error) < 0 ||
		store_walk_lists(history->store, note_own_bit, history, error) < 0)
		return -1;
	history->links = ARENA_ARRAY(&history->arena, struct history_link, count + 1);
	if (history->links == NULL)
		return error_set(error, "%s: out of memory", history->path);
	return walk(history, note_known, history, error);
}

bool history_wants_second_method(const struct history *history, const struct link *link)
{
	return history->links[link->number].confirms;
}

/* --- while they are asked --- */

void history_note_seen(struct history *history, const struct request *request,
	const struct observation *seen)
{
	const struct sighting sighting = sighting_of(&history->arena, request, seen);
	for (const struct waiting *at = request->first; at != NULL; at = at->next)
		history->links[at->link->number].sighting = sighting;
}

void history_note_result(struct history *history, const struct link *link)
{
	history->links[link->number].over = true;
}

/* --- after it --- */

struct recording {
	struct history *history;
	struct error *error;
	bool failed;
};

static bool is_of_daemon(const struct history *history, const struct store_link *stored)
{
	return (stored->list_bits & ~history->own_bit) != 0;
}

/* What is confirmed of a daemon's link is the daemon's to say, by numbers of its own that
 * are not in the database: here it neither dies nor moves, but has its strikes. What has
 * moved stays so while its target does. */
static struct health_limits limits_for(const struct history *history,
	const struct store_link *stored, const struct link_record *record)
{
	struct health_limits limits = history->health;
	bool moved = record->confirmed == STATE_MOVED;
	if (!is_of_daemon(history, stored))
		return limits;
	limits.span_ms = limits.unreachable_span_ms = limits.early_span_ms = NEVER_MS;
	limits.moved_checks = moved ? 2 : limits.moved_checks;
	limits.moved_span_ms = moved ? 0 : NEVER_MS;
	return limits;
}

/* Nobody comes back by himself for what stands on our list alone. */
static void plan(struct history *history, const struct store_link *stored,
	struct link_record *record, const struct health_change *change,
	const struct health_limits *limits)
{
	if (is_of_daemon(history, stored)) {
		schedule_next(record, change, &history->schedule, limits,
			hash_mix((uint64_t)stored->link_id), &history->random,
			wall_now());
		return;
	}
	record->due_at = record->interval_ms = 0;
	record->step = 0;
}

static bool put_result(struct recording *recording, const struct store_link *stored,
	struct link *link, struct link_record *record)
{
	struct history *history = recording->history;
	const struct sighting *sighting = &history->links[link->number].sighting;
	time_ms asked_at = link->result.checked_at;
	const struct check_facts facts = facts_of(
		link, sighting, record, asked_at > 0 ? wall_at(asked_at) : wall_now());
	const struct health_limits limits = limits_for(history, stored, record);
	struct health_change change;
	struct event events[STORE_RESULT_EVENTS_MAX];

	health_apply(record, &facts, &limits, &change);
	if (change.ignored)
		return true;
	/* What only the history can tell: another owner, another content. */
	link->result.verdict.notes |= record->notes;
	plan(history, stored, record, &change, &limits);
	const struct store_texts texts = facts_texts(link, sighting, &stored->texts);
	const struct store_result result = {
		.link_id = stored->link_id,
		.facts = &facts,
		.record = record,
		.texts = facts_same_texts(&texts, &stored->texts) ? NULL : &texts,
		.closed = change.span_closed ? &change.closed : NULL,
		.events = events,
		.event_count = facts_events(&change, &facts, stored->link_id, 0, events),
	};
	while (store_put_result(history->writer, &result) == 0)
		if (history_wait_for_room(history, recording->error) < 0)
			return false;
	return true;
}

static bool record_link(const struct store_link *stored, void *data)
{
	struct recording *recording = data;
	struct history *history = recording->history;
	struct link *link = link_of(history, stored);
	if (link == NULL)
		return true;
	struct link_record *record = &history->records[link->number];
	*record = stored->record;
	if (history->links[link->number].over)
		recording->failed = !put_result(recording, stored, link, record);
	link->result.state = record->state;
	return !recording->failed;
}

int history_record(struct history *history, struct error *error)
{
	struct recording recording = { .history = history, .error = error };
	history->records = ARENA_ARRAY(
		&history->arena, struct link_record, history->table->link_count + 1);
	if (history->records == NULL)
		return error_set(error, "%s: out of memory", history->path);
	return walk(history, record_link, &recording, error) < 0 || recording.failed ? -1
										     : 0;
}
