/* probe/sockets: every socket of the room behind one poll handle.
 *
 * An epoll descriptor of our own, nested into the loop by one uv_poll: a socket then
 * costs three epoll_ctl calls in its life instead of eight, and no handle whose memory
 * must outlive it. A watched descriptor belongs to an owner number (a curl shard, or
 * c-ares). Events may be spurious: a batch can hold one for a descriptor that was closed
 * and opened again meanwhile; both libraries take that for nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/error.h"

struct sockets {
	uv_poll_t poll;
	int epoll;
	bool (*on_ready)(void *data, uint32_t owner, int fd, bool readable,
		bool writable); /* false: closing, stop here */
	void *data;
};

/* -1: no descriptor left. */
int sockets_init(struct sockets *sockets,
	bool (*on_ready)(
		void *data, uint32_t owner, int fd, bool readable, bool writable),
	void *data, struct error *error);

/* Starts the poll handle, which the owner then closes before sockets_fini. -1: it could
 * not be, and is not to be closed. */
int sockets_start(struct sockets *sockets, uv_loop_t *loop);

/* Accepts one whose init failed. */
void sockets_fini(struct sockets *sockets);

/* `known`: it is watched already, as far as the caller knows; that spares a system call.
 * Neither readable nor writable: it is forgotten. -1: no memory in the kernel. */
int sockets_watch(struct sockets *sockets, uint32_t owner, int fd, bool known,
	bool readable, bool writable);
