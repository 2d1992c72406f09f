/* tests/simulate/watch: the links of a script, as a daemon would watch them.
 *
 * Each has a record that only health_apply and schedule_next write. A check finds what
 * the script says; `watch` makes checks at the times the schedule chose. The wall clock
 * of a link world is the script's time plus what the script stepped it by.
 */
#pragma once

#include "base/random.h"
#include "watch/health.h"
#include "watch/schedule.h"

enum { WATCHED_NAME_SIZE = 64 };

struct watched {
	struct watched *next;
	char name[WATCHED_NAME_SIZE];
	uint64_t hash;
	struct schedule_limits limits;
	struct link_record record;
	struct health_change change; /* by the last check */
	uint32_t events;             /* moves of the state that were not quiet */
	uint32_t missed;             /* slots, by the last catch-up */
	time_us dead_at;             /* script time of the last confirmation; 0: none */
	time_us first_bad_at;        /* of the first bad check since the last good one */
};

struct watch_world {
	struct watched *links;
	struct health_limits health;
	struct random random;
	time_ms step_ms; /* what the wall clock was stepped by */
};

void watch_world_init(struct watch_world *world);
void watch_world_fini(struct watch_world *world);

struct script;
time_ms watch_wall(const struct script *script); /* the wall clock now */

/* The sentences of README's second part; `script` holds the world. */
void do_link(struct script *script);
void do_check(struct script *script);
void do_watch(struct script *script);
void do_clock(struct script *script);
void do_catch_up(struct script *script);
void do_confirm(struct script *script);
void expect_link(struct script *script);
