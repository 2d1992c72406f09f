/* probe/tls_limit: how much of a connection's own talk is read.
 *
 * OpenSSL reads on within one call while what comes is none of the handshake's business:
 * HelloRequests before the handshake is over (RFC 5246 7.4.1.1 says to ignore them),
 * tickets and key updates behind it. A server that sends them without end would hold the
 * only thread, and no timeout of libcurl's is looked at meanwhile. The records of a
 * handshake and every handshake message are therefore counted, and behind the limit
 * nothing more is read, so that the connection ends as a failed handshake or a broken
 * one.
 *
 * Not counted: what the server sends as content, which libcurl bounds.
 */
#pragma once

#include <openssl/ssl.h>

enum {
	/* OpenSSL takes chains of up to 100 KiB, and a handshake of 5 KiB is the rule. */
	TLS_TALK_BYTES_MAX = 256 * 1024,
	TLS_TALK_PIECE_BYTES_MIN = 512, /* a record or message counts as this at least */
};

/* Before the handshake. What is counted lives and dies with the connection. */
void tls_limit_apply(SSL_CTX *context);
