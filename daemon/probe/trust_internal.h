/* probe/trust: whose certificates are believed.
 *
 * One store of CA certificates, loaded once and lent to every TLS connection. libcurl as
 * Debian builds it would read the 145 certificates of the system anew for each: 42 ms and
 * 0.9 MB a connection.
 */
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"
#include "probe/certificate_internal.h"

struct trust {
	X509_STORE *store; /* NULL: nothing is verified */
};

/* `ca_file` empty: the system's bundle. */
int trust_init(
	struct trust *trust, struct slice ca_file, bool insecure, struct error *error);
void trust_fini(struct trust *trust);

/* Sets up a connection's context before its handshake; `facts` must live until that is
 * over. */
void trust_apply(const struct trust *trust, SSL_CTX *context, struct tls_facts *facts);

/* The same for a connection that is only to show its certificate: every protocol and
 * cipher that OpenSSL still knows is offered, and what is shown is always refused, so
 * that the handshake ends there and nothing can be sent. */
void trust_apply_look(SSL_CTX *context, struct tls_facts *facts);

/* The facts of a connection whose handshake is over, this request's or an earlier one's.
 */
void trust_read(const SSL *ssl, struct tls_facts *facts);
