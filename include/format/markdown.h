/* format/markdown: the one place where foreign text is made harmless for Markdown, as
 * GitHub reads it (CommonMark, tables, autolinks, mentions, HTML).
 *
 * Every function also does what utf8_add_printable does, and cuts to bytes_max. What it
 * writes stands in the middle of a line.
 */
#pragma once

#include "base/buffer.h"
#include "base/slice.h"

struct markdown {
	struct buffer *out;
	struct buffer *clean; /* reused */
};

/* What others wrote goes into code spans wherever it is a name: nothing in them is
 * Markdown, HTML, a mention or an emoji. */
void markdown_code(struct markdown *markdown, struct slice text, size_t bytes_max);

/* Sentences stay readable: punctuation gets a backslash; what GitHub turns into mentions
 * after rendering goes into a code span. */
void markdown_text(struct markdown *markdown, struct slice text, size_t bytes_max);

/* <https://…> where that is safe, else as code. `shown` comes from words_url. */
void markdown_url(struct markdown *markdown, struct slice shown, size_t bytes_max);
