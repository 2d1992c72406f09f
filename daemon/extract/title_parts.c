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

bool title_parts_are_loose(
	const struct title_parts *parts, struct slice own, unsigned named_links)
{
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
