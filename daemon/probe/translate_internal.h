/* probe/translate: what libcurl and OpenSSL say, in our words.
 *
 * Pure. One place that knows CURLcode, errno and X509_V_ERR_*; everything above speaks of
 * reasons.
 */
#pragma once

#include <curl/curl.h>
#include <stdbool.h>

#include "model/outcome.h"

struct transfer_end {
	CURLcode code;
	int os_error;           /* errno of the connection, 0: none */
	int verify_error;       /* X509_V_ERR_*, 0: none */
	const char *verify_why; /* its words; may be empty */
	bool connected;         /* TCP came about */
	bool sent;              /* the request left */
	bool http2;             /* was agreed on in the handshake */
	bool answered;          /* the headers are complete */
	bool bytes_came;        /* of an answer, as far as is known */
	bool asked_for_ours;    /* the server wanted a certificate of the client */
	const char *detail;     /* libcurl's own words; may be empty */
};

/* REASON_OK when the headers are complete, whatever befell the body. `*ret_why` is a
 * constant sentence, or one of the texts in `end`, or NULL where libcurl's detail says
 * more. */
enum reason translate_end(const struct transfer_end *end, const char **ret_why);

/* A handshake that failed although the other side speaks TLS: an older one, or ciphers
 * and keys that are too weak. */
bool translate_is_tls_refused(const struct transfer_end *end);

/* HTTP/2 that went wrong before an answer: worth asking with HTTP/1.1. Also where the
 * server only dropped the connection: that is how many refuse a client's HTTP/2. */
bool translate_is_protocol_error(const struct transfer_end *end);

/* What OpenSSL could also say when its algorithms or trusted certificates are incomplete.
 */
bool translate_is_about_trust(enum reason failure);
