#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>

#include "notify/notify_internal.h"

struct mailing {
	struct notify_job *job;
	size_t sent;
	enum retry_smtp_stage stage;
	char why[CURL_ERROR_SIZE];
};

static size_t on_read(char *to, size_t size, size_t count, void *data)
{
	struct mailing *mailing = data;
	struct slice bytes = mailing->job->task.bytes;
	size_t left = bytes.len - mailing->sent, room = size * count;
	size_t piece = left < room ? left : room;
	if (piece > 0)
		memcpy(to, bytes.at + mailing->sent, piece);
	mailing->sent += piece;
	return piece;
}

/* libcurl tells which reply it got, but not what it was the reply to; its commands pass
 * by here, secrets among them, and only their verbs are looked at. */
static int on_debug(CURL *easy, curl_infotype type, char *bytes, size_t len, void *data)
{
	struct mailing *mailing = data;
	struct slice line = { bytes, len };
	(void)easy;
	if (type == CURLINFO_DATA_OUT)
		mailing->stage = RETRY_SMTP_DATA;
	if (type != CURLINFO_HEADER_OUT)
		return 0;
	if (slice_starts(line, SLICE("AUTH")))
		mailing->stage = RETRY_SMTP_LOGIN;
	else if (slice_starts(line, SLICE("MAIL")) || slice_starts(line, SLICE("RCPT")))
		mailing->stage = RETRY_SMTP_ENVELOPE;
	else if (slice_starts(line, SLICE("DATA")))
		mailing->stage = RETRY_SMTP_DATA;
	return 0;
}

/* --- TLS
 * ------------------------------------------------------------------------------------ */

static struct slice host_of(struct slice url)
{
	size_t scheme = slice_find(url, SLICE("://"));
	struct slice host =
		slice_sub(url, scheme == SLICE_NONE ? 0 : scheme + 3, url.len);
	size_t end = 0;
	if (host.len > 0 && host.at[0] == '[') {
		size_t close = slice_find_char(host, ']');
		return slice_sub(host, 1, close);
	}
	while (end < host.len && host.at[end] != ':' && host.at[end] != '/')
		end++;
	return slice_sub(host, 0, end);
}

static bool is_loopback(struct slice host)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr four;
	struct in6_addr six;
	if (slice_equal_nocase(host, SLICE("localhost")))
		return true;
	if (host.len >= sizeof(text))
		return false;
	memcpy(text, host.at, host.len);
	text[host.len] = '\0';
	if (inet_pton(AF_INET, text, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, text, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool with_password(const struct notify_job *job)
{
	return job->task.user.len > 0 || job->secrets->password.len > 0;
}

/* A mail server on this machine most often offers STARTTLS with a certificate that nobody
 * can verify; nobody listens there either. */
static long tls_of(const struct notify_job *job)
{
	switch (job->task.tls) {
	case NOTIFY_TLS_NEVER:
		return (long)CURLUSESSL_NONE;
	case NOTIFY_TLS_AUTO:
		break;
	}
	bool plain = is_loopback(host_of(job->task.server)) && !with_password(job);
	return plain ? (long)CURLUSESSL_NONE : (long)CURLUSESSL_ALL;
}

/* --- the transfer
 * ------------------------------------------------------------------------------ */

static CURLcode set_login(CURL *easy, const struct notify_job *job)
{
	CURLcode set = curl_easy_setopt(easy, CURLOPT_USE_SSL, tls_of(job));
	if (set != CURLE_OK || !with_password(job))
		return set;
	set = curl_easy_setopt(easy, CURLOPT_USERNAME, job->task.user.at);
	if (set == CURLE_OK)
		set = curl_easy_setopt(
			easy, CURLOPT_PASSWORD, job->secrets->password.text);
	return set;
}

static CURLcode set_content(CURL *easy, struct mailing *mailing)
{
	CURLcode set = curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_READDATA, mailing);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE,
			(curl_off_t)mailing->job->task.bytes.len);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_DEBUGDATA, mailing);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	return set;
}

/* "<a@b>"; the addresses were checked. */
static const char *bracketed(struct notify_job *job, struct slice address)
{
	return arena_printf(&job->arena, "<%.*s>", SLICE_ARG(address)).at;
}

static struct curl_slist *recipients(struct notify_job *job)
{
	struct curl_slist *all = NULL;
	for (uint32_t i = 0; i < job->task.to_count; i++) {
		const char *address = bracketed(job, job->task.to[i]);
		struct curl_slist *longer =
			address != NULL ? curl_slist_append(all, address) : NULL;
		if (longer == NULL) {
			curl_slist_free_all(all);
			return NULL;
		}
		all = longer;
	}
	return all;
}

static void say_end(struct mailing *mailing, CURLcode code, long reply)
{
	struct notify_job *job = mailing->job;
	static const char *const stages[] = { "was greeted", "was logged in to",
		"was told sender and recipients", "was given the mail" };
	bool replied = reply >= 400 && reply <= 599;
	if (code == CURLE_OK) {
		job->result.class = RETRY_DONE;
		return;
	}
	if (notify_transfer_for_operator(code) || !replied) {
		notify_say(job,
			notify_transfer_for_operator(code) ? RETRY_OPERATOR
							   : RETRY_TEMPORARY,
			"the mail server did not take it: %s",
			notify_transfer_words(code, mailing->why));
		return;
	}
	job->result.status = (int)reply;
	notify_say(job, retry_class_of_smtp(mailing->stage, (int)reply),
		"the mail server answered %ld when it %s", reply, stages[mailing->stage]);
}

static void transfer(struct mailing *mailing, CURL *easy, struct curl_slist *to)
{
	struct notify_job *job = mailing->job;
	long reply = 0;
	const char *from = bracketed(job, job->task.from);
	CURLcode code = from == NULL ? CURLE_OUT_OF_MEMORY
				     : curl_easy_setopt(easy, CURLOPT_MAIL_FROM, from);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, to);
	if (code == CURLE_OK)
		code = curl_easy_setopt(easy, CURLOPT_URL, job->task.server.at);
	if (code == CURLE_OK)
		code = set_login(easy, job);
	if (code == CURLE_OK)
		code = set_content(easy, mailing);
	if (code == CURLE_OK)
		code = curl_easy_perform(easy);
	if (curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &reply) != CURLE_OK)
		reply = 0;
	say_end(mailing, code, reply);
}

static bool may_be_sent(struct notify_job *job)
{
	const struct notify_task *task = &job->task;
	if (!slice_starts_nocase(task->server, SLICE("smtp://")) &&
		!slice_starts_nocase(task->server, SLICE("smtps://"))) {
		notify_say(job, RETRY_OPERATOR,
			"the receiver has no mail server with smtp:// or smtps://");
		return false;
	}
	if (task->tls == NOTIFY_TLS_NEVER && with_password(job) &&
		slice_starts_nocase(task->server, SLICE("smtp://"))) {
		notify_say(job, RETRY_OPERATOR,
			"a password is not sent without TLS; leave \"tls: never\" out");
		return false;
	}
	return true;
}

void notify_send_smtp(const struct notify_means *means, struct notify_job *job)
{
	struct mailing mailing = { .job = job };
	const struct notify_bounds bounds = { means, notify_now() + means->timeout_ms };
	if (!may_be_sent(job))
		return;
	CURL *easy = notify_transfer_new(&bounds, &job->task, "smtp,smtps", mailing.why);
	struct curl_slist *to = recipients(job);
	if (easy == NULL || to == NULL)
		notify_say(job, RETRY_TEMPORARY, "not enough memory to send it");
	else
		transfer(&mailing, easy, to);
	curl_easy_cleanup(easy);
	curl_slist_free_all(to);
}
