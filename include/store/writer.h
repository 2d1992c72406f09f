/* store/writer: one thread that writes, so that a disk never stalls the loop.
 *
 * Items are put into a bounded queue (memory only, well below 2 µs, never blocks on the
 * disk) and copied whole. The thread takes what is there, writes it in the order of
 * putting as one transaction, and commits at the latest STORE_COMMIT_MS after the first
 * of it came, or sooner when the batch is large: a result is durable within a second. An
 * item is never split between two transactions, but for lists that go. What looks at many
 * links (sources that go or change) is committed between two of them, in pieces
 * well below a second where no single one is huge.
 *
 * "Durable" is against the end of the process at any moment (kill -9). Against the end of
 * the machine it is what SQLite's WAL with synchronous=NORMAL gives: never a damaged
 * file, and what came after the last checkpoint may be missing.
 *
 * Disk full, I/O errors: the transaction is rolled back, its items stay, it is tried
 * again after 1, 2, 4 ... 30 s; the queue fills, puts are refused, the caller pauses, and
 * nothing is lost. store_writer_health says so in one sentence.
 *
 * When idle the thread keeps house: folds the tail of fresh records into the rows of
 * links, deletes raw checks beyond age and count and what is left of old readings, each
 * in small slices, and checkpoints the log.
 *
 * Putting is for one thread at a time (the loop's); health and wake-ups are for any.
 */
#pragma once

#include "model/event.h"
#include "model/link.h"
#include "model/record.h"
#include "store/lists.h"
#include "store/store.h"
#include "store/texts.h"

struct store_writer;

enum {
	STORE_COMMIT_MS = 200,
	STORE_RESULT_EVENTS_MAX = 4,
	STORE_QUEUE_ITEMS = 65536,
	STORE_QUEUE_BYTES = 32 * 1024 * 1024, /* a larger item goes alone */
	STORE_CHECKS_MAX = 500000,            /* raw checks, whatever their age */
	/* A reading that adds or removes more links than this writes one event for all
	 * of them (link_id 0, `links` the number) instead of one each. */
	STORE_READING_EVENTS_MAX = 1000,
};

struct store_writer_options {
	struct store_retention kept;
	/* Called from the writer's thread after a commit: all items up to `item` are
	 * durable. Must be quick and put nothing; uv_async_send is what it is for.
	 * NULL: not called. */
	void (*committed)(void *context, uint64_t item);
	void *context;
};

/* Takes `store` (opened to WRITE) over until it is stopped; owns it then, also after a
 * failure (NULL: it has been closed). */
struct store_writer *store_writer_start(struct store *store,
	const struct store_writer_options *options, struct error *error);

/* Writes what is queued, folds, checkpoints, ends the thread, closes the store, frees the
 * writer, whatever happens. No longer than `patience_ms` (roughly: a transaction under
 * way is finished). 0, or -1 with a sentence that says how many items could not be
 * written. */
int store_writer_stop(
	struct store_writer *writer, time_ms patience_ms, struct error *error);

/* From now on. */
void store_writer_keep(struct store_writer *writer, const struct store_retention *kept);

/* Commits at once what is queued now, without waiting for it. */
void store_writer_flush(struct store_writer *writer);

/* For the watchdog and the status line. */
struct store_health {
	/* CLOCK_MONOTONIC, when the thread last did something or looked whether there was
	 * something to do (at least once a second when all is well). */
	time_ms progress_at;
	uint32_t queued_items;
	size_t queued_bytes;
	uint64_t put, committed; /* numbers of the last item put, and made durable */
	uint32_t attempts;     /* failures in a row of the transaction at hand; 0: well */
	time_ms failing_since; /* CLOCK_MONOTONIC; 0: well */
	char trouble[256];     /* one sentence; empty: well */
	bool damaged;          /* and it does not end by itself, nor with a success */
	int64_t log_bytes;     /* write-ahead log on disk */
	bool log_held; /* a reader keeps it from being reset; writing slows down */
	uint64_t transactions;
	uint64_t commits_us; /* all of them together, from the first statement to durable
			      */
	uint64_t last_commit_us; /* the newest; 0: there was none */
};
void store_writer_health(struct store_writer *writer, struct store_health *ret_health);

/* --- putting ----------------------------------------------------------------------- *
 *
 * Every put answers the number of its item, counted from 1 and growing, or 0: the queue
 * is full or memory is, nothing was taken, try again when `committed` was called. */

/* One check of one link, with all that follows from it. Everything is copied. */
struct store_result {
	int64_t link_id;
	const struct check_facts *facts;
	const struct link_record *record; /* after this check */
	const struct store_texts *texts;  /* NULL: unchanged; else all of them anew */
	const struct span *closed;        /* NULL or checks == 0: none was */
	const struct event *events;
	uint32_t event_count; /* at most STORE_RESULT_EVENTS_MAX */
};
uint64_t store_put_result(struct store_writer *writer, const struct store_result *result);

/* A record that changed without a check (a recheck was asked for, a new interval). */
uint64_t store_put_record(
	struct store_writer *writer, int64_t link_id, const struct link_record *record);

/* An event of no check. *ret_event_id (may be NULL) is known at once, so that later
 * events can name their incident. */
uint64_t store_put_event(
	struct store_writer *writer, const struct event *event, int64_t *ret_event_id);

/* The lists that are configured, in order; names are unique. Those not named any more are
 * retired with their sources: their links stay with their history, and are monitored only
 * if another list holds them. A list that comes back has no sources until they are read.
 * Many sources are retired in several transactions, and their list with the last of them;
 * what waits behind waits for all. After a crash in between the next such item, at the
 * next start, does the rest. */
struct store_list_config {
	struct slice name, title;
};
uint64_t store_put_lists(struct store_writer *writer,
	const struct store_list_config *lists, uint32_t list_count, time_ms at);

/* --- a source that was read: begin, any number of mentions, end --------------------- *
 *
 * Nothing is seen of it before the end is committed, then all of it at once, and the
 * former reading of (list, source) is gone. New links get their ids, those that stand in
 * no source any more stop being monitored, those that come back go on where they were;
 * LINK_ADDED and LINK_REMOVED tell, but the first reading of a source adds in silence
 * what was never checked: the rest comes back, as its list does, or under another name.
 * One reading at a time; begin or the writer's stop drops one that has not ended. */

struct store_reading {
	struct slice list, source; /* the list must have been put */
	uint64_t content_hash;     /* not 0 */
	struct slice etag, last_modified;
	time_ms at;
};
uint64_t store_put_reading(
	struct store_writer *writer, const struct store_reading *reading);

/* `occurrence->source` and `next` are not looked at. */
uint64_t store_put_mention(struct store_writer *writer,
	const struct link_identity *identity, const struct occurrence *occurrence);

/* Also clears a failure of the source and writes SOURCE_BACK if there was one. When it is
 * committed, store_walk_due_of_source tells its links. Blocks the writer for as long as
 * it takes to compare the readings: about a second for a million. */
uint64_t store_put_reading_end(struct store_writer *writer);

/* It was read and is what it was (content hash, or 304): only its times change, and a
 * failure ends. */
uint64_t store_put_source_same(
	struct store_writer *writer, struct slice list, struct slice source, time_ms at);

/* It could not be read: keeps its last occurrences. SOURCE_FAILED is written the first
 * time in a row; a source never seen before is remembered without occurrences. */
uint64_t store_put_source_failed(struct store_writer *writer, struct slice list,
	struct slice source, time_ms at, struct slice why);

/* It is not wanted any more (no longer configured): its links leave it. */
uint64_t store_put_source_retired(
	struct store_writer *writer, struct slice list, struct slice source, time_ms at);

/* --- the rest ----------------------------------------------------------------------- */

/* Replaces what was remembered of that key. A key longer than its ceiling is refused by
 * an assert. */
uint64_t store_put_host(struct store_writer *writer, const struct store_host *host);
uint64_t store_put_host_forgotten(struct store_writer *writer, struct slice key);
