/* What the daemon knows of itself, once a second, for /metrics, /healthz and the top of
 * the pages. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "process/wall.h"
#include "run/serving_internal.h"

enum {
	LOOP_STILL_MAX_MS = 30 * 1000,
	WRITER_STILL_MAX_MS = 30 * 1000,
	/* What is due may wait for its host; all that is due may not. */
	SCHEDULER_STILL_MAX_MS = 60 * 60 * 1000,
};

/* The one that counts is among them. */
static int64_t count_open_files(void)
{
	DIR *files = opendir("/proc/self/fd");
	int64_t count = 0;
	if (files == NULL)
		return METRICS_UNKNOWN;
	for (const struct dirent *file = readdir(files); file != NULL;
		file = readdir(files))
		count += file->d_name[0] != '.';
	closedir(files);
	return count - 1;
}

static void add_process(struct metrics *metrics, const struct watchman *watchman)
{
	struct rusage usage;
	struct rlimit files;
	long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "re");
	if (statm != NULL && fscanf(statm, "%*s %ld", &pages) == 1)
		metrics->resident_bytes = (int64_t)pages * sysconf(_SC_PAGESIZE);
	if (statm != NULL)
		fclose(statm);
	if (getrusage(RUSAGE_SELF, &usage) == 0)
		metrics->cpu_us =
			((int64_t)usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
				1000000 +
			usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
		metrics->max_fds = (int64_t)files.rlim_cur;
	metrics->open_fds = count_open_files();
	metrics->started_at = watchman->started_at;
}

static void add_doubt(struct metrics *metrics, const struct doubt_status *doubt)
{
	metrics->doubt_fine = doubt->state == DOUBT_FINE;
	metrics->doubt_settling = doubt->state == DOUBT_SETTLING;
	metrics->doubt_doubting = doubt->state == DOUBT_DOUBTING;
	metrics->doubts = (int64_t)doubt->doubts;
	metrics->held = doubt->held;
}

static void add_writer(struct metrics *metrics, const struct store_health *health)
{
	metrics->writer_queue = health->queued_items;
	metrics->writer_items = (int64_t)health->committed;
	metrics->writer_commits = (int64_t)health->transactions;
	metrics->writer_commit_us = (int64_t)health->commits_us;
	if (health->transactions > 0)
		metrics->writer_last_us = (int64_t)health->last_commit_us;
	metrics->writer_bytes = (int64_t)health->queued_bytes;
	metrics->writer_failing = health->attempts;
	metrics->log_bytes = health->log_bytes;
}

static void add_database(struct metrics *metrics, const char *database)
{
	struct stat file;
	if (stat(database, &file) == 0)
		metrics->database_bytes = file.st_size;
}

static int count_incident(void *data, const struct incident *incident)
{
	int64_t *count = data;
	(void)incident;
	(*count)++;
	return 0;
}

static void add_work(struct metrics *metrics, const struct watchman *watchman)
{
	const struct meter *meter = &watchman->meter;
	struct prober_counts counts = prober_counts(watchman->crew->asker.prober);
	uint64_t asked, answered;
	prober_resolver_health(watchman->crew->asker.prober, &asked, &answered);
	memcpy(metrics->checks, meter->checks, sizeof(metrics->checks));
	memcpy(metrics->responses, meter->responses, sizeof(metrics->responses));
	metrics->phases = meter->phases;
	metrics->durations = &meter->durations;
	metrics->requests = (int64_t)counts.requests;
	metrics->running = counts.running;
	metrics->waiting = counts.waiting;
	metrics->hosts_paused = prober_count_paused(watchman->crew->asker.prober);
	metrics->names_asked = (int64_t)asked;
	metrics->names_answered = (int64_t)answered;
	metrics->asked_again = (int64_t)watchman->counts.asked_again;
	metrics->missed = (int64_t)watchman->counts.missed;
	metrics->lag_ms = watchman->counts.lag_ms;
	metrics->scheduled = (int64_t)schedule_queue_count(watchman->queue);
	metrics->overdue = (int64_t)schedule_queue_overdue(watchman->queue);
	metrics->incidents = 0;
	incident_each(watchman->incidents, count_incident, &metrics->incidents);
}

/* A list that is new has no mean, and those that share the last place have none of their
 * own. */
static void add_means(struct show_live *live, const struct serving *serving)
{
	const struct meter *meter = &serving->watchman->meter;
	const struct meter_day *today = &meter->today, *before = &meter->yesterday;
	uint32_t count = serving->name_count;
	if (count > STORE_LIST_BITS)
		count = STORE_LIST_BITS - 1;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t checks = today->ms_count[i], sum_ms = today->ms_sum[i];
		if (before->day == today->day - 1) {
			checks += before->ms_count[i];
			sum_ms += before->ms_sum[i];
		}
		if (checks > 0)
			live->means[live->mean_count++] =
				(struct show_mean){ show_list_hash(serving->names[i]),
					(int64_t)(sum_ms / checks) };
	}
}

static void add_messages(struct metrics *metrics, struct post *post)
{
	struct post_counts counts;
	time_ms now = wall_now();
	if (post == NULL)
		return;
	post_read_counts(post, &counts);
	metrics->outbox_waiting = counts.waiting;
	metrics->outbox_oldest_ms = counts.oldest_at > 0 ? now - counts.oldest_at : 0;
	metrics->messages_sent = counts.sent;
	metrics->messages_failed = counts.failed;
}

static void add_line(struct show_live *live, struct slice text)
{
	if (text.len == 0 || live->line_count == SHOW_LINES_MAX)
		return;
	snprintf(
		live->lines[live->line_count++], SHOW_LINE_SIZE, "%.*s", SLICE_ARG(text));
}

static void add_lines(struct show_live *live, const struct doubt_status *doubt,
	const struct store_health *health)
{
	struct buffer sentence;
	buffer_init(&sentence, SHOW_LINE_SIZE);
	if (doubt->state != DOUBT_FINE)
		doubt_sentence(doubt, &sentence);
	add_line(live, buffer_slice(&sentence));
	add_line(live, slice_of(health->trouble));
	buffer_fini(&sentence);
}

/* A thread that tries again and again, because the disk is full or somebody holds the
 * database, is alive, but nothing is written any more. */
static time_ms writer_still(
	struct serving *serving, const struct store_health *health, time_ms now)
{
	time_ms alive = now - health->progress_at;
	if (health->queued_items == 0 || health->committed != serving->committed_seen ||
		serving->written_at == 0)
		serving->written_at = now;
	serving->committed_seen = health->committed;
	time_ms waits = now - serving->written_at;
	return alive > waits ? alive : waits;
}

static void add_parts(struct serving *serving, struct show_live *live,
	const struct store_health *health)
{
	const struct watchman *watchman = serving->watchman;
	time_ms now = watchman_now();
	bool works = watchman->counts.checks != serving->checks_seen ||
		     schedule_queue_overdue(watchman->queue) == 0 ||
		     watchman_is_held_up(watchman);
	if (works || serving->moved_at == 0)
		serving->moved_at = now;
	serving->checks_seen = watchman->counts.checks;
	live->parts[0] = (struct api_part){ "loop", 0, LOOP_STILL_MAX_MS };
	live->parts[1] = (struct api_part){ "writer", writer_still(serving, health, now),
		WRITER_STILL_MAX_MS };
	live->parts[2] = (struct api_part){ "scheduler", now - serving->moved_at,
		SCHEDULER_STILL_MAX_MS };
}

void serving_tell_live(struct serving *serving)
{
	const struct watchman *watchman = serving->watchman;
	struct show_live live = { .line_count = 0 };
	struct store_health health;
	struct doubt_status doubt;
	store_writer_health(watchman->writer, &health);
	doubt_status(watchman->doubt, &doubt);
	metrics_init(&live.metrics);
	add_process(&live.metrics, watchman);
	add_doubt(&live.metrics, &doubt);
	add_writer(&live.metrics, &health);
	add_database(&live.metrics, serving->database);
	add_work(&live.metrics, watchman);
	add_means(&live, serving);
	add_messages(&live.metrics, watchman->post);
	live.metrics.loop_lag_us = serving->loop_lag_us;
	live.metrics.reload_failed = serving->reload_failed;
	add_lines(&live, &doubt, &health);
	add_parts(serving, &live, &health);
	show_set_live(serving->show, &live);
}
