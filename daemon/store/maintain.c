#include "store/maintain.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_internal.h"
#include "store/writer_internal.h"

#define CENTURY_MS       (36500 * TIME_MS_PER_DAY)
#define FOLD_PATIENCE_MS TIME_MS_PER_HOUR

enum {
	FILE_MODE = 0640,
	PRUNE_AT_ONCE = 100000, /* rows */
	PRUNE_STEP_COST = 100,  /* in rows, of a transaction */
};

/* --- backup ------------------------------------------------------------------------- */

static int copy(sqlite3 *to, struct store *from, const char *path, struct error *error)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from->db, "main");
	int code = backup != NULL ? SQLITE_OK : sqlite3_errcode(to);
	/* In one step: a copy in pieces begins anew whenever the daemon writes. */
	if (backup != NULL) {
		code = sqlite3_backup_step(backup, -1);
		sqlite3_backup_finish(backup);
	}
	if (code == SQLITE_DONE)
		return 0;
	return error_set(error, "cannot copy %s to %s: %s", from->path, path,
		store_code_text(code));
}

/* The copy is a plain file: no log beside it, to be moved wherever one likes. */
static int copy_to(struct store *from, const char *part, struct error *error)
{
	sqlite3 *to = NULL;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int failed = 0;

	if (sqlite3_open_v2(part, &to, flags, NULL) != SQLITE_OK)
		failed = error_set(error, "cannot write %s: %s", part,
			store_code_text(sqlite3_errcode(to)));
	if (failed == 0)
		failed = copy(to, from, part, error);
	if (failed == 0 && sqlite3_exec(to, "PRAGMA journal_mode = DELETE", NULL, NULL,
				   NULL) != SQLITE_OK)
		failed = error_set(error, "cannot finish %s: %s", part,
			store_code_text(sqlite3_errcode(to)));
	sqlite3_close(to);
	return failed;
}

/* Where nothing else will do: the name is taken first, so that the file that rename
 * replaces is our own. */
static int take_name(const char *part, const char *to)
{
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd < 0)
		return -1;
	close(fd);
	if (rename(part, to) == 0)
		return 0;
	int number = errno;
	unlink(to);
	errno = number;
	return -1;
}

/* Not rename alone: a backup that appeared meanwhile is not overwritten. FAT has no
 * links, and a mount may know neither these nor the flag. */
static int give_name(const char *part, const char *to)
{
	if (link(part, to) == 0)
		return 0;
	if (errno != EEXIST &&
		renameat2(AT_FDCWD, part, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	return errno == EEXIST ? -1 : take_name(part, to);
}

static int make_durable(const char *part, const char *to, struct error *error)
{
	int fd = open(part, O_RDONLY | O_CLOEXEC);
	int failed = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		close(fd);
	if (failed == 0)
		failed = give_name(part, to);
	return failed == 0 ? 0
			   : error_set(error, "cannot write %s: %s", to, strerror(errno));
}

int store_backup(const char *path, const char *to, struct error *error)
{
	if (access(to, F_OK) == 0)
		return error_set(error, "%s is already there: name a new file", to);
	char *part = sqlite3_mprintf("%s.part-%ld", to, (long)getpid());
	struct store *from = store_open(path, STORE_READ, error);
	int failed = from == NULL || part == NULL ? -1 : 0;

	if (failed == 0) {
		int fd = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
		failed = fd >= 0 ? 0
				 : error_set(error, "cannot write %s: %s", part,
					   strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	if (failed == 0) {
		failed = copy_to(from, part, error);
		if (failed == 0)
			failed = make_durable(part, to, error);
		unlink(part);
	}
	store_close(from);
	sqlite3_free(part);
	return failed;
}

/* --- verify ------------------------------------------------------------------------- */

/* What is always so; each query gives a sentence a fault. */
static const char *const invariants[] = {
	"SELECT 'a record of link ' || link_id || ', which is not there' FROM tail "
	"WHERE link_id NOT IN (SELECT link_id FROM link) LIMIT 100",
	"SELECT 'checks of link ' || link_id || ', which is not there' FROM check_log "
	"WHERE link_id NOT IN (SELECT link_id FROM link) GROUP BY link_id LIMIT 100",
	"SELECT 'check ' || check_id || ' stands in the log and in the tail' "
	"FROM check_log JOIN tail ON seq = check_id WHERE tail.outcome IS NOT NULL LIMIT "
	"100",
	"SELECT 'source ' || source.name || ' says ' || occurrences || ' places and has "
	"' "
	"|| (SELECT count(*) FROM occurrence o WHERE o.reading_id = source.reading_id) "
	"FROM source WHERE reading_id IS NOT NULL AND occurrences <> (SELECT count(*) "
	"FROM occurrence o WHERE o.reading_id = source.reading_id) LIMIT 100",
	"SELECT 'source ' || name || ' is retired and has a reading' FROM source "
	"WHERE retired AND reading_id IS NOT NULL LIMIT 100",
	"SELECT 'two links are ' || a.url FROM link_key x JOIN link_key y "
	"ON y.key_hash = x.key_hash AND y.url_hash = x.url_hash AND y.link_id > "
	"x.link_id "
	"JOIN link a ON a.link_id = x.link_id JOIN link b ON b.link_id = y.link_id "
	"WHERE a.url = b.url AND a.kind = b.kind AND a.owner IS b.owner LIMIT 100",
	"SELECT 'link ' || link_id || ' cannot be found by its URL' FROM link "
	"WHERE link_id NOT IN (SELECT link_id FROM link_key) LIMIT 100",
	"SELECT 'a URL leads to link ' || link_id || ', which is not there' FROM "
	"link_key "
	"WHERE link_id NOT IN (SELECT link_id FROM link) LIMIT 100",
	"SELECT 'link ' || link_id || ' has a state that is no word' FROM link_state "
	"WHERE state NOT IN (SELECT code FROM word WHERE kind = 3) LIMIT 100",
	"SELECT 'counts of list ' || list_id || ', which is not there' FROM tally "
	"WHERE list_id <> 0 AND list_id NOT IN (SELECT list_id FROM list) LIMIT 100",
	"SELECT 'message ' || message_id || ' has no text' FROM outbox "
	"WHERE message_id NOT IN (SELECT message_id FROM outbox_body) LIMIT 100",
	"SELECT 'message ' || message_id || ' is neither waiting nor over, or both' "
	"FROM outbox WHERE (due_at IS NOT NULL) + (done_at IS NOT NULL) + "
	"(failed_at IS NOT NULL) <> 1 LIMIT 100",
	"SELECT 'message ' || message_id || ' is waiting and has lost its text' "
	"FROM outbox JOIN outbox_body USING(message_id) "
	"WHERE due_at IS NOT NULL AND payload IS NULL LIMIT 100",
	"SELECT 'receiver ' || name || ' was told of an event that is not there' "
	"FROM receiver WHERE event_id > (SELECT coalesce(max(event_id), 0) FROM event) "
	"LIMIT 100",
};

struct verify {
	store_fault_fn *fn;
	void *context;
	uint64_t faults;
};

static void tell(struct verify *verify, const char *sentence)
{
	if (verify->faults++ < STORE_FAULTS_MAX && verify->fn != NULL)
		verify->fn(sentence, verify->context);
}

/* A step that fails half-way is a fault that was found. */
static void ask(struct store *store, struct verify *verify, const char *sql, bool foreign)
{
	sqlite3_stmt *rows = NULL;
	int step = -1;
	if (sqlite3_prepare_v2(store->db, sql, -1, &rows, NULL) == SQLITE_OK)
		while ((step = sql_step(rows)) == 1) {
			const char *text = (const char *)sqlite3_column_text(rows, 0);
			char sentence[256];
			if (text == NULL || strcmp(text, "ok") == 0)
				continue;
			snprintf(sentence, sizeof(sentence), "%s%s",
				foreign ? "a row points to nothing in " : "", text);
			tell(verify, sentence);
		}
	if (step < 0)
		tell(verify, sqlite3_errmsg(store->db));
	sqlite3_finalize(rows);
}

int store_verify(const char *path, store_fault_fn *fn, void *context,
	uint64_t *ret_faults, struct error *error)
{
	struct verify verify = { .fn = fn, .context = context };
	struct store *store = store_open(path, STORE_READ, error);

	if (store == NULL)
		return -1;
	if (store_read_begin(store, error) < 0) {
		store_close(store);
		return -1;
	}
	ask(store, &verify, "PRAGMA integrity_check(100)", false);
	ask(store, &verify, "PRAGMA foreign_key_check", true);
	for (size_t i = 0; i < sizeof(invariants) / sizeof(invariants[0]); i++)
		ask(store, &verify, invariants[i], false);
	store_read_end(store);
	store_close(store);
	*ret_faults = verify.faults;
	return 0;
}

/* --- prune -------------------------------------------------------------------------- */

static int64_t file_bytes(struct store *store)
{
	int64_t pages = 0;
	return schema_pragma(store, "page_count", &pages) < 0 ? 0
							      : pages * STORE_PAGE_BYTES;
}

/* In slices, so that the log stays small. */
static int delete_checks(struct store *store, time_ms before, int64_t *ret_deleted)
{
	int64_t first = 0;
	for (;;) {
		sqlite3_stmt *row = sql_get(store, STATEMENT_CHECK_FIRST);
		int step = sql_step(row);
		first = sql_int(row, 0);
		bool old = step == 1 && sql_int(row, 1) < before;
		sql_end(row);
		if (!old)
			return step < 0 ? -1 : 0;
		sqlite3_stmt *prune = sql_get(store, STATEMENT_CHECK_PRUNE);
		sql_bind_int(prune, 1, first + PRUNE_AT_ONCE);
		sql_bind_int(prune, 2, before);
		if (sql_run(prune) < 0)
			return -1;
		*ret_deleted += sqlite3_changes64(store->db);
		sqlite3_wal_checkpoint_v2(
			store->db, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
	}
}

static int delete_readings(struct store *store, int64_t *ret_deleted)
{
	int64_t after = 0, cost = 0;
	for (;;) {
		sqlite3_stmt *row = sql_get(store, STATEMENT_READING_STALE);
		sql_bind_int(row, 1, 0);
		sql_bind_int(row, 2, after);
		int step = sql_step(row);
		int64_t stale = step == 1 ? sql_int(row, 0) : 0;
		sql_end(row);
		if (step != 1)
			return step;
		after = stale - 1;
		sqlite3_stmt *shrink = sql_get(store, STATEMENT_READING_SHRINK);
		sql_bind_int(shrink, 1, stale);
		sql_bind_int(shrink, 2, PRUNE_AT_ONCE);
		if (sql_run(shrink) < 0)
			return -1;
		int64_t deleted = sqlite3_changes64(store->db);
		*ret_deleted += deleted;
		sqlite3_stmt *forget = sql_get(store, STATEMENT_READING_DELETE);
		sql_bind_int(forget, 1, stale);
		if (deleted == 0 && sql_run(forget) < 0)
			return -1;
		/* Each waits for the disk, and there may be 10,000s of small ones. */
		cost += deleted + PRUNE_STEP_COST;
		if (cost < PRUNE_AT_ONCE)
			continue;
		cost = 0;
		sqlite3_wal_checkpoint_v2(
			store->db, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
	}
}

static int delete_old(struct store *store, const struct store_retention *kept,
	time_ms now, struct store_pruned *pruned)
{
	struct retention_walk walk = { 0 };
	struct retention_counts counts = { 0 };
	int more = 1;
	while (more == 1) {
		more = retention_slice(store, kept, now, &walk, &counts);
		sqlite3_wal_checkpoint_v2(
			store->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	}
	pruned->events = counts.events;
	pruned->spans = counts.spans;
	return more;
}

/* What a daemon that was killed, or a copy of a running one, has in its tail would be
 * passed over. */
static int fold_tail(const char *path, struct error *error)
{
	const struct store_writer_options options = { .kept.checks_ms = CENTURY_MS };
	struct store *store = store_open(path, STORE_WRITE, error);
	struct store_writer *writer =
		store != NULL ? store_writer_start(store, &options, error) : NULL;
	return writer != NULL ? store_writer_stop(writer, FOLD_PATIENCE_MS, error) : -1;
}

int store_prune(const char *path, const struct store_retention *kept, time_ms now,
	struct store_pruned *ret_pruned, struct error *error)
{
	struct store_pruned pruned = { 0 };
	if (access(path, F_OK) < 0)
		return error_set(error, "cannot open %s: %s", path, strerror(errno));
	/* Refused while a daemon holds it. */
	if (fold_tail(path, error) < 0)
		return -1;
	struct store *store = store_open(path, STORE_WRITE, error);
	if (store == NULL)
		return -1;
	int64_t unfolded;
	if (sql_number(store, STATEMENT_TAIL_FIRST, &unfolded) < 0 || unfolded != 0) {
		store_close(store);
		return error_set(error,
			"%s: its newest checks cannot be put in their place: is the disk "
			"full? linkrotd db verify says whether it is damaged",
			path);
	}
	pruned.file_bytes_before = file_bytes(store);
	int failed =
		delete_checks(store, now - retention_checks_ms(kept), &pruned.checks);
	if (failed == 0)
		failed = delete_readings(store, &pruned.occurrences);
	if (failed == 0)
		failed = delete_old(store, kept, now, &pruned);
	while (failed == 0 && (failed = outbox_prune(store, now, &pruned.messages)) == 1)
		failed = 0;
	/* Nobody else is here, so that the one expensive statement is in its place. It
	 * writes a second file first, which is as large as the first and none for memory.
	 */
	if (failed == 0 && sqlite3_exec(store->db, "PRAGMA temp_store = FILE; VACUUM",
				   NULL, NULL, NULL) != SQLITE_OK)
		failed = -1;
	if (failed == 0 && sqlite3_wal_checkpoint_v2(store->db, "main",
				   SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) != SQLITE_OK)
		failed = -1;
	if (failed < 0)
		store_error(store, error);
	pruned.file_bytes_after = file_bytes(store);
	store_close(store);
	*ret_pruned = pruned;
	return failed;
}
