#include "probe/clock_internal.h"
#include "probe/probe_internal.h"

/* --- HEAD or GET -------------------------------------------------------------------- */

static bool wants_body(const struct probe *probe)
{
	return probe->wish.want_body || probe->wish.want_anchors || probe->wish.want_text;
}

/* Up to `max` of them. */
static uint32_t count_members(const struct list *head, uint32_t max)
{
	uint32_t count = 0;
	for (const struct list *at = head->next; at != head && count < max; at = at->next)
		count++;
	return count;
}

static enum method_plan plan_of(const struct probe *probe, const struct site *site)
{
	static const struct method_record unknown = { 0 };
	const struct prober *prober = probe->prober;
	uint32_t waiting = prober->host_waiting[probe->host_slot] + 1;
	/* Those that wait for the first one count like the others in line. */
	if (site != NULL)
		waiting += count_members(&site->waiting, METHOD_LINKS_MIN);
	return method_plan(site != NULL ? &site->method : &unknown,
		probe->chain->ask.path, wants_body(probe), waiting);
}

/* Once a hop. False: another probe is asking its file by HEAD and GET, and this one had
 * better know what comes of it. */
static bool plan_method(struct probe *probe, struct site *site)
{
	struct chain *chain = probe->chain;
	if (chain->method_planned)
		return true;
	chain->plan = plan_of(probe, site);
	if (chain->plan == METHOD_PLAN_HEAD_THEN_GET && site == NULL &&
		(site = sites_get(&probe->prober->sites, &chain->ask)) == NULL)
		chain->plan = METHOD_PLAN_GET;
	if (chain->plan == METHOD_PLAN_HEAD_THEN_GET) {
		if (site->learner != NULL)
			return false;
		site->learner = probe;
	}
	chain->method_planned = true;
	chain->method = chain->plan == METHOD_PLAN_GET ? METHOD_GET : METHOD_HEAD;
	return true;
}

bool host_wants_get(const struct probe *probe, enum reason failure)
{
	const struct chain *chain = probe->chain;
	return failure == REASON_OK && chain->method == METHOD_HEAD &&
	       chain->plan == METHOD_PLAN_HEAD_THEN_GET;
}

static void learn_method(struct probe *probe, enum reason failure)
{
	struct chain *chain = probe->chain;
	if (chain->plan == METHOD_PLAN_GET || chain->method != METHOD_GET ||
		failure != REASON_OK)
		return;
	struct site *site = sites_get(&probe->prober->sites, &chain->ask);
	if (site != NULL)
		method_learn(
			&site->method, chain->head_status, chain->request.answer.status);
}

/* --- trouble ------------------------------------------------------------------------ */

static enum reason cause_of(enum reason failure, int status)
{
	if (failure != REASON_OK)
		return failure;
	if (status == 429)
		return REASON_RATE_LIMITED;
	return status >= 500 ? REASON_HTTP_5XX : REASON_CHALLENGE;
}

struct trial {
	int status;
	enum breaker_event event;
};

static struct trial trial_of(const struct probe *probe, enum reason failure)
{
	const struct request *request = &probe->chain->request;
	bool answered = request->requester != NULL && request->answer.complete;
	bool challenge = answered && answer_wall(&request->answer) != WALL_NONE;
	struct trial trial = { .status = answered ? request->answer.status : 0 };
	trial.event = breaker_event_of(
		failure, trial.status, challenge, &probe->prober->config.breaker);
	return trial;
}

/* The last word of one check. What had begun before the host was closed is old news. */
static void note_end(struct probe *probe, struct site *site, const struct trial *trial,
	enum reason failure, time_us now)
{
	const struct breaker_limits *limits = &probe->prober->config.breaker;
	enum reason cause = cause_of(failure, trial->status);
	if (site_is_closed(site, now))
		return;
	time_ms pause_ms = breaker_note(&site->breaker, trial->event, cause, limits);
	if (pause_ms <= 0)
		return;
	site->closed_until = now + pause_ms * TIME_US_PER_MS;
	site->closed_cause = cause;
	site_go_on(site);
}

static void begin_failing(struct probe *probe, struct site *site)
{
	if (probe->failing_at != NULL)
		return;
	probe->failing_at = site;
	site->failing++;
}

static void end_failing(struct probe *probe)
{
	struct site *site = probe->failing_at;
	if (site == NULL)
		return;
	probe->failing_at = NULL;
	if (--site->failing == 0)
		site_go_on(site);
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
		learn_method(probe, failure);
	if (site == NULL)
		return;
	if (trial.event == BREAKER_GOOD && site->failed > 0) {
		site->failed = 0;
		site_go_on(site);
	}
	if (trial.event == BREAKER_BAD) {
		site->failed++;
		if (again)
			begin_failing(probe, site);
	}
	if (!again)
		note_end(probe, site, &trial, failure, now);
}

void host_let_go(struct probe *probe)
{
	end_failing(probe);
	struct site *site =
		probe->chain != NULL && probe->chain->method_planned &&
				probe->chain->plan == METHOD_PLAN_HEAD_THEN_GET
			? sites_find(&probe->prober->sites, &probe->chain->ask)
			: NULL;
	if (site != NULL && site->learner == probe) {
		site->learner = NULL;
		site_go_on(site);
	}
}

/* --- before a request --------------------------------------------------------------- */

/* Several tries in a row have failed: those that failed try again first, so that a host
 * that is down is not asked by everybody, and one that is only overloaded may recover. */
static bool is_doubtful(const struct probe *probe, const struct site *site)
{
	uint32_t failures_max = probe->prober->config.breaker.failures_max;
	return failures_max > 0 && site->failed >= failures_max && site->failing > 0 &&
	       probe->failing_at == NULL;
}

bool host_must_wait(struct probe *probe, time_us now)
{
	struct prober *prober = probe->prober;
	struct site *site = sites_find(&prober->sites, &probe->chain->ask);
	bool closed = site != NULL && site_is_closed(site, now);
	if (!closed && (site == NULL || !is_doubtful(probe, site)) &&
		plan_method(probe, site))
		return false;
	/* Nothing has gone to the server. */
	pacer_withdraw(prober->pacer, &probe->turn, now);
	if (closed)
		probe_end_at_closed(probe, site);
	else
		probe_wait_in(probe, site);
	return true;
}
