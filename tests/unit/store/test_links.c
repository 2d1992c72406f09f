#include "unit/store/ground.h"

#include "base/random.h"

static const time_ms day = TIME_MS_PER_DAY;

/* A record in which every field differs from zero and from its neighbours. */
static struct link_record whole_record(time_ms at)
{
	return (struct link_record){
		.state = STATE_SUSPECT,
		.confirmed = STATE_MOVED,
		.since = at - 3 * day,
		.confirmed_at = at - 4 * day,
		.reason = REASON_HTTP_5XX,
		.http_status = 503,
		.notes = NOTE_BIT(NOTE_RETITLED) | NOTE_BIT(NOTE_TWO_LABELS),
		.last_checked_at = at,
		.last_ok_at = at - 5 * day,
		.strike_halves = 5,
		.first_strike_at = at - 3 * day - 7,
		.last_strike_at = at - 11,
		.strikes_since = at - 30 * day,
		.waited_ms = day,
		.broken_strikes = 2,
		.second_method = true,
		.strong_evidence = true,
		.recent = UINT64_C(0xfeedfacecafe1234),
		.recent_count = 63,
		.flapping_since = at - 9 * day,
		.target_hash = UINT64_C(0x8000000000000001),
		.target_since = at - 20 * day,
		.target_seen = 7,
		.certificate_until = INT64_C(20799) * TIME_MS_PER_DAY,
		.sunset_on = INT64_C(20801) * TIME_MS_PER_DAY,
		.repository_id = UINT64_C(1098765432),
		.owner_id = INT64_MAX,
		.bad_certificate = UINT64_MAX,
		.incident_id = INT64_MAX,
		.title_hash = UINT64_MAX,
		.final_url_hash = 12,
		.simhash = UINT64_C(0x0102030405060708),
		.other_title_hash = UINT64_MAX - 1,
		.other_simhash = UINT64_C(0x8070605040302010),
		.other_since = at - 8 * day,
		.due_at = at + 6 * 3600 * 1000,
		.interval_ms = 6 * 3600 * 1000,
		.step = 3,
		.checks = 70000,
		.span = { .first_at = at - 2 * day,
			.last_at = at,
			.checks = 4,
			.outcome = OUTCOME_UNREACHABLE,
			.reason = REASON_HTTP_5XX,
			.http_status = 503,
			.ms_min = 12,
			.ms_max = 4123,
			.ms_sum = 123456789 },
	};
}

#define SAME(field) assert_true(a->field == b->field)
static void assert_same_span(const struct span *a, const struct span *b)
{
	SAME(first_at);
	SAME(last_at);
	SAME(checks);
	SAME(outcome);
	SAME(reason);
	SAME(http_status);
	SAME(ms_min);
	SAME(ms_max);
	SAME(ms_sum);
}

static void assert_same_record(const struct link_record *a, const struct link_record *b)
{
	SAME(state);
	SAME(confirmed);
	SAME(since);
	SAME(confirmed_at);
	SAME(reason);
	SAME(http_status);
	SAME(notes);
	SAME(last_checked_at);
	SAME(last_ok_at);
	SAME(strike_halves);
	SAME(first_strike_at);
	SAME(last_strike_at);
	SAME(strikes_since);
	SAME(waited_ms);
	SAME(incident_id);
	SAME(broken_strikes);
	SAME(second_method);
	SAME(strong_evidence);
	SAME(recent);
	SAME(recent_count);
	SAME(flapping_since);
	SAME(target_hash);
	SAME(target_since);
	SAME(target_seen);
	SAME(certificate_until);
	SAME(sunset_on);
	SAME(repository_id);
	SAME(owner_id);
	SAME(title_hash);
	SAME(final_url_hash);
	SAME(simhash);
	SAME(other_title_hash);
	SAME(other_simhash);
	SAME(other_since);
	SAME(due_at);
	SAME(interval_ms);
	SAME(step);
	SAME(checks);
	assert_same_span(&a->span, &b->span);
}

static struct store_link load(struct store *store, int64_t id, struct arena *arena)
{
	struct store_link link;
	bool found = false;
	struct error error = { 0 };
	if (store_load_link(store, id, arena, &link, &found, &error) < 0 || !found)
		fail_msg("link %lld: %s", (long long)id, error.text);
	return link;
}

static uint64_t put(struct store_writer *writer, int64_t id,
	const struct link_record *record, const struct store_texts *texts,
	const struct span *closed, const struct event *events, uint32_t event_count)
{
	struct check_facts facts = { .at = record->last_checked_at,
		.outcome = OUTCOME_BROKEN,
		.reason = REASON_HTTP_404,
		.http_status = 404,
		.elapsed_ms = 41 };
	struct store_result result = { .link_id = id,
		.facts = &facts,
		.record = record,
		.texts = texts,
		.closed = closed,
		.events = events,
		.event_count = event_count };
	return store_put_result(writer, &result);
}

static const char *const urls[] = { "https://a.example/x#one", "https://a.example/x#two",
	"https://b.example/", "https://a.example/x" };

static struct store_writer *with_links(void)
{
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "first", "second");
	ground_read(writer, "first", "README.md", urls, 4);
	return writer;
}

static bool keep_span(const struct span *span, void *context)
{
	*(struct span *)context = *span;
	return true;
}

struct seen_event {
	struct store_event event;
	char text[64], url[64];
	int count;
};

static bool keep_event(const struct store_event *event, void *context)
{
	struct seen_event *seen = context;
	seen->event = *event;
	seen->count++;
	snprintf(seen->text, sizeof(seen->text), "%.*s", SLICE_ARG(event->event.text));
	snprintf(seen->url, sizeof(seen->url), "%.*s", SLICE_ARG(event->url));
	return true;
}

static void everything_comes_back(void **state)
{
	(void)state;
	struct store_writer *writer = with_links();
	struct store *store = ground_open(STORE_READ);
	struct arena arena;
	arena_init(&arena, 1 << 20);
	int64_t id = ground_find(store, "https://a.example/x#two");
	time_ms at = INT64_C(1790000000123);
	struct link_record record = whole_record(at);
	struct span closed = { at - 9 * day, at - 3 * day, 6, OUTCOME_GATED,
		REASON_CHALLENGE, 403, -1, 99, 300 };
	struct store_texts texts = { SLICE("https://a.example/x#two"), SLICE("Título"),
		SLICE("an error"), SLICE("W/\"1\""),
		SLICE("Sat, 01 Jan 2026 00:00:00 GMT"),
		{ SLICE("https://c.example/"), SLICE("moved for good") },
		SLICE("301 https://a.example/y\n") };
	struct event event = { .kind = EVENT_STATE,
		.at = at,
		.link_id = id,
		.from = STATE_ALIVE,
		.to = STATE_SUSPECT,
		.reason = REASON_HTTP_5XX,
		.incident_id = 17,
		.links = 3,
		.text = SLICE("it fell") };
	ground_wait(writer, put(writer, id, &record, &texts, &closed, &event, 1));

	struct store_link link = load(store, id, &arena);
	assert_same_record(&link.record, &record);
	assert_slice(link.url, "https://a.example/x#two");
	assert_slice(link.request_key, "https://a.example/x");
	assert_slice(link.request_url, "https://a.example/x");
	assert_slice(link.fragment, "two");
	assert_slice(link.texts.final_url, "https://a.example/x#two");
	assert_slice(link.texts.title, "Título");
	assert_slice(link.texts.error, "an error");
	assert_slice(link.texts.etag, "W/\"1\"");
	assert_slice(link.texts.last_modified, "Sat, 01 Jan 2026 00:00:00 GMT");
	assert_slice(link.texts.suggestion.url, "https://c.example/");
	assert_slice(link.texts.suggestion.why, "moved for good");
	assert_slice(link.texts.redirects, "301 https://a.example/y\n");
	assert_true(link.monitored);
	assert_int_equal(link.label_count, 1);
	assert_slice(link.labels[0].expected_title, "A Survey");
	assert_slice(link.labels[0].text, "Paper");
	assert_false(link.labels[0].title_is_loose);

	struct span span = { 0 };
	assert_int_equal(store_walk_spans(store, id, keep_span, &span, NULL), 0);
	assert_same_span(&span, &closed);
	struct seen_event seen = { 0 };
	assert_int_equal(store_walk_events(store, 0, 0, keep_event, &seen, NULL), 0);
	const struct event *a = &seen.event.event, *b = &event;
	SAME(kind);
	SAME(at);
	SAME(link_id);
	SAME(from);
	SAME(to);
	SAME(reason);
	SAME(incident_id);
	SAME(links);
	assert_string_equal(seen.text, "it fell");
	assert_string_equal(seen.url, "https://a.example/x#two");
	assert_int_equal(seen.count, 1);

	/* The same after the tail was folded, at the end. */
	ground_stop(writer);
	assert_string_equal(ground_sql("SELECT count(*) FROM tail"), "0");
	link = load(store, id, &arena);
	assert_same_record(&link.record, &record);
	assert_int_equal(ground_verify(), 0);
	arena_fini(&arena);
	store_close(store);
}

static bool keep_title(const struct store_occurrence *found, void *context)
{
	struct buffer *titles = context;
	buffer_printf(titles, "%.*s.", SLICE_ARG(found->at.expected_title));
	return true;
}

/* However they are folded. */
static void labels_come_back(void **state)
{
	(void)state;
	struct occurrence places[] = {
		{ .text = SLICE("A"),
			.context = SLICE("B"),
			.expected_title = SLICE("A") },
		{ .text = SLICE("A"),
			.context = SLICE("B"),
			.expected_title = SLICE("B") },
		{ .text = SLICE("A"),
			.context = SLICE("B"),
			.expected_title = SLICE("C") },
		{ .text = SLICE("A"),
			.context = SLICE("A"),
			.expected_title = SLICE("A") },
		{ .text = SLICE("A"), .context = SLICE("B") },
	};
	enum { COUNT = sizeof(places) / sizeof(places[0]) };
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "first", "second");
	ground_begin(writer, "first", "README.md", 1);
	struct link_identity identity = { .kind = LINK_HTTP, .url = slice_of(urls[0]) };
	identity.request_key = identity.request_url = identity.url;
	for (int i = 0; i < 2 * COUNT; i++) {
		places[i % COUNT].line = (uint32_t)i + 1;
		places[i % COUNT].title_is_loose = i >= COUNT;
		assert_true(store_put_mention(writer, &identity, &places[i % COUNT]) > 0);
	}
	ground_wait(writer, store_put_reading_end(writer));

	struct store *store = ground_open(STORE_READ);
	struct arena arena;
	struct buffer titles;
	arena_init(&arena, 1 << 20);
	buffer_init(&titles, 1000);
	int64_t id = ground_find(store, urls[0]);
	assert_int_equal(store_walk_occurrences(store, id, (struct slice){ 0 }, 100,
				 keep_title, &titles, NULL),
		0);
	assert_slice(buffer_slice(&titles), "A.B.C.A..A.B.C.A..");
	struct store_link link = load(store, id, &arena);
	buffer_reset(&titles);
	for (uint32_t i = 0; i < link.label_count; i++)
		buffer_printf(&titles, "%.*s%s", SLICE_ARG(link.labels[i].expected_title),
			link.labels[i].title_is_loose ? "~" : "-");
	/* An empty one is neither, and the fourth is as the first. */
	assert_slice(buffer_slice(&titles), "A-B-C--A~B~C~");
	buffer_fini(&titles);
	arena_fini(&arena);
	ground_stop(writer);
	store_close(store);
}

/* Whatever the numbers, also such as no clock and no server gives. */
static void any_record_comes_back(void **state)
{
	(void)state;
	struct store_writer *writer = with_links();
	struct store *store = ground_open(STORE_READ);
	struct arena arena;
	struct random random;
	arena_init(&arena, 1 << 20);
	random_init(&random, 11);
	for (int round = 0; round < 100; round++) {
		struct link_record record = { .state = (enum state)random_below(
						      &random, 7),
			.confirmed = (enum state)random_below(&random, 7),
			.reason = (enum reason)random_below(&random, REASON_COUNT) };
		int64_t *const numbers[] = { &record.since, &record.confirmed_at,
			&record.last_checked_at, &record.last_ok_at,
			&record.first_strike_at, &record.last_strike_at,
			&record.flapping_since, &record.target_since, &record.due_at,
			&record.interval_ms, &record.span.first_at, &record.span.last_at,
			&record.span.ms_sum };
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
			*numbers[i] = (int64_t)(random_below(&random, UINT64_MAX) >>
						random_below(&random, 64));
		record.recent = random_below(&random, UINT64_MAX);
		record.recent_count = (uint8_t)random_below(&random, 65);
		record.simhash = random_below(&random, 3);
		record.notes = (note_set)random_below(&random, 1u << NOTE_COUNT);
		record.checks = (uint32_t)random_below(&random, UINT32_MAX);
		record.span.ms_min = (int32_t)random_below(&random, 1000) - 500;
		ground_wait(writer, store_put_record(writer, 1, &record));
		arena_reset(&arena);
		struct store_link link = load(store, 1, &arena);
		assert_same_record(&link.record, &record);
	}
	arena_fini(&arena);
	store_close(store);
	ground_stop(writer);
}

static void a_request_has_all_its_links(void **state)
{
	(void)state;
	struct store_writer *writer = with_links();
	struct store *store = ground_open(STORE_READ);
	struct store_request request;
	struct arena arena;
	arena_init(&arena, 1 << 20);
	int64_t id = ground_find(store, "https://a.example/x#two");
	assert_int_equal(store_load_request(store, id, &arena, &request, NULL), 0);
	assert_int_equal(request.link_count, 3);
	assert_slice(request.links[0].url, "https://a.example/x#one");
	assert_slice(request.links[1].url, "https://a.example/x#two");
	assert_slice(request.links[2].url, "https://a.example/x");
	assert_true(request.links[0].link_id < request.links[1].link_id);

	/* One of them leaves. */
	static const char *const fewer[] = { "https://a.example/x#one",
		"https://b.example/" };
	ground_read(writer, "first", "README.md", fewer, 2);
	assert_int_equal(store_load_request(store, id, &arena, &request, NULL), 0);
	assert_int_equal(request.link_count, 1);
	assert_slice(request.links[0].url, "https://a.example/x#one");
	arena_fini(&arena);
	store_close(store);
	ground_stop(writer);
}

struct dues {
	struct store_due at[8];
	int count;
};

static bool keep_due(const struct store_due *due, void *context)
{
	struct dues *dues = context;
	assert_true(dues->count < 8);
	dues->at[dues->count++] = *due;
	return true;
}

static void the_schedule_is_walked(void **state)
{
	(void)state;
	struct store_writer *writer = with_links();
	static const char *const more[] = { "https://b.example/", "https://d.example/" };
	ground_read(writer, "second", "papers.bib", more, 2);
	struct link_record record = whole_record(INT64_C(1790000000000));
	ground_wait(writer, put(writer, 3, &record, NULL, NULL, NULL, 0));

	struct store *store = ground_open(STORE_READ);
	for (int folded = 0; folded < 2; folded++) {
		struct dues dues = { 0 };
		assert_int_equal(store_walk_due(store, keep_due, &dues, NULL), 0);
		assert_int_equal(dues.count, 5);
		assert_true(dues.at[0].request_hash == dues.at[1].request_hash);
		assert_true(dues.at[0].request_hash == dues.at[3].request_hash);
		assert_true(dues.at[0].request_hash != dues.at[2].request_hash);
		assert_true(dues.at[0].host_hash == dues.at[3].host_hash);
		assert_true(dues.at[2].host_hash ==
			    store_host_hash(store, SLICE("b.example")));
		assert_true(dues.at[2].due_at == record.due_at);
		assert_true(dues.at[2].interval_ms == record.interval_ms);
		assert_int_equal(dues.at[2].state, STATE_SUSPECT);
		assert_int_equal(dues.at[0].due_at, 0);
		assert_int_equal(dues.at[0].list_bits, 1);
		assert_int_equal(dues.at[2].list_bits, 3);
		assert_int_equal(dues.at[4].list_bits, 2);
		dues.count = 0;
		int64_t place = 0;
		assert_int_equal(
			store_walk_due_of_source(store, SLICE("second"),
				SLICE("papers.bib"), &place, keep_due, &dues, NULL),
			0);
		assert_int_equal(place, -1);
		assert_int_equal(dues.count, 2);
		assert_int_equal(dues.at[0].link_id, 3);
		assert_true(dues.at[0].due_at == record.due_at);
		if (!folded)
			ground_stop(writer);
	}
	store_close(store);
}

struct counts {
	struct store_counts at[4];
	int count;
};

static bool keep_counts(const struct store_counts *counts, void *context)
{
	struct counts *all = context;
	assert_true(all->count < 4);
	all->at[all->count++] = *counts;
	return true;
}

static bool count_link(const struct store_link *link, void *context)
{
	(void)link;
	++*(int *)context;
	return true;
}

static void states_are_counted(void **state)
{
	(void)state;
	struct store_writer *writer = with_links();
	static const char *const more[] = { "https://b.example/", "https://d.example/" };
	ground_read(writer, "second", "papers.bib", more, 2);
	struct link_record record = whole_record(INT64_C(1790000000000));
	record.state = STATE_DEAD;
	ground_wait(writer, put(writer, 3, &record, NULL, NULL, NULL, 0));
	struct store *store = ground_open(STORE_READ);
	for (int folded = 0; folded < 2; folded++) {
		struct counts all = { 0 };
		assert_int_equal(store_count_states(store, keep_counts, &all, NULL), 0);
		assert_int_equal(all.count, 3);
		assert_int_equal(all.at[0].links, 5);
		assert_int_equal(all.at[0].by_state[STATE_DEAD], 1);
		assert_int_equal(all.at[0].by_state[STATE_UNCHECKED], 4);
		assert_int_equal(all.at[1].links, 4);
		assert_int_equal(all.at[2].links, 2);
		assert_int_equal(all.at[2].by_state[STATE_DEAD], 1);

		int found = 0;
		struct store_filter filter = {
			.list = SLICE("first"), .by_state = true, .state = STATE_DEAD
		};
		store_walk_links(store, &filter, count_link, &found, NULL);
		assert_int_equal(found, 1);
		filter = (struct store_filter){ .contains = SLICE("A.EXAMPLE"),
			.after = 1 };
		found = 0;
		store_walk_links(store, &filter, count_link, &found, NULL);
		assert_int_equal(found, 2);
		filter = (struct store_filter){ .list = SLICE("nothing") };
		found = 0;
		store_walk_links(store, &filter, count_link, &found, NULL);
		assert_int_equal(found, 0);
		struct store_statistics statistics;
		assert_int_equal(store_statistics(store, &statistics, NULL), 0);
		assert_int_equal(statistics.links, 5);
		assert_int_equal(statistics.monitored, 5);
		assert_int_equal(statistics.occurrences, 6);
		assert_int_equal(statistics.checks, 1);
		if (!folded)
			ground_stop(writer);
	}
	store_close(store);
}

/* Whole hops, as many as there is room for; and what is no hop is none. */
static void redirects_are_one_text(void **state)
{
	(void)state;
	static char long_url[STORE_URL_BYTES_MAX / 2];
	memset(long_url, 'x', sizeof(long_url));
	const struct slice url = { long_url, sizeof(long_url) };
	struct redirect hops[STORE_REDIRECTS_MAX + 1] = { { 301, SLICE("https://b/") },
		{ 200, SLICE("") }, { 302, url }, { 302, url } };
	struct redirect back[STORE_REDIRECTS_MAX];
	struct arena arena;
	arena_init(&arena, 1 << 20);
	assert_slice(store_pack_redirects(&arena, hops, 2), "301 https://b/\n200 \n");
	assert_slice(store_pack_redirects(&arena, hops, 0), "");

	struct slice packed = store_pack_redirects(&arena, hops, 4);
	assert_int_equal(store_unpack_redirects(&arena, packed, back), 3);
	assert_int_equal(back[0].status, 301);
	assert_slice(back[0].url, "https://b/");
	assert_slice(back[1].url, "");
	assert_int_equal(back[2].url.len, url.len);

	memset(hops, 0, sizeof(hops));
	packed = store_pack_redirects(&arena, hops, STORE_REDIRECTS_MAX + 1);
	assert_int_equal(
		store_unpack_redirects(&arena, packed, back), STORE_REDIRECTS_MAX);
	packed = SLICE("x https://b/\n\n-1 x\n307 https://c/");
	assert_int_equal(store_unpack_redirects(&arena, packed, back), 1);
	assert_int_equal(back[0].status, 307);
	assert_int_equal(store_unpack_redirects(&arena, (struct slice){ 0 }, back), 0);
	arena_fini(&arena);
}

/* A row only while there are any: of a million links most have none. */
static void redirects_go_away(void **state)
{
	(void)state;
	struct store_writer *writer = with_links();
	struct link_record record = whole_record(INT64_C(1790000000123));
	struct store_texts texts = { .redirects = SLICE("301 https://c.example/\n") };
	static const char *const rows = "SELECT count(*) FROM link_redirects";
	ground_wait(writer, put(writer, 3, &record, &texts, NULL, NULL, 0));
	assert_string_equal(ground_sql(rows), "1");
	texts = (struct store_texts){ .title = SLICE("B") };
	ground_wait(writer, put(writer, 3, &record, &texts, NULL, NULL, 0));
	assert_string_equal(ground_sql(rows), "0");
	texts.redirects = SLICE("301 https://c.example/\n");
	ground_wait(writer, put(writer, 3, &record, &texts, NULL, NULL, 0));
	texts = (struct store_texts){ 0 };
	ground_wait(writer, put(writer, 3, &record, &texts, NULL, NULL, 0));
	assert_string_equal(ground_sql(rows), "0");
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);
}

/* The promise of interfaces, section 6. */
static void views_speak_in_words(void **state)
{
	(void)state;
	struct store_writer *writer = with_links();
	struct link_record record = whole_record(INT64_C(1790000000123));
	struct store_texts texts = { .final_url = SLICE("https://b.example/") };
	struct event event = { .kind = EVENT_STATE,
		.at = INT64_C(1790000000123),
		.link_id = 3,
		.from = STATE_ALIVE,
		.to = STATE_SUSPECT,
		.reason = REASON_HTTP_5XX };
	ground_wait(writer, put(writer, 3, &record, &texts, NULL, &event, 1));
	for (int folded = 0; folded < 2; folded++) {
		assert_string_equal(
			ground_sql(
				"SELECT link_id || '|' || url || '|' || state || '|' || "
				"since || '|' || last_ok_at || '|' || "
				"last_checked_at || '|' || reason || '|' || "
				"http_status || '|' || final_url || '|' || strikes "
				"FROM v_link WHERE link_id = 3"),
			"3|https://b.example/|suspect|2026-09-18T14:13:20Z|"
			"2026-09-16T14:13:20Z|2026-09-21T14:13:20Z|http_5xx|503|"
			"https://b.example/|2.5");
		assert_string_equal(ground_sql("SELECT state || coalesce(since, '-') || "
					       "coalesce(http_status, '-') || strikes "
					       "FROM v_link WHERE link_id = 1"),
			"unchecked--0.0");
		assert_string_equal(
			ground_sql(
				"SELECT link_id || '|' || list || '|' || source || '|' "
				"|| line || '|' || column || '|' || text "
				"FROM v_occurrence WHERE link_id = 3"),
			"3|first|README.md|3|3|Paper");
		assert_string_equal(
			ground_sql(
				"SELECT link_id || '|' || at || '|' || outcome || '|' || "
				"reason || '|' || http_status || '|' || elapsed_ms "
				"FROM v_check"),
			"3|2026-09-21T14:13:20Z|broken|http_404|404|41");
		assert_string_equal(ground_sql("SELECT count(*) FROM v_check"), "1");
		assert_string_equal(
			ground_sql("SELECT at || '|' || link_id || '|' || from_state || "
				   "'|' || to_state || '|' || reason FROM v_event"),
			"2026-09-21T14:13:20Z|3|alive|suspect|http_5xx");
		if (!folded)
			ground_stop(writer);
	}
}

#define ON_GROUND(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, ground_setup, ground_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(everything_comes_back),
		ON_GROUND(redirects_are_one_text),
		ON_GROUND(redirects_go_away),
		ON_GROUND(labels_come_back),
		ON_GROUND(any_record_comes_back),
		ON_GROUND(a_request_has_all_its_links),
		ON_GROUND(the_schedule_is_walked),
		ON_GROUND(states_are_counted),
		ON_GROUND(views_speak_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
