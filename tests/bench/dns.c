/* tests/bench/dns: an authority for hN.t.test, fast enough not to be what is measured.
 *
 * UDP on 127.0.0.1:53 (or the port given). hN.t.test has the address 127.a.b.c with
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
#include <unistd.h>

enum { HEADER = 12, TYPE_A = 1, RCODE_NXDOMAIN = 3, FIRST_ADDRESS = 65536 };

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

int main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET };
	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	here.sin_port = htons((uint16_t)(argc > 1 ? strtol(argv[1], NULL, 10) : 53));
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int size = 8 << 20;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (bind(fd, (struct sockaddr *)&here, sizeof(here)) != 0) {
		perror("bind");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	struct pollfd polls[] = { { .fd = fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN } };
	while (poll(polls, 2, -1) > 0 && polls[1].revents == 0) {
		uint8_t packet[600];
		struct sockaddr_in from;
		socklen_t from_len = sizeof(from);
		ssize_t len =
			recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &from_len);
		size_t reply = len > 0 ? answer(packet, (size_t)len) : 0;
		if (reply > 0)
			sendto(fd, packet, reply, 0, (struct sockaddr *)&from, from_len);
	}
	return 0;
}
