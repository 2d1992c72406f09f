#include "base/slice.h"

bool slice_equal_nocase(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	assert(a.len == 0 || (a.at != NULL && b.at != NULL));
	for (size_t i = 0; i < a.len; i++)
		if (char_lower(a.at[i]) != char_lower(b.at[i]))
			return false;
	return true;
}

bool slice_is_one_of_nocase(struct slice s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (slice_equal_nocase(s, slice_of(*list)))
			return true;
	return false;
}

bool slice_starts_nocase(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len &&
	       slice_equal_nocase(slice_sub(s, 0, prefix.len), prefix);
}

bool slice_ends_nocase(struct slice s, struct slice suffix)
{
	return s.len >= suffix.len &&
	       slice_equal_nocase(slice_sub(s, s.len - suffix.len, s.len), suffix);
}

size_t slice_find_char(struct slice s, char c)
{
	const char *at = s.len > 0 ? memchr(s.at, c, s.len) : NULL;
	return at != NULL ? (size_t)(at - s.at) : SLICE_NONE;
}

size_t slice_find(struct slice s, struct slice needle)
{
	if (needle.len == 0)
		return 0;
	if (s.len < needle.len)
		return SLICE_NONE;
	const char *at = memmem(s.at, s.len, needle.at, needle.len);
	return at != NULL ? (size_t)(at - s.at) : SLICE_NONE;
}

size_t slice_find_nocase(struct slice s, struct slice needle)
{
	if (needle.len > s.len)
		return SLICE_NONE;
	for (size_t i = 0; i + needle.len <= s.len; i++)
		if (slice_equal_nocase(slice_sub(s, i, i + needle.len), needle))
			return i;
	return SLICE_NONE;
}

struct slice slice_trim(struct slice s)
{
	while (s.len > 0 && char_is_space(s.at[0]))
		s = slice_sub(s, 1, s.len);
	while (s.len > 0 && char_is_space(s.at[s.len - 1]))
		s.len--;
	return s;
}

bool slice_split(struct slice *rest, char separator, struct slice *ret_part)
{
	if (rest->at == NULL)
		return false;
	size_t end = slice_find_char(*rest, separator);
	if (end == SLICE_NONE) {
		*ret_part = *rest;
		*rest = (struct slice){ 0 };
		return true;
	}
	*ret_part = slice_sub(*rest, 0, end);
	*rest = slice_sub(*rest, end + 1, rest->len);
	return true;
}

bool slice_to_number(struct slice s, uint64_t max, uint64_t *ret_number)
{
	uint64_t number = 0;
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!char_is_digit(s.at[i]))
			return false;
		uint64_t digit = (uint64_t)(s.at[i] - '0');
		if (number > (max - (digit > max ? max : digit)) / 10 || digit > max)
			return false;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return true;
}
