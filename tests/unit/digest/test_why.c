#include "unit/digest/standings.h"

static struct standings all;
static struct buffer out;
static struct why why;

/* Three checks, three spans, three events; newest first. */
static struct check_facts checks[3];
static struct span spans[3];
static struct event events[3];

static int set_up(void **state)
{
	(void)state;
	standings_fill(&all);
	buffer_init(&out, 16u << 20);
	for (int i = 0; i < 3; i++) {
		checks[i] = (struct check_facts){ .at = days_ago(1 + i),
			.outcome = OUTCOME_BROKEN,
			.reason = REASON_HTTP_404,
			.http_status = 404,
			.elapsed_ms = 41 + i,
			.second_method = i == 0 };
		spans[i] = (struct span){ days_ago(20 + 10 * i), days_ago(15 + 10 * i), 5,
			OUTCOME_OK, REASON_OK, 200, 30, 90, 300 };
		events[i] = (struct event){ .kind = EVENT_STATE,
			.at = days_ago(3 + i),
			.from = STATE_SUSPECT,
			.to = STATE_DEAD,
			.reason = REASON_HTTP_404 };
	}
	events[2] = (struct event){ .kind = EVENT_INCIDENT_BEGAN,
		.at = days_ago(60),
		.incident_id = 4,
		.links = 12,
		.text = SLICE("gone.example is unreachable.") };
	why = (struct why){ .generator = "linkrotd 0.1.0",
		.now = STANDINGS_NOW,
		.standing = &all.dead,
		.known.checks = checks,
		.known.check_count = 3,
		.known.spans = spans,
		.known.span_count = 3,
		.known.span_total = 10,
		.known.events = events,
		.known.event_count = 3 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buffer_fini(&out);
	return 0;
}

static const char *write(enum format format)
{
	buffer_reset(&out);
	assert_int_equal(why_write(&why, format, &out, NULL), 0);
	return buffer_string(&out);
}

static void the_whole_chain(void **state)
{
	(void)state;
	static const char *const parts[] = {
		"https://gone.example/x is dead, since 2026-11-22T22:00:00Z (3 d 4 h "
		"ago): Not found.\n",
		"\nEvidence:\n",
		"20 checks in all, the last 2026-11-25T02:00:00Z (1 d ago), the last "
		"good one: 2026-11-06T02:00:00Z (20 d ago)\n",
		"oldest first, x is bad: .....xxx\n",
		"last confirmed to be dead: 2026-11-25T02:00:00Z (1 d ago)\n",
		"3 strikes from 2026-11-15T02:00:00Z to 2026-11-23T02:00:00Z (8 d), the "
		"last by a second method.\n",
		"\nWhat the last check found:\n  broken, http_404, status 404\n",
		"\nRecent checks:\n",
		"  2026-11-25T02:00:00Z (1 d ago): broken http_404 404, 41 ms, by a "
		"second method\n",
		"  2026-11-23T02:00:00Z (3 d ago): broken http_404 404, 43 ms\n",
		"\nHistory:\n",
		/* the open span */
		"  2026-11-17T02:00:00Z to 2026-11-25T02:00:00Z (8 d), 3 checks: broken "
		"http_404 404, 30 to 90 ms\n",
		"  2026-11-06T02:00:00Z to 2026-11-11T02:00:00Z (5 d), 5 checks: ok 200, "
		"30 to 90 ms\n",
		"  and 7 before\n",
		"\nEvents:\n",
		"  2026-11-23T02:00:00Z (3 d ago): from suspect to dead, http_404\n",
		"an incident began (12 links): gone.example is unreachable.\n",
		"\nWhere it is mentioned:\n",
		"  lists awesome, papers\n",
		"  README.md:9:3 Paper\n",
		"  docs/a.md:23:3 Paper\n",
		"\nWhat happens next:\n",
		"  the next check: 2026-12-02T02:00:00Z (in 6 d)\n",
		NULL,
	};
	standings_assert_order(write(FORMAT_TEXT), parts);
	assert_null(strchr(buffer_string(&out), '\x1b'));
}

/* What the store walks from its beginning reads the same. */
static void order_of_time_either_way(void **state)
{
	(void)state;
	char *expected[3];
	for (int format = FORMAT_TEXT; format <= FORMAT_MARKDOWN; format++)
		expected[format] = strdup(write((enum format)format));
	struct check_facts check = checks[0];
	struct span span = spans[0];
	struct event event = events[0];
	checks[0] = checks[2];
	checks[2] = check;
	spans[0] = spans[2];
	spans[2] = span;
	events[0] = events[2];
	events[2] = event;
	for (int format = FORMAT_TEXT; format <= FORMAT_MARKDOWN; format++) {
		assert_string_equal(write((enum format)format), expected[format]);
		free(expected[format]);
	}
}

static void a_redirect_and_a_title(void **state)
{
	(void)state;
	struct certificate certificate = { .seen = true,
		.expires_at = days_ago(-90),
		.chain_expires_at = days_ago(-30) };
	all.moved.link.result.certificate = certificate;
	all.moved.link.result.title = SLICE("Another Paper");
	all.moved.link.expected_title = SLICE("A Survey");
	why = (struct why){
		.generator = "x", .now = STANDINGS_NOW, .standing = &all.moved
	};
	static const char *const parts[] = {
		"https://old.example/paper is moved, since ",
		"redirects (301) to https://new.example/paper\n",
		"the same permanent target was seen 3 times, first "
		"2026-11-11T02:00:00Z (15 d ago)\n",
		"reached at: https://new.example/paper\n",
		"its title: Another Paper\n",
		"the title that the list expects: A Survey\n",
		"the certificate ends: 2027-02-24T02:00:00Z (in 90 d), one of its chain "
		"before: 2026-12-26T02:00:00Z (in 30 d)\n",
		"to be used instead: https://new.example/paper: Moved for good (301).\n",
		NULL,
	};
	standings_assert_order(write(FORMAT_TEXT), parts);
	assert_null(strstr(buffer_string(&out), "Recent checks"));
	assert_null(strstr(buffer_string(&out), "Events"));
}

static void nobody_has_checked_it(void **state)
{
	(void)state;
	why = (struct why){
		.generator = "x", .now = STANDINGS_NOW, .standing = &all.unchecked
	};
	assert_string_equal(write(FORMAT_TEXT),
		"https://new.example/ is not checked yet.\n"
		"\nEvidence:\n"
		"  0 checks in all, the last good one: never\n"
		"\nWhere it is mentioned:\n"
		"  README.md:12:3 Paper\n"
		"\nWhat happens next:\n"
		"  the next check: 2026-11-27T02:00:00Z (in 1 d)\n");
	all.unchecked.record.due_at = 0;
	standings_assert_has(write(FORMAT_TEXT), "no check is planned\n");
	all.unchecked.record.due_at = days_ago(1);
	standings_assert_has(write(FORMAT_TEXT),
		"the next check: 2026-11-25T02:00:00Z (1 d ago), so it is due\n");
	all.unchecked.link.first = NULL;
	all.unchecked.link.occurrence_count = 0;
	standings_assert_has(write(FORMAT_TEXT), "in no list any more");
}

/* Of one that a daemon has given a time, which no database knows. */
static void its_first_check_is_waited_for(void **state)
{
	(void)state;
	const struct slice next = SLICE("It waits.");
	why = (struct why){ .standing = &all.unchecked,
		.known = { .nexts = &next, .next_count = 1, .first_waits = true } };
	all.unchecked.record.due_at = 0;
	standings_assert_has(write(FORMAT_TEXT), "What happens next:\n  It waits.\n");
	assert_null(strstr(buffer_string(&out), "planned"));
}

/* What health explains comes as lines, and replaces the bare figures. */
static void sentences_by_line(void **state)
{
	(void)state;
	const struct slice reasons[] = { SLICE("It is dead.\n\nThree strikes.\n"),
		SLICE("No more.") };
	const struct slice next = SLICE("It is asked again for ever.");
	why.known.reasons = reasons;
	why.known.reason_count = 2;
	why.known.nexts = &next;
	why.known.next_count = 1;
	standings_assert_has(write(FORMAT_TEXT),
		"  It is dead.\n  Three strikes.\n  No more.\n\nWhat the");
	assert_null(strstr(buffer_string(&out), "3 strikes from"));
	standings_assert_has(
		buffer_string(&out), "(in 6 d)\n  It is asked again for ever.\n");
	json_t *root = standings_json(write(FORMAT_JSON));
	json_t *lines = json_object_get(root, "why");
	assert_int_equal(json_array_size(lines), 3);
	assert_string_equal(
		json_string_value(json_array_get(lines, 1)), "Three strikes.");
	json_decref(root);
}

static void strips(void **state)
{
	(void)state;
	static const struct {
		uint64_t recent;
		uint8_t count;
		const char *strip;
	} cases[] = {
		{ 0, 0, "" },
		{ 1, 1, "." },
		{ 0, 1, "x" },
		{ 4, 3, ".xx" },
		{ UINT64_C(1) << 63, 64,
			".xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			"x" },
		/* a damaged record overflows nothing */
		{ UINT64_MAX, 255,
			"..............................................................."
			"." },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char strip[WHY_STRIP_SIZE];
		struct link_record record = { .recent = cases[i].recent,
			.recent_count = cases[i].count };
		why_strip(&record, strip);
		assert_string_equal(strip, cases[i].strip);
	}
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;
	for (; (text = strstr(text, part)) != NULL; text++)
		count++;
	return count;
}

/* People get the newest; programs get all. */
static void limits(void **state)
{
	(void)state;
	static struct check_facts many[500];
	static struct span long_history[500];
	static struct event happened[500];
	static struct occurrence places[500];
	for (int i = 0; i < 500; i++) {
		many[i] = checks[0];
		many[i].at = days_ago(i);
		long_history[i] = spans[0];
		long_history[i].first_at = days_ago(100 + i);
		happened[i] = events[0];
		happened[i].at = days_ago(i);
		places[i] = all.places[0];
		places[i].next = i < 499 ? &places[i + 1] : NULL;
	}
	all.dead.link.first = places;
	all.dead.link.occurrence_count = 100000;
	why.known.checks = many;
	why.known.spans = long_history;
	why.known.events = happened;
	why.known.check_count = why.known.span_count = why.known.event_count = 500;
	const char *text = write(FORMAT_TEXT);
	assert_int_equal(count_of(text, ", by a second method\n"), WHY_CHECKS_MAX);
	assert_int_equal(count_of(text, " 5 checks: ok"), WHY_SPANS_MAX);
	assert_int_equal(count_of(text, ": from suspect to dead"), WHY_EVENTS_MAX);
	assert_int_equal(count_of(text, "README.md:9:3"), WHY_PLACES_MAX);
	standings_assert_has(text, "  and 480 before\n");
	standings_assert_has(text, "  and 460 before\n");
	standings_assert_has(text, "  and 99980 more\n");
	json_t *root = standings_json(write(FORMAT_JSON));
	assert_int_equal(json_array_size(json_object_get(root, "checks")), 500);
	assert_int_equal(json_array_size(json_object_get(root, "history")), 501);
	assert_int_equal(json_array_size(json_object_get(root, "events")), 500);
	json_decref(root);
}

static void json_values(void **state)
{
	(void)state;
	json_t *root = standings_json(write(FORMAT_JSON));
	const char *url, *word, *strip, *at, *outcome, *first, *kind, *to;
	int second, passed, many;
	assert_int_equal(json_unpack(root,
				 "{s:{s:s, s:s}, s:s, s:[{s:s, s:b}], "
				 "s:[{s:s, s:s, s:i}], s:[{s:s, s:s}]}",
				 "link", "url", &url, "state", &word, "recent", &strip,
				 "checks", "at", &at, "second_method", &second, "history",
				 "first_at", &first, "outcome", &outcome, "checks", &many,
				 "events", "kind", &kind, "to_state", &to),
		0);
	passed = json_array_size(json_object_get(root, "history")) == 4;
	assert_true(passed);
	assert_string_equal(url, "https://gone.example/x");
	assert_string_equal(word, "dead");
	assert_string_equal(strip, ".....xxx");
	assert_string_equal(at, "2026-11-25T02:00:00Z");
	assert_true(second);
	assert_string_equal(first, "2026-11-17T02:00:00Z");
	assert_string_equal(outcome, "broken");
	assert_int_equal(many, 3);
	assert_string_equal(kind, "state");
	assert_string_equal(to, "dead");
	json_decref(root);
}

static void every_event_has_words(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < EVENT_KIND_COUNT; kind++) {
		struct event event = { .kind = (enum event_kind)kind,
			.at = days_ago(7),
			.text = SLICE("A sentence.") };
		why.known.events = &event;
		why.known.event_count = 1;
		const char *line =
			strstr(write(FORMAT_TEXT), "2026-11-19T02:00:00Z (7 d ago): ");
		assert_non_null(line);
		line += strlen("2026-11-19T02:00:00Z (7 d ago): ");
		assert_true(char_is_alpha(line[0]));
		standings_assert_has(line, ": A sentence.\n");
	}
}

static void colour_and_ceiling(void **state)
{
	(void)state;
	struct error error = { "" };
	why.colour = true;
	standings_assert_has(write(FORMAT_TEXT), " is \x1b[31mdead\x1b[0m, since ");
	for (int format = FORMAT_TEXT; format <= FORMAT_MARKDOWN; format++) {
		size_t len = strlen(write((enum format)format));
		struct buffer small;
		buffer_init(&small, len - 1);
		assert_int_equal(
			why_write(&why, (enum format)format, &small, &error), -1);
		standings_assert_has(error.text, "the evidence does not fit");
		buffer_fini(&small);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_whole_chain),
		TEST(order_of_time_either_way),
		TEST(a_redirect_and_a_title),
		TEST(nobody_has_checked_it),
		TEST(its_first_check_is_waited_for),
		TEST(sentences_by_line),
		TEST(strips),
		TEST(limits),
		TEST(json_values),
		TEST(every_event_has_words),
		TEST(colour_and_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
