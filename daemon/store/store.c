#include "store/store_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sweep_internal.h"

enum {
	BUSY_MS = 10000,
	WRITE_CACHE_KIB = 16 * 1024,
	READ_CACHE_KIB = 4 * 1024,
	LOG_BYTES_KEPT = 32 * 1024 * 1024, /* of the log file after it was reset */
	FILE_MODE = 0640,
};

#define STATEMENT_SQL(name, sql) sql,
static const char *const statements[] = { STATEMENTS(STATEMENT_SQL) };
#undef STATEMENT_SQL

/* --- the lock ----------------------------------------------------------------------- *
 *
 * On a file of its own: closing any descriptor of the database file would drop the locks
 * that SQLite has on it in this process. */

static int held_by_another(int fd, const char *path, struct error *error)
{
	char pid[24];
	ssize_t len = pread(fd, pid, sizeof(pid) - 1, 0);
	pid[len > 0 ? len : 0] = '\0';
	pid[strspn(pid, "0123456789")] = '\0';
	return error_set(error,
		"%s is in use by another linkrotd (process %s): stop that one, or give "
		"each a database of its own",
		path, pid[0] != '\0' ? pid : "unknown");
}

enum { LINKS_MAX = 40 }; /* as the kernel follows */

void store_file_of(const char *path, char ret_file[static STORE_PATH_BYTES])
{
	char link[STORE_PATH_BYTES], target[STORE_PATH_BYTES];
	int len = snprintf(ret_file, STORE_PATH_BYTES, "%s", path);
	for (int i = 0; i < LINKS_MAX && len > 0 && len < STORE_PATH_BYTES; i++) {
		ssize_t target_len = readlink(ret_file, target, sizeof(target));
		if (target_len < 0 || target_len == sizeof(target))
			return;
		memcpy(link, ret_file, (size_t)len + 1);
		char *slash = strrchr(link, '/');
		bool beside = target[0] != '/' && slash != NULL;
		len = snprintf(ret_file, STORE_PATH_BYTES, "%.*s%.*s",
			beside ? (int)(slash + 1 - link) : 0, link, (int)target_len,
			target);
	}
	/* Too long or a circle: whoever opens it says so. */
	snprintf(ret_file, STORE_PATH_BYTES, "%s", path);
}

static int lock(struct store *store, struct error *error)
{
	char *path = sqlite3_mprintf("%s-lock", store->file);
	if (path == NULL)
		return error_set(error, "no memory to open %s", store->path);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, FILE_MODE);
	int number = errno;
	sqlite3_free(path);
	if (fd < 0)
		return error_set(error,
			"cannot write beside %s: %s (the daemon needs a directory it may "
			"write to)",
			store->path, strerror(number));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		held_by_another(fd, store->path, error);
		close(fd);
		return -1;
	}
	char pid[24];
	int len = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	/* For people only: that it may fail does no harm. */
	if (ftruncate(fd, 0) < 0 || pwrite(fd, pid, (size_t)len, 0) != len)
		pid[0] = '\0';
	store->lock_fd = fd;
	return 0;
}

/* With the mode it should have; SQLite alone would let everybody read it. */
static int create(struct store *store, struct error *error)
{
	int fd = open(store->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
	if (fd < 0 && errno != EEXIST)
		return error_set(
			error, "cannot create %s: %s", store->path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return 0;
}

/* --- open --------------------------------------------------------------------------- */

/* Before anything is changed. An empty file is one that was never finished. */
static int check_identity(struct store *store, struct error *error)
{
	int64_t application, version, cookie;

	if (schema_pragma(store, "application_id", &application) < 0 ||
		schema_pragma(store, "user_version", &version) < 0 ||
		schema_pragma(store, "schema_version", &cookie) < 0)
		return store_error(store, error);
	if (application == STORE_APPLICATION_ID || (version == 0 && cookie == 0))
		return 0;
	return error_set(error,
		"%s is a database, but not one of linkrotd's: it was left as it is",
		store->path);
}

static int check_schema(struct store *store, struct error *error)
{
	int64_t version;

	if (schema_pragma(store, "user_version", &version) < 0)
		return store_error(store, error);
	if (version < 0)
		return error_set(error,
			"%s is damaged (it claims schema %lld): keep it, and put a "
			"backup in its place",
			store->path, (long long)version);
	if (version > SCHEMA_VERSION)
		return error_set(error,
			"%s was written by a newer linkrotd (schema %lld, this one knows "
			"%d): use that one, or restore a backup",
			store->path, (long long)version, SCHEMA_VERSION);
	if (version == SCHEMA_VERSION)
		return 0;
	if (store->mode == STORE_WRITE)
		return schema_migrate(store, error);
	return error_set(error,
		"%s has schema %lld, this linkrotd needs %d: start the daemon once, it "
		"brings it up to date",
		store->path, (long long)version, SCHEMA_VERSION);
}

static int configure(struct store *store, struct error *error)
{
	char sql[320];
	bool write = store->mode == STORE_WRITE;

	sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	snprintf(sql, sizeof(sql),
		"PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; "
		"PRAGMA cache_size = -%d;%s",
		write ? WRITE_CACHE_KIB : READ_CACHE_KIB,
		write ? "PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; "
			"PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0"
		      : "");
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return store_error(store, error);
	snprintf(sql, sizeof(sql), "PRAGMA journal_size_limit = %d", LOG_BYTES_KEPT);
	if (write && sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return store_error(store, error);
	if (write && sqlite3_db_readonly(store->db, "main") == 1)
		return error_set(error, "%s cannot be written: %s", store->path,
			store_code_text(SQLITE_READONLY));
	return 0;
}

static int prepare(struct store *store, struct error *error)
{
	for (int i = 0; i < STATEMENT_COUNT; i++)
		if (sqlite3_prepare_v3(store->db, statements[i], -1,
			    SQLITE_PREPARE_PERSISTENT, &store->statements[i],
			    NULL) != SQLITE_OK)
			return store_error(store, error);
	return 0;
}

static int read_seed(struct store *store, struct error *error)
{
	sqlite3_stmt *row = sql_get(store, STATEMENT_META_GET);
	sql_bind_name(row, 1, SLICE("hash_seed"));
	int step = sql_step(row);
	struct slice seed = step == 1 ? sql_text(row, 0) : (struct slice){ 0 };
	bool good = seed.len == sizeof(store->seed);
	if (good)
		memcpy(&store->seed, seed.at, sizeof(store->seed));
	sql_end(row);
	if (step < 0)
		return store_error(store, error);
	return good ? 0
		    : error_set(error, "%s: %s (it has lost its seed)", store->path,
			      store_code_text(SQLITE_CORRUPT));
}

static int64_t log_size(const struct store *store)
{
	struct stat file;
	char *path = sqlite3_mprintf("%s-wal", store->file);
	int64_t size = path != NULL && stat(path, &file) == 0 ? (int64_t)file.st_size : 0;
	sqlite3_free(path);
	return size;
}

static int look(struct store *store, const char *name, int flags, struct error *error)
{
	if (sqlite3_open_v2(name, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK)
		return store_error(store, error);
	sqlite3_extended_result_codes(store->db, 1);
	/* Before the first look: who was first after a crash may be recovering the log.
	 */
	sqlite3_busy_timeout(store->db, BUSY_MS);
	return check_identity(store, error);
}

/* Whether SQLite failed because it reads a file only with two more beside it, and may not
 * make them. Not in a directory that may be written: whoever lacks a descriptor or memory
 * there may have a writer beside him. */
static bool lacks_files_beside(const struct store *store)
{
	char directory[STORE_PATH_BYTES];
	const char *slash = strrchr(store->file, '/');
	int code = sqlite3_errcode(store->db) & 0xff;

	snprintf(directory, sizeof(directory), "%.*s",
		slash != NULL ? (int)(slash + 1 - store->file) : 1,
		slash != NULL ? store->file : ".");
	return (code == SQLITE_CANTOPEN || code == SQLITE_READONLY) &&
	       access(store->file, R_OK) == 0 && access(directory, W_OK) < 0;
}

/* As SQLite reads names with arguments; NULL without memory. */
static char *immutable_name(const char *file)
{
	sqlite3_str *name = sqlite3_str_new(NULL);

	sqlite3_str_appendall(name, file[0] == '/' ? "file://" : "file:");
	for (; *file != '\0'; file++)
		if (*file == '?' || *file == '#' || *file == '%')
			sqlite3_str_appendf(name, "%%%02X", (unsigned)*file);
		else
			sqlite3_str_appendchar(name, 1, *file);
	sqlite3_str_appendall(name, "?immutable=1");
	return sqlite3_str_finish(name);
}

/* What nobody writes can be read by itself, without locks. What is in the log would be
 * passed over. */
static int look_alone(struct store *store, struct error *error)
{
	if (log_size(store) > 0)
		return error_set(error,
			"%s cannot be read here: %s-wal holds what was written last, and "
			"is read only with the right to write beside it: copy both to "
			"where you may write",
			store->path, store->file);
	char *name = immutable_name(store->file);
	sqlite3_close(store->db);
	store->db = NULL;
	store->alone = true;
	int found = name == NULL ? error_set(error, "no memory to open %s", store->path)
				 : look(store, name,
					   SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, error);
	sqlite3_free(name);
	return found;
}

int store_check_alone(const struct store *store, struct error *error)
{
	return !store->alone || log_size(store) == 0
		       ? 0
		       : error_set(error, "%s has begun to be written: ask again",
				 store->path);
}

static int open_database(struct store *store, struct error *error)
{
	bool write = store->mode == STORE_WRITE;

	if (write && (lock(store, error) < 0 || create(store, error) < 0))
		return -1;
	if (!write && access(store->path, F_OK) < 0)
		return error_set(error,
			"cannot open %s: %s (has the daemon run with this database?)",
			store->path, strerror(errno));
	int looked = look(store, store->path,
		write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY, error);
	if (looked < 0 && !write && lacks_files_beside(store))
		looked = look_alone(store, error);
	if (looked < 0 || configure(store, error) < 0 || check_schema(store, error) < 0 ||
		prepare(store, error) < 0 || read_seed(store, error) < 0)
		return -1;
	return words_load(store, write, error);
}

/* SQLite would take a lock for each piece of memory, to keep statistics nobody reads. */
static void set_up(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct store *store_open(const char *path, enum store_mode mode, struct error *error)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct store *store = calloc(1, sizeof(*store));
	char file[STORE_PATH_BYTES];

	pthread_once(&once, set_up);
	store_file_of(path, file);
	if (store != NULL)
		*store = (struct store){ .path = strdup(path),
			.file = strdup(file),
			.mode = mode,
			.lock_fd = -1 };
	if (store == NULL || store->path == NULL || store->file == NULL) {
		error_set(error, "no memory to open %s", path);
		if (store != NULL)
			store_close(store);
		return NULL;
	}
	if (open_database(store, error) == 0)
		return store;
	store_close(store);
	return NULL;
}

void store_close(struct store *store)
{
	if (store == NULL)
		return;
	assert(store->reads == 0);
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(store->statements[i]);
	int code = sqlite3_close(store->db);
	assert(code == SQLITE_OK);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	free(store->file);
	free(store->path);
	free(store);
}

/* --- statistics --------------------------------------------------------------------- */

static int count_rows(struct store *store, struct store_statistics *statistics)
{
	sqlite3_stmt *row = sql_get(store, STATEMENT_STATISTICS);
	int step = sql_step(row);
	if (step == 1) {
		int64_t *const columns[] = { &statistics->links, &statistics->sources,
			&statistics->occurrences, &statistics->checks, &statistics->spans,
			&statistics->events, &statistics->hosts, &statistics->tallies,
			&statistics->messages, &statistics->waiting,
			&statistics->oldest_check_at };
		for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
			*columns[i] = sql_int(row, (int)i);
	}
	sql_end(row);
	return step < 0 ? -1 : 0;
}

int store_statistics(
	struct store *store, struct store_statistics *ret_statistics, struct error *error)
{
	int64_t pages, free_pages, version;
	struct store_statistics statistics = { 0 };

	if (store_read_begin(store, error) < 0)
		return -1;
	if (schema_pragma(store, "page_count", &pages) < 0 ||
		schema_pragma(store, "freelist_count", &free_pages) < 0 ||
		schema_pragma(store, "user_version", &version) < 0 ||
		count_rows(store, &statistics) < 0)
		return store_read_done(store, NULL, -1, error);
	if (sweep_count_monitored(store, &statistics.monitored, error) < 0) {
		store_read_end(store);
		return -1;
	}
	store_read_end(store);
	statistics.file_bytes = pages * STORE_PAGE_BYTES;
	statistics.free_bytes = free_pages * STORE_PAGE_BYTES;
	statistics.log_bytes = log_size(store);
	statistics.schema = (int)version;
	*ret_statistics = statistics;
	return 0;
}
