/* show/evidence: all that is known of one link, for `why`, its page and the API.
 *
 * Read whole and in the order in which it is told: newest first.
 */
#pragma once

#include "show/recent.h"
#include "show/standing.h"
#include "watch/health.h"

enum {
	EVIDENCE_CHECKS_MAX = 200,
	EVIDENCE_SPANS_MAX = 10000,
	EVIDENCE_EVENTS_MAX = 10000,
	EVIDENCE_SENTENCES_MAX = 64,
};

struct evidence {
	struct store_link link;
	struct standing standing;
	struct standing_known known;
	/* The arrays of it, which are filled in. */
	struct check_facts *checks;
	struct span *spans;
	struct event *events;
};

struct evidence_wish {
	const struct health_limits *limits;         /* that the link is judged by */
	time_ms now;                                /* wall */
	uint32_t checks_max, spans_max, events_max; /* at most those above */
	/* Where the checks come from: a table that was read before; or (NULL) the log, of
	 * which so many rows are looked at (as in store_check_wish). */
	const struct recent_checks *recent;
	uint32_t check_rows_max;
};

/* All of it in `arena`. *ret_found: there is such a link. -1 with an error. */
int evidence_load(struct store *store, int64_t link_id, const struct evidence_wish *wish,
	struct arena *arena, struct evidence *ret_evidence, bool *ret_found,
	struct error *error);
