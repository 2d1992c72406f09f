#include "policy/breaker.h"

static bool is_failure_to_connect(enum reason failure)
{
	return failure == REASON_CONNECT_TIMEOUT || failure == REASON_CONNECT_REFUSED ||
	       failure == REASON_CONNECT_RESET || failure == REASON_TIMEOUT ||
	       failure == REASON_NETWORK_UNREACHABLE;
}

/* These end a chain whose last host has answered. */
static bool is_answered(enum reason failure)
{
	return failure == REASON_OK || failure == REASON_REDIRECT_LOOP ||
	       failure == REASON_REDIRECT_LIMIT || failure == REASON_REDIRECT_FORBIDDEN;
}

enum breaker_event breaker_event_of(enum reason failure, int http_status, bool challenge,
	const struct breaker_limits *limits)
{
	if (is_failure_to_connect(failure))
		return BREAKER_BAD;
	if (!is_answered(failure) || http_status == 0)
		return BREAKER_NEUTRAL;
	if (http_status == 429 || http_status == 503)
		return BREAKER_BAD;
	if (limits->counts_challenges && (challenge || http_status == 403))
		return BREAKER_BAD;
	return BREAKER_GOOD;
}

static time_ms open_breaker(struct breaker *breaker, const struct breaker_limits *limits)
{
	uint8_t pause =
		breaker->opened < BREAKER_PAUSES ? breaker->opened : BREAKER_PAUSES - 1;
	breaker->failures = 0;
	breaker->opened = (uint8_t)(pause + 1);
	return limits->pauses_ms[pause];
}

/* A wall shows itself as the one or the other. */
static bool is_same_cause(enum reason a, enum reason b)
{
	bool wall_a = a == REASON_FORBIDDEN || a == REASON_CHALLENGE;
	bool wall_b = b == REASON_FORBIDDEN || b == REASON_CHALLENGE;
	return a == b || (wall_a && wall_b);
}

static time_ms note_bad(
	struct breaker *breaker, enum reason cause, const struct breaker_limits *limits)
{
	if (limits->failures_max == 0)
		return 0;
	if (!is_same_cause(breaker->cause, cause))
		breaker->failures = 0;
	breaker->cause = cause;
	if (breaker->opened > 0)
		return open_breaker(breaker, limits);
	if (breaker->failures < UINT8_MAX)
		breaker->failures++;
	if (breaker->failures < limits->failures_max && breaker->failures < UINT8_MAX)
		return 0;
	return open_breaker(breaker, limits);
}

time_ms breaker_note(struct breaker *breaker, enum breaker_event event, enum reason cause,
	const struct breaker_limits *limits)
{
	switch (event) {
	case BREAKER_GOOD:
		*breaker = (struct breaker){ 0 };
		return 0;
	case BREAKER_BAD:
		return note_bad(breaker, cause, limits);
	case BREAKER_NEUTRAL:
		return 0;
	}
	return 0;
}
