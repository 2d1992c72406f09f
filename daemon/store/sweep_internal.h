/* store/sweep: once through all links, in order of their ids.
 *
 * Three cursors side by side: where links stand today, what their rows hold, and the tail
 * of fresh records, which counts more than the rows. Each is read in the order in which
 * it lies on disk, so that a million links take well below a second.
 */
#pragma once

#include "store/links.h"
#include "store/lists.h"
#include "store/store_internal.h"

/* Today's readings, by id. */
struct sweep_reading {
	int64_t reading_id;
	uint32_t place; /* of its list in the configuration */
	int64_t source_id;
};

struct sweep_readings {
	struct sweep_reading *at;
	size_t count, room;
};

int sweep_readings_load(
	struct store *store, struct sweep_readings *readings, struct error *error);
void sweep_readings_fini(struct sweep_readings *readings);
/* NULL: it is none of today's. */
const struct sweep_reading *sweep_reading_of(
	const struct sweep_readings *readings, int64_t reading_id);

static inline uint32_t sweep_bit_of(uint32_t place)
{
	return UINT32_C(1) << (place < STORE_LIST_BITS ? place : STORE_LIST_BITS - 1);
}

typedef bool sweep_fn(const struct store_due *due, void *context);

enum sweep_wish {
	SWEEP_ALL,       /* on a list (list_bits not 0) or not */
	SWEEP_MONITORED, /* on a list */
	SWEEP_DUE,       /* likewise, and with their hashes, half of the whole cost */
};

/* All links above `after`. Within a read. */
int sweep_links(struct store *store, int64_t after, enum sweep_wish wish, sweep_fn *fn,
	void *context, struct error *error);

int sweep_count_monitored(struct store *store, int64_t *ret_count, struct error *error);
