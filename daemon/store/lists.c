#include "store/lists.h"

#include "store/link_internal.h"
#include "store/links.h"
#include "store/sweep_internal.h"

/* --- lists and sources -------------------------------------------------------------- */

int store_walk_lists(
	struct store *store, store_list_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_LISTS);
	int step;
	while ((step = sql_step(row)) == 1) {
		struct store_list list = { sql_text(row, 0), sql_text(row, 1),
			sweep_bit_of((uint32_t)sql_int(row, 2)) };
		if (!fn(&list, context))
			break;
	}
	return store_read_done(store, row, step, error);
}

int store_walk_sources(struct store *store, struct slice list, store_source_fn *fn,
	void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row =
		sql_get(store, list.len > 0 ? STATEMENT_SOURCES : STATEMENT_SOURCES_ALL);
	int step;
	if (list.len > 0)
		sql_bind_name(row, 1, list);
	while ((step = sql_step(row)) == 1) {
		struct store_source source = {
			.list = sql_text(row, 0),
			.name = sql_text(row, 1),
			.content_hash = (uint64_t)sql_int(row, 2),
			.read_at = sql_int(row, 3),
			.etag = sql_text(row, 4),
			.last_modified = sql_text(row, 5),
			.failed_since = sql_int(row, 6),
			.failure = sql_text(row, 7),
			.occurrences = (uint32_t)sql_int(row, 8),
		};
		if (!fn(&source, context))
			break;
	}
	return store_read_done(store, row, step, error);
}

/* --- the schedule of one source ----------------------------------------------------- */

struct source_walk {
	int64_t reading_id;
	uint32_t bits;
};

/* reading_id 0: none of today. */
static int find_reading(struct store *store, struct slice list, struct slice source,
	struct source_walk *walk)
{
	sqlite3_stmt *row = sql_get(store, STATEMENT_SOURCE_GET);
	sql_bind_name(row, 1, list);
	sql_bind_name(row, 2, source);
	int step = sql_step(row);
	walk->reading_id = step == 1 ? sql_int(row, 1) : 0;
	sql_end(row);
	if (step != 1)
		return step;
	row = sql_get(store, STATEMENT_LIST_GET);
	sql_bind_name(row, 1, list);
	step = sql_step(row);
	int64_t place = step == 1 ? sql_int(row, 1) : 0;
	walk->bits = sweep_bit_of(place > 0 ? (uint32_t)place : 0);
	sql_end(row);
	return step;
}

static void read_due(
	const struct store *store, sqlite3_stmt *row, int column, struct store_due *due)
{
	due->state =
		(enum state)word_value(&store->words, WORD_STATE, sql_int(row, column));
	due->due_at = sql_int(row, column + 1);
	due->interval_ms = sql_int(row, column + 2);
	due->last_checked_at = sql_int(row, column + 3);
}

static int due_of_link(struct store *store, int64_t link_id, struct store_due *due)
{
	sqlite3_stmt *row = sql_get(store, STATEMENT_DUE_OF_LINK);
	sql_bind_int(row, 1, link_id);
	int step = sql_step(row);
	if (step == 1) {
		due->link_id = link_id;
		due->kind = (enum link_kind)word_value(
			&store->words, WORD_LINK, sql_int(row, 1));
		if (due->kind == LINK_HTTP) {
			struct slice url = sql_text(row, 2);
			due->request_hash =
				(uint64_t)link_key_hash(store, LINK_HTTP, url);
			due->host_hash = link_host_hash(store, url);
		}
		if (sqlite3_column_type(row, 3) != SQLITE_NULL)
			read_due(store, row, 3, due);
	}
	sql_end(row);
	if (step < 0)
		return -1;
	row = sql_get(store, STATEMENT_DUE_OF_TAIL);
	sql_bind_int(row, 1, link_id);
	step = sql_step(row);
	if (step == 1)
		read_due(store, row, 0, due);
	sql_end(row);
	return step;
}

int store_walk_due_of_source(struct store *store, struct slice list, struct slice source,
	int64_t *place, store_due_fn *fn, void *context, struct error *error)
{
	struct source_walk walk = { 0 };
	bool more = true;
	int64_t last_id = 0;

	if (store_read_begin(store, error) < 0)
		return -1;
	int step = find_reading(store, list, source, &walk);
	if (step < 0)
		return store_read_done(store, NULL, -1, error);
	sqlite3_stmt *rows = sql_get(store, STATEMENT_DUE_OF_SOURCE);
	sql_bind_int(rows, 1, walk.reading_id);
	sql_bind_int(rows, 2, *place);
	while (more && (step = sql_step(rows)) == 1) {
		struct store_due due = { .list_bits = walk.bits };
		*place = sql_int(rows, 1) + 1;
		if (sql_int(rows, 0) == last_id)
			continue;
		last_id = sql_int(rows, 0);
		if (due_of_link(store, sql_int(rows, 0), &due) < 0) {
			step = -1;
			break;
		}
		more = fn(&due, context);
	}
	if (more && step == 0)
		*place = -1;
	return store_read_done(store, rows, step, error);
}

/* --- hosts and loose values --------------------------------------------------------- */

int store_walk_hosts(
	struct store *store, store_host_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_HOSTS);
	int step;
	while ((step = sql_step(row)) == 1) {
		struct store_host host = {
			.key = sql_text(row, 0),
			.updated_at = sql_int(row, 1),
			.paused_until = sql_int(row, 2),
			.request_interval_ms = sql_int(row, 3),
			.robots_failing_since = sql_int(row, 4),
			.robots_status = (int)sql_int(row, 5),
			.head_agreed = (uint8_t)sql_int(row, 6),
			.get_only = sql_int(row, 7) != 0,
			.breaker_failures = (uint8_t)sql_int(row, 8),
			.breaker_opened = (uint8_t)sql_int(row, 9),
			.breaker_cause = (enum reason)word_value(
				&store->words, WORD_REASON, sql_int(row, 10)),
			.breaker_until = sql_int(row, 11),
		};
		if (!fn(&host, context))
			break;
	}
	return store_read_done(store, row, step, error);
}
