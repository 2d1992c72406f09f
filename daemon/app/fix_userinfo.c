/* A text that becomes a URL by being mended is read here as the mending reads it, and a
 * little more freely: what is wrongly taken for a user's name is left as it is and told,
 * what is not found would be deleted. */
#include "app/fix_internal.h"

/* Nothing that a URL needs: some of it is taken out when the text is mended. */
static bool is_passed_over(char c)
{
	return (unsigned char)c <= ' ' || (unsigned char)c >= 0x7F;
}

static bool is_word(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '+' || c == '-';
}

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

static bool is_mark(char c)
{
	return is_slash(c) || c == ':' || c == ';' || c == '.';
}

static size_t skip_quotes(struct slice text)
{
	const struct slice quotes = SLICE("\"'`<>([");
	size_t at = 0;
	while (at < text.len &&
		(is_passed_over(text.at[at]) ||
			slice_find_char(quotes, text.at[at]) != SLICE_NONE))
		at++;
	return at;
}

/* *at behind a word; whether it is http or https, whose colon needs no slashes. */
static bool skip_word(struct slice text, size_t *at)
{
	char word[8];
	size_t len = 0;
	for (; *at < text.len; ++*at) {
		char c = text.at[*at];
		if (is_passed_over(c))
			continue;
		if (!is_word(c))
			break;
		if (len < sizeof(word))
			word[len] = c;
		len++;
	}
	return len < sizeof(word) &&
	       (slice_equal_nocase((struct slice){ word, len }, SLICE("http")) ||
		       slice_equal_nocase((struct slice){ word, len }, SLICE("https")));
}

/* *at behind marks; whether they can have been meant for "://". */
static bool skip_marks(struct slice text, bool needs_no_slash, size_t *at)
{
	bool colon = false, slash = false, pair = false;
	char last = '\0';
	for (; *at < text.len; ++*at) {
		char c = text.at[*at];
		if (is_passed_over(c))
			continue;
		if (!is_mark(c))
			break;
		pair = pair || (is_slash(c) && is_slash(last));
		slash = slash || is_slash(c);
		colon = colon || c == ':' || c == ';';
		last = c;
	}
	return pair || (colon && (slash || needs_no_slash));
}

/* Behind the last "@" of what may be an authority at `at`; `at` itself without one. */
static size_t skip_userinfo(struct slice text, size_t at)
{
	size_t behind = at;
	for (; at < text.len && !is_slash(text.at[at]) && text.at[at] != '?' &&
		text.at[at] != '#';
		at++)
		if (text.at[at] == '@')
			behind = at + 1;
	return behind;
}

/* Each round but the first has passed a slash, so that the whole is linear. */
static bool find_userinfo(struct slice text, size_t *ret_start, size_t *ret_end)
{
	size_t at = skip_quotes(text);
	for (bool first = true;; first = false) {
		bool http = skip_word(text, &at);
		if (!skip_marks(text, http && first, &at))
			return false;
		*ret_start = at;
		*ret_end = skip_userinfo(text, at);
		if (*ret_end > at)
			return true;
	}
}

/* Further on, behind whatever slashes: a link that holds one name may hold two, and what
 * the first was taken out of may be mended in another way. */
static bool find_another(struct slice text, size_t *ret_end)
{
	for (size_t at = 0; at < text.len; at++) {
		if (!is_slash(text.at[at]) || (at > 0 && !is_mark(text.at[at - 1])))
			continue;
		*ret_end = skip_userinfo(text, at + 1);
		if (*ret_end > at + 1)
			return true;
	}
	return false;
}

bool fix_hide_userinfo(struct slice text, struct slice *ret_front, struct slice *ret_rest)
{
	size_t start, end;
	*ret_front = text;
	*ret_rest = (struct slice){ 0 };
	if (!find_userinfo(text, &start, &end))
		return false;
	*ret_front = slice_sub(text, 0, start);
	*ret_rest = slice_sub(text, end, text.len);
	while (find_userinfo(*ret_rest, &start, &end) || find_another(*ret_rest, &end))
		*ret_rest = slice_sub(*ret_rest, end, ret_rest->len);
	return true;
}
