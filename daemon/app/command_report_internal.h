/* app/command_report: until when each reader has read.
 *
 * One small file for each reader and list: DATABASE.report[-NAME][=LIST]; or, where the
 * directory cannot be written, under $XDG_STATE_HOME/linkrotd (by default
 * ~/.local/state). A command beside a daemon cannot write into the database.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"

/* An event may be written long after it happened (doubt holds it back), so the event
 * counts, and the time is for people. */
struct report_mark {
	time_ms at;       /* 0: never */
	int64_t event_id; /* 0: not known, and the time counts */
};

enum { REPORT_RECIPIENT_MAX = 100 };

/* Whose mark it is. What was told of one list is still new to who reads another, or all.
 */
struct report_reader {
	const char *database;
	const char *recipient; /* NULL: without name */
	struct slice list;     /* empty: all of them; no name has a "=" in it */
};

/* Letters, digits and . _ @ + - with a letter or digit first: it becomes part of a path.
 */
bool report_recipient_fits(const char *name);

/* The newest of both places; zero where there is none. */
struct report_mark report_mark_read(const struct report_reader *reader);
int report_mark_write(
	const struct report_reader *reader, struct report_mark mark, struct error *error);
