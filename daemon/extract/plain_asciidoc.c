#include "extract/plain_dialect_internal.h"

#include "base/utf8.h"

enum { DELIMITER_MIN = 4, DELIMITER_MAX = 80 };

static const struct slice fence = { "```", 3 };

static struct slice line_before(struct slice bytes, size_t at)
{
	size_t begin = at > 0 ? at - 1 : 0;
	while (begin > 0 && bytes.at[begin - 1] != '\n')
		begin--;
	return dialect_line(bytes, begin);
}

/* Around code ("----", "....", a fence as in Markdown) or a comment ("////"); what ends
 * it. Empty: it is none. */
static struct slice delimiter_of(struct slice line)
{
	static const struct slice none = { 0 };

	if (slice_starts(line, fence))
		return slice_find_char(slice_sub(line, fence.len, line.len), '`') ==
				       SLICE_NONE
			       ? fence
			       : none;
	if (line.len < DELIMITER_MIN || line.len > DELIMITER_MAX ||
		slice_find_char(SLICE("-./"), line.at[0]) == SLICE_NONE)
		return none;
	for (size_t i = 1; i < line.len; i++)
		if (line.at[i] != line.at[0])
			return none;
	return line;
}

/* "-----" makes a heading of a line of about its length that has a word in it. */
static bool underlines(struct slice line, struct slice title)
{
	size_t length = 0;
	bool word = false;

	while (title.len > 0 && length <= line.len + 1) {
		word = word || dialect_is_word(title.at[0]);
		utf8_next(&title);
		length++;
	}
	return word && length + 1 >= line.len && length <= line.len + 1;
}

/* Else it ends a paragraph. No heading are attributes, a caption and the "+" of a list.
 */
static bool may_begin_block(struct slice bytes, size_t at, struct slice line)
{
	if (at == 0 || line.at[0] != '-')
		return true;
	struct slice before = line_before(bytes, at);
	return before.len == 0 || before.at[0] == '[' || before.at[0] == '.' ||
	       !underlines(line, before);
}

/* Where the line ends that ends the block; SLICE_NONE where there is none. */
static size_t end_of_block(struct slice bytes, size_t from, struct slice delimiter)
{
	struct slice rest = slice_sub(bytes, from, bytes.len);

	for (size_t found; (found = slice_find(rest, delimiter)) != SLICE_NONE;) {
		bool begins = found > 0 && rest.at[found - 1] == '\n';
		struct slice line = dialect_line(rest, found);
		if (begins && slice_equal(line, delimiter))
			return (size_t)(line.at - bytes.at) + line.len;
		rest = slice_sub(rest, found + (line.len > 0 ? line.len : 1), rest.len);
	}
	return SLICE_NONE;
}

/* Each delimiter fails once, and there are not many; but what a fence begins with may be
 * of many kinds. */
void asciidoc_line(struct dialect *dialect, size_t at)
{
	struct slice bytes = dialect->bytes, line = dialect_line(bytes, at);
	struct slice delimiter = delimiter_of(line);
	bool fenced = delimiter.at == fence.at;

	dialect->comment =
		slice_starts(line, SLICE("//")) && !slice_starts(line, SLICE("///"));
	if (delimiter.len == 0 || (fenced && dialect->endless != 0) ||
		!may_begin_block(bytes, at, line))
		return;
	size_t end = end_of_block(bytes, at + line.len, delimiter);
	if (end != SLICE_NONE)
		dialect->hidden_to = end;
	else
		dialect->endless |= fenced;
}

static size_t pluses_before(const struct dialect *dialect, size_t begin)
{
	size_t count = 0;
	while (count < 2 && count < begin && dialect->bytes.at[begin - count - 1] == '+')
		count++;
	return count;
}

/* "`+http://a+`" */
bool asciidoc_is_code(const struct dialect *dialect, size_t begin)
{
	return begin >= 2 &&
	       slice_equal(slice_sub(dialect->bytes, begin - 2, begin), SLICE("`+"));
}

/* "http://a/b[its text]"; "++http://a++" and "+http://a+" keep others from reading it. */
bool asciidoc_ends(const struct dialect *dialect, size_t at)
{
	struct slice bytes = dialect->bytes;
	bool last = at + 1 == bytes.len;

	if (bytes.at[at] != '+')
		return bytes.at[at] == '[';
	switch (pluses_before(dialect, dialect->begin)) {
	case 0:
		return false;
	case 1:
		return last || !dialect_is_word(bytes.at[at + 1]);
	default:
		return !last && bytes.at[at + 1] == '+';
	}
}
