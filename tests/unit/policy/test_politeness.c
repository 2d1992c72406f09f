#include "lib/test.h"

#include "base/random.h"
#include "policy/politeness.h"

/* Times in this file are milliseconds for the reader; the pacer counts microseconds. */
#define MS(ms) ((time_us)(ms)*1000)

static const struct slice host_a = { "a.example", 9 };
static const struct slice host_b = { "b.example", 9 };

static struct pacer *pacer_of(
	uint32_t total, uint32_t concurrency, time_us interval_us, uint32_t hosts_max)
{
	struct pacer_limits limits = { total, concurrency, interval_us, hosts_max };
	struct pacer *pacer = pacer_new(&limits);
	assert_non_null(pacer);
	return pacer;
}

static void wait_now(
	struct pacer *pacer, struct turn *turn, struct slice key, time_us now)
{
	assert_int_equal(pacer_wait(pacer, turn, key, now, now), 0);
}

static void end(struct pacer *pacer, struct turn *turns, uint32_t count, time_us now)
{
	for (uint32_t i = 0; i < count; i++)
		pacer_done(pacer, &turns[i], now);
	pacer_free(pacer);
}

static void interval_counts_from_sent(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(10, 5, MS(250), 10);
	struct turn turns[3] = { 0 };

	for (int i = 0; i < 3; i++)
		wait_now(pacer, &turns[i], host_a, 0);
	assert_ptr_equal(pacer_next(pacer, MS(0)), &turns[0]);
	/* Not sent yet: however long that takes, nobody else may leave. */
	assert_null(pacer_next(pacer, MS(900)));
	assert_int_equal(pacer_deadline(pacer, MS(900)), INT64_MAX);
	pacer_sent(pacer, &turns[0], MS(1000));
	assert_int_equal(pacer_deadline(pacer, MS(1000)), MS(1250));
	assert_null(pacer_next(pacer, MS(1250) - 1));
	assert_ptr_equal(pacer_next(pacer, MS(1250)), &turns[1]);
	/* Answered before the interval is over: that shortens nothing. */
	pacer_sent(pacer, &turns[1], MS(1250));
	pacer_done(pacer, &turns[1], MS(1260));
	assert_null(pacer_next(pacer, MS(1499)));
	assert_ptr_equal(pacer_next(pacer, MS(1500)), &turns[2]);
	end(pacer, turns, 3, MS(1500));
}

static void a_request_sent_twice_counts_twice(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(10, 5, MS(250), 10);
	struct turn turns[2] = { 0 };

	for (int i = 0; i < 2; i++)
		wait_now(pacer, &turns[i], host_a, 0);
	assert_ptr_equal(pacer_next(pacer, 0), &turns[0]);
	pacer_sent(pacer, &turns[0], MS(0));
	pacer_sent(pacer, &turns[0], MS(200));
	assert_int_equal(pacer_deadline(pacer, MS(200)), MS(450));
	assert_null(pacer_next(pacer, MS(449)));
	assert_ptr_equal(pacer_next(pacer, MS(450)), &turns[1]);
	end(pacer, turns, 2, MS(450));
}

static void a_failed_connection_counts_from_its_grant(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(10, 1, MS(250), 10);
	struct turn turns[2] = { 0 };

	for (int i = 0; i < 2; i++)
		wait_now(pacer, &turns[i], host_a, 0);
	assert_ptr_equal(pacer_next(pacer, MS(100)), &turns[0]);
	pacer_done(pacer, &turns[0], MS(150));
	assert_int_equal(pacer_deadline(pacer, MS(150)), MS(350));
	assert_null(pacer_next(pacer, MS(349)));
	assert_ptr_equal(pacer_next(pacer, MS(350)), &turns[1]);
	end(pacer, turns, 2, MS(350));
}

static void a_withdrawn_turn_is_no_start(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(1, 1, MS(250), 10);
	struct turn turns[3] = { 0 };

	for (int i = 0; i < 3; i++)
		wait_now(pacer, &turns[i], host_a, 0);
	assert_ptr_equal(pacer_next(pacer, MS(100)), &turns[0]);
	pacer_withdraw(pacer, &turns[0], MS(100));
	/* Nothing was asked, so the next one need not wait, nor does it lack a place. */
	assert_ptr_equal(pacer_next(pacer, MS(100)), &turns[1]);
	pacer_sent(pacer, &turns[1], MS(110));
	pacer_done(pacer, &turns[1], MS(120));
	assert_int_equal(pacer_deadline(pacer, MS(120)), MS(360));
	end(pacer, turns, 3, MS(120));
}

static void the_longest_of_a_hosts_wishes_holds(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(10, 5, MS(250), 10);
	struct turn turns[4] = { 0 };

	assert_int_equal(pacer_slow_host(pacer, host_a, MS(1000), MS(5000), 0), 0);
	assert_int_equal(pacer_slow_host(pacer, host_a, MS(20), MS(9000), 0), 0);
	for (int i = 0; i < 4; i++)
		wait_now(pacer, &turns[i], i < 2 ? host_a : host_b, 0);
	assert_non_null(pacer_next(pacer, 0));
	assert_non_null(pacer_next(pacer, 0));
	pacer_sent(pacer, &turns[0], 0);
	pacer_sent(pacer, &turns[2], 0);
	assert_ptr_equal(pacer_next(pacer, MS(250)), &turns[3]);
	/* One at a time, and not before its interval. */
	assert_null(pacer_next(pacer, MS(1000)));
	pacer_done(pacer, &turns[0], MS(1000));
	assert_ptr_equal(pacer_next(pacer, MS(1000)), &turns[1]);
	end(pacer, turns, 4, MS(1000));
}

/* A minute of more haste than that does not make a wish of days forgotten. */
static void a_longer_wish_for_a_moment(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(10, 2, MS(250), 1);
	struct turn turns[3] = { 0 };

	assert_int_equal(pacer_slow_host(pacer, host_a, MS(1000), MS(90000), 0), 0);
	assert_int_equal(pacer_slow_host(pacer, host_a, MS(3000), MS(5000), 0), 0);
	for (int i = 0; i < 3; i++)
		wait_now(pacer, &turns[i], host_a, 0);
	assert_ptr_equal(pacer_next(pacer, 0), &turns[0]);
	pacer_sent(pacer, &turns[0], 0);
	pacer_done(pacer, &turns[0], 0);
	assert_null(pacer_next(pacer, MS(2999)));
	assert_ptr_equal(pacer_next(pacer, MS(6000)), &turns[1]);
	pacer_sent(pacer, &turns[1], MS(6000));
	pacer_done(pacer, &turns[1], MS(6000));
	assert_null(pacer_next(pacer, MS(6999)));
	assert_ptr_equal(pacer_next(pacer, MS(7000)), &turns[2]);
	end(pacer, turns, 3, MS(7000));
}

/* A robots.txt that wished for a delay may do so no longer. */
static void a_wish_ends(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(10, 2, MS(250), 1);
	struct turn turns[4] = { 0 };

	assert_int_equal(pacer_slow_host(pacer, host_a, MS(1000), MS(5000), 0), 0);
	/* Others come and go, and it is not forgotten over them. */
	for (int i = 0; i < 3; i++) {
		char name[] = { (char)('p' + i), '\0' };
		wait_now(pacer, &turns[0], slice_of(name), MS(3000));
		assert_ptr_equal(pacer_next(pacer, MS(3000)), &turns[0]);
		pacer_withdraw(pacer, &turns[0], MS(3000));
	}
	for (int i = 0; i < 4; i++)
		wait_now(pacer, &turns[i], host_a, MS(4000));
	assert_ptr_equal(pacer_next(pacer, MS(4000)), &turns[0]);
	pacer_sent(pacer, &turns[0], MS(4000));
	assert_null(pacer_next(pacer, MS(4900)));
	pacer_done(pacer, &turns[0], MS(4950));
	assert_int_equal(pacer_deadline(pacer, MS(4950)), MS(5000));
	assert_ptr_equal(pacer_next(pacer, MS(5000)), &turns[1]);
	pacer_sent(pacer, &turns[1], MS(5000));
	/* Two at a time again, each after the general interval. */
	assert_null(pacer_next(pacer, MS(5249)));
	assert_ptr_equal(pacer_next(pacer, MS(5250)), &turns[2]);
	/* A shorter wish is heard now. */
	assert_int_equal(pacer_slow_host(pacer, host_a, MS(500), MS(9000), MS(5300)), 0);
	pacer_sent(pacer, &turns[2], MS(5300));
	pacer_done(pacer, &turns[1], MS(5400));
	pacer_done(pacer, &turns[2], MS(5400));
	assert_int_equal(pacer_deadline(pacer, MS(5400)), MS(5800));
	assert_ptr_equal(pacer_next(pacer, MS(5800)), &turns[3]);
	end(pacer, turns, 4, MS(5800));
}

static void without_interval_only_concurrency_counts(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(10, 2, 0, 10);
	struct turn turns[3] = { 0 };

	for (int i = 0; i < 3; i++)
		wait_now(pacer, &turns[i], host_a, 0);
	assert_ptr_equal(pacer_next(pacer, 0), &turns[0]);
	assert_ptr_equal(pacer_next(pacer, 0), &turns[1]);
	assert_null(pacer_next(pacer, MS(100)));
	assert_int_equal(pacer_deadline(pacer, MS(100)), INT64_MAX);
	pacer_done(pacer, &turns[1], MS(100));
	assert_int_equal(pacer_deadline(pacer, MS(100)), MS(100));
	assert_ptr_equal(pacer_next(pacer, MS(100)), &turns[2]);
	end(pacer, turns, 3, MS(100));
}

static void waiting_holds_no_place_in_the_total(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(2, 1, MS(250), 10);
	struct turn turns[4] = { 0 };

	for (int i = 0; i < 3; i++)
		wait_now(pacer, &turns[i], host_a, 0);
	wait_now(pacer, &turns[3], host_b, 0);
	pacer_pause(pacer, host_a, MS(5000), 0);
	assert_ptr_equal(pacer_next(pacer, 0), &turns[3]);
	assert_null(pacer_next(pacer, 0));
	assert_int_equal(pacer_deadline(pacer, 0), MS(5000));
	end(pacer, turns, 4, 0);
}

static void the_total_binds(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(1, 2, 0, 10);
	struct turn turns[2] = { 0 };

	wait_now(pacer, &turns[0], host_a, 0);
	wait_now(pacer, &turns[1], host_b, 0);
	assert_ptr_equal(pacer_next(pacer, 0), &turns[0]);
	assert_null(pacer_next(pacer, 0));
	assert_int_equal(pacer_deadline(pacer, 0), INT64_MAX);
	pacer_done(pacer, &turns[0], MS(1));
	assert_ptr_equal(pacer_next(pacer, MS(1)), &turns[1]);
	end(pacer, turns, 2, MS(1));
}

static void a_pause_only_lengthens(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(2, 2, 0, 10);
	struct turn turn = { 0 };

	pacer_pause(pacer, host_a, MS(3000), 0); /* before the host is known */
	wait_now(pacer, &turn, host_a, 0);
	pacer_pause(pacer, host_a, MS(2000), 0);
	assert_int_equal(pacer_deadline(pacer, 0), MS(3000));
	pacer_pause(pacer, host_a, MS(4000), 0);
	pacer_pause(pacer, host_b, MS(1000), 0);
	assert_int_equal(pacer_paused_hosts(pacer, 0), 2);
	assert_int_equal(pacer_paused_hosts(pacer, MS(3999)), 1);
	assert_null(pacer_next(pacer, MS(3999)));
	assert_ptr_equal(pacer_next(pacer, MS(4000)), &turn);
	assert_int_equal(pacer_paused_hosts(pacer, MS(4000)), 0); /* its pace is none */
	end(pacer, &turn, 1, MS(4000));
}

static void a_delayed_turn_lets_others_pass(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(4, 4, MS(10), 10);
	struct turn turns[3] = { 0 };

	assert_int_equal(pacer_wait(pacer, &turns[0], host_a, MS(100), 0), 0);
	assert_int_equal(pacer_deadline(pacer, 0), MS(100));
	wait_now(pacer, &turns[1], host_a, MS(50));
	assert_int_equal(pacer_deadline(pacer, MS(50)), MS(50));
	assert_ptr_equal(pacer_next(pacer, MS(50)), &turns[1]);
	pacer_sent(pacer, &turns[1], MS(50));
	assert_null(pacer_next(pacer, MS(99)));
	/* Its time has come before the third one came: it is first. */
	wait_now(pacer, &turns[2], host_a, MS(120));
	assert_ptr_equal(pacer_next(pacer, MS(120)), &turns[0]);
	pacer_sent(pacer, &turns[0], MS(120));
	assert_ptr_equal(pacer_next(pacer, MS(130)), &turns[2]);
	end(pacer, turns, 3, MS(130));
}

/* The delayed turn's time comes while its host is paused: waking up then would be in
 * vain. */
static void the_deadline_sees_through_a_delay(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(4, 4, 0, 10);
	struct turn turns[2] = { 0 };

	assert_int_equal(pacer_wait(pacer, &turns[0], host_a, MS(100), 0), 0);
	pacer_pause(pacer, host_a, MS(700), 0);
	assert_int_equal(pacer_deadline(pacer, 0), MS(700));
	wait_now(pacer, &turns[1], host_a, MS(10));
	assert_int_equal(pacer_deadline(pacer, MS(10)), MS(700));
	pacer_done(pacer, &turns[1], MS(20));
	assert_int_equal(pacer_deadline(pacer, MS(20)), MS(700));
	assert_ptr_equal(pacer_next(pacer, MS(700)), &turns[0]);
	end(pacer, turns, 2, MS(700));
}

static void the_longest_ready_host_comes_first(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(1, 1, 0, 10);
	struct turn turns[5] = { 0 };

	for (int i = 0; i < 4; i++)
		wait_now(pacer, &turns[i], host_a, MS(i));
	wait_now(pacer, &turns[4], host_b, MS(10));
	assert_ptr_equal(pacer_next(pacer, MS(20)), &turns[0]);
	pacer_done(pacer, &turns[0], MS(30));
	assert_ptr_equal(pacer_next(pacer, MS(30)), &turns[4]);
	pacer_done(pacer, &turns[4], MS(40));
	assert_ptr_equal(pacer_next(pacer, MS(40)), &turns[1]);
	end(pacer, turns, 5, MS(40));
}

static void a_turn_can_leave_the_line(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(4, 1, 0, 10);
	struct turn turns[3] = { 0 };

	wait_now(pacer, &turns[0], host_a, 0);
	wait_now(pacer, &turns[1], host_a, 0);
	assert_int_equal(pacer_wait(pacer, &turns[2], host_a, MS(50), 0), 0);
	assert_int_equal(pacer_waiting(&turns[0]), 3);
	pacer_done(pacer, &turns[0], 0);
	assert_int_equal(turns[0].state, TURN_NONE);
	assert_int_equal(pacer_waiting(&turns[0]), 0);
	assert_int_equal(pacer_waiting(&turns[1]), 2);
	pacer_done(pacer, &turns[1], 0);
	assert_int_equal(pacer_deadline(pacer, 0), MS(50));
	pacer_done(pacer, &turns[2], 0);
	assert_int_equal(pacer_deadline(pacer, 0), INT64_MAX);
	pacer_done(pacer, &turns[2], 0); /* harmless */
	wait_now(pacer, &turns[0], host_a, MS(1));
	assert_ptr_equal(pacer_next(pacer, MS(1)), &turns[0]);
	end(pacer, turns, 3, MS(1));
}

static void a_host_may_have_its_own_limits(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(9, 3, MS(10), 0);
	struct turn turns[3] = { 0 };

	assert_int_equal(pacer_set_host(pacer, host_a, 1, MS(1000)), 0);
	for (int i = 0; i < 3; i++)
		wait_now(pacer, &turns[i], host_a, 0);
	assert_ptr_equal(pacer_next(pacer, 0), &turns[0]);
	pacer_sent(pacer, &turns[0], 0);
	assert_null(pacer_next(pacer, MS(1000)));
	pacer_done(pacer, &turns[0], MS(1100));
	assert_ptr_equal(pacer_next(pacer, MS(1100)), &turns[1]);
	pacer_sent(pacer, &turns[1], MS(1100));
	/* A longer interval learned after a start holds for that start already. */
	assert_int_equal(pacer_set_host(pacer, host_a, 2, MS(5000)), 0);
	assert_int_equal(pacer_deadline(pacer, MS(1100)), MS(6100));
	end(pacer, turns, 3, MS(1200));
}

/* Own limits are kept although the host is idle and hosts_max is 0. */
static void own_limits_are_not_forgotten(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(9, 3, 0, 0);
	struct turn turns[2] = { 0 };

	assert_int_equal(pacer_set_host(pacer, host_a, 1, 0), 0);
	wait_now(pacer, &turns[0], host_a, 0);
	assert_ptr_equal(pacer_next(pacer, 0), &turns[0]);
	pacer_done(pacer, &turns[0], 0);
	wait_now(pacer, &turns[0], host_b, MS(100000));
	pacer_done(pacer, &turns[0], MS(100000));
	for (int i = 0; i < 2; i++)
		wait_now(pacer, &turns[i], host_a, MS(100000));
	assert_non_null(pacer_next(pacer, MS(100000)));
	assert_null(pacer_next(pacer, MS(100000)));
	end(pacer, turns, 2, MS(100000));
}

static void forgetting_keeps_the_promise(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(9, 3, MS(250), 0);
	struct turn turn = { 0 };

	wait_now(pacer, &turn, host_a, 0);
	assert_ptr_equal(pacer_next(pacer, 0), &turn);
	pacer_sent(pacer, &turn, 0);
	pacer_done(pacer, &turn, MS(5));
	pacer_pause(pacer, host_b, MS(10000), MS(5));
	wait_now(pacer, &turn, host_a, MS(6));
	assert_int_equal(pacer_deadline(pacer, MS(6)), MS(250));
	pacer_done(pacer, &turn, MS(7));
	wait_now(pacer, &turn, host_b, MS(400));
	assert_int_equal(pacer_deadline(pacer, MS(400)), MS(10000));
	end(pacer, &turn, 1, MS(400));
}

static void busy_hosts_come_longest_line_first(void **state)
{
	(void)state;
	struct pacer *pacer = pacer_of(2, 1, 0, 10);
	struct turn turns[6] = { 0 };
	struct pacer_view views[3];

	assert_int_equal(pacer_busy_hosts(pacer, views, 3), 0);
	wait_now(pacer, &turns[0], host_a, 0);
	for (int i = 1; i < 4; i++)
		wait_now(pacer, &turns[i], host_b, 0);
	for (int i = 4; i < 6; i++)
		wait_now(pacer, &turns[i], SLICE("c.example"), 0);
	assert_ptr_equal(pacer_next(pacer, 0), &turns[0]);
	assert_ptr_equal(pacer_next(pacer, 0), &turns[1]);

	pacer_pause(pacer, host_b, MS(70), 0);
	assert_int_equal(pacer_busy_hosts(pacer, views, 3), 3);
	assert_slice(views[2].key, "a.example");
	assert_int_equal(views[2].waiting, 0);
	assert_int_equal(views[2].active, 1);
	assert_int_equal(views[0].waiting, 2);
	assert_int_equal(views[1].waiting, 2);
	const struct pacer_view *b = views[0].key.at[0] == 'b' ? &views[0] : &views[1];
	assert_slice(b->key, "b.example");
	assert_int_equal(b->active, 1);
	assert_int_equal(b->ready_at, MS(70));
	pacer_done(pacer, &turns[4], 0);
	assert_int_equal(pacer_busy_hosts(pacer, views, 1), 1);
	assert_slice(views[0].key, "b.example");
	assert_int_equal(pacer_busy_hosts(pacer, views, 0), 0);
	end(pacer, turns, 6, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interval_counts_from_sent),
		cmocka_unit_test(a_request_sent_twice_counts_twice),
		cmocka_unit_test(a_failed_connection_counts_from_its_grant),
		cmocka_unit_test(a_withdrawn_turn_is_no_start),
		cmocka_unit_test(the_longest_of_a_hosts_wishes_holds),
		cmocka_unit_test(a_longer_wish_for_a_moment),
		cmocka_unit_test(a_wish_ends),
		cmocka_unit_test(without_interval_only_concurrency_counts),
		cmocka_unit_test(waiting_holds_no_place_in_the_total),
		cmocka_unit_test(the_total_binds),
		cmocka_unit_test(a_pause_only_lengthens),
		cmocka_unit_test(a_delayed_turn_lets_others_pass),
		cmocka_unit_test(the_deadline_sees_through_a_delay),
		cmocka_unit_test(the_longest_ready_host_comes_first),
		cmocka_unit_test(a_turn_can_leave_the_line),
		cmocka_unit_test(a_host_may_have_its_own_limits),
		cmocka_unit_test(own_limits_are_not_forgotten),
		cmocka_unit_test(forgetting_keeps_the_promise),
		cmocka_unit_test(busy_hosts_come_longest_line_first),
	};
	return cmocka_run_group_tests_name("politeness", tests, NULL, NULL);
}
