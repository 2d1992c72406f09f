#include "unit/extract/collect.h"

static void kinds_by_name(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum document_kind kind;
		bool known;
	} cases[] = { { "README.md", DOCUMENT_MARKDOWN, true },
		{ "a/b.MARKDOWN", DOCUMENT_MARKDOWN, true },
		{ "x.qmd", DOCUMENT_MARKDOWN, true }, { "i.html", DOCUMENT_HTML, true },
		{ "i.XHTML", DOCUMENT_HTML, true }, { "refs.bib", DOCUMENT_BIBTEX, true },
		{ "a.tex", DOCUMENT_TEX, true }, { "a.adoc", DOCUMENT_ASCIIDOC, true },
		{ "a.asciidoc", DOCUMENT_ASCIIDOC, true },
		{ "a.rst", DOCUMENT_RST, true }, { "a.org", DOCUMENT_ORG, true },
		{ "a.CSV", DOCUMENT_CSV, true }, { "a.txt", DOCUMENT_PLAIN, true },
		{ "main.c", DOCUMENT_PLAIN, false },
		{ "Makefile", DOCUMENT_PLAIN, false }, { "md", DOCUMENT_PLAIN, false },
		{ "x.md/y", DOCUMENT_PLAIN, false }, { "", DOCUMENT_PLAIN, false } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool known = !cases[i].known;
		assert_int_equal(
			document_kind_of(slice_of(cases[i].name), &known), cases[i].kind);
		assert_int_equal(known, cases[i].known);
	}
	assert_int_equal(document_kind_of(SLICE("a.md"), NULL), DOCUMENT_MARKDOWN);
}

static void expect_urls(
	enum document_kind kind, const char *document, const char *const *urls)
{
	struct collected all = collect(kind, slice_of(document));
	assert_int_equal(all.result, 0);
	size_t i = 0;
	for (; urls[i] != NULL; i++) {
		assert_true(i < all.count);
		assert_slice(all.mentions[i].url, urls[i]);
	}
	assert_int_equal(all.count, i);
	collect_check_places(&all);
	collect_free(&all);
}

static void marks_in_html(void **state)
{
	(void)state;
	static const char *const urls[] = { "/1", "/3", "/6", NULL };
	expect_urls(DOCUMENT_HTML,
		"<a href=/1>x</a>\n<!-- linkrotd-disable --><a href=/2>x</a>"
		"<!--linkrotd-enable--><a href=/3>x</a>\n"
		"<!-- markdown-link-check-disable-next-line -->\n"
		"<a href=/4>x</a><a href=/5>x</a>\n<a href=/6>x</a>\n"
		"<a href=/7>x</a><!-- linkrotd-disable-line --><a href=/8>x</a>",
		urls);
}

static void marks_in_plain_text(void **state)
{
	(void)state;
	static const char *const urls[] = { "http://a.example/1", "http://a.example/3",
		NULL };
	expect_urls(DOCUMENT_PLAIN,
		"http://a.example/1\n<!-- markdown-link-check-disable -->\n"
		"http://a.example/2\n<!-- markdown-link-check-enable -->\n"
		"http://a.example/3\n<!-- linkrotd-disable-next-line -->\r\n"
		"http://a.example/4\r\n"
		"http://a.example/5 <!-- markdown-link-check-disable-line -->\r\n",
		urls);
}

static void other_comments_are_no_marks(void **state)
{
	(void)state;
	static const char *const urls[] = { "/1", "/2", NULL };
	expect_urls(DOCUMENT_HTML,
		"<!-- linkrotd-disabled --><a href=/1>x</a>"
		"<!-- disable --><!-- linkrotd-disable <a href=/2>x</a>--><a "
		"href=/2>y</a>",
		urls);
}

static int stop_mention(void *data, const struct mention *mention)
{
	(void)mention;
	return ++*(int *)data;
}

static int no_anchor(void *data, struct slice id)
{
	(void)data;
	(void)id;
	return 0;
}

static void the_sink_may_stop(void **state)
{
	(void)state;
	for (int kind = DOCUMENT_MARKDOWN; kind <= DOCUMENT_CSV; kind++) {
		int calls = 0;
		struct error error = { "" };
		const struct extract_sink sink = { &calls, stop_mention, no_anchor };
		struct slice document = SLICE("<a href='http://a.example/1'>x</a> "
					      "<a href='http://a.example/2'>y</a>");
		assert_int_equal(
			extract((enum document_kind)kind, document, &sink, &error), -1);
		assert_int_equal(calls, 1);
	}
}

static void too_large(void **state)
{
	(void)state;
	/* Never read, so it need not be there. */
	static const char byte;
	struct slice huge = { &byte, EXTRACT_BYTES_MAX + 1 };
	struct collected all = collect(DOCUMENT_PLAIN, huge);
	assert_int_equal(all.result, -1);
	assert_non_null(strstr(all.error.text, "128 MiB"));
	collect_free(&all);
	huge.len = (size_t)100 * 1024 * 1024;
	all = collect(DOCUMENT_MARKDOWN, huge);
	assert_int_equal(all.result, -1);
	assert_non_null(strstr(all.error.text, "limit is 16 MiB"));
	collect_free(&all);
}

static void empty(void **state)
{
	(void)state;
	for (int kind = DOCUMENT_MARKDOWN; kind <= DOCUMENT_CSV; kind++) {
		struct collected all =
			collect((enum document_kind)kind, (struct slice){ 0 });
		assert_int_equal(all.result, 0);
		assert_int_equal(all.count + all.anchor_count, 0);
		collect_free(&all);
	}
}

static void labels_beside_a_title_of_html(void **state)
{
	(void)state;
	struct collected all = collect(
		DOCUMENT_HTML, SLICE("<tr><td>Paper One</td><td><a href=1>paper</a></td>"
				     "<td><a href=2>code</a></td></tr><p>Click <a "
				     "href=3>here</a> to see."
				     "<p>Big Words <a href=4>http://e.example</a>"));
	static const char *const titles[] = { "Paper One", "Paper One", "", "Big Words" };
	assert_int_equal(all.count, 4);
	for (size_t i = 0; i < all.count; i++)
		assert_slice(all.mentions[i].expected_title, titles[i]);
	collect_free(&all);
}

/* "-" for every title that may speak against a page, "~" for every loose one, " " for
 * none. */
static void expect_titles(
	enum document_kind kind, const char *document, const char *marks)
{
	struct collected all = collect(kind, slice_of(document));
	if (all.count != strlen(marks))
		print_message("%s\n", document);
	assert_int_equal(all.count, strlen(marks));
	for (size_t i = 0; i < all.count; i++) {
		const struct mention *mention = &all.mentions[i];
		if (mention->title_is_loose != (marks[i] == '~') ||
			(mention->expected_title.len > 0) != (marks[i] != ' '))
			print_message("%s: %.*s\n", document, SLICE_ARG(mention->url));
		assert_int_equal(mention->expected_title.len > 0, marks[i] != ' ');
		assert_int_equal(mention->title_is_loose, marks[i] == '~');
	}
	collect_free(&all);
}

static void titles_that_are_the_neighbours(void **state)
{
	(void)state;
	static const struct {
		const char *document, *marks;
	} cases[] = {
		{ "- A Survey of Models [paper](1), [code](2)", "--" },
		{ "- Gemma [paper](1) | [code](2)", "--" },
		{ "[Docs](1) | [A Guide](2) | [API Reference](3)", "~--" },
		{ "[Docs](1)\n[A Guide](2)\n![A Big Picture](3.png)\n", "~- " },
		{ "- [A Survey of Models](1) [[code]](2)", "-~" },
		{ "- Tool: [docs](1), [A Guide](2)", "~-" },
		{ "- A Survey of Models [[pdf]](1) by [Ann Author](2)", "--" },
		{ "Of it tells http://a.example/1", "~" },
		{ "Of it tells [www.a.example](1)", "~" },
		{ "|a|b|\n|-|-|\n|A Survey of Models|[pdf](1)|", "-" },
		{ "|a|b|c|\n|-|-|-|\n|A Survey of Models|2023|[pdf](1)|", "-" },
		{ "|a|b|c|\n|-|-|-|\n|3|A Survey of Models, ICML|[pdf](1)|", "-" },
		{ "|a|b|c|\n|-|-|-|\n|Falcon|[pdf](1)|7 - 40|", "-" },
		{ "|a|b|c|\n|-|-|-|\n|Falcon|[pdf](1)|[Apache 2.0](2)|", "~-" },
		{ "|a|b|c|\n|-|-|-|\n|Falcon|an open model of ours|[pdf](1)|", "~" },
		{ "|a|b|c|\n|-|-|-|\n|Falcon 40B Chat|an open model|[pdf](1)|", "-" },
		{ "|a|b|c|\n|-|-|-|\n|Falcon 40B Chat|tuned on many open "
		  "dialogues|[pdf](1)|",
			"~" },
		{ "<p><a href=1>Docs</a> <a href=2>A Guide</a></p>", "~-" },
		{ "x <a href=1>Docs</a> <a href=2>A Guide</a>", "~-" },
		{ "<table><tr><td>Falcon<td><a href=1>pdf</a><td>Apache 2.0</table>",
			"~" },
		{ "<table><tr><td>A Survey of Models<td><a href=1>pdf</a></table>", "-" },
		/* sentences, numbers, who wrote it */
		{ "The model was trained for weeks ([paper](1)).", "~" },
		{ "- 2023-05: We release it with better caching. [[blog](1)]", "~" },
		{ "Networks learn to translate well [12](1)", "~" },
		{ "- Fixed a crash in the parser ([#123](1)), closes [#120](2)", "~~" },
		{ "- Add support for Python by [@janedoe](1)", "~" },
		{ "We compare it with GPT-3 ([Brown et al., 2020](1))", "~" },
		{ "We compare it with ([Vaswani 2017a](1))", "~" },
		{ "- Is It a Good Translator? [[paper](1)]", "-" },
		{ "- A Survey of Models 2020 [[paper](1)]", "-" },
		{ "- [A Survey of Large Language Models 2023](1)", "-" },
		{ "<p>The model was trained for weeks (<a href=1>paper</a>).</p>", "~" },
		{ "<li>Add support by <a href=1>@janedoe</a></li>", "~" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_titles(DOCUMENT_MARKDOWN, cases[i].document, cases[i].marks);
	expect_titles(DOCUMENT_PLAIN, "A Survey of Models http://a.example", "~");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(titles_that_are_the_neighbours),
		cmocka_unit_test(labels_beside_a_title_of_html),
		cmocka_unit_test(kinds_by_name),
		cmocka_unit_test(marks_in_html),
		cmocka_unit_test(marks_in_plain_text),
		cmocka_unit_test(other_comments_are_no_marks),
		cmocka_unit_test(the_sink_may_stop),
		cmocka_unit_test(too_large),
		cmocka_unit_test(empty),
	};
	return cmocka_run_group_tests_name("extract", tests, NULL, NULL);
}
