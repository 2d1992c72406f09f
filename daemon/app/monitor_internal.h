/* app/monitor_internal: the conductor. Whoever wants to know the program reads monitor.c.
 *
 * It owns the way of a link from "due" to its result; the rooms do the work. `check`
 * makes everything due at once and ends when nothing is left. One monitor, one loop, one
 * thread.
 */
#pragma once

#include <uv.h>

#include "app/settings_internal.h"
#include "base/error.h"
#include "model/link.h"
#include "probe/prober.h"

struct monitor_options {
	const struct settings *settings;
	bool fragments, suggest;
};

struct monitor {
	uv_loop_t *loop;
	struct link_table *table;
	struct monitor_options options;
	struct prober *prober;
	struct arena arena;       /* of the requests */
	struct request *requests; /* by request key */
	uint32_t open;            /* probes that have not ended */
	uint32_t done;            /* links that have a result */
	uint32_t by_outcome[OUTCOME_COUNT];
	bool failed; /* this machine's own trouble: some links were not asked for */
	void *data;
	void (*on_idle)(void *data); /* nothing is under way any more */
};

/* -1 with an error; monitor_close is then not needed. `options` is copied. */
int monitor_open(struct monitor *monitor, uv_loop_t *loop, struct link_table *table,
	const struct monitor_options *options, struct error *error);

/* A source that must be fetched; on_read runs once, later. `body` is NULL when it could
 * not be had, and `error` says why. */
typedef void monitor_source_fn(void *data, struct slice url, struct slice content_type,
	const struct slice *body, const char *error);
int monitor_fetch(
	struct monitor *monitor, const char *url, monitor_source_fn *on_read, void *data);

/* --polite: well-known hosts are asked as slowly as they wish (policy/wishes.h). */
void monitor_be_polite(struct monitor *monitor);

/* Everything in the table is due now. on_idle runs later, also when nothing was to be
 * asked. */
void monitor_start(struct monitor *monitor);

/* Ends what runs, without results; on_closed may be NULL. Run the loop to its end. */
void monitor_close(struct monitor *monitor, void (*on_closed)(void *data), void *data);

/* After the loop has ended. */
void monitor_fini(struct monitor *monitor);
