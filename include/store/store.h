/* store/store: the window to what is remembered.
 *
 * One file holds everything: lists, sources, occurrences, links, checks, history, events,
 * hosts, counts by day, messages that are to be sent. It is SQLite today; no name of that
 * library stands in a door of this room, so that a server's database can take its place.
 * The tables are private, the views v_link, v_occurrence, v_check and v_event are public
 * (interfaces, section 6).
 *
 * A store is one connection. To READ, any number may be open in any process, beside a
 * running daemon or without one; each belongs to one thread. To WRITE there is one in
 * the world: it holds an advisory lock (the file PATH-lock, flock) until it is closed,
 * and is handed to a writer (store/writer.h), which brings a thread of its own.
 *
 * Everything that reads answers 0, or -1 with a sentence: the file is damaged, or not
 * readable. What is not there is no error but a count of 0 or a `false`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"

struct store;

/* How long what is stored is kept; 0: for ever, but checks for 14 days. */
struct store_retention {
	time_ms checks_ms;  /* every single check */
	time_ms history_ms; /* spans: the same in short */
	time_ms events_ms;
};

enum store_mode {
	/* Never changes or creates the file. Needs the right to read it, and to read or
	 * to make PATH-wal and PATH-shm beside it. Where its directory may not be written
	 * and PATH-wal holds nothing, the file alone is read: without locks, so a read
	 * that begins after somebody else has begun to write it is refused. */
	STORE_READ,
	/* Creates the file (mode 0640) where there is none, brings an older schema up to
	 * date in one transaction, takes the lock. */
	STORE_WRITE,
};

/* Owns the result until store_close. NULL with a sentence when: the file or its directory
 * cannot be read or written; it is no linkrotd database or damaged (nothing is ever
 * overwritten; the sentence says how to restore a backup); its schema is newer than this
 * program; to READ, older than this program (a daemon has not been started since the
 * update); to WRITE, another process holds it. Takes 3 milliseconds, but for a
 * migration and the recovery of at most 64 MiB of log after an unclean end (below a
 * second). */
struct store *store_open(const char *path, enum store_mode mode, struct error *error);

/* The file that a path means, through symbolic links at its end, whether it is there or
 * not: what belongs beside a database (its lock, its log, a daemon's socket) is beside
 * that one. What cannot be followed stays as it is. */
enum { STORE_PATH_BYTES = 4096 };
void store_file_of(const char *path, char ret_file[static STORE_PATH_BYTES]);

/* NULL is allowed. A store that has a writer must not be closed: stop the writer. */
void store_close(struct store *store);

struct store_statistics {
	int64_t file_bytes, log_bytes; /* the database, and its write-ahead log */
	int64_t free_bytes;            /* in the file, to be used again */
	int64_t links, monitored;      /* ever seen; on a list today */
	int64_t sources, occurrences;  /* of today */
	int64_t checks;                /* in the log of raw checks, which is bounded */
	int64_t spans, events, hosts;
	int64_t tallies;           /* rows a list and day */
	int64_t messages, waiting; /* in the outbox; of them, those to be sent */
	time_ms oldest_check_at;   /* 0: none */
	int schema;
};

/* Counts everything: about a second for a million links. */
int store_statistics(struct store *store, struct store_statistics *ret_statistics,
	struct error *error);
