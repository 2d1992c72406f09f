/* store/lists: reading lists, their sources, hosts and loose values.
 *
 * The same rules as store/links.h.
 */
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/outcome.h"
#include "store/store.h"

/* --- lists and sources ------------------------------------------------------------- */

enum { STORE_LIST_BITS = 32 };

struct store_list {
	struct slice name, title;
	/* One bit for lists in configured order, the 32nd and all behind it share the
	 * last one. Stable until the next store_put_lists. */
	uint32_t bit;
};

typedef bool store_list_fn(const struct store_list *list, void *context);

/* Those configured, in configured order. */
int store_walk_lists(
	struct store *store, store_list_fn *fn, void *context, struct error *error);

struct store_source {
	struct slice list, name;
	uint64_t content_hash; /* of what was read; 0: never */
	time_ms read_at;       /* last read with success, changed or not; 0: never */
	struct slice etag, last_modified; /* of a source on the web */
	time_ms failed_since;             /* 0: the last reading succeeded */
	struct slice failure;             /* one sentence */
	uint32_t occurrences;             /* of the last good reading */
};

typedef bool store_source_fn(const struct store_source *source, void *context);

/* In order of name; `list` empty: of all lists. */
int store_walk_sources(struct store *store, struct slice list, store_source_fn *fn,
	void *context, struct error *error);

/* --- hosts ------------------------------------------------------------------------- */

/* What should survive a restart of one host (a pacing key) or origin, by whatever key the
 * caller chooses. Fields the store does not understand are the caller's own numbers. */
struct store_host {
	struct slice key;             /* at most STORE_HOST_KEY_MAX bytes */
	time_ms updated_at;           /* of this state */
	time_ms paused_until;         /* Retry-After and the like; 0: not paused */
	time_ms request_interval_ms;  /* Crawl-delay or a learned wish; 0: none */
	time_ms robots_failing_since; /* 0: it is not. The column is named robots_read_at
				       */
	int robots_status;            /* HTTP; 0: no answer */
	uint8_t head_agreed;          /* policy/method.h */
	bool get_only;
	uint8_t breaker_failures, breaker_opened; /* policy/breaker.h */
	enum reason breaker_cause;
	time_ms breaker_until;
};

enum { STORE_HOST_KEY_MAX = 512 };

typedef bool store_host_fn(const struct store_host *host, void *context);

int store_walk_hosts(
	struct store *store, store_host_fn *fn, void *context, struct error *error);
