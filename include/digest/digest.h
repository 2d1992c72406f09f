/* digest/digest: what has changed since the last time somebody looked (`linkrotd
 * report`).
 *
 * Pure: the caller has asked the store what happened and hands it over, sorted into
 * sections; the digest says it so that a person can act on it within a minute: the URL,
 * where it is written, since when, on what evidence, and what to write instead. Where
 * nothing happened it is one sentence, which still tells whether anything was checked.
 *
 * JSON: schema, generator, since, until, lists, news, summary (links, checks, one count a
 * section, states), incidents, sources, offline (began_at, ended_at or null, text;
 * source, links, incident_id where they have one), and an array for each section: the
 * keys of a link in `status`, and at, from_state, incident_id.
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

/* In the order of what the reader must do. name, key in JSON, heading, one of them is
 * news: without news the digest is one sentence. A link is in one section only, that of
 * digest_place:
 *   NEW       dead now, and was not at the beginning of the time
 *   CHANGED   alive, but what is there now is not what was there
 *   MOVED     a rewrite can be proposed, and could not before
 *   SUSPECT   bad lately; will be dead or well again
 *   FLAPPING  began to come and go
 *   RECOVERED well again, and was dead at the beginning of the time
 *   STILL     dead then and now: to be given once a week, say, else only as a total */
#define DIGEST_SECTIONS(X)                                                               \
	X(NEW, "new", "Newly dead", true)                                                \
	X(CHANGED, "changed", "No longer what it was", true)                             \
	X(MOVED, "moved", "Moved", true)                                                 \
	X(SUSPECT, "suspect", "Suspect, not yet confirmed", true)                        \
	X(FLAPPING, "flapping", "Coming and going", true)                                \
	X(RECOVERED, "recovered", "Recovered", true)                                     \
	X(STILL, "still", "Still dead", false)

#define DIGEST_SECTION_ENUM(name, key, heading, news) DIGEST_##name,
enum digest_section { DIGEST_SECTIONS(DIGEST_SECTION_ENUM) };
#undef DIGEST_SECTION_ENUM

#define DIGEST_SECTION_ONE(name, key, heading, news) +1
enum {
	DIGEST_SECTION_COUNT = DIGEST_SECTIONS(DIGEST_SECTION_ONE),
	DIGEST_ROWS_MAX = 40, /* of a section in text and Markdown; "and 12 more" */
};
#undef DIGEST_SECTION_ONE

/* Where a link belongs that was in `before` at the beginning of the time (the `from` of
 * its first event since then; without one, what it is now). `changed`: an event says that
 * its content did. What happened in between and is over has no section: died and came
 * back within a day is told by whoever sends single events. False: nowhere. */
bool digest_place(enum state before, const struct link_record *record, bool changed,
	time_ms since, enum digest_section *ret_section);

struct digest_entry {
	const struct standing *standing;
	time_ms at;      /* when it happened; STILL: since when it is dead */
	enum state from; /* what it was before; unchecked: not known */
	/* An incident that explains it; 0: none. Text and Markdown then tell the
	 * incident and leave the link out, JSON has both. */
	int64_t incident_id;
};

struct digest_links {
	const struct digest_entry *entries; /* worst or newest first */
	uint32_t count;
	uint32_t total; /* there are, at least count; more than count: not all given */
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
	uint64_t checks;               /* made in the time; 0 is said aloud */
	struct digest_links links[DIGEST_SECTION_COUNT];
	struct digest_periods incidents, sources, offline;
	uint32_t rows_max; /* as DIGEST_ROWS_MAX; 0: that */
	bool colour;       /* text only */
};

/* Whether something happened that is worth a message. */
bool digest_has_news(const struct digest *digest);

/* "2 died, 1 moved, 3 recovered", "nothing new": one line without foreign text, for the
 * subject of a mail. */
void digest_subject(const struct digest *digest, struct buffer *out);

#define DIGEST_FORMATS FORMATS_FOR_PEOPLE

/* One of DIGEST_FORMATS. The whole digest appended to `out`; -1: no memory or the
 * buffer's ceiling. */
int digest_write(const struct digest *digest, enum format format, struct buffer *out,
	struct error *error);
