/* watch/schedule: when a link is asked next.
 *
 * An absolute due time a link (wall, UTC), chosen after each check from the state that
 * health found. The hash of the link gives it a stable place in its interval, so that
 * neither a start nor a new list makes a burst; random[0.9, 1.1] keeps links that failed
 * together from being asked together for ever.
 *
 *   new        within `first_spread_ms`, then at its place in the interval
 *   alive      the interval of its list; x 1.3 for each check without a change, at most
 *              interval_max_ms; 1 d for three checks after any change. Begins anew where
 *              the page is another one for the first time. An interval that did not grow
 *              from that of the list begins anew at it: whoever writes 1h for 7d gets a
 *              check within the hour, and growth from there
 *   suspect    1 h, 6 h, then 8 to 24 h by chance (4 to 12 where it has come and gone
 *              before), so that what comes and goes by the clock is not looked at only
 *              when it is down; at the latest when a strike is wanted to confirm it
 *   dead       7, 14, 30, 60, 90, 90 ... d, for ever: the dead return
 *   gated      3, 7, 14, 30, 30 ... d; with open strikes 1, 1, 1 d first
 *   skipped    interval_max_ms; for robots.txt or an address that is not asked 1, 3, 7,
 *              7 ... d: a server in trouble forbids everything for as long as it lasts
 *   offline    15 min, and neither series nor interval move
 *
 * A check that somebody asked for before its time is no step of a series, and no interval
 * grows by it. With the defaults here and in watch/health, a link that is broken is
 * confirmed within 8 days of its first bad check, one that is only unreachable within 16.
 *
 * This says when a link is due, not whether its host may be asked: that is
 * policy/politeness, which comes after it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/random.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/record.h"
#include "watch/health.h"

struct schedule_limits {
	time_ms interval_ms;     /* 7 d: the shortest of the lists that hold the link */
	time_ms interval_max_ms; /* 30 d; below interval_ms it counts as interval_ms */
	/* 1 d: first checks are spread over it, or over the interval if that is shorter.
	 * A person who adds a list waits for the first report. */
	time_ms first_spread_ms;
};

/* The figures above. */
struct schedule_limits schedule_limits_default(void);

/* Sets due_at, interval_ms and step, which belong to this file alone. `change` is what
 * health_apply just said of the check; NULL for a link that is new, or whose due time is
 * to be chosen afresh. `hash` is the same for a link whenever it is asked for (base/hash
 * of its URL or its id). due_at is always after `now`. */
void schedule_next(struct link_record *record, const struct health_change *change,
	const struct schedule_limits *limits, const struct health_limits *health,
	uint64_t hash, struct random *random, time_ms now);

/* After a start, a suspend, a step of the clock or a change of the limits, once for each
 * link, before schedule_queue_catch_up. What lies further ahead than any interval, or was
 * checked at a time that is yet to come, counts as late by one. What is healthy or
 * skipped, and was to wait longer than these limits allow, is due when they would have
 * asked it after its last check, which may be long ago. */
void schedule_fit(struct link_record *record, const struct schedule_limits *limits,
	uint64_t hash, time_ms now);

/* When a check is made anew that failed because this machine had no memory or no sockets:
 * it last lacked some `ago_ms` ago, -1: nobody counted. A minute; where it goes on though
 * nothing is lacking any more, after as long as that is ago, twice as late each time; at
 * most a day. */
time_ms schedule_own_trouble_ms(time_ms ago_ms);

/* Whole intervals that went by without a check; they are not made up for. */
uint32_t schedule_missed(time_ms due_at, time_ms interval_ms, time_ms now);

/* Whether the next check may be a conditional request: not for a link in trouble or one
 * that has just changed or seems to have, and not every tenth time. Whoever asks needs
 * validators too. */
bool schedule_may_be_conditional(const struct link_record *record);

/* New, suspect, or gated with open strikes: goes before what is routine. */
bool schedule_is_urgent(const struct link_record *record);

/* --- the queue
 * --------------------------------------------------------------------------
 *
 * All links that wait for their time, by id. While the machine keeps up, links leave in
 * the order of their due times. When it does not, the one that is latest in proportion to
 * its interval goes first, so that all are late alike; urgent ones go before routine
 * ones, but never more than seven in a row while routine ones wait. In proportion means
 * within a factor of the square root of two: overdue links stand in lines by interval,
 * each in order of due time.
 *
 * Compact: 44 bytes a link and no allocation each. Set, remove and pick take O(log n) and
 * well below a microsecond. Not base/heap, whose nodes live in their owners: here a link
 * at rest has no owner in memory.
 */
struct schedule_queue;

/* Room for `count` links without growing (it grows when there are more). NULL: no
 * memory. */
struct schedule_queue *schedule_queue_new(size_t count);
void schedule_queue_free(struct schedule_queue *queue); /* NULL is allowed */

/* Puts a link in, or changes when it is due. `link_id` must be above 0. -1: no memory,
 * and nothing has changed; a link that is already in it never fails. */
int schedule_queue_set(struct schedule_queue *queue, int64_t link_id, time_ms due_at,
	time_ms interval_ms, bool urgent);
void schedule_queue_remove(struct schedule_queue *queue, int64_t link_id); /* harmless */

/* After a start, a suspend or a step of the clock, when every link was set to its true
 * due time: what its last check chose; 0 for one that was never asked.
 *
 * What is overdue by more than an hour (or a tenth of its interval) is not asked at once
 * but gets places, the latest first: one a second, or faster where it would take longer
 * than a share of the usual rhythm, four times as fast as that, or two days, or an hour
 * for what is urgent. What was never asked is asked at the pace at which all links would
 * be within `first_spread_ms`, or their interval if that is shorter. Because the order is
 * that of lateness and not of chance, no link is passed over for ever by a machine that
 * is never up for as long as this takes. */
void schedule_queue_catch_up(
	struct schedule_queue *queue, time_ms first_spread_ms, time_ms now);

struct schedule_pick {
	int64_t link_id;
	time_ms due_at; /* now - due_at is how late it is */
	time_ms interval_ms;
	bool urgent;
};

/* How it waits; false: it does not. */
bool schedule_queue_find(const struct schedule_queue *queue, int64_t link_id,
	struct schedule_pick *ret_pick);

/* Takes out the link that should be asked now; false when none is due. */
bool schedule_queue_pick(
	struct schedule_queue *queue, time_ms now, struct schedule_pick *ret_pick);

/* When pick will have something: in the past when it has now, INT64_MAX when empty. */
time_ms schedule_queue_deadline(const struct schedule_queue *queue);

size_t schedule_queue_count(const struct schedule_queue *queue);
/* Those that were due at the last pick and are still in it: how far we are behind. */
size_t schedule_queue_overdue(const struct schedule_queue *queue);

/* --- can it be done at all?
 * ------------------------------------------------------------- */

struct schedule_load {
	struct slice host; /* as people know it */
	uint64_t links;
	time_ms interval_ms;         /* the (harmonic) mean one of its links */
	time_ms request_interval_ms; /* between two starts at this host */
	uint32_t concurrency;        /* at least 1 */
	time_ms request_ms;          /* what a request takes; 0: not known */
};

/* True when the host can be asked about all its links within their interval at this pace.
 * If not, appends a sentence without a full stop:
 * "github.com needs 2.3 days at this pace, the interval is 1 day". */
bool schedule_feasibility(const struct schedule_load *load, struct buffer *out);
