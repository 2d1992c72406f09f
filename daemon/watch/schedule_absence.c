/* What is late after a start, a suspend or a step of the clock: each gets a place, in the
 * order in which they became due. */
#include "watch/schedule_queue_internal.h"

#include <assert.h>

/* What is later than that, or than a tenth of its interval, was missed. */
#define LATENESS_MS TIME_MS_PER_HOUR

/* Over what it is spread. */
#define SPREAD_MS_MIN         (60 * TIME_MS_PER_S)
#define ROUTINE_SPREAD_MS_MAX (2 * TIME_MS_PER_DAY)
#define URGENT_SPREAD_MS_MAX  TIME_MS_PER_HOUR

static time_ms least(time_ms a, time_ms b)
{
	return a < b ? a : b;
}

static bool is_missed(const struct slot *slot, time_ms now)
{
	time_ms interval = slot->interval_s * TIME_MS_PER_S;
	return now - slot->due_at > least(interval / 10, LATENESS_MS);
}

/* The part of a span that belongs to the `rank`th of `count`. */
static time_ms part_of(time_ms span, uint64_t rank, uint64_t count)
{
	assert(count > 0);
	return (time_ms)((wide)span * (wide)rank / (wide)count);
}

/* Of all links, by the line in which they would stand; of these, and all together, how
 * many were missed. */
struct census {
	time_ms first_spread_ms, now;
	uint32_t all[2][CLASSES], missed[2][CLASSES];
	uint32_t missed_count;
};

static void take_census(const struct schedule_queue *queue, struct census *census)
{
	for (uint32_t i = 0; i < queue->room; i++) {
		const struct slot *slot = &queue->slots[i];
		unsigned line = schedule_class_of(slot->interval_s);
		if (slot->link_id == 0)
			continue;
		census->all[slot->urgent][line]++;
		if (slot->due_at == 0 || !is_missed(slot, census->now))
			continue;
		census->missed[slot->urgent][line]++;
		census->missed_count++;
	}
}

static time_ms spread_of(const struct slot *slot, const struct census *census)
{
	unsigned line = schedule_class_of(slot->interval_s);
	time_ms spread = census->missed_count * TIME_MS_PER_S;
	if (spread < SPREAD_MS_MIN)
		spread = SPREAD_MS_MIN;
	if (slot->urgent)
		return least(spread, URGENT_SPREAD_MS_MAX);
	time_ms quarter = slot->interval_s * TIME_MS_PER_S / 4;
	time_ms share =
		part_of(quarter, census->missed[false][line], census->all[false][line]);
	return least(least(spread, share), ROUTINE_SPREAD_MS_MAX);
}

static time_ms first_spread_of(const struct slot *slot, const struct census *census)
{
	return least(slot->interval_s * TIME_MS_PER_S, census->first_spread_ms);
}

/* In order of due time, as they stand. */
static void spread_line(struct schedule_queue *queue, bool urgent, unsigned line,
	const struct census *census)
{
	uint32_t first_rank = 0, late_rank = 0;
	uint32_t next = queue->lines[urgent][line].first;
	while (next != NO_SLOT) {
		uint32_t at = next;
		struct slot *slot = &queue->slots[at];
		time_ms place;
		next = slot->next;
		if (slot->due_at == 0)
			place = part_of(first_spread_of(slot, census), first_rank++,
				queue->count);
		else if (is_missed(slot, census->now))
			place = part_of(spread_of(slot, census), late_rank++,
				census->missed[urgent][line]);
		else
			continue;
		schedule_leave_line(queue, at, census->now + 1 + place);
	}
}

void schedule_queue_catch_up(
	struct schedule_queue *queue, time_ms first_spread_ms, time_ms now)
{
	struct census census = { .first_spread_ms = first_spread_ms, .now = now };
	schedule_line_up(queue, now, queue->count);
	take_census(queue, &census);
	for (unsigned line = 0; line < CLASSES; line++) {
		spread_line(queue, false, line, &census);
		spread_line(queue, true, line, &census);
	}
}
