/* report/index: the links of a run, sorted as a reader wants them.
 *
 * A link table is ordered by link; a reader goes through sources. The index borrows the
 * table and owns only the order: 24 bytes an occurrence and 40 an entry. Sources are
 * numbered as the run met them: first those that brought a new link, then those that only
 * repeat what others mention.
 */
#pragma once

#include "base/arena.h"
#include "model/link.h"

/* An occurrence that knows its link. */
struct place {
	const struct link *link;
	const struct occurrence *at;
	uint32_t source;     /* its number */
	uint32_t link_order; /* in order of first occurrence */
};

/* One link in one source. */
struct entry {
	const struct link *link;
	const struct place *places; /* by line and column */
	uint32_t place_count;
	uint32_t source;
	uint32_t rank; /* of its outcome; smaller is worse */
};

struct index {
	struct arena arena;
	uint32_t source_count; /* of the whole table, whatever was chosen */
	struct place *places;
	size_t place_count;
	struct entry *entries;
	size_t entry_count;
};

#define INDEX_EVERYTHING UINT32_MAX
#define INDEX_UNCHECKED  (UINT32_C(1) << 31) /* beside the bits of the outcomes */

/* Takes the links whose outcome has its bit in `chosen`. On success `places` is sorted by
 * source, line and column; -1: no memory. Either way index_fini is due. */
int index_places(struct index *index, const struct link_table *table, uint32_t chosen);

/* The same, and `entries` by source, worst first, then by their first place; the places
 * are then grouped by entry. */
int index_entries(struct index *index, const struct link_table *table, uint32_t chosen);

void index_fini(struct index *index);
