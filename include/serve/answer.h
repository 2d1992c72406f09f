/* serve/answer: what is sent back.
 *
 * The answering function gets one that says 200, text, no body, ask again each time, and
 * changes what it wants. It writes no header itself: what can be said is a field here,
 * and the server turns it into headers, adds those that every answer has (see headers.c:
 * Content-Security-Policy, nosniff, no-referrer, ...), answers conditions with 304,
 * compresses, and leaves out the body for HEAD.
 */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/time.h"

/* text, worth compressing */
#define SERVE_TYPES(X)                                                                   \
	X(TEXT, "text/plain; charset=utf-8", true)                                       \
	X(HTML, "text/html; charset=utf-8", true)                                        \
	X(CSS, "text/css; charset=utf-8", true)                                          \
	X(SCRIPT, "text/javascript; charset=utf-8", true)                                \
	X(JSON, "application/json", true)                                                \
	X(SVG, "image/svg+xml; charset=utf-8", true)                                     \
	X(ATOM, "application/atom+xml; charset=utf-8", true)                             \
	X(CSV, "text/csv; charset=utf-8", true)                                          \
	X(METRICS, "text/plain; version=0.0.4; charset=utf-8", true)                     \
	X(PNG, "image/png", false)                                                       \
	X(ICO, "image/vnd.microsoft.icon", false)

#define SERVE_TYPE_ENUM(name, text, compress) SERVE_TYPE_##name,
enum serve_type { SERVE_TYPES(SERVE_TYPE_ENUM) };
#undef SERVE_TYPE_ENUM

enum {
	SERVE_ETAG_SIZE = 48,
	/* Of a body. One that outgrows it is answered with 500. */
	SERVE_BODY_BYTES_MAX = 8 * 1024 * 1024
};

struct serve_answer {
	int status; /* 200 to 599, but for 304, which the server makes of a 200 */
	enum serve_type type;
	/* Owned by the server, empty at first, reused afterwards. One that has failed
	 * makes the answer a 500. An empty one of a status from 400 on is a refusal
	 * that serve_refuse_fn puts into words. */
	struct buffer *body;

	/* A validator of a 200. Either the hash of the body (which saves sending it, not
	 * making it), or what the answerer knows better: printable ASCII without quotes,
	 * different whenever a byte of the body is; of a weak one only whenever the body
	 * says something else. Each encoding has its own in the end. */
	bool etag_of_body, etag_is_weak;
	char etag[SERVE_ETAG_SIZE];
	time_ms last_modified; /* wall; 0: not said */

	/* `no_store` for what a token opens. Otherwise anybody may keep it for max_age_s,
	 * and 0 means: ask again each time, with the validator. */
	bool no_store;
	int max_age_s;

	/* May be shown inside the pages of other sites, as a badge is. */
	bool embeddable;

	/* --- headers of single answers; 0, false, NULL: left out ---------------------
	 */
	int retry_after_s;
	bool wants_token;     /* WWW-Authenticate: Bearer, with a 401 */
	const char *allow;    /* of a 405: "GET, HEAD" */
	const char *location; /* of a 3xx: a path of this server, percent-encoded; the
			       * answerer keeps it until the next call */
	const char *filename; /* to be saved under: letters, digits, `.`, `-`, `_` */
};
