/* store/link: a link's row, put together from what is not stored twice. */
#pragma once

#include "base/arena.h"
#include "store/links.h"
#include "store/store_internal.h"
#include "store/sweep_internal.h"

enum { HASH_HTTP = 1, HASH_OTHER = 2, HASH_URL = 3, HASH_HOST = 4 };

/* An occurrence's title is a number where it is another of its texts. Else it is a TEXT,
 * or a BLOB where it is loose (extract/extract.h). */
enum { TITLE_IS_TEXT = 1, TITLE_IS_CONTEXT = 2, TITLE_IS_LOOSE_CONTEXT = 3 };

/* The parts of an http link's URL. */
struct slice link_request_key(struct slice url);
/* What the fragment is where none is stored. */
struct slice link_fragment_of(enum link_kind kind, struct slice url);

int64_t link_key_hash(const struct store *store, enum link_kind kind, struct slice url);
/* 32 bits; the owner is 0 for http links. */
int64_t link_url_hash(const struct store *store, struct slice url, int64_t owner);
/* Of an http link's host; half a microsecond, so it needs no room in the row. */
uint64_t link_host_hash(const struct store *store, struct slice url);

/* One link, put together. `arena` NULL: its slices point into the rows, which the caller
 * ends later; they are to be ended in any case. */
struct link_rows {
	sqlite3_stmt *link, *text, *owner;
};

/* 1: it is there, 0: no such link, -1. */
int link_read(struct store *store, int64_t link_id, struct arena *arena,
	struct link_rows *rows, struct store_link *link);
void link_rows_end(struct link_rows *rows);

/* list_bits and monitored, and labels where there is an arena. */
int link_places(struct store *store, struct arena *arena, struct store_link *link);

/* From one reading that mentions it to the next: a link may stand in one 100,000 times.
 * Begins with 0; 1: there is one, 0, -1. */
int link_next_reading(struct store *store, int64_t link_id, int64_t *reading_id);
