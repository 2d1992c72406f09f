#include "extract/plain_dialect_internal.h"

/* Org: lines that are comments or code, blocks of either, =verbatim= and ~code~. */

static struct slice without_indent(struct slice line)
{
	while (line.len > 0 && char_is_space(line.at[0]))
		line = slice_sub(line, 1, line.len);
	return line;
}

static bool begins_line(struct slice bytes, size_t at)
{
	while (at > 0 && (bytes.at[at - 1] == ' ' || bytes.at[at - 1] == '\t'))
		at--;
	return at == 0 || bytes.at[at - 1] == '\n';
}

/* Where the line begins that ends the block; SLICE_NONE where there is none. */
static size_t end_of_block(struct slice bytes, size_t from, struct slice end)
{
	for (size_t found;; from += found + end.len) {
		found = slice_find_nocase(slice_sub(bytes, from, bytes.len), end);
		if (found == SLICE_NONE)
			return SLICE_NONE;
		if (begins_line(bytes, from + found))
			return from + found;
	}
}

static void hide_block(struct dialect *dialect, struct slice line, size_t at)
{
	static const struct {
		struct slice begin, end;
	} blocks[] = { { { "#+begin_src", 11 }, { "#+end_src", 9 } },
		{ { "#+begin_example", 15 }, { "#+end_example", 13 } },
		{ { "#+begin_comment", 15 }, { "#+end_comment", 13 } } };

	for (uint32_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (!slice_starts_nocase(line, blocks[i].begin) ||
			(dialect->endless & 1u << i) != 0)
			continue;
		size_t end = end_of_block(dialect->bytes, at, blocks[i].end);
		if (end != SLICE_NONE)
			dialect->hidden_to = end;
		else
			dialect->endless |= 1u << i;
	}
}

/* "# comment", ": code" */
void org_line(struct dialect *dialect, size_t at)
{
	struct slice line = without_indent(dialect_line(dialect->bytes, at));
	bool mark = line.len > 0 && (line.at[0] == '#' || line.at[0] == ':');

	dialect->comment = mark && (line.len == 1 || line.at[1] == ' ');
	if (!dialect->comment)
		hide_block(dialect, line, at);
}

/* Emphasis begins and ends between these and space. */
static bool may_stand_before(struct slice bytes, size_t at)
{
	return at == 0 || char_is_space(bytes.at[at - 1]) ||
	       slice_find_char(SLICE("-('\"{"), bytes.at[at - 1]) != SLICE_NONE;
}

static bool may_stand_behind(struct slice line, size_t at)
{
	return at == line.len || char_is_space(line.at[at]) ||
	       slice_find_char(SLICE("-.,:;!?'\")}\\["), line.at[at]) != SLICE_NONE;
}

/* Where the mark at the beginning of `line` closes; SLICE_NONE where it does not. */
static size_t closer_of(struct slice line)
{
	for (size_t at = 2; at < line.len; at++)
		if (line.at[at] == line.at[0] && !char_is_space(line.at[at - 1]) &&
			may_stand_behind(line, at + 1))
			return at;
	return SLICE_NONE;
}

/* On one line, where Org allows for two. */
void org_step(struct dialect *dialect)
{
	struct slice bytes = dialect->bytes;
	size_t at = dialect->at;
	size_t *unclosed_to = &dialect->unclosed_to[bytes.at[at] == '~'];

	if ((bytes.at[at] != '=' && bytes.at[at] != '~') || dialect->comment ||
		at < *unclosed_to || !may_stand_before(bytes, at))
		return;
	size_t end = dialect_line_end(dialect, at);
	struct slice line = slice_sub(bytes, at, end);
	if (line.len < 2 || char_is_space(line.at[1]))
		return;
	size_t closer = closer_of(line);
	if (closer != SLICE_NONE)
		dialect->hidden_to = at + closer + 1;
	else
		*unclosed_to = end;
}
