/* site/page (internal): the frame of a page, and the few pieces that pages are built of.
 *
 * Two kinds of words never mix: page_say takes markup of our own, all others clean what
 * they are given. A page has a purse of bytes for foreign text: what is short costs what
 * it costs and what is long is cut so that the purse lasts, because a page keeps to
 * SITE_PAGE_BYTES whatever strangers wrote.
 */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "site/site.h"
#include "site/strip.h"

struct page {
	const struct site *site;
	struct site_place at;
	struct buffer *out;
	struct buffer scratch, bare, cell; /* reused */
	size_t start;                      /* of the page in `out` */
	size_t purse;                      /* bytes of foreign text left for the page */
	size_t row;                        /* of it, what this row may still take */
};

/* What is on top of every page. */
struct page_top {
	struct slice title;           /* of this page, for <title> and <h1> */
	bool is_home;                 /* <title> is the site's alone */
	const struct site_head *head; /* NULL: nothing was measured */
};

void page_init(struct page *page, const struct site *site, struct site_place at,
	struct buffer *out);

/* Everything up to the inside of <main>, <h1> included; not the freshness. */
void page_begin(struct page *page, const struct page_top *top);

/* Trouble, then "Measured from … until …": below the page's first sentence. */
void page_freshness(struct page *page, const struct site_head *head);

/* The foot; frees what page_init took. `what` for the error: "the page of a list". */
int page_end(struct page *page, const char *what, struct error *error);

/* Bytes written so far. */
size_t page_bytes(const struct page *page);

/* What is left of the page, less `reserve` for markup of our own, is for foreign text. */
void page_open_purse(struct page *page, size_t reserve);

/* The next row, of `rows` that are still to come with it, may take its share. */
void page_open_row(struct page *page, uint32_t rows);

/* --- words ----------------------------------------------------------------------------
 */

void page_say(struct page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Foreign text: cut to bytes_max before and to the row's share after escaping. */
void page_text(struct page *page, struct slice text, size_t bytes_max);
/* Likewise, without the userinfo of URLs in it. */
void page_sentence(struct page *page, struct slice text, size_t bytes_max);
/* A URL without userinfo. */
void page_url(struct page *page, struct slice url, size_t bytes_max);

/* Several lines of sentences, each as an item of a list: <ul class="NAME">. Nothing
 * without them. */
void page_lines(struct page *page, const char *name, const struct slice *lines,
	uint32_t count, uint32_t max);

/* ATTRIBUTE="…" */
void page_place(struct page *page, const char *attribute, const struct site_place *to);
void page_href(struct page *page, const struct site_place *to);
/* To the pages before and behind this one, which is `number` of `number_max`. */
void page_numbered_ways(struct page *page, uint32_t number, uint32_t number_max);
/* <a href="…">, of a link by its id, or a list by its name. */
void page_open_link(struct page *page, int64_t link_id);
void page_open_list(struct page *page, struct slice name);

/* A value in the query of an address: what is not a letter or a digit is %XX, and so
 * needs no escape in HTML. */
void page_query(struct page *page, struct slice value, size_t bytes_max);

/* A URL as a link where it may be one and `alive`, else as text. */
void page_outward(struct page *page, struct slice url, bool alive, size_t bytes_max);

/* Of what is well now; it may be a link. */
bool page_is_alive(enum state state);

/* "1,204" */
enum { PAGE_NUMBER_SIZE = 32 };
const char *page_number(uint64_t number, char text[static PAGE_NUMBER_SIZE]);

/* "2026-11-20", "2026-11-20 03:30Z"; "never" for 0. <time> reads both as they stand. */
void page_day(struct page *page, time_ms at);
void page_minute(struct page *page, time_ms at);

/* <span class="s dead">dead</span>: the shape comes from the class. */
void page_state(struct page *page, enum state state);
const char *page_state_class(enum state state);

/* "3 of 1,204 links are dead, 2 more are suspect." */
void page_counts_sentence(struct page *page, const struct standing_counts *counts);

/* --- events ----------------------------------------------------------------------------
 */

/* <ol class="ev"> of events, under a heading a day where `by_day`. */
void page_events(
	struct page *page, const struct site_event *events, uint32_t count, bool by_day);
/* One of a link's own page, which need not say which link. */
void page_event_words(struct page *page, const struct event *event);

/* --- the strip
 * -------------------------------------------------------------------------- */

/* As one small picture with words for it. Where the link came and went so often that it
 * would be more than bytes_max, a bar is several days; false, and nothing, where even
 * that does not fit. Up to STRIP_PICTURE_BYTES tell a strip that is not quite mad day by
 * day. */
enum { STRIP_PICTURE_BYTES = 420 };
bool strip_add_picture(struct buffer *out, const struct strip *strip, size_t bytes_max);

/* The class of a bar of this kind. */
const char *strip_class(enum strip_kind kind);

/* As ninety buttons that the arrow keys walk. */
void strip_add_buttons(struct buffer *out, const struct strip *strip);
