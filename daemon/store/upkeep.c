/* What the writer's thread does beside the items: folds the tail into rows, deletes what
 * is too old, too many or left over. In slices, each a transaction that leaves the file
 * as true as it was: a crash between two of them costs nothing but doing it again. */
#include <assert.h>
#include <time.h>

#include "store/writer_internal.h"

enum { STATES_A_PAGE = 32 /* rows of link_state on a page, about */ };

static int number_after(struct store *store, enum statement statement, int64_t bound,
	int columns, int64_t *ret_numbers)
{
	sqlite3_stmt *row = sql_get(store, statement);
	if (sqlite3_bind_parameter_count(row) > 0)
		sql_bind_int(row, 1, bound);
	int step = sql_step(row);
	for (int i = 0; i < columns; i++)
		ret_numbers[i] = step == 1 ? sql_int(row, i) : 0;
	sql_end(row);
	return step;
}

int upkeep_start(struct store_writer *writer)
{
	struct store *store = writer->store;
	int64_t tail[2], last_check, links;

	if (number_after(store, STATEMENT_TAIL_SIZE, 0, 2, tail) < 0 ||
		sql_number(store, STATEMENT_CHECK_LAST, &last_check) < 0 ||
		sql_number(store, STATEMENT_LINK_LAST, &links) < 0 ||
		sql_number(store, STATEMENT_EVENT_LAST, &writer->last_event_id) < 0 ||
		sql_number(store, STATEMENT_MESSAGE_LAST, &writer->last_message_id) < 0)
		return -1;
	writer->now.tail_rows = tail[0];
	writer->now.last_seq = tail[1] > last_check ? tail[1] : last_check;
	writer->now.links = links;
	/* Ages are told from the newest check in the log; the last one will do. */
	return number_after(store, STATEMENT_CHECK_AT, last_check, 1,
		       &writer->now.newest_check_at) < 0
		       ? -1
		       : 0;
}

/* --- fold --------------------------------------------------------------------------- */

void upkeep_fold_end(struct store_writer *writer)
{
	free(writer->fold.at);
	writer->fold = (struct fold){ 0 };
}

/* By link, each with its newest record. */
static int fold_begin(struct store_writer *writer)
{
	struct fold *fold = &writer->fold;
	sqlite3_stmt *rows = sql_get(writer->store, STATEMENT_TAIL_IDS);
	size_t room = (size_t)writer->now.tail_rows;
	int step = 0;

	fold->at = calloc(room, sizeof(*fold->at));
	if (fold->at == NULL)
		return -1;
	fold->up_to_seq = writer->now.last_seq;
	sql_bind_int(rows, 1, fold->up_to_seq);
	while (fold->count < room && (step = sql_step(rows)) == 1)
		fold->at[fold->count++] =
			(struct fold_one){ sql_int(rows, 0), sql_int(rows, 1) };
	sql_end(rows);
	if (step < 0)
		upkeep_fold_end(writer);
	return step < 0 ? -1 : 1;
}

static int fold_one(struct store_writer *writer, int64_t seq)
{
	sqlite3_stmt *fold = sql_get(writer->store, STATEMENT_FOLD_STATE);
	sql_bind_int(fold, 1, seq);
	return sql_run(fold);
}

/* Neighbours share a page, so pages are counted by the distance of ids. */
static int fold_rows(struct store_writer *writer)
{
	struct fold *fold = &writer->fold;
	int64_t page = -1;
	int pages = 0;
	size_t next = fold->next;

	for (; next < fold->count && pages < FOLD_PAGES; next++) {
		if (fold_one(writer, fold->at[next].seq) < 0)
			return -1;
		int64_t its_page = fold->at[next].link_id / STATES_A_PAGE;
		pages += its_page != page;
		page = its_page;
	}
	if (log_commit(writer) < 0)
		return -1;
	fold->next = next;
	return 1;
}

/* Raw checks move from the tail to the log, which gives up as many first: their pages are
 * used again at once, and the file does not grow for what it is about to forget. */

/* Deletes checks below `id`, and of them only those before `at`. */
static int prune_checks(struct store_writer *writer, int64_t id, int64_t at)
{
	sqlite3_stmt *prune = sql_get(writer->store, STATEMENT_CHECK_PRUNE);
	sql_bind_int(prune, 1, id);
	sql_bind_int(prune, 2, at);
	if (sql_run(prune) < 0)
		return -1;
	return sqlite3_changes64(writer->store->db) > 0;
}

/* The first check that the log may hold, with all that is in the tail. */
static int64_t first_kept(const struct store_writer *writer)
{
	return writer->now.last_seq - STORE_CHECKS_MAX + 1;
}

static int make_room(struct store_writer *writer)
{
	int64_t first[2];
	int step = number_after(writer->store, STATEMENT_CHECK_FIRST, 0, 2, first);
	if (step != 1 || first[0] >= first_kept(writer))
		return step < 0 ? -1 : 0;
	int64_t end = first[0] + PRUNE_ROWS;
	return prune_checks(
		writer, end < first_kept(writer) ? end : first_kept(writer), INT64_MAX);
}

static int move_checks(struct store_writer *writer)
{
	int64_t first;
	if (make_room(writer) < 0 ||
		sql_number(writer->store, STATEMENT_TAIL_FIRST, &first) < 0)
		return -1;
	int64_t last = first + FOLD_MOVE_ROWS - 1;
	if (last > writer->fold.up_to_seq)
		last = writer->fold.up_to_seq;
	static const enum statement both[] = { STATEMENT_FOLD_CHECKS,
		STATEMENT_FOLD_TAIL };
	for (size_t i = 0; i < 2; i++) {
		sqlite3_stmt *move = sql_get(writer->store, both[i]);
		sql_bind_int(move, 1, last);
		if (sql_run(move) < 0)
			return -1;
	}
	int64_t moved = sqlite3_changes64(writer->store->db);
	if (log_commit(writer) < 0)
		return -1;
	writer->now.tail_rows -= moved;
	return last < writer->fold.up_to_seq ? 1 : 0;
}

/* A rollback that succeeds would take the reason with it. */
static int give_up(struct store_writer *writer)
{
	writer_note_trouble(writer);
	log_rollback(writer);
	return -1;
}

int upkeep_fold(struct store_writer *writer)
{
	if (writer->now.tail_rows == 0) {
		upkeep_fold_end(writer);
		return 0;
	}
	if (!log_has_room(writer))
		return 0;
	if (writer->fold.at == NULL && fold_begin(writer) < 0)
		return give_up(writer);
	int more = log_begin(writer);
	if (more == 0)
		more = writer->fold.next < writer->fold.count ? fold_rows(writer)
							      : move_checks(writer);
	if (more < 0)
		return give_up(writer);
	log_written(writer);
	if (more == 0)
		upkeep_fold_end(writer);
	return more;
}

/* --- prune -------------------------------------------------------------------------- */

static time_ms age_now(const struct store_writer *writer)
{
	struct timespec wall;
	clock_gettime(CLOCK_REALTIME, &wall);
	/* A clock that once ran ahead must not let everything look old. */
	int64_t now = (int64_t)wall.tv_sec * TIME_MS_PER_S;
	if (writer->now.newest_check_at < now)
		now = writer->now.newest_check_at;
	return now;
}

static int64_t oldest_kept(const struct store_writer *writer)
{
	return age_now(writer) - retention_checks_ms(&writer->kept_now);
}

static int prune_log(struct store_writer *writer)
{
	int64_t first[2];
	int step = number_after(writer->store, STATEMENT_CHECK_FIRST, 0, 2, first);
	if (step != 1)
		return step;
	int64_t end = first[0] + PRUNE_ROWS;
	if (first[0] < first_kept(writer))
		return make_room(writer);
	return first[1] < oldest_kept(writer)
		       ? prune_checks(writer, end, oldest_kept(writer))
		       : 0;
}

/* The next one that is over, from where the round is; 1: there is one. */
static int next_stale(struct store_writer *writer, int64_t *ret_reading_id)
{
	sqlite3_stmt *row = sql_get(writer->store, STATEMENT_READING_STALE);
	sql_bind_int(row, 1, writer->now.reading.reading_id);
	sql_bind_int(row, 2, writer->stale_after);
	int step = sql_step(row);
	*ret_reading_id = step == 1 ? sql_int(row, 0) : 0;
	sql_end(row);
	return step;
}

/* Up to `rows` of its places, or itself when it has none left. */
static int shrink_reading(struct store_writer *writer, int64_t reading_id, int64_t rows,
	int64_t *ret_deleted)
{
	sqlite3_stmt *shrink = sql_get(writer->store, STATEMENT_READING_SHRINK);
	sql_bind_int(shrink, 1, reading_id);
	sql_bind_int(shrink, 2, rows);
	if (sql_run(shrink) < 0)
		return -1;
	*ret_deleted = sqlite3_changes64(writer->store->db);
	if (*ret_deleted > 0)
		return 0;
	sqlite3_stmt *delete = sql_get(writer->store, STATEMENT_READING_DELETE);
	sql_bind_int(delete, 1, reading_id);
	return sql_run(delete);
}

/* A round goes from the first to the last: looking for each from the beginning would pass
 * over all of today's each time. */
static int prune_readings(struct store_writer *writer)
{
	int64_t rows = 0, reading_id;
	for (int i = 0; i < PRUNE_READINGS && rows < PRUNE_ROWS; i++) {
		int64_t deleted;
		int step = next_stale(writer, &reading_id);
		if (step != 1) {
			writer->stale_after = 0;
			return step;
		}
		if (shrink_reading(writer, reading_id, PRUNE_ROWS - rows, &deleted) < 0)
			return -1;
		rows += deleted;
		writer->stale_after = reading_id - 1;
	}
	return 1;
}

/* A round a day, in slices. */
static int prune_old(struct store_writer *writer)
{
	struct retention_counts counts = { 0 };
	if (writer_now() < writer->next_round_at)
		return 0;
	int more = retention_slice(
		writer->store, &writer->kept_now, age_now(writer), &writer->old, &counts);
	if (more != 0)
		return more;
	writer->old = (struct retention_walk){ 0 };
	writer->next_round_at = writer_now() + TIME_MS_PER_DAY;
	return 0;
}

int upkeep_prune(struct store_writer *writer)
{
	if (!log_has_room(writer))
		return 0;
	int more = log_begin(writer);
	if (more == 0)
		more = prune_log(writer);
	if (more == 0)
		more = prune_readings(writer);
	if (more == 0)
		more = outbox_prune(writer->store, age_now(writer), NULL);
	if (more == 0)
		more = prune_old(writer);
	if (more < 0 || log_commit(writer) < 0)
		return give_up(writer);
	log_written(writer);
	return more;
}
