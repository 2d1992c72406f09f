/* serve/serve: the HTTP server of the daemon.
 *
 * It holds libmicrohttpd and one thread of its own, apart from the loop. What is answered
 * is decided by a function handed in; the rules of HTTP (methods, conditions, limits,
 * malformed requests, the strict headers) are kept here. No TLS: that is the work of the
 * proxy in front. HTTP/1.0 and 1.1, GET and HEAD, POST only where the options say.
 *
 * One thread, so one answer is made at a time: the answering function is never called
 * twice at once, always on that thread, and may keep a handle that is not to be shared.
 * It must not block: while it works nobody else is served, and 50 ms are its budget.
 *
 * Nothing is logged per request. What went on is told by counts.
 *
 * Resistance: a client that is slow with its request or takes its answer slowly is cut by
 * a deadline that its dripping does not move (408 where it can still be told). When there
 * are too many connections, those that wait for a next request have to go, the longest
 * waiting first, then those that have taken two seconds for a request or an answer; when
 * there is none, the new one is told 503. Without descriptors accepting rests for a
 * moment.
 *
 * What is refused before it is known what was asked for (503 at the door, 408 without a
 * request line) is plain text; for all else serve_refuse_fn may choose the words.
 *
 * Requests that libmicrohttpd cannot read at all (no request line, a line that is no
 * header, a Content-Length that is no number, a head larger than its memory, another
 * major version) get its own constant page without the strict headers, and their
 * connection ends. For it a target ends at a NUL byte; an escaped one is refused here.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "serve/answer.h"
#include "serve/request.h"

struct serve;

struct serve_limits {
	unsigned connections_max;
	/* From one IPv4 address or one IPv6 network of 64 bits; a proxy is one. */
	unsigned connections_per_address_max;
	size_t head_bytes_max; /* request line and headers: 431; at most 16 KiB */
	size_t body_bytes_max; /* of a POST: 413 */
	/* From the request line to the last byte of the answer taken. */
	time_ms request_ms;
	/* From the connection, or the last answer, to the next request line. */
	time_ms idle_ms;
};

/* 512 connections, 128 from one address, 8 KiB, 64 KiB, 30 s, 15 s. */
extern const struct serve_limits serve_limits_default;

/* Puts a refusal into the form of the address it is for: type and body of *answer, whose
 * status is set (from 400 on) and whose body is empty. `sentence` says it in words of the
 * server. Of the request only `target.raw_path` and `peer` are to be trusted, and the
 * path may be empty. What gets no body is told in plain text. Called as the answering
 * function is. */
typedef void (*serve_refuse_fn)(void *context, const struct serve_request *request,
	const char *sentence, struct serve_answer *answer);

struct serve_options {
	/* "127.0.0.1:8780", "[::1]:8780", port 0 for a free one; an address, not a name.
	 * Ignored when a descriptor is given. */
	const char *listen;
	/* Listening already (socket activation), TCP or a Unix socket; -1: none. It is
	 * the server's from a successful start on. */
	int listen_fd;
	/* Patterns (serve_target_fits) of the paths that take POST, and nothing else;
	 * ends with NULL, may be NULL; kept by the caller as long as the server runs. */
	const char *const *post_paths;
	struct serve_limits limits; /* all zero: the default */
	serve_refuse_fn refuse;     /* NULL: plain text for all */
};

/* Fills in *answer. `context` is what was given to serve_start. */
typedef void (*serve_answer_fn)(
	void *context, const struct serve_request *request, struct serve_answer *answer);

/* NULL with *error when it cannot listen or has no memory. Requests may be answered
 * before this returns. All signals are blocked in the server's thread. */
struct serve *serve_start(const struct serve_options *options, serve_answer_fn answer,
	void *context, struct error *error);

/* Answers under way get a second to be taken, waiting connections none; then everything
 * is closed and the thread has ended. NULL is allowed. Not from the answering function.
 */
void serve_stop(struct serve *serve);

/* Where it listens: "127.0.0.1:8780", "[::1]:8780" or the path of a Unix socket. */
const char *serve_address(const struct serve *serve);
/* 0 for a Unix socket. */
uint16_t serve_port(const struct serve *serve);

/* Since the start, but for connections_open. */
struct serve_counts {
	/* Answered, be it with 4xx; without the 408 and 503 of above. */
	uint64_t requests;
	uint64_t requests_by_class[6]; /* [4]: 4xx; [0] is unused */
	uint64_t answers_cut;          /* not taken to the end: deadline, peer, stop */
	uint64_t connections;          /* accepted */
	uint64_t connections_open;     /* now */
	uint64_t connections_refused;  /* with 503, or without descriptors or memory */
	uint64_t connections_evicted;  /* to make room for others */
	uint64_t deadlines_missed;     /* by requests or answers, not by idleness */
	uint64_t body_bytes;           /* of answers taken, as sent */
	uint64_t answering_us;         /* spent in the answering function */
};

/* From any thread; each count is right, they need not be of one moment. */
void serve_read_counts(const struct serve *serve, struct serve_counts *ret_counts);
