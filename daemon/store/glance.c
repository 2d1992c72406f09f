/* All links, slice by slice: what pages of many are made from, and search. */
#include "store/link_internal.h"
#include "store/pages.h"
#include "store/record_internal.h"

#include <assert.h>

static void glance_of(
	const struct store_link *link, uint32_t list_bits, struct store_glance *glance)
{
	const struct link_record *record = &link->record;
	*glance = (struct store_glance){
		.link_id = link->link_id,
		.kind = link->kind,
		.list_bits = list_bits,
		.state = record->state,
		.confirmed = record->confirmed,
		.reason = record->reason,
		.http_status = record->http_status,
		.notes = record->notes,
		.since = record->since,
		.last_checked_at = record->last_checked_at,
		.last_ok_at = record->last_ok_at,
		.due_at = record->due_at,
		.flapping_since = record->flapping_since,
		.certificate_until = record->certificate_until,
		.strike_halves = record->strike_halves,
		.checks = record->checks,
		.recent = record->recent,
		.recent_count = record->recent_count,
	};
}

struct glances {
	struct store *store;
	struct sweep_readings readings;
	struct sweep_cursor places, kinds, records, tail;
	store_glance_fn *fn;
	void *context;
};

static bool glance_next(struct glances *glances)
{
	const struct words *words = &glances->store->words;
	struct store_link link = { .link_id = glances->kinds.id };
	struct store_glance glance;

	uint32_t bits = sweep_bits(&glances->places, link.link_id, &glances->readings);
	if (bits == 0)
		return true;
	link.kind = (enum link_kind)word_value(
		words, WORD_LINK, sql_int(glances->kinds.rows, 1));
	if (sweep_to(&glances->tail, link.link_id))
		record_read(glances->tail.rows, 1, words, &link.record);
	else if (sweep_to(&glances->records, link.link_id))
		record_read(glances->records.rows, 1, words, &link.record);
	glance_of(&link, bits, &glance);
	return glances->fn(&glance, glances->context);
}

/* A link that is mentioned 100,000 times must not make a slice long. */
static bool is_spent(const struct glances *glances, uint32_t rows, uint32_t rows_max)
{
	return rows_max != 0 &&
	       (rows == rows_max ||
		       glances->places.read > (uint64_t)rows_max * STORE_GLANCE_PLACES);
}

static int walk_glances(
	struct glances *glances, int64_t after, uint32_t rows_max, int64_t *ret_next)
{
	struct store *store = glances->store;
	uint32_t rows = 0;

	sweep_open(&glances->places, store, STATEMENT_SWEEP_PLACES, after);
	sweep_open(&glances->kinds, store, STATEMENT_SWEEP_KINDS, after);
	sweep_open(&glances->records, store, STATEMENT_SWEEP_RECORDS, after);
	sweep_open(&glances->tail, store, STATEMENT_SWEEP_TAIL_RECORDS, after);
	*ret_next = after;
	for (bool more = true; more && glances->kinds.id != INT64_MAX;
		sweep_next(&glances->kinds)) {
		if (is_spent(glances, rows++, rows_max))
			break;
		*ret_next = glances->kinds.id;
		more = glance_next(glances);
	}
	if (glances->kinds.id == INT64_MAX)
		*ret_next = -1;
	struct sweep_cursor *const all[] = { &glances->places, &glances->kinds,
		&glances->records, &glances->tail };
	return sweep_close(all, sizeof(all) / sizeof(all[0]));
}

int store_walk_glances(struct store *store, int64_t after, uint32_t rows_max,
	store_glance_fn *fn, void *context, int64_t *ret_next, struct error *error)
{
	struct glances glances = { .store = store, .fn = fn, .context = context };

	if (store_read_begin(store, error) < 0)
		return -1;
	if (sweep_readings_load(store, &glances.readings, error) < 0) {
		store_read_end(store);
		return -1;
	}
	int failed = walk_glances(&glances, after, rows_max, ret_next);
	sweep_readings_fini(&glances.readings);
	return store_read_done(store, NULL, failed, error);
}

/* --- search ------------------------------------------------------------------------- */

struct search {
	const struct store_search *wish;
	store_found_fn *fn;
	void *context;
	int64_t next;
	uint32_t rows;
};

static bool holds(const struct search *search, struct slice text)
{
	return slice_find_nocase(text, search->wish->needle) != SLICE_NONE;
}

/* False: `fn` or the budget ended it. */
static bool search_one(
	struct search *search, struct sweep_cursor *urls, struct sweep_cursor *titles)
{
	struct store_found it = { .link_id = urls->id, .url = sql_text(urls->rows, 2) };
	if (sweep_to(titles, it.link_id))
		it.title = sql_text(titles->rows, 1);
	search->next = it.link_id;
	search->rows +=
		1 + (uint32_t)((it.url.len + it.title.len) / STORE_SEARCH_ROW_BYTES);
	bool more = (!holds(search, it.url) && !holds(search, it.title)) ||
		    search->fn(&it, search->context);
	return more && search->rows < search->wish->rows_max;
}

int store_search_links(struct store *store, const struct store_search *wish,
	store_found_fn *fn, void *context, int64_t *ret_next, struct error *error)
{
	struct search search = {
		.wish = wish, .fn = fn, .context = context, .next = wish->after
	};
	struct sweep_cursor urls, titles;

	assert(wish->needle.len > 0 && wish->needle.len <= STORE_NEEDLE_MAX);
	if (store_read_begin(store, error) < 0)
		return -1;
	sweep_open(&urls, store, STATEMENT_SWEEP_LINKS, wish->after);
	sweep_open(&titles, store, STATEMENT_SWEEP_TITLES, wish->after);
	for (bool more = true; more && urls.id != INT64_MAX;) {
		more = search_one(&search, &urls, &titles);
		sweep_next(&urls);
	}
	*ret_next = urls.id == INT64_MAX ? -1 : search.next;
	struct sweep_cursor *const all[] = { &urls, &titles };
	return store_read_done(store, NULL, sweep_close(all, 2), error);
}
