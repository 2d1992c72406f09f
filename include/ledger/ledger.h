/* ledger/ledger: all monitored links at a glance, in memory.
 *
 * What a page of many links is chosen by (state, age, list) is spread over the whole
 * database, and finding "the dead ones, newest first" there would take an index that
 * costs more than it is worth (a million links: 15 MB a column, and a write for each
 * check). So it is read once in a while, in one pass of short slices, counted, and
 * sorted; then a page is a walk over an array, and its 100 rows are loaded from the
 * database as they are at that moment.
 *
 * The newest events that a feed tells are remembered, too: among many that it does not
 * tell they would have to be looked for in all of the events.
 *
 * Immutable once read: any thread may use it that holds it. Counts, badges and lists are
 * made from one ledger, so they agree with each other; they are as old as it is, and it
 * says how old. 24 bytes a link and 4 for each order: 36 MB for a million, and as much
 * again while it is read, which takes about a second.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "site/badge.h"
#include "site/list_page.h"
#include "store/pages.h"

enum {
	LEDGER_LINKS_MAX = 50000000,
	LEDGER_SLICE_ROWS = 20000, /* that are read without a pause */
	LEDGER_NEWS = 50,          /* events of a feed */
	LEDGER_NEWS_ROWS = 100000, /* of events that are looked through at first */
};

#define LEDGER_LATELY_MS TIME_MS_PER_DAY /* of counts.checked_lately */

struct ledger_link {
	uint32_t link_id;
	uint32_t list_bits;
	uint32_t since_min, checked_min, due_min; /* minutes since 1970; 0: never */
	uint8_t state, confirmed;
	bool flapping;
};

/* The end of the minute of its last check; 0: never. */
static inline time_ms ledger_checked_until(const struct ledger_link *link)
{
	return link->checked_min > 0
		       ? ((time_ms)link->checked_min + 1) * 60 * TIME_MS_PER_S
		       : 0;
}

/* One list, or all together. */
struct ledger_list {
	struct slice name, title; /* of all together: empty */
	uint32_t bit;
	/* Lists that share their bit with others: the places of their links, ascending,
	 * and in each order. NULL: the bit tells. */
	uint32_t *members, *orders[LIST_SORT_COUNT];
	uint32_t member_count;
	/* Ids of events that are worth telling (feed_wants), oldest first. Of incidents
	 * those for which a link of the list has failed. */
	int64_t news[LEDGER_NEWS];
	uint32_t news_count;
	struct badge_facts facts; /* label and now are not set */
	struct standing_counts counts;
	uint32_t flapping;
	time_ms certificate_until;             /* of links that are well; 0: not known */
	time_ms measured_from, measured_until; /* oldest and newest last check; 0: none */
	uint32_t sources, sources_failed;
};

struct ledger {
	atomic_uint holders;
	struct arena arena; /* names, titles, members */
	time_ms read_at;    /* wall */
	/* What "lately" is counted from: read_at. For files it is the newest check, or
	 * the beginning of the day where that is later, so that the same links give the
	 * same files all day. */
	time_ms as_of;
	int64_t events_until;      /* later ones are not among the news */
	struct ledger_link *links; /* in order of link_id */
	uint32_t link_count;
	/* LIST_SORT_WORST, _NEWEST, _CHECKED: places in `links`. */
	uint32_t *orders[LIST_SORT_COUNT];
	struct ledger_list all, *lists; /* in configured order */
	uint32_t list_count;
};

struct ledger_reading {
	time_ms now;    /* wall */
	bool for_files; /* as_of */
	/* The one before, whose news are carried on; NULL: they are looked for. */
	const struct ledger *former;
	const atomic_bool *stop; /* once it is set, reading fails; may be NULL */
};

/* The caller holds it. NULL with an error. */
struct ledger *ledger_read(
	struct store *store, const struct ledger_reading *wish, struct error *error);

/* From any thread; the last one frees it. NULL is allowed. */
struct ledger *ledger_hold(struct ledger *ledger);
void ledger_release(struct ledger *ledger);

/* NULL: there is no such list. An empty name: all together. */
const struct ledger_list *ledger_list_of(const struct ledger *ledger, struct slice name);

/* LIST_SORT_URL is not kept; sorts that are, as a mask of 1 << LIST_SORT_…. */
#define LEDGER_SORTS                                                                     \
	(1u << LIST_SORT_WORST | 1u << LIST_SORT_NEWEST | 1u << LIST_SORT_CHECKED)

struct ledger_wish {
	const struct ledger_list *list;
	uint32_t states;     /* mask of 1 << state; 0: all */
	enum list_sort sort; /* one of LEDGER_SORTS; ignored with by_id */
	bool by_id;
	int64_t after; /* by_id: only ids above it */
	uint64_t skip; /* else: so many that fit are passed over */
	uint32_t limit;
};

/* The ids of those that fit, at most `limit`; *ret_more: there are further ones. About
 * 3 ns a link passed over: of all links, or of those of a list that shares its bit. */
uint32_t ledger_select(const struct ledger *ledger, const struct ledger_wish *wish,
	int64_t *ids, bool *ret_more);

/* How many there are. */
uint64_t ledger_count(const struct ledger_list *list, uint32_t states);

/* Whether a link stands on a list. */
bool ledger_holds(const struct ledger *ledger, const struct ledger_list *list,
	int64_t link_id, enum state *ret_state);
