/* probe/request: one HTTP exchange with one address.
 *
 * Everything libcurl is told, and everything it tells. The address is the only one that
 * is ever connected to: pinned by CURLOPT_CONNECT_TO, vetted again when the socket is
 * opened and once more before the request leaves, new connection or old. The host of the
 * URL goes into Host, SNI and the certificate check, and the path goes out byte by byte
 * as it was parsed.
 *
 * A request is embedded in whatever asks. From request_start to on_done it must not move;
 * what it gathered stays until request_fini.
 */
#pragma once

#include <curl/curl.h>

#include "base/list.h"
#include "model/url.h"
#include "policy/address.h"
#include "probe/answer_internal.h"
#include "probe/curl_loop_internal.h"
#include "probe/kept_internal.h"
#include "probe/prober.h"
#include "probe/tls_limit_internal.h"
#include "probe/trust_internal.h"

struct request;

/* What all requests share; one a prober. */
struct requester {
	const struct prober_config *config;
	struct curl_loop curl;
	struct trust trust;
	struct tls_limit tls_limit;
	struct kept kept;
	struct curl_slist *headers;     /* ours */
	struct curl_slist *own_headers; /* ours and the user's */
	const char *encodings;
	char *user_agent;

	/* Of the connection that was closed last: half a status line leaves no trace in
	 * libcurl. */
	curl_socket_t closed_fd;
	uint64_t closed_received; /* bytes */

	struct list running; /* requests with an easy handle */
	struct list sent;    /* those that left since on_sent was last called */

	/* All from within the loop; is_host_wanted from within libcurl. */
	void (*on_sent)(struct request *request);
	bool (*is_host_wanted)(struct request *request); /* more will be asked of it */
	void (*on_done)(struct request *request);
};

struct request_wish {
	const struct url *url; /* without userinfo; outlives the request */
	struct address address;
	uint16_t port;                      /* of the address */
	bool own_headers;                   /* the user's go with it */
	const struct header *extra_headers; /* of this request alone */
	uint32_t extra_header_count;
	const char *cookies; /* NULL: none */
	bool http1_only;
	bool fresh_connection;
	bool look; /* shake hands, see the certificate, and send nothing */
	time_ms timeout_ms, connect_timeout_ms;
	struct answer_wish answer;
};

struct request {
	struct requester *requester;
	void *data; /* the asker's */
	struct request_wish wish;
	CURL *easy; /* while it runs */
	uint64_t host_hash;
	struct curl_slist connect_to;
	struct curl_slist *all_headers; /* with the extra ones; NULL: the shared list */
	struct list in_running, in_sent;
	char connect_to_text[ADDRESS_TEXT_SIZE + 16];
	char detail[CURL_ERROR_SIZE];
	bool sent, vetoed;
	bool gone;                /* the peer, before the request was sent */
	bool resend_refused;      /* libcurl wanted to ask a second time by itself */
	bool unasked;             /* something lay on the kept connection already */
	curl_socket_t fd;         /* opened for this request; -1: none */
	uint16_t own_port;        /* of the connection, once it is there */
	int os_error;             /* of opening the socket */
	uint64_t memory_failures; /* when it began */

	/* What came of it. */
	struct answer answer;
	struct tls_facts tls;
	enum reason failure; /* OK: the answer is complete */
	const char *why;     /* a constant sentence, or `detail`; NULL: nothing to say */
	bool tls_refused;    /* the server speaks TLS, only not ours */
	bool body_partial;
	bool reused_connection, protocol_error, connected;
	int32_t connect_ms, tls_ms, first_byte_ms; /* -1: did not happen */
	time_ms headers_at;                        /* wall; 0: they never were complete */
};

int requester_init(struct requester *requester, const struct prober_config *config,
	struct sockets *sockets, struct error *error);

/* The shared headers and the extra ones in place of those of the same name, as a list of
 * its own; NULL: no memory, or a header that cannot be sent. */
struct curl_slist *requester_headers(
	const struct requester *requester, const struct request_wish *wish);

/* All requests must be over or cancelled. */
void requester_fini(struct requester *requester);

/* `arena` takes what is kept of the answer. -1: no memory; on_done is not called. */
int request_start(struct request *request, struct requester *requester,
	struct arena *arena, const struct request_wish *wish);
void request_cancel(struct request *request); /* harmless when not running */
void request_fini(struct request *request);   /* accepts a zeroed one */

/* What libcurl can tell of a transfer only now that it is over; `easy` is still there. */
void request_read_end(struct request *request, CURLcode result);

/* For libcurl: CURLOPT_CLOSESOCKETFUNCTION. */
int requester_close_socket(void *requester, curl_socket_t fd);

/* For curl_loop: libcurl was entered and left; what it sent is on its way. */
void requester_entered(void *requester);

/* For curl_loop: a transfer of some request is over. */
void request_transfer_done(void *requester, CURL *easy, CURLcode result);

/* For curl_loop: the requests of this shard end for want of memory. */
void requester_given_up(void *requester, uint32_t shard);
