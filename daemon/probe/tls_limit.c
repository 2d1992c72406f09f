#include "probe/tls_limit_internal.h"

#include <openssl/err.h>
#include <stdbool.h>
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

/* As if nothing more were there, until the loop has been round. */
static long wait_with_reading(BIO *bio, int operation, const char *at, size_t len,
	int argi, long argl, int outcome, size_t *processed)
{
	const struct tls_limit *limit = (const void *)BIO_get_callback_arg(bio);
	(void)at, (void)len, (void)argi, (void)argl, (void)processed;
	if (operation != BIO_CB_READ || limit->turn_bytes <= TLS_TURN_BYTES_MAX)
		return outcome;
	BIO_set_retry_read(bio);
	return -1;
}

static size_t record_bytes(const unsigned char *header, size_t len)
{
	return len + ((size_t)header[3] << 8 | header[4]);
}

static bool is_record(int type, size_t len)
{
	return type == SSL3_RT_HEADER && len >= SSL3_RT_HEADER_LENGTH;
}

/* The bytes that a piece of the talk stands for; 0: not of those that count. */
static size_t bytes_of(int type, const unsigned char *piece, size_t len, const SSL *ssl)
{
	size_t bytes = 0;
	if (is_record(type, len) && !SSL_is_init_finished(ssl))
		bytes = record_bytes(piece, len);
	else if (type == SSL3_RT_HANDSHAKE)
		bytes = len;
	else
		return 0;
	return bytes > TLS_TALK_PIECE_BYTES_MIN ? bytes : TLS_TALK_PIECE_BYTES_MIN;
}

static void count_in_turn(struct tls_limit *limit, const SSL *ssl, size_t bytes)
{
	BIO *bio = SSL_get_rbio(ssl);
	limit->turn_bytes += bytes;
	if (limit->turn_bytes <= TLS_TURN_BYTES_MAX || BIO_get_callback_ex(bio) != NULL)
		return;
	BIO_set_callback_arg(bio, (char *)limit);
	BIO_set_callback_ex(bio, wait_with_reading);
}

static void on_message(int is_ours, int version, int type, const void *piece, size_t len,
	SSL *ssl, void *data)
{
	(void)version;
	if (is_ours)
		return;
	if (is_record(type, len))
		count_in_turn(data, ssl, record_bytes(piece, len));
	size_t bytes = bytes_of(type, piece, len, ssl);
	if (bytes == 0)
		return;
	bytes += (uintptr_t)SSL_get_ex_data(ssl, count_index());
	SSL_set_ex_data(ssl, count_index(), (void *)(uintptr_t)bytes);
	if (bytes > TLS_TALK_BYTES_MAX)
		BIO_set_callback_ex(SSL_get_rbio(ssl), refuse_to_read);
}

void tls_limit_apply(SSL_CTX *context, struct tls_limit *limit)
{
	if (count_index() < 0)
		return;
	SSL_CTX_set_msg_callback(context, on_message);
	SSL_CTX_set_msg_callback_arg(context, limit);
}
