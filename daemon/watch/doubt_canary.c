#include <assert.h>

#include "base/hash.h"
#include "watch/doubt_internal.h"

/* --- who may be asked -------------------------------------------------------------- */

/* One place for each of the domains that fall on it: the last one has it, and certified
 * ones come first. */
void doubt_canary_add(
	struct doubt *doubt, int64_t link_id, uint64_t domain, bool certified)
{
	struct doubt_canary *place = &doubt->canaries[hash_mix(domain) % DOUBT_CANARIES];
	if (place->link_id != 0 && place->certified && !certified)
		return;
	*place = (struct doubt_canary){ link_id, domain, certified };
}

void doubt_canary_drop_domain(struct doubt *doubt, uint64_t domain)
{
	struct doubt_canary *place = &doubt->canaries[hash_mix(domain) % DOUBT_CANARIES];
	if (place->domain == domain)
		*place = (struct doubt_canary){ 0 };
}

void doubt_suggest_canary(
	struct doubt *doubt, int64_t link_id, uint64_t domain, bool certified)
{
	assert(link_id > 0 && domain != 0);
	doubt_canary_add(doubt, link_id, domain, certified);
}

static void drop(struct doubt_canary *canary, int64_t link_id)
{
	if (canary->link_id == link_id)
		*canary = (struct doubt_canary){ 0 };
}

void doubt_drop_canary(struct doubt *doubt, int64_t link_id)
{
	for (uint32_t i = 0; i < DOUBT_CANARIES; i++)
		drop(&doubt->canaries[i], link_id);
	for (uint32_t i = 0; i < DOUBT_SAMPLE; i++)
		drop(&doubt->sample[i], link_id);
	for (uint32_t i = 0; i < DOUBT_ASKED; i++)
		if (doubt->asked[i].link_id == link_id)
			doubt->asked[i] = (struct doubt_asked){ 0 };
}

/* Whether its answer would vouch for what is held; NULL: for anything. */
static bool may_vouch(const struct doubt_canary *canary, const struct doubt_held *held)
{
	if (canary->link_id == 0 || held == NULL)
		return canary->link_id != 0;
	return canary->domain != held->domain && canary->domain != held->end_domain &&
	       (canary->certified || !held->wants_certified);
}

bool doubt_has_canary(const struct doubt *doubt, const struct doubt_held *held)
{
	for (uint32_t i = 0; i < DOUBT_CANARIES; i++)
		if (may_vouch(&doubt->canaries[i], held))
			return true;
	return false;
}

/* --- who is asked ------------------------------------------------------------------ */

static struct doubt_asked *asked_of(struct doubt *doubt, int64_t link_id)
{
	for (uint32_t i = 0; i < DOUBT_ASKED; i++)
		if (doubt->asked[i].link_id == link_id)
			return &doubt->asked[i];
	return NULL;
}

void doubt_canary_ended(struct doubt *doubt, int64_t link_id, bool alive)
{
	struct doubt_asked *asked = asked_of(doubt, link_id);
	if (asked == NULL)
		return;
	if (asked->sample && alive)
		doubt->sample_alive++;
	else if (asked->sample)
		doubt->sample_silent++;
	else if (alive)
		doubt->canaries_alive++;
	*asked = (struct doubt_asked){ 0 };
}

void doubt_canaries_soon(struct doubt *doubt, time_ms now, time_ms delay)
{
	doubt->next_link_at = doubt->next_ping_at = now + delay;
}

static time_ms longer(time_ms pause)
{
	return pause * 2 < DOUBT_CANARY_MAX_MS ? pause * 2 : DOUBT_CANARY_MAX_MS;
}

static const struct doubt_canary *pick(const struct doubt_canary *from, uint32_t count,
	uint32_t *cursor, const struct doubt_held *held)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct doubt_canary *canary = &from[(*cursor)++ % count];
		if (may_vouch(canary, held))
			return canary;
	}
	return NULL;
}

/* Those that failed are asked where nobody else is known, and where only they can say
 * whether it is over. */
static const struct doubt_canary *pick_any(
	struct doubt *doubt, const struct doubt_held *held, bool *ret_sample)
{
	const struct doubt_canary *canary = NULL;
	/* In turn: the cursors also count the places they step over. */
	bool sample_first = doubt->partial && !doubt->sampled_last;
	*ret_sample = false;
	if (!sample_first)
		canary = pick(
			doubt->canaries, DOUBT_CANARIES, &doubt->canary_cursor, held);
	if (canary == NULL && doubt->status.state == DOUBT_DOUBTING) {
		canary = pick(doubt->sample, DOUBT_SAMPLE, &doubt->sample_cursor, held);
		*ret_sample = canary != NULL;
	}
	if (canary == NULL && sample_first)
		canary = pick(
			doubt->canaries, DOUBT_CANARIES, &doubt->canary_cursor, held);
	doubt->sampled_last = *ret_sample;
	return canary;
}

static bool ask_link(struct doubt *doubt, const struct doubt_held *held, time_ms now,
	int64_t *ret_link_id)
{
	struct doubt_asked *place = asked_of(doubt, 0);
	bool sample;
	if (place == NULL || now < doubt->next_link_at)
		return false;
	const struct doubt_canary *canary = pick_any(doubt, held, &sample);
	if (canary == NULL || asked_of(doubt, canary->link_id) != NULL)
		return false;
	*place = (struct doubt_asked){ canary->link_id, now, sample };
	*ret_link_id = canary->link_id;
	doubt->next_link_at = now + doubt->link_pause_ms;
	doubt->link_pause_ms = longer(doubt->link_pause_ms);
	return true;
}

static bool ask_resolver(struct doubt *doubt, time_ms now)
{
	if (doubt->pinged || now < doubt->next_ping_at)
		return false;
	doubt->pinged = true;
	doubt->pinged_at = now;
	doubt->next_ping_at = now + doubt->ping_pause_ms;
	doubt->ping_pause_ms = longer(doubt->ping_pause_ms);
	return true;
}

/* Somebody who has waited long enough for a passer-by to vouch for it. */
static const struct doubt_held *oldest_waiting(const struct doubt *doubt, time_ms now)
{
	if (list_empty(&doubt->held))
		return NULL;
	const struct doubt_held *held =
		LIST_OF(doubt->held.next, const struct doubt_held, list);
	return now - held->held_at >= DOUBT_CANARY_WAIT_MS ? held : NULL;
}

/* Nobody waits: the next who does is served soon. */
static void rest(struct doubt *doubt, time_ms now)
{
	time_ms soon = now + DOUBT_CANARY_MIN_MS;
	doubt->link_pause_ms = doubt->ping_pause_ms = DOUBT_CANARY_MIN_MS;
	if (doubt->next_link_at > soon)
		doubt->next_link_at = soon;
	if (doubt->next_ping_at > soon)
		doubt->next_ping_at = soon;
}

static enum doubt_want wants_while_fine(
	struct doubt *doubt, time_ms now, int64_t *ret_link_id)
{
	/* The pause of a doubt that has just ended is kept for its relapse. */
	if (list_empty(&doubt->held) && now - doubt->ended_at >= DOUBT_RELAPSE_MS)
		rest(doubt, now);
	const struct doubt_held *held = oldest_waiting(doubt, now);
	bool names = doubt->names_unanswered >= DOUBT_UNANSWERED_MIN ||
		     (held != NULL &&
			     (doubt->held_names > 0 || !doubt_has_canary(doubt, held)));
	if ((names || doubt->pongs_bad > 0) && ask_resolver(doubt, now))
		return DOUBT_WANTS_RESOLVER;
	if (held != NULL && !held->vouched && ask_link(doubt, held, now, ret_link_id))
		return DOUBT_WANTS_LINK;
	return DOUBT_WANTS_NOTHING;
}

enum doubt_want doubt_wants(struct doubt *doubt, time_ms now, int64_t *ret_link_id)
{
	if (doubt->status.state == DOUBT_FINE)
		return wants_while_fine(doubt, now, ret_link_id);
	if (ask_resolver(doubt, now))
		return DOUBT_WANTS_RESOLVER;
	if (ask_link(doubt, NULL, now, ret_link_id))
		return DOUBT_WANTS_LINK;
	return DOUBT_WANTS_NOTHING;
}

void doubt_pong(struct doubt *doubt, enum reason answer, time_ms now)
{
	doubt->pinged = false;
	doubt_judge_pong(doubt, answer, now);
	if (doubt->status.state == DOUBT_FINE && answer == REASON_OK &&
		doubt->next_ping_at > now + DOUBT_PING_FINE_MS)
		doubt->next_ping_at = now + DOUBT_PING_FINE_MS;
	/* The second question in a row must not wait for minutes. */
	if (answer != REASON_OK && doubt->pongs_bad == 1)
		doubt->next_ping_at = now + DOUBT_CANARY_MIN_MS;
}

/* --- time -------------------------------------------------------------------------- */

static void give_up_lost_ones(struct doubt *doubt, time_ms now)
{
	for (uint32_t i = 0; i < DOUBT_ASKED; i++)
		if (doubt->asked[i].link_id != 0 &&
			now - doubt->asked[i].at >= DOUBT_CANARY_LOST_MS)
			doubt->asked[i] = (struct doubt_asked){ 0 };
	if (doubt->pinged && now - doubt->pinged_at >= DOUBT_CANARY_LOST_MS)
		doubt->pinged = false;
}

static void note_clocks(struct doubt *doubt, const struct doubt_clocks *clocks)
{
	const struct doubt_clocks *last = &doubt->clocks;
	time_ms ran = clocks->now - last->now;
	time_ms passed = clocks->boot - last->boot;
	time_ms jumped = clocks->wall - last->wall - passed;
	assert(ran >= 0);
	if (passed - ran >= DOUBT_SLEEP_MIN_MS)
		doubt_settle_down(doubt, DOUBT_KIND_SLEPT, passed - ran, clocks->now);
	else if (jumped >= DOUBT_JUMP_MIN_MS || jumped <= -DOUBT_JUMP_MIN_MS)
		doubt_settle_down(doubt, DOUBT_KIND_CLOCK_JUMPED, jumped, clocks->now);
	else if (ran >= DOUBT_STOP_MIN_MS)
		doubt_settle_down(doubt, DOUBT_KIND_STOPPED, ran, clocks->now);
}

/* Less than before: a prober of a new configuration counts from 0. */
static uint64_t grown(uint64_t count, uint64_t before)
{
	return count >= before ? count - before : count;
}

static void note_resolver(struct doubt *doubt, const struct doubt_clocks *clocks)
{
	const struct doubt_clocks *last = &doubt->clocks;
	if (grown(clocks->names_answered, last->names_answered) > 0)
		doubt->names_unanswered = 0;
	else
		doubt->names_unanswered += grown(clocks->names_asked, last->names_asked);
}

void doubt_tick(struct doubt *doubt, const struct doubt_clocks *clocks)
{
	if (doubt->ticked) {
		note_clocks(doubt, clocks);
		note_resolver(doubt, clocks);
	}
	doubt->ticked = true;
	doubt->clocks = *clocks;
	give_up_lost_ones(doubt, clocks->now);
	doubt_judge_time(doubt, clocks->now);
	doubt_expire_held(doubt, clocks->now);
}
