#include "lib/test.h"

#include <malloc.h>
#include <time.h>

#include "base/hash.h"
#include "base/random.h"
#include "watch/schedule.h"

static struct schedule_queue *queue;

static int prepare(void **state)
{
	(void)state;
	queue = schedule_queue_new(0);
	return queue == NULL ? -1 : 0;
}

static int clean(void **state)
{
	(void)state;
	schedule_queue_free(queue);
	return 0;
}

static void set(int64_t link, time_ms due_at, time_ms interval_ms, bool urgent)
{
	assert_int_equal(schedule_queue_set(queue, link, due_at, interval_ms, urgent), 0);
}

static int64_t pick(time_ms now)
{
	struct schedule_pick picked;
	return schedule_queue_pick(queue, now, &picked) ? picked.link_id : 0;
}

static void leaves_when_due(void **state)
{
	(void)state;
	assert_true(schedule_queue_deadline(queue) == INT64_MAX);
	set(7, 3000, 60000, false);
	set(5, 1000, 60000, false);
	set(6, 2000, 60000, true);
	assert_int_equal(schedule_queue_deadline(queue), 1000);
	assert_int_equal(pick(999), 0);
	assert_int_equal(pick(1000), 5);
	assert_int_equal(pick(1000), 0);
	set(7, 1500, 60000, false); /* earlier than it was */
	assert_int_equal(schedule_queue_count(queue), 2);
	assert_int_equal(pick(1600), 7);
	schedule_queue_remove(queue, 6);
	schedule_queue_remove(queue, 6);
	schedule_queue_remove(queue, 99);
	assert_int_equal(schedule_queue_count(queue), 0);
	assert_true(schedule_queue_deadline(queue) == INT64_MAX);
}

/* Twice as late in proportion goes first, though it has been due for a shorter time. */
static void the_latest_in_proportion_goes_first(void **state)
{
	(void)state;
	set(1, 0, 30 * TIME_MS_PER_DAY, false);
	set(2, 10 * TIME_MS_PER_HOUR, TIME_MS_PER_DAY, false);
	set(3, 5 * TIME_MS_PER_HOUR, 7 * TIME_MS_PER_DAY, false);
	time_ms now = 20 * TIME_MS_PER_HOUR;
	assert_int_equal(pick(now), 2);
	assert_int_equal(pick(now), 3);
	assert_int_equal(pick(now), 1);
}

static void urgent_ones_go_before_but_not_for_ever(void **state)
{
	(void)state;
	for (int64_t i = 1; i <= 100; i++)
		set(i, 1000, TIME_MS_PER_DAY, false);
	for (int64_t i = 101; i <= 200; i++)
		set(i, 2000, TIME_MS_PER_HOUR, true);
	int urgent = 0, in_a_row = 0, routine = 0;
	for (int i = 0; i < 80; i++) {
		bool is_urgent = pick(TIME_MS_PER_DAY) > 100;
		in_a_row = is_urgent ? in_a_row + 1 : 0;
		assert_true(in_a_row <= 7);
		urgent += is_urgent;
		routine += !is_urgent;
	}
	assert_int_equal(urgent, 70);
	assert_int_equal(routine, 10);
}

/* Three intervals, and time for half of the checks: all are late alike. */
static void degrades_evenly(void **state)
{
	(void)state;
	enum { LINKS = 3000, ROUNDS = 60000 };
	static const time_ms intervals[] = { TIME_MS_PER_DAY, 3 * TIME_MS_PER_DAY,
		9 * TIME_MS_PER_DAY };
	/* Due 1000 + 333 + 111 a day; done 722 a day. */
	const time_ms step = TIME_MS_PER_DAY / 722;
	double late[3] = { 0 };
	uint32_t count[3] = { 0 };
	struct schedule_pick picked;
	for (int64_t i = 0; i < LINKS; i++)
		set(i + 1, (time_ms)(hash_mix((uint64_t)i) % (uint64_t)intervals[i % 3]),
			intervals[i % 3], false);
	for (int i = 0; i < ROUNDS; i++) {
		time_ms now = (i + 1) * step;
		if (!schedule_queue_pick(queue, now, &picked))
			continue;
		int kind = (int)((picked.link_id - 1) % 3);
		if (i > ROUNDS / 2) {
			late[kind] += (double)(now - picked.due_at) /
				      (double)picked.interval_ms;
			count[kind]++;
		}
		set(picked.link_id, now + intervals[kind], intervals[kind], false);
	}
	for (int kind = 0; kind < 3; kind++) {
		assert_true(count[kind] > 0);
		assert_true(late[kind] / count[kind] > 0.9);
		assert_true(late[kind] / count[kind] < 1.15);
	}
}

/* Against an array: as long as nobody is late, strictly by due time. */
static void agrees_with_a_simple_model(void **state)
{
	(void)state;
	enum { LINKS = 300, STEPS = 200000 };
	time_ms due[LINKS + 1] = { 0 };
	struct random random;
	struct schedule_pick picked;
	time_ms now = 1;
	size_t count = 0;
	random_init(&random, 3);
	for (int i = 0; i < STEPS; i++) {
		/* Ids far apart, so that the table has to work. */
		int64_t link = 1 + (int64_t)random_below(&random, LINKS);
		int64_t id = link * INT64_C(1000003);
		switch (random_below(&random, 4)) {
		case 0:
		case 1:
			count += due[link] == 0;
			/* No two at the same time: which goes first is no promise. */
			due[link] =
				(now / 512 + 1 + (time_ms)random_below(&random, 5000)) *
					512 +
				link;
			set(id, due[link], TIME_MS_PER_HOUR, false);
			break;
		case 2:
			count -= due[link] != 0;
			due[link] = 0;
			schedule_queue_remove(queue, id);
			break;
		default: {
			time_ms least = INT64_MAX;
			for (int k = 1; k <= LINKS; k++)
				if (due[k] != 0 && due[k] < least)
					least = due[k];
			assert_int_equal(schedule_queue_deadline(queue), least);
			if (least == INT64_MAX)
				break;
			assert_false(schedule_queue_pick(queue, least - 1, &picked));
			assert_true(schedule_queue_pick(queue, least, &picked));
			assert_int_equal(picked.due_at, least);
			link = picked.link_id / INT64_C(1000003);
			assert_int_equal(due[link], least);
			due[link] = 0;
			count--;
			now = least;
		}
		}
		assert_int_equal(schedule_queue_count(queue), count);
	}
}

static double seconds_since(const struct timespec *from)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - from->tv_sec) +
	       (double)(now.tv_nsec - from->tv_nsec) / 1e9;
}

/* Figures are printed, and held to several times the goals: machines differ and are busy.
 */
static void a_million_links(void **state)
{
	(void)state;
	enum { LINKS = 1000000 };
	struct schedule_pick picked;
	struct timespec from;
	struct mallinfo2 before = mallinfo2();
	struct schedule_queue *large = schedule_queue_new(LINKS);
	assert_non_null(large);
	struct mallinfo2 after = mallinfo2();
	size_t bytes = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int64_t i = 1; i <= LINKS; i++)
		assert_true(schedule_queue_set(large, i,
				    (time_ms)(hash_mix((uint64_t)i) % 604800000),
				    7 * TIME_MS_PER_DAY, false) == 0);
	double fill = seconds_since(&from);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int i = 0; i < LINKS; i++) {
		time_ms now = schedule_queue_deadline(large);
		if (!schedule_queue_pick(large, now, &picked) ||
			schedule_queue_set(large, picked.link_id,
				now + picked.interval_ms, picked.interval_ms, false) < 0)
			fail();
	}
	double turn = seconds_since(&from);
	print_message("score: queue of %d links: %.1f MB, filled in %.2f s, pick and set "
		      "%.2f us\n",
		LINKS, (double)bytes / 1e6, fill, turn * 1e6 / LINKS);
	assert_true(bytes < 50000000);
	assert_true(fill < 4);
	assert_true(turn * 1e6 / LINKS < 4);
	schedule_queue_free(large);
}

/* --- after an absence
 * ------------------------------------------------------------------------ */

static const time_ms start = INT64_C(1767225600000);

enum { WEEK_LINKS = 100000 };

static void set_week(time_ms late_min)
{
	for (int64_t i = 1; i <= WEEK_LINKS; i++)
		set(i,
			start - late_min -
				(time_ms)(hash_mix((uint64_t)i) %
					  (uint64_t)TIME_MS_PER_DAY),
			7 * TIME_MS_PER_DAY, false);
}

static time_ms due_of(int64_t link)
{
	struct schedule_pick found;
	assert_true(schedule_queue_find(queue, link, &found));
	return found.due_at;
}

/* A second each, and the latest first. */
static void waking_is_no_burst(void **state)
{
	(void)state;
	set_week(13 * TIME_MS_PER_DAY);
	schedule_queue_catch_up(queue, TIME_MS_PER_DAY, start);
	time_ms before = 0, due_before = INT64_MIN;
	for (int i = 0; i < WEEK_LINKS; i++) {
		struct schedule_pick picked;
		time_ms at = schedule_queue_deadline(queue);
		time_ms hashed = 0;
		assert_true(schedule_queue_pick(queue, at, &picked));
		hashed = -(time_ms)(hash_mix((uint64_t)picked.link_id) %
				    (uint64_t)TIME_MS_PER_DAY);
		assert_true(hashed >= due_before);
		if (before != 0)
			assert_in_range(at - before, 999, 1001);
		before = at;
		due_before = hashed;
	}
	assert_in_range(before - start, (WEEK_LINKS - 1) * INT64_C(1000),
		WEEK_LINKS * INT64_C(1000));
}

/* Late by no more than an hour, or a tenth: asked at once. Urgent: within the hour. */
static void a_little_late_is_not_missed(void **state)
{
	(void)state;
	set(1, start - TIME_MS_PER_HOUR, 7 * TIME_MS_PER_DAY, false);
	set(2, start - TIME_MS_PER_HOUR / 10, TIME_MS_PER_HOUR, false);
	set(3, start + 5, TIME_MS_PER_HOUR, false);
	for (int64_t i = 10; i < 10000; i++)
		set(i, start - 20 * TIME_MS_PER_DAY, TIME_MS_PER_HOUR, true);
	schedule_queue_catch_up(queue, TIME_MS_PER_DAY, start);
	assert_int_equal(due_of(1), start - TIME_MS_PER_HOUR);
	assert_int_equal(due_of(2), start - TIME_MS_PER_HOUR / 10);
	assert_int_equal(due_of(3), start + 5);
	assert_int_equal(schedule_queue_overdue(queue), 2);
	for (int64_t i = 10; i < 10000; i++)
		assert_in_range(due_of(i) - start, 1, TIME_MS_PER_HOUR);
}

/* The rhythm of what is asked often is not that of what waits beside it. */
static void no_line_is_pressed_into_another(void **state)
{
	(void)state;
	for (int64_t i = 1; i <= 1000; i++)
		set(i, start - 12 * TIME_MS_PER_DAY, TIME_MS_PER_HOUR, false);
	for (int64_t i = 1001; i <= 50000; i++)
		set(i, start - 12 * TIME_MS_PER_DAY - i, 7 * TIME_MS_PER_DAY, false);
	schedule_queue_catch_up(queue, TIME_MS_PER_DAY, start);
	for (int64_t i = 1; i <= 1000; i++)
		assert_in_range(due_of(i) - start, (i - 1) * 900, (i - 1) * 900 + 1);
}

/* A machine of which only so much is told: up for `up_ms` each `day_ms`, from the true
 * due times each time. How many days until each link was asked once, all of them late. */
static uint32_t days_until_all_asked(
	int64_t links, time_ms interval_ms, time_ms up_ms, bool is_new)
{
	uint32_t asked = 0, day = 0;
	bool *was_asked = calloc((size_t)links + 1, sizeof(*was_asked));
	assert_non_null(was_asked);
	for (; asked < links; day++) {
		time_ms now = start + day * TIME_MS_PER_DAY, end = now + up_ms;
		struct schedule_pick picked;
		assert_true(day < 100);
		for (int64_t i = 1; i <= links; i++)
			set(i,
				was_asked[i] ? end + TIME_MS_PER_DAY
				: is_new     ? 0
					     : start - 12 * TIME_MS_PER_DAY - i,
				interval_ms, is_new);
		schedule_queue_catch_up(queue, TIME_MS_PER_DAY, now);
		while (schedule_queue_pick(queue, end, &picked)) {
			was_asked[picked.link_id] = true;
			asked++;
		}
		for (int64_t i = 1; i <= links; i++)
			schedule_queue_remove(queue, i);
	}
	free(was_asked);
	return day;
}

static void nobody_is_passed_over(void **state)
{
	(void)state;
	const time_ms hour = TIME_MS_PER_HOUR, week = 7 * TIME_MS_PER_DAY;
	assert_int_equal(days_until_all_asked(40, week, 10 * hour, false), 1);
	assert_int_equal(days_until_all_asked(100000, week, 10 * hour, false), 3);
	assert_in_range(days_until_all_asked(1000000, week, 10 * hour, false), 4, 6);
	assert_in_range(days_until_all_asked(20000, week, hour, false), 5, 6);
	assert_int_equal(days_until_all_asked(1000, week, 10 * hour, true), 3);
	assert_int_equal(days_until_all_asked(1000, 10 * hour, 10 * hour, true), 1);
	assert_in_range(days_until_all_asked(40, week, 2 * hour, true), 10, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(leaves_when_due, prepare, clean),
		cmocka_unit_test_setup_teardown(
			the_latest_in_proportion_goes_first, prepare, clean),
		cmocka_unit_test_setup_teardown(
			urgent_ones_go_before_but_not_for_ever, prepare, clean),
		cmocka_unit_test_setup_teardown(degrades_evenly, prepare, clean),
		cmocka_unit_test_setup_teardown(
			agrees_with_a_simple_model, prepare, clean),
		cmocka_unit_test(a_million_links),
		cmocka_unit_test_setup_teardown(waking_is_no_burst, prepare, clean),
		cmocka_unit_test_setup_teardown(
			a_little_late_is_not_missed, prepare, clean),
		cmocka_unit_test_setup_teardown(
			no_line_is_pressed_into_another, prepare, clean),
		cmocka_unit_test_setup_teardown(nobody_is_passed_over, prepare, clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
