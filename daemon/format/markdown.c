#include "format/markdown.h"

#include "base/utf8.h"

static struct slice make_clean(
	struct markdown *markdown, struct slice text, size_t bytes_max)
{
	buffer_reset(markdown->clean);
	utf8_add_printable(markdown->clean, text, bytes_max);
	if (markdown->clean->failed)
		markdown->out->failed = true;
	return buffer_slice(markdown->clean);
}

static size_t longest_backtick_run(struct slice text)
{
	size_t longest = 0, run = 0;
	for (size_t i = 0; i < text.len; i++) {
		run = text.at[i] == '`' ? run + 1 : 0;
		if (run > longest)
			longest = run;
	}
	return longest;
}

/* The fence is longer than any run inside. */
void markdown_code(struct markdown *markdown, struct slice text, size_t bytes_max)
{
	struct slice clean = make_clean(markdown, text, bytes_max);
	size_t fence = longest_backtick_run(clean) + 1;
	bool pad = fence > 1;

	if (clean.len == 0)
		return;
	for (size_t i = 0; i < fence; i++)
		buffer_add_char(markdown->out, '`');
	buffer_add_text(markdown->out, pad ? " " : "");
	buffer_add(markdown->out, clean);
	buffer_add_text(markdown->out, pad ? " " : "");
	for (size_t i = 0; i < fence; i++)
		buffer_add_char(markdown->out, '`');
}

static bool is_mention(char c)
{
	return c == '@' || c == '#';
}

/* Punctuation that means something in Markdown or HTML in the middle of a line; also what
 * makes "http://" and "www." a link. */
static bool needs_backslash(struct slice text, size_t i)
{
	char c = text.at[i];
	if (c == ':')
		return i + 1 < text.len && text.at[i + 1] == '/';
	if (c == '.')
		return i > 0 && char_lower(text.at[i - 1]) == 'w';
	return slice_find_char(SLICE("\\`*_{}[]<>!|~&$^"), c) != SLICE_NONE;
}

void markdown_text(struct markdown *markdown, struct slice text, size_t bytes_max)
{
	struct slice clean = make_clean(markdown, text, bytes_max);
	bool in_span = false;

	for (size_t i = 0; i < clean.len; i++) {
		if (is_mention(clean.at[i]) != in_span) {
			buffer_add_char(markdown->out, '`');
			in_span = !in_span;
		}
		if (!in_span && needs_backslash(clean, i))
			buffer_add_char(markdown->out, '\\');
		buffer_add_char(markdown->out, clean.at[i]);
	}
	if (in_span)
		buffer_add_char(markdown->out, '`');
}

/* Bytes that mean nothing between < and >. With both & and ; it could be read as holding
 * an entity. */
static bool is_safe_autolink(struct slice url)
{
	const struct slice harmless = SLICE("-._~:/?#[]@!$&'()*+,;=%");

	if (!slice_starts(url, SLICE("http://")) && !slice_starts(url, SLICE("https://")))
		return false;
	for (size_t i = 0; i < url.len; i++)
		if (!char_is_alpha(url.at[i]) && !char_is_digit(url.at[i]) &&
			slice_find_char(harmless, url.at[i]) == SLICE_NONE)
			return false;
	return slice_find_char(url, '&') == SLICE_NONE ||
	       slice_find_char(url, ';') == SLICE_NONE;
}

void markdown_url(struct markdown *markdown, struct slice shown, size_t bytes_max)
{
	if (!is_safe_autolink(shown)) {
		markdown_code(markdown, shown, bytes_max);
		return;
	}
	buffer_add_char(markdown->out, '<');
	buffer_add(markdown->out, shown);
	buffer_add_char(markdown->out, '>');
}
