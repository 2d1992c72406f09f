/* policy/breaker: a host that is in trouble is left alone for longer and longer.
 *
 * A circuit breaker (Nygard, "Release It!") of one host: closed while the host serves;
 * open after several bad checks in a row of the same cause; half open after the pause,
 * when one check goes through and its failure opens the next longer pause at once.
 *
 * Pure and without a clock: it says how long, the caller keeps the time and lets one
 * check through. Results of checks that had begun before the breaker opened are not to be
 * noted: they are old news, and each would lengthen the pause.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "model/outcome.h"

/* Zeroed: closed, nothing known. */
struct breaker {
	uint8_t failures; /* bad ones in a row, of one cause */
	uint8_t opened;   /* how often since the last good one; 0: it is closed */
	enum reason cause;
};

enum breaker_event { BREAKER_GOOD, BREAKER_BAD, BREAKER_NEUTRAL };

enum { BREAKER_PAUSES = 3 };

struct breaker_limits {
	uint32_t failures_max;  /* the one that opens it, up to 255; 0: never opens */
	bool counts_challenges; /* a bot wall is the host's word against us */
	time_ms pauses_ms[BREAKER_PAUSES]; /* the last one repeats; above 0 */
};

/* What the end of one whole check (after its retries) says of the host of its last hop.
 * `failure` as in struct observation. Refusals for load (429, 503) and failures to get
 * through (connect_*, network_unreachable, timeout) are bad; any other answer is good,
 * but for 403 and challenges where limits count them as bad. What was never asked of the
 * host, or is no matter of its load (names, TLS, addresses, our own trouble, garbage
 * for an answer), is neutral. */
enum breaker_event breaker_event_of(enum reason failure, int http_status, bool challenge,
	const struct breaker_limits *limits);

/* Above 0: the breaker has opened (again), the host is to be left alone that long. Bad
 * events of another cause begin a new count while it is closed; half open, any bad one
 * opens it. A good one closes it; a neutral one changes nothing. */
time_ms breaker_note(struct breaker *breaker, enum breaker_event event, enum reason cause,
	const struct breaker_limits *limits);
