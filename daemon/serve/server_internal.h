/* serve/server: the server as its own parts see it.
 *
 * Everything but the counts belongs to the server's thread between serve_start's last
 * line and the end of the thread.
 */
#pragma once

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "serve/connections_internal.h"
#include "serve/gzip_internal.h"
#include "serve/serve.h"

struct exchange;

/* Written by the server's thread alone, read by any. */
struct server_counts {
	_Atomic uint64_t requests, requests_by_class[6], answers_cut, connections,
		connections_open, connections_refused, connections_evicted,
		deadlines_missed, body_bytes, answering_us;
};

struct serve {
	struct serve_limits limits;
	const char *const *post_paths;
	serve_answer_fn answer;
	serve_refuse_fn refuse; /* may be NULL */
	void *context;

	int listen_fd; /* -1 once it stops */
	int stop_fd;   /* an eventfd */
	pthread_t thread;
	bool stopping;
	time_ms stop_by;
	time_ms accept_again_at; /* 0: now */

	struct MHD_Daemon *http;
	struct connections connections;
	struct exchange *spare; /* kept for the next requests */
	unsigned spare_count;
	struct gzip *gzip;
	struct buffer too_slow, too_many; /* whole answers: 408, 503 */
	struct buffer late;               /* a 408 in the form of its address */

	struct server_counts counts;
	uint16_t port;
	char address[LISTEN_ADDRESS_SIZE];
};

/* Only one thread writes, so that an addition needs no lock. */
static inline void count_add(_Atomic uint64_t *count, uint64_t more)
{
	uint64_t before = atomic_load_explicit(count, memory_order_relaxed);
	atomic_store_explicit(count, before + more, memory_order_relaxed);
}

time_us server_now_us(void);
static inline time_ms server_now(void)
{
	return server_now_us() / TIME_US_PER_MS;
}
time_ms server_wall(void);

/* A request that was answered, or refused with a status. */
void server_count_answer(struct serve *serve, int status);
