/* store/writer: the queue, the thread, and what the thread does. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "store/item_internal.h"
#include "store/store_internal.h"

enum {
	BATCH_ITEMS = 10000,         /* a commit does not wait for more than these */
	BATCH_ITEMS_MAX = 16384,     /* in one transaction */
	BATCH_PAGES_MAX = 6144,      /* that it may dirty: 24 MiB */
	LOG_CHECKPOINT_PAGES = 4096, /* 16 MiB: time to write back */
	LOG_PAGES_MAX = 8192,        /* 32 MiB: no new transaction before a reset */
	/* Of the tail, before it is folded under load, and before it is folded to the end
	 * first: 125 bytes each, which the file keeps. The more rows there are, the fewer
	 * pages are written for each. */
	FOLD_ROWS = 65536,
	FOLD_ROWS_MAX = 73728,
	FOLD_ROWS_IDLE = 20000, /* ... and when there is nothing else to do */
	FOLD_PAGES = 4096,      /* that one slice may dirty */
	FOLD_MOVE_ROWS = 20000,
	PRUNE_ROWS = 50000, /* of one slice */
	PRUNE_READINGS = 1000,
	/* Likewise. Each row of an event may dirty a page of an index of its own, and a
	 * link has about thirty spans. */
	RETENTION_EVENTS = 4000,
	RETENTION_LINKS = 2000,
	CHECKS_DEFAULT_DAYS = 14,
	TROUBLE_MAX = 256,
	LISTS_EVENTS_MAX = 1 << 20, /* ids set aside for a change of configuration */
	/* Of sources and links looked at one by one, 5 to 20 µs each, before a
	 * transaction is committed, whatever of its batch is left. */
	WORK_MAX = 4096,
	PLACES_KNOWN = 4096,
};

/* A reading under way. */
struct reading {
	int64_t reading_id; /* 0: none */
	int64_t source_id, former_id;
	int64_t known_id; /* links up to it were there before */
	uint32_t places;
	uint64_t content_hash;
	char list[STORE_TEXT_BYTES_MAX], etag[STORE_ETAG_BYTES_MAX + 1];
	char last_modified[STORE_ETAG_BYTES_MAX + 1];
	time_ms at;
};

/* The sources of lists that are to go, while they are retired. */
struct retiring {
	bool begun;
	int64_t *ids;
	size_t count, room, next;
};

/* Of a link: no reading up to this one is today's. Never again, because the numbers of
 * readings grow. */
struct known_place {
	int64_t link_id, reading_id;
};

/* A round through all events and spans, for what is older than wanted: the ids that come
 * next. */
struct retention_walk {
	int64_t event_id, link_id;
};
struct retention_counts {
	int64_t events, spans; /* deleted */
};

/* The newest record of every link in the tail, by link, being written to its row. */
struct fold {
	struct fold_one {
		int64_t link_id, seq;
	} * at; /* NULL: no fold is under way */
	size_t count, next;
	int64_t up_to_seq;
};

struct store_writer {
	struct store *store;
	struct store_writer_options options;
	pthread_t thread;

	pthread_mutex_t mutex; /* guards what follows, up to `trouble` */
	pthread_cond_t wake;
	struct item *first, *last;
	uint32_t queued_items; /* those being written included */
	size_t queued_bytes;
	uint64_t put, committed, transactions, commits_us, last_commit_us;
	int64_t last_event_id, last_message_id; /* that were given away */
	time_ms first_put_at;                   /* of what waits, monotonic */
	bool flush, stop;
	struct store_retention kept_told; /* ... last */
	bool kept_changed;
	time_ms give_up_at; /* when stopping */
	time_ms progress_at, failing_since;
	uint32_t attempts;
	int64_t log_bytes;
	bool log_held;
	char trouble[TROUBLE_MAX];
	bool damaged;

	/* Of the thread alone. What a transaction changes is kept as it was, for when it
	 * fails. */
	struct item *batch;
	struct writer_state {
		struct reading reading;
		int64_t last_seq, tail_rows, newest_check_at, links;
		int64_t next_event_id; /* of an item that goes on; 0: none does */
	} now, kept;
	struct retiring retiring;                      /* forgotten when it fails */
	struct known_place known_places[PLACES_KNOWN]; /* likewise */
	uint32_t work;                                 /* of the transaction */
	int64_t next_event_id;                         /* of the item at hand */
	int64_t event_ids_end;
	struct fold fold;
	int64_t pages; /* in the log, about */
	time_ms next_prune_at, next_checkpoint_at, next_round_at;
	struct store_retention kept_now;
	struct retention_walk old; /* where the round is */
	int64_t stale_after;       /* likewise, of readings that are over */
};

/* CLOCK_MONOTONIC. */
time_ms writer_now(void);
/* What the connection says has just failed, before anything else is done with it. Damage
 * stays: that another place can be written does not mend it. */
void writer_note_trouble(struct store_writer *writer);
/* One more source or link was looked at; with a sign of life now and then. */
void writer_works(struct store_writer *writer);
/* Whether that is enough for one transaction. */
bool writer_has_worked(const struct store_writer *writer);

/* --- apply: one item into the transaction under way ----------------------------------
 */

/* 0, or -1: the connection says why, the transaction is to be rolled back. 1: it is to
 * be committed, and the item to be applied again, which goes on with it. */
int apply_item(struct store_writer *writer, const struct item *item);
/* With the next of the ids set aside for the item. `list` empty: it is of no list. */
int apply_event(
	struct store_writer *writer, const struct event *event, struct slice list);

/* --- put: one item into the queue -----------------------------------------------------
 */

/* As the doors answer. Copies all of it; *ret_id (may be NULL) is the first of the ids
 * set aside for its events, or for the messages of a step. */
uint64_t put_item(struct store_writer *writer, const struct item *item, int64_t *ret_id);

/* --- outbox: items of messages ---------------------------------------------------------
 */

int outbox_step(struct store_writer *writer, const struct item_step *item);
int outbox_forget(struct store_writer *writer, struct slice receiver);
int outbox_lease(struct store_writer *writer, const struct item_lease *lease);
int outbox_result(struct store_writer *writer, const struct store_message_result *result);
/* Deletes some of what is over for long; 1: there may be more, 0, -1. */
int outbox_prune(struct store *store, time_ms now, int64_t *ret_deleted);

/* --- reading: items of sources --------------------------------------------------------
 */

int reading_begin(struct store_writer *writer, const struct store_reading *reading);
int reading_mention(struct store_writer *writer, const struct item_mention *mention);
int reading_end(struct store_writer *writer);

int reading_source_same(struct store_writer *writer, const struct item_source *source);
int reading_source_failed(struct store_writer *writer, const struct item_source *source);
int reading_source_retired(
	struct store_writer *writer, struct slice list, struct slice source, time_ms at);

/* --- retire: sources and lists that go ------------------------------------------------
 */

/* One that is not retired yet; reading_id 0: it has none. */
int retire_source(struct store_writer *writer, int64_t source_id, int64_t reading_id,
	struct slice list, struct slice name, time_ms at);
/* As apply_item. */
int retire_and_put_lists(struct store_writer *writer, const struct item_lists *lists);
void retire_forget(struct store_writer *writer);

/* --- changes: which links came and went ------------------------------------------------
 */

/* Writes the events for links that stand in one of two readings only (0: an empty one)
 * and in no other of today's. Of those that came only links that were checked before, and
 * have ids up to `known_id`; INT64_MAX: all of them. */
int changes_tell(struct store_writer *writer, int64_t former_id, int64_t new_id,
	int64_t known_id, struct slice list, struct slice source, time_ms at);
/* What was found out in a transaction that failed. */
void changes_forget(struct store_writer *writer);

/* --- upkeep: transactions of its own --------------------------------------------------
 *
 * 1: there is more; 0: nothing is left, or the log has no room for it now; -1. */

/* Reads where tail, log and events end. */
int upkeep_start(struct store_writer *writer);
/* One slice of folding the tail; begins one when none is under way. */
int upkeep_fold(struct store_writer *writer);
void upkeep_fold_end(struct store_writer *writer);
/* One slice of what is too old, too many or left over. */
int upkeep_prune(struct store_writer *writer);

/* --- retention: what is older than wanted
 * -----------------------------------------------
 */

/* With the default in place of 0. */
time_ms retention_checks_ms(const struct store_retention *kept);

/* One slice of a round from where it is. 1: there is more, 0, -1. */
int retention_slice(struct store *store, const struct store_retention *kept, time_ms now,
	struct retention_walk *walk, struct retention_counts *counts);

/* --- log: the write-ahead log within its bound
 * ------------------------------------------ */

/* Before a transaction. False: a reader holds it, and it must not grow. */
bool log_has_room(struct store_writer *writer);
/* After one. */
void log_written(struct store_writer *writer);
void log_checkpoint(struct store_writer *writer, int mode);
int log_begin(struct store_writer *writer);
int log_commit(struct store_writer *writer);
void log_rollback(struct store_writer *writer);
