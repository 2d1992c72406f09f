/* message/retry: what becomes of a message after an attempt to deliver it.
 *
 * An outbox row is leased (RETRY_LEASE_MS, longer than any attempt may take, so that a
 * crash leads to another attempt and not to two at once), tried, and then is done, is
 * tried again later, or is refused for good. Nothing is dropped: what needs the operator
 * is tried again for ever, more and more rarely, and said aloud.
 *
 * Answers fall into classes:
 *   DONE       it was accepted
 *   TEMPORARY  busy, broken or not reached: again after a minute, doubling to an hour
 *   OPERATOR   nobody is served before somebody changes something (a wrong password, a
 *              revoked URL, a bad certificate): again after an hour, doubling to a day
 *   UNCLEAR    one of these two: some say 400 for a hook that was deleted or a chat that
 *              is gone, others for a message that they cannot read. As OPERATOR for three
 *              days, then REFUSED
 *   REFUSED    this message will never be taken, others may (too large, malformed): kept
 *              with its error, not tried again, and blocks nobody
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "base/time.h"

#define RETRY_CLASSES(X)                                                                 \
	X(DONE, "done")                                                                  \
	X(TEMPORARY, "temporary")                                                        \
	X(OPERATOR, "operator")                                                          \
	X(UNCLEAR, "unclear")                                                            \
	X(REFUSED, "refused")

#define RETRY_CLASS_ENUM(name, text) RETRY_##name,
enum retry_class { RETRY_CLASSES(RETRY_CLASS_ENUM) };
#undef RETRY_CLASS_ENUM

const char *retry_class_text(enum retry_class class);

#define RETRY_LEASE_MS        (10 * 60 * TIME_MS_PER_S)
#define RETRY_FIRST_MS        (60 * TIME_MS_PER_S)
#define RETRY_MAX_MS          TIME_MS_PER_HOUR
#define RETRY_OPERATOR_MS     TIME_MS_PER_HOUR
#define RETRY_OPERATOR_MAX_MS TIME_MS_PER_DAY
/* Both must be over: what failed in an outage, and is unclear only now, has a chance. */
#define RETRY_UNCLEAR_MS       (3 * TIME_MS_PER_DAY)
#define RETRY_UNCLEAR_ATTEMPTS 7
/* A longer Retry-After is not believed. */
#define RETRY_AFTER_MAX_MS TIME_MS_PER_DAY
/* Undelivered for so long: worth a line in the journal, and one every so often again. */
#define RETRY_LATE_MS (2 * TIME_MS_PER_DAY)

/* What an HTTP status (100 to 599; 0: no answer) says. 2xx is DONE; a redirect is not
 * followed, because it would carry the secret in the URL or header elsewhere: OPERATOR. A
 * refusal with a wish to wait (-1: none) is a limit, such as GitHub's 403. */
enum retry_class retry_class_of_http(int status, time_ms retry_after_ms);

/* Where in the talk with a mail server the reply came. */
enum retry_smtp_stage {
	RETRY_SMTP_CONNECT,  /* greeting, EHLO, STARTTLS */
	RETRY_SMTP_LOGIN,    /* AUTH */
	RETRY_SMTP_ENVELOPE, /* MAIL FROM, RCPT TO */
	RETRY_SMTP_DATA,     /* the message itself */
};

/* What an SMTP reply says; 0: no reply. A 5xx on the content is about this message, any
 * other about the receiver. */
enum retry_class retry_class_of_smtp(enum retry_smtp_stage stage, int reply);

/* What an exit status of sendmail (sysexits.h) says; -1: ended by a signal. */
enum retry_class retry_class_of_exit(int status);

struct retry_state {
	uint32_t attempts;  /* this one included */
	time_ms created_at; /* wall */
	time_ms told_at;    /* when its lateness was last told; 0: never */
};

struct retry_next {
	bool done;      /* delivered: keep it for "was it sent?", try no more */
	bool failed;    /* refused: keep it with its error, try no more */
	time_ms due_at; /* else: when to try again */
	bool blocks;    /* until then its receiver gets nothing new (plan's `blocked`) */
	bool tell;      /* say so in the journal now, and set told_at */
};

/* `retry_after_ms`: what the answer asked for; -1: nothing. It only ever makes the wait
 * longer. Jitter is 0 to 20 % on top, so that receivers of one server do not come
 * together. */
struct retry_next retry_after_attempt(enum retry_class class, time_ms retry_after_ms,
	const struct retry_state *state, time_ms now, struct random *random);
