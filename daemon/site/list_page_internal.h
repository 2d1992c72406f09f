/* site/list_page (internal): the table of a list's page.
 */
#pragma once

#include "site/list_page.h"
#include "site/page_internal.h"

/* What stands below the table at its most, but for the picture. */
enum { LIST_TAIL_BYTES = 2200 };

/* The first `count` rows; what is long is cut so that they and the tail fit. */
void list_add_table(struct page *page, const struct list_page *list, uint32_t count);
