#include "base/utf8.h"

static bool is_tail(struct slice text, size_t i)
{
	return i < text.len && ((unsigned char)text.at[i] & 0xC0) == 0x80;
}

/* Length of the sequence that starts with `lead`, and the range its second byte must be
 * in (Unicode 15, table 3-7). 0 for a byte that starts nothing. */
static size_t sequence(
	unsigned char lead, unsigned char *ret_low, unsigned char *ret_high)
{
	*ret_low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
	*ret_high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
	if (lead >= 0xC2 && lead <= 0xDF)
		return 2;
	if (lead >= 0xE0 && lead <= 0xEF)
		return 3;
	return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

static uint32_t take(struct slice *text, size_t len, uint32_t code_point)
{
	*text = slice_sub(*text, len, text->len);
	return code_point;
}

uint32_t utf8_next_long(struct slice *text)
{
	unsigned char lead = (unsigned char)text->at[0];
	unsigned char low, high;

	size_t len = sequence(lead, &low, &high);
	if (len == 0 || text->len < 2 || (unsigned char)text->at[1] < low ||
		(unsigned char)text->at[1] > high)
		return take(text, 1, UTF8_REPLACEMENT);
	uint32_t code_point = lead & (0x7Fu >> len);
	for (size_t i = 1; i < len; i++) {
		if (!is_tail(*text, i))
			return take(text, i, UTF8_REPLACEMENT);
		code_point = code_point << 6 | ((unsigned char)text->at[i] & 0x3Fu);
	}
	return take(text, len, code_point);
}

bool utf8_valid(struct slice text)
{
	while (text.len > 0) {
		struct slice before = text;
		if (utf8_next(&text) == UTF8_REPLACEMENT &&
			!slice_starts(before, SLICE("\xEF\xBF\xBD")))
			return false;
	}
	return true;
}

void utf8_add(struct buffer *buffer, uint32_t c)
{
	if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
		c = UTF8_REPLACEMENT;
	if (c < 0x80) {
		buffer_add_char(buffer, (char)c);
		return;
	}
	char bytes[4];
	size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	for (size_t i = len - 1; i > 0; i--) {
		bytes[i] = (char)(0x80 | (c & 0x3F));
		c >>= 6;
	}
	static const unsigned char leads[] = { 0, 0, 0xC0, 0xE0, 0xF0 };
	bytes[0] = (char)(leads[len] | c);
	buffer_add(buffer, (struct slice){ bytes, len });
}

static bool is_blank(uint32_t c)
{
	return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0x2028 || c == 0x2029;
}

/* These stand for nothing, and XML has no room for U+FFFE and U+FFFF. */
static bool is_noncharacter(uint32_t c)
{
	return (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
}

static bool is_hidden(uint32_t c)
{
	return is_noncharacter(c) || c == 0xFEFF || c == 0x061C || c == 0x00AD ||
	       (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2060 && c <= 0x2069) || (c >= 0xFFF9 && c <= 0xFFFB) ||
	       (c >= 0xE0000 && c <= 0xE007F);
}

/* Of what stands for itself: visible ASCII. */
static size_t plain_len(struct slice text, size_t max)
{
	size_t at = 0;
	while (at < text.len && at < max && text.at[at] > 0x20 && text.at[at] < 0x7F)
		at++;
	return at;
}

void utf8_add_printable(struct buffer *buffer, struct slice text, size_t bytes_max)
{
	static const struct slice ellipsis = { "…", sizeof("…") - 1 };
	size_t start = buffer->len;
	size_t fits = start; /* the longest prefix that leaves room for the ellipsis */
	bool space = false;

	while (text.len > 0 && !buffer->failed) {
		/* Written with the space before it, and the ellipsis still fits. */
		size_t used = buffer->len - start + space + ellipsis.len;
		size_t plain = used < bytes_max ? plain_len(text, bytes_max - used) : 0;
		if (plain > 0) {
			if (space)
				buffer_add_char(buffer, ' ');
			space = false;
			buffer_add(buffer, slice_sub(text, 0, plain));
			text = slice_sub(text, plain, text.len);
			fits = buffer->len;
			continue;
		}
		uint32_t c = utf8_next(&text);
		if (is_hidden(c))
			continue;
		if (is_blank(c)) {
			space = buffer->len > start;
			continue;
		}
		if (space)
			buffer_add_char(buffer, ' ');
		space = false;
		utf8_add(buffer, c);
		if (buffer->len - start > bytes_max) {
			buffer_truncate(buffer, fits);
			if (bytes_max >= ellipsis.len)
				buffer_add(buffer, ellipsis);
			return;
		}
		if (buffer->len - start + ellipsis.len <= bytes_max)
			fits = buffer->len;
	}
}
