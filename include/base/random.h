/* base/random: jitter that can be repeated.
 *
 * A small generator (SplitMix64) in a struct that its user owns and passes to whoever
 * decides by chance. Not for secrets.
 */
#pragma once

#include <stdint.h>

struct random {
	uint64_t state;
};

static inline void random_init(struct random *random, uint64_t seed)
{
	random->state = seed;
}

uint64_t random_next(struct random *random);

/* Evenly in [0, limit); limit must be above 0. The bias is below limit / 2^64. */
uint64_t random_below(struct random *random, uint64_t limit);
