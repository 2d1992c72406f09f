#include "extract/plain_internal.h"

/* Whether the quote at `at` leaves us within quotes. It begins a cell, or is the second
 * of two in one; elsewhere, as in 5", it means itself. */
static bool quotes(struct slice bytes, size_t at, bool quoted)
{
	while (at > 0 && bytes.at[at - 1] == ' ')
		at--;
	return !quoted && (at == 0 || slice_find_char(SLICE(",;\t\r\n\""),
					      bytes.at[at - 1]) != SLICE_NONE);
}

/* Of the first record, which is the head more often than not: what stands there most
 * outside of quotes. A tab ends a link anyway. */
static char separator_of(struct slice bytes)
{
	size_t commas = 0, semicolons = 0, tabs = 0;
	bool quoted = false;

	for (size_t i = 0; i < bytes.len && (quoted || bytes.at[i] != '\n'); i++) {
		if (bytes.at[i] == '"')
			quoted = quotes(bytes, i, quoted);
		if (quoted)
			continue;
		commas += bytes.at[i] == ',';
		semicolons += bytes.at[i] == ';';
		tabs += bytes.at[i] == '\t';
	}
	if (tabs > commas && tabs > semicolons)
		return '\t';
	return semicolons > commas ? ';' : ',';
}

/* --- comments and cells --- */

/* Behind an odd number of them it is escaped; those in front are a line's end. */
static bool is_escaped(struct slice bytes, size_t at)
{
	size_t begin = at;
	while (begin > 0 && bytes.at[begin - 1] == '\\')
		begin--;
	return (at - begin) % 2 == 1;
}

/* Within a word it may be a URL's, as in "\url{a%20b}". */
static bool starts_comment(struct slice bytes, size_t at)
{
	struct slice two = slice_sub(bytes, at + 1, at + 3);

	if (bytes.at[at] != '%' || is_escaped(bytes, at))
		return false;
	return at == 0 || char_is_space(bytes.at[at - 1]) || two.len < 2 ||
	       char_hex(two.at[0]) < 0 || char_hex(two.at[1]) < 0;
}

/* --- AsciiDoc's lines --- */

enum { DELIMITER_MIN = 4, DELIMITER_MAX = 80 };

static struct slice line_at(struct slice bytes, size_t at)
{
	struct slice line = slice_sub(bytes, at, bytes.len);
	line = slice_sub(line, 0, slice_find_char(line, '\n'));
	while (line.len > 0 && char_is_space(line.at[line.len - 1]))
		line.len--;
	return line;
}

static struct slice line_before(struct slice bytes, size_t at)
{
	size_t begin = at > 0 ? at - 1 : 0;
	while (begin > 0 && bytes.at[begin - 1] != '\n')
		begin--;
	return line_at(bytes, begin);
}

/* Around code ("----", "....") or a comment ("////"); the same line ends it. */
static bool is_delimiter(struct slice line)
{
	if (line.len < DELIMITER_MIN || line.len > DELIMITER_MAX ||
		slice_find_char(SLICE("-./"), line.at[0]) == SLICE_NONE)
		return false;
	for (size_t i = 1; i < line.len; i++)
		if (line.at[i] != line.at[0])
			return false;
	return true;
}

/* Below a line of text "-----" makes a heading of it; not so below attributes, a caption
 * or the "+" of a list. */
static bool may_begin_block(struct slice bytes, size_t at)
{
	struct slice before = at > 0 ? line_before(bytes, at) : (struct slice){ 0 };
	return before.len == 0 || before.at[0] == '[' || before.at[0] == '.' ||
	       slice_equal(before, SLICE("+")) || bytes.at[at] == '/';
}

/* What nobody ends does not hide the rest of the document. Each delimiter fails once, and
 * there are not many. */
static bool has_end(struct slice bytes, size_t at, struct slice delimiter)
{
	struct slice rest = slice_sub(bytes, at + delimiter.len, bytes.len);
	for (size_t found; (found = slice_find(rest, delimiter)) != SLICE_NONE;) {
		bool begins = found > 0 && rest.at[found - 1] == '\n';
		struct slice line = line_at(rest, found);
		if (begins && slice_equal(line, delimiter))
			return true;
		rest = slice_sub(rest, found + (line.len > 0 ? line.len : 1), rest.len);
	}
	return false;
}

static void begin_line(struct dialect *dialect, size_t at)
{
	struct slice line = line_at(dialect->bytes, at);

	if (dialect->block.len > 0) {
		if (slice_equal(line, dialect->block))
			dialect->block.len = 0;
		dialect->comment = true;
	} else if (is_delimiter(line) && may_begin_block(dialect->bytes, at) &&
		   has_end(dialect->bytes, at, line)) {
		dialect->block = line;
		dialect->comment = true;
	} else {
		dialect->comment = slice_starts(line, SLICE("//")) &&
				   !slice_starts(line, SLICE("///"));
	}
}

static void step(struct dialect *dialect)
{
	struct slice bytes = dialect->bytes;
	size_t at = dialect->at;
	char c = bytes.at[at];

	if (dialect->kind == DOCUMENT_CSV && c == '"')
		dialect->quoted = quotes(bytes, at, dialect->quoted);
	else if (dialect->kind == DOCUMENT_TEX)
		dialect->comment = c != '\n' && c != '\r' &&
				   (dialect->comment || starts_comment(bytes, at));
	else if (dialect->kind == DOCUMENT_ASCIIDOC && c == '\n')
		begin_line(dialect, at + 1);
}

void dialect_init(struct dialect *dialect, enum document_kind kind, struct slice bytes)
{
	*dialect = (struct dialect){ .kind = kind, .bytes = bytes };
	if (kind == DOCUMENT_CSV)
		dialect->separator = separator_of(bytes);
	if (kind == DOCUMENT_ASCIIDOC)
		begin_line(dialect, 0);
}

bool dialect_counts(struct dialect *dialect, size_t begin)
{
	for (; dialect->at < begin; dialect->at++)
		step(dialect);
	return !dialect->comment;
}

void dialect_skip(struct dialect *dialect, size_t end)
{
	if (dialect->kind == DOCUMENT_TEX)
		dialect->at = end;
}

bool dialect_ends(const struct dialect *dialect, size_t at)
{
	char c = dialect->bytes.at[at];

	if (dialect->kind == DOCUMENT_ASCIIDOC)
		return c == '['; /* "http://a/b[its text]" */
	if (dialect->kind == DOCUMENT_CSV)
		return c == (dialect->quoted ? '"' : dialect->separator);
	/* "http://a/b% as said": in \url it would be part of a triplet. */
	if (dialect->kind == DOCUMENT_TEX && c == '%')
		return at + 1 == dialect->bytes.len ||
		       char_is_space(dialect->bytes.at[at + 1]);
	return false;
}

/* --- escapes --- */

static bool has_escapes(const struct dialect *dialect)
{
	return dialect->kind == DOCUMENT_TEX || dialect->kind == DOCUMENT_BIBTEX;
}

size_t dialect_escape(const struct dialect *dialect, size_t at)
{
	static const struct slice escaped = { "_%#&$~", 6 };
	struct slice two = slice_sub(dialect->bytes, at, at + 2);

	return has_escapes(dialect) && two.len == 2 && two.at[0] == '\\' &&
			       slice_find_char(escaped, two.at[1]) != SLICE_NONE
		       ? 2
		       : 0;
}

/* Braces around an escape, or behind it ("{\_}", "\~{}"), only hold it together, and have
 * no place in a URL. */
struct slice dialect_undo(
	const struct dialect *dialect, struct arena *arena, struct slice written)
{
	size_t len = 0;

	if (!has_escapes(dialect) || slice_find_char(written, '\\') == SLICE_NONE)
		return written;
	char *url = ARENA_ARRAY(arena, char, written.len);
	if (url == NULL)
		return (struct slice){ 0 };
	for (size_t i = 0; i < written.len; i++)
		if (slice_find_char(SLICE("\\{}"), written.at[i]) == SLICE_NONE)
			url[len++] = written.at[i];
	return (struct slice){ url, len };
}
