/* extract/plain_internal: what some kinds of text have beyond plain text: escapes and
 * comments of TeX, brackets, comments and listings of AsciiDoc, the cells of CSV. */
#pragma once

#include "base/arena.h"
#include "extract/extract_internal.h"

struct dialect {
	enum document_kind kind;
	struct slice bytes;
	size_t at;          /* everything before it was looked at */
	bool comment;       /* TeX, AsciiDoc: `at` is in one, or in code */
	struct slice block; /* AsciiDoc: the line that ends the code around `at` */
	bool quoted;        /* CSV: `at` is in a cell with quotes */
	char separator;     /* of CSV's cells */
};

void dialect_init(struct dialect *dialect, enum document_kind kind, struct slice bytes);

/* Whether a link that begins at `begin` counts: not in a comment, nor in a listing. To be
 * called for every link, with offsets that grow; what follows is about the last one. */
bool dialect_counts(struct dialect *dialect, size_t begin);

/* The last one ends there: what is within it is no comment. */
void dialect_skip(struct dialect *dialect, size_t end);

/* The bytes of an escape at `at` that belongs to a link there; 0: there is none. */
size_t dialect_escape(const struct dialect *dialect, size_t at);

/* Whether a link ends in front of the character at `at`, whatever it is elsewhere. */
bool dialect_ends(const struct dialect *dialect, size_t at);

/* What is written, without the escapes; a NULL `at` where there is no memory. */
struct slice dialect_undo(
	const struct dialect *dialect, struct arena *arena, struct slice written);
