/* policy/rate_limit: how long a host wants to be left alone, by its RateLimit fields.
 *
 * A server that counts requests often says so before it refuses one: how many remain, and
 * when the count starts again. There was never one standard; read are (names in any case)
 *   RateLimit-Remaining, RateLimit-Reset      IETF drafts up to 06; seconds from now
 *   X-RateLimit-Remaining, X-RateLimit-Reset  GitHub and many others; also X-Rate-Limit-…
 *   RateLimit: limit=100, remaining=0, reset=50   draft 07
 *   RateLimit: "default";r=0;t=30                 draft 08 and later; several policies
 * What a reset means is told by its size: below 10^8 seconds from now, below 10^11
 * seconds since 1970, above it milliseconds since 1970; some send an HTTP date. Of
 * several values for one thing the most restrictive counts, whatever their order.
 *
 * Hostile or senseless values (negative, no number) are as if they were not there. The
 * wish of a 429 or 503 is Retry-After, see policy/retry.h.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/time.h"

#define RATE_LIMIT_PAUSE_MS_MIN TIME_MS_PER_S
#define RATE_LIMIT_PAUSE_MS_MAX (7 * TIME_MS_PER_DAY)

/* What the fields of one answer said. Zero it first; plain values, nothing to free. */
struct rate_limit {
	/* Fields that say one thing each. */
	bool remaining_seen, reset_seen;
	int64_t remaining;  /* the least; a fraction of a request is none */
	int64_t reset;      /* the longest in seconds from now; 0: none, or now */
	time_ms reset_wall; /* the latest of those that were an instant; 0: none */
	/* RateLimit says both of each policy: here of those with nothing remaining. */
	bool exhausted;
	int64_t exhausted_reset; /* the longest, seconds from now */
};

/* Reads one header field if it is one of ours; true when it was, whatever its value. For
 * any other name it looks at two or three bytes. */
bool rate_limit_field(struct rate_limit *limit, struct slice name, struct slice value);

/* How long from `wall`, the moment of the answer, nobody should ask this host. Above 0
 * only when nothing remains and a reset is known; then within the two limits above, also
 * when the reset is past. */
time_ms rate_limit_pause(const struct rate_limit *limit, time_ms wall);
