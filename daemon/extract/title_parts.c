#include "extract/title_parts_internal.h"

#include "extract/title_internal.h"

/* Fewer are no proof of another page (verdict/title.c), whatever stands beside them. */
enum { TITLE_WORDS_MIN = 3 };

void title_parts_end_one(struct title_parts *parts, size_t end)
{
	if (parts->count < TITLE_PARTS_MAX)
		parts->ends[parts->count++] = end;
}

/* Between white space: "BY-SA-3.0" is one. */
static bool next_word(struct slice *text, struct slice *ret_word)
{
	size_t end = 0;

	*text = slice_trim(*text);
	while (end < text->len && !char_is_space(text->at[end]))
		end++;
	*ret_word = slice_sub(*text, 0, end);
	*text = slice_sub(*text, end, text->len);
	return end > 0;
}

/* How many of its words name something, of those that matter. */
static unsigned naming_words(struct slice part)
{
	struct slice word;
	unsigned count = 0;

	while (count < TITLE_WORDS_MIN && next_word(&part, &word))
		count += !title_is_generic(word);
	return count;
}

static struct slice without_closers(struct slice text)
{
	while (text.len > 0 && slice_find_char(SLICE(" \t\r\n()[]{}\"'*_|,;:"),
				       text.at[text.len - 1]) != SLICE_NONE)
		text.len--;
	return text;
}

static struct slice without_brackets(struct slice text)
{
	text = slice_trim(text);
	while (text.len > 0 && slice_find_char(SLICE("([{"), text.at[0]) != SLICE_NONE)
		text = slice_sub(text, 1, text.len);
	return without_closers(text);
}

bool title_is_mark(struct slice text)
{
	text = without_brackets(text);
	if (text.len == 0)
		return false;
	if (text.at[0] == '#' || text.at[0] == '@')
		return true;
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_digit(text.at[i]) &&
			slice_find_char(SLICE(",.- "), text.at[i]) == SLICE_NONE)
			return false;
	return true;
}

/* "2020", "2020a" */
static bool is_year(struct slice word)
{
	if (word.len == 5 && char_is_alpha(word.at[4]))
		word.len = 4;
	bool digits = word.len == 4;
	for (size_t i = 0; i < word.len; i++)
		digits = digits && char_is_digit(word.at[i]);
	return digits &&
	       (slice_starts(word, SLICE("19")) || slice_starts(word, SLICE("20")));
}

bool title_is_citation(struct slice text)
{
	enum { WORDS_MAX = 5 };
	struct slice rest = without_brackets(text), word, last = { 0 };
	unsigned count = 0;
	bool others = false;

	while (count <= WORDS_MAX && next_word(&rest, &word)) {
		others = others || (slice_equal(last, SLICE("et")) &&
					   slice_starts(word, SLICE("al")));
		last = word;
		count++;
	}
	return count > 1 && count <= WORDS_MAX &&
	       (others || is_year(without_brackets(last)));
}

bool title_parts_are_loose(
	const struct title_parts *parts, struct slice own, unsigned named_links)
{
	if (slice_ends(without_closers(own), SLICE(".")))
		return true;
	unsigned naming = 0, titles = 0;
	bool title_first = false;
	size_t begin = 0;

	for (unsigned i = 0; i <= parts->count; i++) {
		size_t end = i < parts->count ? parts->ends[i] : own.len;
		unsigned words = naming_words(slice_sub(own, begin, end));
		begin = end;
		if (words == 0)
			continue;
		bool title = words == TITLE_WORDS_MIN;
		title_first = naming == 0 ? title : title_first;
		naming++;
		titles += title;
	}
	return (named_links > 0 || naming > 1) && !(title_first && titles == 1);
}
