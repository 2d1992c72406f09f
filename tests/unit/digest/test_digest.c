#include "unit/digest/standings.h"

static struct standings all;
static struct buffer out;
static struct digest digest;
static struct digest_entry entries[DIGEST_SECTION_COUNT];
static struct digest_period incident, source, offline;
static struct slice lists[5];

/* One link in each section, an incident that nobody belongs to, a source, an outage. */
static void fill(void)
{
	static const struct {
		enum digest_section section;
		enum state state, from;
	} rows[] = {
		{ DIGEST_NEW, STATE_DEAD, STATE_SUSPECT },
		{ DIGEST_CHANGED, STATE_ALIVE, STATE_UNCHECKED },
		{ DIGEST_MOVED, STATE_MOVED, STATE_ALIVE },
		{ DIGEST_SUSPECT, STATE_SUSPECT, STATE_ALIVE },
		{ DIGEST_FLAPPING, STATE_SUSPECT, STATE_UNCHECKED },
		{ DIGEST_RECOVERED, STATE_ALIVE, STATE_DEAD },
		{ DIGEST_STILL, STATE_DEAD, STATE_UNCHECKED },
	};
	for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++) {
		entries[rows[i].section] =
			(struct digest_entry){ standings_of(&all, rows[i].state),
				days_ago(1), rows[i].from, 0 };
		digest.links[rows[i].section] =
			(struct digest_links){ &entries[rows[i].section], 1, 1 };
	}
	incident = (struct digest_period){ .incident_id = 7,
		.began_at = days_ago(1),
		.ended_at = days_ago(1) + 2 * TIME_MS_PER_HOUR,
		.text = SLICE("openreview.net is unreachable"),
		.links = 12 };
	source = (struct digest_period){ .began_at = days_ago(1),
		.name = SLICE("docs/b.md"),
		.text = SLICE("No such file.") };
	offline = (struct digest_period){ .began_at = days_ago(1),
		.ended_at = days_ago(1) + 5 * 60 * TIME_MS_PER_S,
		.text = SLICE("No name server answered.") };
	digest.incidents = (struct digest_periods){ &incident, 1, 1 };
	digest.sources = (struct digest_periods){ &source, 1, 1 };
	digest.offline = (struct digest_periods){ &offline, 1, 1 };
}

static int set_up(void **state)
{
	(void)state;
	standings_fill(&all);
	buffer_init(&out, 64u << 20);
	lists[0] = SLICE("awesome");
	digest = (struct digest){ .generator = "linkrotd 0.1.0",
		.since = days_ago(1),
		.until = STANDINGS_NOW,
		.lists = lists,
		.list_count = 1,
		.counts = standings_counts(),
		.checks = 234 };
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
	assert_int_equal(digest_write(&digest, format, &out, NULL), 0);
	return buffer_string(&out);
}

/* In the order of what the reader must do. */
static void text_has_every_section(void **state)
{
	(void)state;
	fill();
	static const char *const parts[] = {
		"1 died, 1 changed, 1 moved, 1 suspect, 1 flapping, 1 recovered, 1 "
		"incident, 1 source in trouble in awesome since 2026-11-25T02:00:00Z "
		"(1 d).\n",
		"7 links in 2 lists: 1 alive, ",
		" 234 checks made.\n",
		"\nNewly dead (1):\n",
		"  [404] https://gone.example/x (README.md:9, ",
		"dead since 2026-11-22T22:00:00Z (3 d 4 h ago), before that suspect: Not "
		"found. Last good: 2026-11-06T02:00:00Z (20 d ago).\n",
		"\nNo longer what it was (1):\n",
		"https://fine.example/",
		"noticed: 2026-11-25T02:00:00Z (1 d ago)\n",
		"\nMoved (1):\n",
		"use https://new.example/paper\n",
		"\nSuspect, not yet confirmed (1):\n",
		"https://slow.example/",
		"\nComing and going (1):\n",
		"\nIncidents (1):\n",
		"  2026-11-25T02:00:00Z, for 2 h: openreview.net is unreachable\n",
		"\nSources in trouble (1):\n",
		"  docs/b.md, since 2026-11-25T02:00:00Z, still so: No such file.\n",
		"\nRecovered (1):\n",
		"alive since 2026-11-17T02:00:00Z (9 d ago), before that dead.\n",
		"\nStill dead (1):\n",
		"[404] https://gone.example/x",
		"\nNot measured, because this machine was in doubt (1):\n",
		"  2026-11-25T02:00:00Z, for 5 min: No name server answered.\n",
		NULL,
	};
	standings_assert_order(write(FORMAT_TEXT), parts);
	assert_null(strchr(buffer_string(&out), '\x1b'));
}

static void nothing_is_one_sentence(void **state)
{
	(void)state;
	assert_false(digest_has_news(&digest));
	assert_string_equal(write(FORMAT_TEXT),
		"Nothing new in awesome since 2026-11-25T02:00:00Z (1 d): 7 links in 2 "
		"lists: 1 alive, 1 dead, 1 moved, 1 suspect, 1 gated, 1 not checked yet, "
		"1 not monitored; checked within the last 7 d: all but 1. 234 checks "
		"made.\n");
	/* What is still dead is no news, and not repeated every night. */
	fill();
	for (unsigned i = 0; i < DIGEST_STILL; i++)
		digest.links[i] = (struct digest_links){ 0 };
	digest.incidents = digest.sources = (struct digest_periods){ 0 };
	assert_false(digest_has_news(&digest));
	const char *text = write(FORMAT_TEXT);
	assert_null(strstr(text, "gone.example"));
	standings_assert_has(text, "Nothing new");
	/* But when we were not looking, silence would mislead. */
	standings_assert_has(text, "No name server answered.");
}

static void silence_is_not_health(void **state)
{
	(void)state;
	digest.checks = 0;
	digest.since = 0;
	standings_assert_has(write(FORMAT_TEXT), "No check was made in that time.");
	standings_assert_has(buffer_string(&out), "up to 2026-11-26T02:00:00Z: ");
	digest = (struct digest){ .generator = "x", .until = STANDINGS_NOW };
	assert_string_equal(write(FORMAT_TEXT),
		"Nothing new up to 2026-11-26T02:00:00Z: No links in 0 lists. No check "
		"was made in that time.\n");
	digest.checks = 1;
	standings_assert_has(write(FORMAT_MARKDOWN), "1 check made.");
}

/* Any of them alone is news, but what is still so. */
static void what_is_news(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++) {
		set_up(state);
		digest.links[i].total = 1;
		assert_int_equal(digest_has_news(&digest), i != DIGEST_STILL);
		tear_down(state);
	}
	set_up(state);
	digest.sources.total = 1;
	assert_true(digest_has_news(&digest));
	digest.sources.total = 0;
	digest.incidents.total = 1;
	assert_true(digest_has_news(&digest));
}

static size_t count_of(const char *text, const char *part)
{
	size_t count = 0;
	for (; (text = strstr(text, part)) != NULL; text++)
		count++;
	return count;
}

/* Twelve links of one host are one line; a link of an incident that is not told, stands
 * for itself. */
static void an_incident_stands_for_its_links(void **state)
{
	(void)state;
	struct digest_entry many[12];
	fill();
	for (size_t i = 0; i < 12; i++)
		many[i] = (struct digest_entry){ &all.suspect, days_ago(1), STATE_ALIVE,
			i < 10    ? 7
			: i == 10 ? 8
				  : 0 };
	digest.links[DIGEST_SUSPECT] = (struct digest_links){ many, 12, 12 };
	digest.links[DIGEST_FLAPPING] = (struct digest_links){ 0 };
	const char *text = write(FORMAT_TEXT);
	assert_int_equal(count_of(text, "https://slow.example/"), 2);
	standings_assert_has(text, "Suspect, not yet confirmed (12):\n");
	standings_assert_has(text, "  10 told as part of an incident\n");
	assert_int_equal(count_of(write(FORMAT_JSON), "https://slow.example/"), 12);
}

static void long_sections_are_cut(void **state)
{
	(void)state;
	static struct digest_entry many[100];
	for (size_t i = 0; i < 100; i++)
		many[i] = (struct digest_entry){ &all.dead, days_ago(1), STATE_ALIVE, 0 };
	digest.links[DIGEST_NEW] = (struct digest_links){ many, 100, 5000 };
	digest.links[DIGEST_STILL] = (struct digest_links){ NULL, 0, 9 };
	const char *text = write(FORMAT_TEXT);
	assert_int_equal(count_of(text, "[404]"), DIGEST_ROWS_MAX);
	standings_assert_has(text, "Newly dead (5000):\n");
	standings_assert_has(text, "  and 4960 more\n");
	standings_assert_has(text, "Still dead (9):\n  and 9 told before\n");
	digest.rows_max = 2;
	assert_int_equal(count_of(write(FORMAT_MARKDOWN), "**404**"), 2);
	assert_int_equal(count_of(write(FORMAT_JSON), "\"link_id\""), 100);
	standings_assert_has(buffer_string(&out), "\"new\": 5000");
}

static void places(void **state)
{
	(void)state;
	enum { NOWHERE = DIGEST_SECTION_COUNT };
	static const struct {
		enum state before, now;
		bool changed;
		int flaps_days; /* since so many days; 0: it does not */
		int section;
	} cases[] = {
		{ STATE_SUSPECT, STATE_DEAD, false, 0, DIGEST_NEW },
		{ STATE_ALIVE, STATE_DEAD, true, 1, DIGEST_NEW },
		{ STATE_GATED, STATE_DEAD, false, 0, DIGEST_NEW },
		{ STATE_DEAD, STATE_DEAD, false, 0, DIGEST_STILL },
		{ STATE_ALIVE, STATE_ALIVE, true, 0, DIGEST_CHANGED },
		{ STATE_ALIVE, STATE_SUSPECT, true, 0, DIGEST_SUSPECT },
		{ STATE_ALIVE, STATE_MOVED, false, 0, DIGEST_MOVED },
		{ STATE_DEAD, STATE_MOVED, false, 0, DIGEST_MOVED },
		{ STATE_MOVED, STATE_MOVED, false, 0, NOWHERE },
		{ STATE_ALIVE, STATE_SUSPECT, false, 0, DIGEST_SUSPECT },
		{ STATE_SUSPECT, STATE_SUSPECT, false, 0, NOWHERE },
		{ STATE_ALIVE, STATE_SUSPECT, false, 1, DIGEST_FLAPPING },
		{ STATE_ALIVE, STATE_ALIVE, false, 1, DIGEST_FLAPPING },
		/* known to come and go: not an event a day */
		{ STATE_ALIVE, STATE_SUSPECT, false, 9, NOWHERE },
		{ STATE_DEAD, STATE_ALIVE, false, 0, DIGEST_RECOVERED },
		{ STATE_DEAD, STATE_ALIVE, false, 9, DIGEST_RECOVERED },
		{ STATE_SUSPECT, STATE_ALIVE, false, 0, NOWHERE },
		{ STATE_ALIVE, STATE_GATED, false, 0, NOWHERE },
		{ STATE_DEAD, STATE_GATED, false, 0, NOWHERE },
		{ STATE_UNCHECKED, STATE_ALIVE, false, 0, NOWHERE },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct link_record record = { .state = cases[i].now };
		if (cases[i].flaps_days > 0)
			record.flapping_since = days_ago(cases[i].flaps_days);
		enum digest_section section = DIGEST_NEW;
		bool placed = digest_place(cases[i].before, &record, cases[i].changed,
			days_ago(2), &section);
		if ((placed ? (int)section : NOWHERE) != cases[i].section)
			fail_msg("case %zu: %d", i, placed ? (int)section : NOWHERE);
	}
}

static void subjects(void **state)
{
	(void)state;
	buffer_reset(&out);
	digest_subject(&digest, &out);
	assert_slice(buffer_slice(&out), "nothing new");
	digest.links[DIGEST_NEW].total = 2;
	digest.links[DIGEST_RECOVERED].total = 3;
	digest.sources.total = 2;
	buffer_reset(&out);
	digest_subject(&digest, &out);
	assert_slice(buffer_slice(&out), "2 died, 3 recovered, 2 sources in trouble");
}

static void json_has_every_section(void **state)
{
	(void)state;
	fill();
	json_t *root = standings_json(write(FORMAT_JSON));
	static const char *const keys[] = { "new", "changed", "moved", "suspect",
		"flapping", "recovered", "still", "incidents", "sources", "offline" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_int_equal(json_array_size(json_object_get(root, keys[i])), 1);
	const char *since, *url, *from, *at, *began, *list;
	int checks, died, incident_id, news;
	assert_int_equal(json_unpack(root,
				 "{s:s, s:b, s:[s], s:{s:i, s:i}, s:[{s:s, s:s, s:s}], "
				 "s:[{s:s, s:i}]}",
				 "since", &since, "news", &news, "lists", &list,
				 "summary", "checks", &checks, "new", &died, "new", "url",
				 &url, "from_state", &from, "at", &at, "incidents",
				 "began_at", &began, "incident_id", &incident_id),
		0);
	assert_string_equal(since, "2026-11-25T02:00:00Z");
	assert_true(news);
	assert_string_equal(list, "awesome");
	assert_int_equal(checks, 234);
	assert_int_equal(died, 1);
	assert_string_equal(url, "https://gone.example/x");
	assert_string_equal(from, "suspect");
	assert_string_equal(at, "2026-11-25T02:00:00Z");
	assert_string_equal(began, "2026-11-25T02:00:00Z");
	assert_int_equal(incident_id, 7);
	json_decref(root);
	digest = (struct digest){ .generator = "x", .until = STANDINGS_NOW };
	root = standings_json(write(FORMAT_JSON));
	assert_true(json_is_null(json_object_get(root, "since")));
	assert_true(json_is_false(json_object_get(root, "news")));
	json_decref(root);
}

static void many_lists_are_not_all_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < 5; i++)
		lists[i] = SLICE("a-list");
	digest.list_count = 5;
	standings_assert_has(
		write(FORMAT_TEXT), "Nothing new in a-list, a-list, a-list and 2 more ");
}

static void colour_and_ceiling(void **state)
{
	(void)state;
	struct error error = { "" };
	fill();
	digest.colour = true;
	standings_assert_has(write(FORMAT_TEXT), "\x1b[31m[404]\x1b[0m ");
	for (int format = FORMAT_TEXT; format <= FORMAT_MARKDOWN; format++) {
		size_t len = strlen(write((enum format)format));
		assert_true(format == FORMAT_TEXT ||
			    strchr(buffer_string(&out), '\x1b') == NULL);
		struct buffer small;
		buffer_init(&small, len - 1);
		assert_int_equal(
			digest_write(&digest, (enum format)format, &small, &error), -1);
		standings_assert_has(error.text, "the report does not fit");
		buffer_fini(&small);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(text_has_every_section),
		TEST(nothing_is_one_sentence),
		TEST(silence_is_not_health),
		cmocka_unit_test(what_is_news),
		TEST(an_incident_stands_for_its_links),
		TEST(long_sections_are_cut),
		TEST(places),
		TEST(subjects),
		TEST(json_has_every_section),
		TEST(many_lists_are_not_all_named),
		TEST(colour_and_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
