/* format/words: how things are said to people, in any format.
 *
 * Sentences are raw: they may hold what a server or a document said, each such part cut
 * to a length, and nothing is escaped for the format. A writer passes all of it through
 * its own one place of escaping.
 */
#pragma once

#include "base/buffer.h"
#include "model/link.h"

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

/* The outcomes as a sum names them: what is well first. */
extern const enum outcome words_outcomes[OUTCOME_COUNT];

/* "Broken", of an outcome. */
const char *words_heading(enum outcome outcome);

/* "4 links", "1 source". */
void words_count(struct buffer *out, uint32_t count, const char *noun);

/* Without userinfo, cleaned and cut; "(empty)" for none. */
void words_url(struct buffer *out, struct slice url);

/* Why the outcome is what it is; never empty. */
void words_reason(struct buffer *out, const struct link *link);

/* "301 https://b/, 302 https://c/"; empty where it would only repeat the suggestion. */
void words_chain(struct buffer *out, const struct link *link);

/* What to write instead; `why` is empty where words_reason has said it. False: nothing.
 */
bool words_suggestion(const struct link *link, struct suggestion *ret_suggestion);

void words_note(struct buffer *out, const struct link *link, enum note note);
