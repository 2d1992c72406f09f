#include "watch/schedule.h"

#include <assert.h>

enum {
	CLOSE_CHECKS = 3,
	UNCONDITIONAL_EVERY = 10,
	UNSTEADY_LOOKS = 4,
	SLACK_MINUTES_MAX = 90
};

/* A clock that is put right by less has kept nobody waiting. */
#define AHEAD_MS_MAX   (INT64_C(60) * TIME_MS_PER_S)
#define OWN_TROUBLE_MS (INT64_C(60) * TIME_MS_PER_S)
#define OFFLINE_MS     (15 * INT64_C(60) * TIME_MS_PER_S)
#define CLOSE_MS       TIME_MS_PER_DAY
#define SUSPECT_MS_MIN (INT64_C(60) * TIME_MS_PER_S)

struct schedule_limits schedule_limits_default(void)
{
	return (struct schedule_limits){
		.interval_ms = 7 * TIME_MS_PER_DAY,
		.interval_max_ms = 30 * TIME_MS_PER_DAY,
		.first_spread_ms = TIME_MS_PER_DAY,
	};
}

/* --- series: the last figure stays
 * ----------------------------------------------------------- */

struct series {
	const uint16_t *hours;
	uint32_t count;
};

#define SERIES(name, ...)                                                                \
	static const uint16_t name##_hours[] = { __VA_ARGS__ };                          \
	static const struct series name = { name##_hours,                                \
		sizeof(name##_hours) / sizeof(name##_hours[0]) }

SERIES(suspect_series, 1, 6, 8);
SERIES(dead_series, 7 * 24, 14 * 24, 30 * 24, 60 * 24, 90 * 24);
SERIES(gated_series, 3 * 24, 7 * 24, 14 * 24, 30 * 24);
/* A wall that came while strikes were counted may be a passing one. */
SERIES(gated_open_series, 24, 24, 24, 3 * 24, 7 * 24, 14 * 24, 30 * 24);

/* A wish or an address that may be another one tomorrow. */
SERIES(hindered_series, 24, 3 * 24, 7 * 24);

static time_ms series_at(const struct series *series, uint32_t step)
{
	uint32_t last = series->count - 1;
	return series->hours[step < last ? step : last] * TIME_MS_PER_HOUR;
}

/* --- intervals
 * ------------------------------------------------------------------------------- */

static time_ms least(time_ms a, time_ms b)
{
	return a < b ? a : b;
}

static time_ms most(time_ms a, time_ms b)
{
	return a > b ? a : b;
}

static time_ms base_of(const struct schedule_limits *limits)
{
	assert(limits->interval_ms > 0);
	return limits->interval_ms;
}

static time_ms ceiling_of(const struct schedule_limits *limits)
{
	return most(limits->interval_max_ms, limits->interval_ms);
}

/* In thousandths, so that the whole range is [0.9, 1.1]. */
static time_ms jitter(time_ms interval_ms, struct random *random)
{
	time_ms part = (time_ms)random_below(random, 201) - 100;
	return interval_ms + interval_ms / 1000 * part;
}

/* The next moment after `from` that is `hash` into the interval, counted from 1970. */
static time_ms place_after(time_ms from, time_ms interval_ms, uint64_t hash)
{
	time_ms phase = (time_ms)(hash % (uint64_t)interval_ms);
	time_ms into = (from - phase) % interval_ms;
	return from + interval_ms - (into < 0 ? into + interval_ms : into);
}

static bool is_good(enum state state)
{
	return state == STATE_ALIVE || state == STATE_MOVED;
}

static bool has_open_strikes(const struct link_record *record)
{
	return record->strike_halves > 0 && record->confirmed != STATE_DEAD;
}

/* A target seen long enough makes `moved` of `alive`, and nothing has changed by that.
 * Nor has it by a wall that is gone, when what is behind it is what it was. */
static bool is_changed(const struct health_change *change)
{
	return change->content_changed || change->target_changed || change->revived ||
	       change->from == STATE_SUSPECT;
}

/* Its place is the same however often it is asked for: after every start, and whenever
 * its list has changed. From now on it would recede for ever. */
static void next_first(struct link_record *record, const struct schedule_limits *limits,
	uint64_t hash, time_ms now)
{
	time_ms spread = most(1, least(limits->first_spread_ms, base_of(limits)));
	record->step = 0;
	record->interval_ms = spread;
	record->due_at = place_after(now, spread, hash);
}

/* To its place in the interval, which nobody reaches together with his whole list. One
 * that is near is passed over. */
static void next_second(struct link_record *record, const struct schedule_limits *limits,
	uint64_t hash, time_ms now)
{
	time_ms interval = base_of(limits);
	record->step = 0;
	record->interval_ms = interval;
	record->due_at = place_after(now + interval / 8, interval, hash);
}

static time_ms longer(time_ms interval_ms)
{
	return interval_ms + most(interval_ms / 10 * 3, 1);
}

/* Whether it is that interval, or has grown from it by the steps above. */
static bool is_grown_from(time_ms interval_ms, time_ms base)
{
	while (base < interval_ms)
		base = longer(base);
	return base == interval_ms;
}

/* What grew from another interval, because that of the list was changed or the link was
 * on other lists, begins anew. The last step may go beyond the ceiling: so a ceiling that
 * is moved takes nobody's history away. */
static time_ms alive_interval(struct link_record *record,
	const struct health_change *change, const struct schedule_limits *limits,
	bool early)
{
	time_ms base = base_of(limits);
	if (is_changed(change))
		record->step = CLOSE_CHECKS;
	else if (!is_good(change->from))
		record->step = 0;
	else if (record->step > 0)
		record->step -= early ? 0 : 1;
	else if (change->content_unsure)
		return base;
	else if (is_grown_from(record->interval_ms, base))
		return record->interval_ms < ceiling_of(limits) && !early
			       ? longer(record->interval_ms)
			       : record->interval_ms;
	return record->step > 0 ? least(CLOSE_MS, base) : base;
}

/* From the last step of its series on anything up to three times as long: a server that
 * is down every night, or every other day, must not be looked at only then. One that is
 * up by half is bad at ten looks in a row once in a thousand times, and gets many chances
 * in a year; two weeks of these are twenty looks, or forty where it has come and gone
 * before. */
static time_ms suspect_step(const struct link_record *record,
	const struct health_limits *health, struct random *random)
{
	time_ms step = series_at(&suspect_series, record->step);
	if (record->step + 1 < suspect_series.count)
		return jitter(step, random);
	if (health_is_unsteady(record, health))
		step /= 2;
	return step + (time_ms)random_below(random, 2 * (uint64_t)step);
}

/* The series, or less, so that the strikes still missing fit evenly before the day on
 * which they may confirm. */
static void next_suspect(struct link_record *record, const struct schedule_limits *limits,
	const struct health_limits *health, struct random *random, time_ms now)
{
	struct health_outlook outlook;
	time_ms step = suspect_step(record, health, random);
	time_ms wanted = most(least(step, base_of(limits)), SUSPECT_MS_MIN);
	time_ms slack =
		(time_ms)random_below(random, SLACK_MINUTES_MAX) * 60 * TIME_MS_PER_S;

	record->interval_ms = step;
	record->due_at = now + wanted;
	if (!health_outlook(record, health, &outlook))
		return;
	time_ms pace = (outlook.confirm_at - now) / outlook.checks_missing;
	time_ms latest = most(now + pace, outlook.strike_at) + slack;
	record->due_at = most(now + SUSPECT_MS_MIN, least(record->due_at, latest));
}

/* The state has a series of its own; a new state begins it. */
static void next_in_series(struct link_record *record, const struct series *series,
	struct random *random, time_ms now)
{
	record->interval_ms = series_at(series, record->step);
	record->due_at = now + jitter(record->interval_ms, random);
}

/* Skipped for what the other side says today; all else is our own choice or the link's
 * text. */
static bool is_hindered(const struct link_record *record)
{
	return record->reason == REASON_ROBOTS_DISALLOWED ||
	       record->reason == REASON_ADDRESS_FORBIDDEN;
}

/* Somebody asked for it before its time: that is no step of its series, or five looks of
 * a person who mends it would put off the next one by three months. */
static bool is_early(const struct link_record *record, time_ms now)
{
	return record->due_at - now > record->interval_ms / 4;
}

void schedule_next(struct link_record *record, const struct health_change *change,
	const struct schedule_limits *limits, const struct health_limits *health,
	uint64_t hash, struct random *random, time_ms now)
{
	if (change == NULL) {
		next_first(record, limits, hash, now);
		return;
	}
	if (change->ignored) {
		record->due_at = now + jitter(OFFLINE_MS, random);
		return;
	}
	bool early = is_early(record, now);
	if (is_good(change->to)) {
		if (record->checks == 1) {
			next_second(record, limits, hash, now);
			return;
		}
		record->interval_ms = alive_interval(record, change, limits, early);
		record->due_at =
			now +
			jitter(least(record->interval_ms, ceiling_of(limits)), random);
		return;
	}
	if (change->from != change->to)
		record->step = 0;
	else if (!early)
		record->step++;
	switch (change->to) {
	case STATE_SUSPECT:
		next_suspect(record, limits, health, random, now);
		break;
	case STATE_DEAD:
		next_in_series(record, &dead_series, random, now);
		break;
	case STATE_GATED:
		next_in_series(record,
			has_open_strikes(record) ? &gated_open_series : &gated_series,
			random, now);
		break;
	case STATE_UNCHECKED:
	case STATE_ALIVE:
	case STATE_MOVED:
	case STATE_SKIPPED:
		if (is_hindered(record)) {
			next_in_series(record, &hindered_series, random, now);
			break;
		}
		record->interval_ms = ceiling_of(limits);
		record->due_at = now + jitter(record->interval_ms, random);
		break;
	}
}

time_ms schedule_own_trouble_ms(time_ms ago_ms)
{
	return most(OWN_TROUBLE_MS, least(ago_ms, TIME_MS_PER_DAY));
}

/* --- after an absence
 * ------------------------------------------------------------------------ */

uint32_t schedule_missed(time_ms due_at, time_ms interval_ms, time_ms now)
{
	time_ms slots =
		now > due_at && interval_ms > 0 ? (now - due_at) / interval_ms : 0;
	return slots < UINT32_MAX ? (uint32_t)slots : UINT32_MAX;
}

/* Checked in the time to come, or due further ahead than anything here would choose: the
 * clock was ahead, or the database comes from a machine whose clock was. */
static bool is_from_ahead(const struct link_record *record,
	const struct schedule_limits *limits, time_ms now)
{
	if (record->last_checked_at > now + AHEAD_MS_MAX)
		return true;
	time_ms longest = most(ceiling_of(limits), record->interval_ms);
	return record->due_at - now > longest + longest / 4;
}

/* How long these limits let it wait after a good check. */
static time_ms longest_wait(
	const struct link_record *record, const struct schedule_limits *limits)
{
	if (record->state == STATE_SKIPPED)
		return ceiling_of(limits);
	if (is_grown_from(record->interval_ms, base_of(limits)))
		return least(record->interval_ms, ceiling_of(limits));
	return least(record->interval_ms, base_of(limits));
}

void schedule_fit(struct link_record *record, const struct schedule_limits *limits,
	uint64_t hash, time_ms now)
{
	if (is_from_ahead(record, limits, now)) {
		record->due_at = now - most(record->interval_ms, base_of(limits));
		return;
	}
	if (record->last_checked_at == 0 ||
		!(is_good(record->state) || record->state == STATE_SKIPPED))
		return;
	time_ms wait = longest_wait(record, limits);
	if (record->due_at - record->last_checked_at <= wait + wait / 4)
		return;
	record->interval_ms = wait;
	record->due_at = record->last_checked_at + wait +
			 wait / 1000 * ((time_ms)(hash % 201) - 100);
}

bool schedule_may_be_conditional(const struct link_record *record)
{
	return is_good(record->state) && record->step == 0 && record->other_since == 0 &&
	       record->checks % UNCONDITIONAL_EVERY != 0;
}

bool schedule_is_urgent(const struct link_record *record)
{
	switch (record->state) {
	case STATE_UNCHECKED:
	case STATE_SUSPECT:
		return true;
	case STATE_GATED:
		return has_open_strikes(record);
	case STATE_ALIVE:
	case STATE_MOVED:
	case STATE_DEAD:
	case STATE_SKIPPED:
		return false;
	}
	return false;
}

/* --- feasibility
 * ----------------------------------------------------------------------------- */

enum { SPAN_SIZE = 40 };

/* "2.3 days", "1 day", "5 hours": one unit, one decimal at most. */
static void format_span(time_ms span_ms, char text[static SPAN_SIZE])
{
	static const struct {
		const char *name;
		time_ms ms;
	} units[] = { { "day", TIME_MS_PER_DAY }, { "hour", TIME_MS_PER_HOUR },
		{ "minute", TIME_MS_PER_HOUR / 60 }, { "second", TIME_MS_PER_S } };
	size_t i = 0;
	while (i < 3 && span_ms < units[i].ms)
		i++;
	time_ms tenths = span_ms / (units[i].ms / 10);
	if (tenths % 10 == 0)
		snprintf(text, SPAN_SIZE, "%lld %s%s", (long long)(tenths / 10),
			units[i].name, tenths == 10 ? "" : "s");
	else
		snprintf(text, SPAN_SIZE, "%lld.%lld %ss", (long long)(tenths / 10),
			(long long)(tenths % 10), units[i].name);
}

/* A product that would overflow is as good as for ever. */
static time_ms times(uint64_t links, time_ms each_ms)
{
	int64_t product;
	if (links > INT64_MAX ||
		__builtin_mul_overflow((int64_t)links, each_ms, &product))
		return INT64_MAX;
	return product;
}

bool schedule_feasibility(const struct schedule_load *load, struct buffer *out)
{
	char need_text[SPAN_SIZE], interval_text[SPAN_SIZE];
	assert(load->concurrency > 0);
	time_ms need = most(times(load->links, load->request_interval_ms),
		times(load->links, load->request_ms) / load->concurrency);
	if (need <= load->interval_ms)
		return true;
	format_span(need, need_text);
	format_span(load->interval_ms, interval_text);
	buffer_add(out, load->host);
	buffer_printf(out, " needs %s at this pace, the interval is %s", need_text,
		interval_text);
	return false;
}
