/* notify: sends one prepared message at a time.
 *
 * It holds libcurl and decides nothing: what is said was written by message/, when and
 * whether it is tried again is the caller's (message/retry.h). One thread of its own does
 * the blocking work, so the loop never waits; it takes one task after the other, each
 * bounded in time, and can be stopped in the middle of any.
 *
 * Rules: only http, https, smtp and smtps; TLS is always verified, and never given up for
 * plain text; no redirect is followed, no proxy and no .netrc is used; answers are read
 * up to a ceiling. Addresses are not vetted: an operator's own receiver may well be on a
 * private network. Secrets are read from their files when a task is sent, so that they
 * can be changed at any time, are wiped after it, and stand in no sentence.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "message/issue.h"
#include "message/retry.h"
#include "message/webhook.h"

enum {
	NOTIFY_QUEUE_MAX = 64, /* tasks that wait */
	NOTIFY_ANSWER_BYTES_MAX =
		65536, /* of an answer that only its status matters of */
	NOTIFY_SECRET_BYTES_MAX = 4096,
	NOTIFY_TO_MAX = 100,
};

#define NOTIFY_WAYS(X)                                                                   \
	X(SMTP, "smtp")         /* bytes to `to`, over smtp:// or smtps:// */            \
	X(SENDMAIL, "sendmail") /* bytes into `sendmail -t -oi` */                       \
	X(HTTP, "http")         /* one request */                                        \
	X(ISSUE, "issue")       /* the talk of message/issue.h */

#define NOTIFY_WAY_ENUM(name, text) NOTIFY_##name,
enum notify_way { NOTIFY_WAYS(NOTIFY_WAY_ENUM) };
#undef NOTIFY_WAY_ENUM

/* For smtp://. smtps:// always begins with TLS. */
enum notify_tls {
	NOTIFY_TLS_AUTO, /* STARTTLS is required, except on loopback without a password */
	NOTIFY_TLS_NEVER, /* refused together with a password */
};

/* Several recipients of one SMTP task are taken or refused together: one that is unknown
 * keeps the mail from all. A row for each recipient keeps them apart.
 *
 * Everything is copied by notifier_send. Paths are finished ones (config_secret_path). */
struct notify_task {
	enum notify_way way;
	int64_t id; /* the caller's: the outbox row */
	struct slice
		server; /* SMTP: its URL; HTTP, ISSUE: base URL, if url_path is empty */
	struct slice url_path;   /* a file whose first line is the URL; empty: none */
	struct slice token_path; /* likewise a token */
	struct slice cacert; /* a file of certificates to trust; empty: the system's */
	/* SMTP */
	struct slice user, password_path;
	enum notify_tls tls;
	struct slice from;
	const struct slice *to;
	uint32_t to_count;
	/* SMTP, SENDMAIL: the mail; HTTP: the body */
	struct slice bytes;
	/* HTTP */
	enum webhook_method method;
	enum webhook_auth auth;
	struct slice path;
	/* ISSUE */
	struct issue_settings issue;
};

struct notify_result {
	int64_t id;
	enum retry_class class;
	time_ms retry_after_ms; /* -1: no wish */
	int status;             /* HTTP status, SMTP reply, exit status; 0: none */
	struct error sentence;  /* empty when done; without any secret, in one line */
};

struct notify_setup {
	uv_loop_t *loop;
	const char *user_agent;
	const char *sendmail;       /* NULL: /usr/sbin/sendmail */
	time_ms timeout_ms;         /* of one task, everything included; 0: a minute */
	time_ms connect_timeout_ms; /* 0: ten seconds */
	/* On the loop, once for every task that was taken, in order. The result lives
	 * during the call, from which notifier_send may be called. */
	void (*on_result)(void *data, const struct notify_result *result);
	void *data;
};

struct notifier;

/* curl_global_init is the caller's. NULL with an error: no thread, no memory. */
struct notifier *notifier_start(const struct notify_setup *setup, struct error *error);

/* -1: NOTIFY_QUEUE_MAX tasks wait already, or no memory. */
int notifier_send(
	struct notifier *notifier, const struct notify_task *task, struct error *error);

/* Tasks that wait or are under way. */
uint32_t notifier_busy(const struct notifier *notifier);

/* Ends the task under way within a second, answers it and all that wait as TEMPORARY
 * (they may or may not have arrived), and calls on_stopped when the thread is gone and
 * the notifier freed. Not from on_result. */
void notifier_stop(struct notifier *notifier, void (*on_stopped)(void *data), void *data);
