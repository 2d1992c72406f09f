/* The rows of the days (store/tally): how many links were in which state, what died and
 * recovered, how many checks there were. */
#include <stdlib.h>
#include <string.h>

#include "process/wall.h"
#include "run/serving_internal.h"
#include "watch/doubt.h"

enum {
	EVENT_ROWS_MAX = 500000, /* of one day that are looked at */
	EVENT_ROWS_SLICE = 20000,
	/* Doubt holds back what has happened, so that its event is written later. */
	LATE_MS = 6 * DOUBT_HOLD_MS,
};

/* --- events, on the glance's thread ------------------------------------------------- */

struct deaths {
	const struct ledger *ledger;
	struct serving_day *before, *now; /* before NULL: its day is today's */
	time_ms since, until;             /* of both */
	time_ms midnight;
	int64_t newest_id; /* of those that were looked at */
	bool over;
};

static struct store_tally *row_of(
	const struct deaths *deaths, time_ms at, struct slice list)
{
	const struct serving_day *day =
		at >= deaths->midnight ? deaths->now : deaths->before;
	for (uint32_t i = 0; day != NULL && i < day->count; i++)
		if (slice_equal(day->rows[i].list, list))
			return &day->rows[i];
	return NULL;
}

static bool is_about(
	const struct deaths *deaths, uint32_t place, const struct store_event *stored)
{
	const struct ledger_list *list = &deaths->ledger->lists[place];
	enum state state;
	return list->members == NULL ? (list->bit & stored->list_bits) != 0
				     : ledger_holds(deaths->ledger, list,
					       stored->event.link_id, &state);
}

static void note(struct store_tally *row, bool died, bool recovered)
{
	if (row == NULL)
		return;
	row->died += died;
	row->recovered += recovered;
}

static bool count_event(const struct store_event *stored, void *data)
{
	struct deaths *deaths = data;
	const struct event *event = &stored->event;
	if (stored->event_id > deaths->newest_id)
		deaths->newest_id = stored->event_id;
	deaths->over |= event->at < deaths->since - LATE_MS;
	if (event->kind != EVENT_STATE || event->at < deaths->since ||
		event->at >= deaths->until)
		return true;
	enum state before = event_before(event);
	bool died = event->to == STATE_DEAD && before != STATE_DEAD;
	bool recovered = before == STATE_DEAD &&
			 (event->to == STATE_ALIVE || event->to == STATE_MOVED);
	if (!died && !recovered)
		return true;
	note(row_of(deaths, event->at, (struct slice){ 0 }), died, recovered);
	for (uint32_t i = 0; i < deaths->ledger->list_count; i++)
		if (is_about(deaths, i, stored))
			note(row_of(deaths, event->at, deaths->ledger->lists[i].name),
				died, recovered);
	return true;
}

/* All that came behind `until`; or, 0, from the newest back to the beginning of the day.
 */
static int count_events(
	struct store *store, struct deaths *deaths, int64_t until, struct error *error)
{
	bool backwards = until == 0;
	struct store_event_wish wish = {
		.backwards = backwards, .from = until, .rows_max = EVENT_ROWS_SLICE
	};
	struct store_event_page page = { .more = true };
	deaths->newest_id = until;
	for (uint32_t rows = 0; page.more; rows += EVENT_ROWS_SLICE) {
		if (backwards && (deaths->over || rows >= EVENT_ROWS_MAX))
			break;
		if (store_page_events(store, &wish, count_event, deaths, &page, error) <
			0)
			return -1;
		wish.from = page.next;
	}
	return 0;
}

/* --- rows, on the glance's thread --------------------------------------------------- */

static int make_rows(struct serving_day *day, const struct ledger *ledger, int32_t number,
	struct error *error)
{
	arena_reset(&day->arena);
	day->count = 0;
	day->put = false;
	day->rows = ARENA_ARRAY(&day->arena, struct store_tally, ledger->list_count + 1);
	if (day->rows == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i <= ledger->list_count; i++) {
		const struct ledger_list *list =
			i == 0 ? &ledger->all : &ledger->lists[i - 1];
		day->rows[i] =
			(struct store_tally){ .list = arena_copy(&day->arena, list->name),
				.day = number };
		memcpy(day->rows[i].by_state, list->counts.by_state,
			sizeof(day->rows[i].by_state));
	}
	if (day->arena.failed)
		return error_set(error, "out of memory");
	day->count = ledger->list_count + 1;
	return 0;
}

static bool is_of(const struct serving_day *day, int32_t number)
{
	return day->count > 0 && day->rows[0].day == number;
}

/* What was counted of today goes on. */
static void carry_on(struct deaths *deaths, const struct serving_day *before)
{
	for (uint32_t i = 0; i < before->count; i++) {
		struct store_tally *row =
			row_of(deaths, deaths->midnight, before->rows[i].list);
		if (row == NULL)
			continue;
		row->died = before->rows[i].died;
		row->recovered = before->rows[i].recovered;
	}
}

/* A list that is new today begins with none. */
int serving_count_days(struct serving_glance *glance, time_ms now, struct error *error)
{
	int32_t today = (int32_t)(now / TIME_MS_PER_DAY);
	struct serving_day *before = &glance->before;
	struct deaths deaths = { .ledger = glance->ledger,
		.now = &glance->now,
		.midnight = today * TIME_MS_PER_DAY,
		.since = today * TIME_MS_PER_DAY,
		.until = (today + 1) * TIME_MS_PER_DAY };
	if (make_rows(&glance->now, glance->ledger, today, error) < 0)
		return -1;
	if (is_of(before, today)) {
		carry_on(&deaths, before);
	} else if (is_of(before, today - 1)) {
		deaths.before = before;
		deaths.since -= TIME_MS_PER_DAY;
	}
	bool goes_on = is_of(before, today) || is_of(before, today - 1);
	if (count_events(glance->store, &deaths, goes_on ? glance->events_until : 0,
		    error) < 0) {
		before->count = 0; /* half of it is counted: next time anew */
		return -1;
	}
	glance->events_until = deaths.newest_id;
	return 0;
}

/* --- on the loop -------------------------------------------------------------------- */

static uint32_t place_of(const struct serving *serving, struct slice list)
{
	if (list.len == 0)
		return METER_ALL;
	for (uint32_t i = 0; i < serving->name_count; i++)
		if (slice_equal(serving->names[i], list))
			return i;
	return METER_NONE;
}

/* Lists that share a bit cannot be told apart by it. */
static void add_checks(const struct serving *serving, struct store_tally *row)
{
	const struct meter_day *day = meter_day_of(&serving->watchman->meter, row->day);
	uint32_t place = place_of(serving, row->list);
	bool shared = serving->name_count > STORE_LIST_BITS &&
		      place >= STORE_LIST_BITS - 1 && place != METER_ALL;
	if (day == NULL || place >= METER_LISTS || shared)
		return;
	row->checks = day->checks[place];
	row->ms_count = day->ms_count[place];
	row->ms_sum = day->ms_sum[place];
}

/* Only a day that the meter counts: another row would lose its checks. */
static void put(struct serving *serving, struct serving_day *day)
{
	day->put = true;
	if (day->count == 0 ||
		meter_day_of(&serving->watchman->meter, day->rows[0].day) == NULL)
		return;
	for (uint32_t i = 0; i < day->count; i++) {
		add_checks(serving, &day->rows[i]);
		if (store_put_tally(serving->watchman->writer, &day->rows[i]) == 0)
			day->put = false;
	}
}

/* But for their lists' names, which lie elsewhere. */
static bool same_row(const struct store_tally *a, const struct store_tally *b)
{
	return slice_equal(a->list, b->list) && a->day == b->day &&
	       memcmp(a->by_state, b->by_state, sizeof(a->by_state)) == 0 &&
	       a->died == b->died && a->recovered == b->recovered &&
	       a->checks == b->checks && a->ms_sum == b->ms_sum;
}

/* What is the same need not be written again, which would be a change to look at. */
static bool same_days(
	const struct serving *serving, const struct serving_day *a, struct serving_day *b)
{
	if (a->count != b->count || !a->put)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		add_checks(serving, &b->rows[i]);
		if (!same_row(&a->rows[i], &b->rows[i]))
			return false;
	}
	return true;
}

void serving_put_days(struct serving *serving)
{
	struct serving_glance *glance = &serving->glance;
	if (glance->now.count == 0)
		return;
	if (is_of(&glance->before, glance->now.rows[0].day - 1))
		put(serving, &glance->before);
	if (same_days(serving, &glance->before, &glance->now))
		glance->now.put = true;
	else
		put(serving, &glance->now);
	struct serving_day before = glance->before;
	glance->before = glance->now;
	glance->now = before;
}

void serving_put_last(struct serving *serving)
{
	if (!serving->glance.working)
		put(serving, &serving->glance.before);
}

/* --- at the start, and at a reload -------------------------------------------------- */

struct resuming {
	struct meter *meter;
	uint32_t place;
};

static bool resume(const struct store_tally *tally, void *data)
{
	struct resuming *resuming = data;
	meter_resume(resuming->meter, resuming->place, tally);
	return false;
}

void serving_resume_day(struct serving *serving)
{
	struct watchman *watchman = serving->watchman;
	struct error error;
	meter_turn(&watchman->meter, wall_now());
	int32_t today = watchman->meter.today.day;
	struct resuming resuming = { &watchman->meter, METER_ALL };
	(void)store_walk_tallies(watchman->store, (struct slice){ 0 }, today, today,
		resume, &resuming, &error);
	for (uint32_t i = 0; i < serving->name_count && i < STORE_LIST_BITS; i++) {
		if (i == STORE_LIST_BITS - 1 && serving->name_count > STORE_LIST_BITS)
			break; /* shared */
		resuming.place = i;
		(void)store_walk_tallies(watchman->store, serving->names[i], today, today,
			resume, &resuming, &error);
	}
}

int serving_name_lists(struct serving *serving)
{
	const struct config *config = serving->watchman->crew->config;
	uint32_t from[STORE_LIST_BITS];
	struct arena arena;
	arena_init(&arena, SERVING_ARENA_BYTES_MAX);
	struct slice *names = ARENA_ARRAY(&arena, struct slice, config->list_count + 1);
	for (uint32_t i = 0; names != NULL && i < config->list_count; i++)
		names[i] = arena_copy(&arena, slice_of(config->lists[i].name));
	if (arena.failed) {
		arena_fini(&arena);
		return -1;
	}
	for (uint32_t i = 0; i < STORE_LIST_BITS; i++)
		from[i] =
			i < config->list_count ? place_of(serving, names[i]) : METER_NONE;
	if (serving->name_count > 0)
		meter_reorder(&serving->watchman->meter, from);
	arena_fini(&serving->names_arena);
	serving->names_arena = arena;
	serving->names = names;
	serving->name_count = config->list_count;
	return 0;
}
