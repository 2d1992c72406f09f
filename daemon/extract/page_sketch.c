#include "base/hash.h"
#include "extract/page_internal.h"

enum {
	WORD_BYTES_MAX = 16, /* a longer run, as of a script without spaces, is cut */
	PLACE_BITS = 6,
};
_Static_assert(SKETCH_PLACES == 1 << PLACE_BITS, "a place is the top bits of a hash");

static void keep_least(struct page_sketch *sketch, uint64_t value)
{
	uint32_t *least = &sketch->least[value >> (64 - PLACE_BITS)];

	if ((uint32_t)value < *least)
		*least = (uint32_t)value;
}

/* FNV-1a's prime: one multiplication a byte. */
static uint64_t hash_letter(uint64_t hash, char c)
{
	return (hash ^ (unsigned char)char_lower(c)) * UINT64_C(0x100000001B3);
}

static uint64_t hash_three(uint64_t first, uint64_t second, uint64_t third)
{
	return hash_mix(first * UINT64_C(0x9E3779B97F4A7C15) +
			second * UINT64_C(0xC2B2AE3D27D4EB4F) + third);
}

/* Three words with one blank between them. */
static uint64_t hash_phrase(const char *phrase)
{
	uint64_t words[3] = { 0 };
	for (size_t i = 0; *phrase != '\0'; phrase++) {
		if (*phrase == ' ')
			i++;
		else
			words[i] = hash_letter(words[i], *phrase);
	}
	return hash_three(words[0], words[1], words[2]);
}

void page_words_init(struct page_words *words)
{
	/* Of the domain: a shop sells other things. "a.com is for sale" ends in these. */
	static const char *const sale[PAGE_SALE_PHRASES] = { "domain is for",
		"name is for", "domain may be", "name may be", "website is for",
		"buy this domain", "domain has expired", "name has expired" };
	static const char *const gone[PAGE_GONE_PHRASES] = { "does not exist",
		"no longer exists", "not be found" };
	*words = (struct page_words){ 0 };
	for (size_t i = 0; i < SKETCH_PLACES; i++)
		words->sketch.least[i] = UINT32_MAX;
	for (size_t i = 0; i < PAGE_SALE_PHRASES; i++)
		words->sale[i] = hash_phrase(sale[i]);
	for (size_t i = 0; i < PAGE_GONE_PHRASES; i++)
		words->gone_phrases[i] = hash_phrase(gone[i]);
}

static void take_three(struct page_words *words)
{
	uint64_t hash = hash_three(words->before[0], words->before[1], words->hash);
	keep_least(&words->sketch, hash);
	for (size_t i = 0; i < PAGE_SALE_PHRASES; i++)
		words->for_sale = words->for_sale || hash == words->sale[i];
	for (size_t i = 0; i < PAGE_GONE_PHRASES; i++)
		words->gone = words->gone || hash == words->gone_phrases[i];
}

static void end_word(struct page_words *words)
{
	if (words->len == 0)
		return;
	if (words->count >= 2)
		take_three(words);
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

void page_words_part(struct page_words *words)
{
	end_word(words);
	words->path = false;
	words->letter = false;
}

static void add_byte(struct page_words *words, char c)
{
	bool space = char_is_space(c), starts = c == '/' && !words->letter;

	words->letter = !space;
	if (words->path && !space && (unsigned char)c < 0x80)
		return;
	words->path = starts;
	if (!is_word_byte(c) && !starts) {
		end_word(words);
		return;
	}
	words->hash = hash_letter(words->hash, c);
	words->len++;
	if (words->len == WORD_BYTES_MAX || starts)
		end_word(words);
}

void page_words_add(struct page_words *words, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		add_byte(words, text.at[i]);
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
