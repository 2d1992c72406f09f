/* report/baseline: what failed before, so that only what is new fails.
 *
 * A pull request should not be punished for the backlog: `check --new-since` fails only
 * for links that an earlier run, the baseline, did not know or knew as good. A link is
 * the same when its kind, its URL and, for anchors and files, its source are the same;
 * userinfo does not count, because no report has it.
 *
 * Only failing links are kept: about 200 bytes each. The baseline is a file that others
 * may have written, so its sizes have ceilings and its errors are sentences.
 */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/time.h"
#include "model/link.h"
#include "model/record.h"

/* A report of 100,000 links has about 100 MB. */
#define BASELINE_BYTES_MAX ((size_t)1024 * 1024 * 1024)

struct baseline_entry;

struct baseline {
	struct arena arena;
	struct baseline_entry *by_key;
	struct buffer key, path; /* of the link at hand */
	struct slice directory;  /* borrowed; documents are known by their names from
				  * here (base/path.h). To be set before the first is
				  * added; may be empty */
};

void baseline_init(struct baseline *baseline);
void baseline_fini(struct baseline *baseline);

/* A JSON report of `check` (schema 1). Takes the links whose outcome has its bit in
 * `failing`, as known since they were checked. One link is parsed at a time. -1 with a
 * sentence that begins with what is wrong and names no file: it is not JSON, not such a
 * report, has one key twice or a link of more than 32 MiB, or there is no memory. (Where
 * that ends within a long string, jansson 2.14 itself writes beyond its block.) */
int baseline_read(struct baseline *baseline, struct slice json, uint32_t failing,
	struct error *error);

/* A link as a history knows it, taken when it was failing: suspect or dead, or gated and
 * dead before, or by its last check, for reasons whose outcome is in `failing`. -1: no
 * memory. */
int baseline_add_record(struct baseline *baseline, enum link_kind kind, struct slice url,
	struct slice source, const struct link_record *record, uint32_t failing);

/* Since when the link is known to fail; 0: it is not. */
time_ms baseline_known_since(struct baseline *baseline, const struct link *link);
