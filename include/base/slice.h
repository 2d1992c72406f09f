/* base/slice: text that nobody terminates.
 *
 * A view of bytes somebody else owns. It is valid as long as its owner is; it may hold
 * any byte, NUL included. An empty slice may have a NULL `at`. Case folding here is
 * ASCII only: host names, schemes and header names need no more.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct slice {
	const char *at;
	size_t len;
};

/* For printf: printf("%.*s", SLICE_ARG(s)). Only for slices below 2 GiB. */
#define SLICE_ARG(s)   (int)(s).len, (s).at != NULL ? (s).at : ""
#define SLICE(literal) ((struct slice){ (literal), sizeof(literal) - 1 })

/* A view of a C string; NULL gives the empty slice. */
static inline struct slice slice_of(const char *text)
{
	return (struct slice){ text, text != NULL ? strlen(text) : 0 };
}

/* The bytes [from, to) of s; both are clamped to its length. */
static inline struct slice slice_sub(struct slice s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	/* Nothing is added to a NULL: it has no length, and `from` is 0. */
	return (struct slice){ from > 0 ? s.at + from : s.at, to - from };
}

/* Most that are not equal differ in length or at the first byte. */
static inline bool slice_equal(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	if (a.len == 0)
		return true;
	assert(a.at != NULL && b.at != NULL);
	return a.at[0] == b.at[0] && memcmp(a.at, b.at, a.len) == 0;
}

static inline bool slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && slice_equal(slice_sub(s, 0, prefix.len), prefix);
}

static inline bool slice_ends(struct slice s, struct slice suffix)
{
	return s.len >= suffix.len &&
	       slice_equal(slice_sub(s, s.len - suffix.len, s.len), suffix);
}

bool slice_equal_nocase(struct slice a, struct slice b);
/* `list` ends with NULL. */
bool slice_is_one_of_nocase(struct slice s, const char *const *list);
bool slice_starts_nocase(struct slice s, struct slice prefix);
bool slice_ends_nocase(struct slice s, struct slice suffix);

#define SLICE_NONE SIZE_MAX

/* Index of the first match, or SLICE_NONE. The search for text is linear in practice
 * (memmem); the caseless one compares at every start, so keep its needle short. */
size_t slice_find_char(struct slice s, char c);
size_t slice_find(struct slice s, struct slice needle);
size_t slice_find_nocase(struct slice s, struct slice needle);

/* Without ASCII white space (space, tab, LF, FF, CR) at both ends. */
struct slice slice_trim(struct slice s);

/* Takes the part before `separator` off `*rest`; false when nothing is left. The last
 * part is what remains; two separators in a row give an empty part. */
bool slice_split(struct slice *rest, char separator, struct slice *ret_part);

/* A decimal number of digits only, at most `max`. False for anything else. */
bool slice_to_number(struct slice s, uint64_t max, uint64_t *ret_number);

static inline bool char_is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static inline bool char_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline char char_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline bool char_is_alpha(char c)
{
	char l = char_lower(c);
	return l >= 'a' && l <= 'z';
}

/* 0 to 15, or -1. */
static inline int char_hex(char c)
{
	if (char_is_digit(c))
		return c - '0';
	char l = char_lower(c);
	return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}
