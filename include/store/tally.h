/* store/tally: how many links were in which state, day by day, for ever.
 *
 * One row a list and UTC day, about 40 bytes, put by who counts (the daemon, from its
 * glances); of an earlier day nobody can count it again. Rules of reading as in
 * store/links.h, of putting as in store/writer.h.
 */
#pragma once

#include "store/links.h"
#include "store/store.h"
#include "store/writer.h"

struct store_tally {
	struct slice list; /* empty: all lists together, each link once */
	int32_t day;       /* since 1970-01-01, UTC: time_ms / TIME_MS_PER_DAY */
	uint32_t by_state[STORE_STATE_COUNT];
	uint32_t died, recovered; /* transitions of that day */
	uint64_t checks;          /* of that day */
	/* Of its checks that asked somebody: how many, and how long all of them took. */
	uint64_t ms_count, ms_sum;
};

/* Replaces that list's row of that day. One of a list that was never put is dropped. */
uint64_t store_put_tally(struct store_writer *writer, const struct store_tally *tally);

typedef bool store_tally_fn(const struct store_tally *tally, void *context);

/* Days from `first` to `last` inclusive, oldest first; days without a row are left out.
 * A retired list's are still there. A year: below 1 ms. */
int store_walk_tallies(struct store *store, struct slice list, int32_t first,
	int32_t last, store_tally_fn *fn, void *context, struct error *error);
