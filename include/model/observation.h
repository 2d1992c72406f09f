/* model/observation: what one check measured, before anyone judges it.
 *
 * The probe fills it, verdict/ reads it. It says what happened on the wire and what
 * the page showed, in facts, and knows nothing of good or bad. One observation belongs to
 * the probe that made it, with all its slices, until the done callback returns.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "base/time.h"
#include "model/outcome.h"

enum method { METHOD_GET, METHOD_HEAD };

static inline const char *method_text(enum method method)
{
	return method == METHOD_HEAD ? "HEAD" : "GET";
}

/* How a hop was sent on. */
enum hop_via {
	HOP_VIA_NONE,
	HOP_VIA_STATUS,
	HOP_VIA_REFRESH_HEADER,
	HOP_VIA_META_REFRESH
};

/* One answered request of a chain; hops[0] is the link itself, the last one is final. */
struct hop {
	struct slice url; /* what was asked, without fragment and userinfo */
	int status;       /* 0: no answer */
	enum hop_via via; /* NONE: the chain ends here */
	struct slice
		target; /* where it sent us, resolved, fragment inherited; else empty */
	/* Which cookies it was asked with, and which there were after the answer: the
	 * same number, the same cookies. */
	uint32_t cookies_sent, cookies_left;
};

/* Milliseconds of the phases of the final hop; total is of the whole check, its waiting
 * for a turn at the host not counted. -1: the phase did not happen. */
struct timing {
	int32_t dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms;
};

struct certificate {
	bool seen;
	bool verified;
	/* Wall; 0: not known. The chain's is the soonest end of all certificates that
	 * were needed, or that the server sent where there is no chain to an authority.
	 */
	time_ms starts_at, expires_at; /* of the leaf */
	time_ms chain_expires_at;
};

/* Marks of bot walls seen in the answer's headers. */
enum wall {
	WALL_NONE,
	WALL_CLOUDFLARE, /* cf-mitigated: challenge */
	WALL_DATADOME,
	WALL_AWS,     /* x-amzn-waf-action: challenge or captcha */
	WALL_IMPERVA, /* x-iinfo together with a 403 */
	WALL_PERIMETERX,
};

/* A small picture of the visible words of a page: of every three words in a row one hash,
 * kept where it is the least of its place. Two pages of the same words have the same
 * picture, and the share of places that are alike estimates the share of words in common
 * (one-permutation MinHash, Li et al. 2012). UINT32_MAX: no words fell there. A path that
 * stands among the words, as pages repeat their own, is the same word whatever it is. */
enum { SKETCH_PLACES = 64 };
struct page_sketch {
	uint32_t least[SKETCH_PLACES];
};

enum { PAGE_BOXES = 4 };

/* What the page's own bytes say (extract/page.h); all of the final hop, all may be empty.
 * Text is decoded and has its white space folded, but is still hostile: whoever prints it
 * cleans it. */
struct page_facts {
	bool parsed;                 /* the body was HTML and some of it was read */
	struct slice title;          /* <title> */
	struct slice citation_title; /* <meta name=citation_title> or DC.title */
	struct slice og_title;
	struct slice heading;     /* the first <h1> */
	struct slice canonical;   /* <link rel=canonical>, as written */
	struct slice citation_id; /* citation_arxiv_id or citation_doi */
	struct slice refresh_url; /* <meta http-equiv=refresh>, as written */
	struct slice base;        /* <base href>, as written; empty: none */
	int32_t refresh_delay_s;  /* -1: none */
	bool noindex;             /* robots meta */
	bool password_field;      /* an <input type=password>: a login page */
	bool challenge_mark;      /* bytes only a challenge page has */
	bool parked_mark;         /* bytes only a parked domain's page has */
	bool video_gone;     /* bytes that YouTube writes for a video it does not have */
	bool sale_words;     /* something is for sale or has expired, a domain perhaps */
	bool gone_words;     /* its text says that something is not there */
	bool scripted;       /* a <script> of the page's own making may fill it */
	bool whole;          /* read to its end, so that text_bytes is all there is */
	uint32_t text_bytes; /* visible text read so far */
	struct page_sketch sketch; /* of that text */
	/* If they were asked for: what arXiv and GitHub themselves write above what they
	 * show, each by its beginning. */
	struct slice boxes[PAGE_BOXES];
	uint32_t box_count;
	/* GitHub's numbers of the repository that it shows and of its owner; 0: none. */
	uint64_t repository_id, owner_id;
};

struct observation {
	/* REASON_OK: the final hop gave a complete status line and headers. Otherwise the
	 * class of what went wrong on the way: dns_*, connect_*, network_unreachable,
	 * timeout, tls_*, http_malformed, redirect_loop, redirect_limit,
	 * redirect_forbidden, address_forbidden, bad_url, offline. */
	enum reason failure;
	struct slice
		error; /* detail for a person, also when the body failed; may be empty */

	const struct hop *hops;
	uint32_t hop_count; /* at least 1 once a request was prepared */
	int http_status;    /* of the last hop; 0: no answer */
	enum method method;
	struct slice final_url; /* last hop, with the inherited fragment */
	uint32_t attempts;      /* requests made, retries and hops included */
	time_ms retry_after_ms; /* -1: the last answer had none */
	enum wall wall;
	struct slice content_type; /* of the last hop, lower case, without parameters */
	struct slice etag, last_modified; /* of the last hop, as sent; may be empty */
	struct slice sunset;    /* likewise: when it says that it will end (RFC 8594) */
	struct slice successor; /* likewise: where it says that its next version is, as
				   written (RFC 5829) */
	int64_t body_bytes;     /* decoded, read before we stopped */
	bool body_partial;      /* more would have come, or it was cut short */

	struct page_facts page;
	const struct slice
		*anchors; /* ids and names on the page, if they were asked for */
	uint32_t anchor_count;
	bool anchors_complete; /* the whole page was read for them */
	struct slice body;     /* the body itself, if it was asked for */

	struct certificate certificate;
	struct timing timing;
	time_ms checked_at; /* wall, at the first request */
	bool ipv6;          /* the family of the last connection */
	uint8_t peer[16]; /* its address, IPv4 in v4-mapped form; zeros: no connection */
	/* Why the other family gave nothing at the last hop; OK: it was not needed. */
	enum reason other_family_failure;
	bool has_server_date;
	time_ms server_ahead_ms; /* the Date header less our clock when it came */
};
