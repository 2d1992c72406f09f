/* tests/bench/slow: a web server that takes its time, so that requests are in flight.
 *
 * HTTP/1.1 on 0.0.0.0 at the port given, one thread, one request a connection. A request
 * for /dMS/... is answered MS milliseconds later with a small page whose title is "Page
 * of HOST"; any other path at once. Ends when standard input ends. For loopback alone: it
 * believes what it is sent.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 19900,
	FDS_MAX = 20000,
	REQUEST_MAX = 2048,
	DELAYS_MAX = 16, /* different ones in one run */
	EVENTS_MAX = 512,
	BACKLOG = 16384,
};

struct connection {
	int64_t due_ms;
	int32_t next; /* fd of the next one in its line, -1: last */
	uint32_t len;
	char *request; /* NULL: none open */
};

/* Those who wait equally long leave in the order they came. */
struct line {
	long delay_ms;
	int32_t first, last;
};

static struct connection connections[FDS_MAX];
static struct line lines[DELAYS_MAX];
static int line_count, epoll_fd, open_count, open_peak;

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void drop(int fd)
{
	free(connections[fd].request);
	connections[fd] = (struct connection){ .next = -1 };
	open_count--;
	close(fd);
}

static int write_page(const char *request, char *page, size_t size)
{
	const char *host = strcasestr(request, "\nHost:");
	if (strncmp(request, "GET /peak ", 10) == 0) {
		int peak = open_peak;
		open_peak = open_count;
		return snprintf(page, size, "%d", peak);
	}
	host = host != NULL ? host + 6 + strspn(host + 6, " ") : "";
	int host_len = (int)strcspn(host, ":\r\n");
	return snprintf(page, size,
		"<!doctype html><html><head><title>Page of %.*s</title></head>"
		"<body><h1>Page</h1><p>Late, but here.</p></body></html>",
		host_len < 200 ? host_len : 200, host);
}

static void answer(int fd)
{
	char page[512], whole[1024];
	const char *request = connections[fd].request;
	int page_len = write_page(request, page, sizeof(page));
	int len = snprintf(whole, sizeof(whole),
		"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n"
		"Connection: close\r\n\r\n%s",
		page_len, strncmp(request, "HEAD", 4) == 0 ? "" : page);
	if (send(fd, whole, (size_t)len, MSG_NOSIGNAL) != len)
		fprintf(stderr, "slow: send: %s\n", strerror(errno));
	drop(fd);
}

static struct line *line_of(long delay_ms)
{
	for (int i = 0; i < line_count; i++)
		if (lines[i].delay_ms == delay_ms)
			return &lines[i];
	if (line_count == DELAYS_MAX)
		exit(1);
	lines[line_count] = (struct line){ delay_ms, -1, -1 };
	return &lines[line_count++];
}

static void put_off(int fd, long delay_ms)
{
	struct line *line = line_of(delay_ms);
	struct epoll_event none = { .data.fd = fd };
	/* Nothing is looked for until its time has come, not even an end. */
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, &none);
	connections[fd].due_ms = now_ms() + delay_ms;
	connections[fd].next = -1;
	if (line->first < 0)
		line->first = fd;
	else
		connections[line->last].next = fd;
	line->last = fd;
}

static void read_request(int fd)
{
	struct connection *connection = &connections[fd];
	ssize_t len = recv(fd, connection->request + connection->len,
		REQUEST_MAX - 1 - connection->len, 0);
	if (len < 0 && errno == EAGAIN)
		return;
	if (len <= 0) {
		drop(fd);
		return;
	}
	connection->len += (uint32_t)len;
	connection->request[connection->len] = '\0';
	if (strstr(connection->request, "\r\n\r\n") == NULL)
		return;
	const char *path = strchr(connection->request, ' ');
	if (path != NULL && strncmp(path, " /d", 3) == 0)
		put_off(fd, strtol(path + 3, NULL, 10));
	else
		answer(fd);
}

static void accept_all(int listener)
{
	int fd;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
		if (fd >= CONNECTIONS_MAX) {
			close(fd);
			continue;
		}
		connections[fd] =
			(struct connection){ .next = -1, .request = malloc(REQUEST_MAX) };
		if (++open_count > open_peak)
			open_peak = open_count;
		if (connections[fd].request == NULL ||
			epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
			drop(fd);
	}
}

/* Answers what is due; milliseconds until the next is, -1: none. */
static int answer_due(void)
{
	int64_t now = now_ms(), next = INT64_MAX;
	for (int i = 0; i < line_count; i++) {
		struct line *line = &lines[i];
		while (line->first >= 0 && connections[line->first].due_ms <= now) {
			int fd = line->first;
			line->first = connections[fd].next;
			answer(fd);
		}
		if (line->first >= 0 && connections[line->first].due_ms < next)
			next = connections[line->first].due_ms;
	}
	return next == INT64_MAX ? -1 : (int)(next - now);
}

static int listen_on(uint16_t port)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) != 0 ||
		listen(fd, BACKLOG) != 0) {
		perror("slow: listen");
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	struct epoll_event ready[EVENTS_MAX];
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	int listener = listen_on((uint16_t)strtol(argc > 1 ? argv[1] : "8080", NULL, 10));
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	const int watched[] = { listener, STDIN_FILENO };
	for (int i = 0; i < 2; i++) {
		struct epoll_event event = { .events = EPOLLIN, .data.fd = watched[i] };
		epoll_ctl(epoll_fd, EPOLL_CTL_ADD, watched[i], &event);
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		int count = epoll_wait(epoll_fd, ready, EVENTS_MAX, answer_due());
		for (int i = 0; i < count; i++) {
			int fd = ready[i].data.fd;
			if (fd == STDIN_FILENO)
				return 0;
			if (fd == listener)
				accept_all(listener);
			else
				read_request(fd);
		}
	}
}
