/* process/journal: what the daemon tells the log of its machine.
 *
 * Transitions, not checks: a link that died, a source that vanished, a disk that is full;
 * a million checks a night that found what was known leave no line. Results of commands
 * are no log (app/terminal), and nothing is remembered here: the database has the
 * history.
 *
 * Where lines go is found out once, in journal_init:
 *   JOURNAL_NATIVE  standard error is the journal's (JOURNAL_STREAM) and its socket is
 *                   there: through sd_journal_sendv, with fields to search for, e.g.
 *                   `journalctl LINKROTD_STATE=dead`; and MESSAGE_ID, one per kind
 *   JOURNAL_PREFIX  it is the journal's without a socket: a line with "<5>" before it,
 *                   which systemd takes off (sd-daemon(3))
 *   JOURNAL_PLAIN   anything else: a line with the time of day before it
 *
 * Foreign text (URLs, titles, answers) may be anything: a line and each field of it is
 * made harmless (base/utf8, model/userinfo) and cut. Each kind has a bucket: what is more
 * than its row in JOURNAL_KINDS allows is counted instead of written, and the count comes
 * with the next line of that kind, or within the minute (journal_tick). So a line costs
 * at most 6 KiB and a kind at most 60 at once and 20 a minute, whatever the network does.
 *
 * Of the loop's thread only. A log that cannot be written is not worth ending for: failed
 * writes are counted (`lost`), and that is all. A write may wait for journald, as printf
 * may; the journal and a terminal are taken to be quicker than that.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/event.h"

/* The numbers are syslog's (RFC 5424 6.2.1), as in "<5>". */
enum journal_level {
	JOURNAL_ERROR = 3,   /* the daemon cannot do what it is for until somebody acts */
	JOURNAL_WARNING = 4, /* something is wrong, and it goes on by itself */
	JOURNAL_NOTICE = 5,  /* what one wants to read */
	JOURNAL_INFO = 6,    /* what one wants to find */
	JOURNAL_DEBUG = 7,
};

/* Name (LINKROTD_KIND=), its usual level, lines in a row, lines a minute after that,
 * MESSAGE_ID. The ids are random (systemd-id128 new), for ever, and listed in
 * linkrotd-run(8): never change one, never use one again. */
#define JOURNAL_KINDS(X)                                                                 \
	X(STARTED, "started", NOTICE, 10, 10, "f3a5d51e07da49909caed52c0887d9a1")        \
	X(STOPPED, "stopped", NOTICE, 10, 10, "288d6dd0ec9942d89e5e6acd26e170b7")        \
	X(RELOADED, "reloaded", NOTICE, 10, 10, "0d961bec1aef4c9d85d0e9443428f521")      \
	X(CONFIG, "config", WARNING, 25, 10, "096821ecd368430488c9a3ae75bed67c")         \
	X(LINK, "link", NOTICE, 60, 20, "4c62d06a737c40ad8404dcae55f4cb00")              \
	X(CONTENT, "content", INFO, 20, 10, "aee5c8b405f442028103c9db4b514e80")          \
	X(INCIDENT, "incident", WARNING, 30, 10, "dc11f45498a3444daaefafc3014008cf")     \
	X(SOURCE, "source", WARNING, 30, 10, "042fa0b20a7e4f15b50b5ffbe470c47c")         \
	X(LISTS, "lists", INFO, 20, 10, "ce7d9857e99c475a8f9c2411ce2775c9")              \
	X(OFFLINE, "offline", WARNING, 10, 4, "c983e5995fa14c0eb92e5f1664247af6")        \
	X(CLOCK, "clock", WARNING, 10, 4, "2c1205b4749a4459819f3609be6b94fc")            \
	X(STORE, "store", ERROR, 10, 4, "1fc4107f406643fdbb324e0b45f97f4a")              \
	X(CONTROL, "control", INFO, 20, 10, "54e83fa843dd448096b2fe58dcfbce23")          \
	X(MESSAGE, "message", WARNING, 30, 10, "3ec0acb7dd704bbdb1bc0b12d8ffa970")       \
	X(WATCHDOG, "watchdog", ERROR, 5, 2, "72ee1f54dbbe408792ecd846c2282ff6")         \
	X(SERVICE, "service", WARNING, 20, 10, "aea524b37ab440209cf51fbaea62f570")

#define JOURNAL_KIND_ENUM(name, text, level, burst, minute, id) JOURNAL_KIND_##name,
enum journal_kind { JOURNAL_KINDS(JOURNAL_KIND_ENUM) };
#undef JOURNAL_KIND_ENUM

#define JOURNAL_KIND_ONE(name, text, level, burst, minute, id) +1
enum { JOURNAL_KIND_COUNT = JOURNAL_KINDS(JOURNAL_KIND_ONE) };
#undef JOURNAL_KIND_ONE

enum journal_way { JOURNAL_NATIVE, JOURNAL_PREFIX, JOURNAL_PLAIN };

/* Beside the sentence; empty ones are left out. LINKROTD_URL=, _LIST=, _FROM=, _STATE=,
 * _REASON=, _SOURCE=. Borrowed for the call. */
struct journal_fields {
	struct slice url, list, from, state, reason, source;
};

struct journal_bucket {
	uint32_t tokens;
	uint32_t held_back; /* lines not written since the last one that was */
	time_us filled_at;  /* when a token came last */
	time_us held_since; /* the first of them */
};

/* The caller's; no member but `level` is to be set by others. */
struct journal {
	enum journal_way way;
	enum journal_level level; /* what is less urgent is not written; may change */
	int fd;
	time_us (*now)(void);  /* never steps; for the buckets */
	time_ms (*wall)(void); /* for JOURNAL_PLAIN; a demo's clock runs faster */
	struct journal_bucket buckets[JOURNAL_KIND_COUNT];
	uint64_t written, held_back, lost; /* since the start */
};

/* Looks at the environment and at `fd` (standard error, but for tests, which it borrows).
 * Cannot fail: what cannot be found out is JOURNAL_PLAIN. */
void journal_init(struct journal *journal, int fd, enum journal_level level);

/* Tells what was still held back. */
void journal_fini(struct journal *journal);

/* A sentence without a full stop or a newline, at the kind's usual level, without
 * fields. */
void journal_say(struct journal *journal, enum journal_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with another level and with fields; `fields` may be NULL. */
void journal_say_with(struct journal *journal, enum journal_kind kind,
	enum journal_level level, const struct journal_fields *fields, const char *format,
	...) __attribute__((format(printf, 5, 6)));

/* An operating error, as it stands, at the kind's usual level. */
void journal_error(
	struct journal *journal, enum journal_kind kind, const struct error *error);

/* An event of the model in one line with fields: "https://… is dead (http_404); it was
 * suspect". `url` and `list` may be empty. A link's first opinion (unchecked to alive,
 * gated or skipped) and links added or removed are DEBUG: a new list of 100,000 links is
 * no news. */
void journal_event(struct journal *journal, const struct event *event, struct slice url,
	struct slice list);

/* Tells what was held back, once a minute and kind at most. To be called now and then;
 * app/service does. */
void journal_tick(struct journal *journal);
