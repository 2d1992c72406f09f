/* extract/markdown_leaf_internal: which bytes of the document a leaf's text is.
 *
 * A leaf is a block of cmark's tree that holds text. Its content is that of its source
 * lines without what belongs to the blocks around it; cmark tells its lines only nearly
 * right and its columns not at all.
 */
#pragma once

#include <cmark-gfm.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* What cmark is to read, with a NUL behind it; for free(). Of the same length, so that
 * places stay: a NUL becomes a character without meaning, YAML front matter becomes
 * blanks. NULL: no memory. */
char *markdown_copy_source(struct slice bytes);

/* Source lines are numbered from 1 as cmark does: LF, CRLF and a lone CR end a line. */
struct markdown_lines {
	struct slice source;
	uint32_t *starts; /* count + 1 of them */
	uint32_t count;
	unsigned char *taken; /* by number: a leaf accounts for it */
};

/* -1: no memory. */
int markdown_lines_init(struct markdown_lines *lines, struct slice source);
void markdown_lines_fini(struct markdown_lines *lines);

/* Without its ending; empty outside the document. */
struct slice markdown_line(const struct markdown_lines *lines, uint32_t number);

/* The number of the line that this byte is in. */
uint32_t markdown_line_at(const struct markdown_lines *lines, size_t offset);

void markdown_lines_take(struct markdown_lines *lines, int64_t first, int64_t last);

struct leaf_piece {
	uint32_t content, source; /* offsets of the same byte */
};

/* The text of one leaf and where it came from. Used again for each. */
struct leaf {
	struct slice content;
	struct leaf_piece *pieces;
	uint32_t piece_count, piece_room;
	uint32_t begin; /* the place of everything while there are no pieces */
	bool failed;    /* no memory */
};

void leaf_fini(struct leaf *leaf);

/* A paragraph, heading or HTML block. False where its lines are not found: every byte is
 * then said to be where the leaf begins. */
bool leaf_open(struct leaf *leaf, const struct markdown_lines *lines, cmark_node *node);

/* A table's cell on `line`, looked for from byte *column (from 0) of that line on, which
 * is then moved behind the cell. */
bool leaf_open_cell(struct leaf *leaf, const struct markdown_lines *lines,
	cmark_node *node, uint32_t line, size_t *column);

/* The line a table's row is on; 0 if it is not found. */
uint32_t leaf_row_line(
	struct leaf *leaf, const struct markdown_lines *lines, cmark_node *row);

/* The offset in the document of a byte of the content. */
size_t leaf_source(const struct leaf *leaf, size_t content);
