#include "probe/kept_internal.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PORTS = 65536 };

union end {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

void kept_fini(struct kept *kept)
{
	free(kept->fd_of_port);
	kept->fd_of_port = NULL;
}

void kept_note(struct kept *kept, uint16_t own_port, int fd)
{
	if (kept->fd_of_port == NULL)
		kept->fd_of_port = calloc(PORTS, sizeof(*kept->fd_of_port));
	if (kept->fd_of_port != NULL)
		kept->fd_of_port[own_port] = fd + 1;
}

bool kept_read_end(
	const struct sockaddr *end, struct address *ret_address, uint16_t *ret_port)
{
	const void *at = end;
	if (end->sa_family == AF_INET) {
		const struct sockaddr_in *v4 = at;
		*ret_address = address_of_v4(ntohl(v4->sin_addr.s_addr));
		*ret_port = ntohs(v4->sin_port);
		return true;
	}
	if (end->sa_family != AF_INET6)
		return false;
	const struct sockaddr_in6 *v6 = at;
	*ret_address = address_of_v6(v6->sin6_addr.s6_addr);
	*ret_port = ntohs(v6->sin6_port);
	return true;
}

int kept_find(const struct kept *kept, uint16_t own_port, const struct address *to,
	uint16_t port)
{
	union end own = { 0 }, other = { 0 };
	socklen_t own_len = sizeof(own), other_len = sizeof(other);
	struct address address;
	uint16_t found;
	int fd = kept->fd_of_port != NULL ? kept->fd_of_port[own_port] - 1 : -1;
	if (fd < 0 || getsockname(fd, &own.any, &own_len) != 0 ||
		getpeername(fd, &other.any, &other_len) != 0)
		return -1;
	if (!kept_read_end(&own.any, &address, &found) || found != own_port)
		return -1;
	bool same = kept_read_end(&other.any, &address, &found) && found == port &&
		    memcmp(&address, to, sizeof(address)) == 0;
	return same ? fd : -1;
}
