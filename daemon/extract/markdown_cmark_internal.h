/* extract/markdown_cmark_internal: cmark-gfm, kept within bounds of memory and time.
 *
 * cmark-gfm does not look whether it gets memory, and 0.29.0.gfm.6 has inputs that take
 * quadratic time (CVE-2022-39209, CVE-2023-22483 to 22486, 24824, 26485, 37463, and more
 * that were found here). So its memory comes from us, and what a document would cost is
 * told beforehand, in linear time and never too low. Not for two threads at once: cmark
 * keeps its extensions in globals.
 */
#pragma once

#include <cmark-gfm.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* --- memory (markdown_memory.c) ----------------------------------------------------- */

struct markdown_memory {
	struct markdown_block *blocks;
	size_t bytes, bytes_max;
	bool exhausted;
	jmp_buf escape;
};

/* Runs `work` with cmark's memory taken from `memory`. Returns what it returns; -1 with
 * `exhausted` set where memory or the ceiling ended it: `work` is then left in the middle
 * of a call of cmark, so what it owns must be reachable from `data`. */
int markdown_memory_run(
	struct markdown_memory *memory, int (*work)(void *data), void *data);

/* Frees everything cmark took; trees and strings of cmark end here. */
void markdown_memory_fini(struct markdown_memory *memory);

/* For cmark's functions that want one; only inside markdown_memory_run. */
cmark_mem *markdown_memory_mem(void);

/* --- costs (markdown_costs.c) ------------------------------------------------------- */

struct markdown_costs {
	uint64_t budget; /* of each of the three: nesting, tables, all leaves together */
	uint64_t nesting, tables;
	uint64_t lines;
	uint64_t deepest, deepest_line; /* blocks in blocks, about */
};

void markdown_costs_read(struct markdown_costs *costs, struct slice source);

uint64_t markdown_leaf_cost(struct slice content);

/* --- parsing (markdown_parse.c) ----------------------------------------------------- */

/* The tree of a document, inside markdown_memory_run. Without tables, or with leaves left
 * unparsed, where these would cost more than the budget. */
cmark_node *markdown_parse(struct slice source, const struct markdown_costs *costs);

/* Whether the inlines of this leaf were left unparsed. */
bool markdown_is_unparsed(cmark_node *leaf);

/* The nodes of extensions have no numbers in cmark's headers, only names. */
bool markdown_is(cmark_node *node, const char *type);
