#include "serve/exchange_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/hash.h"
#include "serve/headers_internal.h"
#include "serve/negotiate_internal.h"

enum {
	SPARES_MAX = 16,
	SPARE_BYTES_MAX = 256 * 1024, /* a buffer that grew larger is not kept */
	ARENA_BYTES_MAX = 4 * SERVE_TARGET_BYTES_MAX,
	/* Below it the header outweighs what compression saves: one packet is one packet.
	 */
	GZIP_BYTES_MIN = 1400,
	TAG_SIZE = SERVE_ETAG_SIZE + 8,
	WEAK_LEN = sizeof("W/") - 1,
};

struct exchange {
	struct exchange *next;
	struct arena arena; /* of the target */
	struct serve_request request;
	struct buffer upload, body, packed;
	int refusal;    /* the status it is refused with, or 0 */
	bool is_torn;   /* where the next request begins is not to be trusted */
	bool is_begun;  /* the headers have been looked at */
	bool is_queued; /* there is an answer */
	const char *allow;
	size_t sent_len;
};

/* --- memory --------------------------------------------------------------------------
 */

static struct exchange *exchange_new(struct serve *serve)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (exchange == NULL)
		return NULL;
	arena_init(&exchange->arena, ARENA_BYTES_MAX);
	buffer_init(&exchange->upload, serve->limits.body_bytes_max);
	buffer_init(&exchange->body, SERVE_BODY_BYTES_MAX);
	buffer_init(&exchange->packed, SERVE_BODY_BYTES_MAX);
	return exchange;
}

static void exchange_free(struct exchange *exchange)
{
	arena_fini(&exchange->arena);
	buffer_fini(&exchange->upload);
	buffer_fini(&exchange->body);
	buffer_fini(&exchange->packed);
	free(exchange);
}

static struct exchange *take(struct serve *serve)
{
	struct exchange *exchange = serve->spare;

	if (exchange == NULL)
		return exchange_new(serve);
	serve->spare = exchange->next;
	serve->spare_count--;
	arena_reset(&exchange->arena);
	buffer_reset(&exchange->upload);
	buffer_reset(&exchange->body);
	buffer_reset(&exchange->packed);
	exchange->refusal = 0;
	exchange->is_torn = exchange->is_begun = exchange->is_queued = false;
	exchange->allow = NULL;
	exchange->sent_len = 0;
	return exchange;
}

static void give_back(struct serve *serve, struct exchange *exchange)
{
	if (serve->spare_count >= SPARES_MAX || exchange->upload.room > SPARE_BYTES_MAX ||
		exchange->body.room > SPARE_BYTES_MAX ||
		exchange->packed.room > SPARE_BYTES_MAX) {
		exchange_free(exchange);
		return;
	}
	exchange->next = serve->spare;
	serve->spare = exchange;
	serve->spare_count++;
}

void exchange_free_spare(struct serve *serve)
{
	while (serve->spare != NULL) {
		struct exchange *next = serve->spare->next;
		exchange_free(serve->spare);
		serve->spare = next;
	}
}

static struct connection *connection_of(struct MHD_Connection *http)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(http, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info != NULL ? info->socket_context : NULL;
}

/* --- the request ---------------------------------------------------------------------
 */

static void refuse(struct exchange *exchange, int status)
{
	if (exchange->refusal == 0)
		exchange->refusal = status;
}

/* Where one request ends and the next begins may be seen differently by a proxy. */
static void refuse_torn(struct exchange *exchange)
{
	exchange->refusal = MHD_HTTP_BAD_REQUEST;
	exchange->is_torn = true;
}

void *exchange_begin(void *cls, const char *target, struct MHD_Connection *http)
{
	struct serve *serve = cls;
	struct connection *connection = connection_of(http);
	struct exchange *exchange = take(serve);

	if (connection != NULL)
		connections_ask(&serve->connections, connection, exchange, server_now());
	if (exchange == NULL)
		return NULL; /* the connection is closed at the next call */
	exchange->request = (struct serve_request){ .method = SERVE_GET };
	snprintf(exchange->request.peer, sizeof(exchange->request.peer), "%s",
		connection != NULL ? connection->peer : "");
	exchange->refusal = serve_target_parse(
		slice_of(target), &exchange->arena, &exchange->request.target);
	return exchange;
}

struct headers {
	struct exchange *exchange;
	unsigned hosts, lengths, codings;
	bool has_body;
};

static bool is_token(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		if (!char_is_alpha(c) && !char_is_digit(c) &&
			(c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return name.len > 0;
}

static void keep_first(struct slice *kept, struct slice value)
{
	if (kept->at == NULL)
		*kept = value;
}

static void see_host(struct headers *headers, struct slice value)
{
	if (headers->hosts++ > 0 || !serve_target_is_host(value))
		refuse_torn(headers->exchange);
}

static void see_length(struct headers *headers, struct slice value)
{
	uint64_t len;

	/* libmicrohttpd reads the first; here two are one too many. */
	if (headers->lengths++ > 0 || !slice_to_number(value, INT64_MAX, &len)) {
		refuse_torn(headers->exchange);
		return;
	}
	headers->has_body = headers->has_body || len > 0;
	if (len > headers->exchange->upload.bytes_max) {
		refuse(headers->exchange, MHD_HTTP_CONTENT_TOO_LARGE);
		headers->exchange->is_torn = true;
	}
}

static enum MHD_Result see_header(void *cls, enum MHD_ValueKind kind, const char *key,
	size_t key_len, const char *text, size_t len)
{
	struct headers *headers = cls;
	struct serve_request *request = &headers->exchange->request;
	struct slice name = { key, key_len };
	struct slice value = { text != NULL ? text : "", text != NULL ? len : 0 };

	(void)kind;
	if (!is_token(name))
		refuse_torn(headers->exchange);
	else if (slice_equal_nocase(name, SLICE("Host")))
		see_host(headers, value);
	else if (slice_equal_nocase(name, SLICE("Content-Length")))
		see_length(headers, value);
	else if (slice_equal_nocase(name, SLICE("Transfer-Encoding")))
		refuse_torn(headers->exchange);
	else if (slice_equal_nocase(name, SLICE("Authorization")))
		keep_first(&request->authorization, value);
	else if (slice_equal_nocase(name, SLICE("Content-Type")))
		keep_first(&request->content_type, value);
	else if (slice_equal_nocase(name, SLICE("If-None-Match")))
		keep_first(&request->if_none_match, value);
	else if (slice_equal_nocase(name, SLICE("If-Modified-Since")))
		keep_first(&request->if_modified_since, value);
	else if (slice_equal_nocase(name, SLICE("Accept-Encoding")))
		keep_first(&request->accept_encoding, value);
	return MHD_YES;
}

static bool takes_post(const struct serve *serve, const struct serve_target *target)
{
	for (const char *const *path = serve->post_paths; path != NULL && *path != NULL;
		path++)
		if (serve_target_fits(target, *path))
			return true;
	return false;
}

static void see_method(struct serve *serve, struct exchange *exchange, const char *method)
{
	static const char *const others[] = { "PUT", "DELETE", "PATCH", "OPTIONS",
		"TRACE", "CONNECT", NULL };
	bool posts = takes_post(serve, &exchange->request.target);
	bool reads = true;

	if (strcmp(method, "POST") == 0)
		exchange->request.method = SERVE_POST;
	else if (strcmp(method, "HEAD") == 0)
		exchange->request.method = SERVE_HEAD;
	else
		reads = strcmp(method, "GET") == 0;
	if (exchange->request.method == SERVE_POST ? posts : reads && !posts)
		return;
	for (size_t i = 0; !reads && others[i] != NULL; i++)
		reads = strcmp(method, others[i]) == 0;
	refuse(exchange, reads ? MHD_HTTP_METHOD_NOT_ALLOWED : MHD_HTTP_NOT_IMPLEMENTED);
	exchange->allow = posts ? "POST" : "GET, HEAD";
}

/* All that can be said before a body has come. */
static void examine(struct serve *serve, struct exchange *exchange,
	struct MHD_Connection *http, const char *method, const char *version)
{
	struct headers headers = { .exchange = exchange };
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(http, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	if (info != NULL && info->header_size > serve->limits.head_bytes_max)
		refuse(exchange, MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE);
	MHD_get_connection_values_n(http, MHD_HEADER_KIND, see_header, &headers);
	if (headers.hosts == 0 && strcmp(version, "HTTP/1.0") != 0)
		refuse_torn(exchange);
	see_method(serve, exchange, method);
	if (headers.has_body && exchange->request.method != SERVE_POST)
		refuse_torn(exchange);
}

/* --- the answer ----------------------------------------------------------------------
 */

static bool add_to_response(void *context, const char *name, const char *value)
{
	return MHD_add_response_header(context, name, value) == MHD_YES;
}

static bool is_worth_packing(const struct serve_answer *answer)
{
#define TYPE_COMPRESS(name, text, compress) compress,
	static const bool types[] = { SERVE_TYPES(TYPE_COMPRESS) };
#undef TYPE_COMPRESS
	return types[answer->type] && answer->body->len >= GZIP_BYTES_MIN;
}

/* The answerer's own tag, or one made of the body. False when there is none. */
static bool make_tag(const struct serve_answer *answer, char tag[static SERVE_ETAG_SIZE])
{
	if (answer->status != 200)
		return false;
	if (answer->etag[0] != '\0') {
		for (size_t i = 0; i < SERVE_ETAG_SIZE; i++)
			tag[i] = answer->etag[i];
		tag[SERVE_ETAG_SIZE - 1] = '\0';
		for (size_t i = 0; tag[i] != '\0'; i++)
			if (tag[i] <= 0x20 || tag[i] >= 0x7f || tag[i] == '"')
				return false;
		return true;
	}
	if (!answer->etag_of_body)
		return false;
	struct slice body = buffer_slice(answer->body);
	snprintf(tag, SERVE_ETAG_SIZE, "%016" PRIx64 "%08zx",
		hash_bytes(body, UINT64_C(0x6c696e6b726f74)), body.len);
	return true;
}

/* If-None-Match, where it is sent, decides alone (RFC 9110 13.2.2). */
static bool is_not_modified(const struct serve_request *request,
	const struct serve_answer *answer, const char *tag)
{
	if (answer->status != 200 || request->method == SERVE_POST)
		return false;
	if (request->if_none_match.at != NULL)
		return tag != NULL &&
		       negotiate_etag_matches(request->if_none_match,
			       slice_of(answer->etag_is_weak ? tag + WEAK_LEN : tag));
	return request->if_modified_since.at != NULL &&
	       negotiate_not_modified_since(
		       request->if_modified_since, answer->last_modified, server_wall());
}

static enum MHD_Result queue(struct serve *serve, struct exchange *exchange,
	struct MHD_Connection *http, const struct serve_answer *answer,
	const struct headers_extra *extra, struct slice body)
{
	int status = extra->not_modified ? MHD_HTTP_NOT_MODIFIED : answer->status;
	bool has_body = exchange->request.method != SERVE_HEAD && !extra->not_modified;
	struct connection *connection = connection_of(http);
	/* The bytes stay where they are until exchange_end. */
	struct MHD_Response *response = MHD_create_response_from_buffer(body.len,
		(void *)(uintptr_t)(body.at != NULL ? body.at : ""),
		MHD_RESPMEM_PERSISTENT);

	if (response == NULL)
		return MHD_NO;
	bool done =
		headers_each(answer, extra, add_to_response, response) &&
		(!serve->stopping || add_to_response(response, "Connection", "close"));
	enum MHD_Result result = MHD_NO;
	if (done)
		result = MHD_queue_response(http, (unsigned)status, response);
	MHD_destroy_response(response);
	if (result != MHD_YES)
		return MHD_NO;
	exchange->is_queued = true;
	exchange->sent_len = has_body ? body.len : 0;
	if (connection != NULL)
		connections_take(connection);
	server_count_answer(serve, status);
	return MHD_YES;
}

static enum MHD_Result send_answer(struct serve *serve, struct exchange *exchange,
	struct MHD_Connection *http, const struct serve_answer *answer)
{
	struct headers_extra extra = { .varies = is_worth_packing(answer) };
	struct slice body = buffer_slice(answer->body);
	char plain[SERVE_ETAG_SIZE], tag[TAG_SIZE];
	bool is_tagged = make_tag(answer, plain);

	if (extra.varies && negotiate_accepts_gzip(exchange->request.accept_encoding) &&
		gzip_pack(serve->gzip, body, &exchange->packed)) {
		extra.gzipped = true;
		body = buffer_slice(&exchange->packed);
	}
	/* Strong means: of these bytes. So each encoding has its own. */
	snprintf(tag, sizeof(tag), "%s\"%s%s\"", answer->etag_is_weak ? "W/" : "",
		is_tagged ? plain : "", extra.gzipped ? "-gz" : "");
	extra.etag = is_tagged ? tag : NULL;
	extra.not_modified = is_not_modified(&exchange->request, answer, extra.etag);
	return queue(serve, exchange, http, answer, &extra, body);
}

/* Words for an answer that has a status and no more. */
static void word_refusal(
	struct serve *serve, const struct exchange *exchange, struct serve_answer *answer)
{
	if (serve->refuse != NULL)
		serve->refuse(serve->context, &exchange->request,
			headers_sentence(answer->status), answer);
	if (answer->body->failed)
		buffer_reset(answer->body);
	if (answer->body->len > 0)
		return;
	answer->type = SERVE_TYPE_TEXT;
	headers_add_page(answer->body, answer->status);
}

void exchange_make_late(
	struct serve *serve, struct exchange *exchange, struct buffer *out)
{
	struct serve_answer answer = { .status = MHD_HTTP_REQUEST_TIMEOUT,
		.body = &exchange->body,
		.no_store = true };

	/* There is none yet: its request is not complete. */
	buffer_reset(&exchange->body);
	word_refusal(serve, exchange, &answer);
	headers_add_raw(out, &answer);
}

static enum MHD_Result send_status(struct serve *serve, struct exchange *exchange,
	struct MHD_Connection *http, int status)
{
	struct serve_answer answer = { .status = status,
		.body = &exchange->body,
		.no_store = true,
		.allow = status == MHD_HTTP_METHOD_NOT_ALLOWED ? exchange->allow : NULL };

	buffer_reset(&exchange->body);
	word_refusal(serve, exchange, &answer);
	return send_answer(serve, exchange, http, &answer);
}

static enum MHD_Result ask(
	struct serve *serve, struct exchange *exchange, struct MHD_Connection *http)
{
	struct serve_answer answer = { .status = 200, .body = &exchange->body };
	time_us began = server_now_us();

	exchange->request.body = buffer_slice(&exchange->upload);
	serve->answer(serve->context, &exchange->request, &answer);
	count_add(&serve->counts.answering_us, (uint64_t)(server_now_us() - began));
	assert(answer.body == &exchange->body);
	assert(answer.status >= 200 && answer.status < 600 && answer.status != 304);
	if (answer.body->failed)
		return send_status(serve, exchange, http, MHD_HTTP_INTERNAL_SERVER_ERROR);
	if (answer.status >= 400 && answer.body->len == 0)
		word_refusal(serve, exchange, &answer);
	return send_answer(serve, exchange, http, &answer);
}

enum MHD_Result exchange_go_on(void *cls, struct MHD_Connection *http, const char *url,
	const char *method, const char *version, const char *upload, size_t *upload_len,
	void **context)
{
	struct serve *serve = cls;
	struct exchange *exchange = *context;

	(void)url;
	if (exchange == NULL)
		return MHD_NO;
	if (!exchange->is_begun) {
		exchange->is_begun = true;
		examine(serve, exchange, http, method, version);
		/* An answer before the end of the request ends the connection. */
		return exchange->is_torn
			       ? send_status(serve, exchange, http, exchange->refusal)
			       : MHD_YES;
	}
	if (*upload_len > 0) {
		buffer_add(&exchange->upload, (struct slice){ upload, *upload_len });
		*upload_len = 0;
		return MHD_YES;
	}
	if (exchange->upload.failed)
		refuse(exchange, exchange->upload.out_of_memory
					 ? MHD_HTTP_SERVICE_UNAVAILABLE
					 : MHD_HTTP_CONTENT_TOO_LARGE);
	if (exchange->refusal != 0)
		return send_status(serve, exchange, http, exchange->refusal);
	return ask(serve, exchange, http);
}

void exchange_end(void *cls, struct MHD_Connection *http, void **context,
	enum MHD_RequestTerminationCode how)
{
	struct serve *serve = cls;
	struct exchange *exchange = *context;
	struct connection *connection = connection_of(http);

	if (connection != NULL)
		connections_wait(&serve->connections, connection, server_now());
	if (exchange == NULL)
		return;
	*context = NULL;
	if (exchange->is_queued && how == MHD_REQUEST_TERMINATED_COMPLETED_OK)
		count_add(&serve->counts.body_bytes, exchange->sent_len);
	else if (exchange->is_queued)
		count_add(&serve->counts.answers_cut, 1);
	give_back(serve, exchange);
}
