#include <stdlib.h>

#include "ask/limits.h"
#include "process/wall.h"
#include "run/watchman.h"
#include "settings/configured.h"

enum {
	TICK_MS = DOUBT_TICK_MS,
	STOP_PATIENCE_MS = 10 * 1000,
	CANARIES_MAX = 48,
	LINK_BYTES_MAX = 1024 * 1024,
};

/* --- what is opened --- */

static void on_committed(void *data, uint64_t item)
{
	struct watchman *watchman = data;
	atomic_store(&watchman->committed, item);
	uv_async_send(&watchman->wake);
}

static int open_handles(struct watchman *watchman, struct error *error)
{
	if (uv_async_init(watchman->loop, &watchman->wake, watchman_on_wake) != 0)
		return error_set(error, "the event loop cannot be set up; is the limit "
					"of open files too low?");
	uv_timer_init(watchman->loop, &watchman->timer);
	uv_timer_init(watchman->loop, &watchman->ticker);
	watchman->handles_open = true;
	watchman->wake.data = watchman->timer.data = watchman->ticker.data = watchman;
	return 0;
}

/* A fast clock makes paces, which stay real, long. */
static uint32_t pace_ms(const struct config *config)
{
	double ms = (double)config->check.host_request_interval_ms * wall_rate() + 1;
	return ms < 1e9 ? (uint32_t)ms : 1000000000;
}

static int open_rooms(struct watchman *watchman, struct error *error)
{
	watchman->queue = schedule_queue_new(0);
	watchman->doubt = doubt_new(watchman_now());
	watchman->incidents = incidents_new();
	if (watchman->queue == NULL || watchman->doubt == NULL ||
		watchman->incidents == NULL)
		return error_set(error, "out of memory");
	return 0;
}

static int open_store(
	struct watchman *watchman, const struct config *config, struct error *error)
{
	struct store *store = store_open(config->database, STORE_WRITE, error);
	if (store == NULL)
		return -1;
	const struct store_writer_options options = {
		.kept = configured_retention(config),
		.committed = on_committed,
		.context = watchman,
	};
	watchman->writer = store_writer_start(store, &options, error);
	if (watchman->writer == NULL)
		return -1;
	watchman->store = store_open(config->database, STORE_READ, error);
	return watchman->store != NULL ? 0 : -1;
}

static void on_touched(void *data)
{
	watchman_go_on(data);
}

/* What follows from its configuration; what the clock did does not. */
static void hire(struct watchman *watchman, struct crew *crew)
{
	struct health_clock clock = watchman->health.clock;
	watchman->crew = crew;
	watchman->health = limits_of(crew->config);
	watchman->health.clock = clock;
	watchman->crowd.interval_ms = pace_ms(crew->config);
	watchman->crowd.concurrency = crew->config->check.host_concurrency;
	/* They are found anew when each host is next asked. */
	for (uint32_t i = 0; i < watchman->crowd.host_count; i++)
		watchman->crowd.hosts[i].interval_ms = 0;
	crew->reader.on_read = lists_on_read;
	crew->reader.data = &watchman->lists;
}

static int begin_with(struct watchman *watchman, struct crew *crew, struct error *error)
{
	const struct lists_calls calls = { watchman_on_link_found, on_touched, watchman };
	hire(watchman, crew);
	return lists_init(&watchman->lists, crew->config, watchman->store,
		watchman->writer, watchman->journal, &crew->reader, &calls, wall_now(),
		error);
}

/* --- what is read at the start --- */

/* All links are walked once; of those that matter at once the ids are kept. */
struct starting {
	struct watchman *watchman;
	int64_t canaries[CANARIES_MAX];
	size_t canary_count;
	int64_t *bad; /* suspect or dead */
	size_t bad_count, bad_room;
	bool failed; /* no memory */
};

static void note_bad(struct starting *starting, int64_t link_id)
{
	if (starting->bad_count == starting->bad_room) {
		size_t room = starting->bad_room * 2 + 1024;
		int64_t *bad = reallocarray(starting->bad, room, sizeof(*bad));
		starting->failed |= bad == NULL;
		if (bad == NULL)
			return;
		starting->bad = bad;
		starting->bad_room = room;
	}
	starting->bad[starting->bad_count++] = link_id;
}

static bool on_due_at_start(const struct store_due *due, void *data)
{
	struct starting *starting = data;
	watchman_plan(starting->watchman, due);
	if (due->state == STATE_SUSPECT || due->state == STATE_DEAD)
		note_bad(starting, due->link_id);
	else if (due->state == STATE_ALIVE && due->kind == LINK_HTTP &&
		 starting->canary_count < CANARIES_MAX)
		starting->canaries[starting->canary_count++] = due->link_id;
	return !starting->failed;
}

/* Links that were good lately, of many domains: to be asked when we doubt ourselves. */
static int suggest_canary(struct watchman *watchman, int64_t link_id, struct error *error)
{
	struct arena scratch;
	struct store_link link;
	bool found;
	arena_init(&scratch, LINK_BYTES_MAX);
	int result =
		store_load_link(watchman->store, link_id, &scratch, &link, &found, error);
	if (result == 0 && found)
		doubt_suggest_canary(watchman->doubt, link_id,
			doubt_domain(link.request_url),
			slice_starts(link.request_url, SLICE("https:")));
	arena_fini(&scratch);
	return result;
}

static int read_store(struct watchman *watchman, struct error *error)
{
	struct starting starting = { .watchman = watchman };
	int result = watchman_begin_plan(watchman, error);
	if (result == 0)
		result = store_walk_due(
			watchman->store, on_due_at_start, &starting, error);
	watchman_catch_up(watchman);
	if (starting.failed)
		result = error_set(error, "out of memory");
	for (size_t i = 0; i < starting.canary_count && result == 0; i++)
		result = suggest_canary(watchman, starting.canaries[i], error);
	if (result == 0)
		result = watchman_heed_filters(watchman, NULL, error);
	if (result == 0)
		result = watchman_restore_rests(watchman, error);
	if (result == 0)
		result = recording_restore(
			watchman, starting.bad, starting.bad_count, error);
	free(starting.bad);
	return result;
}

int watchman_open(struct watchman *watchman, uv_loop_t *loop, struct config *config,
	struct journal *journal, struct error *error)
{
	*watchman = (struct watchman){
		.loop = loop, .journal = journal, .started_at = wall_now()
	};
	list_init(&watchman->jobs);
	list_init(&watchman->unsaved);
	list_init(&watchman->returning);
	random_init(&watchman->random, hash_mix(table_seed ^ uv_hrtime()));
	crowd_init(&watchman->crowd, 0, 0);
	struct crew *crew = NULL;
	if (open_handles(watchman, error) == 0 && open_rooms(watchman, error) == 0 &&
		open_store(watchman, config, error) == 0)
		crew = crew_open(loop, config, random_next(&watchman->random), error);
	if (crew == NULL) {
		config_free(config);
		return -1;
	}
	if (begin_with(watchman, crew, error) < 0 || read_store(watchman, error) < 0)
		return -1;
	watchman->open = true;
	uv_timer_start(&watchman->ticker, watchman_on_tick, 0, TICK_MS);
	watchman_go_on(watchman);
	return 0;
}

/* --- a reload --- */

/* What was under way with the old crew is asked by the new one. */
static void on_old_crew_closed(void *data, struct crew *crew)
{
	struct watchman *watchman = data;
	struct list *next;
	for (struct list *at = watchman->jobs.next; at != &watchman->jobs; at = next) {
		struct job *job = LIST_OF(at, struct job, in_jobs);
		next = at->next;
		if (job->asking && job->request.asker == &crew->asker)
			job_ask_again(job);
	}
	crew_free(crew);
	watchman_go_on(watchman);
}

/* Whether links may wait that are to be asked before their time. */
static bool is_closer(const struct config *config, const struct config *old)
{
	if (config->check.max_interval_ms < old->check.max_interval_ms)
		return true;
	for (uint32_t i = 0; i < config->list_count; i++)
		for (uint32_t k = 0; k < old->list_count; k++)
			if (config->lists[i].interval_ms < old->lists[k].interval_ms &&
				strcmp(config->lists[i].name, old->lists[k].name) == 0)
				return true;
	return false;
}

int watchman_reload(struct watchman *watchman, struct config *config, struct error *error)
{
	struct crew *old = watchman->crew;
	struct list_source *sources = lists_plan(config, wall_now());
	if (sources == NULL)
		return error_set(error, "out of memory");
	struct crew *crew =
		crew_open(watchman->loop, config, random_next(&watchman->random), error);
	if (crew == NULL) {
		free(sources);
		return -1;
	}
	crew_hand_on_rests(old, crew);
	hire(watchman, crew);
	lists_reload(&watchman->lists, crew->config, sources, &crew->reader);
	struct error trouble;
	if (is_closer(crew->config, old->config) &&
		watchman_plan_all(watchman, &trouble) < 0)
		journal_error(watchman->journal, JOURNAL_KIND_STORE, &trouble);
	if (watchman_heed_filters(watchman, old->config, &trouble) < 0)
		journal_error(watchman->journal, JOURNAL_KIND_STORE, &trouble);
	const struct store_retention kept = configured_retention(crew->config);
	store_writer_keep(watchman->writer, &kept);
	crew_close(old, on_old_crew_closed, watchman);
	watchman_go_on(watchman);
	return 0;
}

/* --- the end --- */

static void on_crew_closed(void *data, struct crew *crew)
{
	(void)data;
	(void)crew;
}

int watchman_close(struct watchman *watchman, struct error *error)
{
	int result = 0;
	bool was_open = watchman->open;
	watchman->open = false;
	/* What is known already is worth its place. */
	if (was_open) {
		recording_go_on(watchman);
		watchman_save_rests(watchman);
		watchman_save_sites(watchman);
	}
	/* The writer may wake us until it has stopped. */
	if (watchman->writer != NULL)
		result = store_writer_stop(watchman->writer, STOP_PATIENCE_MS, error);
	watchman->writer = NULL;
	if (watchman->handles_open) {
		uv_close((uv_handle_t *)&watchman->wake, NULL);
		uv_close((uv_handle_t *)&watchman->timer, NULL);
		uv_close((uv_handle_t *)&watchman->ticker, NULL);
	}
	watchman->handles_open = false;
	lists_close(&watchman->lists);
	if (watchman->crew != NULL)
		crew_close(watchman->crew, on_crew_closed, watchman);
	return result;
}

/* What is under way is forgotten: it is due again when it is next looked for. */
static void drop_jobs(struct watchman *watchman)
{
	while (!list_empty(&watchman->jobs))
		job_free(LIST_OF(watchman->jobs.next, struct job, in_jobs));
}

void watchman_fini(struct watchman *watchman)
{
	if (watchman->loop == NULL) /* it never came to watchman_open */
		return;
	drop_jobs(watchman);
	lists_fini(&watchman->lists);
	crew_free(watchman->crew);
	store_close(watchman->store);
	returning_drop_all(watchman);
	crowd_fini(&watchman->crowd);
	schedule_queue_free(watchman->queue);
	doubt_free(watchman->doubt);
	incidents_free(watchman->incidents);
}
