/* app/monitor_internal: the conductor. Whoever wants to know the program reads monitor.c.
 *
 * It owns the way of a link from "due" to its result; the rooms do the work. `check`
 * makes everything due at once and ends when nothing is left. One monitor, one loop, one
 * thread.
 *
 * monitor.c is the way itself. What is asked beyond the link's own page is in inquiries.c
 * (registries, archives) and siblings.c (is it a soft 404?); doubt.c asks at the end
 * whether it was us.
 */
#pragma once

#include <uv.h>

#include "app/settings_internal.h"
#include "app/siblings_internal.h"
#include "base/error.h"
#include "model/link.h"
#include "policy/vantage.h"
#include "probe/prober.h"

struct monitor_options {
	const struct settings *settings;
	bool fragments, suggest;
};

/* A link that waits for the answer to a request. */
struct waiting {
	struct link *link;
	struct waiting *next;
};

/* One request that any number of links share: those that differ only in the fragment. */
struct request {
	struct monitor *monitor;
	struct slice key;
	struct waiting *first, *last;
	bool want_anchors;
	bool asked_github, asked_archive; /* further questions that are done */
	struct sibling_asker sibling;
	UT_hash_handle hh;
};

struct monitor {
	uv_loop_t *loop;
	struct link_table *table;
	struct monitor_options options;
	struct prober *prober;
	struct arena arena;       /* of the requests */
	struct request *requests; /* by request key */
	struct siblings siblings;
	struct vantage *vantage;
	struct vantage_finding finding; /* set before the last on_idle */
	uint32_t doubted;               /* links that count for nothing because of it */
	bool asking_links, pinged;
	bool canary_denied; /* a name that exists is unknown to the resolver */
	uint32_t open;      /* requests, questions and fetches that have not ended */
	uint32_t done;      /* links that have a result */
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

/* --- for the conductor's own files --- */

/* A further question of our own. False: it cannot be asked. */
bool monitor_ask(struct monitor *monitor, struct probe_request *question, void *data,
	void (*on_done)(struct probe *, const struct observation *, void *));

/* The answer to a question has been dealt with, and what follows from it has begun. */
void monitor_end_one(struct monitor *monitor);

/* A link's verdict was replaced; `before` is the outcome it had. */
void monitor_rejudged(struct monitor *monitor, struct link *link, enum outcome before);

/* Asks what is still to be asked about a request that has its answer; called again after
 * each answer until nothing is left. */
void inquire(struct request *about);

/* Who has doubts about the run as a whole? True: a last question is under way, and
 * everything is settled when it is answered. */
bool doubt_asks(struct monitor *monitor);
void doubt_note(struct monitor *monitor, const struct observation *seen);

/* Turns results that prove nothing but our own trouble into skipped/offline. */
void doubt_settle(struct monitor *monitor);
