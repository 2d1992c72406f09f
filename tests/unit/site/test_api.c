#include <jansson.h>
#include <time.h>

#include "base/utf8.h"
#include "site/api.h"
#include "unit/site/outside.h"

#define NOW (time_of_civil(2026, 11, 26, 2, 0, 0))

static const struct api_head head = { .generator = "linkrotd 0.1.0" };

static struct api_head head_now(struct slice next)
{
	struct api_head now = head;
	now.now = NOW;
	now.next = next;
	return now;
}

/* What was written, as a value; the envelope is looked at. */
static json_t *read_back(const struct buffer *out)
{
	json_error_t error;
	json_t *json = json_loadb(out->at, out->len, JSON_REJECT_DUPLICATES, &error);

	if (json == NULL)
		fail_msg("%s at %d: %.*s", error.text, error.position, (int)out->len,
			out->at);
	assert_int_equal(out->at[out->len - 1], '\n');
	return json;
}

static json_t *read_answer(const struct buffer *out)
{
	json_t *json = read_back(out);
	assert_int_equal(json_integer_value(json_object_get(json, "schema")), 1);
	assert_string_equal(
		json_string_value(json_object_get(json, "generator")), "linkrotd 0.1.0");
	assert_string_equal(
		json_string_value(json_object_get(json, "at")), "2026-11-26T02:00:00Z");
	assert_non_null(json_object_get(json, "next"));
	return json;
}

static const char *text_of(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	assert_true(json_is_string(value));
	return json_string_value(value);
}

static json_int_t number_of(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	assert_true(json_is_integer(value));
	return json_integer_value(value);
}

static void assert_json_null(json_t *object, const char *key)
{
	assert_true(json_is_null(json_object_get(object, key)));
}

/* --- questions --------------------------------------------------------------------- */

static void cursors_come_back(void **state)
{
	(void)state;
	static const struct api_cursor cursors[] = { { 1, 0 }, { INT64_MAX, INT64_MAX },
		{ 4711, -5 }, { 0x2026, 11 } };
	char text[API_CURSOR_SIZE];

	for (size_t i = 0; i < sizeof(cursors) / sizeof(cursors[0]); i++) {
		struct api_cursor back;
		api_cursor_format(&cursors[i], 0xdeadbeef, text);
		assert_true(api_cursor_parse(slice_of(text), 0xdeadbeef, &back));
		assert_int_equal(back.id, cursors[i].id);
		assert_int_equal(back.key, cursors[i].key);
		assert_false(api_cursor_parse(slice_of(text), 0xdeadbeee, &back));
		for (size_t cut = 0; text[cut] != '\0'; cut++) {
			struct slice part = slice_sub(slice_of(text), 0, cut);
			assert_false(api_cursor_parse(part, 0xdeadbeef, &back));
		}
	}
	struct api_cursor back;
	static const char *const wrong[] = { "", "c", "c1", "c1-2", "c1-2-", "c0-0-0",
		"c1-0-0-0", "1-0-0", "cg-0-0", "c-1-0-0", "c1-0-00000000f",
		"c8000000000000000-0-0", "c11111111111111111-0-0", "c1 -0-0", "c1-0-0 " };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(api_cursor_parse(slice_of(wrong[i]), 0, &back));
}

static void reads_questions(void **state)
{
	(void)state;
	struct api_question question;
	struct api_arguments nothing = { 0 }, all = { .list = SLICE("papers"),
		.state = SLICE("dead,suspect,dead"),
		.needle = SLICE("arxiv"),
		.limit = SLICE("7") };
	char text[API_CURSOR_SIZE];

	assert_int_equal(api_question_parse(&nothing, &question, NULL), 0);
	assert_int_equal(question.states, 0);
	assert_int_equal(question.limit, API_LIMIT_DEFAULT);
	nothing.state = SLICE(""); /* a form without a choice */
	assert_int_equal(api_question_parse(&nothing, &question, NULL), 0);
	assert_int_equal(question.states, 0);
	assert_int_equal(question.after.id, 0);
	assert_int_not_equal(question.hash, 0);
	assert_int_equal(api_question_parse(&all, &question, NULL), 0);
	assert_int_equal(question.states, 1u << STATE_DEAD | 1u << STATE_SUSPECT);
	assert_int_equal(question.limit, 7);
	assert_slice(question.list, "papers");
	assert_slice(question.needle, "arxiv");

	/* The next page has another limit, or another spelling of the same. */
	api_cursor_format(&(struct api_cursor){ 99, 0 }, question.hash, text);
	all.after = slice_of(text);
	all.state = SLICE("suspect,dead");
	all.limit = SLICE("100000");
	assert_int_equal(api_question_parse(&all, &question, NULL), 0);
	assert_int_equal(question.after.id, 99);
	assert_int_equal(question.limit, API_LIMIT_MAX);
}

static void refuses_wrong_questions(void **state)
{
	(void)state;
	static char needle[API_NEEDLE_BYTES + 1];
	memset(needle, 'x', sizeof(needle));
	struct api_question question;
	struct error error;
	char text[API_CURSOR_SIZE];
	struct api_arguments papers = { .list = SLICE("papers") };
	assert_int_equal(api_question_parse(&papers, &question, NULL), 0);
	api_cursor_format(&(struct api_cursor){ 99, 0 }, question.hash, text);
	struct slice after = slice_of(text);
	const struct {
		struct api_arguments arguments;
		const char *word;
	} cases[] = {
		{ { .state = SLICE("dead,") }, "state" },
		{ { .state = SLICE("Dead") }, "state" },
		{ { .state = SLICE("dead suspect") }, "state" },
		{ { .limit = SLICE("0") }, "limit" },
		{ { .limit = SLICE("-1") }, "limit" },
		{ { .limit = SLICE("ten") }, "limit" },
		{ { .limit = SLICE("99999999999999999999") }, "limit" },
		{ { .needle = { needle, sizeof(needle) } }, "q" },
		{ { .after = SLICE("99") }, "after" },
		{ { .after = after }, "after" },
		{ { .list = SLICE("other"), .after = after }, "after" },
		{ { .list = SLICE("papers"), .state = SLICE("dead"), .after = after },
			"after" },
		{ { .list = SLICE("papers"), .needle = SLICE("x"), .after = after },
			"after" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		error.text[0] = '\0';
		assert_int_equal(
			api_question_parse(&cases[i].arguments, &question, &error), -1);
		assert_true(slice_starts(slice_of(error.text), slice_of(cases[i].word)));
	}
	papers.after = after;
	assert_int_equal(api_question_parse(&papers, &question, &error), 0);
}

static void reads_since(void **state)
{
	(void)state;
	struct api_since since;
	char text[API_CURSOR_SIZE];

	assert_int_equal(api_since_parse(SLICE(""), &since, NULL), 0);
	assert_true(since.event_id == 0 && since.at == 0);
	assert_int_equal(api_since_parse(SLICE("2026-11-26"), &since, NULL), 0);
	assert_int_equal(since.at, time_of_civil(2026, 11, 26, 0, 0, 0));
	assert_int_equal(api_since_parse(SLICE("2026-11-26T02:00:00Z"), &since, NULL), 0);
	assert_int_equal(since.at, NOW);
	/* As "+02:00" is decoded. */
	assert_int_equal(
		api_since_parse(SLICE("2026-11-26T04:00:00.0 02:00"), &since, NULL), 0);
	assert_int_equal(since.at, NOW);
	api_cursor_format(&(struct api_cursor){ 42, 0 }, 0, text);
	assert_int_equal(api_since_parse(slice_of(text), &since, NULL), 0);
	assert_true(since.event_id == 42 && since.at == 0);
	assert_int_equal(api_since_parse(SLICE("yesterday"), &since, NULL), -1);
}

/* --- answers ----------------------------------------------------------------------- */

/* A dead link in which everything foreign is `word`. */
struct sample {
	struct slice words[2];
	struct occurrence place;
	struct redirect hop;
	struct standing standing;
	struct check_facts checks[2];
	struct span spans[2];
	struct event events[2];
};

static void sample_make(struct sample *sample, struct slice word)
{
	*sample = (struct sample){ .words = { word, word } };
	sample->place = (struct occurrence){
		.source = word, .line = 9, .column = 3, .text = word, .context = word
	};
	sample->hop = (struct redirect){ 301, word };
	struct standing *standing = &sample->standing;
	standing->link_id = 17;
	standing->link = (struct link){ .kind = LINK_HTTP,
		.url = word,
		.expected_title = word,
		.first = &sample->place,
		.last = &sample->place,
		.occurrence_count = 1 };
	standing->lists = sample->words;
	standing->list_count = 2;
	standing->record = (struct link_record){ .state = STATE_DEAD,
		.confirmed = STATE_DEAD,
		.since = NOW - TIME_MS_PER_DAY,
		.reason = REASON_HTTP_404,
		.http_status = 404,
		.last_checked_at = NOW - TIME_MS_PER_HOUR,
		.strike_halves = 6,
		.recent = 0x4, /* good, then bad twice */
		.recent_count = 4,
		.checks = 4,
		.span = { NOW - 9 * TIME_MS_PER_DAY, NOW - TIME_MS_PER_HOUR, 3,
			OUTCOME_BROKEN, REASON_HTTP_404, 404, 30, 90, 150 } };
	standing_set_result(standing);
	struct check_result *result = &standing->link.result;
	result->title = result->final_url = word;
	result->verdict.error = word;
	result->verdict.suggestion = (struct suggestion){ word, word };
	result->redirects = &sample->hop;
	result->redirect_count = 1;
	for (int i = 0; i < 2; i++) {
		time_ms at = NOW - (2 - i) * TIME_MS_PER_DAY;
		sample->checks[i] = (struct check_facts){ .at = at,
			.outcome = OUTCOME_BROKEN,
			.reason = REASON_HTTP_404,
			.http_status = 404,
			.elapsed_ms = 41 };
		sample->spans[i] =
			(struct span){ at - 9 * TIME_MS_PER_DAY, at - 9 * TIME_MS_PER_DAY,
				1, OUTCOME_OK, REASON_OK, 200, 41, 41, 41 };
		sample->events[i] = (struct event){ .kind = EVENT_STATE,
			.at = at,
			.link_id = 17,
			.from = STATE_SUSPECT,
			.to = STATE_DEAD,
			.reason = REASON_HTTP_404,
			.text = word };
	}
}

static void tells_lists(void **state)
{
	(void)state;
	struct buffer out;
	struct api_head now = head_now((struct slice){ 0 });
	struct api_list lists[2] = {
		{ .name = SLICE("papers"),
			.title = SLICE("Papers"),
			.counts = { .by_state = { [STATE_ALIVE] = 7,
					    [STATE_DEAD] = 2,
					    [STATE_SKIPPED] = 1 },
				.sources = 2 },
			.interval_ms = 7 * TIME_MS_PER_DAY,
			.measured_at = NOW },
		{ .name = SLICE("new"), .stale = true },
	};

	buffer_init(&out, 65536);
	assert_int_equal(api_write_lists(&now, lists, 2, &out), 0);
	json_t *json = read_answer(&out);
	assert_json_null(json, "next");
	json_t *rows = json_object_get(json, "lists");
	assert_int_equal(json_array_size(rows), 2);
	json_t *papers = json_array_get(rows, 0), *new = json_array_get(rows, 1);
	assert_string_equal(text_of(papers, "name"), "papers");
	assert_string_equal(text_of(papers, "title"), "Papers");
	assert_int_equal(number_of(papers, "links"), 10);
	assert_int_equal(number_of(papers, "sources"), 2);
	assert_int_equal(number_of(papers, "interval_s"), 604800);
	json_int_t sum = 0;
	const char *key;
	json_t *value;
	json_object_foreach(json_object_get(papers, "states"), key, value)
	{
		enum state known;
		assert_true(state_parse(slice_of(key), &known));
		sum += json_integer_value(value);
	}
	assert_int_equal(sum, 10);
	assert_json_null(new, "title");
	assert_json_null(new, "last_checked_at");
	assert_json_null(new, "interval_s");
	assert_true(json_is_true(json_object_get(new, "stale")));
	json_decref(json);

	uint64_t hash = api_hash(buffer_slice(&out));
	for (int later = 1; later >= 0; later--) {
		now.now = NOW + later * TIME_MS_PER_HOUR;
		lists[1].stale = later;
		buffer_reset(&out);
		assert_int_equal(api_write_lists(&now, lists, 2, &out), 0);
		assert_int_equal(api_hash(buffer_slice(&out)) == hash, later);
	}

	buffer_reset(&out);
	assert_int_equal(api_write_lists(&now, NULL, 0, &out), 0);
	json = read_answer(&out);
	assert_int_equal(json_array_size(json_object_get(json, "lists")), 0);
	json_decref(json);
	buffer_fini(&out);
}

static void tells_a_list(void **state)
{
	(void)state;
	struct buffer out;
	struct api_head now = head_now((struct slice){ 0 });
	struct api_list list = { .name = SLICE("papers") };
	struct api_source sources[2] = {
		{ .name = SLICE("/srv/README.md"), .read_at = NOW, .occurrences = 3 },
		{ .name = SLICE("https://u:p@example.org/x.bib"),
			.failed_since = NOW,
			.failure = SLICE("https://u:p@example.org/x.bib: gone") },
	};
	struct api_day days[2] = { { .at = time_of_civil(2026, 11, 25, 0, 0, 0),
					   .by_state = { [STATE_DEAD] = 1 },
					   .checks = 12 },
		{ .at = time_of_civil(2026, 11, 26, 0, 0, 0) } };

	buffer_init(&out, 65536);
	assert_int_equal(api_write_list(&now, &list, sources, 2, days, 2, &out), 0);
	assert_int_equal(slice_find(buffer_slice(&out), SLICE("u:p@")), SLICE_NONE);
	json_t *json = read_answer(&out);
	json_t *source = json_array_get(json_object_get(json, "sources"), 1);
	assert_string_equal(text_of(source, "source"), "https://example.org/x.bib");
	assert_json_null(source, "read_at");
	assert_non_null(text_of(source, "error"));
	json_t *day = json_array_get(json_object_get(json, "days"), 0);
	assert_string_equal(text_of(day, "day"), "2026-11-25");
	assert_int_equal(number_of(day, "checks"), 12);
	assert_int_equal(number_of(json_object_get(day, "states"), "dead"), 1);
	json_decref(json);
	buffer_fini(&out);
}

static void tells_links(void **state)
{
	(void)state;
	struct buffer out;
	struct sample sample;
	struct api_question question = {
		.states = 1u << STATE_DEAD, .needle = SLICE("x"), .limit = 2
	};
	struct api_links links = { .question = &question, .total = -1 };
	struct api_head now = head_now(SLICE("c11-0-1"));

	sample_make(&sample, SLICE("https://gone.example/x"));
	const struct standing *rows[2] = { &sample.standing, &sample.standing };
	buffer_init(&out, 65536);
	assert_int_equal(api_write_links(&now, &links, rows, 2, &out), 0);
	json_t *json = read_answer(&out);
	assert_string_equal(text_of(json, "next"), "c11-0-1");
	assert_true(json_is_false(json_object_get(json, "complete")));
	assert_json_null(json, "total");
	json_t *asked = json_object_get(json, "question");
	assert_string_equal(text_of(asked, "q"), "x");
	assert_json_null(asked, "list");
	assert_int_equal(json_array_size(json_object_get(asked, "states")), 1);
	json_t *array = json_object_get(json, "links");
	assert_int_equal(json_array_size(array), 2);
	json_t *link = json_array_get(array, 1);
	/* The keys of interfaces, section 3, and what status adds. */
	static const char *const keys[] = { "url", "outcome", "state", "reason", "notes",
		"http_status", "method", "final_url", "redirects", "title",
		"expected_title", "error", "elapsed_ms", "timing_ms",
		"certificate_expires_at", "suggestion", "checked_at", "occurrences",
		"link_id", "lists", "since", "strikes", "next_check_at", "recent" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (json_object_get(link, keys[i]) == NULL)
			fail_msg("a link has no key %s", keys[i]);
	assert_string_equal(text_of(link, "recent"), "x.xx");
	assert_string_equal(text_of(link, "state"), "dead");
	json_decref(json);
	buffer_fini(&out);
}

static void tells_a_link(void **state)
{
	(void)state;
	struct buffer out;
	struct sample sample;
	struct slice reasons[] = { SLICE("Not found.\n\n3 strikes."), SLICE("Twice.") };

	sample_make(&sample, SLICE("https://gone.example/x"));
	struct api_link link = { .standing = &sample.standing,
		.known.checks = sample.checks,
		.known.check_count = 2,
		.known.spans = sample.spans,
		.known.span_count = 2,
		.known.events = sample.events,
		.known.event_count = 2,
		.known.reasons = reasons,
		.known.reason_count = 2 };
	struct api_head now = head_now((struct slice){ 0 });
	buffer_init(&out, 65536);
	assert_int_equal(api_write_link(&now, &link, &out), 0);
	json_t *json = read_answer(&out);
	assert_int_equal(json_array_size(json_object_get(json, "why")), 3);
	assert_int_equal(json_array_size(json_object_get(json, "outlook")), 0);
	json_t *checks = json_object_get(json, "checks"),
	       *spans = json_object_get(json, "history");
	assert_int_equal(json_array_size(checks), 2);
	assert_string_equal(
		text_of(json_array_get(checks, 0), "at"), "2026-11-25T02:00:00Z");
	assert_int_equal(json_array_size(spans), 3); /* with the open one */
	assert_string_equal(text_of(json_array_get(spans, 0), "reason"), "http_404");
	assert_string_equal(
		text_of(json_array_get(spans, 1), "first_at"), "2026-11-16T02:00:00Z");
	json_t *event = json_array_get(json_object_get(json, "events"), 0);
	assert_string_equal(text_of(event, "to_state"), "dead");
	assert_int_equal(number_of(json_object_get(json, "link"), "link_id"), 17);
	json_decref(json);
	buffer_fini(&out);
}

static void tells_events(void **state)
{
	(void)state;
	struct buffer out;
	struct sample sample;
	struct event offline = { .kind = EVENT_OFFLINE_BEGAN, .at = NOW };

	sample_make(&sample, SLICE("https://gone.example/x"));
	struct api_event events[2] = {
		{ .event_id = 5,
			.event = &sample.events[0],
			.url = SLICE("https://u:p@gone.example/x"),
			.lists = sample.words,
			.list_count = 1 },
		{ .event_id = 6, .event = &offline },
	};
	struct api_head now = head_now(SLICE("c6-0-0"));
	buffer_init(&out, 65536);
	assert_int_equal(api_write_events(&now, events, 2, true, &out), 0);
	json_t *json = read_answer(&out);
	json_t *rows = json_object_get(json, "events");
	assert_true(json_is_true(json_object_get(json, "complete")));
	json_t *first = json_array_get(rows, 0), *second = json_array_get(rows, 1);
	assert_int_equal(number_of(first, "event_id"), 5);
	assert_int_equal(number_of(first, "link_id"), 17);
	assert_string_equal(text_of(first, "url"), "https://gone.example/x");
	assert_string_equal(text_of(first, "kind"), "state");
	assert_string_equal(text_of(second, "kind"), "offline_began");
	assert_json_null(second, "link_id");
	assert_json_null(second, "url");
	assert_json_null(second, "from_state");
	json_decref(json);
	buffer_fini(&out);
}

/* A page must be ready in far less than 50 ms, loading included. */
static void is_quick(void **state)
{
	(void)state;
	enum { TIMES = 20 };
	static const struct standing *rows[API_LIMIT_MAX];
	struct timespec begin, end;
	struct buffer out;
	struct sample sample;
	struct api_question question = { .limit = API_LIMIT_MAX };
	struct api_links links = { .question = &question };
	struct api_head now = head_now((struct slice){ 0 });

	sample_make(&sample, SLICE("https://gone.example/x"));
	for (int i = 0; i < API_LIMIT_MAX; i++)
		rows[i] = &sample.standing;
	buffer_init(&out, 16 << 20);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (int i = 0; i < TIMES; i++) {
		buffer_reset(&out);
		assert_int_equal(api_write_links(&now, &links, rows, 100, &out), 0);
	}
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	double ms = ((double)(end.tv_sec - begin.tv_sec) * 1e9 +
			    (double)(end.tv_nsec - begin.tv_nsec)) /
		    1e6 / TIMES;
	printf("score: 100 links as JSON, %zu KB, take %.2f ms\n", out.len / 1000, ms);
	assert_true(ms < 50);
	buffer_reset(&out);
	assert_int_equal(api_write_links(&now, &links, rows, API_LIMIT_MAX, &out), 0);
	buffer_fini(&out);
}

/* --- hostile, and too little ------------------------------------------------------- */

static void survives_hostile_words(void **state)
{
	(void)state;
	static const struct slice words[] = { { "\"},{\"x\":\"", 10 }, { "\\", 1 },
		{ "nul\0inside", 10 }, { "\xff\xc0\x80\xed\xa0\x80", 6 },
		{ "\x01\x1f\x7f\n\r\t", 6 }, { "\xe2\x80\xae evil", 8 },
		{ "</script>", 9 }, { "https://u:p@h.example/", 22 } };
	struct buffer out;

	buffer_init(&out, 1 << 20);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct sample sample;
		sample_make(&sample, words[i]);
		struct api_head now = head_now(words[i]);
		struct api_list list = { .name = words[i], .title = words[i] };
		struct api_source source = { .name = words[i], .failure = words[i] };
		struct api_question question = {
			.list = words[i], .needle = words[i], .limit = 1
		};
		struct api_links links = { .question = &question };
		struct api_event event = { .event_id = 1,
			.event = &sample.events[0],
			.url = words[i],
			.lists = sample.words,
			.list_count = 2 };
		struct api_link link = { .standing = &sample.standing,
			.known.events = sample.events,
			.known.event_count = 2,
			.known.reasons = sample.words,
			.known.reason_count = 2,
			.known.nexts = sample.words,
			.known.next_count = 2 };
		const struct standing *rows[] = { &sample.standing };

		for (int answer = 0; answer < 6; answer++) {
			int status = -1;
			buffer_reset(&out);
			if (answer == 0)
				status = api_write_lists(&now, &list, 1, &out);
			else if (answer == 1)
				status = api_write_list(
					&now, &list, &source, 1, NULL, 0, &out);
			else if (answer == 2)
				status = api_write_links(&now, &links, rows, 1, &out);
			else if (answer == 3)
				status = api_write_link(&now, &link, &out);
			else if (answer == 4)
				status = api_write_events(&now, &event, 1, false, &out);
			else
				status = api_write_error(words[i], &out);
			assert_int_equal(status, 0);
			assert_true(utf8_valid(buffer_slice(&out)));
			json_t *json = json_loadb(out.at, out.len,
				JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
			assert_non_null(json);
			json_decref(json);
		}
	}
	buffer_fini(&out);
}

static void says_when_it_does_not_fit(void **state)
{
	(void)state;
	struct buffer out;
	struct sample sample;
	sample_make(&sample, SLICE("https://gone.example/x"));
	const struct standing *rows[] = { &sample.standing };
	struct api_question question = { .limit = 1 };
	struct api_links links = { .question = &question };
	struct api_head now = head_now((struct slice){ 0 });

	for (size_t room = 0; room < 600; room += 50) {
		buffer_init(&out, room);
		assert_int_equal(api_write_links(&now, &links, rows, 1, &out), -1);
		buffer_fini(&out);
	}
}

static void errors_are_objects(void **state)
{
	(void)state;
	static char text[2000];
	struct buffer out;

	buffer_init(&out, 65536);
	assert_int_equal(api_write_error(SLICE("There is no list 'x'."), &out), 0);
	assert_slice(buffer_slice(&out), "{\"error\": \"There is no list 'x'.\"}\n");
	memset(text, 'x', sizeof(text));
	buffer_reset(&out);
	assert_int_equal(api_write_error((struct slice){ text, sizeof(text) }, &out), 0);
	assert_true(out.len < API_ERROR_BYTES + 20);
	buffer_fini(&out);
}

/* --- health ------------------------------------------------------------------------ */

static void tells_what_stands_still(void **state)
{
	(void)state;
	struct buffer out;
	struct api_part parts[] = { { "loop", 100, 5000 }, { "writer", 5000, 5000 },
		{ "scheduler", 0, 5000 } };
	struct api_head now = head_now((struct slice){ 0 });

	buffer_init(&out, 65536);
	assert_true(api_is_healthy(parts, 3));
	assert_int_equal(api_write_health(&now, parts, 3, &out), 0);
	json_t *json = read_answer(&out);
	assert_string_equal(text_of(json, "status"), "ok");
	assert_int_equal(json_array_size(json_object_get(json, "reasons")), 0);
	json_decref(json);

	parts[1].still_ms = 61000;
	parts[2].still_ms = -1;
	assert_false(api_is_healthy(parts, 3));
	buffer_reset(&out);
	assert_int_equal(api_write_health(&now, parts, 3, &out), 0);
	json = read_answer(&out);
	assert_string_equal(text_of(json, "status"), "failing");
	json_t *reasons = json_object_get(json, "reasons");
	assert_int_equal(json_array_size(reasons), 2);
	assert_string_equal(json_string_value(json_array_get(reasons, 0)),
		"the writer has not moved for 1 min 1 s (limit 5.0 s)");
	assert_string_equal(json_string_value(json_array_get(reasons, 1)),
		"the scheduler has not moved yet");
	json_t *writer = json_array_get(json_object_get(json, "parts"), 1);
	assert_true(json_is_false(json_object_get(writer, "moving")));
	json_decref(json);
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cursors_come_back),
		cmocka_unit_test(reads_questions),
		cmocka_unit_test(refuses_wrong_questions),
		cmocka_unit_test(reads_since),
		cmocka_unit_test(tells_lists),
		cmocka_unit_test(tells_a_list),
		cmocka_unit_test(tells_links),
		cmocka_unit_test(tells_a_link),
		cmocka_unit_test(tells_events),
		cmocka_unit_test(is_quick),
		cmocka_unit_test(survives_hostile_words),
		cmocka_unit_test(says_when_it_does_not_fit),
		cmocka_unit_test(errors_are_objects),
		cmocka_unit_test(tells_what_stands_still),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
