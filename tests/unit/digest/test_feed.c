#include "lib/test.h"

#include "digest/feed.h"
#include "unit/digest/standings.h"

static struct buffer out;
static struct feed_head head;
static struct feed_entry entry;
static struct slice lists[2];

static int set_up(void **state)
{
	(void)state;
	buffer_init(&out, 16u << 20);
	lists[0] = SLICE("awesome");
	lists[1] = SLICE("papers");
	head = (struct feed_head){ .host = SLICE("links.example.org"),
		.title = SLICE("Links"),
		.self_url = SLICE("https://links.example.org/feed.atom"),
		.page_url = SLICE("https://links.example.org/"),
		.generator = "linkrotd 0.1.0",
		.updated = days_ago(7) };
	entry = (struct feed_entry){ .event_id = 812,
		.event = { .kind = EVENT_STATE,
			.at = days_ago(1),
			.link_id = 9,
			.from = STATE_SUSPECT,
			.to = STATE_DEAD,
			.reason = REASON_HTTP_404 },
		.url = SLICE("https://gone.example/x?a=1&b=2"),
		.lists = lists,
		.list_count = 2 };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buffer_fini(&out);
	return 0;
}

static const char *write(uint32_t count)
{
	buffer_reset(&out);
	assert_int_equal(feed_write(&head, &entry, count, &out, NULL), 0);
	return buffer_string(&out);
}

static void the_whole(void **state)
{
	(void)state;
	assert_string_equal(write(1),
		"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		"<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
		"<id>tag:links.example.org,2026:feed</id>\n"
		"<title>Links</title>\n"
		"<updated>2026-11-25T02:00:00Z</updated>\n"
		"<author><name>linkrotd</name></author>\n"
		"<generator>linkrotd 0.1.0</generator>\n"
		"<link rel=\"self\" type=\"application/atom+xml\" "
		"href=\"https://links.example.org/feed.atom\"/>\n"
		"<link rel=\"alternate\" type=\"text/html\" "
		"href=\"https://links.example.org/\"/>\n"
		"<entry>\n"
		"<id>tag:links.example.org,2026:event/812/2026-11-25T02:00:00Z</id>\n"
		"<title>Dead: https://gone.example/x?a=1&amp;b=2</title>\n"
		"<published>2026-11-25T02:00:00Z</published>\n"
		"<updated>2026-11-25T02:00:00Z</updated>\n"
		"<link rel=\"alternate\" type=\"text/html\" "
		"href=\"https://links.example.org/links/9\"/>\n"
		"<category term=\"dead\"/>\n"
		"<category term=\"awesome\"/>\n"
		"<category term=\"papers\"/>\n"
		"<content type=\"text\">Dead, before that suspect. Not found. "
		"https://gone.example/x?a=1&amp;b=2</content>\n"
		"</entry>\n"
		"</feed>\n");
}

/* Neither when it is written, nor what else is written, nor a later name of the feed. */
static void an_entry_is_the_same_for_ever(void **state)
{
	(void)state;
	const char *text = write(1);
	char *first = strdup(strstr(text, "<entry>"));
	head.updated = STANDINGS_NOW;
	head.title = SLICE("Another name");
	head.list = SLICE("papers");
	text = write(1);
	standings_assert_has(write(1),
		"<link rel=\"alternate\" type=\"text/html\" "
		"href=\"https://links.example.org/lists/papers\"/>");
	standings_assert_has(buffer_string(&out), "links.example.org/links/9\"/>");
	assert_string_equal(strstr(text, "<entry>"), first);
	standings_assert_has(text, "<id>tag:links.example.org,2026:feed/papers</id>");
	standings_assert_has(text, "<updated>2026-11-26T02:00:00Z</updated>");
	free(first);
}

/* What may be dead, or somebody else's, cannot be clicked on. */
static void what_may_be_followed(void **state)
{
	(void)state;
	assert_null(strstr(write(1), "rel=\"related\""));
	entry.event.kind = EVENT_CONTENT_CHANGED;
	assert_null(strstr(write(1), "rel=\"related\""));
	standings_assert_has(buffer_string(&out), "No longer what it was: https://gone");
	entry.event = (struct event){
		.kind = EVENT_STATE, .from = STATE_DEAD, .to = STATE_ALIVE
	};
	standings_assert_has(write(1),
		"<link rel=\"related\" href=\"https://gone.example/x?a=1&amp;b=2\"/>");
	standings_assert_has(buffer_string(&out), "<title>Recovered: ");
	entry.url = SLICE("javascript:alert(1)");
	assert_null(strstr(write(1), "rel=\"related\""));
}

static void without_addresses_of_our_own(void **state)
{
	(void)state;
	head = (struct feed_head){ .generator = "linkrotd 0.1.0" };
	entry = (struct feed_entry){ .event_id = 3,
		.event = { .kind = EVENT_INCIDENT_BEGAN,
			.at = days_ago(1),
			.links = 12,
			.text = SLICE("openreview.net is unreachable, 12 links") } };
	const char *text = write(1);
	assert_null(strstr(text, "<link"));
	standings_assert_has(text, "<id>tag:localhost,2026:feed</id>");
	standings_assert_has(
		text, "<title>Incident: openreview.net is unreachable, 12 links</");
	standings_assert_has(text, "Incident. openreview.net is unreachable, 12 links<");
	entry.event.text = SLICE("");
	standings_assert_has(write(1), "Incident. 12 links.<");
	standings_assert_has(write(0), "<updated>1970-01-01T00:00:00Z</updated>");
	head.host = SLICE("A_b.Example:8780/<x>");
	head.list = SLICE("a b/\xC3\xA4");
	standings_assert_has(
		write(0), "<id>tag:ab.example8780x,2026:feed/a%20b%2F%C3%A4</id>");
}

static void what_is_worth_an_entry(void **state)
{
	(void)state;
	static const struct {
		enum event_kind kind;
		enum state from, to;
		bool wanted;
	} cases[] = {
		{ EVENT_STATE, STATE_SUSPECT, STATE_DEAD, true },
		{ EVENT_STATE, STATE_DEAD, STATE_ALIVE, true },
		{ EVENT_STATE, STATE_DEAD, STATE_MOVED, true },
		{ EVENT_STATE, STATE_ALIVE, STATE_MOVED, true },
		{ EVENT_STATE, STATE_UNCHECKED, STATE_ALIVE, false },
		{ EVENT_STATE, STATE_ALIVE, STATE_SUSPECT, false },
		{ EVENT_STATE, STATE_SUSPECT, STATE_ALIVE, false },
		{ EVENT_STATE, STATE_DEAD, STATE_GATED, false },
		{ EVENT_CONTENT_CHANGED, 0, 0, true },
		{ EVENT_INCIDENT_BEGAN, 0, 0, true },
		{ EVENT_INCIDENT_ENDED, 0, 0, true },
		{ EVENT_SOURCE_FAILED, 0, 0, true },
		{ EVENT_LINK_ADDED, 0, 0, false },
		{ EVENT_OFFLINE_BEGAN, 0, 0, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event event = {
			.kind = cases[i].kind, .from = cases[i].from, .to = cases[i].to
		};
		if (feed_wants(&event) != cases[i].wanted)
			fail_msg("case %zu", i);
	}
}

/* What is behind it as it was before is no news, what has changed is. */
static void a_gate_is_no_news(void **state)
{
	(void)state;
	static const struct {
		enum state kept, to;
		bool wanted;
	} cases[] = {
		{ STATE_UNCHECKED, STATE_DEAD, true },
		{ STATE_ALIVE, STATE_DEAD, true },
		{ STATE_DEAD, STATE_DEAD, false },
		{ STATE_DEAD, STATE_ALIVE, true },
		{ STATE_DEAD, STATE_MOVED, true },
		{ STATE_ALIVE, STATE_ALIVE, false },
		{ STATE_MOVED, STATE_MOVED, false },
	};
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		entry.event.from = i % 2 == 0 ? STATE_GATED : STATE_SKIPPED;
		entry.event.kept = cases[i / 2].kept;
		entry.event.to = cases[i / 2].to;
		if (feed_wants(&entry.event) != cases[i / 2].wanted)
			fail_msg("case %zu", i);
	}
	entry.event.from = STATE_SUSPECT;
	entry.event.kept = entry.event.to = STATE_MOVED;
	assert_false(feed_wants(&entry.event));
	entry.event.kept = STATE_ALIVE;
	assert_true(feed_wants(&entry.event));
	entry.event.from = STATE_GATED;
	entry.event.kept = STATE_DEAD;
	entry.event.to = STATE_ALIVE;
	standings_assert_has(write(1), "<title>Recovered: ");
	standings_assert_has(buffer_string(&out), "Recovered, before that dead.");
}

static void as_many_as_a_reader_bears(void **state)
{
	(void)state;
	static struct feed_entry many[FEED_ENTRIES_MAX + 5];
	for (size_t i = 0; i < FEED_ENTRIES_MAX + 5; i++)
		many[i] = entry;
	assert_int_equal(feed_write(&head, many, FEED_ENTRIES_MAX + 5, &out, NULL), 0);
	size_t count = 0;
	for (const char *at = buffer_string(&out); (at = strstr(at, "<entry>")) != NULL;
		at++)
		count++;
	assert_int_equal(count, FEED_ENTRIES_MAX);
	struct error error = { "" };
	struct buffer small;
	buffer_init(&small, 500);
	assert_int_equal(feed_write(&head, &entry, 1, &small, &error), -1);
	standings_assert_has(error.text, "the feed does not fit");
	buffer_fini(&small);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_whole),
		TEST(an_entry_is_the_same_for_ever),
		TEST(what_may_be_followed),
		TEST(without_addresses_of_our_own),
		TEST(what_is_worth_an_entry),
		TEST(a_gate_is_no_news),
		TEST(as_many_as_a_reader_bears),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
