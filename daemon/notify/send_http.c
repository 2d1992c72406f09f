#include <assert.h>

#include "base/utf8.h"
#include "notify/notify_internal.h"

/* --- one request and its answer
 * --------------------------------------------------------------- */

struct exchange {
	struct notify_bounds bounds;
	struct notify_job *job;
	struct buffer answer; /* as far as its ceiling */
	size_t answer_max;
	bool too_much;
	/* How it ended. */
	CURLcode code;
	int status; /* 0: no whole answer head */
	time_ms retry_after_ms;
	char why[CURL_ERROR_SIZE];
};

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
	struct exchange *exchange = data;
	struct slice piece = { bytes, size * count };
	if (piece.len > exchange->answer_max - exchange->answer.len) {
		exchange->too_much = true;
		return 0; /* ends the transfer */
	}
	buffer_add(&exchange->answer, piece);
	return exchange->answer.failed ? 0 : piece.len;
}

static CURLcode set_method(CURL *easy, enum webhook_method method, struct slice body)
{
	CURLcode set;
	if (method == WEBHOOK_GET)
		return curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	set = curl_easy_setopt(easy, CURLOPT_POST, 1L);
	if (set == CURLE_OK)
		set = curl_easy_setopt(
			easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
	if (set == CURLE_OK)
		set = curl_easy_setopt(
			easy, CURLOPT_POSTFIELDS, body.at != NULL ? body.at : "");
	if (set == CURLE_OK && method != WEBHOOK_POST)
		set = curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST,
			method == WEBHOOK_PUT ? "PUT" : "PATCH");
	return set;
}

static CURLcode set_sink(CURL *easy, struct exchange *exchange)
{
	CURLcode set = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
	if (set == CURLE_OK && exchange->bounds.means->user_agent != NULL)
		set = curl_easy_setopt(
			easy, CURLOPT_USERAGENT, exchange->bounds.means->user_agent);
	return set;
}

/* False: no memory; what was gathered is then freed. */
static bool add_header(struct curl_slist **headers, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*headers, line);
	if (longer == NULL)
		return false;
	*headers = longer;
	return true;
}

static bool make_headers(const struct notify_job *job, enum webhook_auth auth,
	struct curl_slist **ret_headers)
{
	struct buffer line;
	const struct notify_secret *token = &job->secrets->token;
	bool github = job->task.way == NOTIFY_ISSUE;
	*ret_headers = NULL;
	bool made = add_header(ret_headers, "Content-Type: application/json") &&
		    add_header(ret_headers, github ? "Accept: application/vnd.github+json"
						   : "Accept: application/json, */*") &&
		    add_header(ret_headers, "Expect:");
	if (made && github)
		made = add_header(ret_headers, "X-GitHub-Api-Version: 2022-11-28");
	if (made && auth == WEBHOOK_AUTH_BEARER && token->len > 0) {
		buffer_init(&line, 2 * NOTIFY_SECRET_BYTES_MAX);
		buffer_printf(&line, "Authorization: Bearer %s", token->text);
		made = !line.failed && add_header(ret_headers, buffer_string(&line));
		if (line.at != NULL)
			explicit_bzero(line.at, line.len);
		buffer_fini(&line);
	}
	return made;
}

/* Base URL, what the token adds to it, and the path. -1 with the sentence: none that may
 * be asked. */
static int make_url(struct notify_job *job, enum webhook_auth auth, struct slice path,
	struct buffer *out)
{
	const struct notify_secrets *secrets = job->secrets;
	struct slice base = job->task.server;
	bool telegram = auth == WEBHOOK_AUTH_TELEGRAM;
	if (secrets->url.len > 0)
		base = (struct slice){ secrets->url.text, secrets->url.len };
	if (!slice_starts_nocase(base, SLICE("http://")) &&
		!slice_starts_nocase(base, SLICE("https://"))) {
		notify_say(job, RETRY_OPERATOR,
			"the receiver has no URL with http:// or https://");
		return -1;
	}
	if (telegram && secrets->token.len == 0) {
		notify_say(job, RETRY_OPERATOR, "the receiver has no token");
		return -1;
	}
	while ((path.len > 0 || telegram) && base.len > 0 && base.at[base.len - 1] == '/')
		base.len--;
	buffer_add(out, base);
	if (telegram)
		buffer_printf(out, "/bot%s", secrets->token.text);
	buffer_add(out, path);
	return 0;
}

static void read_end(CURL *easy, struct exchange *exchange)
{
	long status = 0;
	curl_off_t after = 0;
	exchange->retry_after_ms = -1;
	if (curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
		status = 0;
	exchange->status = status >= 200 && status < 1000 ? (int)status : 0;
	if (curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK &&
		after > 0)
		exchange->retry_after_ms = after < RETRY_AFTER_MAX_MS / TIME_MS_PER_S
						   ? (time_ms)after * TIME_MS_PER_S
						   : RETRY_AFTER_MAX_MS;
}

static void perform(struct exchange *exchange, const char *url,
	enum webhook_method method, const struct curl_slist *headers, struct slice body)
{
	CURL *easy = notify_transfer_new(
		&exchange->bounds, &exchange->job->task, "http,https", exchange->why);
	exchange->code = CURLE_OUT_OF_MEMORY;
	exchange->status = 0;
	exchange->too_much = false;
	exchange->retry_after_ms = -1;
	buffer_reset(&exchange->answer);
	if (easy == NULL)
		return;
	if (curl_easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK &&
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
		set_method(easy, method, body) == CURLE_OK &&
		set_sink(easy, exchange) == CURLE_OK) {
		exchange->code = curl_easy_perform(easy);
		read_end(easy, exchange);
	}
	curl_easy_cleanup(easy);
}

/* -1: it could not even be tried, and the result says why. */
static int ask(struct exchange *exchange, enum webhook_method method,
	enum webhook_auth auth, struct slice path, struct slice body)
{
	struct curl_slist *headers = NULL;
	struct buffer url;
	buffer_init(&url, 4 * NOTIFY_SECRET_BYTES_MAX);
	int made = make_url(exchange->job, auth, path, &url);
	if (made == 0 && (url.failed || !make_headers(exchange->job, auth, &headers))) {
		notify_say(
			exchange->job, RETRY_TEMPORARY, "not enough memory to send it");
		made = -1;
	}
	if (made == 0)
		perform(exchange, buffer_string(&url), method, headers, body);
	for (struct curl_slist *at = headers; at != NULL; at = at->next)
		explicit_bzero(at->data, strlen(at->data));
	curl_slist_free_all(headers);
	if (url.at != NULL)
		explicit_bzero(url.at, url.len);
	buffer_fini(&url);
	return made;
}

static void exchange_init(struct exchange *exchange, const struct notify_means *means,
	struct notify_job *job, size_t answer_max)
{
	*exchange =
		(struct exchange){ .bounds = { means, notify_now() + means->timeout_ms },
			.job = job,
			.answer_max = answer_max };
	buffer_init(&exchange->answer, answer_max);
}

/* --- what it means
 * ------------------------------------------------------------------------------ */

static void say_no_answer(struct exchange *exchange)
{
	notify_say(exchange->job,
		notify_transfer_for_operator(exchange->code) ? RETRY_OPERATOR
							     : RETRY_TEMPORARY,
		"the receiver gave no answer: %s",
		notify_transfer_words(exchange->code, exchange->why));
}

/* A refusal's first words help more than its number. */
static void say_status(struct exchange *exchange, enum retry_class class)
{
	enum { WORDS_BYTES_MAX = 200 };
	struct buffer words;
	buffer_init(&words, 4096);
	utf8_add_printable(&words, slice_sub(buffer_slice(&exchange->answer), 0, 1024),
		WORDS_BYTES_MAX);
	const char *hint = "";
	if (exchange->status >= 300 && exchange->status < 400)
		hint = ", a redirect, which is not followed; give the URL it leads to";
	notify_say(exchange->job, class, "the receiver answered %d%s%s%s",
		exchange->status, hint, words.len > 0 ? ": " : "", buffer_string(&words));
	buffer_fini(&words);
}

/* The head decides: once a receiver has said 200 it has the message, and what it says
 * after that may come or not. */
void notify_send_http(const struct notify_means *means, struct notify_job *job)
{
	struct exchange exchange;
	exchange_init(&exchange, means, job, NOTIFY_ANSWER_BYTES_MAX);
	if (ask(&exchange, job->task.method, job->task.auth, job->task.path,
		    job->task.bytes) == 0) {
		job->result.status = exchange.status;
		job->result.retry_after_ms = exchange.retry_after_ms;
		enum retry_class class =
			retry_class_of_http(exchange.status, exchange.retry_after_ms);
		if (exchange.status == 0)
			say_no_answer(&exchange);
		else if (class == RETRY_DONE)
			job->result.class = RETRY_DONE;
		else
			say_status(&exchange, class);
	}
	buffer_fini(&exchange.answer);
}

/* --- the talk about an issue
 * ---------------------------------------------------------------------- */

/* Returns whether there is an answer to go on with: here the whole of it counts. */
static bool heard(struct exchange *exchange)
{
	struct notify_job *job = exchange->job;
	job->result.status = exchange->status;
	job->result.retry_after_ms = exchange->retry_after_ms;
	if (exchange->status != 0 && exchange->code == CURLE_OK)
		return true;
	if (exchange->too_much)
		notify_say(job, RETRY_TEMPORARY, "GitHub's answer is larger than %d MiB",
			ISSUE_ANSWER_BYTES_MAX >> 20);
	else
		say_no_answer(exchange);
	return false;
}

static void talk(struct exchange *exchange, struct issue_talk *talk,
	struct webhook_request *request)
{
	/* Pages, the label, the issue; never more. */
	enum { TURNS_MAX = ISSUE_PAGES_MAX + 4 };
	struct notify_job *job = exchange->job;
	struct error sentence = { "not enough memory for an issue" };
	struct issue_turn turn = { 0 };
	int made = issue_begin(talk, &job->task.issue, request, &sentence);
	for (int i = 0; i < TURNS_MAX && made == 0 && !turn.ended; i++) {
		if (ask(exchange, request->method, request->auth,
			    buffer_slice(&request->path),
			    buffer_slice(&request->body)) != 0 ||
			!heard(exchange))
			return;
		made = issue_next(talk, exchange->status, exchange->retry_after_ms,
			buffer_slice(&exchange->answer), request, &turn, &sentence);
	}
	if (made != 0 || !turn.ended)
		notify_say(job, RETRY_TEMPORARY, "%s", sentence.text);
	else if (turn.class != RETRY_DONE)
		notify_say(job, turn.class, "%s", sentence.text);
	else
		job->result.class = RETRY_DONE;
}

void notify_send_issue(const struct notify_means *means, struct notify_job *job)
{
	struct exchange exchange;
	struct issue_talk state;
	struct webhook_request request;
	exchange_init(&exchange, means, job, ISSUE_ANSWER_BYTES_MAX);
	webhook_request_init(&request);
	talk(&exchange, &state, &request);
	webhook_request_fini(&request);
	buffer_fini(&exchange.answer);
}
