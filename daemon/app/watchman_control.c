#include "app/wall_internal.h"
#include "app/watchman_internal.h"

enum { SENTENCE_BYTES_MAX = 2048, IDS_MAX = 64 };

/* --- recheck --- */

struct rechecking {
	struct watchman *watchman;
	int64_t count;
};

static void make_due(struct watchman *watchman, int64_t link_id, time_ms interval_ms)
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
	make_due(rechecking->watchman, link->link_id, link->record.interval_ms);
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

int64_t watchman_recheck_url(
	struct watchman *watchman, struct slice url, struct error *error)
{
	int64_t ids[IDS_MAX];
	uint32_t count = 0;
	int64_t due = 0;
	struct arena scratch;
	arena_init(&scratch, 1024 * 1024);
	int result = store_find_links(watchman->store, url, ids, IDS_MAX, &count, error);
	for (uint32_t i = 0; i < count && i < IDS_MAX && result == 0; i++) {
		struct store_link link;
		bool found;
		result = store_load_link(
			watchman->store, ids[i], &scratch, &link, &found, error);
		if (result < 0 || !found || !link.monitored)
			continue;
		make_due(watchman, ids[i], link.record.interval_ms);
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

static void add_hosts_behind(const struct watchman *watchman, struct buffer *out)
{
	uint32_t busiest = 0;
	const struct crowd_host *most = NULL;
	for (uint32_t i = 0; i < watchman->crowd.host_count; i++)
		if (watchman->crowd.hosts[i].links > busiest) {
			most = &watchman->crowd.hosts[i];
			busiest = most->links;
		}
	if (most == NULL || most->interval_ms == 0)
		return;
	const struct schedule_load load = {
		.host = SLICE("the host with most links"),
		.links = most->links,
		.interval_ms = watchman_limits(watchman, UINT32_MAX).interval_ms,
		.request_interval_ms = (time_ms)((double)most->interval_ms / wall_rate()),
		.concurrency = most->concurrency > 0 ? most->concurrency : 1,
	};
	if (!schedule_feasibility(&load, out))
		buffer_add_char(out, '\n');
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
	time_ms deadline = schedule_queue_deadline(watchman->queue);
	if (deadline != INT64_MAX) {
		time_format_rfc3339(deadline, next);
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
	add_hosts_behind(watchman, out);
}
