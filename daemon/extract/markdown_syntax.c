#include "extract/markdown_scan_internal.h"

#include <cmark-gfm/buffer.h>
#include <cmark-gfm/houdini.h>

#include "extract/markdown_cmark_internal.h"

enum {
	LABEL_MAX = 1000,
	PARENTHESES_MAX = 32, /* cmark's limit */
};

bool syntax_is_punctuation(char c)
{
	return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') ||
	       (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

static char char_at(struct slice text, size_t at)
{
	return at < text.len ? text.at[at] : '\0';
}

/* cmark's white space, which has the vertical tab. */
static bool is_space(char c)
{
	return char_is_space(c) || c == '\v';
}

/* The vertical tab and the form feed may stand before a destination, and within it. */
static bool ends_destination(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(struct slice text, size_t at)
{
	while (at < text.len && is_space(text.at[at]))
		at++;
	return at;
}

/* Past one character, or two where the first escapes the second. */
static size_t skip_one(struct slice text, size_t at)
{
	bool escape = text.at[at] == '\\' && at + 1 < text.len &&
		      syntax_is_punctuation(text.at[at + 1]);
	return at + (escape ? 2 : 1);
}

static size_t pointy_destination(
	struct slice text, size_t at, size_t *ret_url, size_t *ret_length)
{
	*ret_url = ++at;
	while (at < text.len && text.at[at] != '>') {
		if (text.at[at] == '\n' || text.at[at] == '<')
			return 0;
		at += text.at[at] == '\\' ? 2 : 1;
	}
	if (at >= text.len)
		return 0;
	*ret_length = at - *ret_url;
	return at + 1;
}

size_t syntax_destination(
	struct slice text, size_t at, size_t *ret_url, size_t *ret_length)
{
	int depth = 0;

	if (char_at(text, at) == '<')
		return pointy_destination(text, at, ret_url, ret_length);
	*ret_url = at;
	while (at < text.len && !ends_destination(text.at[at])) {
		if (text.at[at] == '(' && ++depth > PARENTHESES_MAX)
			return 0;
		if (text.at[at] == ')' && --depth < 0)
			break;
		at = skip_one(text, at);
	}
	*ret_length = at - *ret_url;
	return at;
}

/* Returns `at` itself where there is no title. */
static size_t skip_title(struct slice text, size_t at)
{
	char open = char_at(text, at), close = open == '(' ? ')' : open;

	if (open != '"' && open != '\'' && open != '(')
		return at;
	for (size_t i = at + 1; i < text.len; i = skip_one(text, i)) {
		if (text.at[i] == close)
			return i + 1;
		if (text.at[i] == open)
			break;
	}
	return at;
}

size_t syntax_inline_link(
	struct slice text, size_t at, size_t *ret_url, size_t *ret_length)
{
	if (char_at(text, at) != '(')
		return 0;
	size_t end =
		syntax_destination(text, skip_space(text, at + 1), ret_url, ret_length);
	if (end == 0)
		return 0;
	size_t title = skip_space(text, end);
	if (title > end)
		title = skip_title(text, title);
	end = skip_space(text, title);
	return char_at(text, end) == ')' ? end + 1 : 0;
}

size_t syntax_label(struct slice text, size_t at, struct slice *ret_label)
{
	size_t begin = at + 1;

	if (char_at(text, at) != '[')
		return 0;
	for (at = begin; at < text.len && at - begin <= LABEL_MAX;
		at = skip_one(text, at)) {
		if (text.at[at] == '[')
			return 0;
		if (text.at[at] == ']') {
			*ret_label = slice_sub(text, begin, at);
			return at + 1;
		}
	}
	return 0;
}

bool syntax_same_url(struct slice written, struct slice url)
{
	if (slice_equal(written, url))
		return true;
	/* Undoing escapes only shortens, except for the few entities that are shorter
	 * than their meaning. */
	if (url.len > written.len + 64 || written.len > 16 * url.len + 1024 ||
		(slice_find_char(written, '&') == SLICE_NONE &&
			slice_find_char(written, '\\') == SLICE_NONE))
		return false;
	cmark_strbuf clean;
	cmark_strbuf_init(markdown_memory_mem(), &clean, 0);
	houdini_unescape_html_f(
		&clean, (const uint8_t *)written.at, (bufsize_t)written.len);
	cmark_strbuf_unescape(&clean);
	bool same = slice_equal(
		(struct slice){ (const char *)clean.ptr, (size_t)clean.size }, url);
	cmark_strbuf_free(&clean);
	return same;
}
