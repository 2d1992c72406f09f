#include "unit/extract/collect.h"

/* "line:column url|text|context|title" of each mention, a line each. */
static void expect(const char *document, const char *mentions)
{
	struct collected all = collect_markdown(document);
	struct buffer out;

	buffer_init(&out, 100000);
	for (size_t i = 0; i < all.count; i++) {
		const struct mention *mention = &all.mentions[i];
		buffer_printf(&out, "%u:%u ", mention->line, mention->column);
		buffer_add(&out, mention->url);
		buffer_add_char(&out, '|');
		buffer_add(&out, mention->text);
		buffer_add_char(&out, '|');
		buffer_add(&out, mention->context);
		buffer_add_char(&out, '|');
		buffer_add(&out, mention->expected_title);
		buffer_add_char(&out, '\n');
	}
	assert_string_equal(all.error.text, "");
	assert_int_equal(all.result, 0);
	assert_string_equal(buffer_string(&out), mentions);
	collect_check_places(&all);
	buffer_fini(&out);
	collect_free(&all);
}

/* "line:column written" of each mention: the bytes of the document at its place. */
static void expect_written(struct slice document, const char *written)
{
	struct collected all = collect(DOCUMENT_MARKDOWN, document);
	struct buffer out;

	buffer_init(&out, 100000);
	for (size_t i = 0; i < all.count; i++) {
		buffer_printf(
			&out, "%u:%u ", all.mentions[i].line, all.mentions[i].column);
		buffer_add(&out, collect_written(&all, i));
		buffer_add_char(&out, '\n');
	}
	assert_int_equal(all.result, 0);
	assert_string_equal(buffer_string(&out), written);
	collect_check_places(&all);
	buffer_fini(&out);
	collect_free(&all);
}

static void expect_anchors(const char *document, const char *anchors)
{
	struct collected all = collect_markdown(document);
	struct buffer out;

	buffer_init(&out, 100000);
	for (size_t i = 0; i < all.anchor_count; i++) {
		buffer_add_char(&out, '#');
		buffer_add(&out, all.anchors[i]);
	}
	assert_int_equal(all.result, 0);
	assert_string_equal(buffer_string(&out), anchors);
	buffer_fini(&out);
	collect_free(&all);
}

static void inline_links(void **state)
{
	(void)state;
	expect("See [Some Title](http://e.example/a) now.\n",
		"1:18 http://e.example/a|Some Title|See now.|Some Title\n");
	expect("a [**B** `c` d\\*](<x y> \"t\") e", "1:20 x y|B c d*|a e|B c d*\n");
	expect("[One Two](\n  /a(b)c\n  'title')\n", "2:3 /a(b)c|One Two||One Two\n");
	expect("[One Two](/a\\)b&amp;c)", "1:11 /a)b&c|One Two||One Two\n");
	expect("[One [Two Three](/in)](/out)",
		"1:18 /in|Two Three|[One ](/out)|Two Three\n");
	expect("[empty]()", "1:9 |empty||empty\n");
	expect("\\[no\\](/a) and `[no](/b)` and ``[no] `(/c)``", "");
	expect("`a [One Two](/b) unclosed", "1:14 /b|One Two|`a unclosed|One Two\n");
}

static void images(void **state)
{
	(void)state;
	expect("![A Picture](p.png)", "1:14 p.png|A Picture||\n");
	expect("The Thing [![logo](l.png)](/home)",
		"1:20 l.png|logo|The Thing|\n1:28 /home|logo|The Thing|The Thing\n");
	expect("![a [b](/in) c](/out)", "1:17 /out|a b c||\n");
}

static void autolinks(void **state)
{
	(void)state;
	expect("x <http://e.example/a?b&amp;c> y",
		"1:4 http://e.example/a?b&c|http://e.example/a?b&c|x y|x y\n");
	expect("x <me@e.example>", "1:4 mailto:me@e.example|me@e.example|x|\n");
	expect("The Thing: http://e.example/a. (www.e.example/b) me@e.example",
		"1:12 http://e.example/a|http://e.example/a|The Thing: . "
		"(www.e.example/b) me@e.example|The Thing\n"
		"1:33 http://www.e.example/b|www.e.example/b|The Thing: "
		"http://e.example/a. "
		"() me@e.example|The Thing\n"
		"1:50 mailto:me@e.example|me@e.example|The Thing: http://e.example/a. "
		"(www.e.example/b)|The Thing\n");
	expect("[http://e.example](http://e.example)",
		"1:20 http://e.example|http://e.example||\n");
	expect_written(SLICE("q me&#64;e.example m\\_e@e.example &amp; "
			     "http://e.example/?a&amp;b"),
		"1:3 me&#64;e.example\n1:20 m\\_e@e.example\n"
		"1:41 http://e.example/?a&amp;b\n");
	/* cmark makes a part of the URL of a form feed at the end. */
	expect_written(SLICE("x http://e.example/a\f"), "1:3 http://e.example/a\f\n");
	/* It thinks itself in a bracket, and looks for URLs again behind the link. */
	expect_written(
		SLICE("x ![y [z](http://e.example/a)\nlonger line\nwww.f.example z"),
		"1:11 http://e.example/a\n3:1 www.f.example\n");
	expect("\\<http://e.example/a>",
		"1:3 http://e.example/a>|http://e.example/a>|<|\n");
}

static void references(void **state)
{
	(void)state;
	/* Once, at the definition, with text and context of the first use. */
	expect("A [First Use][Foo  Bar], [foo bar][], [FOO BAR].\n\n"
	       "[foo\nbar]: /url 'title'\n[unused]: /no\n[foo bar]: /second\n",
		"4:7 /url|First Use|A , foo bar, FOO BAR.|First Use\n");
	expect("[ẞ Straße]\n\n[SS STRASSE]: <a b>\n", "3:16 a b|ẞ Straße||ẞ Straße\n");
	expect("[One Two] text\n\n> - [One Two]:\n>   /u\n",
		"4:5 /u|One Two|text|One Two\n");
	expect("![My Image][i]\n\n[i]: i.png\n", "3:6 i.png|My Image||\n");
	expect("[One [Two Three] x](/no)\n\n[two three]: /t\n",
		"3:14 /t|Two Three|[One x](/no)|Two Three\n");
	expect("[One Two](not a link)\n\n[One Two]: /t\n",
		"3:12 /t|One Two|(not a link)|One Two\n");
	expect("```\n[One Two]: /code\n```\n\n[One Two]\n\n[One Two]: /t\ntext below\n",
		"7:12 /t|One Two||One Two\n");
	expect("[nope][undefined] [nope]\n", "");
	/* Blank is no label. */
	expect_written(
		SLICE("[r]: http://e.example\n\na [r][ ] x\n"), "1:6 http://e.example\n");
	/* Behind a fence that only its container ended. */
	expect_written(SLICE("1. ```sh\n   x\n[r]: /r\n[s]: /s\n\n[r] [s] [r]\n"),
		"3:6 /r\n4:6 /s\n");
	expect_written(SLICE("> ```\n> [r]: /no\n> ```\n> [r]: /r\n\n- ```\n  [s]: /no\n"
			     "- [s]: /s\n\n[r] [s]\n\n```\n[t]: /no"),
		"4:8 /r\n8:8 /s\n");
}

static void footnotes(void **state)
{
	(void)state;
	expect("Text[^1] and [Last One](/b).\n\n[^1]: Note [Its Link](/n)\n\n"
	       "[^2]: unused [No Link](/no)\n",
		"1:25 /b|Last One|Text and .|Last One\n3:23 /n|Its Link|Note|Its Link\n");
}

static void lists_and_quotes(void **state)
{
	(void)state;
	expect("- Outer [One A](/1)\n  lazy\n\n  second para [One B](/2)\n"
	       "  - Inner [One C](/3)\n",
		"1:17 /1|One A|Outer lazy second para One B|One A\n"
		"4:23 /2|One B|Outer One A lazy second para|One B\n"
		"5:19 /3|One C|Inner|One C\n");
	expect("- [x] Done Thing [paper](/p)\n", "1:26 /p|paper|Done Thing|Done Thing\n");
	expect(">\t> quote [One Two](/a)\n> > [Th Fo](/b)\nlazy [Fi Si](/c)\n",
		"1:21 /a|One Two|quote Th Fo lazy Fi Si|One Two\n"
		"2:13 /b|Th Fo|quote One Two lazy Fi Si|Th Fo\n"
		"3:14 /c|Fi Si|quote One Two Th Fo lazy|Fi Si\n");
	expect("1.\t[One Two](/a)\n\n\t    [no](/code)\n", "1:14 /a|One Two||One Two\n");
}

static void headings(void **state)
{
	(void)state;
	expect("## The [One Two](/a) ##\n\n[d]: /d\nTwo\nlines [Th Fo](/b)\n====\n",
		"1:18 /a|One Two|The|One Two\n5:15 /b|Th Fo|Two lines|Th Fo\n");
	expect("> # x [One Two](/a)\n", "1:17 /a|One Two|x|One Two\n");
}

static void tables(void **state)
{
	(void)state;
	expect("| Head [One Two](/h) | b |\n|---|:-:|\n| Big Ideas | [pdf](/p\\|q) |\n"
	       "x | http://e.example/z\n",
		"1:18 /h|One Two|Head b|One Two\n"
		"3:21 /p|q|pdf|Big Ideas|Big Ideas\n"
		"4:5 http://e.example/z|http://e.example/z|x|\n");
	expect("intro a\\|b [One Two](/i)\n> | a | [Th Fo](/a) |\n> |--|--|\n> | b |\n",
		"1:22 /i|One Two|intro a|b|One Two\n2:17 /a|Th Fo|a|Th Fo\n");
	expect("line a\\|b [One Two](/i)\nx | [Th Fo](/a)\n--|--\n",
		"1:21 /i|One Two|line a|b|One Two\n2:13 /a|Th Fo|x|Th Fo\n");
}

static void raw_html(void **state)
{
	(void)state;
	expect("See <a\nhref=\"/a&amp;b\">The *Best* Text</a> and <img src='i.png' "
	       "alt=Alt>.",
		"2:7 /a&b|The Best Text|See and .|The Best Text\n"
		"2:51 i.png|Alt|See The Best Text and .|\n");
	expect("> <div>\n> <a href=/x>Block Text</a> more\n> </div>\n",
		"2:11 /x|Block Text|more|Block Text\n");
	/* Nobody ends them. */
	expect_written(SLICE("x\n\n<pre>\n\n<a href=/x>y</a>\n<a href=/z>y</a>\n"),
		"5:9 /x\n6:9 /z\n");
	expect_written(SLICE("> <pre>\n> <a href=/x>y</a>"), "2:11 /x\n");
	expect("<!-- [a](/no) <a href=/no> -->\n\ntext <!-- <a href=/no> --> end\n", "");
	expect("    <a href=/no>\n\n```html\n<a href=/no>\n```\n\n`<a href=/no>`\n", "");
}

static void labels_beside_a_title(void **state)
{
	(void)state;
	/* Of a sentence around it there is no title; of one around a bare URL, perhaps.
	 */
	expect("You find the [code](/c), [docs](/d) and Big Words at http://e.example\n",
		"1:21 /c|code|You find the , docs and Big Words at http://e.example|\n"
		"1:33 /d|docs|You find the code, and Big Words at http://e.example|\n"
		"1:54 http://e.example|http://e.example|You find the code, docs and Big "
		"Words at|You find the , and Big Words at\n");
	expect("- A Survey of Models [[Paper]](/p) [[Code]](/c)\n",
		"1:32 /p|[Paper]|A Survey of Models [Code]|A Survey of Models\n"
		"1:45 /c|[Code]|A Survey of Models [Paper]|A Survey of Models\n");
	expect("- **Learning Code**, 2023. [paper](/p) | [project page](/c)\n",
		"1:36 /p|paper|Learning Code, 2023. | project page|Learning Code, 2023\n"
		"1:57 /c|project page|Learning Code, 2023. paper ||Learning Code, "
		"2023\n");
	expect("- [Real Title](/t) [pdf](/p)\n",
		"1:16 /t|Real Title|pdf|Real Title\n1:26 /p|pdf|Real Title|Real Title\n");
}

static void marks(void **state)
{
	(void)state;
	expect_written(
		SLICE("[a](/1)\n\n<!-- linkrotd-disable -->\n# H [b](/2)\n\n[c](/3)\n\n"
		      "<!-- markdown-link-check-enable -->\n[d](/4)\n\n"
		      "[e](/5) <!-- linkrotd-disable-next-line -->\n[f](/6)\n[g](/7)\n"),
		"1:5 /1\n9:5 /4\n11:5 /5\n13:5 /7\n");
	expect_written(
		SLICE("[a](/1) <!-- linkrotd-disable-line --> [b](/2)\n[c](/3)\n\n"
		      "- [d](/4)\n- [e](/5) <!-- markdown-link-check-disable-line -->\n"
		      "- [f](/6)\n"),
		"2:5 /3\n4:7 /4\n6:7 /6\n");
	expect_written(SLICE("`<!-- linkrotd-disable -->` [a](/1)\n\n```\n"
			     "<!-- linkrotd-disable -->\n```\n[b](/2)\n"),
		"1:33 /1\n6:5 /2\n");
	expect_anchors("<!-- linkrotd-disable -->\n\n# Still There\n", "#still-there");
}

static void front_matter(void **state)
{
	(void)state;
	expect_written(SLICE("---\ntitle: x\nurl: http://e.example/no\n---\n[a](/1)\n"),
		"5:5 /1\n");
	expect_written(
		SLICE("\xEF\xBB\xBF---\r\nu: http://e.example/no\r\n---\r\n[a](/1)"),
		"4:5 /1\n");
	expect_written(SLICE("---\n\n[a](/1)\n\n---\n[b](/2)\n"), "3:5 /1\n6:5 /2\n");
	expect_written(SLICE("---\na: b\n[a](/1)\n"), "3:5 /1\n");
	expect_written(SLICE("---\n# a comment\n\n\"the key\": "
			     "[a](/1)\n\n[a](/1)\n---\n[b](/2)\n"),
		"8:5 /2\n");
	expect_written(SLICE("---\nkey:\n  - [a](/1)\n\n...\n[b](/2)\n"), "6:5 /2\n");
}

/* A document may begin with a rule and a heading or bold words. */
static void no_front_matter(void **state)
{
	(void)state;
	expect_written(SLICE("---\n# Title\n\n[a](http://a.example)\n\n---\n[b](/2)\n"),
		"4:5 http://a.example\n7:5 /2\n");
	expect_written(SLICE("---\n# Title\n\nSee: [a](/1)\n\n---\n[b](/2)\n"),
		"4:10 /1\n7:5 /2\n");
	expect_written(SLICE("---\n# [a](/1)\n\n---\n[b](/2)\n"), "2:7 /1\n5:5 /2\n");
	expect_written(
		SLICE("---\n**See: [a](/1)**\n\n---\n[b](/2)\n"), "2:12 /1\n5:5 /2\n");
	expect_written(SLICE("---\n[a: b](/1)\n\n---\n[b](/2)\n"), "2:8 /1\n5:5 /2\n");
}

static void odd_bytes(void **state)
{
	(void)state;
	expect_written(SLICE("\xEF\xBB\xBF[a](/1)"), "1:8 /1\n");
	expect_written(SLICE("a\r\n[b](/1)\r\nc [d](/2)\r\n"), "2:5 /1\n3:7 /2\n");
	expect_written(SLICE("a\r[b](/1)\r\r- c [d](/2)\r"), "2:5 /1\n4:9 /2\n");
	expect_written(SLICE("é ü [a](/ö)"), "1:11 /ö\n");
	expect_written(SLICE("\t- \t[a](/1)\n"), "");
}

/* No destination ends at a form feed or a vertical tab. Where it was taken to, the next
 * link was found behind the document's end. */
static void blanks_that_end_no_destination(void **state)
{
	(void)state;
	expect_written(SLICE("x [y](a\fb) [z](a\vb) [w](c\f)"),
		"1:7 a\fb\n1:16 a\vb\n1:25 c\f\n");
	expect_written(SLICE("[](`\f\\_)<a href=h>`\f_"), "1:4 `\f\\_\n1:17 h\n");
}

static void nuls_and_invalid_utf8(void **state)
{
	(void)state;
	struct slice document = SLICE("\0\0 [a](/1\0x) \xFF\xC0[b](/\xE9)\n");
	struct collected all = collect(DOCUMENT_MARKDOWN, document);
	assert_int_equal(all.result, 0);
	assert_int_equal(all.count, 2);
	assert_int_equal(all.mentions[0].offset, 7);
	assert_int_equal(all.mentions[0].length, 4);
	assert_slice(collect_written(&all, 1), "/\xE9");
	collect_check_places(&all);
	collect_free(&all);
}

static void anchors(void **state)
{
	(void)state;
	expect_anchors("# A `b` & *C*\n\nSetext [Link](/x)\n---\n\n- # In Item\n\n"
		       "# A b & C\n\n## ![alt](i) Snake_case_ &amp; é <b>x</b>\n",
		"#a-b--c#setext-link#in-item#a-b--c-1#-snake_case_--é-x");
	expect_anchors("<a name=\"One\"></a> text <span id=two>x</span>\n\n<p "
		       "id=\"three\">x</p>\n",
		"#One#two#three");
	expect_anchors(
		"<h1 align=\"center\">\n  My &amp; <b>Title</b>\n</h1>\n\n# My Title\n",
		"#my--title#--my--title#my-title");
	expect_anchors("<h2><img src=\"x.png\"> A &amp; <b>b</b></h2>\n\n# A & b\n",
		"#a--b#-a--b#a--b-1");
	expect_anchors("## Title {#own_one .c}\n\nTitle {#own}\n---\n",
		"#own_one#title-own_one-c#own#title-own");
	expect_anchors("```\n# no\n```\n\n<!-- # no -->\n", "");
}

/* They have no text for GitHub, and the space beside them is one more hyphen. */
static void anchors_of_headings_with_images(void **state)
{
	(void)state;
	expect_anchors(
		"# ![logo](x.png) My Title\n\n# My Title\n", "#-my-title#my-title");
	expect_anchors("# <img src=\"x.png\" alt=\"y\"> c\n", "#-c");
	expect_anchors(
		"Title [![badge](b.svg)](/ci) ![a ![b](c) d](e)\n===\n", "#title--");
	expect_anchors("## <a name=\"here\"></a> Here and `there` <!-- x -->\n",
		"#here#-here-and-there-");
	expect_anchors("#   [a ![b](c)](d)f   ##\n", "#a-f");
	expect_anchors("# ![only](x.png)\n", "#");
}

static void long_groups_give_short_contexts(void **state)
{
	(void)state;
	struct buffer document;
	buffer_init(&document, 1000000);
	for (int i = 0; i < 2000; i++)
		buffer_add_text(&document, "äö ");
	buffer_add_text(&document, "[One Two](/a) ");
	for (int i = 0; i < 2000; i++)
		buffer_add_text(&document, "üß ");
	struct collected all = collect(DOCUMENT_MARKDOWN, buffer_slice(&document));
	assert_int_equal(all.count, 1);
	struct slice context = all.mentions[0].context;
	assert_true(context.len > 1000 && context.len < 2100);
	assert_true(slice_find(context, SLICE("ö ü")) != SLICE_NONE ||
		    slice_find(context, SLICE("äö  üß")) != SLICE_NONE);
	assert_slice(all.mentions[0].expected_title, "One Two");
	collect_free(&all);
	buffer_fini(&document);
}

static void many_short_definitions(void **state)
{
	(void)state;
	struct buffer document;

	buffer_init(&document, 1 << 20);
	for (int i = 0; i < 5000; i++)
		buffer_printf(&document, "[l%d]: a.md\n", i);
	buffer_add_text(&document, "\n[x][l4999]\n");
	struct collected all = collect(DOCUMENT_MARKDOWN, buffer_slice(&document));
	assert_int_equal(all.result, 0);
	assert_int_equal(all.count, 1);
	assert_slice(all.mentions[0].url, "a.md");
	collect_free(&all);
	buffer_fini(&document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inline_links),
		cmocka_unit_test(images),
		cmocka_unit_test(autolinks),
		cmocka_unit_test(references),
		cmocka_unit_test(footnotes),
		cmocka_unit_test(lists_and_quotes),
		cmocka_unit_test(headings),
		cmocka_unit_test(tables),
		cmocka_unit_test(raw_html),
		cmocka_unit_test(labels_beside_a_title),
		cmocka_unit_test(marks),
		cmocka_unit_test(front_matter),
		cmocka_unit_test(no_front_matter),
		cmocka_unit_test(odd_bytes),
		cmocka_unit_test(blanks_that_end_no_destination),
		cmocka_unit_test(nuls_and_invalid_utf8),
		cmocka_unit_test(anchors),
		cmocka_unit_test(anchors_of_headings_with_images),
		cmocka_unit_test(many_short_definitions),
		cmocka_unit_test(long_groups_give_short_contexts),
	};
	return cmocka_run_group_tests_name("markdown", tests, NULL, NULL);
}
