#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "app/fix_internal.h"
#include "base/hash.h"
#include "base/table.h"

/* A document, every link of which shall become `target`. */
struct stage {
	struct fix fix;
	struct fix_document document;
	struct fix_work work;
	struct link link;
	struct fix_target target;
	struct buffer new;
};

static int count_mention(void *data, const struct mention *mention)
{
	struct stage *stage = data;
	struct fix_document *document = &stage->document;
	(void)mention;
	document->links = reallocarray(
		document->links, document->link_count + 1, sizeof(*document->links));
	assert_non_null(document->links);
	document->links[document->link_count++] = &stage->link;
	return 0;
}

static int pass_anchor(void *data, struct slice id)
{
	(void)data;
	(void)id;
	return 0;
}

static bool repaired, only_the_scheme; /* what follows */

static void rewrite(
	struct stage *stage, const char *name, struct slice bytes, const char *target)
{
	struct error error = { "" };
	*stage = (struct stage){ .document = { .name = slice_of(name),
					 .kind = document_kind_of(slice_of(name), NULL),
					 .hash = hash_bytes(bytes, table_seed) },
		.target = { .url = slice_of(target),
			.repaired = repaired,
			.scheme_only = only_the_scheme } };
	stage->fix.targets = &stage->target;
	const struct extract_sink sink = { stage, count_mention, pass_anchor };
	assert_int_equal(extract(stage->document.kind, bytes, &sink, &error), 0);
	if (fix_work(&stage->work, &stage->fix, &stage->document, bytes, &error) < 0)
		fail_msg("%s", error.text);
	buffer_init(&stage->new, EXTRACT_BYTES_MAX);
	replacement_apply(bytes, stage->work.list, stage->work.list_count, &stage->new);
}

static void clear(struct stage *stage)
{
	buffer_fini(&stage->new);
	fix_work_fini(&stage->work);
	free(stage->document.links);
}

static void expect(
	const char *name, const char *old, const char *target, const char *wanted)
{
	struct stage stage;
	rewrite(&stage, name, slice_of(old), target);
	assert_string_equal(buffer_string(&stage.new), wanted);
	clear(&stage);
}

static const char plain[] = "https://n.test/x";

static void every_form_is_rewritten(void **state)
{
	(void)state;
	static const struct {
		const char *name, *old, *target, *wanted;
	} cases[] = {
		{ "a.md", "[a](h:/x)", plain, "[a](https://n.test/x)" },
		{ "a.md", "[a]( <h x> 't')", plain, "[a]( <https://n.test/x> 't')" },
		{ "a.md", "[a](<>)", plain, "[a](<https://n.test/x>)" },
		{ "a.md", "[a](#b)\n", "http://n/?a|b", "[a](http://n/?a\\|b)\n" },
		{ "a.md", "[a]\n\n[a]:\n  x 't'\n", plain,
			"[a]\n\n[a]:\n  https://n.test/x 't'\n" },
		{ "a.md", "<mailto:a@b.org>", plain, "<https://n.test/x>" },
		{ "a.md", "www.a.org.", plain, "https://n.test/x." },
		{ "a.md", "a@b.org", plain, "https://n.test/x" },
		{ "a.md", "http://a.org/x!", "http://n.test/x.", "<http://n.test/x.>!" },
		{ "a.md", "http://a.org/x!", "http://n.test/x?&lt;", "http://a.org/x!" },
		{ "a.md", "*http://a.org/x*", "http://n.test/x*y",
			"*http://n.test/x*y*" },
		{ "a.md", "http://a.org/x http://b.org/`y`", "http://n.test/`",
			"http://a.org/x http://b.org/`y`" },
		{ "a.md", "| a | b |\n|---|---|\n| [x](y) | http://a.org/\\|z |\n",
			"http://n.test/a|b",
			"| a | b |\n|---|---|\n| [x](http://n.test/a\\|b) | "
			"http://a.org/\\|z |\n" },
		{ "a.md", "# http://a.org/x\n", plain, "# http://a.org/x\n" },
		{ "a.md", "# [x](http://a.org/x)\n", plain, "# [x](https://n.test/x)\n" },
		{ "a.md", "<img\n srcset=\"a.png 1x, b.png 2x\">", plain,
			"<img\n srcset=\"https://n.test/x 1x, https://n.test/x 2x\">" },
		{ "a.html", "<meta http-equiv=refresh content='5; url=x'>", plain,
			"<meta http-equiv=refresh content='5; url=https://n.test/x'>" },
		{ "a.html", "<a href=x><a href=\"y&amp;z\"><a href='&lt;'>",
			"http://n/?'a=&b",
			"<a href=http://n/?&#39;a&#61;&amp;b><a "
			"href=\"http://n/?&#39;a=&amp;b\">"
			"<a href='http://n/?&#39;a=&amp;b'>" },
		{ "a.txt", "(http://a.org/x), \"http://a.org/y\"", plain,
			"(https://n.test/x), \"https://n.test/x\"" },
		{ "a.txt", "http://a.org/x", "http://n.test/x)", "http://a.org/x" },
		{ "a.md", "[a](h:/\xE9) [b](h:/\xC3\xA9)", plain,
			"[a](h:/\xE9) [b](https://n.test/x)" },
		{ "a.html", "<a href=h:/\xE9>", plain, "<a href=h:/\xE9>" },
		{ "a.html", "<meta charset=latin1><a href=h:/\xE9>", plain,
			"<meta charset=latin1><a href=https://n.test/x>" },
		{ "a.txt", "<http://a.org/D.C.>", "http://n.test/E.T.",
			"<http://n.test/E.T.>" },
		{ "a.bib", "url={http://a.org/$\\sim$u}, url = {http://a.org/{_}}",
			"https://n.test/~u_",
			"url={https://n.test/~u\\_}, url = {https://n.test/~u_}" },
		{ "a.tex", "See http://a.org/ here \\url{http://a.org/}\n",
			"http://n.test/a_b%20c?d&e#f",
			"See http://n.test/a\\_b\\%20c?d\\&e\\#f here "
			"\\url{http://n.test/a_b%20c?d&e#f}\n" },
		{ "a.bib", "@x{y, note={See http://a.org/.}, url=\"http://a.org/\"}\n",
			"http://n.test/a_b%20c",
			"@x{y, note={See http://n.test/a\\_b\\%20c.}, "
			"url=\"http://n.test/a_b%20c\"}\n" },
		{ "a.csv", "http://a.org/x\nb", "http://n.test/x,y",
			"http://a.org/x\nb" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect(cases[i].name, cases[i].old, cases[i].target, cases[i].wanted);
}

/* What a bare URL takes along of its sentence stays in it. */
static void sentences_keep_their_marks(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "see http://a.org/x。\n", "see <https://n.test/x>。\n" },
		{ "（http://a.org/x）", "（<https://n.test/x>）" },
		{ "(http://a.org/x）。\n", "(<https://n.test/x>）。\n" },
		{ "“http://a.org/x” and «http://a.org/y» so",
			"“<https://n.test/x>” and «<https://n.test/x>» so" },
		{ "“see http://a.org/x,” he", "“see <https://n.test/x>,” he" },
		{ "http://a.org/x（y）", "https://n.test/x" },
		{ "<http://a.org/x”> [a](http://a.org/x”)",
			"<https://n.test/x> [a](https://n.test/x)" },
	};
	repaired = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect("a.md", cases[i][0], plain, cases[i][1]);
	repaired = false;
	/* Nobody knows what a server made of the mark. */
	expect("a.md", "“http://a.org/x”", plain, "“http://a.org/x”");
}

/* Other people's lists, by targets that need every escape. That what comes out is right
 * is proven by fix_work itself; that nearly all of it comes out, here. */
static void whole_lists_are_rewritten(void **state)
{
	static const char *const lists[] = { "lists/awesome.md", "lists/awesome-llm.md",
		"seeds/awesome-align-llm-human.md" };
	static const char *const targets[] = { "https://n.test/x",
		"https://n.test/a_(b)?c=d&e=f&copy;#g|h'i", "http://n.test/~a/b(c" };
	(void)state;
	for (size_t l = 0; l < sizeof(lists) / sizeof(lists[0]); l++) {
		const char *path = test_shared(lists[l]);
		struct buffer bytes;
		if (path == NULL)
			skip();
		buffer_init(&bytes, EXTRACT_BYTES_MAX);
		test_read(path, &bytes);
		for (size_t t = 0; t < sizeof(targets) / sizeof(targets[0]); t++) {
			struct stage stage;
			rewrite(&stage, "list.md", buffer_slice(&bytes), targets[t]);
			/* An autolink has no escape for a bar. */
			size_t most = strchr(targets[t], '|') != NULL ? 1 : 0;
			assert_true(stage.work.count > 100);
			assert_in_range(stage.work.list_count, stage.work.count - most,
				stage.work.count);
			clear(&stage);
		}
		buffer_fini(&bytes);
	}
}

static void a_document_that_changed_is_refused(void **state)
{
	(void)state;
	struct fix fix = { .database = NULL };
	struct fix_document document = { .name = SLICE("a.md"),
		.hash = hash_bytes(SLICE("a"), table_seed) };
	struct fix_work work;
	struct error error = { "" };
	assert_int_equal(fix_work(&work, &fix, &document, SLICE("b"), &error), -1);
	assert_non_null(strstr(error.text, "a.md: has changed"));
	fix_work_fini(&work);
}

/* One in a hundred cannot be rewritten; the others are. */
static void a_few_bad_ones_do_not_spoil_it(void **state)
{
	(void)state;
	enum { LINES = 1000 };
	struct buffer old;
	struct stage stage;
	size_t bad = 0;
	buffer_init(&old, EXTRACT_BYTES_MAX);
	for (int i = 0; i < LINES; i++) {
		bad += i % 100 == 50;
		buffer_add_text(&old, i % 100 == 50 ? "\n# http://a.org/h\n\n"
						    : "- <http://a.org/x>\n");
	}
	rewrite(&stage, "a.md", buffer_slice(&old), plain);
	assert_int_equal(stage.work.count, LINES);
	assert_int_equal(stage.work.list_count, LINES - bad);
	clear(&stage);
	buffer_fini(&old);
}

/* However it is spelt, what mends it would take the name and the password away. */
static void names_of_users_stay_and_are_not_told(void **state)
{
	(void)state;
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{ "http://us:pw@a.org/x", "http://a.org/x" },
		{ "https:us:pw@a.org/x", "https:a.org/x" },
		{ "http:/us:pw@a.org?x", "http:/a.org?x" },
		{ "https:\\\\us:pw@a.org\\x",
			"https:\\a.org\\x" }, /* escaped in Markdown */
		{ "//us:pw@a.org/x", "//a.org/x" },
		{ "https//us:pw@a.org/x", "https//a.org/x" },
		{ "https;//us:pw@a.org", "https;//a.org" },
		{ "htp:/us:p@w@a.org#x", "htp:/a.org#x" },
		{ "http.://us@a.org/", "http.://a.org/" },
		{ "http://http://us:pw@a.org/x", "http://http://a.org/x" },
		{ "https://htps//us:pw@a.org/x", "https://htps//a.org/x" },
		{ "http://us@http://us:pw@a.org/x", "http://a.org/x" },
		{ "\"https//us:pw@a.org/x", "\"https//a.org/x" },
		{ "\xE2\x80\x9Chttps//us:pw@a.org/x", "\xE2\x80\x9Chttps//a.org/x" },
		{ "htt\xE2\x80\x8Bps/\xE2\x80\x8B/us:pw@a.org/x",
			"htt\xE2\x80\x8Bps/\xE2\x80\x8B/a.org/x" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int scheme_only = 0; scheme_only < 2; scheme_only++) {
			char old[200];
			struct stage stage;
			snprintf(old, sizeof(old), "[a](<%s>)\n", cases[i].url);
			only_the_scheme = scheme_only == 1;
			rewrite(&stage, "a.md", slice_of(old), plain);
			assert_string_equal(buffer_string(&stage.new), old);
			assert_int_equal(stage.work.count, 1);
			const struct fix_place *place = &stage.work.places[0];
			assert_true(place->refused);
			assert_true(
				slice_equal(place->why, SLICE("it holds a user's name")));
			char *was = arena_string(&stage.work.arena, place->was);
			assert_string_equal(was, cases[i].shown);
			clear(&stage);
		}
	}
	only_the_scheme = false;
}

/* An "@" elsewhere names nobody who could log in. */
static void other_names_are_no_obstacle(void **state)
{
	(void)state;
	static const char *const cases[] = { "https://medium.com/@name",
		"medium.com/@name", "medium.com//@name", "https//medium.com/@name",
		"http://http://a.org/@b", "http://a.org/http://us@b.org/",
		"http://a.org?x@y", "http://a.org#x@y", "docs/a@b.md", "doi:10.1/a@b",
		"a@b.org" };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char old[100], wanted[100];
		snprintf(old, sizeof(old), "[a](%s)\n", cases[i]);
		snprintf(wanted, sizeof(wanted), "[a](%s)\n", plain);
		expect("a.md", old, plain, wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_is_rewritten),
		cmocka_unit_test(sentences_keep_their_marks),
		cmocka_unit_test(whole_lists_are_rewritten),
		cmocka_unit_test(names_of_users_stay_and_are_not_told),
		cmocka_unit_test(other_names_are_no_obstacle),
		cmocka_unit_test(a_document_that_changed_is_refused),
		cmocka_unit_test(a_few_bad_ones_do_not_spoil_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
