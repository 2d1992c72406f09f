#include <assert.h>

#include "watch/doubt_internal.h"

#define TEXT(name, text) text,
static const char *const state_texts[] = { DOUBT_STATES(TEXT) };
static const char *const kind_texts[] = { DOUBT_KINDS(TEXT) };
#undef TEXT

const char *doubt_state_text(enum doubt_state state)
{
	assert((unsigned)state < sizeof(state_texts) / sizeof(state_texts[0]));
	return state_texts[state];
}

const char *doubt_kind_text(enum doubt_kind kind)
{
	assert((unsigned)kind < sizeof(kind_texts) / sizeof(kind_texts[0]));
	return kind_texts[kind];
}

/* --- moves ------------------------------------------------------------------------- */

/* A caller that does not listen for so long loses the oldest. */
static void tell(struct doubt *doubt, const struct doubt_status *status)
{
	if (doubt->change_count == DOUBT_CHANGES) {
		doubt->change_first = (doubt->change_first + 1) % DOUBT_CHANGES;
		doubt->change_count--;
	}
	uint32_t place = (doubt->change_first + doubt->change_count++) % DOUBT_CHANGES;
	doubt->changes[place] = *status;
}

static enum reason only_reason(doubt_reasons reasons)
{
	if (reasons == 0 || (reasons & (reasons - 1)) != 0)
		return REASON_OK;
	return (enum reason)__builtin_ctzll(reasons);
}

static void start_looking(struct doubt *doubt)
{
	doubt->lives_in_doubt = 0;
	doubt->life_in_doubt = 0;
	doubt->sample_alive = doubt->sample_silent = doubt->canaries_alive = 0;
}

static void enter(
	struct doubt *doubt, enum doubt_state state, enum doubt_kind kind, time_ms now)
{
	doubt->status.state = state;
	doubt->status.kind = kind;
	doubt->status.since = now;
	doubt->partial = false;
	start_looking(doubt);
	doubt_throw_away(doubt);
}

void doubt_begin(struct doubt *doubt, enum doubt_kind kind, uint32_t domains,
	doubt_reasons reasons, time_ms now)
{
	assert(doubt->status.state != DOUBT_DOUBTING);
	enter(doubt, DOUBT_DOUBTING, kind, now);
	doubt->status.domains = domains;
	doubt->status.reason = only_reason(reasons);
	doubt->status.doubts++;
	if (kind != DOUBT_KIND_WRONG_CLOCK)
		doubt->status.clock_ahead_ms = 0;
	if (kind != DOUBT_KIND_CAPTIVE_PORTAL)
		doubt->status.portal[0] = '\0';
	if (now - doubt->ended_at >= DOUBT_RELAPSE_MS)
		doubt->link_pause_ms = doubt->ping_pause_ms = DOUBT_CANARY_MIN_MS;
	doubt_canaries_soon(doubt, now, doubt->link_pause_ms);
	doubt->dates_right = 0;
	tell(doubt, &doubt->status);
}

void doubt_settle_down(struct doubt *doubt, enum doubt_kind kind, time_ms by, time_ms now)
{
	doubt->link_pause_ms = doubt->ping_pause_ms = DOUBT_CANARY_MIN_MS;
	memset(doubt->asked, 0, sizeof(doubt->asked));
	doubt->pinged = false;
	doubt->pongs_bad = 0;
	doubt->names_unanswered = 0;
	doubt_canaries_soon(doubt, now, DOUBT_SETTLE_MS);
	memset(doubt->dates, 0, sizeof(doubt->dates));
	doubt->dates_right = 0;
	if (doubt->status.state == DOUBT_DOUBTING) {
		start_looking(doubt);
		return;
	}
	enter(doubt, DOUBT_SETTLING, kind, now);
	doubt->status.clock_ahead_ms = by;
	doubt->status.domains = 0;
	doubt->status.reason = REASON_OK;
	tell(doubt, &doubt->status);
}

/* What was silent in a doubt may be dead all the same: asked again and silent again, it
 * must not raise the next one. */
static void excuse_witnesses(struct doubt *doubt, time_ms now)
{
	for (uint32_t i = 0; i < DOUBT_SETS; i++)
		for (uint32_t k = 0; k < DOUBT_WAYS; k++) {
			struct doubt_domain *domain = &doubt->domains[i][k];
			if (domain->key != 0 &&
				(domain->row_turn == doubt->row_turn ||
					now - domain->rate_bad_at <
						DOUBT_RATE_WINDOW_MS +
							(now - doubt->status.since)))
				domain->no_witness_until = now + DOUBT_WITNESS_PAUSE_MS;
		}
}

static void end(struct doubt *doubt, time_ms now)
{
	struct doubt_status told = doubt->status;
	excuse_witnesses(doubt, now);
	if (doubt->status.state == DOUBT_DOUBTING)
		doubt->ended_at = now;
	if (doubt->status.kind == DOUBT_KIND_CAPTIVE_PORTAL) {
		doubt->cleared_place = doubt->doubted_place;
		doubt->cleared_until = now + DOUBT_CLEARED_MS;
	}
	enter(doubt, DOUBT_FINE, DOUBT_KIND_NONE, now);
	doubt->clean_since = now;
	doubt->status.reason = REASON_OK;
	doubt->status.domains = 0;
	doubt->status.clock_ahead_ms = 0;
	doubt->status.portal[0] = '\0';
	memset(doubt->minutes, 0, sizeof(doubt->minutes));
	memset(doubt->sample, 0, sizeof(doubt->sample));
	doubt_start_row(doubt);
	doubt->pongs_bad = 0;
	told.state = DOUBT_FINE;
	told.held = 0;
	tell(doubt, &told);
}

/* --- evidence for us --------------------------------------------------------------- */

/* Where few are known, one must do. */
static uint32_t lives_needed(const struct doubt *doubt)
{
	return doubt->good_count >= 3 ? 2 : 1;
}

void doubt_judge_life(struct doubt *doubt, uint64_t domain, time_ms asked_at, time_ms now)
{
	if (doubt->status.state == DOUBT_FINE || asked_at < doubt->status.since)
		return;
	if (doubt->life_in_doubt != domain)
		doubt->lives_in_doubt++;
	doubt->life_in_doubt = domain;
	if (doubt->status.state == DOUBT_SETTLING) {
		end(doubt, now);
		return;
	}
	/* An address from a cache proves no resolver, an answer no clock. */
	bool other = doubt->partial || doubt->status.clock_ahead_ms != 0 ||
		     (doubt->status.kind == DOUBT_KIND_NO_RESOLVER &&
			     doubt->pong_at < doubt->status.since);
	if (!other && doubt->lives_in_doubt >= lives_needed(doubt))
		end(doubt, now);
}

static bool denies(enum reason answer)
{
	return doubt_reason_in(answer, DOUBT_REASONS_DENIED);
}

static void judge_bad_pong(struct doubt *doubt, enum reason answer, time_ms now)
{
	doubt->honest_since = DOUBT_NEVER;
	if (++doubt->pongs_bad < DOUBT_PONGS_BAD || doubt->status.state != DOUBT_FINE)
		return;
	doubt_begin(doubt, DOUBT_KIND_NO_RESOLVER, doubt->row_count,
		denies(answer) ? DOUBT_BIT(DNS_NXDOMAIN) : DOUBT_BIT(DNS_TIMEOUT), now);
}

void doubt_judge_pong(struct doubt *doubt, enum reason answer, time_ms now)
{
	/* Without memory or sockets nobody was asked. */
	if (answer == REASON_OFFLINE)
		return;
	if (answer != REASON_OK) {
		judge_bad_pong(doubt, answer, now);
		return;
	}
	doubt->pongs_bad = 0;
	doubt->names_unanswered = 0;
	doubt->pong_at = now;
	if (doubt->honest_since == DOUBT_NEVER)
		doubt->honest_since = now;
	if (doubt->status.kind == DOUBT_KIND_NO_RESOLVER)
		end(doubt, now);
	else if (doubt->status.state == DOUBT_SETTLING && !doubt_has_canary(doubt, NULL))
		end(doubt, now);
	else if (doubt->status.state == DOUBT_FINE)
		doubt_vouch_names(doubt, now);
}

/* --- clocks ------------------------------------------------------------------------ */

static bool agree(time_ms a, time_ms b)
{
	return a - b <= TIME_MS_PER_HOUR && b - a <= TIME_MS_PER_HOUR;
}

void doubt_judge_dates(struct doubt *doubt, time_ms now)
{
	if (doubt->status.kind == DOUBT_KIND_WRONG_CLOCK &&
		doubt->dates_right >= DOUBT_RIGHT_DATES) {
		end(doubt, now);
		return;
	}
	if (doubt->status.state == DOUBT_DOUBTING)
		return;
	for (uint32_t i = 0; i < DOUBT_DATES; i++) {
		time_ms ahead = doubt->dates[i].ahead_ms;
		uint32_t with = 0, against = 0;
		if (ahead < TIME_MS_PER_DAY && ahead > -TIME_MS_PER_DAY)
			continue;
		for (uint32_t k = 0; k < DOUBT_DATES; k++)
			if (doubt->dates[k].domain != 0) {
				bool same = agree(ahead, doubt->dates[k].ahead_ms);
				with += same ? 1 : 0;
				against += same ? 0 : 1;
			}
		if (with < DOUBT_DATES_MIN || against * 2 > with)
			continue;
		memset(doubt->dates, 0, sizeof(doubt->dates));
		doubt->status.clock_ahead_ms = -ahead;
		doubt_begin(doubt, DOUBT_KIND_WRONG_CLOCK, with, 0, now);
		return;
	}
}

/* --- time -------------------------------------------------------------------------- */

/* Some are silent while others answer: either a part of our way out is gone, or theirs.
 * Those that failed are asked again; if they go on being silent, it is theirs. */
static bool is_partial_over(const struct doubt *doubt, time_ms now)
{
	if (doubt->sample_alive >= DOUBT_PARTIAL_LOOKS - 1 &&
		doubt->sample_alive > doubt->sample_silent)
		return true;
	return now - doubt->status.since >= DOUBT_PARTIAL_MAX_MS &&
	       doubt->canaries_alive >= DOUBT_PARTIAL_LOOKS &&
	       doubt->sample_silent >= DOUBT_PARTIAL_LOOKS;
}

/* So few are known that all of them may have died. */
static bool was_it_them(const struct doubt *doubt, time_ms now)
{
	time_ms from = doubt->honest_since > doubt->status.since ? doubt->honest_since
								 : doubt->status.since;
	return (doubt->status.kind == DOUBT_KIND_MASS_FAILURE ||
		       doubt->status.kind == DOUBT_KIND_NO_NETWORK) &&
	       !doubt->partial && doubt->good_count < 3 &&
	       doubt->honest_since != DOUBT_NEVER && now - from >= DOUBT_OURS_MAX_MS;
}

void doubt_judge_time(struct doubt *doubt, time_ms now)
{
	switch (doubt->status.state) {
	case DOUBT_FINE:
		return;
	case DOUBT_SETTLING:
		if (now - doubt->status.since < DOUBT_SETTLE_MAX_MS)
			return;
		doubt_begin(doubt,
			doubt->pongs_bad > 0 ? DOUBT_KIND_NO_RESOLVER
					     : DOUBT_KIND_NO_NETWORK,
			0, doubt->pongs_bad > 0 ? DOUBT_BIT(DNS_TIMEOUT) : 0, now);
		return;
	case DOUBT_DOUBTING:
		if ((doubt->partial && is_partial_over(doubt, now)) ||
			was_it_them(doubt, now))
			end(doubt, now);
		return;
	}
}
