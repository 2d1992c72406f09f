#include "unit/store/ground.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static uint64_t put_check(struct store_writer *writer, int64_t id, int32_t elapsed_ms,
	const struct event *event)
{
	time_ms at = INT64_C(1790000000000) + elapsed_ms;
	struct check_facts facts = { .at = at,
		.outcome = OUTCOME_OK,
		.reason = REASON_OK,
		.http_status = 200,
		.elapsed_ms = elapsed_ms };
	struct link_record record = { .state = STATE_ALIVE,
		.last_checked_at = at,
		.last_ok_at = at,
		.checks = (uint32_t)elapsed_ms };
	struct span closed = { .first_at = at, .last_at = at, .checks = 1 };
	struct store_result result = { .link_id = id,
		.facts = &facts,
		.record = &record,
		.closed = event != NULL ? &closed : NULL,
		.events = event,
		.event_count = event != NULL ? 1 : 0 };
	return store_put_result(writer, &result);
}

static uint32_t checks_of(struct store *store, int64_t id)
{
	struct store_link link;
	struct arena arena;
	bool found = false;
	arena_init(&arena, 1 << 20);
	assert_int_equal(store_load_link(store, id, &arena, &link, &found, NULL), 0);
	arena_fini(&arena);
	return found ? link.record.checks : 0;
}

/* --- sources ------------------------------------------------------------------------ */

static const char *const two[] = { "https://a.example/", "https://b.example/" };
static const char *const other_two[] = { "https://b.example/", "https://c.example/" };

static void a_reading_appears_at_once(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", "two");
	ground_read(writer, "one", "README.md", two, 2);
	assert_string_equal(ground_sql("SELECT count(*) FROM v_event"), "0");

	ground_begin(writer, "one", "README.md", 9);
	ground_wait(writer, ground_mention(writer, "https://c.example/", 1));
	assert_string_equal(ground_sql("SELECT group_concat(url) FROM v_occurrence JOIN "
				       "v_link USING(link_id)"),
		"https://a.example/,https://b.example/");
	ground_mention(writer, "https://b.example/", 2);
	ground_wait(writer, store_put_reading_end(writer));
	assert_string_equal(ground_sql("SELECT group_concat(url) FROM v_occurrence JOIN "
				       "v_link USING(link_id)"),
		"https://c.example/,https://b.example/");
	assert_string_equal(ground_sql("SELECT group_concat(kind || ' ' || url) FROM "
				       "v_event JOIN v_link "
				       "USING(link_id)"),
		"link_removed https://a.example/,link_added https://c.example/");
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);
}

static void a_link_is_known_when_it_comes_back(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", "two");
	ground_read(writer, "one", "README.md", two, 2);
	struct store *store = ground_open(STORE_READ);
	int64_t id = ground_find(store, "https://a.example/");
	ground_wait(writer, put_check(writer, id, 77, NULL));
	ground_read(writer, "one", "README.md", other_two, 2);
	struct store_request request;
	struct arena arena;
	arena_init(&arena, 1 << 20);
	assert_int_equal(store_load_request(store, id, &arena, &request, NULL), 0);
	assert_int_equal(request.link_count, 0);
	assert_int_equal(checks_of(store, id), 77);
	ground_read(writer, "two", "papers.bib", two, 1);
	assert_true(ground_find(store, "https://a.example/") == id);
	assert_int_equal(store_load_request(store, id, &arena, &request, NULL), 0);
	assert_int_equal(request.link_count, 1);
	assert_int_equal(request.links[0].record.checks, 77);
	arena_fini(&arena);
	store_close(store);
	ground_stop(writer);
}

static void lists_that_go_take_their_sources(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", "two");
	ground_read(writer, "one", "README.md", two, 2);
	ground_read(writer, "two", "papers.bib", other_two, 2);
	struct store_list_config only = { SLICE("two"), SLICE("Second") };
	ground_wait(writer, store_put_lists(writer, &only, 1, 7000));
	assert_string_equal(
		ground_sql("SELECT group_concat(DISTINCT list) FROM v_occurrence"),
		"two");
	/* b.example stands on the other list, too. */
	assert_string_equal(ground_sql("SELECT group_concat(url) FROM v_event JOIN "
				       "v_link USING(link_id)"),
		"https://a.example/");
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);
}

/* Also under another name; what nobody knows is added in silence, as ever at first. */
static void what_comes_back_with_its_list_is_told(void **state)
{
	(void)state;
	static const char *const three[] = { "https://a.example/", "https://b.example/",
		"https://new.example/" };
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", "two");
	ground_read(writer, "one", "README.md", two, 2);
	ground_read(writer, "two", "papers.bib", other_two, 2);
	struct store *store = ground_open(STORE_READ);
	for (size_t i = 0; i < 2; i++)
		ground_wait(
			writer, put_check(writer, ground_find(store, two[i]), 3, NULL));
	store_close(store);
	struct store_list_config only = { SLICE("two"), SLICE("Second") };
	ground_wait(writer, store_put_lists(writer, &only, 1, 7000));
	ground_lists(writer, "one", "two");
	ground_read(writer, "one", "LIST.md", three, 3);
	assert_string_equal(
		ground_sql("SELECT group_concat(kind || ' ' || url) FROM v_event "
			   "JOIN v_link USING(link_id) WHERE kind <> 'state'"),
		"link_removed https://a.example/,link_added https://a.example/");
	ground_stop(writer);
}

static bool keep_source(const struct store_source *source, void *context)
{
	*(struct store_source *)context = *source;
	return true;
}

static void a_source_fails_once_and_comes_back(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	struct slice list = SLICE("one"), name = SLICE("README.md");
	struct store *store = NULL;
	struct store_source source = { 0 };
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", two, 2);
	store_put_source_failed(writer, list, name, 6000, SLICE("it is gone"));
	ground_wait(writer,
		store_put_source_failed(writer, list, name, 7000, SLICE("still gone")));
	store = ground_open(STORE_READ);
	assert_int_equal(store_walk_sources(store, list, keep_source, &source, NULL), 0);
	assert_int_equal(source.failed_since, 6000);
	assert_int_equal(source.read_at, 5000);
	assert_int_equal(source.occurrences, 2);
	assert_int_equal(source.content_hash, 3);
	assert_string_equal(ground_sql("SELECT count(*) FROM v_occurrence"), "2");
	ground_wait(writer, store_put_source_same(writer, list, name, 8000));
	assert_string_equal(ground_sql("SELECT group_concat(kind) FROM v_event"),
		"source_failed,source_back");
	assert_int_equal(store_walk_sources(store, list, keep_source, &source, NULL), 0);
	assert_int_equal(source.failed_since, 0);
	assert_int_equal(source.read_at, 8000);
	ground_wait(writer, store_put_source_retired(writer, list, name, 9000));
	assert_string_equal(ground_sql("SELECT count(*) FROM v_occurrence"), "0");
	store_close(store);
	ground_stop(writer);
}

/* One event for all of them, and none of the first reading. */
static void many_changes_are_one_event(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", NULL);
	for (int reading = 0; reading < 2; reading++) {
		ground_begin(writer, "one", "README.md", 1 + (uint64_t)reading);
		for (uint32_t i = 0; i < STORE_READING_EVENTS_MAX + 1; i++) {
			char url[64];
			snprintf(url, sizeof(url), "https://h%d-%u.example/", reading, i);
			assert_true(ground_mention(writer, url, i + 1) > 0);
		}
		ground_wait(writer, store_put_reading_end(writer));
	}
	assert_string_equal(
		ground_sql("SELECT group_concat(v_event.kind || ' ' || links || ' ' || "
			   "v_event.text, '; ') FROM v_event JOIN event USING(event_id)"),
		"link_removed 1001 1001 links left with README.md; "
		"link_added 1001 1001 links came with README.md");
	ground_stop(writer);
}

/* --- hosts and loose values --------------------------------------------------------- */

static bool keep_host(const struct store_host *host, void *context)
{
	*(struct store_host *)context = *host;
	return false;
}

static void hosts_come_back(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	struct store_host host = { SLICE("arxiv.org"), 1, 2, 15000, 4, 200, 2, true, 3, 1,
		REASON_TIMEOUT, 11 };
	struct store_host seen = { 0 };
	ground_wait(writer, store_put_host(writer, &host));
	struct store *store = ground_open(STORE_READ);
	assert_int_equal(store_walk_hosts(store, keep_host, &seen, NULL), 0);
	assert_int_equal(seen.updated_at, 1);
	assert_int_equal(seen.paused_until, 2);
	assert_int_equal(seen.request_interval_ms, 15000);
	assert_int_equal(seen.robots_failing_since, 4);
	assert_int_equal(seen.robots_status, 200);
	assert_int_equal(seen.head_agreed, 2);
	assert_true(seen.get_only);
	assert_int_equal(seen.breaker_failures, 3);
	assert_int_equal(seen.breaker_opened, 1);
	assert_int_equal(seen.breaker_cause, REASON_TIMEOUT);
	assert_int_equal(seen.breaker_until, 11);
	store_close(store);
	ground_stop(writer);
}

static void event_ids_are_known_at_once(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	struct event began = { .kind = EVENT_INCIDENT_BEGAN, .at = 1, .links = 12 };
	int64_t first = 0, second = 0;
	assert_true(store_put_event(writer, &began, &first) > 0);
	struct event ended = {
		.kind = EVENT_INCIDENT_ENDED, .at = 2, .incident_id = first
	};
	ground_wait(writer, store_put_event(writer, &ended, &second));
	assert_true(second > first);
	ground_stop(writer);
	char expected[64];
	snprintf(expected, sizeof(expected), "%lld,%lld", (long long)first,
		(long long)second);
	assert_string_equal(
		ground_sql("SELECT group_concat(event_id) FROM event"), expected);
	/* After a restart they go on. */
	writer = ground_writer();
	int64_t third = 0;
	ground_wait(writer, store_put_event(writer, &began, &third));
	assert_true(third > second);
	ground_stop(writer);
}

/* --- the queue ---------------------------------------------------------------------- */

struct gate {
	pthread_mutex_t mutex;
	bool entered;
};

/* The writer's thread waits here for the test. */
static void stand_at_gate(void *context, uint64_t item)
{
	struct gate *gate = context;
	(void)item;
	pthread_mutex_lock(&gate->mutex);
	pthread_mutex_unlock(&gate->mutex);
}

static void a_full_queue_refuses(void **state)
{
	(void)state;
	struct error error;
	struct gate gate = { .mutex = PTHREAD_MUTEX_INITIALIZER };
	struct store_writer_options options = { .committed = stand_at_gate,
		.context = &gate };
	pthread_mutex_lock(&gate.mutex);
	struct store_writer *writer =
		store_writer_start(ground_open(STORE_WRITE), &options, &error);
	assert_non_null(writer);
	uint64_t taken = 0, last = 0, number;
	char big[STORE_TEXT_BYTES_MAX];
	memset(big, 'x', sizeof(big));
	struct event event = { .kind = EVENT_INCIDENT_BEGAN,
		.text = { big, sizeof(big) } };
	while ((number = store_put_event(writer, &event, NULL)) > 0) {
		taken++;
		last = number;
		if (taken > STORE_QUEUE_ITEMS)
			fail_msg("the queue has no bound");
	}
	assert_true(taken >= STORE_QUEUE_BYTES / (sizeof(big) + 1024));
	struct store_health health;
	store_writer_health(writer, &health);
	assert_true(health.queued_bytes <= STORE_QUEUE_BYTES);
	pthread_mutex_unlock(&gate.mutex);
	ground_wait(writer, last);
	/* There is room again. */
	ground_wait(writer, store_put_event(writer, &event, NULL));
	ground_stop(writer);
}

/* --- trouble ------------------------------------------------------------------------ */

/* Files may not grow: what a full disk is to the program. */
static void a_full_disk_loses_nothing(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	struct rlimit before, limit;
	struct store_health health;
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", two, 2);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	uint64_t last = 0;
	for (int32_t i = 1; i <= 1000; i++)
		last = put_check(writer, 1, i, NULL);
	store_writer_flush(writer);
	do {
		usleep(1000);
		store_writer_health(writer, &health);
	} while (health.attempts == 0);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_true(health.queued_items == 1000);
	assert_true(health.committed < last);
	assert_true(health.trouble[0] != '\0');
	assert_true(health.failing_since > 0);

	ground_wait(writer, last);
	store_writer_health(writer, &health);
	assert_string_equal(health.trouble, "");
	assert_true(health.last_commit_us > 0);
	assert_true(health.commits_us > health.last_commit_us);
	struct store *store = ground_open(STORE_READ);
	assert_int_equal(checks_of(store, 1), 1000);
	store_close(store);
	assert_string_equal(ground_sql("SELECT count(*) FROM v_check"), "1000");
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);
}

/* Zeros in place of the first bytes of a table's first page. */
static void damage(const char *table)
{
	const char zeros[64] = { 0 };
	char sql[100];
	snprintf(sql, sizeof(sql), "SELECT rootpage FROM sqlite_master WHERE name = '%s'",
		table);
	int64_t page = strtol(ground_sql(sql), NULL, 10);
	int fd = open(ground_path, O_RDWR);
	assert_int_equal(pwrite(fd, zeros, sizeof(zeros), (page - 1) * 4096),
		(ssize_t)sizeof(zeros));
	close(fd);
}

static void wait_for_damage(struct store_writer *writer)
{
	struct store_health health;
	do {
		usleep(1000);
		store_writer_health(writer, &health);
	} while (health.attempts == 0 && !health.damaged);
	assert_true(health.damaged);
	assert_non_null(strstr(health.trouble, "db verify"));
}

/* Waiting does not help, and nobody is told that it would: where results are written, and
 * where the writer cleans up behind them. */
static void damage_is_no_passing_trouble(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	struct store_health health;
	struct error error = { "" };
	const struct store_host host = { .key = SLICE("arxiv.org") };
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", two, 2);
	store_writer_health(writer, &health);
	assert_false(health.damaged);
	ground_stop(writer);
	damage("reading");
	writer = ground_writer();
	ground_wait(writer, put_check(writer, 1, 1, NULL));
	wait_for_damage(writer);
	/* What is written elsewhere all the same does not mend it. */
	ground_wait(writer, store_put_host(writer, &host));
	wait_for_damage(writer);
	assert_int_equal(store_writer_stop(writer, 100, &error), 0);

	damage("host");
	writer = ground_writer();
	assert_true(store_put_host(writer, &host) > 0);
	store_writer_flush(writer);
	wait_for_damage(writer);
	assert_int_equal(store_writer_stop(writer, 100, &error), -1);
	assert_non_null(strstr(error.text, "could not be written"));
}

static void a_stop_says_what_it_could_not_write(void **state)
{
	(void)state;
	struct store_writer *writer = ground_writer();
	struct rlimit before, limit;
	struct error error = { 0 };
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", two, 2);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = before;
	limit.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int32_t i = 1; i <= 10; i++)
		put_check(writer, 1, i, NULL);
	int stopped = store_writer_stop(writer, 300, &error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(stopped, -1);
	assert_non_null(strstr(error.text, "10 items could not be written"));
	assert_int_equal(ground_verify(), 0);
}

/* --- the log beside a reader ----------------------------------------------------------
 */

static void a_reader_never_lets_the_log_grow(void **state)
{
	(void)state;
	char name[128];
	struct stat file;
	struct store_health health = { 0 };
	struct store_writer *writer = ground_writer();
	sqlite3 *db;
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", two, 2);
	assert_int_equal(
		sqlite3_open_v2(ground_path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	sqlite3_exec(db, "BEGIN; SELECT count(*) FROM meta", NULL, NULL, NULL);
	snprintf(name, sizeof(name), "%s-wal", ground_path);
	int32_t put = 0;
	do {
		if (put_check(writer, 1 + put % 2, put + 1, NULL) > 0)
			put++;
		else {
			usleep(1000);
			store_writer_health(writer, &health);
		}
		assert_true(put < 3000000);
	} while (!health.log_held || health.trouble[0] == '\0');
	assert_int_equal(stat(name, &file), 0);
	assert_true(file.st_size <= 64 * 1024 * 1024);
	assert_true(file.st_size > 16 * 1024 * 1024);
	sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	sqlite3_close(db);
	ground_wait(writer, health.put);
	ground_stop(writer);
	struct store *store = ground_open(STORE_READ);
	assert_int_equal(checks_of(store, 1 + (put - 1) % 2), put);
	store_close(store);
}

/* --- the log of raw checks ---------------------------------------------------------- */

/* Never more than its bound, the newest, and in a file that never held more. */
static void raw_checks_are_bounded(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://a.example/" };
	enum { ALL = STORE_CHECKS_MAX + 70000 };
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", urls, 1);
	for (int32_t i = 1; i <= ALL;)
		if (put_check(writer, 1, i, NULL) > 0)
			i++;
		else
			usleep(1000);
	ground_stop(writer);
	char expected[64];
	snprintf(expected, sizeof(expected), "%d %d %d", STORE_CHECKS_MAX,
		ALL - STORE_CHECKS_MAX + 1, ALL);
	assert_string_equal(
		ground_sql("SELECT count(*) || ' ' || min(elapsed_ms) || ' ' || "
			   "max(elapsed_ms) FROM v_check"),
		expected);
	struct stat file;
	assert_int_equal(stat(ground_path, &file), 0);
	/* 30 bytes a check, and the tail while it is being moved. */
	if (file.st_size > STORE_CHECKS_MAX * INT64_C(30) + (16 << 20))
		fail_msg("%lld bytes", (long long)file.st_size);
}

/* --- kill -9 ------------------------------------------------------------------------ */

enum { KILL_LINKS = 5000 };

static void report_to_pipe(void *context, uint64_t item)
{
	if (write(*(int *)context, &item, sizeof(item)) != sizeof(item))
		_exit(3);
}

/* Result number k says elapsed k; every tenth also has a span and an event. */
static void write_for_ever(int pipe_fd, int32_t from)
{
	struct error error;
	struct store_writer_options options = { .committed = report_to_pipe,
		.context = &pipe_fd };
	struct store *store = store_open(ground_path, STORE_WRITE, &error);
	struct store_writer *writer =
		store != NULL ? store_writer_start(store, &options, &error) : NULL;
	if (writer == NULL)
		_exit(4);
	for (int32_t k = from;;) {
		struct event event = {
			.kind = EVENT_FLAPPING, .at = k, .link_id = k % KILL_LINKS + 1
		};
		/* Enough to be under load, little enough to look at a hundred lives. */
		struct store_health health = { 0 };
		if (k % 500 == 0)
			store_writer_health(writer, &health);
		if (health.queued_items > 3000)
			usleep(500);
		else if (put_check(writer, event.link_id, k,
				 k % 10 == 0 ? &event : NULL) > 0)
			k++;
	}
}

/* Kills after some reports; the last number that was durable by then. */
static uint64_t one_life(int32_t from, int reports)
{
	int ends[2];
	uint64_t durable = 0, item;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		write_for_ever(ends[1], from);
	}
	close(ends[1]);
	for (int i = 0; i < reports && read(ends[0], &item, sizeof(item)) == sizeof(item);
		i++)
		durable = item;
	kill(child, SIGKILL);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	close(ends[0]);
	return durable;
}

static int32_t number(const char *sql)
{
	return (int32_t)strtol(ground_sql(sql), NULL, 10);
}

static void kill_9_loses_nothing_that_was_told(void **state)
{
	(void)state;
	const char *asked = getenv("STORE_KILLS");
	int lives = asked != NULL ? (int)strtol(asked, NULL, 10) : 3;
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", NULL);
	ground_begin(writer, "one", "README.md", 1);
	for (uint32_t i = 0; i < KILL_LINKS; i++) {
		char url[64];
		snprintf(url, sizeof(url), "https://h%u.example/", i);
		ground_mention(writer, url, i + 1);
	}
	ground_wait(writer, store_put_reading_end(writer));
	ground_stop(writer);

	int32_t known = 0;
	for (int life = 0; life < lives; life++) {
		uint64_t durable = one_life(known + 1, 1 + (life * 7) % 8);
		int32_t last = number("SELECT max(elapsed_ms) FROM v_check");
		if (last < known + (int32_t)durable)
			fail_msg("life %d: %llu were durable, %d are there", life,
				(unsigned long long)durable, last - known);
		/* All or nothing of each item, and nothing between is missing. */
		int32_t first = number("SELECT min(elapsed_ms) FROM v_check");
		assert_int_equal(
			number("SELECT count(*) FROM v_check"), last - first + 1);
		assert_int_equal(number("SELECT count(*) FROM v_event"), last / 10);
		assert_int_equal(number("SELECT count(*) FROM span"), last / 10);
		assert_int_equal(
			number("SELECT count(*) FROM tail t WHERE elapsed_ms < 0"), 0);
		struct store *store = ground_open(STORE_READ);
		assert_int_equal(checks_of(store, last % KILL_LINKS + 1), last);
		store_close(store);
		assert_int_equal(ground_verify(), 0);
		known = last;
	}
}

#define ON_GROUND(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, ground_setup, ground_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(a_reading_appears_at_once),
		ON_GROUND(a_link_is_known_when_it_comes_back),
		ON_GROUND(lists_that_go_take_their_sources),
		ON_GROUND(what_comes_back_with_its_list_is_told),
		ON_GROUND(a_source_fails_once_and_comes_back),
		ON_GROUND(many_changes_are_one_event),
		ON_GROUND(hosts_come_back),
		ON_GROUND(event_ids_are_known_at_once),
		ON_GROUND(a_full_queue_refuses),
		ON_GROUND(a_full_disk_loses_nothing),
		ON_GROUND(damage_is_no_passing_trouble),
		ON_GROUND(a_stop_says_what_it_could_not_write),
		ON_GROUND(a_reader_never_lets_the_log_grow),
		ON_GROUND(raw_checks_are_bounded),
		ON_GROUND(kill_9_loses_nothing_that_was_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
