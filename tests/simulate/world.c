#include "simulate/world.h"

#include <stdlib.h>

static _Noreturn void no_memory(void)
{
	fputs("out of memory\n", stderr);
	exit(1);
}

static void *new_zeroed(size_t size)
{
	void *at = calloc(1, size);
	if (at == NULL)
		no_memory();
	return at;
}

static void set_name(char name[static WORLD_NAME_SIZE], struct slice text)
{
	snprintf(name, WORLD_NAME_SIZE, "%.*s", SLICE_ARG(text));
}

void world_init(struct world *world)
{
	*world = (struct world){
		.limits = { .concurrency_total = 128,
			.concurrency = 2,
			.interval_us = 250 * TIME_US_PER_MS,
			.hosts_max = 1000 },
		.retry = { .retries_max = 2,
			.delay_ms = 1000,
			.delay_ms_max = 30000,
			.retry_after_ms_max = 30000 },
	};
	random_init(&world->random, 1);
}

struct pacer *world_pacer(struct world *world)
{
	if (world->pacer == NULL)
		world->pacer = pacer_new(&world->limits);
	if (world->pacer == NULL)
		no_memory();
	return world->pacer;
}

void world_fini(struct world *world)
{
	struct actor *actor;
	struct server *server;
	while ((actor = world->actors) != NULL) {
		world->actors = actor->next;
		if (world->pacer != NULL)
			pacer_done(world->pacer, &actor->turn, world->now);
		free(actor);
	}
	while ((server = world->servers) != NULL) {
		world->servers = server->next;
		free(server);
	}
	pacer_free(world->pacer);
	heap_fini(&world->answers);
}

struct server *world_server(struct world *world, struct slice name)
{
	for (struct server *at = world->servers; at != NULL; at = at->next)
		if (slice_equal(slice_of(at->name), name))
			return at;
	struct server *server = new_zeroed(sizeof(*server));
	set_name(server->name, name);
	server->gap_min = INT64_MAX;
	server->next = world->servers;
	world->servers = server;
	return server;
}

struct actor *world_actor(struct world *world, struct slice name)
{
	for (struct actor *at = world->actors; at != NULL; at = at->next)
		if (slice_equal(slice_of(at->name), name))
			return at;
	return NULL;
}

struct actor *world_add_actor(
	struct world *world, struct slice name, struct server *server)
{
	struct actor *actor = new_zeroed(sizeof(*actor));
	set_name(actor->name, name);
	actor->server = server;
	actor->attempt.retry_after_ms = -1;
	if (world->last_actor != NULL)
		world->last_actor->next = actor;
	else
		world->actors = actor;
	world->last_actor = actor;
	return actor;
}

void world_wait(struct world *world, struct actor *actor, time_us earliest)
{
	if (pacer_wait(world_pacer(world), &actor->turn, slice_of(actor->server->name),
		    earliest, world->now) < 0)
		no_memory();
}

struct actor *world_next(struct world *world)
{
	struct turn *turn = pacer_next(world_pacer(world), world->now);
	if (turn == NULL)
		return NULL;
	struct actor *actor = LIST_OF(turn, struct actor, turn);
	struct server *server = actor->server;
	if (++server->active > server->active_peak)
		server->active_peak = server->active;
	if (++world->active > world->active_peak)
		world->active_peak = world->active;
	return actor;
}

void world_sent(struct world *world, struct actor *actor)
{
	struct server *server = actor->server;
	pacer_sent(world->pacer, &actor->turn, world->now);
	if (server->starts > 0 && world->now - server->last_start < server->gap_min)
		server->gap_min = world->now - server->last_start;
	server->starts++;
	server->last_start = actor->started_at = world->now;
	actor->starts++;
}

void world_done(struct world *world, struct actor *actor)
{
	if (actor->turn.state == TURN_GRANTED || actor->turn.state == TURN_SENT) {
		actor->server->active--;
		world->active--;
	}
	pacer_done(world_pacer(world), &actor->turn, world->now);
}

void world_retry(struct world *world, struct actor *actor)
{
	struct retry_attempt *attempt = &actor->attempt;
	struct retry_decision decision =
		retry_decide(attempt, &world->retry, &world->random);
	world->decision = decision;
	if (decision.host_pause_ms > 0)
		pacer_pause(world->pacer, slice_of(actor->server->name),
			world->now + decision.host_pause_ms * TIME_US_PER_MS, world->now);
	world_done(world, actor);
	attempt->retries += decision.counts;
	attempt->method = decision.method;
	if (decision.again)
		world_wait(world, actor, world->now + decision.delay_ms * TIME_US_PER_MS);
}

static bool start_all(struct world *world, time_us taking)
{
	struct actor *actor;
	bool any = false;
	while ((actor = world_next(world)) != NULL) {
		any = true;
		world_sent(world, actor);
		if (!actor->server->stalled && heap_add(&world->answers, &actor->answer,
						       world->now + taking) < 0)
			no_memory();
	}
	return any;
}

static bool answer_all(struct world *world)
{
	struct heap_node *top;
	bool any = false;
	while ((top = heap_top(&world->answers)) != NULL && top->key <= world->now) {
		heap_remove(&world->answers, top);
		world_done(world, LIST_OF(top, struct actor, answer));
		any = true;
	}
	return any;
}

bool world_run(struct world *world, time_us until, time_us taking)
{
	bool woken = false; /* by the pacer's own deadline */
	for (;;) {
		bool answered = answer_all(world);
		if (!start_all(world, taking) && woken && !answered)
			return false;
		time_us deadline = pacer_deadline(world_pacer(world), world->now);
		struct heap_node *answer = heap_top(&world->answers);
		time_us next =
			answer != NULL && answer->key < deadline ? answer->key : deadline;
		if (next > until)
			break;
		if (next == world->now && taking > 0)
			return false; /* everything that can start has started */
		woken = next == deadline;
		world->now = next;
	}
	world->now = until;
	return true;
}
