/* base/hash: a keyed 64-bit hash for tables and stable phases.
 *
 * Not for security beyond this: with a seed that outsiders do not know, they cannot
 * choose URLs that all fall into one bucket. The same seed gives the same value on every
 * machine.
 */
#pragma once

#include <stdint.h>

#include "base/slice.h"

uint64_t hash_bytes(struct slice bytes, uint64_t seed);

/* One round of mixing: turns a counter or an id into a value without pattern. */
uint64_t hash_mix(uint64_t value);
