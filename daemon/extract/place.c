#include "extract/extract_internal.h"

#include <string.h>

static void place_count_lines(struct place *place, size_t to)
{
	const char *bytes = place->bytes.at;
	size_t at = place->offset;

	while (at < to) {
		const char *end = memchr(bytes + at, '\n', to - at);
		if (end == NULL)
			break;
		at = (size_t)(end - bytes) + 1;
		place->line++;
		place->line_offset = at;
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
