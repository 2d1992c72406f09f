/* tests/unit/serve/client: a client that sends what it is told, byte by byte, and reads
 * one answer at a time. A read that takes ten seconds fails the test. */
#pragma once

#include "lib/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "serve/serve.h"

enum { CLIENT_BYTES_MAX = 16 * 1024 * 1024, CLIENT_WAIT_MS = 10000 };

struct client_answer {
	int status;        /* 0: closed before an answer */
	bool closed;       /* by the server, after the answer or instead of one */
	struct slice head; /* with the status line */
	struct slice body;
};

struct client {
	int fd;
	struct buffer bytes; /* read and not yet taken */
	size_t taken;        /* of it */
};

static inline int64_t client_now_ms(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return (int64_t)at.tv_sec * 1000 + at.tv_nsec / 1000000;
}

static inline int client_connect_v6(uint16_t port)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

/* From 127.0.0.`last`, so that a test can be several people. */
static inline int client_connect_from(uint16_t port, unsigned last)
{
	struct sockaddr_in from = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0x7f000000u + last) };
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

static inline void client_open_fd(struct client *client, int fd)
{
	client->fd = fd;
	client->taken = 0;
	buffer_init(&client->bytes, CLIENT_BYTES_MAX);
}

static inline void client_open(struct client *client, uint16_t port)
{
	client_open_fd(client, client_connect_from(port, 1));
}

static inline void client_close(struct client *client)
{
	close(client->fd);
	buffer_fini(&client->bytes);
}

/* A peer that is gone already is the answer's business. */
static inline void client_send(struct client *client, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t len = send(client->fd, bytes.at, bytes.len, MSG_NOSIGNAL);
		if (len <= 0)
			return;
		bytes = slice_sub(bytes, (size_t)len, bytes.len);
	}
}

/* False at the end. */
static inline bool client_read_more(struct client *client)
{
	char block[65536];
	struct pollfd wait = { .fd = client->fd, .events = POLLIN };
	if (poll(&wait, 1, CLIENT_WAIT_MS) != 1)
		fail_msg("no answer in time");
	ssize_t len = recv(client->fd, block, sizeof(block), 0);
	if (len <= 0)
		return false;
	buffer_add(&client->bytes, (struct slice){ block, (size_t)len });
	assert_false(client->bytes.failed);
	return true;
}

static inline struct slice client_rest(const struct client *client)
{
	return slice_sub(buffer_slice(&client->bytes), client->taken, client->bytes.len);
}

/* The value of a header, or a slice with a NULL `at`. Fails when there are two. */
static inline struct slice client_header(
	const struct client_answer *answer, const char *name)
{
	struct slice rest = answer->head, line, found = { NULL, 0 };
	while (rest.len > 0 && slice_split(&rest, '\n', &line)) {
		size_t colon = slice_find_char(line, ':');
		if (colon == SLICE_NONE ||
			!slice_equal_nocase(slice_sub(line, 0, colon), slice_of(name)))
			continue;
		if (found.at != NULL)
			fail_msg("two headers %s", name);
		found = slice_trim(slice_sub(line, colon + 1, line.len));
	}
	return found;
}

/* One answer; with `bodyless` (HEAD, 304) none is expected. Valid until the next. */
static inline struct client_answer client_read(struct client *client, bool bodyless)
{
	struct client_answer answer = { .status = 0 };
	size_t end;
	uint64_t number;

	while ((end = slice_find(client_rest(client), SLICE("\r\n\r\n"))) == SLICE_NONE)
		if (!client_read_more(client)) {
			assert_int_equal(client_rest(client).len, 0);
			answer.closed = true;
			return answer;
		}
	answer.head = slice_sub(client_rest(client), 0, end + 2);
	assert_true(slice_starts(answer.head, SLICE("HTTP/1.1 ")));
	assert_true(slice_to_number(slice_sub(answer.head, 9, 12), 599, &number));
	answer.status = (int)number;
	struct slice length = client_header(&answer, "Content-Length");
	if (bodyless || answer.status == 204)
		number = 0;
	else
		assert_true(slice_to_number(length, CLIENT_BYTES_MAX, &number));
	size_t head_len = end + 4, len = (size_t)number;
	while (client_rest(client).len < head_len + len)
		if (!client_read_more(client))
			fail_msg("the body is cut");
	answer.head = slice_sub(client_rest(client), 0, end + 2);
	answer.body = slice_sub(client_rest(client), head_len, head_len + len);
	client->taken += head_len + len;
	answer.closed =
		slice_equal_nocase(client_header(&answer, "Connection"), SLICE("close"));
	return answer;
}

/* Nothing more comes, and the server has closed. */
static inline void client_expect_end(struct client *client)
{
	while (client_rest(client).len == 0)
		if (!client_read_more(client))
			return;
	fail_msg("more than was expected: %.*s", SLICE_ARG(client_rest(client)));
}

static inline struct client_answer client_ask(struct client *client, const char *request)
{
	client_send(client, slice_of(request));
	return client_read(client, strncmp(request, "HEAD", 4) == 0);
}

/* The headers that every answer has. */
static inline void client_expect_strict(const struct client_answer *answer)
{
	struct slice csp = client_header(answer, "Content-Security-Policy");
	assert_true(slice_find(csp, SLICE("default-src 'none'")) != SLICE_NONE);
	assert_true(slice_find(csp, SLICE("frame-ancestors 'none'")) != SLICE_NONE);
	assert_true(slice_find(csp, SLICE("base-uri 'none'")) != SLICE_NONE);
	assert_true(slice_find(csp, SLICE("unsafe")) == SLICE_NONE);
	assert_slice(client_header(answer, "X-Content-Type-Options"), "nosniff");
	assert_slice(client_header(answer, "Referrer-Policy"), "no-referrer");
	assert_true(client_header(answer, "Permissions-Policy").len > 0);
	assert_true(client_header(answer, "Cross-Origin-Resource-Policy").len > 0);
	assert_true(client_header(answer, "Cache-Control").len > 0);
	assert_null(client_header(answer, "Server").at);
	assert_null(client_header(answer, "Set-Cookie").at);
}
