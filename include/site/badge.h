/* site/badge: one list's health in a README: an SVG as shields.io draws its flat ones,
 * and the JSON that shields.io draws one of (https://shields.io/badges/endpoint-badge).
 *
 * Pure: counts in, bytes out, about 1.3 KB in a few microseconds. The caller answers 200
 * whatever is asked for: GitHub's camo keeps a picture that failed for hours.
 *
 * What a badge says is only what was confirmed. A link that is suspect, or that cannot be
 * told from here (gated), counts as what it was last confirmed to be; one that never was
 * is neither well nor dead, so a badge turns on no single bad night. The colour is that
 * of the share of confirmed dead links among all that are monitored. Where nothing was
 * measured for long, though it should have been, it is grey and, for shields, an error:
 * old news is no news. A few stable links may rest for a month: that is no old news.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/time.h"
#include "format/standing.h"

/* What the message tells; ?kind= of the address.
 *   LINKS  "1187/1204 ok"
 *   DEAD   "3 dead", "none dead"
 *   FRESH  "checked 4 h ago" */
#define BADGE_KINDS(X)                                                                   \
	X(LINKS, "links")                                                                \
	X(DEAD, "dead")                                                                  \
	X(FRESH, "fresh")

#define BADGE_KIND_ENUM(name, text) BADGE_##name,
enum badge_kind { BADGE_KINDS(BADGE_KIND_ENUM) };
#undef BADGE_KIND_ENUM

/* LINKS for a word that is none: whoever embeds a badge cannot read an error. */
enum badge_kind badge_kind_of(struct slice text);

enum {
	BADGE_YELLOW_PERCENT = 2, /* of the links are dead: at most that */
	BADGE_ORANGE_PERCENT = 5, /* likewise; more is red */
	BADGE_LABEL_BYTES = 64,   /* a longer label is cut */
	BADGE_MESSAGE_SIZE = 64,
	BADGE_CACHE_SECONDS = 300,
	BADGE_STALE_DAYS = 2,   /* or twice the interval, whichever is longer */
	BADGE_OVERDUE_DAYS = 1, /* that a link must wait for its check, too */
	BADGE_LOOK_DAYS =
		3, /* an older count speaks for nothing; one is taken each hour */
};

/* Of the links in one state that says nothing for certain: what they were last confirmed
 * to be. The rest of them never was anything (record.confirmed is unchecked). */
struct badge_confirmed {
	uint32_t alive; /* or moved */
	uint32_t dead;
};

/* Each link once, as in struct standing_counts. Zeroed: a list that does not exist. */
struct badge_facts {
	uint32_t by_state[STANDING_STATE_COUNT];
	struct badge_confirmed suspect, gated;
	time_ms measured_at; /* wall: of the newest check of any of them; 0: never */
	time_ms due_at; /* wall: when the first of them is to be checked; 0: unknown */
	time_ms counted_at;  /* wall: when all this was so; 0: now */
	time_ms interval_ms; /* how often a healthy link of theirs is checked; 0: unknown
			      */
	time_ms now;         /* wall */
	struct slice label;  /* empty: "links"; may be hostile */
};

/* Adds one link. For facts that are gathered in a walk over records. */
void badge_add(struct badge_facts *facts, enum state state, enum state confirmed,
	time_ms last_checked_at, time_ms due_at);

/* What the facts come to. well + dead + unknown is what is monitored: all but skipped. */
struct badge_sums {
	uint64_t well, dead, unknown;
	bool known; /* something was measured, and there is something to be measured */
	bool stale;
};
struct badge_sums badge_sums(const struct badge_facts *facts);

/* The names of shields. */
#define BADGE_COLOURS(X)                                                                 \
	X(BRIGHTGREEN, "brightgreen", 0x44cc11)                                          \
	X(YELLOW, "yellow", 0xdfb317)                                                    \
	X(ORANGE, "orange", 0xfe7d37)                                                    \
	X(RED, "red", 0xe05d44)                                                          \
	X(LIGHTGREY, "lightgrey", 0x9f9f9f)

#define BADGE_COLOUR_ENUM(name, text, rgb) BADGE_##name,
enum badge_colour { BADGE_COLOURS(BADGE_COLOUR_ENUM) };
#undef BADGE_COLOUR_ENUM

/* Borrows the label of its facts. */
struct badge {
	struct slice label;
	char message[BADGE_MESSAGE_SIZE]; /* ours: never hostile, never empty */
	enum badge_colour colour;
	bool is_error; /* stale: shields lets nobody override its colour */
};

/* "unknown" where nothing is known. */
struct badge badge_of(const struct badge_facts *facts, enum badge_kind kind);

/* image/svg+xml; charset=utf-8. A failure is in the buffer. */
void badge_write_svg(const struct badge *badge, struct buffer *out);

/* application/json. schemaVersion, label, message, color, cacheSeconds and, when true,
 * isError: shields refuses any other key. -1: no memory. */
int badge_write_json(const struct badge *badge, struct buffer *out);

/* How wide a text is in Verdana at 11 px, in thousandths of a pixel: what shields lays
 * badges out with. By code point; one whose width is not known counts as a wide letter,
 * and textLength makes the text fit where a font has others. */
uint64_t badge_text_width(struct slice text);
