/* store/record: a link_record and a span as they stand in rows.
 *
 * What the public view shows and what is asked for by SQL has columns of its own; the
 * rest is one blob of variable-length numbers, times as distances to the last check, so
 * that a healthy link takes about 100 bytes and not 330. A field that is added later goes
 * to the end of its list: missing bytes read as 0. The blob is padded to steps of
 * RECORD_STEP, because a row that grows by a byte makes SQLite split its page.
 */
#pragma once

#include <sqlite3.h>

#include "model/record.h"
#include "store/tally.h"
#include "store/words_internal.h"

enum { RECORD_BYTES_MAX = 384, RECORD_STEP = 8, RECORD_COLUMN_COUNT = 10 };

struct record_bytes {
	uint8_t at[RECORD_BYTES_MAX];
	size_t len;
};

/* Binds RECORD_COLUMNS to ?1 to ?10. `bytes` must live until the statement has run. */
void record_bind(sqlite3_stmt *statement, const struct words *words,
	const struct link_record *record, struct record_bytes *bytes);

/* The same columns of a row, from `column` on. */
void record_read(sqlite3_stmt *statement, int column, const struct words *words,
	struct link_record *ret_record);

/* Without first_at, which is a column of its own. */
void span_encode(const struct words *words, const struct span *span,
	struct record_bytes *ret_bytes);
/* Without list and day; at most 7 states of ten bytes and five numbers. */
void tally_encode(const struct words *words, const struct store_tally *tally,
	struct record_bytes *ret_bytes);
void tally_decode(const struct words *words, struct slice bytes, int32_t day,
	struct store_tally *ret_tally);

void span_decode(const struct words *words, struct slice bytes, time_ms first_at,
	struct span *ret_span);
