#include <assert.h>
#include <time.h>

#include "notify/notify_internal.h"

time_ms notify_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * TIME_MS_PER_S + now.tv_nsec / 1000000;
}

/* libcurl asks at least once a second, also where its own limit does not hold: it says
 * goodbye to a mail server that has fallen silent, and waits two minutes for the answer.
 */
static int on_progress(void *data, curl_off_t down_all, curl_off_t down,
	curl_off_t up_all, curl_off_t up)
{
	enum { GRACE_MS = 200 };
	const struct notify_bounds *bounds = data;
	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	return atomic_load(&bounds->means->stopping) ||
	       notify_now() > bounds->end_ms + GRACE_MS;
}

static CURLcode set_bounds(CURL *easy, const struct notify_bounds *bounds)
{
	long left = (long)(bounds->end_ms - notify_now());
	CURLcode set = curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left > 1 ? left : 1L);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			(long)bounds->means->connect_timeout_ms);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* Closed with the transfer, under its bounds, and not by libcurl's cache later,
	 * which knows none. */
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_XFERINFODATA, bounds);
	return set;
}

static CURLcode set_trust(
	CURL *easy, const struct notify_task *task, const char *protocols)
{
	CURLcode set = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	if (set == CURLE_OK)
		set = curl_easy_setopt(
			easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	/* The environment does not decide where secrets go. */
	if (set == CURLE_OK)
		set = curl_easy_setopt(easy, CURLOPT_PROXY, "");
	if (set == CURLE_OK && task->cacert.len > 0)
		set = curl_easy_setopt(easy, CURLOPT_CAINFO, task->cacert.at);
	if (set == CURLE_OK && task->cacert.len > 0)
		set = curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	return set;
}

CURL *notify_transfer_new(const struct notify_bounds *bounds,
	const struct notify_task *task, const char *protocols, char *why)
{
	CURL *easy = curl_easy_init();
	why[0] = '\0';
	if (easy == NULL)
		return NULL;
	if (set_bounds(easy, bounds) != CURLE_OK ||
		set_trust(easy, task, protocols) != CURLE_OK ||
		curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, why) != CURLE_OK) {
		curl_easy_cleanup(easy);
		return NULL;
	}
	return easy;
}

/* libcurl's own words where they name no more than host, port and certificate. */
const char *notify_transfer_words(CURLcode code, const char *why)
{
	bool harmless =
		code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
		code == CURLE_OPERATION_TIMEDOUT || code == CURLE_SSL_CONNECT_ERROR ||
		code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_USE_SSL_FAILED;
	if (code == CURLE_ABORTED_BY_CALLBACK)
		return "the program ended";
	/* The scheme was looked at before: it is what came that is none. */
	if (code == CURLE_UNSUPPORTED_PROTOCOL)
		return "what it sent is no answer";
	return harmless && why[0] != '\0' ? why : curl_easy_strerror(code);
}

bool notify_transfer_for_operator(CURLcode code)
{
	return code == CURLE_PEER_FAILED_VERIFICATION ||
	       code == CURLE_SSL_CACERT_BADFILE || code == CURLE_URL_MALFORMAT ||
	       code == CURLE_USE_SSL_FAILED || code == CURLE_NOT_BUILT_IN;
}
