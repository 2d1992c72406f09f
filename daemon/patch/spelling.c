#include "patch/spelling.h"

static const char *const form_texts[] = {
#define SPELLING_TEXT(name, text) text,
	SPELLING_FORMS(SPELLING_TEXT)
#undef SPELLING_TEXT
};

const char *spelling_form_text(enum spelling_form form)
{
	return form_texts[form];
}

/* --- what it is --- */

enum spelling_syntax spelling_syntax_of(struct slice name)
{
	static const struct {
		struct slice ending;
		enum spelling_syntax syntax;
	} endings[] = {
		{ { ".tex", 4 }, SPELLING_TEX },
		{ { ".bib", 4 }, SPELLING_TEX },
		{ { ".bst", 4 }, SPELLING_TEX },
		{ { ".cls", 4 }, SPELLING_TEX },
		{ { ".sty", 4 }, SPELLING_TEX },
		{ { ".ltx", 4 }, SPELLING_TEX },
		{ { ".csv", 4 }, SPELLING_CSV },
		{ { ".tsv", 4 }, SPELLING_CSV },
	};
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (slice_ends_nocase(name, endings[i].ending))
			return endings[i].syntax;
	return SPELLING_PLAIN;
}

/* What stands in front of `at`; NUL at the beginning. */
static char before(struct slice bytes, size_t at)
{
	return at > 0 && at <= bytes.len ? bytes.at[at - 1] : '\0';
}

static size_t skip_space_back(struct slice bytes, size_t at)
{
	while (at > 0 && char_is_space(bytes.at[at - 1]))
		at--;
	return at;
}

/* The destination of a link or a definition begins at `at`: behind "](" or "]:". A
 * definition may have its destination on the next line, in a quotation behind its mark.
 */
static bool is_destination(struct slice bytes, size_t at)
{
	for (;;) {
		at = skip_space_back(bytes, at);
		char c = before(bytes, at);
		if (c == '(' || c == ':')
			return before(bytes, at - 1) == ']';
		if (c != '>')
			return false;
		at--;
	}
}

/* By what stands in front, white space passed over. */
static bool is_unquoted(struct slice bytes, size_t at)
{
	return before(bytes, skip_space_back(bytes, at)) == '=';
}

static bool is_quoted(struct slice bytes, size_t at)
{
	at = skip_space_back(bytes, at);
	char c = before(bytes, at);
	return (c == '"' || c == '\'') && is_unquoted(bytes, at - 1);
}

static enum spelling_form markdown_form(struct slice bytes, size_t offset)
{
	if (before(bytes, offset) == '<')
		return is_destination(bytes, offset - 1) ? SPELLING_FORM_POINTY
							 : SPELLING_FORM_AUTOLINK;
	if (is_destination(bytes, offset))
		return SPELLING_FORM_INLINE;
	if (is_unquoted(bytes, offset))
		return SPELLING_FORM_UNQUOTED;
	return is_quoted(bytes, offset) ? SPELLING_FORM_ATTRIBUTE : SPELLING_FORM_BARE;
}

/* What BibTeX prints as text, and not as an address. */
static bool is_printed(struct slice field)
{
	static const char *const printed[] = { "addendum", "annotation", "annote",
		"howpublished", "institution", "note", "organization", "publisher",
		"series", "title", "titleaddon", NULL };
	return slice_is_one_of_nocase(field, printed);
}

/* "url = " */
static bool ends_in_field(struct slice front)
{
	size_t end = skip_space_back(front, front.len);
	if (before(front, end) != '=')
		return false;
	end = skip_space_back(front, end - 1);
	size_t begin = end;
	while (begin > 0 &&
		(char_is_alpha(front.at[begin - 1]) ||
			char_is_digit(front.at[begin - 1]) ||
			slice_find_char(SLICE("-_"), front.at[begin - 1]) != SLICE_NONE))
		begin--;
	return end > begin && !is_printed(slice_sub(front, begin, end));
}

/* TeX takes as it stands what these are given; everywhere else "_" is an error and "%"
 * takes the rest of the line. */
static bool ends_in_command(struct slice front)
{
	static const struct slice commands[] = { { "\\url", 4 }, { "\\href", 5 },
		{ "\\path", 5 }, { "\\nolinkurl", 10 } };
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (slice_ends(front, commands[i]))
			return true;
	return false;
}

static bool is_blank_line(struct slice bytes, size_t at)
{
	size_t before = at;
	while (before > 0 &&
		(bytes.at[before - 1] == ' ' || bytes.at[before - 1] == '\t' ||
			bytes.at[before - 1] == '\r'))
		before--;
	return before > 0 && bytes.at[before - 1] == '\n';
}

/* "\footnote{", "\x[y]{", "\href{x}{" */
static bool gives_argument(struct slice bytes, size_t brace)
{
	size_t at = brace;
	if (before(bytes, at) == '}' || before(bytes, at) == ']')
		return true;
	while (at > 0 && char_is_alpha(bytes.at[at - 1]))
		at--;
	return at < brace && before(bytes, at) == '\\';
}

/* Whether the end of `front` is in the argument of a command, which TeX has read before
 * "\url" can say how. Looks back as far as the paragraph, and not further than a long
 * one. */
static bool is_in_argument(struct slice front)
{
	enum { PARAGRAPH_MAX = 4096 };
	size_t least = front.len > PARAGRAPH_MAX ? front.len - PARAGRAPH_MAX : 0;
	unsigned closed = 0;

	for (size_t at = front.len; at > least; at--) {
		char c = front.at[at - 1];
		if (c == '\n' && is_blank_line(front, at - 1))
			return false;
		if ((c != '{' && c != '}') || before(front, at - 1) == '\\')
			continue;
		if (c == '}')
			closed++;
		else if (closed > 0)
			closed--;
		else if (gives_argument(front, at - 1))
			return true;
	}
	return false;
}

static enum spelling_form tex_form(struct slice bytes, size_t offset, size_t length)
{
	char opener = before(bytes, offset);
	struct slice front = slice_sub(bytes, 0, offset > 0 ? offset - 1 : 0);

	if (slice_find_char(slice_sub(bytes, offset, offset + length), '\\') !=
		SLICE_NONE)
		return SPELLING_FORM_ESCAPED;
	if ((opener == '{' || opener == '"') && ends_in_field(front))
		return SPELLING_FORM_ARGUMENT;
	if (opener == '{')
		front.len = skip_space_back(front, front.len);
	if (char_is_space(opener) || !ends_in_command(front))
		return SPELLING_FORM_ESCAPED;
	return is_in_argument(front) ? SPELLING_FORM_NESTED : SPELLING_FORM_ARGUMENT;
}

enum spelling_form spelling_form_at(
	enum spelling_syntax syntax, struct slice bytes, size_t offset, size_t length)
{
	switch (syntax) {
	case SPELLING_MARKDOWN:
		return markdown_form(bytes, offset);
	case SPELLING_HTML:
		return is_unquoted(bytes, offset) ? SPELLING_FORM_UNQUOTED
						  : SPELLING_FORM_ATTRIBUTE;
	case SPELLING_PLAIN:
		return SPELLING_FORM_TEXT;
	case SPELLING_TEX:
		return tex_form(bytes, offset, length);
	case SPELLING_CSV:
		return before(bytes, offset) == '"' ? SPELLING_FORM_TEXT
						    : SPELLING_FORM_CELL;
	}
	return SPELLING_FORM_TEXT;
}

bool spelling_is_cut(enum spelling_syntax syntax, struct slice bytes, size_t end)
{
	bool plain = syntax != SPELLING_MARKDOWN && syntax != SPELLING_HTML;
	return plain && slice_equal(slice_sub(bytes, end, end + 1), SLICE("\\"));
}

/* --- how it is written --- */

/* "&copy;" in a URL would be read as a sign. */
static bool is_entity(struct slice text)
{
	size_t end = 1;
	while (end < text.len &&
		(char_is_alpha(text.at[end]) || char_is_digit(text.at[end]) ||
			text.at[end] == '#'))
		end++;
	return end > 1 && end < text.len && text.at[end] == ';';
}

/* Parentheses need an escape only where they do not pair, or nest deeper than a reader
 * must follow (CommonMark asks for 3, cmark has 32). */
static bool are_paired(struct slice url)
{
	enum { DEPTH_MAX = 3 };
	int depth = 0;
	for (size_t i = 0; i < url.len; i++) {
		depth += url.at[i] == '(';
		depth -= url.at[i] == ')';
		if (depth < 0 || depth > DEPTH_MAX)
			return false;
	}
	return depth == 0;
}

/* "\" escapes all of these in a destination, in a table also the bar. */
static void add_escaped(struct slice url, const char *escaped, struct buffer *out)
{
	for (size_t i = 0; i < url.len; i++) {
		char c = url.at[i];
		if (c == '&' && is_entity(slice_sub(url, i, url.len))) {
			buffer_add_text(out, "&amp;");
			continue;
		}
		if (slice_find_char(slice_of(escaped), c) != SLICE_NONE)
			buffer_add_char(out, '\\');
		buffer_add_char(out, c);
	}
}

/* The bar is for HTML in a table of Markdown. */
static void add_attribute(struct slice url, const char *escaped, struct buffer *out)
{
	for (size_t i = 0; i < url.len; i++) {
		char c = url.at[i];
		if (c == '&')
			buffer_add_text(out, "&amp;");
		else if (slice_find_char(slice_of(escaped), c) != SLICE_NONE)
			buffer_printf(out, "&#%d;", c);
		else
			buffer_add_char(out, c);
	}
}

/* "~" is no error in a text, and an address where "\\~" is none. */
static void add_tex(struct slice url, const char *escaped, struct buffer *out)
{
	for (size_t i = 0; i < url.len; i++) {
		if (slice_find_char(slice_of(escaped), url.at[i]) != SLICE_NONE)
			buffer_add_char(out, '\\');
		buffer_add_char(out, url.at[i]);
	}
}

static bool has_any(struct slice url, const char *set)
{
	for (; *set != '\0'; set++)
		if (slice_find_char(url, *set) != SLICE_NONE)
			return true;
	return false;
}

static bool is_plain_ascii(struct slice url)
{
	for (size_t i = 0; i < url.len; i++)
		if (url.at[i] <= ' ' || url.at[i] >= 0x7F)
			return false;
	return url.len > 0 && !has_any(url, "\"<>");
}

/* NULL: it can be written. */
static const char *refusal(enum spelling_form form, struct slice url)
{
	if (!is_plain_ascii(url))
		return "it has characters that have no place in a URL";
	switch (form) {
	case SPELLING_FORM_INLINE:
	case SPELLING_FORM_POINTY:
	case SPELLING_FORM_ATTRIBUTE:
	case SPELLING_FORM_UNQUOTED:
		return NULL;
	case SPELLING_FORM_AUTOLINK:
	case SPELLING_FORM_BARE:
		return has_any(url, "|`\\")
			       ? "it has characters that an autolink cannot escape"
			       : NULL;
	case SPELLING_FORM_TEXT:
		return has_any(url, "{}\\`|")
			       ? "it has characters that would not be read as its own "
				 "there"
			       : NULL;
	case SPELLING_FORM_ARGUMENT:
	case SPELLING_FORM_NESTED:
	case SPELLING_FORM_ESCAPED:
		return has_any(url, "{}\\^`|")
			       ? "it has characters that TeX takes for its own"
			       : NULL;
	case SPELLING_FORM_CELL:
		return has_any(url, ",;\\`|") ? "it has a separator of cells in it"
					      : NULL;
	}
	return NULL;
}

const char *spelling_add(enum spelling_form form, struct slice url, struct buffer *out)
{
	const char *why = refusal(form, url);
	if (why != NULL)
		return why;
	switch (form) {
	case SPELLING_FORM_INLINE:
		add_escaped(url, are_paired(url) ? "\\`|" : "\\`|()", out);
		break;
	case SPELLING_FORM_POINTY:
		add_escaped(url, "\\`|", out);
		break;
	case SPELLING_FORM_AUTOLINK:
		add_escaped(url, "", out);
		break;
	case SPELLING_FORM_ATTRIBUTE:
		add_attribute(url, "'`|", out);
		break;
	case SPELLING_FORM_UNQUOTED:
		/* CommonMark knows no such value with "=" in it. */
		add_attribute(url, "'`|=", out);
		break;
	case SPELLING_FORM_ESCAPED:
		add_tex(url, "_%#&$", out);
		break;
	case SPELLING_FORM_NESTED:
		add_tex(url, "%#", out);
		break;
	case SPELLING_FORM_BARE:
	case SPELLING_FORM_TEXT:
	case SPELLING_FORM_ARGUMENT:
	case SPELLING_FORM_CELL:
		buffer_add(out, url);
		break;
	}
	return NULL;
}
