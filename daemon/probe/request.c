#include "probe/request_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/hash.h"
#include "base/table.h"
#include "probe/clock_internal.h"
#include "probe/translate_internal.h"

enum {
	/* A body of no use is read to its end if it is small and its connection will be
	 * needed again; a new connection costs more than this. */
	SWALLOW_BYTES_MAX = 16 * 1024,
	/* Only for generous timeouts: a trickle is not worth minutes. */
	SLOW_BYTES_PER_S = 100,
	SLOW_S = 30,
};

/* --- callbacks; `data` is the request --- */

/* A redirect within the same place will need this connection. */
static bool leads_back(const struct request *request)
{
	struct slice to = request->answer.location;
	struct slice host = request->wish.url->host;
	if (request->answer.status < 300 || request->answer.status >= 400 || to.len == 0)
		return false;
	size_t colon = slice_find(to, SLICE("://"));
	if (colon == SLICE_NONE)
		return !slice_starts(to, SLICE("//"));
	if (!slice_equal_nocase(slice_sub(to, 0, colon), request->wish.url->scheme))
		return false;
	to = slice_sub(to, colon + 3, to.len);
	return slice_starts_nocase(to, host) &&
	       (to.len == host.len || strchr("/:?#", to.at[host.len]) != NULL);
}

/* The headers are there: is the connection worth keeping, and the body worth waiting for?
 * False: no. */
static bool decide_on_body(struct request *request)
{
	struct answer *answer = &request->answer;
	bool keep = request->requester->is_host_wanted(request) || leads_back(request);
	curl_easy_setopt(request->easy, CURLOPT_FORBID_REUSE, keep ? 0L : 1L);
	/* HTTP/2 ends a stream without harm to its connection. */
	bool bounded = answer->chunked || answer->content_length > 0;
	if (keep && bounded && !answer->http2 && !answer->closing &&
		answer->content_length <= SWALLOW_BYTES_MAX)
		answer->swallow_max = SWALLOW_BYTES_MAX;
	return !answer->body_enough || answer->swallow_max > 0 ||
	       answer->content_length == 0;
}

static size_t on_header(char *at, size_t one, size_t len, void *data)
{
	struct request *request = data;
	bool was_complete = request->answer.complete;
	(void)one;
	bool on = answer_header(&request->answer, (struct slice){ at, len });
	if (on && request->answer.complete && !was_complete)
		on = decide_on_body(request);
	return on ? len : 0;
}

static size_t on_body(char *at, size_t one, size_t len, void *data)
{
	struct request *request = data;
	(void)one;
	return answer_body(&request->answer, (struct slice){ at, len }) ? len : 0;
}

static bool is_permitted(const struct request *request, const struct address *address)
{
	return memcmp(address, &request->wish.address, sizeof(*address)) == 0 &&
	       address_permitted(address, &request->requester->config->addresses);
}

static bool read_sockaddr(const struct curl_sockaddr *from, struct address *ret_address)
{
	const void *at = &from->addr;
	if (from->family == AF_INET) {
		const struct sockaddr_in *v4 = at;
		*ret_address = address_of_v4(ntohl(v4->sin_addr.s_addr));
		return true;
	}
	if (from->family != AF_INET6)
		return false;
	const struct sockaddr_in6 *v6 = at;
	*ret_address = address_of_v6(v6->sin6_addr.s6_addr);
	return true;
}

static curl_socket_t on_open_socket(
	void *data, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct request *request = data;
	struct address address;
	if (request->sent) { /* see on_before_request */
		request->resend_refused = true;
		return CURL_SOCKET_BAD;
	}
	if (purpose != CURLSOCKTYPE_IPCXN || !read_sockaddr(to, &address) ||
		!is_permitted(request, &address)) {
		request->vetoed = true;
		return CURL_SOCKET_BAD;
	}
	int fd = socket(
		to->family, to->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, to->protocol);
	if (fd < 0)
		request->os_error = errno;
	request->fd = fd;
	return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static CURLcode on_tls_context(CURL *easy, void *context, void *data)
{
	struct request *request = data;
	(void)easy;
	request->connected = true;
	request->tls.host = request->wish.url->host;
	if (request->wish.look)
		trust_apply_look(context, &request->tls);
	else
		trust_apply(&request->requester->trust, context, &request->tls);
	return CURLE_OK;
}

static void read_tls(struct request *request)
{
	const struct curl_tlssessioninfo *info = NULL;
	if (curl_easy_getinfo(request->easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK ||
		info == NULL || info->backend != CURLSSLBACKEND_OPENSSL ||
		info->internals == NULL)
		return;
	trust_read(info->internals, &request->tls);
	if (request->requester->config->insecure)
		request->tls.certificate.verified = false;
}

/* The start is counted when libcurl has written the request, not before: between the two
 * this process may lose its processor for a while. */
void requester_entered(void *data)
{
	struct requester *requester = data;
	struct list *node;
	while ((node = list_pop_front(&requester->sent)) != NULL)
		requester->on_sent(LIST_OF(node, struct request, in_sent));
}

/* The connection is there, new or old, and the request leaves with our return. */
static int on_before_request(
	void *data, char *remote, char *local, int remote_port, int local_port)
{
	struct request *request = data;
	struct address address;
	(void)local, (void)local_port;
	if (request->wish.look)
		return CURL_PREREQFUNC_ABORT;
	if (!address_parse(slice_of(remote), &address) ||
		!is_permitted(request, &address) || remote_port != request->wish.port) {
		request->vetoed = true;
		return CURL_PREREQFUNC_ABORT;
	}
	/* libcurl's own second try when a kept connection turns out to be dead: it must
	 * stand in line like every other. */
	if (request->sent) {
		request->resend_refused = true;
		return CURL_PREREQFUNC_ABORT;
	}
	if (slice_equal(request->wish.url->scheme, SLICE("https")))
		read_tls(request);
	request->sent = true;
	list_remove(&request->in_sent);
	list_push_back(&request->requester->sent, &request->in_sent);
	return CURL_PREREQFUNC_OK;
}

/* --- easy handles --- */

/* What never changes from one request to the next; libcurl is never reset. */
static CURL *new_easy(const struct requester *requester)
{
	CURL *easy = curl_easy_init();
	if (easy == NULL)
		return NULL;
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	/* Anything above 0 is walked through at the end of every transfer. */
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 0L);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, requester->encodings);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, requester->user_agent);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	if (requester->config->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	if (requester->config->timeout_ms > SLOW_S * TIME_MS_PER_S) {
		curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES_PER_S);
		curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
	}
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, requester_close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, requester);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls_context);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_before_request);
	return easy;
}

static CURL *take_easy(struct requester *requester)
{
	if (requester->idle_count > 0)
		return requester->idle[--requester->idle_count];
	return new_easy(requester);
}

static void give_easy(struct request *request)
{
	struct requester *requester = request->requester;
	CURL *easy = request->easy;
	long os_error = 0;
	curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &os_error);
	request->easy = NULL;
	list_remove(&request->in_sent);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(request->all_headers);
	request->all_headers = NULL;
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	/* libcurl never clears its errno: the next failure would be taken for this one.
	 */
	if (os_error == 0 && requester->idle_count < REQUESTER_IDLE_MAX)
		requester->idle[requester->idle_count++] = easy;
	else
		curl_easy_cleanup(easy);
}

/* --- start --- */

/* curl is given scheme, host and port only; what is asked goes in REQUEST_TARGET, so that
 * no second URL parser comes between ours and the wire. */
static CURLcode set_url(CURL *easy, const struct url *url)
{
	char origin[512];
	char target[URL_BYTES_MAX + 8];
	int len = snprintf(origin, sizeof(origin), "%.*s://%.*s:%u/",
		SLICE_ARG(url->scheme), SLICE_ARG(url->host), (unsigned)url_port(url));
	if (len < 0 || (size_t)len >= sizeof(origin))
		return CURLE_URL_MALFORMAT;
	len = snprintf(target, sizeof(target), "%.*s%s%.*s", SLICE_ARG(url->path),
		url->has_query ? "?" : "", SLICE_ARG(url->query));
	if (len < 0 || (size_t)len >= sizeof(target))
		return CURLE_URL_MALFORMAT;
	CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, origin);
	return code != CURLE_OK ? code
				: curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, target);
}

static void set_address(struct request *request)
{
	char at[ADDRESS_TEXT_SIZE];
	const struct request_wish *wish = &request->wish;
	address_format(&wish->address, at);
	bool bare_v6 = !address_is_v4(&wish->address) && at[0] != '[';
	snprintf(request->connect_to_text, sizeof(request->connect_to_text),
		bare_v6 ? "::[%s]:%u" : "::%s:%u", at, (unsigned)wish->port);
	request->connect_to = (struct curl_slist){ .data = request->connect_to_text };
	curl_easy_setopt(request->easy, CURLOPT_CONNECT_TO, &request->connect_to);
}

static void set_method(CURL *easy, enum method method)
{
	if (method == METHOD_HEAD)
		curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
}

static CURLcode configure(struct request *request)
{
	CURL *easy = request->easy;
	const struct request_wish *wish = &request->wish;
	struct requester *requester = request->requester;
	CURLcode code = set_url(easy, wish->url);
	if (code != CURLE_OK)
		return code;
	set_address(request);
	set_method(easy, wish->answer.method);
	curl_easy_setopt(easy, CURLOPT_COOKIE, wish->cookies);
	if (wish->extra_header_count > 0) {
		request->all_headers = requester_headers(requester, wish);
		if (request->all_headers == NULL)
			return CURLE_OUT_OF_MEMORY;
	}
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
		request->all_headers != NULL ? request->all_headers
		: wish->own_headers          ? requester->own_headers
					     : requester->headers);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
		wish->http1_only ? (long)CURL_HTTP_VERSION_1_1
				 : (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, wish->fresh_connection ? 1L : 0L);
	curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)wish->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)wish->connect_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->detail);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, request);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	return CURLE_OK;
}

int request_start(struct request *request, struct requester *requester,
	struct arena *arena, const struct request_wish *wish)
{
	request_fini(request);
	*request = (struct request){
		.requester = requester,
		.data = request->data,
		.wish = *wish,
		.host_hash = hash_bytes(wish->url->host, table_seed),
		.fd = -1,
		.connect_ms = -1,
		.tls_ms = -1,
		.first_byte_ms = -1,
	};
	list_init(&request->in_sent);
	answer_init(&request->answer, arena, &wish->answer);
	request->easy = take_easy(requester);
	if (request->easy == NULL)
		return -1;
	if (configure(request) != CURLE_OK ||
		curl_loop_add(&requester->curl, request->easy, request->host_hash) < 0) {
		give_easy(request);
		return -1;
	}
	return 0;
}

/* --- end --- */

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
 * have been a kept one, and counts as any other reset. */
static void read_refused_resend(struct request *request)
{
	request->failure = REASON_CONNECT_RESET;
	request->why = "the server dropped the connection";
	request->reused_connection = !request->wish.fresh_connection;
	request->protocol_error = false;
}

static void read_end(struct request *request, CURLcode result)
{
	struct answer *answer = &request->answer;
	long os_error = 0;
	if (result != CURLE_OPERATION_TIMEDOUT)
		answer_end(answer);
	curl_easy_getinfo(request->easy, CURLINFO_OS_ERRNO, &os_error);
	struct transfer_end end = {
		.code = result,
		.os_error = request->os_error != 0 ? request->os_error : (int)os_error,
		.verify_error = request->tls.verify_error,
		.verify_why = request->tls.why,
		.connected = request->connected,
		.sent = request->sent,
		.http2 = request->tls.http2,
		.answered = answer->complete,
		.bytes_came = some_bytes_came(request),
		.detail = request->detail,
	};
	request->failure = translate_end(&end, &request->why);
	if (request->failure != REASON_OK && request->why == NULL)
		request->why = request->detail[0] != '\0' ? request->detail
							  : curl_easy_strerror(result);
	request->protocol_error = translate_is_protocol_error(&end);
	request->tls_refused = request->failure == REASON_TLS_HANDSHAKE &&
			       !request->requester->config->insecure &&
			       translate_is_tls_refused(&end);
	if (request->resend_refused)
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
	if (request->failure == REASON_OK)
		read_body_end(request, result);
}

void request_transfer_done(void *data, CURL *easy, CURLcode result)
{
	struct requester *requester = data;
	struct request *request = NULL;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
	assert(request->easy == easy);
	read_timing(request);
	read_end(request, result);
	give_easy(request);
	requester->on_done(request);
}

void request_cancel(struct request *request)
{
	if (request->easy == NULL)
		return;
	curl_loop_remove(&request->requester->curl, request->easy, request->host_hash);
	give_easy(request);
}

void request_fini(struct request *request)
{
	assert(request->easy == NULL);
	answer_fini(&request->answer);
}
