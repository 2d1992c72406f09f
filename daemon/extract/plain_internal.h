/* extract/plain_internal: what some kinds of text have beyond plain text: escapes and
 * comments of TeX, brackets, comments and listings of AsciiDoc, the cells of CSV, and
 * what is code or a comment in TeX, AsciiDoc, reST and Org. */
#pragma once

#include "base/arena.h"
#include "extract/extract_internal.h"

enum { DIALECT_MARKS = 2 };

/* What goes on from line to line in reST. */
struct rst_lines {
	bool hides;     /* lines that are indented by more than `base` are code */
	bool announced; /* such code begins behind the next blank line */
	bool text;      /* the line before was one of a paragraph */
	bool blank;     /* it was blank */
	bool bare;      /* it was ".." alone */
	size_t base;    /* columns of the last line that was no code */
};

struct dialect {
	enum document_kind kind;
	struct slice bytes;
	size_t at;        /* everything before it was looked at */
	size_t begin;     /* of the last link */
	bool comment;     /* `at` is in a line, or the rest of one, that does not count */
	size_t hidden_to; /* code ends there, or a comment of many lines */
	size_t line_end;  /* of the line that dialect_line_end() saw last */
	size_t unclosed_to[DIALECT_MARKS]; /* until there nothing closes such a mark */
	uint32_t endless; /* a bit for each kind of block that nothing ends any more */
	struct rst_lines rst;
	bool quoted;    /* CSV: `at` is in a cell with quotes */
	char separator; /* of CSV's cells */
};

void dialect_init(struct dialect *dialect, enum document_kind kind, struct slice bytes);

/* Whether a link that begins at `begin` counts: not in a comment, nor in code. To be
 * called for every link, with offsets that grow; what follows is about the last one. */
bool dialect_counts(struct dialect *dialect, size_t begin);

/* The last one ends there: what is within it is no comment. */
void dialect_skip(struct dialect *dialect, size_t end);

/* The bytes of an escape at `at` that belongs to a link there; 0: there is none. */
size_t dialect_escape(const struct dialect *dialect, size_t at);

/* Whether a link ends in front of the character at `at`, whatever it is elsewhere. */
bool dialect_ends(const struct dialect *dialect, size_t at);

/* Whether what stands around [begin, end) says that it is the URL, all of it: "<URL>",
 * "\url{URL}", "url = {URL}", "[[URL]", a cell of its own. */
bool dialect_encloses(const struct dialect *dialect, size_t begin, size_t end);

/* Whether the link at `begin` goes on behind `end` in a way that nobody here understands:
 * with a command of TeX, where it is an address. What is known of it is no link. */
bool dialect_hides(const struct dialect *dialect, size_t begin, size_t end);

/* What is written, without the escapes; a NULL `at` where there is no memory. */
struct slice dialect_undo(
	const struct dialect *dialect, struct arena *arena, struct slice written);
