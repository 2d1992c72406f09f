#include "watch/health.h"

#include <assert.h>

#include "watch/health_internal.h"

struct health_limits health_limits_default(void)
{
	return (struct health_limits){
		.strikes = 3,
		.span_ms = 6 * TIME_MS_PER_DAY,
		.unreachable_span_ms = 14 * TIME_MS_PER_DAY,
		.early_strikes = 2,
		.early_span_ms = 24 * TIME_MS_PER_HOUR,
		.strike_spacing_ms = 20 * TIME_MS_PER_HOUR,
		.strike_gap_max_ms = 4 * TIME_MS_PER_DAY,
		.strike_stale_ms = 35 * TIME_MS_PER_DAY,
		.moved_checks = 3,
		.moved_span_ms = 14 * TIME_MS_PER_DAY,
		.flap_window = 48,
		.flap_high = 6,
		.flap_low = 2,
		.flap_calm_ms = 14 * TIME_MS_PER_DAY,
		.drift_bits = 16,
		.drift_span_ms = 6 * TIME_MS_PER_DAY,
	};
}

/* Where a check takes a link: state, then after a good, a bad, a gated and a skipped one.
 * Two cells are only the least that is true: alive becomes moved when the target has been
 * seen long enough, suspect becomes dead when the evidence is complete. */
#define TRANSITIONS(X)                                                                   \
	X(UNCHECKED, ALIVE, SUSPECT, GATED, SKIPPED)                                     \
	X(ALIVE, ALIVE, SUSPECT, GATED, SKIPPED)                                         \
	X(MOVED, ALIVE, SUSPECT, GATED, SKIPPED)                                         \
	X(SUSPECT, ALIVE, SUSPECT, GATED, SKIPPED)                                       \
	X(DEAD, ALIVE, DEAD, GATED, SKIPPED)                                             \
	X(GATED, ALIVE, SUSPECT, GATED, SKIPPED)                                         \
	X(SKIPPED, ALIVE, SUSPECT, GATED, SKIPPED)

#define TRANSITION_ROW(state, good, bad, gated, skipped)                                 \
	[STATE_##state] = { STATE_##good, STATE_##bad, STATE_##gated, STATE_##skipped },
static const enum state transitions[][4] = { TRANSITIONS(TRANSITION_ROW) };
#undef TRANSITION_ROW

/* Rows, not the size of the array: a state without one would be a hole within it. */
#define ROW_ONE(state, good, bad, gated, skipped) +1
#define STATE_ONE(name, text)                     +1
_Static_assert(TRANSITIONS(ROW_ONE) == STATES(STATE_ONE), "every state has its row");
#undef ROW_ONE
#undef STATE_ONE

enum health_word health_word_of(const struct check_facts *facts)
{
	switch (facts->outcome) {
	case OUTCOME_OK:
	case OUTCOME_MOVED:
		return WORD_GOOD;
	case OUTCOME_BROKEN:
	case OUTCOME_UNREACHABLE:
		return WORD_BAD;
	case OUTCOME_GATED:
		return WORD_GATED;
	case OUTCOME_SKIPPED:
		return facts->reason == REASON_OFFLINE ? WORD_NOTHING : WORD_SKIPPED;
	}
	return WORD_NOTHING;
}

/* --- history
 * ------------------------------------------------------------------------------ */

/* A page that says it is unchanged is the page: its 304 and the 200 before it, or the
 * whole page that is fetched now and then, are the same. */
static int status_in_span(const struct check_facts *facts)
{
	return facts->unchanged ? 200 : facts->http_status;
}

static struct span span_of(const struct check_facts *facts)
{
	bool asked = facts->elapsed_ms >= 0;
	return (struct span){
		.first_at = facts->at,
		.last_at = facts->at,
		.checks = 1,
		.outcome = facts->outcome,
		.reason = facts->reason,
		.http_status = status_in_span(facts),
		.ms_min = facts->elapsed_ms,
		.ms_max = facts->elapsed_ms,
		.ms_sum = asked ? facts->elapsed_ms : 0,
	};
}

/* Also not when the clock was set back behind its beginning: a span has no negative
 * length. */
static bool span_continues(const struct span *span, const struct check_facts *facts)
{
	return span->checks > 0 && span->checks < UINT32_MAX &&
	       span->outcome == facts->outcome && span->reason == facts->reason &&
	       span->http_status == status_in_span(facts) && facts->at >= span->first_at;
}

static void extend_span(struct span *span, const struct check_facts *facts)
{
	span->checks++;
	if (facts->at > span->last_at)
		span->last_at = facts->at;
	if (facts->elapsed_ms < 0)
		return;
	if (span->ms_min < 0 || facts->elapsed_ms < span->ms_min)
		span->ms_min = facts->elapsed_ms;
	if (facts->elapsed_ms > span->ms_max)
		span->ms_max = facts->elapsed_ms;
	span->ms_sum += facts->elapsed_ms;
}

static void write_history(struct link_record *record, const struct check_facts *facts,
	struct health_change *change)
{
	if (span_continues(&record->span, facts)) {
		extend_span(&record->span, facts);
		return;
	}
	if (record->span.checks > 0) {
		change->span_closed = true;
		change->closed = record->span;
	}
	record->span = span_of(facts);
}

/* --- what a good check tells
 * -------------------------------------------------------------- */

static void note_target(struct link_record *record, const struct check_facts *facts,
	struct health_change *change)
{
	uint64_t target = facts->outcome == OUTCOME_MOVED ? facts->target_hash : 0;
	if (target != record->target_hash) {
		change->target_changed = record->target_seen != 1;
		record->target_hash = target;
		record->target_since = target != 0 ? facts->at : 0;
		record->target_seen = 0;
	}
	if (target == 0)
		return;
	if (facts->at < record->target_since)
		record->target_since = facts->at;
	if (record->target_seen < UINT32_MAX)
		record->target_seen++;
}

static bool has_moved(
	const struct link_record *record, time_ms at, const struct health_limits *limits)
{
	return record->target_hash != 0 && record->target_seen >= limits->moved_checks &&
	       at - record->target_since >= limits->moved_span_ms;
}

struct print {
	uint64_t title_hash, simhash;
};

static bool is_another(struct print a, struct print b, const struct health_limits *limits)
{
	bool texts = a.simhash != 0 && b.simhash != 0;
	bool titles = a.title_hash != 0 && b.title_hash != 0;
	uint32_t distance = (uint32_t)__builtin_popcountll(a.simhash ^ b.simhash);
	return texts && distance >= limits->drift_bits &&
	       !(titles && a.title_hash == b.title_hash);
}

static void keep_other(struct link_record *record, struct print other, time_ms since)
{
	record->other_title_hash = other.title_hash;
	record->other_simhash = other.simhash;
	record->other_since = since;
}

/* Whether the page that stands there now has stayed. Each third one takes the place of
 * the second in silence. */
static bool has_stayed(struct link_record *record, struct print seen, time_ms at,
	const struct health_limits *limits)
{
	const struct print other = { record->other_title_hash, record->other_simhash };
	if (record->other_since == 0 || at < record->other_since ||
		is_another(other, seen, limits)) {
		keep_other(record, seen, at);
		return false;
	}
	return at - record->other_since >= limits->drift_span_ms;
}

/* What is known is kept as the first print until the page is another one, so that many
 * small steps add up and a rotating sidebar does not. */
static void note_prints(struct link_record *record, const struct check_facts *facts,
	const struct health_limits *limits, struct health_change *change)
{
	const struct print first = { record->title_hash, record->simhash };
	const struct print seen = { facts->title_hash, facts->simhash };
	bool held = record->other_since != 0;
	if (is_another(first, seen, limits)) {
		change->content_changed = has_stayed(record, seen, facts->at, limits);
		change->content_unsure = !held;
		if (!change->content_changed)
			return;
		record->notes |= NOTE_BIT(NOTE_CONTENT_CHANGED);
	}
	if (seen.simhash != 0)
		keep_other(record, (struct print){ 0 }, 0);
	if (seen.simhash != 0 && (change->content_changed || first.simhash == 0))
		record->simhash = seen.simhash;
	if (seen.title_hash != 0 && (change->content_changed || first.title_hash == 0))
		record->title_hash = seen.title_hash;
}

/* A name that its owner gave up is anybody's: then another repository of somebody else
 * answers to it. One that its owner made anew, or gave to somebody else, is his word. The
 * first stays known, so that the alarm does not end by itself. */
static void note_repository(struct link_record *record, const struct check_facts *facts)
{
	if (facts->repository_id == 0 || facts->owner_id == 0)
		return;
	if (record->repository_id != 0 && record->repository_id != facts->repository_id &&
		record->owner_id != facts->owner_id) {
		record->notes |= NOTE_BIT(NOTE_USURPED);
		return;
	}
	record->repository_id = facts->repository_id;
	record->owner_id = facts->owner_id;
}

static void take_good(struct link_record *record, const struct check_facts *facts,
	const struct health_limits *limits, struct health_change *change)
{
	change->revived = record->confirmed == STATE_DEAD;
	health_clear_strikes(record);
	note_target(record, facts, change);
	if (!facts->unchanged)
		note_prints(record, facts, limits, change);
	if (!facts->unchanged && facts->final_url_hash != 0)
		record->final_url_hash = facts->final_url_hash;
	note_repository(record, facts);
	record->last_ok_at = facts->at;
	if (has_moved(record, facts->at, limits))
		change->to = STATE_MOVED;
	record->confirmed = change->to;
	record->confirmed_at = facts->at;
}

/* What was confirmed stays so, through gates and through checks that count for nothing;
 * and its strikes stay those that confirmed it, which is what people ask for. */
static void take_bad(struct link_record *record, const struct check_facts *facts,
	const struct health_limits *limits, struct health_change *change)
{
	if (record->confirmed != STATE_DEAD)
		change->strike = health_strike(record, facts, limits);
	if (record->confirmed == STATE_DEAD ||
		(change->strike && health_is_confirmed(record, facts, limits)))
		change->to = STATE_DEAD;
	if (change->to == STATE_DEAD) {
		record->confirmed = STATE_DEAD;
		record->confirmed_at = facts->at;
	}
}

/* --- the one that moves
 * ------------------------------------------------------------------- */

static bool comes_and_goes(enum state state)
{
	return state == STATE_ALIVE || state == STATE_MOVED || state == STATE_SUSPECT;
}

static time_ms day_of(time_ms at)
{
	return at > 0 ? at - at % TIME_MS_PER_DAY : 0;
}

static void note_check(struct link_record *record, const struct check_facts *facts)
{
	if (facts->certificate_until > 0 || facts->plain_http)
		record->certificate_until = day_of(facts->certificate_until);
	if (!facts->unchanged)
		record->sunset_on = day_of(facts->sunset_at);
	record->bad_certificate = facts->bad_certificate;
	record->reason = facts->reason;
	record->http_status = facts->http_status;
	record->notes = facts->notes;
	record->last_checked_at = facts->at;
	if (record->checks < UINT32_MAX)
		record->checks++;
}

void health_apply(struct link_record *record, const struct check_facts *facts,
	const struct health_limits *limits, struct health_change *ret_change)
{
	enum health_word word = health_word_of(facts);
	time_ms held_since = record->since;
	struct health_change *change = ret_change;

	assert(facts->at > 0);
	assert(limits->strikes > 0 && limits->early_strikes > 0);
	*change = (struct health_change){ .from = record->state, .to = record->state };
	if (word == WORD_NOTHING) {
		change->ignored = true;
		change->confirm_next = health_wants_second_method(record, limits);
		return;
	}
	change->to = transitions[record->state][word];
	note_check(record, facts);
	write_history(record, facts, change);
	if (word == WORD_GOOD)
		take_good(record, facts, limits, change);
	else if (word == WORD_BAD)
		take_bad(record, facts, limits, change);
	/* The clock was ahead, and has been put right. */
	if (change->to != change->from || record->since == 0 || record->since > facts->at)
		record->since = facts->at;
	record->state = change->to;
	if (word == WORD_GOOD || word == WORD_BAD)
		health_note_recent(
			record, word == WORD_GOOD, facts->at, held_since, limits, change);
	change->quiet = change->from != change->to && record->flapping_since != 0 &&
			comes_and_goes(change->from) && comes_and_goes(change->to);
	change->confirm_next = health_wants_second_method(record, limits);
}
