/* verdict/redirect: where a chain goes next, and what of it is worth a rewrite.
 *
 * Redirects are followed by hand, one hop a request (RFC 9110 15.4). Which hop deserves a
 * change in somebody's list is Repology's rule: the targets of 301 and 308 count until
 * the first temporary hop, and only when the end is alive.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "model/observation.h"
#include "model/url.h"

#define HOP_CLASSES(X)                                                                   \
	X(SAME, "same")                                                                  \
	X(SCHEME_UPGRADE, "scheme-upgrade")                                              \
	X(SCHEME_DOWNGRADE, "scheme-downgrade")                                          \
	X(WWW_TOGGLE, "www-toggle")                                                      \
	X(SLASH, "slash")                                                                \
	X(CASE, "case")                                                                  \
	X(HOST_MOVE, "host-move")                                                        \
	X(PATH_MOVE, "path-move")                                                        \
	X(TO_ROOT, "to-root")                                                            \
	X(LOGIN, "login")                                                                \
	X(CONSENT, "consent")                                                            \
	X(CHALLENGE, "challenge")                                                        \
	X(LOCALE, "locale")                                                              \
	X(TRACKING, "tracking")                                                          \
	X(SESSION, "session")                                                            \
	X(RELEASE, "release")                                                            \
	X(DOI, "doi")

#define HOP_CLASS_ENUM(name, text) HOP_CLASS_##name,
enum hop_class { HOP_CLASSES(HOP_CLASS_ENUM) };
#undef HOP_CLASS_ENUM

const char *hop_class_text(enum hop_class hop_class);

/* What changed between two URLs, the most telling difference first. DOI and RELEASE look
 * at the source: a DOI resolver, or github.com/…/releases/latest and its like.
 * CHALLENGE, LOGIN and CONSENT need a source that is not such a page itself. TO_ROOT is a
 * deep page that became a front page, on any host. */
enum hop_class redirect_classify(const struct url *from, const struct url *to);

/* Whether a rewrite to `to` would serve a reader: HOST_MOVE and PATH_MOVE do. */
bool redirect_worth_rewrite(enum hop_class hop_class);

struct redirect_step {
	bool follow;
	enum reason failure; /* when not followed: REASON_OK (an ordinary end), or
			      * redirect_loop, redirect_limit, redirect_forbidden */
	struct url url;      /* to ask next; fragment inherited (RFC 9110 10.2.2) */
};

struct redirect_limits {
	uint32_t hops_max;
	int32_t refresh_delay_s_max; /* a longer refresh is a page, not a redirect */
};

/* The last hop answered `status` with this Location (or refresh target), both as sent.
 * `hops` holds the chain so far, the last one being the answer at hand. A status 3xx
 * without Location, or with one that is no URL, ends the chain (the verdict then says
 * http_other). A refresh to the page itself reloads it, and one out of http opens an
 * application: ordinary ends, but `file:` and `data:` are forbidden as in a Location.
 * Loops are judged by URL and cookies: with the same ones a URL may come back once. What
 * sets new ones for ever ends at the limit.
 * -1: arena exhausted. */
int redirect_next(struct arena *arena, const struct url *from, enum hop_via via,
	struct slice location, const struct hop *hops, uint32_t hop_count,
	const struct redirect_limits *limits, struct redirect_step *ret_step);

/* Whether the refresh that gave `step` only turns over slides: each page stays for a
 * while to be read (an instant refresh, 0 s, shows nothing), and the next one was shown
 * before or ends in a loop or at the limit. The page at hand is an ordinary end then. */
bool redirect_shows_slides(int32_t delay_s, const struct redirect_step *step,
	const struct hop *hops, uint32_t hop_count);

/* 301 and 308. */
bool redirect_is_permanent(int status);

/* The last target reached through leading permanent hops only; empty when the first hop
 * is not permanent. */
struct slice redirect_permanent_target(const struct hop *hops, uint32_t hop_count);
