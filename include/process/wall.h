/* process/wall: the daemon's time of day.
 *
 * The wall clock of the machine, or, for tests and the demo, one that runs faster:
 * LINKROTD_CLOCK_RATE=86400 makes a day of a second, from now on; 86400@1764115200 from
 * that Unix time on, so that a daemon, its next start and the commands beside it agree.
 * Every date that is stored, planned by or shown comes from here; what happens on the
 * wire (time-outs, paces, Retry-After, certificates) stays in real time.
 */
#pragma once

#include "base/time.h"

/* Reads LINKROTD_CLOCK_RATE (1 to 10,000,000); anything else is 1. Once, at the start. */
void wall_init(void);

time_ms wall_now(void);

/* What it shows when the machine's clock shows `machine`. */
time_ms wall_at(time_ms machine);

/* How long a real clock takes for `span_ms` of this one: at least 1 ms for more than
 * none. */
time_ms wall_real_ms(time_ms span_ms);

/* How much faster than the world it runs; 1: it is the machine's. */
double wall_rate(void);
