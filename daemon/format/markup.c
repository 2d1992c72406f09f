#include "format/markup.h"

#include <assert.h>
#include <string.h>

#include "base/utf8.h"
#include "format/words.h"
#include "model/userinfo.h"

const char *markup_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default: /* of a character, not of an enum */
		return NULL;
	}
}

static void add_escaped(struct buffer *out, struct slice clean)
{
	size_t from = 0;
	for (size_t i = 0; i < clean.len; i++) {
		const char *entity = markup_entity(clean.at[i]);
		if (entity == NULL)
			continue;
		buffer_add(out, slice_sub(clean, from, i));
		buffer_add_text(out, entity);
		from = i + 1;
	}
	buffer_add(out, slice_sub(clean, from, clean.len));
}

static bool is_plain(struct slice text, size_t bytes_max)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 || (unsigned char)text.at[i] >= 0x7f)
			return false;
	return text.len <= bytes_max;
}

void markup_text(struct buffer *out, struct slice text, size_t bytes_max)
{
	struct buffer clean;
	if (is_plain(text, bytes_max)) {
		add_escaped(out, text);
		return;
	}
	buffer_init(&clean, bytes_max + 8);
	utf8_add_printable(&clean, text, bytes_max);
	add_escaped(out, buffer_slice(&clean));
	out->failed |= clean.failed;
	buffer_fini(&clean);
}

bool markup_is_href(struct slice url)
{
	struct slice front, rest;
	userinfo_split(url, &front, &rest);
	return (slice_starts(url, SLICE("https://")) ||
		       slice_starts(url, SLICE("http://"))) &&
	       front.len + rest.len == url.len && is_plain(url, WORDS_URL_BYTES) &&
	       memchr(url.at, ' ', url.len) == NULL;
}

void markup_href(struct buffer *out, struct slice url)
{
	assert(markup_is_href(url));
	buffer_add_char(out, '"');
	add_escaped(out, url);
	buffer_add_char(out, '"');
}
