#include "watch/doubt.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "watch/doubt_internal.h"

struct doubt *doubt_new(time_ms now)
{
	struct doubt *doubt = calloc(1, sizeof(*doubt));
	if (doubt == NULL)
		return NULL;
	list_init(&doubt->held);
	list_init(&doubt->out);
	list_init(&doubt->free);
	for (uint32_t i = 0; i < DOUBT_HELD_MAX; i++)
		list_push_back(&doubt->free, &doubt->pool[i].list);
	doubt->status.since = now;
	doubt->clean_since = doubt->alive_at = doubt->ended_at = DOUBT_NEVER;
	doubt->pinged_at = doubt->pong_at = doubt->honest_since = DOUBT_NEVER;
	doubt->next_link_at = doubt->next_ping_at = DOUBT_NEVER;
	doubt->link_pause_ms = doubt->ping_pause_ms = DOUBT_CANARY_MIN_MS;
	/* Turns count from 1: 0 in a domain means none. */
	doubt->row_turn = doubt->portal_turn = 1;
	return doubt;
}

void doubt_free(struct doubt *doubt)
{
	free(doubt);
}

/* --- domains ----------------------------------------------------------------------- */

static void take_place(
	struct doubt *doubt, struct doubt_domain *place, uint64_t key, time_ms now)
{
	doubt_domain_good(doubt, place, false);
	*place = (struct doubt_domain){ .key = key,
		.heard_at = now,
		.rate_good_at = DOUBT_NEVER,
		.rate_bad_at = DOUBT_NEVER,
		.no_witness_until = DOUBT_NEVER,
		.round_at = DOUBT_NEVER };
}

struct doubt_domain *doubt_domain_of(struct doubt *doubt, uint64_t key, time_ms now)
{
	struct doubt_domain *set = doubt->domains[hash_mix(key) % DOUBT_SETS];
	struct doubt_domain *oldest = set;
	for (uint32_t i = 0; i < DOUBT_WAYS; i++) {
		if (set[i].key == key) {
			set[i].heard_at = now;
			return &set[i];
		}
		if (oldest->key != 0 &&
			(set[i].key == 0 || set[i].heard_at < oldest->heard_at))
			oldest = &set[i];
	}
	take_place(doubt, oldest, key, now);
	return oldest;
}

void doubt_domain_good(struct doubt *doubt, struct doubt_domain *domain, bool good)
{
	if (domain->good && !good)
		doubt->good_count--;
	else if (!domain->good && good)
		doubt->good_count++;
	domain->good = good;
}

/* --- held results ------------------------------------------------------------------ */

static struct doubt_held *held_of(struct list *node)
{
	return LIST_OF(node, struct doubt_held, list);
}

static bool is_related(const struct doubt_held *held, uint64_t domain)
{
	return held->domain == domain || held->end_domain == domain;
}

static bool is_of_names(const struct doubt_held *held)
{
	return doubt_reason_in(held->failure, DOUBT_REASONS_NAMES);
}

static void leave(struct doubt *doubt, struct doubt_held *held)
{
	list_remove(&held->list);
	doubt->status.held = --doubt->held_count;
	doubt->held_names -= is_of_names(held) ? 1 : 0;
}

static void release(struct doubt *doubt, struct doubt_held *held, enum doubt_word word)
{
	leave(doubt, held);
	held->word = word;
	list_push_back(&doubt->out, &held->list);
	if (word == DOUBT_ASK_AGAIN)
		doubt->status.asked_again++;
}

void doubt_throw_away(struct doubt *doubt)
{
	while (!list_empty(&doubt->held))
		release(doubt, held_of(doubt->held.next), DOUBT_ASK_AGAIN);
}

/* A failure that is believed: its domain is no canary and no witness any more. */
static void believe(struct doubt *doubt, struct doubt_held *held, time_ms now)
{
	struct doubt_domain *domain = doubt_domain_of(doubt, held->end_domain, now);
	doubt_domain_good(doubt, domain, false);
	doubt_canary_drop_domain(doubt, held->end_domain);
	domain->rounds = 0;
	release(doubt, held, DOUBT_RECORD);
}

/* Another look at it was not enough. True: there have been plenty, over a long time. */
static bool has_had_its_rounds(
	struct doubt_domain *domain, const struct doubt_held *held, time_ms now)
{
	/* The links of one domain fail together: that is one look. */
	if (domain->round_at <= held->asked_at || domain->rounds == 0) {
		domain->rounds++;
		domain->round_at = now;
	}
	return domain->rounds >= DOUBT_ROUNDS_MIN;
}

static void look_again(struct doubt *doubt, struct doubt_held *held, time_ms now)
{
	struct doubt_domain *domain = doubt_domain_of(doubt, held->end_domain, now);
	if (has_had_its_rounds(domain, held, now))
		believe(doubt, held, now);
	else
		release(doubt, held, DOUBT_ASK_AGAIN);
}

/* It was asked because an earlier check of its domain was not believed. */
static bool is_second_look(
	struct doubt *doubt, const struct doubt_held *held, time_ms now)
{
	const struct doubt_domain *domain = doubt_domain_of(doubt, held->end_domain, now);
	return domain->rounds > 0 && domain->round_at <= held->asked_at &&
	       held->asked_at - domain->round_at < DOUBT_LOOK_MS;
}

static void accept(struct doubt *doubt, struct doubt_held *held, time_ms now)
{
	if (held->before && (held->covered || is_second_look(doubt, held, now)))
		believe(doubt, held, now);
	else
		look_again(doubt, held, now);
}

void doubt_vouch(struct doubt *doubt, uint64_t domain, bool certified, time_ms now)
{
	struct list *next;
	for (struct list *node = doubt->held.next; node != &doubt->held; node = next) {
		struct doubt_held *held = held_of(node);
		next = node->next;
		if (is_related(held, domain) || (held->wants_certified && !certified))
			continue;
		/* Whoever answers may have been found in a cache of names. */
		if (is_of_names(held) && doubt->pong_at < held->ended_at)
			held->vouched = true;
		else
			accept(doubt, held, now);
	}
}

void doubt_vouch_names(struct doubt *doubt, time_ms now)
{
	struct list *next;
	for (struct list *node = doubt->held.next; node != &doubt->held; node = next) {
		next = node->next;
		if (held_of(node)->vouched)
			accept(doubt, held_of(node), now);
	}
}

/* Nobody unrelated is known: the resolver's word is all there is, and it is taken after
 * some looks with pauses between them. */
static void expire_alone(struct doubt *doubt, struct doubt_held *held, time_ms now)
{
	enum { LOOK_MS = DOUBT_ROUNDS_SPAN_MS / DOUBT_ROUNDS_MIN };
	if (now - held->held_at >= LOOK_MS && doubt->pong_at >= held->ended_at)
		look_again(doubt, held, now);
}

void doubt_expire_held(struct doubt *doubt, time_ms now)
{
	struct list *next;
	for (struct list *node = doubt->held.next; node != &doubt->held; node = next) {
		struct doubt_held *held = held_of(node);
		next = node->next;
		if (now - held->held_at >= DOUBT_HOLD_MS)
			release(doubt, held, DOUBT_ASK_AGAIN);
		else if (!doubt_has_canary(doubt, held))
			expire_alone(doubt, held, now);
	}
}

static bool has_life_before(const struct doubt *doubt, const struct doubt_held *held,
	const struct doubt_facts *facts)
{
	const struct doubt_life *lives = doubt->lives[held->wants_certified ? 1 : 0];
	for (uint32_t i = 0; i < DOUBT_LIVES; i++)
		if (lives[i].domain != 0 && !is_related(held, lives[i].domain) &&
			lives[i].at >= facts->asked_at - DOUBT_BRACKET_MS)
			return true;
	return false;
}

/* Whether somebody answered all the while, so that no outage can hide in it. Of names
 * that tells nothing. What is bad in our records is not worth a second look. */
static bool is_covered(const struct doubt *doubt, const struct doubt_facts *facts)
{
	if (facts->expected == DOUBT_EXPECT_BAD)
		return true;
	if (doubt_reason_in(facts->failure, DOUBT_REASONS_NAMES))
		return false;
	int64_t from = facts->asked_at / 1000 - DOUBT_GAP_MIN,
		to = facts->ended_at / 1000;
	int64_t gap = 0, gap_max = (to - from) / 3;
	if (gap_max < DOUBT_GAP_MIN)
		gap_max = DOUBT_GAP_MIN;
	if (to - from >= DOUBT_SECONDS)
		return false;
	for (int64_t second = from; second <= to; second++) {
		gap = doubt->alive_seconds[second & (DOUBT_SECONDS - 1)] == second
			      ? 0
			      : gap + 1;
		if (gap > gap_max)
			return false;
	}
	return true;
}

static enum doubt_word hold(struct doubt *doubt, const struct doubt_facts *facts,
	uint64_t ticket, time_ms now)
{
	struct list *node = list_pop_front(&doubt->free);
	if (node == NULL) {
		doubt->status.asked_again++;
		return DOUBT_ASK_AGAIN;
	}
	struct doubt_held *held = held_of(node);
	*held = (struct doubt_held){ .ticket = ticket,
		.domain = facts->domain,
		.end_domain = facts->end_domain,
		.asked_at = facts->asked_at,
		.ended_at = facts->ended_at,
		.held_at = now,
		.failure = facts->failure,
		.wants_certified = facts->voice == DOUBT_FOREIGN ||
				   doubt_reason_in(facts->failure, DOUBT_REASONS_TLS) };
	held->before = has_life_before(doubt, held, facts);
	held->covered = is_covered(doubt, facts);
	list_push_back(&doubt->held, &held->list);
	doubt->status.held = ++doubt->held_count;
	doubt->held_names += is_of_names(held) ? 1 : 0;
	return DOUBT_HOLD;
}

/* --- a check ----------------------------------------------------------------------- */

enum doubt_word doubt_note(struct doubt *doubt, const struct doubt_facts *facts,
	uint64_t ticket, time_ms now)
{
	assert(facts->link_id > 0 && facts->asked_at <= facts->ended_at);
	if (facts->voice == DOUBT_NOT_ASKED) {
		doubt_canary_ended(doubt, facts->link_id, false);
		return DOUBT_RECORD;
	}
	assert(facts->domain != 0 && facts->end_domain != 0);
	doubt_canary_ended(doubt, facts->link_id, doubt_is_life(doubt, facts));
	doubt_note_evidence(doubt, facts, now);
	if (!doubt_is_suspicious(doubt, facts))
		return DOUBT_RECORD;
	if (doubt->status.state == DOUBT_FINE && facts->asked_at >= doubt->clean_since)
		return hold(doubt, facts, ticket, now);
	doubt->status.asked_again++;
	return DOUBT_ASK_AGAIN;
}

bool doubt_next(struct doubt *doubt, uint64_t *ret_ticket, enum doubt_word *ret_word)
{
	struct list *node = list_pop_front(&doubt->out);
	if (node == NULL)
		return false;
	*ret_ticket = held_of(node)->ticket;
	*ret_word = held_of(node)->word;
	list_push_back(&doubt->free, node);
	return true;
}

/* --- what is held to be true ------------------------------------------------------- */

void doubt_status(const struct doubt *doubt, struct doubt_status *ret_status)
{
	*ret_status = doubt->status;
}

bool doubt_may_dispatch(const struct doubt *doubt)
{
	return doubt->status.state == DOUBT_FINE;
}

bool doubt_next_change(struct doubt *doubt, struct doubt_status *ret_status)
{
	if (doubt->change_count == 0)
		return false;
	*ret_status = doubt->changes[doubt->change_first];
	doubt->change_first = (doubt->change_first + 1) % DOUBT_CHANGES;
	doubt->change_count--;
	return true;
}
