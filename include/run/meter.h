/* run/meter: what the daemon counts of its own work: for /metrics, and for the row of
 * each day that the pictures of the pages are drawn from.
 *
 * Counting alone, in memory: whoever stores a day or shows it reads the struct. After a
 * restart a day begins with what its row has (meter_resume).
 */
#pragma once

#include "model/link.h"
#include "site/metrics.h"
#include "store/lists.h"
#include "store/tally.h"

enum { METER_ALL = STORE_LIST_BITS, METER_LISTS = STORE_LIST_BITS + 1 };

/* Of one UTC day, by list bit; METER_ALL: each check once. */
struct meter_day {
	int32_t day; /* since 1970 */
	uint64_t checks[METER_LISTS], ms_count[METER_LISTS], ms_sum[METER_LISTS];
};

struct meter {
	int64_t checks[OUTCOME_COUNT];
	int64_t responses[METRICS_CLASSES];
	struct metrics_histogram phases[METRICS_PHASE_COUNT], durations;
	struct meter_day today, yesterday; /* a day is put when it is over, too */
};

/* A check that was recorded: `link` with its result, on the lists of `list_bits`. */
void meter_note(
	struct meter *meter, const struct link *link, uint32_t list_bits, time_ms now);

/* Begins another day where `now` is in one. */
void meter_turn(struct meter *meter, time_ms now);

/* NULL: that day is not counted any more, or not yet. */
const struct meter_day *meter_day_of(const struct meter *meter, int32_t day);

/* The lists stand in another order: the list at place i was at from[i] before;
 * METER_NONE: it is new. */
enum { METER_NONE = METER_LISTS };
void meter_reorder(struct meter *meter, const uint32_t from[static STORE_LIST_BITS]);

/* Adds what an earlier process has counted of the same day. */
void meter_resume(struct meter *meter, uint32_t place, const struct store_tally *tally);
