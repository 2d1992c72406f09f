/* Searching page by page, events since a time, and what a page keeps of too much. */
#include "unit/ledger/ground.h"

#include "pages/pages.h"
#include "show/evidence.h"

struct ground {
	struct store_writer *writer;
	struct pages pages;
	struct pages_settings settings;
	struct arena arena, kept;
	struct buffer out;
};

static void begin(struct ground *ground, struct store_writer *writer)
{
	static const struct health_limits limits = { 0 };
	struct store *store = ground_open(STORE_READ);
	*ground = (struct ground){ .writer = writer };
	arena_init(&ground->arena, 64 << 20);
	arena_init(&ground->kept, 1 << 20);
	buffer_init(&ground->out, 8 << 20);
	assert_int_equal(
		pages_settings_of(NULL, &limits, &ground->kept, &ground->settings), 0);
	ground->pages = (struct pages){ .store = store,
		.ledger = show_ledger(store, show_noon, NULL),
		.settings = &ground->settings,
		.arena = &ground->arena,
		.now = show_noon };
}

static void end(struct ground *ground)
{
	ledger_release((struct ledger *)(uintptr_t)ground->pages.ledger);
	store_close(ground->pages.store);
	arena_fini(&ground->arena);
	arena_fini(&ground->kept);
	buffer_fini(&ground->out);
	if (ground->writer != NULL)
		ground_stop(ground->writer);
}

/* --- search --- */

static struct store_writer *make_searched(void)
{
	static const char *const urls[] = { "https://x.test/other", "https://x.test/a1",
		"https://x.test/a", "https://x.test/a2", "https://y.test/b",
		"https://x.test/a3" };
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "first", NULL);
	ground_read(writer, "first", "a.md", urls, 6);
	return writer;
}

/* Whatever a page holds: that very URL first, each other one once, in order. */
static void search_goes_on(void **state)
{
	(void)state;
	struct ground ground;
	begin(&ground, make_searched());
	for (uint32_t limit = 1; limit <= 6; limit++) {
		struct pages_search search = { .list = &ground.pages.ledger->all,
			.needle = SLICE("https://x.test/a"),
			.limit = limit };
		char text[64] = "";
		int64_t ids[8] = { 0 }, next = 0;
		uint64_t looked;
		for (int page = 0; page < 20; page++) {
			uint32_t count;
			assert_int_equal(pages_search(&ground.pages, &search, ids, &count,
						 &next, &looked, NULL),
				0);
			assert_true(count <= limit);
			for (uint32_t i = 0; i < count; i++)
				snprintf(text + strlen(text), sizeof(text) - strlen(text),
					"%lld ", (long long)ids[i]);
			if (next < 0)
				break;
			search.after = next;
		}
		assert_int_equal(next, -1);
		assert_string_equal(text, "3 2 4 6 ");
	}
	end(&ground);
}

/* --- events --- */

static uint32_t count_text(const struct buffer *out, const char *text)
{
	uint32_t count = 0;
	struct slice rest = buffer_slice(out);
	for (size_t at; (at = slice_find(rest, slice_of(text))) != SLICE_NONE; count++)
		rest = slice_sub(rest, at + strlen(text), rest.len);
	return count;
}

/* Ten seconds apart; every other one is written 40 minutes late, so that within the time
 * there are many that happened before it. */
static void events_since_a_time(void **state)
{
	(void)state;
	enum { EVENTS = 600, STEP_MS = 10000, LATE = 240, SINCE = 500 };
	struct store_writer *writer = make_searched();
	struct ground ground;
	uint64_t item = 0;
	uint32_t expected = 0;
	for (int i = 0; i < EVENTS; i++) {
		int place = i - EVENTS - (i % 2 == 0 ? LATE : 0);
		const struct event event = { .kind = EVENT_STATE,
			.at = show_noon + place * STEP_MS,
			.link_id = 1,
			.from = STATE_ALIVE,
			.to = STATE_DEAD,
			.reason = REASON_HTTP_404 };
		expected += place >= -SINCE;
		item = store_put_event(writer, &event, NULL);
	}
	ground_wait(writer, item);
	begin(&ground, writer);
	struct api_since since = { .at = show_noon - SINCE * STEP_MS };
	uint32_t told = 0, questions = 0;
	for (bool complete = false; !complete; questions++) {
		buffer_reset(&ground.out);
		assert_int_equal(
			pages_api_events(&ground.pages, &ground.pages.ledger->all, &since,
				&ground.out, NULL),
			0);
		told += count_text(&ground.out, "\"to_state\"");
		complete = count_text(&ground.out, "\"complete\": true") +
				   count_text(&ground.out, "\"complete\":true") >
			   0;
		struct slice text = buffer_slice(&ground.out);
		size_t at = slice_find(text, SLICE("\"c"));
		assert_true(at != SLICE_NONE || complete);
		text = slice_sub(text, at + 1, text.len);
		text = slice_sub(text, 0, slice_find_char(text, '"'));
		assert_int_equal(api_since_parse(text, &since, NULL), 0);
	}
	assert_int_equal(told, expected);
	assert_true(questions <= expected / 100 + 1);
	end(&ground);
}

/* --- one link with much behind it --- */

static void newest_spans_stay(void **state)
{
	(void)state;
	enum { SPANS = 30, KEPT = 8 };
	struct store_writer *writer = make_searched();
	uint64_t item = 0;
	for (int i = 0; i < SPANS; i++) {
		struct link_record record = show_record(i % 2 ? STATE_DEAD : STATE_ALIVE,
			show_noon + i * show_minute, show_noon + i * show_minute);
		const struct check_facts facts = { .at = record.last_checked_at,
			.outcome = OUTCOME_OK,
			.http_status = 200,
			.elapsed_ms = i };
		const struct event event = { .kind = EVENT_STATE,
			.at = record.last_checked_at,
			.link_id = 1,
			.from = STATE_ALIVE,
			.to = STATE_DEAD };
		const struct span closed = { .first_at = show_noon + i * show_minute,
			.last_at = show_noon + i * show_minute + 1,
			.checks = 1 };
		const struct store_result result = { .link_id = 1,
			.facts = &facts,
			.record = &record,
			.closed = &closed,
			.events = &event,
			.event_count = 1 };
		item = store_put_result(writer, &result);
	}
	ground_wait(writer, item);
	struct ground ground;
	begin(&ground, writer);
	const struct evidence_wish wish = { .limits = &ground.settings.limits,
		.now = show_noon,
		.checks_max = KEPT,
		.spans_max = KEPT,
		.events_max = KEPT };
	struct evidence evidence;
	bool found;
	assert_int_equal(evidence_load(ground.pages.store, 1, &wish, &ground.arena,
				 &evidence, &found, NULL),
		0);
	time_ms newest = show_noon + (SPANS - 1) * show_minute;
	assert_int_equal(evidence.known.span_count, KEPT);
	assert_int_equal(evidence.known.span_total, SPANS);
	assert_int_equal(evidence.spans[0].first_at, newest);
	assert_int_equal(
		evidence.spans[KEPT - 1].first_at, newest - (KEPT - 1) * show_minute);
	assert_int_equal(evidence.known.event_count, KEPT);
	assert_int_equal(evidence.events[0].at, newest);
	assert_int_equal(evidence.known.check_count, KEPT);
	assert_int_equal(evidence.checks[0].at, newest);

	struct recent_checks *recent = recent_checks_read(ground.pages.store, NULL);
	struct check_facts checks[SPANS];
	assert_int_equal(recent_checks_of(recent, 2, checks, SPANS), 0);
	assert_int_equal(recent_checks_of(recent, 1, checks, SPANS), SPANS);
	for (int i = 0; i < SPANS; i++)
		assert_int_equal(checks[i].elapsed_ms, SPANS - 1 - i);
	recent_checks_free(recent);
	end(&ground);
}

/* Of the first link. */
static void stand(struct ground *ground, const struct show_places *places,
	struct store_link *ret_link, struct standing *ret_standing)
{
	bool found;
	assert_int_equal(store_load_link(ground->pages.store, 1, &ground->arena, ret_link,
				 &found, NULL),
		0);
	assert_int_equal(show_standing(ground->pages.store, ret_link, places,
				 &ground->arena, ret_standing, NULL),
		0);
}

/* Counted, though few are read; and lists that only later places are on are named. */
static void places_are_counted(void **state)
{
	(void)state;
	enum { PLACES = 300 };
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "first", "second");
	ground_begin(writer, "second", "z.md", 1);
	for (uint32_t i = 0; i < 3; i++)
		ground_mention(writer, "https://x.test/", i + 1);
	ground_wait(writer, store_put_reading_end(writer));
	ground_begin(writer, "first", "b.md", 1);
	for (uint32_t i = 0; i < PLACES; i++)
		ground_mention(writer, "https://x.test/", i + 1);
	ground_wait(writer, store_put_reading_end(writer));
	ground_begin(writer, "first", "a.md", 1);
	ground_mention(writer, "https://x.test/", 99);
	ground_wait(writer, store_put_reading_end(writer));
	struct ground ground;
	begin(&ground, writer);
	struct store_link link;
	struct standing standing;
	const struct show_places all = { 0 }, few = { .limit = 4 };
	const struct show_places second = { .list = SLICE("second") };
	stand(&ground, &all, &link, &standing);
	assert_int_equal(standing.link.occurrence_count, PLACES + 4);
	assert_int_equal(standing.list_count, 2);
	uint32_t told = 0;
	for (const struct occurrence *at = standing.link.first; at != NULL; at = at->next)
		told++;
	assert_int_equal(told, SHOW_PLACES_MAX);
	assert_true(slice_equal(standing.link.first->source, SLICE("a.md")));
	assert_int_equal(standing.link.first->line, 99);
	assert_true(slice_equal(standing.link.first->next->source, SLICE("b.md")));
	assert_int_equal(standing.link.first->next->line, 1);
	assert_int_equal(show_standing(ground.pages.store, &link, &few, &ground.arena,
				 &standing, NULL),
		0);
	assert_int_equal(standing.link.occurrence_count, 4);
	/* Of one list its own places; all that have the link are named. */
	stand(&ground, &second, &link, &standing);
	assert_int_equal(standing.link.occurrence_count, 3);
	assert_true(slice_equal(standing.link.first->source, SLICE("z.md")));
	assert_true(slice_equal(standing.place_lists[0], SLICE("second")));
	assert_int_equal(standing.list_count, 2);
	assert_true(slice_equal(standing.lists[0], SLICE("first")));
	end(&ground);
}

/* More than there are bits: each by its name. */
static void a_link_of_many_lists(void **state)
{
	(void)state;
	enum { LISTS = 40 };
	static const char *const urls[] = { "https://x.test/", "https://x.test/" };
	struct store_writer *writer = ground_writer();
	char list[16];
	show_lists(writer, LISTS);
	for (uint32_t i = 0; i < LISTS; i++) {
		snprintf(list, sizeof(list), "list-%u", i);
		ground_read(writer, list, "a.md", urls, 2);
		ground_read(writer, list, "b.md", urls, 1);
	}
	struct ground ground;
	begin(&ground, writer);
	struct store_link link;
	struct standing standing;
	const struct show_places all = { 0 };
	stand(&ground, &all, &link, &standing);
	assert_int_equal(standing.list_count, LISTS);
	for (uint32_t i = 0; i < LISTS; i++) {
		snprintf(list, sizeof(list), "list-%u", i);
		assert_slice(standing.lists[i], list);
	}
	end(&ground);
}

/* Between two glances a link may be in another state. */
static void rows_have_the_state_that_was_asked_for(void **state)
{
	(void)state;
	struct store_writer *writer = make_searched();
	struct link_record record = show_record(STATE_DEAD, show_noon, show_noon);
	(void)show_check(writer, 1, &record, STATE_ALIVE);
	ground_wait(writer, show_check(writer, 2, &record, STATE_ALIVE));
	struct ground ground;
	begin(&ground, writer);
	record = show_record(STATE_ALIVE, show_noon, show_noon + show_minute);
	ground_wait(writer, show_check(writer, 1, &record, STATE_DEAD));
	const struct api_question dead = { .states = 1u << STATE_DEAD, .limit = 10 };
	assert_int_equal(pages_api_links(&ground.pages, &dead, &ground.out, NULL), 0);
	assert_int_equal(count_text(&ground.out, "\"link_id\":"), 1);
	assert_int_equal(count_text(&ground.out, "\"link_id\": 2"), 1);
	assert_int_equal(count_text(&ground.out, "\"total\": 2"), 1);
	end(&ground);
}

/* What happened to a list that is no more leads nowhere. */
static void a_list_that_is_gone_has_no_page(void **state)
{
	(void)state;
	const struct store_list_config lists[] = { { SLICE("first"), { 0 } } };
	struct store_writer *writer = make_searched();
	ground_lists(writer, "first", "second");
	ground_read(
		writer, "second", "b.md", (const char *const[]){ "https://z.test/" }, 1);
	ground_wait(writer, store_put_source_failed(writer, SLICE("second"),
				    SLICE("b.md"), show_noon, SLICE("no such file")));
	for (int gone = 0; gone < 2; gone++) {
		struct ground ground;
		begin(&ground, writer);
		const struct pages_events_wish all = {
			.list = &ground.pages.ledger->all
		};
		assert_int_equal(
			pages_events(&ground.pages, &all, &ground.out, NULL, NULL), 0);
		assert_true(count_text(&ground.out, "no such file") > 0);
		assert_int_equal(
			count_text(&ground.out, "/lists/second\"") > 0, gone == 0);
		if (gone == 0)
			ground_wait(writer, store_put_lists(writer, lists, 1, show_noon));
		ground.writer = gone == 0 ? NULL : writer;
		end(&ground);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(search_goes_on),
		ON_GROUND(events_since_a_time),
		ON_GROUND(newest_spans_stay),
		ON_GROUND(places_are_counted),
		ON_GROUND(a_link_of_many_lists),
		ON_GROUND(rows_have_the_state_that_was_asked_for),
		ON_GROUND(a_list_that_is_gone_has_no_page),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
