#include "probe/request_internal.h"

#include "probe/memory_internal.h"
#include "probe/translate_internal.h"

static int32_t span_ms(curl_off_t from_us, curl_off_t to_us)
{
	curl_off_t us = to_us > from_us ? to_us - from_us : 0;
	return us / TIME_US_PER_MS > INT32_MAX ? INT32_MAX
					       : (int32_t)(us / TIME_US_PER_MS);
}

static curl_off_t info_us(CURL *easy, CURLINFO info)
{
	curl_off_t value = 0;
	curl_easy_getinfo(easy, info, &value);
	return value;
}

static void read_timing(struct request *request)
{
	CURL *easy = request->easy;
	long connections = 0;
	curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
	curl_off_t looked_up = info_us(easy, CURLINFO_NAMELOOKUP_TIME_T);
	curl_off_t connected = info_us(easy, CURLINFO_CONNECT_TIME_T);
	curl_off_t secured = info_us(easy, CURLINFO_APPCONNECT_TIME_T);
	/* libcurl's own time stays 0 while the handshake lasts. */
	request->connected = request->connected || connected > 0;
	request->reused_connection = request->sent && connections == 0;
	if (connections > 0 && connected > 0)
		request->connect_ms = span_ms(looked_up, connected);
	if (connections > 0 && secured > 0)
		request->tls_ms = span_ms(connected, secured);
	if (request->answer.header_bytes > 0)
		request->first_byte_ms =
			span_ms(info_us(easy, CURLINFO_PRETRANSFER_TIME_T),
				info_us(easy, CURLINFO_STARTTRANSFER_TIME_T));
}

/* What befell the body of an answer that counts all the same. */
static void read_body_end(struct request *request, CURLcode result)
{
	const struct answer *answer = &request->answer;
	bool stopped = answer->body_enough;
	request->body_partial = answer->body_cut || (result != CURLE_OK && !stopped) ||
				(stopped && result != CURLE_OK && answer->body_bytes > 0);
	if (answer->encodings > 1)
		request->why = "the body is encoded more than once and was not read";
	else if (answer->body.failed || answer->body_cut)
		request->why = "the body is larger than what is read of it";
	else if (result == CURLE_OPERATION_TIMEDOUT && !stopped)
		request->why = "the body did not arrive in time";
	else if (result == CURLE_BAD_CONTENT_ENCODING && !stopped)
		request->why = "the body is badly encoded";
	else if (result != CURLE_OK && !stopped)
		request->why = "the body was cut short";
}

/* Of a new connection without TLS. The kernel counts the end of the stream as a byte. */
static bool some_bytes_came(const struct request *request)
{
	return request->fd >= 0 && request->fd == request->requester->closed_fd &&
	       slice_equal(request->wish.url->scheme, SLICE("http")) &&
	       request->requester->closed_received > 1;
}

/* As if libcurl had reported the dead connection. One that was asked for afresh cannot
 * have been a kept one, and counts as any other reset; over HTTP/2 it is the stream that
 * the server refused, perhaps because it wants HTTP/1.1. */
static void read_refused_resend(struct request *request)
{
	request->failure = REASON_CONNECT_RESET;
	request->why = "the server dropped the connection";
	request->reused_connection = !request->wish.fresh_connection;
	request->protocol_error = request->tls.http2 && request->wish.fresh_connection;
}

/* What OpenSSL set up by half, once a process, stays so: algorithms, certificates. */
static bool lacked_memory(const struct request *request)
{
	if (memory_refusals() > 0 && translate_is_about_trust(request->failure))
		return true;
	return memory_failures() != request->memory_failures;
}

void request_read_end(struct request *request, CURLcode result)
{
	struct answer *answer = &request->answer;
	bool insecure = request->requester->config->insecure;
	long os_error = 0;
	read_timing(request);
	if (result != CURLE_OPERATION_TIMEDOUT)
		answer_end(answer);
	/* libcurl unpacks five layers, and gives up where it reads of a sixth. */
	if (result == CURLE_BAD_CONTENT_ENCODING)
		answer_give_up_body(answer);
	curl_easy_getinfo(request->easy, CURLINFO_OS_ERRNO, &os_error);
	struct transfer_end end = {
		.code = result,
		.os_error = request->os_error != 0 ? request->os_error : (int)os_error,
		.verify_error = insecure ? 0 : request->tls.verify_error,
		.verify_why = request->tls.why,
		.connected = request->connected,
		.sent = request->sent,
		.http2 = request->tls.http2,
		.answered = answer->complete,
		.bytes_came = some_bytes_came(request),
		.asked_for_ours = request->tls.asks_for_ours,
		.detail = request->detail,
	};
	request->failure = translate_end(&end, &request->why);
	if (request->failure != REASON_OK && request->why == NULL)
		request->why = request->detail[0] != '\0' ? request->detail
							  : curl_easy_strerror(result);
	request->protocol_error = translate_is_protocol_error(&end);
	request->tls_refused = request->failure == REASON_TLS_HANDSHAKE && !insecure &&
			       translate_is_tls_refused(&end);
	if (request->resend_refused || request->unasked)
		read_refused_resend(request);
	if (answer->too_large) {
		request->failure = REASON_HTTP_MALFORMED;
		request->why = "the headers are too large";
	}
	if (request->vetoed) {
		request->failure = REASON_ADDRESS_FORBIDDEN;
		request->why =
			"the connection led to another address than the vetted one";
	}
	if (request->gone) {
		request->failure = REASON_CONNECT_RESET;
		request->why = "the connection was reset as soon as it was there";
	}
	if (request->failure != REASON_OK && lacked_memory(request)) {
		request->failure = REASON_OFFLINE;
		request->why = "this machine ran out of memory";
	}
	if (request->failure == REASON_OK)
		read_body_end(request, result);
}
