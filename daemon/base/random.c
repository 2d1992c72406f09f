#include "base/random.h"

#include <assert.h>

#include "base/hash.h"

uint64_t random_next(struct random *random)
{
	random->state += UINT64_C(0x9E3779B97F4A7C15);
	return hash_mix(random->state);
}

uint64_t random_below(struct random *random, uint64_t limit)
{
	assert(limit > 0);
	/* The high word of a 64 by 64 bit product (Lemire's method). */
	__extension__ unsigned __int128 product =
		(unsigned __int128)random_next(random) * limit;
	return (uint64_t)(product >> 64);
}
