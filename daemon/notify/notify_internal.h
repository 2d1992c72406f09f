/* notify: what the files of the room share. All of it runs on the notifier's thread.
 */
#pragma once

#include <curl/curl.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/list.h"
#include "notify/notifier.h"

/* One task on its way. Its text lives in its arena. */
struct notify_job {
	struct list node;
	struct arena arena;
	struct notify_task task;
	struct notify_result result;
	struct notify_secrets *secrets; /* while it is sent; for notify_say */
};

/* What all tasks are sent with; read-only on the thread. */
struct notify_means {
	const char *user_agent, *sendmail;
	time_ms timeout_ms, connect_timeout_ms;
	atomic_bool stopping;
};

/* --- secrets.c --- */

struct notify_secret {
	char text[NOTIFY_SECRET_BYTES_MAX + 1];
	size_t len;
};

struct notify_secrets {
	struct notify_secret url, token, password;
};

/* Reads the files that the task names. -1 with the result filled in: it is for the
 * operator. */
int notify_secrets_read(struct notify_job *job, struct notify_secrets *secrets);
void notify_secrets_wipe(struct notify_secrets *secrets);

/* Sets class and sentence; a sentence with a secret in it is replaced by one without. */
void notify_say(struct notify_job *job, enum retry_class class, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* --- one a way: fill in job->result --- */

void notify_send_http(const struct notify_means *means, struct notify_job *job);
void notify_send_issue(const struct notify_means *means, struct notify_job *job);
void notify_send_smtp(const struct notify_means *means, struct notify_job *job);
void notify_send_sendmail(const struct notify_means *means, struct notify_job *job);

/* --- transfer.c --- */

/* Until when a transfer may go on; on notify_now. */
struct notify_bounds {
	const struct notify_means *means;
	time_ms end_ms;
};

/* The options that hold for every transfer of the task. `protocols`: as
 * CURLOPT_PROTOCOLS_STR. The bounds and `why` outlive it. NULL: no memory. */
CURL *notify_transfer_new(const struct notify_bounds *bounds,
	const struct notify_task *task, const char *protocols, char *why);

time_ms notify_now(void); /* monotonic */

/* What failed, for a person, without the URL. */
const char *notify_transfer_words(CURLcode code, const char *why);

/* Whether only a person can remove the cause. */
bool notify_transfer_for_operator(CURLcode code);
