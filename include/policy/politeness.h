/* policy/politeness: which request may start now.
 *
 * The waiting line of all requests, and the promise kept to servers: per host (pacing
 * key, see model/host.h) at most `concurrency` requests at a time, and at least
 * `interval_us` between the starts of two, where a start is the moment the request
 * leaves, not the moment it was planned. Retries, redirect hops and everything else that
 * reaches a host go through the same line. A host that must wait holds no place in the
 * total.
 *
 * Pure: time is an argument (monotonic microseconds), no I/O. The pacer owns the hosts; a
 * turn is embedded in whatever waits for it and is never freed here. Order: hosts by when
 * they may next be asked, longest ready first; within a host first come, first served.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "base/list.h"
#include "base/slice.h"
#include "base/time.h"

struct pacer;
struct pacer_host;

struct pacer_limits {
	uint32_t concurrency_total;
	uint32_t concurrency; /* per host */
	time_us interval_us;  /* per host; 0: none */
	uint32_t hosts_max;   /* idle hosts beyond it are forgotten, oldest first */
};

enum turn_state { TURN_NONE, TURN_WAITING, TURN_GRANTED, TURN_SENT };

/* Zero it before its first use. */
struct turn {
	enum turn_state state;
	struct pacer_host *host;
	struct list in_host;    /* in the host's line */
	struct heap_node delay; /* while it waits for its own earliest time */
};

struct pacer *pacer_new(const struct pacer_limits *limits); /* NULL: no memory */
void pacer_free(struct pacer *pacer); /* no turn may be left in it */

/* Limits of one host that differ from the general ones (configuration, built-in table),
 * also for starts already made. Such a host is never forgotten. -1: no memory. */
int pacer_set_host(
	struct pacer *pacer, struct slice key, uint32_t concurrency, time_us interval_us);

/* A host's own wish (Crawl-delay): until then at most one request at a time and at least
 * `interval_us` between two, or more where its limits say so. Of several the longest
 * holds, each for its time. -1: no memory. */
int pacer_slow_host(struct pacer *pacer, struct slice key, time_us interval_us,
	time_us until, time_us now);

/* Puts a turn in line; it may not be granted before `earliest`. -1: no memory, and
 * nothing has changed. Nothing that follows for this turn can fail. */
int pacer_wait(struct pacer *pacer, struct turn *turn, struct slice key, time_us earliest,
	time_us now);

/* A turn that may start now, granted to the caller; NULL when there is none. */
struct turn *pacer_next(struct pacer *pacer, time_us now);

/* The request of a granted turn leaves now: the next start at this host is counted from
 * here. While a granted turn has not been sent (it resolves, connects, shakes hands), its
 * host gets no further turn, or two requests could leave together; unless interval_us is
 * 0. Called again when the same request leaves a second time. */
void pacer_sent(struct pacer *pacer, struct turn *turn, time_us now);

/* The turn is over (answered, failed, cancelled, or never granted: it is then taken out
 * of the line). It may be used again. One that was granted but never sent counts as a
 * start at its grant: the server may have seen a connection. Harmless for a turn that is
 * in no line. */
void pacer_done(struct pacer *pacer, struct turn *turn, time_us now);

/* As pacer_done, for a granted turn that was of no use: nothing went to the server, so
 * that it counts as no start. */
void pacer_withdraw(struct pacer *pacer, struct turn *turn, time_us now);

/* Nobody asks this host before `until` (Retry-After). Only ever lengthens. Cannot fail
 * for a host that has a turn, so call it before pacer_done. */
void pacer_pause(struct pacer *pacer, struct slice key, time_us until, time_us now);

/* What the caller wants to remember of a host's pause; 0: nothing. */
void pacer_set_cause(struct pacer *pacer, struct slice key, uint32_t cause);
uint32_t pacer_cause(const struct pacer *pacer, struct slice key);

/* Until when this host is to be left alone; 0 when it never was asked to be. */
time_us pacer_paused_until(const struct pacer *pacer, struct slice key);

/* Whoever stands first in this host's line, or waits for a time of its own; NULL: nobody.
 * For sending everybody home: end the turn with pacer_done and ask again. */
struct turn *pacer_first_waiting(const struct pacer *pacer, struct slice key);

/* When pacer_next may have something again: absolute; INT64_MAX if only a pacer_sent or
 * pacer_done can change anything. */
time_us pacer_deadline(const struct pacer *pacer, time_us now);

/* What is being waited for: hosts with the longest lines first. Looks at every host that
 * has turns, so it is for people (a few times a second) and a small `max`. */
struct pacer_view {
	struct slice key; /* valid until the next call */
	uint32_t waiting, active;
	time_us ready_at; /* may be in the past */
};
uint32_t pacer_busy_hosts(
	const struct pacer *pacer, struct pacer_view *views, uint32_t max);

/* Hosts that nobody may ask right now, with the time until when: their pace, what the
 * requests under way will add to it, or a wish of theirs. For whoever takes over from
 * this pacer (pacer_pause, pacer_set_cause). */
void pacer_each_rest(const struct pacer *pacer, time_us now,
	void (*on_rest)(void *data, struct slice key, time_us until, uint32_t cause),
	void *data);

/* How many hosts are to be left alone (pacer_pause) at `now`. Looks at all it knows. */
uint32_t pacer_paused_hosts(const struct pacer *pacer, time_us now);

/* Turns still waiting at this turn's host, delayed ones included; tells whether a
 * connection is worth keeping. */
uint32_t pacer_waiting(const struct turn *turn);
