#include "probe/trust_internal.h"

#include <dirent.h>
#include <openssl/err.h>
#include <stdio.h>
#include <unistd.h>

#include "probe/memory_internal.h"

/* Debian, Fedora, and what OpenSSL was built with. */
static const char *system_bundle(void)
{
	const char *const places[] = { "/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt", X509_get_default_cert_file() };
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

/* A directory whose certificates are found by the hash of their subject. Only those that
 * are needed are read, once: 40 ms and 3 MB less at every start than the whole bundle. */
static bool is_hashed(const char *directory)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	bool found = false;
	while (dir != NULL && !found && (entry = readdir(dir)) != NULL) {
		size_t digits = strspn(entry->d_name, "0123456789abcdef");
		found = digits == 8 && strcmp(entry->d_name + digits, ".0") == 0;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

static int load(X509_STORE *store, const char *path, struct error *error)
{
	if (X509_STORE_load_file(store, path) == 1)
		return 0;
	const char *why = ERR_reason_error_string(ERR_get_error());
	ERR_clear_error();
	return error_set(error, "%s: no CA certificates could be read (%s)", path,
		why != NULL ? why : "unreadable");
}

static int load_system(X509_STORE *store, struct error *error)
{
	static const char directory[] = "/etc/ssl/certs";
	if (is_hashed(directory) && X509_STORE_load_path(store, directory) == 1)
		return 0;
	const char *bundle = system_bundle();
	if (bundle == NULL)
		return error_set(error, "no CA certificates found; install "
					"ca-certificates or name a file");
	return load(store, bundle, error);
}

/* The issuer's file may be there, and no descriptor left to read it with. OpenSSL forgets
 * that and says that it knows no issuer. */
static int get_issuer(X509 **ret_issuer, X509_STORE_CTX *context, X509 *of)
{
	int found = X509_STORE_CTX_get1_issuer(ret_issuer, context, of);
	if (found != 1 && !memory_has_descriptor())
		memory_lacked();
	return found;
}

int trust_init(
	struct trust *trust, struct slice ca_file, bool insecure, struct error *error)
{
	char path[4096];
	*trust = (struct trust){ 0 };
	if (insecure)
		return 0;
	if (ca_file.len >= sizeof(path))
		return error_set(error, "the CA file's path is too long");
	snprintf(path, sizeof(path), "%.*s", SLICE_ARG(ca_file));
	X509_STORE *store = X509_STORE_new();
	if (store == NULL)
		return error_set(error, "out of memory");
	if ((ca_file.len > 0 ? load(store, path, error) : load_system(store, error)) <
		0) {
		X509_STORE_free(store);
		return -1;
	}
	/* As libcurl does with its own: a trusted certificate ends the chain, root or
	 * not. */
	X509_STORE_set_flags(
		store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
	X509_STORE_set_get_issuer(store, get_issuer);
	trust->store = store;
	return 0;
}

void trust_fini(struct trust *trust)
{
	X509_STORE_free(trust->store);
	trust->store = NULL;
}

/* In place of OpenSSL's own call, which it makes: only to see the certificate and all its
 * faults where no connection comes about that could be asked. */
static int verify(X509_STORE_CTX *context, void *data)
{
	return certificate_verify(context, data);
}

/* Where a context keeps its facts; asked of OpenSSL once. */
static int facts_index(void)
{
	static int index = -1;
	if (index < 0)
		index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	return index;
}

/* Called when the server asks for a certificate. We have none, and go on without. */
static int note_request(SSL *ssl, X509 **ret_certificate, EVP_PKEY **ret_key)
{
	(void)ret_certificate, (void)ret_key;
	struct tls_facts *facts =
		SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), facts_index());
	facts->asks_for_ours = true;
	return 0;
}

void trust_apply(const struct trust *trust, SSL_CTX *context, struct tls_facts *facts)
{
	if (SSL_CTX_set_ex_data(context, facts_index(), facts) == 1)
		SSL_CTX_set_client_cert_cb(context, note_request);
	if (trust->store != NULL)
		SSL_CTX_set1_cert_store(context, trust->store);
	SSL_CTX_set_cert_verify_callback(context, verify, facts);
	/* The connection may outlive the request, and `facts` with it: nothing may be
	 * asked for later. Browsers do not offer that for TLS 1.3 either; libcurl does.
	 */
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_post_handshake_auth(context, 0);
}

static int look_and_refuse(X509_STORE_CTX *context, void *data)
{
	struct tls_facts *facts = data;
	const SSL *ssl =
		X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx());
	certificate_read(X509_STORE_CTX_get0_cert(context),
		X509_STORE_CTX_get0_untrusted(context), NULL, &facts->certificate);
	facts->protocol = ssl != NULL ? SSL_version(ssl) : 0;
	X509_STORE_CTX_set_error(context, X509_V_ERR_APPLICATION_VERIFICATION);
	return 0;
}

void trust_apply_look(SSL_CTX *context, struct tls_facts *facts)
{
	SSL_CTX_set_security_level(context, 0);
	SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(context, 0);
	/* Without a certificate there is nothing to see. */
	SSL_CTX_set_cipher_list(context, "ALL:!aNULL:!eNULL");
	SSL_CTX_clear_options(context, SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1);
	SSL_CTX_set_options(
		context, SSL_OP_NO_RENEGOTIATION | SSL_OP_LEGACY_SERVER_CONNECT);
	SSL_CTX_set_cert_verify_callback(context, look_and_refuse, facts);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
}

void trust_read(const SSL *ssl, struct tls_facts *facts)
{
	certificate_read(SSL_get0_peer_certificate(ssl), SSL_get_peer_cert_chain(ssl),
		SSL_get0_verified_chain(ssl), &facts->certificate);
	facts->verify_error = (int)SSL_get_verify_result(ssl);
	facts->certificate.verified = facts->verify_error == X509_V_OK;
	facts->protocol = SSL_version(ssl);
	const unsigned char *protocol = NULL;
	unsigned len = 0;
	SSL_get0_alpn_selected(ssl, &protocol, &len);
	facts->http2 = len == 2 && memcmp(protocol, "h2", 2) == 0;
}
