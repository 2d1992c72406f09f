#include "unit/store/ground.h"

#include "store/writer_internal.h"
#include "unit/store/version_1.h"
#include "unit/store/version_2.h"

#include <fcntl.h>
#include <sys/wait.h>

/* Opening runs all migrations from nothing and prepares every statement. */
static void opens_from_nothing(void **state)
{
	(void)state;
	struct store *store = ground_open(STORE_WRITE);
	store_close(store);
	assert_string_equal(ground_sql("PRAGMA user_version"), "3");
	assert_string_equal(ground_sql("PRAGMA journal_mode"), "wal");
	struct stat file;
	assert_int_equal(stat(ground_path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0640);
	assert_int_equal(ground_verify(), 0);
	/* A second time there is nothing to be done. */
	store_close(ground_open(STORE_WRITE));
	store_close(ground_open(STORE_READ));
}

static void seeds_differ(void **state)
{
	(void)state;
	struct store *store = ground_open(STORE_WRITE);
	uint64_t hash = store_host_hash(store, SLICE("example.org"));
	assert_true(hash == store_host_hash(store, SLICE("example.org")));
	store_close(store);
	store = ground_open(STORE_READ);
	assert_true(hash == store_host_hash(store, SLICE("example.org")));
	store_close(store);
	assert_int_equal(unlink(ground_path), 0);
	store = ground_open(STORE_WRITE);
	assert_true(hash != store_host_hash(store, SLICE("example.org")));
	store_close(store);
}

static void write_version(const char *const *statements, size_t count)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(ground_path, &db), SQLITE_OK);
	for (size_t i = 0; i < count; i++)
		if (sqlite3_exec(db, statements[i], NULL, NULL, NULL) != SQLITE_OK)
			fail_msg("%s: %s", statements[i], sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* The schema of one that is new, with what was kept in a file of an older one. */
static void bring_up(const char *const *statements, size_t count, const char *refusal)
{
	char fresh[64];
	struct error error = { 0 };
	static const char *const hash = "SELECT count(*) || ' ' || sum(length(sql)) "
					"FROM sqlite_master";
	store_close(ground_open(STORE_WRITE));
	snprintf(fresh, sizeof(fresh), "%s", ground_sql(hash));
	assert_int_equal(unlink(ground_path), 0);

	write_version(statements, count);
	assert_null(store_open(ground_path, STORE_READ, &error));
	assert_non_null(strstr(error.text, refusal));
	store_close(ground_open(STORE_WRITE));
	assert_string_equal(ground_sql("PRAGMA user_version"), "3");
	assert_string_equal(ground_sql(hash), fresh);
	assert_int_equal(ground_verify(), 0);
}

static bool keep_event(const struct store_event *event, void *context)
{
	static const int64_t ids[] = { 1050580, 1054586, 1054587, 1054588, 1054589 };
	uint32_t *count = context;
	assert_int_equal(event->event_id, ids[*count]);
	assert_int_equal(event->list.len, 0);
	++*count;
	return true;
}

static void first_version_is_brought_up(void **state)
{
	(void)state;
	bring_up(version_1, sizeof(version_1) / sizeof(version_1[0]),
		"has schema 1, this linkrotd needs 3");
	struct store *store = ground_open(STORE_READ);
	uint32_t events = 0;
	assert_int_equal(store_walk_events(store, 0, 0, keep_event, &events, NULL), 0);
	assert_int_equal(events, 5);
	assert_int_equal(ground_find(store, "https://b.example/#part"), 2);
	store_close(store);
	assert_string_equal(ground_sql("SELECT state || strikes FROM v_link "
				       "WHERE link_id = 3"),
		"suspect1.0");
	assert_string_equal(ground_sql("SELECT count(*) FROM v_check"), "3");
	/* And it goes on. */
	struct store_writer *writer = ground_writer();
	struct link_record record = { .state = STATE_DEAD };
	ground_wait(writer, store_put_record(writer, 3, &record));
	ground_stop(writer);
	assert_string_equal(
		ground_sql("SELECT state FROM v_link WHERE link_id = 3"), "dead");
}

/* What it kept of a link is there, and its way comes with the next check. */
static void second_version_is_brought_up(void **state)
{
	(void)state;
	bring_up(version_2, sizeof(version_2) / sizeof(version_2[0]),
		"has schema 2, this linkrotd needs 3");
	assert_string_equal(ground_sql("SELECT count(*) || ' ' || count(content_hash) "
				       "FROM source"),
		"1 0");
	struct store_writer *writer = ground_writer();
	struct store *store = ground_open(STORE_READ);
	struct store_link link;
	struct arena arena;
	bool found;
	arena_init(&arena, 1 << 20);
	int64_t id = ground_find(store, "http://a.test/temp");
	assert_int_equal(store_load_link(store, id, &arena, &link, &found, NULL), 0);
	assert_true(found);
	assert_slice(link.texts.final_url, "http://a.test/new");
	assert_slice(link.texts.title, "New page");
	assert_slice(link.texts.redirects, "");

	struct store_texts texts = link.texts;
	texts.redirects = SLICE("302 http://a.test/moved\n");
	const struct check_facts facts = { .at = 1 };
	const struct store_result result = {
		.link_id = id, .facts = &facts, .record = &link.record, .texts = &texts
	};
	ground_wait(writer, store_put_result(writer, &result));
	assert_int_equal(store_load_link(store, id, &arena, &link, &found, NULL), 0);
	assert_slice(link.texts.redirects, "302 http://a.test/moved\n");
	assert_slice(link.texts.title, "New page");
	arena_fini(&arena);
	store_close(store);
	ground_stop(writer);
	assert_string_equal(ground_sql("SELECT count(*) FROM link_redirects"), "1");
	assert_int_equal(ground_verify(), 0);
}

static void expect_refusal(enum store_mode mode, const char *words)
{
	struct error error = { 0 };
	struct store *store = store_open(ground_path, mode, &error);
	assert_null(store);
	if (strstr(error.text, words) == NULL || strstr(error.text, ground_path) == NULL)
		fail_msg("\"%s\" lacks \"%s\"", error.text, words);
}

static void reading_creates_nothing(void **state)
{
	(void)state;
	expect_refusal(STORE_READ, "has the daemon run");
	assert_int_equal(access(ground_path, F_OK), -1);
}

/* In another process, as a second daemon is. */
static void second_writer_is_refused(void **state)
{
	(void)state;
	struct store *store = ground_open(STORE_WRITE);
	pid_t child = fork();
	if (child == 0) {
		struct error error = { 0 };
		char pid[32];
		snprintf(pid, sizeof(pid), "process %ld", (long)getppid());
		struct store *second = store_open(ground_path, STORE_WRITE, &error);
		_exit(second == NULL && strstr(error.text, "in use") != NULL &&
					strstr(error.text, pid) != NULL
				? 0
				: 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	expect_refusal(STORE_WRITE, "in use");
	store_close(ground_open(STORE_READ));
	store_close(store);
	store_close(ground_open(STORE_WRITE));
}

/* A lock beside a link would be another one than that beside the file. */
static void a_link_is_the_file_it_leads_to(void **state)
{
	(void)state;
	char link[200], file[STORE_PATH_BYTES];
	struct error error = { 0 };
	snprintf(link, sizeof(link), "%s.link", ground_path);
	assert_int_equal(symlink(strrchr(ground_path, '/') + 1, link), 0);
	store_file_of(link, file); /* that is not there yet */
	assert_string_equal(file, ground_path);
	struct store *store = ground_open(STORE_WRITE);
	assert_null(store_open(link, STORE_WRITE, &error));
	assert_non_null(strstr(error.text, "in use"));
	store_close(store);
	store = store_open(link, STORE_WRITE, &error);
	assert_non_null(store);
	expect_refusal(STORE_WRITE, "in use");
	store_close(store);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink(link, link), 0);
	store_file_of(link, file);
	assert_string_equal(file, link);
	assert_int_equal(unlink(link), 0);
}

static void write_file(const char *bytes, size_t len, off_t at)
{
	int fd = open(ground_path, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, bytes, len, at), (ssize_t)len);
	close(fd);
}

static void damaged_file_is_left_alone(void **state)
{
	(void)state;
	char garbage[8192], after[8192];
	for (size_t i = 0; i < sizeof(garbage); i++)
		garbage[i] = (char)('a' + i % 26);
	write_file(garbage, sizeof(garbage), 0);
	expect_refusal(STORE_WRITE, "damaged");
	expect_refusal(STORE_READ, "backup");
	int fd = open(ground_path, O_RDONLY);
	assert_int_equal(read(fd, after, sizeof(after)), (ssize_t)sizeof(after));
	close(fd);
	assert_memory_equal(garbage, after, sizeof(garbage));
}

static void damage_inside_is_found(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://a.example/", "https://b.example/" };
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", urls, 2);
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);
	/* The header of an inner page; the first one keeps the schema. */
	char zeros[64] = { 0 };
	int64_t page = strtol(
		ground_sql("SELECT rootpage FROM sqlite_master WHERE name = 'span'"),
		NULL, 10);
	write_file(zeros, sizeof(zeros), (page - 1) * 4096);
	assert_true(ground_verify() > 0);
}

static void other_databases_are_left_alone(void **state)
{
	(void)state;
	sqlite3 *db;
	assert_int_equal(sqlite3_open(ground_path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db, "CREATE TABLE mine(x)", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	expect_refusal(STORE_WRITE, "not one of linkrotd's");
	assert_string_equal(ground_sql("SELECT count(*) FROM sqlite_master"), "1");
}

static void newer_schema_is_refused(void **state)
{
	(void)state;
	sqlite3 *db;
	store_close(ground_open(STORE_WRITE));
	assert_int_equal(sqlite3_open(ground_path, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA user_version = 77", NULL, NULL, NULL);
	sqlite3_close(db);
	expect_refusal(STORE_WRITE, "newer linkrotd (schema 77");
	expect_refusal(STORE_READ, "newer linkrotd (schema 77");
	assert_int_equal(sqlite3_open(ground_path, &db), SQLITE_OK);
	sqlite3_exec(db, "PRAGMA user_version = -1", NULL, NULL, NULL);
	sqlite3_close(db);
	expect_refusal(STORE_WRITE, "is damaged");
	expect_refusal(STORE_READ, "is damaged");
}

static void unknown_word_is_newer(void **state)
{
	(void)state;
	sqlite3 *db;
	store_close(ground_open(STORE_WRITE));
	assert_int_equal(sqlite3_open(ground_path, &db), SQLITE_OK);
	sqlite3_exec(
		db, "INSERT INTO word VALUES(1, 120, 'http_teapot')", NULL, NULL, NULL);
	sqlite3_close(db);
	expect_refusal(STORE_READ, "http_teapot");
}

/* Codes are the file's own: a file with another order means the same. */
static void words_keep_their_meaning(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://a.example/" };
	sqlite3 *db;
	store_close(ground_open(STORE_WRITE));
	assert_int_equal(sqlite3_open(ground_path, &db), SQLITE_OK);
	sqlite3_exec(db,
		"UPDATE word SET code = 120 WHERE kind = 3 AND text = 'alive';"
		"UPDATE word SET code = 1 WHERE kind = 3 AND text = 'dead';"
		"UPDATE word SET code = 4 WHERE kind = 3 AND code = 120",
		NULL, NULL, NULL);
	sqlite3_close(db);
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", urls, 1);
	struct link_record record = { .state = STATE_DEAD, .confirmed = STATE_ALIVE };
	ground_wait(writer, store_put_record(writer, 1, &record));
	assert_string_equal(ground_sql("SELECT state FROM v_link"), "dead");
	assert_string_equal(ground_sql("SELECT state FROM tail"), "1");
	ground_stop(writer);
}

/* As somebody who is not root, for whom no directory is read-only. */
static void read_only_directory_is_said(void **state)
{
	(void)state;
	assert_int_equal(chmod(ground_directory, 0555), 0);
	pid_t child = fork();
	if (child == 0) {
		struct error error = { 0 };
		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		struct store *store = store_open(ground_path, STORE_WRITE, &error);
		_exit(store == NULL && strstr(error.text, "cannot write beside") != NULL
				? 0
				: 1);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static int log_of(const char *path, const char *bytes)
{
	char name[200];
	snprintf(name, sizeof(name), "%s-wal", path);
	int fd = open(name, O_RDWR | O_CREAT, 0644);
	if (fd < 0 || pwrite(fd, bytes, strlen(bytes), 0) < 0)
		return -1;
	return close(fd);
}

/* Status of the child: what is wrong. */
static int read_alone(const char *path, bool logged)
{
	static const char *const url = "https://a.example/";
	struct error error = { 0 };
	struct store_statistics counts;
	uint64_t faults = 1;
	if (geteuid() == 0 && setuid(65534) < 0)
		return 2;
	struct store *store = store_open(path, STORE_READ, &error);
	if (logged)
		return store == NULL && strstr(error.text, "-wal holds what") != NULL ? 0
										      : 3;
	if (store == NULL)
		return 4;
	if (store_statistics(store, &counts, &error) < 0 || counts.links != 1 ||
		ground_find(store, url) != 1)
		return 5;
	store_close(store);
	return store_verify(path, NULL, NULL, &faults, &error) == 0 && faults == 0 ? 0
										   : 6;
}

static void expect_alone(const char *path, bool logged)
{
	int status;
	pid_t child = fork();
	if (child == 0)
		_exit(read_alone(path, logged));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* A file that stands where nothing may be written beside it, as on a backup's disk. */
static void file_alone_can_be_read(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://a.example/" };
	char odd[128];
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", urls, 1);
	ground_stop(writer);
	snprintf(odd, sizeof(odd), "%s/a?b#c%%41.db", ground_directory);
	assert_int_equal(rename(ground_path, odd), 0);
	assert_int_equal(chmod(odd, 0444), 0);
	assert_int_equal(chmod(ground_directory, 0555), 0);
	expect_alone(odd, false);
	assert_int_equal(chmod(ground_directory, 0755), 0);
	assert_int_equal(log_of(odd, ""), 0);
	assert_int_equal(chmod(ground_directory, 0555), 0);
	expect_alone(odd, false);
	/* Without what is in it the file would be an older one. */
	assert_int_equal(log_of(odd, "something"), 0);
	expect_alone(odd, true);
}

static int read_twice(int told, int heard)
{
	struct error error = { 0 };
	struct store_statistics counts;
	char byte = 'x';
	if (geteuid() == 0 && setuid(65534) < 0)
		return 2;
	struct store *store = store_open(ground_path, STORE_READ, &error);
	if (store == NULL || store_statistics(store, &counts, &error) < 0)
		return 3;
	if (write(told, &byte, 1) != 1 || read(heard, &byte, 1) != 1)
		return 4;
	return store_statistics(store, &counts, &error) < 0 &&
			       strstr(error.text, "begun to be written") != NULL
		       ? 0
		       : 5;
}

static void file_alone_must_stay_alone(void **state)
{
	(void)state;
	int child_tells[2], we_tell[2], status;
	char byte = 'x';
	store_close(ground_open(STORE_WRITE));
	assert_int_equal(chmod(ground_path, 0444), 0);
	assert_int_equal(log_of(ground_path, ""), 0);
	assert_int_equal(chmod(ground_directory, 0555), 0);
	assert_int_equal(pipe(child_tells) + pipe(we_tell), 0);
	pid_t child = fork();
	if (child == 0) {
		close(we_tell[1]);
		_exit(read_twice(child_tells[1], we_tell[0]));
	}
	close(child_tells[1]);
	assert_int_equal(read(child_tells[0], &byte, 1), 1);
	assert_int_equal(log_of(ground_path, "something"), 0);
	assert_int_equal(write(we_tell[1], &byte, 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(child_tells[0]);
	close(we_tell[0]);
	close(we_tell[1]);
}

static void backup_is_complete(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://a.example/", "https://b.example/" };
	char to[128];
	struct error error = { 0 };
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", urls, 2);
	snprintf(to, sizeof(to), "%s/copy.db", ground_directory);
	assert_int_equal(store_backup(ground_path, to, &error), 0);
	assert_int_equal(store_backup(ground_path, to, &error), -1);
	assert_non_null(strstr(error.text, "already there"));
	ground_stop(writer);

	uint64_t faults;
	assert_int_equal(store_verify(to, NULL, NULL, &faults, &error), 0);
	assert_int_equal(faults, 0);
	struct store *copy = store_open(to, STORE_READ, &error);
	assert_non_null(copy);
	assert_true(ground_find(copy, "https://b.example/") > 0);
	store_close(copy);
}

static void prune_needs_the_lock(void **state)
{
	(void)state;
	const struct store_retention kept = { .checks_ms = 1000 };
	struct store_pruned pruned;
	struct error error;
	struct store *store = ground_open(STORE_WRITE);
	assert_int_equal(store_prune(ground_path, &kept, 5000, &pruned, &error), -1);
	assert_non_null(strstr(error.text, "in use"));
	store_close(store);
	assert_int_equal(store_prune(ground_path, &kept, 5000, &pruned, &error), 0);
}

static void change(const char *sql)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(ground_path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	sqlite3_close(db);
}

/* Days 1 to 10 of two links; link 2 has nothing new after day 3. An incident on day 1. */
#define CODE(kind, word)                                                                 \
	"(SELECT code FROM word WHERE kind = " kind " AND text = '" word "')"
#define STATE(word) CODE("3", word)
#define KIND(word)  CODE("5", word)

static void ten_days(void)
{
	ground_stop(ground_writer());
	change("INSERT INTO link(link_id, kind, url, reason, decided) VALUES(1, 0, "
	       "'http://a.test/', 0, 1), (2, 0, 'http://b.test/', 0, 1)");
	/* One that comes and goes each day, and one that is dead since the second day. */
	change("WITH RECURSIVE d(d) AS (SELECT 1 UNION ALL SELECT d + 1 FROM d WHERE "
	       "d < 10) INSERT INTO event(event_id, at, link_id, kind, to_state, reason) "
	       "SELECT 10 * d + 1, 86400000 * d, 1, " KIND("state") ", " STATE(
		       "alive") ", 0 FROM d");
	change("INSERT INTO event(event_id, at, link_id, kind, to_state, reason, "
	       "incident_id) VALUES"
	       "(2, 86400000, 2, " KIND(
		       "link_added") ", NULL, 0, NULL), "
				     "(12, 86400000, 2, " KIND("state") ", " STATE(
					     "alive") ", 0, NULL), "
						      "(22, 172800000, 2, " KIND("state") ", " STATE(
							      "dead") ", 0, 5), "
								      "(32, 259200000, "
								      "2, " KIND(
									      "link_"
									      "remove"
									      "d") ", "
										   "NU"
										   "LL"
										   ", "
										   "0,"
										   " N"
										   "UL"
										   "L)"
										   ", "
										   "(3"
										   "3,"
										   " 2"
										   "59"
										   "20"
										   "00"
										   "00"
										   ", "
										   "2,"
										   " " KIND(
											   "link_added") ", NULL, 0, NULL)");
	change("INSERT INTO event(event_id, at, kind, reason, incident_id) VALUES"
	       "(5, 86400000, " KIND(
		       "incident_began") ", 0, NULL), "
					 "(6, 86400000, " KIND(
						 "offline_began") ", 0, NULL), "
								  "(7, 86400000, " KIND(
									  "incident_"
									  "ended") ", 0, "
										   "4)");
	change("INSERT INTO list(list_id, name, place) VALUES(1, 'l', 0)");
	change("INSERT INTO event_list VALUES(6, 1), (101, 1)");
	change("WITH RECURSIVE d(d) AS (SELECT 1 UNION ALL SELECT d + 1 FROM d WHERE "
	       "d < 10) INSERT INTO span SELECT 1, 86400000 * d, 0, x'00' FROM d");
	change("INSERT INTO span VALUES(2, 86400000, 0, x'00')");
	change("INSERT INTO check_log VALUES(1, 1, 864000000, 0, 0, 200, 1)");
}

#define EVENTS_LEFT "SELECT group_concat(event_id) FROM (SELECT * FROM event ORDER BY 1)"
#define SPANS_LEFT                                                                       \
	"SELECT group_concat(link_id || ':' || (first_at / 86400000), ' ') FROM span"

/* Of day 10 three are kept: from day 7 on, with what still tells of it. */
static void assert_old_is_gone(void)
{
	assert_string_equal(ground_sql(EVENTS_LEFT), "5,7,12,22,32,33,71,81,91,101");
	assert_string_equal(
		ground_sql("SELECT group_concat(event_id) FROM event_list"), "101");
	assert_string_equal(ground_sql(SPANS_LEFT), "1:6 1:7 1:8 1:9 1:10 2:1");
}

static const struct store_retention three_days = { .history_ms = 3 * TIME_MS_PER_DAY,
	.events_ms = 3 * TIME_MS_PER_DAY };

static void prune_keeps_what_is_wanted(void **state)
{
	(void)state;
	const struct store_retention for_ever = { 0 };
	struct store_pruned pruned;
	ten_days();
	assert_int_equal(
		store_prune(ground_path, &for_ever, 10 * TIME_MS_PER_DAY, &pruned, NULL),
		0);
	assert_int_equal(pruned.events + pruned.spans, 0);
	assert_int_equal(store_prune(ground_path, &three_days, 10 * TIME_MS_PER_DAY,
				 &pruned, NULL),
		0);
	assert_int_equal(pruned.events, 8); /* six, the first addition, and 6 */
	assert_int_equal(pruned.spans, 5);
	assert_old_is_gone();
}

static void the_writer_prunes_as_it_is_told(void **state)
{
	(void)state;
	ten_days();
	struct store_writer *writer = ground_writer();
	assert_string_equal(ground_sql("SELECT count(*) FROM event"), "18");
	store_writer_keep(writer, &three_days);
	for (int i = 0;
		i < 60000 && strcmp(ground_sql("SELECT count(*) FROM span"), "6") != 0;
		i++)
		usleep(1000);
	assert_old_is_gone();
	ground_stop(writer);
}

static void a_full_disk_is_said_to_be(void **state)
{
	(void)state;
	/* Whether anybody goes on then is not the store's to say. */
	assert_string_equal(store_code_text(SQLITE_FULL), "the disk is full: make room");
	assert_non_null(strstr(store_code_text(SQLITE_IOERR_SHMSIZE), "disk is full"));
	assert_non_null(strstr(store_code_text(SQLITE_IOERR_READ), "system's log"));
}

/* A slice's share of the log is bounded, and ids that nobody has are leapt over. */
static void a_slice_is_of_rows(void **state)
{
	(void)state;
	const struct store_retention kept = { .events_ms = 1 };
	struct retention_walk walk = { 0 };
	struct retention_counts counts = { 0 };
	int slices = 0, more = 1;
	ground_stop(ground_writer());
	change("WITH RECURSIVE d(d) AS (SELECT 1 UNION ALL SELECT d + 1 FROM d WHERE "
	       "d < 9001) INSERT INTO event(event_id, at, kind, reason) "
	       "SELECT 1048576 * d, d, " KIND("offline_began") ", 0 FROM d");
	struct store *store = ground_open(STORE_WRITE);
	for (; more == 1; slices++) {
		int64_t before = counts.events;
		more = retention_slice(store, &kept, TIME_MS_PER_DAY, &walk, &counts);
		assert_true(counts.events - before <= RETENTION_EVENTS);
	}
	assert_int_equal(more, 0);
	assert_int_equal(slices, 4); /* three, and the one that finds nothing */
	assert_int_equal(counts.events, 9000);
	store_close(store);
}

#define ON_GROUND(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, ground_setup, ground_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(opens_from_nothing),
		ON_GROUND(first_version_is_brought_up),
		ON_GROUND(second_version_is_brought_up),
		ON_GROUND(seeds_differ),
		ON_GROUND(reading_creates_nothing),
		ON_GROUND(second_writer_is_refused),
		ON_GROUND(a_link_is_the_file_it_leads_to),
		ON_GROUND(damaged_file_is_left_alone),
		ON_GROUND(damage_inside_is_found),
		ON_GROUND(other_databases_are_left_alone),
		ON_GROUND(newer_schema_is_refused),
		ON_GROUND(unknown_word_is_newer),
		ON_GROUND(words_keep_their_meaning),
		ON_GROUND(read_only_directory_is_said),
		ON_GROUND(file_alone_can_be_read),
		ON_GROUND(file_alone_must_stay_alone),
		ON_GROUND(backup_is_complete),
		ON_GROUND(prune_needs_the_lock),
		ON_GROUND(prune_keeps_what_is_wanted),
		ON_GROUND(the_writer_prunes_as_it_is_told),
		ON_GROUND(a_slice_is_of_rows),
		cmocka_unit_test(a_full_disk_is_said_to_be),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
