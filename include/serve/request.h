/* serve/request: what somebody asks of the server.
 *
 * Whole and checked when the answering function sees it: the target is decoded
 * (serve/target.h), a body is complete and within its limit, and the method fits the
 * path. Nothing of it outlives the call. All text is a stranger's: valid UTF-8 where it
 * was decoded, any bytes in headers and body.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "serve/target.h"

/* HEAD is answered like GET; the server leaves the body out itself. */
#define SERVE_METHODS(X)                                                                 \
	X(GET, "GET")                                                                    \
	X(HEAD, "HEAD")                                                                  \
	X(POST, "POST")

#define SERVE_METHOD_ENUM(name, text) SERVE_##name,
enum serve_method { SERVE_METHODS(SERVE_METHOD_ENUM) };
#undef SERVE_METHOD_ENUM

enum { SERVE_PEER_SIZE = 64 };

struct serve_request {
	enum serve_method method;
	struct serve_target target;
	/* Headers, empty where they were not sent. Conditions and encodings are the
	 * server's own work; they are here for who wants to save himself making a page.
	 */
	struct slice authorization;
	struct slice content_type;
	struct slice if_none_match;
	struct slice if_modified_since;
	struct slice accept_encoding;
	struct slice body;          /* of a POST */
	char peer[SERVE_PEER_SIZE]; /* "192.0.2.1", "2001:db8::1" or "local", for logs */
};

/* The request carries `Authorization: Bearer TOKEN` with exactly this token. The time it
 * takes depends on the length of what was sent, not on where it differs. An empty token
 * fits nothing. */
bool serve_request_has_token(const struct serve_request *request, struct slice token);
