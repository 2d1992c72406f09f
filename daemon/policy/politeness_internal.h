/* policy/politeness_internal: hosts and their turns, for the pacer's two files. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/list.h"
#include "base/table.h"
#include "policy/politeness.h"

/* An interval, and one at a time, until then. */
struct pacer_wish {
	time_us interval_us, until;
};

/* A long one for days (Crawl-delay) and a longer one for a minute (haste). */
enum { WISHES = 2 };

/* Where a host's node is:
 *  - in `due` while it may be asked, now or once its key has come;
 *  - in `idle` while it has no turns at all and may be forgotten;
 *  - in neither while a turn must end first (all its places taken, or a granted turn has
 *    not been sent), or while it is idle but has limits of its own.
 *
 * Turns with an earliest time of their own wait in a heap of their host and not of the
 * pacer: only so is the top of `due` the exact next moment at which something can start,
 * even when a delayed turn's host is paused or full. */
struct pacer_host {
	uint32_t concurrency;
	time_us interval_us;
	struct pacer_wish wishes[WISHES];
	time_us last_start;
	time_us granted_at; /* the newest grant */
	time_us paused_until;
	uint32_t cause;   /* of the pause, the caller's */
	uint32_t waiting; /* in `line` and `delayed` */
	uint32_t active;  /* granted and sent */
	uint32_t unsent;  /* granted only */
	bool own_limits;  /* set by name: forgetting it would forget them */
	struct list line;
	struct heap delayed;
	struct heap_node node;
	struct list in_busy; /* in no list while it has no turns */
	UT_hash_handle hh;
	size_t key_len;
	char key[];
};

struct pacer {
	struct pacer_limits limits;
	struct pacer_host *hosts; /* by key */
	uint32_t host_count;
	uint32_t active;
	time_us latest; /* the newest `now` */
	struct heap due;
	struct heap idle; /* by the time from which nothing is lost with them */
	struct list busy;
};

static inline time_us later(time_us a, time_us b)
{
	return a > b ? a : b;
}

static inline time_us interval_of(const struct pacer_host *host, time_us now)
{
	time_us interval_us = host->interval_us;
	for (int i = 0; i < WISHES; i++)
		if (now < host->wishes[i].until)
			interval_us = later(interval_us, host->wishes[i].interval_us);
	return interval_us;
}

static inline time_us wished_until(const struct pacer_host *host)
{
	return later(host->wishes[0].until, host->wishes[1].until);
}

/* That a wish ends meanwhile can only make it earlier. */
static inline time_us host_ready_at(const struct pacer_host *host, time_us now)
{
	return later(host->last_start + interval_of(host, now), host->paused_until);
}

/* NULL: it is not known. */
struct pacer_host *pacer_host_find(const struct pacer *pacer, struct slice key);
