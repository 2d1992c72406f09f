#include "extract/markdown_scan_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <unicase.h>

enum {
	LABEL_MAX = 1000,
	OTHERS_MAX = 4,              /* with the same label */
	DESTINATION_MAX = 16 * 1024, /* a longer one is cut: no URL is that long */
};

void definitions_init(struct definitions *definitions, size_t bytes_max)
{
	*definitions = (struct definitions){ 0 };
	arena_init(&definitions->arena, bytes_max);
}

void definitions_fini(struct definitions *definitions)
{
	HASH_CLEAR(hh, definitions->by_label);
	arena_fini(&definitions->arena);
}

/* White space collapsed, then case folded; in `room`, which must hold LABEL_MAX + 1. */
static size_t collapse(struct slice label, char *room)
{
	size_t len = 0;

	label = slice_trim(label);
	for (size_t i = 0; i < label.len; i++) {
		bool space = char_is_space(label.at[i]);
		if (space && len > 0 && room[len - 1] == ' ')
			continue;
		room[len++] = space ? ' ' : label.at[i];
	}
	return len;
}

/* Empty: no label, or no memory. */
static struct slice normalise(struct arena *arena, struct slice label)
{
	char room[LABEL_MAX + 1];
	size_t folded_len = 0;

	if (label.len == 0 || label.len > LABEL_MAX)
		return (struct slice){ 0 };
	size_t len = collapse(label, room);
	uint8_t *folded =
		u8_casefold((const uint8_t *)room, len, NULL, NULL, NULL, &folded_len);
	if (folded == NULL && errno == ENOMEM) {
		arena->failed = arena->out_of_memory = true;
		return (struct slice){ 0 };
	}
	if (folded == NULL) { /* not UTF-8 */
		for (size_t i = 0; i < len; i++)
			room[i] = char_lower(room[i]);
		return arena_copy(arena, (struct slice){ room, len });
	}
	struct slice copy =
		arena_copy(arena, (struct slice){ (const char *)folded, folded_len });
	free(folded);
	return copy;
}

const struct definition *definitions_find(
	struct definitions *definitions, struct slice label)
{
	struct definition *found = NULL;
	struct arena scratch;

	if (definitions->by_label == NULL)
		return NULL;
	arena_init(&scratch, 8 * LABEL_MAX);
	label = normalise(&scratch, label);
	if (label.len > 0)
		HASH_FIND(hh, definitions->by_label, label.at, label.len, found);
	definitions->arena.failed |= scratch.failed;
	arena_fini(&scratch);
	return found;
}

/* --- reading ------------------------------------------------------------------------ */

struct reader {
	struct definitions *definitions;
	const struct markdown_lines *lines;
	uint32_t line; /* where the definition under way goes on */
	struct slice rest;
};

static struct slice skip_quotes(struct slice line)
{
	while (line.len > 0 &&
		(line.at[0] == ' ' || line.at[0] == '\t' || line.at[0] == '>'))
		line = slice_sub(line, 1, line.len);
	return line;
}

/* The length of "- " or "1. " in front. */
static size_t list_marker(struct slice line)
{
	size_t at = 0;

	while (at < line.len && at < 9 && char_is_digit(line.at[at]))
		at++;
	if (at >= line.len)
		return 0;
	char c = line.at[at];
	bool marker = at == 0 ? c == '-' || c == '+' || c == '*' : c == '.' || c == ')';
	if (!marker || at + 1 >= line.len || !char_is_space(line.at[at + 1]))
		return 0;
	return at + 2;
}

static bool is_task(struct slice line)
{
	return line.len > 3 && line.at[0] == '[' && line.at[2] == ']' &&
	       char_is_space(line.at[3]) &&
	       (line.at[1] == ' ' || char_lower(line.at[1]) == 'x');
}

static struct slice skip_containers(struct slice line)
{
	size_t marker;

	do {
		line = skip_quotes(line);
		marker = list_marker(line);
		line = slice_sub(line, marker, line.len);
		if (marker > 0 && is_task(line))
			line = slice_sub(line, 3, line.len);
	} while (marker > 0);
	return line;
}

static bool next_line(struct reader *reader)
{
	if (reader->line >= reader->lines->count ||
		reader->lines->taken[reader->line + 1])
		return false;
	reader->line++;
	reader->rest = skip_quotes(markdown_line(reader->lines, reader->line));
	return reader->rest.len > 0;
}

static void skip_blanks(struct slice *rest)
{
	while (rest->len > 0 && (rest->at[0] == ' ' || rest->at[0] == '\t'))
		*rest = slice_sub(*rest, 1, rest->len);
}

/* Reads "[label]:", which may go over several lines, into `room`. */
static bool read_label(struct reader *reader, char *room, struct slice *ret_label)
{
	size_t len = 0;

	reader->rest = slice_sub(reader->rest, 1, reader->rest.len);
	for (;;) {
		struct slice *rest = &reader->rest;
		if (len >= LABEL_MAX)
			return false;
		if (rest->len == 0) {
			room[len++] = '\n';
			if (!next_line(reader))
				return false;
			continue;
		}
		char c = rest->at[0];
		*rest = slice_sub(*rest, 1, rest->len);
		if (c == '[')
			return false;
		if (c == ']')
			break;
		room[len++] = c;
		if (c == '\\' && rest->len > 0 && syntax_is_punctuation(rest->at[0])) {
			room[len++] = rest->at[0];
			*rest = slice_sub(*rest, 1, rest->len);
		}
	}
	*ret_label = (struct slice){ room, len };
	if (reader->rest.len == 0 || reader->rest.at[0] != ':')
		return false;
	reader->rest = slice_sub(reader->rest, 1, reader->rest.len);
	return len > 0;
}

/* False where it is known already, or where there are enough of them. */
static bool is_new(const struct definition *first, struct slice url)
{
	unsigned count = 0;

	for (; first != NULL; first = first->other)
		if (slice_equal(first->url, url) || ++count == OTHERS_MAX)
			return false;
	return true;
}

static int add(struct reader *reader, struct slice label, struct slice url)
{
	struct definitions *definitions = reader->definitions;
	struct definition *first = NULL;
	struct arena *arena = &definitions->arena;

	label = normalise(arena, label);
	if (label.len == 0)
		return arena->failed ? -1 : 0;
	HASH_FIND(hh, definitions->by_label, label.at, label.len, first);
	if (!is_new(first, url))
		return 0;
	struct definition *definition = ARENA_NEW(arena, struct definition);
	if (definition == NULL)
		return -1;
	definition->label = label;
	definition->url = url;
	definition->offset = (size_t)(url.at - reader->lines->source.at);
	definition->length = url.len;
	if (first != NULL) {
		while (first->other != NULL)
			first = first->other;
		first->other = definition;
		return 0;
	}
	HASH_ADD_KEYPTR(hh, definitions->by_label, label.at, label.len, definition);
	return definition->hh.tbl != NULL ? 0 : -1;
}

/* One definition that begins at reader->rest; what is none is passed over. */
static int read_one(struct reader *reader)
{
	char room[LABEL_MAX + 2];
	struct slice label;
	size_t url, length;

	if (!read_label(reader, room, &label) || label.at[0] == '^')
		return 0;
	skip_blanks(&reader->rest);
	if (reader->rest.len == 0 && !next_line(reader))
		return 0;
	struct slice head = slice_sub(reader->rest, 0, DESTINATION_MAX);
	if (syntax_destination(head, 0, &url, &length) == 0)
		return 0;
	return add(reader, label, slice_sub(head, url, url + length));
}

int definitions_read(struct definitions *definitions, const struct markdown_lines *lines)
{
	struct reader reader = { .definitions = definitions, .lines = lines };

	for (uint32_t line = 1; line <= lines->count; line++) {
		if (lines->taken[line])
			continue;
		reader.line = line;
		reader.rest = skip_containers(markdown_line(lines, line));
		if (reader.rest.len == 0 || reader.rest.at[0] != '[')
			continue;
		if (read_one(&reader) < 0)
			return -1;
	}
	return 0;
}
