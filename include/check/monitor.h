/* check/monitor: the conductor of `check`.
 *
 * Everything in a table of links is due at once; it ends when nothing is left. What is
 * asked for one request is the asker's (asker.c, from top to bottom); this groups the
 * links into requests, counts what comes back, and monitor_doubt.c asks at the end
 * whether it was us. One monitor, one loop, one thread.
 */
#pragma once

#include "ask/asker.h"
#include "check/history.h"
#include "policy/vantage.h"

struct monitor_options {
	const struct settings *settings;
	bool fragments, suggest;
};

struct monitor {
	struct link_table *table;
	struct monitor_options options;
	struct asker asker;
	struct arena arena;       /* of the requests */
	struct request *requests; /* by request key */
	struct history *history;  /* NULL: nothing is remembered. The command's */
	struct vantage *vantage;
	struct vantage_finding finding; /* set before the last on_idle */
	uint32_t doubted;               /* links that count for nothing because of it */
	bool online;                    /* there is an asker */
	bool asking_links, pinged;
	bool canary_denied; /* a name that exists is unknown to the resolver */
	uint32_t done;      /* links that have a result */
	uint32_t by_outcome[OUTCOME_COUNT];
	bool failed; /* this machine's own trouble: some links were not asked for */
	void *data;
	void (*on_idle)(void *data); /* nothing is under way any more */
};

/* -1 with an error; monitor_close is then not needed. `options` is copied; without a loop
 * nobody is asked. */
int monitor_open(struct monitor *monitor, uv_loop_t *loop, struct link_table *table,
	const struct monitor_options *options, struct error *error);

/* Everything in the table is due now. on_idle runs later, also when nothing was to be
 * asked. */
void monitor_start(struct monitor *monitor);

/* Ends what runs, without results; on_closed may be NULL. Run the loop to its end. */
void monitor_close(struct monitor *monitor, void (*on_closed)(void *data), void *data);

/* After the loop has ended. */
void monitor_fini(struct monitor *monitor);

/* --- for the conductor's own files --- */

/* Who has doubts about the run as a whole? True: a last question is under way, and
 * everything is settled when it is answered. */
bool monitor_doubts(struct monitor *monitor);
void monitor_note_seen(struct monitor *monitor, const struct observation *seen);

/* Turns results that prove nothing but our own trouble into skipped/offline. */
void monitor_settle_doubts(struct monitor *monitor);
