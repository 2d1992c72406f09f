/* report/words: how text and Markdown say things.
 *
 * Sentences are raw: they may hold what a server or a document said, each such part cut
 * to a length, and nothing is escaped for the format. A writer passes all of it through
 * its own one place of escaping.
 */
#pragma once

#include "base/buffer.h"
#include "report/index_internal.h"
#include "report/report.h"

enum {
	WORDS_URL_BYTES = 2000,
	WORDS_SENTENCE_BYTES = 400,
	WORDS_TITLE_BYTES = 160,
	WORDS_BYTES_MAX = 64 * 1024, /* more than any of these functions writes */
};

/* "404", "DNS", "MOVED": at most WORDS_TOKEN_BYTES letters or digits, ours alone. */
enum { WORDS_TOKEN_BYTES = 12 };
void words_token(const struct link *link, char token[static WORDS_TOKEN_BYTES + 1]);

/* "Not found.": the sentence for a reason. */
const char *words_of_reason(enum reason reason);

/* "Broken", of an outcome. */
const char *words_heading(enum outcome outcome);

/* "4 links", "1 source". */
void words_count(struct buffer *out, uint32_t count, const char *noun);

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

/* Without userinfo, cleaned and cut; "(empty)" for none. */
void words_url(struct buffer *out, struct slice url);

/* Why the outcome is what it is; never empty. */
void words_reason(struct buffer *out, const struct link *link);

/* "12:5, 40:1 and 3 more". */
void words_places(struct buffer *out, const struct entry *entry);

/* "301 https://b/, 302 https://c/"; empty where it would only repeat the suggestion. */
void words_chain(struct buffer *out, const struct link *link);

/* What to write instead; `why` is empty where words_reason has said it. False: nothing.
 */
bool words_suggestion(const struct link *link, struct suggestion *ret_suggestion);

void words_note(struct buffer *out, const struct link *link, enum note note);

/* "Partial report: interrupted, 40 of 117 links were not checked." */
void words_partial(struct buffer *out, const struct report_summary *summary);
