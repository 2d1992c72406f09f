/* sources/column: where a mention stands in its line, counted in code points.
 *
 * Readers of SARIF and GitHub's annotations count characters, the extractor counts bytes.
 * Mentions come nearly in the order of the document, so the count goes on from the latest
 * one; definitions that are told out of order are counted from the beginning of their
 * line, and a document in which that would take quadratic time has unknown columns.
 */
#pragma once

#include "extract/extract.h"
#include "model/link.h"

struct column_counter {
	struct slice bytes; /* the document */
	size_t begin;       /* of the latest line */
	size_t offset;      /* counted so far */
	uint32_t character; /* there, from 1 */
	size_t left;        /* bytes that may still be counted */
};

void column_begin(struct column_counter *counter, struct slice document);

/* Fills in `character` and `characters`; both stay 0 when the work would be too much. */
void column_count(struct column_counter *counter, const struct mention *mention,
	struct occurrence *occurrence);
