#include "lib/test.h"

#include "base/hash.h"
#include "watch/schedule.h"

static const time_ms start = INT64_C(1767225600000);

static struct schedule_limits limits;
static struct health_limits health;
static struct random randomness;

static int prepare(void **state)
{
	(void)state;
	limits = schedule_limits_default();
	health = health_limits_default();
	random_init(&randomness, 11);
	return 0;
}

static void check(struct link_record *record, enum reason reason, bool second, time_ms at,
	uint64_t hash)
{
	struct health_change change;
	struct check_facts facts = { .at = at,
		.outcome = reason_outcome(reason),
		.reason = reason,
		.elapsed_ms = 1,
		.second_method = second,
		.authoritative = reason == REASON_REGISTRY_MISSING };
	health_apply(record, &facts, &health, &change);
	schedule_next(record, &change, &limits, &health, hash, &randomness, at);
}

/* --- phases
 * ------------------------------------------------------------------------------- */

/* How many of a million due times fall into the fullest of `slices` parts of a span. */
static uint32_t fullest(
	const time_ms *due_at, size_t count, time_ms span, uint32_t slices)
{
	uint32_t *in = calloc(slices, sizeof(*in)), most = 0;
	assert_non_null(in);
	for (size_t i = 0; i < count; i++) {
		assert_true(due_at[i] > start && due_at[i] <= start + span);
		uint32_t slice =
			(uint32_t)((due_at[i] - start - 1) * (int64_t)slices / span);
		if (++in[slice] > most)
			most = in[slice];
	}
	free(in);
	return most;
}

static void a_start_is_no_burst(void **state)
{
	(void)state;
	enum { LINKS = 100000 };
	time_ms *due_at = malloc(LINKS * sizeof(*due_at));
	assert_non_null(due_at);
	for (uint32_t i = 0; i < LINKS; i++) {
		struct link_record record = { 0 };
		schedule_next(
			&record, NULL, &limits, &health, hash_mix(i), &randomness, start);
		due_at[i] = record.due_at;
	}
	/* A quarter of an hour each: 1042 on the average. */
	assert_in_range(fullest(due_at, LINKS, TIME_MS_PER_DAY, 96), 1042, 1250);
	for (uint32_t i = 0; i < LINKS; i++) {
		struct link_record record = { 0 };
		check(&record, REASON_OK, false, start, hash_mix(i));
		due_at[i] = record.due_at;
	}
	/* And all over the week after it, though all were checked at once. */
	assert_in_range(fullest(due_at, LINKS, 8 * TIME_MS_PER_DAY, 8), 12500, 14800);
	free(due_at);
}

static void the_phase_is_stable(void **state)
{
	(void)state;
	struct link_record first = { 0 }, again = { 0 };
	schedule_next(&first, NULL, &limits, &health, 12345, &randomness, start);
	schedule_next(&again, NULL, &limits, &health, 12345, &randomness, start);
	assert_int_equal(first.due_at, again.due_at);
	check(&first, REASON_OK, false, start + 1000, 12345);
	check(&again, REASON_OK, false, start + 2 * TIME_MS_PER_HOUR, 12345);
	assert_int_equal(first.due_at, again.due_at);
}

/* --- the two rooms together
 * ------------------------------------------------------------------- */

/* A list that changes each hour, or a daemon that starts again each day, has its new
 * links planned as often: none may recede. */
static void planned_again_nothing_recedes(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 100; i++) {
		struct link_record record = { 0 };
		schedule_next(
			&record, NULL, &limits, &health, hash_mix(i), &randomness, start);
		time_ms due_at = record.due_at;
		for (time_ms now = start; now < due_at; now += TIME_MS_PER_HOUR) {
			record = (struct link_record){ 0 };
			schedule_next(&record, NULL, &limits, &health, hash_mix(i),
				&randomness, now);
			assert_int_equal(record.due_at, due_at);
		}
	}
}

/* The days from the first bad check to dead, with checks when they are due. `found` gives
 * what each finds. */
static double days_to_death(
	enum reason (*found)(uint32_t look), uint64_t hash, enum state before)
{
	struct link_record record = { 0 };
	time_ms at = start, first;
	if (before == STATE_ALIVE) {
		check(&record, REASON_OK, false, at, hash);
		check(&record, REASON_OK, false, at = record.due_at, hash);
		at = record.due_at;
	}
	first = at;
	for (uint32_t look = 0; look < 1000 && record.state != STATE_DEAD; look++) {
		bool second = health_wants_second_method(&record, &health);
		check(&record, found(look), second, at, hash);
		assert_true(record.due_at > at);
		if (record.state != STATE_DEAD)
			at = record.due_at;
	}
	assert_int_equal(record.state, STATE_DEAD);
	return (double)(at - first) / (double)TIME_MS_PER_DAY;
}

static enum reason always_404(uint32_t look)
{
	(void)look;
	return REASON_HTTP_404;
}

static enum reason always_timeout(uint32_t look)
{
	(void)look;
	return REASON_TIMEOUT;
}

static enum reason always_gone(uint32_t look)
{
	(void)look;
	return REASON_HTTP_410;
}

/* A hiccup of the network in every fourth look. */
static enum reason mostly_404(uint32_t look)
{
	return look % 4 == 1 ? REASON_TIMEOUT : REASON_HTTP_404;
}

static void the_goals_hold_for_every_link(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 3000; i++) {
		enum state before = i % 2 ? STATE_ALIVE : STATE_UNCHECKED;
		double days = days_to_death(always_404, hash_mix(i), before);
		assert_true(days >= 6 && days <= 8);
		days = days_to_death(mostly_404, hash_mix(i), before);
		assert_true(days >= 6 && days <= 8);
		days = days_to_death(always_timeout, hash_mix(i), before);
		assert_true(days >= 14 && days <= 16);
		days = days_to_death(always_gone, hash_mix(i), before);
		assert_true(days >= 1 && days <= 2.1);
	}
}

/* Down for half of the time, every night or every other day, whatever the rhythm, with no
 * success to remember: found out before it is called dead. */
static void what_comes_and_goes_is_not_dead(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 4000; i++) {
		struct link_record record = { 0 };
		time_ms half = (time_ms)(1 + i % 40) * TIME_MS_PER_HOUR;
		time_ms at = start + (time_ms)(hash_mix(i) % (uint64_t)half);
		while (record.state != STATE_ALIVE) {
			bool down = (at - start) / half % 2 == 0;
			bool second = health_wants_second_method(&record, &health);
			check(&record, down ? REASON_HTTP_5XX : REASON_OK, second, at,
				hash_mix(i));
			assert_int_not_equal(record.state, STATE_DEAD);
			at = record.due_at;
		}
	}
}

/* Any state after any other: always ahead, never further than the longest interval. */
static void due_times_are_sane(void **state)
{
	(void)state;
	struct random random;
	random_init(&random, 5);
	for (uint64_t i = 0; i < 3000; i++) {
		struct link_record record = { 0 };
		time_ms at = start;
		for (int k = 0; k < 60; k++) {
			enum reason reason =
				(enum reason)random_below(&random, REASON_COUNT);
			if (random_below(&random, 2) > 0)
				reason = record.reason;
			check(&record, reason, k % 3 == 0, at, hash_mix(i));
			assert_in_range(record.due_at - at, TIME_MS_PER_S * 60,
				99 * TIME_MS_PER_DAY);
			assert_true(record.interval_ms > 0 || record.checks == 0);
			if (record.state == STATE_SUSPECT)
				assert_true(record.due_at - at <= 26 * TIME_MS_PER_HOUR);
			at = record.due_at;
		}
	}
}

static void one_in_ten_is_unconditional(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	time_ms at = start;
	uint32_t conditional = 0;
	for (int i = 0; i < 1000; i++, at = record.due_at) {
		conditional += schedule_may_be_conditional(&record);
		check(&record, REASON_OK, false, at, 7);
	}
	assert_in_range(conditional, 895, 905);
	check(&record, REASON_TIMEOUT, false, at, 7);
	assert_false(schedule_may_be_conditional(&record));
}

/* --- limits that change
 * -------------------------------------------------------------------------- */

/* Healthy for so many checks; returns the time of the last one. */
static time_ms grow(struct link_record *record, uint64_t hash, int checks)
{
	time_ms at = start;
	for (int i = 0; i < checks; i++) {
		if (i > 0)
			at = record->due_at;
		check(record, REASON_OK, false, at, hash);
	}
	return at;
}

static void a_shorter_interval_reaches_who_waits(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		struct link_record record = { 0 };
		limits.interval_ms = 7 * TIME_MS_PER_DAY;
		time_ms at = grow(&record, hash_mix(i), 2 + (int)(i % 20));
		limits.interval_ms = TIME_MS_PER_HOUR;
		schedule_fit(&record, &limits, hash_mix(i), at + 1);
		assert_in_range(
			record.due_at - at, TIME_MS_PER_HOUR / 2, 2 * TIME_MS_PER_HOUR);
		check(&record, REASON_OK, false, record.due_at, hash_mix(i));
		assert_in_range(
			record.interval_ms, TIME_MS_PER_HOUR, TIME_MS_PER_HOUR / 2 * 3);
	}
}

/* Also where it was stored before, and nobody has planned it anew. */
static void a_stored_interval_does_not_outlive_its_limits(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	grow(&record, 3, 8);
	limits.interval_ms = TIME_MS_PER_HOUR;
	check(&record, REASON_OK, false, record.due_at, 3);
	assert_int_equal(record.interval_ms, TIME_MS_PER_HOUR);
	limits.interval_ms = 2 * TIME_MS_PER_DAY;
	check(&record, REASON_OK, false, record.due_at, 3);
	assert_int_equal(record.interval_ms, 2 * TIME_MS_PER_DAY);
}

/* What was checked while the clock was a day ahead does not wait that day when it is put
 * right, whatever it is. */
static void a_clock_that_was_ahead_keeps_nobody_waiting(void **state)
{
	(void)state;
	static const enum reason found[] = { REASON_OK, REASON_HTTP_404,
		REASON_CHALLENGE };
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		struct link_record record = { 0 };
		limits.interval_ms = TIME_MS_PER_HOUR;
		check(&record, REASON_OK, false, start, i);
		check(&record, found[i], false, start + TIME_MS_PER_DAY, i);
		struct link_record before = record;
		time_ms now = start + TIME_MS_PER_DAY - 1000;
		schedule_fit(&record, &limits, i, now);
		assert_int_equal(record.due_at, before.due_at);
		now = start + TIME_MS_PER_HOUR;
		schedule_fit(&record, &limits, i, now);
		assert_true(record.due_at <= now - TIME_MS_PER_HOUR);
	}
}

/* What grew under these limits is left alone, however often it is planned; a ceiling that
 * moves takes away what is above it and no more. */
static void growth_outlives_a_plan(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 300; i++) {
		struct link_record record = { 0 };
		time_ms at = start;
		limits.interval_ms = TIME_MS_PER_HOUR * (time_ms)(1 + i % 200);
		for (int k = 0; k < 40; k++, at = record.due_at) {
			check(&record, REASON_OK, false, at, hash_mix(i));
			struct link_record before = record;
			schedule_fit(&record, &limits, hash_mix(i), at + 1);
			assert_int_equal(record.due_at, before.due_at);
			assert_int_equal(record.interval_ms, before.interval_ms);
		}
		assert_in_range(record.due_at - record.last_checked_at,
			26 * TIME_MS_PER_DAY, 33 * TIME_MS_PER_DAY);
		at = record.last_checked_at;
		limits.interval_max_ms = 10 * TIME_MS_PER_DAY;
		schedule_fit(&record, &limits, hash_mix(i), at + 1);
		assert_in_range(
			record.due_at - at, 9 * TIME_MS_PER_DAY, 11 * TIME_MS_PER_DAY);
		limits.interval_max_ms = 30 * TIME_MS_PER_DAY;
	}
}

static void a_higher_ceiling_lets_it_grow_on(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	grow(&record, 3, 30);
	limits.interval_max_ms = 60 * TIME_MS_PER_DAY;
	check(&record, REASON_OK, false, record.due_at, 3);
	assert_in_range(record.interval_ms, 40 * TIME_MS_PER_DAY, 60 * TIME_MS_PER_DAY);
}

/* --- outside of their time
 * ----------------------------------------------------------------------- */

/* Somebody who mends it looks ten times in an hour; the daemon looks when it would have.
 */
static void a_recheck_is_no_step(void **state)
{
	(void)state;
	static const enum reason found[] = { REASON_OK, REASON_HTTP_404,
		REASON_CHALLENGE };
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		struct link_record record = { 0 };
		time_ms at = start;
		for (int k = 0; k < 40; k++, at = record.due_at)
			check(&record, found[i], k % 2 != 0, at, 5);
		struct link_record before = record;
		time_ms wait = record.due_at - record.last_checked_at;
		at = record.last_checked_at;
		for (int k = 0; k < 10; k++)
			check(&record, found[i], false, at += TIME_MS_PER_HOUR / 10, 5);
		assert_int_equal(record.state, before.state);
		assert_int_equal(record.interval_ms, before.interval_ms);
		assert_int_equal(record.step, before.step);
		assert_in_range(record.due_at - at, wait / 10 * 8, wait / 10 * 13);
		check(&record, found[i], false, record.due_at, 5);
		assert_true(record.interval_ms >= before.interval_ms);
	}
}

/* A server in trouble forbids everything, its robots.txt being unreadable; a name may
 * point to a private address for an hour. What we left out ourselves stays so. */
static void what_hinders_may_pass(void **state)
{
	(void)state;
	static const enum reason found[] = { REASON_ROBOTS_DISALLOWED,
		REASON_ADDRESS_FORBIDDEN };
	static const int days[] = { 1, 3, 7, 7, 7 };
	for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
		struct link_record record = { 0 };
		time_ms at = start;
		for (size_t k = 0; k < sizeof(days) / sizeof(days[0]); k++) {
			check(&record, found[i], false, at, 5);
			assert_in_range(record.due_at - at,
				days[k] * TIME_MS_PER_DAY / 10 * 9,
				days[k] * TIME_MS_PER_DAY / 10 * 11);
			at = record.due_at;
		}
	}
	struct link_record record = { 0 };
	check(&record, REASON_EXCLUDED, false, start, 5);
	assert_in_range(
		record.due_at - start, 27 * TIME_MS_PER_DAY, 33 * TIME_MS_PER_DAY);
}

/* The longer ago the cause, the less a minute more will help. */
static void own_trouble_backs_off(void **state)
{
	(void)state;
	time_ms minute = 60 * TIME_MS_PER_S, at = minute;
	assert_int_equal(schedule_own_trouble_ms(-1), minute);
	assert_int_equal(schedule_own_trouble_ms(0), minute);
	int asked = 0;
	for (; at < 30 * TIME_MS_PER_DAY; asked++)
		at += schedule_own_trouble_ms(at);
	assert_int_equal(asked, 11 + 29); /* doubling for a day, then each day */
	assert_int_equal(schedule_own_trouble_ms(INT64_MAX), TIME_MS_PER_DAY);
}

/* --- feasibility
 * ---------------------------------------------------------------------------- */

static void assert_infeasible(struct schedule_load load, const char *sentence)
{
	struct buffer out;
	buffer_init(&out, 256);
	assert_false(schedule_feasibility(&load, &out));
	assert_slice(buffer_slice(&out), sentence);
	buffer_fini(&out);
}

static void feasibility_is_one_sentence(void **state)
{
	(void)state;
	struct buffer out;
	struct schedule_load load = { .host = SLICE("github.com"),
		.links = 99360,
		.interval_ms = TIME_MS_PER_DAY,
		.request_interval_ms = 2000,
		.concurrency = 2 };
	assert_infeasible(
		load, "github.com needs 2.3 days at this pace, the interval is 1 day");
	load.interval_ms = 36 * TIME_MS_PER_HOUR;
	load.links = 64 * 43200;
	assert_infeasible(
		load, "github.com needs 64 days at this pace, the interval is 1.5 days");
	load.links = UINT64_MAX;
	buffer_init(&out, 256);
	assert_false(schedule_feasibility(&load, &out));
	buffer_reset(&out);
	load.links = 60000;
	assert_true(schedule_feasibility(&load, &out));
	assert_int_equal(out.len, 0);
	load.request_ms = 20000; /* two at a time: 6.9 days */
	assert_false(schedule_feasibility(&load, &out));
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_start_is_no_burst, prepare),
		cmocka_unit_test_setup(the_phase_is_stable, prepare),
		cmocka_unit_test_setup(planned_again_nothing_recedes, prepare),
		cmocka_unit_test_setup(the_goals_hold_for_every_link, prepare),
		cmocka_unit_test_setup(what_comes_and_goes_is_not_dead, prepare),
		cmocka_unit_test_setup(a_recheck_is_no_step, prepare),
		cmocka_unit_test_setup(what_hinders_may_pass, prepare),
		cmocka_unit_test_setup(due_times_are_sane, prepare),
		cmocka_unit_test_setup(one_in_ten_is_unconditional, prepare),
		cmocka_unit_test_setup(a_shorter_interval_reaches_who_waits, prepare),
		cmocka_unit_test_setup(
			a_stored_interval_does_not_outlive_its_limits, prepare),
		cmocka_unit_test_setup(
			a_clock_that_was_ahead_keeps_nobody_waiting, prepare),
		cmocka_unit_test_setup(growth_outlives_a_plan, prepare),
		cmocka_unit_test_setup(a_higher_ceiling_lets_it_grow_on, prepare),
		cmocka_unit_test_setup(own_trouble_backs_off, prepare),
		cmocka_unit_test_setup(feasibility_is_one_sentence, prepare),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
