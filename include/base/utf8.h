/* base/utf8: code points out of bytes that may be anything.
 *
 * Malformed sequences (overlong, surrogates, above U+10FFFF, cut short) decode to U+FFFD,
 * one per maximal wrong part, as the Unicode standard recommends and browsers do.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

#define UTF8_REPLACEMENT 0xFFFDu

uint32_t utf8_next_long(struct slice *text); /* for utf8_next */

/* Takes one code point off the front of *text, which must not be empty. */
static inline uint32_t utf8_next(struct slice *text)
{
	unsigned char lead = (unsigned char)text->at[0];
	if (lead >= 0x80)
		return utf8_next_long(text);
	*text = slice_sub(*text, 1, text->len);
	return lead;
}

bool utf8_valid(struct slice text);

/* Appends one code point; surrogates and values above U+10FFFF become U+FFFD. */
void utf8_add(struct buffer *buffer, uint32_t code_point);

/* Appends `text` made harmless for a terminal or a report: valid UTF-8, runs of white
 * space and control characters as one space, no bidirectional overrides or isolates
 * (U+202A-E, U+2066-9), no zero-width characters, no byte order marks, no noncharacters,
 * no line or paragraph separators, cut to at most `bytes_max` bytes with "…" where it was
 * cut. */
void utf8_add_printable(struct buffer *buffer, struct slice text, size_t bytes_max);
