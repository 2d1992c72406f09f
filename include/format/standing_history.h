/* format/standing_history: checks, spans and events of a link in JSON, as `why` and the
 * API tell them.
 *
 * Arrays come in order of time, whichever end first, and are written newest first.
 */
#pragma once

#include "format/json.h"
#include "model/event.h"
#include "model/record.h"

json_t *standing_checks_json(
	struct json_writer *writer, const struct check_facts *checks, uint32_t count);

/* The open one (the record's) too: a program need not know which it is. */
json_t *standing_spans_json(struct json_writer *writer, const struct span *open,
	const struct span *spans, uint32_t count);

json_t *standing_event_json(struct json_writer *writer, const struct event *event);
json_t *standing_events_json(
	struct json_writer *writer, const struct event *events, uint32_t count);

/* Sentences, of which each may hold several lines: one string a line. */
json_t *standing_lines_json(
	struct json_writer *writer, const struct slice *sentences, uint32_t count);

/* Takes the next line that is not blank off sentences; false: there is none. */
bool standing_next_line(struct slice *sentences, struct slice *ret_line);

/* "....x.xx" of the record's recent checks, oldest first: a dot for a good one, an x for
 * a bad one. Empty when there were none. */
enum { STANDING_STRIP_SIZE = RECENT_MAX + 1 };
void standing_strip(
	const struct link_record *record, char strip[static STANDING_STRIP_SIZE]);

/* The i-th newest of `count` things in order of time, of which the first and the last
 * happened then. */
static inline uint32_t standing_newest(
	uint32_t i, uint32_t count, time_ms first_at, time_ms last_at)
{
	return first_at < last_at ? count - 1 - i : i;
}
