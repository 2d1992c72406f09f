/* watch/health: what one more check makes of a link.
 *
 * Outcomes become strikes, strikes become states (interfaces, section 1.4). One function
 * moves a state, health_apply; nothing else in the program may write the fields of a
 * record that it owns: all but due_at, interval_ms and step, which are watch/schedule's.
 *
 *   good         ok, moved               clears all strikes; alive, or moved
 *   broken       broken                  a strike
 *   unreachable  unreachable             half a strike
 *   gated        gated                   no weight; state gated, strikes and `confirmed`
 * kept skipped      skipped, but not offline  no weight; state skipped, the rest kept
 *   offline      skipped/offline         nothing: not even that it was checked
 *
 * Dead is a link when a bad check counts as a strike, was made by a second method, and
 * one of these holds (dates are those of strikes, counted carefully, see below):
 *   - it is broken, `strikes` of the strikes are broken ones, and the first of those is
 *     `span_ms` old (days of 5xx before a certificate ran out prove nothing of it);
 *   - all strikes together weigh `strikes`, and the first is `unreachable_span_ms` old;
 *   - all of them are of the kind that convinces early (an authoritative registry, 410,
 *     NXDOMAIN of the whole domain), there are `early_strikes`, `early_span_ms` apart.
 * A dead link stays dead, also through gates, until one good check.
 *
 * What is counted carefully:
 *   - A bad check within `strike_spacing_ms` of the last strike is none: one bad night,
 *     however often it is looked at, is one strike. 20 h, so that a daily check with its
 *     jitter (21.6 h) counts and a whole working day of trouble counts once.
 *   - The time between two strikes counts up to `strike_gap_max_ms`, because nobody was
 *     looking; what is beyond it moves first_strike_at towards the present. After
 *     `strike_stale_ms` the old strikes are forgotten and the count begins anew. People
 *     are shown strikes_since, which is not moved.
 *   - The time between two strikes with a gate (or a skipped check) between them counts
 *     nothing: a server that refuses us is there.
 *   - After a step of the clock that the caller noticed (health_clock_stepped) what it
 *     stepped over does not count: the strikes are dated anew, so that the last of them
 *     is now. The time that went by without a step is known, and counts for spacing and
 *     span; of two steps and more in a row, that between the last two and since. Where
 *     a check is earlier than the last strike (the clock was set back), nothing is known.
 *     So no step of the clock confirms anything, nor does one a day stop it for ever. A
 *     step that nobody noticed adds at most strike_gap_max_ms.
 *
 * Pure: no clock, no I/O, no memory but a buffer's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/time.h"
#include "model/record.h"

struct health_limits {
	uint32_t strikes;            /* 3; at least 1 */
	time_ms span_ms;             /* 6 d */
	time_ms unreachable_span_ms; /* 14 d */
	uint32_t early_strikes;      /* 2; at least 1 */
	time_ms early_span_ms;       /* 24 h */

	/* 20 h. Where span_ms is so short that `strikes` would not fit, less: an even
	 * part of it. Of early_span_ms likewise, between those that convince early. */
	time_ms strike_spacing_ms;
	time_ms strike_gap_max_ms; /* 4 d: more than the longest step of a suspect
				    */
	time_ms strike_stale_ms;   /* 35 d: a run once a month still adds up */

	/* A rewrite is proposed when the same permanent target was seen by so many checks
	 * over so long. */
	uint32_t moved_checks; /* 3 */
	time_ms moved_span_ms; /* 14 d */

	/* Flapping begins when the newest `flap_window` good and bad checks changed sides
	 * `flap_high` times, the last time from good to bad, and it had been good for
	 * less than flap_calm_ms; it ends at `flap_low` changes, when a state has held
	 * for flap_calm_ms, or when the link is dead. 48 checks (a suspect's many looks
	 * fill half of them), 6, 2, 14 d: three outages with little in between, and a
	 * fourth. */
	uint32_t flap_window; /* 2 to RECENT_MAX */
	uint32_t flap_high, flap_low;
	time_ms flap_calm_ms;

	/* The text is another one when so many of the 64 bits of simhash differ (16), and
	 * the title, where both are known, is another one too. It has become so when all
	 * checks of drift_span_ms (6 d) have seen that other page: a front page or a
	 * paper of the day is never the same twice, and is what it was. */
	uint32_t drift_bits;
	time_ms drift_span_ms;

	/* No setting: when the wall clock was last seen to step, in the time it shows
	 * since, and by how much; when the time before that. 0: never. Kept by whoever
	 * compares the two clocks. */
	struct health_clock {
		time_ms stepped_at, step_ms, before_at;
	} clock;
};

/* The clock has just stepped, forward or back (less than 0), and shows `at`. */
void health_clock_stepped(struct health_clock *clock, time_ms at, time_ms step_ms);

/* The figures above. */
struct health_limits health_limits_default(void);

/* What a check changed. Zeroed but for from and to: nothing. */
struct health_change {
	enum state from, to; /* equal: it stays what it was */

	bool ignored; /* offline: the record is as before, and nothing is to be stored */
	bool strike;  /* it counted as one, or half a one */

	/* A revival: dead, or gated and last known dead, and now good. */
	bool revived;

	bool content_changed;
	/* It is another page than before for the first time; it may not stay so. */
	bool content_unsure;
	/* Another permanent target than before, or none any more. One that was seen once
	 * only is none to differ from: it has a date in it, or a number. */
	bool target_changed;

	bool flapping_began, flapping_ended;
	/* The state moved, but back and forth as a flapping link does: no event. Never
	 * set for what goes to or comes from dead. */
	bool quiet;

	/* The span that this check ended; the record's open span begins with the check.
	 * Without it, the open span was extended. */
	bool span_closed;
	struct span closed;

	/* The next check should be a confirming one, by a second method: if it is bad it
	 * may be the last strike. The same as health_wants_second_method. */
	bool confirm_next;
};

/* The one function that moves a state. `facts->at` must be above 0 and is taken as it
 * is, however it stands to the dates in the record. */
void health_apply(struct link_record *record, const struct check_facts *facts,
	const struct health_limits *limits, struct health_change *ret_change);

/* Whether the next check should be made in another way than the last one (for records
 * read from disk, where no health_change is at hand). */
bool health_wants_second_method(
	const struct link_record *record, const struct health_limits *limits);

/* It has come and gone lately, if not often enough to be called flapping: the next time
 * it is gone it must be looked at more often to be sure that it is. */
bool health_is_unsteady(
	const struct link_record *record, const struct health_limits *limits);

/* What the link still needs to be called dead, for the schedule and for `why`. */
struct health_outlook {
	uint32_t halves_missing; /* strikes, in halves, that the next checks must bring */
	uint32_t checks_missing; /* as bad checks of the last kind; at least 1 */
	time_ms strike_at;       /* before it a bad check is no strike */
	time_ms confirm_at;      /* before it none confirms */
	/* The rule that it follows from: the first that can be met. */
	bool early;
	uint32_t strikes;
	time_ms span_ms;
};

/* False when there is nothing to confirm: no strikes, or dead already. */
bool health_outlook(const struct link_record *record, const struct health_limits *limits,
	struct health_outlook *ret_outlook);

/* For `linkrotd why`: a few sentences, one a line, each with its dates (UTC): what is
 * held to be true and since when, what was seen, what is missing for a confirmation, what
 * happens next. `now` is wall time. At most HEALTH_EXPLAIN_BYTES_MAX bytes; plain ASCII,
 * nothing foreign in it. */
enum { HEALTH_EXPLAIN_BYTES_MAX = 2048 };
void health_explain(const struct link_record *record, const struct health_limits *limits,
	time_ms now, struct buffer *out);
