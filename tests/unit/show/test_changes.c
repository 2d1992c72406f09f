#include "unit/store/ground.h"

#include "show/changes.h"

static const time_ms noon = INT64_C(1790078400000); /* of a day in 2026, UTC */

static time_ms on_day(int day)
{
	return noon + day * TIME_MS_PER_DAY;
}

/* One link, with a change of state each: a day, and what it became. */
struct step {
	int day;
	enum state to;
};

static void put_steps(struct store_writer *writer, int64_t id, const struct step *steps)
{
	enum state from = STATE_UNCHECKED;
	uint64_t item = 0;
	for (const struct step *step = steps; step->day > 0; step++) {
		time_ms at = on_day(step->day);
		const struct link_record record = { .state = step->to,
			.since = at,
			.last_checked_at = at,
			.checks = 1,
			.span = { .first_at = at, .last_at = at, .checks = 1 } };
		const struct check_facts facts = { .at = at, .elapsed_ms = 7 };
		const struct event event = { .kind = EVENT_STATE,
			.at = at,
			.link_id = id,
			.from = from,
			.to = step->to };
		const struct store_result result = { .link_id = id,
			.facts = &facts,
			.record = &record,
			.events = &event,
			.event_count = 1 };
		item = store_put_result(writer, &result);
		from = step->to;
	}
	ground_wait(writer, item);
}

/* A store with the one link that is told of. */
static struct store_writer *begin(struct arena *arena)
{
	static const char *const urls[] = { "https://a.test/1" };
	arena_init(arena, 256u << 20);
	ground_setup(NULL);
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "first", NULL);
	ground_read(writer, "first", "a.md", urls, 1);
	return writer;
}

static void end(struct arena *arena, struct store_writer *writer)
{
	ground_stop(writer);
	ground_teardown(NULL);
	arena_fini(arena);
}

static struct digest load(struct arena *arena, time_ms since)
{
	struct error error = { "" };
	struct digest digest;
	int64_t last_event_id;
	struct changes_wish wish = { .store = ground_open(STORE_READ),
		.beside = ground_open(STORE_READ),
		.since = since,
		.until = on_day(31),
		.feed = true,
		.generator = "linkrotd" };
	if (changes_load(&wish, arena, &digest, &last_event_id, &error) < 0)
		fail_msg("%s", error.text);
	store_close(wish.store);
	store_close(wish.beside);
	return digest;
}

/* Told from day 20 on, between the gate and what comes behind it. -1: nowhere. */
static int section_of(const struct digest *digest)
{
	int found = -1;
	for (int i = 0; i < DIGEST_SECTION_COUNT; i++)
		if (digest->links[i].total > 0)
			found = i;
	return found;
}

static void a_gate_changes_nothing(void **state)
{
	(void)state;
	static const struct {
		struct step steps[8];
		int section; /* -1: none */
		uint32_t entries;
		enum state from; /* what it is said to have been */
	} cases[] = {
		{ { { 1, STATE_ALIVE }, { 5, STATE_DEAD }, { 9, STATE_GATED },
			  { 25, STATE_DEAD } },
			DIGEST_STILL, 0, STATE_DEAD },
		{ { { 1, STATE_ALIVE }, { 5, STATE_DEAD }, { 9, STATE_GATED },
			  { 25, STATE_ALIVE } },
			DIGEST_RECOVERED, 1, STATE_DEAD },
		{ { { 5, STATE_DEAD }, { 9, STATE_SKIPPED }, { 12, STATE_GATED },
			  { 25, STATE_MOVED } },
			DIGEST_MOVED, 1, STATE_DEAD },
		{ { { 5, STATE_MOVED }, { 9, STATE_GATED }, { 25, STATE_MOVED } }, -1, 0,
			STATE_UNCHECKED },
		{ { { 5, STATE_DEAD }, { 6, STATE_ALIVE }, { 9, STATE_GATED },
			  { 25, STATE_ALIVE } },
			-1, 0, STATE_UNCHECKED },
		{ { { 5, STATE_ALIVE }, { 6, STATE_SUSPECT }, { 9, STATE_GATED },
			  { 25, STATE_DEAD } },
			DIGEST_NEW, 1, STATE_ALIVE },
		/* one bad look at what has moved */
		{ { { 5, STATE_MOVED }, { 9, STATE_SUSPECT }, { 25, STATE_MOVED } }, -1,
			0, STATE_UNCHECKED },
		{ { { 5, STATE_ALIVE }, { 9, STATE_SUSPECT }, { 25, STATE_MOVED } },
			DIGEST_MOVED, 1, STATE_SUSPECT },
		/* there was no verdict */
		{ { { 9, STATE_GATED }, { 25, STATE_DEAD } }, DIGEST_NEW, 1,
			STATE_GATED },
		/* all of it in the time that is told of */
		{ { { 21, STATE_DEAD }, { 22, STATE_GATED }, { 23, STATE_DEAD },
			  { 24, STATE_GATED }, { 25, STATE_ALIVE } },
			-1, 2, STATE_UNCHECKED },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena arena;
		struct store_writer *writer = begin(&arena);
		put_steps(writer, 1, cases[i].steps);
		const struct digest digest = load(&arena, on_day(20));
		int section = section_of(&digest);
		if (section != cases[i].section || digest.event_count != cases[i].entries)
			fail_msg("case %zu: section %d, %u entries", i, section,
				digest.event_count);
		if (section >= 0)
			assert_int_equal(
				digest.links[section].entries[0].from, cases[i].from);
		end(&arena, writer);
	}
}

/* A change of content has its own date, whatever the state did. */
static void a_change_has_its_date(void **state)
{
	(void)state;
	const struct event event = {
		.kind = EVENT_CONTENT_CHANGED, .at = on_day(23), .link_id = 1
	};
	const struct step steps[] = { { 21, STATE_ALIVE }, { 0 } };
	struct arena arena;
	struct store_writer *writer = begin(&arena);
	put_steps(writer, 1, steps);
	ground_wait(writer, store_put_event(writer, &event, NULL));
	const struct digest digest = load(&arena, on_day(20));
	assert_int_equal(digest.links[DIGEST_CHANGED].total, 1);
	assert_int_equal(digest.links[DIGEST_CHANGED].entries[0].at, on_day(23));
	end(&arena, writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gate_changes_nothing),
		cmocka_unit_test(a_change_has_its_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
