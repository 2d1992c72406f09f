/* History in short and events that are older than somebody wants to keep. Each goes in
 * ranges of ids, because neither has an index by time: it would cost every event and span
 * a row for the sake of those who do not keep them for ever. */
#include "store/writer_internal.h"

enum {
	EVENTS_A_SLICE = 20000, /* ids; fewer rows */
	LINKS_A_SLICE = 2000,   /* whose spans are looked at: about 30 of each */
};

static int delete_range(struct store *store, enum statement statement, int64_t from,
	int64_t to, int64_t before, int64_t *ret_deleted)
{
	sqlite3_stmt *delete = sql_get(store, statement);
	sql_bind_int(delete, 1, from);
	sql_bind_int(delete, 2, to);
	sql_bind_int(delete, 3, before);
	if (sql_run(delete) < 0)
		return -1;
	if (ret_deleted != NULL)
		*ret_deleted += sqlite3_changes64(store->db);
	return 0;
}

/* A link's last event stays, which says how it came to be what it is and which incident
 * explains it; the incidents themselves stay, and the very last event, whose id must not
 * be given again. */
static int slice_of_events(struct store *store, struct retention_walk *walk,
	int64_t before, int64_t *ret_deleted)
{
	int64_t last;
	if (sql_number(store, STATEMENT_EVENT_LAST, &last) < 0)
		return -1;
	if (walk->event_id > last)
		return 0;
	int64_t from = walk->event_id, to = from + EVENTS_A_SLICE;
	if (delete_range(store, STATEMENT_EVENT_LISTS_OLD, from, to, before, NULL) < 0 ||
		delete_range(store, STATEMENT_EVENTS_OLD, from, to, before, ret_deleted) <
			0)
		return -1;
	walk->event_id = to;
	return 1;
}

/* The newest of those that began before stays: it tells of the time after. */
static int slice_of_spans(struct store *store, struct retention_walk *walk,
	int64_t before, int64_t *ret_deleted)
{
	int64_t last;
	if (sql_number(store, STATEMENT_LINK_LAST, &last) < 0)
		return -1;
	if (walk->link_id > last)
		return 0;
	int64_t from = walk->link_id, to = from + LINKS_A_SLICE;
	if (delete_range(store, STATEMENT_SPANS_OLD, from, to, before, ret_deleted) < 0)
		return -1;
	walk->link_id = to;
	return 1;
}

int retention_slice(struct store *store, const struct store_retention *kept, time_ms now,
	struct retention_walk *walk, struct retention_counts *counts)
{
	int more = 0;
	if (kept->events_ms > 0)
		more = slice_of_events(
			store, walk, now - kept->events_ms, &counts->events);
	if (more == 0 && kept->history_ms > 0)
		more = slice_of_spans(
			store, walk, now - kept->history_ms, &counts->spans);
	return more;
}
