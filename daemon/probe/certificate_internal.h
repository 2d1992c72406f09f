/* probe/certificate: what a handshake shows of a server's certificates, and all that is
 * wrong with them.
 *
 * OpenSSL stops at the first fault; here verification goes on to the end, so that a
 * certificate with several can be told whole. Whatever is found, it fails: nothing is
 * forgiven. The fault that is named first is the one that browsers name first, in this
 * order: nobody vouches for it (self-signed; unknown or missing issuer; anything else
 * that is wrong with the chain), it is for another host, it is not valid yet, it has
 * expired. What depends on our own clock comes last. The others follow in words.
 *
 * All names in the words come from the server; they are cleaned and cut here.
 */
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/slice.h"
#include "model/observation.h"

enum {
	TLS_NAME_BYTES_MAX = 80, /* of a foreign name in the words */
	TLS_WHY_SIZE = 512,
};

/* What the handshake showed. */
struct tls_facts {
	struct slice
		host; /* who the certificate should be for; needed until it is over */
	struct certificate certificate;
	int verify_error;   /* X509_V_ERR_* of the fault that is named first; 0: none */
	int protocol;       /* TLS1_VERSION …; 0: it did not come to one */
	bool http2;         /* agreed on */
	bool asks_for_ours; /* the server wants to see a certificate, too */
	char why[TLS_WHY_SIZE]; /* the faults in words, a phrase; empty: none */
};

/* In place of X509_verify_cert; fills all but `http2` and `protocol`. 1: it is good. That
 * it is for the host is left to libcurl when nothing else is wrong and it names any. */
int certificate_verify(X509_STORE_CTX *context, struct tls_facts *facts);

/* Dates of the leaf and of the chain: `sent` by the server, `used` to verify; each may be
 * NULL. */
void certificate_read(const X509 *leaf, const STACK_OF(X509) * sent,
	const STACK_OF(X509) * used, struct certificate *certificate);
