#include <assert.h>

#include "watch/health.h"
#include "watch/health_internal.h"

/* Changes of side among the newest checks, at most `window` of them. */
static uint32_t count_turns(const struct link_record *record, uint32_t window)
{
	uint32_t bits = record->recent_count < window ? record->recent_count : window;
	if (bits < 2)
		return 0;
	uint64_t mask = (UINT64_C(1) << (bits - 1)) - 1;
	return (uint32_t)__builtin_popcountll(
		(record->recent ^ (record->recent >> 1)) & mask);
}

bool health_is_unsteady(
	const struct link_record *record, const struct health_limits *limits)
{
	return count_turns(record, limits->flap_window) > limits->flap_low;
}

static bool has_failed_again(const struct link_record *record)
{
	return count_turns(record, 2) == 1 && (record->recent & 1) == 0;
}

/* Checks are days apart or weeks, so that a count of them alone would call three bad days
 * in a year flapping: it must have been good for less than flap_calm_ms before. */
static bool begins(const struct link_record *record, time_ms at, time_ms held_since,
	const struct health_limits *limits)
{
	return record->state != STATE_DEAD && has_failed_again(record) &&
	       count_turns(record, limits->flap_window) >= limits->flap_high &&
	       at - held_since < limits->flap_calm_ms;
}

static bool ends(
	const struct link_record *record, time_ms at, const struct health_limits *limits)
{
	return record->state == STATE_DEAD ||
	       count_turns(record, limits->flap_window) <= limits->flap_low ||
	       at - record->since >= limits->flap_calm_ms;
}

void health_note_recent(struct link_record *record, bool good, time_ms at,
	time_ms held_since, const struct health_limits *limits,
	struct health_change *change)
{
	assert(limits->flap_window >= 2 && limits->flap_window <= RECENT_MAX);
	assert(limits->flap_low < limits->flap_high);
	record->recent = record->recent << 1 | (good ? 1 : 0);
	if (record->recent_count < RECENT_MAX)
		record->recent_count++;
	if (record->flapping_since == 0 && begins(record, at, held_since, limits)) {
		record->flapping_since = at;
		change->flapping_began = true;
	} else if (record->flapping_since != 0 && ends(record, at, limits)) {
		record->flapping_since = 0;
		change->flapping_ended = true;
	}
}
