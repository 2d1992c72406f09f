#include "simulate/watch.h"

#include <assert.h>

#include "base/hash.h"
#include "simulate/script.h"

/* Any day will do, as long as it is none before 1970. */
static const time_ms WALL_START = INT64_C(1767225600000); /* 2026-01-01 */

void watch_world_init(struct watch_world *world)
{
	*world = (struct watch_world){ .health = health_limits_default() };
	random_init(&world->random, 7);
}

void watch_world_fini(struct watch_world *world)
{
	struct watched *link;
	while ((link = world->links) != NULL) {
		world->links = link->next;
		free(link);
	}
}

time_ms watch_wall(const struct script *script)
{
	return WALL_START + script->world.now / TIME_US_PER_MS + script->watch.step_ms;
}

static struct watched *find_link(struct script *script, struct slice name)
{
	struct watched *link = script->watch.links;
	while (link != NULL && !slice_equal(slice_of(link->name), name))
		link = link->next;
	return link;
}

static struct watched *take_link(struct script *script)
{
	struct watched *link = find_link(script, take_word(script, "a link"));
	if (link == NULL)
		misread(script, "the name of a known link");
	return link;
}

/* link NAME [interval D] [most D] */
void do_link(struct script *script)
{
	struct slice name = take_word(script, "a name");
	struct watched *link = calloc(1, sizeof(*link));
	assert(link != NULL);
	snprintf(link->name, sizeof(link->name), "%.*s", SLICE_ARG(name));
	link->hash = hash_bytes(name, 0);
	link->limits = schedule_limits_default();
	link->first_bad_at = -1;
	if (word_is(script, "interval"))
		link->limits.interval_ms = take_time(script) / TIME_US_PER_MS;
	if (word_is(script, "most"))
		link->limits.interval_max_ms = take_time(script) / TIME_US_PER_MS;
	link->next = script->watch.links;
	script->watch.links = link;
	schedule_next(&link->record, NULL, &link->limits, &script->watch.health,
		link->hash, &script->watch.random, watch_wall(script));
}

/* REASON [CIRCUMSTANCES], to the end of the line. */
static struct check_facts take_facts(struct script *script)
{
	struct check_facts facts = { .reason = take_reason(script), .elapsed_ms = 10 };
	facts.outcome = reason_outcome(facts.reason);
	while (script->at < script->count && !script->wrong) {
		if (word_is(script, "second"))
			facts.second_method = true;
		else if (word_is(script, "authoritative"))
			facts.authoritative = true;
		else if (word_is(script, "whole-domain"))
			facts.whole_domain = true;
		else if (word_is(script, "to"))
			facts.target_hash = take_positive(script);
		else if (word_is(script, "title"))
			facts.title_hash = take_positive(script);
		else if (word_is(script, "bits")) /* so many of the simhash are set */
			facts.simhash = UINT64_MAX >> (64 - take_positive(script));
		else
			misread(script, "a circumstance");
	}
	return facts;
}

static void apply(struct script *script, struct watched *link, struct check_facts facts)
{
	struct watch_world *watch = &script->watch;
	struct health_change *change = &link->change;
	time_us now = script->world.now;
	facts.at = watch_wall(script);
	health_apply(&link->record, &facts, &watch->health, change);
	schedule_next(&link->record, change, &link->limits, &watch->health, link->hash,
		&watch->random, facts.at);
	if (change->from != change->to && !change->quiet)
		link->events++;
	if (change->to == STATE_DEAD && change->from != STATE_DEAD)
		link->dead_at = now;
	if (facts.outcome == OUTCOME_OK || facts.outcome == OUTCOME_MOVED)
		link->first_bad_at = -1;
	else if (link->first_bad_at < 0 && (facts.outcome == OUTCOME_BROKEN ||
						   facts.outcome == OUTCOME_UNREACHABLE))
		link->first_bad_at = now;
}

/* check NAME REASON [CIRCUMSTANCES] */
void do_check(struct script *script)
{
	struct watched *link = take_link(script);
	struct check_facts facts = take_facts(script);
	if (link != NULL && !script->wrong)
		apply(script, link, facts);
}

/* watch NAME until TIME REASON [CIRCUMSTANCES] */
void do_watch(struct script *script)
{
	struct watched *link = take_link(script);
	if (!word_is(script, "until"))
		misread(script, "until");
	time_us until = take_time(script);
	struct check_facts facts = take_facts(script);
	if (link == NULL || script->wrong)
		return;
	for (;;) {
		time_us wait =
			(link->record.due_at - watch_wall(script)) * TIME_US_PER_MS;
		if (script->world.now + (wait > 0 ? wait : 0) > until)
			break;
		script->world.now += wait > 0 ? wait : 0;
		facts.second_method =
			health_wants_second_method(&link->record, &script->watch.health);
		apply(script, link, facts);
	}
	script->world.now = until;
}

/* clock forward|back D [noticed] */
void do_clock(struct script *script)
{
	bool forward = word_is(script, "forward");
	if (!forward && !word_is(script, "back"))
		misread(script, "forward or back");
	time_ms step = take_time(script) / TIME_US_PER_MS;
	script->watch.step_ms += forward ? step : -step;
	if (word_is(script, "noticed"))
		health_clock_stepped(&script->watch.health.clock, watch_wall(script),
			forward ? step : -step);
}

/* catch-up NAME */
void do_catch_up(struct script *script)
{
	struct watched *link = take_link(script);
	struct schedule_queue *queue = schedule_queue_new(1);
	time_ms now = watch_wall(script);
	assert(queue != NULL);
	if (link != NULL) {
		struct link_record *record = &link->record;
		link->missed = schedule_missed(record->due_at, record->interval_ms, now);
		schedule_fit(record, &link->limits, link->hash, now);
		(void)schedule_queue_set(queue, 1, record->due_at, record->interval_ms,
			schedule_is_urgent(record));
		schedule_queue_catch_up(queue, link->limits.first_spread_ms, now);
		if (schedule_queue_overdue(queue) == 0)
			record->due_at = schedule_queue_deadline(queue);
	}
	schedule_queue_free(queue);
}

/* confirm [strikes N] [span D] [unreachable-span D] [early-strikes N] [early-span D] */
void do_confirm(struct script *script)
{
	struct health_limits *health = &script->watch.health;
	while (script->at < script->count && !script->wrong) {
		if (word_is(script, "strikes"))
			health->strikes = take_positive(script);
		else if (word_is(script, "span"))
			health->span_ms = take_time(script) / TIME_US_PER_MS;
		else if (word_is(script, "unreachable-span"))
			health->unreachable_span_ms = take_time(script) / TIME_US_PER_MS;
		else if (word_is(script, "early-strikes"))
			health->early_strikes = take_positive(script);
		else if (word_is(script, "early-span"))
			health->early_span_ms = take_time(script) / TIME_US_PER_MS;
		else
			misread(script, "strikes, span, unreachable-span, early-strikes, "
					"early-span");
	}
}

/* --- expect link NAME ...
 * ----------------------------------------------------------------- */

static void expect_state(struct script *script, const struct watched *link)
{
	struct slice want = take_word(script, "a state");
	const char *have = state_text(link->record.state);
	if (!slice_equal(want, slice_of(have)))
		complain(script, "expected %.*s, got %s", SLICE_ARG(want), have);
}

static void expect_confirmed(struct script *script, const struct watched *link)
{
	struct slice want = take_word(script, "a state");
	const char *have = state_text(link->record.confirmed);
	if (!slice_equal(want, slice_of(have)))
		complain(script, "expected %.*s, got %s", SLICE_ARG(want), have);
}

static void compare_between(
	struct script *script, uint64_t low, uint64_t high, uint64_t actual)
{
	if (actual < low || actual > high)
		complain(script, "expected %llu to %llu, got %llu",
			(unsigned long long)low, (unsigned long long)high,
			(unsigned long long)actual);
}

static void expect_span_between(struct script *script, time_us actual)
{
	char from[32], to[32], have[32];
	time_us low = take_time(script), high = take_time(script);
	if (actual < low || actual > high)
		complain(script, "expected %s to %s, got %s", span_text(low, from),
			span_text(high, to), span_text(actual, have));
}

static void expect_halves(struct script *script, const struct watched *link)
{
	uint32_t want = take_count(script);
	compare_between(script, want, want, link->record.strike_halves);
}

static void expect_due(struct script *script, const struct watched *link)
{
	expect_span_between(
		script, (link->record.due_at - watch_wall(script)) * TIME_US_PER_MS);
}

static void expect_checks(struct script *script, const struct watched *link)
{
	uint32_t low = take_count(script), high = take_count(script);
	compare_between(script, low, high, link->record.checks);
}

static void expect_events(struct script *script, const struct watched *link)
{
	uint32_t low = take_count(script), high = take_count(script);
	compare_between(script, low, high, link->events);
}

static void expect_missed(struct script *script, const struct watched *link)
{
	uint32_t want = take_count(script);
	compare_between(script, want, want, link->missed);
}

static void expect_delay(struct script *script, const struct watched *link)
{
	expect_span_between(script, link->dead_at - link->first_bad_at);
}

static void expect_is(struct script *script, const struct watched *link)
{
	bool negated = word_is(script, "not"), actual = false;
	if (word_is(script, "flapping"))
		actual = link->record.flapping_since != 0;
	else if (word_is(script, "changed"))
		actual = link->change.content_changed;
	else if (word_is(script, "revived"))
		actual = link->change.revived;
	else if (word_is(script, "confirming"))
		actual = link->change.confirm_next;
	else if (word_is(script, "conditional"))
		actual = schedule_may_be_conditional(&link->record);
	else if (word_is(script, "urgent"))
		actual = schedule_is_urgent(&link->record);
	else
		misread(script,
			"flapping, changed, revived, confirming, conditional, urgent");
	if (actual == negated)
		complain(script, "expected %.*s, got the contrary",
			SLICE_ARG(script->words[script->at - 1]));
}

static const struct {
	const char *word;
	void (*expect)(struct script *script, const struct watched *link);
} link_expectations[] = {
	{ "state", expect_state },
	{ "confirmed", expect_confirmed },
	{ "halves", expect_halves },
	{ "due", expect_due },
	{ "checks", expect_checks },
	{ "events", expect_events },
	{ "missed", expect_missed },
	{ "delay", expect_delay },
	{ "is", expect_is },
};

/* expect link NAME WHAT ... */
void expect_link(struct script *script)
{
	struct watched *link = take_link(script);
	if (link == NULL)
		return;
	for (size_t i = 0; i < sizeof(link_expectations) / sizeof(link_expectations[0]);
		i++)
		if (word_is(script, link_expectations[i].word)) {
			link_expectations[i].expect(script, link);
			return;
		}
	misread(script, "what is expected of the link");
}
