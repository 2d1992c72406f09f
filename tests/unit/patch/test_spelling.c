#include "lib/test.h"

#include "patch/spelling.h"

/* The destination is what stands between the braces ⟦ and ⟧. */
static void expect_form(
	enum spelling_syntax syntax, const char *marked, enum spelling_form wanted)
{
	static const struct slice open = { "\xe2\x9f\xa6", 3 },
				  shut = { "\xe2\x9f\xa7", 3 };
	struct slice text = slice_of(marked);
	size_t from = slice_find(text, open), to = slice_find(text, shut);
	struct buffer out;
	assert_true(from != SLICE_NONE && to != SLICE_NONE);
	buffer_init(&out, 1000);
	buffer_add(&out, slice_sub(text, 0, from));
	buffer_add(&out, slice_sub(text, from + open.len, to));
	buffer_add(&out, slice_sub(text, to + shut.len, text.len));
	assert_string_equal(spelling_form_text(spelling_form_at(syntax,
				    buffer_slice(&out), from, to - from - open.len)),
		spelling_form_text(wanted));
	buffer_fini(&out);
}

static void forms_are_told_by_what_is_around(void **state)
{
	(void)state;
	static const struct {
		enum spelling_syntax syntax;
		const char *marked;
		enum spelling_form form;
	} cases[] = {
		{ SPELLING_MARKDOWN, "[x](⟦http://a/⟧)", SPELLING_FORM_INLINE },
		{ SPELLING_MARKDOWN, "![x](\n  ⟦http://a/⟧ \"t\")",
			SPELLING_FORM_INLINE },
		{ SPELLING_MARKDOWN, "[x]( <⟦a b⟧> )", SPELLING_FORM_POINTY },
		{ SPELLING_MARKDOWN, "[x]:\n⟦http://a/⟧", SPELLING_FORM_INLINE },
		{ SPELLING_MARKDOWN, "> [x]:\n> <⟦http://a/⟧>", SPELLING_FORM_POINTY },
		{ SPELLING_MARKDOWN, "see <⟦http://a/⟧>", SPELLING_FORM_AUTOLINK },
		{ SPELLING_MARKDOWN, "(⟦http://a/⟧)", SPELLING_FORM_BARE },
		{ SPELLING_MARKDOWN, "⟦http://a/⟧", SPELLING_FORM_BARE },
		{ SPELLING_MARKDOWN, "see: ⟦www.a.org⟧.", SPELLING_FORM_BARE },
		{ SPELLING_MARKDOWN, "<a href=\" ⟦http://a/⟧\">",
			SPELLING_FORM_ATTRIBUTE },
		{ SPELLING_MARKDOWN, "<a href = '⟦http://a/⟧'>",
			SPELLING_FORM_ATTRIBUTE },
		{ SPELLING_MARKDOWN, "<a href=⟦http://a/⟧>", SPELLING_FORM_UNQUOTED },
		{ SPELLING_HTML, "<a href=⟦http://a/⟧>", SPELLING_FORM_UNQUOTED },
		{ SPELLING_HTML, "<a href=' ⟦http://a/⟧'>", SPELLING_FORM_ATTRIBUTE },
		{ SPELLING_HTML, "<img srcset='x 1x, ⟦http://a/⟧ 2x'>",
			SPELLING_FORM_ATTRIBUTE },
		{ SPELLING_PLAIN, "<⟦http://a/⟧>", SPELLING_FORM_TEXT },
		{ SPELLING_TEX, "url = {⟦http://a/⟧}", SPELLING_FORM_ARGUMENT },
		{ SPELLING_TEX, "opt-URL=\"⟦http://a/⟧\"", SPELLING_FORM_ARGUMENT },
		{ SPELLING_TEX, "\\url {⟦http://a/⟧}", SPELLING_FORM_ARGUMENT },
		{ SPELLING_TEX, "\\url|⟦http://a/⟧|", SPELLING_FORM_ARGUMENT },
		{ SPELLING_TEX, "\\href{⟦http://a/⟧}{x}", SPELLING_FORM_ARGUMENT },
		{ SPELLING_TEX, "\\footnote{See {\\it x} \\url{⟦http://a/⟧}}",
			SPELLING_FORM_NESTED },
		{ SPELLING_TEX, "\\href{x}{\\url{⟦http://a/⟧}}", SPELLING_FORM_NESTED },
		{ SPELLING_TEX, "\\x{y} {\\it \\url{⟦http://a/⟧}}",
			SPELLING_FORM_ARGUMENT },
		{ SPELLING_TEX, "\\x{y\n \n\\url{⟦http://a/⟧}}", SPELLING_FORM_ARGUMENT },
		{ SPELLING_TEX, "@misc{x, note = {\\url{⟦http://a/⟧}}",
			SPELLING_FORM_ARGUMENT },
		{ SPELLING_TEX, "\\href{x}{⟦http://a/⟧}", SPELLING_FORM_ESCAPED },
		{ SPELLING_TEX, "\\texttt{⟦http://a/⟧}", SPELLING_FORM_ESCAPED },
		{ SPELLING_TEX, "note = {⟦http://a/⟧}", SPELLING_FORM_ESCAPED },
		{ SPELLING_TEX, "{⟦http://a/⟧}", SPELLING_FORM_ESCAPED },
		{ SPELLING_TEX, "\\url ⟦http://a/⟧.", SPELLING_FORM_ESCAPED },
		{ SPELLING_TEX, "⟦http://a/⟧", SPELLING_FORM_ESCAPED },
		{ SPELLING_TEX, "see ⟦http://a/⟧.", SPELLING_FORM_ESCAPED },
		{ SPELLING_TEX, "{⟦http://a/b\\_c⟧}", SPELLING_FORM_ESCAPED },
		{ SPELLING_CSV, "a,⟦http://a/⟧,b", SPELLING_FORM_CELL },
		{ SPELLING_CSV, "a,\"⟦http://a/⟧\",b", SPELLING_FORM_TEXT },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_form(cases[i].syntax, cases[i].marked, cases[i].form);
}

static void names_tell_the_syntax(void **state)
{
	(void)state;
	assert_int_equal(spelling_syntax_of(SLICE("a/refs.BIB")), SPELLING_TEX);
	assert_int_equal(spelling_syntax_of(SLICE("a.tex")), SPELLING_TEX);
	assert_int_equal(spelling_syntax_of(SLICE("a.csv")), SPELLING_CSV);
	assert_int_equal(spelling_syntax_of(SLICE("a.txt")), SPELLING_PLAIN);
	assert_int_equal(spelling_syntax_of(SLICE("csv")), SPELLING_PLAIN);
}

/* NULL: refused. */
static void urls_are_written_as_the_form_wants(void **state)
{
	(void)state;
	static const struct {
		enum spelling_form form;
		const char *url, *wanted;
	} cases[] = {
		{ SPELLING_FORM_INLINE, "http://a/b_(c)", "http://a/b_(c)" },
		{ SPELLING_FORM_INLINE, "http://a/b)", "http://a/b\\)" },
		{ SPELLING_FORM_INLINE, "http://a/(b", "http://a/\\(b" },
		{ SPELLING_FORM_INLINE, "http://a/((((b))))",
			"http://a/\\(\\(\\(\\(b\\)\\)\\)\\)" },
		{ SPELLING_FORM_INLINE, "http://a/?x=1&y=2", "http://a/?x=1&y=2" },
		{ SPELLING_FORM_INLINE, "http://a/?x&copy;&#65;",
			"http://a/?x&amp;copy;&amp;#65;" },
		{ SPELLING_FORM_INLINE, "http://a/?a|b`c\\d",
			"http://a/?a\\|b\\`c\\\\d" },
		{ SPELLING_FORM_INLINE, "http://a/b c", NULL },
		{ SPELLING_FORM_INLINE, "http://a/\xc3\xa4", NULL },
		{ SPELLING_FORM_INLINE, "http://a/<b>", NULL },
		{ SPELLING_FORM_INLINE, "http://a/\nb", NULL },
		{ SPELLING_FORM_INLINE, "", NULL },
		{ SPELLING_FORM_POINTY, "http://a/b)(", "http://a/b)(" },
		{ SPELLING_FORM_AUTOLINK, "http://a/?x=1&lt;", "http://a/?x=1&amp;lt;" },
		{ SPELLING_FORM_AUTOLINK, "http://a/?x|y", NULL },
		{ SPELLING_FORM_BARE, "http://a/b_(c)", "http://a/b_(c)" },
		{ SPELLING_FORM_BARE, "http://a/b`", NULL },
		{ SPELLING_FORM_ATTRIBUTE, "http://a/?x=1&y='`",
			"http://a/?x=1&amp;y=&#39;&#96;" },
		{ SPELLING_FORM_UNQUOTED, "http://a/?x=1&y", "http://a/?x&#61;1&amp;y" },
		{ SPELLING_FORM_TEXT, "http://a/?x=1&y=2,3", "http://a/?x=1&y=2,3" },
		{ SPELLING_FORM_TEXT, "http://a/{b}", NULL },
		{ SPELLING_FORM_ARGUMENT, "http://a/%20b#c_d~e", "http://a/%20b#c_d~e" },
		{ SPELLING_FORM_ARGUMENT, "http://a/}", NULL },
		{ SPELLING_FORM_ESCAPED, "http://a/%20b#c_d&e~f",
			"http://a/\\%20b\\#c\\_d\\&e~f" },
		{ SPELLING_FORM_NESTED, "http://a/%20b#c_d&e",
			"http://a/\\%20b\\#c_d&e" },
		{ SPELLING_FORM_NESTED, "http://a/^", NULL },
		{ SPELLING_FORM_ESCAPED, "http://a/^", NULL },
		{ SPELLING_FORM_CELL, "http://a/b,c", NULL },
	};
	struct buffer out;
	buffer_init(&out, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buffer_reset(&out);
		const char *why =
			spelling_add(cases[i].form, slice_of(cases[i].url), &out);
		assert_int_equal(why != NULL, cases[i].wanted == NULL);
		assert_string_equal(buffer_string(&out),
			cases[i].wanted != NULL ? cases[i].wanted : "");
	}
	buffer_fini(&out);
}

static void half_a_url_is_told(void **state)
{
	(void)state;
	assert_true(spelling_is_cut(SPELLING_TEX, SLICE("http://a/x\\_y"), 10));
	assert_false(spelling_is_cut(SPELLING_TEX, SLICE("http://a/x}"), 10));
	assert_false(spelling_is_cut(SPELLING_MARKDOWN, SLICE("http://a/x\\"), 10));
	assert_false(spelling_is_cut(SPELLING_PLAIN, SLICE("http://a/x"), 10));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_told_by_what_is_around),
		cmocka_unit_test(names_tell_the_syntax),
		cmocka_unit_test(urls_are_written_as_the_form_wants),
		cmocka_unit_test(half_a_url_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
