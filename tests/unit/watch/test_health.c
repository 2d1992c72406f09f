#include "lib/test.h"

#include "base/hash.h"
#include "base/random.h"
#include "watch/health.h"

static const time_ms start = INT64_C(1767225600000);

static struct check_facts found(time_ms at, enum reason reason)
{
	return (struct check_facts){ .at = at,
		.outcome = reason_outcome(reason),
		.reason = reason,
		.elapsed_ms = 5 };
}

static struct health_change apply(struct link_record *record, struct check_facts facts)
{
	struct health_limits limits = health_limits_default();
	struct health_change change;
	health_apply(record, &facts, &limits, &change);
	return change;
}

/* --- clocks
 * ------------------------------------------------------------------------------- */

static void a_clock_that_was_ahead(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	(void)apply(&record, found(start + 60 * TIME_MS_PER_DAY, REASON_OK));
	(void)apply(&record, found(start, REASON_OK));
	assert_int_equal(record.state, STATE_ALIVE);
	assert_int_equal(record.since, start);
}

/* --- repositories
 * ------------------------------------------------------------------------- */

static bool is_usurped(struct link_record *record, uint64_t repository, uint64_t owner)
{
	struct check_facts facts = found(record->last_checked_at + 1000, REASON_OK);
	facts.repository_id = repository;
	facts.owner_id = owner;
	(void)apply(record, facts);
	return (record->notes & NOTE_BIT(NOTE_USURPED)) != 0;
}

static void a_repository_of_somebody_else(void **state)
{
	(void)state;
	struct link_record record = { .last_checked_at = start };
	assert_false(is_usurped(&record, 0, 0));
	assert_false(is_usurped(&record, 5, 9));
	assert_false(is_usurped(&record, 5, 9));
	/* made anew by its owner, then given to somebody else */
	assert_false(is_usurped(&record, 6, 9));
	assert_false(is_usurped(&record, 6, 10));
	/* not told, or half */
	assert_false(is_usurped(&record, 0, 0));
	assert_false(is_usurped(&record, 77, 0));
	/* the alarm does not end by itself, and ends when the first is back */
	assert_true(is_usurped(&record, 77, 88));
	assert_true(is_usurped(&record, 77, 88));
	assert_false(is_usurped(&record, 6, 10));
	assert_int_equal(record.state, STATE_ALIVE);
	/* a page of an error has no say */
	struct check_facts facts = found(record.last_checked_at + 1000, REASON_HTTP_404);
	facts.repository_id = 77;
	facts.owner_id = 88;
	(void)apply(&record, facts);
	assert_int_equal(record.repository_id, 6);
	assert_int_equal(record.notes, 0);
}

/* --- history
 * ------------------------------------------------------------------------------ */

static void spans_hold_what_is_the_same(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	struct health_change change;
	struct check_facts facts = found(start, REASON_OK);
	facts.http_status = 200;
	change = apply(&record, facts);
	assert_false(change.span_closed);
	facts.at += 1000;
	facts.elapsed_ms = 9;
	assert_false(apply(&record, facts).span_closed);
	facts.at += 1000;
	facts.elapsed_ms = -1;
	assert_false(apply(&record, facts).span_closed);
	facts.at += 1000;
	facts.http_status = 204;
	facts.elapsed_ms = 7;
	change = apply(&record, facts);
	assert_true(change.span_closed);
	assert_int_equal(change.closed.first_at, start);
	assert_int_equal(change.closed.last_at, start + 2000);
	assert_int_equal(change.closed.checks, 3);
	assert_int_equal(change.closed.ms_min, 5);
	assert_int_equal(change.closed.ms_max, 9);
	assert_int_equal(change.closed.ms_sum, 14);
	assert_int_equal(record.span.first_at, start + 3000);
	assert_int_equal(record.span.checks, 1);
	assert_int_equal(record.span.http_status, 204);
}

/* A page with a validator is fetched whole each tenth time. */
static void an_unchanged_page_is_one_span(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	struct check_facts facts = found(start, REASON_OK);
	for (uint32_t i = 0; i < 21; i++, facts.at += TIME_MS_PER_DAY) {
		facts.unchanged = i % 10 != 0;
		facts.http_status = facts.unchanged ? 304 : 200;
		assert_false(apply(&record, facts).span_closed);
		assert_int_equal(record.http_status, facts.http_status);
	}
	assert_int_equal(record.span.first_at, start);
	assert_int_equal(record.span.checks, 21);
	assert_int_equal(record.span.http_status, 200);
	/* after trouble it is well again, whichever way it says so */
	struct check_facts gone = found(facts.at, REASON_HTTP_404);
	gone.http_status = 404;
	assert_true(apply(&record, gone).span_closed);
	facts.at += TIME_MS_PER_DAY;
	facts.unchanged = true;
	facts.http_status = 304;
	assert_true(apply(&record, facts).span_closed);
	facts.at += TIME_MS_PER_DAY;
	facts.unchanged = false;
	facts.http_status = 200;
	assert_false(apply(&record, facts).span_closed);
	/* one that nobody asked for is another answer */
	facts.http_status = 304;
	assert_true(apply(&record, facts).span_closed);
}

static void a_certificate_goes_with_https(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	struct check_facts facts = found(start, REASON_OK);
	facts.certificate_until = start + 30 * TIME_MS_PER_DAY + 5;
	apply(&record, facts);
	assert_int_equal(record.certificate_until, start + 30 * TIME_MS_PER_DAY);
	/* nobody answers, or over a connection that was kept */
	apply(&record, found(start + TIME_MS_PER_DAY, REASON_TIMEOUT));
	apply(&record, found(start + 2 * TIME_MS_PER_DAY, REASON_OK));
	assert_int_equal(record.certificate_until, start + 30 * TIME_MS_PER_DAY);
	facts = found(start + 3 * TIME_MS_PER_DAY, REASON_OK);
	facts.plain_http = true;
	apply(&record, facts);
	assert_int_equal(record.certificate_until, 0);
}

static void a_span_is_never_negative(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	apply(&record, found(start, REASON_OK));
	apply(&record, found(start + 5000, REASON_OK));
	struct health_change change = apply(&record, found(start + 3000, REASON_OK));
	assert_false(change.span_closed);
	assert_int_equal(record.span.last_at, start + 5000);
	change = apply(&record, found(start - 9000, REASON_OK));
	assert_true(change.span_closed);
	assert_int_equal(change.closed.first_at, start);
	assert_int_equal(change.closed.last_at, start + 5000);
	assert_int_equal(record.span.first_at, start - 9000);
	assert_int_equal(record.span.last_at, start - 9000);
}

static void offline_leaves_no_trace(void **state)
{
	(void)state;
	struct link_record record = { 0 }, before;
	apply(&record, found(start, REASON_OK));
	apply(&record, found(start + TIME_MS_PER_DAY, REASON_HTTP_404));
	memcpy(&before, &record, sizeof(record));
	struct health_change change =
		apply(&record, found(start + 2 * TIME_MS_PER_DAY, REASON_OFFLINE));
	assert_true(change.ignored);
	assert_memory_equal(&record, &before, sizeof(record));
}

static void recent_checks_are_a_map(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	static const enum reason reasons[] = { REASON_OK, REASON_TIMEOUT,
		REASON_FORBIDDEN, REASON_EXCLUDED, REASON_OFFLINE,
		REASON_REDIRECT_PERMANENT, REASON_HTTP_404 };
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		apply(&record, found(start + (time_ms)i * TIME_MS_PER_DAY, reasons[i]));
	assert_int_equal(record.recent_count, 4);
	assert_int_equal(record.recent, 0xA); /* 1 0 1 0 */
	for (time_ms i = 0; i < 100; i++)
		apply(&record, found(start + (10 + i) * TIME_MS_PER_DAY, REASON_OK));
	assert_int_equal(record.recent_count, RECENT_MAX);
	assert_true(record.recent == UINT64_MAX);
}

static void events_of_the_dead_are_never_quiet(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	struct health_change change = { 0 };
	time_ms at = start;
	for (int i = 0; i < 10; i++, at += TIME_MS_PER_DAY)
		change = apply(&record, found(at, i % 2 ? REASON_HTTP_404 : REASON_OK));
	assert_true(record.flapping_since != 0);
	assert_true(change.quiet);
	for (int i = 0; i < 8; i++, at += TIME_MS_PER_DAY) {
		struct check_facts facts = found(at, REASON_HTTP_404);
		facts.second_method = true;
		change = apply(&record, facts);
		if (change.to == STATE_DEAD)
			break;
	}
	assert_int_equal(change.to, STATE_DEAD);
	assert_false(change.quiet);
	assert_true(change.flapping_ended);
	change = apply(&record, found(at + TIME_MS_PER_DAY, REASON_OK));
	assert_true(change.revived);
	assert_false(change.quiet);
}

/* --- any sequence whatever
 * ------------------------------------------------------------------ */

/* What the contract allows, computed from the whole history, in another way than the
 * rooms do: days as a set, no running counts. Only necessary conditions. */
enum { HISTORY_MAX = 400 };

struct history {
	struct check_facts checks[HISTORY_MAX];
	int count;
};

static bool is_good(const struct check_facts *facts)
{
	return facts->outcome == OUTCOME_OK || facts->outcome == OUTCOME_MOVED;
}

static bool is_strong(const struct check_facts *facts)
{
	return facts->outcome == OUTCOME_BROKEN &&
	       (facts->authoritative || facts->reason == REASON_HTTP_410 ||
		       (facts->reason == REASON_DNS_NXDOMAIN && facts->whole_domain));
}

/* Since the last good check. */
static int first_of_run(const struct history *history)
{
	int i = history->count;
	while (i > 0 && !is_good(&history->checks[i - 1]))
		i--;
	return i;
}

static void assert_may_be_dead(const struct history *history)
{
	const struct check_facts *last = &history->checks[history->count - 1];
	int from = first_of_run(history), broken = 0, silent = 0;
	time_ms first_broken = INT64_MAX, first_bad = INT64_MAX;
	for (int i = from; i < history->count; i++) {
		const struct check_facts *facts = &history->checks[i];
		bool is_broken = facts->outcome == OUTCOME_BROKEN;
		if (!is_broken && facts->outcome != OUTCOME_UNREACHABLE)
			continue;
		broken += is_broken;
		silent += !is_broken;
		if (is_broken && facts->at < first_broken)
			first_broken = facts->at;
		if (facts->at < first_bad)
			first_bad = facts->at;
	}
	assert_true(last->second_method);
	bool by_broken = broken >= 3 && last->at - first_broken >= 6 * TIME_MS_PER_DAY &&
			 last->outcome == OUTCOME_BROKEN;
	bool by_all =
		2 * broken + silent >= 6 && last->at - first_bad >= 14 * TIME_MS_PER_DAY;
	bool early =
		broken >= 2 && last->at - first_bad >= TIME_MS_PER_DAY && is_strong(last);
	assert_true(by_broken || by_all || early);
}

static struct check_facts some_check(struct random *random, time_ms at)
{
	static const enum reason reasons[] = { REASON_OK, REASON_HTTP_404,
		REASON_HTTP_404, REASON_HTTP_404, REASON_TIMEOUT, REASON_TIMEOUT,
		REASON_HTTP_410, REASON_DNS_NXDOMAIN, REASON_FORBIDDEN, REASON_OFFLINE,
		REASON_ROBOTS_DISALLOWED, REASON_REDIRECT_PERMANENT,
		REASON_REGISTRY_MISSING, REASON_HTTP_404 };
	struct check_facts facts = found(
		at, reasons[random_below(random, sizeof(reasons) / sizeof(reasons[0]))]);
	/* Runs of bad ones are what matters. */
	if (is_good(&facts) && random_below(random, 4) > 0)
		facts = found(at, REASON_HTTP_5XX);
	facts.second_method = random_below(random, 2) == 0;
	facts.authoritative = facts.reason == REASON_REGISTRY_MISSING;
	facts.whole_domain = random_below(random, 2) == 0;
	facts.target_hash =
		facts.outcome == OUTCOME_MOVED ? 1 + random_below(random, 2) : 0;
	facts.title_hash = random_below(random, 3);
	facts.simhash = hash_mix(random_below(random, 3));
	return facts;
}

static void assert_sound(const struct link_record *record,
	const struct health_change *change, const struct check_facts *facts)
{
	assert_true(record->first_strike_at <= record->last_strike_at);
	assert_true(record->first_broken_at == 0 ||
		    (record->first_broken_at >= record->first_strike_at &&
			    record->first_broken_at <= record->last_strike_at));
	assert_true(record->span.first_at <= record->span.last_at);
	assert_true(record->strike_halves >= 2 * record->broken_strikes);
	assert_int_equal(record->state, change->to);
	assert_true(record->confirmed == STATE_UNCHECKED ||
		    record->confirmed == STATE_ALIVE ||
		    record->confirmed == STATE_MOVED || record->confirmed == STATE_DEAD);
	if (is_good(facts)) {
		assert_int_equal(record->strike_halves, 0);
		assert_true(record->state == STATE_ALIVE || record->state == STATE_MOVED);
	}
	if (facts->outcome == OUTCOME_GATED)
		assert_int_equal(record->state, STATE_GATED);
	if (change->closed.checks > 0)
		assert_true(change->closed.first_at <= change->closed.last_at);
}

/* Mostly the hours and days of a schedule; sometimes weeks. */
static time_ms some_gap(struct random *random)
{
	uint64_t days = random_below(random, 20) == 0 ? 60 : 3;
	return 1 + (time_ms)random_below(random, days * TIME_MS_PER_DAY);
}

static void one_life(uint64_t seed)
{
	static struct history history;
	struct link_record record = { 0 };
	struct random random;
	time_ms at = start;
	random_init(&random, seed);
	history.count = 0;
	while (history.count < HISTORY_MAX) {
		struct check_facts facts = some_check(&random, at += some_gap(&random));
		enum state confirmed = record.confirmed;
		struct health_change change = apply(&record, facts);
		history.checks[history.count++] = facts;
		assert_sound(&record, &change, &facts);
		if (record.confirmed == STATE_DEAD && confirmed != STATE_DEAD)
			assert_may_be_dead(&history);
		if (confirmed == STATE_DEAD && !is_good(&facts))
			assert_int_equal(record.confirmed, STATE_DEAD);
	}
}

static void no_sequence_breaks_the_contract(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 2000; seed++)
		one_life(seed);
}

/* The clock steps by anything, noticed or not: what is dead has really been seen bad for
 * longer than a step can feign. */
static void no_step_of_the_clock_kills(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 5000; seed++) {
		struct link_record record = { 0 };
		struct health_limits limits = health_limits_default();
		struct health_change change;
		struct random random;
		time_ms real = start, step = 0;
		random_init(&random, seed);
		/* 47 hours of true time, one step in them. */
		int when = (int)random_below(&random, 47);
		bool noticed = random_below(&random, 2) == 0;
		for (int hour = 0; hour < 47; hour++, real += TIME_MS_PER_HOUR) {
			if (hour == when) {
				step = (time_ms)random_below(&random, UINT64_C(1) << 40) -
				       (INT64_C(1) << 39);
				if (noticed)
					health_clock_stepped(
						&limits.clock, real + step, step);
			}
			struct check_facts facts = found(real + step, REASON_HTTP_404);
			facts.second_method = true;
			health_apply(&record, &facts, &limits, &change);
			assert_int_not_equal(change.to, STATE_DEAD);
			assert_true(record.first_strike_at <= record.last_strike_at);
			assert_true(record.span.first_at <= record.span.last_at);
		}
	}
}

/* A guest that is paused each night: sixteen hours are stepped over each day, and eight
 * are known. */
static void a_step_a_day_stops_nothing(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	struct health_limits limits = health_limits_default();
	struct health_change change = { 0 };
	struct check_facts facts = found(start, REASON_HTTP_404);
	facts.second_method = true;
	health_apply(&record, &facts, &limits, &change);
	int days = 0;
	for (; change.to != STATE_DEAD && days < 40; days++) {
		facts.at += TIME_MS_PER_DAY;
		/* now and then twice between two checks */
		if (days % 5 == 4) {
			health_clock_stepped(&limits.clock,
				facts.at - 8 * TIME_MS_PER_HOUR, 16 * TIME_MS_PER_HOUR);
			facts.at += TIME_MS_PER_DAY;
			days++;
		}
		health_clock_stepped(&limits.clock, facts.at, 16 * TIME_MS_PER_HOUR);
		health_apply(&record, &facts, &limits, &change);
		assert_true(record.first_strike_at <= record.last_strike_at);
		if (days == 0) {
			assert_int_equal(record.strike_halves, 2);
			assert_int_equal(record.waited_ms, 8 * TIME_MS_PER_HOUR);
		}
	}
	assert_int_equal(change.to, STATE_DEAD);
	assert_in_range(days, 6 * 24 / 8, 6 * 24 / 8 + 8);
}

/* --- configured limits
 * ---------------------------------------------------------------------- */

static void every_number_is_a_setting(void **state)
{
	(void)state;
	struct health_limits limits = health_limits_default();
	struct link_record record = { 0 };
	struct health_change change;
	limits.strikes = 2;
	limits.span_ms = TIME_MS_PER_HOUR; /* the spacing gives way to it */
	struct check_facts facts = found(start, REASON_HTTP_404);
	facts.second_method = true;
	health_apply(&record, &facts, &limits, &change);
	assert_true(change.confirm_next);
	facts.at += TIME_MS_PER_HOUR - 1;
	health_apply(&record, &facts, &limits, &change);
	assert_int_equal(change.to, STATE_SUSPECT);
	facts.at += 1;
	health_apply(&record, &facts, &limits, &change);
	assert_int_equal(change.to, STATE_DEAD);
}

/* --- why
 * ------------------------------------------------------------------------------------ */

static void explanations_are_sentences_with_dates(void **state)
{
	(void)state;
	struct health_limits limits = health_limits_default();
	struct link_record record = { 0 };
	struct buffer out;
	buffer_init(&out, HEALTH_EXPLAIN_BYTES_MAX);
	health_explain(&record, &limits, start, &out);
	assert_slice(buffer_slice(&out), "No check has given an opinion yet.\n");
	buffer_reset(&out);
	apply(&record, found(start, REASON_OK));
	struct check_facts facts = found(start + 7 * TIME_MS_PER_DAY, REASON_HTTP_404);
	facts.http_status = 404;
	apply(&record, facts);
	facts.at += TIME_MS_PER_DAY;
	facts.second_method = true;
	apply(&record, facts);
	record.due_at = facts.at + 30 * TIME_MS_PER_HOUR;
	health_explain(&record, &limits, facts.at, &out);
	assert_slice(buffer_slice(&out),
		"It has been suspect since 2026-01-08 00:00 UTC: bad lately, not yet "
		"confirmed.\n"
		"The last of 3 checks was on 2026-01-09 00:00 UTC and found http_404 "
		"(HTTP 404).\n"
		"It was last good on 2026-01-01 00:00 UTC.\n"
		"It has 2 strikes, from 2026-01-08 00:00 UTC to 2026-01-09 00:00 UTC, "
		"the "
		"last by a second method.\n"
		"It will be called dead after 1 more bad check, by a second method, not "
		"before 2026-01-14 00:00 UTC: 3 strikes over at least 6 days are "
		"needed.\n"
		"One good check clears all strikes.\n"
		"It is checked next on 2026-01-10 06:00 UTC, in 30 hours, by a second "
		"method.\n");
	buffer_fini(&out);
}

static void assert_explains(const struct link_record *record, const char *sentence)
{
	struct health_limits limits = health_limits_default();
	struct buffer out;
	buffer_init(&out, HEALTH_EXPLAIN_BYTES_MAX);
	health_explain(record, &limits, record->last_checked_at, &out);
	if (strstr(buffer_string(&out), sentence) == NULL)
		fail_msg("%s", buffer_string(&out));
	buffer_fini(&out);
}

/* Once a week and behind a gate: what counts is less than what was seen, and the dates
 * that are told are those of checks. */
static void strikes_are_told_as_they_were(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	struct check_facts facts = found(start, REASON_HTTP_404);
	apply(&record, facts);
	facts.at = start + 3 * TIME_MS_PER_DAY;
	apply(&record, facts);
	assert_int_equal(record.strikes_since, 0);
	assert_int_equal(record_strikes_since(&record), start);
	facts.at = start + 10 * TIME_MS_PER_DAY;
	apply(&record, facts);
	assert_int_equal(record.first_strike_at, start + 3 * TIME_MS_PER_DAY);
	assert_int_equal(record_strikes_since(&record), start);
	apply(&record, found(start + 12 * TIME_MS_PER_DAY, REASON_FORBIDDEN));
	assert_explains(&record,
		"It will be called dead after bad checks that make 3 strikes over at "
		"least 6 days, the last by a second method; the time in which nothing "
		"can be told counts nothing.\n");
	facts.at = start + 14 * TIME_MS_PER_DAY;
	apply(&record, facts);
	assert_int_equal(record.first_strike_at, start + 7 * TIME_MS_PER_DAY);
	assert_int_equal(record_strikes_since(&record), start);
	assert_explains(&record,
		"It has 4 strikes, from 2026-01-01 00:00 UTC to 2026-01-15 00:00 UTC, "
		"the last by the usual method.\n"
		"Of these 14 days only 7 days count: nobody looked in between, or a gate "
		"hid it.\n");
	/* the clock is set back a week: all dates with it */
	facts.at = start + 7 * TIME_MS_PER_DAY;
	apply(&record, facts);
	assert_int_equal(record.first_strike_at, start);
	assert_int_equal(record_strikes_since(&record), start - 7 * TIME_MS_PER_DAY);
	facts.at = start + 50 * TIME_MS_PER_DAY;
	apply(&record, facts);
	assert_int_equal(record_strikes_since(&record), facts.at);
	apply(&record, found(facts.at + 1, REASON_OK));
	assert_int_equal(record_strikes_since(&record), 0);
}

static void death_is_told_as_it_was_confirmed(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	struct check_facts facts = found(start, REASON_HTTP_404);
	facts.second_method = true;
	for (int i = 0; i < 3; i++, facts.at += 3 * TIME_MS_PER_DAY)
		apply(&record, facts);
	assert_int_equal(record.state, STATE_DEAD);
	assert_explains(&record, "It is dead, confirmed on 2026-01-07 00:00 UTC.\n");
	apply(&record, found(start + 9 * TIME_MS_PER_DAY, REASON_FORBIDDEN));
	facts.at = start + 14 * TIME_MS_PER_DAY;
	apply(&record, facts);
	assert_explains(&record,
		"It is dead, confirmed on 2026-01-07 00:00 UTC; until 2026-01-15 00:00 "
		"UTC a gate hid that.\n");
}

static void another_page_is_told_when_it_stays(void **state)
{
	(void)state;
	struct link_record record = { 0 };
	struct check_facts facts = found(start, REASON_OK);
	facts.simhash = 1;
	apply(&record, facts);
	facts.at += TIME_MS_PER_DAY;
	facts.simhash = UINT64_MAX;
	assert_true(apply(&record, facts).content_unsure);
	assert_explains(&record,
		"Since 2026-01-02 00:00 UTC it is another page than before; that is told "
		"as a change if it is the same after 2026-01-08 00:00 UTC.\n");
	/* a title that comes with it is not that of the first page */
	facts.at += TIME_MS_PER_DAY;
	facts.title_hash = 7;
	assert_false(apply(&record, facts).content_unsure);
	assert_int_equal(record.title_hash, 0);
	facts.at += 5 * TIME_MS_PER_DAY;
	assert_true(apply(&record, facts).content_changed);
	assert_int_equal(record.title_hash, 7);
	assert_int_equal(record.other_since, 0);
	assert_int_equal(record.other_simhash, 0);
}

/* The longest there can be, from records that no program wrote. */
static void explanations_fit_their_bound(void **state)
{
	(void)state;
	struct health_limits limits = health_limits_default();
	struct random random;
	struct buffer out;
	random_init(&random, 3);
	buffer_init(&out, HEALTH_EXPLAIN_BYTES_MAX);
	for (int i = 0; i < 20000; i++) {
		struct link_record record;
		unsigned char *bytes = (unsigned char *)&record;
		for (size_t k = 0; k < sizeof(record); k++)
			bytes[k] = (unsigned char)random_next(&random);
		record.state = (enum state)random_below(&random, 7);
		record.confirmed = (enum state)random_below(&random, 7);
		record.reason = (enum reason)random_below(&random, REASON_COUNT);
		record.second_method = record.strong_evidence = i % 2 == 0;
		record.target_since = record.first_strike_at = record.first_broken_at =
			record.last_strike_at = record.other_since = start;
		record.due_at = start + (time_ms)random_below(&random, 1u << 30);
		record.recent_count = RECENT_MAX;
		buffer_reset(&out);
		health_explain(&record, &limits, start, &out);
		assert_false(out.failed);
		assert_true(out.len > 0 && out.at[out.len - 1] == '\n');
	}
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clock_that_was_ahead),
		cmocka_unit_test(a_repository_of_somebody_else),
		cmocka_unit_test(spans_hold_what_is_the_same),
		cmocka_unit_test(an_unchanged_page_is_one_span),
		cmocka_unit_test(a_certificate_goes_with_https),
		cmocka_unit_test(a_span_is_never_negative),
		cmocka_unit_test(offline_leaves_no_trace),
		cmocka_unit_test(recent_checks_are_a_map),
		cmocka_unit_test(events_of_the_dead_are_never_quiet),
		cmocka_unit_test(no_sequence_breaks_the_contract),
		cmocka_unit_test(no_step_of_the_clock_kills),
		cmocka_unit_test(a_step_a_day_stops_nothing),
		cmocka_unit_test(every_number_is_a_setting),
		cmocka_unit_test(explanations_are_sentences_with_dates),
		cmocka_unit_test(strikes_are_told_as_they_were),
		cmocka_unit_test(death_is_told_as_it_was_confirmed),
		cmocka_unit_test(another_page_is_told_when_it_stays),
		cmocka_unit_test(explanations_fit_their_bound),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
