/* run/serving: what people see of the running daemon: the web server, the site of files,
 * and the days that their pictures are drawn from.
 *
 * Two works on threads of libuv's pool, each with a store of its own. The glance reads
 * all links; the server's pages are chosen from that, and the counts of the day are put
 * into the store. It is taken when something was written: soon while somebody looks at
 * the pages (never more than a twentieth of one core), now and then while nobody does (a
 * four-hundredth), once an hour where nobody is served. The site of files, where one is
 * wanted, is written from a glance of its own, so that pages do not wait for it. The loop
 * itself only swaps pointers and, each second, tells the server how it is.
 */
#pragma once

#include <pthread.h>
#include <uv.h>

#include "pages/show.h"
#include "run/watchman.h"

struct serving_wish; /* somebody at the server wants a link checked now */

/* The rows of one day, as they were put last: of all links, then of each list. */
struct serving_day {
	struct arena arena; /* of the rows and their names */
	struct store_tally *rows;
	uint32_t count;
	bool put; /* false: the queue was full */
};

/* All links at a glance. While it works, its fields are the thread's. */
struct serving_glance {
	uv_work_t work;
	bool working;
	struct store *store;
	struct ledger *held, *ledger;   /* of the last glance, and of this one */
	struct serving_day before, now; /* of the last glance, and of this one */
	int64_t events_until;           /* whose deaths are counted in them */
	time_ms began_at, took_ms;      /* monotonic */
	struct error error;
	time_ms ended_at;   /* monotonic; 0: there was none yet */
	uint64_t committed; /* by the writer, when it began */
	bool wanted;        /* once more, whatever the time */
};

/* The site of files, likewise. */
struct serving_site {
	uv_work_t work;
	bool working;
	struct arena arena; /* settings and directory, as they were when it began */
	struct pages_settings settings;
	const char *directory;
	time_ms began_at, ended_at, took_ms;
	struct error error;
	uint64_t committed;
	bool wanted;
};

struct serving {
	struct watchman *watchman;
	char *database;    /* its path of the start; a reload does not change it */
	struct show *show; /* NULL: nobody is served */
	struct serve *serve;
	uv_timer_t timer;
	uv_async_t wishes_wake;
	bool handles_open, closing;
	atomic_bool stop;

	struct serving_glance glance;
	struct serving_site site;
	struct arena names_arena; /* of names */
	struct slice *names;      /* of the lists by place, as the meter counts them */
	uint32_t name_count;

	/* Wishes from the server's thread. */
	pthread_mutex_t lock;
	struct serving_wish *wishes, *last_wish;
	uint32_t wish_count;

	time_ms opened_at; /* monotonic; or reloaded */
	time_us last_tick_us, loop_lag_us;
	bool reload_failed;      /* the last one; told by who reads the configuration */
	uint64_t checks_seen;    /* when the scheduler was last looked at */
	time_ms moved_at;        /* monotonic: it moved */
	uint64_t committed_seen; /* likewise of the writer */
	time_ms written_at;
};

/* After watchman_open; `listen_fd` is of socket activation, or -1. -1 with an error: the
 * address is taken, no memory. serving_close in both cases. */
int serving_open(struct serving *serving, struct watchman *watchman, int listen_fd,
	struct error *error);

/* Before watchman_open or watchman_reload: whether serving_open or serving_reload can
 * take all of it. -1 with a sentence: the token cannot be read. */
int serving_may_take(const struct config *config, struct error *error);

/* After watchman_reload: another title, other intervals. */
void serving_reload(struct serving *serving);

/* The server stops at once, the work as soon as it can. Before watchman_close; the loop
 * runs until all is closed. */
void serving_close(struct serving *serving);

/* The address that is listened at; NULL: none. */
const char *serving_address(const struct serving *serving);

/* After the loop has nothing left. */
void serving_fini(struct serving *serving);
