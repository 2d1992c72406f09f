#include "unit/digest/standings.h"

static struct standings all;
static struct buffer out;

static int set_up(void **state)
{
	(void)state;
	standings_fill(&all);
	buffer_init(&out, 64u << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buffer_fini(&out);
	return 0;
}

static void text_lists_what_to_act_on(void **state)
{
	(void)state;
	struct status_head head = standings_head();
	const struct slice lines[] = { SLICE("Two links wait in the queue.") };
	head.lines = lines;
	head.line_count = 1;
	const char *text = standings_status(&all, &head, FORMAT_TEXT, &out);
	static const char *const parts[] = {
		"7 links in 2 lists: 1 alive, 1 dead, 1 moved, 1 suspect, 1 gated, 1 not "
		"checked yet, 1 not monitored; checked within the last 7 d: all but 1.\n",
		"The daemon has been running since 2026-11-24T02:00:00Z (2 d ago).\n",
		"Two links wait in the queue.\n",
		"\nDead (1):\n",
		"  [404] https://gone.example/x (README.md:9, README.md:20, README.md:21 "
		"and 2 more)\n",
		"dead since 2026-11-22T22:00:00Z (3 d 4 h ago): Not found. "
		"Last good: 2026-11-06T02:00:00Z (20 d ago).\n",
		"3 strikes from 2026-11-15T02:00:00Z to 2026-11-23T02:00:00Z (8 d), the "
		"last by a second method.\n",
		"in the lists awesome, papers\n",
		"\nMoved (1):\n",
		"[MOVED] https://old.example/paper (README.md:5)\n",
		"Moved for good (301).\n",
		"use https://new.example/paper\n",
		"\nSuspect (1):\n",
		"[TIMEOUT] https://slow.example/ (README.md:10)\n",
		"No answer in time. Last good: never.\n",
		"half a strike on 2026-11-25T02:00:00Z.\n",
		NULL,
	};
	standings_assert_order(text, parts);
	assert_null(strstr(text, "fine.example"));
	assert_null(strstr(text, "wall.example"));
	assert_null(strchr(text, '\x1b'));
}

static void a_filter_lists_what_it_names(void **state)
{
	(void)state;
	struct status_head head = standings_head();
	head.filter = STATUS_STATE(STATE_GATED) | STATUS_STATE(STATE_ALIVE);
	const char *text = standings_status(&all, &head, FORMAT_TEXT, &out);
	static const char *const parts[] = {
		"Gated (1):\n",
		"Last known to be alive: 2026-10-27T02:00:00Z (30 d ago).\n",
		"Alive (1):\n",
		"[200] https://fine.example/",
		"note: the title differs: the page says \"Another Paper\", the list says "
		"\"A Survey of Everything\"\n",
		NULL,
	};
	standings_assert_order(text, parts);
	assert_null(strstr(text, "gone.example"));
	assert_int_equal(status_states(FORMAT_JSON, 0), STATUS_ALL_STATES);
	assert_int_equal(
		status_states(FORMAT_JSON, STATUS_STATE(STATE_DEAD)), 1u << STATE_DEAD);
}

static void markdown_is_the_same(void **state)
{
	(void)state;
	struct status_head head = standings_head();
	const char *text = standings_status(&all, &head, FORMAT_MARKDOWN, &out);
	static const char *const parts[] = {
		"## Link status\n\n7 links",
		"\n\n### Dead (1)\n\n- **404** <https://gone.example/x> (`README.md:9`, ",
		"\n  - dead since ",
		"\n\n### Moved (1)\n\n",
		"\n  - use <https://new.example/paper>\n",
		NULL,
	};
	standings_assert_order(text, parts);
}

/* Whoever reads the links of `check` can read those of `status`. */
static void json_has_the_keys_of_check(void **state)
{
	(void)state;
	struct status_head head = standings_head();
	struct sample sample;
	sample_begin(&sample);
	sample_fill(&sample);
	json_t *check = standings_json(sample_write(&sample.report, FORMAT_JSON, &out));
	sample_end(&sample);
	json_t *status = standings_json(standings_status(&all, &head, FORMAT_JSON, &out));
	const char *key;
	json_t *value;
	json_object_foreach(check, key, value)
		assert_non_null(json_object_get(status, key));
	json_object_foreach(json_object_get(check, "summary"), key, value)
		assert_non_null(json_object_get(json_object_get(status, "summary"), key));
	json_t *links = json_object_get(status, "links");
	json_t *first = json_array_get(json_object_get(check, "links"), 0);
	assert_int_equal(json_array_size(links), 7);
	for (size_t i = 0; i < 7; i++)
		json_object_foreach(first, key, value)
			assert_non_null(json_object_get(json_array_get(links, i), key));
	json_decref(check);
	json_decref(status);
}

static void json_values(void **state)
{
	(void)state;
	struct status_head head = standings_head();
	json_t *root = standings_json(standings_status(&all, &head, FORMAT_JSON, &out));
	int schema, links, occurrences, broken, unchecked, dead, status;
	const char *started, *finished, *url, *word, *reason, *since, *next, *source;
	assert_int_equal(
		json_unpack(root, "{s:i, s:s, s:s, s:{s:i, s:i, s:i, s:i, s:{s:i}}}",
			"schema", &schema, "started_at", &started, "finished_at",
			&finished, "summary", "links", &links, "occurrences",
			&occurrences, "broken", &broken, "unchecked", &unchecked,
			"states", "dead", &dead),
		0);
	assert_int_equal(schema, 1);
	assert_string_equal(started, "2026-11-24T02:00:00Z");
	assert_string_equal(finished, "2026-11-26T02:00:00Z");
	assert_int_equal(links, 7);
	assert_int_equal(occurrences, 11);
	assert_int_equal(broken, 1);
	assert_int_equal(unchecked, 1);
	assert_int_equal(dead, 1);
	json_t *link = json_array_get(json_object_get(root, "links"), 0);
	json_t *strikes, *method, *lists;
	assert_int_equal(
		json_unpack(link,
			"{s:s, s:s, s:s, s:i, s:s, s:s, s:o, s:o, s:o, s:[{s:s}]}", "url",
			&url, "state", &word, "reason", &reason, "http_status", &status,
			"since", &since, "next_check_at", &next, "strikes", &strikes,
			"method", &method, "lists", &lists, "occurrences", "source",
			&source),
		0);
	assert_string_equal(url, "https://gone.example/x");
	assert_string_equal(word, "dead");
	assert_string_equal(reason, "http_404");
	assert_int_equal(status, 404);
	assert_string_equal(since, "2026-11-22T22:00:00Z");
	assert_string_equal(next, "2026-12-02T02:00:00Z");
	assert_int_equal(json_integer_value(strikes), 3);
	assert_true(json_is_null(method));
	assert_int_equal(json_array_size(lists), 2);
	assert_string_equal(source, "README.md");
	link = json_array_get(json_object_get(root, "links"), 2);
	assert_true(json_real_value(json_object_get(link, "strikes")) > 0.4);
	json_decref(root);
}

/* Where not all of the time between two strikes counts, it is said how much does. */
static void strikes_have_their_own_dates(void **state)
{
	(void)state;
	struct status_head head = standings_head();
	all.dead.record.strikes_since = days_ago(17);
	standings_assert_has(standings_status(&all, &head, FORMAT_TEXT, &out),
		"3 strikes from 2026-11-09T02:00:00Z to 2026-11-23T02:00:00Z (14 d, of "
		"which 8 d count), the last by a second method.");
	json_t *root = standings_json(standings_status(&all, &head, FORMAT_JSON, &out));
	json_t *link = json_array_get(json_object_get(root, "links"), 0);
	assert_string_equal(json_string_value(json_object_get(link, "first_strike_at")),
		"2026-11-09T02:00:00Z");
	json_decref(root);
}

static const char *write_rows(const struct status_head *head, enum format format,
	const struct standing *standing, uint32_t rows)
{
	struct status_writer writer;
	buffer_reset(&out);
	status_begin(&writer, head, format, &out);
	for (uint32_t i = 0; i < rows; i++)
		if (!status_row(&writer, standing))
			break;
	assert_int_equal(status_end(&writer, NULL), 0);
	return buffer_string(&out);
}

static void nothing_and_one(void **state)
{
	(void)state;
	struct status_head head = { .generator = "linkrotd 0.1.0", .now = STANDINGS_NOW };
	const char *text = write_rows(&head, FORMAT_TEXT, NULL, 0);
	assert_string_equal(text,
		"No links in 0 lists.\n"
		"No daemon is running: this is what the database remembers.\n");
	json_t *root = standings_json(write_rows(&head, FORMAT_JSON, NULL, 0));
	assert_int_equal(json_array_size(json_object_get(root, "links")), 0);
	assert_true(json_is_null(json_object_get(root, "started_at")));
	json_decref(root);
	head.counts.by_state[STATE_ALIVE] = 1;
	head.counts.lists = 1;
	head.counts.lately_ms = TIME_MS_PER_DAY;
	head.counts.checked_lately = 1;
	text = write_rows(&head, FORMAT_TEXT, NULL, 0);
	standings_assert_has(text,
		"Nothing to do. 1 link in 1 list: 1 alive; checked within the "
		"last 1 d: all.\n");
	head.counts.checked_lately = 0;
	text = write_rows(&head, FORMAT_TEXT, NULL, 0);
	standings_assert_has(text, "the last 1 d: none.\n");
	/* What was never looked at is not well. */
	head.counts.by_state[STATE_UNCHECKED] = 1;
	assert_null(strstr(write_rows(&head, FORMAT_TEXT, NULL, 0), "Nothing to do"));
}

static void rows_beyond_the_limit_are_counted(void **state)
{
	(void)state;
	struct status_head head = standings_head();
	head.counts.by_state[STATE_DEAD] = 50;
	head.rows_max = 3;
	const char *text = write_rows(&head, FORMAT_TEXT, &all.dead, 50);
	size_t rows = 0;
	for (const char *at = text; (at = strstr(at, "[404]")) != NULL; at++)
		rows++;
	assert_int_equal(rows, 3);
	standings_assert_has(text, "Dead (50):\n");
	standings_assert_has(text, "  and 47 more\n");
	json_t *root = standings_json(write_rows(&head, FORMAT_JSON, &all.dead, 50));
	assert_int_equal(json_array_size(json_object_get(root, "links")), 50);
	json_decref(root);
}

/* The buffer is emptied after each row, and never grows beyond the longest. */
static void many_links_take_no_memory(void **state)
{
	(void)state;
	struct status_head head = standings_head();
	struct status_writer writer;
	uint64_t bytes = 0;
	status_begin(&writer, &head, FORMAT_JSON, &out);
	for (int i = 0; i < 100000; i++) {
		assert_true(status_row(&writer, &all.alive));
		bytes += out.len;
		buffer_reset(&out);
	}
	assert_int_equal(status_end(&writer, NULL), 0);
	assert_true(bytes > 100000 * 500u);
	assert_true(out.room < 8192);
	assert_non_null(strstr(buffer_string(&out), "\"links\": 100000,"));
}

static void a_row_that_does_not_fit_is_an_error(void **state)
{
	(void)state;
	for (int format = FORMAT_TEXT; format <= FORMAT_MARKDOWN; format++) {
		struct status_head head = standings_head();
		struct status_writer writer;
		struct buffer small;
		struct error error = { "" };
		buffer_init(&small, 700);
		status_begin(&writer, &head, (enum format)format, &small);
		while (status_row(&writer, &all.dead)) {
		}
		/* Emptied too late: what was lost stays lost. */
		buffer_reset(&small);
		assert_false(status_row(&writer, &all.dead));
		assert_int_equal(status_end(&writer, &error), -1);
		standings_assert_has(error.text, "the status does not fit");
		buffer_fini(&small);
	}
}

static void colour_only_in_text(void **state)
{
	(void)state;
	struct status_head head = standings_head();
	head.colour = true;
	standings_assert_has(standings_status(&all, &head, FORMAT_TEXT, &out),
		"\x1b[31m[404]\x1b[0m https://gone.example/x");
	assert_null(strchr(standings_status(&all, &head, FORMAT_MARKDOWN, &out), '\x1b'));
	assert_null(strchr(standings_status(&all, &head, FORMAT_JSON, &out), '\x1b'));
}

/* What led to a state is told, not what a later check could not tell. */
static void results_from_records(void **state)
{
	(void)state;
	static const struct {
		enum state state;
		enum reason remembered, checked, shown;
	} cases[] = {
		{ STATE_DEAD, REASON_HTTP_404, REASON_FORBIDDEN, REASON_HTTP_404 },
		{ STATE_SUSPECT, REASON_TIMEOUT, REASON_ROBOTS_DISALLOWED,
			REASON_TIMEOUT },
		{ STATE_GATED, REASON_OK, REASON_FORBIDDEN, REASON_FORBIDDEN },
		{ STATE_ALIVE, REASON_OK, REASON_REDIRECT_TEMPORARY,
			REASON_REDIRECT_TEMPORARY },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct standing standing = { .record = { .state = cases[i].state,
						     .reason = cases[i].remembered,
						     .checks = 1 } };
		standing.record.span = (struct span){ .checks = 1,
			.reason = cases[i].checked,
			.outcome = reason_outcome(cases[i].checked) };
		standing_set_result(&standing);
		assert_int_equal(standing.link.result.verdict.reason, cases[i].shown);
		assert_int_equal(standing.link.result.verdict.outcome,
			reason_outcome(cases[i].shown));
		assert_int_equal(standing.link.result.state, cases[i].state);
	}
	/* A permanent redirect that is not worth a rewrite is ok. */
	struct standing standing = { .record = { .state = STATE_ALIVE, .checks = 1 } };
	standing.record.span = (struct span){
		.checks = 1, .reason = REASON_REDIRECT_PERMANENT, .outcome = OUTCOME_OK
	};
	standing_set_result(&standing);
	assert_int_equal(standing.link.result.verdict.outcome, OUTCOME_OK);
}

static void order_has_every_state(void **state)
{
	(void)state;
	uint32_t seen = 0;
	for (size_t i = 0; i < STANDING_STATE_COUNT; i++)
		seen |= STATUS_STATE(status_order[i]);
	assert_int_equal(seen, STATUS_ALL_STATES);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(order_has_every_state),
		TEST(text_lists_what_to_act_on),
		TEST(a_filter_lists_what_it_names),
		TEST(markdown_is_the_same),
		TEST(json_has_the_keys_of_check),
		TEST(json_values),
		TEST(strikes_have_their_own_dates),
		TEST(nothing_and_one),
		TEST(rows_beyond_the_limit_are_counted),
		TEST(many_links_take_no_memory),
		TEST(a_row_that_does_not_fit_is_an_error),
		TEST(colour_only_in_text),
		TEST(results_from_records),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
