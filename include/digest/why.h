/* digest/why: everything that is known of one link, in plain words with dates
 * (`linkrotd why URL`).
 *
 * Pure: a link, its checks, its history and its events in; the chain of evidence out. It
 * concludes nothing: what the strikes mean and what a confirmation still needs is said by
 * watch/health, and handed over as sentences.
 *
 * JSON: schema, generator, at, why and next (sentences), recent (the strip), checks,
 * history (spans, the open one first), events (all newest first), and link, with the keys
 * of a link in `status`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "format/formats.h"
#include "format/standing.h"
#include "model/event.h"
#include "model/record.h"

enum {
	WHY_CHECKS_MAX = 20, /* shown in text and Markdown, the newest */
	WHY_SPANS_MAX = 40,  /* likewise */
	WHY_EVENTS_MAX = 40,
	WHY_PLACES_MAX = 20, /* the first */
	WHY_LISTS_MAX = 20,
	WHY_LINES_MAX = 100, /* of sentences */
};

struct why {
	const char *generator;
	time_ms now;                     /* wall */
	const struct standing *standing; /* with all the occurrences at hand */
	struct standing_known known;     /* the newest are shown */
	bool colour;                     /* text only */
};

/* All of it appended to `out`; -1: no memory or the buffer's ceiling. */
int why_write(const struct why *why, enum format format, struct buffer *out,
	struct error *error);

/* "....x.xx" of the record's recent checks, oldest first: a dot for a good one, an x for
 * a bad one. Empty when there were none. */
enum { WHY_STRIP_SIZE = RECENT_MAX + 1 };
void why_strip(const struct link_record *record, char strip[static WHY_STRIP_SIZE]);
