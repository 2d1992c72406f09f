#include "probe/sockets_internal.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/list.h"
#include "probe/memory_internal.h"

enum {
	/* Taken per wake-up; the rest comes with the next turn of the loop. */
	EVENTS_MAX = 256,
};

static void on_poll(uv_poll_t *poll, int status, int events)
{
	(void)status, (void)events;
	struct sockets *sockets = LIST_OF(poll, struct sockets, poll);
	struct epoll_event ready[EVENTS_MAX];
	int count = epoll_wait(sockets->epoll, ready, EVENTS_MAX, 0);
	for (int i = 0; i < count; i++) {
		/* An error or hang-up is found by reading or writing: so its cause is
		 * known. */
		bool in = (ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
		bool out = (ready[i].events & (EPOLLOUT | EPOLLERR)) != 0;
		uint32_t owner = (uint32_t)(ready[i].data.u64 >> 32);
		int fd = (int)(ready[i].data.u64 & UINT32_MAX);
		if (!sockets->on_ready(sockets->data, owner, fd, in, out))
			return;
	}
}

int sockets_init(struct sockets *sockets,
	bool (*on_ready)(
		void *data, uint32_t owner, int fd, bool readable, bool writable),
	void *data, struct error *error)
{
	*sockets = (struct sockets){ .on_ready = on_ready, .data = data };
	sockets->epoll = epoll_create1(EPOLL_CLOEXEC);
	return sockets->epoll >= 0
		       ? 0
		       : error_set(error,
				 "epoll: %s; is the limit of open files reached?",
				 strerror(errno));
}

int sockets_start(struct sockets *sockets, uv_loop_t *loop)
{
	if (uv_poll_init(loop, &sockets->poll, sockets->epoll) < 0)
		return -1;
	sockets->poll.data = sockets->data;
	/* Only the init asks the kernel; from here on the loop holds the handle. */
	int started = uv_poll_start(&sockets->poll, UV_READABLE, on_poll);
	assert(started == 0);
	(void)started;
	return 0;
}

void sockets_fini(struct sockets *sockets)
{
	if (sockets->epoll >= 0)
		close(sockets->epoll);
}

int sockets_watch(struct sockets *sockets, uint32_t owner, int fd, bool known,
	bool readable, bool writable)
{
	struct epoll_event event = {
		.events = (readable ? (uint32_t)EPOLLIN : 0) |
			  (writable ? (uint32_t)EPOLLOUT : 0),
		.data.u64 = (uint64_t)owner << 32 | (uint32_t)fd,
	};
	int first = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
	int second = known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
	if (!readable && !writable) {
		epoll_ctl(sockets->epoll, EPOLL_CTL_DEL, fd, NULL);
		return 0;
	}
	if (epoll_ctl(sockets->epoll, first, fd, &event) == 0)
		return 0;
	int result = epoll_ctl(sockets->epoll, second, fd, &event);
	if (result < 0 && (errno == ENOMEM || errno == ENOSPC))
		memory_lacked();
	return result;
}
