/* digest/status: how all links stand now (`linkrotd status`).
 *
 * Pure, and without holding the links: the caller begins, hands over one link after the
 * other and ends, and may empty the buffer (write it out, buffer_reset) between any two
 * calls. Memory is that of the longest row. Text and Markdown list what somebody must act
 * on, JSON every link:
 *
 *	status_begin(&writer, &head, format, &out);
 *	for each state of status_order that is in status_states(format, filter)
 *		for each link in that state, until it says false
 *			status_row(&writer, &standing);
 *	status_end(&writer, &error);
 *
 * JSON has the keys of `check` (interfaces, section 3). On top also `daemon`, its
 * sentences; started_at is when the daemon was started (null: none runs), finished_at
 * when this was asked. `summary` counts the links that are listed, and stands behind them
 * because nobody knows before; its `states` are those of the lists as a whole. A link has
 * besides: link_id, lists, since, last_ok_at, last_checked_at, next_check_at,
 * confirmed_state, confirmed_at, strikes, first_strike_at, last_strike_at,
 * flapping_since, checks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "format/formats.h"
#include "format/standing.h"

/* What is to be done comes first: dead, moved, suspect, ... */
extern const enum state status_order[STANDING_STATE_COUNT];

#define STATUS_STATE(state) (UINT32_C(1) << (state))
#define STATUS_ALL_STATES   ((UINT32_C(1) << STANDING_STATE_COUNT) - 1)

/* The states whose links the format lists. `filter` is --state as a mask of STATUS_STATE;
 * 0 when nobody asked. */
uint32_t status_states(enum format format, uint32_t filter);

struct status_head {
	const char *generator;      /* "linkrotd 0.1.0" */
	time_ms now;                /* wall */
	time_ms running_since;      /* of the daemon; 0: none runs */
	const struct slice *inputs; /* the sources as they are configured */
	uint32_t input_count;
	const struct slice *lines; /* the daemon's own state, a sentence each: next
				    * check, doubt, queue, trouble */
	uint32_t line_count;
	struct standing_counts counts; /* of the lists, whatever --state says */
	uint32_t filter;               /* --state, as in status_states; 0: all */
	uint32_t rows_max;             /* of a state, in text and Markdown; 0: no limit */
	bool colour;                   /* text only */
};

/* Borrows head, out and all that head names until status_end. */
struct status_writer {
	const struct status_head *head;
	enum format format;
	struct buffer *out;
	struct buffer scratch[3];
	uint32_t rows[STANDING_STATE_COUNT]; /* handed over */
	uint32_t by_outcome[OUTCOME_COUNT];
	uint32_t unchecked;
	uint64_t occurrences;
	int32_t state; /* of the last row; -1: none yet */
	bool failed;
};

void status_begin(struct status_writer *writer, const struct status_head *head,
	enum format format, struct buffer *out);

/* Links of one state come together, in the order of status_order; in JSON they may come
 * as they were first mentioned. False: no further link of this state is wanted (rows_max,
 * or the buffer failed). */
bool status_row(struct status_writer *writer, const struct standing *standing);

/* -1: no memory, or a row went past the buffer's ceiling. The writer is gone either way.
 */
int status_end(struct status_writer *writer, struct error *error);
