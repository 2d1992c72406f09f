#include "message/retry.h"

#include <assert.h>

#define RETRY_CLASS_TEXT(name, text) text,
static const char *const class_texts[] = { RETRY_CLASSES(RETRY_CLASS_TEXT) };

const char *retry_class_text(enum retry_class class)
{
	return class_texts[class];
}

enum retry_class retry_class_of_http(int status, time_ms retry_after_ms)
{
	if (status >= 200 && status < 300)
		return RETRY_DONE;
	switch (status) {
	case 400: /* malformed, or to nobody */
		return RETRY_UNCLEAR;
	case 413: /* too large */
	case 414:
	case 415:
	case 422: /* not to be processed */
		return RETRY_REFUSED;
	case 408:
	case 409: /* something else is going on there */
	case 421:
	case 423:
	case 425:
	case 429:
		return RETRY_TEMPORARY;
	default:
		/* What is no answer, or the server's own trouble, passes; the other 4xx
		 * and redirects are about the URL, the token, the room. */
		return status >= 300 && status < 500 && retry_after_ms < 0
			       ? RETRY_OPERATOR
			       : RETRY_TEMPORARY;
	}
}

enum retry_class retry_class_of_smtp(enum retry_smtp_stage stage, int reply)
{
	if (reply >= 200 && reply < 400)
		return RETRY_DONE;
	if (reply < 500 || reply > 599)
		return RETRY_TEMPORARY;
	return stage == RETRY_SMTP_DATA ? RETRY_REFUSED : RETRY_OPERATOR;
}

enum retry_class retry_class_of_exit(int status)
{
	/* sysexits.h, as sendmail, Postfix and Exim use it. */
	enum { OK = 0, USAGE = 64, DATAERR = 65, NOUSER = 67, NOPERM = 77, CONFIG = 78 };
	switch (status) {
	case OK:
		return RETRY_DONE;
	case DATAERR:
		return RETRY_REFUSED;
	case USAGE:
	case NOUSER:
	case NOPERM:
	case CONFIG:
	case 126: /* cannot be run */
	case 127: /* not found */
		return RETRY_OPERATOR;
	default:
		return RETRY_TEMPORARY;
	}
}

/* first, 2 first, 4 first ... most */
static time_ms doubled(time_ms first, time_ms most, uint32_t attempts)
{
	time_ms delay = first;
	for (uint32_t i = 1; i < attempts && delay < most; i++)
		delay *= 2;
	return delay < most ? delay : most;
}

/* Somebody had time to look, and it is the message itself. */
static bool was_unclear_for_long(const struct retry_state *state, time_ms now)
{
	return state->attempts > RETRY_UNCLEAR_ATTEMPTS &&
	       now - state->created_at >= RETRY_UNCLEAR_MS;
}

struct retry_next retry_after_attempt(enum retry_class class, time_ms retry_after_ms,
	const struct retry_state *state, time_ms now, struct random *random)
{
	assert(state->attempts > 0);
	time_ms delay = 0;
	if (class == RETRY_UNCLEAR)
		class = was_unclear_for_long(state, now) ? RETRY_REFUSED : RETRY_OPERATOR;
	switch (class) {
	case RETRY_DONE:
		return (struct retry_next){ .done = true };
	case RETRY_REFUSED:
		return (struct retry_next){ .failed = true, .tell = true };
	case RETRY_TEMPORARY:
		delay = doubled(RETRY_FIRST_MS, RETRY_MAX_MS, state->attempts);
		break;
	case RETRY_OPERATOR:
	case RETRY_UNCLEAR:
		delay = doubled(
			RETRY_OPERATOR_MS, RETRY_OPERATOR_MAX_MS, state->attempts);
		break;
	}
	delay += (time_ms)random_below(random, (uint64_t)delay / 5 + 1);
	if (retry_after_ms > RETRY_AFTER_MAX_MS)
		retry_after_ms = RETRY_AFTER_MAX_MS;
	if (delay < retry_after_ms)
		delay = retry_after_ms;
	time_ms told_at = state->told_at > 0 ? state->told_at : state->created_at;
	bool first_word = class == RETRY_OPERATOR && state->told_at == 0;
	return (struct retry_next){ .due_at = now + delay,
		.blocks = true,
		.tell = first_word || now - told_at >= RETRY_LATE_MS };
}
