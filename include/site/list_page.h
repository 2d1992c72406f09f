/* site/list_page: the links of one list, a page of them at a time: how each stands, its
 * ninety days, since when and why.
 *
 * Which links are on the page, in what order, and how to go on is the caller's: the page
 * shows what was asked and the ways from here. As much as fits of long labels, URLs and
 * reasons is shown (SITE_PAGE_BYTES); the whole of them is on the link's own page.
 */
#pragma once

#include "site/picture.h"
#include "site/site.h"
#include "site/strip.h"

/* name, the word in ?sort=, what a person reads; the first is the default */
#define LIST_SORTS(X)                                                                    \
	X(WORST, "worst", "worst first")                                                 \
	X(NEWEST, "newest", "changed last first")                                        \
	X(CHECKED, "checked", "checked last first")                                      \
	X(URL, "url", "by address")

#define LIST_SORT_ENUM(name, text, said) LIST_SORT_##name,
enum list_sort { LIST_SORTS(LIST_SORT_ENUM) };
#undef LIST_SORT_ENUM

#define LIST_SORT_ONE(name, text, said) +1
enum { LIST_SORT_COUNT = LIST_SORTS(LIST_SORT_ONE) };
#undef LIST_SORT_ONE

const char *list_sort_text(enum list_sort sort);

/* False for an unknown word. */
bool list_sort_parse(struct slice text, enum list_sort *ret_sort);

struct list_row {
	/* link_id, link (url, expected_title, first, result) and record are read. */
	const struct standing *standing;
	const struct strip *strip; /* NULL: none is shown */
};

struct list_page {
	struct site_head head;
	struct slice name, title;            /* of the list; title empty: its name */
	struct standing_counts counts;       /* of the whole list, whatever the filter */
	const struct picture_tally *tallies; /* of the list, oldest first; may be none */
	uint32_t tally_count;
	uint32_t sources_failed; /* that cannot be read */

	/* What was asked. */
	bool by_state;
	enum state state;
	struct slice query; /* empty: none; as the visitor typed it */
	enum list_sort sort;
	/* The sorts on offer, a mask of 1 << LIST_SORT_…; 0: all. */
	uint32_t sorts;

	const struct list_row *rows; /* at most SITE_LIST_ROWS */
	uint32_t row_count;
	/* That match in all; -1: not known (a search that has not come to its end). */
	int64_t total;
	uint64_t first_number; /* of rows[0] among them, from 1; 0: not known */

	/* A server: opaque words for ?after=; empty: there is no such page. `previous`
	 * may be empty where only going forward is possible; then "first page" is
	 * offered once `is_first` is false. */
	struct slice next, previous;
	bool is_first;
	/* A search that looks at so many links at a time: how many it has looked at, up
	 * to and with this page; 0: it has come to its end, or there is no search. */
	uint64_t searched;

	/* Static: this page and how many there are, from 1. */
	uint32_t number, number_max;
};

int list_page_write(const struct site *site, const struct list_page *page,
	struct buffer *out, struct error *error);
