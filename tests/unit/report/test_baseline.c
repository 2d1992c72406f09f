#include "report/baseline.h"

#include "unit/report/sample.h"

enum { FAILING = 1u << OUTCOME_BROKEN | 1u << OUTCOME_UNREACHABLE };

static time_ms since(struct baseline *baseline, enum link_kind kind, const char *url,
	const char *source)
{
	const struct link link = {
		.kind = kind, .url = slice_of(url), .source = slice_of(source)
	};
	return baseline_known_since(baseline, &link);
}

static int read(struct baseline *baseline, const char *json)
{
	struct error error = { "" };
	int result = baseline_read(baseline, slice_of(json), FAILING, &error);
	assert_int_equal(result < 0, error.text[0] != '\0');
	assert_null(strchr(error.text, '\n'));
	return result;
}

/* What report/json writes is what is read here. */
static void our_own_report(void **state)
{
	(void)state;
	struct sample sample;
	struct baseline baseline;
	struct buffer out;
	sample_begin(&sample);
	sample_fill(&sample);
	sample_mention(&sample, LINK_HTTP, "https://late.example/", "README.md", 50, 1);
	sample_hosts(&sample);
	buffer_init(&out, 1u << 20);
	baseline_init(&baseline);
	assert_int_equal(
		read(&baseline, sample_write(&sample.report, FORMAT_JSON, &out)), 0);
	uint32_t known = 0;
	for (const struct link *link = sample.table.first; link != NULL;
		link = link->next) {
		bool failing = report_link_fails(&sample.report, link);
		assert_int_equal(baseline_known_since(&baseline, link),
			failing ? time_of_civil(2026, 11, 23, 3, 30, 2) : 0);
		known += failing;
	}
	assert_int_equal(known, 3);
	baseline_fini(&baseline);
	buffer_fini(&out);
	sample_end(&sample);
}

#define LINK_OF(more)                                                                    \
	"{\"schema\":1,\"finished_at\":\"2026-11-20T00:00:00Z\",\"links\":[{\"url\":"    \
	"\"u\","                                                                         \
	"\"kind\":\"http\",\"outcome\":\"broken\",\"occurrences\":[]" more "}]}"

static void since_the_earliest_word_of_it(void **state)
{
	(void)state;
	struct baseline baseline;
	baseline_init(&baseline);
	assert_int_equal(read(&baseline, LINK_OF("")), 0);
	assert_int_equal(since(&baseline, LINK_HTTP, "u", ""),
		time_of_civil(2026, 11, 20, 0, 0, 0));
	assert_int_equal(read(&baseline, LINK_OF(",\"checked_at\":\"2026-11-19\"")), 0);
	assert_int_equal(since(&baseline, LINK_HTTP, "u", ""),
		time_of_civil(2026, 11, 19, 0, 0, 0));
	/* A baseline made with a baseline. */
	assert_int_equal(read(&baseline, LINK_OF(",\"checked_at\":\"2026-11-19\","
						 "\"known_since\":\"2026-11-02\"")),
		0);
	assert_int_equal(since(&baseline, LINK_HTTP, "u", ""),
		time_of_civil(2026, 11, 2, 0, 0, 0));
	assert_int_equal(since(&baseline, LINK_OTHER, "u", ""), 0);
	baseline_fini(&baseline);
}

static void files_and_anchors_belong_to_their_source(void **state)
{
	(void)state;
	struct baseline baseline;
	baseline_init(&baseline);
	assert_int_equal(
		read(&baseline,
			"{\"links\":[{\"occurrences\":[{\"source\":\"a.md\"}],"
			"\"outcome\":\"broken\",\"kind\":\"anchor\",\"url\":\"#x\"}],"
			"\"schema\":1}"),
		0);
	assert_true(since(&baseline, LINK_ANCHOR, "#x", "a.md") > 0);
	assert_int_equal(since(&baseline, LINK_ANCHOR, "#x", "b.md"), 0);
	baseline_fini(&baseline);
}

/* A report shows no userinfo, and only valid UTF-8. */
static void as_a_report_shows_it(void **state)
{
	(void)state;
	struct baseline baseline;
	baseline_init(&baseline);
	assert_int_equal(
		read(&baseline,
			"{\"schema\":1,\"links\":[{\"url\":\"ftp://a\xEF\xBF\xBD\","
			"\"kind\":\"other\",\"outcome\":\"unreachable\","
			"\"occurrences\":[]}]}"),
		0);
	assert_true(since(&baseline, LINK_OTHER, "ftp://me:secret@a\xFF", "") > 0);
	baseline_fini(&baseline);
}

static void what_is_no_report(void **state)
{
	(void)state;
	static const char *const others[] = {
		"",
		" ",
		"{",
		"{}",
		"[]",
		"null",
		"1",
		"\"schema\"",
		"{\"schema\":1}",
		"{\"schema\":1,\"links\":[]",
		"{\"schema\":1,\"links\":[]}}",
		"{\"schema\":1,\"links\":[]} x",
		"{\"schema\":1,\"links\":{}}",
		"{\"schema\":1,\"links\":[],\"links\":[]}",
		"{\"schema\":1,\"links\":[1]}",
		"{\"schema\":1,\"links\":[,]}",
		"{\"schema\":1,\"links\":[{}]}",
		"{\"schema\":2,\"links\":[]}",
		"{\"links\":[]}",
		"{1:2,\"links\":[]}",
		"{\"schema\":\"1\",\"links\":[]}",
		"{\"schema\" 1,\"links\":[]}",
		/* of extract: no outcomes */
		"{\"schema\":1,\"links\":[{\"url\":\"u\",\"kind\":\"http\","
		"\"occurrences\":[],\"outcome\":1}]}",
		LINK_OF(",\"url\":\"v\""),
		LINK_OF(",\"x\":\"\xFF\""),
		LINK_OF(",\"x\":"),
	};
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		struct baseline baseline;
		baseline_init(&baseline);
		if (read(&baseline, others[i]) == 0)
			fail_msg("taken for a report: %s", others[i]);
		baseline_fini(&baseline);
	}
}

static void it_is_read_whatever_its_layout(void **state)
{
	(void)state;
	static const char *const reports[] = {
		"{\"schema\":1,\"links\":[]}",
		"\xEF\xBB\xBF { \"links\" : [ ] , \"schema\" : 1 }\n\n",
		"{\"schema\":1,\"new\":[[{\"links\":[1]}]],\"links\":[]}",
		LINK_OF(",\"new\":[1.5,\"\\u0000\",{}]"),
		("{\"schema\":1,\"links\":[{\"url\":\"u\",\"kind\":\"http\","
		 "\"outcome\":null,\"occurrences\":[]}]}"),
	};
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		struct baseline baseline;
		baseline_init(&baseline);
		if (read(&baseline, reports[i]) < 0)
			fail_msg("refused: %s", reports[i]);
		baseline_fini(&baseline);
	}
}

/* It says no, whatever is in it, and does not run out of stack. */
static void depth_has_a_ceiling(void **state)
{
	(void)state;
	enum { DEPTH = 1000000 };
	struct baseline baseline;
	struct buffer json;
	buffer_init(&json, 4u << 20);
	buffer_add_text(&json, "{\"schema\":1,\"links\":[");
	for (int i = 0; i < DEPTH; i++)
		buffer_add_char(&json, '[');
	baseline_init(&baseline);
	assert_int_equal(read(&baseline, buffer_string(&json)), -1);
	baseline_fini(&baseline);
	buffer_fini(&json);
}

static time_ms of_record(const struct link_record *record, uint32_t failing)
{
	struct baseline baseline;
	baseline_init(&baseline);
	assert_int_equal(baseline_add_record(&baseline, LINK_HTTP, SLICE("u"),
				 (struct slice){ 0 }, record, failing),
		0);
	time_ms found = since(&baseline, LINK_HTTP, "u", "");
	baseline_fini(&baseline);
	return found;
}

static void what_a_history_knows(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	assert_int_equal(of_record(&record, FAILING), 0); /* nobody has checked it */
	record = (struct link_record){ .state = STATE_SUSPECT,
		.reason = REASON_HTTP_404,
		.since = 90,
		.first_strike_at = 80,
		.span = { .checks = 1, .first_at = 95, .outcome = OUTCOME_BROKEN } };
	assert_int_equal(of_record(&record, FAILING), 80);
	assert_int_equal(of_record(&record, 1u << OUTCOME_MOVED), 0);
	record.state = STATE_DEAD;
	record.span.outcome =
		OUTCOME_SKIPPED; /* we were offline; it is dead all the same */
	assert_int_equal(of_record(&record, FAILING), 80);
	record.state = STATE_ALIVE;
	record.span.outcome = OUTCOME_OK;
	assert_int_equal(of_record(&record, FAILING), 0);
	record.state = STATE_GATED;
	record.span.outcome = OUTCOME_GATED;
	record.confirmed = STATE_ALIVE;
	assert_int_equal(of_record(&record, FAILING), 0);
	record.confirmed = STATE_DEAD;
	assert_int_equal(of_record(&record, FAILING), 80);
	record.strikes_since = 60; /* and what counts began later */
	assert_int_equal(of_record(&record, FAILING), 60);
	record.first_strike_at = record.strikes_since = 0;
	record.confirmed = STATE_ALIVE;
	assert_int_equal(of_record(&record, 1u << OUTCOME_GATED), 95);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_report),
		cmocka_unit_test(since_the_earliest_word_of_it),
		cmocka_unit_test(files_and_anchors_belong_to_their_source),
		cmocka_unit_test(as_a_report_shows_it),
		cmocka_unit_test(what_is_no_report),
		cmocka_unit_test(it_is_read_whatever_its_layout),
		cmocka_unit_test(depth_has_a_ceiling),
		cmocka_unit_test(what_a_history_knows),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
