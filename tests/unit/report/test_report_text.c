#include <stdio.h>

#include "unit/report/judge.h"
#include "unit/report/sample.h"

#include "base/utf8.h"

struct fixture {
	struct sample sample;
	struct buffer out;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	sample_begin(&fixture.sample);
	buffer_init(&fixture.out, 16u << 20);
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

static const char *write_text(struct fixture *fixture)
{
	return sample_write(&fixture->sample.report, FORMAT_TEXT, &fixture->out);
}

static void counts(void **state)
{
	struct fixture *fixture = *state;
	struct report_summary summary;
	sample_fill(&fixture->sample);
	sample_mention(&fixture->sample, LINK_HTTP, "https://later.example/", "README.md",
		90, 1);
	report_summarise(&fixture->sample.table, &summary);
	assert_int_equal(summary.occurrences, 15);
	assert_int_equal(summary.links, 10);
	assert_int_equal(summary.by_outcome[OUTCOME_OK], 3);
	assert_int_equal(summary.by_outcome[OUTCOME_MOVED], 1);
	assert_int_equal(summary.by_outcome[OUTCOME_BROKEN], 2);
	assert_int_equal(summary.by_outcome[OUTCOME_UNREACHABLE], 1);
	assert_int_equal(summary.by_outcome[OUTCOME_GATED], 1);
	assert_int_equal(summary.by_outcome[OUTCOME_SKIPPED], 1);
	assert_int_equal(summary.unchecked, 1);
}

static void fails_on_what_it_was_told(void **state)
{
	struct fixture *fixture = *state;
	struct report *report = &fixture->sample.report;
	sample_answer(&fixture->sample, "https://a.example/", 1, REASON_OK, 200);
	sample_answer(&fixture->sample, "https://b.example/", 2, REASON_FORBIDDEN, 403);
	/* zeroed results mean "broken" only once they are done */
	sample_mention(
		&fixture->sample, LINK_HTTP, "https://c.example/", "README.md", 3, 1);
	assert_false(report_failed(report));
	report->fail_on = 1u << OUTCOME_GATED;
	assert_true(report_failed(report));
}

static void whole_report(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	assert_string_equal(write_text(fixture),
		"[README.md]:\n"
		"    [DNS] https://dead.example/ (at 8:3) | No such host: dead.example.\n"
		"    [404] https://gone.example/x (at 9:3, 20:7 and 3 more) | Not "
		"found.\n"
		"[TIMEOUT] https://slow.example/ (at 10:3) | No answer in time.\n"
		"  [MOVED] https://old.example/paper (at 5:3) | Moved for good (301).\n"
		"          → https://new.example/paper\n"
		"  [GATED] https://wall.example/ (at 11:3) | Refuses robots; may be fine "
		"for people.\n"
		"\n"
		"[docs/a.md]:\n"
		"    [404] https://gone.example/x (at 30:1) | Not found.\n"
		"\n"
		"Worth a look:\n"
		"  https://titled.example/ (at README.md:6:3)\n"
		"    note: the title differs: the page says \"Another Paper\", the list "
		"says \"A Survey of Everything\"\n"
		"\n"
		"14 links in 2 sources (9 distinct): 3 ok, 1 moved, 2 broken, 1 "
		"unreachable, 1 gated, 1 skipped in 41.0 s\n");
}

static void verbose_shows_the_rest(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	assert_null(strstr(write_text(fixture), "fine.example"));
	fixture->sample.report.verbosity = 1;
	fixture->sample.report.requests = 12;
	const char *text = write_text(fixture);
	assert_non_null(strstr(text, "    [200] https://fine.example/ (at 3:3)\n"));
	assert_non_null(strstr(text, "     [OK] #usage (at 2:9)\n"));
	assert_non_null(strstr(text, "[IGNORED] mailto:a@example.org (at 12:1) | "));
	assert_non_null(strstr(text, "in 41.0 s, 12 requests\n"));
	/* skipped before ok, both behind what needs work */
	assert_true(strstr(text, "[GATED]") < strstr(text, "[IGNORED]"));
	assert_true(strstr(text, "[IGNORED]") < strstr(text, "[200]"));
}

static void quiet_shows_what_failed(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	fixture->sample.report.quiet = true;
	fixture->sample.report.fail_on = 1u << OUTCOME_UNREACHABLE;
	const char *text = write_text(fixture);
	assert_non_null(strstr(text, "slow.example"));
	assert_null(strstr(text, "gone.example"));
	assert_null(strstr(text, "Worth a look"));
	assert_non_null(strstr(text, "14 links in 2 sources"));
	fixture->sample.report.fail_on = 0;
	assert_string_equal(write_text(fixture), "");
}

static void calm_when_all_is_well(void **state)
{
	struct fixture *fixture = *state;
	sample_answer(&fixture->sample, "https://a.example/", 1, REASON_OK, 200);
	assert_string_equal(write_text(fixture),
		"Nothing to repair. 1 link in 1 source: 1 ok in 41.0 s\n");
	/* nothing reached is not the same as nothing wrong */
	fixture->sample.table.first->result.verdict.outcome = OUTCOME_SKIPPED;
	assert_string_equal(
		write_text(fixture), "1 link in 1 source: 0 ok, 1 skipped in 41.0 s\n");
}

static void no_links_at_all(void **state)
{
	struct fixture *fixture = *state;
	assert_string_equal(write_text(fixture), "No links found in 1 input.\n");
	fixture->sample.report.input_count = 2;
	assert_string_equal(write_text(fixture), "No links found in 2 inputs.\n");
}

static void partial_says_so(void **state)
{
	struct fixture *fixture = *state;
	sample_answer(&fixture->sample, "https://a.example/", 1, REASON_OK, 200);
	sample_mention(
		&fixture->sample, LINK_HTTP, "https://b.example/", "README.md", 2, 1);
	fixture->sample.report.partial = true;
	assert_string_equal(write_text(fixture),
		"Partial report: interrupted, 1 of 2 links was not checked.\n"
		"2 links in 1 source: 1 ok, 1 not checked in 41.0 s\n");
	fixture->sample.report.quiet = true;
	assert_non_null(strstr(write_text(fixture), "Partial report"));
}

static void colour_only_when_asked(void **state)
{
	struct fixture *fixture = *state;
	struct buffer plain, painted;
	buffer_init(&plain, 1u << 20);
	buffer_init(&painted, 1u << 20);
	sample_fill(&fixture->sample);
	sample_write(&fixture->sample.report, FORMAT_TEXT, &plain);
	fixture->sample.report.colour = true;
	const char *text = write_text(fixture);
	assert_non_null(strstr(text, "\x1b[31m[404]\x1b[0m"));
	/* without its escapes it is the plain report, and every colour is ended */
	bool on = false;
	for (const char *c = text; *c != '\0'; c++) {
		if (*c == '\x1b') {
			on = strncmp(c, "\x1b[0m", 4) != 0;
			c = strchr(c, 'm');
			assert_non_null(c);
			continue;
		}
		assert_false(on && *c == '\n');
		buffer_add_char(&painted, *c);
	}
	assert_string_equal(buffer_string(&painted), buffer_string(&plain));
	buffer_fini(&plain);
	buffer_fini(&painted);
}

static void chains(void **state)
{
	struct fixture *fixture = *state;
	static const struct redirect hops[] = { { 301, STATIC_SLICE(
							       "https://b.example/") },
		{ 302, STATIC_SLICE("https://c.example/") },
		{ 0, STATIC_SLICE("https://d.example/") },
		{ 307, STATIC_SLICE("https://e.example/") },
		{ 308, STATIC_SLICE("https://f.example/") } };
	struct link *link = sample_answer(
		&fixture->sample, "https://a.example/", 1, REASON_HTTP_404, 404);
	link->result.redirects = hops;
	link->result.redirect_count = 2;
	assert_non_null(strstr(write_text(fixture),
		"      via 301 https://b.example/, 302 https://c.example/\n"));
	link->result.redirect_count = 5;
	assert_non_null(strstr(write_text(fixture),
		"https://d.example/, 307 https://e.example/ and 1 more\n"));
}

static void suggestions(void **state)
{
	struct fixture *fixture = *state;
	struct link *link = sample_answer(
		&fixture->sample, "https://a.example/", 1, REASON_HTTP_404, 404);
	link->result.verdict.suggestion =
		(struct suggestion){ SLICE("https://archive.example/a"),
			SLICE("A copy of 2020.") };
	/* said once: in place of a missing sentence, else behind the arrow */
	assert_non_null(strstr(write_text(fixture),
		"| A copy of 2020.\n      → https://archive.example/a\n"));
	link->result.verdict.error = SLICE("Gone.");
	assert_non_null(strstr(write_text(fixture),
		"| Gone.\n      → https://archive.example/a | A copy of 2020.\n"));
	fixture->sample.report.verbosity = 1;
	link->result.verdict.error = (struct slice){ 0 };
	link->result.verdict.outcome = OUTCOME_OK;
	assert_non_null(strstr(write_text(fixture),
		"(at 1:3)\n      → https://archive.example/a | A copy of 2020.\n"));
}

static void sources_in_the_order_of_the_inputs(void **state)
{
	struct fixture *fixture = *state;
	struct sample *sample = &fixture->sample;
	sample_mention(sample, LINK_HTTP, "https://x.example/", "b.md", 7, 1);
	sample_mention(sample, LINK_HTTP, "https://y.example/", "b.md", 2, 1);
	sample_mention(sample, LINK_HTTP, "https://x.example/", "c.md", 1, 1);
	sample_mention(sample, LINK_HTTP, "https://z.example/", "a.md", 3, 4);
	sample_mention(sample, LINK_HTTP, "https://y.example/", "a.md", 3, 2);
	assert_int_equal(
		report_write_links(&sample->table, FORMAT_TEXT, &fixture->out, NULL), 0);
	assert_string_equal(buffer_string(&fixture->out),
		"b.md:2:1: https://y.example/\n"
		"b.md:7:1: https://x.example/\n"
		"a.md:3:2: https://y.example/\n"
		"a.md:3:4: https://z.example/\n"
		"c.md:1:1: https://x.example/\n");
}

/* Every reason can be said, every note can be said, and no token breaks the margin. */
static void words_for_everything(void **state)
{
	struct fixture *fixture = *state;
	for (unsigned i = 0; i < REASON_COUNT; i++) {
		char url[64];
		snprintf(url, sizeof(url), "https://%u.example/", i);
		struct link *link =
			sample_answer(&fixture->sample, url, i + 1, (enum reason)i, 599);
		link->result.verdict.notes = (UINT32_C(1) << NOTE_COUNT) - 1;
	}
	fixture->sample.report.verbosity = 1;
	const char *text = write_text(fixture);
	assert_null(strstr(text, "(null)"));
	size_t notes = 0, entries = 0;
	for (const char *at = text; (at = strstr(at, "note: ")) != NULL; at++)
		notes++;
	for (const char *at = text; (at = strstr(at, " (at ")) != NULL; at++)
		entries++;
	assert_int_equal(notes, REASON_COUNT * NOTE_COUNT);
	assert_true(entries >= REASON_COUNT);
	size_t margin = strcspn(text + strlen("[README.md]:\n"), "]");
	for (const char *line = text; (line = strstr(line, "] http")) != NULL; line++) {
		const char *start = line;
		while (start[-1] != '\n')
			start--;
		assert_int_equal(line - start, margin);
	}
}

static void userinfo_is_never_shown(void **state)
{
	struct fixture *fixture = *state;
	static const struct redirect hop = { 302,
		STATIC_SLICE("https://u:secret@b.example/@x") };
	struct link *link = sample_mention(&fixture->sample, LINK_OTHER,
		"ftp://me:secret@a.example/", "https://u:secret@list.example/", 1, 1);
	link->result = (struct check_result){
		.done = true,
		.verdict = { .outcome = OUTCOME_BROKEN,
			.reason = REASON_BAD_URL,
			.suggestion = { SLICE("https://u:secret@c.example/"),
				SLICE("why") } },
		.final_url = hop.url,
		.redirects = &hop,
		.redirect_count = 1,
	};
	fixture->sample.inputs[0] = SLICE("https://u:secret@list.example/");
	for (int format = FORMAT_TEXT; format <= FORMAT_MARKDOWN; format++) {
		const char *text = sample_write(
			&fixture->sample.report, (enum format)format, &fixture->out);
		assert_null(strstr(text, "secret"));
		assert_non_null(strstr(text, "ftp://a.example/"));
		assert_non_null(strstr(text, "https://b.example/@x"));
		assert_non_null(strstr(text, "https://c.example/"));
		assert_non_null(strstr(text, "https://list.example/"));
	}
}

/* The same report twice, once harmless, once with `evil` in every foreign field: clean
 * bytes, and not one line more. */
static void hostile_text_stays_text(void **state)
{
	struct fixture *fixture = *state;
	for (size_t i = 0; i < JUDGE_HOSTILE_COUNT; i++) {
		size_t lines[2];
		for (int evil = 0; evil < 2; evil++) {
			struct slice word = evil ? judge_hostile[i] : SLICE("word");
			struct redirect hop = { 302, word };
			struct sample sample;
			sample_begin(&sample);
			struct link_identity identity = { .kind = LINK_OTHER,
				.url = word };
			struct occurrence occurrence = { .source = word,
				.line = 1,
				.column = 1,
				.text = word,
				.context = word,
				.expected_title = word };
			struct link *link =
				link_table_add(&sample.table, &identity, &occurrence);
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
			buffer_reset(&fixture->out);
			assert_int_equal(report_write(&sample.report, FORMAT_TEXT,
						 &fixture->out, NULL),
				0);
			assert_int_equal(report_write_links(&sample.table, FORMAT_TEXT,
						 &fixture->out, NULL),
				0);
			judge_clean(buffer_slice(&fixture->out));
			lines[evil] = judge_lines(buffer_slice(&fixture->out));
			sample_end(&sample);
		}
		assert_int_equal(lines[0], lines[1]);
	}
}

static void long_text_is_cut(void **state)
{
	struct fixture *fixture = *state;
	static char title[10000];
	memset(title, 'x', sizeof(title));
	struct link *link = sample_answer(
		&fixture->sample, "https://a.example/", 1, REASON_HTTP_404, 404);
	link->result.title = (struct slice){ title, sizeof(title) };
	link->result.verdict.error = link->result.title;
	link->result.verdict.notes = NOTE_BIT(NOTE_TITLE_MISMATCH);
	const char *text = write_text(fixture);
	assert_in_range(strlen(text), 300, 1500);
	assert_non_null(strstr(text, "x…"));
	assert_non_null(strstr(text, "the list says \"A Survey of Everything\""));
}

/* A buffer that is one byte too small fails, whatever the format; none is half-trusted.
 */
static void ceiling_is_an_error(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	for (int format = FORMAT_TEXT; format <= FORMAT_MARKDOWN; format++) {
		sample_write(&fixture->sample.report, (enum format)format, &fixture->out);
		size_t whole = fixture->out.len;
		for (size_t limit = 0; limit <= whole; limit++) {
			struct buffer small;
			struct error error = { .text = "" };
			buffer_init(&small, limit);
			int result = report_write(&fixture->sample.report,
				(enum format)format, &small, &error);
			assert_int_equal(result, limit < whole ? -1 : 0);
			assert_int_equal(error.text[0] != '\0', limit < whole);
			buffer_fini(&small);
		}
	}
}

static void extract_prints_whole_urls(void **state)
{
	struct fixture *fixture = *state;
	struct error error;
	struct buffer url;

	buffer_init(&url, 10000);
	buffer_printf(&url, "https://a.example/%05000d", 0);
	sample_mention(&fixture->sample, LINK_HTTP, buffer_string(&url), "a.md", 1, 1);
	sample_mention(&fixture->sample, LINK_FILE, "b  c\x1b[1m\n\u202ez\xff ä.md",
		"a.md", 2, 1);
	sample_mention(&fixture->sample, LINK_OTHER, "ftp://u:p@x/@y", "a.md", 3, 1);
	assert_int_equal(report_write_links(&fixture->sample.table, FORMAT_TEXT,
				 &fixture->out, &error),
		0);
	const char *text = buffer_string(&fixture->out);
	assert_non_null(strstr(text, buffer_string(&url)));
	assert_non_null(strstr(text, "a.md:2:1: b  c%1B[1m%0A%E2%80%AEz%FF ä.md\n"));
	assert_non_null(strstr(text, "a.md:3:1: ftp://x/@y\n"));
	buffer_fini(&url);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* One row a host, the name last, and nothing of a name can leave its row. */
static void hosts_have_a_row_each(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	assert_null(strstr(write_text(fixture), "redirects"));
	sample_hosts(&fixture->sample);
	const char *text = write_text(fixture);
	const char *table = strstr(text, "requests");
	assert_non_null(table);
	const char *busy = strstr(table, "busy.example\n");
	assert_non_null(busy);
	unsigned numbers[11];
	while (busy > table && busy[-1] != '\n')
		busy--;
	assert_int_equal(
		sscanf(busy, "%u %u %u %u %u %u %u %u %u %u %u", &numbers[0], &numbers[1],
			&numbers[2], &numbers[3], &numbers[4], &numbers[5], &numbers[6],
			&numbers[7], &numbers[8], &numbers[9], &numbers[10]),
		11);
	const unsigned wanted[] = { 12, 7, 1, 1, 3, 8, 1, 1, 1, 1, 2 };
	assert_memory_equal(numbers, wanted, sizeof(wanted));
	assert_non_null(strstr(busy, "250 ms"));
	assert_non_null(strstr(busy, "31 ms"));
	assert_null(strstr(text, "\x1b"));
	unsigned lines = 0;
	for (const char *at = table; *at != '\0'; at++)
		lines += *at == '\n';
	assert_int_equal(lines, 3);
}

static void a_history_gives_each_link_its_state(void **state)
{
	struct fixture *fixture = *state;
	const time_ms now = fixture->sample.report.finished_at;
	const struct link_record records[] = {
		{ .state = STATE_DEAD,
			.checks = 4,
			.since = now - 3 * TIME_MS_PER_DAY,
			.strike_halves = 6 },
		{ .state = STATE_GATED,
			.checks = 2,
			.since = now,
			.strike_halves = 1,
			.confirmed = STATE_ALIVE,
			.confirmed_at = now - 7 * TIME_MS_PER_DAY },
		{ .state = STATE_UNCHECKED },
	};
	sample_answer(&fixture->sample, "https://a.example/", 1, REASON_HTTP_404, 404);
	sample_answer(&fixture->sample, "https://b.example/", 2, REASON_FORBIDDEN, 403);
	sample_answer(&fixture->sample, "https://c.example/", 3, REASON_HTTP_404, 404);
	fixture->sample.report.records = records;
	const char *text = write_text(fixture);
	assert_non_null(strstr(text, "state: dead since 2026-11-20T03:30:41Z (3 d), "
				     "3 strikes\n"));
	assert_non_null(
		strstr(text, "state: gated since 2026-11-23T03:30:41Z, half a strike, "
			     "last known to be alive on 2026-11-16T03:30:41Z\n"));
	assert_null(strstr(text, "not checked yet"));
	fixture->sample.report.records = NULL;
	assert_null(strstr(write_text(fixture), "state:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(counts),
		TEST(fails_on_what_it_was_told),
		TEST(whole_report),
		TEST(verbose_shows_the_rest),
		TEST(quiet_shows_what_failed),
		TEST(calm_when_all_is_well),
		TEST(no_links_at_all),
		TEST(partial_says_so),
		TEST(a_history_gives_each_link_its_state),
		TEST(hosts_have_a_row_each),
		TEST(colour_only_when_asked),
		TEST(chains),
		TEST(suggestions),
		TEST(sources_in_the_order_of_the_inputs),
		TEST(words_for_everything),
		TEST(userinfo_is_never_shown),
		TEST(hostile_text_stays_text),
		TEST(long_text_is_cut),
		TEST(ceiling_is_an_error),
		TEST(extract_prints_whole_urls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
