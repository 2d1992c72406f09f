#include "extract/plain_dialect_internal.h"

/* --- the cells of CSV --- */

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

/* --- what others share --- */

struct slice dialect_line(struct slice bytes, size_t at)
{
	struct slice line = slice_sub(bytes, at, bytes.len);
	line = slice_sub(line, 0, slice_find_char(line, '\n'));
	while (line.len > 0 && char_is_space(line.at[line.len - 1]))
		line.len--;
	return line;
}

size_t dialect_line_end(struct dialect *dialect, size_t at)
{
	if (at >= dialect->line_end) {
		struct slice rest = slice_sub(dialect->bytes, at, dialect->bytes.len);
		size_t end = slice_find_char(rest, '\n');
		dialect->line_end = at + (end != SLICE_NONE ? end : rest.len);
	}
	return dialect->line_end;
}

bool dialect_is_escaped(struct slice bytes, size_t at)
{
	size_t begin = at;
	while (begin > 0 && bytes.at[begin - 1] == '\\')
		begin--;
	return (at - begin) % 2 == 1;
}

bool dialect_is_word(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '_' ||
	       (unsigned char)c >= 0x80;
}

/* --- code and comments --- */

static void begin_line(struct dialect *dialect, size_t at)
{
	if (dialect->kind == DOCUMENT_ASCIIDOC)
		asciidoc_line(dialect, at);
	else if (dialect->kind == DOCUMENT_RST)
		rst_line(dialect, at);
	else if (dialect->kind == DOCUMENT_ORG)
		org_line(dialect, at);
}

static void step(struct dialect *dialect)
{
	char c = dialect->bytes.at[dialect->at];

	if (dialect->kind == DOCUMENT_CSV && c == '"')
		dialect->quoted = quotes(dialect->bytes, dialect->at, dialect->quoted);
	else if (dialect->kind == DOCUMENT_TEX)
		tex_step(dialect);
	else if (c == '\n')
		begin_line(dialect, dialect->at + 1);
	else if (dialect->kind == DOCUMENT_RST)
		rst_step(dialect);
	else if (dialect->kind == DOCUMENT_ORG)
		org_step(dialect);
}

void dialect_init(struct dialect *dialect, enum document_kind kind, struct slice bytes)
{
	*dialect = (struct dialect){ .kind = kind, .bytes = bytes };
	if (kind == DOCUMENT_CSV)
		dialect->separator = separator_of(bytes);
	begin_line(dialect, 0);
}

bool dialect_counts(struct dialect *dialect, size_t begin)
{
	dialect->begin = begin;
	while (dialect->at < begin) {
		if (dialect->at < dialect->hidden_to) {
			dialect->at =
				dialect->hidden_to < begin ? dialect->hidden_to : begin;
			continue;
		}
		step(dialect);
		dialect->at++;
	}
	return !dialect->comment && begin >= dialect->hidden_to &&
	       !(dialect->kind == DOCUMENT_ASCIIDOC && asciidoc_is_code(dialect, begin));
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
		return asciidoc_ends(dialect, at);
	if (dialect->kind == DOCUMENT_CSV)
		return c == (dialect->quoted ? '"' : dialect->separator);
	return dialect->kind == DOCUMENT_TEX && tex_ends(dialect, at);
}

/* --- what says where a link ends --- */

/* NUL at either end of the text. */
static char byte_at(struct slice bytes, size_t at)
{
	return at < bytes.len ? bytes.at[at] : '\0';
}

static bool parts_cells(const struct dialect *dialect, size_t at)
{
	char c = byte_at(dialect->bytes, at);
	return c == dialect->separator || c == '\n' || c == '\r' || c == '\0';
}

/* With its quotes, or without. */
static bool is_cell(const struct dialect *dialect, size_t begin, size_t end)
{
	if (dialect->quoted) {
		if (byte_at(dialect->bytes, begin - 1) != '"' ||
			byte_at(dialect->bytes, end) != '"')
			return false;
		begin--;
		end++;
	}
	return parts_cells(dialect, begin - 1) && parts_cells(dialect, end);
}

bool dialect_encloses(const struct dialect *dialect, size_t begin, size_t end)
{
	struct slice bytes = dialect->bytes;
	char before = byte_at(bytes, begin - 1), behind = byte_at(bytes, end);

	if (before == '<' && behind == '>')
		return true;
	switch (dialect->kind) {
	case DOCUMENT_TEX:
	case DOCUMENT_BIBTEX:
		return ((before == '{' && behind == '}') ||
			       (before == '"' && behind == '"')) &&
		       tex_takes_address(slice_sub(bytes, 0, begin - 1));
	case DOCUMENT_ASCIIDOC:
		return behind == '[';
	case DOCUMENT_ORG:
		return behind == ']' &&
		       slice_ends(slice_sub(bytes, 0, begin), SLICE("[["));
	case DOCUMENT_CSV:
		return is_cell(dialect, begin, end);
	case DOCUMENT_MARKDOWN:
	case DOCUMENT_HTML:
	case DOCUMENT_PLAIN:
	case DOCUMENT_RST:
		break;
	}
	return false;
}

/* --- escapes --- */

static bool is_tex(const struct dialect *dialect)
{
	return dialect->kind == DOCUMENT_TEX || dialect->kind == DOCUMENT_BIBTEX;
}

size_t dialect_escape(const struct dialect *dialect, size_t at)
{
	char meant;
	return is_tex(dialect)
		       ? tex_escape(slice_sub(dialect->bytes, at, dialect->bytes.len),
				 &meant)
		       : 0;
}

bool dialect_hides(const struct dialect *dialect, size_t begin, size_t end)
{
	char before = byte_at(dialect->bytes, begin - 1);
	return is_tex(dialect) && byte_at(dialect->bytes, end) == '\\' &&
	       (before == '{' || before == '"') &&
	       tex_takes_address(slice_sub(dialect->bytes, 0, begin - 1));
}

/* Braces around an escape, or behind it ("{\_}", "\~{}"), only hold it together, and have
 * no place in a URL. */
struct slice dialect_undo(
	const struct dialect *dialect, struct arena *arena, struct slice written)
{
	bool escaped = slice_find_char(written, '\\') != SLICE_NONE;
	size_t len = 0;

	if (!is_tex(dialect) || (!escaped && slice_find_char(written, '{') == SLICE_NONE))
		return written;
	char *url = ARENA_ARRAY(arena, char, written.len);
	if (url == NULL)
		return (struct slice){ 0 };
	while (written.len > 0) {
		char c = written.at[0];
		size_t used = tex_escape(written, &c);
		if (used > 0 || !escaped ||
			slice_find_char(SLICE("\\{}"), c) == SLICE_NONE)
			url[len++] = c;
		written = slice_sub(written, used > 0 ? used : 1, written.len);
	}
	return (struct slice){ url, len };
}
