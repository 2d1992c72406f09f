#include "store/tally.h"

#include "store/record_internal.h"
#include "store/writer_internal.h"

uint64_t store_put_tally(struct store_writer *writer, const struct store_tally *tally)
{
	struct item item = { .kind = ITEM_TALLY, .as.tally = *tally };
	return put_item(writer, &item, NULL);
}

int store_walk_tallies(struct store *store, struct slice list, int32_t first,
	int32_t last, store_tally_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_TALLIES);
	int step;
	sql_bind_text(row, 1, list, STORE_URL_BYTES_MAX);
	sql_bind_int(row, 2, first);
	sql_bind_int(row, 3, last);
	while ((step = sql_step(row)) == 1) {
		struct store_tally tally;
		tally_decode(&store->words, sql_text(row, 1), (int32_t)sql_int(row, 0),
			&tally);
		tally.list = list;
		if (!fn(&tally, context))
			break;
	}
	return store_read_done(store, row, step, error);
}
