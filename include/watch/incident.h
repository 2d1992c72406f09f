/* watch/incident: many links, one cause.
 *
 * When a host dies, a person wants to read "openreview.net unreachable, 12 links" once,
 * not twelve events. This room is told of every recorded check of a bad link and of every
 * good one, groups the bad ones by cause and says when a cause is worth an event of its
 * own, and when that is over. It moves no state of a link (watch/health does) and keeps
 * no history (store/ does).
 *
 * Causes: a certificate (the same one, on whatever hosts), a registrable domain (two or
 * more of its hosts), a host. Our own network is no cause here: what falls under
 * watch/doubt is never recorded, and has events of its own. A link is part of at most one
 * incident at a time: that of its certificate, else of its domain, else of its host.
 *
 * Worth one are:
 *   - failures of the host itself (names, connections, silence, 5xx, TLS, parked): 3
 *     links, of which since the first of them at most one look in five at the host was
 *     good, so that three slow pages of a thousand are not one; or 2 links, if all links
 *     of their host are bad;
 *   - failures of pages (404, 410, soft 404 ...): at least 3 links that are 9 of 10 of
 *     all links watched at that host, and became bad within a month. Three dead
 *     repositories are no incident of GitHub;
 *   - a domain: failures of the host itself at two or more of its hosts, likewise;
 *   - a certificate: 3 links, or all of a host that has 2.
 * It ends when half of its links at the peak, or all, are good or gone. One that has
 * become bad for another cause is neither: it leaves the count, and the last one takes
 * the incident along. It begins with the first bad checks, before any link is dead: it
 * says that a host is down, not that its links have died.
 *
 * Pure; `at` is wall. Bounded: past INCIDENT_LINKS_MAX bad links or
 * INCIDENT_GROUPS_MAX hosts, domains and certificates, and when memory ends, further
 * links stand alone (`dropped`). 136 bytes a bad link. A good note is O(1), a bad one
 * O(bad hosts of its domain, and bad links of a host whose pages are missing), news
 * O(links of the incident).
 *
 * After a restart: incident_restore for every link that is bad, in any order, and then
 * incident_restored; nothing is announced twice.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/observation.h"
#include "model/outcome.h"

enum incident_cause { INCIDENT_HOST, INCIDENT_DOMAIN, INCIDENT_CERTIFICATE };

enum {
	INCIDENT_LINKS_MAX = 131072,
	INCIDENT_GROUPS_MAX = 65536,
	INCIDENT_LINKS_MIN = 3,
	INCIDENT_ALL_MIN = 2, /* all links of a host, if they are so many */
	INCIDENT_PAGES_PERCENT = 90,
	INCIDENT_GOOD_DIVISOR = 5,   /* at most one in five was good */
	INCIDENT_LINK_LISTS_MAX = 8, /* lists of one link that are counted */
	INCIDENT_NAME_SIZE = 254,
};

struct incidents;
struct incidents *incidents_new(void); /* NULL: no memory */
void incidents_free(struct incidents *incidents);

/* Which certificate a TLS failure is about: the same begin and end on several hosts is
 * the same certificate; 0: not known. Stored with the link (model/record.h), so that a
 * restart does not tear its links apart. */
uint64_t incident_certificate(enum reason reason, const struct certificate *seen);

struct incident_link {
	int64_t link_id;       /* above 0 */
	struct slice host;     /* of the link itself, without port; lower case */
	uint32_t host_links;   /* watched at that host, this one included; 0: not known */
	enum reason reason;    /* of the last check; a good one's does not matter */
	uint64_t certificate;  /* incident_certificate */
	const uint16_t *lists; /* numbers of the caller's choice */
	uint32_t list_count;
};

/* A recorded check was bad (broken or unreachable), whatever the link's state is.
 * Returns the number of the incident the link is part of, 0: of none, so that its own
 * transition is worth an event. */
uint32_t incident_note_bad(
	struct incidents *incidents, const struct incident_link *link, time_ms at);

/* Before incident_note_good of the link: the other bad ones of its host and its domain
 * that failed for more than their page's own fault, and that nobody has answered for
 * since. A dead link waits for months: that its host is back is a reason to ask it now.
 * Each is told once for as long as it stays bad, so that one that fails while its host is
 * well is not asked the more. Non-zero from the callback ends the walk and is returned.
 */
int incident_each_waiting(const struct incidents *incidents,
	const struct incident_link *link,
	int (*on_link)(void *data, int64_t link_id, enum reason reason), void *data);

/* A recorded check was good (or gated: somebody answers). */
void incident_note_good(
	struct incidents *incidents, const struct incident_link *link, time_ms at);

/* It is no longer watched. */
void incident_note_removed(struct incidents *incidents, int64_t link_id, time_ms at);

struct incident {
	uint32_t number; /* from 1, of this process; not used again */
	int64_t id;      /* the caller's (incident_set_id); 0: none yet */
	enum incident_cause cause;
	struct slice name; /* host or domain; of a certificate: one host that has it */
	uint32_t links;    /* bad now */
	uint32_t links_peak;
	uint32_t host_links; /* watched at the host; 0: not known, or not one host */
	uint32_t hosts;
	enum reason reason; /* that most of them share; of equals the first */
	bool reasons_differ;
	time_ms since;        /* when its first link was found bad */
	time_ms began_at;     /* announced */
	time_ms ended_at;     /* 0: open */
	uint32_t merged_into; /* ended because it is part of this one; 0: it is over */
};

enum incident_news { INCIDENT_BEGAN, INCIDENT_GREW, INCIDENT_ENDED };

/* What is new, in order; false: nothing. Call after each note. INCIDENT_BEGAN and
 * INCIDENT_ENDED are one event each (an end by merging, too: its links are told by the
 * other one from then on, which says INCIDENT_GREW). INCIDENT_GREW comes when the count
 * has doubled since the last news or the cause has become wider: for the status, not for
 * mail. The name is valid until the next call of any function that notes. */
bool incident_next_news(struct incidents *incidents, enum incident_news *ret_news,
	struct incident *ret_incident);

/* The id of its INCIDENT_BEGAN event, which each event of its links refers to. */
void incident_set_id(struct incidents *incidents, uint32_t number, int64_t id);

/* False: there is no such open incident. */
bool incident_get(const struct incidents *incidents, uint32_t number,
	struct incident *ret_incident);

/* The incident the link is part of; 0: none. */
uint32_t incident_of_link(const struct incidents *incidents, int64_t link_id);

/* All open ones, in no order; and all bad links of one. Non-zero from the callback ends
 * the walk and is returned. The walkers must not note. */
int incident_each(const struct incidents *incidents,
	int (*on_incident)(void *data, const struct incident *incident), void *data);
int incident_each_link(const struct incidents *incidents, uint32_t number,
	int (*on_link)(void *data, int64_t link_id, enum reason reason), void *data);
/* The bad links of all of them. */
int incident_each_open_link(const struct incidents *incidents,
	int (*on_link)(void *data, int64_t link_id, enum reason reason), void *data);

/* How many links of each list it holds, most first; returns how many of the `max` places
 * are filled. A link in several lists counts in each. O(links x lists). */
struct incident_list {
	uint16_t list;
	uint32_t links;
};
uint32_t incident_lists(const struct incidents *incidents, uint32_t number,
	struct incident_list *ret_lists, uint32_t max);

/* "openreview.net unreachable, 12 links (the connection timed out)", "openreview.net is
 * back, 12 links". */
void incident_sentence(const struct incident *incident, struct buffer *out);

/* A bad link as the store remembers it. `incident_id`: of its last event, if that
 * incident has not ended; else 0. `since`: of its first strike. Before any note. */
void incident_restore(struct incidents *incidents, const struct incident_link *link,
	int64_t incident_id, time_ms since);
/* After the last: incidents that were open are open again, with their ids. Causes that
 * are worth one only now are announced with the next bad check. */
void incident_restored(struct incidents *incidents, time_ms at);

struct incident_totals {
	uint32_t links;   /* bad ones that are remembered */
	uint32_t open;    /* incidents */
	uint64_t dropped; /* links that found no place */
};
void incident_totals(
	const struct incidents *incidents, struct incident_totals *ret_totals);
