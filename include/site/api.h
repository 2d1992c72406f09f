/* site/api: the JSON of /api/v1 (interfaces, section 5; linkrotd-api(7)).
 *
 * Pure: the caller has asked the store, and hands over what a page of the answer holds.
 * Words and keys are those of `check` and `status` (interfaces, sections 1 and 3). Every
 * answer has the same envelope:
 *
 *	{"schema": 1, "generator": "linkrotd 0.1.0", "at": "2026-11-23T03:30:00Z", ...,
 *	 "next": null}
 *
 * `next` is an opaque cursor, to be given back as `after` (`since` for events), or null
 * when this is all (for events: when there are none). An error is {"error": "one
 *sentence"}, with the HTTP status that says whose fault it is. All functions append to
 *`out` and return 0; -1: no memory, or the buffer's ceiling, and what is in it is not to
 *be sent.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "format/standing.h"
#include "model/event.h"
#include "model/record.h"

enum {
	API_SCHEMA = 1,
	API_LIMIT_DEFAULT = 100, /* rows of an answer */
	API_LIMIT_MAX = 500,     /* more is cut to it, not refused */
	API_NEEDLE_BYTES = 256,  /* of ?q= */
	API_CURSOR_SIZE = 64,    /* with its NUL */
	API_ERROR_BYTES = 640,
};

/* --- what is asked for ------------------------------------------------------------- */

/* Where the next page begins. Its text means nothing to anybody else, and one that was
 * made for another question is refused, so that no page is ever silently wrong. */
struct api_cursor {
	int64_t id;  /* of the last row of the page before: link_id or event_id; 0: begin
		      */
	int64_t key; /* what that row was sorted by, for orders other than by id; else 0
		      */
};

/* `question` tells the filters apart: api_question_hash, or 0. */
void api_cursor_format(const struct api_cursor *cursor, uint32_t question,
	char text[static API_CURSOR_SIZE]);
bool api_cursor_parse(
	struct slice text, uint32_t question, struct api_cursor *ret_cursor);

/* ?list=&state=&q=&after=&limit= as decoded from the address; empty ones were not given.
 */
struct api_arguments {
	struct slice list, state, needle, after, limit;
};

struct api_question {
	struct slice list;   /* a name that may exist; empty: all */
	uint32_t states;     /* mask of 1 << state; 0: all. "dead,suspect" names two */
	struct slice needle; /* of ?q=; empty: none */
	uint32_t limit;      /* 1 to API_LIMIT_MAX */
	struct api_cursor after;
	uint32_t hash; /* of list, states and needle, for the cursor of the next page; not
			* 0
			*/
};

/* Slices borrow from the arguments. -1 with a sentence for a 400: an unknown state, a
 * needle that is too long, a limit that is no number, a cursor of another question. A
 * list that does not exist is found out by the caller, and is a 404. */
int api_question_parse(const struct api_arguments *arguments,
	struct api_question *ret_question, struct error *error);

/* ?since= of events: a cursor, an instant or a date. Empty: the beginning of time. */
struct api_since {
	int64_t event_id; /* those behind it; 0: by time alone */
	time_ms at; /* and at or after it: the key of a cursor is the time that was asked
		     * for at first; 0: whenever */
};
int api_since_parse(struct slice text, struct api_since *ret_since, struct error *error);

/* --- answers ----------------------------------------------------------------------- */

struct api_head {
	const char *generator; /* "linkrotd 0.1.0" */
	time_ms now;           /* wall */
	struct slice next;     /* a cursor's text; empty: null */
};

struct api_source {
	struct slice name;
	time_ms read_at, failed_since; /* 0: never; 0: it can be read */
	struct slice failure;          /* a sentence; empty: none */
	uint32_t occurrences;
};

/* The counts of a list at the end of one day (store's tally). */
struct api_day {
	time_ms at; /* its first moment */
	uint32_t by_state[STANDING_STATE_COUNT];
	uint32_t checks;
};

struct api_list {
	struct slice name, title; /* title may be empty: null */
	struct standing_counts counts;
	time_ms interval_ms; /* of a healthy link; 0: null */
	time_ms measured_at; /* of its newest check; 0: never */
	bool stale;          /* as its badge says (site/badge.h) */
};

int api_write_lists(const struct api_head *head, const struct api_list *lists,
	uint32_t count, struct buffer *out);

/* One list, with its sources and its days (oldest first). */
int api_write_list(const struct api_head *head, const struct api_list *list,
	const struct api_source *sources, uint32_t source_count,
	const struct api_day *days, uint32_t day_count, struct buffer *out);

/* A page of links, at most `limit` of the question. A link has the keys of `status`, and
 * `recent`: "....x.xx", oldest check first, x is bad. */
struct api_links {
	const struct api_question *question;
	/* `complete`. A search stops when its time is over; then this is false, and
	 * `next` is where to go on, though there are fewer rows than the limit. */
	bool searched_all;
	int64_t total; /* that the question has; -1: not counted */
};
int api_write_links(const struct api_head *head, const struct api_links *links,
	const struct standing *const *rows, uint32_t count, struct buffer *out);

/* One link with all that is known of it: `link`, and `why`, `checks`, `history` and
 * `events` as `why --format json` has them; what that calls `next` is `outlook` here,
 * where `next` is a cursor. */
struct api_link {
	const struct standing *standing; /* with its occurrences */
	struct standing_known known;
};
int api_write_link(
	const struct api_head *head, const struct api_link *link, struct buffer *out);

/* An event, and what its link is. */
struct api_event {
	int64_t event_id;
	const struct event *event;
	struct slice url; /* empty: of no link */
	const struct slice *lists;
	uint32_t list_count;
};

/* Oldest first. `complete`: there are no later ones yet; `next` is given all the same
 * once there is any event, for whoever asks again in an hour. */
int api_write_events(const struct api_head *head, const struct api_event *events,
	uint32_t count, bool complete, struct buffer *out);

/* {"error": "…"}; the sentence is cleaned of userinfo, and cut. */
int api_write_error(struct slice sentence, struct buffer *out);

/* What an answer says, whenever it says it: of all of its bytes but `at`. */
uint64_t api_hash(struct slice body);

/* --- /healthz ---------------------------------------------------------------------- */

/* Something that must move: the loop, the writer, the scheduler. Whoever may be idle
 * gives a sign of life all the same (a tick). */
struct api_part {
	const char *name;  /* ours: "loop" */
	time_ms still_ms;  /* since it was last seen to move; below 0: not yet */
	time_ms still_max; /* longer without a sign of life is a failure */
};

/* Whether all parts move; the body as JSON tells which do not. The caller answers 200 or
 * 503. */
bool api_is_healthy(const struct api_part *parts, uint32_t count);
int api_write_health(const struct api_head *head, const struct api_part *parts,
	uint32_t count, struct buffer *out);
