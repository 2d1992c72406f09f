/* tests/simulate/world: a small internet in virtual time.
 *
 * Actors (one turn each) and servers (one pacing key each) around a real pacer and the
 * real retry rules. Nothing happens but what a script says, except in world_run, where
 * every grant is sent at once and answered after a fixed time. The world keeps its own
 * count of starts and of requests under way, to compare promises with. Times are
 * microseconds since the start of the script.
 */
#pragma once

#include "base/heap.h"
#include "base/random.h"
#include "policy/politeness.h"
#include "policy/retry.h"

enum { WORLD_NAME_SIZE = 64 };

struct actor {
	struct actor *next;
	char name[WORLD_NAME_SIZE];
	struct server *server;
	struct turn turn;
	struct retry_attempt attempt; /* what it carries from try to try */
	uint32_t starts;
	time_us started_at;
	struct heap_node answer; /* when it is answered in world_run */
};

struct server {
	struct server *next;
	char name[WORLD_NAME_SIZE];
	bool stalled; /* takes requests and never answers */
	uint32_t starts, active, active_peak;
	time_us last_start, gap_min; /* INT64_MAX before the second start */
};

struct world {
	struct pacer_limits limits;
	struct retry_limits retry;
	struct pacer *pacer; /* made at first use, when the limits are known */
	struct random random;
	struct actor *actors, *last_actor;
	struct server *servers;
	struct heap answers;
	time_us now;
	time_ms wall; /* at the start of the script */
	uint32_t active, active_peak;
	struct retry_decision decision;
};

void world_init(struct world *world);
void world_fini(struct world *world);
struct pacer *world_pacer(struct world *world);

struct server *world_server(struct world *world, struct slice name);
struct actor *world_actor(struct world *world, struct slice name); /* NULL: none */
struct actor *world_add_actor(
	struct world *world, struct slice name, struct server *server);

void world_wait(struct world *world, struct actor *actor, time_us earliest);
struct actor *world_next(struct world *world);
void world_sent(struct world *world, struct actor *actor);
void world_done(struct world *world, struct actor *actor);

/* The actor's request ended as its `attempt` says: asks the retry rules and obeys. */
void world_retry(struct world *world, struct actor *actor);

/* Up to `until`, each request taking `taking`. False when it was woken in vain: a
 * deadline at which there was nothing to grant. */
bool world_run(struct world *world, time_us until, time_us taking);
