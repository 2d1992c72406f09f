#include "verdict/title.h"

#include <stdlib.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>

#include "base/buffer.h"
#include "base/utf8.h"

enum {
	TEXT_BYTES_MAX = 1024, /* of each side; no title is longer */
	FOLDED_BYTES_MAX = 4096,
	WORDS_MAX = 64,
	WORDS_MIN = 2,
	LETTERS_MIN = 8,
	IDEOGRAPH_LETTERS = 3, /* one says as much as a short word */
	WORD_LETTERS_MIN = 3,  /* fewer are an initial */
	RETITLED_SHARED_MIN = 2,
	OTHER_WORDS_MIN = 3, /* a shorter label is no proof of another page */
	CONTAINED_WORDS_MIN = 3,
	VARIANTS_MAX = 4,
};

struct words {
	struct slice word[WORDS_MAX]; /* each once */
	uint32_t count;
	uint32_t letters;
	uint32_t latin; /* of the letters */
};

/* --- from text to words ------------------------------------------------------------ */

/* "\emph{x}" is x, "\'e" is e: the command goes, its argument stays. */
static size_t tex_command_len(struct slice text)
{
	size_t len = 1;

	while (len < text.len && char_is_alpha(text.at[len]))
		len++;
	return len == 1 && text.len > 1 ? 2 : len;
}

/* Valid UTF-8 without TeX; braces and dollars join what they enclose to its
 * surroundings. */
static void add_plain(struct buffer *out, struct slice text)
{
	text = slice_sub(text, 0, TEXT_BYTES_MAX);
	while (text.len > 0) {
		char c = text.at[0];
		if (c == '\\') {
			text = slice_sub(text, tex_command_len(text), text.len);
		} else if (c == '{' || c == '}' || c == '$') {
			text = slice_sub(text, 1, text.len);
		} else {
			uint32_t code_point = utf8_next(&text);
			utf8_add(out, code_point != 0 ? code_point : ' ');
		}
	}
}

static bool lower_ascii(char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] >= 0x80)
			return false;
		text[i] = char_lower(text[i]);
	}
	return true;
}

/* Case folding with compatibility decomposition, so that "ﬁ" is "fi" and an accent is a
 * character of its own that is_dropped() removes: TeX and plain spellings then agree. */
static char *fold_unicode(struct arena *scratch, struct slice plain, size_t *ret_len)
{
	size_t len = 0;
	uint8_t *folded = u8_casefold(
		(const uint8_t *)plain.at, plain.len, NULL, UNINORM_NFKD, NULL, &len);
	char *copy = NULL;

	if (folded != NULL) {
		*ret_len = len < FOLDED_BYTES_MAX ? len : FOLDED_BYTES_MAX;
		copy = arena_string(
			scratch, (struct slice){ (const char *)folded, *ret_len });
	}
	free(folded);
	return copy;
}

static bool is_simple(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if ((unsigned char)(c - 1) >= 0x7F || c == '\\' || c == '{' || c == '}' ||
			c == '$')
			return false;
	}
	return true;
}

/* ASCII, the common case, goes without the Unicode library, in a fifth of the time; and
 * most of it without a second look for TeX. */
static char *fold(struct arena *scratch, struct slice text, size_t *ret_len)
{
	struct buffer plain;
	char *folded = NULL;

	text = slice_sub(text, 0, TEXT_BYTES_MAX);
	*ret_len = text.len;
	if (is_simple(text)) {
		folded = arena_string(scratch, text);
		if (folded != NULL)
			lower_ascii(folded, text.len);
		return folded;
	}
	buffer_init(&plain, (size_t)TEXT_BYTES_MAX * 3);
	add_plain(&plain, text);
	*ret_len = plain.len;
	if (!plain.failed && plain.len > 0)
		folded = lower_ascii(plain.at, plain.len)
				 ? arena_string(scratch, buffer_slice(&plain))
				 : fold_unicode(scratch, buffer_slice(&plain), ret_len);
	buffer_fini(&plain);
	return folded;
}

static bool is_dropped(uint32_t c)
{
	if (c < 0x80)
		return c == '\'';
	return (c >= 0x300 && c <= 0x36F) || c == 0x2019 || c == 0xAD ||
	       (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF;
}

/* Scripts that put no spaces between words. */
static bool is_ideograph(uint32_t c)
{
	return (c >= 0x2E80 && c <= 0x2FDF) || (c >= 0x3005 && c <= 0x30FF) ||
	       (c >= 0x3400 && c <= 0x9FFF) || (c >= 0xF900 && c <= 0xFAFF) ||
	       (c >= 0x20000 && c <= 0x3FFFF);
}

static bool is_word_char(uint32_t c)
{
	if (c < 0x80)
		return char_is_alpha((char)c) || char_is_digit((char)c);
	return c != UTF8_REPLACEMENT &&
	       (uc_is_general_category_withtable(
		       c, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N));
}

static void add_word(struct words *words, struct slice word)
{
	if (word.len == 0 || words->count == WORDS_MAX)
		return;
	for (uint32_t i = 0; i < words->count; i++)
		if (slice_equal(words->word[i], word))
			return;
	words->word[words->count++] = word;
}

/* Words are views into `folded`, whose dropped characters are squeezed out in place. */
static void split_words(char *folded, size_t len, struct words *words)
{
	struct slice rest = { folded, len };
	size_t start = 0, end = 0; /* of the word being written */

	while (rest.len > 0) {
		const char *from = rest.at;
		uint32_t c = utf8_next(&rest);
		size_t size = (size_t)(rest.at - from);
		if (is_dropped(c))
			continue;
		bool ideograph = is_ideograph(c), word_char = is_word_char(c);
		if (ideograph || !word_char) {
			add_word(words, (struct slice){ folded + start, end - start });
			start = end;
		}
		if (!word_char)
			continue;
		if (size == 1)
			folded[end] = *from;
		else
			memmove(folded + end, from, size);
		end += size;
		words->letters += ideograph ? IDEOGRAPH_LETTERS : 1;
		words->latin += c < 0x250;
		if (ideograph) {
			add_word(words, (struct slice){ folded + start, end - start });
			start = end;
		}
	}
	add_word(words, (struct slice){ folded + start, end - start });
}

static void words_of(struct arena *scratch, struct slice text, struct words *ret_words)
{
	size_t len;
	char *folded = fold(scratch, text, &len);

	*ret_words = (struct words){ 0 };
	if (folded != NULL)
		split_words(folded, len, ret_words);
}

static bool says_something(const struct words *words)
{
	return words->count >= WORDS_MIN && words->letters >= LETTERS_MIN;
}

/* --- decoration -------------------------------------------------------------------- */

/* "[2303.18223] Title" and "GitHub - owner/repo: Title". */
static struct slice strip_prefix(struct slice title)
{
	static const struct slice github = { "GitHub - ", sizeof("GitHub - ") - 1 };
	size_t close = slice_find_char(title, ']');

	if (title.len > 1 && title.at[0] == '[' && close != SLICE_NONE &&
		char_is_digit(title.at[1]) && close <= 24)
		return slice_trim(slice_sub(title, close + 1, title.len));
	if (slice_starts_nocase(title, github))
		return slice_sub(title, github.len, title.len);
	return title;
}

/* The separators that sites put between a title and their name, spaces included, because
 * a bare hyphen is part of a word. */
static size_t separator_len(struct slice text)
{
	static const struct slice separators[] = {
		{ " | ", 3 },
		{ " - ", 3 },
		{ " :: ", 4 },
		{ " · ", sizeof(" · ") - 1 },
		{ " • ", sizeof(" • ") - 1 },
		{ " – ", sizeof(" – ") - 1 },
		{ " — ", sizeof(" — ") - 1 },
		{ " » ", sizeof(" » ") - 1 },
	};
	for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++)
		if (slice_starts(text, separators[i]))
			return separators[i].len;
	return 0;
}

/* The title whole, without its last part, without its first part, and its first part
 * alone: a site's name may stand on either side, and may itself have two parts. */
static size_t variants_of(struct slice title, struct slice variants[VARIANTS_MAX])
{
	struct slice first = { 0 }, tail = { 0 }, head = { 0 };
	size_t count = 0;

	title = strip_prefix(slice_trim(slice_sub(title, 0, TEXT_BYTES_MAX)));
	variants[count++] = title;
	for (size_t i = 0; i < title.len; i++) {
		size_t len = separator_len(slice_sub(title, i, title.len));
		if (len == 0)
			continue;
		head = slice_sub(title, 0, i);
		if (first.at == NULL) {
			first = head;
			tail = slice_sub(title, i + len, title.len);
		}
		i += len - 2; /* the closing space may open the next one */
	}
	if (first.at == NULL)
		return count;
	variants[count++] = head;
	variants[count++] = tail;
	if (first.len != head.len)
		variants[count++] = first;
	return count;
}

/* --- comparison -------------------------------------------------------------------- */

static uint32_t count_shared(const struct words *a, const struct words *b)
{
	uint32_t shared = 0;

	for (uint32_t i = 0; i < a->count; i++)
		for (uint32_t k = 0; k < b->count; k++)
			if (slice_equal(a->word[i], b->word[k])) {
				shared++;
				break;
			}
	return shared;
}

/* Words of both that come in the same order: the longest common subsequence. */
static uint32_t count_in_order(const struct words *a, const struct words *b)
{
	uint8_t best[WORDS_MAX + 1] = { 0 }; /* by the words of `b` looked at so far */

	for (uint32_t i = 0; i < a->count; i++) {
		uint8_t diagonal = 0;
		for (uint32_t k = 1; k <= b->count; k++) {
			uint8_t above = best[k];
			if (slice_equal(a->word[i], b->word[k - 1]))
				best[k] = (uint8_t)(diagonal + 1);
			else if (best[k - 1] > above)
				best[k] = best[k - 1];
			diagonal = above;
		}
	}
	return best[b->count];
}

/* A translated title shares no words with its original, and proves nothing. */
static bool scripts_differ(const struct words *a, const struct words *b)
{
	return (a->latin * 2 > a->letters) != (b->latin * 2 > b->letters);
}

/* A label may be a part of the title, or a title a part of a long label; in that order,
 * because titles of one field share most of their words. A short page title ("Machine
 * learning") is a part of too many labels to mean anything. */
static bool is_contained(const struct words *expected, const struct words *found)
{
	uint32_t shared = count_in_order(expected, found);

	if (expected->count <= found->count)
		return shared * 10 >= expected->count * 8;
	return shared * 10 >= found->count * 8 &&
	       (found->count >= CONTAINED_WORDS_MIN ||
		       found->count * 2 >= expected->count);
}

static enum title_match compare(const struct words *expected, const struct words *found)
{
	if (!says_something(expected) || !says_something(found))
		return TITLE_UNKNOWN;
	uint32_t shared = count_shared(expected, found);
	uint32_t all = expected->count + found->count - shared;
	if (shared * 10 >= all * 6 || is_contained(expected, found))
		return TITLE_MATCH;
	/* "Java Tutorial" and "Java Software" share no more than their subject. */
	if (shared * 10 >= all * 3 && shared >= RETITLED_SHARED_MIN)
		return TITLE_RETITLED;
	return expected->count < OTHER_WORDS_MIN || scripts_differ(expected, found)
		       ? TITLE_UNKNOWN
		       : TITLE_OTHER;
}

/* From what says least to what says most. */
static const int ranks[] = {
	[TITLE_UNKNOWN] = 0,
	[TITLE_OTHER] = 1,
	[TITLE_RETITLED] = 2,
	[TITLE_MATCH] = 3,
};

static enum title_match better(enum title_match a, enum title_match b)
{
	return ranks[a] >= ranks[b] ? a : b;
}

static enum title_match compare_variants(
	struct arena *scratch, const struct words *expected, struct slice found)
{
	struct slice variants[VARIANTS_MAX];
	enum title_match best = TITLE_UNKNOWN;

	if (found.len == 0)
		return best;
	size_t count = variants_of(found, variants);
	for (size_t i = 0; i < count && best != TITLE_MATCH; i++) {
		struct words words;
		words_of(scratch, variants[i], &words);
		best = better(best, compare(expected, &words));
	}
	return best;
}

enum title_match title_compare(
	struct arena *scratch, struct slice expected, struct slice found)
{
	struct words words;

	words_of(scratch, strip_prefix(slice_trim(expected)), &words);
	return compare_variants(scratch, &words, found);
}

enum title_match title_evidence(
	struct arena *scratch, struct slice expected, const struct page_facts *page)
{
	const struct slice titles[] = { page->citation_title, page->og_title,
		page->title };
	enum title_match best = TITLE_UNKNOWN;
	struct words words;

	words_of(scratch, strip_prefix(slice_trim(expected)), &words);
	if (!says_something(&words))
		return TITLE_UNKNOWN;
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		best = better(best, compare_variants(scratch, &words, titles[i]));
	/* A first heading is often the site's name: it may confirm, not accuse. */
	enum title_match heading = compare_variants(scratch, &words, page->heading);
	return heading == TITLE_OTHER ? best : better(best, heading);
}

static bool is_title(const struct words *words)
{
	return words->count >= OTHER_WORDS_MIN && says_something(words);
}

bool title_labels_differ(struct arena *scratch, struct slice a, struct slice b)
{
	struct words one, other;

	words_of(scratch, a, &one);
	words_of(scratch, b, &other);
	return one.letters >= WORD_LETTERS_MIN && other.letters >= WORD_LETTERS_MIN &&
	       one.count <= TITLE_LABEL_WORDS_MAX &&
	       other.count <= TITLE_LABEL_WORDS_MAX &&
	       (is_title(&one) || is_title(&other)) && !scripts_differ(&one, &other) &&
	       count_shared(&one, &other) == 0;
}
