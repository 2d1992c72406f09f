#include "lib/test.h"

#include "message/retry.h"

#define NOW INT64_C(1795404601000)

static struct retry_next after(
	enum retry_class class, uint32_t attempts, time_ms retry_after_ms)
{
	struct random random;
	const struct retry_state state = { .attempts = attempts, .created_at = NOW };
	random_init(&random, 5);
	return retry_after_attempt(class, retry_after_ms, &state, NOW, &random);
}

static void by_http_status(void **state)
{
	(void)state;
	static const int refused[] = { 413, 414, 415, 422 };
	static const int temporary[] = { 408, 409, 421, 423, 425, 429 };
	for (int status = 0; status < 700; status++) {
		enum retry_class expected =
			status >= 300 && status < 500 ? RETRY_OPERATOR : RETRY_TEMPORARY;
		if (status >= 200 && status < 300)
			expected = RETRY_DONE;
		for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
			expected = status == refused[i] ? RETRY_REFUSED : expected;
		for (size_t i = 0; i < sizeof(temporary) / sizeof(temporary[0]); i++)
			expected = status == temporary[i] ? RETRY_TEMPORARY : expected;
		expected = status == 400 ? RETRY_UNCLEAR : expected;
		if (retry_class_of_http(status, -1) != expected)
			fail_msg("%d", status);
	}
	assert_int_equal(retry_class_of_http(403, 60000), RETRY_TEMPORARY);
	assert_int_equal(retry_class_of_http(200, 60000), RETRY_DONE);
	assert_int_equal(retry_class_of_http(413, 60000), RETRY_REFUSED);
}

static void by_smtp_reply(void **state)
{
	(void)state;
	static const struct {
		enum retry_smtp_stage stage;
		int reply;
		enum retry_class class;
	} cases[] = { { RETRY_SMTP_DATA, 250, RETRY_DONE },
		{ RETRY_SMTP_DATA, 354, RETRY_DONE },
		{ RETRY_SMTP_DATA, 451, RETRY_TEMPORARY },
		{ RETRY_SMTP_DATA, 552, RETRY_REFUSED },
		{ RETRY_SMTP_DATA, 554, RETRY_REFUSED },
		{ RETRY_SMTP_ENVELOPE, 450, RETRY_TEMPORARY },
		{ RETRY_SMTP_ENVELOPE, 550, RETRY_OPERATOR },
		{ RETRY_SMTP_LOGIN, 535, RETRY_OPERATOR },
		{ RETRY_SMTP_LOGIN, 454, RETRY_TEMPORARY },
		{ RETRY_SMTP_CONNECT, 554, RETRY_OPERATOR },
		{ RETRY_SMTP_CONNECT, 421, RETRY_TEMPORARY },
		{ RETRY_SMTP_CONNECT, 0, RETRY_TEMPORARY },
		{ RETRY_SMTP_DATA, 999, RETRY_TEMPORARY } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (retry_class_of_smtp(cases[i].stage, cases[i].reply) != cases[i].class)
			fail_msg("case %zu", i);
}

static void by_exit_status(void **state)
{
	(void)state;
	assert_int_equal(retry_class_of_exit(0), RETRY_DONE);
	assert_int_equal(retry_class_of_exit(75), RETRY_TEMPORARY); /* EX_TEMPFAIL */
	assert_int_equal(retry_class_of_exit(1), RETRY_TEMPORARY);
	assert_int_equal(retry_class_of_exit(-1), RETRY_TEMPORARY);
	assert_int_equal(retry_class_of_exit(65), RETRY_REFUSED);
	assert_int_equal(retry_class_of_exit(67), RETRY_OPERATOR);
	assert_int_equal(retry_class_of_exit(78), RETRY_OPERATOR);
	assert_int_equal(retry_class_of_exit(127), RETRY_OPERATOR);
}

/* A minute, doubling to an hour; with up to a fifth on top. */
static void waits_double(void **state)
{
	(void)state;
	static const time_ms minutes[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	for (uint32_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
		time_ms wait = after(RETRY_TEMPORARY, i + 1, -1).due_at - NOW;
		assert_in_range(wait, minutes[i] * 60000, minutes[i] * 72000);
	}
	assert_in_range(
		after(RETRY_TEMPORARY, UINT32_MAX, -1).due_at - NOW, 3600000, 4320000);
	assert_in_range(after(RETRY_OPERATOR, 1, -1).due_at - NOW, 3600000, 4320000);
	assert_in_range(after(RETRY_OPERATOR, 1000, -1).due_at - NOW, TIME_MS_PER_DAY,
		TIME_MS_PER_DAY * 6 / 5);
	assert_true(after(RETRY_TEMPORARY, 1, -1).blocks);
}

static void a_wish_makes_it_longer_only(void **state)
{
	(void)state;
	assert_int_equal(after(RETRY_TEMPORARY, 1, 7200000).due_at, NOW + 7200000);
	assert_in_range(
		after(RETRY_TEMPORARY, 5, 1000).due_at - NOW, 16 * 60000, 20 * 60000);
	assert_int_equal(
		after(RETRY_TEMPORARY, 1, INT64_MAX).due_at, NOW + TIME_MS_PER_DAY);
}

static void ends(void **state)
{
	(void)state;
	assert_true(after(RETRY_DONE, 1, -1).done);
	assert_false(after(RETRY_DONE, 1, -1).blocks);
	assert_true(after(RETRY_REFUSED, 1, -1).failed);
	assert_true(after(RETRY_REFUSED, 1, -1).tell);
	assert_false(after(RETRY_REFUSED, 1, -1).blocks);
}

/* Mattermost's word for a deleted hook, Telegram's for a chat that is gone, and anybody's
 * for what he cannot read: the operator has a long weekend, then others have their turn.
 */
static void what_is_unclear_waits_first(void **state)
{
	(void)state;
	struct random random;
	struct retry_state row = { .created_at = NOW };
	struct retry_next next = { 0 };
	time_ms now = NOW;
	random_init(&random, 1);
	while (!next.failed) {
		enum retry_class class = retry_class_of_http(400, -1);
		row.attempts++;
		next = retry_after_attempt(class, -1, &row, now, &random);
		assert_false(next.done);
		assert_true(next.failed || next.blocks);
		/* It is said at once, and at the end. */
		assert_true((row.attempts > 1 && !next.failed) || next.tell);
		row.told_at = next.tell ? now : row.told_at;
		now = next.failed ? now : next.due_at;
	}
	assert_in_range(now - NOW, 3 * TIME_MS_PER_DAY, 5 * TIME_MS_PER_DAY);
	assert_in_range(row.attempts, 6, 10);
	/* Many attempts within an hour's outage are not it, nor is a week without one. */
	row.attempts = 40;
	assert_false(retry_after_attempt(
		RETRY_UNCLEAR, -1, &row, NOW + TIME_MS_PER_HOUR, &random)
			     .failed);
	row.attempts = 1;
	assert_false(retry_after_attempt(
		RETRY_UNCLEAR, -1, &row, NOW + 7 * TIME_MS_PER_DAY, &random)
			     .failed);
}

/* A year of failures: tried all the time, told every two days, never dropped. */
static void a_year_of_failures(void **state)
{
	(void)state;
	struct random random;
	struct retry_state row = { .created_at = NOW };
	uint32_t told = 0;
	time_ms now = NOW;
	random_init(&random, 1);
	while (now < NOW + 365 * TIME_MS_PER_DAY) {
		row.attempts++;
		struct retry_next next =
			retry_after_attempt(RETRY_TEMPORARY, -1, &row, now, &random);
		assert_false(next.done || next.failed);
		assert_true(next.due_at > now);
		if (next.tell) {
			row.told_at = now;
			told++;
		}
		now = next.due_at;
	}
	assert_in_range(row.attempts, 365 * 20, 365 * 24 + 10);
	assert_in_range(told, 170, 183);
	/* What needs the operator is said at once. */
	assert_true(after(RETRY_OPERATOR, 1, -1).tell);
	assert_false(after(RETRY_TEMPORARY, 1, -1).tell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_http_status),
		cmocka_unit_test(by_smtp_reply),
		cmocka_unit_test(by_exit_status),
		cmocka_unit_test(waits_double),
		cmocka_unit_test(a_wish_makes_it_longer_only),
		cmocka_unit_test(ends),
		cmocka_unit_test(what_is_unclear_waits_first),
		cmocka_unit_test(a_year_of_failures),
	};
	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
