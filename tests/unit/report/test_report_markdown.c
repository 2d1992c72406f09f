#include "unit/report/judge.h"

static void whole_report(void **state)
{
	(void)state;
	struct sample sample;
	struct buffer out;
	struct judge_found found;
	sample_begin(&sample);
	sample_fill(&sample);
	buffer_init(&out, 1u << 20);
	const char *text = sample_write(&sample.report, FORMAT_MARKDOWN, &out);
	assert_non_null(strstr(text,
		"14 links in 2 sources (9 distinct), checked 2026-11-23T03:30:00Z in "
		"41.0 s by linkrotd 0.1.0."));
	assert_non_null(strstr(text, "| broken | 2 |\n"));
	assert_non_null(strstr(text, "### Broken (2)\n"));
	assert_non_null(strstr(text, "- `README.md:9:3, 20:7 and 3 more` **404** "
				     "<https://gone.example/x>: Not found.\n"));
	assert_non_null(strstr(text, "- `docs/a.md:30:1` **404** "));
	assert_non_null(strstr(text, "  - use <https://new.example/paper>\n"));
	assert_null(strstr(text, "fine.example"));
	judge_parse(buffer_slice(&out), &found);
	/* title, broken, unreachable, moved, gated, worth a look */
	assert_int_equal(found.headings, 6);
	assert_int_equal(found.tables, 1);
	assert_int_equal(found.rows, 7);
	assert_int_equal(found.links, 8);
	assert_int_equal(found.html, 0);
	assert_int_equal(found.others, 0);
	buffer_fini(&found.text);
	buffer_fini(&out);
	sample_end(&sample);
}

static void verbose_folds_the_rest(void **state)
{
	(void)state;
	struct sample sample;
	struct buffer out;
	sample_begin(&sample);
	sample_fill(&sample);
	sample.report.verbosity = 1;
	buffer_init(&out, 1u << 20);
	const char *text = sample_write(&sample.report, FORMAT_MARKDOWN, &out);
	const char *skipped = strstr(text, "<details><summary>Skipped (1)</summary>");
	const char *fine = strstr(text, "<details><summary>Ok (3)</summary>");
	assert_non_null(skipped);
	assert_non_null(fine);
	assert_true(skipped < fine);
	assert_non_null(strstr(fine, "https://fine.example/"));
	assert_non_null(strstr(fine, "</details>"));
	buffer_fini(&out);
	sample_end(&sample);
}

static void partial_and_calm(void **state)
{
	(void)state;
	struct sample sample;
	struct buffer out;
	sample_begin(&sample);
	buffer_init(&out, 1u << 20);
	sample_answer(&sample, "https://a.example/", 1, REASON_OK, 200);
	assert_non_null(strstr(sample_write(&sample.report, FORMAT_MARKDOWN, &out),
		"Nothing to repair."));
	sample_mention(&sample, LINK_HTTP, "https://b.example/", "README.md", 2, 1);
	sample.report.partial = true;
	const char *text = sample_write(&sample.report, FORMAT_MARKDOWN, &out);
	assert_non_null(strstr(
		text, "**Partial report: interrupted, 1 of 2 links was not checked.**"));
	assert_non_null(strstr(text, "| not checked | 1 |\n"));
	assert_null(strstr(text, "Nothing to repair"));
	buffer_fini(&out);
	sample_end(&sample);
}

static void write_hostile(struct slice word, struct buffer *out)
{
	struct redirect hop = { 302, word };
	struct link_identity identity = { .kind = LINK_OTHER, .url = word };
	struct occurrence occurrence = {
		.source = word,
		.line = 1,
		.column = 1,
		.text = word,
		.context = word,
		.expected_title = word,
	};
	struct sample sample;
	sample_begin(&sample);
	struct link *link = link_table_add(&sample.table, &identity, &occurrence);
	link->result = (struct check_result){
		.done = true,
		.verdict = { .outcome = OUTCOME_BROKEN,
			.reason = REASON_BAD_URL,
			.notes = (UINT32_C(1) << NOTE_COUNT) - 1,
			.suggestion = { word, word },
			.error = word },
		.title = word,
		.redirects = &hop,
		.redirect_count = 1,
	};
	/* a second hop, or the chain would only repeat the suggestion */
	struct redirect hops[2] = { hop, hop };
	link->result.redirects = hops;
	link->result.redirect_count = 2;
	buffer_reset(out);
	assert_int_equal(report_write(&sample.report, FORMAT_MARKDOWN, out, NULL), 0);
	sample_end(&sample);
}

/* The document is the same as with harmless text: only the text differs. */
static void nothing_is_injected(void **state)
{
	(void)state;
	struct buffer out;
	struct judge_found calm, evil;
	buffer_init(&out, 1u << 20);
	write_hostile(SLICE("word"), &out);
	judge_parse(buffer_slice(&out), &calm);
	assert_int_equal(calm.links, 0);
	assert_int_equal(calm.html, 0);
	for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++) {
		write_hostile(judge_hostile[i], &out);
		assert_true(utf8_valid(buffer_slice(&out)));
		assert_int_equal(slice_find_char(buffer_slice(&out), '\x1b'), SLICE_NONE);
		assert_int_equal(slice_find(buffer_slice(&out), SLICE("\xE2\x80\xAE")),
			SLICE_NONE);
		judge_parse(buffer_slice(&out), &evil);
		assert_int_equal(evil.headings, calm.headings);
		assert_int_equal(evil.items, calm.items);
		assert_int_equal(evil.tables, calm.tables);
		assert_int_equal(evil.rows, calm.rows);
		assert_int_equal(evil.html, 0);
		assert_int_equal(evil.images, 0);
		assert_int_equal(evil.links, 0);
		assert_int_equal(evil.others, 0);
		assert_null(strpbrk(buffer_string(&evil.text), "@#"));
		buffer_fini(&evil.text);
	}
	buffer_fini(&calm.text);
	buffer_fini(&out);
}

static void long_text_is_cut(void **state)
{
	(void)state;
	static char long_text[10000];
	struct buffer out;
	buffer_init(&out, 1u << 20);
	memset(long_text, '`', sizeof(long_text));
	write_hostile((struct slice){ long_text, sizeof(long_text) }, &out);
	assert_in_range(out.len, 1000, 40000);
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_report),
		cmocka_unit_test(verbose_folds_the_rest),
		cmocka_unit_test(partial_and_calm),
		cmocka_unit_test(nothing_is_injected),
		cmocka_unit_test(long_text_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
