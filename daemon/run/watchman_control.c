#include "model/host.h"
#include "process/wall.h"
#include "run/watchman.h"
#include "show/standing.h"

enum {
	SENTENCE_BYTES_MAX = 2048,
	IDS_MAX = 64,
	SCRATCH_BYTES_MAX = 1024 * 1024,
	LARGEST_HOSTS = 5
};

/* --- recheck --- */

struct rechecking {
	struct watchman *watchman;
	int64_t count;
};

void watchman_make_due(struct watchman *watchman, int64_t link_id, time_ms interval_ms)
{
	if (busy_recheck(watchman, link_id))
		return;
	if (schedule_queue_set(watchman->queue, link_id, wall_now(), interval_ms, true) <
		0)
		journal_say(watchman->journal, JOURNAL_KIND_SERVICE,
			"out of memory: a link is not checked again");
}

static bool on_link(const struct store_link *link, void *data)
{
	struct rechecking *rechecking = data;
	if (!link->monitored)
		return true;
	watchman_make_due(rechecking->watchman, link->link_id, link->record.interval_ms);
	rechecking->count++;
	return true;
}

int64_t watchman_recheck_links(
	struct watchman *watchman, const struct store_filter *filter, struct error *error)
{
	struct rechecking rechecking = { watchman, 0 };
	if (store_walk_links(watchman->store, filter, on_link, &rechecking, error) < 0)
		return -1;
	watchman_go_on(watchman);
	return rechecking.count;
}

/* Whoever asks for one link does not wait behind all that wait for its host, which may be
 * days: it is next in the prober's own line, and the host's pace holds there. */
static void ask_now(struct watchman *watchman, const struct store_link *link)
{
	if (!watchman_may_dispatch(watchman) || busy_has(watchman, link->link_id)) {
		watchman_make_due(watchman, link->link_id, link->record.interval_ms);
		return;
	}
	schedule_queue_remove(watchman->queue, link->link_id);
	(void)job_start(watchman, link->link_id, true);
}

int64_t watchman_recheck_url(
	struct watchman *watchman, struct slice url, struct error *error)
{
	int64_t ids[IDS_MAX];
	uint32_t count = 0;
	int64_t due = 0;
	struct arena scratch;
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	int result = show_find_links(
		watchman->store, url, &scratch, ids, IDS_MAX, &count, error);
	for (uint32_t i = 0; i < count && i < IDS_MAX && result == 0; i++) {
		struct store_link link;
		bool found;
		arena_reset(&scratch);
		result = store_load_link(
			watchman->store, ids[i], &scratch, &link, &found, error);
		if (result < 0 || !found || !link.monitored)
			continue;
		ask_now(watchman, &link);
		due++;
	}
	arena_fini(&scratch);
	watchman_go_on(watchman);
	return result < 0 ? -1 : due;
}

/* --- status --- */

static int add_incident(void *data, const struct incident *incident)
{
	struct buffer *out = data;
	incident_sentence(incident, out);
	buffer_add_char(out, '\n');
	return 0;
}

/* The hosts with most links, by their numbers + 1. */
static uint32_t largest_hosts(
	const struct watchman *watchman, uint32_t numbers[static LARGEST_HOSTS])
{
	const struct crowd_host *hosts = watchman->crowd.hosts;
	uint32_t count = 0;
	for (uint32_t i = 0; i < watchman->crowd.host_count; i++) {
		uint32_t place = count;
		while (place > 0 && hosts[numbers[place - 1] - 1].links < hosts[i].links)
			place--;
		if (place == LARGEST_HOSTS || hosts[i].links == 0)
			continue;
		if (count < LARGEST_HOSTS)
			count++;
		memmove(&numbers[place + 1], &numbers[place],
			(count - place - 1) * sizeof(*numbers));
		numbers[place] = i + 1;
	}
	return count;
}

/* The crowd knows a host by its hash; one of its links has the name. */
static bool name_of_host(struct watchman *watchman, uint32_t number, struct arena *arena,
	struct slice *ret_key)
{
	struct store_link link;
	struct error error;
	struct url url;
	bool found = false;
	for (uint64_t id = 1; id < watchman->crowd.link_room && !found; id++)
		if (watchman->crowd.host_of[id] == number &&
			(store_load_link(watchman->store, (int64_t)id, arena, &link,
				 &found, &error) < 0 ||
				!found))
			return false;
	if (!found || url_parse(arena, link.request_url, NULL, &url) < 0)
		return false;
	*ret_key = host_pacing_key(url.host);
	return true;
}

static struct schedule_load load_of(
	const struct watchman *watchman, uint32_t number, struct slice key)
{
	const struct config *config = watchman->crew->config;
	const struct config_host *wish = config_host_of(config, key);
	struct schedule_load load = {
		.host = key,
		.links = watchman->crowd.hosts[number - 1].links,
		.interval_ms = watchman_limits(watchman, UINT32_MAX).interval_ms,
		.request_interval_ms = config->check.host_request_interval_ms,
		.concurrency = config->check.host_concurrency,
	};
	if (wish != NULL) {
		load.request_interval_ms = wish->request_interval_ms;
		load.concurrency = wish->concurrency;
	}
	return load;
}

/* Hosts that may be too slow, and how often all links of each want to be asked. */
struct demands {
	const struct watchman *watchman;
	struct demand {
		uint32_t number;
		struct schedule_load load;
		double links, checks_per_ms;
	} of[LARGEST_HOSTS];
	uint32_t count;
};

static bool add_demand(const struct store_due *due, void *data)
{
	struct demands *demands = data;
	const struct crowd *crowd = &demands->watchman->crowd;
	if ((uint64_t)due->link_id >= crowd->link_room)
		return true;
	for (uint32_t i = 0; i < demands->count; i++) {
		struct demand *demand = &demands->of[i];
		if (crowd->host_of[due->link_id] != demand->number)
			continue;
		struct schedule_limits limits =
			watchman_limits(demands->watchman, due->list_bits);
		demand->links++;
		demand->checks_per_ms += 1.0 / (double)limits.interval_ms;
	}
	return true;
}

/* Only a host that would be too slow for the shortest interval of all is a reason to look
 * at the lists of all links. */
static void suspect(
	struct demands *demands, uint32_t number, struct slice key, struct buffer *out)
{
	struct schedule_load load = load_of(demands->watchman, number, key);
	size_t before = out->len;
	bool feasible = schedule_feasibility(&load, out);
	buffer_truncate(out, before);
	if (!feasible)
		demands->of[demands->count++] =
			(struct demand){ .number = number, .load = load };
}

static void say_infeasible(struct demand *demand, struct buffer *out)
{
	if (demand->links < 1)
		return;
	demand->load.links = (uint64_t)demand->links;
	demand->load.interval_ms = (time_ms)(demand->links / demand->checks_per_ms + 0.5);
	if (!schedule_feasibility(&demand->load, out))
		buffer_add_char(out, '\n');
}

/* What no patience helps with: hosts whose links are more than their pace allows. */
static void add_infeasible(struct watchman *watchman, struct buffer *out)
{
	struct arena scratch, keys;
	struct error error;
	struct demands demands = { .watchman = watchman };
	uint32_t numbers[LARGEST_HOSTS];
	uint32_t count = largest_hosts(watchman, numbers);
	arena_init(&scratch, SCRATCH_BYTES_MAX);
	arena_init(&keys, SCRATCH_BYTES_MAX);
	for (uint32_t i = 0; i < count; i++) {
		struct slice key;
		arena_reset(&scratch);
		if (name_of_host(watchman, numbers[i], &scratch, &key))
			suspect(&demands, numbers[i], arena_copy(&keys, key), out);
	}
	if (demands.count > 0 &&
		store_walk_due(watchman->store, add_demand, &demands, &error) == 0)
		for (uint32_t i = 0; i < demands.count; i++)
			say_infeasible(&demands.of[i], out);
	arena_fini(&keys);
	arena_fini(&scratch);
}

void watchman_status(struct watchman *watchman, struct buffer *out)
{
	char since[TIME_RFC3339_SIZE], next[TIME_RFC3339_SIZE];
	struct store_health health;
	struct doubt_status doubt;
	time_format_rfc3339(watchman->started_at, since);
	buffer_printf(out,
		"running since %s: %zu links wait for their time, %u are being asked, "
		"%zu overdue\n",
		since, schedule_queue_count(watchman->queue), watchman->job_count,
		schedule_queue_overdue(watchman->queue));
	buffer_printf(out, "%llu checks recorded, %llu asked again, %llu slots missed\n",
		(unsigned long long)watchman->counts.checks,
		(unsigned long long)watchman->counts.asked_again,
		(unsigned long long)watchman->counts.missed);
	time_ms deadline = schedule_queue_deadline(watchman->queue), now = wall_now();
	if (deadline != INT64_MAX) {
		time_format_rfc3339(deadline > now ? deadline : now, next);
		buffer_printf(out, "next check at %s\n", next);
	}
	doubt_status(watchman->doubt, &doubt);
	if (doubt.state != DOUBT_FINE) {
		doubt_sentence(&doubt, out);
		buffer_add_char(out, '\n');
	}
	store_writer_health(watchman->writer, &health);
	buffer_printf(out, "database: %u results waiting, log %lld KiB\n",
		health.queued_items, (long long)health.log_bytes / 1024);
	if (health.trouble[0] != '\0')
		buffer_printf(out, "%s\n", health.trouble);
	incident_each(watchman->incidents, add_incident, out);
	post_status(watchman->post, out);
	add_infeasible(watchman, out);
}
