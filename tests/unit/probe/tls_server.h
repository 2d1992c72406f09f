/* tests/unit/probe/tls_server: certificates made on the spot, and a server that shows
 * them.
 *
 * The server has a thread of its own and serves one connection after the other.
 */
#pragma once

#include "lib/test.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DAY_S = 24 * 3600 };

/* --- certificates --- */

struct authority {
	EVP_PKEY *key;
	X509 *certificate;
};

static inline void add_extension(X509 *certificate, int nid, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	assert_non_null(extension);
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
}

static inline X509 *make_certificate(EVP_PKEY *key, const char *name, long from_s,
	long to_s, const struct authority *issuer)
{
	static long serial = 1;
	X509 *certificate = X509_new();
	char names[80];
	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
	X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
	X509_gmtime_adj(X509_getm_notAfter(certificate), to_s);
	X509_set_pubkey(certificate, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
		(const unsigned char *)name, -1, -1, 0);
	const X509 *by = issuer != NULL ? issuer->certificate : certificate;
	X509_set_issuer_name(certificate, X509_get_subject_name(by));
	snprintf(names, sizeof(names), "DNS:%s", name);
	add_extension(certificate, NID_subject_alt_name, names);
	if (strstr(name, " CA") != NULL)
		add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
	X509_sign(certificate, issuer != NULL ? issuer->key : key, EVP_sha256());
	return certificate;
}

static inline struct authority make_authority(const char *name)
{
	struct authority authority = { .key = EVP_EC_gen("P-256") };
	assert_non_null(authority.key);
	authority.certificate =
		make_certificate(authority.key, name, -DAY_S, 900L * DAY_S, NULL);
	return authority;
}

static inline void free_authority(struct authority *authority)
{
	X509_free(authority->certificate);
	EVP_PKEY_free(authority->key);
}

/* --- the server --- */

struct tls_server {
	pthread_t thread;
	int fd;
	uint16_t port;
	SSL_CTX *context;     /* NULL: answers without TLS */
	bool drop;            /* closes instead of shaking hands */
	bool drop_second;     /* only from the second connection on */
	bool could_ask_later; /* for a certificate of the client, behind the handshake */
	int connections, handshakes;
};

static inline void serve_one(struct tls_server *server, int fd)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	char in[2048];
	if (server->drop || (server->drop_second && server->connections > 1)) {
		char hello[16]; /* a part of it: what is left makes the close a reset */
		recv(fd, hello, sizeof(hello), 0);
		return;
	}
	if (server->context == NULL) {
		recv(fd, in, sizeof(in), 0);
		send(fd, "HTTP/1.1 400 x\r\n\r\n", 18, MSG_NOSIGNAL);
		return;
	}
	SSL *ssl = SSL_new(server->context);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1) {
		server->handshakes++;
		SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
		server->could_ask_later = SSL_verify_client_post_handshake(ssl) == 1;
		while (SSL_read(ssl, in, sizeof(in)) > 0)
			SSL_write(ssl, reply, sizeof(reply) - 1);
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
}

/* HTTP/2 as long as the client offers it. */
static inline int choose_protocol(SSL *ssl, const unsigned char **out,
	unsigned char *out_len, const unsigned char *in, unsigned in_len, void *data)
{
	static const unsigned char ours[] = "\2h2\10http/1.1";
	unsigned char *chosen;
	(void)ssl, (void)data;
	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours) - 1, in, in_len) !=
		OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static inline void *serve(void *data)
{
	struct tls_server *server = data;
	int fd;
	while ((fd = accept(server->fd, NULL, NULL)) >= 0) {
		server->connections++;
		serve_one(server, fd);
		close(fd);
	}
	return NULL;
}

static inline void server_start(
	struct tls_server *server, EVP_PKEY *key, X509 *certificate)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	*server = (struct tls_server){ .fd = socket(AF_INET, SOCK_STREAM, 0) };
	assert_int_equal(bind(server->fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(server->fd, 16), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&at, &len), 0);
	server->port = ntohs(at.sin_port);
	if (certificate != NULL) {
		server->context = SSL_CTX_new(TLS_server_method());
		assert_int_equal(SSL_CTX_use_PrivateKey(server->context, key), 1);
		assert_int_equal(
			SSL_CTX_use_certificate(server->context, certificate), 1);
	}
}

static inline void server_run(struct tls_server *server)
{
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

static inline void server_stop(struct tls_server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	SSL_CTX_free(server->context);
}
