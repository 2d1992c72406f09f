#include <assert.h>

#include "base/hash.h"
#include "watch/doubt_internal.h"

/* --- portals ----------------------------------------------------------------------- */

/* Another domain that has shown the same page lately; 0: none. A first page of a portal
 * that answers under every name is taken for the owner's. */
static uint64_t shares_page_with(
	const struct doubt *doubt, const struct doubt_facts *facts)
{
	if (facts->page == 0)
		return 0;
	for (uint32_t i = 0; i < DOUBT_PAGES; i++)
		if (doubt->pages[i].page == facts->page &&
			doubt->pages[i].domain != facts->domain)
			return doubt->pages[i].domain;
	return 0;
}

static void remember_page(struct doubt *doubt, const struct doubt_facts *facts)
{
	for (uint32_t i = 0; i < DOUBT_PAGES; i++)
		if (doubt->pages[i].page == facts->page &&
			doubt->pages[i].domain == facts->domain)
			return;
	doubt->pages[doubt->page_next++ % DOUBT_PAGES] =
		(struct doubt_page){ facts->page, facts->domain };
}

static void start_portal(struct doubt *doubt, uint64_t place)
{
	doubt->portal_place = place;
	doubt->portal_count = 0;
	doubt->portal_turn++;
}

static void count_at_portal(
	struct doubt *doubt, uint64_t place, uint64_t key, time_ms now)
{
	struct doubt_domain *domain = doubt_domain_of(doubt, key, now);
	if (place == doubt->cleared_place && now < doubt->cleared_until)
		return;
	if (doubt->portal_place != place)
		start_portal(doubt, place);
	if (domain->portal_turn == doubt->portal_turn)
		return;
	domain->portal_turn = doubt->portal_turn;
	doubt->portal_count++;
}

static void note_place(struct doubt *doubt, const struct doubt_facts *facts, time_ms now)
{
	uint64_t twin = shares_page_with(doubt, facts);
	if (facts->voice == DOUBT_OWN && facts->page != 0)
		remember_page(doubt, facts);
	if (facts->voice == DOUBT_FOREIGN) {
		uint64_t place = hash_bytes(slice_of(facts->portal), 0) | 1;
		count_at_portal(doubt, place, facts->domain, now);
	} else if (facts->voice == DOUBT_OWN && twin != 0 &&
		   facts->expected != DOUBT_EXPECT_BAD) {
		/* What was bad before says nothing of us: half the web has the same page
		 * for what it has lost. */
		count_at_portal(doubt, facts->page, twin, now);
		count_at_portal(doubt, facts->page, facts->domain, now);
	} else {
		return;
	}
	if (doubt->status.state != DOUBT_FINE || doubt->portal_count < DOUBT_PORTAL_MIN)
		return;
	doubt->doubted_place = doubt->portal_place;
	memcpy(doubt->status.portal, facts->portal, sizeof(facts->portal));
	doubt_begin(doubt, DOUBT_KIND_CAPTIVE_PORTAL, doubt->portal_count, 0, now);
}

/* --- signs of life ----------------------------------------------------------------- */

bool doubt_is_life(const struct doubt *doubt, const struct doubt_facts *facts)
{
	if (facts->voice == DOUBT_OWN)
		return shares_page_with(doubt, facts) == 0 &&
		       (facts->page == 0 || facts->page != doubt->portal_place);
	return facts->voice == DOUBT_CERTIFIED;
}

bool doubt_is_suspicious(const struct doubt *doubt, const struct doubt_facts *facts)
{
	return facts->voice != DOUBT_NOT_ASKED && !doubt_is_life(doubt, facts);
}

void doubt_start_row(struct doubt *doubt)
{
	doubt->row_count = doubt->row_good = 0;
	doubt->row_reasons = 0;
	doubt->silent_count = 0;
	doubt->silent_reasons = 0;
	doubt->row_turn++;
}

/* To the front of its line, which holds each domain once. */
static void remember_life(struct doubt_life *lives, uint64_t domain, time_ms now)
{
	uint32_t place = 0;
	while (place < DOUBT_LIVES - 1 && lives[place].domain != domain)
		place++;
	for (; place > 0; place--)
		lives[place] = lives[place - 1];
	lives[0] = (struct doubt_life){ domain, now };
}

static void note_life(
	struct doubt *doubt, const struct doubt_facts *facts, bool certified, time_ms now)
{
	remember_life(doubt->lives[0], facts->domain, now);
	if (certified)
		remember_life(doubt->lives[1], facts->domain, now);
	doubt->alive_at = now;
	doubt->alive_seconds[now / 1000 & (DOUBT_SECONDS - 1)] = now / 1000;
	doubt_start_row(doubt);
	start_portal(doubt, 0);
	doubt_judge_life(doubt, facts->domain, facts->asked_at, now);
	if (doubt->status.state == DOUBT_FINE)
		doubt_vouch(doubt, facts->domain, certified, now);
}

/* --- the rate ---------------------------------------------------------------------- */

static struct doubt_minute *minute_of(struct doubt *doubt, time_ms now)
{
	/* Of a monotonic clock, which may begin anywhere, but not below 0. */
	int64_t number = now / 60000;
	struct doubt_minute *minute = &doubt->minutes[number % DOUBT_MINUTES];
	if (minute->number != number)
		*minute = (struct doubt_minute){ .number = number };
	return minute;
}

/* Each domain counts once within the window, on each side. */
static bool is_counted(time_ms at, time_ms now)
{
	return now - at < DOUBT_RATE_WINDOW_MS;
}

static bool is_rate_bad(const struct doubt *doubt, time_ms now, uint32_t *ret_bad)
{
	uint32_t good = 0, bad = 0;
	for (uint32_t i = 0; i < DOUBT_MINUTES; i++) {
		const struct doubt_minute *minute = &doubt->minutes[i];
		if (now / 60000 - minute->number >= DOUBT_MINUTES)
			continue;
		good += minute->good;
		bad += minute->bad;
	}
	*ret_bad = bad;
	return bad >= DOUBT_RATE_MIN && bad * 100 > DOUBT_RATE_PERCENT * (good + bad);
}

static void note_good(struct doubt *doubt, const struct doubt_facts *facts, time_ms now)
{
	struct doubt_domain *domain = doubt_domain_of(doubt, facts->domain, now);
	bool certified = facts->voice == DOUBT_CERTIFIED;
	domain->no_witness_until = DOUBT_NEVER;
	domain->rounds = 0;
	doubt_domain_good(doubt, domain, true);
	doubt_canary_add(doubt, facts->link_id, facts->domain, certified);
	if (facts->expected == DOUBT_EXPECT_GOOD &&
		!is_counted(domain->rate_good_at, now)) {
		domain->rate_good_at = now;
		minute_of(doubt, now)->good++;
	}
}

/* --- failures ---------------------------------------------------------------------- */

static void add_to_sample(struct doubt *doubt, const struct doubt_facts *facts)
{
	for (uint32_t i = 0; i < DOUBT_SAMPLE; i++)
		if (doubt->sample[i].domain == facts->end_domain)
			return;
	doubt->sample[doubt->sample_next++ % DOUBT_SAMPLE] =
		(struct doubt_canary){ .link_id = facts->link_id,
			.domain = facts->end_domain };
}

static void add_to_row(
	struct doubt *doubt, struct doubt_domain *domain, const struct doubt_facts *facts)
{
	/* Dead hosts end late, by timeouts, and so together: only those count that were
	 * asked after the last sign of life. */
	if (facts->asked_at < doubt->alive_at)
		return;
	doubt->row_reasons |= UINT64_C(1) << facts->failure;
	if (domain->row_turn == doubt->row_turn)
		return;
	domain->row_turn = doubt->row_turn;
	doubt->row_count++;
	doubt->row_good += domain->good ? 1 : 0;
}

static enum doubt_kind kind_of_row(const struct doubt *doubt)
{
	doubt_reasons reasons = doubt->row_reasons;
	if ((reasons & ~DOUBT_REASONS_CLOCK) == 0)
		return DOUBT_KIND_WRONG_CLOCK;
	if ((reasons & ~DOUBT_REASONS_NAMES) == 0 &&
		(doubt->pongs_bad > 0 || doubt->names_unanswered >= DOUBT_UNANSWERED_MIN))
		return DOUBT_KIND_NO_RESOLVER;
	if ((reasons & DOUBT_BIT(NETWORK_UNREACHABLE)) != 0 &&
		(reasons & ~(DOUBT_REASONS_NAMES | DOUBT_BIT(NETWORK_UNREACHABLE) |
				   DOUBT_BIT(CONNECT_TIMEOUT) | DOUBT_BIT(TIMEOUT))) == 0)
		return DOUBT_KIND_NO_NETWORK;
	return DOUBT_KIND_MASS_FAILURE;
}

static bool is_row_bad(const struct doubt *doubt)
{
	if (doubt->row_count >= DOUBT_ROW_MIN)
		return true;
	return doubt->row_count >= DOUBT_ROW_KNOWN_MIN && doubt->row_good > 0 &&
	       doubt->row_good >= doubt->good_count;
}

static void judge_failures(struct doubt *doubt, time_ms now)
{
	uint32_t bad;
	if (doubt->status.state != DOUBT_FINE)
		return;
	if (is_row_bad(doubt)) {
		doubt_begin(doubt, kind_of_row(doubt), doubt->row_count,
			doubt->row_reasons, now);
	} else if (is_rate_bad(doubt, now, &bad)) {
		bool partial = doubt->silent_count < DOUBT_ROW_MIN;
		doubt_begin(doubt, DOUBT_KIND_MASS_FAILURE, bad,
			partial ? 0 : doubt->silent_reasons, now);
		doubt->partial = partial;
	}
}

/* A name that does not exist is no witness: only the resolver can tell. */
static void note_silence(
	struct doubt *doubt, const struct doubt_facts *facts, time_ms now)
{
	struct doubt_domain *domain = doubt_domain_of(doubt, facts->end_domain, now);
	if (facts->expected == DOUBT_EXPECT_BAD || now < domain->no_witness_until ||
		doubt_reason_in(facts->failure, DOUBT_REASONS_DENIED))
		return;
	doubt->silent_count++;
	doubt->silent_reasons |= UINT64_C(1) << facts->failure;
	add_to_sample(doubt, facts);
	add_to_row(doubt, domain, facts);
	if (facts->expected == DOUBT_EXPECT_GOOD &&
		!is_counted(domain->rate_bad_at, now)) {
		domain->rate_bad_at = now;
		minute_of(doubt, now)->bad++;
	}
	judge_failures(doubt, now);
}

/* --- dates ------------------------------------------------------------------------- */

static void note_date(struct doubt *doubt, const struct doubt_facts *facts, time_ms now)
{
	time_ms ahead = facts->server_ahead_ms;
	/* Dates are hostile, and ours may be wrong by decades at most. */
	if (!facts->has_date || ahead > 100 * 366 * TIME_MS_PER_DAY ||
		ahead < -100 * 366 * TIME_MS_PER_DAY)
		return;
	struct doubt_date *place = NULL;
	for (uint32_t i = 0; i < DOUBT_DATES; i++)
		if (doubt->dates[i].domain == facts->end_domain)
			place = &doubt->dates[i];
	if (place == NULL)
		place = &doubt->dates[doubt->date_next++ % DOUBT_DATES];
	*place = (struct doubt_date){ facts->end_domain, ahead };
	bool right = ahead < TIME_MS_PER_DAY && ahead > -TIME_MS_PER_DAY;
	doubt->dates_right = right ? doubt->dates_right + 1 : 0;
	doubt_judge_dates(doubt, now);
}

void doubt_note_evidence(
	struct doubt *doubt, const struct doubt_facts *facts, time_ms now)
{
	bool life = doubt_is_life(doubt, facts);
	note_place(doubt, facts, now);
	if (facts->voice != DOUBT_SILENT && facts->voice != DOUBT_FOREIGN)
		note_date(doubt, facts, now);
	if (life)
		note_good(doubt, facts, now);
	if (life || facts->answered_first)
		note_life(doubt, facts,
			facts->voice == DOUBT_CERTIFIED || facts->answered_first, now);
	if (facts->voice == DOUBT_SILENT)
		note_silence(doubt, facts, now);
}
