#include "probe/translate_internal.h"

#include <errno.h>
#include <openssl/x509_vfy.h>
#include <stddef.h>
#include <string.h>

static enum reason of_errno(int error, const char **ret_why)
{
	switch (error) {
	case ECONNREFUSED:
		*ret_why = "the server refused the connection";
		return REASON_CONNECT_REFUSED;
	case ETIMEDOUT:
		*ret_why = "the connection timed out";
		return REASON_CONNECT_TIMEOUT;
	case ECONNRESET:
	case EPIPE:
	case ECONNABORTED:
		*ret_why = "the server dropped the connection";
		return REASON_CONNECT_RESET;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		*ret_why = "this machine ran out of sockets";
		return REASON_OFFLINE;
	default:
		*ret_why = error != 0 ? "there is no way to the address" : NULL;
		return error != 0 ? REASON_NETWORK_UNREACHABLE : REASON_CONNECT_RESET;
	}
}

static enum reason of_certificate(const struct transfer_end *end, const char **ret_why)
{
	if (end->verify_why != NULL && end->verify_why[0] != '\0')
		*ret_why = end->verify_why;
	switch (end->verify_error) {
	case X509_V_OK: /* the chain is good, so it was the name */
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		return REASON_TLS_HOSTNAME;
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return REASON_TLS_EXPIRED;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return REASON_TLS_NOT_YET_VALID;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
		return REASON_TLS_SELF_SIGNED;
	default:
		return REASON_TLS_UNTRUSTED;
	}
}

static bool says(const char *detail, const char *words)
{
	return detail != NULL && strstr(detail, words) != NULL;
}

static bool speaks_no_tls(const struct transfer_end *end)
{
	return says(end->detail, "wrong version number");
}

/* libcurl takes the server's word that a certificate has expired, which can only be ours,
 * for a finding about the server's. */
static bool is_about_ours(const struct transfer_end *end)
{
	return end->code == CURLE_PEER_FAILED_VERIFICATION &&
	       end->verify_error == X509_V_OK &&
	       says(end->detail, "certificate verification failed");
}

/* A handshake that the server's side breaks off proves nothing; one that it answers with
 * a refusal, or with something else than TLS, does. OpenSSL tells them apart in words. */
static enum reason of_handshake(const struct transfer_end *end, const char **ret_why)
{
	if (end->os_error == ECONNRESET || says(end->detail, "unexpected eof") ||
		says(end->detail, "SSL_ERROR_SYSCALL") ||
		says(end->detail, "SSL_ERROR_ZERO_RETURN") || /* close_notify */
		says(end->detail, "reset by peer")) {
		*ret_why = "the server dropped the connection during the TLS handshake";
		return REASON_CONNECT_RESET;
	}
	/* OpenSSL names what went wrong first: of a bad signature its arithmetic. */
	if (end->verify_error != X509_V_OK)
		return of_certificate(end, ret_why);
	*ret_why = NULL;
	if (speaks_no_tls(end))
		*ret_why = "the server does not speak TLS on this port";
	else if (says(end->detail, "excessive message size"))
		*ret_why = "the server never comes to the end of its TLS handshake";
	return REASON_TLS_HANDSHAKE;
}

/* TLS 1.2 says "handshake failure" to a client without a certificate (RFC 5246 7.4.6),
 * TLS 1.3 "certificate required" (RFC 8446 4.4.2.4), and that behind the handshake: the
 * request may have left. */
static bool is_certificate_wanted(const struct transfer_end *end)
{
	return end->asked_for_ours && end->verify_error == X509_V_OK &&
	       says(end->detail, " alert ");
}

static enum reason of_timeout(const struct transfer_end *end, const char **ret_why)
{
	if (end->sent) {
		*ret_why = "the server did not answer in time";
		return REASON_TIMEOUT;
	}
	*ret_why = end->connected ? "the TLS handshake did not end in time"
				  : "the connection timed out";
	return REASON_CONNECT_TIMEOUT;
}

/* Headers are not complete, and the request had left. */
static enum reason of_broken_answer(const struct transfer_end *end, const char **ret_why)
{
	/* nghttp2 gave up: headers without end, a flood. libcurl says "failed to
	 * receive".
	 */
	if (end->code == CURLE_RECV_ERROR && says(end->detail, "nghttp2")) {
		*ret_why = "the server broke the HTTP/2 protocol";
		return REASON_HTTP_MALFORMED;
	}
	switch ((int)end->code) {
	case CURLE_GOT_NOTHING:
		if (end->bytes_came) {
			*ret_why = "the answer ends within its headers";
			return REASON_HTTP_MALFORMED;
		}
		*ret_why = "the server closed the connection without an answer";
		return REASON_CONNECT_RESET;
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		*ret_why = "the server dropped the connection";
		return REASON_CONNECT_RESET;
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		*ret_why = "the server broke the HTTP/2 protocol";
		return REASON_HTTP_MALFORMED;
	case CURLE_OUT_OF_MEMORY: /* libcurl's word for a header line above 100 KB */
		*ret_why = "the headers are too large";
		return REASON_HTTP_MALFORMED;
	case CURLE_OK:
	case CURLE_PARTIAL_FILE:
		*ret_why = "the answer ends within its headers";
		return REASON_HTTP_MALFORMED;
	default:
		*ret_why = "the answer is not HTTP";
		return REASON_HTTP_MALFORMED;
	}
}

enum reason translate_end(const struct transfer_end *end, const char **ret_why)
{
	*ret_why = NULL;
	if (end->answered)
		return REASON_OK;
	if (is_certificate_wanted(end)) {
		*ret_why = "it wants a certificate of the client";
		return REASON_AUTH_REQUIRED;
	}
	switch ((int)end->code) {
	case CURLE_OPERATION_TIMEDOUT:
		return of_timeout(end, ret_why);
	case CURLE_PEER_FAILED_VERIFICATION:
		return is_about_ours(end) ? of_handshake(end, ret_why)
					  : of_certificate(end, ret_why);
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_SSL_CLIENTCERT:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return of_handshake(end, ret_why);
	case CURLE_URL_MALFORMAT:
		*ret_why = "libcurl does not take this host name";
		return REASON_BAD_URL;
	default:
		break;
	}
	if (end->sent)
		return of_broken_answer(end, ret_why);
	if (end->code == CURLE_OUT_OF_MEMORY) {
		*ret_why = "this machine ran out of memory";
		return REASON_OFFLINE;
	}
	return of_errno(end->os_error, ret_why);
}

bool translate_is_tls_refused(const struct transfer_end *end)
{
	const char *why;
	return end->connected && !end->sent && end->code == CURLE_SSL_CONNECT_ERROR &&
	       !is_certificate_wanted(end) &&
	       of_handshake(end, &why) == REASON_TLS_HANDSHAKE && !speaks_no_tls(end);
}

bool translate_is_protocol_error(const struct transfer_end *end)
{
	return end->http2 && end->sent && !end->answered &&
	       end->code != CURLE_OPERATION_TIMEDOUT && !is_certificate_wanted(end);
}

bool translate_is_about_trust(enum reason failure)
{
	return failure == REASON_TLS_EXPIRED || failure == REASON_TLS_NOT_YET_VALID ||
	       failure == REASON_TLS_SELF_SIGNED || failure == REASON_TLS_UNTRUSTED ||
	       failure == REASON_TLS_HOSTNAME || failure == REASON_TLS_HANDSHAKE;
}
