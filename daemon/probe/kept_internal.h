/* probe/kept: the sockets of kept connections, found again by their own port.
 *
 * libcurl 7.88 does not say which socket a request is about to leave by when the
 * connection is an old one, only between which addresses. What is remembered here may be
 * out of date, because nobody says when a connection ends; so a socket counts only if it
 * has both ends right. One port towards two servers at a time is remembered once.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "policy/address.h"

struct kept {
	int *fd_of_port; /* + 1; NULL: none was kept yet. 256 KiB, of which what is used
			  * is touched */
};

/* One end of a connection; false: neither IPv4 nor IPv6. */
bool kept_read_end(
	const struct sockaddr *end, struct address *ret_address, uint16_t *ret_port);

void kept_fini(struct kept *kept);

/* Without memory it is not remembered. */
void kept_note(struct kept *kept, uint16_t own_port, int fd);

/* The connected socket from that port to that address; -1: it is not known. */
int kept_find(const struct kept *kept, uint16_t own_port, const struct address *to,
	uint16_t port);
