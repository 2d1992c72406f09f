#include "extract/title.h"

#include <stdlib.h>
#include <unictype.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "extract/title_internal.h"

enum {
	LABEL_BYTES_MAX = 40, /* a longer text is never generic */
	WORD_BYTES_MAX = 20,
	TITLE_BYTES_MAX = 300, /* a longer context is prose, not a title */
};

/* Words that say what kind of thing a link is, and those between two such words. In
 * alphabetical order, for bsearch. */
static const char *const generic_words[] = { "a", "abs", "abstract", "acl", "also", "and",
	"announcement", "appendix", "article", "arxiv", "badge", "banner", "bibtex",
	"blog", "blogpost", "checkpoint", "checkpoints", "click", "code", "colab", "data",
	"dataset", "datasets", "demo", "details", "doc", "docs", "documentation", "doi",
	"download", "et", "for", "git", "github", "gitlab", "here", "hf", "home",
	"homepage", "html", "huggingface", "icon", "image", "img", "info", "learn",
	"link", "links", "logo", "model", "models", "more", "notebook", "oder",
	"official", "online", "openreview", "or", "page", "paper", "papers", "pdf",
	"permalink", "photo", "picture", "plus", "post", "poster", "ppt", "preprint",
	"presentation", "project", "read", "readme", "release", "repo", "repository",
	"screenshot", "see", "site", "slide", "slides", "source", "src", "star", "stars",
	"supplementary", "talk", "the", "this", "tutorial", "tweet", "twitter", "und",
	"url", "video", "videos", "view", "visit", "web", "webpage", "website", "weights",
	"wiki", "x", "youtube", "与", "主页", "代码", "博客", "及", "和", "数据集",
	"论文", "链接", "项目" };

static int compare_word(const void *key, const void *entry)
{
	const struct slice *word = key;
	struct slice other = slice_of(*(const char *const *)entry);
	size_t len = word->len < other.len ? word->len : other.len;
	int order = memcmp(word->at, other.at, len);

	if (order != 0)
		return order;
	return (word->len > other.len) - (word->len < other.len);
}

static bool is_generic_word(struct slice word)
{
	char lower[WORD_BYTES_MAX];

	if (word.len > sizeof(lower))
		return false;
	for (size_t i = 0; i < word.len; i++)
		lower[i] = char_lower(word.at[i]);
	struct slice key = { lower, word.len };
	return bsearch(&key, generic_words,
		       sizeof(generic_words) / sizeof(generic_words[0]),
		       sizeof(generic_words[0]), compare_word) != NULL;
}

static bool is_word_char(uint32_t code_point)
{
	return uc_is_property_alphabetic(code_point) ||
	       uc_is_general_category(code_point, UC_NUMBER);
}

/* Takes the next run of letters and digits off *text; false when there is none. */
static bool next_word(struct slice *text, struct slice *ret_word)
{
	const char *begin = NULL;

	while (text->len > 0) {
		const char *here = text->at;
		bool inside = is_word_char(utf8_next(text));
		if (inside && begin == NULL)
			begin = here;
		if (!inside && begin != NULL) {
			*ret_word = (struct slice){ begin, (size_t)(here - begin) };
			return true;
		}
	}
	if (begin == NULL)
		return false;
	*ret_word = (struct slice){ begin, (size_t)(text->at - begin) };
	return true;
}

bool title_is_url(struct slice text)
{
	text = slice_trim(text);
	while (text.len > 0 &&
		(text.at[0] == '<' || text.at[0] == '(' || text.at[0] == '['))
		text = slice_sub(text, 1, text.len);
	for (size_t i = 0; i < text.len; i++)
		if (char_is_space(text.at[i]))
			return false;
	if (slice_starts_nocase(text, SLICE("www.")) ||
		slice_find(text, SLICE("://")) != SLICE_NONE ||
		slice_find_char(text, '@') != SLICE_NONE)
		return true;
	/* "github.com/who/what" */
	size_t slash = slice_find_char(text, '/'), dot = slice_find_char(text, '.');
	return slash != SLICE_NONE && dot != SLICE_NONE && dot < slash;
}

static bool is_number(struct slice word)
{
	for (size_t i = 0; i < word.len; i++)
		if (!char_is_digit(word.at[i]))
			return false;
	return true;
}

static bool is_single(struct slice word)
{
	utf8_next(&word);
	return word.len == 0;
}

bool title_is_generic(struct slice text)
{
	struct slice rest = text, word;
	unsigned count = 0;
	bool names = false;

	if (title_is_url(text))
		return true;
	while (!names && next_word(&rest, &word)) {
		count++;
		names = !is_number(word) && !is_generic_word(word) &&
			!(count == 1 && rest.len == 0 && is_single(word));
	}
	if (!names)
		return true;
	rest = text;
	/* One character names nothing, unless it is part of something longer. */
	return next_word(&rest, &word) && is_single(word) && !next_word(&rest, &word);
}

/* --- the context -------------------------------------------------------------------- */

static char closing(char open)
{
	return open == '[' ? ']' : open == '(' ? ')' : open == '{' ? '}' : '\0';
}

/* The length of a bracketed label at the beginning of `text`, such as "[[Code]]"; 0 if
 * there is none. Only short ones are looked at, which keeps this linear. */
static size_t bracketed_label(struct slice text)
{
	char close = closing(text.at[0]);
	int depth = 0;

	if (close == '\0')
		return 0;
	for (size_t i = 0; i < text.len && i < LABEL_BYTES_MAX; i++) {
		depth += text.at[i] == text.at[0];
		depth -= text.at[i] == close;
		if (depth == 0)
			return title_is_generic(slice_sub(text, 1, i)) ? i + 1 : 0;
	}
	return 0;
}

static bool is_comma(char c)
{
	return c == ',' || c == ';';
}

/* And a space, where a label may have been. */
static bool ends_in_comma(struct slice text)
{
	return slice_ends(text, SLICE(", ")) || slice_ends(text, SLICE("; "));
}

/* Copies without bracketed labels, white space collapsed, and so what was left of the
 * commas between labels. */
static void copy_without_labels(struct buffer *out, struct slice context)
{
	while (context.len > 0) {
		size_t label = bracketed_label(context);
		if (label > 0) {
			context = slice_sub(context, label, context.len);
			continue;
		}
		char c = context.at[0];
		context = slice_sub(context, 1, context.len);
		if (is_comma(c) && ends_in_comma(buffer_slice(out)))
			continue;
		if (!char_is_space(c))
			buffer_add_char(out, c);
		else if (!slice_ends(buffer_slice(out), SLICE(" ")))
			buffer_add_char(out, ' ');
	}
}

/* Characters that part a title from labels: ASCII ones, dashes, bullets, bars. */
static bool is_separator(uint32_t code_point)
{
	static const uint32_t separators[] = { '|', ',', ';', ':', '-', '*', '/', '+',
		'&', '~', '.', 0xB7, 0x2013, 0x2014, 0x2022, 0x2192, 0xFF0C, 0xFF1A,
		0xFF5C };

	for (size_t i = 0; i < sizeof(separators) / sizeof(separators[0]); i++)
		if (code_point == separators[i])
			return true;
	return code_point == ' ';
}

static struct slice trim_front(struct slice text)
{
	while (text.len > 0) {
		struct slice rest = text;
		if (!is_separator(utf8_next(&rest)))
			break;
		text = rest;
	}
	return text;
}

static size_t last_character(struct slice text)
{
	size_t at = text.len - 1;
	while (at > 0 && ((unsigned char)text.at[at] & 0xC0) == 0x80)
		at--;
	return at;
}

static struct slice trim_back(struct slice text)
{
	while (text.len > 0) {
		size_t at = last_character(text);
		struct slice last = slice_sub(text, at, text.len);
		if (!is_separator(utf8_next(&last)))
			break;
		text.len = at;
	}
	return text;
}

/* A comma does so behind a space, where a label was taken out. */
static bool parts_label(struct slice text, size_t at)
{
	char c = text.at[at];
	return c == '|' || c == '/' ||
	       (is_comma(c) && (at == 0 || text.at[at - 1] == ' '));
}

/* Takes " | code", "/ code" and " , see also" off the end, again and again. */
static struct slice trim_labels(struct slice text)
{
	for (;;) {
		text = trim_back(text);
		size_t from = text.len;
		while (from > 0 && text.len - from < LABEL_BYTES_MAX &&
			!parts_label(text, from - 1))
			from--;
		if (from == 0 || text.len - from >= LABEL_BYTES_MAX ||
			!title_is_generic(slice_sub(text, from, text.len)))
			return text;
		text.len = from;
	}
}

static struct slice title_of_context(struct arena *arena, struct slice context)
{
	struct buffer out;

	buffer_init(&out, context.len + 1);
	copy_without_labels(&out, context);
	struct slice title = trim_front(trim_labels(buffer_slice(&out)));
	bool names = title.len <= TITLE_BYTES_MAX && !title_is_generic(title);
	if (out.failed)
		arena->failed = true;
	title = names && !out.failed ? arena_copy(arena, title) : (struct slice){ 0 };
	buffer_fini(&out);
	return title;
}

/* --- within a sentence --- */

enum { CONNECTIVES_MAX = 4 };

static bool is_listed(struct slice word, const char *const *list)
{
	return slice_is_one_of_nocase(word, list);
}

/* Takes the last run of ASCII letters off *text, behind nothing but white space and marks
 * that open something. */
static bool last_word(struct slice *text, struct slice *ret_word)
{
	size_t end = text->len;

	while (end > 0 && (char_is_space(text->at[end - 1]) ||
				  slice_find_char(SLICE("*_\"'`[,"), text->at[end - 1]) !=
					  SLICE_NONE))
		end--;
	size_t begin = end;
	while (begin > 0 && char_is_alpha(text->at[begin - 1]))
		begin--;
	*ret_word = slice_sub(*text, begin, end);
	*text = slice_sub(*text, 0, begin);
	return ret_word->len > 0;
}

/* No title ends in these, and a sentence needs more behind them. Within it they are in
 * lower case, or somebody's initials. */
static bool leaves_open(struct slice word, struct slice before)
{
	static const char *const open[] = { "a", "an", "are", "as", "at", "available",
		"be", "by", "described", "documented", "for", "found", "from", "her",
		"his", "in", "into", "is", "its", "my", "of", "on", "our", "that", "the",
		"their", "these", "this", "those", "through", "to", "under", "using",
		"via", "was", "were", "with", "your", NULL };
	return is_listed(word, open) &&
	       (word.at[0] == char_lower(word.at[0]) || slice_trim(before).len == 0);
}

/* A sentence, or a part of one, begins with it: "See"; not so "Learning to See". */
static bool calls(struct slice word, struct slice before)
{
	static const char *const calls[] = { "check", "click", "follow", "go", "open",
		"read", "see", "try", "use", "visit", NULL };
	before = slice_trim(before);
	return is_listed(word, calls) &&
	       (before.len == 0 || slice_find_char(SLICE(".,;:!?"),
					   before.at[before.len - 1]) != SLICE_NONE);
}

static bool is_connective(struct slice word)
{
	static const char *const connectives[] = { "and", "or", NULL };
	return is_listed(word, connectives);
}

static bool goes_on(struct slice behind)
{
	static const char *const verbs[] = { "after", "because", "before", "but", "can",
		"first", "had", "has", "have", "if", "is", "should", "so", "that", "to",
		"was", "we", "when", "where", "which", "while", "who", "will", "you",
		NULL };
	size_t begin = 0;

	while (begin < behind.len && (char_is_space(behind.at[begin]) ||
					     slice_find_char(SLICE("*_\"'`],"),
						     behind.at[begin]) != SLICE_NONE))
		begin++;
	size_t end = begin;
	while (end < behind.len && char_is_alpha(behind.at[end]))
		end++;
	struct slice word = slice_sub(behind, begin, end);
	/* Lower case: what begins with a capital may be a title. */
	return word.len > 0 && word.at[0] == char_lower(word.at[0]) &&
	       is_listed(word, verbs);
}

bool title_is_in_sentence(struct slice before, struct slice behind)
{
	struct slice word;

	for (unsigned i = 0; i < CONNECTIVES_MAX && last_word(&before, &word); i++) {
		if (leaves_open(word, before) || calls(word, before))
			return true;
		if (!is_connective(word))
			break;
	}
	return goes_on(behind);
}

/* "[Title]" is Title, "[a] and [b]" stays. */
static struct slice without_brackets(struct slice text)
{
	text = slice_trim(text);
	while (text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']' &&
		slice_find_char(slice_sub(text, 1, text.len - 1), ']') == SLICE_NONE)
		text = slice_trim(slice_sub(text, 1, text.len - 1));
	return text;
}

struct slice expected_title(struct arena *arena, struct slice text, struct slice context)
{
	if (!title_is_generic(text))
		return without_brackets(text);
	return title_of_context(arena, context);
}
