#include "site/strip.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>

#define HOLD_LEAST    (2 * TIME_MS_PER_DAY)
#define HOLD_MOST     (14 * TIME_MS_PER_DAY)
#define SPAN_BROKEN   (6 * TIME_MS_PER_DAY)
#define SPAN_UNPROVEN (14 * TIME_MS_PER_DAY)

enum { STRIKES = 3 };

/* What is gathered of one day before it is judged. */
struct day {
	uint32_t good, bad, gated;
	bool dead;
	enum reason reason_bad, reason_other;
	enum strip_kind held; /* NONE: nothing reaches into it from before */
	enum reason reason_held;
};

/* Failures in a row, which successes alone end. */
struct run {
	time_ms first_at; /* 0: none under way */
	uint32_t checks;
	bool broken; /* one of them proves something */
};

/* One span made ready. */
struct stretch {
	time_ms first_at, last_at;
	int64_t checks; /* at least 1 */
	time_ms hold;   /* after a check of it */
	enum strip_kind kind;
	enum reason reason;
	time_ms dead_from; /* kind SUSPECT: is dead from then on; INT64_MAX: never */
};

const char *strip_kind_text(enum strip_kind kind)
{
#define STRIP_KIND_TEXT(name, text) [STRIP_##name] = (text),
	static const char *const texts[STRIP_KIND_COUNT] = { STRIP_KINDS(
		STRIP_KIND_TEXT) };
#undef STRIP_KIND_TEXT
	return texts[kind];
}

static enum strip_kind kind_of(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_OK:
	case OUTCOME_MOVED:
		return STRIP_OK;
	case OUTCOME_BROKEN:
	case OUTCOME_UNREACHABLE:
		return STRIP_SUSPECT;
	case OUTCOME_GATED:
		return STRIP_GATED;
	case OUTCOME_SKIPPED:
		return STRIP_NONE;
	}
	return STRIP_NONE;
}

/* When check number k was made, from 0. */
static time_ms time_of_check(const struct stretch *stretch, int64_t k)
{
	if (stretch->checks == 1)
		return stretch->first_at;
	return stretch->first_at +
	       (stretch->last_at - stretch->first_at) * k / (stretch->checks - 1);
}

/* How many of its checks were made before `at`. */
static int64_t checks_before(const struct stretch *stretch, time_ms at)
{
	time_ms length = stretch->last_at - stretch->first_at;

	if (at <= stretch->first_at)
		return 0;
	if (at > stretch->last_at)
		return stretch->checks;
	/* Not the last, which is at last_at; the others by their even distance, but as
	 * time_of_check rounds them. */
	int64_t k = (at - stretch->first_at) * (stretch->checks - 1) / length;
	while (k < stretch->checks && time_of_check(stretch, k) < at)
		k++;
	while (k > 0 && time_of_check(stretch, k - 1) >= at)
		k--;
	return k;
}

static time_ms clamp_hold(time_ms hold)
{
	if (hold < HOLD_LEAST)
		return HOLD_LEAST;
	return hold > HOLD_MOST ? HOLD_MOST : hold;
}

static time_ms hold_of(const struct stretch *stretch, const struct strip_facts *facts)
{
	if (facts->hold_ms > 0)
		return facts->hold_ms;
	time_ms hold = clamp_hold(2 * facts->record->interval_ms);
	if (stretch->checks > 1) {
		time_ms own = clamp_hold((stretch->last_at - stretch->first_at) /
					 (stretch->checks - 1) * 2);
		hold = own > hold ? own : hold;
	}
	return hold;
}

/* The default rule, for failures of which only the spans are left. */
static time_ms confirmed_at(
	const struct run *run, uint32_t checks_before_it, const struct stretch *stretch)
{
	time_ms span = run->broken ? SPAN_BROKEN : SPAN_UNPROVEN;
	time_ms at = run->first_at + span;

	if (run->checks < STRIKES)
		return INT64_MAX;
	if (checks_before_it < STRIKES) {
		time_ms third =
			time_of_check(stretch, STRIKES - 1 - (int64_t)checks_before_it);
		at = third > at ? third : at;
	}
	return at <= stretch->last_at ? at : INT64_MAX;
}

/* Follows the run of failures, and says from when on this span's were confirmed. */
static time_ms follow(struct run *run, const struct span *span,
	const struct stretch *stretch, const struct link_record *record, bool is_current)
{
	if (stretch->kind == STRIP_OK)
		*run = (struct run){ 0 };
	if (stretch->kind != STRIP_SUSPECT)
		return INT64_MAX;
	uint32_t before = run->checks;
	if (run->first_at == 0)
		run->first_at = stretch->first_at;
	run->checks += span->checks;
	run->broken |= span->outcome == OUTCOME_BROKEN;
	if (is_current && record->state == STATE_DEAD)
		return record->since;
	if (is_current && record->state == STATE_SUSPECT)
		return INT64_MAX;
	return confirmed_at(run, before, stretch);
}

/* The days from the one that holds `at`, and how far they go; slot numbers, clamped. */
static int64_t slot_of(const struct strip *strip, time_ms at)
{
	if (at < strip->from)
		return 0;
	int64_t slot = (at - strip->from) / TIME_MS_PER_DAY;
	return slot < STRIP_SLOTS ? slot : STRIP_SLOTS - 1;
}

static void add_checks(
	struct day *day, const struct stretch *stretch, int64_t count, time_ms day_end)
{
	uint32_t checks = count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;

	if (stretch->kind == STRIP_SUSPECT) {
		day->bad += checks;
		day->reason_bad = stretch->reason;
		day->dead |= stretch->dead_from < day_end;
		return;
	}
	if (stretch->kind == STRIP_OK)
		day->good += checks;
	else
		day->gated += checks;
	day->reason_other = stretch->reason;
}

/* One day of a stretch: its checks then; or, without one, what the last one before holds.
 */
static void add_day(struct day *day, const struct stretch *stretch, time_ms begin)
{
	time_ms end = begin + TIME_MS_PER_DAY;
	int64_t before = checks_before(stretch, begin);
	int64_t count = checks_before(stretch, end) - before;

	if (count > 0) {
		add_checks(day, stretch, count, end);
	} else if (before > 0 &&
		   time_of_check(stretch, before - 1) + stretch->hold > begin) {
		bool dead = stretch->kind == STRIP_SUSPECT && stretch->dead_from < end;
		day->held = dead ? STRIP_DEAD : stretch->kind;
		day->reason_held = stretch->reason;
	}
}

static void add_stretch(struct day *days, const struct strip *strip,
	const struct stretch *stretch, time_ms now)
{
	time_ms until = stretch->last_at + stretch->hold;

	if (stretch->kind == STRIP_NONE || until < strip->from || stretch->first_at > now)
		return;
	int64_t last = slot_of(strip, until < now ? until : now);
	for (int64_t i = slot_of(strip, stretch->first_at); i <= last; i++)
		add_day(&days[i], stretch, strip->from + i * TIME_MS_PER_DAY);
}

static struct stretch stretch_of(const struct span *span, const struct strip_facts *facts)
{
	/* No link is asked more often; the product of time and count then fits. */
	enum { CHECKS_MAX = 10 * 1000 * 1000 };
	struct stretch stretch = {
		.first_at = span->first_at,
		.last_at =
			span->last_at > span->first_at ? span->last_at : span->first_at,
		.checks = span->checks < CHECKS_MAX ? span->checks : CHECKS_MAX,
		.kind = kind_of(span->outcome),
		.reason = span->reason,
	};
	if (stretch.checks < 1 || stretch.first_at == stretch.last_at)
		stretch.last_at = stretch.first_at;
	if (stretch.checks < 1)
		stretch.checks = 1;
	stretch.hold = hold_of(&stretch, facts);
	return stretch;
}

static struct strip_slot judge(const struct day *day)
{
	uint32_t opinions = day->good + day->bad;

	if (opinions + day->gated == 0)
		return (struct strip_slot){
			.kind = day->held,
			.reason = day->held == STRIP_NONE ? REASON_OK : day->reason_held,
			.good_permille = day->held == STRIP_OK ? 1000 : 0,
		};
	struct strip_slot slot = {
		.kind = STRIP_GATED,
		.reason = day->bad > 0 ? day->reason_bad : day->reason_other,
		.checks = opinions + day->gated,
		.bad = day->bad,
	};
	if (opinions == 0)
		return slot;
	slot.good_permille = (uint16_t)(1000 * (uint64_t)day->good / opinions);
	if (day->bad == 0)
		slot.kind = STRIP_OK;
	else
		slot.kind =
			day->dead && day->bad >= day->good ? STRIP_DEAD : STRIP_SUSPECT;
	return slot;
}

static const struct span *span_at(const struct strip_facts *facts, uint32_t i)
{
	return i < facts->span_count ? &facts->spans[i] : &facts->record->span;
}

/* The first span behind the last success: failures from there on are what the record's
 * state is about. */
static uint32_t current_from(const struct strip_facts *facts)
{
	uint32_t i = facts->span_count + 1;

	while (i > 0 && (span_at(facts, i - 1)->first_at <= 0 ||
				kind_of(span_at(facts, i - 1)->outcome) != STRIP_OK))
		i--;
	return i;
}

void strip_make(struct strip *strip, const struct strip_facts *facts)
{
	struct day days[STRIP_SLOTS] = { 0 };
	struct run run = { 0 };
	time_ms today = facts->now - facts->now % TIME_MS_PER_DAY;
	uint32_t current = current_from(facts);

	*strip = (struct strip){ .from = today - (STRIP_SLOTS - 1) * TIME_MS_PER_DAY };
	for (uint32_t i = 0; i <= facts->span_count; i++) {
		const struct span *span = span_at(facts, i);
		if (span->first_at <= 0)
			continue;
		struct stretch stretch = stretch_of(span, facts);
		stretch.dead_from =
			follow(&run, span, &stretch, facts->record, i >= current);
		add_stretch(days, strip, &stretch, facts->now);
	}
	for (size_t i = 0; i < STRIP_SLOTS; i++)
		strip->slots[i] = judge(&days[i]);
}

int strip_good_permille(const struct strip *strip, uint32_t slots)
{
	uint32_t known = 0;
	uint64_t sum = 0;

	assert(slots <= STRIP_SLOTS);
	for (size_t i = STRIP_SLOTS - slots; i < STRIP_SLOTS; i++) {
		enum strip_kind kind = strip->slots[i].kind;
		if (kind == STRIP_NONE || kind == STRIP_GATED)
			continue;
		known++;
		sum += strip->slots[i].good_permille;
	}
	return known == 0 ? -1 : (int)(sum / known);
}

static bool is_any_gated(const struct strip *strip, uint32_t slots)
{
	for (size_t i = STRIP_SLOTS - slots; i < STRIP_SLOTS; i++)
		if (strip->slots[i].kind == STRIP_GATED)
			return true;
	return false;
}

void strip_add_share(struct buffer *out, const struct strip *strip, uint32_t slots)
{
	int permille = strip_good_permille(strip, slots);

	if (permille < 0)
		buffer_add_text(out,
			strip_kind_text(
				is_any_gated(strip, slots) ? STRIP_GATED : STRIP_NONE));
	else if (permille % 10 == 0)
		buffer_printf(out, "%d %%", permille / 10);
	else
		buffer_printf(out, "%d.%d %%", permille / 10, permille % 10);
}

static void add_verdict(struct buffer *out, const struct strip_slot *slot)
{
	const char *reason = reason_text(slot->reason);

	if (slot->bad > 0) {
		if (slot->checks > 1)
			buffer_printf(out, "%" PRIu32 " of ", slot->bad);
		buffer_printf(out, "%" PRIu32 " check%s failed (%s)%s", slot->checks,
			slot->checks == 1 ? "" : "s", reason,
			slot->kind == STRIP_DEAD ? ", confirmed dead" : "");
		return;
	}
	buffer_add_text(out, strip_kind_text(slot->kind));
	if (slot->kind != STRIP_NONE && slot->reason != REASON_OK)
		buffer_printf(out, " (%s)", reason);
	if (slot->kind != STRIP_NONE && slot->checks > 0)
		buffer_printf(out, ", %" PRIu32 " check%s", slot->checks,
			slot->checks == 1 ? "" : "s");
	else if (slot->kind != STRIP_NONE)
		buffer_add_text(out, ", not checked this day");
}

void strip_add_slot(struct buffer *out, const struct strip *strip, uint32_t slot)
{
	char day[TIME_RFC3339_SIZE];

	assert(slot < STRIP_SLOTS);
	time_format_rfc3339(strip->from + (time_ms)slot * TIME_MS_PER_DAY, day);
	buffer_printf(out, "%.10s: ", day);
	add_verdict(out, &strip->slots[slot]);
}

void strip_add_summary(struct buffer *out, const struct strip *strip, uint32_t slots)
{
	static const enum strip_kind order[] = { STRIP_OK, STRIP_SUSPECT, STRIP_DEAD,
		STRIP_GATED, STRIP_NONE };
	uint32_t counts[STRIP_KIND_COUNT] = { 0 };
	const char *between = ": ";

	assert(slots <= STRIP_SLOTS);
	for (size_t i = STRIP_SLOTS - slots; i < STRIP_SLOTS; i++)
		counts[strip->slots[i].kind]++;
	buffer_printf(out, "%" PRIu32 " days", slots);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		if (counts[order[i]] == 0)
			continue;
		buffer_printf(out, "%s%" PRIu32 " %s", between, counts[order[i]],
			strip_kind_text(order[i]));
		between = ", ";
	}
}
