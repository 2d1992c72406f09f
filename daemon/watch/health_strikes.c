#include "watch/health.h"
#include "watch/health_internal.h"

/* Enough for any limit a person would set; the count stops there. */
enum { STRIKES_MAX = 100000 };

/* --- one strike
 * --------------------------------------------------------------------------- */

static time_ms later(time_ms a, time_ms b)
{
	return a > b ? a : b;
}

static time_ms sooner(time_ms a, time_ms b)
{
	return a < b ? a : b;
}

static time_ms even_part(time_ms span_ms, uint32_t strikes)
{
	return strikes > 1 ? span_ms / (strikes - 1) : 0;
}

static time_ms spacing_of(bool early, const struct health_limits *limits)
{
	time_ms spacing = sooner(
		limits->strike_spacing_ms, even_part(limits->span_ms, limits->strikes));
	return early ? sooner(spacing,
			       even_part(limits->early_span_ms, limits->early_strikes))
		     : spacing;
}

void health_clear_strikes(struct link_record *record)
{
	record->strike_halves = record->broken_strikes = 0;
	record->first_strike_at = record->last_strike_at = record->first_broken_at = 0;
	record->strikes_since = record->waited_ms = 0;
	record->second_method = record->strong_evidence = false;
}

static bool is_strong(const struct check_facts *facts)
{
	return facts->outcome == OUTCOME_BROKEN &&
	       (facts->authoritative || facts->reason == REASON_HTTP_410 ||
		       (facts->reason == REASON_DNS_NXDOMAIN && facts->whole_domain));
}

void health_clock_stepped(struct health_clock *clock, time_ms at, time_ms step_ms)
{
	*clock = (struct health_clock){ at, step_ms, clock->stepped_at };
}

static bool clock_stepped_between(
	const struct link_record *record, time_ms at, const struct health_clock *clock)
{
	return at < record->last_strike_at ||
	       (record->last_strike_at < clock->stepped_at && clock->stepped_at <= at);
}

/* Of the time between the last strike and this check, after such a step. */
static time_ms known_ms(
	const struct link_record *record, time_ms at, const struct health_limits *limits)
{
	const struct health_clock *clock = &limits->clock;
	bool hidden = record->state == STATE_GATED || record->state == STATE_SKIPPED;
	if (at < record->last_strike_at || hidden)
		return 0;
	time_ms known =
		at - later(record->last_strike_at, clock->before_at) - clock->step_ms;
	return sooner(later(known, 0), limits->strike_gap_max_ms);
}

static void move_beginnings(struct link_record *record, time_ms by_ms)
{
	record->first_strike_at += by_ms;
	if (record->first_broken_at != 0)
		record->first_broken_at += by_ms;
}

static void count_less(struct link_record *record, time_ms by_ms)
{
	if (record->strikes_since == 0)
		record->strikes_since = record->first_strike_at;
	move_beginnings(record, by_ms);
}

/* What the clock said before its step is as wrong of all of them. */
static void date_anew(struct link_record *record, time_ms at, time_ms known)
{
	time_ms by_ms = at - record->last_strike_at - known;
	move_beginnings(record, by_ms);
	if (record->strikes_since != 0)
		record->strikes_since += by_ms;
	record->last_strike_at = at;
	record->waited_ms += known;
}

/* Whether a check counts as a strike; moves the dates of those before it. */
static bool make_room(struct link_record *record, const struct check_facts *facts,
	const struct health_limits *limits)
{
	time_ms at = facts->at;
	bool early = record->strong_evidence && is_strong(facts);
	if (clock_stepped_between(record, at, &limits->clock))
		date_anew(record, at, known_ms(record, at, limits));
	time_ms gap = at - record->last_strike_at;
	if (gap > limits->strike_stale_ms && record->confirmed != STATE_DEAD) {
		health_clear_strikes(record);
		return true;
	}
	if (gap + record->waited_ms < spacing_of(early, limits))
		return false;
	if (record->state == STATE_GATED || record->state == STATE_SKIPPED)
		count_less(record, gap);
	else if (gap > limits->strike_gap_max_ms)
		count_less(record, gap - limits->strike_gap_max_ms);
	return true;
}

bool health_strike(struct link_record *record, const struct check_facts *facts,
	const struct health_limits *limits)
{
	bool broken = facts->outcome == OUTCOME_BROKEN;
	if (record->strike_halves > 0 && !make_room(record, facts, limits))
		return false;
	if (record->strike_halves == 0) {
		record->first_strike_at = facts->at;
		record->strong_evidence = true;
	}
	record->last_strike_at = facts->at;
	record->waited_ms = 0;
	if (record->strike_halves < STRIKES_MAX)
		record->strike_halves += broken ? 2 : 1;
	if (broken && record->broken_strikes < STRIKES_MAX)
		record->broken_strikes++;
	if (broken && record->first_broken_at == 0)
		record->first_broken_at = facts->at;
	record->second_method = facts->second_method;
	record->strong_evidence = record->strong_evidence && is_strong(facts);
	return true;
}

/* --- ways to a confirmation
 * --------------------------------------------------------------- */

/* What one of the three rules still asks for. */
struct way {
	bool open;               /* the strikes so far do not exclude it */
	uint32_t halves_missing; /* 0: enough strikes */
	uint32_t checks_missing; /* likewise, in checks */
	time_ms ripe_at;         /* the last strike may not be before it */
};

static uint32_t lacking(uint32_t have, uint32_t need)
{
	return have < need ? need - have : 0;
}

static struct way early_way(
	const struct link_record *record, const struct health_limits *limits)
{
	uint32_t missing = lacking(record->broken_strikes, limits->early_strikes);
	return (struct way){ record->strong_evidence, 2 * missing, missing,
		record->first_broken_at + limits->early_span_ms };
}

static struct way broken_way(
	const struct link_record *record, const struct health_limits *limits)
{
	uint32_t missing = lacking(record->broken_strikes, limits->strikes);
	return (struct way){ record->broken_strikes > 0, 2 * missing, missing,
		record->first_broken_at + limits->span_ms };
}

static struct way unreachable_way(
	const struct link_record *record, const struct health_limits *limits)
{
	uint32_t missing = lacking(record->strike_halves, 2 * limits->strikes);
	return (struct way){ true, missing, missing,
		record->first_strike_at + limits->unreachable_span_ms };
}

static bool way_is_done(const struct way *way, const struct link_record *record)
{
	return way->open && way->halves_missing == 0 &&
	       record->last_strike_at >= way->ripe_at;
}

bool health_is_confirmed(const struct link_record *record,
	const struct check_facts *facts, const struct health_limits *limits)
{
	struct way early = early_way(record, limits);
	struct way broken = broken_way(record, limits);
	struct way unreachable = unreachable_way(record, limits);
	if (!record->second_method)
		return false;
	if (way_is_done(&unreachable, record))
		return true;
	return facts->outcome == OUTCOME_BROKEN &&
	       (way_is_done(&early, record) || way_is_done(&broken, record));
}

/* The last one must be by a second method, and may not have been. */
static uint32_t way_checks(const struct way *way)
{
	return way->checks_missing > 0 ? way->checks_missing : 1;
}

static bool has_open_case(const struct link_record *record)
{
	return record->strike_halves > 0 && record->confirmed != STATE_DEAD;
}

bool health_wants_second_method(
	const struct link_record *record, const struct health_limits *limits)
{
	struct way ways[] = { early_way(record, limits), broken_way(record, limits),
		unreachable_way(record, limits) };
	if (!has_open_case(record))
		return false;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (ways[i].open && ways[i].checks_missing <= 1)
			return true;
	return false;
}

/* Before it this rule cannot be met, however often it is looked at. */
static time_ms confirm_at(const struct link_record *record,
	const struct health_limits *limits, const struct way *way)
{
	time_ms last_at = record->last_strike_at - record->waited_ms;
	time_ms spacing = spacing_of(record->strong_evidence, limits);
	return later(way->ripe_at, last_at + (time_ms)way_checks(way) * spacing);
}

bool health_outlook(const struct link_record *record, const struct health_limits *limits,
	struct health_outlook *ret_outlook)
{
	struct way early = early_way(record, limits);
	struct way broken = broken_way(record, limits);
	struct way unreachable = unreachable_way(record, limits);
	if (!has_open_case(record))
		return false;
	bool is_early = early.open &&
			(!broken.open || confirm_at(record, limits, &early) <=
						 confirm_at(record, limits, &broken));
	const struct way *way = is_early ? &early : broken.open ? &broken : &unreachable;
	*ret_outlook = (struct health_outlook){
		.halves_missing = way->halves_missing,
		.checks_missing = way_checks(way),
		.strike_at = record->last_strike_at - record->waited_ms +
			     spacing_of(record->strong_evidence, limits),
		.confirm_at = confirm_at(record, limits, way),
		.early = is_early,
		.strikes = is_early ? limits->early_strikes : limits->strikes,
		.span_ms = is_early      ? limits->early_span_ms
			   : broken.open ? limits->span_ms
					 : limits->unreachable_span_ms,
	};
	return true;
}
