#include "extract/markdown_leaf_internal.h"

#include <stdlib.h>

static uint32_t count_lines(struct slice source, uint32_t *starts)
{
	uint32_t count = 0;
	size_t at = 0;

	while (at < source.len) {
		if (starts != NULL)
			starts[count] = (uint32_t)at;
		count++;
		while (at < source.len && source.at[at] != '\n' && source.at[at] != '\r')
			at++;
		at += at + 1 < source.len && source.at[at] == '\r' &&
				      source.at[at + 1] == '\n'
			      ? 2
			      : 1;
	}
	if (starts != NULL)
		starts[count] = (uint32_t)source.len;
	return count;
}

int markdown_lines_init(struct markdown_lines *lines, struct slice source)
{
	*lines = (struct markdown_lines){ .source = source };
	lines->count = count_lines(source, NULL);
	lines->starts = calloc((size_t)lines->count + 1, sizeof(*lines->starts));
	lines->taken = calloc((size_t)lines->count + 2, 1);
	if (lines->starts == NULL || lines->taken == NULL)
		return -1;
	count_lines(source, lines->starts);
	return 0;
}

void markdown_lines_fini(struct markdown_lines *lines)
{
	free(lines->starts);
	free(lines->taken);
	*lines = (struct markdown_lines){ 0 };
}

struct slice markdown_line(const struct markdown_lines *lines, uint32_t number)
{
	if (number == 0 || number > lines->count)
		return (struct slice){ 0 };
	struct slice line = slice_sub(
		lines->source, lines->starts[number - 1], lines->starts[number]);
	while (line.len > 0 &&
		(line.at[line.len - 1] == '\n' || line.at[line.len - 1] == '\r'))
		line.len--;
	return line;
}

uint32_t markdown_line_at(const struct markdown_lines *lines, size_t offset)
{
	uint32_t low = 0, high = lines->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (lines->starts[middle] <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void markdown_lines_take(struct markdown_lines *lines, int64_t first, int64_t last)
{
	for (int64_t line = first > 1 ? first : 1; line <= last && line <= lines->count;
		line++)
		lines->taken[line] = 1;
}

static bool is_line(struct slice line, struct slice text)
{
	while (line.len > 0 && char_is_space(line.at[line.len - 1]))
		line.len--;
	return slice_equal(line, text);
}

/* "key: value" or "key:"; not "**Note: this" or "[a: b](c)". */
static bool is_yaml_pair(struct slice line)
{
	static const struct slice marks = { "_-./{ \"'", 8 };

	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i];
		if (c == ':')
			return i > 0 && (i + 1 == line.len ||
						slice_find_char(SLICE(" \t\r\"'"),
							line.at[i + 1]) != SLICE_NONE);
		if (!char_is_alpha(c) && !char_is_digit(c) && (unsigned char)c < 0x80 &&
			slice_find_char(marks, c) == SLICE_NONE)
			return false;
	}
	return false;
}

/* The length of a YAML block in front; a document that merely begins with a rule has
 * none. What begins with '#' may be a comment in YAML, or a heading: then the next line
 * tells, and the blank one that Markdown wants before a rule. */
static size_t front_matter(struct slice source)
{
	struct slice rest = source, line;

	if (slice_starts(rest, SLICE("\xEF\xBB\xBF")))
		rest = slice_sub(rest, 3, rest.len);
	if (!slice_split(&rest, '\n', &line) || !is_line(line, SLICE("---")))
		return 0;
	bool heading = slice_starts(rest, SLICE("#")), pair = false;
	bool blank = false;
	while (slice_split(&rest, '\n', &line)) {
		if (is_line(line, SLICE("---")) || is_line(line, SLICE("...")))
			return heading && blank
				       ? 0
				       : (size_t)(line.at + line.len - source.at);
		bool comment = heading && (slice_starts(line, SLICE("#")) ||
						  is_line(line, (struct slice){ 0 }));
		pair = pair || is_yaml_pair(line);
		if (!pair && !comment)
			return 0;
		blank = is_line(line, (struct slice){ 0 });
	}
	return 0;
}

char *markdown_copy_source(struct slice bytes)
{
	char *copy = malloc(bytes.len + 1);
	if (copy == NULL)
		return NULL;
	for (size_t i = 0; i < bytes.len; i++)
		copy[i] = bytes.at[i] != '\0' ? bytes.at[i] : '\x7F';
	copy[bytes.len] = '\0';
	size_t front = front_matter(bytes);
	for (size_t i = 0; i < front && i < bytes.len; i++)
		if (copy[i] != '\n' && copy[i] != '\r')
			copy[i] = ' ';
	return copy;
}
