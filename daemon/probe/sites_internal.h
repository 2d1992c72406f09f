/* probe/sites: what is remembered of one origin (scheme, host and port) between checks.
 *
 * Its robots.txt, whether its HEAD can be believed, whether it is down, and who waits to
 * be told. A site is made when there is something to remember: a host that answers as it
 * should has none, unless robots.txt is obeyed. Beyond SITES_MAX the longest unused one
 * goes, and what it knew is asked again; but never one that a probe holds.
 *
 * Probes wait in the site while one of them finds out what all must know: until
 * robots.txt is there; while it is found out whether HEAD can be believed; and once
 * several tries in a row have failed, until those that failed have ended. Were it them
 * who decide then, five broken pages would condemn a host of good ones. So one of those
 * that wait is sent ahead as a scout, from another directory if there is one, and only
 * when three have failed as well is the origin closed. A failure to connect needs no
 * scout: it is no page's.
 */
#pragma once

#include "base/list.h"
#include "base/table.h"
#include "model/url.h"
#include "policy/breaker.h"
#include "policy/method.h"
#include "policy/robots.h"

enum { SITES_MAX = 64 * 1024 };

enum site_robots { SITE_ROBOTS_UNKNOWN, SITE_ROBOTS_ASKED, SITE_ROBOTS_KNOWN };

struct probe;

struct site {
	struct method_record method;
	/* Asks one file by HEAD and GET, or by HEAD for one that is not there; NULL:
	 * nobody. */
	const struct probe *learner;

	struct breaker breaker;
	uint32_t failed;  /* tries in a row */
	uint32_t failing; /* probes whose last try failed and that try again */
	time_us good_at;  /* the last good answer since there has been trouble; 0: none */
	/* The breaker would open, if the scouts fail, too; 0: it would not. */
	time_ms pending_ms;
	enum reason pending_cause;
	const struct probe *scout; /* the one of this moment */
	uint32_t scouts_failed;
	time_us closed_until; /* the breaker is open: nobody asks */
	enum reason closed_cause;

	time_ms robots_failing_since; /* wall; it answers with trouble; 0: it does not */
	enum site_robots robots_state;
	enum robots_access access; /* once known */
	time_us robots_until;      /* likewise: what is known holds so long */
	struct robots robots;
	struct arena arena; /* of the rules */

	struct list waiting; /* probes, by in_stage */
	struct prober *prober;
	struct sites *sites;
	uint32_t holds;      /* probes that point to it */
	struct list in_idle; /* while there are none */
	struct list in_sites;
	UT_hash_handle hh;
	size_t key_len;
	char key[];
};

struct sites {
	struct site *by_origin;
	struct list idle; /* longest unused first */
	struct list all;
	uint32_t count;
};

void sites_init(struct sites *sites);

/* Probes that wait in a site must be gone. */
void sites_fini(struct sites *sites);

/* NULL: nothing is remembered of the URL's origin. */
struct site *sites_find(struct sites *sites, const struct url *url);

/* NULL: no memory. */
struct site *sites_get(struct sites *sites, const struct url *url);

/* "https://host:443", of a site. */
struct slice site_origin(const struct site *site);

/* It stays where it is until as many releases have come. */
void site_hold(struct site *site);
void site_release(struct site *site);

/* Up to `max` of them. */
uint32_t site_count_waiting(const struct site *site, uint32_t max);

static inline bool site_is_closed(const struct site *site, time_us now)
{
	return site->closed_until > now;
}
