/* extract/markdown_scan_internal: where in a leaf's text the destinations of its links
 * are.
 *
 * cmark says what is a link, not where its URL is written. A scanner walks the text in
 * step with the nodes cmark made of it; it can place a link but not invent one. Reference
 * definitions leave no trace in the tree: they are read from the lines that no leaf
 * accounts for.
 */
#pragma once

#include <cmark-gfm.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/slice.h"
#include "base/table.h"
#include "extract/markdown_leaf_internal.h"

/* --- definitions (markdown_definitions.c) ------------------------------------------- */

struct definition {
	struct slice label;       /* normalised */
	struct slice url;         /* as written */
	size_t offset, length;    /* of that in the document */
	struct definition *other; /* with this label and another URL, further down */
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

/* The first with this label; NULL: there is none. Should cmark have taken another, it is
 * because the first only looked like a definition: an unused footnote, which cmark throws
 * away with its text, can hold such a line. */
const struct definition *definitions_find(
	struct definitions *definitions, struct slice label);

/* --- inlines (markdown_inlines.c, markdown_scan.c) ---------------------------------- */

enum inline_kind {
	INLINE_LINK,
	INLINE_IMAGE,
	INLINE_BARE, /* an autolink of GFM, without angle brackets */
	INLINE_HTML,
};

/* One node of cmark's that writes a URL. */
struct inline_node {
	enum inline_kind kind;
	struct slice url;          /* of HTML the whole literal */
	struct slice display;      /* of a bare one, what stands there */
	size_t text_from, text_to; /* in the text given to inlines_read */
	bool only_image;           /* its text is that of an image */
	bool hidden;               /* in the text of an image: shown as mere words */
	/* Filled in by inlines_place: */
	bool placed;
	const struct definition *definition; /* of a reference, else NULL */
	size_t at, length;                   /* otherwise, in the leaf's content */
};

/* The nodes of one leaf in the order in which they end. Used again for each. */
struct inlines {
	struct inline_node *list;
	uint32_t count, room;
};

void inlines_fini(struct inlines *inlines);

/* Appends the leaf's plain text to `text`, and gathers its nodes. -1: no memory. */
int inlines_read(struct inlines *inlines, struct buffer *text, cmark_node *leaf);

/* Appends what GitHub makes a heading's anchor of: the text without that of images, but
 * with the spaces around them. -1: no memory. */
int inlines_read_heading(struct buffer *text, cmark_node *heading);

/* Finds all of them in `content`. -1: no memory. */
int inlines_place(struct inlines *inlines, struct slice content,
	struct definitions *definitions, struct arena *scratch);

/* --- syntax (markdown_syntax.c) -----------------------------------------------------
 *
 * Each answers where something of CommonMark's that begins at `at` ends; 0: it is not
 * there. */

/* "(destination "title")" with its parentheses. */
size_t syntax_inline_link(
	struct slice text, size_t at, size_t *ret_url, size_t *ret_length);

/* A destination alone, with or without angle brackets, which do not count as the URL. */
size_t syntax_destination(
	struct slice text, size_t at, size_t *ret_url, size_t *ret_length);

/* "[label]" */
size_t syntax_label(struct slice text, size_t at, struct slice *ret_label);

bool syntax_is_punctuation(char c);

/* Whether cmark makes `url` of the destination as written. Inside markdown_memory_run. */
bool syntax_same_url(struct slice written, struct slice url);
