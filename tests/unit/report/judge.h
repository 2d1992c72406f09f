/* tests/unit/report/judge: what others might say to do harm, and who finds the harm done.
 *
 * A report is written twice, once with harmless words and once with each of these: its
 * shape must be the same, for a terminal in lines and clean bytes, for Markdown in what
 * GitHub's own parser finds.
 */
#pragma once

#include "lib/test.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include "base/utf8.h"
#include "unit/report/sample.h"

static const struct slice judge_hostile[] = {
	STATIC_SLICE("<script>alert(1)</script>"),
	STATIC_SLICE("`code` ``two`` ``` three <b>"),
	STATIC_SLICE("`"),
	STATIC_SLICE("` <i>"),
	STATIC_SLICE("\\` <i> \\"),
	STATIC_SLICE("a | b | c\n| - | - |\n| x | y |"),
	STATIC_SLICE("\n\n# heading\n\n- item\n\n> quote\n\n```\ncode"),
	STATIC_SLICE("[text](https://evil.example/) ![x](https://evil.example/x.png)"),
	STATIC_SLICE("https://evil.example/ www.evil.example WWW.evil.example"),
	STATIC_SLICE("<https://evil.example/> me@evil.example mailto:me@evil.example"),
	STATIC_SLICE("@everyone @@team #1 ##2 `@x` \\@y @`"),
	STATIC_SLICE("*bold* _it_ ~~gone~~ __x__ **y** ~z~ [^1] :+1: $x$ $$y$$"),
	STATIC_SLICE("&lt;b&gt; &#60;b&#62; &amp;"),
	STATIC_SLICE("</summary></details><details>"),
	STATIC_SLICE("<!-- x --> <?php ?> <![CDATA[ ]]>"),
	STATIC_SLICE("https://a.example/<b>`x`"),
	STATIC_SLICE("https://a.example/?a=1&lt;b"),
	STATIC_SLICE("https://a.example/> <b>"),
	STATIC_SLICE("\x1b[31m\xE2\x80\xAE\xFF\0x\xC2\x85"),
	STATIC_SLICE("\x1b]0;owned\x07\x1b[2J\x1b[31mred"),
	STATIC_SLICE("\xC2\x9B"
		     "31mred"),
	STATIC_SLICE("a\r\nb\n[OK] https://fake.example/ (at 1:1)"),
	STATIC_SLICE("\xE2\x80\xAEgnp.exe\xE2\x81\xA6x\xE2\x80\x8B"),
	STATIC_SLICE("\xFF\xC0\x80\xED\xA0\x80\xF5 broken utf-8"),
	STATIC_SLICE("nul\0inside"),
	STATIC_SLICE("::error file=x::y\n::add-mask::z\r::stop-commands::t"),
	STATIC_SLICE("%0A::error::x%0D##[error]y ##[add-mask]z"),
	STATIC_SLICE(
		"]]> <![CDATA[ ]]> <?xml?> <!DOCTYPE x [<!ENTITY e SYSTEM \"x\">]> &e;"),
	STATIC_SLICE("\" onload=\"alert(1)\" x='y' \"><script>"),
	STATIC_SLICE("javascript:alert(1) data:text/html,<b>"),
	STATIC_SLICE("=HYPERLINK(\"https://evil.example/\",\"x\")"),
	STATIC_SLICE(" +cmd|' /C calc'!A0"),
	STATIC_SLICE("-1,\"b\"\r\n=2"),
	STATIC_SLICE("\t=1+1"),
	STATIC_SLICE("\xEF\xBC\x9D"
		     "1+1"),
	STATIC_SLICE("x\xEF\xBF\xBE\xEF\xBF\xBF\x0B\x0C\x7F"), /* else nothing is left */
	STATIC_SLICE("\", \"ruleId\": \"x\", \"y\": \"\\"),
	STATIC_SLICE("line\xE2\x80\xA8separator\xC2\x85next"),
};

enum { JUDGE_HOSTILE_COUNT = sizeof(judge_hostile) / sizeof(judge_hostile[0]) };

/* --- text ------------------------------------------------------------------ */

static inline void judge_clean(struct slice text)
{
	assert_true(utf8_valid(text));
	while (text.len > 0) {
		uint32_t c = utf8_next(&text);
		assert_true(c >= 0x20 || c == '\n');
		assert_false(c >= 0x7F && c < 0xA0);
		assert_false(
			(c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069));
		assert_false(c == 0x2028 || c == 0x2029 || c == 0x200B);
	}
}

static inline size_t judge_lines(struct slice text)
{
	size_t lines = 0;
	for (size_t i = 0; i < text.len; i++)
		lines += text.at[i] == '\n';
	return lines;
}

/* --- Markdown -------------------------------------------------------------- */

/* The judge is GitHub's own parser: whatever it finds in a report that we did not mean is
 * an injection. */
struct judge_found {
	size_t headings, items, tables, rows, links, html, images, codes, others;
	struct buffer text; /* outside of code */
};

static inline void judge_count(cmark_node *node, struct judge_found *found)
{
	const char *type = cmark_node_get_type_string(node);
	if (strcmp(type, "table") == 0)
		found->tables++;
	else if (strcmp(type, "table_row") == 0 || strcmp(type, "table_header") == 0)
		found->rows++;
	else if (strcmp(type, "heading") == 0)
		found->headings++;
	else if (strcmp(type, "item") == 0)
		found->items++;
	else if (strcmp(type, "link") == 0)
		found->links++;
	else if (strcmp(type, "image") == 0)
		found->images++;
	else if (strcmp(type, "code") == 0)
		found->codes++;
	else if (strcmp(type, "html_inline") == 0 || strcmp(type, "html_block") == 0)
		found->html++;
	else if (strcmp(type, "text") == 0)
		buffer_add_text(&found->text, cmark_node_get_literal(node));
	else if (strcmp(type, "document") != 0 && strcmp(type, "paragraph") != 0 &&
		 strcmp(type, "list") != 0 && strcmp(type, "strong") != 0 &&
		 strcmp(type, "table_cell") != 0)
		found->others++;
}

static inline void judge_parse(struct slice markdown, struct judge_found *found)
{
	static const char *const extensions[] = { "table", "autolink", "strikethrough" };
	cmark_gfm_core_extensions_ensure_registered();
	cmark_parser *parser = cmark_parser_new(CMARK_OPT_FOOTNOTES);
	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
		cmark_parser_attach_syntax_extension(
			parser, cmark_find_syntax_extension(extensions[i]));
	cmark_parser_feed(parser, markdown.at, markdown.len);
	cmark_node *root = cmark_parser_finish(parser);
	cmark_iter *walk = cmark_iter_new(root);
	*found = (struct judge_found){ 0 };
	buffer_init(&found->text, 1u << 20);
	cmark_event_type event;
	while ((event = cmark_iter_next(walk)) != CMARK_EVENT_DONE)
		if (event == CMARK_EVENT_ENTER)
			judge_count(cmark_iter_get_node(walk), found);
	cmark_iter_free(walk);
	cmark_node_free(root);
	cmark_parser_free(parser);
}
