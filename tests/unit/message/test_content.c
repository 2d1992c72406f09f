#include "unit/message/messages.h"

#include "base/utf8.h"
#include "message/compose_internal.h"

static struct test_message all;

static void a_good_message(void **state)
{
	(void)state;
	struct buffer text;
	buffer_init(&text, 10000);
	test_fill(&all, "", 2);
	all.part.sentence = (struct slice){ 0 };
	all.part.title = slice_of("Aligning LLMs with Human");
	all.items[0] = (struct message_item){ .topic = MESSAGE_DIED,
		.url = slice_of("https://lmsys.org/blog/x"),
		.title = slice_of("Vicuna"),
		.place = slice_of("README.md:88"),
		.evidence = slice_of("404 three times in 8 days"),
		.instead = slice_of("https://lmsys.org/x") };
	all.items[1] = (struct message_item){ .topic = MESSAGE_MOVED,
		.url = slice_of("https://a.test/b") };
	memset(all.part.counts, 0, sizeof(all.part.counts));
	all.part.counts[MESSAGE_DIED] = 3;
	all.part.counts[MESSAGE_MOVED] = 1;
	message_text(&all.message, 5000, &text);
	assert_slice(buffer_slice(&text),
		"Aligning LLMs with Human: 3 died, 1 moved\n"
		"  - dead: https://lmsys.org/blog/x\n"
		"    Vicuna (README.md:88)\n"
		"    404 three times in 8 days\n"
		"    instead: https://lmsys.org/x\n"
		"  - moved: https://a.test/b\n"
		"  - and 2 more\n"
		"the whole list: https://links.example.org/lists/llm-alignment\n");
	buffer_reset(&text);
	message_subject(&all.message, &text);
	assert_slice(buffer_slice(&text), "llm-alignment: 3 died, 1 moved");
	buffer_fini(&text);
}

static void subjects(void **state)
{
	(void)state;
	struct buffer line;
	struct message_part parts[3] = { { .list = SLICE("a"), .counts = { 1, 0, 0, 0 } },
		{ .list = SLICE("b"), .counts = { 4, 2, 0, 0 } },
		{ .sentence = SLICE("h.test unreachable, 12 links") } };
	struct message message = { .parts = parts, .part_count = 3 };
	buffer_init(&line, 1000);
	message_subject(&message, &line);
	assert_slice(buffer_slice(&line), "3 groups: 5 died, 2 recovered");
	buffer_reset(&line);
	message.parts = &parts[2];
	message.part_count = 1;
	message_subject(&message, &line);
	assert_slice(buffer_slice(&line), "h.test unreachable, 12 links");
	buffer_reset(&line);
	message.subject = SLICE("nothing\r\nnew");
	message_subject(&message, &line);
	assert_slice(buffer_slice(&line), "nothing new");
	buffer_fini(&line);
}

/* What must not be there, for each way of writing; the invisible space stands behind
 * signs that would begin a mention. */
static void hostile_text_is_harmless_in_every_style(void **state)
{
	(void)state;
	static const char *const nowhere[] = { "\r", "\x1b", "\x07", "\xE2\x80\xAE",
		"\xE2\x81\xA6", "\xEF\xBB\xBF", "\xFF", "\nBcc", NULL };
	static const char *const never[STYLE_COUNT][12] = {
		[STYLE_PLAIN] = { NULL },
		[STYLE_HTML] = { "<script", "<!channel", "<@", "\" '", "(1)</", NULL },
		[STYLE_SLACK] = { "<script", "<!", "<@", "@everyone @h", "*b*", "~s~",
			"``", NULL },
		[STYLE_DISCORD] = { "> @everyone", " @here ", "_i_ ", "[a](h", " *b*",
			"||", "``", NULL },
		[STYLE_MATTERMOST] = { "[a](h", "![i]", " *b* ", "``", NULL },
		[STYLE_TELEGRAM] = { "<script", "<!", "<@", NULL },
		[STYLE_MATRIX] = { "<script", "<!", "<@", NULL },
		[STYLE_GITHUB] = { "``", NULL },
	};
	struct buffer text;
	buffer_init(&text, 1 << 20);
	for (int style = 0; style < STYLE_COUNT; style++) {
		char where[16];
		int written = snprintf(where, sizeof(where), "style %d", style);
		assert_true(written > 0);
		buffer_reset(&text);
		style_add((enum style)style, slice_of(HOSTILE), 2000, &text);
		for (int i = 0; nowhere[i] != NULL; i++)
			test_without(buffer_slice(&text), nowhere[i], where);
		for (int i = 0; never[style][i] != NULL; i++)
			test_without(buffer_slice(&text), never[style][i], where);
		assert_false(test_has(buffer_slice(&text), "\n"));
		assert_true(utf8_valid(buffer_slice(&text)));
		/* Chats with a mention that rings. */
		bool code = style == STYLE_GITHUB;
		bool chat = style != STYLE_PLAIN && style != STYLE_HTML && !code;
		assert_int_equal(test_has(buffer_slice(&text), "@everyone"), !chat);
		if (code)
			assert_true(text.at[0] == '`' && text.at[text.len - 1] == '`');
	}
	buffer_fini(&text);
}

/* A URL is in code, and cannot end it. */
static void urls_stay_in_their_code(void **state)
{
	(void)state;
	static const char url[] = "https://a.test/`x`?<b>&\"'</code>@everyone*_~";
	struct buffer text;
	buffer_init(&text, 10000);
	for (int style = STYLE_HTML; style < STYLE_COUNT; style++) {
		buffer_reset(&text);
		style_add_url((enum style)style, slice_of(url), &text);
		struct slice all_of = buffer_slice(&text);
		struct slice open = slice_of(all_of.at[0] == '`' ? "`" : "<code>");
		struct slice close = slice_of(all_of.at[0] == '`' ? "`" : "</code>");
		assert_true(slice_starts(all_of, open) && slice_ends(all_of, close));
		struct slice inner = slice_sub(all_of, open.len, all_of.len - close.len);
		if (slice_find(inner, close) != SLICE_NONE)
			fail_msg("style %d: %s", style, buffer_string(&text));
	}
	buffer_fini(&text);
}

static void only_our_own_links_can_be_followed(void **state)
{
	(void)state;
	static const char *const bad[] = { "javascript:alert(1)", "https://a.test/\"x",
		"https://a.test/x y", "https://a.test/<b>", "https://a.test/x|y", "",
		"https://a.test/)", "https://\xC3\xA4.test/" };
	struct buffer text;
	buffer_init(&text, 10000);
	for (int style = 0; style < STYLE_COUNT; style++) {
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
			style_add_link((enum style)style, slice_of(bad[i]), "x", &text);
			assert_int_equal(text.len, 0);
		}
		style_add_link((enum style)style, SLICE("https://a.test/b"), "x", &text);
		assert_true(test_has(buffer_slice(&text), "https://a.test/b"));
		buffer_reset(&text);
	}
	buffer_fini(&text);
}

static uint32_t number_before(struct slice text, const char *word)
{
	size_t at = slice_find(text, slice_of(word));
	uint32_t number = 0, place = 1;
	assert_true(at != SLICE_NONE);
	while (at > 0 && char_is_digit(text.at[at - 1])) {
		number += place * (uint32_t)(text.at[--at] - '0');
		place *= 10;
	}
	return number;
}

/* Whatever the limit: it is kept, and what is not shown is counted. */
static void limits_are_kept_and_the_rest_is_counted(void **state)
{
	(void)state;
	static const char *const texts[] = { "x", HOSTILE, "&&&&&&&&&&&&&&&&&&&&&&&&&&&&",
		"\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80" };
	struct buffer text;
	buffer_init(&text, 1 << 20);
	for (size_t t = 0; t < sizeof(texts) / sizeof(texts[0]); t++) {
		test_fill(&all, texts[t], 1000);
		for (int style = 0; style < STYLE_COUNT; style++)
			for (size_t limit = COMPOSE_BYTES_MIN; limit < 40000;
				limit += 997) {
				buffer_reset(&text);
				compose(&all.message, (enum style)style, limit, &text);
				assert_true(text.len <= limit);
				assert_true(utf8_valid(buffer_slice(&text)));
				uint32_t shown = 0;
				struct slice rest = buffer_slice(&text);
				for (size_t at; (at = slice_find(rest,
							 SLICE("history"))) != SLICE_NONE;
					shown++)
					rest = slice_sub(rest, at + 7, rest.len);
				assert_int_equal(
					shown + number_before(
							buffer_slice(&text), " more"),
					1000);
			}
	}
	buffer_fini(&text);
}

/* Tags that are opened are closed, wherever it was cut. */
static void html_is_balanced(void **state)
{
	(void)state;
	static const char *const tags[] = { "strong", "h2", "ul", "li", "code", "a",
		"body", "html", "p", "b" };
	struct buffer text;
	buffer_init(&text, 1 << 20);
	test_fill(&all, HOSTILE, 1000);
	for (size_t limit = 3000; limit < 60000; limit += 1777) {
		buffer_reset(&text);
		message_html(&all.message, limit, &text);
		assert_true(text.len <= limit);
		for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
			char open[16], attribute[16], close[16];
			int written = snprintf(open, sizeof(open), "<%s>", tags[i]);
			written |=
				snprintf(attribute, sizeof(attribute), "<%s ", tags[i]);
			written |= snprintf(close, sizeof(close), "</%s>", tags[i]);
			assert_true(written > 0);
			int depth = 0;
			for (size_t at = 0; at < text.len; at++) {
				struct slice rest =
					slice_sub(buffer_slice(&text), at, text.len);
				depth += slice_starts(rest, slice_of(open)) ||
					 slice_starts(rest, slice_of(attribute));
				depth -= slice_starts(rest, slice_of(close));
			}
			assert_int_equal(depth, 0);
		}
		test_without(buffer_slice(&text), "<script", "html");
		test_without(buffer_slice(&text), " src=", "html");
		test_without(buffer_slice(&text), "href=\"http://evil", "html");
	}
	buffer_fini(&text);
}

static void a_digest_brings_its_own_words(void **state)
{
	(void)state;
	struct buffer text;
	struct message message = { .subject = SLICE("2 died"),
		.text = SLICE("first <line>\n\nsecond\n"),
		.html = SLICE("<p>own</p>") };
	buffer_init(&text, 100000);
	message_text(&message, 1000, &text);
	assert_slice(buffer_slice(&text), "first <line>\n\nsecond\n");
	buffer_reset(&text);
	message_html(&message, 5000, &text);
	assert_slice(buffer_slice(&text), "<p>own</p>");
	buffer_reset(&text);
	compose(&message, STYLE_TELEGRAM, 1000, &text);
	assert_slice(buffer_slice(&text), "<pre>first &lt;line&gt;\n\nsecond\n</pre>\n");
	buffer_fini(&text);
}

/* Its rows are indented, and somebody will copy an address out of it. */
static void a_digest_is_shown_as_it_is(void **state)
{
	(void)state;
	static const struct {
		enum style style;
		const char *shown;
	} cases[] = {
		{ STYLE_DISCORD, "```\nDead (1)\n  http://a.test/@me/~x?b=1&c=2\n"
				 "      '''no code''' at 06:08\n```\n" },
		{ STYLE_MATTERMOST, "```\nDead (1)\n  http://a.test/@me/~x?b=1&c=2\n"
				    "      '''no code''' at 06:08\n```\n" },
		{ STYLE_MATRIX, "<pre>Dead (1)\n  http://a.test/@me/~x?b=1&amp;c=2\n"
				"      ```no code``` at 06:08\n</pre>" },
		{ STYLE_SLACK, "`Dead (1)`\n`  http://a.test/@me/~x?b=1&amp;c=2`\n"
			       "`      '''no code''' at 06:08`\n" },
		{ STYLE_PLAIN, "Dead (1)\n  http://a.test/@me/~x?b=1&c=2\n"
			       "      ```no code``` at 06:08\n" },
	};
	struct message message = { .subject = SLICE("1 died"),
		.text = SLICE("Dead (1)\n  http://a.test/@me/~x?b=1&c=2\n"
			      "      ```no code``` at 06:08\n") };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buffer text;
		buffer_init(&text, 100000);
		compose(&message, cases[i].style, 1000, &text);
		assert_slice(buffer_slice(&text), cases[i].shown);
		buffer_fini(&text);
	}
}

/* However little fits, the block is closed. */
static void a_long_digest_ends_its_block(void **state)
{
	(void)state;
	struct buffer long_text, text;
	buffer_init(&long_text, 100000);
	for (int i = 0; i < 200; i++)
		buffer_printf(&long_text, "  http://a.test/%d\n", i);
	struct message message = { .subject = SLICE("200 died"),
		.text = buffer_slice(&long_text) };
	for (size_t bytes_max = 512; bytes_max < 5000; bytes_max += 37) {
		buffer_init(&text, 100000);
		compose(&message, STYLE_DISCORD, bytes_max, &text);
		assert_true(text.len <= bytes_max);
		assert_true(slice_ends(
			buffer_slice(&text), bytes_max < 4000 ? SLICE("\nand more\n```\n")
							      : SLICE("\n```\n")));
		buffer_fini(&text);
	}
	buffer_fini(&long_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_message),
		cmocka_unit_test(subjects),
		cmocka_unit_test(hostile_text_is_harmless_in_every_style),
		cmocka_unit_test(urls_stay_in_their_code),
		cmocka_unit_test(only_our_own_links_can_be_followed),
		cmocka_unit_test(limits_are_kept_and_the_rest_is_counted),
		cmocka_unit_test(html_is_balanced),
		cmocka_unit_test(a_digest_brings_its_own_words),
		cmocka_unit_test(a_digest_is_shown_as_it_is),
		cmocka_unit_test(a_long_digest_ends_its_block),
	};
	return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
