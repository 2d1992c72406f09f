/* site/strip: the last ninety days of one link, one slot a day (UTC), today last.
 *
 * Made of the spans alone, so that the strip, the words for a slot and the percentage
 * beside it come from one source and cannot contradict each other. A span says how many
 * checks it holds between its first and its last; they are taken as evenly spaced, which
 * is exact for one or two.
 *
 * Between two checks the last one holds, but not for ever: after `hold_ms` without a
 * check a slot has no data, which is neither good nor bad. A check that says nothing
 * about the link (gated) makes its own kind; one that was not made (skipped) makes none.
 *
 * Bad is graded: SUSPECT is every day with a failed check, DEAD one from the moment on at
 * which the failure was confirmed. That moment is the record's own for what is dead now;
 * of earlier failures it is not kept in spans, and is taken as the default rule has it
 * (interfaces 1.4: 3 checks over 6 days, 14 days for what was merely unreachable).
 */
#pragma once

#include <stdint.h>

#include "base/buffer.h"
#include "base/time.h"
#include "model/record.h"

/* name, the word for it */
#define STRIP_KINDS(X)                                                                   \
	X(NONE, "no data")                                                               \
	X(OK, "ok")                                                                      \
	X(SUSPECT, "suspect")                                                            \
	X(DEAD, "dead")                                                                  \
	X(GATED, "gated")

#define STRIP_KIND_ENUM(name, text) STRIP_##name,
enum strip_kind { STRIP_KINDS(STRIP_KIND_ENUM) };
#undef STRIP_KIND_ENUM

#define STRIP_KIND_ONE(name, text) +1
enum {
	STRIP_KIND_COUNT = STRIP_KINDS(STRIP_KIND_ONE),
	STRIP_SLOTS = 90,  /* on a wide screen; on smaller ones the newest of them: */
	STRIP_MIDDLE = 60, /* a tablet */
	STRIP_SHORT = 30,  /* a phone */
};
#undef STRIP_KIND_ONE

const char *strip_kind_text(enum strip_kind kind);

struct strip_slot {
	enum strip_kind kind;
	enum reason reason;     /* of its bad checks, the latest; else of the latest that
				 * speaks for it; OK without data */
	uint32_t checks, bad;   /* made on this day, as far as known; may be 0 */
	uint16_t good_permille; /* of those that say good or bad; held over: 1000 or 0 */
};

struct strip {
	time_ms from; /* the first moment of slots[0]; slot i is i days later */
	struct strip_slot slots[STRIP_SLOTS]; /* oldest first */
};

struct strip_facts {
	const struct span
		*spans; /* closed ones, oldest first; older than 90 d may lack */
	uint32_t span_count;
	const struct link_record *record; /* its open span is the last */
	time_ms now;
	/* 0: twice the record's interval, 2 d at least and 14 d at most. A span of
	 * several checks holds for twice their distance, when that is longer, up to 14 d:
	 * of a link that is well and asked once a week every day is known. */
	time_ms hold_ms;
};

/* About 3 µs and 20 ns for each span. */
void strip_make(struct strip *strip, const struct strip_facts *facts);

/* The share that was good of the newest `slots` slots that say good or bad, each counting
 * alike, rounded down: 1000 only if nothing was bad. -1: none of them does. */
int strip_good_permille(const struct strip *strip, uint32_t slots);

/* "98.9 %", "100 %"; where nothing says good or bad, "gated" or "no data". */
void strip_add_share(struct buffer *out, const struct strip *strip, uint32_t slots);

/* "2026-11-22: 1 of 2 checks failed (http_5xx)", "2026-11-21: ok, not checked this day",
 * "2026-11-20: no data". Our own words only. */
void strip_add_slot(struct buffer *out, const struct strip *strip, uint32_t slot);

/* "90 days: 84 ok, 2 suspect, 4 no data", of the newest `slots`. */
void strip_add_summary(struct buffer *out, const struct strip *strip, uint32_t slots);
