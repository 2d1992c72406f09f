/* store/pages: reading for pages of many links: a summary of all, the rows of one page,
 * search, events from the newest back.
 *
 * The same rules as store/links.h. Who answers people must not be held up, and must not
 * hold the log: so whatever goes through many rows does it in slices, each a call and a
 * moment of its own, bounded by rows and not by how many are found. What a slice says was
 * true when it was read; between two of them the writer goes on.
 *
 * Any number of stores may be open to READ in one process, one a thread; all statements
 * are prepared at the opening (3 ms), and between two calls a store holds no moment, so
 * that it may stay open for ever. Within a callback of a walk of all links (glances,
 * search, store_walk_due, store_walk_links) no other such walk may begin; but for that of
 * store_walk_links, single links may be loaded.
 *
 * Costs are those of a million links in the cache of the disk, alone; beside a writer at
 * full speed on two cores three to four times as much.
 */
#pragma once

#include "base/arena.h"
#include "model/link.h"
#include "model/record.h"
#include "store/links.h"
#include "store/store.h"

/* --- all links at a glance ---------------------------------------------------------- */

/* One monitored link: what a list of many is counted, filtered and sorted by, and its
 * strip. Of the newest record; zeroed but for the first three where nobody has checked.
 */
struct store_glance {
	int64_t link_id;
	enum link_kind kind;
	uint32_t list_bits; /* lists that hold it, by store_list.bit */
	enum state state, confirmed;
	enum reason reason;
	int http_status;
	note_set notes;
	time_ms since, last_checked_at, last_ok_at;
	time_ms due_at;            /* when it is to be asked again; 0: nobody has said */
	time_ms flapping_since;    /* 0: it does not flap */
	time_ms certificate_until; /* 0: not known */
	uint32_t strike_halves;
	uint32_t checks; /* ever */
	uint64_t recent; /* as in link_record: newest in bit 0, 1 good */
	uint8_t recent_count;
};

typedef bool store_glance_fn(const struct store_glance *glance, void *context);

/* A slice of 2 to 6 ms, all in half a second; and how many places a link may stand in
 * before it counts for more than one. */
enum { STORE_GLANCE_ROWS = 5000, STORE_GLANCE_PLACES = 8 };

/* Monitored links above `after`, in order of link_id, until `rows_max` links (0: all)
 * have been looked at, monitored or not, or `fn` ends it. *ret_next is `after` of the
 * next slice, or -1 when all were told. */
int store_walk_glances(struct store *store, int64_t after, uint32_t rows_max,
	store_glance_fn *fn, void *context, int64_t *ret_next, struct error *error);

enum { STORE_PAGE_LINKS_MAX = 1000 };

/* The rows of one page, as store_load_link gives them, of one moment and in the order of
 * `ids`; at most STORE_PAGE_LINKS_MAX. ret_links has room for `count`; one that is not
 * there has link_id 0. 10 µs each. */
int store_load_links(struct store *store, const int64_t *ids, uint32_t count,
	struct arena *arena, struct store_link *ret_links, struct error *error);

/* --- search ------------------------------------------------------------------------- */

struct store_search {
	struct slice needle; /* part of a URL or of a page's title; ASCII case is ignored;
				not empty, at most STORE_NEEDLE_MAX bytes */
	int64_t after;       /* only ids above this one */
	/* How many links are looked at; one with long texts counts as one a
	 * STORE_SEARCH_ROW_BYTES. */
	uint32_t rows_max;
};

enum {
	STORE_NEEDLE_MAX = 256,
	STORE_SEARCH_ROW_BYTES = 256,
	STORE_SEARCH_ROWS = 10000, /* 2 to 5 ms; a million in 0.3 s */
};

struct store_found {
	int64_t link_id;
	struct slice url, title; /* title: empty where none is kept */
};

typedef bool store_found_fn(const struct store_found *found, void *context);

/* All links ever seen, monitored or not, in order of link_id: that they are on a list is
 * for the caller's glances to say. *ret_next is `after` of the next slice (also when `fn`
 * ended this one), or -1 when there is nothing behind. A whole URL is found at once by
 * store_find_links. */
int store_search_links(struct store *store, const struct store_search *search,
	store_found_fn *fn, void *context, int64_t *ret_next, struct error *error);

/* --- events ------------------------------------------------------------------------- */

enum { STORE_EVENT_ROWS = 1000 }; /* 4 to 10 ms; 4 µs each, told or not */

struct store_event_wish {
	bool backwards;
	/* Exclusive. Forwards only ids above it; backwards only below, 0: from the
	 * newest. */
	int64_t from;
	/* Empty: all. Else those of links that stand on that list today and those of the
	 * list itself (its sources, many links at once); of an unknown one there are
	 * none. */
	struct slice list;
	bool general;   /* with a list: also those of no list (incidents, offline) */
	uint32_t limit; /* that are told; 0: no limit */
	/* That are looked at, one more for each further document its link stands in; 0:
	 * no limit. */
	uint32_t rows_max;
};

struct store_event_page {
	int64_t next; /* `from` of the next slice; of what was looked at last, or `from`
		       */
	bool more;    /* false: the end was reached */
};

/* The id behind which the newest `rows` events stand: ids have gaps, of a million at each
 * start. 0: there are no others. 10 ms for 100,000. */
int store_find_events_behind(
	struct store *store, uint32_t rows, int64_t *ret_event_id, struct error *error);

/* In order of event_id, or against it; store_event.list_bits is filled in. */
int store_page_events(struct store *store, const struct store_event_wish *wish,
	store_event_fn *fn, void *context, struct store_event_page *ret_page,
	struct error *error);
