#include "process/service.h"

#include <assert.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/utf8.h"

enum { PULSE_MS_MAX = 1000, PATH_BYTES_MAX = 4096, STATUS_INTERVAL_MS = 1000 };

static time_us now_us(void)
{
	return (time_us)(uv_hrtime() / 1000);
}

/* --- what systemd is told ---------------------------------------------------------- */

void service_ready(struct service *service)
{
	(void)service;
	sd_notify(0, "READY=1");
}

void service_reloading(struct service *service)
{
	(void)service;
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now_us());
}

void service_stopping(struct service *service)
{
	if (service->stopping)
		return;
	service->stopping = true;
	sd_notify(0, "STOPPING=1");
}

static void make_status(char ret_text[static SERVICE_STATUS_BYTES_MAX], const char *text)
{
	struct buffer line;
	buffer_init(&line, SERVICE_STATUS_BYTES_MAX);
	/* The mark of a cut takes three bytes beyond, and the NUL one. */
	utf8_add_printable(&line, slice_of(text), SERVICE_STATUS_BYTES_MAX - 4);
	snprintf(ret_text, SERVICE_STATUS_BYTES_MAX, "%s", buffer_string(&line));
	buffer_fini(&line);
}

static void send_status(struct service *service, time_us now)
{
	if (strcmp(service->status, service->status_sent) == 0)
		return;
	sd_notifyf(0, "STATUS=%s", service->status);
	memcpy(service->status_sent, service->status, sizeof(service->status));
	service->status_at = now;
}

void service_status(struct service *service, const char *format, ...)
{
	char text[SERVICE_STATUS_BYTES_MAX * 2];
	time_us now = now_us();
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_status(service->status, text);
	if (now - service->status_at >= STATUS_INTERVAL_MS * TIME_US_PER_MS)
		send_status(service, now);
}

void service_extend(struct service *service, time_ms span_ms, const char *status)
{
	char text[SERVICE_STATUS_BYTES_MAX];
	make_status(text, status);
	sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%lld\nSTATUS=%s",
		(long long)span_ms * TIME_US_PER_MS, text);
	/* So that the status of before is news again. */
	memcpy(service->status_sent, text, sizeof(text));
}

/* --- is it alive? ------------------------------------------------------------------ */

const char *service_heart_text(enum service_heart heart)
{
	return heart == HEART_LOOP ? "loop" : "writer";
}

void service_beat(struct service *service, enum service_heart heart, time_us at)
{
	assert(heart < HEART_COUNT);
	atomic_store_explicit(&service->beats[heart], at, memory_order_relaxed);
}

static time_us silence(
	const struct service *service, enum service_heart heart, time_us now)
{
	return now - atomic_load_explicit(&service->beats[heart], memory_order_relaxed);
}

bool service_alive(
	const struct service *service, time_us now, enum service_heart *ret_heart)
{
	for (int heart = 0; heart < HEART_COUNT; heart++)
		if (silence(service, (enum service_heart)heart, now) >
			service->silence_us_max) {
			*ret_heart = (enum service_heart)heart;
			return false;
		}
	return true;
}

static void tell_silence(
	struct service *service, time_us now, bool alive, enum service_heart heart)
{
	char span[TIME_SPAN_SIZE];

	if (alive != service->silent)
		return;
	service->silent = !alive;
	if (alive) {
		journal_say_with(service->journal, JOURNAL_KIND_WATCHDOG, JOURNAL_NOTICE,
			NULL, "loop and writer beat again");
		return;
	}
	time_format_span(silence(service, heart, now) / TIME_US_PER_MS, span);
	journal_say(service->journal, JOURNAL_KIND_WATCHDOG,
		"nothing was heard of the %s for %s%s", service_heart_text(heart), span,
		service->watched ? "; systemd is going to restart the daemon" : "");
}

static uint64_t pulse_ms(const struct service *service)
{
	time_ms half = service->silence_us_max / TIME_US_PER_MS;
	return half < 1 ? 1 : half < PULSE_MS_MAX ? (uint64_t)half : PULSE_MS_MAX;
}

/* Every half interval, and rather one pulse too early than one too late. */
static bool watchdog_is_due(const struct service *service, time_us now)
{
	time_us next = now + (time_us)pulse_ms(service) * TIME_US_PER_MS;
	return service->watched && next - service->watchdog_at > service->silence_us_max;
}

static void on_pulse(uv_timer_t *timer)
{
	struct service *service = timer->data;
	enum service_heart heart = HEART_LOOP;
	time_us now = now_us();
	bool alive = service_alive(service, now, &heart);

	tell_silence(service, now, alive, heart);
	if (alive && watchdog_is_due(service, now)) {
		sd_notify(0, "WATCHDOG=1");
		service->watchdog_at = now;
	}
	send_status(service, now);
	journal_tick(service->journal);
}

/* --- signals ----------------------------------------------------------------------- */

static void on_end(uv_signal_t *handle, int number)
{
	struct service *service = handle->data;

	if (service->draining) {
		journal_say_with(service->journal, JOURNAL_KIND_STOPPED, JOURNAL_WARNING,
			NULL, "a second %s: ending at once",
			number == SIGINT ? "SIGINT" : "SIGTERM");
		signal(number, SIG_DFL);
		raise(number);
		abort(); /* unreachable: neither is blocked */
	}
	service->draining = true;
	service_stopping(service);
	service->calls->drain(service->context);
}

static void on_hangup(uv_signal_t *handle, int number)
{
	struct service *service = handle->data;
	(void)number;
	if (service->draining)
		return;
	service_reloading(service);
	service->calls->reload(service->context);
}

/* --- the handles ------------------------------------------------------------------- */

static void on_handle_closed(uv_handle_t *handle)
{
	struct service *service = handle->data;
	if (--service->open_handles == 0 && service->on_closed != NULL)
		service->on_closed(service->context);
}

void service_close(struct service *service, void (*on_closed)(void *context))
{
	service->on_closed = on_closed;
	service_stopping(service);
	send_status(service, now_us());
	uv_close((uv_handle_t *)&service->terminate, on_handle_closed);
	uv_close((uv_handle_t *)&service->interrupt, on_handle_closed);
	uv_close((uv_handle_t *)&service->hangup, on_handle_closed);
	uv_close((uv_handle_t *)&service->pulse, on_handle_closed);
}

/* Signals come through a pipe of the loop's, which the first of them makes; the others
 * cannot fail after it. */
static int open_handles(struct service *service)
{
	uv_signal_t *const signals[] = { &service->terminate, &service->interrupt,
		&service->hangup };
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		int result = uv_signal_init(service->loop, signals[i]);
		if (result < 0) {
			assert(i == 0);
			return result;
		}
		signals[i]->data = service;
		service->open_handles++;
	}
	uv_timer_init(service->loop, &service->pulse);
	service->pulse.data = service;
	service->open_handles++;
	return 0;
}

static int start_handles(struct service *service)
{
	uint64_t every = pulse_ms(service);
	int result = uv_signal_start(&service->terminate, on_end, SIGTERM);
	if (result == 0)
		result = uv_signal_start(&service->interrupt, on_end, SIGINT);
	if (result == 0)
		result = uv_signal_start(&service->hangup, on_hangup, SIGHUP);
	if (result == 0)
		result = uv_timer_start(&service->pulse, on_pulse, every, every);
	return result;
}

static void read_watchdog(struct service *service)
{
	uint64_t interval_us = 0;
	service->watched = sd_watchdog_enabled(0, &interval_us) > 0 && interval_us >= 2;
	service->silence_us_max = service->watched ? (time_us)(interval_us / 2)
						   : SERVICE_SILENCE_MS * TIME_US_PER_MS;
}

int service_start(struct service *service, uv_loop_t *loop, struct journal *journal,
	const struct service_calls *calls, void *context, struct error *error)
{
	*service = (struct service){
		.loop = loop,
		.journal = journal,
		.calls = calls,
		.context = context,
	};
	read_watchdog(service);
	for (int heart = 0; heart < HEART_COUNT; heart++)
		service_beat(service, (enum service_heart)heart, now_us());
	int result = open_handles(service);
	if (result < 0)
		return error_set(error, "signals: %s", uv_strerror(result));
	result = start_handles(service);
	if (result < 0) {
		service->stopping = true;
		service_close(service, NULL);
		return error_set(error, "signals: %s", uv_strerror(result));
	}
	return 0;
}

/* --- what systemd prepares --------------------------------------------------------- */

static const char *variable_of(enum service_directory which)
{
	switch (which) {
	case DIRECTORY_RUNTIME:
		return "RUNTIME_DIRECTORY";
	case DIRECTORY_STATE:
		return "STATE_DIRECTORY";
	case DIRECTORY_CONFIGURATION:
		return "CONFIGURATION_DIRECTORY";
	case DIRECTORY_CREDENTIALS:
		return "CREDENTIALS_DIRECTORY";
	}
	return "";
}

struct slice service_directory(enum service_directory which)
{
	struct slice all = slice_of(getenv(variable_of(which)));
	struct slice first = { NULL, 0 };

	if (!slice_split(&all, ':', &first) || !slice_starts(first, SLICE("/")))
		return (struct slice){ NULL, 0 };
	return first;
}

/* --- what systemd has opened --- */

int service_listen_fd(struct journal *journal)
{
	int count = sd_listen_fds(1);
	int last = SD_LISTEN_FDS_START + count - 1, found = -1;
	if (count > 1)
		journal_say(journal, JOURNAL_KIND_SERVICE,
			"systemd hands over %d sockets, and only the first is answered: "
			"whoever connects to another waits in vain; leave one "
			"ListenStream= in the socket unit",
			count);
	for (int fd = SD_LISTEN_FDS_START; fd <= last; fd++)
		if (found < 0 &&
			(fd == last || sd_is_socket(fd, AF_UNSPEC, SOCK_STREAM, 1) > 0))
			found = fd;
		else
			close(fd);
	return found;
}
