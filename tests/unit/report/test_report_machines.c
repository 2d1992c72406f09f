/* CSV, JUnit, SARIF and GitHub's annotations: what stands where, and sums that agree. The
 * forms themselves are judged by real parsers in tests/scenario/test_formats.py. */
#include "unit/report/sample.h"

#include <jansson.h>

struct fixture {
	struct sample sample;
	struct buffer out;
	time_ms known[16];
};

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture = (struct fixture){ 0 };
	sample_begin(&fixture.sample);
	sample_fill(&fixture.sample);
	buffer_init(&fixture.out, 64u << 20);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	sample_end(&fixture->sample);
	buffer_fini(&fixture->out);
	return 0;
}

static const char *write(struct fixture *fixture, enum format format)
{
	return sample_write(&fixture->sample.report, format, &fixture->out);
}

static size_t count(const char *text, const char *part)
{
	size_t found = 0;
	for (; (text = strstr(text, part)) != NULL; text++)
		found++;
	return found;
}

static void assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

/* https://gone.example/x and https://dead.example/ failed before. */
static void know_two(struct fixture *fixture)
{
	fixture->sample.report.known_since = fixture->known;
	for (const struct link *link = fixture->sample.table.first; link != NULL;
		link = link->next)
		if (slice_equal(link->url, SLICE("https://gone.example/x")) ||
			slice_equal(link->url, SLICE("https://fine.example/")) ||
			slice_equal(link->url, SLICE("https://dead.example/")))
			fixture->known[link->number] =
				time_of_civil(2026, 11, 20, 0, 0, 0);
}

static void what_is_known_does_not_fail(void **state)
{
	struct fixture *fixture = *state;
	struct report *report = &fixture->sample.report;
	const struct link *fine = fixture->sample.table.first;
	know_two(fixture);
	assert_true(report_failed(report)); /* the one that gives no answer is new */
	assert_false(report_link_is_known(report, fine));
	assert_false(report_link_fails(report, fine));
	report->fail_on = 1u << OUTCOME_BROKEN;
	assert_false(report_failed(report));
	report->known_since = NULL;
	assert_true(report_failed(report));
}

static void what_is_known_says_so(void **state)
{
	struct fixture *fixture = *state;
	know_two(fixture);
	const char *known =
		"known since 2026-11-20T00:00:00Z, so it does not fail this run";
	/* gone.example is in two sources. */
	assert_int_equal(count(write(fixture, FORMAT_TEXT), known), 3);
	assert_has(write(fixture, FORMAT_TEXT),
		" in 41.0 s; 2 failures were known before\n");
	assert_int_equal(count(write(fixture, FORMAT_MARKDOWN), known), 3);
	assert_int_equal(count(write(fixture, FORMAT_HTML), known), 3);
	assert_has(write(fixture, FORMAT_HTML), "1 of 9 links fails.");
	assert_int_equal(count(write(fixture, FORMAT_JSON), "\"known\": true"), 2);
	assert_int_equal(count(write(fixture, FORMAT_JSON), "\"known\": false"), 7);
	assert_int_equal(
		count(write(fixture, FORMAT_CSV), ",\"2026-11-20T00:00:00Z\"\r\n"), 7);
}

/* What is known is no failure. */
static void quietly_only_what_is_new(void **state)
{
	struct fixture *fixture = *state;
	static const enum format formats[] = { FORMAT_TEXT, FORMAT_MARKDOWN, FORMAT_HTML,
		FORMAT_GITHUB };
	know_two(fixture);
	fixture->sample.report.quiet = true;
	for (size_t i = 0; i < 4; i++) {
		const char *text = write(fixture, formats[i]);
		assert_has(text, "https://slow.example/");
		assert_null(strstr(text, "gone.example"));
		assert_null(strstr(text, "Broken"));
	}
	fixture->sample.report.fail_on = 1u << OUTCOME_BROKEN;
	assert_string_equal(write(fixture, FORMAT_TEXT), "");
}

static void csv_has_a_row_for_each_place(void **state)
{
	struct fixture *fixture = *state;
	const char *text = write(fixture, FORMAT_CSV);
	assert_int_equal(count(text, "\r\n"), 1 + 14);
	assert_int_equal(count(text, "\n"), 1 + 14);
	assert_ptr_equal(
		strstr(text, "\"source\",\"line\",\"column\",\"url\",\"kind\","
			     "\"outcome\",\"state\",\"reason\",\"http_status\","),
		text);
	assert_has(text,
		"\r\n\"README.md\",20,7,\"https://gone.example/x\",\"http\","
		"\"broken\",\"suspect\",\"http_404\",404,"
		"\"https://gone.example/x\",\"\",\"\",\"A Survey of Everything\","
		"\"\",\"\",\"Paper\",\"A Survey of Everything\",41,"
		"\"2026-11-23T03:30:02Z\",\r\n");
	assert_has(text, "\"dns_nxdomain\",,\"\"");
	assert_has(text, "\"title_mismatch\"");
	assert_has(text, "\"https://new.example/paper\"");
}

static void junit_adds_up(void **state)
{
	struct fixture *fixture = *state;
	sample_mention(
		&fixture->sample, LINK_HTTP, "https://late.example/", "docs/a.md", 40, 1);
	const char *text = write(fixture, FORMAT_JUNIT);
	/* gone.example is a case of both sources; the others are 3 ok, moved, dead, slow,
	 * wall, mail and the one that nobody asked. */
	assert_has(text,
		"<testsuites name=\"links\" tests=\"11\" failures=\"4\" errors=\"0\" "
		"skipped=\"3\" time=\"0.328\">");
	assert_has(text,
		"<testsuite name=\"README.md\" tests=\"8\" failures=\"3\" errors=\"0\" "
		"skipped=\"2\" time=\"0.287\" timestamp=\"2026-11-23T03:30:00\">");
	assert_has(text,
		"<testsuite name=\"docs/a.md\" tests=\"3\" failures=\"1\" errors=\"0\" "
		"skipped=\"1\" time=\"0.041\"");
	assert_int_equal(count(text, "<testcase "), 11);
	assert_int_equal(count(text, "<failure "), 4);
	assert_int_equal(count(text, "<skipped "), 3);
	/* What gives no answer fails as well. */
	assert_has(text,
		"<testcase classname=\"slow.example\" name=\"https://slow.example/\" "
		"file=\"README.md\" line=\"10\" time=\"0.041\"><failure "
		"type=\"timeout\" message=\"No answer in time.\">");
	assert_has(
		text, "name=\"#usage\" file=\"docs/a.md\" line=\"2\" time=\"0.000\"/>");
}

static void junit_skips_what_is_known(void **state)
{
	struct fixture *fixture = *state;
	know_two(fixture);
	const char *text = write(fixture, FORMAT_JUNIT);
	assert_int_equal(count(text, "<failure "), 1);
	assert_int_equal(
		count(text, "<skipped message=\"known since 2026-11-20T00:00:00Z"), 3);
	assert_has(text, "tests=\"10\" failures=\"1\" errors=\"0\" skipped=\"5\"");
}

static void annotations_where_it_fails(void **state)
{
	struct fixture *fixture = *state;
	struct occurrence *at = fixture->sample.table.first->next->next->next->first;
	at->character = 2;
	at->characters = 22;
	const char *text = write(fixture, FORMAT_GITHUB);
	assert_has(text,
		"::error file=README.md,line=9,endLine=9,col=2,endColumn=24,title="
		"Broken link::https://gone.example/x: Not found.\n");
	assert_has(text, "\n::error file=README.md,line=10,title=Unreachable link::");
	assert_int_equal(count(text, "::error "), 8);
	assert_int_equal(count(text, "::warning "), 0);
	assert_has(
		text, "\n14 links in 2 sources (9 distinct): 3 ok, 1 moved, 2 broken, ");
	fixture->sample.report.verbosity = 1;
	text = write(fixture, FORMAT_GITHUB);
	assert_int_equal(count(text, "::warning "), 2);
	assert_has(text, "Use https://new.example/paper\n");
	know_two(fixture);
	text = write(fixture, FORMAT_GITHUB);
	assert_int_equal(count(text, "::error "), 1);
	assert_int_equal(count(text, "::notice "), 7);
}

static void annotations_escape(void **state)
{
	struct fixture *fixture = *state;
	struct link *link = fixture->sample.table.first;
	link->first->source = SLICE("./a,b:c%0A::error::x\n.md");
	link->result.verdict = (struct verdict){ .outcome = OUTCOME_BROKEN,
		.reason = REASON_BAD_URL,
		.error = SLICE("100%0D\n::set-output name=x::y") };
	const char *text = write(fixture, FORMAT_GITHUB);
	assert_has(text, "::error file=a%2Cb%3Ac%250A%3A%3Aerror%3A%3Ax .md,line=3,");
	assert_has(text, ": 100%250D ::set-output name=x::y\n");
	assert_int_equal(count(text, "\n"), 10);
}

/* --- SARIF --- */

static json_t *sarif(struct fixture *fixture)
{
	json_error_t error;
	const char *text = write(fixture, FORMAT_SARIF);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (root == NULL)
		fail_msg("line %d: %s", error.line, error.text);
	return root;
}

static json_t *run_of(json_t *root)
{
	return json_array_get(json_object_get(root, "runs"), 0);
}

static const char *text_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	assert_non_null(text);
	return text;
}

static json_t *physical(json_t *result)
{
	return json_object_get(json_array_get(json_object_get(result, "locations"), 0),
		"physicalLocation");
}

static void sarif_has_a_result_for_each_failing_place(void **state)
{
	struct fixture *fixture = *state;
	json_t *root = sarif(fixture), *run = run_of(root), *result;
	json_t *rules = json_object_get(
		json_object_get(json_object_get(run, "tool"), "driver"), "rules");
	size_t i, warnings = 0;
	assert_int_equal(json_array_size(json_object_get(run, "results")), 8);
	assert_int_equal(json_array_size(rules), 3);
	json_array_foreach(json_object_get(run, "results"), i, result)
	{
		size_t rule =
			(size_t)json_integer_value(json_object_get(result, "ruleIndex"));
		assert_string_equal(text_at(result, "ruleId"),
			text_at(json_array_get(rules, rule), "id"));
		warnings += strcmp(text_at(result, "level"), "warning") == 0;
		assert_null(json_object_get(result, "baselineState"));
	}
	assert_int_equal(warnings, 1); /* the one that gives no answer */
	json_decref(root);
}

static void sarif_of_nothing(void **state)
{
	struct fixture *fixture = *state;
	fixture->sample.report.fail_on = 0;
	json_t *root = sarif(fixture),
	       *results = json_object_get(run_of(root), "results");
	assert_true(json_is_array(results));
	assert_int_equal(json_array_size(results), 0);
	json_decref(root);
}

static void sarif_says_what_is_new(void **state)
{
	struct fixture *fixture = *state;
	know_two(fixture);
	json_t *root = sarif(fixture), *result;
	size_t i, unchanged = 0;
	json_array_foreach(json_object_get(run_of(root), "results"), i, result)
		unchanged += strcmp(text_at(result, "baselineState"), "unchanged") == 0;
	assert_int_equal(unchanged, 7);
	json_decref(root);
}

static void check_uri(
	struct fixture *fixture, const char *source, const char *uri, bool base)
{
	struct link *slow = fixture->sample.table.first;
	while (!slice_equal(slow->url, SLICE("https://slow.example/")))
		slow = slow->next;
	fixture->sample.report.fail_on = 1u << OUTCOME_UNREACHABLE;
	slow->first->source = slice_of(source);
	json_t *root = sarif(fixture);
	json_t *artifact = json_object_get(
		physical(json_array_get(json_object_get(run_of(root), "results"), 0)),
		"artifactLocation");
	assert_string_equal(text_at(artifact, "uri"), uri);
	assert_int_equal(json_object_get(artifact, "uriBaseId") != NULL, base);
	json_decref(root);
}

static void sarif_names_files_by_uris(void **state)
{
	struct fixture *fixture = *state;
	check_uri(fixture, "./a b/ü#?.md", "a%20b/%C3%BC%23%3F.md", true);
	check_uri(fixture, "x:y%20.md", "x%3Ay%2520.md", true);
	check_uri(fixture, "/srv/a.md", "file:///srv/a.md", false);
	check_uri(fixture, "https://me:secret@a.example/x y?z=%20#f",
		"https://a.example/x%20y?z=%20#f", false);
}

static void sarif_knows_columns_or_says_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct occurrence *at = fixture->sample.table.first->next->next->next->first;
	at->character = 2;
	at->characters = 22;
	json_t *root = sarif(fixture),
	       *results = json_object_get(run_of(root), "results");
	assert_string_equal(text_at(run_of(root), "columnKind"), "unicodeCodePoints");
	json_t *result;
	size_t i, with = 0;
	json_array_foreach(results, i, result)
	{
		json_t *region = json_object_get(physical(result), "region");
		json_t *end = json_object_get(region, "endColumn");
		assert_true(json_is_integer(json_object_get(region, "startLine")));
		assert_int_equal(
			json_object_get(region, "startColumn") != NULL, end != NULL);
		if (end != NULL) {
			with++;
			assert_int_equal(json_integer_value(end), 24);
		}
	}
	assert_int_equal(with, 1);
	json_decref(root);
}

/* The same link in another line is the same; twice in a file it is two. */
static void sarif_fingerprints_last(void **state)
{
	struct fixture *fixture = *state;
	char prints[2][8][64];
	for (int turn = 0; turn < 2; turn++) {
		json_t *root = sarif(fixture), *result;
		size_t i;
		json_array_foreach(json_object_get(run_of(root), "results"), i, result)
			snprintf(prints[turn][i], 64, "%s",
				text_at(json_object_get(result, "partialFingerprints"),
					"linkIdentity/v1"));
		json_decref(root);
		for (struct link *link = fixture->sample.table.first; link != NULL;
			link = link->next)
			for (struct occurrence *at = link->first; at != NULL;
				at = at->next)
				at->line += 7;
	}
	for (size_t i = 0; i < 8; i++) {
		assert_string_equal(prints[0][i], prints[1][i]);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(prints[0][i], prints[0][k]);
	}
	/* For ever: those who keep alerts know them by this. */
	assert_string_equal(prints[0][0], "5a97f81a6436af0c4d1dcf7cf642719c");
}

static void sarif_messages_hold_no_links(void **state)
{
	struct fixture *fixture = *state;
	struct link *link = fixture->sample.table.first;
	link->result.verdict = (struct verdict){ .outcome = OUTCOME_BROKEN,
		.reason = REASON_BAD_URL,
		.error = SLICE("[x](1) {0} \\") };
	json_t *root = sarif(fixture), *result;
	size_t i, found = 0;
	json_array_foreach(json_object_get(run_of(root), "results"), i, result) found +=
		strcmp(text_at(json_object_get(result, "message"), "text"),
			"https://fine.example/: \\[x\\](1) {{0}} \\\\") == 0;
	assert_int_equal(found, 1);
	json_decref(root);
}

/* --- the summary of a job --- */

static void the_summary_fits(void **state)
{
	struct fixture *fixture = *state;
	struct buffer *out = &fixture->out;
	sample_hosts(&fixture->sample);
	fixture->sample.report.verbosity = 1;
	for (size_t bytes = 0; bytes < 3000; bytes += 7) {
		buffer_reset(out);
		assert_int_equal(report_write_step_summary(
					 &fixture->sample.report, bytes, out, NULL),
			0);
		const char *text = buffer_string(out);
		assert_true(out->len <= bytes);
		assert_int_equal(count(text, "<details>"), count(text, "</details>"));
		assert_true(out->len == 0 || out->at[out->len - 1] == '\n');
		assert_null(strstr(text, "busy.example"));
		if (bytes > 300 && strstr(text, "Ok (3)") == NULL)
			assert_has(text, "longer than GitHub shows");
	}
	assert_null(strstr(buffer_string(out), "longer than GitHub shows"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_known_does_not_fail),
		TEST(what_is_known_says_so),
		TEST(quietly_only_what_is_new),
		TEST(csv_has_a_row_for_each_place),
		TEST(junit_adds_up),
		TEST(junit_skips_what_is_known),
		TEST(annotations_where_it_fails),
		TEST(annotations_escape),
		TEST(sarif_has_a_result_for_each_failing_place),
		TEST(sarif_of_nothing),
		TEST(sarif_says_what_is_new),
		TEST(sarif_names_files_by_uris),
		TEST(sarif_knows_columns_or_says_nothing),
		TEST(sarif_fingerprints_last),
		TEST(sarif_messages_hold_no_links),
		TEST(the_summary_fits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
