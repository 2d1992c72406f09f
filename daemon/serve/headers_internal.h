/* serve/headers: what is said beside the body, in one place.
 *
 * The headers that every answer has, those that follow from the fields of an answer, and
 * the small pages of statuses. Values are constants, numbers, or checked here: a
 * stranger's text never gets into a header.
 */
#pragma once

#include "base/buffer.h"
#include "serve/answer.h"

/* Called for each header. False ends it. */
typedef bool (*header_fn)(void *context, const char *name, const char *value);

/* What the server itself has found out about an answer. */
struct headers_extra {
	const char *etag; /* in its quotes; NULL: none */
	bool varies;      /* another client may get another encoding */
	bool gzipped;
	bool not_modified; /* it is sent as a 304 */
};

/* Everything but what libmicrohttpd adds (Date, Content-Length, Connection). False when
 * `add` was, or the answer names a Location that is none. */
bool headers_each(const struct serve_answer *answer, const struct headers_extra *extra,
	header_fn add, void *context);

/* What a status means here, as one sentence; empty where nothing more is to be said. */
const char *headers_sentence(int status);

/* The page of a status without one: "404 Not Found" and the sentence. */
void headers_add_page(struct buffer *body, int status);

/* A whole answer as bytes, for connections that libmicrohttpd is not to answer. */
void headers_add_raw(struct buffer *out, const struct serve_answer *answer);
