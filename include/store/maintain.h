/* store/maintain: what `linkrotd db` does to a file. */
#pragma once

#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "store/store.h"

/* Copies the database into the new file `to`, as of one moment, beside a running daemon
 * or not. `to` must not exist; it appears under its name only when it is complete and on
 * disk; what has appeared there meanwhile is not overwritten, also where a file system
 * has no links. Blocks: about a second for 400 MB. */
int store_backup(const char *path, const char *to, struct error *error);

typedef void store_fault_fn(const char *sentence, void *context);

enum { STORE_FAULTS_MAX = 100 }; /* that are named; all are counted */

/* Reads the whole file: pages, indices, references, and what this program holds to be
 * always so. One sentence a fault; *ret_faults counts them. -1: it could not be looked at
 * at all. Beside a running daemon too, but then it holds one moment for seconds and the
 * log grows meanwhile. */
int store_verify(const char *path, store_fault_fn *fn, void *context,
	uint64_t *ret_faults, struct error *error);

struct store_pruned {
	int64_t checks;      /* raw checks deleted */
	int64_t occurrences; /* left over from old readings */
	int64_t messages;    /* over for long (store/outbox.h) */
	int64_t events, spans;
	int64_t file_bytes_before, file_bytes_after;
};

/* Deletes what is older than `kept` says before `now`, and messages whose days of grace
 * (store/outbox.h) are over, and gives free pages back to the disk. Only without a
 * daemon, which does all but the last by itself: refused with a sentence when one runs.
 * Takes the room of what is left twice more meanwhile, on disk; of memory 50 MB.
 * Nothing else is ever deleted: no state, no incident, and no event of a link since it
 * was last well. */
int store_prune(const char *path, const struct store_retention *kept, time_ms now,
	struct store_pruned *ret_pruned, struct error *error);
