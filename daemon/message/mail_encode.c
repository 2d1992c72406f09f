#include <assert.h>
#include <stdio.h>

#include "base/utf8.h"
#include "message/mail_internal.h"

static void add_hex(unsigned char byte, struct buffer *out)
{
	static const char digits[] = "0123456789ABCDEF";
	buffer_add_char(out, '=');
	buffer_add_char(out, digits[byte >> 4]);
	buffer_add_char(out, digits[byte & 15]);
}

/* --- bodies
 * ------------------------------------------------------------------------------ */

/* Whether byte `i` of a line must be encoded. */
static bool must_encode(struct slice line, size_t i)
{
	char c = line.at[i];
	if (c == ' ' || c == '\t')
		return i + 1 == line.len;
	if (i == 0 && (c == '.' || slice_starts(line, SLICE("From "))))
		return true;
	return c == '=' || c < ' ' || c == 0x7F || (unsigned char)c >= 0x80;
}

static void add_quoted_line(struct slice line, struct buffer *out)
{
	size_t column = 0;
	for (size_t i = 0; i < line.len; i++) {
		bool encode = must_encode(line, i);
		size_t width = encode ? 3 : 1;
		/* The last column is for the mark of a soft break. */
		if (column + width > MAIL_LINE_MAX - 1) {
			buffer_add_text(out, "=\r\n");
			column = 0;
			/* A dot that a break has put in front. */
			if (line.at[i] == '.') {
				encode = true;
				width = 3;
			}
		}
		if (encode)
			add_hex((unsigned char)line.at[i], out);
		else
			buffer_add_char(out, line.at[i]);
		column += width;
	}
}

void mail_add_quoted(struct slice text, struct buffer *out)
{
	struct slice line;
	while (text.len > 0 && slice_split(&text, '\n', &line)) {
		if (line.len > 0 && line.at[line.len - 1] == '\r')
			line.len--;
		add_quoted_line(line, out);
		buffer_add_text(out, "\r\n");
	}
}

/* --- headers
 * ------------------------------------------------------------------------------ */

enum { HEADER_BYTES_MAX = 1000 };

static bool is_plain(struct slice value)
{
	enum { WORD_MAX = 60 };
	size_t word = 0;
	for (size_t i = 0; i < value.len; i++) {
		word = value.at[i] == ' ' ? 0 : word + 1;
		if ((unsigned char)value.at[i] >= 0x7F || word > WORD_MAX)
			return false;
	}
	return slice_find(value, SLICE("=?")) == SLICE_NONE;
}

/* Folded in front of words; none is longer than a line. */
static void add_folded(size_t column, struct slice value, struct buffer *out)
{
	struct slice word;
	bool first = true;
	while (slice_split(&value, ' ', &word)) {
		if (!first && column + 1 + word.len > MAIL_LINE_MAX) {
			buffer_add_text(out, "\r\n");
			column = 0;
		}
		buffer_add_text(out, first ? "" : " ");
		buffer_add(out, word);
		column += word.len + (first ? 0 : 1);
		first = false;
	}
}

/* The Q encoding as it is safe in any header: letters and digits stay. */
static size_t q_width(struct slice character)
{
	char c = character.at[0];
	return char_is_alpha(c) || char_is_digit(c) || c == ' ' ? 1 : 3 * character.len;
}

static void add_q(struct slice character, struct buffer *out)
{
	char c = character.at[0];
	if (c == ' ')
		buffer_add_char(out, '_');
	else if (char_is_alpha(c) || char_is_digit(c))
		buffer_add_char(out, c);
	else
		for (size_t i = 0; i < character.len; i++)
			add_hex((unsigned char)character.at[i], out);
}

static void add_words(size_t column, struct slice value, struct buffer *out)
{
	static const char open[] = "=?utf-8?Q?", close[] = "?=";
	buffer_add_text(out, open);
	column += sizeof(open) - 1;
	while (value.len > 0) {
		struct slice rest = value;
		utf8_next(&rest);
		struct slice character = slice_sub(value, 0, value.len - rest.len);
		size_t width = q_width(character);
		if (column + width + sizeof(close) - 1 > MAIL_LINE_MAX) {
			buffer_printf(out, "%s\r\n %s", close, open);
			column = sizeof(open);
		}
		add_q(character, out);
		column += width;
		value = rest;
	}
	buffer_add_text(out, close);
}

void mail_add_header(const char *name, struct slice value, struct buffer *out)
{
	struct buffer line;
	buffer_init(&line, 4 * HEADER_BYTES_MAX);
	utf8_add_printable(&line, value, HEADER_BYTES_MAX);
	struct slice clean = slice_trim(buffer_slice(&line));
	buffer_printf(out, "%s: ", name);
	size_t column = strlen(name) + 2;
	if (is_plain(clean))
		add_folded(column, clean, out);
	else
		add_words(column, clean, out);
	buffer_add_text(out, "\r\n");
	if (line.failed)
		out->failed = true;
	buffer_fini(&line);
}

/* --- dates
 * -------------------------------------------------------------------------------- */

void mail_format_date(time_ms wall, char text[static MAIL_DATE_SIZE])
{
	static const char days[][4] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec" };
	char rfc3339[TIME_RFC3339_SIZE];
	if (wall < 0)
		wall = 0;
	time_format_rfc3339(wall, rfc3339);
	int month = (rfc3339[5] - '0') * 10 + rfc3339[6] - '0';
	assert(month >= 1 && month <= 12);
	int written = snprintf(text, MAIL_DATE_SIZE, "%s, %.2s %s %.4s %.8s +0000",
		days[wall / TIME_MS_PER_DAY % 7], rfc3339 + 8, months[month - 1], rfc3339,
		rfc3339 + 11);
	assert(written > 0 && written < MAIL_DATE_SIZE);
}
