/* format/standing_write: the words, lines and keys in which a link that stands is told.
 */
#pragma once

#include "base/error.h"
#include "format/json.h"
#include "format/paper.h"
#include "format/standing.h"

/* "Dead", "Not checked yet": a heading; "dead", "not checked yet": in a sentence. */
const char *standing_heading(enum state state);
const char *standing_word(enum state state);

/* The SGR code of a state's colour. */
const char *standing_colour(enum state state);

/* "3 d 4 h", "7 d": time_format_span without what is zero. */
void standing_span(time_ms span, char text[static TIME_SPAN_SIZE]);

/* "2026-11-20T03:30:02Z (3 d 4 h ago)"; "(in 2 h)" of what is to come; "never". */
void standing_instant(struct paper *paper, time_ms at, time_ms now);

/* "117 links in 1 list: 112 alive, 2 dead, 1 suspect; checked within the last 7 d: all
 * but 3." */
void standing_counts_sentence(struct paper *paper, const struct standing_counts *counts);
uint64_t standing_links(const struct standing_counts *counts);

/* Why the state is what it is, as a sentence. */
void standing_reason(struct paper *paper, const struct standing *standing);

/* "3 strikes from … to … (8 d), the last by a second method."; nothing without strikes.
 */
void standing_strikes(struct paper *paper, const struct link_record *record);

/* "gated since 2026-… (3 d), 1.5 strikes, last known to be alive on 2026-…"; nothing for
 * a link that nobody has checked. */
void standing_brief(struct buffer *out, const struct link_record *record, time_ms now);

/* "note: …", a detail for each note. */
void standing_notes(struct paper *paper, const struct link *link);

/* The whole link: its line (mark, URL, places) and what belongs to it. `from` is what it
 * was before; unchecked is not said. */
void standing_item(struct paper *paper, const struct standing *standing, enum state from,
	time_ms now);

/* The keys of `check`, and what is remembered beside them. */
json_t *standing_json(struct json_writer *writer, const struct standing *standing);

/* The keys of what is remembered alone. */
void standing_set_record(
	struct json_writer *writer, json_t *head, const struct link_record *record);

/* {"alive": 112, …} */
json_t *standing_states_json(
	struct json_writer *writer, const struct standing_counts *counts);

/* Each writer's last word: -1 and the sentence when something did not fit. `remedy`: what
 * to do then ("ask for …"); NULL: nothing that would help. */
int standing_finish(bool failed, const struct buffer *out, const char *what,
	const char *remedy, struct error *error);
