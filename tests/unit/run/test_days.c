/* The rows of the days: counted by the meter, put by serving, over midnight, a restart
 * and a reload. */
#include "unit/ledger/ground.h"

#include "run/serving_internal.h"

static const time_ms day_ms = TIME_MS_PER_DAY;

static void check_once(struct meter *meter, uint32_t bits, time_ms now)
{
	const struct link link = { .result = { .asked = true,
					   .http_status = 200,
					   .elapsed_ms = 40,
					   .verdict.outcome = OUTCOME_OK } };
	meter_note(meter, &link, bits, now);
}

static void meter_counts_days(void **state)
{
	(void)state;
	struct meter meter = { 0 };
	time_ms noon = show_noon - show_noon % day_ms + day_ms / 2;
	int32_t today = (int32_t)(noon / day_ms);
	check_once(&meter, 3, noon);
	check_once(&meter, 2, noon);
	assert_int_equal(meter_day_of(&meter, today)->checks[METER_ALL], 2);
	assert_int_equal(meter_day_of(&meter, today)->checks[0], 1);
	assert_int_equal(meter_day_of(&meter, today)->ms_sum[1], 80);
	check_once(&meter, 1, noon + day_ms);
	assert_int_equal(meter_day_of(&meter, today)->checks[METER_ALL], 2);
	assert_int_equal(meter_day_of(&meter, today + 1)->checks[METER_ALL], 1);
	assert_null(meter_day_of(&meter, today + 2));
	const struct store_tally earlier = { .day = today + 1, .checks = 5 };
	meter_resume(&meter, METER_ALL, &earlier);
	assert_int_equal(meter_day_of(&meter, today + 1)->checks[METER_ALL], 6);
	assert_int_equal(meter.responses[1], 3);
	assert_int_equal(meter.checks[OUTCOME_OK], 3);

	uint32_t from[STORE_LIST_BITS];
	for (uint32_t i = 0; i < STORE_LIST_BITS; i++)
		from[i] = METER_NONE;
	from[0] = 1; /* the second is the first now, the first is gone */
	meter_reorder(&meter, from);
	assert_int_equal(meter_day_of(&meter, today)->checks[0], 2);
	assert_int_equal(meter_day_of(&meter, today)->checks[1], 0);
	assert_int_equal(meter_day_of(&meter, today + 1)->checks[METER_ALL], 6);
}

/* --- rows --- */

struct running {
	struct watchman watchman;
	struct serving serving;
	struct config config;
	struct config_list lists[2];
	struct crew crew;
};

static void begin(struct running *running, struct store_writer *writer)
{
	static const char *const urls[] = { "https://a.test/1", "https://b.test/2" };
	*running = (struct running){ .lists = { { .name = (char *)(uintptr_t) "first" },
					     { .name = (char *)(uintptr_t) "second" } } };
	running->config.lists = running->lists;
	running->config.list_count = 2;
	running->crew.config = &running->config;
	running->watchman.crew = &running->crew;
	running->watchman.writer = writer;
	running->serving.watchman = &running->watchman;
	arena_init(&running->serving.names_arena, 1 << 20);
	arena_init(&running->serving.glance.before.arena, 1 << 20);
	arena_init(&running->serving.glance.now.arena, 1 << 20);
	ground_lists(writer, "first", "second");
	ground_read(writer, "first", "a.md", urls, 2);
	ground_read(writer, "second", "b.md", urls, 1);
	assert_int_equal(serving_name_lists(&running->serving), 0);
	running->serving.glance.store = ground_open(STORE_READ);
}

static void end(struct running *running)
{
	store_close(running->serving.glance.store);
	arena_fini(&running->serving.names_arena);
	arena_fini(&running->serving.glance.before.arena);
	arena_fini(&running->serving.glance.now.arena);
	ground_stop(running->watchman.writer);
}

static void look(struct running *running, time_ms now)
{
	struct serving_glance *glance = &running->serving.glance;
	glance->ledger = show_ledger(glance->store, now, NULL);
	assert_int_equal(serving_count_days(glance, now, NULL), 0);
	ledger_release(glance->ledger);
	glance->ledger = NULL;
}

static bool keep(const struct store_tally *tally, void *data)
{
	*(struct store_tally *)data = *tally;
	return false;
}

static struct store_tally row_of(struct running *running, const char *list, time_ms at)
{
	struct store_tally row = { .day = -1 };
	struct store *store = ground_open(STORE_READ);
	int32_t day = (int32_t)(at / day_ms);
	uint64_t item = store_put_event(running->watchman.writer,
		&(struct event){ .kind = EVENT_OFFLINE_ENDED, .at = at }, NULL);
	ground_wait(running->watchman.writer, item); /* those put before it too */
	assert_int_equal(
		store_walk_tallies(store, slice_of(list), day, day, keep, &row, NULL), 0);
	store_close(store);
	return row;
}

static void die(struct running *running, int64_t link_id, time_ms at)
{
	struct link_record dead = show_record(STATE_DEAD, at, at);
	ground_wait(running->watchman.writer,
		show_check(running->watchman.writer, link_id, &dead, STATE_ALIVE));
}

/* The glance was taken before midnight, the row is put behind it; what happened between
 * the last glance of a day and its end counts, too. */
static void midnight_loses_nothing(void **state)
{
	(void)state;
	struct running running;
	begin(&running, ground_writer());
	struct meter *meter = &running.watchman.meter;
	time_ms midnight = show_noon - show_noon % day_ms + day_ms;
	time_ms before = midnight - 10 * show_minute, after = midnight + show_minute;
	die(&running, 1, before);
	check_once(meter, 3, before);
	look(&running, before);
	check_once(meter, 1, before + 1);
	meter_turn(meter, after);
	serving_put_days(&running.serving);
	struct store_tally row = row_of(&running, "", before);
	assert_int_equal(row.checks, 2);
	assert_int_equal(row.died, 1);
	assert_int_equal(row_of(&running, "second", before).checks, 1);

	die(&running, 2, midnight - 1);
	check_once(meter, 1, after);
	look(&running, after);
	serving_put_days(&running.serving);
	row = row_of(&running, "first", before);
	assert_int_equal(row.died, 2);
	assert_int_equal(row.checks, 2);
	assert_int_equal(row.by_state[STATE_DEAD], 1);
	row = row_of(&running, "first", after);
	assert_int_equal(row.died, 0);
	assert_int_equal(row.checks, 1);
	assert_int_equal(row.by_state[STATE_DEAD], 2);
	end(&running);
}

/* An event that doubt held back stands behind younger ones. */
static void late_events_end_no_day(void **state)
{
	(void)state;
	struct running running;
	begin(&running, ground_writer());
	time_ms midnight = show_noon - show_noon % day_ms;
	die(&running, 1, midnight + show_minute);
	die(&running, 2, midnight - show_minute);
	meter_turn(&running.watchman.meter, midnight + 2 * show_minute);
	look(&running, midnight + 2 * show_minute);
	serving_put_days(&running.serving);
	assert_int_equal(row_of(&running, "", midnight).died, 1);
	/* Each is counted once, however often is looked. */
	die(&running, 2, midnight + 2 * show_minute);
	for (int i = 0; i < 3; i++) {
		look(&running, midnight + 3 * show_minute);
		serving_put_days(&running.serving);
	}
	assert_int_equal(row_of(&running, "", midnight).died, 2);
	end(&running);
}

static void nothing_new_is_not_put_again(void **state)
{
	(void)state;
	struct running running;
	struct store_health first, second;
	begin(&running, ground_writer());
	meter_turn(&running.watchman.meter, show_noon);
	look(&running, show_noon);
	serving_put_days(&running.serving);
	store_writer_health(running.watchman.writer, &first);
	look(&running, show_noon + show_minute);
	serving_put_days(&running.serving);
	store_writer_health(running.watchman.writer, &second);
	assert_int_equal(first.put, second.put);
	check_once(&running.watchman.meter, 1, show_noon);
	serving_put_last(&running.serving);
	assert_int_equal(row_of(&running, "", show_noon).checks, 1);
	end(&running);
}

/* Other lists in another order: today's checks go with their names. */
static void reload_keeps_the_day(void **state)
{
	(void)state;
	struct running running;
	begin(&running, ground_writer());
	check_once(&running.watchman.meter, 2, show_noon);
	running.lists[0].name = (char *)(uintptr_t) "second";
	running.lists[1].name = (char *)(uintptr_t) "new";
	assert_int_equal(serving_name_lists(&running.serving), 0);
	look(&running, show_noon);
	serving_put_days(&running.serving);
	assert_int_equal(row_of(&running, "second", show_noon).checks, 1);
	assert_int_equal(row_of(&running, "first", show_noon).checks, 0);
	end(&running);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meter_counts_days),
		ON_GROUND(midnight_loses_nothing),
		ON_GROUND(late_events_end_no_day),
		ON_GROUND(nothing_new_is_not_put_again),
		ON_GROUND(reload_keeps_the_day),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
