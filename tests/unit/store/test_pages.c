#include "unit/store/ground.h"

#include "store/pages.h"
#include "store/tally.h"

#include <pthread.h>
#include <stdatomic.h>

static const time_ms noon = INT64_C(1700000000000);

static struct link_record record_of(int64_t id, enum state state)
{
	time_ms at = noon + id;
	return (struct link_record){ .state = state,
		.confirmed = STATE_MOVED,
		.reason = REASON_HTTP_5XX,
		.http_status = 500 + (int)id,
		.notes = NOTE_BIT(NOTE_RETITLED),
		.since = at - 1000,
		.last_checked_at = at,
		.last_ok_at = at - 2000,
		.flapping_since = at - 3000,
		.strike_halves = 3,
		.checks = 9,
		.recent = UINT64_C(0x5a) + (uint64_t)id,
		.recent_count = 8 };
}

static uint64_t put_state(
	struct store_writer *writer, int64_t id, enum state state, const char *title)
{
	struct link_record record = record_of(id, state);
	struct check_facts facts = { .at = record.last_checked_at,
		.outcome = OUTCOME_UNREACHABLE,
		.reason = REASON_HTTP_5XX,
		.elapsed_ms = 5 };
	struct event event = { .kind = EVENT_STATE,
		.at = record.last_checked_at,
		.link_id = id,
		.from = STATE_ALIVE,
		.to = state,
		.reason = REASON_HTTP_5XX };
	struct store_texts texts = { .title = slice_of(title) };
	struct store_result result = { .link_id = id,
		.facts = &facts,
		.record = &record,
		.texts = &texts,
		.events = &event,
		.event_count = 1 };
	return store_put_result(writer, &result);
}

/* Link 3 is on no list any more, 1 on both, 5 has a folded record, 2 one in the tail, 4
 * both, 6 none. */
static struct store_writer *make_links(void)
{
	static const char *const first[] = { "https://a.example/One",
		"https://b.example/two", "https://c.example/three",
		"https://d.example/four", "https://e.example/five",
		"https://f.example/six" };
	static const char *const second[] = { "https://a.example/One",
		"https://g.example/seven" };
	static const char *const later[] = { "https://a.example/One",
		"https://b.example/two", "https://d.example/four",
		"https://e.example/five", "https://f.example/six" };
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", "two");
	ground_read(writer, "one", "README.md", first, 6);
	ground_read(writer, "two", "other.md", second, 2);
	ground_read(writer, "one", "README.md", later, 5);
	put_state(writer, 3, STATE_DEAD, "Third");
	put_state(writer, 4, STATE_DEAD, "Of the old days");
	ground_wait(writer, put_state(writer, 5, STATE_ALIVE, "Fish & Chips"));
	ground_stop(writer);
	writer = ground_writer();
	put_state(writer, 2, STATE_GATED, "A SURVEY of Things");
	ground_wait(writer, put_state(writer, 4, STATE_SUSPECT, "Quattro stagioni"));
	assert_string_equal(ground_sql("SELECT count(*) FROM tail"), "2");
	return writer;
}

struct glances {
	struct store_glance at[16];
	uint32_t count;
};

static bool keep_glance(const struct store_glance *glance, void *context)
{
	struct glances *glances = context;
	assert_true(glances->count < 16);
	glances->at[glances->count++] = *glance;
	return true;
}

#define SAME(field) assert_true(glance->field == record->field)
static void assert_glance(struct store *store, const struct store_glance *glance)
{
	struct store_link link;
	struct arena arena;
	bool found;
	arena_init(&arena, 1 << 20);
	assert_int_equal(
		store_load_link(store, glance->link_id, &arena, &link, &found, NULL), 0);
	assert_true(found);
	const struct link_record *record = &link.record;
	assert_int_equal(glance->kind, link.kind);
	assert_int_equal(glance->list_bits, link.list_bits);
	SAME(state);
	SAME(confirmed);
	SAME(reason);
	SAME(http_status);
	SAME(notes);
	SAME(since);
	SAME(last_checked_at);
	SAME(last_ok_at);
	SAME(flapping_since);
	SAME(strike_halves);
	SAME(checks);
	SAME(recent);
	SAME(recent_count);
	arena_fini(&arena);
}

static void glances_are_what_links_are(void **state)
{
	(void)state;
	static const int64_t ids[] = { 1, 2, 4, 5, 6, 7 };
	static const enum state states[] = { STATE_UNCHECKED, STATE_GATED, STATE_SUSPECT,
		STATE_ALIVE, STATE_UNCHECKED, STATE_UNCHECKED };
	static const uint32_t bits[] = { 3, 1, 1, 1, 1, 2 };
	struct store_writer *writer = make_links();
	struct store *store = ground_open(STORE_READ);
	struct glances glances = { 0 };
	int64_t next = 0;
	assert_int_equal(
		store_walk_glances(store, 0, 0, keep_glance, &glances, &next, NULL), 0);
	assert_int_equal(next, -1);
	assert_int_equal(glances.count, 6);
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(glances.at[i].link_id, ids[i]);
		assert_int_equal(glances.at[i].state, states[i]);
		assert_int_equal(glances.at[i].list_bits, bits[i]);
		assert_glance(store, &glances.at[i]);
	}
	store_close(store);
	ground_stop(writer);
}

static void assert_same_glance(
	const struct store_glance *glance, const struct store_glance *record)
{
	SAME(link_id);
	SAME(list_bits);
	SAME(state);
	SAME(last_checked_at);
	SAME(recent);
}

static bool stop_at_once(const struct store_glance *glance, void *context)
{
	*(int64_t *)context = glance->link_id;
	return false;
}

static void slices_of_any_size_tell_the_same(void **state)
{
	(void)state;
	struct store_writer *writer = make_links();
	struct store *store = ground_open(STORE_READ);
	struct glances all = { 0 };
	int64_t next = 0;
	store_walk_glances(store, 0, 0, keep_glance, &all, &next, NULL);
	for (uint32_t rows = 1; rows < 9; rows++) {
		struct glances some = { 0 };
		int calls = 0;
		for (next = 0; next >= 0; calls++) {
			int64_t from = next;
			assert_int_equal(store_walk_glances(store, next, rows,
						 keep_glance, &some, &next, NULL),
				0);
			assert_true(next == -1 || next > from);
			assert_true(calls < 10);
		}
		assert_int_equal(some.count, all.count);
		for (uint32_t i = 0; i < all.count; i++)
			assert_same_glance(&some.at[i], &all.at[i]);
		/* 7 rows, one of them of a link that is not monitored. */
		assert_int_equal(calls, (7 + rows - 1) / rows);
	}
	int64_t told = 0;
	store_walk_glances(store, 2, 0, stop_at_once, &told, &next, NULL);
	assert_int_equal(told, 4);
	assert_int_equal(next, 4);
	store_close(store);
	ground_stop(writer);
}

static void page_is_loaded_in_its_order(void **state)
{
	(void)state;
	static const int64_t ids[] = { 5, 99, 1, 3, 5 };
	struct store_writer *writer = make_links();
	struct store *store = ground_open(STORE_READ);
	struct store_link links[5];
	struct arena arena;
	arena_init(&arena, 1 << 20);
	assert_int_equal(store_load_links(store, ids, 5, &arena, links, NULL), 0);
	assert_int_equal(links[1].link_id, 0);
	for (uint32_t i = 0; i < 5; i++)
		assert_true(i == 1 || links[i].link_id == ids[i]);
	assert_true(slice_equal(links[0].texts.title, SLICE("Fish & Chips")));
	assert_true(slice_equal(links[2].url, SLICE("https://a.example/One")));
	assert_int_equal(links[2].list_bits, 3);
	assert_int_equal(links[2].label_count, 1);
	assert_false(links[3].monitored);
	assert_int_equal(links[4].record.http_status, 505);
	arena_fini(&arena);
	/* Memory that ends is said. */
	arena_init(&arena, 64);
	assert_int_equal(store_load_links(store, ids, 5, &arena, links, NULL), -1);
	arena_fini(&arena);
	store_close(store);
	ground_stop(writer);
}

/* --- search ------------------------------------------------------------------------- */

struct ids {
	int64_t at[64];
	uint32_t count;
};

static bool keep_found(const struct store_found *found, void *context)
{
	struct ids *ids = context;
	assert_true(found->url.len > 0);
	ids->at[ids->count++] = found->link_id;
	return true;
}

static void search_finds(void **state)
{
	(void)state;
	static const struct {
		const char *needle;
		int64_t ids[8];
	} cases[] = {
		{ "survey", { 2 } },
		{ "SURVEY OF", { 2 } },
		{ "example/o", { 1 } },
		{ "example/", { 1, 2, 3, 4, 5, 6, 7 } },
		{ "quattro", { 4 } },
		{ "old days", { 0 } }, /* a title that it had */
		{ "fish & chips", { 5 } },
		{ "i", { 3, 4, 5, 6, 2 } },
		{ "https://a.example/One", { 1 } },
		{ "https://a.example/One/", { 0 } },
	};
	struct store_writer *writer = make_links();
	struct store *store = ground_open(STORE_READ);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (uint32_t rows = 1; rows < 10; rows += 4) {
			struct ids ids = { 0 };
			int64_t next = 0;
			int calls = 0;
			for (; next >= 0; calls++) {
				struct store_search search = { slice_of(cases[i].needle),
					next, rows };
				assert_int_equal(store_search_links(store, &search,
							 keep_found, &ids, &next, NULL),
					0);
			}
			assert_true(calls <= (int)(7 / rows + 1));
			uint32_t count = 0;
			int64_t sum = 0, expected = 0;
			while (count < 8 && cases[i].ids[count] != 0)
				expected += cases[i].ids[count++];
			if (ids.count != count)
				fail_msg("\"%s\": %u found", cases[i].needle, ids.count);
			for (uint32_t k = 0; k < count; k++) {
				sum += ids.at[k];
				assert_true(k == 0 || ids.at[k] > ids.at[k - 1]);
			}
			assert_int_equal(sum, expected);
		}
	store_close(store);
	ground_stop(writer);
}

/* Long texts are counted, or a slice would have no bound. */
static void long_urls_use_the_budget(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", NULL);
	ground_begin(writer, "one", "README.md", 1);
	for (uint32_t i = 0; i < 8; i++) {
		char url[4096];
		int len = snprintf(url, sizeof(url), "https://h%u.example/", i);
		memset(url + len, 'x', sizeof(url) - (size_t)len - 1);
		url[sizeof(url) - 1] = '\0';
		ground_mention(writer, url, i + 1);
	}
	ground_wait(writer, store_put_reading_end(writer));
	struct store *store = ground_open(STORE_READ);
	struct ids ids = { 0 };
	int64_t next = 0;
	/* 1 + 4095 / 256 = 16 each. */
	struct store_search search = { SLICE("example"), 0, 32 };
	assert_int_equal(
		store_search_links(store, &search, keep_found, &ids, &next, NULL), 0);
	assert_int_equal(ids.count, 2);
	assert_int_equal(next, 2);
	store_close(store);
	ground_stop(writer);
}

/* --- events ------------------------------------------------------------------------- */

struct told {
	int64_t ids[64];
	enum event_kind kinds[64];
	uint32_t bits[64];
	char lists[64][8];
	uint32_t count;
};

static bool keep_event(const struct store_event *event, void *context)
{
	struct told *told = context;
	assert_true((event->event.link_id != 0) == (event->url.len > 0));
	told->ids[told->count] = event->event_id;
	told->kinds[told->count] = event->event.kind;
	told->bits[told->count] = event->list_bits;
	snprintf(told->lists[told->count], 8, "%.*s", (int)event->list.len,
		event->list.len > 0 ? event->list.at : "");
	told->count++;
	return true;
}

static struct store_writer *make_events(void)
{
	struct store_writer *writer = make_links();
	struct event offline = { .kind = EVENT_OFFLINE_BEGAN, .at = noon };
	store_put_event(writer, &offline, NULL);
	ground_wait(writer, store_put_source_failed(writer, SLICE("two"),
				    SLICE("other.md"), noon, SLICE("gone")));
	return writer;
}

static struct store_event_page page_events(
	struct store *store, struct store_event_wish wish, struct told *told)
{
	struct store_event_page page;
	assert_int_equal(
		store_page_events(store, &wish, keep_event, told, &page, NULL), 0);
	return page;
}

/* As written by make_events: removed(3, list one), states of 3 4 5 2 4, offline, source
 * failed(two). */
static void events_go_both_ways(void **state)
{
	(void)state;
	struct store_writer *writer = make_events();
	struct store *store = ground_open(STORE_READ);
	struct told up = { 0 };
	struct store_event_page page =
		page_events(store, (struct store_event_wish){ 0 }, &up);
	assert_int_equal(up.count, 8);
	assert_false(page.more);
	assert_int_equal(page.next, up.ids[7]);
	assert_int_equal(up.kinds[0], EVENT_LINK_REMOVED);
	assert_string_equal(up.lists[0], "one");
	assert_int_equal(up.kinds[7], EVENT_SOURCE_FAILED);
	assert_string_equal(up.lists[7], "two");
	assert_string_equal(up.lists[6], "");
	assert_int_equal(up.bits[0], 0);
	assert_int_equal(up.bits[2], 1);
	/* What is new is found from there. */
	struct event event = { .kind = EVENT_OFFLINE_ENDED, .at = noon };
	ground_wait(writer, store_put_event(writer, &event, NULL));
	struct told more = { 0 };
	page = page_events(store, (struct store_event_wish){ .from = page.next }, &more);
	assert_int_equal(more.count, 1);
	assert_int_equal(more.kinds[0], EVENT_OFFLINE_ENDED);
	page = page_events(store, (struct store_event_wish){ .from = page.next }, &more);
	assert_int_equal(more.count, 1);
	assert_int_equal(page.next, more.ids[0]);

	for (uint32_t limit = 1; limit < 11; limit++) {
		struct told down = { 0 };
		page = (struct store_event_page){ .more = true };
		for (int calls = 0; page.more; calls++) {
			struct store_event_wish wish = { .backwards = true,
				.from = page.next,
				.limit = limit % 2 ? limit : 0,
				.rows_max = limit % 2 ? 0 : limit };
			page = page_events(store, wish, &down);
			assert_true(calls < 12);
		}
		assert_int_equal(down.count, 9);
		for (uint32_t i = 0; i < 8; i++)
			assert_int_equal(down.ids[8 - i], up.ids[i]);
	}
	store_close(store);
	ground_stop(writer);
}

static void events_of_one_list(void **state)
{
	(void)state;
	struct store_writer *writer = make_events();
	struct store *store = ground_open(STORE_READ);
	struct told one = { 0 }, two = { 0 }, general = { 0 }, none = { 0 };
	page_events(store, (struct store_event_wish){ .list = SLICE("one") }, &one);
	/* removed(3), 4 5 2 4: the death of 3 is not of a list that it left. */
	assert_int_equal(one.count, 5);
	assert_int_equal(one.kinds[0], EVENT_LINK_REMOVED);
	page_events(store,
		(struct store_event_wish){ .list = SLICE("two"), .backwards = true },
		&two);
	assert_int_equal(two.count, 1);
	assert_int_equal(two.kinds[0], EVENT_SOURCE_FAILED);
	page_events(store,
		(struct store_event_wish){ .list = SLICE("two"), .general = true },
		&general);
	assert_int_equal(general.count, 2);
	assert_int_equal(general.kinds[0], EVENT_OFFLINE_BEGAN);
	page_events(store,
		(struct store_event_wish){ .list = SLICE("three"), .general = true },
		&none);
	assert_int_equal(none.count, 0);
	store_close(store);
	ground_stop(writer);
}

/* Those that share the last bit. */
static void lists_beyond_32_are_told_apart(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://a.example/" };
	struct store_list_config lists[40];
	char names[40][8];
	struct store_writer *writer = ground_writer();
	for (int i = 0; i < 40; i++) {
		snprintf(names[i], sizeof(names[i]), "l%d", i);
		lists[i] = (struct store_list_config){ slice_of(names[i]), SLICE("L") };
	}
	assert_true(store_put_lists(writer, lists, 40, 1) > 0);
	ground_read(writer, "l35", "README.md", urls, 1);
	ground_wait(writer, put_state(writer, 1, STATE_DEAD, "x"));
	struct store *store = ground_open(STORE_READ);
	struct told right = { 0 }, wrong = { 0 };
	page_events(store, (struct store_event_wish){ .list = SLICE("l35") }, &right);
	page_events(store, (struct store_event_wish){ .list = SLICE("l36") }, &wrong);
	assert_int_equal(right.count, 1);
	assert_int_equal(right.bits[0], UINT32_C(1) << 31);
	assert_int_equal(wrong.count, 0);
	store_close(store);
	ground_stop(writer);
}

/* --- tallies ------------------------------------------------------------------------ */

struct tallies {
	struct store_tally at[8];
	uint32_t count;
};

static bool keep_tally(const struct store_tally *tally, void *context)
{
	struct tallies *tallies = context;
	tallies->at[tallies->count++] = *tally;
	return true;
}

static struct tallies walk_tallies(struct slice list, int32_t first, int32_t last)
{
	struct store *store = ground_open(STORE_READ);
	struct tallies tallies = { 0 };
	assert_int_equal(
		store_walk_tallies(store, list, first, last, keep_tally, &tallies, NULL),
		0);
	store_close(store);
	return tallies;
}

static void tallies_are_kept_by_day(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", "two");
	struct store_tally tally = { .day = 20000,
		.by_state = { 1, 990000, 3, 4, 5, UINT32_MAX, 7 },
		.died = 8,
		.recovered = 9,
		.checks = UINT64_C(1) << 40,
		.ms_count = 11,
		.ms_sum = UINT64_MAX };
	for (tally.day = 20000; tally.day < 20004; tally.day++)
		store_put_tally(writer, &tally);
	tally.list = SLICE("two");
	tally.day = 20001;
	store_put_tally(writer, &tally);
	tally.by_state[STATE_ALIVE] = 0;
	tally.checks = 12;
	store_put_tally(writer, &tally);
	tally.list = SLICE("never put");
	ground_wait(writer, store_put_tally(writer, &tally));

	struct tallies all = walk_tallies((struct slice){ 0 }, 20001, 20002);
	assert_int_equal(all.count, 2);
	assert_int_equal(all.at[0].day, 20001);
	assert_int_equal(all.at[1].by_state[STATE_ALIVE], 990000);
	assert_true(all.at[1].by_state[STATE_GATED] == UINT32_MAX);
	assert_true(all.at[1].checks == UINT64_C(1) << 40);
	assert_true(all.at[1].ms_sum == UINT64_MAX && all.at[1].ms_count == 11);
	assert_int_equal(all.at[1].died, 8);
	assert_int_equal(all.at[1].recovered, 9);
	/* A list that is retired is remembered. */
	ground_lists(writer, "one", NULL);
	ground_wait(writer, store_put_host_forgotten(writer, SLICE("x")));
	struct tallies two = walk_tallies(SLICE("two"), 0, INT32_MAX);
	assert_int_equal(two.count, 1);
	assert_int_equal(two.at[0].by_state[STATE_ALIVE], 0);
	assert_int_equal(two.at[0].by_state[STATE_SKIPPED], 7);
	assert_int_equal(two.at[0].checks, 12);
	assert_int_equal(walk_tallies(SLICE("never put"), 0, INT32_MAX).count, 0);
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);

	struct store *store = ground_open(STORE_READ);
	struct store_statistics statistics;
	assert_int_equal(store_statistics(store, &statistics, NULL), 0);
	assert_int_equal(statistics.tallies, 5);
	store_close(store);
}

/* --- readers ------------------------------------------------------------------------ */

enum { READERS = 4, READER_LINKS = 3000 };

static atomic_bool readers_stop;

static bool count_glance(const struct store_glance *glance, void *context)
{
	(void)glance;
	++*(uint32_t *)context;
	return true;
}

static void *read_for_ever(void *context)
{
	struct store *store = ground_open(STORE_READ);
	struct arena arena;
	uint32_t *rounds = context;
	arena_init(&arena, 1 << 20);
	while (!atomic_load(&readers_stop)) {
		uint32_t count = 0;
		int64_t next = 0;
		while (next >= 0)
			assert_int_equal(store_walk_glances(store, next, 500,
						 count_glance, &count, &next, NULL),
				0);
		assert_int_equal(count, READER_LINKS);
		struct store_link link;
		bool found;
		arena_reset(&arena);
		assert_int_equal(
			store_load_link(store, 1, &arena, &link, &found, NULL), 0);
		++*rounds;
	}
	arena_fini(&arena);
	return store;
}

/* Between calls a reader holds nothing: with all of them open the log is emptied. */
static void readers_do_not_hold_the_log(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	pthread_t threads[READERS];
	struct store *stores[READERS];
	uint32_t rounds[READERS] = { 0 };
	ground_lists(writer, "one", NULL);
	ground_begin(writer, "one", "README.md", 1);
	for (uint32_t i = 0; i < READER_LINKS; i++) {
		char url[64];
		snprintf(url, sizeof(url), "https://h%u.example/", i);
		ground_mention(writer, url, i + 1);
	}
	ground_wait(writer, store_put_reading_end(writer));
	atomic_store(&readers_stop, false);
	for (int i = 0; i < READERS; i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, read_for_ever, &rounds[i]), 0);
	uint64_t last = 0;
	for (uint32_t i = 0; i < 60000;) {
		uint64_t put = put_state(
			writer, i % READER_LINKS + 1, STATE_ALIVE, "A title of a page");
		if (put == 0)
			usleep(1000);
		else {
			last = put;
			i++;
		}
	}
	ground_wait(writer, last);
	atomic_store(&readers_stop, true);
	for (int i = 0; i < READERS; i++) {
		void *store;
		assert_int_equal(pthread_join(threads[i], &store), 0);
		stores[i] = store;
		assert_true(rounds[i] > 0);
	}
	ground_stop(writer);
	char path[128];
	struct stat file = { .st_size = -1 };
	snprintf(path, sizeof(path), "%s-wal", ground_path);
	assert_int_equal(stat(path, &file), 0);
	assert_int_equal(file.st_size, 0);
	for (int i = 0; i < READERS; i++)
		store_close(stores[i]);
	assert_int_equal(ground_verify(), 0);
}

#define ON_GROUND(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, ground_setup, ground_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(glances_are_what_links_are),
		ON_GROUND(slices_of_any_size_tell_the_same),
		ON_GROUND(page_is_loaded_in_its_order),
		ON_GROUND(search_finds),
		ON_GROUND(long_urls_use_the_budget),
		ON_GROUND(events_go_both_ways),
		ON_GROUND(events_of_one_list),
		ON_GROUND(lists_beyond_32_are_told_apart),
		ON_GROUND(tallies_are_kept_by_day),
		ON_GROUND(readers_do_not_hold_the_log),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
