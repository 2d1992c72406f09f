/* run/serving_internal: the two halves of serving.
 */
#pragma once

#include "run/serving.h"

enum {
	SERVING_ARENA_BYTES_MAX = 16 << 20,
	SERVING_SCRATCH_BYTES_MAX = 256 << 20,
};

/* serving_work.c: the glance at all links, and what follows from it; when it is time. */
void serving_refresh(struct serving *serving, time_ms now);

/* What an earlier process has counted of today. */
void serving_resume_day(struct serving *serving);

/* serving_live.c: what the daemon knows of itself, for the server. */
void serving_tell_live(struct serving *serving);
