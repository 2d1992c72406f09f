/* extract/markdown_internal: the parts of the Markdown reader.
 *
 * cmark-gfm says what is a link and what its text is; it does not say where a destination
 * is written. So each leaf (a block that holds text) is mapped back to the bytes it came
 * from (markdown_leaf.c), and a scanner walks its text in step with the links that cmark
 * found there (markdown_scan.c), which can therefore not invent a link, only place one.
 * Reference definitions leave no trace in cmark's tree: they are read from the lines that
 * no leaf accounts for (markdown_definitions.c).
 */
#pragma once

#include <cmark-gfm.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/table.h"

/* --- memory (markdown_memory.c)
 * ---------------------------------------------------------
 *
 * cmark-gfm takes its memory from here and does not look whether it got any. */

struct markdown_memory {
	struct markdown_block *blocks;
	size_t bytes, bytes_max;
	bool exhausted;
	jmp_buf escape;
};

/* Runs `work` with cmark's memory taken from `memory`. Returns what it returns; -1 with
 * `exhausted` set where memory or the ceiling ended it: `work` is then left in the middle
 * of a call of cmark, so what it owns must be reachable from `data`. */
int markdown_memory_run(
	struct markdown_memory *memory, int (*work)(void *data), void *data);

/* Frees everything cmark took; trees and strings of cmark end here. */
void markdown_memory_fini(struct markdown_memory *memory);

/* For cmark's functions that want one; only inside markdown_memory_run. */
cmark_mem *markdown_memory_mem(void);

/* --- source lines
 * -----------------------------------------------------------------------
 *
 * Numbered from 1 as cmark does: LF, CRLF and a lone CR end a line. */

struct markdown_lines {
	struct slice source;
	uint32_t *starts; /* count + 1 of them */
	uint32_t count;
	unsigned char *taken; /* by line: a leaf accounts for it */
};

/* -1: no memory. */
int markdown_lines_init(struct markdown_lines *lines, struct slice source);
void markdown_lines_fini(struct markdown_lines *lines);

/* Without its ending; empty outside the document. */
struct slice markdown_line(const struct markdown_lines *lines, uint32_t number);

/* --- parsing (markdown_parse.c)
 * ---------------------------------------------------------*/

/* The tree of a document, inside markdown_memory_run. */
cmark_node *markdown_parse(struct slice source);

/* The nodes of extensions have no numbers in cmark's headers, only names. */
bool markdown_is(cmark_node *node, const char *type);

/* Whether the inlines of this leaf were left unparsed: cmark would need too long. */
bool markdown_is_unparsed(cmark_node *leaf);

/* --- leaves (markdown_leaf.c)
 * -----------------------------------------------------------*/

struct leaf_piece {
	uint32_t content, source; /* the same byte in both */
};

/* The text of one leaf and where it came from. Used again for each. */
struct leaf {
	struct slice content;
	struct leaf_piece *pieces;
	uint32_t piece_count, piece_room;
	bool failed; /* no memory */
};

void leaf_fini(struct leaf *leaf);

/* A paragraph, heading or HTML block. False where its lines are not found. */
bool leaf_open(struct leaf *leaf, const struct markdown_lines *lines, cmark_node *node);

/* A table cell on `line`, whose search begins at byte `*column` (from 0) of that line and
 * leaves it behind the cell. */
bool leaf_open_cell(struct leaf *leaf, const struct markdown_lines *lines,
	cmark_node *node, uint32_t line, size_t *column);

/* The line a table's row is on, 0 if it is not found. */
uint32_t leaf_row_line(
	struct leaf *leaf, const struct markdown_lines *lines, cmark_node *row);

/* The offset in the document of a byte of the content. */
size_t leaf_source(const struct leaf *leaf, size_t content);

/* --- definitions (markdown_definitions.c)
 * -----------------------------------------------*/

struct definition {
	struct slice label;    /* normalised */
	struct slice url;      /* as written */
	size_t offset, length; /* of that in the document */
	UT_hash_handle hh;
};

struct definitions {
	struct arena arena;
	struct definition *by_label;
};

void definitions_init(struct definitions *definitions, size_t bytes_max);
void definitions_fini(struct definitions *definitions);

/* Reads those on lines that are not taken. -1: no memory. */
int definitions_read(struct definitions *definitions, const struct markdown_lines *lines);

/* NULL: there is none. */
const struct definition *definitions_find(
	struct definitions *definitions, struct slice label);

/* --- inlines (markdown_scan.c)
 * ----------------------------------------------------------*/

enum inline_kind {
	INLINE_LINK,
	INLINE_IMAGE,
	INLINE_BARE, /* an autolink of GFM, without angle brackets */
	INLINE_HTML,
};

/* One node of cmark's that writes a URL somewhere, in the order in which they end. */
struct inline_node {
	enum inline_kind kind;
	struct slice url;          /* of HTML the whole literal */
	struct slice display;      /* of a bare one */
	size_t text_from, text_to; /* in the text of the group */
	bool only_image;           /* its text is that of images alone */
	/* Filled in by inline_scan: */
	bool placed;
	const struct definition *definition; /* a reference, else NULL */
	size_t at, length;                   /* otherwise, in the leaf's content */
};

/* Places the nodes of one leaf. */
void inline_scan(struct slice content, struct definitions *definitions,
	struct inline_node *nodes, uint32_t count, struct arena *scratch);

/* --- syntax (markdown_syntax.c)
 * ---------------------------------------------------------
 *
 * Where something of CommonMark's ends; `at` is where it begins. 0: it does not match. */

/* "(destination "title")" with its parentheses. */
size_t syntax_inline_link(
	struct slice text, size_t at, size_t *ret_url, size_t *ret_length);

/* A destination alone, with or without angle brackets. */
size_t syntax_destination(
	struct slice text, size_t at, size_t *ret_url, size_t *ret_length);

/* "[label]" */
size_t syntax_label(struct slice text, size_t at, struct slice *ret_label);

bool syntax_is_punctuation(char c);

/* Whether cmark makes `url` of the destination as written. */
bool syntax_same_url(struct slice written, struct slice url);
