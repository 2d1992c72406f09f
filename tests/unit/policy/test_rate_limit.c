#include "lib/test.h"

#include "policy/rate_limit.h"

#define WALL INT64_C(1795404601000) /* 2026-11-23T03:30:01Z */
#define WEEK INT64_C(604800000)

enum { FIELDS_MAX = 4 };

struct answer {
	const char *fields[FIELDS_MAX][2];
	time_ms pause;
};

/* The fields in both orders: the most restrictive value does not depend on it. */
static time_ms pause_of(const struct answer *answer, bool backwards)
{
	struct rate_limit limit = { 0 };
	for (size_t i = 0; i < FIELDS_MAX; i++) {
		size_t at = backwards ? FIELDS_MAX - 1 - i : i;
		const char *name = answer->fields[at][0];
		if (name != NULL && !rate_limit_field(&limit, slice_of(name),
					    slice_of(answer->fields[at][1])))
			fail_msg("%s is not ours", name);
	}
	return rate_limit_pause(&limit, WALL);
}

static void check(const struct answer *answers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (int backwards = 0; backwards < 2; backwards++) {
			time_ms pause = pause_of(&answers[i], backwards != 0);
			if (pause != answers[i].pause)
				fail_msg("%zu: %s: %s: %lld is not %lld", i,
					answers[i].fields[0][0], answers[i].fields[0][1],
					(long long)pause, (long long)answers[i].pause);
		}
}

#define CHECK(answers) check((answers), sizeof(answers) / sizeof((answers)[0]))

#define ANSWER(remaining, reset, pause)                                                  \
	{                                                                                \
		{ { "RateLimit-Remaining", remaining }, { "RateLimit-Reset", reset } },  \
			pause                                                            \
	}

static void names(void **state)
{
	(void)state;
	static const char *const ours[] = { "RateLimit", "ratelimit",
		"RateLimit-Remaining", "RATELIMIT-RESET", "x-ratelimit-remaining",
		"X-RateLimit-Reset", "X-Rate-Limit-Remaining", "x-rate-limit-reset" };
	static const char *const others[] = { "", "R", "X", "X-", "RateLimi",
		"Retry-After", "Referrer-Policy", "X-Content-Type-Options",
		"X-Frame-Options", "RateLimit-Policy", "RateLimit-Limit",
		"X-RateLimit-Limit", "X-RateLimit", "X-RateLimit-Used",
		"X-RateLimit-Reset-After", "RateLimit-Resets", "Rate-Limit-Reset",
		"XRateLimit-Reset", "Y-RateLimit-Reset", "X-RateLimit-Resource",
		"X-Rate-Limit-Interval", "X-X-RateLimit-Reset",
		"RateLimit-Remaining-Minute", "SateLimit-Reset" };
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		struct rate_limit limit = { 0 };
		if (!rate_limit_field(&limit, slice_of(ours[i]), SLICE("0")))
			fail_msg("%s", ours[i]);
		assert_int_equal(rate_limit_pause(&limit, WALL), 0);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct rate_limit limit = { 0 };
		if (rate_limit_field(&limit, slice_of(others[i]), SLICE("0")))
			fail_msg("%s", others[i]);
		assert_false(limit.remaining_seen || limit.reset_seen || limit.exhausted);
	}
}

static void both_are_needed(void **state)
{
	(void)state;
	static const struct answer answers[] = {
		{ { { NULL } }, 0 },
		{ { { "RateLimit-Remaining", "0" } }, 0 },
		{ { { "RateLimit-Reset", "30" } }, 0 },
		ANSWER("0", "30", 30000),
		ANSWER("1", "30", 0),
		ANSWER("100", "30", 0),
		ANSWER(" 0\t", " 30 ", 30000),
		ANSWER("000", "030", 30000),
		{ { { "X-RateLimit-Remaining", "0" }, { "X-RateLimit-Reset", "30" } },
			30000 },
		{ { { "X-Rate-Limit-Remaining", "0" }, { "X-Rate-Limit-Reset", "30" } },
			30000 },
	};
	CHECK(answers);
}

static void resets(void **state)
{
	(void)state;
	static const struct answer answers[] = {
		/* seconds from now */
		ANSWER("0", "0", 1000),
		ANSWER("0", "1", 1000),
		ANSWER("0", "1.0", 1000),
		ANSWER("0", "1.001", 2000),
		ANSWER("0", "604800", WEEK),
		ANSWER("0", "604801", WEEK),
		ANSWER("0", "99999999", WEEK),
		/* seconds since 1970: half a minute ahead, past, long past, far ahead */
		ANSWER("0", "1795404631", 30000),
		ANSWER("0", "1795404630.5", 30000),
		ANSWER("0", "1795404601", 1000),
		ANSWER("0", "1795404000", 1000),
		ANSWER("0", "100000000", 1000),
		ANSWER("0", "1800000000", WEEK),
		ANSWER("0", "99999999999", WEEK),
		/* milliseconds since 1970 */
		ANSWER("0", "1795404631500", 30500),
		ANSWER("0", "100000000000", 1000),
		ANSWER("0", "1795404000000", 1000),
		ANSWER("0", "9223372036854775807", WEEK),
		ANSWER("0", "9223372036854775808", WEEK),
		ANSWER("0", "99999999999999999999999999999", WEEK),
		ANSWER("0", "9223372036854775807.9", WEEK),
		/* dates */
		ANSWER("0", "Mon, 23 Nov 2026 03:30:31 GMT", 30000),
		ANSWER("0", "Monday, 23-Nov-26 03:30:31 GMT", 30000),
		ANSWER("0", "Mon Nov 23 03:30:31 2026", 30000),
		ANSWER("0", "Sun, 06 Nov 1994 08:49:37 GMT", 1000),
		ANSWER("0", "Mon, 23 Nov 2099 03:30:31 GMT", WEEK),
	};
	CHECK(answers);
}

static void senseless_values(void **state)
{
	(void)state;
	static const struct answer answers[] = {
		ANSWER("", "30", 0),
		ANSWER("-1", "30", 0),
		ANSWER("+0", "30", 0),
		ANSWER("none", "30", 0),
		ANSWER("0x0", "30", 0),
		ANSWER("0 0", "30", 0),
		ANSWER(".0", "30", 0),
		ANSWER("0.", "30", 0),
		ANSWER("0.0.0", "30", 0),
		ANSWER("0e0", "30", 0),
		ANSWER("99999999999999999999999999999", "30", 0),
		/* less than one request is none */
		ANSWER("0.9", "30", 30000),
		ANSWER("1.1", "30", 0),
		ANSWER("0", "", 0),
		ANSWER("0", "-30", 0),
		ANSWER("0", "soon", 0),
		ANSWER("0", "30s", 0),
		ANSWER("0", "1.2e3", 0),
		ANSWER("0", "2026-11-23T03:30:31Z", 0),
		ANSWER("0", "Mon, 23 Nov 2026 03:30:31 CET", 0),
	};
	CHECK(answers);
}

static void the_most_restrictive_counts(void **state)
{
	(void)state;
	static const struct answer answers[] = {
		ANSWER("0, 0", "10, 30", 30000),
		ANSWER("0,5", "30", 30000),
		ANSWER("5, 0", "30", 30000),
		ANSWER("5, 1", "30", 0),
		ANSWER("-1, 0, x", "x, 30,", 30000),
		{ { { "RateLimit-Remaining", "5" }, { "RateLimit-Reset", "10" },
			  { "X-RateLimit-Remaining", "0" },
			  { "X-RateLimit-Reset", "1795404631" } },
			30000 },
		{ { { "RateLimit-Remaining", "0" }, { "RateLimit-Reset", "60" },
			  { "X-RateLimit-Remaining", "0" },
			  { "X-RateLimit-Reset", "1795404631" } },
			60000 },
		/* a policy's reset is not another's */
		{ { { "RateLimit", "\"a\";r=0;t=30" }, { "RateLimit-Remaining", "5" },
			  { "RateLimit-Reset", "3600" } },
			30000 },
		{ { { "RateLimit", "\"a\";r=0;t=30" }, { "RateLimit-Remaining", "0" },
			  { "RateLimit-Reset", "3600" } },
			3600000 },
	};
	CHECK(answers);
}

static void policies(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		time_ms pause;
	} cases[] = {
		/* draft 07 */
		{ "limit=100, remaining=0, reset=50", 50000 },
		{ "reset=50,remaining=0", 50000 },
		{ "Limit=100;w=60 , Remaining = 0 , Reset = 50", 50000 },
		{ "limit=100, remaining=1, reset=50", 0 },
		{ "limit=100, remaining=0", 0 },
		{ "reset=50", 0 },
		{ "remaining=0, reset=99999999999999999999", WEEK },
		{ "remaining=-1, reset=50", 0 },
		/* draft 08 and later */
		{ "\"default\";r=0;t=30", 30000 },
		{ "\"default\";t=30;r=0", 30000 },
		{ "\"default\"; r=0; t=30; pk=:Y2Q=:", 30000 },
		{ "default;r=0;t=30;", 30000 },
		{ "\"default\";r=50;t=30", 0 },
		{ "\"default\";r=0", 0 },
		{ "\"default\";t=30", 0 },
		{ "\"default\";r=0;t=0", 1000 },
		{ "\"a\";r=0;t=30, \"b\";r=0;t=60", 60000 },
		{ "\"a\";r=0;t=60,\"b\";r=0;t=30", 60000 },
		{ "\"a\";r=0;t=30, \"day\";r=5;t=80000", 30000 },
		{ "\"day\";r=5;t=80000, \"a\";r=0;t=30", 30000 },
		{ "\"a\";r=0, \"b\";t=30", 0 },
		{ "\"a,b;r=0;t=9\";r=0;t=30", 30000 },
		{ "\"a\\\"b;r=0;t=9\";r=1;t=30", 0 },
		{ "\"a\\\"b\";r=0;t=30", 30000 },
		{ "\"a;r=0;t=30", 0 },
		{ "\"a\\", 0 },
		{ "", 0 },
		{ ",;,=;=,\"", 0 },
		{ "0", 0 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rate_limit limit = { 0 };
		assert_true(rate_limit_field(
			&limit, SLICE("RateLimit"), slice_of(cases[i].value)));
		if (rate_limit_pause(&limit, WALL) != cases[i].pause)
			fail_msg("%s", cases[i].value);
	}
}

static void what_was_seen(void **state)
{
	(void)state;
	struct rate_limit limit = { 0 };
	assert_true(
		rate_limit_field(&limit, SLICE("X-RateLimit-Remaining"), SLICE("59")));
	assert_true(limit.remaining_seen && !limit.reset_seen);
	assert_int_equal(limit.remaining, 59);
	assert_true(rate_limit_field(&limit, SLICE("X-RateLimit-Reset"), SLICE("12")));
	assert_true(limit.reset_seen);
	assert_int_equal(limit.reset, 12);
	assert_int_equal(limit.reset_wall, 0);
	assert_true(rate_limit_field(
		&limit, SLICE("X-RateLimit-Reset"), SLICE("1795404631")));
	assert_int_equal(limit.reset_wall, WALL + 30000);

	/* A clock that is far off, ours or theirs, has no effect beyond the limits. */
	limit.remaining = 0;
	assert_int_equal(rate_limit_pause(&limit, INT64_MIN), WEEK);
	assert_int_equal(rate_limit_pause(&limit, INT64_MAX), 12000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(both_are_needed),
		cmocka_unit_test(resets),
		cmocka_unit_test(senseless_values),
		cmocka_unit_test(the_most_restrictive_counts),
		cmocka_unit_test(policies),
		cmocka_unit_test(what_was_seen),
	};
	return cmocka_run_group_tests_name("rate_limit", tests, NULL, NULL);
}
