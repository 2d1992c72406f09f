/* What belongs to a link: places, spans, checks, events. */
#include <assert.h>

#include "store/links.h"
#include "store/record_internal.h"
#include "store/sweep_internal.h"

/* --- occurrences -------------------------------------------------------------------- */

/* Undoes what reading.c folds: 1 stands for the text, 2 for the context. */
static struct slice unfold(
	sqlite3_stmt *row, int column, struct slice text, struct slice context)
{
	if (sqlite3_column_type(row, column) != SQLITE_INTEGER)
		return sql_text(row, column);
	return sql_int(row, column) == 2 ? context : text;
}

int store_walk_occurrences(struct store *store, int64_t link_id, uint32_t limit,
	store_occurrence_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_OCCURRENCES);
	int step;
	uint32_t told = 0;
	sql_bind_int(row, 1, link_id);
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

struct check_walk {
	int64_t link_id;
	uint32_t limit, told;
	store_check_fn *fn;
	void *context;
};

/* 1: the caller has enough. */
static int walk_checks_in(
	struct store *store, enum statement statement, struct check_walk *walk)
{
	sqlite3_stmt *row = sql_get(store, statement);
	int step;
	sql_bind_int(row, 1, walk->link_id);
	while ((step = sql_step(row)) == 1) {
		struct store_check check = {
			.link_id = walk->link_id,
			.at = sql_int(row, 0),
			.outcome = (enum outcome)word_value(
				&store->words, WORD_OUTCOME, sql_int(row, 1)),
			.reason = (enum reason)word_value(
				&store->words, WORD_REASON, sql_int(row, 2)),
			.http_status = (int)sql_int(row, 3),
			.elapsed_ms = (int32_t)sql_int(row, 4),
		};
		if (!walk->fn(&check, walk->context) || ++walk->told == walk->limit)
			break;
	}
	sql_end(row);
	return step;
}

int store_walk_checks(struct store *store, int64_t link_id, uint32_t limit,
	store_check_fn *fn, void *context, struct error *error)
{
	struct check_walk walk = {
		.link_id = link_id, .limit = limit, .fn = fn, .context = context
	};
	if (store_read_begin(store, error) < 0)
		return -1;
	int step = walk_checks_in(store, STATEMENT_CHECKS_TAIL, &walk);
	if (step == 0)
		step = walk_checks_in(store, STATEMENT_CHECKS_LOG, &walk);
	return store_read_done(store, NULL, step, error);
}

/* --- events ------------------------------------------------------------------------- */

static void read_event(
	const struct store *store, sqlite3_stmt *row, struct store_event *it)
{
	const struct words *words = &store->words;
	it->event_id = sql_int(row, 0);
	it->event = (struct event){
		.at = sql_int(row, 1),
		.link_id = sql_int(row, 2),
		.kind = (enum event_kind)word_value(words, WORD_EVENT, sql_int(row, 3)),
		.from = (enum state)word_value(words, WORD_STATE, sql_int(row, 4)),
		.to = (enum state)word_value(words, WORD_STATE, sql_int(row, 5)),
		.reason = (enum reason)word_value(words, WORD_REASON, sql_int(row, 6)),
		.incident_id = sql_int(row, 7),
		.links = (uint32_t)sql_int(row, 8),
		.text = sql_text(row, 9),
	};
	it->url = sql_text(row, 10);
}

static int walk_events(struct store *store, sqlite3_stmt *row, store_event_fn *fn,
	void *context, struct error *error)
{
	int step;
	while ((step = sql_step(row)) == 1) {
		struct store_event it;
		read_event(store, row, &it);
		if (!fn(&it, context))
			break;
	}
	return store_read_done(store, row, step, error);
}

int store_walk_events_of_link(struct store *store, int64_t link_id, store_event_fn *fn,
	void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_EVENTS_OF_LINK);
	sql_bind_int(row, 1, link_id);
	return walk_events(store, row, fn, context, error);
}

int store_walk_events(struct store *store, int64_t after, time_ms since,
	store_event_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_EVENTS);
	sql_bind_int(row, 1, after);
	sql_bind_int(row, 2, since > 0 ? since : INT64_MIN);
	return walk_events(store, row, fn, context, error);
}
