/* tests/unit/site/strict: a page read the way an XML parser reads it, and what a strict
 * Content-Security-Policy asks for besides.
 *
 * Knows no more of XML than the pages use: elements, attributes in double quotes, the
 * five escapes, a doctype. strict_fault says what is wrong, or NULL.
 */
#pragma once

#include <stdio.h>

#include "base/slice.h"
#include "base/utf8.h"

enum { STRICT_DEPTH = 32, STRICT_IDS = 400 };

struct strict {
	struct slice rest;
	struct slice open[STRICT_DEPTH];
	size_t depth;
	struct slice ids[STRICT_IDS];
	size_t id_count;
	uint32_t h1s, mains;
	char fault[200];
};

static inline const char *strict_say(
	struct strict *strict, const char *what, struct slice at)
{
	snprintf(strict->fault, sizeof(strict->fault), "%s at: %.*s", what,
		(int)(at.len < 100 ? at.len : 100), at.at != NULL ? at.at : "");
	return strict->fault;
}

static inline bool strict_is_entity(struct slice text)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_starts(text, slice_of(known[i])))
			return true;
	return false;
}

/* Text between tags, or the value of an attribute. */
static inline const char *strict_text(struct strict *strict, struct slice text)
{
	if (!utf8_valid(text))
		return strict_say(strict, "bad UTF-8", text);
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];
		struct slice from = slice_sub(text, i, text.len);
		if (c == '<' || (c < 0x20 && c != '\n'))
			return strict_say(strict, "a byte that must not be", from);
		if (c == '&' && !strict_is_entity(from))
			return strict_say(strict, "a bare &", from);
		/* What turns the direction of text. */
		if (slice_starts(from, SLICE("\xE2\x80\xAE")) ||
			slice_starts(from, SLICE("\xE2\x81\xA6")))
			return strict_say(strict, "bidi", from);
	}
	return NULL;
}

static inline const char *strict_id(struct strict *strict, struct slice id)
{
	for (size_t i = 0; i < strict->id_count; i++)
		if (slice_equal(strict->ids[i], id))
			return strict_say(strict, "an id twice", id);
	if (strict->id_count < STRICT_IDS)
		strict->ids[strict->id_count++] = id;
	return NULL;
}

static inline const char *strict_attribute(
	struct strict *strict, struct slice name, struct slice value)
{
	if (name.len == 0)
		return strict_say(strict, "an attribute without a name", value);
	if (slice_equal(name, SLICE("style")) || slice_starts(name, SLICE("on")))
		return strict_say(strict, "an inline style or script", name);
	if (slice_equal(name, SLICE("id")) && strict_id(strict, value) != NULL)
		return strict->fault;
	if ((slice_equal(name, SLICE("href")) || slice_equal(name, SLICE("src"))) &&
		slice_starts_nocase(value, SLICE("javascript")))
		return strict_say(strict, "a script as address", value);
	return strict_text(strict, value);
}

/* ` name="value" name="value"` */
static inline const char *strict_attributes(struct strict *strict, struct slice rest)
{
	while (slice_trim(rest).len > 0) {
		if (!char_is_space(rest.at[0]))
			return strict_say(strict, "no blank before an attribute", rest);
		rest = slice_sub(rest, 1, rest.len);
		size_t equals = slice_find(rest, SLICE("=\""));
		if (equals == SLICE_NONE)
			return strict_say(strict, "an attribute without value", rest);
		struct slice name = slice_sub(rest, 0, equals);
		rest = slice_sub(rest, equals + 2, rest.len);
		size_t end = slice_find_char(rest, '"');
		if (end == SLICE_NONE)
			return strict_say(strict, "a quote that does not end", rest);
		if (strict_attribute(strict, name, slice_sub(rest, 0, end)) != NULL)
			return strict->fault;
		rest = slice_sub(rest, end + 1, rest.len);
	}
	return NULL;
}

static inline const char *strict_close(struct strict *strict, struct slice name)
{
	if (strict->depth == 0 || !slice_equal(strict->open[strict->depth - 1], name))
		return strict_say(strict, "closes what is not open", name);
	strict->depth--;
	return NULL;
}

/* What stands between < and >. */
static inline const char *strict_tag(struct strict *strict, struct slice tag)
{
	bool is_empty = slice_ends(tag, SLICE("/"));
	size_t end = 0;

	if (slice_starts(tag, SLICE("!DOCTYPE")))
		return NULL;
	if (slice_starts(tag, SLICE("/")))
		return strict_close(strict, slice_sub(tag, 1, tag.len));
	while (end < tag.len &&
		(char_is_alpha(tag.at[end]) || char_is_digit(tag.at[end])))
		end++;
	if (end == 0)
		return strict_say(strict, "a tag without a name", tag);
	struct slice name = slice_sub(tag, 0, end);
	strict->h1s += slice_equal(name, SLICE("h1"));
	strict->mains += slice_equal(name, SLICE("main"));
	if (slice_equal(name, SLICE("script")) &&
		slice_find(tag, SLICE(" src=\"")) == SLICE_NONE)
		return strict_say(strict, "an inline script", tag);
	if (slice_equal(name, SLICE("style")))
		return strict_say(strict, "an inline style", tag);
	if (!is_empty && strict->depth == STRICT_DEPTH)
		return strict_say(strict, "too deep", tag);
	if (!is_empty)
		strict->open[strict->depth++] = name;
	return strict_attributes(strict, slice_sub(tag, end, tag.len - is_empty));
}

static inline const char *strict_fault(struct strict *strict, struct slice page)
{
	*strict = (struct strict){ .rest = page };
	while (strict->rest.len > 0) {
		size_t begin = slice_find_char(strict->rest, '<');
		struct slice text = slice_sub(
			strict->rest, 0, begin == SLICE_NONE ? strict->rest.len : begin);
		if (strict_text(strict, text) != NULL)
			return strict->fault;
		if (begin == SLICE_NONE)
			break;
		strict->rest = slice_sub(strict->rest, begin + 1, strict->rest.len);
		size_t end = slice_find_char(strict->rest, '>');
		if (end == SLICE_NONE)
			return strict_say(
				strict, "a tag that does not end", strict->rest);
		if (strict_tag(strict, slice_sub(strict->rest, 0, end)) != NULL)
			return strict->fault;
		strict->rest = slice_sub(strict->rest, end + 1, strict->rest.len);
	}
	if (strict->depth != 0)
		return strict_say(strict, "not closed", strict->open[strict->depth - 1]);
	if (strict->h1s != 1 || strict->mains != 1)
		return strict_say(strict, "not one <h1> and one <main>", page);
	return NULL;
}
