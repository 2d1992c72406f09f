/* format/standing: one link as it stands, the way `status`, `report` and `why` tell it.
 *
 * The daemon's counterpart of a link in a run of `check`: the same struct link with the
 * same result, so that both print the same keys and words, and what is remembered beside
 * it. A value that its maker fills from the store and lends for one call: nothing here
 * owns memory, and every slice may hold hostile bytes (the writers clean them).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/time.h"
#include "model/event.h"
#include "model/link.h"
#include "model/record.h"

#define STANDING_STATE_ONE(name, text) +1
enum { STANDING_STATE_COUNT = STATES(STANDING_STATE_ONE) };
#undef STANDING_STATE_ONE

enum { STANDING_LISTS_MAX = 256 };

struct standing {
	int64_t link_id;
	/* kind, url, expected_title, first (the occurrences, chained by next),
	 * occurrence_count (all there are, also when fewer are chained) and result are
	 * read; the rest may be zero. */
	struct link link;
	struct link_record record;
	bool method_known; /* link.result.method means something */
	/* The names of those that mention it, STANDING_LISTS_MAX at most, and how many
	 * do.
	 */
	const struct slice *lists;
	uint32_t list_count;
	/* Of each place at hand the lists that have its document, with a space between
	 * two; NULL: not known. */
	const struct slice *place_lists;
};

static inline uint32_t standing_lists_named(const struct standing *standing)
{
	return standing->list_count < STANDING_LISTS_MAX ? standing->list_count
							 : STANDING_LISTS_MAX;
}

/* Fills link.result with what the record tells: state, outcome, reason, notes, status and
 * time. What is known beside it (final_url, title, error, suggestion, redirects,
 * certificate, method) is added by the caller afterwards; what is not stays unknown and
 * is null in JSON. A state that bad checks have led to (suspect, dead) shows their
 * reason, any other one that of the last check. */
void standing_set_result(struct standing *standing);

/* What is known of one link beside its record: for `why`, its page and the API. Each in
 * order of time, whichever end comes first. */
struct standing_known {
	const struct check_facts *checks; /* raw ones */
	uint32_t check_count;
	const struct span *spans; /* closed ones; the open one is in the record */
	uint32_t span_count;
	uint32_t span_total;        /* of the link; more than span_count: not all given */
	const struct event *events; /* of the link, and of incidents that hold it */
	uint32_t event_count;
	/* Sentences, or lines of them (what watch/health explains may be one slice):
	 * why the state is what it is, strikes, what a confirmation needs. Where there
	 * are none, the record's bare figures are told. A newline in foreign text
	 * would begin a line here too. */
	const struct slice *reasons;
	uint32_t reason_count;
	const struct slice *nexts; /* likewise: what happens next, beside the time of the
				    * next check, which the record knows */
	uint32_t next_count;
	/* It was never checked, and the record does not know when it will be: first
	 * checks are spread by a running daemon. `nexts` says so. */
	bool first_waits;
};

/* How many links there are, of the lists that are told of. */
struct standing_counts {
	uint32_t by_state[STANDING_STATE_COUNT]; /* each link once */
	uint32_t lists, sources;
	uint32_t checked_lately; /* links whose last check is at most lately_ms old */
	time_ms lately_ms;       /* 0: not counted, and not said */
};
