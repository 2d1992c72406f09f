#include "extract/markdown_leaf_internal.h"

#include <cmark-gfm-extension_api.h>
#include <stdlib.h>

/* A document is matched to its leaves by content, because cmark's line numbers of a leaf
 * are only nearly right: definitions in front of it, setext underlines and tables shift
 * them. So many lines are tried. */
enum { LINES_TRIED_MAX = 64 };

/* --- pieces ------------------------------------------------------------------------- */

void leaf_fini(struct leaf *leaf)
{
	free(leaf->pieces);
	*leaf = (struct leaf){ 0 };
}

static void add_piece(struct leaf *leaf, size_t content, size_t source)
{
	if (leaf->piece_count == leaf->piece_room) {
		uint32_t room = leaf->piece_room * 2 + 16;
		void *grown = realloc(leaf->pieces, room * sizeof(*leaf->pieces));
		if (grown == NULL) {
			leaf->failed = true;
			return;
		}
		leaf->pieces = grown;
		leaf->piece_room = room;
	}
	leaf->pieces[leaf->piece_count++] =
		(struct leaf_piece){ (uint32_t)content, (uint32_t)source };
}

size_t leaf_source(const struct leaf *leaf, size_t content)
{
	uint32_t low = 0, high = leaf->piece_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (leaf->pieces[middle].content <= content)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return leaf->piece_count > 0 ? leaf->pieces[0].source : leaf->begin;
	const struct leaf_piece *piece = &leaf->pieces[low - 1];
	return piece->source + (content - piece->content);
}

/* --- paragraphs, headings, HTML blocks ---------------------------------------------- */

static struct slice trim_end(struct slice line)
{
	while (line.len > 0 && char_is_space(line.at[line.len - 1]))
		line.len--;
	return line;
}

/* Takes the next line of the content off *rest; its ending is counted but not in it. */
static struct slice next_line(struct slice *rest)
{
	size_t end = 0;

	while (end < rest->len && rest->at[end] != '\n' && rest->at[end] != '\r')
		end++;
	struct slice line = { rest->at, end };
	if (end + 1 < rest->len && rest->at[end] == '\r' && rest->at[end + 1] == '\n')
		end++;
	*rest = slice_sub(*rest, end + 1, rest->len);
	return line;
}

/* From `at` on the source line is what is left of the content's line, where "\|" may have
 * become "|". Where it ends; SLICE_NONE if it is not. */
static size_t match_piped(struct leaf *leaf, struct slice source, size_t at,
	size_t offset, struct slice line)
{
	size_t content = (size_t)(line.at - leaf->content.at);

	add_piece(leaf, content, offset + at);
	for (size_t i = 0; i < line.len; i++, at++) {
		if (line.at[i] == '|' && at + 1 < source.len && source.at[at] == '\\' &&
			source.at[at + 1] == '|') {
			at++;
			add_piece(leaf, content + i, offset + at);
		}
		if (at >= source.len || source.at[at] != line.at[i])
			return SLICE_NONE;
	}
	return at;
}

static bool open_piped_line(
	struct leaf *leaf, struct slice source, size_t offset, struct slice line)
{
	size_t escapes = 0;
	uint32_t count = leaf->piece_count;

	for (size_t i = 0; i + 1 < source.len; i++)
		escapes += source.at[i] == '\\' && source.at[i + 1] == '|';
	if (escapes == 0 || source.len < line.len + escapes)
		return false;
	size_t at = source.len - line.len - escapes;
	if (match_piped(leaf, source, at, offset, line) == source.len)
		return true;
	leaf->piece_count = count;
	return false;
}

/* A line of the content is the end of its source line, except that a tab which a
 * container took a part of has become spaces, and that the paragraph above a table has
 * its pipes unescaped. */
static bool open_line(
	struct leaf *leaf, struct slice source, size_t offset, struct slice line)
{
	source = trim_end(source);
	line = trim_end(line);
	if (!slice_ends(source, line)) {
		if (open_piped_line(leaf, source, offset, line))
			return true;
		while (line.len > 0 && line.at[0] == ' ')
			line = slice_sub(line, 1, line.len);
		if (!slice_ends(source, line))
			return false;
	}
	add_piece(leaf, (size_t)(line.at - leaf->content.at),
		offset + source.len - line.len);
	return true;
}

/* A block of HTML that the document leaves open ends in the blank lines that were fed to
 * cmark behind it. */
static bool open_lines_at(
	struct leaf *leaf, const struct markdown_lines *lines, uint32_t first)
{
	struct slice rest = leaf->content;

	leaf->piece_count = 0;
	for (uint32_t number = first; rest.len > 0; number++) {
		if (number > lines->count && leaf->piece_count > 0)
			return slice_trim(rest).len == 0;
		if (number == 0 || number > lines->count)
			return false;
		struct slice line = next_line(&rest);
		if (!open_line(leaf, markdown_line(lines, number),
			    lines->starts[number - 1], line))
			return false;
	}
	return true;
}

static uint32_t count_content_lines(struct slice content)
{
	uint32_t count = 0;

	for (; content.len > 0; count++)
		next_line(&content);
	return count;
}

static bool open_lines(struct leaf *leaf, const struct markdown_lines *lines,
	uint32_t first, uint32_t last)
{
	uint32_t count = count_content_lines(leaf->content);
	uint32_t best = last + 1 > count ? last + 1 - count : 0;

	/* From its end, because definitions are taken off its beginning. */
	for (uint32_t i = 0; i < LINES_TRIED_MAX && best >= first + i && best > i; i++)
		if (open_lines_at(leaf, lines, best - i))
			return true;
	for (uint32_t i = 0; i < LINES_TRIED_MAX; i++)
		if (open_lines_at(leaf, lines, first + i))
			return true;
	leaf->piece_count = 0;
	return false;
}

/* "## text ##" */
static bool open_atx(struct leaf *leaf, const struct markdown_lines *lines, uint32_t line)
{
	struct slice source = markdown_line(lines, line);
	size_t at = slice_find_char(source, '#');

	if (at == SLICE_NONE)
		return false;
	while (at < source.len && source.at[at] == '#')
		at++;
	while (at < source.len && char_is_space(source.at[at]))
		at++;
	if (!slice_starts(slice_sub(source, at, source.len), trim_end(leaf->content)))
		return false;
	leaf->piece_count = 0;
	add_piece(leaf, 0, lines->starts[line - 1] + at);
	return true;
}

static uint32_t line_begin(const struct markdown_lines *lines, uint32_t number)
{
	return number > 0 && number <= lines->count ? lines->starts[number - 1] : 0;
}

static uint32_t line_number(int number)
{
	return number > 0 ? (uint32_t)number : 0;
}

/* cmark puts the text between a paragraph and a table's header into a paragraph without
 * a place. */
static void find_range(cmark_node *node, uint32_t *ret_first, uint32_t *ret_last)
{
	*ret_first = line_number(cmark_node_get_start_line(node));
	*ret_last = line_number(cmark_node_get_end_line(node));
	cmark_node *next = cmark_node_next(node);
	if (*ret_first == 0 && next != NULL) {
		*ret_first = line_number(cmark_node_get_start_line(next));
		*ret_last = *ret_first;
	}
}

bool leaf_open(struct leaf *leaf, const struct markdown_lines *lines, cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);
	uint32_t first, last;

	find_range(node, &first, &last);
	leaf->content = slice_of(type == CMARK_NODE_HTML_BLOCK
					 ? cmark_node_get_literal(node)
					 : cmark_node_get_string_content(node));
	leaf->piece_count = 0;
	leaf->begin = line_begin(lines, first);
	if (type == CMARK_NODE_HTML_BLOCK)
		return open_lines_at(leaf, lines, first) ||
		       open_lines(leaf, lines, first, last);
	if (type != CMARK_NODE_HEADING)
		return open_lines(leaf, lines, first, last);
	/* The end of a setext heading is given as one line behind its underline, or as
	 * that itself at the end of the document. */
	return open_atx(leaf, lines, first) ||
	       open_lines(leaf, lines, first, last > 2 ? last - 2 : 1) ||
	       open_lines(leaf, lines, first, last > 1 ? last - 1 : 1);
}

/* --- table cells -------------------------------------------------------------------- */

/* Where the next cell begins when this one's content begins at `at`; SLICE_NONE if it
 * does not. */
static size_t match_cell(struct leaf *leaf, struct slice line, size_t at, size_t offset)
{
	leaf->piece_count = 0;
	at = match_piped(leaf, line, at, offset, leaf->content);
	while (at < line.len && char_is_space(line.at[at]))
		at++;
	if (at >= line.len)
		return at;
	return line.at[at] == '|' ? at + 1 : SLICE_NONE;
}

bool leaf_open_cell(struct leaf *leaf, const struct markdown_lines *lines,
	cmark_node *node, uint32_t line_no, size_t *column)
{
	struct slice line = markdown_line(lines, line_no);

	leaf->content = slice_of(cmark_node_get_string_content(node));
	leaf->begin = line_begin(lines, line_no);
	for (size_t tried = 0, at = *column; tried < 4 * LINES_TRIED_MAX && at < line.len;
		tried++, at++) {
		size_t end = match_cell(leaf, line, at, lines->starts[line_no - 1]);
		if (end != SLICE_NONE) {
			*column = end;
			return true;
		}
	}
	leaf->piece_count = 0;
	return false;
}

static bool row_is_on(struct leaf *leaf, const struct markdown_lines *lines,
	cmark_node *row, uint32_t line)
{
	size_t column = 0;

	for (cmark_node *cell = cmark_node_first_child(row); cell != NULL;
		cell = cmark_node_next(cell)) {
		const char *content = cmark_node_get_string_content(cell);
		if (content != NULL && content[0] != '\0' &&
			!leaf_open_cell(leaf, lines, cell, line, &column))
			return false;
	}
	return true;
}

uint32_t leaf_row_line(
	struct leaf *leaf, const struct markdown_lines *lines, cmark_node *row)
{
	cmark_node *table = cmark_node_parent(row), *next = cmark_node_next(row);
	uint32_t line = line_number(cmark_node_get_start_line(row));

	if (row != cmark_node_first_child(table))
		return line;
	/* The header's own number is that of the paragraph which it ends. */
	uint32_t below = line_number(next != NULL ? cmark_node_get_start_line(next) - 2
						  : cmark_node_get_end_line(table) - 1);
	if (row_is_on(leaf, lines, row, below))
		return below;
	for (uint32_t i = 0; i < LINES_TRIED_MAX; i++)
		if (row_is_on(leaf, lines, row, line + i))
			return line + i;
	return 0;
}
