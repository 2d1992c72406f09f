#include "probe/trust_internal.h"

#include <dirent.h>
#include <openssl/err.h>
#include <stdio.h>
#include <unistd.h>

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
	trust->store = store;
	return 0;
}

void trust_fini(struct trust *trust)
{
	X509_STORE_free(trust->store);
	trust->store = NULL;
}

static void read_leaf(const X509 *leaf, struct certificate *certificate)
{
	struct tm at;
	if (leaf == NULL || ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &at) != 1)
		return;
	certificate->seen = true;
	certificate->expires_at = time_of_civil(at.tm_year + 1900,
		(unsigned)at.tm_mon + 1, (unsigned)at.tm_mday, (unsigned)at.tm_hour,
		(unsigned)at.tm_min, (unsigned)at.tm_sec);
}

/* In place of OpenSSL's own call, which it makes: only to see the leaf and the cause
 * where verification fails and no connection comes about that could be asked. */
static int verify(X509_STORE_CTX *context, void *data)
{
	struct tls_facts *facts = data;
	read_leaf(X509_STORE_CTX_get0_cert(context), &facts->certificate);
	int verified = X509_verify_cert(context);
	facts->verify_error =
		verified == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
	return verified;
}

void trust_apply(const struct trust *trust, SSL_CTX *context, struct tls_facts *facts)
{
	if (trust->store != NULL)
		SSL_CTX_set1_cert_store(context, trust->store);
	SSL_CTX_set_cert_verify_callback(context, verify, facts);
	/* The connection may outlive the request, and `facts` with it. */
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
}

void trust_read(const SSL *ssl, struct tls_facts *facts)
{
	read_leaf(SSL_get0_peer_certificate(ssl), &facts->certificate);
	facts->verify_error = (int)SSL_get_verify_result(ssl);
	facts->certificate.verified = facts->verify_error == X509_V_OK;
	const unsigned char *protocol = NULL;
	unsigned len = 0;
	SSL_get0_alpn_selected(ssl, &protocol, &len);
	facts->http2 = len == 2 && memcmp(protocol, "h2", 2) == 0;
}
