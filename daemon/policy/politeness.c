#include "policy/politeness_internal.h"

#include <assert.h>
#include <stdlib.h>

/* Before all time, with room below and above for sums. */
#define TIME_LONG_AGO (INT64_MIN / 4)
#define INTERVAL_MAX  (INT64_MAX / 4)

static time_us sooner(time_us a, time_us b)
{
	return a < b ? a : b;
}

static bool host_is_idle(const struct pacer_host *host)
{
	return host->waiting == 0 && host->active == 0;
}

static bool host_is_askable(const struct pacer_host *host, time_us now)
{
	uint32_t concurrency = now < wished_until(host) ? 1 : host->concurrency;
	return host->waiting > 0 && host->active < concurrency &&
	       (host->unsent == 0 || interval_of(host, now) == 0);
}

/* Delayed turns join the line in the order of their times, before anyone who comes
 * later: so this precedes every push. */
static void release_delayed(struct pacer_host *host, time_us now)
{
	struct heap_node *top;
	while ((top = heap_top(&host->delayed)) != NULL && top->key <= now) {
		struct turn *turn = LIST_OF(top, struct turn, delay);
		heap_remove(&host->delayed, top);
		list_push_back(&host->line, &turn->in_host);
	}
}

/* Since when, or from when on, the host may be asked. One that is in `due` keeps its
 * seniority while somebody stands in its line and nothing new holds it back. */
static time_us due_key(const struct pacer_host *host, time_us now)
{
	time_us ready_at = host_ready_at(host, now);
	const struct heap_node *delayed = heap_top(&host->delayed);
	if (list_empty(&host->line) && delayed != NULL)
		return later(ready_at, delayed->key);
	if (heap_holds(&host->node) && ready_at <= now)
		return sooner(host->node.key, now);
	return later(ready_at, now);
}

static void put_in(struct heap *heap, struct heap_node *node, time_us key)
{
	if (heap_holds(node)) {
		if (node->key != key)
			heap_change(heap, node, key);
		return;
	}
	int added = heap_add(heap, node, key);
	assert(added == 0); /* host_new reserved the room */
	(void)added;
}

static void host_forget(struct pacer *pacer, struct pacer_host *host)
{
	assert(host_is_idle(host) && list_empty(&host->line));
	heap_remove(&pacer->idle, &host->node);
	HASH_DEL(pacer->hosts, host);
	pacer->host_count--;
	heap_fini(&host->delayed);
	free(host);
}

static void forget_surplus(struct pacer *pacer, time_us now)
{
	while (pacer->idle.count > pacer->limits.hosts_max) {
		struct heap_node *oldest = heap_top(&pacer->idle);
		if (oldest->key > now)
			return;
		host_forget(pacer, LIST_OF(oldest, struct pacer_host, node));
	}
}

/* Puts the host's node where its turns and times say; to be called after every change.
 * May forget the host. */
static void settle(struct pacer *pacer, struct pacer_host *host, time_us now)
{
	if (host_is_idle(host)) {
		list_remove(&host->in_busy);
		if (host->own_limits)
			return;
		put_in(&pacer->idle, &host->node,
			later(host_ready_at(host, now), wished_until(host)));
		forget_surplus(pacer, now);
		return;
	}
	release_delayed(host, now);
	if (host_is_askable(host, now))
		put_in(&pacer->due, &host->node, due_key(host, now));
	else
		heap_remove(&pacer->due, &host->node);
}

/* Takes the host out of the heap it is in, so that settle() starts afresh. */
static void unsettle(struct pacer *pacer, struct pacer_host *host)
{
	if (host_is_idle(host))
		heap_remove(&pacer->idle, &host->node);
	else
		heap_remove(&pacer->due, &host->node);
}

/* Both heaps get room for every host, so that moving one cannot fail later. */
static struct pacer_host *host_new(struct pacer *pacer, struct slice key)
{
	if (heap_reserve(&pacer->due, pacer->host_count + (size_t)1) < 0 ||
		heap_reserve(&pacer->idle, pacer->host_count + (size_t)1) < 0)
		return NULL;
	struct pacer_host *host = calloc(1, sizeof(*host) + key.len);
	if (host == NULL)
		return NULL;
	host->concurrency = pacer->limits.concurrency;
	host->interval_us = pacer->limits.interval_us;
	host->last_start = host->granted_at = TIME_LONG_AGO;
	host->paused_until = TIME_LONG_AGO;
	for (int i = 0; i < WISHES; i++)
		host->wishes[i].until = TIME_LONG_AGO;
	list_init(&host->line);
	list_init(&host->in_busy);
	host->key_len = key.len;
	if (key.len > 0)
		memcpy(host->key, key.at, key.len);
	HASH_ADD(hh, pacer->hosts, key, key.len, host);
	if (host->hh.tbl == NULL) {
		free(host);
		return NULL;
	}
	pacer->host_count++;
	return host;
}

struct pacer_host *pacer_host_find(const struct pacer *pacer, struct slice key)
{
	struct pacer_host *host = NULL;
	HASH_FIND(hh, pacer->hosts, key.at, key.len, host);
	return host;
}

static struct pacer_host *host_of(struct pacer *pacer, struct slice key)
{
	struct pacer_host *host = pacer_host_find(pacer, key);
	return host != NULL ? host : host_new(pacer, key);
}

static time_us clamp_interval(time_us interval_us)
{
	assert(interval_us >= 0);
	return sooner(interval_us, INTERVAL_MAX);
}

static void see_time(struct pacer *pacer, time_us now)
{
	pacer->latest = later(pacer->latest, now);
}

struct pacer *pacer_new(const struct pacer_limits *limits)
{
	assert(limits->concurrency_total > 0 && limits->concurrency > 0);
	struct pacer *pacer = calloc(1, sizeof(*pacer));
	if (pacer == NULL)
		return NULL;
	pacer->limits = *limits;
	pacer->limits.interval_us = clamp_interval(limits->interval_us);
	pacer->latest = TIME_LONG_AGO;
	list_init(&pacer->busy);
	return pacer;
}

void pacer_free(struct pacer *pacer)
{
	if (pacer == NULL)
		return;
	assert(pacer->active == 0 && list_empty(&pacer->busy));
	while (pacer->hosts != NULL)
		host_forget(pacer, pacer->hosts);
	heap_fini(&pacer->due);
	heap_fini(&pacer->idle);
	free(pacer);
}

int pacer_set_host(
	struct pacer *pacer, struct slice key, uint32_t concurrency, time_us interval_us)
{
	assert(concurrency > 0);
	struct pacer_host *host = host_of(pacer, key);
	if (host == NULL)
		return -1;
	if (host_is_idle(host))
		unsettle(pacer, host);
	host->own_limits = true;
	host->concurrency = concurrency;
	host->interval_us = clamp_interval(interval_us);
	settle(pacer, host, pacer->latest);
	return 0;
}

/* What is over, or lasts no longer and is no longer, makes room; else what ends first. */
static void wish(struct pacer_host *host, struct pacer_wish new, time_us now)
{
	struct pacer_wish *place = &host->wishes[0];
	for (int i = 0; i < WISHES; i++) {
		struct pacer_wish *old = &host->wishes[i];
		bool holds = now < old->until;
		if (holds && old->interval_us >= new.interval_us &&
			old->until >= new.until)
			return;
		bool within = !holds || (old->interval_us <= new.interval_us &&
						old->until <= new.until);
		if (within)
			old->until = TIME_LONG_AGO;
		if (old->until < place->until)
			place = old;
	}
	*place = new;
}

int pacer_slow_host(struct pacer *pacer, struct slice key, time_us interval_us,
	time_us until, time_us now)
{
	see_time(pacer, now);
	struct pacer_host *host = host_of(pacer, key);
	if (host == NULL)
		return -1;
	wish(host, (struct pacer_wish){ clamp_interval(interval_us), until }, now);
	settle(pacer, host, now);
	return 0;
}

int pacer_wait(struct pacer *pacer, struct turn *turn, struct slice key, time_us earliest,
	time_us now)
{
	assert(turn->state == TURN_NONE && !heap_holds(&turn->delay));
	see_time(pacer, now);
	struct pacer_host *host = host_of(pacer, key);
	if (host == NULL)
		return -1;
	list_init(&turn->in_host);
	release_delayed(host, now);
	if (earliest <= now) {
		list_push_back(&host->line, &turn->in_host);
	} else if (heap_add(&host->delayed, &turn->delay, earliest) < 0) {
		settle(pacer, host, now); /* it may be new */
		return -1;
	}
	if (host_is_idle(host)) {
		unsettle(pacer, host);
		list_push_back(&pacer->busy, &host->in_busy);
	}
	turn->state = TURN_WAITING;
	turn->host = host;
	host->waiting++;
	settle(pacer, host, now);
	return 0;
}

struct turn *pacer_next(struct pacer *pacer, time_us now)
{
	see_time(pacer, now);
	if (pacer->active >= pacer->limits.concurrency_total)
		return NULL;
	struct heap_node *top = heap_top(&pacer->due);
	if (top == NULL || top->key > now)
		return NULL;
	struct pacer_host *host = LIST_OF(top, struct pacer_host, node);
	assert(host_is_askable(host, now) && host_ready_at(host, now) <= now);
	release_delayed(host, now);
	struct list *first = list_pop_front(&host->line);
	assert(first != NULL);

	struct turn *turn = LIST_OF(first, struct turn, in_host);
	assert(turn->state == TURN_WAITING && turn->host == host);
	turn->state = TURN_GRANTED;
	unsettle(pacer, host); /* behind all that are ready by now */
	host->waiting--;
	host->active++;
	host->unsent++;
	host->granted_at = now;
	pacer->active++;
	settle(pacer, host, now);
	return turn;
}

void pacer_sent(struct pacer *pacer, struct turn *turn, time_us now)
{
	struct pacer_host *host = turn->host;
	assert(turn->state == TURN_GRANTED || turn->state == TURN_SENT);
	see_time(pacer, now);
	if (turn->state == TURN_GRANTED) {
		assert(host->unsent > 0);
		host->unsent--;
		turn->state = TURN_SENT;
	}
	host->last_start = later(host->last_start, now);
	settle(pacer, host, now);
}

void pacer_done(struct pacer *pacer, struct turn *turn, time_us now)
{
	struct pacer_host *host = turn->host;
	see_time(pacer, now);
	switch (turn->state) {
	case TURN_NONE:
		return;
	case TURN_WAITING:
		list_remove(&turn->in_host);
		heap_remove(&host->delayed, &turn->delay);
		host->waiting--;
		if (host_is_idle(host))
			heap_remove(&pacer->due, &host->node);
		break;
	case TURN_GRANTED:
		/* The server may have seen a connection: that was a start. */
		host->last_start = later(host->last_start, host->granted_at);
		assert(host->unsent > 0);
		host->unsent--;
		host->active--;
		pacer->active--;
		break;
	case TURN_SENT:
		host->active--;
		pacer->active--;
		break;
	}
	turn->state = TURN_NONE;
	turn->host = NULL;
	settle(pacer, host, now);
}

void pacer_withdraw(struct pacer *pacer, struct turn *turn, time_us now)
{
	struct pacer_host *host = turn->host;
	assert(turn->state == TURN_GRANTED && host->unsent > 0);
	see_time(pacer, now);
	host->unsent--;
	host->active--;
	pacer->active--;
	turn->state = TURN_NONE;
	turn->host = NULL;
	settle(pacer, host, now);
}

void pacer_pause(struct pacer *pacer, struct slice key, time_us until, time_us now)
{
	see_time(pacer, now);
	if (until <= now)
		return;
	struct pacer_host *host = host_of(pacer, key);
	if (host == NULL)
		return;
	host->paused_until = later(host->paused_until, until);
	settle(pacer, host, now);
}

void pacer_set_cause(struct pacer *pacer, struct slice key, uint32_t cause)
{
	struct pacer_host *host = pacer_host_find(pacer, key);
	if (host != NULL)
		host->cause = cause;
}
