#include "extract/html_charset_internal.h"

#include "base/utf8.h"
#include "extract/html_links_internal.h"
#include "extract/page_internal.h"

enum {
	DECLARED_WITHIN = 64 * 1024, /* a browser reads on, but nobody writes so much */
	UTF8_OF_A_BYTE = 3,
	ENCODED_OF_A_BYTE = 9, /* "%26%23233%3B" for two */
};

struct slice html_charset_of(struct slice bytes)
{
	struct html_attributes attributes;
	struct html_tokens tokens;

	if (utf8_valid(bytes))
		return (struct slice){ 0 };
	html_tokens_init(&tokens);
	tokens.bytes = slice_sub(bytes, 0, DECLARED_WITHIN);
	tokens.final = true;
	for (;;) {
		struct html_token token = html_tokens_next(&tokens);
		if (token.kind == HTML_TOKEN_MORE || token.element == HTML_BODY)
			return (struct slice){ 0 };
		if (token.kind != HTML_TOKEN_START || token.element != HTML_META)
			continue;
		html_attributes_read(token.bytes, &attributes);
		struct slice charset = html_meta_charset(&attributes);
		if (charset.len > 0)
			return charset;
	}
}

struct converted {
	const struct extract_sink *sink;
	struct error *error;
	struct charset_pair charset;
	struct slice raw;
	struct buffer url;
	struct place place;  /* in `raw` */
	size_t raw_at, utf8; /* one place in both */
};

/* Over one character of both, which is appended to `out` (may be NULL). */
static void step(struct converted *converted, struct buffer *out)
{
	char room[CHARSET_CHARACTER_MAX];
	struct slice rest =
		slice_sub(converted->raw, converted->raw_at, converted->raw.len);
	struct slice character = slice_sub(rest, 0, 1);
	size_t taken = 1;

	if ((unsigned char)rest.at[0] >= 0x80) {
		character = (struct slice){ room, 0 };
		taken = charset_decode(&converted->charset, rest, room, &character.len);
	}
	converted->raw_at += taken;
	converted->utf8 += character.len;
	if (out != NULL)
		buffer_add(out, character);
}

/* Offsets grow, so all of them together are one more walk over the document. */
static size_t raw_of(struct converted *converted, size_t offset)
{
	if (offset < converted->utf8)
		converted->raw_at = converted->utf8 = 0;
	while (converted->utf8 < offset && converted->raw_at < converted->raw.len)
		step(converted, NULL);
	return converted->raw_at;
}

/* --- queries --- */

/* No scheme, or one of those whose queries are in the document's charset. */
static bool is_special(struct slice url)
{
	size_t end = 0;
	while (end < url.len && slice_find_char(SLICE(":/?#"), url.at[end]) == SLICE_NONE)
		end++;
	return end == url.len || url.at[end] != ':' ||
	       slice_starts_nocase(url, SLICE("http:")) ||
	       slice_starts_nocase(url, SLICE("https:"));
}

/* Nothing to do for most; in converted->url otherwise. */
static struct slice encode_query(struct converted *converted, struct slice url)
{
	struct slice before = slice_sub(url, 0, slice_find_char(url, '#'));
	size_t query = slice_find_char(before, '?');

	if (query == SLICE_NONE || !is_special(url))
		return url;
	buffer_reset(&converted->url);
	buffer_add(&converted->url, slice_sub(url, 0, query));
	for (struct slice rest = slice_sub(before, query, before.len); rest.len > 0;)
		charset_add_escaped(
			&converted->charset, &converted->url, utf8_next(&rest));
	buffer_add(&converted->url, slice_sub(url, before.len, url.len));
	return buffer_slice(&converted->url);
}

/* --- */

static int on_mention(void *data, const struct mention *mention)
{
	struct converted *converted = data;
	struct mention own = *mention;

	own.offset = raw_of(converted, mention->offset);
	own.length = raw_of(converted, mention->offset + mention->length) - own.offset;
	own.url = encode_query(converted, mention->url);
	if (converted->url.failed)
		return error_set(converted->error, "out of memory");
	place_at(&converted->place, own.offset, &own.line, &own.column);
	return converted->sink->on_mention(converted->sink->data, &own);
}

static int on_anchor(void *data, struct slice id)
{
	struct converted *converted = data;
	return converted->sink->on_anchor(converted->sink->data, id);
}

int html_charset_read(struct slice bytes, struct slice charset, html_extractor *read,
	const struct extract_sink *sink, struct error *error)
{
	struct converted converted = { .sink = sink, .error = error, .raw = bytes };
	const struct extract_sink own = { &converted, on_mention, on_anchor };
	struct buffer utf8;
	int result = 0;

	if (!charset_pair_open(&converted.charset, charset))
		return read(bytes, sink, error);
	buffer_init(&utf8, UTF8_OF_A_BYTE * bytes.len + 1);
	buffer_init(&converted.url, ENCODED_OF_A_BYTE * UTF8_OF_A_BYTE * bytes.len + 1);
	place_init(&converted.place, bytes);
	while (converted.raw_at < bytes.len)
		step(&converted, &utf8);
	result = utf8.failed ? error_set(error, "out of memory")
			     : read(buffer_slice(&utf8), &own, error);
	buffer_fini(&converted.url);
	buffer_fini(&utf8);
	charset_pair_close(&converted.charset);
	return result;
}
