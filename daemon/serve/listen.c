#include "serve/listen_internal.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/slice.h"

enum { BACKLOG = 512 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
	struct sockaddr_storage room;
};

/* The length of the address, 0 when it is none. */
static socklen_t parse(const char *address, union address *ret_address)
{
	struct slice text = slice_of(address);
	size_t colon = text.len;
	char host[INET6_ADDRSTRLEN];
	uint64_t port;

	while (colon > 0 && text.at[colon - 1] != ':')
		colon--;
	if (colon == 0 ||
		!slice_to_number(slice_sub(text, colon, text.len), 65535, &port))
		return 0;
	struct slice name = slice_sub(text, 0, colon - 1);
	bool bracketed = slice_starts(name, SLICE("[")) && slice_ends(name, SLICE("]"));
	if (bracketed)
		name = slice_sub(name, 1, name.len - 1);
	if (name.len >= sizeof(host))
		return 0;
	snprintf(host, sizeof(host), "%.*s", SLICE_ARG(name));
	*ret_address = (union address){ .room = { 0 } };
	if (bracketed) {
		ret_address->v6.sin6_family = AF_INET6;
		ret_address->v6.sin6_port = htons((uint16_t)port);
		return inet_pton(AF_INET6, host, &ret_address->v6.sin6_addr) == 1
			       ? sizeof(ret_address->v6)
			       : 0;
	}
	ret_address->v4.sin_family = AF_INET;
	ret_address->v4.sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, host, &ret_address->v4.sin_addr) == 1
		       ? sizeof(ret_address->v4)
		       : 0;
}

static const char *remedy(int fault)
{
	switch (fault) {
	case EADDRINUSE:
		return "another program listens there; stop it or choose another port";
	case EACCES:
		return "ports below 1024 need a privilege; choose a higher one, or let "
		       "systemd open it (linkrotd.socket)";
	case EADDRNOTAVAIL:
		return "this machine has no such address; 127.0.0.1 is always there";
	case EAFNOSUPPORT:
		return "this machine does not speak that version of IP; use 127.0.0.1";
	default:
		return strerror(fault);
	}
}

int listen_open(const char *address, struct error *error)
{
	const int on = 1;
	union address at;
	socklen_t len = parse(address, &at);

	if (len == 0)
		return error_set(error,
			"listen: \"%s\" is no ADDRESS:PORT; write an IP address as in "
			"127.0.0.1:8780 or [::1]:8780",
			address);
	int fd = socket(at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		bind(fd, &at.any, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	error_set(error, "cannot listen on %s: %s", address, remedy(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

int listen_adopt(int fd, struct error *error)
{
	int listens = 0, type = 0;
	socklen_t listens_len = sizeof(listens), type_len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &listens_len) != 0 ||
		getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) != 0 ||
		listens == 0 || type != SOCK_STREAM)
		return error_set(error,
			"descriptor %d is no listening stream socket; the socket unit "
			"needs "
			"ListenStream= and Accept=no",
			fd);
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return error_set(
			error, "descriptor %d cannot be used: %s", fd, strerror(errno));
	return 0;
}

void listen_peer(const struct sockaddr *peer, char text[static LISTEN_PEER_SIZE])
{
	const union address *at = (const union address *)(const void *)peer;
	const char *done = NULL;

	if (peer->sa_family == AF_INET)
		done = inet_ntop(AF_INET, &at->v4.sin_addr, text, LISTEN_PEER_SIZE);
	else if (peer->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&at->v6.sin6_addr))
		done = inet_ntop(
			AF_INET, &at->v6.sin6_addr.s6_addr[12], text, LISTEN_PEER_SIZE);
	else if (peer->sa_family == AF_INET6)
		done = inet_ntop(AF_INET6, &at->v6.sin6_addr, text, LISTEN_PEER_SIZE);
	if (done == NULL)
		snprintf(text, LISTEN_PEER_SIZE, "local");
}

uint16_t listen_name(int fd, char text[static LISTEN_ADDRESS_SIZE])
{
	union address at = { .room = { 0 } };
	socklen_t len = sizeof(at);
	char host[LISTEN_PEER_SIZE];

	if (getsockname(fd, &at.any, &len) != 0)
		at.any.sa_family = AF_UNSPEC;
	if (at.any.sa_family == AF_UNIX) {
		size_t path_len = len - offsetof(struct sockaddr_un, sun_path);
		snprintf(text, LISTEN_ADDRESS_SIZE, "%.*s",
			(int)strnlen(at.local.sun_path, path_len), at.local.sun_path);
		return 0;
	}
	bool v6 = at.any.sa_family == AF_INET6;
	uint16_t port = ntohs(v6 ? at.v6.sin6_port : at.v4.sin_port);
	listen_peer(&at.any, host);
	snprintf(text, LISTEN_ADDRESS_SIZE, v6 ? "[%s]:%u" : "%s:%u", host,
		(unsigned)port);
	return port;
}
