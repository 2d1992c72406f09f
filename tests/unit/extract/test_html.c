#include "mentions.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "extract/extract_internal.h"
#include "extract/html_internal.h"
#include "extract/html_names_internal.h"
#include "extract/html_text_internal.h"

#define EXPECT(document, expected)                                                       \
	mentions_expect(extract_html, false, false, SLICE(document), (expected),         \
		__FILE__, __LINE__)
#define EXPECT_CONTEXT(document, expected)                                               \
	mentions_expect(extract_html, false, true, SLICE(document), (expected),          \
		__FILE__, __LINE__)

#define EXPECT_PLACES(document, expected)                                                \
	mentions_expect(extract_html, true, false, SLICE(document), (expected),          \
		__FILE__, __LINE__)

static void places(void **state)
{
	(void)state;
	EXPECT_PLACES("<a href=x>", "1:9 x\n");
	EXPECT_PLACES("<p>\n<A\n\tHREF = 'x y'\n>", "3:10 x y\n");
	EXPECT_PLACES("\r\n\xC3\xA4<a href=\" x \">", "2:13 x\n");
	EXPECT_PLACES("<img srcset='a.png 1x,\n b.png 2x'>", "1:14 a.png\n2:2 b.png\n");
	EXPECT_PLACES("<meta http-equiv=refresh content='1;\nurl=x'>", "2:5 x\n");
}

/* Places are those of the bytes; of a URL only the query is in the document's charset. */
static void charsets(void **state)
{
	(void)state;
	EXPECT_CONTEXT(
		"<meta charset=iso-8859-1><p>\xE9\xE9 <a href='/\xE9&#233;?\xE9&eacute;"
		"&#x20ac;&#9731;#\xE9'>\xE9</a>",
		"/éé?%E9%E9%80%26%239731%3B#é raw "
		"/\xE9&#233;?\xE9&eacute;&#x20ac;&#9731;#\xE9 [é] [éé]\n");
	EXPECT_PLACES(
		"<meta http-equiv=Content-Type content='text/html; charset=koi8-r'>\n"
		"\xC1\xC2<a href=\xD0 id=\xD1>\xFF</a> <a href=mailto:x?y=\xD0>",
		"#я\n2:11 п raw \xD0\n2:32 mailto:x?y=п raw mailto:x?y=\xD0\n");
	/* Of two and four bytes, some in ASCII; what is wrong is one byte. */
	EXPECT_PLACES("<meta charset=gbk>\xC4\xE3<img "
		      "src='\xC4\xE3\x81\x30\x81\x30\xFF?\x81\x40'"
		      "><img src=x>",
		"1:31 你\xC2\x80\xEF\xBF\xBD?%81%40 raw "
		"\xC4\xE3\x81\x30\x81\x30\xFF?\x81\x40\n"
		"1:52 x\n");
	EXPECT_PLACES("<meta charset=shift_jis><img srcset='\x83\x5C.png, \x83\x5C\xFF'>",
		"1:38 ソ.png raw \x83\x5C.png\n"
		"1:46 ソ\xEF\xBF\xBD raw \x83\x5C\xFF\n");
	/* The declaration counts where the bytes can be that: this is UTF-8 in truth. */
	EXPECT("<meta charset=iso-8859-1><a href=/é?é>", "/é?é\n");
	EXPECT("<meta charset=utf-16><a href=/\xE9>", "/\xE9\n");
	EXPECT("<meta charset=no-such><a href=/\xE9>", "/\xE9\n");
	EXPECT("<meta charset=utf-8><a href=/\xE9>", "/\xE9\n");
	EXPECT("<a href=/\xE9>", "/\xE9\n");
	EXPECT("<body><meta charset=latin1><a href=/\xE9>", "/\xE9\n");
}

static void attributes(void **state)
{
	(void)state;
	EXPECT("<a href=x>", "x\n");
	EXPECT("<A\n\tHREF = 'x y'\n>", "x y\n");
	EXPECT("<a class=\"b>c\" href=\"x\">", "x\n");
	EXPECT("<a href=\" x \">", "x\n");
	EXPECT("<a href=x href=y>", "x\n");
	EXPECT("<a href=x/>", "x/\n");
	EXPECT("<a/href=x>", "x\n");
	EXPECT("<a href='x'id=i>", "#i\nx\n");
	EXPECT("<a href><a href=''><a href=\"  \">", "");
	EXPECT("<a =href=x><a \"href=x>", "");
	EXPECT("<a data-href=x hrefs=y><ab href=z>", "");
	EXPECT("<a href=x", "");
	EXPECT("<a href=\"x>y", "");
	EXPECT("< a href=x><a href=y>", "y\n");
}

static void references(void **state)
{
	(void)state;
	EXPECT("<a href='?a=1&amp;b=2'>", "?a=1&b=2 raw ?a=1&amp;b=2\n");
	EXPECT("<a href='?a&copy=1&copy;&copy'>",
		"?a&copy=1\xC2\xA9\xC2\xA9 raw ?a&copy=1&copy;&copy\n");
	EXPECT("<a href=&#x2F;&#47;&#0;>", "//\xEF\xBF\xBD raw &#x2F;&#47;&#0;\n");
	EXPECT("<a href='&#xD800;&#99999999999;'>",
		"\xEF\xBF\xBD\xEF\xBF\xBD raw &#xD800;&#99999999999;\n");
	EXPECT("<a href='&'><a href='&#'><a href='&#x;'><a href='&none;'>",
		"&\n&#\n&#x;\n&none;\n");
	EXPECT("<a id='a&amp;b'>", "#a&b\n");
}

static void elements(void **state)
{
	(void)state;
	EXPECT("<area href=1><link href=2 rel=stylesheet><img src=3><script "
	       "src=4></script>"
	       "<iframe src=5></iframe><frame src=6><embed src=7>",
		"1\n2\n3\n4\n5\n6\n7\n");
	EXPECT("<source src=1><track src=2><video src=3 poster=4><audio src=5><input "
	       "src=6>"
	       "<object data=7><q cite=8><blockquote cite=9>",
		"1\n2\n3\n4\n5\n6\n7\n8\n"
		"9\n");
	EXPECT("<link rel=preconnect href=1><link rel='x DNS-Prefetch' href=2>"
	       "<form action=3><button formaction=4><meta property=og:url content=5>"
	       "<div href=6 src=7>",
		"");
	EXPECT("<meta http-equiv=Refresh content='5; URL = \"x y\" z'>", "x y\n");
	EXPECT("<meta http-equiv=refresh content='5'>"
	       "<meta http-equiv=refresh content='a;url=x'>",
		"");
}

static void sets(void **state)
{
	(void)state;
	EXPECT("<img srcset='a.png 1x, b.png 2x'>", "a.png\nb.png\n");
	EXPECT("<img srcset=',a,b c.png(1,2), d(1,2) x(,) , e,,f'>",
		"a,b\nd(1,2)\ne,,f\n");
	EXPECT("<img srcset='a,, b,,,'>", "a\nb\n");
	EXPECT("<source srcset='a.png, b.png'>", "a.png\nb.png\n");
	EXPECT("<img srcset='a?x=1&amp;y 1x' src=b>", "a?x=1&y raw a?x=1&amp;y\n"
						      "b\n");
	EXPECT("<img src=a alt='A &lt; B' srcset=''>", "a\n");
}

static void what_does_not_count(void **state)
{
	(void)state;
	EXPECT("<!-- <a href=1> --><a href=2>", "2\n");
	EXPECT("<!--><a href=1><!---><a href=2><!--x--!><a href=3>", "1\n2\n3\n");
	EXPECT("<!--!><a href=1><!-- --><a href=2>", "2\n");
	EXPECT("<!doctype x '<a href=1>'><? <a href=2> ?></ <a href=3>><a href=4>",
		"4\n");
	EXPECT("<!-- <a href=1>", "");
	EXPECT("<script>'<a href=1>'</scripts><a href=2></script ><a href=3>", "3\n");
	EXPECT("<style><a href=1></style><textarea><a href=2></TEXTAREA><title><a href=3>"
	       "</title/><xmp><a href=4></xmp><a href=5>",
		"5\n");
	EXPECT("<script><a href=1></script", "");
	EXPECT("<plaintext></plaintext><a href=1>", "");
	EXPECT("<template><template></template><a href=1 id=i></template><a href=2>",
		"2\n");
	EXPECT("</template><a href=1>", "1\n");
	EXPECT("<svg><title/><a href=1></svg><title></title><a href=2>", "1\n2\n");
	EXPECT("<pre><a href=1></pre><code><a href=2></code> http://a.example", "1\n2\n");
}

static void anchors(void **state)
{
	(void)state;
	EXPECT("<p id=one><a name=two id=three><b name=four><i ID=' '>",
		"#one\n#two\n#three\n");
}

static void bases(void **state)
{
	(void)state;
	EXPECT("<a href=1><p><base target=_top><base href='http://a.example/&amp;'>"
	       "<base href=no><a href=2>",
		"1\n2 base http://a.example/&\n");
}

static void contexts(void **state)
{
	(void)state;
	EXPECT_CONTEXT("<p>A &lt;b&gt;\n title <a href=1> the <b>pdf</b>\n</a>, 2024.</p>"
		       "<p>Next <a href=2>x</a></p>",
		"1 [the pdf] [A <b> title , 2024.]\n2 [x] [Next]\n");
	EXPECT_CONTEXT("<ul><li><h3>A</h3><p>b</p> <a href=1>c</a> d<ul><li>E "
		       "<a href=2>f</a></ul></ul>G",
		"1 [c] [A b d]\n2 [f] [E]\n");
	EXPECT_CONTEXT(
		"<table><tr><td><p>A</p><td><a href=1>pdf</a></td></tr><tr><td><a href=2>"
		"B</a><td>C</table>",
		"1 [pdf] [A]\n2 [B] [C]\n");
	EXPECT_CONTEXT("<dl><dt>A<dd>B <a href=1>c</a></dl><h2>D <a href=2>e</a></h2>",
		"1 [c] [B]\n2 [e] [D]\n");
	EXPECT_CONTEXT("A <a href=1><div>B</div><p>C</p></a> D", "1 [B C] [A D]\n");
	EXPECT_CONTEXT("A<br>B<a href=1>c<a href=2>d", "1 [c] [A Bd]\n"
						       "2 [d] [A Bc]\n");
	EXPECT_CONTEXT("A <a href=1><img src=2 alt='An image'></a>",
		"1 [] [A]\n2 [An image] [A]\n");
	EXPECT_CONTEXT(
		"<title>No</title><script>no</script>A&nbsp;&nbsp;B\xC2\xA0<a href=1>"
		"</a>",
		"1 [] [A B]\n");
}

/* A long block is cut, in whole characters, and no link gets lost. */
static void long_blocks(void **state)
{
	(void)state;
	struct buffer document;
	struct mentions mentions = { .with_context = true };
	struct error error = { "" };

	buffer_init(&document, 1 << 20);
	buffer_add_text(&document, "<p>x");
	for (int i = 0; i < 5000; i++)
		buffer_add_text(&document,
			i % 50 == 0 ? "<a href=1>\xE4\xB8\xAD</a>" : "\xE4\xB8\xAD");
	buffer_init(&mentions.lines, 4 << 20);
	assert_int_equal(
		mentions_read(&mentions, extract_html, buffer_slice(&document), &error),
		0);
	assert_int_equal(mentions.count, 100);
	assert_true(utf8_valid(buffer_slice(&mentions.lines)));
	assert_in_range(mentions.lines.len, 100 * 2000, 100 * 4200);

	buffer_reset(&document);
	buffer_reset(&mentions.lines);
	mentions.count = 0;
	buffer_add_text(&document, "<p>");
	for (int i = 0; i < 1000; i++)
		buffer_printf(&document, "<a href=%d>%d</a> ", i, i);
	assert_int_equal(
		mentions_read(&mentions, extract_html, buffer_slice(&document), &error),
		0);
	assert_int_equal(mentions.count, 1000);
	assert_true(slice_find(buffer_slice(&mentions.lines), SLICE("\n999 [999] ")) !=
		    SLICE_NONE);
	buffer_fini(&mentions.lines);
	buffer_fini(&document);
}

/* The tables are searched by halves. */
static void names_are_in_order(void **state)
{
	(void)state;
#define ELEMENT(name, text, level) text,
#define ATTRIBUTE(name, text)      text,
	static const char *const elements[] = { HTML_ELEMENTS(ELEMENT) };
	static const char *const attributes[] = { HTML_ATTRIBUTES(ATTRIBUTE) };
#undef ELEMENT
#undef ATTRIBUTE
	for (size_t i = 1; i < sizeof(elements) / sizeof(elements[0]); i++)
		assert_true(strcmp(elements[i - 1], elements[i]) < 0);
	for (size_t i = 1; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		assert_true(strcmp(attributes[i - 1], attributes[i]) < 0);
}

static void utf16_is_an_error(void **state)
{
	(void)state;
	const struct slice documents[] = { SLICE("\xFF\xFE<\0a\0"), SLICE("\xFE\xFF\0<"),
		SLICE("<\0h\0"), SLICE("\0<\0h") };
	for (size_t i = 0; i < 4; i++) {
		struct mentions mentions = { 0 };
		struct error error = { "" };
		assert_int_equal(
			mentions_read(&mentions, extract_html, documents[i], &error), -1);
		assert_non_null(strstr(error.text, "UTF-8"));
	}
}

static void sink_stops(void **state)
{
	(void)state;
	struct mentions mentions = { .stop_after = 2 };
	struct error error = { "" };

	buffer_init(&mentions.lines, 1 << 16);
	assert_int_equal(mentions_read(&mentions, extract_html,
				 SLICE("<a href=1><a href=2><a href=3>"), &error),
		-1);
	assert_int_equal(mentions.count, 2);
	buffer_fini(&mentions.lines);
}

static const char everything[] =
	"\xEF\xBB\xBF<!DOCTYPE html><html><head><base href=\"http://a.example/\">\n"
	"<meta http-equiv=refresh content=\"0;url='x'\"><title>T</title>\n"
	"<!-- c --!><script>/* </s */</script><style></style></head>\n<body id=b>"
	"<svg><a href=1 /></svg><ul><li>A <a href='?a&amp;b' class = x>l&ouml;&#65;</a>\n"
	"<img srcset=\"a 1x, b 2x\" alt=\"x&quot;y\" src=c></ul><table><tr><td>\xFF\0"
	"<template><a href=2></template><textarea></textarea></table></body></html>";

static void every_truncation(void **state)
{
	(void)state;
	const struct slice document = { everything, sizeof(everything) - 1 };
	uint32_t before = 0;

	for (size_t len = 0; len <= document.len; len++) {
		struct mentions mentions = { 0 };
		struct error error;
		assert_int_equal(mentions_read(&mentions, extract_html,
					 slice_sub(document, 0, len), &error),
			0);
		assert_true(mentions.count >= before);
		before = mentions.count;
	}
	assert_int_equal(before, 6);
}

/* Linear in time, and the work for one link does not grow with the document. */
static void hostile(void **state)
{
	(void)state;
	static const struct {
		const char *pattern;
		uint32_t links; /* of one pattern; 0: do not count */
	} cases[] = { { "<div>", 0 }, { "<div></em>", 0 }, { "<a href=x>", 1 },
		{ "<li><a href=x>y", 1 }, { "<a ", 0 }, { "<!--", 0 }, { "<![CDATA[", 0 },
		{ "&amp;", 0 }, { "&", 0 }, { "<", 0 }, { "</", 0 }, { "<!-- -->", 0 },
		{ "<title>", 0 }, { "</title", 0 }, { "<script>", 0 },
		{ "<template>", 0 }, { "<img srcset=a,>", 0 }, { "<p id=x>", 0 },
		{ "x ", 0 }, { "'\"=", 0 }, { "<table><tr><td>", 0 }, { "\0", 0 } };
	const size_t len = 3 << 20;
	char *text = malloc(len);

	assert_non_null(text);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mentions mentions = { 0 };
		struct error error;
		size_t pattern = strlen(cases[i].pattern);
		for (size_t at = 0; at < len; at++)
			text[at] = pattern > 0 ? cases[i].pattern[at % pattern] : '\0';
		assert_int_equal(mentions_read(&mentions, extract_html,
					 (struct slice){ text, len }, &error),
			0);
		if (cases[i].links > 0)
			assert_int_equal(mentions.count, len / pattern * cases[i].links);
	}
	free(text);
}

/* One tag with very many attributes, or candidates beside a long alt text. */
static void hostile_tags(void **state)
{
	(void)state;
	const size_t len = 3 << 20;
	struct buffer text;

	buffer_init(&text, len + 100);
	buffer_add_text(&text, "<a ");
	for (unsigned i = 0; text.len < len; i++)
		buffer_printf(&text, "\na%u=x id=%u", i, i);
	buffer_add_text(&text, " href=y>");
	struct mentions mentions = { 0 };
	struct error error;
	assert_int_equal(
		mentions_read(&mentions, extract_html, buffer_slice(&text), &error), 0);
	assert_int_equal(mentions.count, 1);
	assert_int_equal(mentions.anchor_count, 1);

	buffer_reset(&text);
	buffer_add_text(&text, "<img alt='");
	while (text.len < len / 4)
		buffer_add_text(&text, "&amp;");
	buffer_add_text(&text, "' srcset='");
	while (text.len < len)
		buffer_add_text(&text, ",a ");
	buffer_add_text(&text, "'>");
	mentions = (struct mentions){ 0 };
	assert_int_equal(
		mentions_read(&mentions, extract_html, buffer_slice(&text), &error), 0);
	assert_true(mentions.count > len / 5);
	buffer_fini(&text);
}

/* --- fragments --- */

struct fragment {
	struct buffer lines;
	unsigned stop_after, count;
};

static int fragment_link(void *data, const struct html_link *link)
{
	struct fragment *fragment = data;
	buffer_printf(&fragment->lines, "%zu+%zu %.*s%s%.*s\n", link->offset,
		link->length, SLICE_ARG(link->url), link->anchor ? " a " : " ",
		SLICE_ARG(link->alt));
	return ++fragment->count == fragment->stop_after;
}

static int fragment_anchor(void *data, struct slice id)
{
	struct fragment *fragment = data;
	buffer_printf(&fragment->lines, "#%.*s\n", SLICE_ARG(id));
	return 0;
}

static int scan(struct fragment *fragment, struct slice bytes, size_t arena_max)
{
	struct html_sink sink = { fragment, fragment_link, fragment_anchor };
	struct arena arena;
	struct error error;

	buffer_init(&fragment->lines, 1 << 20);
	fragment->count = 0;
	arena_init(&arena, arena_max);
	int result = html_scan_fragment(bytes, &sink, &arena, &error);
	arena_fini(&arena);
	return result;
}

static void fragments(void **state)
{
	(void)state;
	struct fragment fragment = { 0 };
	const struct slice bytes =
		SLICE("x</p><code><a name=n href='&lt;'><!-- <a href=1> -->"
		      "<img src=2 alt='A&amp;B'></code><a href=3");
	assert_int_equal(scan(&fragment, bytes, 1 << 20), 0);
	assert_slice(buffer_slice(&fragment.lines), "#n\n27+4 < a \n61+1 2 A&B\n");
	buffer_fini(&fragment.lines);

	fragment.stop_after = 1;
	assert_int_equal(scan(&fragment, bytes, 1 << 20), -1);
	assert_int_equal(fragment.count, 1);
	buffer_fini(&fragment.lines);
	fragment.stop_after = 0;

	/* A long alt text is cut. */
	struct buffer image;
	buffer_init(&image, 1 << 16);
	buffer_add_text(&image, "<img src=1 alt='");
	for (int i = 0; i < 1000; i++)
		buffer_add_text(&image, "word ");
	buffer_add_text(&image, "'>");
	assert_int_equal(scan(&fragment, buffer_slice(&image), 1 << 20), 0);
	assert_in_range(fragment.lines.len, 1000, HTML_ALT_MAX + 20);
	buffer_fini(&fragment.lines);
	buffer_fini(&image);

	/* The room for decoding is all that is taken; without it there is an error. */
	assert_int_equal(scan(&fragment, bytes, 0), -1);
	buffer_fini(&fragment.lines);
	assert_int_equal(scan(&fragment, bytes, 64), 0);
	buffer_fini(&fragment.lines);
}

static void texts(void **state)
{
	(void)state;
	struct buffer out;

	buffer_init(&out, 100);
	assert_int_equal(
		html_add_text(&out, SLICE(" \n a\t\r\nb&nbsp;&amp;c&Eacute "), 100), 28);
	assert_slice(buffer_slice(&out), "a b &c\xC3\x89 ");
	buffer_reset(&out);
	assert_int_equal(html_add_text(&out, SLICE("abcdef"), 4), 4);
	assert_slice(buffer_slice(&out), "abcd");
	buffer_reset(&out);
	html_add_text(&out, SLICE("&notit;&ampx&AMP;&apos;&apos&#151;&frac12"), 100);
	assert_slice(buffer_slice(&out), "\xC2\xACit;&x&'&apos\xE2\x80\x94\xC2\xBD");
	buffer_fini(&out);
}

static void refreshes(void **state)
{
	(void)state;
	static const struct {
		const char *content, *url;
		int32_t delay_s;
	} cases[] = { { "0;url=x", "x", 0 }, { " 5 , x", "x", 5 }, { "5", "", 5 },
		{ "5.9; URL='x y' z", "x y", 5 }, { "5 url = x", "x", 5 },
		{ "5;urlx", "urlx", 5 }, { ".5;x", "x", 0 },
		{ "99999999999;x", "x", INT32_MAX }, { "5;url=\"x", "x", 5 },
		{ "5;", "", 5 }, { "5x", NULL, 0 }, { "", NULL, 0 }, { "-1;x", NULL, 0 },
		{ "url=x", NULL, 0 } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice url = { 0 };
		int32_t delay_s = -1;
		bool found =
			html_parse_refresh(slice_of(cases[i].content), &delay_s, &url);
		assert_int_equal(found, cases[i].url != NULL);
		if (!found)
			continue;
		assert_slice(url, cases[i].url);
		assert_int_equal(delay_s, cases[i].delay_s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(charsets),
		cmocka_unit_test(attributes),
		cmocka_unit_test(references),
		cmocka_unit_test(elements),
		cmocka_unit_test(sets),
		cmocka_unit_test(what_does_not_count),
		cmocka_unit_test(anchors),
		cmocka_unit_test(bases),
		cmocka_unit_test(contexts),
		cmocka_unit_test(long_blocks),
		cmocka_unit_test(names_are_in_order),
		cmocka_unit_test(utf16_is_an_error),
		cmocka_unit_test(sink_stops),
		cmocka_unit_test(every_truncation),
		cmocka_unit_test(hostile),
		cmocka_unit_test(hostile_tags),
		cmocka_unit_test(fragments),
		cmocka_unit_test(texts),
		cmocka_unit_test(refreshes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
