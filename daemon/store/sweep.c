#include "store/sweep_internal.h"

#include <assert.h>

#include "store/link_internal.h"
#include "store/lists.h"

/* --- today's readings --------------------------------------------------------------- */

static bool readings_add(struct sweep_readings *readings, struct sweep_reading reading)
{
	if (readings->count == readings->room) {
		size_t room = readings->room > 0 ? readings->room * 2 : 64;
		void *at = reallocarray(readings->at, room, sizeof(*readings->at));
		if (at == NULL)
			return false;
		readings->at = at;
		readings->room = room;
	}
	readings->at[readings->count++] = reading;
	return true;
}

int sweep_readings_load(
	struct store *store, struct sweep_readings *readings, struct error *error)
{
	sqlite3_stmt *rows = sql_get(store, STATEMENT_READINGS);
	int step;

	*readings = (struct sweep_readings){ 0 };
	while ((step = sql_step(rows)) == 1) {
		int64_t place = sql_int(rows, 1);
		/* A retired list has no sources with a reading. */
		struct sweep_reading reading = { sql_int(rows, 0),
			place > 0 ? (uint32_t)place : 0, sql_int(rows, 2) };
		if (!readings_add(readings, reading)) {
			sql_end(rows);
			sweep_readings_fini(readings);
			return error_set(error, "no memory to read %s", store->path);
		}
	}
	sql_end(rows);
	if (step == 0)
		return 0;
	sweep_readings_fini(readings);
	return store_error(store, error);
}

void sweep_readings_fini(struct sweep_readings *readings)
{
	free(readings->at);
	*readings = (struct sweep_readings){ 0 };
}

const struct sweep_reading *sweep_reading_of(
	const struct sweep_readings *readings, int64_t reading_id)
{
	size_t low = 0, high = readings->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (readings->at[middle].reading_id < reading_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < readings->count && readings->at[low].reading_id == reading_id
		       ? &readings->at[low]
		       : NULL;
}

/* --- cursors ------------------------------------------------------------------------ */

void sweep_next(struct sweep_cursor *cursor)
{
	cursor->step = sql_step(cursor->rows);
	cursor->read++;
	cursor->id = cursor->step == 1 ? sql_int(cursor->rows, 0) : INT64_MAX;
}

void sweep_open(struct sweep_cursor *cursor, struct store *store,
	enum statement statement, int64_t after)
{
	*cursor = (struct sweep_cursor){ .rows = sql_get(store, statement) };
	sql_bind_int(cursor->rows, 1, after);
	sweep_next(cursor);
}

bool sweep_to(struct sweep_cursor *cursor, int64_t id)
{
	while (cursor->id < id)
		sweep_next(cursor);
	return cursor->id == id;
}

uint32_t sweep_bits(
	struct sweep_cursor *places, int64_t id, const struct sweep_readings *readings)
{
	uint32_t bits = 0;
	for (sweep_to(places, id); places->id == id; sweep_next(places)) {
		const struct sweep_reading *reading =
			sweep_reading_of(readings, sql_int(places->rows, 1));
		if (reading != NULL)
			bits |= sweep_bit_of(reading->place);
	}
	return bits;
}

int sweep_close(struct sweep_cursor *const *cursors, size_t count)
{
	bool failed = false;
	for (size_t i = 0; i < count; i++) {
		failed |= cursors[i]->step < 0;
		sql_end(cursors[i]->rows);
	}
	return failed ? -1 : 0;
}

/* --- all links ---------------------------------------------------------------------- */

struct sweep {
	struct sweep_cursor places, links, dues, tail;
};

static struct store_due due_of(
	const struct store *store, struct sweep *sweep, bool hashed)
{
	const struct words *words = &store->words;
	sqlite3_stmt *row = sweep->links.rows, *record;
	struct store_due due = {
		.link_id = sweep->links.id,
		.kind = (enum link_kind)word_value(words, WORD_LINK, sql_int(row, 1)),
	};
	if (hashed && due.kind == LINK_HTTP) {
		struct slice url = sql_text(row, 2);
		due.request_hash = (uint64_t)link_key_hash(store, LINK_HTTP, url);
		due.host_hash = link_host_hash(store, url);
	}
	if (sweep_to(&sweep->tail, due.link_id))
		record = sweep->tail.rows;
	else if (sweep_to(&sweep->dues, due.link_id))
		record = sweep->dues.rows;
	else
		return due;
	due.state = (enum state)word_value(words, WORD_STATE, sql_int(record, 1));
	due.due_at = sql_int(record, 2);
	due.interval_ms = sql_int(record, 3);
	due.last_checked_at = sql_int(record, 4);
	return due;
}

static int sweep_all(struct store *store, const struct sweep_readings *readings,
	int64_t after, enum sweep_wish wish, sweep_fn *fn, void *context)
{
	struct sweep sweep;

	/* Side by side rather than joined, which would seek for each link. */
	sweep_open(&sweep.places, store, STATEMENT_SWEEP_PLACES, after);
	sweep_open(&sweep.links, store, STATEMENT_SWEEP_LINKS, after);
	sweep_open(&sweep.dues, store, STATEMENT_SWEEP_DUES, after);
	sweep_open(&sweep.tail, store, STATEMENT_SWEEP_TAIL, after);
	for (; sweep.links.id != INT64_MAX; sweep_next(&sweep.links)) {
		uint32_t bits = sweep_bits(&sweep.places, sweep.links.id, readings);
		if (bits == 0 && wish != SWEEP_ALL)
			continue;
		struct store_due due = due_of(store, &sweep, wish == SWEEP_DUE);
		due.list_bits = bits;
		if (!fn(&due, context))
			break;
	}
	struct sweep_cursor *const all[] = { &sweep.places, &sweep.links, &sweep.dues,
		&sweep.tail };
	return sweep_close(all, sizeof(all) / sizeof(all[0]));
}

int sweep_links(struct store *store, int64_t after, enum sweep_wish wish, sweep_fn *fn,
	void *context, struct error *error)
{
	struct sweep_readings readings;

	assert(store->reads > 0);
	if (sweep_readings_load(store, &readings, error) < 0)
		return -1;
	int failed = sweep_all(store, &readings, after, wish, fn, context);
	sweep_readings_fini(&readings);
	return failed < 0 ? store_error(store, error) : 0;
}

int store_walk_due(
	struct store *store, store_due_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	int failed = sweep_links(store, 0, SWEEP_DUE, fn, context, error);
	store_read_end(store);
	return failed;
}

/* --- counts ------------------------------------------------------------------------- */

struct tally {
	struct store_counts *counts; /* [0] all together, then by place of the list */
	int64_t *last_id;            /* that was counted for the same */
	size_t lists;
};

static void count(struct tally *tally, size_t index, int64_t link_id, enum state state)
{
	if (tally->last_id[index] == link_id)
		return;
	tally->last_id[index] = link_id;
	tally->counts[index].links++;
	tally->counts[index].by_state[state]++;
}

static int count_all(
	struct store *store, const struct sweep_readings *readings, struct tally *tally)
{
	struct sweep_cursor places, states, tail;

	sweep_open(&places, store, STATEMENT_SWEEP_PLACES, 0);
	sweep_open(&states, store, STATEMENT_SWEEP_STATES, 0);
	sweep_open(&tail, store, STATEMENT_SWEEP_TAIL, 0);
	for (; places.id != INT64_MAX; sweep_next(&places)) {
		const struct sweep_reading *reading =
			sweep_reading_of(readings, sql_int(places.rows, 1));
		if (reading == NULL)
			continue;
		enum state state = STATE_UNCHECKED;
		if (sweep_to(&tail, places.id))
			state = (enum state)word_value(
				&store->words, WORD_STATE, sql_int(tail.rows, 1));
		else if (sweep_to(&states, places.id))
			state = (enum state)word_value(
				&store->words, WORD_STATE, sql_int(states.rows, 1));
		count(tally, 0, places.id, state);
		if (reading->place < tally->lists)
			count(tally, 1 + reading->place, places.id, state);
	}
	struct sweep_cursor *const all[] = { &places, &states, &tail };
	return sweep_close(all, sizeof(all) / sizeof(all[0]));
}

static int count_lists(struct store *store, size_t *ret_lists)
{
	sqlite3_stmt *rows = sql_get(store, STATEMENT_LISTS);
	int step;
	*ret_lists = 0;
	while ((step = sql_step(rows)) == 1)
		if (sql_int(rows, 2) >= (int64_t)*ret_lists)
			*ret_lists = (size_t)sql_int(rows, 2) + 1;
	sql_end(rows);
	return step;
}

static int tell(
	struct store *store, struct tally *tally, store_counts_fn *fn, void *context)
{
	sqlite3_stmt *rows = sql_get(store, STATEMENT_LISTS);
	int step = 0;
	bool more = fn(&tally->counts[0], context);
	while (more && (step = sql_step(rows)) == 1) {
		struct store_counts *counts = &tally->counts[1 + sql_int(rows, 2)];
		counts->list = sql_text(rows, 0);
		more = fn(counts, context);
	}
	sql_end(rows);
	return step < 0 ? -1 : 0;
}

static int tally_run(struct store *store, struct tally *tally, store_counts_fn *fn,
	void *context, struct error *error)
{
	struct sweep_readings readings;
	if (sweep_readings_load(store, &readings, error) < 0)
		return -1;
	int failed = count_all(store, &readings, tally);
	sweep_readings_fini(&readings);
	if (failed == 0 && fn != NULL)
		failed = tell(store, tally, fn, context);
	return failed < 0 ? store_error(store, error) : 0;
}

static int tally_new(struct store *store, struct tally *tally, struct error *error)
{
	*tally = (struct tally){ 0 };
	if (count_lists(store, &tally->lists) < 0)
		return store_error(store, error);
	tally->counts = calloc(tally->lists + 1, sizeof(*tally->counts));
	tally->last_id = calloc(tally->lists + 1, sizeof(*tally->last_id));
	if (tally->counts != NULL && tally->last_id != NULL)
		return 0;
	return error_set(error, "no memory to count the links of %s", store->path);
}

static void tally_free(struct tally *tally)
{
	free(tally->counts);
	free(tally->last_id);
}

int store_count_states(
	struct store *store, store_counts_fn *fn, void *context, struct error *error)
{
	struct tally tally;
	if (store_read_begin(store, error) < 0)
		return -1;
	int failed = tally_new(store, &tally, error);
	if (failed == 0)
		failed = tally_run(store, &tally, fn, context, error);
	tally_free(&tally);
	store_read_end(store);
	return failed;
}

int sweep_count_monitored(struct store *store, int64_t *ret_count, struct error *error)
{
	struct tally tally;
	int failed = tally_new(store, &tally, error);
	if (failed == 0)
		failed = tally_run(store, &tally, NULL, NULL, error);
	if (failed == 0 && tally.counts != NULL)
		*ret_count = tally.counts[0].links;
	tally_free(&tally);
	return failed;
}
