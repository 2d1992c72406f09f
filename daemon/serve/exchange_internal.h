/* serve/exchange: one request and its answer, between libmicrohttpd and the answering
 * function.
 *
 * libmicrohttpd calls: with the request line (exchange_begin), when the headers are
 * there, with each part of a body, at the end of the request, and when the answer is gone
 * or will never be (exchange_end). Memory is kept for the next exchange.
 */
#pragma once

#include "serve/server_internal.h"

/* The callbacks; `cls` is the struct serve. */
void *exchange_begin(void *cls, const char *target, struct MHD_Connection *http);
enum MHD_Result exchange_go_on(void *cls, struct MHD_Connection *http, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_len,
	void **exchange);
void exchange_end(void *cls, struct MHD_Connection *http, void **exchange,
	enum MHD_RequestTerminationCode how);

/* The whole 408 of a request that did not come in time, as bytes. */
void exchange_make_late(
	struct serve *serve, struct exchange *exchange, struct buffer *out);

void exchange_free_spare(struct serve *serve);
