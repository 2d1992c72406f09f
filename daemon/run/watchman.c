#include "run/watchman.h"

#include "process/wall.h"

enum {
	PICKS_AT_ONCE = 2000, /* before the loop has its turn again */
	ALARM_MAX_MS = 60 * 1000,
	BUSY_AGAIN_MS = 1,
	REST_SAVE_MS = 60 * 1000,
	FIRST_SPREAD_MS_MIN = 60 * 1000,
	LINK_BYTES_MAX = 1024 * 1024,
};

/* --- 1: a link stands in a list --- */

/* Whoever adds a list waits for its first report; whoever adds a million links has to. */
static time_ms first_spread_ms(const struct watchman *watchman)
{
	time_ms configured = watchman->crew->config->check.first_spread_ms;
	time_ms spread = (time_ms)schedule_queue_count(watchman->queue) * TIME_MS_PER_S;
	if (configured > 0)
		return configured;
	if (spread < FIRST_SPREAD_MS_MIN)
		return FIRST_SPREAD_MS_MIN;
	return spread < TIME_MS_PER_DAY ? spread : TIME_MS_PER_DAY;
}

static uint32_t bit_of_list(uint32_t place)
{
	return UINT32_C(1) << (place < STORE_LIST_BITS ? place : STORE_LIST_BITS - 1);
}

struct schedule_limits watchman_limits(
	const struct watchman *watchman, uint32_t list_bits)
{
	struct schedule_limits limits = schedule_limits_default();
	const struct config *config = watchman->crew->config;
	time_ms shortest = 0;
	for (uint32_t i = 0; i < config->list_count; i++) {
		time_ms interval_ms = config->lists[i].interval_ms;
		if ((list_bits & bit_of_list(i)) != 0 &&
			(shortest == 0 || interval_ms < shortest))
			shortest = interval_ms;
	}
	if (shortest > 0)
		limits.interval_ms = shortest;
	limits.interval_max_ms = config->check.max_interval_ms;
	limits.first_spread_ms = first_spread_ms(watchman);
	return limits;
}

static struct link_record record_of(const struct store_due *due)
{
	return (struct link_record){
		.state = due->state,
		.due_at = due->due_at,
		.interval_ms = due->interval_ms,
		.last_checked_at = due->last_checked_at,
	};
}

static void put_in_queue(struct watchman *watchman, const struct store_due *due,
	time_ms due_at, time_ms interval_ms, bool urgent)
{
	if (schedule_queue_set(
		    watchman->queue, due->link_id, due_at, interval_ms, urgent) < 0)
		journal_say(watchman->journal, JOURNAL_KIND_SERVICE,
			"out of memory: a link is not watched until the next start");
}

static void put_in_crowd(struct watchman *watchman, const struct store_due *due)
{
	if (crowd_add(&watchman->crowd, due->link_id, due->host_hash) < 0)
		journal_say(watchman->journal, JOURNAL_KIND_SERVICE,
			"out of memory: the pace of a host is not known");
}

/* On all its lists; those that were told are of one. */
static uint32_t all_bits(struct watchman *watchman, const struct store_due *due)
{
	struct arena scratch;
	struct store_link link;
	struct error error;
	bool found;
	uint32_t bits = due->list_bits;
	arena_init(&scratch, LINK_BYTES_MAX);
	if (store_load_link(watchman->store, due->link_id, &scratch, &link, &found,
		    &error) == 0 &&
		found)
		bits |= link.list_bits;
	arena_fini(&scratch);
	return bits;
}

/* Because the list that was read wants it more often than those it was on. One that has
 * grown on a list with a shorter interval looks alike, so that all are asked for. */
static bool is_wanted_sooner(struct watchman *watchman, const struct store_due *due)
{
	uint64_t hash = hash_mix((uint64_t)due->link_id);
	time_ms now = wall_now();
	struct link_record record = record_of(due);
	struct schedule_limits limits = watchman_limits(watchman, due->list_bits);
	schedule_fit(&record, &limits, hash, now);
	if (due->due_at == 0 || record.due_at >= due->due_at)
		return false;
	record = record_of(due);
	limits = watchman_limits(watchman, all_bits(watchman, due));
	schedule_fit(&record, &limits, hash, now);
	return record.due_at < due->due_at;
}

/* Its list was read again. One that waits keeps its place, or it would recede whenever
 * its list is edited; one that is late, or wanted sooner, waits like one that is new. */
static void on_page_found(struct watchman *watchman, const struct store_due *due)
{
	struct schedule_pick waiting;
	time_ms now = wall_now();
	struct schedule_limits limits = watchman_limits(watchman, due->list_bits);
	struct link_record record = record_of(due);
	if (busy_has(watchman, due->link_id))
		return;
	bool waits = schedule_queue_find(watchman->queue, due->link_id, &waiting);
	bool sooner = is_wanted_sooner(watchman, due);
	if (waits && !sooner)
		return;
	if (sooner || record.due_at < now) {
		struct link_record first = { 0 };
		schedule_next(&first, NULL, &limits, &watchman->health,
			hash_mix((uint64_t)due->link_id), &watchman->random, now);
		record.due_at = first.due_at;
		record.interval_ms = first.interval_ms;
	}
	if (!waits || record.due_at < waiting.due_at)
		put_in_queue(watchman, due, record.due_at, record.interval_ms,
			schedule_is_urgent(&record));
}

/* What a document or the disk says was looked at just now, when the source was read. */
static void on_file_found(struct watchman *watchman, const struct store_due *due)
{
	const struct link_record record = record_of(due);
	if (!busy_look_again(watchman, due->link_id))
		put_in_queue(watchman, due, wall_now(), record.interval_ms,
			schedule_is_urgent(&record));
}

void watchman_on_link_found(void *data, const struct store_due *due)
{
	struct watchman *watchman = data;
	put_in_crowd(watchman, due);
	if (due->kind == LINK_HTTP)
		on_page_found(watchman, due);
	else
		on_file_found(watchman, due);
}

/* The store counts lists as they were configured when they were last put, which a reload
 * or a start may have changed since. */
static bool note_list(const struct store_list *list, void *data)
{
	struct watchman *watchman = data;
	const struct config *config = watchman->crew->config;
	for (uint32_t i = 0; i < config->list_count; i++)
		if (slice_equal(slice_of(config->lists[i].name), list->name))
			watchman->planned_bits[__builtin_ctz(list->bit)] |=
				bit_of_list(i);
	return true;
}

/* 0: on no list that is configured. */
static uint32_t planned_bits(const struct watchman *watchman, uint32_t list_bits)
{
	uint32_t bits = 0;
	for (uint32_t bit = 0; bit < STORE_LIST_BITS; bit++)
		if (list_bits >> bit & 1)
			bits |= watchman->planned_bits[bit];
	return bits;
}

int watchman_begin_plan(struct watchman *watchman, struct error *error)
{
	memset(watchman->planned_bits, 0, sizeof(watchman->planned_bits));
	return store_walk_lists(watchman->store, note_list, watchman, error);
}

/* One that was never asked has no due time in the store, and the place it may have got
 * holds until its time has come. */
static void plan_first(struct watchman *watchman, const struct store_due *due,
	const struct schedule_pick *waiting, time_ms now)
{
	struct schedule_limits limits =
		watchman_limits(watchman, planned_bits(watchman, due->list_bits));
	bool has_place = waiting != NULL && waiting->due_at > now &&
			 waiting->due_at <= now + limits.first_spread_ms;
	put_in_queue(
		watchman, due, has_place ? waiting->due_at : 0, limits.interval_ms, true);
}

/* How late it is says the store; the place it was given after an earlier absence does
 * not. What somebody has asked for since holds. */
static void plan_known(struct watchman *watchman, const struct store_due *due,
	const struct schedule_pick *waiting, time_ms now)
{
	uint32_t bits = planned_bits(watchman, due->list_bits);
	struct schedule_limits limits = watchman_limits(watchman, bits);
	struct link_record record = record_of(due);
	bool urgent = schedule_is_urgent(&record);
	watchman->counts.missed +=
		schedule_missed(waiting != NULL ? waiting->due_at : record.due_at,
			record.interval_ms, now);
	if (bits != 0)
		schedule_fit(&record, &limits, hash_mix((uint64_t)due->link_id), now);
	if (waiting != NULL && waiting->due_at < record.due_at) {
		record.due_at = waiting->due_at;
		urgent |= waiting->urgent;
	}
	put_in_queue(watchman, due, record.due_at, record.interval_ms, urgent);
}

void watchman_plan(struct watchman *watchman, const struct store_due *due)
{
	struct schedule_pick pick;
	time_ms now = wall_now();
	put_in_crowd(watchman, due);
	if (busy_has(watchman, due->link_id))
		return;
	const struct schedule_pick *waiting =
		schedule_queue_find(watchman->queue, due->link_id, &pick) ? &pick : NULL;
	if (due->due_at == 0)
		plan_first(watchman, due, waiting, now);
	else
		plan_known(watchman, due, waiting, now);
}

void watchman_catch_up(struct watchman *watchman)
{
	schedule_queue_catch_up(watchman->queue, first_spread_ms(watchman), wall_now());
}

static bool on_known_link(const struct store_due *due, void *data)
{
	watchman_plan(data, due);
	return true;
}

int watchman_plan_all(struct watchman *watchman, struct error *error)
{
	crowd_forget_turns(&watchman->crowd);
	int result = watchman_begin_plan(watchman, error);
	if (result == 0)
		result = store_walk_due(watchman->store, on_known_link, watchman, error);
	watchman_catch_up(watchman);
	return result;
}

/* --- 2: its time has come --- */

bool watchman_is_held_up(const struct watchman *watchman)
{
	return !list_empty(&watchman->unsaved) || !doubt_may_dispatch(watchman->doubt);
}

bool watchman_may_dispatch(const struct watchman *watchman)
{
	return watchman->open && watchman->job_count < watchman->crew->job_max &&
	       !watchman_is_held_up(watchman);
}

/* The host has no room: the link gets a turn of its own. */
static bool is_put_off(
	struct watchman *watchman, const struct schedule_pick *pick, time_ms now)
{
	time_ms again_at;
	if (crowd_admits(&watchman->crowd, pick->link_id, now, &again_at))
		return false;
	(void)schedule_queue_set(watchman->queue, pick->link_id, again_at,
		pick->interval_ms, pick->urgent);
	return true;
}

static void on_due(struct watchman *watchman)
{
	struct schedule_pick pick;
	time_ms now = wall_now();
	for (int i = 0; i < PICKS_AT_ONCE && watchman_may_dispatch(watchman) &&
			schedule_queue_pick(watchman->queue, now, &pick);
		i++) {
		if (is_put_off(watchman, &pick, now))
			continue;
		watchman->counts.lag_ms = now - pick.due_at;
		(void)job_start(watchman, pick.link_id, false);
	}
}

/* --- the alarm --- */

static void on_timer(uv_timer_t *timer);

static void set_alarm(struct watchman *watchman)
{
	time_ms now = wall_now();
	time_ms next = watchman->lists_next_at;
	if (watchman_may_dispatch(watchman)) {
		time_ms due_at = schedule_queue_deadline(watchman->queue);
		next = due_at < next ? due_at : next;
	}
	time_ms wait_ms = next > now ? wall_real_ms(next - now) : BUSY_AGAIN_MS;
	if (wait_ms > ALARM_MAX_MS)
		wait_ms = ALARM_MAX_MS;
	uv_timer_start(&watchman->timer, on_timer, (uint64_t)wait_ms, 0);
}

static void work(struct watchman *watchman)
{
	if (!watchman->open)
		return;
	watchman_settle_doubts(watchman);
	watchman->lists.in_doubt = !doubt_may_dispatch(watchman->doubt);
	watchman->lists_next_at = lists_tick(&watchman->lists, wall_now());
	on_due(watchman);
	set_alarm(watchman);
}

static void on_timer(uv_timer_t *timer)
{
	work(timer->data);
}

/* Not at once: we may be inside a callback of the asker's. */
void watchman_go_on(struct watchman *watchman)
{
	if (watchman->open)
		uv_timer_start(&watchman->timer, on_timer, 0, 0);
}

void watchman_on_wake(uv_async_t *wake)
{
	struct watchman *watchman = wake->data;
	if (!watchman->open)
		return;
	uint64_t item = atomic_load(&watchman->committed);
	returning_committed(watchman, item);
	/* Before a long list takes what room there is. */
	recording_go_on(watchman);
	lists_committed(&watchman->lists, item);
	post_committed(watchman->post, item);
	watchman_go_on(watchman);
}

/* --- each second --- */

time_ms watchman_now(void)
{
	return (time_ms)(uv_hrtime() / 1000000);
}

static void tell_store_trouble(
	struct watchman *watchman, const struct store_health *health)
{
	time_ms now = watchman_now();
	if (health->trouble[0] == '\0') {
		if (watchman->trouble_told_at != 0)
			journal_say_with(watchman->journal, JOURNAL_KIND_STORE,
				JOURNAL_NOTICE, NULL,
				"the database can be written again; nothing was lost");
		watchman->trouble_told_at = 0;
	} else if (watchman->trouble_told_at == 0 ||
		   now - watchman->trouble_told_at > TIME_MS_PER_HOUR) {
		watchman->trouble_told_at = now;
		journal_say(watchman->journal, JOURNAL_KIND_STORE, "%s; %s",
			health->trouble,
			health->damaged ? "what is found may not be kept until then"
					: "it goes on by itself when it can");
	}
}

void watchman_on_tick(uv_timer_t *ticker)
{
	struct watchman *watchman = ticker->data;
	struct store_health health;
	if (!watchman->open)
		return;
	watchman_tick_doubt(watchman);
	if (watchman_now() - watchman->rests_saved_at >= REST_SAVE_MS) {
		watchman->rests_saved_at = watchman_now();
		watchman_save_rests(watchman);
	}
	store_writer_health(watchman->writer, &health);
	tell_store_trouble(watchman, &health);
	recording_go_on(watchman);
	recording_look_for_gone(watchman);
	journal_tick(watchman->journal);
	if (watchman->service != NULL) {
		service_beat(
			watchman->service, HEART_LOOP, (time_us)(uv_hrtime() / 1000));
		service_beat(watchman->service, HEART_WRITER,
			health.progress_at * TIME_US_PER_MS);
		service_status(watchman->service,
			"%zu links, %zu due, %u being asked%s%s",
			schedule_queue_count(watchman->queue) +
				HASH_COUNT(watchman->busy),
			schedule_queue_overdue(watchman->queue), watchman->job_count,
			doubt_may_dispatch(watchman->doubt) ? ""
							    : "; in doubt of this "
							      "machine's network",
			health.trouble[0] != '\0' ? "; the database cannot be written"
						  : "");
	}
	work(watchman);
}
