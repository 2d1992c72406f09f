#include "lib/test.h"

#include "base/random.h"
#include "message/plan.h"

#define MINUTE (60 * TIME_MS_PER_S)
#define HOUR   TIME_MS_PER_HOUR
#define DAY    TIME_MS_PER_DAY
/* 2026-11-23 00:00:00 */
#define MIDNIGHT INT64_C(1795392000000)
#define NOON     (MIDNIGHT + 12 * HOUR)

enum { ALL = 0x1F };

struct scene {
	struct plan_memory *memory;
	struct plan_settings settings;
	struct arena arena;
	struct plan_result result;
	int64_t last_id;
};

static const struct slice one_list[] = { { "a", 1 } };
static const struct slice other_list[] = { { "b", 1 } };
static const struct slice two_lists[] = { { "a", 1 }, { "b", 1 } };

static void open_scene(struct scene *scene)
{
	*scene = (struct scene){ .memory = plan_memory_new(),
		.settings = { .on = ALL,
			.group_wait_ms = PLAN_GROUP_WAIT_MS,
			.group_interval_ms = PLAN_GROUP_INTERVAL_MS,
			.repeat_ms = PLAN_REPEAT_MS,
			.max_per_hour = PLAN_PER_HOUR } };
	assert_non_null(scene->memory);
	assert_false(plan_has_begun(scene->memory));
	plan_begin(scene->memory, 0, MIDNIGHT - DAY);
	arena_init(&scene->arena, 64 << 20);
}

static void close_scene(struct scene *scene)
{
	plan_memory_free(scene->memory);
	arena_fini(&scene->arena);
}

/* Every step is taken with what came back from bytes. */
static void through_bytes(struct scene *scene)
{
	struct buffer bytes, again;
	struct error error;
	buffer_init(&bytes, PLAN_MEMORY_BYTES_MAX);
	buffer_init(&again, PLAN_MEMORY_BYTES_MAX);
	plan_encode(scene->memory, &bytes);
	assert_false(bytes.failed);
	plan_memory_free(scene->memory);
	scene->memory = plan_decode(buffer_slice(&bytes), &error);
	assert_non_null(scene->memory);
	plan_encode(scene->memory, &again);
	assert_true(slice_equal(buffer_slice(&bytes), buffer_slice(&again)));
	buffer_fini(&again);
	buffer_fini(&bytes);
}

static uint32_t step(struct scene *scene, const struct plan_event *events, uint32_t count,
	bool blocked, time_ms now)
{
	through_bytes(scene);
	arena_reset(&scene->arena);
	assert_int_equal(plan_step(scene->memory, &scene->settings, events, count,
				 blocked, now, &scene->arena, &scene->result),
		0);
	return scene->result.count;
}

static uint32_t wake(struct scene *scene, time_ms now)
{
	return step(scene, NULL, 0, false, now);
}

static struct event state_event(int64_t link_id, enum state to, int64_t incident_id)
{
	return (struct event){ .kind = EVENT_STATE,
		.link_id = link_id,
		.incident_id = incident_id,
		.from = STATE_SUSPECT,
		.to = to,
		.reason = REASON_HTTP_404 };
}

static uint32_t show(struct scene *scene, struct event event, time_ms dead_since,
	const struct slice *lists, uint32_t list_count, time_ms now)
{
	event.at = now;
	struct plan_event shown = { .id = ++scene->last_id,
		.event = &event,
		.lists = lists,
		.list_count = list_count,
		.dead_since = dead_since };
	return step(scene, &shown, 1, false, now);
}

static uint32_t died(struct scene *scene, int64_t link_id, time_ms now)
{
	return show(scene, state_event(link_id, STATE_DEAD, 0), 0, one_list, 1, now);
}

static uint32_t recovered(
	struct scene *scene, int64_t link_id, time_ms dead_since, time_ms now)
{
	return show(scene, state_event(link_id, STATE_ALIVE, 0), dead_since, one_list, 1,
		now);
}

static uint32_t incident(struct scene *scene, enum event_kind kind, int64_t id,
	uint32_t links, time_ms now)
{
	struct event event = { .kind = kind, .incident_id = id, .links = links };
	return show(scene, event, 0, two_lists, 2, now);
}

static const struct plan_part *only_part(const struct scene *scene)
{
	assert_int_equal(scene->result.count, 1);
	assert_int_equal(scene->result.messages[0].part_count, 1);
	return &scene->result.messages[0].parts[0];
}

/* --- one list --------------------------------------------------------------------------
 */

static void a_death_waits_for_others_and_is_told_once(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	assert_int_equal(died(&scene, 1, NOON), 0);
	assert_true(scene.result.changed);
	assert_int_equal(scene.result.next_at, NOON + 10 * MINUTE);
	assert_int_equal(died(&scene, 2, NOON + 9 * MINUTE), 0);
	assert_int_equal(wake(&scene, NOON + 10 * MINUTE), 0);
	assert_false(scene.result.changed);
	assert_int_equal(scene.result.next_at, NOON + 19 * MINUTE);
	assert_int_equal(plan_waiting(scene.memory), 2);

	assert_int_equal(wake(&scene, NOON + 19 * MINUTE), 1);
	const struct plan_part *part = only_part(&scene);
	assert_int_equal(scene.result.messages[0].why, PLAN_WHY_NEWS);
	assert_slice(part->list, "a");
	assert_int_equal(part->counts[PLAN_DIED], 2);
	assert_int_equal(part->item_count, 2);
	assert_int_equal(part->items[0].link_id, 1);
	assert_int_equal(part->items[1].event_id, 2);
	assert_int_equal(plan_waiting(scene.memory), 0);

	/* Not again, except as still dead, a week later. */
	assert_int_equal(wake(&scene, NOON + DAY), 0);
	assert_int_equal(scene.result.next_at, NOON + 19 * MINUTE + 7 * DAY);
	assert_int_equal(wake(&scene, NOON + 19 * MINUTE + 7 * DAY), 1);
	assert_int_equal(scene.result.messages[0].why, PLAN_WHY_REPEAT);
	assert_int_equal(only_part(&scene)->still, 2);
	assert_int_equal(only_part(&scene)->item_count, 0);
	uint64_t key = scene.result.messages[0].key;
	assert_int_equal(wake(&scene, NOON + 8 * DAY), 0);
	assert_int_equal(wake(&scene, NOON + 15 * DAY), 1);
	assert_true(scene.result.messages[0].key != key);
	close_scene(&scene);
}

static void what_never_ends_is_told_all_the_same(void **state)
{
	(void)state;
	struct scene scene;
	time_ms now = NOON;
	open_scene(&scene);
	while (died(&scene, now / MINUTE, now) == 0)
		now += MINUTE;
	assert_int_equal(now, NOON + 60 * MINUTE);
	assert_int_equal(only_part(&scene)->counts[PLAN_DIED], 61);
	/* And then the list rests. */
	assert_int_equal(died(&scene, 1, now + MINUTE), 0);
	assert_int_equal(scene.result.next_at, now + 6 * HOUR);
	assert_int_equal(wake(&scene, now + 6 * HOUR), 1);
	assert_int_equal(only_part(&scene)->still, 61);
	close_scene(&scene);
}

static void what_came_and_went_is_not_told(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	died(&scene, 1, NOON);
	recovered(&scene, 1, NOON, NOON + MINUTE);
	assert_int_equal(plan_waiting(scene.memory), 0);
	assert_int_equal(scene.result.next_at, INT64_MAX);
	/* Told dead, then back, then dead again before anybody heard of it. */
	died(&scene, 2, NOON + HOUR);
	assert_int_equal(wake(&scene, NOON + 2 * HOUR), 1);
	recovered(&scene, 2, NOON + HOUR, NOON + 3 * HOUR);
	assert_int_equal(plan_waiting(scene.memory), 1);
	died(&scene, 2, NOON + 4 * HOUR);
	assert_int_equal(plan_waiting(scene.memory), 0);
	/* Removed from its lists: it may be back before it is told, and as dead, of which
	 * no event says anything. Who writes the message looks whether it is. */
	died(&scene, 3, NOON + 5 * HOUR);
	struct event removed = { .kind = EVENT_LINK_REMOVED, .link_id = 3 };
	show(&scene, removed, 0, NULL, 0, NOON + 5 * HOUR);
	assert_int_equal(plan_waiting(scene.memory), 1);
	close_scene(&scene);
}

static uint32_t list_change(struct scene *scene, enum event_kind kind, int64_t link_id,
	time_ms dead_since, time_ms now)
{
	struct event event = { .kind = kind, .link_id = link_id };
	return show(scene, event, dead_since, one_list, 1, now);
}

/* An issue names what is dead on its list; what leaves the list is no longer. */
static void who_keeps_a_list_is_told_what_leaves_it(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	scene.settings.standing = true;
	died(&scene, 1, NOON);
	assert_int_equal(wake(&scene, NOON + HOUR), 1);
	/* One that is not dead is no news. */
	list_change(&scene, EVENT_LINK_REMOVED, 2, 0, NOON + DAY);
	list_change(&scene, EVENT_LINK_ADDED, 3, 0, NOON + DAY);
	assert_int_equal(plan_waiting(scene.memory), 0);
	list_change(&scene, EVENT_LINK_REMOVED, 1, NOON, NOON + DAY);
	assert_int_equal(wake(&scene, NOON + 2 * DAY), 1);
	assert_slice(only_part(&scene)->list, "a");
	assert_int_equal(only_part(&scene)->still, 0);
	/* For an hour, while it is written. */
	list_change(&scene, EVENT_LINK_ADDED, 1, NOON, NOON + 3 * DAY);
	assert_int_equal(wake(&scene, NOON + 4 * DAY), 1);
	list_change(&scene, EVENT_LINK_REMOVED, 1, NOON, NOON + 5 * DAY);
	list_change(&scene, EVENT_LINK_ADDED, 1, NOON, NOON + 5 * DAY + MINUTE);
	assert_int_equal(plan_waiting(scene.memory), 0);
	/* Dead since before the receiver was there, but in its issue; and many at once.
	 */
	list_change(&scene, EVENT_LINK_REMOVED, 9, MIDNIGHT - 2 * DAY, NOON + 6 * DAY);
	assert_int_equal(wake(&scene, NOON + 6 * DAY + HOUR), 1);
	list_change(&scene, EVENT_LINK_REMOVED, 0, 0, NOON + 7 * DAY);
	assert_int_equal(wake(&scene, NOON + 7 * DAY + HOUR), 1);
	/* To others it is no news. */
	scene.settings.standing = false;
	list_change(&scene, EVENT_LINK_REMOVED, 1, NOON, NOON + 8 * DAY);
	list_change(&scene, EVENT_LINK_ADDED, 1, NOON, NOON + 9 * DAY);
	assert_int_equal(plan_waiting(scene.memory), 0);
	close_scene(&scene);
}

/* Another one recovered while it was behind a gate, and the issue was closed. */
static void who_keeps_a_list_is_told_what_is_dead_again(void **state)
{
	(void)state;
	struct scene scene;
	struct event again = state_event(1, STATE_DEAD, 0);
	again.from = STATE_GATED;
	open_scene(&scene);
	scene.settings.standing = true;
	scene.settings.repeat_ms = 0;
	died(&scene, 1, NOON);
	show(&scene, again, NOON, one_list, 1, NOON + MINUTE); /* not told yet */
	assert_int_equal(plan_waiting(scene.memory), 1);
	assert_int_equal(wake(&scene, NOON + HOUR), 1);
	show(&scene, again, NOON, one_list, 1, NOON + DAY);
	assert_int_equal(wake(&scene, NOON + 2 * DAY), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_DIED], 1);
	assert_int_equal(only_part(&scene)->still, 0);
	recovered(&scene, 1, NOON, NOON + 3 * DAY);
	assert_int_equal(wake(&scene, NOON + 4 * DAY), 1);
	assert_int_equal(only_part(&scene)->still, 0);
	/* to others it is no news */
	scene.settings.standing = false;
	show(&scene, again, NOON, one_list, 1, NOON + 5 * DAY);
	assert_int_equal(plan_waiting(scene.memory), 0);
	close_scene(&scene);
}

/* What left one list and came to another is not as if nothing had been. */
static void two_lists_that_change_do_not_undo_each_other(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	scene.settings.standing = true;
	struct event left = { .kind = EVENT_LINK_REMOVED, .links = 5000 };
	struct event came = { .kind = EVENT_LINK_ADDED, .links = 5000 };
	show(&scene, left, 0, one_list, 1, NOON);
	show(&scene, came, 0, other_list, 1, NOON + MINUTE);
	assert_int_equal(wake(&scene, NOON + HOUR), 2);
	/* On one list they are not the same links. */
	show(&scene, left, 0, one_list, 1, NOON + DAY);
	show(&scene, came, 0, one_list, 1, NOON + DAY);
	assert_int_equal(wake(&scene, NOON + DAY + HOUR), 1);
	/* One link that goes from list to list; and back before it is told. */
	left.link_id = came.link_id = 1;
	show(&scene, left, NOON, one_list, 1, NOON + 2 * DAY);
	show(&scene, came, NOON, other_list, 1, NOON + 2 * DAY);
	assert_int_equal(wake(&scene, NOON + 2 * DAY + HOUR), 2);
	show(&scene, left, NOON, other_list, 1, NOON + 3 * DAY);
	show(&scene, came, NOON, one_list, 1, NOON + 3 * DAY);
	show(&scene, left, NOON, one_list, 1, NOON + 3 * DAY);
	show(&scene, came, NOON, other_list, 1, NOON + 3 * DAY);
	assert_int_equal(plan_waiting(scene.memory), 0);
	close_scene(&scene);
}

static void a_recovery_is_for_those_who_know_of_the_death(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	/* Dead since before this receiver was there. */
	recovered(&scene, 1, MIDNIGHT - 2 * DAY, NOON);
	assert_int_equal(plan_waiting(scene.memory), 0);
	/* Only suspect. */
	recovered(&scene, 2, 0, NOON);
	assert_int_equal(plan_waiting(scene.memory), 0);
	died(&scene, 3, NOON);
	assert_int_equal(wake(&scene, NOON + HOUR), 1);
	/* Gated and dead again is no news. */
	show(&scene, state_event(3, STATE_DEAD, 0), NOON, one_list, 1, NOON + HOUR);
	assert_int_equal(plan_waiting(scene.memory), 0);
	recovered(&scene, 3, NOON, NOON + DAY);
	assert_int_equal(wake(&scene, NOON + DAY + HOUR), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_RECOVERED], 1);
	/* Nothing is dead any more: no repeat. */
	assert_int_equal(wake(&scene, NOON + 30 * DAY), 0);
	assert_int_equal(scene.result.next_at, INT64_MAX);

	/* Who wants recoveries and no deaths is told all of them. */
	scene.settings.on = 1 << PLAN_ON_RECOVERED;
	died(&scene, 4, NOON + 31 * DAY);
	assert_int_equal(plan_waiting(scene.memory), 0);
	recovered(&scene, 5, MIDNIGHT - 2 * DAY, NOON + 31 * DAY);
	assert_int_equal(plan_waiting(scene.memory), 1);
	close_scene(&scene);
}

/* Also a death whose recovery is not wanted is not "still dead" for ever. */
static void an_unwanted_recovery_is_counted(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	scene.settings.on = 1 << PLAN_ON_DEAD;
	died(&scene, 1, NOON);
	assert_int_equal(wake(&scene, NOON + HOUR), 1);
	recovered(&scene, 1, NOON, NOON + DAY);
	assert_int_equal(plan_waiting(scene.memory), 0);
	assert_int_equal(wake(&scene, NOON + 30 * DAY), 0);
	close_scene(&scene);
}

/* What a message says is still dead is so: less what it tells of, and with what died in
 * an incident and came back alone. */
static void what_is_still_dead_is_counted_rightly(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	died(&scene, 1, NOON);
	died(&scene, 2, NOON);
	assert_int_equal(wake(&scene, NOON + HOUR), 1);
	incident(&scene, EVENT_INCIDENT_BEGAN, 0, 3, NOON + DAY);
	for (int64_t link = 3; link <= 5; link++)
		show(&scene, state_event(link, STATE_DEAD, scene.last_id), 0, one_list, 1,
			NOON + DAY);
	wake(&scene, NOON + 4 * DAY);
	recovered(&scene, 3, NOON + DAY, NOON + 5 * DAY);
	assert_int_equal(wake(&scene, NOON + 5 * DAY + HOUR), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_RECOVERED], 1);
	assert_int_equal(only_part(&scene)->still, 4);
	recovered(&scene, 1, NOON, NOON + 6 * DAY);
	assert_int_equal(wake(&scene, NOON + 6 * DAY + HOUR), 1);
	assert_int_equal(only_part(&scene)->still, 3);
	close_scene(&scene);
}

static void occasions_and_lists_choose(void **state)
{
	(void)state;
	static const struct slice wanted[] = { { "b", 1 } };
	struct scene scene;
	open_scene(&scene);
	scene.settings.lists = wanted;
	scene.settings.list_count = 1;
	scene.settings.on = 1 << PLAN_ON_DEAD;
	died(&scene, 1, NOON); /* only in a */
	assert_int_equal(plan_waiting(scene.memory), 0);
	show(&scene, state_event(2, STATE_DEAD, 0), 0, two_lists, 2, NOON);
	show(&scene, state_event(3, STATE_MOVED, 0), 0, two_lists, 2, NOON);
	incident(&scene, EVENT_INCIDENT_BEGAN, 77, 9, NOON);
	assert_int_equal(wake(&scene, NOON + HOUR), 1);
	assert_slice(only_part(&scene)->list, "b");
	assert_int_equal(only_part(&scene)->item_count, 1);
	assert_int_equal(plan_mark(scene.memory), 4);
	close_scene(&scene);
}

/* One incident, links on two lists: one message, but each list has its own dead. */
static void what_died_on_another_list_is_still_dead_there(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	incident(&scene, EVENT_INCIDENT_BEGAN, 50, 5, NOON);
	for (int64_t link = 1; link <= 5; link++)
		show(&scene, state_event(link, STATE_DEAD, 50), 0,
			link <= 2 ? two_lists : two_lists + 1, 1, NOON);
	/* It comes back before it was told. */
	show(&scene, state_event(5, STATE_ALIVE, 50), NOON, two_lists + 1, 1, NOON);
	assert_int_equal(wake(&scene, NOON + HOUR), 1);
	assert_slice(only_part(&scene)->list, "a");
	assert_int_equal(only_part(&scene)->counts[PLAN_DIED], 4);

	assert_int_equal(wake(&scene, NOON + HOUR + 7 * DAY), 2);
	for (uint32_t i = 0; i < 2; i++) {
		const struct plan_message *reminder = &scene.result.messages[i];
		assert_int_equal(reminder->why, PLAN_WHY_REPEAT);
		assert_slice(reminder->parts[0].list, i == 0 ? "a" : "b");
		assert_int_equal(reminder->parts[0].still, 2);
	}
	/* Back within the incident: nobody is reminded of it on its own list. */
	time_ms later = NOON + 8 * DAY;
	show(&scene, state_event(3, STATE_ALIVE, 50), NOON, two_lists + 1, 1, later);
	show(&scene, state_event(4, STATE_ALIVE, 50), NOON, two_lists + 1, 1, later);
	assert_int_equal(wake(&scene, later + DAY), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_RECOVERED], 2);
	assert_int_equal(only_part(&scene)->still, 2);
	assert_int_equal(wake(&scene, later + 9 * DAY), 1);
	assert_slice(only_part(&scene)->list, "a");
	assert_int_equal(only_part(&scene)->still, 2);
	close_scene(&scene);
}

static void a_link_in_two_lists_is_told_once(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	show(&scene, state_event(1, STATE_DEAD, 0), 0, two_lists, 2, NOON);
	show(&scene, state_event(2, STATE_MOVED, 0), 0, two_lists + 1, 1, NOON);
	assert_int_equal(wake(&scene, NOON + HOUR), 2);
	assert_slice(scene.result.messages[0].parts[0].list, "a");
	assert_slice(scene.result.messages[1].parts[0].list, "b");
	assert_int_equal(scene.result.messages[1].parts[0].counts[PLAN_MOVED], 1);
	close_scene(&scene);
}

/* A step whose transaction was lost is taken again; one that was not, is not. */
static void events_behind_the_mark_are_skipped(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	died(&scene, 1, NOON);
	scene.last_id = 0;
	died(&scene, 1, NOON);
	assert_int_equal(plan_waiting(scene.memory), 1);
	assert_false(scene.result.changed);
	close_scene(&scene);
}

/* --- incidents
 * -------------------------------------------------------------------------- */

static void a_thousand_links_of_one_host_are_one_message(void **state)
{
	(void)state;
	struct scene scene;
	uint32_t messages = 0;
	open_scene(&scene);
	scene.settings.on = 1 << PLAN_ON_DEAD | 1 << PLAN_ON_RECOVERED;
	/* A link every 29 seconds, in both lists: a whole night. */
	for (int i = 0; i < 1000; i++)
		messages += show(&scene, state_event(1 + i, STATE_DEAD, 500), 0,
			i % 2 ? two_lists : one_list, i % 2 ? 2 : 1,
			MIDNIGHT + i * 29 * TIME_MS_PER_S);
	assert_int_equal(messages, 0);
	assert_int_equal(wake(&scene, MIDNIGHT + 10 * HOUR), 0);
	assert_int_equal(wake(&scene, MIDNIGHT + 15 * HOUR), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_DIED], 1000);
	assert_int_equal(only_part(&scene)->incident_id, 500);
	/* The stragglers of the next days wait for the repeat. */
	for (int day = 1; day < 7; day++)
		messages += show(&scene, state_event(2000 + day, STATE_DEAD, 500), 0,
			one_list, 1, MIDNIGHT + day * DAY);
	assert_int_equal(messages, 0);
	assert_int_equal(wake(&scene, MIDNIGHT + 8 * DAY), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_DIED], 6);
	assert_int_equal(only_part(&scene)->still, 1000);
	close_scene(&scene);
}

static void an_incident_from_beginning_to_end(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	incident(&scene, EVENT_INCIDENT_BEGAN, 1, 12, NOON);
	assert_int_equal(wake(&scene, NOON + HOUR), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_BEGAN], 1);
	assert_int_equal(only_part(&scene)->links, 12);
	/* A week later its links die. */
	time_ms then = NOON + 7 * DAY;
	for (int i = 0; i < 12; i++)
		assert_int_equal(show(&scene, state_event(10 + i, STATE_DEAD, 1), 0,
					 one_list, 1, then + i * MINUTE),
			0);
	assert_int_equal(wake(&scene, then + HOUR), 0);
	assert_int_equal(wake(&scene, then + 7 * HOUR), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_DIED], 12);
	/* They come back, with the incident or after it. */
	for (int i = 0; i < 11; i++)
		show(&scene, state_event(10 + i, STATE_ALIVE, i < 6 ? 1 : 0), then,
			one_list, 1, then + DAY + i * MINUTE);
	incident(&scene, EVENT_INCIDENT_ENDED, 1, 12, then + DAY + 6 * MINUTE);
	uint32_t told = 0;
	assert_int_equal(wake(&scene, then + 2 * DAY), 2);
	for (uint32_t i = 0; i < 2; i++)
		told += scene.result.messages[i].parts[0].counts[PLAN_RECOVERED];
	assert_int_equal(told, 11);
	/* The one that did not is the list's from now on. */
	assert_int_equal(wake(&scene, then + 30 * DAY), 1);
	assert_int_equal(only_part(&scene)->incident_id, 0);
	assert_int_equal(only_part(&scene)->still, 1);
	close_scene(&scene);
}

/* A reminder says what is dead on the whole list: one is enough, however many incidents
 * it died of. */
static void a_list_is_repeated_once(void **state)
{
	(void)state;
	struct scene scene;
	time_ms now = NOON;
	open_scene(&scene);
	scene.settings.on = 1 << PLAN_ON_DEAD;
	for (int64_t id = 501; id <= 504; id++, now += DAY)
		for (int64_t link = 0; link < 3; link++)
			show(&scene, state_event(10 * id + link, STATE_DEAD, id), 0,
				one_list, 1, now);
	show(&scene, state_event(1, STATE_DEAD, 0), 0, two_lists + 1, 1, NOON);
	for (; now < NOON + 6 * DAY; now += HOUR)
		wake(&scene, now);
	uint32_t reminders[2] = { 0 };
	for (; now < NOON + 6 * DAY + 5 * 7 * DAY; now += HOUR)
		for (uint32_t i = 0, count = wake(&scene, now); i < count; i++) {
			const struct plan_message *message = &scene.result.messages[i];
			bool first = slice_equal(message->parts[0].list, one_list[0]);
			assert_int_equal(message->why, PLAN_WHY_REPEAT);
			assert_int_equal(message->parts[0].still, first ? 12 : 1);
			reminders[first ? 0 : 1]++;
		}
	assert_int_equal(reminders[0], 5);
	assert_int_equal(reminders[1], 5);
	close_scene(&scene);
}

/* In one message with others a reminder speaks for the silent groups of its list, and
 * they for nobody. */
/* Its alert would end by itself, while the incident goes on without a death. */
/* Nor of one that it did not ask for, but whose deaths it was told. */
static void who_wants_deaths_alone_forgets_the_incident(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	scene.settings.forgets = true;
	scene.settings.on = 1 << PLAN_ON_DEAD;
	incident(&scene, EVENT_INCIDENT_BEGAN, 0, 9, NOON);
	int64_t id = scene.last_id;
	show(&scene, state_event(1, STATE_DEAD, id), 0, one_list, 1, NOON);
	assert_int_equal(wake(&scene, NOON + 2 * DAY), 1);
	assert_int_equal(wake(&scene, NOON + 9 * DAY), 1);
	assert_int_equal(only_part(&scene)->still, 1);
	assert_int_equal(only_part(&scene)->incident_count, 0);
	close_scene(&scene);
}

static void who_forgets_is_told_again_of_an_incident(void **state)
{
	(void)state;
	for (int forgets = 0; forgets < 2; forgets++) {
		struct scene scene;
		time_ms now = NOON;
		open_scene(&scene);
		scene.settings.forgets = forgets;
		incident(&scene, EVENT_INCIDENT_BEGAN, 0, 9, now);
		int64_t id = scene.last_id;
		now += PLAN_GROUP_WAIT_MS;
		assert_int_equal(wake(&scene, now), 1);
		assert_int_equal(only_part(&scene)->incident_count, 0);
		for (int week = 0; week < 3; week++) {
			assert_int_equal(wake(&scene, now + 7 * DAY - 1), 0);
			now += 7 * DAY;
			assert_int_equal(wake(&scene, now), forgets);
			if (!forgets)
				continue;
			assert_int_equal(scene.result.messages[0].why, PLAN_WHY_REPEAT);
			assert_int_equal(only_part(&scene)->incident_count, 1);
			assert_int_equal(only_part(&scene)->incidents[0], id);
			assert_int_equal(only_part(&scene)->still, 0);
		}
		incident(&scene, EVENT_INCIDENT_ENDED, id, 9, now + DAY);
		assert_int_equal(wake(&scene, now + DAY + PLAN_GROUP_WAIT_MS), 1);
		assert_int_equal(only_part(&scene)->counts[PLAN_ENDED], 1);
		assert_int_equal(wake(&scene, now + 30 * DAY), 0);
		assert_int_equal(scene.result.next_at, INT64_MAX);
		close_scene(&scene);
	}
}

/* The one group speaks for all of its list, incidents that go on included. */
static void reminded_with_its_list(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	scene.settings.forgets = true;
	died(&scene, 1, NOON);
	assert_int_equal(wake(&scene, NOON + HOUR), 1);
	incident(&scene, EVENT_INCIDENT_BEGAN, 0, 9, NOON + DAY);
	int64_t id = scene.last_id;
	assert_int_equal(wake(&scene, NOON + DAY + HOUR), 1);
	assert_int_equal(wake(&scene, NOON + 7 * DAY + HOUR), 1);
	assert_int_equal(only_part(&scene)->still, 1);
	assert_int_equal(only_part(&scene)->incident_count, 1);
	assert_int_equal(only_part(&scene)->incidents[0], id);
	assert_int_equal(wake(&scene, NOON + 14 * DAY), 0);
	assert_int_equal(wake(&scene, NOON + 14 * DAY + HOUR), 1);
	close_scene(&scene);
}

static void a_collapsed_reminder_counts_once(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	scene.settings.on = 1 << PLAN_ON_DEAD;
	for (int64_t id = 501; id <= 503; id++)
		show(&scene, state_event(id, STATE_DEAD, id), 0, one_list, 1, NOON);
	show(&scene, state_event(1, STATE_DEAD, 0), 0, two_lists + 1, 1, NOON);
	assert_int_equal(wake(&scene, NOON + DAY), 4);
	scene.settings.max_per_hour = 1;
	assert_int_equal(wake(&scene, NOON + 8 * DAY), 1);
	const struct plan_message *message = &scene.result.messages[0];
	assert_int_equal(message->part_count, 2);
	assert_int_equal(message->parts[0].still + message->parts[1].still, 4);
	close_scene(&scene);
}

/* Its deaths are the list's when it is over, also for who is told of no incidents. */
static void an_incident_ends_for_all(void **state)
{
	(void)state;
	struct scene scene;
	struct event end = { .kind = EVENT_INCIDENT_ENDED, .incident_id = 7, .links = 3 };
	open_scene(&scene);
	scene.settings.on = 1 << PLAN_ON_DEAD;
	show(&scene, state_event(1, STATE_DEAD, 7), 0, one_list, 1, NOON);
	assert_int_equal(wake(&scene, NOON + DAY), 1);
	assert_int_equal(only_part(&scene)->incident_id, 7);
	/* One more is pending at its end. */
	show(&scene, state_event(2, STATE_DEAD, 7), 0, one_list, 1, NOON + 2 * DAY);
	show(&scene, end, 0, NULL, 0, NOON + 2 * DAY);
	assert_int_equal(wake(&scene, NOON + 9 * DAY), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_DIED], 1);
	assert_int_equal(wake(&scene, NOON + 16 * DAY), 1);
	assert_int_equal(scene.result.messages[0].why, PLAN_WHY_REPEAT);
	assert_int_equal(only_part(&scene)->incident_id, 0);
	assert_int_equal(only_part(&scene)->still, 2);
	/* Nothing of it is left when they are back. */
	recovered(&scene, 1, NOON, NOON + 17 * DAY);
	recovered(&scene, 2, NOON, NOON + 17 * DAY);
	assert_int_equal(wake(&scene, NOON + 40 * DAY), 0);
	struct buffer bytes, empty;
	struct plan_memory *fresh = plan_memory_new();
	buffer_init(&bytes, PLAN_MEMORY_BYTES_MAX);
	buffer_init(&empty, PLAN_MEMORY_BYTES_MAX);
	plan_encode(scene.memory, &bytes);
	plan_encode(fresh, &empty);
	assert_int_equal(bytes.len, empty.len);
	buffer_fini(&bytes);
	buffer_fini(&empty);
	plan_memory_free(fresh);
	close_scene(&scene);
}

/* Fifty links that are asked once a day each do not die within ten minutes. */
static void what_trickles_in_is_told_at_once(void **state)
{
	(void)state;
	struct scene scene;
	uint32_t messages = 0;
	open_scene(&scene);
	incident(&scene, EVENT_INCIDENT_BEGAN, 1, 50, NOON - DAY);
	assert_int_equal(wake(&scene, NOON - DAY + HOUR), 1);
	for (int i = 0; i < 50; i++)
		messages += show(&scene, state_event(10 + i, STATE_DEAD, 1), 0, one_list,
			1, NOON + i * 29 * MINUTE);
	assert_int_equal(messages, 0);
	assert_int_equal(wake(&scene, NOON + 31 * HOUR), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_DIED], 50);
	close_scene(&scene);
}

/* Whoever wants only some lists hears of the end, which names none. */
static void the_end_of_an_incident_needs_no_list(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	scene.settings.lists = one_list;
	scene.settings.list_count = 1;
	incident(&scene, EVENT_INCIDENT_BEGAN, 1, 12, NOON);
	assert_int_equal(wake(&scene, NOON + HOUR), 1);
	struct event end = {
		.kind = EVENT_INCIDENT_ENDED, .incident_id = 1, .links = 12
	};
	show(&scene, end, 0, NULL, 0, NOON + DAY);
	assert_int_equal(wake(&scene, NOON + DAY + HOUR), 1);
	assert_int_equal(only_part(&scene)->counts[PLAN_ENDED], 1);
	close_scene(&scene);
}

/* What one step may not give, the next one gives; none is thrown together for it. */
static void not_all_at_once(void **state)
{
	(void)state;
	struct scene scene;
	uint32_t messages = 0, steps = 0;
	open_scene(&scene);
	scene.settings.max_at_once = 2;
	for (int i = 0; i < 5; i++) {
		const char name = (char)('a' + i);
		const struct slice list = { &name, 1 };
		show(&scene, state_event(1 + i, STATE_DEAD, 0), 0, &list, 1, NOON);
	}
	do {
		wake(&scene, NOON + HOUR);
		messages += scene.result.count;
		for (uint32_t i = 0; i < scene.result.count; i++)
			assert_int_equal(scene.result.messages[i].part_count, 1);
	} while (++steps < 10 && scene.result.next_at <= NOON + HOUR);
	assert_int_equal(steps, 3);
	assert_int_equal(messages, 5);
	close_scene(&scene);
}

static void a_short_incident_is_not_told(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	incident(&scene, EVENT_INCIDENT_BEGAN, 1, 3, NOON);
	incident(&scene, EVENT_INCIDENT_ENDED, 1, 3, NOON + MINUTE);
	assert_int_equal(plan_waiting(scene.memory), 0);
	/* The end of one that nobody was told of. */
	incident(&scene, EVENT_INCIDENT_ENDED, 99, 3, NOON + MINUTE);
	assert_int_equal(plan_waiting(scene.memory), 0);
	assert_int_equal(wake(&scene, NOON + DAY), 0);
	close_scene(&scene);
}

/* --- quiet hours and the hour's limit
 * ------------------------------------------------------ */

static void quiet_hours_are_quiet(void **state)
{
	(void)state;
	static const struct {
		struct plan_quiet quiet;
		time_ms at, told_at;
	} cases[] = {
		{ { 22 * 60, 7 * 60, 0 }, 22 * HOUR, DAY + 7 * HOUR },
		{ { 22 * 60, 7 * 60, 0 }, 6 * HOUR, 7 * HOUR },
		{ { 22 * 60, 7 * 60, 0 }, 7 * HOUR, 7 * HOUR + 10 * MINUTE },
		{ { 22 * 60, 7 * 60, 0 }, 21 * HOUR, 21 * HOUR + 10 * MINUTE },
		/* 22:00 in Kolkata is 16:30 UTC. */
		{ { 22 * 60, 7 * 60, 330 }, 16 * HOUR + 25 * MINUTE,
			DAY + HOUR + 30 * MINUTE },
		{ { 9 * 60, 17 * 60, -300 }, 15 * HOUR, 22 * HOUR },
		{ { 0, 0, 0 }, 3 * HOUR, 3 * HOUR + 10 * MINUTE },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;
		open_scene(&scene);
		scene.settings.quiet = cases[i].quiet;
		died(&scene, 1, MIDNIGHT + cases[i].at);
		if (scene.result.next_at != MIDNIGHT + cases[i].told_at)
			fail_msg("case %zu: %lld min", i,
				(long long)(scene.result.next_at - MIDNIGHT) / MINUTE);
		assert_int_equal(wake(&scene, scene.result.next_at - 1), 0);
		assert_int_equal(wake(&scene, MIDNIGHT + cases[i].told_at), 1);
		close_scene(&scene);
	}
}

static void above_the_limit_all_are_one(void **state)
{
	(void)state;
	struct scene scene;
	char names[40][8];
	open_scene(&scene);
	scene.settings.max_per_hour = 4;
	plan_note_sent(scene.memory, NOON - MINUTE);
	for (int i = 0; i < 40; i++) {
		int written = snprintf(names[i], sizeof(names[i]), "l%d", i);
		struct slice list = { names[i], (size_t)written };
		show(&scene, state_event(1 + i, STATE_DEAD, 0), 0, &list, 1, NOON + i);
	}
	/* Three are left: two alone, the other 38 together. */
	assert_int_equal(wake(&scene, NOON + 11 * MINUTE), 3);
	assert_int_equal(scene.result.messages[0].part_count, 1);
	assert_slice(scene.result.messages[0].parts[0].list, "l0");
	assert_int_equal(scene.result.messages[2].why, PLAN_WHY_COLLAPSED);
	assert_int_equal(scene.result.messages[2].part_count, 38);
	assert_slice(scene.result.messages[2].parts[0].list, "l2");
	/* None is left; what comes now waits, and is told. */
	scene.settings.group_interval_ms = MINUTE;
	died(&scene, 100, NOON + 12 * MINUTE);
	assert_int_equal(wake(&scene, NOON + 30 * MINUTE), 0);
	assert_int_equal(scene.result.next_at, NOON + 59 * MINUTE);
	assert_int_equal(wake(&scene, NOON + 59 * MINUTE), 1);
	close_scene(&scene);
}

/* Never more than so many in any hour, whatever happens. */
static void no_hour_has_more(void **state)
{
	(void)state;
	struct scene scene;
	struct random random;
	time_ms sent[10000], now = NOON;
	uint32_t sent_count = 0;
	random_init(&random, 3);
	open_scene(&scene);
	scene.settings.max_per_hour = 5;
	scene.settings.group_wait_ms = MINUTE;
	scene.settings.group_interval_ms = MINUTE;
	for (int i = 0; i < 2000; i++) {
		char name[8];
		int written = snprintf(
			name, sizeof(name), "l%d", (int)random_below(&random, 30));
		struct slice list = { name, (size_t)written };
		now += (time_ms)random_below(&random, 4 * MINUTE);
		uint32_t count =
			show(&scene, state_event(1 + i, STATE_DEAD, 0), 0, &list, 1, now);
		for (uint32_t j = 0; j < count; j++)
			sent[sent_count++] = now;
	}
	assert_true(sent_count > 100);
	for (uint32_t i = 5; i < sent_count; i++)
		assert_true(sent[i] - sent[i - 5] >= HOUR);
	close_scene(&scene);
}

/* --- a week without a mail server
 * ----------------------------------------------------------- */

static void nothing_is_lost_while_nothing_can_be_sent(void **state)
{
	(void)state;
	struct scene scene;
	struct buffer bytes;
	uint64_t shown = 0, told = 0;
	size_t most = 0;
	time_ms now = NOON;
	open_scene(&scene);
	buffer_init(&bytes, PLAN_MEMORY_BYTES_MAX);
	/* 100,000 deaths in a thousand lists. */
	for (int batch = 0; batch < 1000; batch++) {
		char name[8];
		struct event events[100];
		struct plan_event all[100];
		int written = snprintf(name, sizeof(name), "l%d", batch);
		struct slice list = { name, (size_t)written };
		for (int i = 0; i < 100; i++) {
			events[i] = state_event(
				++scene.last_id, STATE_DEAD, i % 10 == 0 ? 1 + batch : 0);
			events[i].at = now;
			all[i] = (struct plan_event){ .id = scene.last_id,
				.event = &events[i],
				.lists = &list,
				.list_count = 1 };
			shown++;
		}
		assert_int_equal(step(&scene, all, 100, true, now), 0);
		assert_int_equal(scene.result.next_at, INT64_MAX);
		now += 10 * MINUTE;
		buffer_reset(&bytes);
		plan_encode(scene.memory, &bytes);
		assert_false(bytes.failed);
		most = bytes.len > most ? bytes.len : most;
	}
	assert_int_equal(plan_waiting(scene.memory), shown);
	assert_true(most < PLAN_MEMORY_BYTES_MAX);
	/* The server is back. */
	assert_int_equal(wake(&scene, now), PLAN_PER_HOUR);
	for (uint32_t i = 0; i < scene.result.count; i++)
		for (uint32_t j = 0; j < scene.result.messages[i].part_count; j++)
			told += scene.result.messages[i].parts[j].counts[PLAN_DIED];
	assert_int_equal(told, shown);
	assert_int_equal(plan_waiting(scene.memory), 0);
	print_message(
		"score: plan: %zu bytes for a receiver with 100,000 events waiting\n",
		most);
	buffer_fini(&bytes);
	close_scene(&scene);
}

/* Every death is told once, or its recovery came first; against a model that is a table.
 */
static void whatever_happens_every_death_is_told_once(void **state)
{
	(void)state;
	enum { LINKS = 40 };
	for (uint64_t seed = 1; seed <= 20; seed++) {
		struct scene scene;
		struct random random;
		time_ms dead_since[LINKS] = { 0 }, now = NOON;
		int told_dead[LINKS] = { 0 };
		random_init(&random, seed);
		open_scene(&scene);
		scene.settings.quiet = (struct plan_quiet){ 22 * 60, 7 * 60, 60 };
		scene.settings.max_per_hour = 1 + (uint32_t)random_below(&random, 4);
		for (int i = 0; i < 3000; i++) {
			uint32_t link = (uint32_t)random_below(&random, LINKS);
			now += (time_ms)random_below(&random, HOUR);
			bool dies = dead_since[link] == 0;
			struct event event = state_event(1 + link,
				dies ? STATE_DEAD : STATE_ALIVE, link < 10 ? 5 : 0);
			show(&scene, event, dead_since[link], two_lists + link % 2, 1,
				now);
			dead_since[link] = dies ? now : 0;
			for (uint32_t m = 0; m < scene.result.count; m++) {
				const struct plan_message *message =
					&scene.result.messages[m];
				for (uint32_t p = 0; p < message->part_count; p++)
					for (uint32_t j = 0;
						j < message->parts[p].item_count; j++) {
						const struct plan_item *item =
							&message->parts[p].items[j];
						told_dead[item->link_id - 1] +=
							item->news == PLAN_DIED ? 1 : -1;
					}
			}
			/* Told dead and told alive take turns. */
			for (uint32_t l = 0; l < LINKS; l++)
				assert_true(told_dead[l] == 0 || told_dead[l] == 1);
		}
		close_scene(&scene);
	}
}

/* --- the memory's bytes
 * ---------------------------------------------------------------------- */

static void strange_bytes_are_no_memory(void **state)
{
	(void)state;
	struct scene scene;
	struct buffer bytes;
	struct error error;
	struct random random;
	random_init(&random, 1);
	open_scene(&scene);
	for (int i = 0; i < 20; i++)
		show(&scene, state_event(1 + i, STATE_DEAD, i % 3), 0, two_lists, 2,
			NOON);
	buffer_init(&bytes, PLAN_MEMORY_BYTES_MAX);
	plan_encode(scene.memory, &bytes);
	for (size_t len = 0; len < bytes.len; len++)
		assert_null(plan_decode(
			(struct slice){ buffer_string(&bytes), len }, &error));
	for (int i = 0; i < 20000; i++) {
		size_t at = random_below(&random, bytes.len);
		char kept = bytes.at[at];
		bytes.at[at] = (char)random_next(&random);
		struct plan_memory *memory = plan_decode(buffer_slice(&bytes), &error);
		if (memory != NULL) {
			struct plan_result result;
			if (plan_has_begun(memory))
				assert_int_equal(
					plan_step(memory, &scene.settings, NULL, 0, false,
						NOON + DAY, &scene.arena, &result),
					0);
			plan_memory_free(memory);
		}
		bytes.at[at] = kept;
		arena_reset(&scene.arena);
	}
	buffer_fini(&bytes);
	close_scene(&scene);
}

/* An item's last number held a reason, too, which nobody asked for. A program that is
 * older or newer must not lose what waits for one that it does not know. */
static void what_other_versions_wrote_is_read(void **state)
{
	(void)state;
	enum { LINK = 0x123456, LINK_AT_LEN = 8, REST_LEN = 16 };
	struct scene scene;
	struct buffer bytes;
	struct error error;
	open_scene(&scene);
	died(&scene, LINK, NOON);
	buffer_init(&bytes, PLAN_MEMORY_BYTES_MAX);
	plan_encode(scene.memory, &bytes);
	char *link = memmem(bytes.at, bytes.len, "\x56\x34\x12\0\0\0\0", LINK_AT_LEN);
	assert_non_null(link);
	memset(link + REST_LEN, 0x7F, 2);
	plan_memory_free(scene.memory);
	scene.memory = plan_decode(buffer_slice(&bytes), &error);
	assert_non_null(scene.memory);
	assert_int_equal(wake(&scene, NOON + DAY), 1);
	assert_int_equal(only_part(&scene)->items[0].link_id, LINK);
	assert_int_equal(only_part(&scene)->items[0].news, PLAN_DIED);
	buffer_fini(&bytes);
	close_scene(&scene);
}

/* A clock that jumps back by a year must not hold messages for a year. */
static void a_clock_set_back_holds_nobody(void **state)
{
	(void)state;
	struct scene scene;
	open_scene(&scene);
	scene.settings.max_per_hour = 1;
	died(&scene, 1, NOON + 365 * DAY);
	assert_int_equal(wake(&scene, NOON + 366 * DAY), 1);
	died(&scene, 2, NOON);
	assert_true(scene.result.next_at <= NOON + 6 * HOUR);
	assert_int_equal(wake(&scene, NOON + 6 * HOUR), 1);
	close_scene(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_death_waits_for_others_and_is_told_once),
		cmocka_unit_test(what_never_ends_is_told_all_the_same),
		cmocka_unit_test(what_came_and_went_is_not_told),
		cmocka_unit_test(who_keeps_a_list_is_told_what_leaves_it),
		cmocka_unit_test(who_keeps_a_list_is_told_what_is_dead_again),
		cmocka_unit_test(two_lists_that_change_do_not_undo_each_other),
		cmocka_unit_test(a_recovery_is_for_those_who_know_of_the_death),
		cmocka_unit_test(an_unwanted_recovery_is_counted),
		cmocka_unit_test(what_is_still_dead_is_counted_rightly),
		cmocka_unit_test(occasions_and_lists_choose),
		cmocka_unit_test(a_link_in_two_lists_is_told_once),
		cmocka_unit_test(what_died_on_another_list_is_still_dead_there),
		cmocka_unit_test(events_behind_the_mark_are_skipped),
		cmocka_unit_test(a_thousand_links_of_one_host_are_one_message),
		cmocka_unit_test(an_incident_from_beginning_to_end),
		cmocka_unit_test(a_list_is_repeated_once),
		cmocka_unit_test(who_forgets_is_told_again_of_an_incident),
		cmocka_unit_test(who_wants_deaths_alone_forgets_the_incident),
		cmocka_unit_test(reminded_with_its_list),
		cmocka_unit_test(a_collapsed_reminder_counts_once),
		cmocka_unit_test(an_incident_ends_for_all),
		cmocka_unit_test(what_trickles_in_is_told_at_once),
		cmocka_unit_test(the_end_of_an_incident_needs_no_list),
		cmocka_unit_test(not_all_at_once),
		cmocka_unit_test(a_short_incident_is_not_told),
		cmocka_unit_test(quiet_hours_are_quiet),
		cmocka_unit_test(above_the_limit_all_are_one),
		cmocka_unit_test(no_hour_has_more),
		cmocka_unit_test(nothing_is_lost_while_nothing_can_be_sent),
		cmocka_unit_test(whatever_happens_every_death_is_told_once),
		cmocka_unit_test(strange_bytes_are_no_memory),
		cmocka_unit_test(what_other_versions_wrote_is_read),
		cmocka_unit_test(a_clock_set_back_holds_nobody),
	};
	return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
