/* run/serving: what people see of the running daemon: the web server, the site of files,
 * and the days that their pictures are drawn from.
 *
 * Once in a while (never more than a twentieth of one core) all links are read at a
 * glance on a thread of libuv's pool; the server's pages are chosen from that, the counts
 * of the day are put into the store, and the site of files is written where one is
 * wanted. The loop itself only swaps pointers and, each second, tells the server how it
 * is.
 *
 * Without `listen` and `publish` the glance is taken once an hour, for the day's counts,
 * and dropped.
 */
#pragma once

#include <pthread.h>
#include <uv.h>

#include "run/watchman.h"
#include "show/show.h"

struct serving_wish; /* somebody at the server wants a link checked now */

struct serving {
	struct watchman *watchman;
	struct show *show; /* NULL: nobody is served */
	struct serve *serve;
	uv_timer_t timer;
	uv_async_t wishes_wake;
	uv_work_t work;
	bool handles_open, working, closing;
	bool settings_old; /* to be read again when the work is done */

	/* The work's, while it is under way. */
	struct store *store;
	struct arena arena; /* of `settings` */
	struct arena scratch;
	struct pages_settings settings;
	struct ledger *ledger;
	struct store_tally *tallies; /* in scratch: of all, then of each list */
	const char *directory;       /* NULL: no site is to be written */
	atomic_bool stop;
	time_ms began_at, took_ms; /* monotonic */
	struct error work_error, export_error;

	/* Wishes from the server's thread. */
	pthread_mutex_t lock;
	struct serving_wish *wishes, *last_wish;
	uint32_t wish_count;

	time_ms next_at, next_export_at; /* monotonic */
	bool publishes;
	time_us last_tick_us, loop_lag_us;
	uint64_t checks_seen; /* when the scheduler was last looked at */
	time_ms moved_at;     /* monotonic: it moved */
};

/* After watchman_open; `listen_fd` is of socket activation, or -1. -1 with an error: the
 * address is taken, no memory. serving_close in both cases. */
int serving_open(struct serving *serving, struct watchman *watchman, int listen_fd,
	struct error *error);

/* After watchman_reload: another title, other intervals. */
void serving_reload(struct serving *serving);

/* The server stops at once, the work as soon as it can. Before watchman_close; the loop
 * runs until all is closed. */
void serving_close(struct serving *serving);

/* The address that is listened at; NULL: none. */
const char *serving_address(const struct serving *serving);

/* After the loop has nothing left. */
void serving_fini(struct serving *serving);
