/* digest/digest: what has changed since the last time somebody looked (`linkrotd
 * report`).
 *
 * Pure: the caller has asked the store what happened and hands it over, sorted into
 * sections; the digest says it so that a person can act on it within a minute: the URL,
 * where it is written and under which label, since when, on what evidence, and what to
 * write instead. Where nothing happened it is one sentence, which still tells whether
 * anything was checked, and when.
 *
 * Every format is written from the same rows: whatever one of them counts, the others
 * list. Text, Markdown and HTML are for people: they list what is due, leave out what an
 * incident explains, and end a long section with "and 12 more". JSON and CSV have every
 * row that was handed over. Atom has the events (digest/feed.h).
 *
 * JSON: schema, generator, since, until, first_check_at, last_check_at (null: no check),
 * gated_confirmed_at, lists, news, summary (links, checked, checks or null, one count a
 * section, states),
 * incidents, sources, offline (began_at, ended_at or null, text; source, links,
 * incident_id where they have one), fix (the command that prints the patch, or null), and
 * an array for each section: the keys of a link in `status`, and at, from_state,
 * incident_id, told_before.
 *
 * CSV: a header, and one row a link and place: list, file, line, url, label, state,
 * since, last_ok, checks, strikes, code, class (the reason), final_url, replacement,
 * archive_url, section. A link of more lists than one names them all in `list`, with a
 * space between.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "digest/feed.h"
#include "format/formats.h"
#include "format/standing.h"

/* In the order of what the reader must do. name, key in JSON, heading, verb of the
 * subject. A link is in one section only, that of digest_place:
 *   NEW       dead now, and was not at the beginning of the time
 *   CHANGED   alive, but what is there now is not what was there: changed a lot,
 * retitled, or of another owner WITHDRAWN alive, and its authors or publishers have taken
 * it back MOVED     a rewrite can be proposed, and could not before SUSPECT   bad lately;
 * will be dead or well again FLAPPING  began to come and go RECOVERED well again, and was
 * dead at the beginning of the time UPCOMING  still well: its certificate ends soon, or
 * its server announces an end STILL     dead then and now */
#define DIGEST_SECTIONS(X)                                                               \
	X(NEW, "new", "Newly dead", "died")                                              \
	X(CHANGED, "changed", "No longer what it was", "changed")                        \
	X(WITHDRAWN, "withdrawn", "Withdrawn or retracted", "withdrawn")                 \
	X(MOVED, "moved", "Moved", "moved")                                              \
	X(SUSPECT, "suspect", "Suspect, not yet confirmed", "suspect")                   \
	X(FLAPPING, "flapping", "Coming and going", "flapping")                          \
	X(RECOVERED, "recovered", "Recovered", "recovered")                              \
	X(UPCOMING, "upcoming", "Will end soon", "ending soon")                          \
	X(STILL, "still", "Still dead", "still dead")

#define DIGEST_SECTION_ENUM(name, key, heading, verb) DIGEST_##name,
enum digest_section { DIGEST_SECTIONS(DIGEST_SECTION_ENUM) };
#undef DIGEST_SECTION_ENUM

#define DIGEST_SECTION_ONE(name, key, heading, verb) +1
enum {
	DIGEST_SECTION_COUNT = DIGEST_SECTIONS(DIGEST_SECTION_ONE),
	DIGEST_ROWS_MAX = 40,       /* of a section in text and Markdown */
	DIGEST_HTML_ROWS_MAX = 400, /* and in HTML */
};
#undef DIGEST_SECTION_ONE

#define DIGEST_ROWS_NONE UINT32_MAX /* all are only counted */

#define DIGEST_REMIND_MS (7 * TIME_MS_PER_DAY)

/* What is so for long is told again once a week, counted from when it began: whether one
 * of those moments, the first included, lies in (since, until]. Needs no memory of what
 * was told, and is right for any time between two reports. */
bool digest_is_due(time_ms began, time_ms since, time_ms until);

struct digest_past {
	/* At the beginning of the time: event_before of the link's first event since
	 * then; without one, what it is now. */
	enum state before;
	bool changed; /* an event says that its content did */
	time_ms since, until;
};

/* Where a link belongs. *ret_due false: nothing happened, it is as it was and was told
 * before. Notes have no event; of one we know only the span of equal checks that it
 * stands in, so it is told within a week after it came, and weekly then. What happened in
 * between and is over has no section: died and came back within a day is told by whoever
 * sends single events. False: nowhere. */
bool digest_place(const struct link_record *record, const struct digest_past *past,
	enum digest_section *ret_section, bool *ret_due);

struct digest_entry {
	const struct standing *standing;
	time_ms at;      /* when it happened; STILL: since when it is dead */
	enum state from; /* what it was before; unchecked: not known */
	/* An incident that explains it; 0: none. Text, Markdown and HTML then tell the
	 * incident and leave the link out. */
	int64_t incident_id;
	bool told_before; /* not due: counted only, but for JSON and CSV */
};

struct digest_links {
	const struct digest_entry *entries; /* worst or newest first */
	uint32_t count;
	uint32_t total; /* there are, at least count; more than count: not all given */
	uint32_t told_before; /* of the total, given or not; at least those that say so */
};

/* One cause with a beginning and perhaps an end: an incident, a source that cannot be
 * read, a time in which this machine was offline. */
struct digest_period {
	int64_t incident_id;        /* incidents only */
	time_ms began_at, ended_at; /* ended_at 0: still so */
	struct slice name;          /* of the source; else empty */
	struct slice text;          /* one sentence */
	uint32_t links;             /* that it holds; 0: not said */
};

struct digest_periods {
	const struct digest_period *periods;
	uint32_t count, total;
};

struct digest {
	const char *generator;
	time_ms since, until;      /* wall; since 0: since ever */
	const struct slice *lists; /* the names of those it tells of */
	uint32_t list_count;
	struct standing_counts counts; /* as things stand at `until` */

	/* What was really measured, of those links; "checked 0 links" is said aloud. */
	uint32_t checked; /* of the links, at least once in the time */
	int64_t checks;   /* made in the time; -1: nobody counted */
	time_ms first_check_at, last_check_at; /* of the time; 0: none */

	/* Of the gated whose state was ever known, the one that is longest ago; 0: none.
	 */
	time_ms gated_confirmed_at;

	struct digest_links links[DIGEST_SECTION_COUNT];
	struct digest_periods incidents, sources, offline;
	struct slice database; /* for the command that prints the patch; may be empty */
	const struct feed_entry *events; /* Atom; newest first */
	uint32_t event_count;
	struct feed_head feed; /* likewise */
	uint32_t rows_max;     /* as DIGEST_ROWS_MAX; 0: that of the format */
	bool colour;           /* text only */
};

/* Whether there is anything that is worth a message: something happened, or what is still
 * so is due again. */
bool digest_has_news(const struct digest *digest);

/* "2 died, 1 moved, 3 recovered", "nothing new": one line without foreign text, for the
 * subject of a mail. */
void digest_subject(const struct digest *digest, struct buffer *out);

/* "linkrotd fix --database links.db README.md docs/a.md": what prints the links that
 * moved as one patch. Only names that no shell reads as more than a name are in it, else
 * INPUT stands for them: people copy it. Nothing is appended when nothing has moved. */
void digest_fix(const struct digest *digest, struct buffer *out);

#define DIGEST_FORMATS                                                                   \
	(FORMATS_FOR_PEOPLE | FORMAT_SET(FORMAT_HTML) | FORMAT_SET(FORMAT_CSV) |         \
		FORMAT_SET(FORMAT_ATOM))

/* One of DIGEST_FORMATS. The whole digest appended to `out`; -1: no memory or the
 * buffer's ceiling. HTML is one file that loads nothing and runs nothing; it may be a
 * mail's. */
int digest_write(const struct digest *digest, enum format format, struct buffer *out,
	struct error *error);

/* For a mail, which has a ceiling and must go out all the same: `out` is emptied and
 * holds the whole digest, with fewer rows of each section, down to none, where more do
 * not fit. Text, Markdown and HTML only: the others have no fewer. -1: not even so; else
 * *error is left alone. */
int digest_write_fitting(const struct digest *digest, enum format format,
	struct buffer *out, struct error *error);
