#include "lib/test.h"

#include "base/random.h"
#include "message/plan.h"
#include "message/retry.h"

/* Plan and retry together, with an outbox as the store keeps it, in virtual time: a
 * nightly digest, deaths and incidents all day long, and a mail server that is broken for
 * a week. */

#define MINUTE (60 * TIME_MS_PER_S)
#define DAY    TIME_MS_PER_DAY
#define BEGIN  INT64_C(1795392000000) /* 2026-11-23 00:00:00 */

enum { ROWS_MAX = 1000, LISTS = 20, DAYS = 14 };

struct row {
	struct retry_state state;
	time_ms due_at;
	uint32_t deaths;
	bool done, digest;
};

struct world {
	struct plan_memory *memory;
	struct plan_settings settings;
	struct arena arena;
	struct random random;
	struct row rows[ROWS_MAX];
	uint32_t row_count, waiting_most, told_late;
	uint64_t died, delivered;
	int64_t last_id;
	time_ms now, next_at;
	size_t bytes_most;
};

static bool broken(time_ms now)
{
	return now >= BEGIN + 2 * DAY && now < BEGIN + 9 * DAY;
}

static bool blocked(const struct world *world)
{
	for (uint32_t i = 0; i < world->row_count; i++)
		if (!world->rows[i].done && world->rows[i].state.attempts > 0)
			return true;
	return false;
}

static void add_row(struct world *world, uint32_t deaths, bool digest)
{
	assert_true(world->row_count < ROWS_MAX);
	world->rows[world->row_count++] =
		(struct row){ .state = { .created_at = world->now },
			.due_at = world->now,
			.deaths = deaths,
			.digest = digest };
}

static void add_messages(struct world *world, const struct plan_result *result)
{
	for (uint32_t i = 0; i < result->count; i++) {
		uint32_t deaths = 0;
		for (uint32_t j = 0; j < result->messages[i].part_count; j++)
			deaths += result->messages[i].parts[j].counts[PLAN_DIED];
		add_row(world, deaths, false);
	}
	world->next_at = result->next_at;
}

/* The memory goes through bytes each time, as it does through the store. */
static void step(struct world *world, const struct plan_event *events, uint32_t count)
{
	struct plan_result result;
	struct buffer bytes;
	struct error error;
	arena_reset(&world->arena);
	assert_int_equal(plan_step(world->memory, &world->settings, events, count,
				 blocked(world), world->now, &world->arena, &result),
		0);
	add_messages(world, &result);
	buffer_init(&bytes, PLAN_MEMORY_BYTES_MAX);
	plan_encode(world->memory, &bytes);
	assert_false(bytes.failed);
	if (bytes.len > world->bytes_most)
		world->bytes_most = bytes.len;
	plan_memory_free(world->memory);
	world->memory = plan_decode(buffer_slice(&bytes), &error);
	assert_non_null(world->memory);
	buffer_fini(&bytes);
}

static void die(struct world *world)
{
	char name[8];
	int written = snprintf(
		name, sizeof(name), "l%d", (int)random_below(&world->random, LISTS));
	struct slice list = { name, (size_t)written };
	struct event event = { .kind = EVENT_STATE,
		.at = world->now,
		.link_id = ++world->last_id,
		.incident_id =
			random_below(&world->random, 3) == 0 ? 1 + world->now / DAY : 0,
		.to = STATE_DEAD,
		.reason = REASON_HTTP_404 };
	const struct plan_event shown = {
		.id = world->last_id, .event = &event, .lists = &list, .list_count = 1
	};
	world->died++;
	step(world, &shown, 1);
}

static void try_row(struct world *world, struct row *row)
{
	enum retry_class class = broken(world->now) ? RETRY_TEMPORARY : RETRY_DONE;
	row->state.attempts++;
	struct retry_next next =
		retry_after_attempt(class, -1, &row->state, world->now, &world->random);
	assert_false(next.failed);
	row->done = next.done;
	row->due_at = next.due_at;
	if (next.tell) {
		row->state.told_at = world->now;
		world->told_late++;
	}
	if (next.done)
		world->delivered += row->deaths;
}

static void deliver(struct world *world)
{
	uint32_t waiting = 0;
	for (uint32_t i = 0; i < world->row_count; i++) {
		struct row *row = &world->rows[i];
		if (!row->done && row->due_at <= world->now)
			try_row(world, row);
		waiting += !row->done;
	}
	if (waiting > world->waiting_most)
		world->waiting_most = waiting;
}

static void run(struct world *world, bool dying)
{
	deliver(world);
	if (dying && random_below(&world->random, 4) == 0)
		die(world);
	if (world->now % DAY == 4 * TIME_MS_PER_HOUR) {
		plan_note_sent(world->memory, world->now);
		add_row(world, 0, true);
	}
	if (world->next_at <= world->now || !blocked(world))
		step(world, NULL, 0);
	world->now += MINUTE;
}

static void a_week_without_a_mail_server(void **state)
{
	(void)state;
	static struct world world;
	random_init(&world.random, 11);
	arena_init(&world.arena, 64 << 20);
	world.settings = (struct plan_settings){ .on = 1 << PLAN_ON_DEAD,
		.group_wait_ms = PLAN_GROUP_WAIT_MS,
		.group_interval_ms = PLAN_GROUP_INTERVAL_MS,
		.quiet = { 22 * 60, 6 * 60, 60 },
		.max_per_hour = PLAN_PER_HOUR };
	world.memory = plan_memory_new();
	assert_non_null(world.memory);
	plan_begin(world.memory, 0, BEGIN);
	world.now = BEGIN;
	while (world.now < BEGIN + DAYS * DAY)
		run(&world, true);
	/* What is left over waits for the week's repeat at most. */
	while (world.now < BEGIN + (DAYS + 9) * DAY)
		run(&world, false);
	deliver(&world);
	assert_true(world.died > 4000);
	assert_int_equal(world.delivered, world.died);
	assert_int_equal(plan_waiting(world.memory), 0);
	for (uint32_t i = 0; i < world.row_count; i++)
		assert_true(world.rows[i].done);
	/* Seven digests, and what was on its way when it broke. */
	assert_true(world.waiting_most <= 7 + LISTS + 3);
	assert_true(world.told_late > 0);
	print_message("score: week: %llu deaths in %u messages, at most %u waiting, %zu "
		      "bytes of memory\n",
		(unsigned long long)world.died, world.row_count, world.waiting_most,
		world.bytes_most);
	plan_memory_free(world.memory);
	arena_fini(&world.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_week_without_a_mail_server),
	};
	return cmocka_run_group_tests_name("week", tests, NULL, NULL);
}
