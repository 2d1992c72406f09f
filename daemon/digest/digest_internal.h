/* digest/digest: what its formats share, so that they cannot disagree: which rows are
 * shown, which are only counted, and how things are said.
 */
#pragma once

#include "digest/digest.h"
#include "format/words.h"

const char *digest_heading(enum digest_section section);
const char *digest_key(enum digest_section section);

/* All there are, given or not. */
uint32_t digest_total(const struct digest_links *links);
uint32_t digest_periods_total(const struct digest_periods *periods);

/* Of them, those that were not told before. */
uint32_t digest_due(const struct digest_links *links);

/* The rows of a section that are shown one by one; the rest is counted. Begin with all
 * zero. */
struct digest_walk {
	const struct digest_entry *entry;
	uint32_t at, shown;
	/* When it has ended: part of an incident that is told, told before, and left. */
	uint32_t explained, before, rest;
};
bool digest_next(const struct digest *digest, enum digest_section section,
	uint32_t rows_max, struct digest_walk *walk);

/* Whether the section has a heading: something is due, or the dead are counted beside
 * other news. */
bool digest_has_section(const struct digest *digest, enum digest_section section);

uint32_t digest_rows_max(const struct digest *digest, enum format format);

/* Sections before the causes (incidents, sources), and behind them. */
enum { DIGEST_CAUSES_BEFORE = DIGEST_RECOVERED };

/* --- words --------------------------------------------------------------------------
 *
 * "Ours": nothing foreign is in it, and nothing that means something to Markdown. "Raw":
 * to be escaped by who writes it. */

/* Ours: "2 died, 1 moved since 2026-… (1 d)." without names of lists. */
void digest_say_since(struct buffer *out, const struct digest *digest);
/* Ours: "Checked 112 of 117 links between … and …, 234 checks." */
void digest_say_window(struct buffer *out, const struct digest *digest);
/* Ours: " The gated were …", with the space before it; nothing without gated ones. */
void digest_say_gated(struct buffer *out, const struct digest *digest);
/* Ours: "dead since 2026-… (3 d 4 h ago), before that suspect; last good 2026-… (…)". */
void digest_say_age(struct buffer *out, const struct digest_entry *entry, time_ms now);
/* Ours: "404 x3 over 8 d, confirmed by a second method"; nothing without strikes. */
void digest_say_strikes(struct buffer *out, const struct standing *standing);
/* Raw: "Not found." */
void digest_say_reason(struct buffer *out, const struct standing *standing);
/* Raw: "README.md:9" */
void digest_say_place(struct buffer *out, const struct occurrence *at);
/* Raw: what the list calls it; nothing where it has no name of its own. */
struct slice digest_label(const struct link *link);
/* Ours: "2026-… (3 d ago)". */
void digest_say_instant(struct buffer *out, time_ms at, time_ms now);
/* Ours: "2026-…, for 2 h", "since 2026-…, still so". */
void digest_say_period(struct buffer *out, const struct digest_period *period);

/* What to write instead is a copy in an archive. */
bool digest_is_archive(struct slice url);

/* --- formats ------------------------------------------------------------------------
 *
 * -1: no memory for a value; the buffer's own failure is in the buffer. */

int digest_write_json(const struct digest *digest, struct buffer *out);
int digest_write_paper(
	const struct digest *digest, enum format format, struct buffer *out);
int digest_write_html(const struct digest *digest, struct buffer *out);
int digest_write_csv(const struct digest *digest, struct buffer *out);
