/* model/url: what a URL is.
 *
 * A parser and resolver by the WHATWG URL Standard, which is what browsers do with a
 * README, and the canonical form that makes two spellings one link. No network, no
 * percent-decoding of anything that could change the resource. libcurl's URL API is not
 * used: version 7.88 gets 115 of the 229 http(s) cases of web-platform-tests right.
 *
 * All slices of a parsed URL point into one NUL-terminated `href` in the arena. Bytes
 * that are not UTF-8 are read as U+FFFD. A call takes no memory but from the arena
 * (libidn2's own for a moment, for an international host) and 16 KiB of stack; its time
 * is linear in the input.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum {
	URL_BYTES_MAX = 16 * 1024, /* of the input, and of the serialisation */
	URL_PORT_NONE = -1,        /* absent, or the default of the scheme */
};

struct url {
	struct slice href;     /* the whole serialisation */
	struct slice scheme;   /* lower case, without the colon */
	struct slice username; /* percent-encoded; never sent, stored or printed */
	struct slice password;
	struct slice
		host; /* A-labels, IPv4 in four parts, IPv6 in brackets; may be empty */
	struct slice path;     /* with its leading slash, unless opaque */
	struct slice query;    /* without the question mark */
	struct slice fragment; /* without the hash */
	int32_t port;
	bool has_host, has_query, has_fragment;
	bool opaque; /* a path without hierarchy, as in mailto:a@b */
	bool http;   /* http or https */
};

/* Parses `input` against `base` (NULL: it must be absolute). 0, or -1 where the standard
 * says failure, or where a limit or the arena ended it. *ret_url is untouched on failure,
 * and arena->failed is set when it was for want of room or memory. */
int url_parse(struct arena *arena, struct slice input, const struct url *base,
	struct url *ret_url);

/* Identity: the "safe" normalisations on top of the parse (RFC 3986 6.2.2): percent
 * triplets in upper case, percent-encoded unreserved characters decoded, userinfo
 * dropped. Never touched: case of path and query, trailing slash, order of parameters,
 * %2F, `+`. The fragment stays. -1 only when the arena is exhausted. */
int url_canonical(struct arena *arena, const struct url *url, struct url *ret_url);

/* The same URL without userinfo and without fragment: what is asked of the server. */
int url_request_target(struct arena *arena, const struct url *url, struct url *ret_url);

/* href without "#fragment"; a view into it. */
struct slice url_without_fragment(const struct url *url);

/* The port to connect to; 0 for schemes without one. */
uint16_t url_port(const struct url *url);

/* Percent-decodes into the arena; broken triplets stay as they are. */
struct slice url_percent_decode(struct arena *arena, struct slice text);
