#include "extract/html_text_internal.h"

#include <assert.h>
#include <cmark-gfm/houdini.h>

#include "base/utf8.h"

enum {
	REFERENCE_NAME_MAX = 31,       /* CounterClockwiseContourIntegral */
	REFERENCE_NAME_LEGACY_MAX = 6, /* Aacute: these need no semicolon */
	REFERENCE_NAME_MIN = 2,
};

static bool is_alnum(char c)
{
	return char_is_alpha(c) || char_is_digit(c);
}

uint32_t html_windows_1252(unsigned char byte)
{
	static const uint16_t upper[] = { 0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026,
		0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D,
		0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
		0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178 };
	return byte >= 0x80 && byte <= 0x9F ? upper[byte - 0x80] : byte;
}

/* "&#151;" has always been used for a dash, not for a control character. */
static uint32_t fix_number(uint32_t number)
{
	if (number == 0)
		return UTF8_REPLACEMENT;
	return number <= 0xFF ? html_windows_1252((unsigned char)number) : number;
}

static size_t number_reference(struct slice text, uint32_t *ret_code_point)
{
	bool hex = text.len > 2 && char_lower(text.at[2]) == 'x';
	size_t begin = hex ? 3 : 2, at = begin;
	uint32_t number = 0;

	for (; at < text.len; at++) {
		int digit = char_hex(text.at[at]);
		if (digit < 0 || (!hex && digit > 9))
			break;
		if (number <= 0x10FFFF)
			number = number * (hex ? 16 : 10) + (uint32_t)digit;
	}
	if (at <= begin)
		return 0;
	*ret_code_point = fix_number(number);
	return at < text.len && text.at[at] == ';' ? at + 1 : at;
}

/* The first character of what the name stands for; 0 for an unknown name. cmark-gfm has
 * the standard's table; it writes into a buffer that is large enough never to grow. */
static uint32_t look_up_name(struct slice name)
{
	uint8_t text[REFERENCE_NAME_MAX + 1];
	unsigned char room[64];
	cmark_strbuf found = { .ptr = room, .asize = sizeof(room) };

	assert(name.len <= REFERENCE_NAME_MAX);
	memcpy(text, name.at, name.len);
	text[name.len] = ';';
	if (houdini_unescape_ent(&found, text, (bufsize_t)name.len + 1) == 0)
		return 0;
	struct slice character = { (const char *)found.ptr, (size_t)found.size };
	return character.len > 0 ? utf8_next(&character) : 0;
}

/* The names of Latin 1 and of the syntax may lack their semicolon; later names for the
 * same characters may not. */
static bool is_legacy(struct slice name, uint32_t code_point)
{
	static const char *const later[] = { "die", "Dot", "angst", "div", "half", "pm",
		"strns" };

	if (code_point < 0xA0)
		return code_point == '&' || code_point == '<' || code_point == '>' ||
		       code_point == '"';
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (slice_equal(name, slice_of(later[i])))
			return false;
	return code_point <= 0xFF;
}

static size_t name_reference(struct slice text, bool attribute, uint32_t *ret_code_point)
{
	size_t len = 0;

	while (len < REFERENCE_NAME_MAX && len + 1 < text.len &&
		is_alnum(text.at[len + 1]))
		len++;
	if (len >= REFERENCE_NAME_MIN && len + 1 < text.len && text.at[len + 1] == ';') {
		uint32_t found = look_up_name(slice_sub(text, 1, len + 1));
		if (found != 0) {
			*ret_code_point = found;
			return len + 2;
		}
	}
	if (len > REFERENCE_NAME_LEGACY_MAX)
		len = REFERENCE_NAME_LEGACY_MAX;
	for (; len >= REFERENCE_NAME_MIN; len--) {
		char next = len + 1 < text.len ? text.at[len + 1] : '\0';
		struct slice name = slice_sub(text, 1, len + 1);
		uint32_t found = look_up_name(name);
		if (found == 0 || !is_legacy(name, found))
			continue;
		if (attribute && (next == '=' || is_alnum(next)))
			return 0;
		*ret_code_point = found;
		return len + 1;
	}
	return 0;
}

size_t html_reference(struct slice text, bool attribute, uint32_t *ret_code_point)
{
	if (text.len < 3 || text.at[0] != '&')
		return 0;
	if (text.at[1] == '#')
		return number_reference(text, ret_code_point);
	return name_reference(text, attribute, ret_code_point);
}

void html_add_value(struct buffer *out, struct slice raw)
{
	for (;;) {
		size_t mark = slice_find_char(raw, '&');
		buffer_add(out, slice_sub(raw, 0, mark));
		if (mark == SLICE_NONE)
			return;
		raw = slice_sub(raw, mark, raw.len);
		uint32_t code_point = '&';
		size_t used = html_reference(raw, true, &code_point);
		utf8_add(out, code_point);
		raw = slice_sub(raw, used > 0 ? used : 1, raw.len);
	}
}

void html_add_line(struct buffer *out, struct slice raw)
{
	while (raw.len > 0) {
		uint32_t code_point = (unsigned char)raw.at[0];
		size_t used = html_reference(raw, false, &code_point);
		if (used > 0)
			utf8_add(out, code_point);
		else if (code_point == ' ' || !char_is_space(raw.at[0]))
			buffer_add_char(out, raw.at[0]);
		raw = slice_sub(raw, used > 0 ? used : 1, raw.len);
	}
}

static void add_space(struct buffer *out)
{
	if (out->len > 0 && out->at[out->len - 1] != ' ')
		buffer_add_char(out, ' ');
}

/* Bytes that stand for themselves: neither white space nor the beginning of something. */
static size_t plain_run(struct slice raw, size_t at, size_t end)
{
	while (at < end && !char_is_space(raw.at[at]) && raw.at[at] != '&' &&
		raw.at[at] != '\0' && raw.at[at] != '\xC2')
		at++;
	return at;
}

/* `len` bytes behind `at`, or up to three more so that no character is cut. */
static size_t piece_end(struct slice raw, size_t at, size_t len)
{
	if (raw.len - at <= len)
		return raw.len;
	size_t end = at + len, last = slice_sub(raw, 0, end + 3).len;
	while (end < last && ((unsigned char)raw.at[end] & 0xC0) == 0x80)
		end++;
	return end;
}

size_t html_add_text(struct buffer *out, struct slice raw, size_t bytes_max)
{
	static const struct slice no_break_space = { "\xC2\xA0", 2 };
	size_t at = 0;

	while (at < raw.len && out->len < bytes_max && !out->failed) {
		size_t limit = piece_end(raw, at, bytes_max - out->len);
		size_t end = plain_run(raw, at, limit);
		buffer_add(out, slice_sub(raw, at, end));
		at = end;
		if (at == limit)
			continue;
		struct slice rest = slice_sub(raw, at, raw.len);
		uint32_t code_point = (unsigned char)rest.at[0];
		size_t used = html_reference(rest, false, &code_point);
		if (slice_starts(rest, no_break_space))
			used = 2;
		if (char_is_space(rest.at[0]) || rest.at[0] == '\0' || used == 2 ||
			(used > 0 && (code_point == 0xA0 || code_point <= ' ')))
			add_space(out);
		else if (used > 0)
			utf8_add(out, code_point);
		else
			buffer_add_char(out, rest.at[0]);
		at += used > 0 ? used : 1;
	}
	return at;
}

static void skip_spaces(struct slice *text)
{
	while (text->len > 0 && char_is_space(text->at[0]))
		*text = slice_sub(*text, 1, text->len);
}

static bool skip_char(struct slice *text, char c)
{
	if (text->len == 0 || char_lower(text->at[0]) != c)
		return false;
	*text = slice_sub(*text, 1, text->len);
	return true;
}

/* What stands behind the delay and its separator: "url = 'x'", or "x" alone. */
static struct slice refresh_target(struct slice rest)
{
	struct slice target = rest;

	if (skip_char(&rest, 'u') && skip_char(&rest, 'r') && skip_char(&rest, 'l')) {
		skip_spaces(&rest);
		if (skip_char(&rest, '=')) {
			skip_spaces(&rest);
			target = rest;
		}
	}
	if (target.len > 0 && (target.at[0] == '"' || target.at[0] == '\'')) {
		char quote = target.at[0];
		target = slice_sub(target, 1, target.len);
		target = slice_sub(target, 0, slice_find_char(target, quote));
	}
	return slice_trim(target);
}

bool html_parse_refresh(struct slice content, int32_t *ret_delay_s, struct slice *ret_url)
{
	struct slice rest = content;
	int64_t delay_s = 0;

	skip_spaces(&rest);
	bool number = rest.len > 0 && (char_is_digit(rest.at[0]) || rest.at[0] == '.');
	if (!number)
		return false;
	for (; rest.len > 0 && char_is_digit(rest.at[0]); skip_char(&rest, rest.at[0]))
		if (delay_s < INT32_MAX)
			delay_s = delay_s * 10 + (rest.at[0] - '0');
	while (rest.len > 0 && (char_is_digit(rest.at[0]) || rest.at[0] == '.'))
		skip_char(&rest, rest.at[0]);
	if (rest.len > 0 && rest.at[0] != ';' && rest.at[0] != ',' &&
		!char_is_space(rest.at[0]))
		return false;
	skip_spaces(&rest);
	if (!skip_char(&rest, ';'))
		skip_char(&rest, ',');
	skip_spaces(&rest);
	*ret_delay_s = delay_s < INT32_MAX ? (int32_t)delay_s : INT32_MAX;
	*ret_url = refresh_target(rest);
	return true;
}
