/* SQL, one line each. What these bind is under the statements' and limits' control: a
 * bind can fail for want of memory only, and then the step says so. */
#include "store/store_internal.h"

#include <assert.h>

#include "base/hash.h"
#include "base/utf8.h"

sqlite3_stmt *sql_get(struct store *store, enum statement statement)
{
	sqlite3_stmt *it = store->statements[statement];
	assert(it != NULL && !sqlite3_stmt_busy(it));
	return it;
}

void sql_bind_int(sqlite3_stmt *statement, int at, int64_t value)
{
	sqlite3_bind_int64(statement, at, value);
}

void sql_bind_some(sqlite3_stmt *statement, int at, int64_t value)
{
	if (value != 0)
		sqlite3_bind_int64(statement, at, value);
	else
		sqlite3_bind_null(statement, at);
}

static struct slice cut(struct slice text, size_t bytes_max)
{
	if (text.len <= bytes_max)
		return text;
	size_t len = bytes_max;
	while (len > 0 && bytes_max - len < 4 &&
		((unsigned char)text.at[len] & 0xc0) == 0x80)
		len--;
	return slice_sub(text, 0, len);
}

void sql_bind_text(sqlite3_stmt *statement, int at, struct slice text, size_t bytes_max)
{
	text = cut(text, bytes_max);
	if (text.len > 0)
		sqlite3_bind_text(statement, at, text.at, (int)text.len, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, at);
}

void sql_bind_text_as_blob(
	sqlite3_stmt *statement, int at, struct slice text, size_t bytes_max)
{
	text = cut(text, bytes_max);
	if (text.len > 0)
		sql_bind_blob(statement, at, text.at, text.len);
	else
		sqlite3_bind_null(statement, at);
}

void sql_bind_name(sqlite3_stmt *statement, int at, struct slice text)
{
	sqlite3_bind_text(
		statement, at, text.len > 0 ? text.at : "", (int)text.len, SQLITE_STATIC);
}

void sql_bind_blob(sqlite3_stmt *statement, int at, const void *bytes, size_t len)
{
	sqlite3_bind_blob(statement, at, bytes, (int)len, SQLITE_STATIC);
}

int sql_step(sqlite3_stmt *statement)
{
	int code = sqlite3_step(statement);
	return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : -1;
}

void sql_end(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

int sql_run(sqlite3_stmt *statement)
{
	int step;
	while ((step = sql_step(statement)) == 1)
		;
	sql_end(statement);
	return step;
}

int64_t sql_int(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_int64(statement, column);
}

struct slice sql_text(sqlite3_stmt *statement, int column)
{
	const void *at = sqlite3_column_blob(statement, column);
	int len = sqlite3_column_bytes(statement, column);
	return (struct slice){ at, at != NULL ? (size_t)len : 0 };
}

int sql_number(struct store *store, enum statement statement, int64_t *ret_number)
{
	sqlite3_stmt *row = sql_get(store, statement);
	int step = sql_step(row);
	*ret_number = step == 1 ? sql_int(row, 0) : 0;
	sql_end(row);
	return step < 0 ? -1 : 0;
}

int64_t store_hash(const struct store *store, struct slice text, uint64_t salt)
{
	return (int64_t)hash_bytes(text, store->seed ^ hash_mix(salt));
}

/* --- errors ------------------------------------------------------------------------- */

const char *store_code_text(int code)
{
	/* The file that readers and the writer share, which grows when it is opened. */
	if (code == SQLITE_IOERR_SHMSIZE)
		return "the disk is full: make room";
	switch (code & 0xff) {
	case SQLITE_FULL:
		return "the disk is full: make room";
	case SQLITE_IOERR:
		return "the disk reports an error: look at the system's log";
	case SQLITE_READONLY:
		return "it cannot be written: the file, its directory or the disk is "
		       "read-only";
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return "it is damaged or no database: look at it with `linkrotd db "
		       "verify`, and put a copy made by `linkrotd db backup` in its "
		       "place";
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "another program holds it";
	case SQLITE_CANTOPEN:
		return "it or the files beside it (-wal, -shm) cannot be opened: is this "
		       "the daemon's user?";
	case SQLITE_NOMEM:
		return "no memory";
	case SQLITE_TOOBIG:
		return "a value is too large";
	default:
		return "the database refused";
	}
}

bool store_is_damaged(const struct store *store)
{
	int code = store->db != NULL ? sqlite3_errcode(store->db) & 0xff : SQLITE_NOMEM;
	return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

int store_error(struct store *store, struct error *error)
{
	int code = store->db != NULL ? sqlite3_extended_errcode(store->db) : SQLITE_NOMEM;
	/* Who reads meant to write the files beside it only. */
	if (store->mode == STORE_READ && (code & 0xff) == SQLITE_READONLY)
		code = SQLITE_CANTOPEN;
	return error_set(error, "%s: %s (%s)", store->path, store_code_text(code),
		store->db != NULL ? sqlite3_errmsg(store->db) : "no memory");
}

/* --- moments ------------------------------------------------------------------------ */

int store_read_begin(struct store *store, struct error *error)
{
	if (store->reads == 0 && store_check_alone(store, error) < 0)
		return -1;
	if (store->reads == 0 && sql_run(sql_get(store, STATEMENT_BEGIN_READ)) < 0)
		return store_error(store, error);
	store->reads++;
	return 0;
}

void store_read_end(struct store *store)
{
	assert(store->reads > 0);
	if (--store->reads == 0 && sql_run(sql_get(store, STATEMENT_COMMIT)) < 0)
		sql_run(sql_get(store, STATEMENT_ROLLBACK));
}

int store_read_done(
	struct store *store, sqlite3_stmt *statement, int step, struct error *error)
{
	if (step < 0)
		store_error(store, error);
	if (statement != NULL)
		sql_end(statement);
	store_read_end(store);
	return step < 0 ? -1 : 0;
}
