#include "ground.h"

static const char *const urls[] = { "https://a.test/1", "https://b.test/2",
	"https://c.test/3", "https://d.test/4", "https://e.test/5", "https://f.test/6" };

/* 1 alive and flapping, 2 dead for long, 3 suspect, 4 never checked, 5 dead since today,
 * 6 alive. */
static struct store_writer *make_links(void)
{
	struct store_writer *writer = ground_writer();
	static const struct {
		enum state state;
		time_ms since_min;
	} links[] = { { STATE_ALIVE, 50 }, { STATE_DEAD, 900 }, { STATE_SUSPECT, 30 },
		{ STATE_UNCHECKED, 0 }, { STATE_DEAD, 10 }, { STATE_ALIVE, 5 } };
	uint64_t item = 0;
	ground_lists(writer, "first", "second");
	ground_read(writer, "first", "a.md", urls, 6);
	ground_read(writer, "second", "b.md", urls + 4, 2);
	for (int64_t i = 0; i < 6; i++) {
		struct link_record record = show_record(links[i].state,
			show_noon - links[i].since_min * show_minute,
			show_noon - (6 - i) * show_minute);
		record.flapping_since = i == 0 ? show_noon : 0;
		record.due_at = show_noon + (6 - i) * 60 * show_minute;
		if (i != 3)
			item = show_check(writer, i + 1, &record, record.state);
	}
	ground_wait(writer, item);
	return writer;
}

static void assert_selected(const struct ledger *ledger, struct ledger_wish wish,
	const char *expected, bool expected_more)
{
	int64_t ids[16];
	char text[64] = "";
	bool more;
	wish.limit = wish.limit > 0 ? wish.limit : 16;
	uint32_t count = ledger_select(ledger, &wish, ids, &more);
	for (uint32_t i = 0; i < count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%lld ",
			(long long)ids[i]);
	assert_string_equal(text, expected);
	assert_int_equal(more, expected_more);
}

static void orders_filters_and_pages(void **state)
{
	(void)state;
	struct store_writer *writer = make_links();
	struct store *store = ground_open(STORE_READ);
	struct ledger *ledger = show_ledger(store, show_noon, NULL);
	const struct ledger_list *all = &ledger->all;
	const struct ledger_list *second = ledger_list_of(ledger, SLICE("second"));
	uint32_t dead = 1u << STATE_DEAD, alive = 1u << STATE_ALIVE;
	assert_selected(
		ledger, (struct ledger_wish){ .list = all }, "5 2 3 1 4 6 ", false);
	assert_selected(ledger,
		(struct ledger_wish){ .list = all, .sort = LIST_SORT_NEWEST },
		"6 5 3 1 2 4 ", false);
	assert_selected(ledger,
		(struct ledger_wish){ .list = all, .sort = LIST_SORT_CHECKED },
		"6 5 3 2 1 4 ", false);
	assert_selected(ledger,
		(struct ledger_wish){ .list = all, .states = dead | alive, .limit = 2 },
		"5 2 ", true);
	assert_selected(ledger,
		(struct ledger_wish){
			.list = all, .states = dead | alive, .limit = 2, .skip = 2 },
		"1 6 ", false);
	assert_selected(
		ledger, (struct ledger_wish){ .list = all, .skip = 100 }, "", false);
	assert_selected(ledger, (struct ledger_wish){ .list = second }, "5 6 ", false);
	assert_selected(ledger,
		(struct ledger_wish){ .list = all, .by_id = true, .after = 4 }, "5 6 ",
		false);
	assert_selected(ledger,
		(struct ledger_wish){ .list = all, .by_id = true, .after = INT64_MAX },
		"", false);
	ledger_release(ledger);
	store_close(store);
	ground_stop(writer);
}

static void counts_agree(void **state)
{
	(void)state;
	struct store_writer *writer = make_links();
	struct store *store = ground_open(STORE_READ);
	struct ledger *ledger = show_ledger(store, show_noon, NULL);
	const struct ledger_list *second = ledger_list_of(ledger, SLICE("second"));
	assert_int_equal(ledger->all.counts.by_state[STATE_DEAD], 2);
	assert_int_equal(ledger->all.counts.by_state[STATE_UNCHECKED], 1);
	assert_int_equal(ledger->all.counts.checked_lately, 5);
	assert_int_equal(ledger->all.flapping, 1);
	assert_int_equal(ledger->all.sources, 2);
	assert_int_equal(ledger_count(&ledger->all, 0), 6);
	assert_int_equal(ledger_count(second, 1u << STATE_DEAD), 1);
	assert_int_equal(second->measured_until, show_noon - show_minute);
	assert_int_equal(second->facts.due_at, show_noon + 60 * show_minute);
	assert_int_equal(ledger_list_of(ledger, SLICE("first"))->facts.due_at,
		second->facts.due_at);
	assert_null(ledger_list_of(ledger, SLICE("third")));
	enum state found;
	assert_false(ledger_holds(ledger, second, 1, &found));
	assert_true(ledger_holds(ledger, second, 5, &found));
	assert_int_equal(found, STATE_DEAD);
	ledger_release(ledger);
	store_close(store);
	ground_stop(writer);
}

/* A link each: which of their certificates is the first that anybody should renew. */
static void certificates_are_of_links_that_are_well(void **state)
{
	(void)state;
	static const enum state states[] = { STATE_SKIPPED, STATE_DEAD, STATE_SUSPECT,
		STATE_GATED, STATE_ALIVE };
	struct store_writer *writer = ground_writer();
	uint64_t item = 0;
	ground_lists(writer, "first", "second");
	ground_read(writer, "first", "a.md", urls, 5);
	for (int64_t i = 0; i < 5; i++) {
		struct link_record record = show_record(states[i], show_noon, show_noon);
		record.certificate_until =
			show_noon - show_noon % TIME_MS_PER_DAY + i * TIME_MS_PER_DAY;
		item = show_check(writer, i + 1, &record, record.state);
	}
	ground_wait(writer, item);
	struct store *store = ground_open(STORE_READ);
	struct ledger *ledger = show_ledger(store, show_noon, NULL);
	time_ms first = show_noon - show_noon % TIME_MS_PER_DAY + 2 * TIME_MS_PER_DAY;
	assert_int_equal(ledger->all.certificate_until, first);
	assert_int_equal(
		ledger_list_of(ledger, SLICE("first"))->certificate_until, first);
	assert_int_equal(ledger_list_of(ledger, SLICE("second"))->certificate_until, 0);
	ledger_release(ledger);
	store_close(store);
	ground_stop(writer);
}

/* Files of one day are the same, whenever in it they are written. */
static void files_are_as_of_the_newest_check(void **state)
{
	(void)state;
	struct store_writer *writer = make_links();
	struct store *store = ground_open(STORE_READ);
	struct ledger_reading wish = { .now = show_noon, .for_files = true };
	for (int hour = 0; hour < 3; hour++) {
		wish.now = show_noon + hour * 60 * show_minute;
		struct ledger *ledger = ledger_read(store, &wish, NULL);
		assert_int_equal(ledger->as_of, show_noon);
		ledger_release(ledger);
	}
	wish.now = show_noon + 2 * TIME_MS_PER_DAY;
	struct ledger *ledger = ledger_read(store, &wish, NULL);
	assert_int_equal(ledger->as_of % TIME_MS_PER_DAY, 0);
	assert_int_equal(ledger->all.counts.checked_lately, 0);
	ledger_release(ledger);
	store_close(store);
	ground_stop(writer);
}

/* 40 lists: those from the 32nd on share a bit. */
static void shared_bits_are_told_apart(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	char list[16];
	show_lists(writer, 40);
	for (uint32_t i = 29; i < 40; i++) {
		snprintf(list, sizeof(list), "list-%u", i);
		const char *const own[] = { urls[i % 6], urls[0], urls[0] };
		ground_read(writer, list, "a.md", own, 3);
	}
	struct store *store = ground_open(STORE_READ);
	int64_t second = ground_find(store, urls[1]), first = ground_find(store, urls[0]);
	struct link_record dead = show_record(STATE_DEAD, show_noon, show_noon);
	dead.due_at = show_noon + show_minute;
	ground_wait(writer, show_check(writer, second, &dead, STATE_ALIVE));
	struct ledger *ledger = show_ledger(store, show_noon, NULL);
	for (uint32_t i = 0; i < 40; i++) {
		const struct ledger_list *at = &ledger->lists[i];
		bool has_second = i >= 29 && i % 6 == 1;
		uint64_t links = i < 29 ? 0 : i % 6 == 0 ? 1 : 2;
		assert_int_equal(ledger_count(at, 0), links);
		assert_int_equal(at->counts.by_state[STATE_DEAD], has_second);
		assert_int_equal(at->facts.due_at, has_second ? dead.due_at : 0);
		assert_int_equal(at->news_count, has_second);
		int64_t ids[4];
		bool more;
		const struct ledger_wish wish = { .list = at, .limit = 4 };
		assert_int_equal(ledger_select(ledger, &wish, ids, &more), links);
		if (has_second)
			assert_int_equal(ids[0], second);
		const struct ledger_wish by_id = {
			.list = at, .by_id = true, .after = first, .limit = 4
		};
		assert_int_equal(ledger_select(ledger, &by_id, ids, &more),
			links == 2 && i % 6 != 5); /* urls[5] was found first */
	}
	ledger_release(ledger);
	store_close(store);
	ground_stop(writer);
}

/* What a feed tells is remembered, however much that it does not tell comes behind. */
static void news_outlive_noise(void **state)
{
	(void)state;
	enum { NOISE = 500 };
	struct store_writer *writer = make_links();
	struct link_record dead = show_record(STATE_DEAD, show_noon, show_noon);
	struct link_record suspect = show_record(STATE_SUSPECT, show_noon, show_noon);
	uint64_t item = show_check(writer, 5, &dead, STATE_ALIVE);
	for (int i = 0; i < NOISE; i++)
		item = show_check(writer, 6, &suspect, STATE_ALIVE);
	ground_wait(writer, item);
	struct store *store = ground_open(STORE_READ);
	struct ledger *former = show_ledger(store, show_noon, NULL);
	assert_int_equal(former->all.news_count, 1);
	int64_t told = former->all.news[0];
	for (int i = 0; i < 2 * LEDGER_NEWS; i++)
		item = show_check(writer, 2, &dead, STATE_ALIVE);
	ground_wait(writer, item);
	struct ledger *ledger = show_ledger(store, show_noon, former);
	const struct ledger_list *second = ledger_list_of(ledger, SLICE("second"));
	assert_int_equal(ledger->all.news_count, LEDGER_NEWS);
	assert_int_equal(ledger->all.news[LEDGER_NEWS - 1], ledger->events_until);
	assert_int_equal(second->news_count, 1);
	assert_int_equal(second->news[0], told);
	ledger_release(former);
	ledger_release(ledger);
	store_close(store);
	ground_stop(writer);
}

/* With each start the lists are put anew, and ids leap. */
static void news_outlive_a_start(void **state)
{
	(void)state;
	struct link_record dead = show_record(STATE_DEAD, show_noon, show_noon);
	struct store_writer *writer = make_links();
	ground_wait(writer, show_check(writer, 5, &dead, STATE_ALIVE));
	ground_lists(writer, "first", "second");
	ground_wait(writer, show_check(writer, 1, &dead, STATE_ALIVE));
	struct store *store = ground_open(STORE_READ);
	struct ledger *ledger = show_ledger(store, show_noon, NULL);
	assert_int_equal(ledger->all.news_count, 2);
	assert_true(ledger->all.news[1] - ledger->all.news[0] > LEDGER_NEWS_ROWS);
	assert_int_equal(ledger_list_of(ledger, SLICE("second"))->news_count, 1);
	ledger_release(ledger);
	store_close(store);
	ground_stop(writer);
}

/* A list that was taken out and put in again has its links' past. */
static void news_of_a_new_list(void **state)
{
	(void)state;
	const struct store_list_config lists[] = { { SLICE("first"), { 0 } },
		{ SLICE("third"), { 0 } } };
	struct link_record dead = show_record(STATE_DEAD, show_noon, show_noon);
	struct store_writer *writer = make_links();
	ground_wait(writer, show_check(writer, 5, &dead, STATE_ALIVE));
	struct store *store = ground_open(STORE_READ);
	struct ledger *former = show_ledger(store, show_noon, NULL);
	ground_wait(writer, store_put_lists(writer, lists, 2, 1000));
	struct ledger *empty = show_ledger(store, show_noon, former);
	assert_int_equal(ledger_list_of(empty, SLICE("third"))->news_count, 0);
	ground_read(writer, "third", "b.md", urls + 4, 2);
	struct ledger *ledger = show_ledger(store, show_noon, empty);
	assert_int_equal(ledger_list_of(ledger, SLICE("third"))->news_count, 1);
	assert_int_equal(ledger->all.news_count, 1);
	ledger_release(former);
	ledger_release(empty);
	ledger_release(ledger);
	store_close(store);
	ground_stop(writer);
}

static void fails(struct store_writer *writer, int64_t link_id, int64_t incident_id)
{
	const struct event event = { .kind = EVENT_STATE,
		.at = show_noon,
		.link_id = link_id,
		.incident_id = incident_id,
		.from = STATE_ALIVE,
		.to = STATE_SUSPECT,
		.reason = REASON_TIMEOUT };
	ground_wait(writer, store_put_event(writer, &event, NULL));
}

/* An incident is news of the lists whose links fail for it, from the first of them on. */
static void incidents_are_of_their_lists(void **state)
{
	(void)state;
	struct store_writer *writer = make_links();
	struct link_record dead = show_record(STATE_DEAD, show_noon, show_noon);
	struct event event = { .kind = EVENT_INCIDENT_BEGAN, .at = show_noon };
	int64_t id = 0;
	ground_wait(writer, store_put_event(writer, &event, &id));
	fails(writer, 1, id);
	ground_wait(writer, show_check(writer, 5, &dead, STATE_ALIVE));
	struct store *store = ground_open(STORE_READ);
	struct ledger *former = show_ledger(store, show_noon, NULL);
	const struct ledger_list *first = ledger_list_of(former, SLICE("first"));
	const struct ledger_list *second = ledger_list_of(former, SLICE("second"));
	assert_int_equal(former->all.news_count, 2);
	assert_int_equal(first->news_count, 2);
	assert_int_equal(first->news[0], id);
	assert_int_equal(second->news_count, 1);
	assert_true(second->news[0] > id);
	fails(writer, 6, id);
	event.kind = EVENT_INCIDENT_ENDED;
	event.incident_id = id;
	ground_wait(writer, store_put_event(writer, &event, NULL));
	struct ledger *ledger = show_ledger(store, show_noon, former);
	second = ledger_list_of(ledger, SLICE("second"));
	assert_int_equal(ledger->all.news_count, 3);
	assert_int_equal(second->news_count, 3);
	assert_int_equal(second->news[0], id);
	assert_int_equal(second->news[2], ledger->all.news[2]);
	ledger_release(former);
	ledger_release(ledger);
	store_close(store);
	ground_stop(writer);
}

/* Nor does one come to a list that has nothing to do with it. */
static void incidents_of_others_are_none(void **state)
{
	(void)state;
	struct store_writer *writer = make_links();
	struct event event = { .kind = EVENT_INCIDENT_BEGAN, .at = show_noon };
	int64_t id = 0;
	ground_wait(writer, store_put_event(writer, &event, &id));
	fails(writer, 1, id);
	event.kind = EVENT_INCIDENT_ENDED;
	event.incident_id = id;
	ground_wait(writer, store_put_event(writer, &event, NULL));
	struct store *store = ground_open(STORE_READ);
	struct ledger *ledger = show_ledger(store, show_noon, NULL);
	assert_int_equal(ledger_list_of(ledger, SLICE("first"))->news_count, 2);
	assert_int_equal(ledger_list_of(ledger, SLICE("second"))->news_count, 0);
	ledger_release(ledger);
	store_close(store);
	ground_stop(writer);
}

static void reading_can_be_stopped(void **state)
{
	(void)state;
	struct store_writer *writer = make_links();
	struct store *store = ground_open(STORE_READ);
	atomic_bool stop = true;
	struct error error = { "" };
	const struct ledger_reading wish = { .now = show_noon, .stop = &stop };
	assert_null(ledger_read(store, &wish, &error));
	assert_non_null(strstr(error.text, "stopped"));
	store_close(store);
	ground_stop(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(orders_filters_and_pages),
		ON_GROUND(counts_agree),
		ON_GROUND(certificates_are_of_links_that_are_well),
		ON_GROUND(files_are_as_of_the_newest_check),
		ON_GROUND(shared_bits_are_told_apart),
		ON_GROUND(news_outlive_noise),
		ON_GROUND(news_outlive_a_start),
		ON_GROUND(news_of_a_new_list),
		ON_GROUND(incidents_are_of_their_lists),
		ON_GROUND(incidents_of_others_are_none),
		ON_GROUND(reading_can_be_stopped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
