/* Links by list, state and a part of their URL. */
#include "store/link_internal.h"

struct walk {
	struct store *store;
	const struct store_filter *filter;
	int64_t list_place; /* -1: any */
	store_link_fn *fn;
	void *context;
	uint32_t told;
	int failed;
};

static bool walk_takes(const struct walk *walk, const struct store_due *due)
{
	const struct store_filter *filter = walk->filter;
	if (filter->by_state && due->state != filter->state)
		return false;
	return walk->list_place < 0 ||
	       (due->list_bits & sweep_bit_of((uint32_t)walk->list_place)) != 0;
}

/* Lists that share the last bit are told apart by their name. */
static int stands_on_list(const struct walk *walk, int64_t link_id)
{
	int64_t reading_id = 0;
	int step = 1, found = 0;
	if (walk->list_place < STORE_LIST_BITS - 1)
		return 1;
	while (found == 0 && step == 1) {
		step = link_next_reading(walk->store, link_id, &reading_id);
		if (step != 1)
			break;
		sqlite3_stmt *row = sql_get(walk->store, STATEMENT_LISTS_OF_READING);
		sql_bind_int(row, 1, reading_id);
		step = sql_step(row);
		found = step == 1 && sql_int(row, 0) == walk->list_place;
		sql_end(row);
		step = step < 0 ? -1 : 1;
	}
	return step < 0 ? -1 : found;
}

static bool walk_one(const struct store_due *due, void *context)
{
	struct walk *walk = context;
	struct link_rows rows;
	struct store_link link;
	bool more = true;

	if (!walk_takes(walk, due))
		return true;
	int on_list = stands_on_list(walk, due->link_id);
	if (on_list == 0)
		return true;
	int step = on_list < 0 ? -1
			       : link_read(walk->store, due->link_id, NULL, &rows, &link);
	if (step == 1 && (walk->filter->contains.len == 0 ||
				 slice_find_nocase(link.url, walk->filter->contains) !=
					 SLICE_NONE)) {
		link.list_bits = due->list_bits;
		link.monitored = due->list_bits != 0;
		walk->told++;
		more = walk->fn(&link, walk->context) &&
		       (walk->filter->limit == 0 || walk->told < walk->filter->limit);
	}
	if (on_list > 0)
		link_rows_end(&rows);
	walk->failed = step < 0 ? -1 : 0;
	return more && step >= 0;
}

static int find_list(struct store *store, struct slice name, int64_t *ret_place)
{
	sqlite3_stmt *row = sql_get(store, STATEMENT_LIST_GET);
	sql_bind_name(row, 1, name);
	int step = sql_step(row);
	*ret_place = step == 1 ? sql_int(row, 1) : -1;
	sql_end(row);
	return step;
}

int store_walk_links(struct store *store, const struct store_filter *filter,
	store_link_fn *fn, void *context, struct error *error)
{
	struct walk walk = { .store = store,
		.filter = filter,
		.list_place = -1,
		.fn = fn,
		.context = context };

	if (store_read_begin(store, error) < 0)
		return -1;
	int step = filter->list.len > 0 ? find_list(store, filter->list, &walk.list_place)
					: 0;
	/* A list that is not there, or not any more, has no links. */
	bool none = filter->list.len > 0 && walk.list_place < 0;
	if (step < 0 || none)
		return store_read_done(store, NULL, step < 0 ? -1 : 0, error);
	int failed = sweep_links(store, filter->after,
		filter->list.len > 0 ? SWEEP_MONITORED : SWEEP_ALL, walk_one, &walk,
		error);
	if (failed == 0 && walk.failed < 0)
		failed = store_error(store, error);
	store_read_end(store);
	return failed;
}
