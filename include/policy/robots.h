/* policy/robots: may this page be asked, by the host's robots.txt (RFC 9309)?
 *
 * What one agent may ask of one scheme, host and port, and how far apart (Crawl-delay, no
 * part of the RFC). Not here: fetching the file, following its redirects and keeping it;
 * a kept one should not be used for more than 24 hours (2.4).
 *
 * The groups of the agent count together, and those of "*" only where it has none
 * (2.2.1). The longest pattern that matches decides, and Allow among equals (2.2.2). Like
 * Google's parser, whose tests are the field's yardstick, and beyond the RFC:
 * - "disallow /x" without the colon and some misspellings of the keys are read as meant:
 *   they can only have been written for robots;
 * - "Allow: /x/index.html" allows "/x/" too;
 * - percent-encoding is brought to one form (upper-case digits, no bytes above ASCII) but
 *   nothing is decoded, though 2.2.2 wants it for unreserved characters: "%61" is not
 * "a". Crawl-delay ends no group; it is for the agents named since the rule or delay
 * before it.
 *
 * Pure. Rules and their text belong to the arena given to robots_parse.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/outcome.h"

enum {
	ROBOTS_TEXT_BYTES_MAX = 500 * 1024,   /* the RFC's least (2.5) */
	ROBOTS_LINE_BYTES_MAX = 2083 * 8 - 1, /* as Google reads; a longer one is cut */
	/* Further ones are dropped. So many of the shortest fill the text; those with "*"
	 * cost more than a look at their first bytes. */
	ROBOTS_RULES_MAX = 64 * 1024,
	ROBOTS_STARRED_MAX = 4096,
	ROBOTS_TARGET_BYTES_MAX = 32 * 1024,   /* judged, of one form; the rest is not */
	ROBOTS_CRAWL_DELAY_MS_MAX = 60 * 1000, /* a longer wish is cut to it */
};

/* "*" in a pattern is any text, "$" at its end is the end of the target. */
struct robots_rule {
	struct slice pattern; /* never empty; percent-encoding in one form */
	bool allow;
};

struct robots {
	struct robots_rule *rules; /* longest pattern first, Allow before Disallow */
	uint32_t rule_count;
	time_ms crawl_delay_ms; /* the longest of the chosen groups; -1: none */
};

/* `text` is any bytes. A line cut short can forbid more than was meant: beyond the
 * ceiling only whole lines are read, so hand over one byte more than that of a text that
 * goes on, and no half line of one that broke off. `agent` is the product token; one that
 * is empty or has a blank in it has no group. -1: no memory; *ret_robots then permits
 * all.
 */
int robots_parse(struct arena *arena, struct slice text, struct slice agent,
	struct robots *ret_robots);

/* `target` is path and query as the server is asked, without a fragment; an empty one is
 * "/". "/robots.txt" is always permitted. A rule costs time linear in pattern and target,
 * as far as memmem is; the worst file takes 0.2 s for a target of 16 KB (3 ms for one of
 * 200 bytes), a real one some microseconds. */
bool robots_permits(const struct robots *robots, struct slice target);

/* The product token of a User-Agent, a view: "linkrotd" of "linkrotd/1.0 (+https://…)".
 */
struct slice robots_agent(struct slice user_agent);

enum robots_access {
	ROBOTS_ACCESS_BY_RULES, /* parse the body, as far as it came */
	ROBOTS_ACCESS_FREE,     /* nobody forbids anything */
	ROBOTS_ACCESS_CLOSED,   /* nothing may be asked */
};

/* What asking for robots.txt came to; `failure` and `http_status` as in struct
 * observation. 2xx: by its rules. 5xx: closed (2.3.1.4). 4xx, and redirects that led
 * nowhere: free (2.3.1.3). Other failures are free as well, where 2.3.1.4 says closed:
 * the page on the same host will fail for the same reason, and that reason is what its
 * reader must see, not "robots". */
enum robots_access robots_access(enum reason failure, int http_status);
