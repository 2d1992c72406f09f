/* pages/pages: what stands on each page, read from the database and the ledger, and
 * written.
 *
 * The same functions answer the server's requests (pages/show.h) and fill the files of an
 * export. Every one is bounded: some hundred rows by their ids, and slices where more
 * would have to be looked through, so that none takes much longer than 20 ms, whatever
 * the size of the database.
 */
#pragma once

#include "base/arena.h"
#include "base/buffer.h"
#include "config/config.h"
#include "format/formats.h"
#include "ledger/ledger.h"
#include "show/recent.h"
#include "site/api.h"
#include "site/site.h"
#include "watch/health.h"

enum {
	/* That one answer looks at: about 5 to 10 ms each, and three times as long beside
	 * a writer at full speed. */
	PAGES_SEARCH_ROWS = 2 * STORE_SEARCH_ROWS,
	PAGES_EVENT_ROWS = 2000,
	PAGES_CHECK_ROWS = 20000,
	PAGES_TALLY_DAYS = 180, /* of a picture */
	PAGES_FEED_ENTRIES = LEDGER_NEWS,
};

/* How often links of a list are checked: what "old" is measured by. */
struct pages_interval {
	struct slice list;
	time_ms interval_ms;
};

/* What the configuration says to pages. */
struct pages_settings {
	const char *generator; /* "linkrotd 0.1.0" */
	struct site site;
	struct slice feed_host; /* of the public URL; see digest/feed.h */
	struct health_limits limits;
	const struct pages_interval *intervals;
	uint32_t interval_count;
};

/* Of the configuration, for a server; all text is copied into the arena, so that it
 * outlives a reload. `config` NULL: the defaults. -1: no memory. */
int pages_settings_of(const struct config *config, const struct health_limits *limits,
	struct arena *arena, struct pages_settings *ret_settings);

/* Under which address others find them; NULL: it is not known. The text is copied into
 * the arena. -1: it is no URL of http or https, or no memory; nothing has changed. */
int pages_set_address(
	struct pages_settings *settings, const char *public_url, struct arena *arena);

/* One answer under way. Everything is borrowed. */
struct pages {
	struct store *store;
	const struct ledger *ledger;
	const struct pages_settings *settings;
	const struct recent_checks *recent; /* NULL: the log is looked at, in part */
	struct arena *arena;                /* emptied by the caller between answers */
	time_ms now;                        /* wall */
	const struct slice *lines;          /* of trouble, for the top */
	uint32_t line_count;
};

/* All of them: 0, or -1 with an error (the database, or memory). */

/* `number` from 1 to overview_pages() of its lists. */
int pages_overview(const struct pages *pages, uint32_t number, struct buffer *out,
	struct error *error);

struct pages_list_wish {
	const struct ledger_list *list; /* a real one */
	bool by_state;
	enum state state;
	enum list_sort sort;
	struct slice query; /* empty: none */
	uint64_t after;     /* rows passed over; of a search, the id to go on behind */
	uint32_t number, number_max; /* static: the page, and how many there are */
};
int pages_list(const struct pages *pages, const struct pages_list_wish *wish,
	struct buffer *out, struct error *error);

/* *ret_found false: the page for what is not there was written. */
int pages_link(const struct pages *pages, int64_t link_id, struct buffer *out,
	bool *ret_found, struct error *error);

struct pages_events_wish {
	const struct ledger_list *list; /* the ledger's `all`: of all */
	int64_t before;                 /* 0: from the newest */
	uint32_t number, number_max;    /* static */
};
/* *ret_older (may be NULL): `before` of the next page; 0: there is none. */
int pages_events(const struct pages *pages, const struct pages_events_wish *wish,
	struct buffer *out, int64_t *ret_older, struct error *error);

int pages_feed(const struct pages *pages, const struct ledger_list *list,
	struct buffer *out, struct error *error);

/* `list` NULL: of a list that is not there ("unknown"). JSON or SVG. */
int pages_badge(const struct pages *pages, const struct ledger_list *list,
	enum badge_kind kind, bool json, struct buffer *out, struct error *error);

/* The API's answers (site/api.h). */
int pages_api_lists(const struct pages *pages, struct buffer *out, struct error *error);
int pages_api_list(const struct pages *pages, const struct ledger_list *list,
	struct buffer *out, struct error *error);
int pages_api_links(const struct pages *pages, const struct api_question *question,
	struct buffer *out, struct error *error); /* of a list that there is */
int pages_api_link(const struct pages *pages, int64_t link_id, struct buffer *out,
	bool *ret_found, struct error *error); /* not found: nothing is written */
int pages_api_events(const struct pages *pages, const struct ledger_list *list,
	const struct api_since *since, struct buffer *out, struct error *error);

/* Facts of a list's badge as of now. */
struct badge_facts pages_badge_facts(
	const struct pages *pages, const struct ledger_list *list);

/* Links whose URL or title holds `needle`, of a list and in some states, in order of
 * their ids; at most `limit`. Those with that very URL come before all others, in the
 * first slice, and only there. *ret_next: `after` of the next slice; -1: all were looked
 * at. *ret_looked: how many were. */
#define PAGES_SEARCH_ANEW INT64_MAX /* as `after`: whole URLs filled the first slice */

struct pages_search {
	const struct ledger_list *list;
	uint32_t states; /* mask; 0: all */
	struct slice needle;
	int64_t after;
	uint32_t limit;
};
int pages_search(const struct pages *pages, const struct pages_search *search,
	int64_t *ids, uint32_t *ret_count, int64_t *ret_next, uint64_t *ret_looked,
	struct error *error);

/* --- for the files of this room ------------------------------------------------------
 */

/* The names of the lists in `bits`; in the arena. */
const struct slice *pages_lists_of(
	const struct pages *pages, uint32_t bits, uint32_t *ret_count);

/* Those an event is about: of its link, or the list itself. */
const struct slice *pages_lists_about(
	const struct pages *pages, const struct store_event *stored, uint32_t *ret_count);

time_ms pages_interval_of(const struct pages *pages, const struct ledger_list *list);

struct site_head pages_head(const struct pages *pages, const struct ledger_list *list);

/* Events, newest first, with what they are about. *ret_older as in pages_events. */
int pages_read_events(const struct pages *pages, const struct ledger_list *list,
	int64_t before, uint32_t limit, struct site_event **ret_events,
	uint32_t *ret_count, int64_t *ret_older, struct error *error);

/* Those worth telling, newest first: the ledger's, at most LEDGER_NEWS. */
int pages_read_news(const struct pages *pages, const struct ledger_list *list,
	uint32_t limit, struct site_event **ret_events, uint32_t *ret_count,
	struct error *error);

/* The tallies of a list's last days, oldest first. */
int pages_read_tallies(const struct pages *pages, const struct ledger_list *list,
	uint32_t days, struct picture_tally **ret_tallies, uint32_t *ret_count,
	struct error *error);
