/* store/links: reading what is known of links.
 *
 * Every function sees what was committed before it began, as one moment, the newest
 * records included; an item that is still in the writer's queue is not seen. Reading
 * never waits for the writer. A walk holds that moment until it ends, and the log cannot
 * be shortened meanwhile: callbacks must be quick. What pages (`after`) may be read in as
 * many short calls as one likes.
 *
 * A callback may read other things through the same store, but must not begin the
 * walk it is called from, nor load links within store_walk_links: that is an assert.
 *
 * Slices given to a callback are valid during the call; those in an arena as long as it.
 */
#pragma once

#include "base/arena.h"
#include "model/event.h"
#include "model/link.h"
#include "model/record.h"
#include "store/store.h"
#include "store/texts.h"

enum { STORE_LABELS_MAX = 16, STORE_STATE_COUNT = STATE_SKIPPED + 1 };

/* --- the schedule at start --------------------------------------------------------- */

/* One monitored link: it stands in a source of a list today. */
struct store_due {
	int64_t link_id;
	enum link_kind kind;
	enum state state;
	/* Keyed hash of the request key: equal for links that share one request (two
	 * different keys with one hash: 3e-8 for a million links, and then the younger
	 * is not asked). 0: not of the network. */
	uint64_t request_hash;
	uint64_t host_hash; /* store_host_hash of its host's pacing key; 0 likewise */
	time_ms due_at;     /* 0: never scheduled */
	time_ms interval_ms;
	time_ms last_checked_at;
	uint32_t list_bits; /* lists that hold it, by store_list.bit; see there */
};

/* False ends the walk, which is no error. */
typedef bool store_due_fn(const struct store_due *due, void *context);

/* All monitored links in order of link_id. A million: about a second. */
int store_walk_due(
	struct store *store, store_due_fn *fn, void *context, struct error *error);

/* Those of one source; for after it was read again. In the order of its places, from
 * *place on (0: all), so that a large one may be walked in short calls; *place is where
 * to go on when `fn` ended the walk, and -1 when all were told. A link that is mentioned
 * twice may come twice; list_bits are those of this source's list only. An unknown source
 * has none. */
int store_walk_due_of_source(struct store *store, struct slice list, struct slice source,
	int64_t *place, store_due_fn *fn, void *context, struct error *error);

/* The hash of a pacing key as in store_due; differs between databases (secret seed). */
uint64_t store_host_hash(const struct store *store, struct slice pacing_key);

/* --- one request, one link --------------------------------------------------------- */

/* How a place names the link. */
struct store_label {
	struct slice expected_title, text;
	bool title_is_loose;
};

struct store_link {
	int64_t link_id;
	enum link_kind kind;
	struct slice url;
	struct slice request_url, request_key, fragment; /* http; else empty */
	struct slice source; /* the owner of an anchor or file link; else empty */
	bool monitored;
	/* What its text alone says (model/identity.h), of its latest mention. */
	enum reason reason;
	bool decided;
	struct suggestion guess;
	struct link_record record; /* zeroed: nobody has checked it */
	struct store_texts texts;
	/* Different ones of its occurrences, at most STORE_LABELS_MAX; load only. */
	const struct store_label *labels;
	uint32_t label_count;
	uint32_t list_bits;
};

struct store_request {
	struct store_link *links; /* in order of link_id */
	uint32_t link_count;      /* at most STORE_REQUEST_LINKS_MAX */
};

enum { STORE_REQUEST_LINKS_MAX = 1024 };

/* All monitored links that share the request of link_id, itself included if it still is
 * monitored; a link that is not of the network comes alone. 0 links: it is on no list any
 * more. Where more than the maximum share a request, those with the lowest ids and
 * link_id itself. All memory is the arena's; -1 also when that is exhausted. About
 * 20 µs. */
int store_load_request(struct store *store, int64_t link_id, struct arena *arena,
	struct store_request *ret_request, struct error *error);

/* One link, monitored or not. *ret_found says whether there is one. */
int store_load_link(struct store *store, int64_t link_id, struct arena *arena,
	struct store_link *ret_link, bool *ret_found, struct error *error);

/* The ids of links with this very URL (canonical, with its fragment; for anchors and
 * files as written: then there is one a source). At most `ids_max` are filled in. */
int store_find_links(struct store *store, struct slice url, int64_t *ret_ids,
	uint32_t ids_max, uint32_t *ret_count, struct error *error);

/* --- lists of links ---------------------------------------------------------------- */

struct store_filter {
	struct slice list; /* empty: any; also links on no list any more */
	bool by_state;
	enum state state;
	struct slice contains; /* empty, or a part of the URL; ASCII case is ignored */
	int64_t after;         /* only ids above this one */
	uint32_t limit;        /* 0: no limit */
};

/* labels are not filled in. */
typedef bool store_link_fn(const struct store_link *link, void *context);

/* In order of link_id. For paging, `after` is the last id that was seen. */
int store_walk_links(struct store *store, const struct store_filter *filter,
	store_link_fn *fn, void *context, struct error *error);

struct store_counts {
	struct slice list; /* empty: all lists together, each link once */
	uint32_t links;
	uint32_t by_state[STORE_STATE_COUNT];
};

typedef bool store_counts_fn(const struct store_counts *counts, void *context);

/* First all lists together, then each in its configured order. A million links: well
 * below a second. */
int store_count_states(
	struct store *store, store_counts_fn *fn, void *context, struct error *error);

/* --- what belongs to a link -------------------------------------------------------- */

struct store_occurrence {
	struct slice list;
	int64_t link_id;
	struct occurrence at; /* `next` is NULL */
};

typedef bool store_occurrence_fn(
	const struct store_occurrence *occurrence, void *context);
typedef bool store_span_fn(const struct span *span, void *context);

/* One row of the log of raw checks. */
struct store_check {
	int64_t link_id;
	time_ms at;
	enum outcome outcome;
	enum reason reason;
	int http_status;
	int32_t elapsed_ms;
};

typedef bool store_check_fn(const struct store_check *check, void *context);

/* A source that mentions the link today, and in how many places. */
struct store_document {
	struct slice list, source;
	uint32_t places;
};

typedef bool store_document_fn(const struct store_document *document, void *context);

/* In the order of the lists, then of the names. `list` empty: of all lists. 10 µs, and
 * 5 ms for 100,000 places. */
int store_walk_documents(struct store *store, int64_t link_id, struct slice list,
	store_document_fn *fn, void *context, struct error *error);

/* Of today's sources of that list (empty: of all), in order of list, source and place;
 * `limit` 0: all of them, which may be 100,000. */
int store_walk_occurrences(struct store *store, int64_t link_id, struct slice list,
	uint32_t limit, store_occurrence_fn *fn, void *context, struct error *error);

/* The closed ones, newest first; the open one is in the link's record. */
int store_walk_spans(struct store *store, int64_t link_id, store_span_fn *fn,
	void *context, struct error *error);

/* How many there are. 50 µs a thousand. */
int store_count_spans(
	struct store *store, int64_t link_id, uint32_t *ret_count, struct error *error);

struct store_check_wish {
	int64_t link_id; /* 0: of all links */
	uint32_t limit;  /* that are told; 0: all that are kept */
	/* Of one link: how many of the newest rows of the log are looked at; 0: all, up
	 * to STORE_CHECKS_MAX. There is no index, because one would cost more than the
	 * log itself: 0.2 ms a thousand rows. What is fresh, some thousand checks, is
	 * indexed and always looked at. */
	uint32_t rows_max;
};

/* Newest first; of all links roughly so. */
int store_walk_checks(struct store *store, const struct store_check_wish *wish,
	store_check_fn *fn, void *context, struct error *error);

/* --- events ------------------------------------------------------------------------ */

struct store_event {
	int64_t event_id;
	struct event event; /* with `kept` */
	struct slice url;   /* of its link; empty: not of one link */
	/* The list it is of; empty: it is of a link, of no list, or older than schema 2.
	 */
	struct slice list;
	uint32_t list_bits; /* of its link, today; store_page_events only (store/pages.h)
			     */
};

typedef bool store_event_fn(const struct store_event *event, void *context);

/* Of one link, oldest first; and newest first, for whoever wants the last few. */
int store_walk_events_of_link(struct store *store, int64_t link_id, store_event_fn *fn,
	void *context, struct error *error);
int store_walk_events_of_link_back(struct store *store, int64_t link_id,
	store_event_fn *fn, void *context, struct error *error);

/* In order of event_id, which is that of writing. Events with an id above `after` and not
 * before `since` (0: any). For "what is new": remember the last id, not the time. */
int store_walk_events(struct store *store, int64_t after, time_ms since,
	store_event_fn *fn, void *context, struct error *error);

/* The beginnings of incidents that have no end, oldest first. Reads every event there is,
 * but no more of it than this: three million in 0.3 s. */
int store_walk_open_incidents(
	struct store *store, store_event_fn *fn, void *context, struct error *error);
