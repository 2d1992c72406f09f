#include "extract/plain_dialect_internal.h"

/* reStructuredText: comments (".. text"), literal blocks behind "::", directives of code,
 * and ``code``. A block is what is indented by more than the line that announces it. */

enum { TAB_COLUMNS = 8, MARKER_MAX = 6 };

/* Takes the space at the beginning off *line. */
static size_t take_indent(struct slice *line)
{
	size_t columns = 0;

	while (line->len > 0 && (line->at[0] == ' ' || line->at[0] == '\t')) {
		columns = line->at[0] == '\t' ? (columns / TAB_COLUMNS + 1) * TAB_COLUMNS
					      : columns + 1;
		*line = slice_sub(*line, 1, line->len);
	}
	return columns;
}

/* "* ", "2. ", "(a) ", "#. ": how far it moves what stands behind it. */
static size_t marker_columns(struct slice line)
{
	size_t at = 0;

	if (line.len > 1 && slice_find_char(SLICE("*+-"), line.at[0]) != SLICE_NONE) {
		at = 1;
	} else {
		at += slice_starts(line, SLICE("("));
		while (at < line.len && at < MARKER_MAX &&
			(char_is_alpha(line.at[at]) || char_is_digit(line.at[at]) ||
				line.at[at] == '#'))
			at++;
		if (at == line.len || (line.at[at] != '.' && line.at[at] != ')'))
			return 0;
		at++;
	}
	size_t begin = at;
	while (at < line.len && line.at[at] == ' ')
		at++;
	return at > begin ? at : 0;
}

/* Of a heading. */
static bool is_adornment(struct slice line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] != line.at[0] || dialect_is_word(line.at[0]))
			return false;
	return true;
}

/* "name::", with an argument or without; *ret_name is the name. */
static bool is_directive(struct slice text, struct slice *ret_name)
{
	size_t end = slice_find(text, SLICE("::"));

	if (end == SLICE_NONE || end == 0 ||
		(end + 2 < text.len && text.at[end + 2] != ' '))
		return false;
	*ret_name = slice_sub(text, 0, end);
	for (size_t i = 0; i < end; i++)
		if (!char_is_alpha(text.at[i]) && !char_is_digit(text.at[i]) &&
			slice_find_char(SLICE("-_+:."), text.at[i]) == SLICE_NONE)
			return false;
	return true;
}

/* ".. ", behind which a comment stands if nothing else does: a target, a footnote, a
 * substitution, a directive. */
static bool is_markup(struct slice line)
{
	return slice_starts(line, SLICE("..")) && (line.len == 2 || line.at[2] == ' ');
}

static bool markup_hides(struct slice line)
{
	static const char *const code[] = { "code", "code-block", "sourcecode",
		"highlight", NULL };
	struct slice text = slice_trim(slice_sub(line, 2, line.len)), name;

	if (text.len > 0 && slice_find_char(SLICE("_[|"), text.at[0]) != SLICE_NONE)
		return false;
	return !is_directive(text, &name) || slice_is_one_of_nocase(name, code);
}

/* A line that no block hides. */
static void look_at(struct rst_lines *rst, struct slice line, size_t indent)
{
	if (is_markup(line) && (!rst->text || indent < rst->base)) {
		rst->hides = markup_hides(line);
		rst->bare = line.len == 2;
		rst->text = false;
		rst->base = indent;
		return;
	}
	rst->text = !is_adornment(line);
	rst->base = indent + marker_columns(line);
	rst->announced = slice_ends(line, SLICE("::"));
}

/* ".." alone above a blank line is a comment without anything in it. */
static void look_at_blank(struct rst_lines *rst)
{
	if (rst->bare)
		rst->hides = false;
	rst->bare = rst->text = false;
	rst->blank = true;
}

void rst_line(struct dialect *dialect, size_t at)
{
	struct slice line = dialect_line(dialect->bytes, at);
	struct rst_lines *rst = &dialect->rst;
	size_t indent = take_indent(&line);

	dialect->comment = false;
	if (line.len == 0) {
		look_at_blank(rst);
		return;
	}
	bool deeper = indent > rst->base;
	rst->hides = deeper && (rst->hides || (rst->announced && rst->blank));
	rst->blank = rst->bare = rst->announced = false;
	if (!rst->hides)
		look_at(rst, line, indent);
	dialect->comment = rst->hides;
}

/* ``code``, on one line. */
void rst_step(struct dialect *dialect)
{
	static const struct slice mark = { "``", 2 };
	struct slice bytes = dialect->bytes;
	size_t at = dialect->at, inside = at + mark.len;

	if (dialect->comment || at < dialect->unclosed_to[0] ||
		!slice_starts(slice_sub(bytes, at, bytes.len), mark) ||
		(at > 0 && dialect_is_word(bytes.at[at - 1])))
		return;
	size_t end = dialect_line_end(dialect, at);
	struct slice rest = slice_sub(bytes, inside, end);
	if (rest.len == 0 || char_is_space(rest.at[0]))
		return;
	size_t closer = slice_find(rest, mark);
	if (closer != SLICE_NONE)
		dialect->hidden_to = inside + closer + mark.len;
	else
		dialect->unclosed_to[0] = end;
}
