/* site/overview: the first page: all lists, in one sentence and one table, how the rot
 * went, and what happened last. Of many lists it has further pages, of lists alone.
 */
#pragma once

#include "site/picture.h"
#include "site/site.h"

struct overview_list {
	struct slice name;  /* [a-z0-9-]+ */
	struct slice title; /* empty: its name */
	struct standing_counts counts;
	time_ms measured_until; /* the newest last check of its links; 0: never */
	uint32_t sources_failed;
};

struct overview {
	struct site_head head;
	struct standing_counts counts; /* all lists together, each link once */
	const struct overview_list *lists;
	uint32_t list_count;             /* of this page: at most SITE_LISTS_MAX */
	uint32_t list_total;             /* there are */
	uint32_t number;                 /* this page's, from 1; 0 is 1 */
	const struct site_event *events; /* newest first */
	uint32_t event_count;
	const struct picture_tally *tallies; /* of all lists, oldest first; may be none */
	uint32_t tally_count;
};

enum { OVERVIEW_EVENTS = 12 }; /* that many are shown */

/* How many pages so many lists take; at least one. */
uint32_t overview_pages(uint32_t list_total);

/* The whole page appended to `out`; -1: no memory or the buffer's ceiling. */
int overview_write(const struct site *site, const struct overview *overview,
	struct buffer *out, struct error *error);
