#include "watch/health.h"
#include "watch/health_internal.h"

enum { DATE_SIZE = TIME_RFC3339_SIZE, DAYS_SIZE = 48 };

/* "2026-11-23 03:30 UTC". */
static const char *date(time_ms at, char text[static DATE_SIZE])
{
	time_format_rfc3339(at, text);
	text[10] = ' ';
	text[16] = ' ';
	text[17] = 'U';
	text[18] = 'T';
	text[19] = 'C';
	text[20] = '\0';
	return text;
}

/* "3 days", "1 hour", "20 minutes". Whole ones; the dates beside it are exact. */
static const char *days(time_ms span, char text[static DAYS_SIZE])
{
	bool in_days = span >= 2 * TIME_MS_PER_DAY, in_hours = span >= TIME_MS_PER_HOUR;
	long long count = span / (in_days           ? TIME_MS_PER_DAY
					 : in_hours ? TIME_MS_PER_HOUR
						    : TIME_MS_PER_HOUR / 60);
	snprintf(text, DAYS_SIZE, "%lld %s%s", count < 0 ? 0 : count,
		in_days    ? "day"
		: in_hours ? "hour"
			   : "minute",
		count == 1 ? "" : "s");
	return text;
}

static const char *plural(uint32_t count)
{
	return count == 1 ? "" : "s";
}

/* Its strikes are those that confirmed it, `since` may be the end of a gate. */
static void say_dead(const struct link_record *record, struct buffer *out)
{
	char confirmed[DATE_SIZE], since[DATE_SIZE];
	time_ms confirmed_at = record->last_strike_at;
	if (confirmed_at == 0 || confirmed_at > record->since)
		confirmed_at = record->since;
	buffer_printf(out, "It is dead, confirmed on %s", date(confirmed_at, confirmed));
	if (confirmed_at < record->since)
		buffer_printf(
			out, "; until %s a gate hid that", date(record->since, since));
	buffer_add_text(out, ".\n");
}

static void say_state(const struct link_record *record, struct buffer *out)
{
	char text[DATE_SIZE];
	const char *since = date(record->since, text);
	switch (record->state) {
	case STATE_UNCHECKED:
		buffer_add_text(out, "No check has given an opinion yet.\n");
		break;
	case STATE_ALIVE:
		buffer_printf(out, "It has been alive since %s.\n", since);
		break;
	case STATE_MOVED:
		buffer_printf(out,
			"It is alive and has moved for good: since %s a rewrite is "
			"proposed.\n",
			since);
		break;
	case STATE_SUSPECT:
		buffer_printf(out,
			"It has been suspect since %s: bad lately, not yet "
			"confirmed.\n",
			since);
		break;
	case STATE_DEAD:
		say_dead(record, out);
		break;
	case STATE_GATED:
		buffer_printf(out,
			"Since %s its server has refused robots or wanted a login, so "
			"nothing can be told from here.\n",
			since);
		break;
	case STATE_SKIPPED:
		buffer_printf(out, "It has not been monitored since %s.\n", since);
		break;
	}
}

/* What a gate hides, and what nobody looks at any more. */
static void say_confirmed(const struct link_record *record, struct buffer *out)
{
	char text[DATE_SIZE];
	if (record->state != STATE_GATED && record->state != STATE_SKIPPED)
		return;
	if (record->confirmed == STATE_UNCHECKED)
		buffer_add_text(out, "Nothing was ever confirmed of it.\n");
	else
		buffer_printf(out, "It was last known to be %s on %s.\n",
			state_text(record->confirmed), date(record->confirmed_at, text));
}

static void say_last_check(const struct link_record *record, struct buffer *out)
{
	char text[DATE_SIZE];
	if (record->checks == 0)
		return;
	buffer_printf(out, "The last of %u check%s was on %s and found %s",
		(unsigned)record->checks, plural(record->checks),
		date(record->last_checked_at, text), reason_text(record->reason));
	if (record->http_status > 0)
		buffer_printf(out, " (HTTP %d)", record->http_status);
	buffer_add_text(out, ".\n");
	if (record->last_ok_at == 0)
		buffer_add_text(out, "It was never seen to be good.\n");
	else if (record->last_ok_at != record->last_checked_at)
		buffer_printf(
			out, "It was last good on %s.\n", date(record->last_ok_at, text));
}

static void say_counted(const struct link_record *record, struct buffer *out)
{
	char span[DAYS_SIZE], counted[DAYS_SIZE];
	if (record->strikes_since == 0)
		return;
	buffer_printf(out,
		"Of these %s only %s count: nobody looked in between, or a gate hid "
		"it.\n",
		days(record->last_strike_at - record->strikes_since, span),
		days(record->last_strike_at - record->first_strike_at, counted));
}

static void say_strikes(const struct link_record *record, struct buffer *out)
{
	char first[DATE_SIZE], last[DATE_SIZE];
	time_ms since = record_strikes_since(record);
	uint32_t halves = record->strike_halves;
	if (halves == 0)
		return;
	buffer_printf(out, "It has %u%s strike%s", (unsigned)(halves / 2),
		halves % 2 != 0 ? ".5" : "", halves == 2 ? "" : "s");
	if (record->broken_strikes * 2 != halves)
		buffer_printf(out, " (%u broken; unreachable weighs half)",
			(unsigned)record->broken_strikes);
	if (since == record->last_strike_at)
		buffer_printf(out, ", on %s.\n", date(since, first));
	else
		buffer_printf(out, ", from %s to %s, the last %s.\n", date(since, first),
			date(record->last_strike_at, last),
			record->second_method ? "by a second method"
					      : "by the usual method");
}

/* What is hidden now is not counted, so its end is not near: no date. */
static void say_missing_hidden(const struct health_outlook *outlook, struct buffer *out)
{
	char span[DAYS_SIZE];
	buffer_printf(out,
		"It will be called dead after bad checks that make %u strikes over at "
		"least %s, the last by a second method; the time in which nothing can be "
		"told counts nothing.\n",
		(unsigned)outlook->strikes, days(outlook->span_ms, span));
}

static void say_missing(const struct link_record *record,
	const struct health_limits *limits, struct buffer *out)
{
	struct health_outlook outlook;
	char text[DATE_SIZE], span[DAYS_SIZE];
	if (!health_outlook(record, limits, &outlook))
		return;
	if (record->state == STATE_GATED || record->state == STATE_SKIPPED) {
		say_missing_hidden(&outlook, out);
		return;
	}
	buffer_printf(out,
		"It will be called dead after %u more bad check%s, %s, not before %s",
		(unsigned)outlook.checks_missing, plural(outlook.checks_missing),
		outlook.checks_missing == 1 ? "by a second method"
					    : "the last by a second method",
		date(outlook.confirm_at, text));
	buffer_printf(out, ": %u strikes over at least %s are needed%s.\n",
		(unsigned)outlook.strikes, days(outlook.span_ms, span),
		outlook.early
			? ", because the evidence is of the kind that convinces early"
			: "");
	buffer_add_text(out, "One good check clears all strikes.\n");
}

static void say_target(const struct link_record *record,
	const struct health_limits *limits, struct buffer *out)
{
	char since[DATE_SIZE], until[DATE_SIZE];
	if (record->target_hash == 0)
		return;
	buffer_printf(out,
		"The same permanent target has been seen by %u check%s since %s",
		(unsigned)record->target_seen, plural(record->target_seen),
		date(record->target_since, since));
	if (record->state == STATE_MOVED)
		buffer_add_text(out, ".\n");
	else
		buffer_printf(out,
			"; a rewrite is proposed after %u of them, not before %s.\n",
			(unsigned)limits->moved_checks,
			date(record->target_since + limits->moved_span_ms, until));
}

static void say_other(const struct link_record *record,
	const struct health_limits *limits, struct buffer *out)
{
	char since[DATE_SIZE], until[DATE_SIZE];
	if (record->other_since != 0)
		buffer_printf(out,
			"Since %s it is another page than before; that is told as a "
			"change "
			"if it is the same after %s.\n",
			date(record->other_since, since),
			date(record->other_since + limits->drift_span_ms, until));
}

static void say_flapping(const struct link_record *record, struct buffer *out)
{
	char text[DATE_SIZE];
	if (record->flapping_since != 0)
		buffer_printf(out,
			"It has come and gone since %s and is reported as flapping, not "
			"each time.\n",
			date(record->flapping_since, text));
}

static void say_next(const struct link_record *record, const struct health_limits *limits,
	time_ms now, struct buffer *out)
{
	char text[DATE_SIZE], span[DAYS_SIZE];
	if (record->due_at == 0)
		return;
	if (record->due_at <= now)
		buffer_printf(out, "It is due for a check since %s",
			date(record->due_at, text));
	else
		buffer_printf(out, "It is checked next on %s, in %s",
			date(record->due_at, text), days(record->due_at - now, span));
	buffer_add_text(out, health_wants_second_method(record, limits)
				     ? ", by a second method.\n"
				     : ".\n");
}

void health_explain(const struct link_record *record, const struct health_limits *limits,
	time_ms now, struct buffer *out)
{
	say_state(record, out);
	say_confirmed(record, out);
	say_last_check(record, out);
	say_strikes(record, out);
	say_counted(record, out);
	say_missing(record, limits, out);
	say_target(record, limits, out);
	say_other(record, limits, out);
	say_flapping(record, out);
	say_next(record, limits, now, out);
}
