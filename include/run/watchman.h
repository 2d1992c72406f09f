/* run/watchman: the conductor of `run`. Whoever wants to know the daemon reads
 * watchman.c.
 *
 * The way of a link: it stands in a list (on_link_found), its time comes and its host has
 * room (on_due), it is asked (job.c, by the same asker as in `check`), doubt vouches for
 * what was seen (on_probe_done), health and schedule make a new record of it, and record,
 * check and events go into the store as one (recording.c: on_state_changed).
 *
 * In memory is only what waits: a link at rest is 44 bytes in the schedule and 4 in the
 * crowd. What a check needs is read from the store when its time comes.
 *
 * One watchman, one loop, one thread; the writer's thread only wakes it.
 */
#pragma once

#include <uv.h>

#include "ask/facts.h"
#include "base/list.h"
#include "base/random.h"
#include "config/config.h"
#include "post/post.h"
#include "process/journal.h"
#include "process/service.h"
#include "run/crew.h"
#include "run/crowd.h"
#include "run/lists.h"
#include "run/meter.h"
#include "store/links.h"
#include "store/lists.h"
#include "store/writer.h"
#include "watch/doubt.h"
#include "watch/health.h"
#include "watch/incident.h"
#include "watch/schedule.h"

struct job;

struct watchman_counts {
	uint64_t checks;      /* recorded since the start */
	uint64_t asked_again; /* thrown away, because it may have been us */
	uint64_t missed;      /* slots, while we slept or were not running */
	time_ms lag_ms;       /* how late the link was that was asked last */
};

/* A link that must not be read from the store now: a check of it is under way, or its new
 * record is put but not yet durable. */
struct busy_link {
	int64_t link_id;
	bool is_put; /* the latter */
	bool again;  /* it is due at once when it comes back */
	UT_hash_handle hh;
};

/* A link on its way back into the schedule. */
struct returning {
	struct list in_returning;
	struct busy_link busy;
	uint64_t item;
	time_ms due_at, interval_ms;
	bool urgent;
};

struct watchman {
	uv_loop_t *loop;
	struct journal *journal;
	struct service *service; /* NULL: nobody watches us */
	struct crew *crew;       /* swapped by a reload */
	struct store *store;     /* to read */
	struct store_writer *writer;
	struct lists lists;
	struct crowd crowd;
	struct schedule_queue *queue;
	struct doubt *doubt;
	struct incidents *incidents;
	struct random random;
	struct health_limits health;
	/* For each bit of a list in the store those of today's configuration; of the last
	 * watchman_begin_plan. */
	uint32_t planned_bits[STORE_LIST_BITS];

	struct list returning;  /* in the order of their items */
	struct busy_link *busy; /* by link id: of jobs, and those returning */

	struct list jobs; /* all: being asked, held, waiting for the writer */
	uint32_t job_count;
	struct list unsaved; /* of them, those the writer had no room for */

	uv_timer_t timer, ticker;
	uv_async_t wake; /* by the writer's thread */
	_Atomic(uint64_t) committed;
	bool handles_open;
	time_ms lists_next_at; /* wall */
	time_ms started_at;    /* wall */
	time_ms trouble_told_at;
	time_ms rests_saved_at; /* monotonic */
	uint32_t canary_next;   /* of network.canaries */
	int64_t gone_after;     /* of the links of incidents; see recording.c */
	time_ms gone_looked_at; /* monotonic */
	struct watchman_counts counts;
	struct meter meter;
	struct post *post; /* NULL: nobody is told of commits */
	bool open; /* from the end of watchman_open to the beginning of watchman_close */
};

/* Takes over `config`. Opens the store, reads the schedule, begins. -1 with an error;
 * watchman_close and watchman_fini in both cases. */
int watchman_open(struct watchman *watchman, uv_loop_t *loop, struct config *config,
	struct journal *journal, struct error *error);

/* Lets go of what is under way (it is due again at the next start), writes what is known,
 * closes everything. The loop runs until it is done. -1 with a sentence when something
 * could not be written. */
int watchman_close(struct watchman *watchman, struct error *error);

/* After the loop has nothing left. */
void watchman_fini(struct watchman *watchman);

/* A valid configuration takes the place of the old one: what is under way is asked again,
 * paces are kept, the sources are read again. Takes it over when 0; -1 with an error, and
 * everything stays as it was. */
int watchman_reload(
	struct watchman *watchman, struct config *config, struct error *error);

/* Due now. Returns how many. */
int64_t watchman_recheck_url(
	struct watchman *watchman, struct slice url, struct error *error);
int64_t watchman_recheck_links(struct watchman *watchman,
	const struct store_filter *filter, struct error *error);

/* Sentences for people, a line each. */
void watchman_status(struct watchman *watchman, struct buffer *out);

/* --- for the conductor's own files --- */

/* Monotonic; for doubt. */
time_ms watchman_now(void);

/* Something has happened that may let more be asked, or asks for an earlier alarm. */
void watchman_go_on(struct watchman *watchman);

/* A link stands in a source that was read just now. */
void watchman_on_link_found(void *data, const struct store_due *due);

/* Before the first watchman_plan: which lists the store means. */
int watchman_begin_plan(struct watchman *watchman, struct error *error);

/* A link that is known, at the start: it waits for the time the store has. After the last
 * of them those that are late get their turns. */
void watchman_plan(struct watchman *watchman, const struct store_due *due);
void watchman_catch_up(struct watchman *watchman);

/* The same for all, after time has gone by, the clock has stepped or the limits have
 * become shorter. A second for a million links. */
int watchman_plan_all(struct watchman *watchman, struct error *error);

/* Before its time: now, or when its check that is under way has ended. */
void watchman_make_due(struct watchman *watchman, int64_t link_id, time_ms interval_ms);

/* watchman_filters.c: what is excluded and is not known as such, or the reverse, is due
 * now. `old` NULL: it is not known with what the store was filled. A walk over what is
 * skipped, and one over all links where there are filters and they may be new: some
 * seconds for a million. */
int watchman_heed_filters(
	struct watchman *watchman, const struct config *old, struct error *error);

/* Whether one more may be asked now: room, a writer that takes results, no doubt. */
bool watchman_may_dispatch(const struct watchman *watchman);

/* Nothing is asked for a reason that will pass of itself: doubt, or a writer that has no
 * room. That all jobs are taken is no such reason, because they might never end. */
bool watchman_is_held_up(const struct watchman *watchman);
void watchman_on_wake(uv_async_t *wake);
void watchman_on_tick(uv_timer_t *ticker);

/* watchman_doubt.c: gives back what doubt has held, tells of its changes, asks whom it
 * wants asked; and what it wants to know each second. */
void watchman_settle_doubts(struct watchman *watchman);
void watchman_tick_doubt(struct watchman *watchman);

/* watchman_rests.c: hosts that must rest do so after a restart as well. */
void watchman_save_rests(struct watchman *watchman);
void watchman_save_sites(struct watchman *watchman);
int watchman_restore_rests(struct watchman *watchman, struct error *error);

/* The shortest interval of the lists that hold a link. */
struct schedule_limits watchman_limits(
	const struct watchman *watchman, uint32_t list_bits);

/* --- job.c: one request and its links --- */

/* A link of a job: what the store knew, and what the check found. */
struct job_link {
	const struct store_link *stored;
	struct link link;          /* as the asker wants it */
	struct link_record record; /* after the check, once it is put */
	struct busy_link busy;
	bool put;
};

struct job {
	struct list in_jobs, in_unsaved;
	struct watchman *watchman;
	struct arena arena;
	struct store_request stored;
	struct job_link *links; /* as many as stored.link_count */
	struct request request;
	struct doubt_facts seen;
	struct sighting sighting;
	uint32_t crowd_number; /* of the host that is being asked; 0: none */
	bool asking;           /* the asker has it */
	bool held;             /* doubt has it */
	time_ms asked_at;      /* monotonic */
	time_ms asked_wall;    /* 0: nobody is asked */
	int64_t link_id;       /* the one that was due */
};

/* Loads and asks. False: nothing was begun (gone from all lists, or it is being asked
 * already). `by_hand`: somebody has asked for it, so that it is asked also where its host
 * is taken to be down, and in the other way, as what is to be confirmed. */
bool job_start(struct watchman *watchman, int64_t link_id, bool by_hand);

/* It is on no list any more: nothing waits for it. */
void job_let_go(struct watchman *watchman, int64_t link_id);

/* Puts its links back into the schedule, due at once, and frees it. */
void job_ask_again(struct job *job);
void job_free(struct job *job);

/* --- returning.c: links between a check and the schedule --- */

bool busy_has(const struct watchman *watchman, int64_t link_id);
/* `busy` is zeroed and lives until busy_remove, which is harmless for one that was not
 * added. -1: no memory. */
int busy_add(struct watchman *watchman, struct busy_link *busy, int64_t link_id);
void busy_remove(struct watchman *watchman, struct busy_link *busy);

/* False: it is not busy, so the caller may put it into the schedule himself. Otherwise it
 * comes back at once: look_again, because something else is to be seen at it now; recheck
 * only where it is not being asked at this moment. */
bool busy_look_again(struct watchman *watchman, int64_t link_id);
bool busy_recheck(struct watchman *watchman, int64_t link_id);

/* The check of a job's link has ended with that record; `item` is its number in the
 * writer's queue, 0: there was nothing to put. Its `busy` is removed. */
void returning_add(struct watchman *watchman, struct busy_link *busy,
	const struct link_record *record, uint64_t item);

/* All items up to `item` are durable: their links go back into the schedule. */
void returning_committed(struct watchman *watchman, uint64_t item);
void returning_drop_all(struct watchman *watchman);

/* --- recording.c: what is known after a check --- */

/* Health, schedule, incidents, events; into the store. The job is gone afterwards, or
 * waits in `unsaved`. */
void job_record(struct job *job);

/* What incidents have become; after every note to them. */
void recording_tell_incidents(struct watchman *watchman);

/* The writer has room again. */
void recording_go_on(struct watchman *watchman);

/* Links that have left all lists leave their incidents. Each second is often enough. */
void recording_look_for_gone(struct watchman *watchman);

/* Tells incidents what the store remembers of the links that are `bad`, suspect or dead.
 * -1 with an error. */
int recording_restore(struct watchman *watchman, const int64_t *bad, size_t bad_count,
	struct error *error);
