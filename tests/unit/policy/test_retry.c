#include "lib/test.h"

#include "base/http_date.h"
#include "policy/retry.h"

static const struct retry_limits limits = { .retries_max = 2,
	.delay_ms = 1000,
	.delay_ms_max = 8000,
	.retry_after_ms_max = 30000 };

static struct retry_decision decide(struct retry_attempt attempt)
{
	struct random random;
	random_init(&random, 7);
	return retry_decide(&attempt, &limits, &random);
}

static struct retry_attempt failed(enum reason failure)
{
	return (struct retry_attempt){ .failure = failure, .retry_after_ms = -1 };
}

static struct retry_attempt answered(int status)
{
	return (struct retry_attempt){ .status = status, .retry_after_ms = -1 };
}

static void by_failure(void **state)
{
	(void)state;
	static const enum reason again[] = { REASON_DNS_TIMEOUT, REASON_DNS_SERVFAIL,
		REASON_CONNECT_REFUSED, REASON_CONNECT_TIMEOUT, REASON_CONNECT_RESET,
		REASON_NETWORK_UNREACHABLE, REASON_TIMEOUT, REASON_TLS_HANDSHAKE,
		REASON_HTTP_MALFORMED };
	static const enum reason final[] = { REASON_DNS_NXDOMAIN, REASON_DNS_NO_ADDRESS,
		REASON_TLS_EXPIRED, REASON_TLS_NOT_YET_VALID, REASON_TLS_SELF_SIGNED,
		REASON_TLS_UNTRUSTED, REASON_TLS_HOSTNAME, REASON_REDIRECT_LOOP,
		REASON_REDIRECT_LIMIT, REASON_REDIRECT_FORBIDDEN,
		REASON_ADDRESS_FORBIDDEN, REASON_BAD_URL, REASON_OFFLINE };

	for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++) {
		struct retry_decision decision = decide(failed(again[i]));
		if (!decision.again || !decision.counts || decision.delay_ms < 800 ||
			decision.delay_ms > 1200)
			fail_msg("%s", reason_text(again[i]));
		struct retry_attempt last = failed(again[i]);
		last.retries = limits.retries_max;
		assert_false(decide(last).again);
	}
	for (size_t i = 0; i < sizeof(final) / sizeof(final[0]); i++)
		if (decide(failed(final[i])).again)
			fail_msg("%s", reason_text(final[i]));
}

/* A look is no retry: it comes after them, and only where it can tell something. */
static void looks_once_at_what_it_cannot_agree_with(void **state)
{
	(void)state;
	struct retry_attempt attempt = failed(REASON_TLS_HANDSHAKE);
	attempt.look_helps = true;
	assert_false(decide(attempt).look);
	attempt.retries = limits.retries_max;
	struct retry_decision decision = decide(attempt);
	assert_true(decision.again && decision.look && decision.fresh_connection);
	assert_false(decision.counts);
	assert_int_equal(decision.delay_ms, 0);
	attempt.look_helps = false;
	assert_false(decide(attempt).again);
	static const enum reason others[] = { REASON_CONNECT_RESET,
		REASON_CONNECT_TIMEOUT, REASON_TLS_EXPIRED, REASON_TIMEOUT };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		attempt = failed(others[i]);
		attempt.look_helps = true;
		attempt.retries = limits.retries_max;
		assert_false(decide(attempt).again || decide(attempt).look);
	}
}

static void by_status(void **state)
{
	(void)state;
	static const int again[] = { 408, 421, 425, 429, 500, 502, 503, 504 };
	for (int status = 100; status < 1000; status++) {
		bool expected = false;
		for (size_t i = 0; i < sizeof(again) / sizeof(again[0]); i++)
			expected |= status == again[i];
		expected |= status >= 506 && status <= 599;
		struct retry_attempt attempt = answered(status);
		struct retry_decision decision = decide(attempt);
		if (decision.again != expected || decision.counts != expected)
			fail_msg("%d", status);
		attempt.retries = limits.retries_max;
		assert_false(decide(attempt).again);
	}
	assert_true(decide(answered(421)).fresh_connection);
	assert_int_equal(decide(answered(421)).delay_ms, 0);
	assert_false(decide(answered(503)).fresh_connection);
}

static void head_is_never_the_last_word(void **state)
{
	(void)state;
	static const int statuses[] = { 300, 301, 302, 308, 304, 400, 401, 403, 404, 405,
		410, 429, 500, 501, 503, 505, 999 };
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct retry_attempt attempt = answered(statuses[i]);
		attempt.method = METHOD_HEAD;
		attempt.retries = limits.retries_max;
		struct retry_decision decision = decide(attempt);
		assert_true(decision.again);
		assert_false(decision.counts);
		assert_int_equal(decision.method, METHOD_GET);
	}
	static const int good[] = { 200, 204, 206 };
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct retry_attempt attempt = answered(good[i]);
		attempt.method = METHOD_HEAD;
		assert_false(decide(attempt).again);
	}
	static const enum reason failures[] = { REASON_TIMEOUT, REASON_CONNECT_RESET,
		REASON_HTTP_MALFORMED };
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		struct retry_attempt attempt = failed(failures[i]);
		attempt.method = METHOD_HEAD;
		attempt.retries = limits.retries_max;
		struct retry_decision decision = decide(attempt);
		assert_true(decision.again);
		assert_int_equal(decision.method, METHOD_GET);
	}
	struct retry_attempt name = failed(REASON_DNS_NXDOMAIN);
	name.method = METHOD_HEAD;
	assert_false(decide(name).again);

	/* A limit is the host's wish whatever the method. */
	struct retry_attempt limited = answered(429);
	limited.method = METHOD_HEAD;
	limited.retry_after_ms = 5000;
	assert_int_equal(decide(limited).delay_ms, 5000);
	limited.retry_after_ms = 60000;
	assert_false(decide(limited).again);
}

static void asked_differently_at_once(void **state)
{
	(void)state;
	struct retry_attempt attempt = failed(REASON_HTTP_MALFORMED);
	attempt.http2 = attempt.protocol_error = true;
	attempt.retries = limits.retries_max;
	struct retry_decision decision = decide(attempt);
	assert_true(decision.again && decision.http1_only && !decision.counts);
	assert_int_equal(decision.delay_ms, 0);
	attempt.http2 = false;
	assert_false(decide(attempt).again);

	attempt = failed(REASON_CONNECT_RESET);
	attempt.reused_connection = true;
	attempt.retries = limits.retries_max;
	decision = decide(attempt);
	assert_true(decision.again && decision.fresh_connection && !decision.counts);
	assert_false(decision.switch_family);
	assert_int_equal(decision.delay_ms, 0);

	attempt.failure = REASON_HTTP_MALFORMED;
	assert_true(decide(attempt).fresh_connection && !decide(attempt).counts);
	attempt.failure = REASON_TIMEOUT;
	assert_false(decide(attempt).again);

	static const enum reason family[] = { REASON_CONNECT_REFUSED,
		REASON_CONNECT_TIMEOUT, REASON_CONNECT_RESET, REASON_NETWORK_UNREACHABLE,
		REASON_TLS_HANDSHAKE, REASON_TIMEOUT };
	for (size_t i = 0; i < sizeof(family) / sizeof(family[0]); i++) {
		attempt = failed(family[i]);
		attempt.other_family = true;
		attempt.retries = limits.retries_max;
		decision = decide(attempt);
		assert_true(decision.again && decision.switch_family && !decision.counts);
	}
	attempt = failed(REASON_DNS_TIMEOUT);
	attempt.other_family = attempt.reused_connection = true;
	assert_true(decide(attempt).counts);
	attempt = failed(REASON_TLS_EXPIRED);
	attempt.other_family = true;
	assert_false(decide(attempt).again);
}

static void retry_after(void **state)
{
	(void)state;
	static const int statuses[] = { 403, 408, 421, 425, 429, 500, 502, 503, 504, 520,
		530 };
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct retry_attempt attempt = answered(statuses[i]);
		attempt.retry_after_ms = 30000;
		struct retry_decision decision = decide(attempt);
		assert_true(decision.again && decision.counts);
		assert_int_equal(decision.delay_ms, 30000);
		assert_int_equal(decision.host_pause_ms, 30000);

		attempt.retry_after_ms = 30001;
		decision = decide(attempt);
		assert_false(decision.again);
		assert_int_equal(decision.host_pause_ms, 30001);

		attempt.retry_after_ms = INT64_MAX;
		assert_int_equal(decide(attempt).host_pause_ms, 7 * TIME_MS_PER_DAY);

		attempt.retry_after_ms = 0;
		assert_int_equal(decide(attempt).delay_ms, 1000);
	}
	struct retry_attempt attempt = answered(429);
	attempt.retries = limits.retries_max;
	struct retry_decision decision = decide(attempt);
	assert_false(decision.again);
	assert_in_range(decision.host_pause_ms, 3200, 4800);
	assert_int_equal(decide(answered(503)).host_pause_ms, 0);

	static const int silent[] = { 200, 206, 304, 400, 401, 404, 410, 451 };
	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		attempt = answered(silent[i]);
		attempt.retry_after_ms = 5000;
		assert_int_equal(decide(attempt).host_pause_ms, 0);
	}
	/* Before a redirect is followed; its target may be anywhere. */
	for (int status = 301; status <= 303; status++) {
		attempt = answered(status);
		attempt.retry_after_ms = 5000;
		assert_int_equal(decide(attempt).host_pause_ms, 5000);
		attempt.retry_after_ms = 3600000;
		assert_int_equal(decide(attempt).host_pause_ms, 30000);
		assert_false(decide(attempt).again);
	}
	attempt = failed(REASON_TIMEOUT);
	attempt.status = 429; /* of the hop before: means nothing here */
	attempt.retry_after_ms = 5000;
	assert_int_equal(decide(attempt).host_pause_ms, 0);
}

static void backoff_doubles_with_jitter(void **state)
{
	(void)state;
	struct retry_limits patient = limits;
	struct random random;
	time_ms lowest = INT64_MAX, highest = 0;

	patient.retries_max = UINT32_MAX;
	random_init(&random, 1);
	for (int i = 0; i < 1000; i++) {
		struct retry_attempt attempt = failed(REASON_TIMEOUT);
		time_ms delay = retry_decide(&attempt, &patient, &random).delay_ms;
		lowest = delay < lowest ? delay : lowest;
		highest = delay > highest ? delay : highest;
		attempt.retries = 2;
		assert_in_range(
			retry_decide(&attempt, &patient, &random).delay_ms, 3200, 4800);
		attempt.retries = UINT32_MAX - 1;
		assert_in_range(
			retry_decide(&attempt, &patient, &random).delay_ms, 6400, 9600);
	}
	assert_in_range(lowest, 800, 820);
	assert_in_range(highest, 1180, 1200);
}

#define WALL INT64_C(1795404601000) /* 2026-11-23 03:30:01 */

static void dates(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		time_ms wall;
	} good[] = {
		{ "Sun, 06 Nov 1994 08:49:37 GMT", INT64_C(784111777000) },
		{ "Sunday, 06-Nov-94 08:49:37 GMT", INT64_C(784111777000) },
		{ "Sun Nov  6 08:49:37 1994", INT64_C(784111777000) },
		{ "Sun Nov 16 08:49:37 1994", INT64_C(784975777000) },
		{ " Mon, 23 Nov 2026 03:30:01 GMT\t", WALL },
		{ "Monday, 23-Nov-26 03:30:01 GMT", WALL },
		{ "Tue, 29 Feb 2028 00:00:00 GMT", INT64_C(1835395200000) },
		{ "Sat, 31 Dec 2016 23:59:60 GMT", INT64_C(1483228800000) },
		/* 49 years and some days ahead; 50 years and some days ahead */
		{ "Wednesday, 01-Jan-76 00:00:00 GMT", INT64_C(3345062400000) },
		{ "Saturday, 01-Jan-77 00:00:00 GMT", INT64_C(220924800000) },
		{ "Friday, 01-Jan-99 00:00:00 GMT", INT64_C(915148800000) },
		{ "Tuesday, 29-Feb-00 00:00:00 GMT", INT64_C(951782400000) },
	};
	static const char *const bad[] = { "", "now", "Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
		"Sun, 31 Nov 1994 08:49:37 GMT", "Tue, 29 Feb 2027 00:00:00 GMT",
		"Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
		"Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49:37 GMTx",
		"Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
		"Sun Nov 06 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT",
		"Sun, 06 Nov -994 08:49:37 GMT", "Sunday, 29-Feb-27 00:00:00 GMT",
		"1994-11-06T08:49:37Z" };
	time_ms wall;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!http_date_parse(slice_of(good[i].text), WALL, &wall))
			fail_msg("%s", good[i].text);
		assert_int_equal(wall, good[i].wall);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (http_date_parse(slice_of(bad[i]), WALL, &wall))
			fail_msg("%s", bad[i]);
}

static void retry_after_values(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		time_ms after;
	} cases[] = { { "120", 120000 }, { " 5 ", 5000 }, { "0", 1000 }, { "1", 1000 },
		{ "604800", INT64_C(604800000) }, { "604801", INT64_C(604800000) },
		{ "99999999999999999999999999", INT64_C(604800000) },
		{ "Mon, 23 Nov 2026 03:30:31 GMT", 30000 },
		{ "Monday, 23-Nov-26 03:30:31 GMT", 30000 },
		{ "Mon Nov 23 03:30:31 2026", 30000 },
		{ "Mon, 23 Nov 2020 03:30:31 GMT", 1000 },
		{ "Mon, 23 Nov 2099 03:30:31 GMT", INT64_C(604800000) }, { "", -1 },
		{ "-5", -1 }, { "+5", -1 }, { "1.5", -1 }, { "5s", -1 }, { "soon", -1 },
		{ "5, 5", -1 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (retry_after_parse(slice_of(cases[i].text), WALL) != cases[i].after)
			fail_msg("\"%s\"", cases[i].text);
}

/* A budget that is used up makes the host rest whatever the answer was; Retry-After goes
 * before it where both speak of the same refusal. */
static void a_used_up_budget_is_a_wish(void **state)
{
	const struct retry_limits patient = { 2, 1000, 30000, 30000 };
	struct random random;
	static const struct {
		int status;
		time_ms retry_after_ms, rate_limit_ms;
		time_ms pause_ms;
		bool again;
	} cases[] = {
		{ 200, -1, 5000, 5000, false },
		{ 200, -1, 3600000, 3600000, false },
		{ 404, -1, 5000, 5000, false },
		{ 429, -1, 5000, 5000, true },
		{ 429, -1, 3600000, 3600000, false },
		{ 429, 2000, 5000, 2000, true },
		{ 429, 2000, 3600000, 2000, true },
		{ 503, 9000, 5000, 9000, true },
		{ 200, 2000, 5000, 5000, false },
		{ 302, -1, 3600000, 3600000, false },
		{ 200, -1, 0, 0, false },
	};
	(void)state;
	random_init(&random, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct retry_attempt attempt = {
			.status = cases[i].status,
			.retry_after_ms = cases[i].retry_after_ms,
			.rate_limit_ms = cases[i].rate_limit_ms,
		};
		struct retry_decision decision =
			retry_decide(&attempt, &patient, &random);
		if (decision.again != cases[i].again ||
			decision.host_pause_ms != cases[i].pause_ms)
			fail_msg("case %zu: again %d, pause %lld", i, decision.again,
				(long long)decision.host_pause_ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_used_up_budget_is_a_wish),
		cmocka_unit_test(by_failure),
		cmocka_unit_test(looks_once_at_what_it_cannot_agree_with),
		cmocka_unit_test(by_status),
		cmocka_unit_test(head_is_never_the_last_word),
		cmocka_unit_test(asked_differently_at_once),
		cmocka_unit_test(retry_after),
		cmocka_unit_test(backoff_doubles_with_jitter),
		cmocka_unit_test(dates),
		cmocka_unit_test(retry_after_values),
	};
	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
