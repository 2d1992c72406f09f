/* site/link_page (internal): the parts of a link's page.
 */
#pragma once

#include "site/link_page.h"
#include "site/page_internal.h"

enum { LINK_TEXT_BYTES = 200 };

/* The redirects, how long the last check took, and the picture over time. */
void link_add_way(struct page *page, const struct link_page *link);
void link_add_timing(struct page *page, const struct link_page *link);

/* Events, raw checks, spans. */
void link_add_history(struct page *page, const struct link_page *link);
