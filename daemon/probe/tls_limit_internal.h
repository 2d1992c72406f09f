/* probe/tls_limit: how much of a connection's own talk is read, and how much at a time.
 *
 * OpenSSL reads on within one call while what comes is none of the handshake's business:
 * HelloRequests before the handshake is over (RFC 5246 7.4.1.1 says to ignore them),
 * tickets and key updates behind it. A server that sends them without end would hold the
 * only thread, and no timeout of libcurl's is looked at meanwhile. The records of a
 * handshake and every handshake message are therefore counted, and behind the limit
 * nothing more is read, so that the connection ends as a failed handshake or a broken
 * one.
 *
 * Content is bounded by libcurl and the answer, but not how long libcurl stays with it:
 * 7.88 reads on while frames of HTTP/2 come that carry nothing (PRIORITY, WINDOW_UPDATE),
 * and looks at no timeout until the server takes a breath. So after a share of bytes the
 * socket seems empty until libcurl was left once; epoll then says again that it is not.
 */
#pragma once

#include <openssl/ssl.h>

enum {
	/* OpenSSL takes chains of up to 100 KiB, and a handshake of 5 KiB is the rule. */
	TLS_TALK_BYTES_MAX = 256 * 1024,
	TLS_TALK_PIECE_BYTES_MIN = 512,  /* a record or message counts as this at least */
	TLS_TURN_BYTES_MAX = 128 * 1024, /* some 10,000 frames: a few milliseconds */
};

/* Of all connections together, because libcurl serves most often one in a turn. */
struct tls_limit {
	size_t turn_bytes; /* read since libcurl was entered; reset when it was left */
};

/* Before the handshake. The talk that is counted lives and dies with the connection,
 * which `limit` must outlive. */
void tls_limit_apply(SSL_CTX *context, struct tls_limit *limit);
