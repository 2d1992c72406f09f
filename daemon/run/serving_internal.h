/* run/serving_internal: the parts of serving.
 */
#pragma once

#include "run/serving.h"

enum {
	SERVING_ARENA_BYTES_MAX = 16 << 20,
	SERVING_SCRATCH_BYTES_MAX = 256 << 20,
};

/* --- serving_glance.c: all links, and what follows from them; when it is time --- */

void serving_look(struct serving *serving, time_ms now);

/* --- serving_days.c: the rows of the days --- */

/* On the glance's thread: the rows of today; those of the last glance, where that was of
 * an earlier day, get all of their events. */
int serving_count_days(struct serving_glance *glance, time_ms now, struct error *error);

/* On the loop, after it: with the checks that were counted meanwhile. */
void serving_put_days(struct serving *serving);

/* On the loop, at the end: today's with the last checks. */
void serving_put_last(struct serving *serving);

/* What an earlier process has counted of today. */
void serving_resume_day(struct serving *serving);

/* The lists are others: which of the meter's counts belongs to which. -1: no memory. */
int serving_name_lists(struct serving *serving);

/* --- serving_site.c: the site of files --- */

void serving_publish(struct serving *serving, time_ms now);

/* --- serving_live.c: what the daemon knows of itself, for the server --- */

void serving_tell_live(struct serving *serving);
