/* probe/clock: the room's two clocks; see base/time.h. */
#pragma once

#include <uv.h>

#include "base/time.h"

static inline time_us clock_us(void)
{
	return (time_us)(uv_hrtime() / 1000);
}

static inline time_ms clock_wall_ms(void)
{
	struct timespec at;
	clock_gettime(CLOCK_REALTIME, &at);
	return (time_ms)at.tv_sec * TIME_MS_PER_S + at.tv_nsec / 1000000;
}
