/* tests/bench/dns: an authority for hN.ANYTHING, fast enough not to be what is measured.
 *
 * UDP on 127.0.0.1:53, or `dns PORT [MS]`: every answer leaves MS milliseconds after its
 * question came. A name whose first label is hN has the address 127.a.b.c with
 * a.b.c = N + 65536, so that every host has its own; AAAA gets an empty answer, any other
 * name NXDOMAIN. Ends when standard input ends.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	HEADER = 12,
	TYPE_A = 1,
	RCODE_NXDOMAIN = 3,
	FIRST_ADDRESS = 65536,
	PACKET_MAX = 512,
	ROOM = 100,       /* of the answer behind the question */
	LATE_MAX = 65536, /* answers waiting for their time */
};

struct late {
	int64_t due_ms;
	struct sockaddr_in to;
	size_t len;
	uint8_t packet[PACKET_MAX + ROOM];
};

static struct late *late; /* a ring; all wait equally long */
static size_t late_first, late_count;

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The number in the first label "hN", or -1; *ret_end is behind the question. */
static long question(const uint8_t *query, size_t len, size_t *ret_end)
{
	size_t at = HEADER;
	long number = -1;
	while (at < len && query[at] != 0) {
		if (at == HEADER && query[at] > 1 && (query[at + 1] | 32) == 'h') {
			char digits[16] = "";
			size_t count = query[at] - 1u;
			if (count < sizeof(digits) && at + 1 + count < len) {
				memcpy(digits, query + at + 2, count);
				number = strtol(digits, NULL, 10);
			}
		}
		at += query[at] + 1u;
	}
	*ret_end = at + 5;
	return *ret_end <= len ? number : -1;
}

static size_t answer(uint8_t *packet, size_t len)
{
	static const uint8_t record[] = { 0xC0, HEADER, 0, TYPE_A, 0, 1, 0, 0, 14, 16, 0,
		4 };
	size_t end;
	if (len < HEADER + 5)
		return 0;
	long number = question(packet, len, &end);
	if (end > len)
		return 0;
	packet[2] = 0x84;
	packet[3] = number < 0 ? RCODE_NXDOMAIN : 0;
	memset(packet + 6, 0, 6);
	if (number < 0 || packet[end - 3] != TYPE_A)
		return end;
	packet[7] = 1;
	memcpy(packet + end, record, sizeof(record));
	uint32_t address = htonl(0x7F000000u | (uint32_t)(number + FIRST_ADDRESS));
	memcpy(packet + end + sizeof(record), &address, 4);
	return end + sizeof(record) + 4;
}

/* Sends what is due; milliseconds until the next is, -1: none. */
static int send_due(int fd)
{
	int64_t now = now_ms();
	for (; late_count > 0; late_count--, late_first = (late_first + 1) % LATE_MAX) {
		const struct late *at = &late[late_first];
		if (at->due_ms > now)
			return (int)(at->due_ms - now);
		sendto(fd, at->packet, at->len, 0, (const struct sockaddr *)&at->to,
			sizeof(at->to));
	}
	return -1;
}

static int open_socket(uint16_t port)
{
	struct sockaddr_in here = { .sin_family = AF_INET, .sin_port = htons(port) };
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int size = 8 << 20;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) != 0) {
		perror("dns: bind");
		exit(1);
	}
	return fd;
}

static void serve(int fd, long delay_ms)
{
	struct late at = { 0 };
	socklen_t from_len = sizeof(at.to);
	ssize_t len = recvfrom(
		fd, at.packet, PACKET_MAX, 0, (struct sockaddr *)&at.to, &from_len);
	at.len = len > 0 ? answer(at.packet, (size_t)len) : 0;
	if (at.len == 0)
		return;
	if (delay_ms == 0 || late_count == LATE_MAX) {
		sendto(fd, at.packet, at.len, 0, (struct sockaddr *)&at.to, from_len);
		return;
	}
	at.due_ms = now_ms() + delay_ms;
	late[(late_first + late_count++) % LATE_MAX] = at;
}

int main(int argc, char **argv)
{
	int fd = open_socket((uint16_t)(argc > 1 ? strtol(argv[1], NULL, 10) : 53));
	long delay_ms = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	late = calloc(LATE_MAX, sizeof(*late));
	if (late == NULL)
		return 1;
	puts("ready");
	fflush(stdout);
	struct pollfd polls[] = { { .fd = fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };
	while (poll(polls, 2, send_due(fd)) >= 0 && polls[1].revents == 0)
		if (polls[0].revents != 0)
			serve(fd, delay_ms);
	return 0;
}
