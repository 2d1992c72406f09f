/* report/tally: what a run of `check` says of itself in words; raw, like all of
 * format/words.
 */
#pragma once

#include "base/buffer.h"
#include "report/index_internal.h"
#include "report/report.h"

/* "132 links in 1 source (117 distinct)" */
void words_total(
	struct buffer *out, const struct report_summary *summary, uint32_t sources);

/* "100 ok, 5 moved, 4 broken"; what is zero is left out, but never ok. */
struct words_tally {
	const char *text; /* "broken"; "not checked" */
	uint32_t count;
	enum outcome outcome;
	bool unchecked;
};
enum { WORDS_TALLY_MAX = OUTCOME_COUNT + 1 };
uint32_t words_tally(const struct report_summary *summary,
	struct words_tally tally[static WORDS_TALLY_MAX]);

/* "12:5, 40:1 and 3 more". */
void words_places(struct buffer *out, const struct entry *entry);

/* "known since 2026-11-20T03:30:02Z, so it does not fail this run"; of a link that is. */
void words_known(
	struct buffer *out, const struct report *report, const struct link *link);

/* "; 4 failures were known before"; nothing where none is. */
void words_known_count(struct buffer *out, const struct report *report);

/* "Partial report: interrupted, 40 of 117 links were not checked." */
void words_partial(struct buffer *out, const struct report_summary *summary);
