/* format/csv: the one place where foreign text is made harmless for CSV (RFC 4180, and
 * the spreadsheets that take a cell that begins with = + - @ for a formula).
 *
 * Records end with CRLF. Every text is in quotes, cleaned as by utf8_add_printable; one
 * that a spreadsheet would compute gets an apostrophe in front, also behind spaces.
 */
#pragma once

#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

struct csv {
	struct buffer *out;
	uint32_t fields; /* of this record, so far */
};

void csv_text(struct csv *csv, struct slice text, size_t bytes_max);
void csv_number(struct csv *csv, int64_t number);
void csv_empty(struct csv *csv);
void csv_end(struct csv *csv); /* of the record */
