/* site/picture: two pictures as inline SVG: how long a link took, and how many links
 * rotted.
 *
 * They have a <title> and a <desc> that say in words what they show, and no colours of
 * their own: the style sheet gives them, for light, dark and paper. Where there is no
 * data the line is broken and nothing is filled. Text in them is ours or a number.
 */
#pragma once

#include <stdint.h>

#include "base/buffer.h"
#include "base/time.h"
#include "format/standing.h"

enum {
	PICTURE_POINTS_MAX = 200, /* of more, the newest are drawn */
};

/* Checks that took much the same: a span, one check, a day. */
struct picture_latency {
	time_ms first_at, last_at;       /* may be equal */
	int32_t min_ms, mean_ms, max_ms; /* below 0: nothing was measured: a gap */
};

/* `name` makes the ids of this picture unique on its page: a word of ours. From `from` to
 * `until` on the time axis; two stretches further apart than gap_ms (0: 14 d) are not
 * joined. Writes nothing where no point was measured, and returns false. */
bool picture_add_latency(struct buffer *out, const char *name,
	const struct picture_latency *points, uint32_t count, time_ms from, time_ms until,
	time_ms gap_ms);

/* How many links stood how, at the end of one day. */
struct picture_tally {
	time_ms day; /* its first moment, UTC */
	uint32_t by_state[STANDING_STATE_COUNT];
};

/* Dead, suspect and gated links, on top of each other, day by day; days that lack are
 * gaps. In order of time. Writes nothing for fewer than two days, and returns false. */
bool picture_add_rot(struct buffer *out, const char *name,
	const struct picture_tally *tallies, uint32_t count);
