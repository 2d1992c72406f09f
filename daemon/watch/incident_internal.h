/* watch/incident_internal: bad links, the groups they stand in, and what is open.
 *
 * Two levels: a leaf is one host (or one host with one bad certificate), its parent the
 * registrable domain (or that certificate on whatever hosts). Each bad link stands in
 * one leaf. An incident belongs to a leaf or to a parent, never to both.
 */
#pragma once

#include "base/list.h"
#include "base/table.h"
#include "watch/incident.h"

/* After so long without a good answer, older ones do not speak for a host. */
#define INCIDENT_GOOD_MS (7 * TIME_MS_PER_DAY)

/* As long as a healthy link may wait for its next check: so long it takes until all pages
 * of a site that was rebuilt are found missing. */
#define INCIDENT_PAGES_MS (30 * TIME_MS_PER_DAY)

struct incident_group;

/* An incident; outlives its group until its end has been told. */
struct incident_case {
	struct list open;             /* of all that are open; or in no list */
	struct list news;             /* of those with something to tell */
	struct incident_group *group; /* NULL: ended */
	bool began, grew, ended;      /* to be told */
	uint32_t links_told;
	struct incident facts; /* number, id, peak, times; the rest as of the end */
	char name[INCIDENT_NAME_SIZE];
};

struct incident_group {
	uint64_t key; /* a hash of what it is, and of its level */
	UT_hash_handle hh;
	enum incident_cause cause;
	struct incident_group *parent; /* of a leaf */
	struct list sibling;           /* a leaf in its parent's children */
	struct list children;          /* leaves; of a leaf: empty */
	struct list members;           /* links of a leaf */
	uint32_t links, pages; /* bad ones; of them, those by a page's own fault */
	uint32_t child_count;
	uint32_t host_links; /* of a leaf: watched at the host; 0: not known */
	uint32_t goods;      /* looks at it that were good since `since` */
	time_ms good_at, since;
	int64_t restored_id;
	struct incident_case *open;
	char *name; /* host or domain */
};

struct incident_entry {
	int64_t link_id;
	UT_hash_handle hh;
	struct list member;
	struct incident_group *leaf;
	time_ms since; /* bad without a break */
	enum reason reason;
	uint16_t list_count;
	uint16_t lists[INCIDENT_LINK_LISTS_MAX];
};

struct incidents {
	struct incident_entry *entries; /* by link_id */
	struct incident_group *groups;  /* by key */
	struct list open, news;
	struct list told; /* ended and told, whose names are still in use */
	uint32_t next_number;
	struct incident_totals totals;
};

/* --- incident_group.c */

/* The leaf of such a link, made where it is not there; NULL: no place, no memory. */
struct incident_group *incident_leaf(
	struct incidents *incidents, const struct incident_link *link, time_ms at);
struct incident_group *incident_find_host(
	const struct incidents *incidents, struct slice host);
struct incident_group *incident_find_domain(
	const struct incidents *incidents, struct slice host);
/* To another leaf, or to the same with another reason; NULL: to none. The old leaf (and
 * its parent) may be gone afterwards, and their incident ended. */
void incident_move(struct incidents *incidents, struct incident_entry *entry,
	struct incident_group *leaf, enum reason reason, time_ms at);
bool incident_is_of_page(enum reason reason);

/* --- incident_case.c */

/* Opens, widens or grows what is worth it now. */
void incident_judge(struct incidents *incidents, struct incident_group *leaf, time_ms at);
/* Ends the group's incident if so many have left. */
void incident_judge_end(
	struct incidents *incidents, struct incident_group *group, time_ms at);
/* A link has gone from one leaf to another and is as bad as before: that is nobody's end.
 * With the last one its incident goes along, or becomes part of the one that is there. */
void incident_pass_on(struct incidents *incidents, struct incident_group *old,
	struct incident_group *leaf, time_ms at);
struct incident_case *incident_case_of(const struct incident_group *leaf);
struct incident_case *incident_open(
	struct incidents *incidents, struct incident_group *group, time_ms at);
void incident_case_free(struct incident_case *open);
