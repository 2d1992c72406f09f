#include "base/hash.h"
#include "extract/page_internal.h"

enum {
	WORD_BYTES_MAX = 16, /* a longer run, as of a script without spaces, is cut */
	PLACE_BITS = 6,
};
_Static_assert(SKETCH_PLACES == 1 << PLACE_BITS, "a place is the top bits of a hash");

void page_words_init(struct page_words *words)
{
	*words = (struct page_words){ 0 };
	for (size_t i = 0; i < SKETCH_PLACES; i++)
		words->sketch.least[i] = UINT32_MAX;
}

static void keep_least(struct page_sketch *sketch, uint64_t value)
{
	uint32_t *least = &sketch->least[value >> (64 - PLACE_BITS)];

	if ((uint32_t)value < *least)
		*least = (uint32_t)value;
}

void page_words_part(struct page_words *words)
{
	if (words->len == 0)
		return;
	if (words->count >= 2)
		keep_least(&words->sketch,
			hash_mix(words->before[0] * UINT64_C(0x9E3779B97F4A7C15) +
				 words->before[1] * UINT64_C(0xC2B2AE3D27D4EB4F) +
				 words->hash));
	words->before[0] = words->before[1];
	words->before[1] = words->hash;
	words->count += words->count < 3;
	words->hash = 0;
	words->len = 0;
}

/* Letters and digits, and all that is not ASCII, in whatever charset the page has. */
static bool is_word_byte(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || (unsigned char)c >= 0x80;
}

void page_words_add(struct page_words *words, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (!is_word_byte(c)) {
			page_words_part(words);
			continue;
		}
		/* FNV-1a's prime: one multiplication a byte. */
		words->hash = (words->hash ^ (unsigned char)char_lower(c)) *
			      UINT64_C(0x100000001B3);
		if (++words->len == WORD_BYTES_MAX)
			page_words_part(words);
	}
}

void page_words_finish(struct page_words *words, struct page_sketch *ret_sketch)
{
	page_words_part(words);
	if (words->count == 1 || words->count == 2)
		keep_least(&words->sketch, hash_mix(words->before[1]));
	if (words->count == 2)
		keep_least(&words->sketch, hash_mix(words->before[0]));
	*ret_sketch = words->sketch;
}
