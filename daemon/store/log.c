/* Transactions, and the write-ahead log within its bound.
 *
 * SQLite's own automatic checkpoints only write back; the log begins anew only when no
 * reader looks at any of it at that moment, so beside a steady reader it grows without
 * end (375 MB were seen). Here the writer asks for that moment itself, and writes nothing
 * while it does not come and the log is at its bound. */
#include <time.h>

#include "store/writer_internal.h"

static void note_log(struct store_writer *writer, bool held)
{
	pthread_mutex_lock(&writer->mutex);
	writer->log_bytes = writer->pages * (STORE_PAGE_BYTES + 24);
	writer->log_held = held;
	pthread_mutex_unlock(&writer->mutex);
}

void log_checkpoint(struct store_writer *writer, int mode)
{
	int log_pages = 0, done = 0;
	int code = sqlite3_wal_checkpoint_v2(
		writer->store->db, "main", mode, &log_pages, &done);
	if (code == SQLITE_OK && mode != SQLITE_CHECKPOINT_PASSIVE)
		log_pages = 0;
	if (code == SQLITE_OK || code == SQLITE_BUSY)
		writer->pages = log_pages > 0 ? log_pages : 0;
	note_log(writer, code == SQLITE_BUSY);
}

bool log_has_room(struct store_writer *writer)
{
	if (writer->pages <= LOG_PAGES_MAX)
		return true;
	log_checkpoint(writer, SQLITE_CHECKPOINT_RESTART);
	return writer->pages <= LOG_PAGES_MAX;
}

static int wal_hook(void *context, sqlite3 *db, const char *name, int pages)
{
	struct store_writer *writer = context;
	(void)db;
	(void)name;
	writer->pages = pages;
	return SQLITE_OK;
}

/* Without waiting: when all is written back and no reader looks, the next transaction
 * begins the log anew by itself. */
void log_written(struct store_writer *writer)
{
	if (writer->pages > LOG_CHECKPOINT_PAGES)
		log_checkpoint(writer, SQLITE_CHECKPOINT_PASSIVE);
	else
		note_log(writer, false);
}

int log_begin(struct store_writer *writer)
{
	/* Once would do; it is cheap, and no order of calls can forget it. */
	sqlite3_wal_hook(writer->store->db, wal_hook, writer);
	return sql_run(sql_get(writer->store, STATEMENT_BEGIN));
}

int log_commit(struct store_writer *writer)
{
	return sql_run(sql_get(writer->store, STATEMENT_COMMIT));
}

void log_rollback(struct store_writer *writer)
{
	/* Some errors have rolled back by themselves. */
	if (sqlite3_get_autocommit(writer->store->db) == 0)
		sql_run(sql_get(writer->store, STATEMENT_ROLLBACK));
}
