#include "unit/report/sample.h"

#include <jansson.h>

#include "base/utf8.h"

struct fixture {
	struct sample sample;
	struct buffer out;
	json_t *root;
};

static int set_up(void **state)
{
	static struct fixture fixture;
	fixture = (struct fixture){ 0 };
	sample_begin(&fixture.sample);
	buffer_init(&fixture.out, 256u << 20);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	json_decref(fixture->root);
	sample_end(&fixture->sample);
	buffer_fini(&fixture->out);
	return 0;
}

static json_t *parse(struct fixture *fixture)
{
	json_error_t error;
	json_decref(fixture->root);
	fixture->root = json_loadb(fixture->out.at, fixture->out.len,
		JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (fixture->root == NULL)
		fail_msg("line %d: %s", error.line, error.text);
	return fixture->root;
}

static json_t *check(struct fixture *fixture)
{
	sample_write(&fixture->sample.report, FORMAT_JSON, &fixture->out);
	return parse(fixture);
}

static json_t *extract(struct fixture *fixture)
{
	buffer_reset(&fixture->out);
	assert_int_equal(report_write_links(&fixture->sample.table, FORMAT_JSON,
				 &fixture->out, NULL),
		0);
	return parse(fixture);
}

/* The keys of `object` are these, in this order. */
static void check_keys(json_t *object, const char *keys)
{
	struct buffer found;
	const char *key;
	json_t *value;
	buffer_init(&found, 4096);
	json_object_foreach(object, key, value)
	{
		buffer_add_text(&found, key);
		buffer_add_char(&found, ' ');
	}
	assert_string_equal(buffer_string(&found), keys);
	buffer_fini(&found);
}

static json_t *link_of(json_t *root, const char *url)
{
	size_t i;
	json_t *link;
	json_array_foreach(json_object_get(root, "links"), i, link)
	{
		if (strcmp(json_string_value(json_object_get(link, "url")), url) == 0)
			return link;
	}
	fail_msg("no link %s", url);
	return NULL;
}

static void check_text(json_t *object, const char *key, const char *expected)
{
	json_t *value = json_object_get(object, key);
	assert_true(json_is_string(value));
	assert_string_equal(json_string_value(value), expected);
}

static void check_number(json_t *object, const char *key, json_int_t expected)
{
	json_t *value = json_object_get(object, key);
	assert_true(json_is_integer(value));
	assert_int_equal(json_integer_value(value), expected);
}

static void check_null(json_t *object, const char *key)
{
	assert_true(json_is_null(json_object_get(object, key)));
}

static void the_head(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	json_t *root = check(fixture);
	check_keys(root, "schema generator started_at finished_at inputs summary links ");
	check_number(root, "schema", 1);
	check_text(root, "generator", "linkrotd 0.1.0");
	check_text(root, "started_at", "2026-11-23T03:30:00Z");
	check_text(root, "finished_at", "2026-11-23T03:30:41Z");
	json_t *inputs = json_object_get(root, "inputs");
	assert_int_equal(json_array_size(inputs), 1);
	assert_string_equal(json_string_value(json_array_get(inputs, 0)), "README.md");
	json_t *summary = json_object_get(root, "summary");
	check_keys(
		summary, "occurrences links ok moved broken unreachable gated skipped ");
	check_number(summary, "occurrences", 14);
	check_number(summary, "links", 9);
	check_number(summary, "ok", 3);
	check_number(summary, "moved", 1);
	check_number(summary, "broken", 2);
	check_number(summary, "unreachable", 1);
	check_number(summary, "gated", 1);
	check_number(summary, "skipped", 1);
	assert_int_equal(json_array_size(json_object_get(root, "links")), 9);
}

static const char link_keys[] =
	"url outcome state reason notes http_status method final_url redirects title "
	"expected_title error elapsed_ms timing_ms certificate_expires_at "
	"certificate_chain_expires_at sunset_at suggestion "
	"checked_at kind occurrences ";

static void every_key_of_every_link(void **state)
{
	struct fixture *fixture = *state;
	size_t i;
	json_t *link;
	sample_fill(&fixture->sample);
	json_array_foreach(json_object_get(check(fixture), "links"), i, link)
	{
		check_keys(link, link_keys);
		assert_true(json_is_array(json_object_get(link, "notes")));
		assert_true(json_is_array(json_object_get(link, "redirects")));
		size_t j;
		json_t *at;
		json_array_foreach(json_object_get(link, "occurrences"), j, at)
		{
			check_keys(at, "source line column text context ");
		}
	}
}

static void an_answer(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	struct link *moved = fixture->sample.table.first->next;
	moved->result.certificate.expires_at = time_of_civil(2027, 1, 30, 0, 0, 0);
	moved->result.verdict.notes =
		NOTE_BIT(NOTE_HTTPS_AVAILABLE) | NOTE_BIT(NOTE_TITLE_MISMATCH);
	moved->result.method = METHOD_HEAD;
	json_t *link = link_of(check(fixture), "https://old.example/paper");
	check_text(link, "outcome", "moved");
	check_text(link, "state", "alive");
	check_text(link, "reason", "redirect_permanent");
	check_number(link, "http_status", 200);
	check_text(link, "method", "HEAD");
	check_text(link, "final_url", "https://new.example/paper");
	check_number(link, "elapsed_ms", 41);
	check_text(link, "certificate_expires_at", "2027-01-30T00:00:00Z");
	check_text(link, "checked_at", "2026-11-23T03:30:02Z");
	check_text(link, "expected_title", "A Survey of Everything");
	check_text(link, "kind", "http");
	check_null(link, "title");
	check_null(link, "error");
	json_t *notes = json_object_get(link, "notes");
	assert_int_equal(json_array_size(notes), 2);
	assert_string_equal(
		json_string_value(json_array_get(notes, 0)), "title_mismatch");
	assert_string_equal(
		json_string_value(json_array_get(notes, 1)), "https_available");
	json_t *timing = json_object_get(link, "timing_ms");
	check_keys(timing, "dns connect tls first_byte total ");
	check_number(timing, "dns", 3);
	check_number(timing, "total", 41);
	json_t *suggestion = json_object_get(link, "suggestion");
	check_keys(suggestion, "url why ");
	check_text(suggestion, "url", "https://new.example/paper");
	json_t *hop = json_array_get(json_object_get(link, "redirects"), 0);
	check_keys(hop, "status url ");
	check_number(hop, "status", 301);
	check_text(hop, "url", "https://new.example/paper");
}

static void no_answer(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	json_t *link = link_of(check(fixture), "https://dead.example/");
	check_text(link, "outcome", "broken");
	check_text(link, "state", "suspect");
	check_text(link, "error", "No such host: dead.example.");
	check_null(link, "http_status");
	check_text(link, "method", "GET");
	check_null(link, "final_url");
	check_null(link, "suggestion");
	check_null(link, "certificate_expires_at");
	json_t *timing = json_object_get(link, "timing_ms");
	check_number(timing, "dns", 3);
	check_null(timing, "connect");
	check_null(timing, "tls");
	check_null(timing, "first_byte");
	check_number(timing, "total", 3);
}

static void nothing_asked(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	json_t *link = link_of(check(fixture), "mailto:a@example.org");
	check_text(link, "outcome", "skipped");
	check_text(link, "reason", "unsupported_scheme");
	check_text(link, "kind", "mail");
	static const char *const keys[] = { "http_status", "method", "final_url", "title",
		"error", "elapsed_ms", "timing_ms", "certificate_expires_at",
		"suggestion", "checked_at" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		check_null(link, keys[i]);
}

static void partial_run(void **state)
{
	struct fixture *fixture = *state;
	sample_answer(&fixture->sample, "https://a.example/", 1, REASON_OK, 200);
	sample_mention(
		&fixture->sample, LINK_HTTP, "https://b.example/", "README.md", 2, 1);
	fixture->sample.report.partial = true;
	json_t *root = check(fixture);
	assert_true(json_is_true(json_object_get(root, "partial")));
	check_number(json_object_get(root, "summary"), "unchecked", 1);
	json_t *link = link_of(root, "https://b.example/");
	check_keys(link, link_keys);
	check_null(link, "outcome");
	check_null(link, "reason");
	check_text(link, "state", "unchecked");
	check_null(link, "checked_at");
	check_null(link, "timing_ms");
}

static void order_of_first_occurrence(void **state)
{
	struct fixture *fixture = *state;
	sample_mention(&fixture->sample, LINK_HTTP, "https://z.example/", "b.md", 1, 1);
	sample_mention(&fixture->sample, LINK_HTTP, "https://a.example/", "b.md", 2, 1);
	sample_mention(&fixture->sample, LINK_HTTP, "https://z.example/", "a.md", 1, 5);
	json_t *links = json_object_get(check(fixture), "links");
	check_text(json_array_get(links, 0), "url", "https://z.example/");
	check_text(json_array_get(links, 1), "url", "https://a.example/");
	json_t *places = json_object_get(json_array_get(links, 0), "occurrences");
	assert_int_equal(json_array_size(places), 2);
	check_text(json_array_get(places, 0), "source", "b.md");
	check_text(json_array_get(places, 1), "source", "a.md");
	check_number(json_array_get(places, 1), "line", 1);
	check_number(json_array_get(places, 1), "column", 5);
	check_text(json_array_get(places, 1), "text", "Paper");
	check_text(json_array_get(places, 1), "context", "A Survey of Everything");
}

/* Valid text arrives unchanged, whatever is in it; invalid bytes become U+FFFD. */
static void hostile_text_survives(void **state)
{
	struct fixture *fixture = *state;
	static const struct slice valid =
		STATIC_SLICE("\x1b[31m \"\\/ \r\n\t\0 <script> \xE2\x80\xAE \x7F | `");
	struct link *link = sample_answer(
		&fixture->sample, "https://a.example/", 1, REASON_HTTP_404, 404);
	link->result.title = valid;
	link->result.verdict.error = SLICE("\xFF"
					   "a\xED\xA0\x80"
					   "b\xC3");
	json_t *read = link_of(check(fixture), "https://a.example/");
	json_t *title = json_object_get(read, "title");
	assert_int_equal(json_string_length(title), valid.len);
	assert_memory_equal(json_string_value(title), valid.at, valid.len);
	check_text(read, "error",
		"\xEF\xBF\xBD"
		"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
		"b\xEF\xBF\xBD");
	for (size_t i = 0; i < fixture->out.len; i++)
		assert_true((unsigned char)fixture->out.at[i] >= 0x20 ||
			    fixture->out.at[i] == '\n');
}

static void no_links(void **state)
{
	struct fixture *fixture = *state;
	json_t *root = check(fixture);
	assert_int_equal(json_array_size(json_object_get(root, "links")), 0);
	assert_true(json_is_array(json_object_get(extract(fixture), "links")));
}

static void what_extract_prints(void **state)
{
	struct fixture *fixture = *state;
	struct link_identity identity = {
		.kind = LINK_OTHER,
		.url = SLICE("arxiv.org/abs/1"),
		.reason = REASON_MISSING_SCHEME,
		.suggestion = { SLICE("https://arxiv.org/abs/1"), SLICE("a scheme") },
	};
	struct occurrence at = { .source = SLICE("a.md"), .line = 7, .column = 2 };
	sample_mention(&fixture->sample, LINK_HTTP, "https://b.example/", "a.md", 2, 1);
	assert_non_null(link_table_add(&fixture->sample.table, &identity, &at));
	json_t *root = extract(fixture);
	check_keys(root, "schema links ");
	check_number(root, "schema", 1);
	json_t *plain = link_of(root, "https://b.example/");
	check_keys(plain, "url kind occurrences ");
	check_text(plain, "kind", "http");
	check_keys(json_array_get(json_object_get(plain, "occurrences"), 0),
		"source line column text context expected_title ");
	json_t *decided = link_of(root, "arxiv.org/abs/1");
	check_keys(decided, "url kind reason suggestion occurrences ");
	check_text(decided, "reason", "missing_scheme");
	check_text(
		json_object_get(decided, "suggestion"), "url", "https://arxiv.org/abs/1");
	check_keys(json_array_get(json_object_get(decided, "occurrences"), 0),
		"source line column text context ");
}

/* jansson's memory, counted: live blocks, and how many requests until one fails. */
static size_t live, peak, requests_left;

static void *count_malloc(size_t size)
{
	if (requests_left == 0)
		return NULL;
	requests_left--;
	if (++live > peak)
		peak = live;
	return malloc(size);
}

static void count_free(void *at)
{
	live -= at != NULL;
	free(at);
}

static void memory_does_not_grow_with_the_report(void **state)
{
	struct fixture *fixture = *state;
	size_t peaks[2];
	requests_left = SIZE_MAX;
	for (int big = 0; big < 2; big++) {
		for (uint32_t i = 0; i < (big ? 5000u : 50u); i++) {
			char url[64];
			snprintf(url, sizeof(url), "https://%u.example/", i);
			sample_answer(&fixture->sample, url, i + 1, REASON_OK, 200);
			sample_mention(&fixture->sample, LINK_HTTP, "https://0.example/",
				"README.md", i + 1, 90);
		}
		live = peak = 0;
		json_set_alloc_funcs(count_malloc, count_free);
		sample_write(&fixture->sample.report, FORMAT_JSON, &fixture->out);
		json_set_alloc_funcs(malloc, free);
		assert_int_equal(live, 0);
		peaks[big] = peak;
	}
	assert_int_equal(peaks[0], peaks[1]);
}

/* Whichever allocation fails, the report fails, and nothing leaks. */
static void every_allocation_may_fail(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	int result = -1;
	size_t allowed = 0;
	for (; result != 0 && allowed < 100000; allowed++) {
		struct error error = { .text = "" };
		buffer_reset(&fixture->out);
		requests_left = allowed;
		live = 0;
		json_set_alloc_funcs(count_malloc, count_free);
		result = report_write(
			&fixture->sample.report, FORMAT_JSON, &fixture->out, &error);
		json_set_alloc_funcs(malloc, free);
		assert_int_equal(live, 0);
		assert_int_equal(error.text[0] != '\0', result != 0);
	}
	assert_int_equal(result, 0);
	assert_true(allowed > 100);
	parse(fixture);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void hosts_when_asked_for(void **state)
{
	struct fixture *fixture = *state;
	sample_fill(&fixture->sample);
	assert_null(json_object_get(check(fixture), "host_stats"));
	sample_hosts(&fixture->sample);
	json_t *hosts = json_object_get(check(fixture), "host_stats");
	assert_int_equal(json_array_size(hosts), 2);
	json_t *busy = json_array_get(hosts, 0);
	check_keys(busy,
		"host requests links robots siblings questions sources redirects "
		"retries answers refused at_most closest_ms answer_ms "
		"answer_max_ms ");
	check_text(busy, "host", "busy.example");
	check_number(busy, "requests", 12);
	check_number(busy, "siblings", 2);
	check_number(busy, "closest_ms", 250);
	check_number(json_object_get(busy, "answers"), "2xx", 8);
	check_number(json_object_get(busy, "answers"), "none", 1);
	json_t *other = json_array_get(hosts, 1);
	check_null(other, "closest_ms");
	check_null(other, "answer_ms");
}

static void a_history_adds_its_keys(void **state)
{
	struct fixture *fixture = *state;
	const struct link_record records[] = {
		{ .state = STATE_GATED,
			.checks = 2,
			.since = fixture->sample.report.started_at,
			.strike_halves = 3,
			.confirmed = STATE_MOVED },
		{ .state = STATE_UNCHECKED },
	};
	struct link *known = sample_answer(
		&fixture->sample, "https://a.example/", 1, REASON_FORBIDDEN, 403);
	known->result.state = STATE_GATED;
	/* Known from before, and not reached by a run that was cut short. */
	struct link *missed = sample_mention(
		&fixture->sample, LINK_HTTP, "https://b.example/", "README.md", 3, 1);
	missed->result.state = STATE_DEAD;
	fixture->sample.report.records = records;
	json_t *links = json_object_get(check(fixture), "links");
	json_t *first = json_array_get(links, 0), *second = json_array_get(links, 1);
	assert_string_equal(json_string_value(json_object_get(first, "state")), "gated");
	assert_string_equal(
		json_string_value(json_object_get(first, "confirmed_state")), "moved");
	assert_string_equal(json_string_value(json_object_get(first, "since")),
		"2026-11-23T03:30:00Z");
	assert_true(json_real_value(json_object_get(first, "strikes")) == 1.5);
	assert_int_equal(json_integer_value(json_object_get(first, "checks")), 2);
	assert_true(json_is_null(json_object_get(second, "since")));
	assert_true(json_is_null(json_object_get(second, "outcome")));
	assert_string_equal(json_string_value(json_object_get(second, "state")), "dead");
	fixture->sample.report.records = NULL;
	first = json_array_get(json_object_get(check(fixture), "links"), 0);
	assert_null(json_object_get(first, "strikes"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(hosts_when_asked_for),
		TEST(the_head),
		TEST(every_key_of_every_link),
		TEST(an_answer),
		TEST(no_answer),
		TEST(nothing_asked),
		TEST(partial_run),
		TEST(a_history_adds_its_keys),
		TEST(order_of_first_occurrence),
		TEST(hostile_text_survives),
		TEST(no_links),
		TEST(what_extract_prints),
		TEST(memory_does_not_grow_with_the_report),
		TEST(every_allocation_may_fail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
