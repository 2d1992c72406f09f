#include "extract/extract_internal.h"

/* LF, CRLF and a lone CR end a line, as in Markdown and in editors. */
static void place_count_lines(struct place *place, size_t to)
{
	struct slice bytes = place->bytes;

	for (size_t at = place->offset; at < to; at++) {
		char c = bytes.at[at];
		if (c != '\n' && c != '\r')
			continue;
		if (c == '\r' && at + 1 < bytes.len && bytes.at[at + 1] == '\n')
			continue;
		place->line++;
		place->line_offset = at + 1;
	}
	place->offset = to;
}

void place_at(
	struct place *place, size_t offset, uint32_t *ret_line, uint32_t *ret_column)
{
	if (offset > place->bytes.len)
		offset = place->bytes.len;
	if (offset < place->line_offset)
		place_init(place, place->bytes);
	if (offset > place->offset)
		place_count_lines(place, offset);
	*ret_line = place->line;
	*ret_column = (uint32_t)(offset - place->line_offset) + 1;
}
