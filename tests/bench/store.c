/* The store at its goals (issue 4, "Must reach"): make bench-store.
 *
 *   store [LINKS [DAYS [DIRECTORY]]]
 *
 * Writes a database of LINKS links with one occurrence each, checks all of them in a
 * random order once a day for DAYS days of virtual time with 1 % changes (each a closed
 * span and an event), and measures beside that. Prints figures, asserts nothing of time.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/random.h"
#include "store/links.h"
#include "store/maintain.h"
#include "store/outbox.h"
#include "store/pages.h"
#include "store/writer.h"

static char path[256];
static uint32_t links, days;

static double now(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* Of all threads but this one. */
static double writer_cpu(void)
{
	struct timespec all, own;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &all);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &own);
	return (double)(all.tv_sec - own.tv_sec) +
	       (double)(all.tv_nsec - own.tv_nsec) / 1e9;
}

static double megabytes(const char *suffix)
{
	char name[300];
	struct stat file;
	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &file) == 0 ? (double)file.st_size / 1e6 : 0;
}

static void say(const char *what, double value, const char *unit, const char *goal)
{
	printf("%-44s %12.2f %-10s %s\n", what, value, unit, goal);
	fflush(stdout);
}

static void die(const struct error *error)
{
	fprintf(stderr, "bench-store: %s\n", error->text);
	exit(1);
}

static struct store_writer *start(void)
{
	struct error error;
	struct store_writer_options options = { 0 };
	struct store *store = store_open(path, STORE_WRITE, &error);
	struct store_writer *writer =
		store != NULL ? store_writer_start(store, &options, &error) : NULL;
	if (writer == NULL)
		die(&error);
	return writer;
}

static void stop(struct store_writer *writer)
{
	struct error error;
	if (store_writer_stop(writer, 600000, &error) < 0)
		die(&error);
}

/* What a conductor does when it is refused: comes back later. */
#define PUT(call)                                                                        \
	while ((call) == 0)                                                              \
	usleep(2000)

static double wal_most;

static void look_at_log(void)
{
	double size = megabytes("-wal");
	if (size > wal_most)
		wal_most = size;
}

static void import(struct store_writer *writer)
{
	struct store_list_config list = { SLICE("all"), SLICE("All links") };
	struct store_reading reading = { .list = SLICE("all"),
		.source = SLICE("README.md"),
		.content_hash = 1,
		.at = 1 };
	PUT(store_put_lists(writer, &list, 1, 1));
	PUT(store_put_reading(writer, &reading));
	for (uint32_t i = 0; i < links; i++) {
		char url[128], text[64];
		snprintf(url, sizeof(url), "https://host%u.example.org/p/%08x/%u",
			i % 50000, i * 2654435761u, i);
		snprintf(text, sizeof(text), "A paper about thing %u", i);
		struct link_identity identity = { .kind = LINK_HTTP,
			.url = slice_of(url) };
		identity.request_url = identity.request_key = identity.url;
		struct occurrence at = { .line = i + 1,
			.column = 3,
			.text = slice_of(text),
			.expected_title = slice_of(text) };
		PUT(store_put_mention(writer, &identity, &at));
		if (i % 1000 == 0)
			look_at_log();
	}
	PUT(store_put_reading_end(writer));
}

static void drain(struct store_writer *writer)
{
	struct store_health health;
	store_writer_flush(writer);
	for (;;) {
		store_writer_health(writer, &health);
		if (health.queued_items == 0)
			return;
		usleep(1000);
	}
}

static const time_ms first_day = INT64_C(1780000000000);

/* A healthy link, but for the few that change today. */
static void check(struct store_writer *writer, uint32_t id, uint32_t day, bool changes,
	bool first, struct random *random)
{
	time_ms at =
		first_day + (time_ms)day * TIME_MS_PER_DAY + (time_ms)(id % 86400) * 1000;
	int32_t elapsed = 40 + (int32_t)random_below(random, 900);
	struct check_facts facts = { .at = at,
		.outcome = OUTCOME_OK,
		.reason = REASON_OK,
		.http_status = 200,
		.elapsed_ms = elapsed };
	struct link_record record = { .state = STATE_ALIVE,
		.confirmed = STATE_ALIVE,
		.since = first_day + (time_ms)id,
		.confirmed_at = at,
		.reason = REASON_OK,
		.http_status = 200,
		.last_checked_at = at,
		.last_ok_at = at,
		.recent = day >= 63 ? UINT64_MAX : (UINT64_C(2) << day) - 1,
		.recent_count = (uint8_t)(day >= 63 ? 64 : day + 1),
		.title_hash = id * UINT64_C(0x9e3779b97f4a7c15),
		.final_url_hash = id * UINT64_C(0xbf58476d1ce4e5b9),
		.simhash = id * UINT64_C(0x94d049bb133111eb),
		.due_at = at + TIME_MS_PER_DAY + elapsed,
		.interval_ms = TIME_MS_PER_DAY + elapsed,
		.step = day,
		.checks = day + 1,
		.span = { .first_at = first_day + (time_ms)id,
			.last_at = at,
			.checks = day + 1,
			.outcome = OUTCOME_OK,
			.http_status = 200,
			.ms_min = 40,
			.ms_max = 939,
			.ms_sum = 470 * (day + 1) } };
	struct span closed = { .first_at = at - 3 * TIME_MS_PER_DAY,
		.last_at = at - TIME_MS_PER_DAY,
		.checks = 3,
		.outcome = OUTCOME_OK,
		.http_status = 200,
		.ms_min = 40,
		.ms_max = 939,
		.ms_sum = 1400 };
	struct event event = { .kind = EVENT_STATE,
		.at = at,
		.link_id = id,
		.from = STATE_ALIVE,
		.to = STATE_SUSPECT,
		.reason = REASON_HTTP_5XX };
	char title[64];
	snprintf(title, sizeof(title), "A paper about thing %u", id);
	struct store_texts texts = { .title = slice_of(title) };
	struct store_result result = {
		.link_id = id, .facts = &facts, .record = &record
	};
	if (changes) {
		result.closed = &closed;
		result.events = &event;
		result.event_count = 1;
	}
	if (first && id % 2 == 0) /* half of the pages have a title that is kept */
		result.texts = &texts;
	PUT(store_put_result(writer, &result));
}

/* A walk of all ids in an order that jumps: i -> i * step mod links, step coprime. */
static void one_day(struct store_writer *writer, uint32_t day, struct random *random)
{
	uint64_t step = 600011;
	for (uint32_t i = 0; i < links; i++) {
		uint32_t id = (uint32_t)(((uint64_t)i * step + day) % links) + 1;
		check(writer, id, day, random_below(random, 100) == 0, day == 0, random);
		if (i % 4096 == 0)
			look_at_log();
	}
}

static bool add_due(const struct store_due *due, void *context)
{
	*(uint64_t *)context += due->list_bits;
	return true;
}

static bool no_counts(const struct store_counts *counts, void *context)
{
	*(uint32_t *)context += counts->links;
	return true;
}

static void measure_reads(struct random *random)
{
	struct error error;
	struct store *store = store_open(path, STORE_READ, &error);
	if (store == NULL)
		die(&error);
	uint64_t sum = 0;
	double from = now();
	if (store_walk_due(store, add_due, &sum, &error) < 0)
		die(&error);
	say("walk of the schedule", now() - from, "s", "<= 3");
	uint32_t counted = 0;
	from = now();
	if (store_count_states(store, no_counts, &counted, &error) < 0)
		die(&error);
	say("counts by list and state", now() - from, "s", "< 1");
	struct arena arena;
	arena_init(&arena, 16 << 20);
	from = now();
	for (int i = 0; i < 20000; i++) {
		struct store_request request;
		arena_reset(&arena);
		if (store_load_request(store, (int64_t)random_below(random, links) + 1,
			    &arena, &request, &error) < 0)
			die(&error);
	}
	say("load of one request", (now() - from) / 20000 * 1e6, "us", "");
	arena_fini(&arena);
	struct store_statistics statistics;
	from = now();
	if (store_statistics(store, &statistics, &error) < 0)
		die(&error);
	say("statistics", now() - from, "s", "");
	printf("  links %lld, checks %lld, spans %lld, events %lld, free %.1f MB\n",
		(long long)statistics.links, (long long)statistics.checks,
		(long long)statistics.spans, (long long)statistics.events,
		(double)statistics.free_bytes / 1e6);
	store_close(store);
}

/* --- what a server reads ------------------------------------------------------------ */

enum { ROUNDS = 300, PAGE_LINKS = 100, WAITING = 10000 };

struct series {
	double took[ROUNDS];
	uint32_t count;
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static void say_series(const char *name, struct series *series, const char *goal)
{
	char text[80];
	qsort(series->took, series->count, sizeof(series->took[0]), compare);
	snprintf(text, sizeof(text), "%s, p99", name);
	say(text, series->took[series->count * 99 / 100] * 1e3, "ms", goal);
}

static bool add_glance(const struct store_glance *glance, void *context)
{
	*(uint64_t *)context += glance->recent & 1;
	return true;
}

static bool add_found(const struct store_found *found, void *context)
{
	*(uint64_t *)context += found->url.len;
	return true;
}

static bool add_event(const struct store_event *event, void *context)
{
	*(uint64_t *)context += event->url.len;
	return true;
}

static bool add_message(const struct store_message *message, void *context)
{
	*(uint64_t *)context += message->payload.len;
	return true;
}

static bool add_outbox(const struct store_outbox *outbox, void *context)
{
	*(uint64_t *)context += outbox->waiting;
	return true;
}

static struct store *open_to_read(void)
{
	struct error error;
	struct store *store = store_open(path, STORE_READ, &error);
	if (store == NULL)
		die(&error);
	return store;
}

#define TIME(series, call)                                                               \
	do {                                                                             \
		struct error error;                                                      \
		double began = now();                                                    \
		if ((call) < 0)                                                          \
			die(&error);                                                     \
		(series).took[(series).count++] = now() - began;                         \
	} while (0)

/* Slice by slice, as a server's thread does, each from somewhere. */
static void measure_pages(struct random *random)
{
	static struct series glances, pages, searches, events, scans;
	static struct store_link rows[PAGE_LINKS];
	struct store *store = open_to_read();
	struct store_event_page page;
	struct arena arena;
	int64_t ids[PAGE_LINKS], next;
	uint64_t sum = 0;

	glances.count = pages.count = searches.count = events.count = scans.count = 0;
	arena_init(&arena, 16 << 20);
	for (int i = 0; i < ROUNDS; i++) {
		int64_t after = (int64_t)random_below(random, links);
		struct store_search search = { SLICE("no such link"), after,
			STORE_SEARCH_ROWS };
		struct store_event_wish newest = { .backwards = true, .limit = 100 };
		struct store_event_wish scan = { .backwards = true,
			.list = SLICE("all"),
			.limit = 1000000,
			.rows_max = STORE_EVENT_ROWS };
		for (int k = 0; k < PAGE_LINKS; k++)
			ids[k] = (int64_t)random_below(random, links) + 1;
		arena_reset(&arena);
		TIME(glances, store_walk_glances(store, after, STORE_GLANCE_ROWS,
				      add_glance, &sum, &next, &error));
		TIME(pages,
			store_load_links(store, ids, PAGE_LINKS, &arena, rows, &error));
		TIME(searches, store_search_links(
				       store, &search, add_found, &sum, &next, &error));
		TIME(events, store_page_events(
				     store, &newest, add_event, &sum, &page, &error));
		TIME(scans,
			store_page_events(store, &scan, add_event, &sum, &page, &error));
	}
	arena_fini(&arena);
	store_close(store);
	say_series("STORE_GLANCE_ROWS glances", &glances, "< 20");
	say_series("page of 100 links", &pages, "< 10");
	say_series("search of STORE_SEARCH_ROWS", &searches, "< 20");
	say_series("100 newest events", &events, "< 10");
	say_series("STORE_EVENT_ROWS of one list", &scans, "< 20");
}

static void measure_all_glances(void)
{
	struct error error;
	uint64_t sum = 0;
	int64_t next = 0;
	struct store *store = open_to_read();
	double from = now();
	while (next >= 0)
		if (store_walk_glances(store, next, STORE_GLANCE_ROWS, add_glance, &sum,
			    &next, &error) < 0)
			die(&error);
	say("all glances, in slices", now() - from, "s", "<= 1");
	store_close(store);
}

static atomic_bool reader_is_done;

static void *read_pages(void *random)
{
	measure_pages(random);
	atomic_store(&reader_is_done, true);
	return NULL;
}

static void beside_a_server(struct store_writer *writer, struct random *random)
{
	struct random its_own;
	pthread_t thread;
	uint32_t put = 0;

	random_init(&its_own, 2);
	double from = now();
	if (pthread_create(&thread, NULL, read_pages, &its_own) != 0)
		exit(1);
	for (; !atomic_load(&reader_is_done); put++)
		check(writer, (uint32_t)random_below(random, links) + 1, 90, false, false,
			random);
	pthread_join(thread, NULL);
	drain(writer);
	say("  results meanwhile", put / (now() - from), "1/s", "");
}

/* A week without a mail server. */
static void measure_outbox(struct store_writer *writer)
{
	static char text[20000];
	static struct series due, counts;
	struct store_draft draft = { .due_at = 1,
		.subject = SLICE("1 link is dead"),
		.payload = { text, sizeof(text) } };
	struct store_step step = {
		.receiver = SLICE("mail"), .at = 1, .drafts = &draft, .draft_count = 1
	};
	uint64_t sum = 0;

	memset(text, 'x', sizeof(text));
	double from = now();
	for (step.former = 0; step.former < WAITING; step.former++)
		PUT(store_put_step(writer, &step, NULL));
	drain(writer);
	say("steps, each with a message of 20 KB", WAITING / (now() - from), "1/s", "");
	struct store *store = open_to_read();
	for (int i = 0; i < 100; i++) {
		TIME(due, store_walk_due_messages(
				  store, SLICE("mail"), 1, 1, add_message, &sum, &error));
		TIME(counts, store_walk_outbox(store, add_outbox, &sum, &error));
	}
	store_close(store);
	say_series("the first of 10,000 due messages", &due, "< 1");
	say_series("counts of 10,000 messages", &counts, "< 20");
}

/* A foreign program that holds one moment for seconds. */
static void beside_a_slow_reader(struct store_writer *writer, struct random *random)
{
	sqlite3 *db;
	struct store_health health;
	if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		exit(1);
	wal_most = 0;
	double from = now();
	uint32_t put = 0;
	for (int round = 0; round < 4; round++) {
		sqlite3_exec(db, "BEGIN; SELECT count(*) FROM meta", NULL, NULL, NULL);
		double until = now() + 3;
		while (now() < until) {
			check(writer, (uint32_t)random_below(random, links) + 1, 90,
				false, false, random);
			put++;
			store_writer_health(writer, &health);
			if (health.queued_items > 60000)
				usleep(5000);
			if (put % 256 == 0)
				look_at_log();
			if (health.log_held && health.queued_items > 60000)
				break;
		}
		look_at_log();
		usleep(500000);
		look_at_log();
		sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
		usleep(200000);
	}
	sqlite3_close(db);
	drain(writer);
	say("WAL beside a slow reader, most", wal_most * 1e6 / 1048576, "MiB", "<= 64");
	say("  results meanwhile", put / (now() - from), "1/s", "");
}

int main(int argc, char **argv)
{
	struct random random;
	links = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
	days = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 5;
	snprintf(path, sizeof(path), "%s/bench-store-%ld.db", argc > 3 ? argv[3] : "/tmp",
		(long)getpid());
	random_init(&random, 1);

	double from = now();
	struct store_writer *writer = start();
	import(writer);
	drain(writer);
	say("import of a source", links / (now() - from), "links/s", "");
	say("  file", megabytes(""), "MB", "");
	double rate = 0, cpu = 0;
	for (uint32_t day = 0; day < days; day++) {
		from = now();
		double cpu_from = writer_cpu();
		one_day(writer, day, &random);
		drain(writer);
		double took = now() - from;
		rate += day > 0 ? links / took : 0;
		cpu += day > 0 ? writer_cpu() - cpu_from : 0;
		if (day < 3 || day % 10 == 0)
			printf("  day %u: %.0f results/s, file %.1f MB, log %.1f MB\n",
				day, links / took, megabytes(""), megabytes("-wal"));
		fflush(stdout);
	}
	if (days > 1)
		say("results, after the first day", rate / (days - 1), "1/s",
			">= 100,000");
	if (days > 1)
		say("  CPU of the writer", cpu / (days - 1) / links * 1e6, "us/result",
			"");
	say("WAL, most", wal_most * 1e6 / 1048576, "MiB", "<= 64");
	say("file after all days", megabytes(""), "MB", "<= 400 (90 days)");
	beside_a_slow_reader(writer, &random);
	printf("pages, while results are written at full speed:\n");
	beside_a_server(writer, &random);
	stop(writer);
	say("file after that", megabytes(""), "MB", "");
	measure_reads(&random);
	measure_all_glances();
	printf("pages, alone:\n");
	measure_pages(&random);
	writer = start();
	measure_outbox(writer);
	stop(writer);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	say("memory, most", (double)usage.ru_maxrss / 1024, "MiB", "");
	if (getenv("KEEP") == NULL) {
		static const char *const suffixes[] = { "", "-wal", "-shm", "-lock" };
		for (size_t i = 0; i < 4; i++) {
			char name[300];
			snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
			unlink(name);
		}
	}
	return 0;
}
