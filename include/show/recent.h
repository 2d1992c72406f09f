/* show/recent: the log of raw checks by link, in memory.
 *
 * The log has no index (store/links.h), so that whoever wants the checks of one link
 * looks through it: half a million rows, 0.1 s. Whoever wants them of all links, one
 * after the other, reads it once instead: 32 bytes a check, 16 MB and 0.3 s where it is
 * full.
 */
#pragma once

#include "model/record.h"
#include "store/store.h"

struct recent_checks;

/* NULL with an error: the database cannot be read, or no memory. */
struct recent_checks *recent_checks_read(struct store *store, struct error *error);
void recent_checks_free(struct recent_checks *recent); /* NULL is allowed */

/* Those of one link, newest first; how many were filled in, at most `max`. */
uint32_t recent_checks_of(const struct recent_checks *recent, int64_t link_id,
	struct check_facts *checks, uint32_t max);
