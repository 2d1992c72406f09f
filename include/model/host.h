/* model/host: the unit of politeness and of domain death.
 *
 * The registrable domain by the public suffix list (libpsl's built-in copy), with shared
 * platforms grouped by hand: github.io is a public suffix, yet all its pages are one
 * server's load. Hosts are in the spelling that url_parse gives; a trailing dot does not
 * count.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* An IPv4 address, or an IPv6 address in brackets. */
bool host_is_address(struct slice host);

/* "example.co.uk" of "www.example.co.uk"; the host itself when it is an address, a public
 * suffix or a single label. A view into `host`. */
struct slice host_registrable(struct slice host);

/* The host in a URL as url_parse serialises it, without parsing it again: no port, no
 * userinfo. A view into `url`; empty where there is none. */
struct slice host_in_href(struct slice url);

/* "example.com" of "www.example.com": the same site under another name. A view into
 * `host`, which is in lower case. */
struct slice host_without_www(struct slice host);

/* The name under which requests to this host are counted and spaced: the registrable
 * domain, or the platform that serves it ("github.com" for a.github.io and
 * raw.githubusercontent.com). A view into `host` or a constant. */
struct slice host_pacing_key(struct slice host);

/* Whether `text` reads like a host that people write without a scheme: letters, digits,
 * hyphens and at least one dot, ending in a known ICANN suffix (so "README.md" and
 * "setup.py" are no hosts even where such a suffix exists: endings of well-known file
 * types count as files unless the whole starts with "www."). */
bool host_looks_written(struct slice text);

/* Whether such a text, where it stands without a path, is as likely the name of a file:
 * one dot, and behind it an ending of both ("Main.java", "model.pt"). */
bool host_looks_like_file(struct slice text);
