/* site/events_page: what happened, newest first, day by day: of all lists or of one.
 */
#pragma once

#include "site/site.h"

struct events_page {
	struct site_head head;
	struct slice list, list_title;   /* empty: of all */
	const struct site_event *events; /* newest first; at most SITE_EVENT_ROWS */
	uint32_t event_count;

	/* A server: opaque words for ?before=; empty: nothing is older. */
	struct slice older;
	bool is_newest; /* this is the first page */
	/* Static: this page and how many there are, from 1. */
	uint32_t number, number_max;
};

int events_page_write(const struct site *site, const struct events_page *page,
	struct buffer *out, struct error *error);
