/* policy/retry: is it worth asking again in this run, and how?
 *
 * By cause: a refused protocol is asked again at once with another one, a dropped reused
 * connection on a fresh one, a server in trouble after a while, a final answer never.
 * HEAD is never the last word against a link: anything but its success is asked again
 * with GET.
 *
 * Also reads Retry-After (RFC 9110 10.2.3), before which RateLimit fields step back where
 * both are there. It binds the host, not the URL, where the answer is about the host: a
 * refusal (403, as GitHub's for haste, and 429) or trouble (408, 5xx ...). Before a
 * redirect is followed it is waited for as well, as far as a run waits. A success, or a
 * 404, says nothing with it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/observation.h"

struct retry_limits {
	uint32_t
		retries_max; /* beyond the first request, changes of method not counted */
	time_ms delay_ms;    /* before the first retry; doubles each time, ±20 % */
	time_ms delay_ms_max;
	time_ms retry_after_ms_max; /* a longer wish is not waited for within a run (30 s)
				     */
};

/* What just failed, or did not. */
struct retry_attempt {
	enum reason failure; /* as in struct observation; REASON_OK: an answer came */
	int status;
	enum method method;
	bool http2;             /* the failed try spoke HTTP/2 */
	bool reused_connection; /* and its connection had served before */
	bool other_family;      /* addresses of the other family are left to try */
	uint32_t retries;       /* already spent on this hop */
	time_ms retry_after_ms; /* -1: none */
	time_ms rate_limit_ms;  /* the host's budget is used up for that long; 0: no word
				 */
	bool protocol_error;    /* HTTP/2 framing or stream error */
	bool look_helps; /* TLS was refused, and nobody has looked at the certificate */
};

struct retry_decision {
	bool again;
	bool counts;      /* against retries_max */
	time_ms delay_ms; /* before it may start, on top of the host's own pace */
	enum method method;
	bool http1_only;
	bool fresh_connection;
	bool switch_family;
	/* Only to see the certificate: with the oldest TLS there is, and no request. The
	 * failure stands whatever is seen. At most once a hop: the caller says
	 * `look_helps` until it has been done. */
	bool look;
	time_ms host_pause_ms; /* > 0: the whole host is to be left alone that long */
};

struct retry_decision retry_decide(const struct retry_attempt *attempt,
	const struct retry_limits *limits, struct random *random);

/* Retry-After as delta-seconds or any of the three HTTP dates, relative to `wall`,
 * clamped to [1 s, 7 d]; a past date gives 1 s. -1 for anything else. */
time_ms retry_after_parse(struct slice value, time_ms wall);
