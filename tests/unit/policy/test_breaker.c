#include "lib/test.h"

#include "policy/breaker.h"

static const struct breaker_limits limits = { .failures_max = 3,
	.pauses_ms = { TIME_MS_PER_HOUR, 4 * TIME_MS_PER_HOUR, TIME_MS_PER_DAY } };
static const struct breaker_limits strict = { .failures_max = 3,
	.counts_challenges = true,
	.pauses_ms = { TIME_MS_PER_HOUR, 4 * TIME_MS_PER_HOUR, TIME_MS_PER_DAY } };

static void what_a_check_says_of_the_host(void **state)
{
	(void)state;
	static const struct {
		enum reason failure;
		int status;
		bool challenge;
		enum breaker_event event, event_strict;
	} cases[] = {
		{ REASON_OK, 200, false, BREAKER_GOOD, BREAKER_GOOD },
		{ REASON_OK, 404, false, BREAKER_GOOD, BREAKER_GOOD },
		{ REASON_OK, 500, false, BREAKER_GOOD, BREAKER_GOOD },
		{ REASON_OK, 429, false, BREAKER_BAD, BREAKER_BAD },
		{ REASON_OK, 503, false, BREAKER_BAD, BREAKER_BAD },
		{ REASON_OK, 503, true, BREAKER_BAD, BREAKER_BAD },
		{ REASON_OK, 403, false, BREAKER_GOOD, BREAKER_BAD },
		{ REASON_OK, 403, true, BREAKER_GOOD, BREAKER_BAD },
		{ REASON_OK, 200, true, BREAKER_GOOD, BREAKER_BAD },
		{ REASON_REDIRECT_LOOP, 302, false, BREAKER_GOOD, BREAKER_GOOD },
		{ REASON_CONNECT_TIMEOUT, 0, false, BREAKER_BAD, BREAKER_BAD },
		{ REASON_CONNECT_REFUSED, 0, false, BREAKER_BAD, BREAKER_BAD },
		{ REASON_CONNECT_RESET, 0, false, BREAKER_BAD, BREAKER_BAD },
		{ REASON_NETWORK_UNREACHABLE, 0, false, BREAKER_BAD, BREAKER_BAD },
		{ REASON_TIMEOUT, 0, false, BREAKER_BAD, BREAKER_BAD },
		{ REASON_DNS_NXDOMAIN, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
		{ REASON_DNS_NO_ADDRESS, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
		{ REASON_DNS_SERVFAIL, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
		{ REASON_DNS_TIMEOUT, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
		{ REASON_TLS_EXPIRED, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
		{ REASON_TLS_HANDSHAKE, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
		{ REASON_ADDRESS_FORBIDDEN, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
		{ REASON_OFFLINE, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
		{ REASON_HTTP_MALFORMED, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
		{ REASON_RATE_LIMITED, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
		{ REASON_OK, 0, false, BREAKER_NEUTRAL, BREAKER_NEUTRAL },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (breaker_event_of(cases[i].failure, cases[i].status,
			    cases[i].challenge, &limits) != cases[i].event ||
			breaker_event_of(cases[i].failure, cases[i].status,
				cases[i].challenge, &strict) != cases[i].event_strict)
			fail_msg("%s %d", reason_text(cases[i].failure), cases[i].status);
}

/* t: connect_timeout, r: connect_refused (both bad), g: good, n: neutral. */
static time_ms play(struct breaker *breaker, const char *events)
{
	time_ms pause = 0;
	for (; *events != '\0'; events++) {
		enum breaker_event event = *events == 'g'   ? BREAKER_GOOD
					   : *events == 'n' ? BREAKER_NEUTRAL
							    : BREAKER_BAD;
		pause = breaker_note(breaker, event,
			*events == 'r' ? REASON_CONNECT_REFUSED : REASON_CONNECT_TIMEOUT,
			&limits);
	}
	return pause;
}

/* What the last event of each story gives. */
static void stories(void **state)
{
	(void)state;
	static const struct {
		const char *events;
		int hours;
	} cases[] = {
		{ "t", 0 }, { "tt", 0 }, { "ttt", 1 }, { "ttgtt", 0 }, { "ttgttt", 1 },
		{ "ttr", 0 }, /* another cause begins a new count */
		{ "ttrrr", 1 }, { "trtrtrtr", 0 },
		{ "tntnt", 1 },                /* neutral neither counts nor mends */
		{ "tttn", 0 }, { "tttt", 4 },  /* the probe failed */
		{ "tttnt", 4 }, { "tttr", 4 }, /* by whatever cause */
		{ "ttttt", 24 }, { "tttttt", 24 }, { "tttttttttttt", 24 }, { "ttttg", 0 },
		{ "ttttgtt", 0 }, { "ttttgttt", 1 }, /* closed: all is forgotten */
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct breaker breaker = { 0 };
		time_ms pause = play(&breaker, cases[i].events);
		if (pause != cases[i].hours * TIME_MS_PER_HOUR)
			fail_msg("%s: %d h", cases[i].events,
				(int)(pause / TIME_MS_PER_HOUR));
	}
}

static void limits_at_their_ends(void **state)
{
	(void)state;
	struct breaker_limits own = limits;
	struct breaker breaker = { 0 };

	own.failures_max = 0;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(
			breaker_note(&breaker, BREAKER_BAD, REASON_TIMEOUT, &own), 0);
	own.failures_max = 1;
	breaker = (struct breaker){ 0 };
	assert_true(breaker_note(&breaker, BREAKER_BAD, REASON_TIMEOUT, &own) > 0);

	/* Beyond what is counted it opens at the end of counting. */
	own.failures_max = 100000;
	breaker = (struct breaker){ 0 };
	int opened_at = 0;
	for (int i = 1; i <= 300 && opened_at == 0; i++)
		if (breaker_note(&breaker, BREAKER_BAD, REASON_TIMEOUT, &own) > 0)
			opened_at = i;
	assert_int_equal(opened_at, 255);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_check_says_of_the_host),
		cmocka_unit_test(stories),
		cmocka_unit_test(limits_at_their_ends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
