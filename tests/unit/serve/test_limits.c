#include "unit/serve/answerer.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>

#define HOST " HTTP/1.1\r\nHost: localhost\r\n"

static struct answerer answerer;

static struct serve_limits limits_of(unsigned connections, unsigned per_address)
{
	struct serve_limits limits = serve_limits_default;
	limits.connections_max = connections;
	limits.connections_per_address_max = per_address;
	return limits;
}

static void client_open_from(struct client *client, uint16_t port, unsigned last)
{
	client_open_fd(client, client_connect_from(port, last));
}

/* The request is on its way and its end is not: the server says so itself. */
static void begin_post(struct client *client)
{
	client_send(client, SLICE("POST /api/v1/recheck" HOST "Content-Length: 3\r\n"
				  "Authorization: Bearer secret\r\n"
				  "Expect: 100-continue\r\n\r\n"));
	while (slice_find(client_rest(client), SLICE("\r\n\r\n")) == SLICE_NONE)
		assert_true(client_read_more(client));
	client->taken = client->bytes.len;
}

static bool is_readable(int fd, int wait_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	return poll(&wait, 1, wait_ms) == 1;
}

/* --- slowness ------------------------------------------------------------------------
 */

/* Sends a byte every 20 ms until there is an answer, or 100 bytes. */
static void drip(struct client *client, char c)
{
	for (int i = 0; i < 500 && !is_readable(client->fd, 20); i++)
		client_send(client, (struct slice){ &c, 1 });
}

/* A client may see its end before the counts are published. */
static uint64_t wait_for_missed(const struct serve *serve, uint64_t expected)
{
	struct serve_counts counts;
	int64_t by = client_now_ms() + CLIENT_WAIT_MS;
	do {
		serve_read_counts(serve, &counts);
	} while (counts.deadlines_missed < expected && client_now_ms() < by &&
		 poll(NULL, 0, 5) == 0);
	return counts.deadlines_missed;
}

static void cuts_who_drips(void **state)
{
	(void)state;
	/* Before the request line has ended, in a header, in a body. */
	static const char *const beginnings[] = { "GET /", "GET / HTTP/1.1\r\nX: ",
		"POST /api/v1/recheck" HOST "Content-Length: 5000\r\n\r\n" };
	struct serve_limits limits = limits_of(10, 10);
	limits.idle_ms = limits.request_ms = 300;
	struct serve *serve = answerer_start(&answerer, &limits);

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		struct client client;
		client_open(&client, serve_port(serve));
		int64_t began = client_now_ms();
		client_send(&client, slice_of(beginnings[i]));
		drip(&client, 'a');
		struct client_answer answer = client_read(&client, false);
		int64_t took = client_now_ms() - began;
		assert_int_equal(answer.status, 408);
		assert_true(answer.closed);
		client_expect_strict(&answer);
		client_expect_end(&client);
		/* Where the address is known, the answer has its form. */
		assert_slice(client_header(&answer, "Content-Type"),
			i == 2 ? "application/json" : "text/plain; charset=utf-8");
		assert_true(took >= 290 && took < 2000);
		client_close(&client);
	}
	/* And likewise the second request of a connection. */
	struct client client;
	client_open(&client, serve_port(serve));
	assert_int_equal(client_ask(&client, "GET /" HOST "\r\n").status, 200);
	drip(&client, 'G');
	assert_int_equal(client_read(&client, false).status, 408);
	client_close(&client);
	assert_int_equal(wait_for_missed(serve, 4), 4);
	serve_stop(serve);
}

/* Who asks for nothing is told nothing, and missed no deadline. */
static void closes_the_idle_silently(void **state)
{
	(void)state;
	struct serve_limits limits = limits_of(10, 10);
	struct serve_counts counts;
	limits.idle_ms = 200;
	struct serve *serve = answerer_start(&answerer, &limits);
	struct client fresh, used;
	client_open(&fresh, serve_port(serve));
	client_open(&used, serve_port(serve));
	assert_int_equal(client_ask(&used, "GET /" HOST "\r\n").status, 200);
	client_expect_end(&fresh);
	client_expect_end(&used);
	client_close(&fresh);
	client_close(&used);
	serve_read_counts(serve, &counts);
	assert_int_equal(counts.deadlines_missed, 0);
	serve_stop(serve);
}

static void cuts_who_does_not_take_his_answer(void **state)
{
	(void)state;
	struct serve_limits limits = limits_of(10, 10);
	struct serve_counts counts;
	limits.request_ms = 300;
	struct serve *serve = answerer_start(&answerer, &limits);
	struct client client, other;
	client_open(&client, serve_port(serve));
	client_send(&client, SLICE("GET /large" HOST "\r\n"));
	assert_true(is_readable(client.fd, CLIENT_WAIT_MS));

	/* Others are answered meanwhile. */
	client_open(&other, serve_port(serve));
	assert_int_equal(client_ask(&other, "GET /" HOST "\r\n").status, 200);
	client_close(&other);

	assert_int_equal(wait_for_missed(serve, 1), 1);
	serve_read_counts(serve, &counts);
	assert_int_equal(counts.answers_cut, 1);
	/* What is left in the buffers of the kernel is not all of it. */
	while (client_read_more(&client))
		continue;
	assert_true(client.bytes.len < SERVE_BODY_BYTES_MAX);
	client_close(&client);
	serve_stop(serve);
}

/* Peers that are gone before or while they are answered; SIGPIPE would end the test. */
static void survives_who_leaves(void **state)
{
	(void)state;
	struct serve *serve = answerer_start(&answerer, NULL);
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	for (int i = 0; i < 200; i++) {
		struct client client;
		client_open(&client, serve_port(serve));
		client_send(&client, i % 2 == 0 ? SLICE("GET /large" HOST "\r\n")
						: SLICE("GET / HTTP/1.1\r\nHos"));
		if (i % 4 == 0)
			assert_true(is_readable(client.fd, CLIENT_WAIT_MS));
		if (i % 3 == 0)
			setsockopt(
				client.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
		client_close(&client);
	}
	struct client client;
	client_open(&client, serve_port(serve));
	assert_int_equal(client_ask(&client, "GET /" HOST "\r\n").status, 200);
	client_close(&client);
	serve_stop(serve);
}

/* --- many ------------------------------------------------------------------------------
 */

enum { IDLE = 1000 };

static void answers_the_1001st(void **state)
{
	(void)state;
	struct rlimit files;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < 2 * IDLE + 100)
		skip();
	struct serve_limits limits = limits_of(500, 5000);
	struct serve_counts counts;
	struct serve *serve = answerer_start(&answerer, &limits);
	static int fds[IDLE];
	for (int i = 0; i < IDLE; i++)
		fds[i] = client_connect_from(serve_port(serve), 1);

	for (unsigned from = 1; from <= 2; from++) {
		struct client client;
		client_open_from(&client, serve_port(serve), from);
		assert_int_equal(client_ask(&client, "GET /" HOST "\r\n").status, 200);
		client_close(&client);
	}
	serve_read_counts(serve, &counts);
	assert_int_equal(counts.connections, IDLE + 2);
	assert_int_equal(counts.connections_refused, 0);
	assert_true(counts.connections_evicted >= IDLE - 500);
	assert_true(counts.connections_open <= 500);
	/* The oldest are gone, the newest are there. */
	char byte;
	assert_int_equal(recv(fds[0], &byte, 1, 0), 0);
	assert_int_equal(recv(fds[IDLE - 1], &byte, 1, MSG_DONTWAIT), -1);
	for (int i = 0; i < IDLE; i++)
		close(fds[i]);
	serve_stop(serve);
}

static void one_address_does_not_crowd_out_others(void **state)
{
	(void)state;
	struct serve_limits limits = limits_of(100, 3);
	struct serve *serve = answerer_start(&answerer, &limits);
	struct client crowd[5], other;
	char byte;
	client_open_from(&other, serve_port(serve), 9);
	assert_int_equal(client_ask(&other, "GET /" HOST "\r\n").status, 200);
	for (size_t i = 0; i < 5; i++) {
		client_open_from(&crowd[i], serve_port(serve), 1);
		assert_int_equal(client_ask(&crowd[i], "GET /" HOST "\r\n").status, 200);
	}
	client_expect_end(&crowd[0]);
	client_expect_end(&crowd[1]);
	/* Older than all of them, and of another address. */
	assert_int_equal(recv(other.fd, &byte, 1, MSG_DONTWAIT), -1);
	assert_int_equal(client_ask(&other, "GET /" HOST "\r\n").status, 200);
	for (size_t i = 0; i < 5; i++)
		client_close(&crowd[i]);
	client_close(&other);
	serve_stop(serve);
}

/* Nobody waits, so nobody has to go. */
static void says_when_it_is_full(void **state)
{
	(void)state;
	struct serve_limits limits = limits_of(2, 2);
	struct serve_counts counts;
	struct serve *serve = answerer_start(&answerer, &limits);
	struct client busy[2], third;
	for (size_t i = 0; i < 2; i++) {
		client_open(&busy[i], serve_port(serve));
		begin_post(&busy[i]);
	}
	client_open_from(&third, serve_port(serve), 2);
	struct client_answer answer = client_read(&third, false);
	assert_int_equal(answer.status, 503);
	assert_slice(client_header(&answer, "Retry-After"), "5");
	client_expect_strict(&answer);
	client_expect_end(&third);
	client_close(&third);
	serve_read_counts(serve, &counts);
	assert_int_equal(counts.connections_refused, 1);

	for (size_t i = 0; i < 2; i++) {
		client_send(&busy[i], SLICE("abc"));
		assert_int_equal(client_read(&busy[i], false).status, 202);
	}
	/* Now they wait, and one of them goes. */
	client_open_from(&third, serve_port(serve), 2);
	assert_int_equal(client_ask(&third, "GET /" HOST "\r\n").status, 200);
	client_expect_end(&busy[0]);
	for (size_t i = 0; i < 2; i++)
		client_close(&busy[i]);
	client_close(&third);
	serve_stop(serve);
}

static int64_t cpu_ms(void)
{
	struct timespec at;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

static void rests_without_descriptors(void **state)
{
	(void)state;
	struct serve *serve = answerer_start(&answerer, NULL);
	struct rlimit before, none;
	struct serve_counts counts;
	struct client client;
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(serve_port(serve)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	client_open_fd(&client, socket(AF_INET, SOCK_STREAM, 0));
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	/* poll() refuses more places than that, so as many as the server has. */
	none.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &none);
	assert_int_equal(connect(client.fd, (struct sockaddr *)&at, sizeof(at)), 0);
	client_send(&client, SLICE("GET /" HOST "\r\n"));

	int64_t cpu = cpu_ms();
	/* A measure of what is spent meanwhile, not a wait for something. poll() is
	 * refused with more descriptors than are allowed; with none it is not. */
	poll(NULL, 0, 700);
	cpu = cpu_ms() - cpu;
	serve_read_counts(serve, &counts);
	setrlimit(RLIMIT_NOFILE, &before);
	assert_true(cpu < 100);
	assert_in_range(counts.connections_refused, 1, 10);
	assert_int_equal(client_read(&client, false).status, 200);
	client_close(&client);
	serve_stop(serve);
}

/* --- the end
 * ----------------------------------------------------------------------------- */

static int count_entries(const char *path)
{
	int count = 0;
	DIR *directory = opendir(path);
	assert_non_null(directory);
	while (readdir(directory) != NULL)
		count++;
	closedir(directory);
	return count;
}

/* A thread that was joined may stand in /proc for a moment. */
static void expect_entries(const char *path, int expected)
{
	int64_t by = client_now_ms() + CLIENT_WAIT_MS;
	while (count_entries(path) != expected && client_now_ms() < by)
		poll(NULL, 0, 1);
	assert_int_equal(count_entries(path), expected);
}

static void leaves_nothing_behind(void **state)
{
	(void)state;
	enum { ALONE = 3 }; /* the test, and two entries of any directory */
	expect_entries("/proc/self/task", ALONE);
	int fds = count_entries("/proc/self/fd");
	for (int i = 0; i < 20; i++) {
		struct serve *serve = answerer_start(&answerer, NULL);
		expect_entries("/proc/self/task", ALONE + 1);
		struct client client;
		client_open(&client, serve_port(serve));
		if (i % 2 == 0)
			assert_int_equal(
				client_ask(&client, "GET /" HOST "\r\n").status, 200);
		int64_t began = client_now_ms();
		serve_stop(serve);
		/* Nobody is under way: at once. */
		assert_true(client_now_ms() - began < 500);
		client_expect_end(&client);
		client_close(&client);
	}
	serve_stop(NULL);
	expect_entries("/proc/self/task", ALONE);
	expect_entries("/proc/self/fd", fds);
}

static void cuts_what_is_under_way_after_a_second(void **state)
{
	(void)state;
	struct serve *serve = answerer_start(&answerer, NULL);
	struct client posting, taking;
	client_open(&posting, serve_port(serve));
	begin_post(&posting);
	client_open(&taking, serve_port(serve));
	client_send(&taking, SLICE("GET /large" HOST "\r\n"));
	assert_true(is_readable(taking.fd, CLIENT_WAIT_MS));
	int64_t began = client_now_ms();
	serve_stop(serve);
	int64_t took = client_now_ms() - began;
	assert_true(took >= 900 && took < 2500);
	client_close(&posting);
	client_close(&taking);
}

static void *stop_it(void *serve)
{
	serve_stop(serve);
	return NULL;
}

static void finishes_an_answer_that_is_being_made(void **state)
{
	(void)state;
	struct serve *serve = answerer_start(&answerer, NULL);
	struct client client;
	pthread_t stopper;
	client_open(&client, serve_port(serve));
	client_send(&client, SLICE("GET /gate" HOST "\r\n"));
	while (sem_wait(&answerer.came) != 0)
		continue;
	assert_int_equal(pthread_create(&stopper, NULL, stop_it, serve), 0);
	sem_post(&answerer.go);
	assert_slice(client_read(&client, false).body, "through");
	client_expect_end(&client);
	pthread_join(stopper, NULL);
	client_close(&client);
}

/* What comes while it stops is answered, too, and told that it was the last. */
static void takes_what_comes_while_it_stops(void **state)
{
	(void)state;
	struct serve *serve = answerer_start(&answerer, NULL);
	struct client posting, witness;
	pthread_t stopper;
	client_open(&posting, serve_port(serve));
	begin_post(&posting);
	client_open(&witness, serve_port(serve));
	assert_int_equal(client_ask(&witness, "GET /" HOST "\r\n").status, 200);
	assert_int_equal(pthread_create(&stopper, NULL, stop_it, serve), 0);
	/* It has begun to stop when it closes those that wait. */
	client_expect_end(&witness);
	client_send(&posting, SLICE("abc"));
	struct client_answer answer = client_read(&posting, false);
	assert_int_equal(answer.status, 202);
	assert_true(answer.closed);
	client_expect_end(&posting);
	pthread_join(stopper, NULL);
	client_close(&posting);
	client_close(&witness);
}

struct load {
	uint16_t port;
	unsigned answered;
	sem_t *first;
};

/* Asks until the server is gone. */
static void *ask_for_ever(void *data)
{
	struct load *load = data;
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(load->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	static const char request[] = "GET /page" HOST "\r\n";
	char block[65536];

	for (;;) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0) {
			close(fd);
			return NULL;
		}
		while (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0) {
			struct pollfd wait = { .fd = fd, .events = POLLIN };
			if (poll(&wait, 1, CLIENT_WAIT_MS) != 1 ||
				recv(fd, block, sizeof(block), 0) <= 0)
				break;
			if (load->answered++ == 0)
				sem_post(load->first);
		}
		close(fd);
	}
}

static void stops_under_load(void **state)
{
	(void)state;
	enum { CLIENTS = 8, ROUNDS = 5 };
	for (int round = 0; round < ROUNDS; round++) {
		struct serve *serve = answerer_start(&answerer, NULL);
		struct load load[CLIENTS];
		pthread_t threads[CLIENTS];
		sem_t first;
		sem_init(&first, 0, 0);
		for (size_t i = 0; i < CLIENTS; i++) {
			load[i] = (struct load){ .port = serve_port(serve),
				.first = &first };
			assert_int_equal(
				pthread_create(&threads[i], NULL, ask_for_ever, &load[i]),
				0);
		}
		for (size_t i = 0; i < CLIENTS; i++)
			while (sem_wait(&first) != 0)
				continue;
		int64_t began = client_now_ms();
		serve_stop(serve);
		assert_true(client_now_ms() - began < 2500);
		for (size_t i = 0; i < CLIENTS; i++)
			pthread_join(threads[i], NULL);
		sem_destroy(&first);
	}
}

static int set_up(void **state)
{
	(void)state;
	answerer_init(&answerer);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_who_drips),
		cmocka_unit_test(closes_the_idle_silently),
		cmocka_unit_test(cuts_who_does_not_take_his_answer),
		cmocka_unit_test(survives_who_leaves),
		cmocka_unit_test(answers_the_1001st),
		cmocka_unit_test(one_address_does_not_crowd_out_others),
		cmocka_unit_test(says_when_it_is_full),
		cmocka_unit_test(rests_without_descriptors),
		cmocka_unit_test(leaves_nothing_behind),
		cmocka_unit_test(cuts_what_is_under_way_after_a_second),
		cmocka_unit_test(finishes_an_answer_that_is_being_made),
		cmocka_unit_test(takes_what_comes_while_it_stops),
		cmocka_unit_test(stops_under_load),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
