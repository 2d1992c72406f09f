/* app/command_report: what happened, gathered from the store into a digest, and until
 * when each reader has read.
 */
#pragma once

#include "app/lookup_internal.h"
#include "base/table.h"
#include "digest/digest.h"

/* What the events of the time say of one link; the last one of each kind counts. */
struct happened {
	int64_t link_id, incident_id;
	enum state from, to; /* of its last change of state; equal: none */
	time_ms at;
	bool changed; /* its content */
	UT_hash_handle hh;
};

struct periods {
	struct digest_period *at;
	uint32_t count;
};

/* Who reads, and until where he has read. An event may be written long after it happened
 * (doubt holds it back), so the event counts, and the time is for people. */
struct report_mark {
	time_ms at;       /* 0: never */
	int64_t event_id; /* 0: not known, and the time counts */
};

struct compiling {
	struct lookup lookup;
	enum format format;
	struct slice list;
	struct report_mark mark; /* of --since last; else zero */
	int64_t last_event_id;   /* of all there are; the next mark */
	struct digest digest;
	struct happened *happened;
	struct digest_entry *entries[DIGEST_SECTION_COUNT];
	struct slice *lists; /* of the digest */
	struct periods incidents, sources, offline;
	struct feed_entry *events; /* a ring, while they are gathered */
	uint32_t event_count;      /* ever put into it */
	/* For the time that was measured. */
	uint64_t checks_ever;
	int64_t often_checked_id; /* the link that was checked most often */
	time_ms often_interval_ms;
	struct arena arena;
	struct buffer out;
	struct error error;
	bool failed;
};

/* Fills `digest` from the store. The arena is the caller's; -1 with the error in it. */
int report_compile(struct compiling *compiling);
void report_compile_end(struct compiling *compiling);

/* What a check says to the window: called for each link of the report. */
void report_note_checks(struct compiling *compiling, const struct store_link *link);
/* Once all were; `statistics` of the whole database. */
int report_end_window(
	struct compiling *compiling, const struct store_statistics *statistics);

/* The feed: its head, its entries one by one, and their order. */
int report_feed_begin(struct compiling *compiling);
bool report_feed_event(struct compiling *compiling, const struct store_event *stored);
int report_feed_end(struct compiling *compiling);

/* --- marks -------------------------------------------------------------------------
 *
 * One small file a reader: DATABASE.report without a name, DATABASE.report-NAME else; or,
 * where the directory cannot be written, under $XDG_STATE_HOME/linkrotd (by default
 * ~/.local/state). A command beside a daemon cannot write into the database. */

enum { REPORT_RECIPIENT_MAX = 100 };

/* Letters, digits and . _ @ + - with a letter or digit first: it becomes part of a path.
 */
bool report_recipient_fits(const char *name);

/* The newest of both places; zero where there is none. `recipient` NULL: without name. */
struct report_mark report_mark_read(const char *database, const char *recipient);
int report_mark_write(const char *database, const char *recipient,
	struct report_mark mark, struct error *error);
