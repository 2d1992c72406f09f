/* History in short and events that are older than somebody wants to keep. Each goes in
 * ranges of ids, because neither has an index by time: it would cost every event and span
 * a row for the sake of those who do not keep them for ever. */
#include "store/writer_internal.h"

/* What is deleted in one range of ids; what hangs on it goes first. A range has so many
 * rows, because each start leaves a hole of a million ids of events. */
struct kind {
	enum statement last, after, deletes[2];
	size_t delete_count;
	int64_t rows;
};

/* Of a link everything stays since it was last well: since when it is dead or moved, and
 * which incident explains it, is read from there. The incidents themselves stay, and the
 * very last event, whose id must not be given again. */
static const struct kind events = { STATEMENT_EVENT_LAST, STATEMENT_EVENT_AFTER,
	{ STATEMENT_EVENT_LISTS_OLD, STATEMENT_EVENTS_OLD }, 2, RETENTION_EVENTS };

/* The newest of those that began before stays: it tells of the time after. */
static const struct kind spans = { STATEMENT_LINK_LAST, STATEMENT_LINK_AFTER,
	{ STATEMENT_SPANS_OLD }, 1, RETENTION_LINKS };

/* 1: the range from `next` ends before `to`; 0: nothing is left. */
static int find_range(
	struct store *store, const struct kind *kind, int64_t next, int64_t *ret_to)
{
	int64_t last;
	if (sql_number(store, kind->last, &last) < 0)
		return -1;
	if (next > last)
		return 0;
	sqlite3_stmt *row = sql_get(store, kind->after);
	sql_bind_int(row, 1, next);
	sql_bind_int(row, 2, kind->rows);
	int step = sql_step(row);
	*ret_to = step == 1 ? sql_int(row, 0) : last + 1;
	sql_end(row);
	return step < 0 ? -1 : 1;
}

static int delete_slice(struct store *store, const struct kind *kind, int64_t before,
	int64_t *next, int64_t *ret_deleted)
{
	int64_t to;
	int more = find_range(store, kind, *next, &to);
	if (more != 1)
		return more;
	const struct words *words = &store->words;
	for (size_t i = 0; i < kind->delete_count; i++) {
		sqlite3_stmt *delete = sql_get(store, kind->deletes[i]);
		sql_bind_int(delete, 1, *next);
		sql_bind_int(delete, 2, to);
		sql_bind_int(delete, 3, before);
		if (kind == &events) {
			sql_bind_int(delete, 4,
				word_code(words, WORD_EVENT, EVENT_INCIDENT_BEGAN));
			sql_bind_int(delete, 5,
				word_code(words, WORD_EVENT, EVENT_INCIDENT_ENDED));
			sql_bind_int(
				delete, 6, word_code(words, WORD_STATE, STATE_ALIVE));
		}
		if (sql_run(delete) < 0)
			return -1;
	}
	*ret_deleted += sqlite3_changes64(store->db);
	*next = to;
	return 1;
}

time_ms retention_checks_ms(const struct store_retention *kept)
{
	return kept->checks_ms > 0 ? kept->checks_ms
				   : CHECKS_DEFAULT_DAYS * TIME_MS_PER_DAY;
}

int retention_slice(struct store *store, const struct store_retention *kept, time_ms now,
	struct retention_walk *walk, struct retention_counts *counts)
{
	int more = 0;
	if (kept->events_ms > 0)
		more = delete_slice(store, &events, now - kept->events_ms,
			&walk->event_id, &counts->events);
	if (more == 0 && kept->history_ms > 0)
		more = delete_slice(store, &spans, now - kept->history_ms, &walk->link_id,
			&counts->spans);
	return more;
}
