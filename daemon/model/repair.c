#include "base/utf8.h"
#include "model/identity.h"
#include "model/identity_internal.h"

/* --- characters that came along by accident -------------------------------------- */

static bool is_invisible(uint32_t c)
{
	return c == 0x00AD || (c >= 0x200B && c <= 0x200F) ||
	       (c >= 0x202A && c <= 0x202E) || (c >= 0x2060 && c <= 0x2069) ||
	       c == 0xFEFF;
}

static bool is_blank(uint32_t c)
{
	return c <= ' ' || c == 0x7F || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) ||
	       c == 0x202F || c == 0x3000;
}

static bool is_quote(uint32_t c)
{
	return c == '"' || c == '\'' || c == '`' || c == '<' || c == '>' || c == 0xAB ||
	       c == 0xBB || (c >= 0x2018 && c <= 0x201F) || c == 0x2039 || c == 0x203A;
}

/* Next to a link CJK text has no space, but these: full stops and commas, brackets, marks
 * in full width. */
static bool is_wide_stop(uint32_t c)
{
	return c == 0x2026 || c == 0x3001 || c == 0x3002 || c == 0xFF01 || c == 0xFF0C ||
	       c == 0xFF1A || c == 0xFF1B || c == 0xFF1F;
}

static bool is_wide_opener(uint32_t c)
{
	return c == 0xFF08 || (c >= 0x3008 && c <= 0x3011 && c % 2 == 0);
}

static bool is_wide_closer(uint32_t c)
{
	return c == 0xFF09 || (c >= 0x3008 && c <= 0x3011 && c % 2 == 1);
}

static bool is_wide_mark(uint32_t c)
{
	return is_wide_stop(c) || is_wide_opener(c) || is_wide_closer(c);
}

/* Closing brackets without an opening half. */
struct surplus {
	int round, square, wide;
};

static struct surplus count_surplus(struct slice text)
{
	struct surplus surplus = { 0 };
	while (text.len > 0) {
		uint32_t c = utf8_next(&text);
		surplus.round += (c == ')') - (c == '(');
		surplus.square += (c == ']') - (c == '[');
		surplus.wide += is_wide_closer(c) - is_wide_opener(c);
	}
	return surplus;
}

/* Punctuation of the sentence around the URL. */
static bool is_trailing(struct surplus *surplus, uint32_t c)
{
	if (c == ')')
		return surplus->round-- > 0;
	if (c == ']')
		return surplus->square-- > 0;
	if (is_wide_closer(c))
		return surplus->wide-- > 0;
	return c == ',' || c == ';' || is_quote(c) || is_blank(c) || is_wide_mark(c);
}

static size_t last_char_len(struct slice text)
{
	size_t len = 1;
	while (len < 4 && len < text.len &&
		((unsigned char)text.at[text.len - len] & 0xC0) == 0x80)
		len++;
	return len;
}

struct slice identity_trim(struct slice text)
{
	while (text.len > 0) {
		struct slice rest = text;
		uint32_t c = utf8_next(&rest);
		if (!is_quote(c) && !is_blank(c) && !is_wide_mark(c) && c != '(' &&
			c != '[')
			break;
		text = rest;
	}
	struct surplus surplus = count_surplus(text);
	while (text.len > 0) {
		size_t len = last_char_len(text);
		struct slice last = slice_sub(text, text.len - len, text.len);
		if (!is_trailing(&surplus, utf8_next(&last)))
			break;
		text.len -= len;
	}
	return text;
}

/* Without invisible characters (a copy, where it has any), trimmed of what is around a
 * URL by accident. */
static int tidy(struct arena *arena, struct slice text, struct slice *ret_text)
{
	size_t plain = 0, len = 0;
	while (plain < text.len && (unsigned char)text.at[plain] < 0x80)
		plain++;
	char *at = plain < text.len ? arena_string(arena, text) : NULL;
	*ret_text = identity_trim(text);
	if (plain == text.len)
		return 0;
	if (at == NULL)
		return -1;
	while (text.len > 0) {
		struct slice before = text;
		if (is_invisible(utf8_next(&text)))
			continue;
		memcpy(at + len, before.at, before.len - text.len);
		len += before.len - text.len;
	}
	*ret_text = identity_trim((struct slice){ at, len });
	return 0;
}

/* A sentence goes on in it, and nobody can tell where the URL ends. */
static bool holds_sentence(struct slice text)
{
	while (text.len > 0) {
		uint32_t c = utf8_next(&text);
		if (is_wide_stop(c) || c == 0xBB || c == 0x201D)
			return true;
	}
	return false;
}

/* --- misspelt schemes ------------------------------------------------------------ */

/* Equal but for one character too many, too few, wrong, or two swapped. */
static bool is_nearly(struct slice word, struct slice right)
{
	while (word.len > 0 && right.len > 0 && char_lower(word.at[0]) == right.at[0]) {
		word = slice_sub(word, 1, word.len);
		right = slice_sub(right, 1, right.len);
	}
	while (word.len > 0 && right.len > 0 &&
		char_lower(word.at[word.len - 1]) == right.at[right.len - 1]) {
		word.len--;
		right.len--;
	}
	if (word.len == 2 && right.len == 2)
		return char_lower(word.at[0]) == right.at[1] &&
		       char_lower(word.at[1]) == right.at[0];
	return word.len <= 1 && right.len <= 1;
}

/* The scheme that `word` was meant to be; empty: neither. */
static struct slice meant_scheme(struct slice word)
{
	static const struct slice http = { "http", 4 }, https = { "https", 5 };
	if (slice_equal_nocase(word, http))
		return http;
	if (is_nearly(word, https))
		return https;
	return is_nearly(word, http) ? http : (struct slice){ 0 };
}

static bool is_mark(char c)
{
	return c == ':' || c == ';' || c == '.' || c == '/' || c == '\\' || c == ' ';
}

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

/* Whether `marks` can only have been meant for "://": a colon and a slash, or two slashes
 * side by side. "http/../x" is a path. */
static bool are_marks_of_url(struct slice marks)
{
	bool colon = false, slash = false, pair = false;
	for (size_t i = 0; i < marks.len; i++) {
		bool slash_here = is_slash(marks.at[i]);
		pair = pair || (slash_here && i > 0 && is_slash(marks.at[i - 1]));
		slash = slash || slash_here;
		colon = colon || marks.at[i] == ':' || marks.at[i] == ';';
	}
	return pair || (colon && slash);
}

struct beginning repair_beginning(struct slice text)
{
	size_t word = 0, end;
	while (word < text.len && word < 8 && char_is_alpha(text.at[word]))
		word++;
	for (end = word; end < text.len && is_mark(text.at[end]); end++)
		;
	struct slice name = slice_sub(text, 0, word), marks = slice_sub(text, word, end);
	struct slice scheme = meant_scheme(name);
	if (word < 3 || scheme.len == 0 || !are_marks_of_url(marks))
		return (struct beginning){ .rest = text };
	return (struct beginning){
		.scheme = scheme,
		.rest = slice_sub(text, end, text.len),
		.exact = slice_equal_nocase(name, scheme) &&
			 slice_equal(marks, SLICE("://")),
	};
}

/* --- repairs --------------------------------------------------------------------- */

int repair(struct arena *arena, struct slice text, struct suggestion *suggestion)
{
	struct slice tidied;
	if (tidy(arena, text, &tidied) != 0)
		return -1;
	struct beginning outer = repair_beginning(tidied);
	struct beginning inner = repair_beginning(outer.rest);
	const char *why = "The scheme is misspelt.";
	if (outer.scheme.len == 0)
		return 0;
	if (inner.scheme.len > 0) {
		/* Pasted behind a prefix that was there already. */
		outer = inner;
		why = "The scheme is written twice.";
	} else if (outer.exact) {
		if (tidied.len == text.len || holds_sentence(tidied))
			return 0;
		why = "Some characters around or in it do not belong to the URL.";
	}
	struct slice head = identity_join(arena, outer.scheme, SLICE("://"));
	struct slice whole = identity_join(arena, head, outer.rest);
	if (head.at == NULL || whole.at == NULL)
		return -1;
	return identity_suggest(arena, whole, why, suggestion);
}
