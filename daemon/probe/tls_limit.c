#include "probe/tls_limit_internal.h"

#include <openssl/err.h>
#include <stdint.h>

/* Where a connection keeps its count; asked of OpenSSL once. */
static int count_index(void)
{
	static int index = -1;
	if (index < 0)
		index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
	return index;
}

/* Asked before every operation of the socket's BIO, which ends with what it says.
 * translate.c knows the error by its words. */
static long refuse_to_read(BIO *bio, int operation, const char *at, size_t len, int argi,
	long argl, int outcome, size_t *processed)
{
	(void)bio, (void)at, (void)len, (void)argi, (void)argl, (void)processed;
	if (operation != BIO_CB_READ)
		return outcome;
	ERR_raise(ERR_LIB_SSL, SSL_R_EXCESSIVE_MESSAGE_SIZE);
	return -1;
}

/* The bytes that a piece of the protocol stands for; 0: not of those that count. */
static size_t bytes_of(int type, const unsigned char *piece, size_t len, const SSL *ssl)
{
	size_t bytes = 0;
	if (type == SSL3_RT_HEADER && len >= SSL3_RT_HEADER_LENGTH &&
		!SSL_is_init_finished(ssl))
		bytes = len + ((size_t)piece[3] << 8 | piece[4]);
	else if (type == SSL3_RT_HANDSHAKE)
		bytes = len;
	else
		return 0;
	return bytes > TLS_TALK_PIECE_BYTES_MIN ? bytes : TLS_TALK_PIECE_BYTES_MIN;
}

static void on_message(int is_ours, int version, int type, const void *piece, size_t len,
	SSL *ssl, void *data)
{
	(void)version, (void)data;
	if (is_ours)
		return;
	size_t bytes = bytes_of(type, piece, len, ssl);
	if (bytes == 0)
		return;
	bytes += (uintptr_t)SSL_get_ex_data(ssl, count_index());
	SSL_set_ex_data(ssl, count_index(), (void *)(uintptr_t)bytes);
	if (bytes > TLS_TALK_BYTES_MAX)
		BIO_set_callback_ex(SSL_get_rbio(ssl), refuse_to_read);
}

void tls_limit_apply(SSL_CTX *context)
{
	if (count_index() >= 0)
		SSL_CTX_set_msg_callback(context, on_message);
}
