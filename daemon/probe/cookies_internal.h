/* probe/cookies: what a chain of redirects must carry from hop to hop.
 *
 * Many pages set a cookie and send the reader to the same place again. A jar lives as
 * long as one chain and is forgotten with it. RFC 6265 but for what no chain needs: no
 * order, no HttpOnly and SameSite, an expiry only takes a cookie away at once, and one
 * set over https never goes out over http. Domain is that of the host or one above it, at
 * most the registrable one. Nothing is shared between checks. At most COOKIES_MAX
 * cookies, the first ones; all text is in the chain's arena.
 */
#pragma once

#include "base/arena.h"
#include "base/time.h"
#include "model/url.h"

enum {
	COOKIES_MAX = 16,
	COOKIE_BYTES_MAX = 4096,
	COOKIE_LINE_BYTES_MAX = 8192, /* of all that go out; servers take no more */
};

struct cookie {
	struct slice name, value, domain, path;
	char *room; /* holds the value; kept when that is replaced */
	size_t room_size;
	bool host_only; /* not for the hosts below its domain */
	bool secure;
};

struct cookie_jar {
	struct cookie *cookies; /* NULL until there is one */
	uint32_t count;
	/* Grows with each cookie that is new, changed or taken away: two questions with
	 * the same number go out with the same cookies. */
	uint32_t state;
	time_ms wall; /* when its chain began; what expired before that is gone */
};

/* Takes one Set-Cookie value of an answer from `url`. Without memory it is left out. */
void cookies_take(struct cookie_jar *jar, struct arena *arena, const struct url *url,
	struct slice set_cookie);

/* "a=1; b=2" for a request to `url`, with a NUL; cookies that make it too long are left
 * out. NULL when there is nothing to send. */
const char *cookies_for(
	const struct cookie_jar *jar, struct arena *arena, const struct url *url);
