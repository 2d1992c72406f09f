/* site/link_page: all that is known of one link: why it stands as it does, its ninety
 * days one by one, what happened, its checks, the way its redirects take, how long it
 * takes, and where it is mentioned.
 *
 * The browser's counterpart of digest/why, from the same values.
 */
#pragma once

#include "model/record.h"
#include "site/site.h"
#include "site/strip.h"

enum {
	LINK_PAGE_CHECKS_MAX = 20, /* shown: the newest */
	LINK_PAGE_SPANS_MAX = 40,
	LINK_PAGE_EVENTS_MAX = 30,
	LINK_PAGE_PLACES_MAX = 40, /* the first */
	LINK_PAGE_HOPS_MAX = 20,
	LINK_PAGE_LINES_MAX = 40, /* of sentences */
};

struct link_page {
	struct site_head head;           /* measured_*: of this link; 0 is fine */
	const struct standing *standing; /* with the occurrences at hand and its lists */
	const struct strip *strip;       /* NULL: none */

	/* As in struct why: in order of time, whichever end comes first. */
	const struct check_facts *checks;
	uint32_t check_count;
	const struct span *spans; /* closed ones; the open one is in the record */
	uint32_t span_count, span_total;
	const struct event *events;
	uint32_t event_count;

	/* Sentences, or lines of them (watch/health_explain gives one slice of several):
	 * why the state is what it is; what happens next. */
	const struct slice *reasons;
	uint32_t reason_count;
	const struct slice *nexts;
	uint32_t next_count;
};

int link_page_write(const struct site *site, const struct link_page *page,
	struct buffer *out, struct error *error);

/* The page for an id that no link has: the same head and foot; the caller answers 404. */
int missing_page_write(const struct site *site, struct buffer *out, struct error *error);
