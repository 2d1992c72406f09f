#include "base/hash.h"

uint64_t hash_mix(uint64_t value)
{
	value ^= value >> 30;
	value *= UINT64_C(0xBF58476D1CE4E5B9);
	value ^= value >> 27;
	value *= UINT64_C(0x94D049BB133111EB);
	return value ^ value >> 31;
}

static uint64_t load_le(const char *at, size_t len)
{
	uint64_t value = 0;
	for (size_t i = 0; i < len; i++)
		value |= (uint64_t)(unsigned char)at[i] << (8 * i);
	return value;
}

uint64_t hash_bytes(struct slice bytes, uint64_t seed)
{
	uint64_t state = hash_mix(seed + UINT64_C(0x9E3779B97F4A7C15) * (bytes.len + 1));
	size_t at = 0;
	for (; bytes.len - at >= 8; at += 8)
		state = hash_mix(state ^ load_le(bytes.at + at, 8)) +
			UINT64_C(0x9E3779B97F4A7C15);
	if (at < bytes.len)
		state = hash_mix(state ^ load_le(bytes.at + at, bytes.len - at));
	return hash_mix(state);
}
