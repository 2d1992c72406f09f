/* app/command_report: until when each reader has read.
 *
 * One small file a reader: DATABASE.report without a name, DATABASE.report-NAME else; or,
 * where the directory cannot be written, under $XDG_STATE_HOME/linkrotd (by default
 * ~/.local/state). A command beside a daemon cannot write into the database.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"

/* An event may be written long after it happened (doubt holds it back), so the event
 * counts, and the time is for people. */
struct report_mark {
	time_ms at;       /* 0: never */
	int64_t event_id; /* 0: not known, and the time counts */
};

enum { REPORT_RECIPIENT_MAX = 100 };

/* Letters, digits and . _ @ + - with a letter or digit first: it becomes part of a path.
 */
bool report_recipient_fits(const char *name);

/* The newest of both places; zero where there is none. `recipient` NULL: without name. */
struct report_mark report_mark_read(const char *database, const char *recipient);
int report_mark_write(const char *database, const char *recipient,
	struct report_mark mark, struct error *error);
