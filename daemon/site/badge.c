#include "site/badge_internal.h"

#include <assert.h>
#include <stdio.h>

#define BADGE_TEXT(name, text)             text,
#define BADGE_COLOUR_TEXT(name, text, rgb) text,
#define BADGE_COLOUR_RGB(name, text, rgb)  rgb,
static const char *const kinds[] = { BADGE_KINDS(BADGE_TEXT) };
static const char *const colours[] = { BADGE_COLOURS(BADGE_COLOUR_TEXT) };
static const uint32_t rgbs[] = { BADGE_COLOURS(BADGE_COLOUR_RGB) };

enum badge_kind badge_kind_of(struct slice text)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_equal(text, slice_of(kinds[i])))
			return (enum badge_kind)i;
	return BADGE_LINKS;
}

const char *badge_colour_text(enum badge_colour colour)
{
	return colours[colour];
}

uint32_t badge_colour_rgb(enum badge_colour colour)
{
	return rgbs[colour];
}

bool badge_is_bright(uint32_t rgb)
{
	uint32_t red = rgb >> 16, green = rgb >> 8 & 0xff, blue = rgb & 0xff;
	return red * 299 + green * 587 + blue * 114 > 255 * 690;
}

/* --- counting ---------------------------------------------------------------------- */

static void add_confirmed(struct badge_confirmed *counts, enum state confirmed)
{
	if (confirmed == STATE_ALIVE || confirmed == STATE_MOVED)
		counts->alive++;
	else if (confirmed == STATE_DEAD)
		counts->dead++;
}

void badge_add(struct badge_facts *facts, enum state state, enum state confirmed,
	time_ms last_checked_at, time_ms due_at)
{
	assert((unsigned)state < STANDING_STATE_COUNT);
	facts->by_state[state]++;
	if (state == STATE_SUSPECT)
		add_confirmed(&facts->suspect, confirmed);
	else if (state == STATE_GATED)
		add_confirmed(&facts->gated, confirmed);
	/* Deciding that it is not to be asked is no measurement. */
	if (state == STATE_SKIPPED)
		return;
	if (last_checked_at > facts->measured_at)
		facts->measured_at = last_checked_at;
	if (due_at > 0 && (facts->due_at == 0 || due_at < facts->due_at))
		facts->due_at = due_at;
}

/* What was not yet due when it was looked at may have been checked since; but a look that
 * is old itself, because none can be taken any more, is no excuse. Where nobody has
 * planned anything, the age has to do. */
static bool is_overdue(const struct badge_facts *facts)
{
	bool young = facts->now - facts->counted_at <= BADGE_LOOK_DAYS * TIME_MS_PER_DAY;
	time_ms at = young ? facts->counted_at : facts->now;
	return facts->due_at == 0 ||
	       at - facts->due_at > BADGE_OVERDUE_DAYS * TIME_MS_PER_DAY;
}

static bool is_stale(const struct badge_facts *facts)
{
	time_ms limit = BADGE_STALE_DAYS * TIME_MS_PER_DAY;
	if (facts->interval_ms > limit / 2)
		limit = facts->interval_ms * 2;
	return facts->measured_at > 0 && facts->now - facts->measured_at > limit &&
	       is_overdue(facts);
}

/* In the state, and never confirmed to be anything. */
static uint64_t never_confirmed(uint32_t links, const struct badge_confirmed *counts)
{
	assert((uint64_t)counts->alive + counts->dead <= links);
	return (uint64_t)links - counts->alive - counts->dead;
}

struct badge_sums badge_sums(const struct badge_facts *facts)
{
	const uint32_t *links = facts->by_state;
	const struct badge_confirmed *suspect = &facts->suspect, *gated = &facts->gated;
	struct badge_sums sums = {
		.well = (uint64_t)links[STATE_ALIVE] + links[STATE_MOVED] +
			suspect->alive + gated->alive,
		.dead = (uint64_t)links[STATE_DEAD] + suspect->dead + gated->dead,
		.unknown = links[STATE_UNCHECKED] +
			   never_confirmed(links[STATE_SUSPECT], suspect) +
			   never_confirmed(links[STATE_GATED], gated),
		.stale = is_stale(facts),
	};
	sums.known = facts->measured_at > 0 && sums.well + sums.dead + sums.unknown > 0;
	return sums;
}

/* --- saying ------------------------------------------------------------------------ */

static enum badge_colour colour_of(const struct badge_sums *sums)
{
	uint64_t links = sums->well + sums->dead + sums->unknown;

	if (sums->dead == 0)
		return BADGE_BRIGHTGREEN;
	if (sums->dead * 100 <= links * BADGE_YELLOW_PERCENT)
		return BADGE_YELLOW;
	if (sums->dead * 100 <= links * BADGE_ORANGE_PERCENT)
		return BADGE_ORANGE;
	return BADGE_RED;
}

static void say_age(time_ms age, char message[static BADGE_MESSAGE_SIZE])
{
	time_ms minutes = age / (60 * TIME_MS_PER_S), hours = age / TIME_MS_PER_HOUR;

	if (minutes < 1)
		(void)snprintf(message, BADGE_MESSAGE_SIZE, "checked just now");
	else if (hours < 1)
		(void)snprintf(message, BADGE_MESSAGE_SIZE, "checked %lld min ago",
			(long long)minutes);
	else if (hours < 48)
		(void)snprintf(message, BADGE_MESSAGE_SIZE, "checked %lld h ago",
			(long long)hours);
	else
		(void)snprintf(message, BADGE_MESSAGE_SIZE, "checked %lld d ago",
			(long long)(hours / 24));
}

static void say(const struct badge_facts *facts, const struct badge_sums *sums,
	enum badge_kind kind, char message[static BADGE_MESSAGE_SIZE])
{
	unsigned long long well = sums->well, dead = sums->dead, unknown = sums->unknown;

	switch (kind) {
	case BADGE_LINKS:
		(void)snprintf(message, BADGE_MESSAGE_SIZE, "%llu/%llu ok", well,
			well + dead + unknown);
		break;
	case BADGE_DEAD:
		if (dead == 0)
			(void)snprintf(message, BADGE_MESSAGE_SIZE, "none dead");
		else
			(void)snprintf(message, BADGE_MESSAGE_SIZE, "%llu dead", dead);
		break;
	case BADGE_FRESH:
		say_age(facts->now - facts->measured_at, message);
		break;
	}
}

struct badge badge_of(const struct badge_facts *facts, enum badge_kind kind)
{
	struct badge_sums sums = badge_sums(facts);
	struct badge badge = {
		.label = facts->label.len > 0 ? facts->label : SLICE("links"),
		.message = "unknown",
		.colour = BADGE_LIGHTGREY,
		.is_error = true,
	};

	/* What was asked, but has confirmed nothing yet, is not well either. */
	if (!sums.known || (kind != BADGE_FRESH && sums.well + sums.dead == 0))
		return badge;
	say(facts, &sums, kind, badge.message);
	badge.is_error = sums.stale;
	if (!sums.stale)
		badge.colour = kind == BADGE_FRESH ? BADGE_BRIGHTGREEN : colour_of(&sums);
	return badge;
}
