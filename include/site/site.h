/* site/site: what all pages share: where they are, what stands on top of each, and the
 * two files they need beside them.
 *
 * The room is pure: values that somebody has read from the store in, bytes of HTML out.
 * A page is written the same for the built-in server and for `linkrotd export`; only its
 * addresses differ, and what a file cannot do (search, sort) is left out. Everything is
 * put in place by the style sheet: a page has neither inline styles nor inline scripts
 * nor anything from elsewhere, so that the strictest Content-Security-Policy fits
 * (style-src 'self'; script-src 'self'; img-src data:; form-action 'self'). It is
 * serialised so that an XML parser reads it, too.
 *
 * Nothing on a page depends on the time of day but what a caller puts in: times stand
 * there as dates, not as ages ("3 h ago" is the script's work). So a page that is written
 * again without news has the same bytes, and the same ETag.
 *
 * Slices may hold hostile bytes; what shows them goes through format/markup. The URL of a
 * link that is not well is text, never a link.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "format/standing.h"
#include "model/event.h"

enum {
	SITE_PAGE_BYTES = 60 * 1024, /* no page is larger, whatever is in it */
	SITE_LIST_ROWS = 100,        /* links a page */
	SITE_EVENT_ROWS = 100,       /* events a page */
	SITE_LISTS_MAX = 100,        /* lists a page of the overview */
	SITE_LINES_MAX = 8,          /* sentences of trouble on top of a page */
};

/* One site: the same for all its pages. */
struct site {
	struct slice title;    /* of the whole; empty: "Links" */
	const char *generator; /* "linkrotd 0.1.0" */
	/* Before every address. A server: "/", or a path that ends in a slash where a
	 * proxy puts it below one; empty is "/". Static: empty makes addresses relative
	 * to each page, so that the files work in any directory, from disk too; else as
	 * for a server. */
	struct slice base;
	bool is_static; /* files: names end in .html, no search, no sort */
	/* Where others find it, for the code of the badge: "https://links.example.org",
	 * without a slash at its end. Empty: the code is not shown. */
	struct slice public_url;
};

/* On top of a page: how fresh it is. */
struct site_head {
	/* Of the checks that the figures rest on: the oldest and the newest last check of
	 * the links it tells of; 0: never checked. */
	time_ms measured_from, measured_until;
	/* Checks made lately, within the last checks_lately_ms. 0 checks is said aloud;
	 * checks_lately_ms 0: not known, not said. */
	uint64_t checks_lately;
	time_ms checks_lately_ms;
	/* The daemon is late, or does not run: the page says on top that it is old. */
	bool stale;
	/* Sentences about the whole, for the top: offline, sources that fail. At most
	 * SITE_LINES_MAX are shown. */
	const struct slice *lines;
	uint32_t line_count;
};

/* --- where things are ----------------------------------------------------------------
 */

enum site_what {
	SITE_OVERVIEW,
	SITE_LIST,
	SITE_LINK,
	SITE_EVENTS, /* of a list, or of all */
	SITE_FEED,   /* likewise */
	SITE_BADGE,  /* of a list */
	SITE_STYLE,
	SITE_SCRIPT,
};

struct site_place {
	enum site_what what;
	struct slice list; /* [a-z0-9-]+; empty: all */
	bool by_state;     /* LIST: only links in `state` */
	enum state state;
	/* The page, from 1; 0 is 1. OVERVIEW; LIST and EVENTS when static. */
	uint32_t number;
	int64_t link_id;
};

/* The name of the file in an exported site: "index.html", "2.html" of more than
 * SITE_LISTS_MAX lists, "lists/NAME/index.html",
 * "lists/NAME/2.html", "lists/NAME/dead/index.html", "lists/NAME/events/index.html",
 * "links/12.html", "events/index.html", "feed.atom", "badge/NAME.svg", "style.css".
 *
 * Pages lead to the first page of each list, of each state that links of the list are in,
 * of its events and of all events, from there to all that are numbered, to every link
 * they show, and to feeds and badges: an export holds all of these. */
void site_file(struct buffer *out, const struct site_place *place);

/* As a page at `from` names it: href before escaping. On a server
 * "/lists/NAME?state=dead", in files "../../lists/NAME/dead/index.html". Style and script
 * carry a hash of their bytes as their query and may be cached for ever. */
void site_address(struct buffer *out, const struct site *site,
	const struct site_place *from, const struct site_place *to);

/* --- the two files ---------------------------------------------------------------------
 */

/* text/css and text/javascript, UTF-8; constant. */
struct slice site_style(void);
struct slice site_script(void);

/* --- what several pages show
 * ------------------------------------------------------------ */

/* One event with what it is about. */
struct site_event {
	int64_t event_id;
	struct event event;
	struct slice url;          /* of its link; empty: not of one */
	struct slice label;        /* what a document calls it; may be empty */
	const struct slice *lists; /* names, of its link; may be none */
	uint32_t list_count;
};
