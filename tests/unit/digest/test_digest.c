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
		{ DIGEST_WITHDRAWN, STATE_ALIVE, STATE_UNCHECKED },
		{ DIGEST_MOVED, STATE_MOVED, STATE_ALIVE },
		{ DIGEST_SUSPECT, STATE_SUSPECT, STATE_ALIVE },
		{ DIGEST_FLAPPING, STATE_SUSPECT, STATE_UNCHECKED },
		{ DIGEST_RECOVERED, STATE_ALIVE, STATE_DEAD },
		{ DIGEST_UPCOMING, STATE_ALIVE, STATE_UNCHECKED },
		{ DIGEST_STILL, STATE_DEAD, STATE_UNCHECKED },
	};
	for (size_t i = 0; i < DIGEST_SECTION_COUNT; i++) {
		entries[rows[i].section] =
			(struct digest_entry){ standings_of(&all, rows[i].state),
				days_ago(1), rows[i].from, 0, false };
		digest.links[rows[i].section] =
			(struct digest_links){ &entries[rows[i].section], 1, 1, 0 };
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

static struct feed_entry events[2];

static void fill_feed(void)
{
	events[0] = (struct feed_entry){ .event_id = 8,
		.event = { .kind = EVENT_STATE,
			.at = days_ago(1),
			.link_id = 9,
			.from = STATE_SUSPECT,
			.to = STATE_DEAD },
		.url = SLICE("https://gone.example/x") };
	digest.events = events;
	digest.event_count = 1;
	digest.feed = (struct feed_head){ .host = SLICE("a.example"),
		.title = SLICE("Links"),
		.generator = "linkrotd 0.1.0" };
}

static int set_up(void **state)
{
	(void)state;
	standings_fill(&all);
	all.dead.record.span.first_at = days_ago(11);
	buffer_init(&out, 64u << 20);
	lists[0] = SLICE("awesome");
	digest = (struct digest){ .generator = "linkrotd 0.1.0",
		.since = days_ago(1),
		.until = STANDINGS_NOW,
		.lists = lists,
		.list_count = 1,
		.counts = standings_counts(),
		.checked = 5,
		.checks = 234,
		.first_check_at = days_ago(1) + TIME_MS_PER_HOUR,
		.last_check_at = STANDINGS_NOW - TIME_MS_PER_HOUR,
		.database = SLICE("/var/lib/linkrotd/linkrotd.db") };
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
		"1 died, 1 changed, 1 withdrawn, 1 moved, 1 suspect, 1 flapping, "
		"1 recovered, 1 ending soon, 1 still dead, 1 incident, 1 source in "
		"trouble in awesome since 2026-11-25T02:00:00Z (1 d).\n",
		"7 links in 2 lists: 1 alive, ",
		" Checked 5 of 7 links between 2026-11-25T03:00:00Z and "
		"2026-11-26T01:00:00Z, 234 checks.\n",
		"\nNewly dead (1):\n",
		"  [404] https://gone.example/x (README.md:9, README.md:20, README.md:21 "
		"and 2 more)\n",
		"        listed as Paper\n",
		"        dead since 2026-11-22T22:00:00Z (3 d 4 h ago), before that "
		"suspect; last good 2026-11-06T02:00:00Z (20 d ago)\n",
		"        404 x3 over 8 d, confirmed by a second method: Not found.\n",
		"\nNo longer what it was (1):\n",
		"https://fine.example/ (README.md:3)\n",
		"listed as A Survey of Everything\n",
		"noticed: 2026-11-25T02:00:00Z (1 d ago)\n",
		"note: the title differs: the page says \"Another Paper\", the list says "
		"\"A Survey of Everything\"\n",
		"\nWithdrawn or retracted (1):\n",
		"\nMoved (1):\n",
		"  README.md:5: https://old.example/paper \u2192 "
		"https://new.example/paper\n",
		"  all of it as one patch: linkrotd fix --database "
		"/var/lib/linkrotd/linkrotd.db README.md\n",
		"\nSuspect, not yet confirmed (1):\n",
		"https://slow.example/",
		"        TIMEOUT x1: No answer in time.\n",
		"\nComing and going (1):\n",
		"\nIncidents (1):\n",
		"  2026-11-25T02:00:00Z, for 2 h: openreview.net is unreachable\n",
		"\nSources in trouble (1):\n",
		"  docs/b.md, since 2026-11-25T02:00:00Z, still so: No such file.\n",
		"\nRecovered (1):\n",
		"alive since 2026-11-17T02:00:00Z (9 d ago), before that dead\n",
		"\nWill end soon (1):\n",
		"\nStill dead (1):\n",
		"[404] https://gone.example/x",
		"\nNot measured, because this machine was in doubt (1):\n",
		"  2026-11-25T02:00:00Z, for 5 min: No name server answered.\n",
		NULL,
	};
	standings_assert_order(write(FORMAT_TEXT), parts);
	assert_null(strchr(buffer_string(&out), '\x1b'));
}

/* Of several kinds, or where the history does not say, only the last one is named. */
static void evidence_claims_no_more_than_is_known(void **state)
{
	(void)state;
	fill();
	struct link_record *record = &all.dead.record;
	/* Not all of the time counts, but all of it was seen. */
	record->strikes_since = days_ago(17);
	record->span.first_at = days_ago(17);
	standings_assert_has(write(FORMAT_TEXT), "404 x3 over 14 d, confirmed");
	record->span.first_at = days_ago(16);
	standings_assert_has(write(FORMAT_TEXT), "404, the last of 3 bad checks over 14");
	record->strikes_since = 0;
	record->span.checks = 2;
	standings_assert_has(write(FORMAT_TEXT),
		"        404, the last of 3 bad checks over 8 d, confirmed by a second "
		"method: Not found.\n");
	record->broken_strikes = 1; /* and four that weigh half */
	standings_assert_has(write(FORMAT_TEXT), "the last of 5 bad checks over 8 d");
	record->last_strike_at = record->first_strike_at;
	record->second_method = false;
	standings_assert_has(write(FORMAT_TEXT), "the last of 5 bad checks: Not found.");
	record->strike_halves = 0;
	standings_assert_has(write(FORMAT_TEXT), "\n        Not found.\n");
}

static void nothing_is_one_sentence(void **state)
{
	(void)state;
	assert_false(digest_has_news(&digest));
	assert_string_equal(write(FORMAT_TEXT),
		"Nothing new in awesome since 2026-11-25T02:00:00Z (1 d): 7 links in 2 "
		"lists: 1 alive, 1 dead, 1 moved, 1 suspect, 1 gated, 1 not checked yet, "
		"1 not monitored; checked within the last 7 d: all but 1. Checked 5 of 7 "
		"links between 2026-11-25T03:00:00Z and 2026-11-26T01:00:00Z, 234 "
		"checks.\n");
	/* What is still dead is not repeated every night, */
	fill();
	for (unsigned i = 0; i < DIGEST_STILL; i++)
		digest.links[i] = (struct digest_links){ 0 };
	digest.incidents = digest.sources = (struct digest_periods){ 0 };
	entries[DIGEST_STILL].told_before = true;
	assert_false(digest_has_news(&digest));
	const char *text = write(FORMAT_TEXT);
	assert_null(strstr(text, "gone.example"));
	assert_null(strstr(write(FORMAT_HTML), "gone.example"));
	standings_assert_has(write(FORMAT_TEXT), "Nothing new");
	/* But when we were not looking, silence would mislead. */
	standings_assert_has(buffer_string(&out), "No name server answered.");
	/* And once a week it is. */
	entries[DIGEST_STILL].told_before = false;
	assert_true(digest_has_news(&digest));
	standings_assert_has(write(FORMAT_TEXT), "Still dead (1):\n  [404] https://gone");
}

static void silence_is_not_health(void **state)
{
	(void)state;
	digest.checks = digest.checked = 0;
	digest.since = 0;
	standings_assert_has(write(FORMAT_TEXT),
		"Checked 0 of 7 links: no check was made in that time.");
	standings_assert_has(buffer_string(&out), "up to 2026-11-26T02:00:00Z: ");
	standings_assert_has(write(FORMAT_HTML), "Checked 0 of 7 links");
	digest = (struct digest){ .generator = "x", .until = STANDINGS_NOW };
	assert_string_equal(write(FORMAT_TEXT),
		"Nothing new up to 2026-11-26T02:00:00Z: No links in 0 lists. Checked 0 "
		"of 0 links: no check was made in that time.\n");
	digest.counts.by_state[STATE_ALIVE] = 1;
	digest.checks = digest.checked = 1;
	digest.first_check_at = digest.last_check_at = days_ago(1);
	standings_assert_has(write(FORMAT_MARKDOWN),
		"Checked 1 of 1 link at 2026-11-25T02:00:00Z, 1 check.");
	digest.checks = -1;
	standings_assert_has(
		write(FORMAT_TEXT), "Checked 1 of 1 link at 2026-11-25T02:00:00Z.\n");
}

static void a_wall_has_an_age(void **state)
{
	(void)state;
	digest.gated_confirmed_at = days_ago(30);
	standings_assert_has(write(FORMAT_TEXT),
		"234 checks. What is gated was last confirmed 2026-10-27T02:00:00Z (30 d "
		"ago).\n");
	digest.counts.by_state[STATE_GATED] = 2;
	standings_assert_has(write(FORMAT_TEXT), "(30 d ago) or later.\n");
	standings_assert_has(write(FORMAT_HTML), "(30 d ago) or later.</p>");
	digest.counts.by_state[STATE_GATED] = 0;
	assert_null(strstr(write(FORMAT_TEXT), "What is gated"));
}

/* Any of them alone is news, but what is still so. */
static void what_is_news(void **state)
{
	(void)state;
	for (unsigned i = 0; i < DIGEST_SECTION_COUNT; i++) {
		set_up(state);
		digest.links[i].total = 1;
		assert_true(digest_has_news(&digest));
		digest.links[i].told_before = 1;
		assert_false(digest_has_news(&digest));
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
				  : 0,
			false };
	digest.links[DIGEST_SUSPECT] = (struct digest_links){ many, 12, 12, 0 };
	digest.links[DIGEST_FLAPPING] = (struct digest_links){ 0 };
	const char *text = write(FORMAT_TEXT);
	assert_int_equal(count_of(text, "https://slow.example/"), 2);
	standings_assert_has(text, "Suspect, not yet confirmed (12):\n");
	standings_assert_has(text, "  10 told as part of an incident\n");
	text = write(FORMAT_HTML);
	assert_int_equal(count_of(text, "<code class=\"url\">https://slow.example/"), 2);
	standings_assert_has(text, "10 told as part of an incident");
	assert_int_equal(count_of(write(FORMAT_JSON), "\"https://slow.example/\""), 12);
}

static void long_sections_are_cut(void **state)
{
	(void)state;
	static struct digest_entry many[100];
	for (size_t i = 0; i < 100; i++)
		many[i] = (struct digest_entry){ &all.dead, days_ago(1), STATE_ALIVE, 0,
			false };
	digest.links[DIGEST_NEW] = (struct digest_links){ many, 100, 5000, 0 };
	digest.links[DIGEST_STILL] = (struct digest_links){ NULL, 0, 9, 9 };
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

/* The rows of one link that a mail of `room` bytes has; -1: it cannot be written. */
static int rows_in(enum format format, size_t room)
{
	struct error error = { "" };
	struct buffer mail;
	buffer_init(&mail, room);
	int result = digest_write_fitting(&digest, format, &mail, &error);
	int rows = (int)count_of(buffer_string(&mail), "https://gone.example/x");
	buffer_fini(&mail);
	if (result < 0)
		standings_assert_has(error.text, "ask for one list or a shorter time");
	else
		assert_string_equal(error.text, ""); /* else who sends it would not */
	return result < 0 ? -1 : rows;
}

/* In as many rows as there is room for; a byte less, and it is the next smaller number.
 */
static void a_mail_has_a_ceiling(void **state)
{
	(void)state;
	static struct digest_entry many[600];
	static const int of_text[] = { -1, 0, 1, 5, 20, DIGEST_ROWS_MAX };
	static const int of_html[] = { -1, 0, 1, 5, 20, 100, DIGEST_HTML_ROWS_MAX };
	for (size_t i = 0; i < 600; i++)
		many[i] = (struct digest_entry){ &all.dead, days_ago(1), STATE_ALIVE, 0,
			false };
	digest.links[DIGEST_NEW] = (struct digest_links){ many, 600, 600, 0 };
	for (int html = 0; html < 2; html++) {
		enum format format = html ? FORMAT_HTML : FORMAT_TEXT;
		const int *rows = html ? of_html : of_text;
		for (size_t i = 1; i < (html ? 7 : 6); i++) {
			digest.rows_max =
				rows[i] > 0 ? (uint32_t)rows[i] : DIGEST_ROWS_NONE;
			size_t len = strlen(write(format));
			digest.rows_max = 0;
			assert_int_equal(rows_in(format, len), rows[i]);
			assert_int_equal(rows_in(format, len - 1), rows[i - 1]);
		}
	}
}

static int place(
	const struct link_record *record, enum state before, bool changed, bool *ret_due)
{
	const struct digest_past past = { before, changed, days_ago(2), STANDINGS_NOW };
	enum digest_section section = DIGEST_NEW;
	return digest_place(record, &past, &section, ret_due) ? (int)section
							      : DIGEST_SECTION_COUNT;
}

static void places(void **state)
{
	(void)state;
	enum { NOWHERE = DIGEST_SECTION_COUNT };
	static const struct {
		enum state before, now;
		bool changed;
		int flaps_days; /* since so many days; 0: it does not */
		note_set notes;
		int section;
	} cases[] = {
		{ STATE_SUSPECT, STATE_DEAD, false, 0, 0, DIGEST_NEW },
		{ STATE_ALIVE, STATE_DEAD, true, 1, 0, DIGEST_NEW },
		{ STATE_GATED, STATE_DEAD, false, 0, 0, DIGEST_NEW },
		{ STATE_DEAD, STATE_DEAD, false, 0, 0, DIGEST_STILL },
		{ STATE_ALIVE, STATE_ALIVE, true, 0, 0, DIGEST_CHANGED },
		{ STATE_ALIVE, STATE_SUSPECT, true, 0, 0, DIGEST_SUSPECT },
		{ STATE_ALIVE, STATE_MOVED, false, 0, 0, DIGEST_MOVED },
		{ STATE_DEAD, STATE_MOVED, false, 0, 0, DIGEST_MOVED },
		{ STATE_MOVED, STATE_MOVED, false, 0, 0, NOWHERE },
		{ STATE_ALIVE, STATE_SUSPECT, false, 0, 0, DIGEST_SUSPECT },
		{ STATE_SUSPECT, STATE_SUSPECT, false, 0, 0, NOWHERE },
		{ STATE_ALIVE, STATE_SUSPECT, false, 1, 0, DIGEST_FLAPPING },
		{ STATE_ALIVE, STATE_ALIVE, false, 1, 0, DIGEST_FLAPPING },
		/* known to come and go: not an event a day */
		{ STATE_ALIVE, STATE_SUSPECT, false, 9, 0, NOWHERE },
		{ STATE_DEAD, STATE_ALIVE, false, 0, 0, DIGEST_RECOVERED },
		{ STATE_DEAD, STATE_ALIVE, false, 9, 0, DIGEST_RECOVERED },
		{ STATE_SUSPECT, STATE_ALIVE, false, 0, 0, NOWHERE },
		{ STATE_ALIVE, STATE_GATED, false, 0, 0, NOWHERE },
		{ STATE_DEAD, STATE_GATED, false, 0, 0, NOWHERE },
		{ STATE_UNCHECKED, STATE_ALIVE, false, 0, 0, NOWHERE },
		/* what the page says */
		{ STATE_ALIVE, STATE_ALIVE, false, 0, NOTE_BIT(NOTE_WITHDRAWN),
			DIGEST_WITHDRAWN },
		{ STATE_ALIVE, STATE_MOVED, false, 0, NOTE_BIT(NOTE_RETRACTED),
			DIGEST_MOVED },
		{ STATE_MOVED, STATE_MOVED, false, 0, NOTE_BIT(NOTE_RETRACTED),
			DIGEST_WITHDRAWN },
		{ STATE_ALIVE, STATE_ALIVE, false, 0, NOTE_BIT(NOTE_USURPED),
			DIGEST_CHANGED },
		{ STATE_ALIVE, STATE_ALIVE, false, 9, NOTE_BIT(NOTE_RETITLED),
			DIGEST_CHANGED },
		{ STATE_ALIVE, STATE_ALIVE, false, 0,
			NOTE_BIT(NOTE_CERTIFICATE_EXPIRES_SOON), DIGEST_UPCOMING },
		{ STATE_ALIVE, STATE_ALIVE, false, 0, NOTE_BIT(NOTE_SUNSET_ANNOUNCED),
			DIGEST_UPCOMING },
		{ STATE_ALIVE, STATE_ALIVE, false, 0, NOTE_BIT(NOTE_TITLE_MISMATCH),
			NOWHERE },
		{ STATE_GATED, STATE_GATED, false, 0, NOTE_BIT(NOTE_WITHDRAWN), NOWHERE },
		{ STATE_DEAD, STATE_DEAD, false, 0, NOTE_BIT(NOTE_WITHDRAWN),
			DIGEST_STILL },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool due;
		struct link_record record = { .state = cases[i].now,
			.notes = cases[i].notes,
			.since = days_ago(3) };
		if (cases[i].flaps_days > 0)
			record.flapping_since = days_ago(cases[i].flaps_days);
		int found = place(&record, cases[i].before, cases[i].changed, &due);
		if (found != cases[i].section)
			fail_msg("case %zu: %d", i, found);
		/* Three days old, two days after the last report: told before. */
		if (found == DIGEST_STILL)
			assert_false(due);
	}
}

static void what_is_so_for_long_returns_weekly(void **state)
{
	(void)state;
	/* Every night for a year: at its beginning, and then once a week. */
	time_ms began = days_ago(400) + 5 * TIME_MS_PER_HOUR;
	int told = 0;
	for (int day = 401; day > 0; day--)
		if (digest_is_due(began, days_ago(day), days_ago(day - 1))) {
			assert_int_equal((400 - day) % 7, 0);
			told++;
		}
	assert_int_equal(told, 1 + 399 / 7);
	/* A report a week, or of all, tells everything; an empty time nothing. */
	assert_true(digest_is_due(began, days_ago(7), STANDINGS_NOW));
	assert_true(digest_is_due(began, 0, STANDINGS_NOW));
	assert_false(digest_is_due(began, began + 1, began + 1));
	assert_false(digest_is_due(STANDINGS_NOW + 1, 0, STANDINGS_NOW));

	bool due;
	struct link_record record = { .state = STATE_DEAD, .since = days_ago(8) };
	assert_int_equal(place(&record, STATE_DEAD, false, &due), DIGEST_STILL);
	assert_true(due);
	record = (struct link_record){ .state = STATE_ALIVE,
		.notes = NOTE_BIT(NOTE_WITHDRAWN),
		.span = { .first_at = days_ago(1) } };
	assert_int_equal(place(&record, STATE_ALIVE, false, &due), DIGEST_WITHDRAWN);
	assert_true(due);
	record.span.first_at = days_ago(3);
	assert_int_equal(place(&record, STATE_ALIVE, false, &due), DIGEST_WITHDRAWN);
	assert_false(due);
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
	/* All of the dead where some of them are due. */
	digest.links[DIGEST_STILL] = (struct digest_links){ NULL, 0, 9, 8 };
	digest.links[DIGEST_WITHDRAWN] = (struct digest_links){ NULL, 0, 9, 8 };
	buffer_reset(&out);
	digest_subject(&digest, &out);
	assert_slice(buffer_slice(&out),
		"2 died, 1 withdrawn, 3 recovered, 9 still dead, 2 sources in trouble");
}

static void json_has_every_section(void **state)
{
	(void)state;
	fill();
	json_t *root = standings_json(write(FORMAT_JSON));
	static const char *const keys[] = { "new", "changed", "withdrawn", "moved",
		"suspect", "flapping", "recovered", "upcoming", "still", "incidents",
		"sources", "offline" };
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

/* --- short forms ----------------------------------------------------------- */

static void the_command_is_safe_to_copy(void **state)
{
	(void)state;
	static struct occurrence place;
	static const struct {
		const char *source, *database, *command;
	} cases[] = {
		{ "docs/a.md", "links.db", "linkrotd fix --database links.db docs/a.md" },
		{ "docs/a.md", "", "linkrotd fix docs/a.md" },
		{ "a;rm -rf ~.md", "l.db", "linkrotd fix --database l.db INPUT..." },
		{ "$(id).md", "l.db", "linkrotd fix --database l.db INPUT..." },
		{ "--write", "l.db", "linkrotd fix --database l.db INPUT..." },
		{ "a\nb", "l.db", "linkrotd fix --database l.db INPUT..." },
		{ "a.md", "my links.db", "linkrotd fix --database FILE a.md" },
	};
	fill();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		place = (struct occurrence){ .source = slice_of(cases[i].source) };
		all.moved.link.first = &place;
		digest.database = slice_of(cases[i].database);
		buffer_reset(&out);
		digest_fix(&digest, &out);
		assert_slice(buffer_slice(&out), cases[i].command);
	}
	digest.links[DIGEST_MOVED] = (struct digest_links){ 0 };
	buffer_reset(&out);
	digest_fix(&digest, &out);
	assert_int_equal(out.len, 0);
}

/* Where one list is asked for, a label is what that one calls it; of several they are
 * named. */
static void lists_are_named_where_there_are_several(void **state)
{
	(void)state;
	static const struct slice both[] = { { "awesome", 7 }, { "papers", 6 } };
	fill();
	standings_assert_has(write(FORMAT_TEXT), "        listed as Paper\n");
	digest.lists = both;
	digest.list_count = 2;
	standings_assert_has(
		write(FORMAT_TEXT), "        listed as Paper in awesome, papers\n");
	standings_assert_has(write(FORMAT_HTML), "(awesome, papers)");
}

/* --- formats --------------------------------------------------------------- */

static void csv_has_a_row_a_place(void **state)
{
	(void)state;
	fill();
	all.moved.link.result.verdict.suggestion.url = SLICE(
		"https://web.archive.org/web/20260101000000/https://old.example/paper");
	const char *text = write(FORMAT_CSV);
	static const char *const parts[] = {
		"\"list\",\"file\",\"line\",\"url\",\"label\",\"state\",\"since\","
		"\"last_ok\",\"checks\",\"strikes\",\"code\",\"class\","
		"\"final_url\",\"replacement\",\"archive_url\",\"section\"\r\n",
		"\"awesome papers\",\"README.md\",9,\"https://gone.example/x\",\"Paper\","
		"\"dead\",\"2026-11-22T22:00:00Z\",\"2026-11-06T02:00:00Z\",20,3,404,"
		"\"http_404\",,,,\"new\"\r\n",
		"\"docs/a.md\",23,\"https://gone.example/x\"",
		",,\"https://web.archive.org/web/20260101000000/"
		"https://old.example/paper\",\"moved\"\r\n",
		",20,\"0.5\",,\"timeout\",,,,\"suspect\"\r\n",
		NULL,
	};
	standings_assert_order(text, parts);
	all.places[1].text = SLICE("see https://user:secret@a.example/x");
	standings_assert_has(write(FORMAT_CSV), "\"see https://a.example/x\"");
	/* Five places each of the new and the still dead, one of the seven others. */
	assert_int_equal(count_of(buffer_string(&out), "\r\n"), 1 + 5 + 5 + 7);
}

/* The list of a place is that of its document. */
static void csv_has_the_lists_of_a_place(void **state)
{
	(void)state;
	static const struct slice of_places[] = { { "awesome", 7 }, { "papers", 6 },
		{ "awesome papers", 14 }, { "papers", 6 }, { "papers", 6 } };
	fill();
	all.dead.place_lists = of_places;
	static const char *const parts[] = { "\"awesome\",\"README.md\",9,",
		"\"papers\",\"docs/a.md\",23,", "\"awesome papers\",", NULL };
	standings_assert_order(write(FORMAT_CSV), parts);
}

static void html_is_one_harmless_file(void **state)
{
	(void)state;
	fill();
	const char *text = write(FORMAT_HTML);
	static const char *const parts[] = { "<!DOCTYPE html>", "default-src 'none'",
		"<title>Links: 1 died, ", "Newly dead <span>(1)</span>",
		"<code class=\"url\">https://gone.example/x</code>",
		"404 x3 over 8 d, confirmed by a second method: Not found.",
		"No longer what it was", "Withdrawn or retracted", "Moved",
		"<a rel=\"noopener noreferrer nofollow\" "
		"href=\"https://new.example/paper\">https://new.example/paper</a>",
		"linkrotd fix --database /var/lib/linkrotd/linkrotd.db README.md",
		"openreview.net is unreachable", "Recovered", "Still dead", "</html>\n",
		NULL };
	standings_assert_order(text, parts);
	assert_int_equal(count_of(text, " href="), 1); /* the new place alone */
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "src="));
	assert_null(strstr(text, "url("));
	assert_null(strstr(text, "@import"));
}

static void colour_and_ceiling(void **state)
{
	(void)state;
	struct error error = { "" };
	fill();
	digest.colour = true;
	standings_assert_has(write(FORMAT_TEXT), "\x1b[31m[404]\x1b[0m ");
	fill_feed();
	for (int format = FORMAT_TEXT; format <= FORMAT_ATOM; format++) {
		if ((DIGEST_FORMATS & FORMAT_SET(format)) == 0)
			continue;
		size_t len = strlen(write((enum format)format));
		assert_true(format == FORMAT_TEXT ||
			    strchr(buffer_string(&out), '\x1b') == NULL);
		struct buffer small;
		buffer_init(&small, len - 1);
		assert_int_equal(
			digest_write(&digest, (enum format)format, &small, &error), -1);
		standings_assert_has(error.text, "does not fit into memory (limit ");
		standings_assert_has(error.text, " KiB)");
		buffer_fini(&small);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(text_has_every_section),
		TEST(evidence_claims_no_more_than_is_known),
		TEST(nothing_is_one_sentence),
		TEST(silence_is_not_health),
		TEST(a_wall_has_an_age),
		cmocka_unit_test(what_is_news),
		TEST(an_incident_stands_for_its_links),
		TEST(long_sections_are_cut),
		TEST(a_mail_has_a_ceiling),
		TEST(places),
		cmocka_unit_test(what_is_so_for_long_returns_weekly),
		TEST(the_command_is_safe_to_copy),
		TEST(lists_are_named_where_there_are_several),
		TEST(csv_has_a_row_a_place),
		TEST(csv_has_the_lists_of_a_place),
		TEST(html_is_one_harmless_file),
		TEST(subjects),
		TEST(json_has_every_section),
		TEST(many_lists_are_not_all_named),
		TEST(colour_and_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
