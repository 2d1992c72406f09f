/* process/service: the daemon as the machine's service manager sees it.
 *
 * Signals, sd_notify(3), the watchdog, and the directories and credentials that systemd
 * prepares. Without systemd everything works the same: messages then go nowhere, and
 * Ctrl-C is SIGINT. It decides nothing about the work: what a signal means is said by the
 * callbacks. That a second daemon is refused on one database is the store's business.
 *
 *   SIGTERM, SIGINT   the first one: calls->drain. The second one of either ends the
 *                     process at once by that signal; the database survives it.
 *   SIGHUP            calls->reload
 *
 * What systemd is told: READY=1, STATUS=, RELOADING=1 (with MONOTONIC_USEC, as
 * Type=notify-reload of later versions demands), STOPPING=1, EXTEND_TIMEOUT_USEC=, and
 * WATCHDOG=1 at half the interval of WatchdogSec= while both hearts beat. The loop's own
 * timer proves little: that a timer runs does not mean that work is done. So both hearts
 * are the caller's, and one that is silent for half the interval stops the messages, and
 * systemd restarts us: at the latest two intervals after the last beat. A paused daemon
 * (disk full, network gone) must beat; only one that hangs must not.
 *
 * Of the loop's thread, except service_beat. No callback comes from within a function of
 * this door.
 */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"
#include "base/time.h"
#include "process/journal.h"

enum service_heart { HEART_LOOP, HEART_WRITER, HEART_COUNT };

struct service_calls {
	void (*drain)(void *context); /* once: stop starting work, end within seconds */
	/* Read the configuration again, whole or not at all, and say service_ready when
	 * it is done, good or bad. May come again before that. */
	void (*reload)(void *context);
};

/* Silence that is told of in the journal when no WatchdogSec= says another limit. */
#define SERVICE_SILENCE_MS (30 * TIME_MS_PER_S)

enum { SERVICE_STATUS_BYTES_MAX = 512 };

struct service {
	uv_loop_t *loop; /* borrowed, as are the next three */
	struct journal *journal;
	const struct service_calls *calls;
	void *context;
	uv_signal_t terminate, interrupt, hangup;
	uv_timer_t pulse;
	unsigned open_handles;
	void (*on_closed)(void *context);
	time_us silence_us_max; /* half of WatchdogSec=, or SERVICE_SILENCE_MS */
	bool watched;           /* WatchdogSec= is set for us */
	bool draining, silent, stopping;
	time_us watchdog_at; /* WATCHDOG=1 was last said */
	_Atomic(time_us) beats[HEART_COUNT];
	time_us status_at;
	char status[SERVICE_STATUS_BYTES_MAX];
	char status_sent[SERVICE_STATUS_BYTES_MAX];
};

/* Watches for signals and takes the first beat of both hearts. The calls and the journal
 * live until service_close has ended. -1 when the system refuses a handle; nothing is
 * left open then, but the loop must run once more (uv_run) before it is closed. */
int service_start(struct service *service, uv_loop_t *loop, struct journal *journal,
	const struct service_calls *calls, void *context, struct error *error);

/* Says STOPPING=1 if that has not been said, and closes the handles; the struct is the
 * caller's again when `on_closed` comes (NULL: when uv_run has nothing left). The signals
 * then have their usual effect again. */
void service_close(struct service *service, void (*on_closed)(void *context));

/* --- what systemd is told --- */

/* The configuration is valid, the database open and migrated, the sockets up; also the
 * end of a reload, good or bad. */
void service_ready(struct service *service);

/* Before a reload that no SIGHUP asked for; service_ready ends it. */
void service_reloading(struct service *service);

/* The drain has begun. `drain` is called after this was said, so only an end for another
 * reason needs it. */
void service_stopping(struct service *service);

/* `systemctl status` shows it: "1,000,000 links, 1,204 due, 512 in flight". Call it as
 * often as you like: what is new is sent once a second at most, and the last one always.
 * Made harmless, cut at SERVICE_STATUS_BYTES_MAX. */
void service_status(struct service *service, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Starting or stopping takes longer and is not stuck (a history that is being opened):
 * give us `span_ms` from now on. */
void service_extend(struct service *service, time_ms span_ms, const char *status);

/* The listening socket that systemd has opened for us (linkrotd.socket), or -1; of
 * several the first, and the journal says so. One that does not listen comes only where
 * no other was handed over, so that whoever takes it can say what is wrong with it, in
 * place of listening where nobody looks. Asked once, at the start; the environment
 * is cleaned, and the caller owns it. */
int service_listen_fd(struct journal *journal);

/* --- is it alive? --- */

/* That heart did something useful at `at` (uv_hrtime / 1000: the monotonic clock). From
 * any thread. */
void service_beat(struct service *service, enum service_heart heart, time_us at);

/* Whether both beat lately; if not, *ret_heart is the one that does not. */
bool service_alive(
	const struct service *service, time_us now, enum service_heart *ret_heart);
const char *service_heart_text(enum service_heart heart);

/* --- what systemd prepares --- */

enum service_directory {
	DIRECTORY_RUNTIME,       /* RUNTIME_DIRECTORY: /run/linkrotd */
	DIRECTORY_STATE,         /* STATE_DIRECTORY: /var/lib/linkrotd */
	DIRECTORY_CONFIGURATION, /* CONFIGURATION_DIRECTORY: /etc/linkrotd */
	DIRECTORY_CREDENTIALS,   /* CREDENTIALS_DIRECTORY */
};

/* The first directory of that kind, from the environment; empty when there is none.
 * Lives as long as the environment does. */
struct slice service_directory(enum service_directory which);
