/* What is written in every format: choosing one, and foreign text in markup and CSV. */
#include "lib/test.h"

#include "format/csv.h"
#include "format/formats.h"
#include "format/markup.h"
#include "format/standing_write.h"
#include "format/words.h"

static void formats_by_name(void **state)
{
	(void)state;
	struct error error = { "" };
	enum format format = FORMAT_JSON;
	assert_int_equal(
		format_choose(SLICE("text"), FORMATS_FOR_PEOPLE, &format, &error), 0);
	assert_int_equal(format, FORMAT_TEXT);
	assert_int_equal(
		format_choose(SLICE("json"), FORMATS_FOR_PEOPLE, &format, &error), 0);
	assert_int_equal(format, FORMAT_JSON);
	assert_int_equal(
		format_choose(SLICE("texts"), FORMATS_FOR_PEOPLE, &format, &error), -1);
	assert_string_equal(
		error.text, "--format texts: unknown; choose text, json or markdown");
	assert_int_equal(
		format_choose(SLICE("JSON"), FORMATS_FOR_PEOPLE, &format, &error), -1);
	assert_int_equal(
		format_choose(SLICE(""), FORMATS_FOR_PEOPLE, &format, &error), -1);
	assert_int_equal(format_choose(SLICE("csv\x1b[31m\n"), FORMAT_SET(FORMAT_TEXT),
				 &format, &error),
		-1);
	assert_null(strchr(error.text, '\x1b'));
	assert_null(strchr(error.text, '\n'));
}

#define TEXT(literal)                                                                    \
	{                                                                                \
		(literal), sizeof(literal) - 1                                           \
	}

struct pair {
	struct slice foreign;
	const char *written;
};

static void markup(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
		{ TEXT("a < b & c > \"d\" 'e'"),
			"a &lt; b &amp; c &gt; &quot;d&quot; &#39;e&#39;" },
		{ TEXT("</title><script>"), "&lt;/title&gt;&lt;script&gt;" },
		{ TEXT("line\nbreak\x01\x7f"), "line break" },
		{ TEXT("\xE2\x80\xAE<i>\xC3\xA9\xFF"), "&lt;i&gt;\xC3\xA9\xEF\xBF\xBD" },
		{ TEXT(""), "" },
	};
	struct buffer out;
	buffer_init(&out, 1000);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		buffer_reset(&out);
		markup_text(&out, pairs[i].foreign, 100);
		assert_string_equal(buffer_string(&out), pairs[i].written);
	}
	buffer_reset(&out);
	markup_text(
		&out, SLICE("&&&&&&&&&&&&&&&&&&&&"), 8); /* cut before it is escaped */
	assert_string_equal(buffer_string(&out), "&amp;&amp;&amp;&amp;&amp;\xE2\x80\xA6");
	buffer_fini(&out);
}

static void where_a_link_may_point(void **state)
{
	(void)state;
	static const char *const good[] = { "https://a.example/",
		"http://a.example/?a=1&b='" };
	static const char *const bad[] = { "javascript:alert(1)", "JAVASCRIPT:alert(1)",
		"data:text/html,x", "//a.example/", "https://me:secret@a.example/", "",
		"https://a.example/a b", "https://a.example/\x1b",
		"https://\xC3\xA9.example/", " https://a.example/", "#x" };
	struct buffer out;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(markup_is_href(slice_of(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(markup_is_href(slice_of(bad[i])));
	buffer_init(&out, 1000);
	markup_href(&out, slice_of(good[1]));
	assert_string_equal(buffer_string(&out), "\"http://a.example/?a=1&amp;b=&#39;\"");
	buffer_fini(&out);
}

static void cells(void **state)
{
	(void)state;
	static const struct pair pairs[] = {
		{ TEXT("plain"), "\"plain\"" },
		{ TEXT("say \"no\", twice"), "\"say \"\"no\"\", twice\"" },
		{ TEXT("=1+1"), "\"'=1+1\"" },
		{ TEXT("  =cmd|' /C calc'!A0"), "\"'=cmd|' /C calc'!A0\"" },
		{ TEXT("+1"), "\"'+1\"" },
		{ TEXT("-1"), "\"'-1\"" },
		{ TEXT("@SUM(A1)"), "\"'@SUM(A1)\"" },
		{ TEXT("\t=1"), "\"'=1\"" },
		{ TEXT("\r\n=1"), "\"'=1\"" },
		{ TEXT("\uFF1D1"), "\"'\uFF1D1\"" },
		{ TEXT("a\r\nb"), "\"a b\"" },
	};
	struct buffer out;
	buffer_init(&out, 1000);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct csv csv = { .out = &out };
		buffer_reset(&out);
		csv_text(&csv, pairs[i].foreign, 100);
		assert_string_equal(buffer_string(&out), pairs[i].written);
	}
	struct csv csv = { .out = &out };
	buffer_reset(&out);
	csv_text(&csv, SLICE("a"), 10);
	csv_empty(&csv);
	csv_number(&csv, -5);
	csv_end(&csv);
	csv_number(&csv, 1);
	assert_string_equal(buffer_string(&out), "\"a\",,-5\r\n1");
	buffer_fini(&out);
}

/* What the compiler does not ask for: a row that is missing in a table of words. */
static void everything_has_its_words(void **state)
{
	(void)state;
	static const struct link link;
	struct buffer out;
	buffer_init(&out, 1000);
	for (unsigned i = 0; i < REASON_COUNT; i++)
		assert_non_null(words_of_reason((enum reason)i));
	for (unsigned i = 0; i < NOTE_COUNT; i++) {
		buffer_reset(&out);
		words_note(&out, &link, (enum note)i);
		assert_int_not_equal(out.len, 0);
	}
	for (unsigned i = 0; i < STANDING_STATE_COUNT; i++) {
		assert_non_null(standing_heading((enum state)i));
		assert_non_null(standing_word((enum state)i));
		assert_non_null(standing_colour((enum state)i));
	}
	buffer_fini(&out);
}

/* An array that is too short for its enum ends with the first word once more. */
static void every_outcome_has_its_place(void **state)
{
	(void)state;
	unsigned seen = 0;
	for (unsigned i = 0; i < OUTCOME_COUNT; i++) {
		seen |= 1u << words_outcomes[i];
		assert_non_null(words_heading((enum outcome)i));
	}
	assert_int_equal(seen, (1u << OUTCOME_COUNT) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_by_name),
		cmocka_unit_test(markup),
		cmocka_unit_test(where_a_link_may_point),
		cmocka_unit_test(cells),
		cmocka_unit_test(everything_has_its_words),
		cmocka_unit_test(every_outcome_has_its_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
