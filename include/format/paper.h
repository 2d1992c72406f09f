/* format/paper: headings, items and lines for people, in text or in Markdown.
 *
 * What status, report and why say is the same in both; only how it looks differs, and how
 * foreign text is made harmless. So their writers write on a paper. Two kinds of words
 * never mix: paper_say and the headings take our own, which mean nothing in Markdown
 * (letters, digits, and - . , : ; + " ( ) inside a line); all others clean what they are
 * given.
 */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "format/formats.h"
#include "format/markdown.h"

enum { PAPER_SCRATCHES = 3 };

struct paper {
	struct buffer *out;
	struct buffer *sentence, *bare; /* reused */
	struct markdown escape;
	bool markdown, colour;
};

/* TEXT or MARKDOWN. The scratch buffers are the caller's, and live between papers. */
struct paper paper_on(struct buffer *out, struct buffer scratch[static PAPER_SCRATCHES],
	enum format format, bool colour);

void paper_scratch_init(struct buffer scratch[static PAPER_SCRATCHES]);
void paper_scratch_fini(struct buffer scratch[static PAPER_SCRATCHES]);

/* The whole document's; text has none, it begins with its first sentence. */
void paper_title(struct paper *paper, const char *ours);

/* "Dead (2):"; a count of -1 is not said. Text has an empty line before it. */
void paper_heading(struct paper *paper, const char *ours, int64_t count);

/* What follows, until paper_end, is a paragraph of its own, one line of a list, or one of
 * what belongs to it. Blank lines stand before things, never behind them: so nobody has
 * to know what comes next, or what was there before the buffer was emptied. */
void paper_paragraph(struct paper *paper);
void paper_item(struct paper *paper);
void paper_detail(struct paper *paper);
void paper_end(struct paper *paper);

void paper_say(struct paper *paper, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A word for the eye that runs down the margin: "404", "DNS"; `colour` is an SGR code. */
void paper_mark(struct paper *paper, const char *ours, const char *colour);
void paper_colour(struct paper *paper, const char *code);

/* Foreign: a sentence, a name (code in Markdown), a URL. */
void paper_text(struct paper *paper, struct slice text, size_t bytes_max);
void paper_name(struct paper *paper, struct slice text, size_t bytes_max);
void paper_url(struct paper *paper, struct slice url);

/* Likewise; and without the userinfo of the URLs in it. */
void paper_sentence(struct paper *paper, struct slice text, size_t bytes_max);

/* A sentence that the functions of report/words build; it ends as text, without userinfo
 * too, or as a name. */
struct buffer *paper_begin_sentence(struct paper *paper);
void paper_end_sentence(struct paper *paper);
void paper_end_name(struct paper *paper);
