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

	struct standing_known known;
};

int link_page_write(const struct site *site, const struct link_page *page,
	struct buffer *out, struct error *error);

/* Pages for what cannot be shown, with the same head and foot; the caller answers with a
 * status. Missing: a list, link or page that is not there. */
int missing_page_write(const struct site *site, struct buffer *out, struct error *error);
int refusal_page_write(const struct site *site, struct slice title, struct slice sentence,
	struct buffer *out, struct error *error);
