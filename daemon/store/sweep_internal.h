/* store/sweep: once through all links, in order of their ids.
 *
 * Cursors side by side: the links, where they stand today, what their rows hold, and the
 * tail of fresh records, which counts more than the rows. Each is read in the order in
 * which it lies on disk, so that a million links take well below a second.
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

/* Rows that begin with a link_id, which grows. Within a read. */
struct sweep_cursor {
	sqlite3_stmt *rows;
	int step;
	int64_t id;    /* INT64_MAX behind the end */
	uint64_t read; /* rows, the one at hand included */
};

void sweep_open(struct sweep_cursor *cursor, struct store *store,
	enum statement statement, int64_t after);
void sweep_next(struct sweep_cursor *cursor);
/* Whether there is a row of that link; passes over those of earlier ones. */
bool sweep_to(struct sweep_cursor *cursor, int64_t id);
/* Ends all; -1 when one had failed. */
int sweep_close(struct sweep_cursor *const *cursors, size_t count);
/* Takes all places of one link (SWEEP_PLACES); its list_bits. */
uint32_t sweep_bits(
	struct sweep_cursor *places, int64_t id, const struct sweep_readings *readings);

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
