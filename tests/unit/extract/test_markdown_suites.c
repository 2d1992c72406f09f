#include "unit/extract/collect.h"

#include <stdio.h>
#include <time.h>

#include "base/random.h"

/* --- what a URL as written means, told in another way than cmark's --------------------
 */

/* Undoes the few references that are used here, and backslashes. */
static struct slice undo_escapes(
	struct arena *arena, struct slice written, bool backslashes)
{
	static const struct {
		const char *reference, *text;
	} references[] = { { "&amp;", "&" }, { "&quot;", "\"" }, { "&lt;", "<" },
		{ "&gt;", ">" }, { "&auml;", "ä" }, { "&ouml;", "ö" } };
	struct buffer out;

	buffer_init(&out, written.len + 1);
	while (written.len > 0) {
		size_t len = 1;
		struct slice meaning = slice_sub(written, 0, 1);
		if (backslashes && written.at[0] == '\\' && written.len > 1 &&
			strchr("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", written.at[1])) {
			meaning = slice_sub(written, 1, 2);
			len = 2;
		}
		for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++) {
			if (!slice_starts(written, slice_of(references[i].reference)))
				continue;
			len = strlen(references[i].reference);
			meaning = slice_of(references[i].text);
		}
		buffer_add(&out, meaning);
		written = slice_sub(written, len, written.len);
	}
	struct slice copy = arena_copy(arena, buffer_slice(&out));
	buffer_fini(&out);
	return copy;
}

static struct slice without_prefix(struct slice url, const char *prefix)
{
	return slice_starts(url, slice_of(prefix))
		       ? slice_sub(url, strlen(prefix), url.len)
		       : url;
}

static bool is_spelling(struct slice written, struct slice url)
{
	return slice_equal(url, written) ||
	       (slice_starts(written, SLICE("www.")) &&
		       slice_equal(without_prefix(url, "http://"), written)) ||
	       slice_equal(without_prefix(url, "mailto:"), written);
}

/* Whether the bytes at its place are the mention's URL; autolinks and HTML have no
 * backslash escapes. */
static bool is_there(struct collected *all, size_t index)
{
	struct slice url = all->mentions[index].url;
	struct slice written = collect_written(all, index);

	return is_spelling(written, url) ||
	       is_spelling(undo_escapes(&all->arena, written, true), url) ||
	       is_spelling(undo_escapes(&all->arena, written, false), url);
}

static size_t count_misplaced(struct collected *all)
{
	size_t count = 0;

	for (size_t i = 0; i < all->count; i++) {
		if (is_there(all, i))
			continue;
		count++;
		print_message("%u:%u %.*s is not %.*s\n", all->mentions[i].line,
			all->mentions[i].column, SLICE_ARG(collect_written(all, i)),
			SLICE_ARG(all->mentions[i].url));
	}
	return count;
}

static double now_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- lists ----------------------------------------------------------------------------
 */

static void the_seed(void **state)
{
	(void)state;
	const char *path = test_shared("seeds/awesome-align-llm-human.md");
	if (path == NULL)
		skip();
	struct buffer document;
	buffer_init(&document, 10 * 1000 * 1000);
	test_read(path, &document);
	struct collected all = collect(DOCUMENT_MARKDOWN, buffer_slice(&document));
	assert_int_equal(all.result, 0);
	assert_int_equal(all.count, 132);
	assert_int_equal(count_misplaced(&all), 0);
	collect_check_places(&all);

	size_t anchors = 0, resolved = 0, titles = 0;
	for (size_t i = 0; i < all.count; i++) {
		const struct mention *mention = &all.mentions[i];
		if (slice_equal_nocase(mention->text, SLICE("[paper]"))) {
			titles++;
			/* "- Title [[Paper]](URL)": the line tells the title. */
			struct slice before = slice_sub(
				all.document, 0, mention->offset - strlen("[[Paper]]("));
			size_t begin = before.len;
			while (before.at[begin - 1] != '\n')
				begin--;
			struct slice title =
				slice_trim(slice_sub(before, begin + 2, before.len));
			assert_true(slice_equal(mention->expected_title, title));
			assert_true(slice_equal(mention->context, title));
		}
		if (!slice_starts(mention->url, SLICE("#")))
			continue;
		anchors++;
		for (size_t j = 0; j < all.anchor_count; j++)
			resolved += slice_equal(all.anchors[j],
				slice_sub(mention->url, 1, mention->url.len));
	}
	assert_int_equal(anchors, 14);
	assert_int_equal(resolved, 14);
	assert_true(titles > 90);
	printf("seed: %zu mentions, %zu titles, %zu of %zu anchors\n", all.count, titles,
		resolved, anchors);
	collect_free(&all);
	buffer_fini(&document);
}

static void lists_of_others(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		size_t at_least;
	} lists[] = { { "lists/awesome.md", 700 }, { "lists/awesome-llm.md", 380 } };
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const char *path = test_shared(lists[i].path);
		if (path == NULL)
			skip();
		struct buffer document;
		buffer_init(&document, 10 * 1000 * 1000);
		test_read(path, &document);
		double begin_s = now_s();
		struct collected all =
			collect(DOCUMENT_MARKDOWN, buffer_slice(&document));
		double took_s = now_s() - begin_s;
		printf("%s: %zu mentions, %.1f ms\n", lists[i].path, all.count,
			took_s * 1000);
		assert_int_equal(all.result, 0);
		assert_true(all.count >= lists[i].at_least);
		assert_int_equal(count_misplaced(&all), 0);
		collect_check_places(&all);
		assert_true(took_s < 0.1);
		collect_free(&all);
		buffer_fini(&document);
	}
}

/* --- CommonMark's examples ------------------------------------------------------------
 */

/* Entities and percent-encoding undone. */
static struct slice normal_url(struct arena *arena, struct slice url)
{
	struct buffer out;
	url = undo_escapes(arena, url, false);
	buffer_init(&out, url.len + 1);
	for (size_t i = 0; i < url.len; i++) {
		bool triplet = url.at[i] == '%' && i + 2 < url.len &&
			       char_hex(url.at[i + 1]) >= 0 &&
			       char_hex(url.at[i + 2]) >= 0;
		char c = url.at[i];
		if (triplet) {
			c = (char)(char_hex(url.at[i + 1]) * 16 +
				   char_hex(url.at[i + 2]));
			i += 2;
		}
		buffer_add_char(&out, c);
	}
	struct slice copy = arena_copy(arena, buffer_slice(&out));
	buffer_fini(&out);
	return copy;
}

static int by_text(const void *left, const void *right)
{
	const struct slice *a = left, *b = right;
	size_t len = a->len < b->len ? a->len : b->len;
	int order = len > 0 ? memcmp(a->at, b->at, len) : 0;
	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

enum { URLS_MAX = 64 };

struct urls {
	struct slice list[URLS_MAX];
	size_t count;
};

static void add_url(struct arena *arena, struct urls *urls, struct slice url)
{
	assert_true(urls->count < URLS_MAX);
	url = normal_url(arena, url);
	if (url.len > 0)
		urls->list[urls->count++] = url;
}

/* href of <a> and src of <img> in the expected HTML, outside comments. */
static void urls_of_html(struct arena *arena, struct slice html, struct urls *urls)
{
	for (size_t at = 0; at < html.len; at++) {
		struct slice rest = slice_sub(html, at, html.len);
		bool a = slice_starts(rest, SLICE("<a "));
		size_t comment = slice_find(rest, SLICE("-->"));
		if (slice_starts(rest, SLICE("<!--")) && comment != SLICE_NONE)
			at += comment;
		if (!a && !slice_starts(rest, SLICE("<img ")))
			continue;
		const char *name = a ? "href=\"" : "src=\"";
		struct slice tag = slice_sub(rest, 0, slice_find_char(rest, '>'));
		size_t begin = slice_find(tag, slice_of(name));
		if (begin == SLICE_NONE)
			continue;
		struct slice value = slice_sub(tag, begin + strlen(name), tag.len);
		size_t end = slice_find_char(value, '"');
		add_url(arena, urls, slice_sub(value, 0, end));
	}
}

static struct slice with_tabs(struct arena *arena, struct slice text)
{
	struct buffer out;
	buffer_init(&out, text.len + 1);
	while (text.len > 0) {
		bool arrow = slice_starts(text, SLICE("→"));
		buffer_add_char(&out, arrow ? '\t' : text.at[0]);
		text = slice_sub(text, arrow ? strlen("→") : 1, text.len);
	}
	struct slice copy = arena_copy(arena, buffer_slice(&out));
	buffer_fini(&out);
	return copy;
}

static void remove_repeats(struct urls *urls)
{
	size_t count = 0;
	for (size_t i = 0; i < urls->count; i++)
		if (count == 0 || !slice_equal(urls->list[count - 1], urls->list[i]))
			urls->list[count++] = urls->list[i];
	urls->count = count;
}

static bool is_example_right(unsigned number, struct slice markdown, struct slice html)
{
	struct urls expected = { .count = 0 }, found = { .count = 0 };
	struct collected all = { .count = 0 };
	struct arena arena;

	arena_init(&arena, 1000000);
	all = collect(DOCUMENT_MARKDOWN, with_tabs(&arena, markdown));
	assert_int_equal(all.result, 0);
	collect_check_places(&all);
	urls_of_html(&arena, with_tabs(&arena, html), &expected);
	for (size_t i = 0; i < all.count; i++)
		add_url(&arena, &found, all.mentions[i].url);
	qsort(expected.list, expected.count, sizeof(struct slice), by_text);
	qsort(found.list, found.count, sizeof(struct slice), by_text);
	/* As sets: a definition counts once, however often it is used. */
	remove_repeats(&expected);
	remove_repeats(&found);
	bool same = expected.count == found.count;
	for (size_t i = 0; same && i < found.count; i++)
		same = slice_equal(expected.list[i], found.list[i]);
	if (!same)
		printf("example %u: %zu instead of %zu: %.*s\n", number, found.count,
			expected.count, SLICE_ARG(markdown));
	assert_int_equal(count_misplaced(&all), 0);
	collect_free(&all);
	arena_fini(&arena);
	return same;
}

static void commonmark(void **state)
{
	(void)state;
	const char *path = test_shared("suites/commonmark-spec.txt");
	if (path == NULL)
		skip();
	struct buffer spec;
	buffer_init(&spec, 10 * 1000 * 1000);
	test_read(path, &spec);
	struct slice rest = buffer_slice(&spec);
	struct slice fence = SLICE("\n````````````````````````````````");
	unsigned count = 0, right = 0;
	for (;;) {
		size_t begin = slice_find(rest, SLICE("```````````````````````````````` "
						      "example\n"));
		if (begin == SLICE_NONE)
			break;
		rest = slice_sub(rest, begin + 32 + strlen(" example\n"), rest.len);
		size_t end =
			slice_find((struct slice){ rest.at - 1, rest.len + 1 }, fence);
		struct slice example = slice_sub(rest, 0, end);
		size_t dot = slice_starts(example, SLICE(".\n"))
				     ? 0
				     : slice_find(example, SLICE("\n.\n")) + 1;
		rest = slice_sub(rest, end + 32, rest.len);
		right += is_example_right(++count, slice_sub(example, 0, dot),
			slice_sub(example, dot + 2, example.len));
	}
	printf("CommonMark: %u of %u\n", right, count);
	assert_int_equal(count, 655);
	assert_true(right >= 650);
	buffer_fini(&spec);
}

/* --- random documents: every place is right -------------------------------------------
 */

/* '@' becomes a URL that is nowhere else in the document. */
static const char *const inlines[] = { "[a](@)", "![i](@)", "[![i](@)](@)",
	"[a](<@> \"t\")", "[a](\n@\n\"t\")", "<http://e.example/@>", "http://e.example/@",
	"www.e.example/@", "@`e.example", "[r1]", "[r2][]", "[x][R3]", "![r1]", "[x][r4]",
	"[nope]", "`code [a](@)`", "``a ` [b](@)``", "\\[a](@)", "*em*", "**b [a](@)**",
	"_u_", "<a href=\"@\">t</a>", "<img src='@'>", "<b>", "<!-- [c](@) -->", "&amp;",
	"a\\|b", "word", "[", "](@)", "]", "[a [b](@) c](@)", "![a [b](@) c](@)",
	"[a](@ (t))", "[a](@\\)x)", "[a](@&amp;b)", "[a](<@ x>)", "(", "[^1]", "~~s~~",
	"[a]()", "\t", "!", "[a](@)(b)", "[a]( @ )", "[r1] [a](@)", "[foo\nbar](@)",
	"<@`e.example>", "[a](/(@))", "<a\nhref=\"@\"\n>", "é", "ü[ö](@/ß)", "|" };
static const char *const prefixes[] = { "", "", "", "", "> ", "- ", "  ", "    ", "\t",
	"1. ", "> - ", ">\t", "- > ", ">> ", "-\t", "* * ", "- [ ] " };
static const char *const blocks[] = {
	"[r1]: @\n", "[r2]:\n @ \"t\"\n", "[ R3 ]: <@>\n", "[r4]: @\n\"title\"\n",
	"> [r\n> 4]: @\n", "[r1]: @ (x)\nmore [a](@)\n", "```\n[a](@)\n[r1]: @\n```\n",
	"    [a](@)\n", "<div>\n<a href=\"@\">x</a>\n</div>\n", "<pre>\n\t[a](@)</pre>\n",
	"[^1]: note [f](@)\n", "***\n", "===\n", "---\n", "# h [a](@) #\n",
	"| [a](@) | b\\|c [a](@) |\n|--|:-:|\n| `x\\|y` [z](@) | http://e.example/@ |\n"
};

#define PICK(random, list)                                                               \
	(list)[random_below((random), sizeof(list) / sizeof((list)[0]))]

static void add_template(struct buffer *out, const char *text, unsigned *number)
{
	for (; *text != '\0'; text++) {
		if (*text == '@')
			buffer_printf(out, "u%u_", ++*number);
		else
			buffer_add_char(
				out, *text == '`' && text[1] == 'e' ? '@' : *text);
	}
}

static void add_paragraph(struct buffer *out, struct random *random, unsigned *number)
{
	uint64_t lines = 1 + random_below(random, 4);
	for (uint64_t i = 0; i < lines; i++) {
		buffer_add_text(out, PICK(random, prefixes));
		for (uint64_t j = random_below(random, 5); j < 5; j++) {
			add_template(out, PICK(random, inlines), number);
			buffer_add_text(out, random_below(random, 2) ? " " : "");
		}
		buffer_add_char(out, '\n');
	}
}

static void make_document(struct buffer *out, struct random *random)
{
	unsigned number = 0;
	buffer_reset(out);
	for (uint64_t i = random_below(random, 6); i < 7; i++) {
		if (random_below(random, 2) == 0)
			add_paragraph(out, random, &number);
		else
			add_template(out, PICK(random, blocks), &number);
		buffer_add_text(out, random_below(random, 2) ? "\n" : "");
	}
	if (random_below(random, 4) == 0)
		for (size_t i = 0; i < out->len; i++)
			if (out->at[i] == '\n')
				out->at[i] = '\r';
}

static void random_documents(void **state)
{
	(void)state;
	enum { DOCUMENTS = 3000 };
	struct random random;
	struct buffer document;
	size_t mentions = 0, wrong = 0;

	random_init(&random, 2);
	buffer_init(&document, 1000000);
	for (int i = 0; i < DOCUMENTS; i++) {
		make_document(&document, &random);
		struct collected all =
			collect(DOCUMENT_MARKDOWN, buffer_slice(&document));
		assert_int_equal(all.result, 0);
		collect_check_places(&all);
		size_t misplaced = count_misplaced(&all);
		if (misplaced > 0)
			print_message("in:\n%s\n", buffer_string(&document));
		wrong += misplaced;
		mentions += all.count;
		collect_free(&all);
	}
	printf("random documents: %zu mentions, %zu misplaced\n", mentions, wrong);
	assert_true(mentions > 20000);
	assert_int_equal(wrong, 0);
	buffer_fini(&document);
}

static void random_bytes(void **state)
{
	(void)state;
	static const char alphabet[] =
		"[[]]()()<>!!`*_\\\"' \n\n\t->#:|&@.a1w/\r\0\xC3\xA9";
	struct random random;
	char bytes[300];

	random_init(&random, 3);
	for (int i = 0; i < 3000; i++) {
		size_t len = random_below(&random, sizeof(bytes));
		for (size_t j = 0; j < len; j++)
			bytes[j] = alphabet[random_below(&random, sizeof(alphabet))];
		struct collected all =
			collect(DOCUMENT_MARKDOWN, (struct slice){ bytes, len });
		assert_int_equal(all.result, 0);
		collect_check_places(&all);
		collect_free(&all);
	}
}

/* --- hostile documents ----------------------------------------------------------------
 */

enum { HOSTILE_BYTES = 400 * 1000 };

struct hostile {
	const char *head, *body, *tail;
};

/* Each takes quadratic time or memory somewhere in cmark-gfm or might in our own code.
 * Unprotected, many of them take minutes. */
static const struct hostile hostile[] = { { "", "<", "" }, { "", ":", "" },
	{ "", "![l", "" }, { "", "![[]()", "" }, { "", "[a](b", "" },
	{ "", "[a](<b", "" }, { "", "[", "" }, { "", "a**b", "" }, { "", "*a_ ", "" },
	{ "", "*_", "" }, { "", "~a ", "" }, { "", "`a``b", "" }, { "", "a <!--", "" },
	{ "", "a <?", "" }, { "", "a <![CDATA[", "" }, { "", "a <!A ", "" },
	{ "", "a <a b='\"", "" }, { "", "www.a_b_", "" }, { "", "http://", "" },
	{ "", "a@", "" }, { "", "a@a.", "" }, { "http://a.b", ")", "" },
	{ "http://a.b", "&a;", "" }, { "", ">", "" }, { "", "- ", "x" },
	{ "", "|a", "\n|-" }, { "", "a\n", "|-|\n|-|\n" }, { "", "x||\n|-\n", "" },
	{ "", "|-\n", "" }, { "|a|\n|-|\n", "|\n", "" }, { "", "[a]: u\n", "" },
	{ "", "[a]:\n", "" }, { "[^1]: u\n\n", "[^1] ", "" }, { "[^a]: b\n\n", "[^", "" },
	{ "", "[a](b \"", "" }, { "", "&", "" }, { "", "\\", "" }, { "", "[x\n", "" },
	{ "", "\n", "" }, { "", "- a\n", "" }, { "", "    a\n\n", "" },
	{ "", "```\n", "" }, { "", "[a](b) ", "" }, { "", "[p](b)\n- ", "" },
	{ "", "<a href=b>x</a> ", "" }, { "<div>\n", "<a href=b>x</a>\n", "" },
	{ "", "# a\n", "" }, { "- a\n", "\n  [a](b)\n", "" },
	{ "", "<!-- linkrotd-disable -->\n\n[a](b)\n\n", "" }, { "", "[a\n", "" },
	{ "", "![", "](a)" }, { "", "(paper) | code | [pdf](x) ", "" } };

static void run_hostile(struct slice document, const char *name)
{
	double begin_s = now_s();
	struct collected all = collect(DOCUMENT_MARKDOWN, document);
	double took_s = now_s() - begin_s;

	if (took_s > 1)
		printf("hostile %s: %.2f s\n", name, took_s);
	assert_true(all.result == 0 || all.error.text[0] != '\0');
	assert_true(took_s < 6);
	collect_free(&all);
}

static void hostile_documents(void **state)
{
	(void)state;
	struct buffer document;

	buffer_init(&document, 2 * HOSTILE_BYTES);
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		buffer_reset(&document);
		buffer_add_text(&document, hostile[i].head);
		while (document.len < HOSTILE_BYTES)
			buffer_add_text(&document, hostile[i].body);
		buffer_add_text(&document, hostile[i].tail);
		run_hostile(buffer_slice(&document), hostile[i].body);
	}
	buffer_fini(&document);
}

static struct collected collect_pair(
	const char *head, const char *body, const char *tail, struct buffer *document)
{
	buffer_reset(document);
	while (document->len < HOSTILE_BYTES / 4)
		buffer_add_text(document, head);
	while (document->len < HOSTILE_BYTES)
		buffer_add_text(document, body);
	buffer_add_text(document, tail);
	return collect(DOCUMENT_MARKDOWN, buffer_slice(document));
}

static void deep_blocks_are_an_error(void **state)
{
	(void)state;
	struct buffer document;

	buffer_init(&document, 2 * HOSTILE_BYTES);
	double begin_s = now_s();
	struct collected all = collect_pair("> ", "a\nb\n", "", &document);
	assert_int_equal(all.result, -1);
	assert_non_null(strstr(all.error.text, "line 1: "));
	assert_true(now_s() - begin_s < 2);
	collect_free(&all);
	buffer_fini(&document);
}

static void long_references_are_an_error(void **state)
{
	(void)state;
	struct buffer document;

	/* Each use repeats the destination: 10 GB. */
	buffer_init(&document, 2 * HOSTILE_BYTES);
	buffer_add_text(&document, "[a]: ");
	while (document.len < HOSTILE_BYTES / 2)
		buffer_add_char(&document, 'x');
	buffer_add_text(&document, "\n\n");
	while (document.len < HOSTILE_BYTES)
		buffer_add_text(&document, "[a] ");
	struct collected all = collect(DOCUMENT_MARKDOWN, buffer_slice(&document));
	assert_int_equal(all.result, -1);
	assert_non_null(strstr(all.error.text, "MiB of memory"));
	collect_free(&all);
	buffer_fini(&document);
}

static void a_costly_leaf_is_read_simply(void **state)
{
	(void)state;
	struct buffer document;

	buffer_init(&document, 2 * HOSTILE_BYTES);
	struct collected all = collect_pair("www.a_b_", "www.a_b_",
		" http://e.example/in\n\n[After](/it)\n", &document);
	assert_int_equal(all.result, 0);
	assert_true(all.count >= 2);
	assert_slice(all.mentions[all.count - 2].url, "http://e.example/in");
	assert_slice(all.mentions[all.count - 1].url, "/it");
	assert_true(is_there(&all, all.count - 2));
	collect_check_places(&all);
	collect_free(&all);
	buffer_fini(&document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_seed),
		cmocka_unit_test(lists_of_others),
		cmocka_unit_test(commonmark),
		cmocka_unit_test(random_documents),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(hostile_documents),
		cmocka_unit_test(deep_blocks_are_an_error),
		cmocka_unit_test(long_references_are_an_error),
		cmocka_unit_test(a_costly_leaf_is_read_simply),
	};
	return cmocka_run_group_tests_name("markdown suites", tests, NULL, NULL);
}
