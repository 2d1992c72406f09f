/* model/record: what is remembered of a link between its checks.
 *
 * A value of fixed size without text: the daemon keeps it on disk (store/), health and
 * schedule (watch/) are functions from one record to the next. Everything a person is
 * told of a link's state can be derived from it and from the spans and events beside it.
 * All times are wall, UTC; 0 stands for never. A zeroed record is that of a link nobody
 * has checked.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "model/outcome.h"
#include "model/state.h"

/* Checks in a row that found the same (outcome, reason, status), as one; a 304 is the 200
 * of the page that it says is unchanged. History is kept in these for ever; a year of an
 * unchanged link is one span. */
struct span {
	time_ms first_at, last_at; /* of its first and last check; both 0: empty */
	uint32_t checks;
	enum outcome outcome;
	enum reason reason;
	int http_status;
	int32_t ms_min, ms_max; /* how long its checks took; -1: not asked */
	int64_t ms_sum;
};

/* What one check says to health. */
struct check_facts {
	time_ms at;
	enum outcome outcome;
	enum reason reason;
	int http_status;
	note_set notes;
	int32_t elapsed_ms; /* -1: nothing was asked */
	/* It was made in another way than the one before: other family, other resolver
	 * answer, GET instead of HEAD, a fresh connection. */
	bool second_method;
	bool authoritative;   /* a registry said so */
	bool whole_domain;    /* dns_nxdomain, and of the registrable domain itself */
	uint64_t target_hash; /* of the permanent target worth a rewrite; 0: none */
	uint64_t title_hash, final_url_hash, simhash; /* 0: not known */
	time_ms certificate_until; /* the soonest end of its chain; 0: none was seen */
	bool plain_http;           /* the answer came without one, so it has none now */
	uint64_t bad_certificate;  /* which one it fails for; 0: not for one */
	time_ms sunset_at;         /* of NOTE_SUNSET_ANNOUNCED; else 0 */
	uint64_t repository_id, owner_id; /* on GitHub; 0: not known */
	bool unchanged; /* 304 on a conditional request: the fingerprints still hold */
};

enum { RECENT_MAX = 64 };

struct link_record {
	enum state state;
	enum state confirmed; /* the last of alive, moved, dead; unchecked: none yet */
	time_ms since;        /* `state` holds since */
	time_ms confirmed_at; /* when `confirmed` was last seen to hold */
	enum reason reason;   /* of the last check that says anything about the link */
	int http_status;      /* likewise */
	note_set notes;       /* likewise */
	time_ms last_checked_at, last_ok_at;

	/* Bad checks since the last good one; in halves, because unreachable weighs half.
	 */
	uint32_t strike_halves;
	/* Moved towards the present where a gap between strikes, or a step of the clock,
	 * does not count in full (watch/health.h). */
	time_ms first_strike_at, last_strike_at;
	/* When the first strike really was, where it was moved because of a gap; else 0.
	 * For people: nothing is decided by it. */
	time_ms strikes_since;
	/* Known to have gone by between the last strike and last_strike_at, where a step
	 * of the clock moved that; else 0. */
	time_ms waited_ms;
	uint32_t broken_strikes; /* of them, those with outcome broken */
	time_ms first_broken_at; /* the first of those; moved likewise; 0: none */
	bool second_method;      /* the last strike was by a second method */
	bool strong_evidence;    /* all strikes are of the kind that convinces early */

	/* Newest in bit 0: 1 good, 0 bad; only checks that say something. */
	uint64_t recent;
	uint8_t recent_count;   /* bits in use, at most RECENT_MAX */
	time_ms flapping_since; /* 0: it does not flap */

	/* The permanent target that was last seen, and for how long. */
	uint64_t target_hash;
	time_ms target_since;
	uint32_t target_seen;

	/* Fingerprints of the page. */
	uint64_t title_hash, final_url_hash, simhash;
	/* Of another page that was seen in its place by the last check that saw one, and
	 * since when: what it has become, if it stays. other_since 0: none. */
	uint64_t other_title_hash, other_simhash;
	time_ms other_since;

	/* When the certificate that was last seen, or one of its chain, ends; the
	 * beginning of that day, so that it costs two bytes. Kept while nobody shows one.
	 * 0: not known, or the last answer came over plain http. */
	time_ms certificate_until;
	/* Likewise the day that the page announced as its last (RFC 8594). */
	time_ms sunset_on;

	/* The repository on GitHub that was seen first under this name, and its owner; 0:
	 * not known. */
	uint64_t repository_id, owner_id;

	/* Which certificate the last check failed for; 0: it did not. */
	uint64_t bad_certificate;
	/* The event of the incident that explained it then; 0: none. A link that stays
	 * dead has no event of its own that could tell. */
	int64_t incident_id;

	/* When it is asked next, and why then (watch/schedule.h). */
	time_ms due_at;
	time_ms interval_ms; /* the last one that was chosen; 0: none */
	uint32_t step;       /* of the series that its state follows */
	uint32_t checks;     /* ever */

	struct span span; /* the one still open */
};

/* When the first strike was made, however it counts. */
static inline time_ms record_strikes_since(const struct link_record *record)
{
	return record->strikes_since != 0 ? record->strikes_since
					  : record->first_strike_at;
}
