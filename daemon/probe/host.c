/* Trouble at an origin, and who goes ahead to see whether it lasts. */
#include "probe/clock_internal.h"
#include "probe/probe_internal.h"

enum {
	SCOUTS = 3,
	CANDIDATES_MAX = 256, /* looked at for a scout */
};

/* So long a good answer speaks for its origin: as long as the first pause. */
static const time_us proven_us = TIME_MS_PER_HOUR * TIME_US_PER_MS;

static bool is_proven(const struct site *site, time_us now)
{
	return site->good_at != 0 && now - site->good_at < proven_us;
}

/* --- trouble --- */

struct trial {
	int status;
	bool challenge;
	enum breaker_event event;
};

static enum reason cause_of(enum reason failure, const struct trial *trial)
{
	if (failure != REASON_OK)
		return failure;
	if (trial->status == 429)
		return REASON_RATE_LIMITED;
	if (trial->status >= 500)
		return REASON_HTTP_5XX;
	return trial->challenge ? REASON_CHALLENGE : REASON_FORBIDDEN;
}

static struct trial trial_of(const struct probe *probe, enum reason failure)
{
	const struct request *request = &probe->chain->request;
	bool answered = request->requester != NULL && request->answer.complete;
	struct trial trial = { .status = answered ? request->answer.status : 0,
		.challenge = answered && answer_wall(&request->answer) != WALL_NONE };
	trial.event = breaker_event_of(
		failure, trial.status, trial.challenge, &probe->prober->config.breaker);
	return trial;
}

static void close_site(
	struct site *site, enum reason cause, time_ms pause_ms, time_us now)
{
	site->closed_until = now + pause_ms * TIME_US_PER_MS;
	site->closed_cause = cause;
	site->pending_ms = 0;
	site_go_on(site);
}

static struct slice directory_of(struct slice url)
{
	url = slice_sub(url, 0, slice_find_char(url, '?'));
	while (url.len > 0 && url.at[url.len - 1] != '/')
		url.len--;
	return url;
}

/* Whoever comes first is the scout: somebody from elsewhere, if there is one, and from
 * the middle of the line, because what is broken often stands together in a list. */
static void choose_scout(struct site *site, const struct probe *failed)
{
	struct slice directory = directory_of(failed->wish.url);
	uint32_t count = site_count_waiting(site, CANDIDATES_MAX);
	struct list *at = site->waiting.next, *scout;
	for (uint32_t i = 0; i < count / 2; i++)
		at = at->next;
	scout = at;
	for (uint32_t i = 0; i < count; i++, at = at->next) {
		if (at == &site->waiting)
			at = at->next;
		const struct probe *waiting = LIST_OF(at, struct probe, in_stage);
		if (slice_equal(directory_of(waiting->wish.url), directory))
			continue;
		scout = at;
		break;
	}
	if (count > 0) {
		list_remove(scout);
		list_push_front(&site->waiting, scout);
	}
	site_go_on(site);
}

static bool is_of_connection(const struct probe *probe, enum reason failure)
{
	return failure != REASON_OK && !probe->chain->request.sent;
}

/* What had begun before the breaker opened is old news, and so are the scouts. */
static time_ms note_breaker(struct probe *probe, struct site *site, enum reason failure,
	enum reason cause, time_us now)
{
	if (site->pending_ms > 0 || site_is_closed(site, now) ||
		(is_proven(site, now) && !is_of_connection(probe, failure)))
		return 0;
	return breaker_note(
		&site->breaker, BREAKER_BAD, cause, &probe->prober->config.breaker);
}

/* The last word of one check, and a bad one. One that went alone, because the origin was
 * closed before, needs no scouts. */
static void note_bad_end(struct probe *probe, struct site *site, enum reason failure,
	const struct trial *trial, time_us now)
{
	enum reason cause = cause_of(failure, trial);
	bool reopens = site->breaker.opened > 0;
	time_ms pause_ms = note_breaker(probe, site, failure, cause, now);
	bool is_scout = site->scout == probe && site->pending_ms > 0;
	if (is_scout && ++site->scouts_failed == SCOUTS)
		close_site(site, site->pending_cause, site->pending_ms, now);
	else if (is_scout)
		choose_scout(site, probe);
	if (pause_ms <= 0)
		return;
	if (reopens || is_of_connection(probe, failure)) {
		close_site(site, cause, pause_ms, now);
		return;
	}
	site->pending_ms = pause_ms;
	site->pending_cause = cause;
	site->scouts_failed = 0;
	choose_scout(site, probe);
}

/* Also one that had begun before the site was closed. */
static void note_good(struct site *site, time_us now)
{
	bool anybody_held =
		site->failed > 0 || site->pending_ms > 0 || site->breaker.opened > 0;
	site->breaker = (struct breaker){ 0 };
	site->failed = 0;
	site->pending_ms = 0;
	site->closed_until = 0;
	site->good_at = now;
	if (anybody_held && site->learner == NULL)
		site_go_on(site);
}

void host_reopen_all(struct sites *sites)
{
	for (struct list *at = sites->all.next; at != &sites->all; at = at->next) {
		struct site *site = LIST_OF(at, struct site, in_sites);
		if (site->failed > 0 || site->breaker.failures > 0 ||
			site->closed_until > 0) {
			note_good(site, 0); /* nobody has answered */
		}
	}
}

static void note_bad(struct probe *probe, struct site *site, bool again)
{
	site->failed++;
	if (!again || probe->failing)
		return;
	probe_hold(probe, site);
	probe->failing = true;
	site->failing++;
}

/* A good host has nothing to be remembered. */
void host_note_try(struct probe *probe, enum reason failure, bool again, time_us now)
{
	struct sites *sites = &probe->prober->sites;
	const struct url *url = &probe->chain->ask;
	struct trial trial = trial_of(probe, failure);
	struct site *site = trial.event == BREAKER_BAD ? sites_get(sites, url)
						       : sites_find(sites, url);
	if (!again)
		head_learn(probe, failure);
	if (site == NULL)
		return;
	if (failure != REASON_OK)
		head_give_up(probe);
	switch (trial.event) {
	case BREAKER_GOOD:
		if (site->failed > 0 || site->breaker.failures > 0 ||
			site->breaker.opened > 0 || site->closed_until > 0)
			note_good(site, now);
		else if (site->good_at > 0)
			site->good_at = now;
		break;
	case BREAKER_BAD:
		note_bad(probe, site, again);
		if (!again)
			note_bad_end(probe, site, failure, &trial, now);
		break;
	case BREAKER_NEUTRAL:
		break;
	}
}

bool host_tries_once(const struct probe *probe)
{
	const struct site *site = probe->site;
	return site != NULL && site->scout == probe && site->pending_ms == 0;
}

void host_let_go(struct probe *probe)
{
	struct site *site = probe->site;
	bool others = false;
	if (site == NULL)
		return;
	if (probe->failing) {
		probe->failing = false;
		others = --site->failing == 0;
	}
	if (site->learner == probe) {
		site->learner = NULL;
		others = true;
	}
	if (site->scout == probe) {
		site->scout = NULL;
		others = true;
	}
	if (others)
		site_go_on(site);
	probe->site = NULL;
	site_release(site);
}

/* --- before a request --- */

/* The others wait for these: for those that failed, and for a robots.txt for which even
 * those may wait. One that waited in turn would never have an end. */
static bool goes_before(const struct probe *probe)
{
	return probe->failing || probe->wish.kind == ASK_ROBOTS;
}

/* The breaker would open, or was open: then one at a time goes ahead. */
static bool wants_scout(const struct site *site)
{
	return site->pending_ms > 0 || site->breaker.opened > 0;
}

/* Several tries in a row have failed: those that failed try again first, so that a host
 * that is down is not asked by everybody, and one that is only overloaded may recover. */
static bool is_held_back(struct probe *probe, struct site *site, time_us now)
{
	uint32_t failures_max = probe->prober->config.breaker.failures_max;
	if (failures_max == 0 || goes_before(probe) || site->scout == probe)
		return false;
	if (wants_scout(site))
		return site->scout != NULL;
	return !is_proven(site, now) && site->failed >= failures_max && site->failing > 0;
}

static void go_ahead(struct probe *probe, struct site *site)
{
	if (site == NULL || !wants_scout(site) || goes_before(probe))
		return;
	probe_hold(probe, site);
	site->scout = probe;
}

bool host_must_wait(struct probe *probe, time_us now)
{
	struct prober *prober = probe->prober;
	struct site *site = sites_find(&prober->sites, &probe->chain->ask);
	bool closed = site != NULL && site_is_closed(site, now);
	if (probe->wish.second_method)
		return false;
	if (!closed && (site == NULL || !is_held_back(probe, site, now)) &&
		head_plan(probe, site)) {
		go_ahead(probe, site);
		return false;
	}
	/* Nothing has gone to the server. */
	pacer_withdraw(prober->pacer, &probe->turn, now);
	if (closed)
		probe_end_at_closed(probe, site);
	else
		probe_wait_in(probe, site);
	return true;
}
