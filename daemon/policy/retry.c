#include "policy/retry.h"

#include "base/http_date.h"

enum { DAYS_MAX = 7, JITTER_PERCENT = 20, DOUBLINGS_MAX = 20 };

static const time_ms retry_after_max = DAYS_MAX * TIME_MS_PER_DAY;

static time_ms clamp(time_ms value, time_ms low, time_ms high)
{
	return value < low ? low : value > high ? high : value;
}

static time_ms backoff(const struct retry_attempt *attempt,
	const struct retry_limits *limits, struct random *random)
{
	uint32_t doublings =
		attempt->retries < DOUBLINGS_MAX ? attempt->retries : DOUBLINGS_MAX;
	time_ms delay = clamp(limits->delay_ms, 0, limits->delay_ms_max);

	for (uint32_t i = 0; i < doublings && delay < limits->delay_ms_max; i++)
		delay = clamp(delay * 2, 0, limits->delay_ms_max);
	time_ms spread = delay * JITTER_PERCENT / 100;
	return delay - spread + (time_ms)random_below(random, (uint64_t)spread * 2 + 1);
}

/* Whatever proves nothing is worth a second look, and so is a handshake: its failures are
 * often a fault of one address or of one overloaded front end. */
static bool is_passing(enum reason failure)
{
	return reason_outcome(failure) == OUTCOME_UNREACHABLE ||
	       failure == REASON_TLS_HANDSHAKE;
}

static bool is_dns(enum reason failure)
{
	return failure == REASON_DNS_SERVFAIL || failure == REASON_DNS_TIMEOUT;
}

/* Of the 500s all but those that say that it never will be otherwise. */
static bool is_trouble(int status)
{
	switch (status) {
	case 408:
	case 421:
	case 425:
	case 429:
		return true;
	case 501:
	case 505:
		return false;
	default:
		return status >= 500 && status <= 599;
	}
}

/* A refusal that says when it ends is one of haste (GitHub's second limit). */
static bool is_worth_waiting(const struct retry_attempt *attempt)
{
	return is_trouble(attempt->status) ||
	       (attempt->status == 403 && attempt->retry_after_ms >= 0);
}

static bool is_redirect(int status)
{
	return status >= 300 && status < 400 && status != 304;
}

/* HEAD may be sent where GET is not, to a login above all. */
static bool is_success(const struct retry_attempt *attempt)
{
	int status = attempt->status;
	return (status >= 200 && status < 300) ||
	       (is_redirect(status) && attempt->method != METHOD_HEAD);
}

/* The failures that a server may have chosen because it was asked with HEAD; those of
 * names, connections and certificates came before it knew. */
static bool is_about_method(const struct retry_attempt *attempt)
{
	if (attempt->failure == REASON_OK)
		return !is_success(attempt);
	return attempt->failure == REASON_TIMEOUT ||
	       attempt->failure == REASON_CONNECT_RESET ||
	       attempt->failure == REASON_HTTP_MALFORMED;
}

static bool connection_died(const struct retry_attempt *attempt)
{
	return attempt->reused_connection &&
	       (attempt->failure == REASON_CONNECT_RESET ||
		       attempt->failure == REASON_HTTP_MALFORMED);
}

/* Another way to ask the same, at once. Not counted, so each must happen only once or
 * twice a hop: the first two take away their own condition, and the caller offers
 * other_family only until it has been taken. */
static bool ask_differently(
	const struct retry_attempt *attempt, struct retry_decision *decision)
{
	if (attempt->failure == REASON_OK || !is_passing(attempt->failure) ||
		is_dns(attempt->failure))
		return false;
	if (attempt->http2 && attempt->protocol_error)
		decision->http1_only = decision->fresh_connection = true;
	else if (connection_died(attempt))
		decision->fresh_connection = true;
	else if (attempt->other_family)
		decision->switch_family = decision->fresh_connection = true;
	else
		return false;
	decision->again = true;
	return true;
}

/* The server's own wish about its load binds all requests to that host. */
static void heed_load(const struct retry_attempt *attempt, time_ms delay,
	struct retry_decision *decision)
{
	if (attempt->failure != REASON_OK)
		return;
	if (attempt->retry_after_ms >= 0 && is_worth_waiting(attempt))
		decision->host_pause_ms =
			clamp(attempt->retry_after_ms, TIME_MS_PER_S, retry_after_max);
	else if (attempt->status == 429)
		decision->host_pause_ms = delay;
}

static struct retry_decision decide(const struct retry_attempt *attempt,
	const struct retry_limits *limits, struct random *random)
{
	struct retry_decision decision = { .method = attempt->method };
	bool answered = attempt->failure == REASON_OK;

	if (answered && is_success(attempt)) {
		if (is_redirect(attempt->status) && attempt->retry_after_ms >= 0)
			decision.host_pause_ms = clamp(attempt->retry_after_ms,
				TIME_MS_PER_S, limits->retry_after_ms_max);
		return decision;
	}
	if (attempt->method == METHOD_HEAD && is_about_method(attempt)) {
		decision.method = METHOD_GET;
		decision.again = true;
	}
	if (ask_differently(attempt, &decision))
		return decision;

	time_ms delay = backoff(attempt, limits, random);
	heed_load(attempt, delay, &decision);
	if (attempt->retry_after_ms >= 0 &&
		decision.host_pause_ms > limits->retry_after_ms_max) {
		decision.again = false;
		return decision;
	}
	if (decision.again) {
		decision.delay_ms = decision.host_pause_ms;
		return decision;
	}
	if (answered ? !is_worth_waiting(attempt) : !is_passing(attempt->failure))
		return decision;
	if (attempt->retries >= limits->retries_max) {
		decision.look =
			attempt->failure == REASON_TLS_HANDSHAKE && attempt->look_helps;
		decision.again = decision.fresh_connection = decision.look;
		return decision;
	}
	decision.again = decision.counts = true;
	decision.fresh_connection = !answered || attempt->status == 421;
	if (decision.host_pause_ms > 0)
		decision.delay_ms = decision.host_pause_ms;
	else if (!answered ||
		 attempt->status != 421) /* 421: only the connection was wrong */
		decision.delay_ms = delay;
	return decision;
}

/* A budget that is used up is a wish to be left alone, whatever the answer was. */
struct retry_decision retry_decide(const struct retry_attempt *attempt,
	const struct retry_limits *limits, struct random *random)
{
	struct retry_attempt told = *attempt;
	if (told.retry_after_ms < 0 && told.rate_limit_ms > 0)
		told.retry_after_ms = told.rate_limit_ms;
	struct retry_decision decision = decide(&told, limits, random);
	bool heeded = attempt->retry_after_ms >= 0 && decision.host_pause_ms > 0;
	if (!heeded && decision.host_pause_ms < told.rate_limit_ms)
		decision.host_pause_ms = told.rate_limit_ms;
	return decision;
}

/* --- Retry-After ------------------------------------------------------------------- */

static bool only_digits(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_digit(text.at[i]))
			return false;
	return text.len > 0;
}

time_ms retry_after_parse(struct slice value, time_ms wall)
{
	uint64_t seconds;
	time_ms date;

	value = slice_trim(value);
	if (only_digits(value)) {
		uint64_t seconds_max = (uint64_t)(retry_after_max / TIME_MS_PER_S);
		if (!slice_to_number(value, seconds_max, &seconds))
			return retry_after_max;
		return clamp(
			(time_ms)seconds * TIME_MS_PER_S, TIME_MS_PER_S, retry_after_max);
	}
	if (http_date_parse(value, wall, &date))
		return clamp(date - wall, TIME_MS_PER_S, retry_after_max);
	return -1;
}
