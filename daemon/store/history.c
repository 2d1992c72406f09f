/* What belongs to a link: places, spans, checks. */
#include <assert.h>

#include "store/link_internal.h"
#include "store/links.h"
#include "store/record_internal.h"
#include "store/sweep_internal.h"

/* --- occurrences -------------------------------------------------------------------- */

/* Undoes what reading.c folds: 1 stands for the text, what is more for the context. */
static struct slice unfold(
	sqlite3_stmt *row, int column, struct slice text, struct slice context)
{
	if (sqlite3_column_type(row, column) != SQLITE_INTEGER)
		return sql_text(row, column);
	return sql_int(row, column) == TITLE_IS_TEXT ? text : context;
}

int store_walk_occurrences(struct store *store, int64_t link_id, struct slice list,
	uint32_t limit, store_occurrence_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_OCCURRENCES);
	int step;
	uint32_t told = 0;
	sql_bind_int(row, 1, link_id);
	sql_bind_text(row, 2, list, list.len);
	while ((step = sql_step(row)) == 1) {
		struct store_occurrence it = { .list = sql_text(row, 0),
			.link_id = link_id };
		it.at.source = sql_text(row, 1);
		it.at.line = (uint32_t)sql_int(row, 2);
		it.at.column = (uint32_t)sql_int(row, 3);
		it.at.text = sql_text(row, 4);
		it.at.context = unfold(row, 5, it.at.text, it.at.text);
		it.at.expected_title = unfold(row, 6, it.at.text, it.at.context);
		if (!fn(&it, context) || ++told == limit)
			break;
	}
	return store_read_done(store, row, step, error);
}

int store_walk_documents(struct store *store, int64_t link_id, struct slice list,
	store_document_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_DOCUMENTS);
	int step;
	sql_bind_int(row, 1, link_id);
	sql_bind_text(row, 2, list, list.len);
	while ((step = sql_step(row)) == 1) {
		const struct store_document it = { .list = sql_text(row, 0),
			.source = sql_text(row, 1),
			.places = (uint32_t)sql_int(row, 2) };
		if (!fn(&it, context))
			break;
	}
	return store_read_done(store, row, step, error);
}

/* --- spans and checks --------------------------------------------------------------- */

int store_walk_spans(struct store *store, int64_t link_id, store_span_fn *fn,
	void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_SPANS);
	int step;
	sql_bind_int(row, 1, link_id);
	while ((step = sql_step(row)) == 1) {
		struct span span;
		span_decode(&store->words, sql_text(row, 1), sql_int(row, 0), &span);
		if (!fn(&span, context))
			break;
	}
	return store_read_done(store, row, step, error);
}

int store_count_spans(
	struct store *store, int64_t link_id, uint32_t *ret_count, struct error *error)
{
	*ret_count = 0;
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_SPANS_COUNT);
	sql_bind_int(row, 1, link_id);
	int step = sql_step(row);
	if (step == 1)
		*ret_count = (uint32_t)sql_int(row, 0);
	return store_read_done(store, row, step, error);
}

struct check_walk {
	int64_t link_id; /* 0: of all */
	uint32_t limit, rows_max, told;
	store_check_fn *fn;
	void *context;
};

static void read_check(const struct words *words, sqlite3_stmt *row,
	const struct check_walk *walk, struct store_check *check)
{
	*check = (struct store_check){
		.link_id = walk->link_id != 0 ? walk->link_id : sql_int(row, 5),
		.at = sql_int(row, 0),
		.outcome = (enum outcome)word_value(words, WORD_OUTCOME, sql_int(row, 1)),
		.reason = (enum reason)word_value(words, WORD_REASON, sql_int(row, 2)),
		.http_status = (int)sql_int(row, 3),
		.elapsed_ms = (int32_t)sql_int(row, 4),
	};
}

/* 1: the caller has enough. */
static int walk_checks_in(
	struct store *store, enum statement statement, struct check_walk *walk)
{
	sqlite3_stmt *row = sql_get(store, statement);
	int step;
	if (walk->link_id != 0)
		sql_bind_int(row, 1, walk->link_id);
	if (statement == STATEMENT_CHECKS_LOG)
		sql_bind_int(row, 2,
			walk->rows_max > 0 ? -(int64_t)walk->rows_max : INT32_MIN);
	while ((step = sql_step(row)) == 1) {
		struct store_check check;
		read_check(&store->words, row, walk, &check);
		if (!walk->fn(&check, walk->context) || ++walk->told == walk->limit)
			break;
	}
	sql_end(row);
	return step;
}

int store_walk_checks(struct store *store, const struct store_check_wish *wish,
	store_check_fn *fn, void *context, struct error *error)
{
	struct check_walk walk = { wish->link_id, wish->limit, wish->rows_max, 0, fn,
		context };
	bool all = wish->link_id == 0;
	if (store_read_begin(store, error) < 0)
		return -1;
	int step = walk_checks_in(
		store, all ? STATEMENT_CHECKS_TAIL_ALL : STATEMENT_CHECKS_TAIL, &walk);
	if (step == 0)
		step = walk_checks_in(store,
			all ? STATEMENT_CHECKS_LOG_ALL : STATEMENT_CHECKS_LOG, &walk);
	return store_read_done(store, NULL, step, error);
}
