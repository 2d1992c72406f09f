/* probe/tally: counts what each host was asked, for people who want to see it.
 *
 * Fed at the two moments that matter, when a request leaves and when it is over. Costs a
 * look-up of the host's key for each, so it is kept only when it was asked for.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "model/host_stats.h"

struct tally_host;

struct tally {
	struct tally_host *hosts; /* by key */
	struct tally_host *first;
	uint32_t count;
};

enum tally_part { TALLY_FIRST, TALLY_REDIRECT, TALLY_RETRY };

/* `key` is the host's pacing key. Without memory the request is not counted. */
void tally_sent(struct tally *tally, struct slice key, enum ask_kind kind,
	enum tally_part part, time_us now);

/* The end of a request that was counted by tally_sent. `status` 0: no answer. */
void tally_over(struct tally *tally, struct slice key, int status, time_ms first_byte_ms);

/* By requests, most first; names are copied. NULL: none, or no memory. */
struct host_stats *tally_list(
	const struct tally *tally, struct arena *arena, uint32_t *ret_count);

void tally_fini(struct tally *tally);
