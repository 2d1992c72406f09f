#include "serve/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "serve/exchange_internal.h"
#include "serve/headers_internal.h"
#include "serve/server_internal.h"

enum {
	ACCEPTS_MAX = CONNECTIONS_SPARE, /* at once; the leaving are gone by then */
	HEAD_BYTES_MAX = 16 * 1024,
	RAW_BYTES_MAX = 16 * 1024,
	RETRY_AFTER_S = 5
};

/* How long accepting rests when there are no descriptors or no memory: polling the
 * listening socket would return at once, again and again. */
#define ACCEPT_REST_MS INT64_C(200)
#define STOP_MS        INT64_C(1000)

const struct serve_limits serve_limits_default = { .connections_max = 512,
	.connections_per_address_max = 128,
	.head_bytes_max = 8 * 1024,
	.body_bytes_max = 64 * 1024,
	.request_ms = 30 * 1000,
	.idle_ms = 15 * 1000 };

static int64_t read_clock_us(clockid_t id)
{
	struct timespec at;

	clock_gettime(id, &at);
	return (int64_t)at.tv_sec * 1000000 + at.tv_nsec / 1000;
}

time_us server_now_us(void)
{
	return read_clock_us(CLOCK_MONOTONIC);
}

time_ms server_wall(void)
{
	return read_clock_us(CLOCK_REALTIME) / TIME_US_PER_MS;
}

/* --- connections ---------------------------------------------------------------------
 */

static void notice_connection(void *cls, struct MHD_Connection *http, void **context,
	enum MHD_ConnectionNotificationCode code)
{
	struct serve *serve = cls;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context != NULL)
			connections_remove(&serve->connections, *context);
		*context = NULL;
		return;
	}
	const union MHD_ConnectionInfo *fd =
		MHD_get_connection_info(http, MHD_CONNECTION_INFO_CONNECTION_FD);
	const union MHD_ConnectionInfo *peer =
		MHD_get_connection_info(http, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr nobody = { .sa_family = AF_UNSPEC };
	assert(fd != NULL);
	*context = connections_add(&serve->connections, fd->connect_fd,
		peer != NULL && peer->client_addr != NULL ? peer->client_addr : &nobody,
		server_now());
	/* There are as many places as libmicrohttpd may have connections. */
	assert(*context != NULL);
	count_add(&serve->counts.connections, 1);
}

/* What was sent already is read, so that closing sends no reset that overtakes the
 * answer. */
static void turn_away(struct serve *serve, int fd)
{
	char dropped[4096];

	count_add(&serve->counts.connections_refused, 1);
	(void)recv(fd, dropped, sizeof(dropped), MSG_DONTWAIT);
	(void)send(
		fd, serve->too_many.at, serve->too_many.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	shutdown(fd, SHUT_WR);
	close(fd);
}

/* Whether there may be more to accept. */
static bool accept_one(struct serve *serve, time_ms now)
{
	struct sockaddr_storage peer = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(peer);
	struct sockaddr *address = (struct sockaddr *)&peer;
	int fd = accept4(serve->listen_fd, address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EAGAIN)
			return false;
		/* These are the connection's; it is gone (accept(2)). */
		if (errno == EINTR || errno == ECONNABORTED || errno == EPERM ||
			errno == EPROTO || errno == ENETDOWN || errno == ENETUNREACH ||
			errno == EHOSTUNREACH || errno == ETIMEDOUT)
			return true;
		count_add(&serve->counts.connections_refused, 1);
		connections_evict_any(&serve->connections, now);
		serve->accept_again_at = now + ACCEPT_REST_MS;
		return false;
	}
	if (!connections_make_room(&serve->connections, address, now)) {
		turn_away(serve, fd);
		return true;
	}
	/* It closes the descriptor itself when it fails. */
	if (MHD_add_connection(serve->http, fd, address, len) != MHD_YES)
		count_add(&serve->counts.connections_refused, 1);
	return true;
}

static void accept_some(struct serve *serve)
{
	time_ms now = server_now();

	for (unsigned i = 0; i < ACCEPTS_MAX && accept_one(serve, now); i++)
		continue;
}

/* --- the thread ----------------------------------------------------------------------
 */

static void begin_to_stop(struct serve *serve)
{
	if (serve->stopping)
		return;
	serve->stopping = true;
	serve->stop_by = server_now() + STOP_MS;
	close(serve->listen_fd);
	serve->listen_fd = -1;
}

static bool is_over(const struct serve *serve)
{
	return serve->stopping &&
	       (serve->connections.open == 0 || server_now() >= serve->stop_by);
}

static time_ms earlier(time_ms a, time_ms b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* In ms, or -1: only an event ends the wait. `next` is the nearest deadline. */
static int timeout_of(struct serve *serve, time_ms next)
{
	MHD_UNSIGNED_LONG_LONG pending;
	time_ms now = server_now();

	if (MHD_get_timeout(serve->http, &pending) == MHD_YES && pending == 0)
		return 0;
	next = earlier(next, serve->accept_again_at);
	if (serve->stopping)
		next = earlier(next, serve->stop_by);
	if (next == 0)
		return -1;
	if (next <= now)
		return 0;
	return next - now < 60000 ? (int)(next - now) : 60000;
}

static void publish_counts(struct serve *serve)
{
	const struct connections *from = &serve->connections;
	struct server_counts *to = &serve->counts;

	atomic_store_explicit(&to->connections_open, from->open, memory_order_relaxed);
	atomic_store_explicit(
		&to->connections_evicted, from->evicted, memory_order_relaxed);
	atomic_store_explicit(&to->deadlines_missed, from->missed, memory_order_relaxed);
}

/* One wait for events, and what follows from them. */
static void turn(struct serve *serve, int http_fd)
{
	bool rests = serve->accept_again_at > server_now();
	time_ms next = connections_expire(&serve->connections, server_now());
	struct pollfd fds[] = { { .fd = serve->stop_fd, .events = POLLIN },
		{ .fd = http_fd, .events = POLLIN },
		{ .fd = rests ? -1 : serve->listen_fd, .events = POLLIN } };

	if (!rests)
		serve->accept_again_at = 0;
	if (poll(fds, sizeof(fds) / sizeof(fds[0]), timeout_of(serve, next)) < 0)
		poll(NULL, 0, 10); /* no memory, for signals are blocked: not to spin */
	if (fds[0].revents != 0)
		begin_to_stop(serve);
	else if (fds[2].revents != 0)
		accept_some(serve);
	if (serve->stopping)
		connections_close_waiting(&serve->connections);
	MHD_run(serve->http);
	publish_counts(serve);
}

static void *run(void *data)
{
	struct serve *serve = data;
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(serve->http, MHD_DAEMON_INFO_EPOLL_FD);

	assert(info != NULL);
	while (!is_over(serve))
		turn(serve, info->epoll_fd);
	MHD_stop_daemon(serve->http);
	serve->http = NULL;
	publish_counts(serve);
	return NULL;
}

/* --- start and stop ------------------------------------------------------------------
 */

static struct MHD_Daemon *start_http(struct serve *serve)
{
	const unsigned room = serve->connections.room;
	/* Four times the head: the list of its headers, and the answer's, need room, too;
	 * up to 32 KiB it is malloc and not mmap. */
	const size_t memory = 4 * serve->limits.head_bytes_max;

	/* Neither a thread nor a listening socket of its own: both are here. Its own
	 * time-outs are off, because any byte moves them. Not strict: what it refuses
	 * gets its own page, what is refused here has the headers. It undoes escapes for
	 * itself; nobody looks at that. */
	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL,
		exchange_go_on, serve, MHD_OPTION_CONNECTION_LIMIT, room,
		MHD_OPTION_CONNECTION_TIMEOUT, 0U, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		memory, MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_URI_LOG_CALLBACK,
		exchange_begin, serve, MHD_OPTION_NOTIFY_COMPLETED, exchange_end, serve,
		MHD_OPTION_NOTIFY_CONNECTION, notice_connection, serve, MHD_OPTION_END);
}

static int start_thread(struct serve *serve)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int fault = pthread_create(&serve->thread, NULL, run, serve);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return fault == 0 ? 0 : -1;
}

/* The listening descriptor is not among it. */
static void release(struct serve *serve)
{
	if (serve->http != NULL)
		MHD_stop_daemon(serve->http);
	if (serve->stop_fd >= 0)
		close(serve->stop_fd);
	exchange_free_spare(serve);
	gzip_free(serve->gzip);
	connections_fini(&serve->connections);
	buffer_fini(&serve->too_slow);
	buffer_fini(&serve->too_many);
	buffer_fini(&serve->late);
	free(serve);
}

/* For who has not said what he wants: plain text. */
static void make_raw(struct buffer *out, int status, int retry_after_s)
{
	struct buffer body;
	const struct serve_answer answer = { .status = status,
		.body = &body,
		.no_store = true,
		.retry_after_s = retry_after_s };

	buffer_init(&body, RAW_BYTES_MAX);
	headers_add_page(&body, status);
	headers_add_raw(out, &answer);
	buffer_fini(&body);
}

static struct slice make_late(void *context, struct exchange *exchange)
{
	struct serve *serve = context;

	buffer_reset(&serve->late);
	if (exchange != NULL)
		exchange_make_late(serve, exchange, &serve->late);
	return exchange != NULL && !serve->late.failed ? buffer_slice(&serve->late)
						       : buffer_slice(&serve->too_slow);
}

static int prepare(struct serve *serve)
{
	make_raw(&serve->too_slow, MHD_HTTP_REQUEST_TIMEOUT, 0);
	make_raw(&serve->too_many, MHD_HTTP_SERVICE_UNAVAILABLE, RETRY_AFTER_S);
	if (serve->too_slow.failed || serve->too_many.failed)
		return -1;
	serve->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	serve->gzip = gzip_new();
	if (serve->stop_fd < 0 || serve->gzip == NULL ||
		connections_init(&serve->connections, &serve->limits, make_late, serve) !=
			0)
		return -1;
	serve->http = start_http(serve);
	return serve->http != NULL ? 0 : -1;
}

static struct serve *serve_new(
	const struct serve_options *options, serve_answer_fn answer, void *context)
{
	struct serve *serve = calloc(1, sizeof(*serve));

	if (serve == NULL)
		return NULL;
	serve->limits = options->limits.connections_max > 0 ? options->limits
							    : serve_limits_default;
	assert(serve->limits.head_bytes_max <= HEAD_BYTES_MAX);
	serve->post_paths = options->post_paths;
	serve->answer = answer;
	serve->refuse = options->refuse;
	serve->context = context;
	serve->stop_fd = -1;
	buffer_init(&serve->too_slow, RAW_BYTES_MAX);
	buffer_init(&serve->too_many, RAW_BYTES_MAX);
	buffer_init(&serve->late, RAW_BYTES_MAX);
	if (prepare(serve) == 0)
		return serve;
	release(serve);
	return NULL;
}

struct serve *serve_start(const struct serve_options *options, serve_answer_fn answer,
	void *context, struct error *error)
{
	bool handed_in = options->listen_fd >= 0;
	int fd = options->listen_fd;

	if (handed_in ? listen_adopt(fd, error) != 0
		      : (fd = listen_open(options->listen, error)) < 0)
		return NULL;
	struct serve *serve = serve_new(options, answer, context);
	if (serve != NULL) {
		serve->listen_fd = fd;
		serve->port = listen_name(fd, serve->address);
		if (start_thread(serve) == 0)
			return serve;
		release(serve);
	}
	if (!handed_in)
		close(fd);
	error_set(error, "the web server cannot start: not enough memory, descriptors or "
			 "threads; raise the limits of the process");
	return NULL;
}

void serve_stop(struct serve *serve)
{
	if (serve == NULL)
		return;
	const uint64_t one = 1;
	ssize_t written = write(serve->stop_fd, &one, sizeof(one));
	assert(written == sizeof(one));
	pthread_join(serve->thread, NULL);
	release(serve);
}

const char *serve_address(const struct serve *serve)
{
	return serve->address;
}

uint16_t serve_port(const struct serve *serve)
{
	return serve->port;
}

/* --- counts --------------------------------------------------------------------------
 */

void server_count_answer(struct serve *serve, int status)
{
	count_add(&serve->counts.requests, 1);
	count_add(&serve->counts.requests_by_class[(status / 100) % 6], 1);
}

void serve_read_counts(const struct serve *serve, struct serve_counts *ret_counts)
{
	const struct server_counts *from = &serve->counts;

#define READ(name)                                                                       \
	ret_counts->name = atomic_load_explicit(&from->name, memory_order_relaxed)
	READ(requests);
	for (size_t i = 0; i < 6; i++)
		READ(requests_by_class[i]);
	READ(answers_cut);
	READ(connections);
	READ(connections_open);
	READ(connections_refused);
	READ(connections_evicted);
	READ(deadlines_missed);
	READ(body_bytes);
	READ(answering_us);
#undef READ
}
