#include "probe/request_internal.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/hash.h"
#include "base/table.h"
#include "probe/clock_internal.h"
#include "probe/memory_internal.h"
#include "probe/target_internal.h"

enum {
	/* A body of no use is read to its end if it is small and its connection will be
	 * needed again; a new connection costs more than this. */
	SWALLOW_BYTES_MAX = 16 * 1024,
	/* A body that only trickles is given up before the request's whole time is over;
	 * what it answered is known. Waiting for the headers is not slowness. */
	SLOW_BYTES_PER_S = 100,
	SLOW_S_MAX = 20,
	SLOW_SHARE = 3, /* of the timeout */
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

static bool is_https(const struct request *request)
{
	return slice_equal(request->wish.url->scheme, SLICE("https"));
}

static void set_slowest(const struct request *request, bool limited)
{
	time_ms span_s = request->wish.timeout_ms / SLOW_SHARE / TIME_MS_PER_S;
	long slow_s = span_s < 1 ? 1 : span_s > SLOW_S_MAX ? SLOW_S_MAX : (long)span_s;
	curl_easy_setopt(request->easy, CURLOPT_LOW_SPEED_LIMIT,
		limited ? (long)SLOW_BYTES_PER_S : 0L);
	curl_easy_setopt(request->easy, CURLOPT_LOW_SPEED_TIME, limited ? slow_s : 0L);
}

/* The headers are there: is the connection worth keeping, and the body worth waiting for?
 * False: no. */
static bool decide_on_body(struct request *request)
{
	struct answer *answer = &request->answer;
	bool keep = request->requester->is_host_wanted(request) || leads_back(request);
	curl_easy_setopt(request->easy, CURLOPT_FORBID_REUSE, keep ? 0L : 1L);
	if (keep && request->fd >= 0 && !answer->http2)
		kept_note(&request->requester->kept, request->own_port, request->fd);
	/* HTTP/2 ends a stream without harm to its connection. */
	bool bounded = answer->chunked || answer->content_length > 0;
	if (keep && bounded && answer->encodings <= 1 && !answer->http2 &&
		!answer->closing && answer->content_length <= SWALLOW_BYTES_MAX)
		answer->swallow_max = SWALLOW_BYTES_MAX;
	set_slowest(request, true);
	return !answer->body_enough || answer->swallow_max > 0 ||
	       answer->content_length == 0;
}

static size_t on_header(char *at, size_t one, size_t len, void *data)
{
	struct request *request = data;
	bool was_complete = request->answer.complete;
	(void)one;
	bool on = answer_header(&request->answer, (struct slice){ at, len });
	if (on && request->answer.complete && !was_complete) {
		request->headers_at = clock_wall_ms();
		on = decide_on_body(request);
	}
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

static curl_socket_t on_open_socket(
	void *data, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct request *request = data;
	struct address address;
	uint16_t port;
	if (request->sent) { /* see on_before_request */
		request->resend_refused = true;
		return CURL_SOCKET_BAD;
	}
	if (purpose != CURLSOCKTYPE_IPCXN || !kept_read_end(&to->addr, &address, &port) ||
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
	tls_limit_apply(context, &request->requester->tls_limit);
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

/* What a server says on a kept connection before it is asked again is about nothing, and
 * libcurl 7.88 would take it for the answer to what is asked next. HTTP/2 says whose
 * answer it is. Only looked at: in this callback libcurl's own BIO, by which TLS would be
 * read, follows a pointer that is NULL when the connection is reset. So what TLS says for
 * itself counts as well, which costs a handshake. */
static bool has_unasked_bytes(const struct request *request)
{
	char byte;
	if (request->fd >= 0 || request->tls.http2)
		return false;
	int fd = kept_find(&request->requester->kept, request->own_port,
		&request->wish.address, request->wish.port);
	return fd >= 0 && recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* The start is counted when libcurl has written the request, not before: between the two
 * this process may lose its processor for a while. */
void requester_entered(void *data)
{
	struct requester *requester = data;
	struct list *node;
	requester->tls_limit.turn_bytes = 0;
	while ((node = list_pop_front(&requester->sent)) != NULL)
		requester->on_sent(LIST_OF(node, struct request, in_sent));
}

/* The connection is there, new or old, and the request leaves with our return. */
static int on_before_request(
	void *data, char *remote, char *local, int remote_port, int local_port)
{
	struct request *request = data;
	struct address address;
	(void)local;
	request->own_port = (uint16_t)local_port;
	if (request->wish.look)
		return CURL_PREREQFUNC_ABORT;
	/* Reset before we could look who it is: there is no peer any more. The socket was
	 * opened to a vetted address and no other. */
	if (remote == NULL || remote[0] == '\0') {
		request->gone = true;
		return CURL_PREREQFUNC_ABORT;
	}
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
	if (is_https(request))
		read_tls(request);
	if (has_unasked_bytes(request)) {
		request->unasked = true;
		return CURL_PREREQFUNC_ABORT;
	}
	request->sent = true;
	list_remove(&request->in_sent);
	list_push_back(&request->requester->sent, &request->in_sent);
	return CURL_PREREQFUNC_OK;
}

/* --- easy handles --- */

/* What libcurl copies, and so may have no memory for. Without the second, the
 * environment's proxy would be asked. */
static bool set_texts(CURL *easy, const struct requester *requester)
{
	return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, requester->encodings) ==
		       CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_USERAGENT, requester->user_agent) ==
		       CURLE_OK;
}

/* One for each request, although libcurl would take it again: it keeps the errno of the
 * last transfer, and 7.88 a pointer to that one's last header, which it has freed; an
 * answer whose first header line begins with a blank is written there. That costs less
 * than two microseconds of a check's CPU time. */
static CURL *new_easy(const struct requester *requester)
{
	CURL *easy = curl_easy_init();
	if (easy == NULL || !set_texts(easy, requester)) {
		curl_easy_cleanup(easy);
		return NULL;
	}
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	/* Anything above 0 is walked through at the end of every transfer. */
	curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
	curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 0L);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	if (requester->config->insecure) {
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
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

static void drop_easy(struct request *request)
{
	curl_easy_cleanup(request->easy);
	request->easy = NULL;
	list_remove(&request->in_sent);
	list_remove(&request->in_running);
	curl_slist_free_all(request->all_headers);
	request->all_headers = NULL;
}

/* --- start --- */

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
	CURLcode code = target_set_url(easy, wish->url);
	if (code != CURLE_OK)
		return code;
	set_address(request);
	set_method(easy, wish->answer.method);
	if (curl_easy_setopt(easy, CURLOPT_COOKIE, wish->cookies) != CURLE_OK)
		return CURLE_OUT_OF_MEMORY;
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
	set_slowest(request, false);
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
		.memory_failures = memory_failures(),
		.fd = -1,
		.connect_ms = -1,
		.tls_ms = -1,
		.first_byte_ms = -1,
	};
	list_init(&request->in_sent);
	list_init(&request->in_running);
	answer_init(&request->answer, arena, &wish->answer);
	request->easy = new_easy(requester);
	if (request->easy == NULL)
		return -1;
	if (configure(request) != CURLE_OK ||
		curl_loop_add(&requester->curl, request->easy, request->host_hash) < 0) {
		drop_easy(request);
		return -1;
	}
	list_push_back(&requester->running, &request->in_running);
	return 0;
}

/* --- end --- */

void request_transfer_done(void *data, CURL *easy, CURLcode result)
{
	struct requester *requester = data;
	struct request *request = NULL;
	curl_easy_getinfo(easy, CURLINFO_PRIVATE, &request);
	assert(request->easy == easy);
	request_read_end(request, result);
	drop_easy(request);
	requester->on_done(request);
}

void request_cancel(struct request *request)
{
	if (request->easy == NULL)
		return;
	curl_loop_remove(&request->requester->curl, request->easy, request->host_hash);
	drop_easy(request);
}

void request_fini(struct request *request)
{
	assert(request->easy == NULL);
	answer_fini(&request->answer);
}
