#include "check/monitor.h"

static struct vantage_resolver health_of(const struct monitor *monitor)
{
	struct vantage_resolver health = { .denies = monitor->canary_denied };
	prober_resolver_health(monitor->asker.prober, &health.asked, &health.answered);
	return health;
}

void monitor_note_seen(struct monitor *monitor, const struct observation *seen)
{
	/* Without memory a doubt the less is raised. */
	if (monitor->vantage != NULL)
		(void)vantage_note(monitor->vantage, seen);
}

static void on_pong(void *data, enum reason answer)
{
	struct monitor *monitor = data;
	monitor->canary_denied =
		answer == REASON_DNS_NXDOMAIN || answer == REASON_DNS_NO_ADDRESS;
	asker_end_one(&monitor->asker);
}

bool monitor_doubts(struct monitor *monitor)
{
	if (monitor->vantage == NULL || monitor->pinged)
		return false;
	struct vantage_resolver health = health_of(monitor);
	if (!vantage_wants_canary(monitor->vantage, &health))
		return false;
	monitor->pinged = true;
	if (prober_ping_resolver(monitor->asker.prober, false, on_pong, monitor) < 0)
		return false;
	monitor->asker.open++;
	return true;
}

/* Also by the time it was asked: an outage may have begun during the run. */
static bool is_in_doubt(const struct vantage_finding *finding, const struct link *link)
{
	const struct check_result *result = &link->result;
	return link->kind == LINK_HTTP && result->done && result->checked_at > 0 &&
	       result->checked_at + result->elapsed_ms >= finding->since &&
	       vantage_covers(finding, result->verdict.reason, result->final_url,
		       &result->certificate);
}

static void take_back(struct monitor *monitor, struct link *link)
{
	struct check_result *result = &link->result;
	enum outcome before = result->verdict.outcome;
	result->verdict = (struct verdict){
		.outcome = OUTCOME_SKIPPED,
		.reason = REASON_OFFLINE,
		.error = SLICE("This machine or its network seems to be the cause, so "
			       "nothing is held against the link."),
	};
	result->state = state_of_one_check(OUTCOME_SKIPPED);
	monitor->by_outcome[before]--;
	monitor->by_outcome[OUTCOME_SKIPPED]++;
	monitor->doubted++;
}

void monitor_settle_doubts(struct monitor *monitor)
{
	if (monitor->vantage == NULL || monitor->asker.prober == NULL)
		return;
	struct vantage_resolver health = health_of(monitor);
	vantage_judge(monitor->vantage, &health, &monitor->finding);
	if (monitor->finding.doubt == VANTAGE_FINE)
		return;
	for (struct link *link = monitor->table->first; link != NULL; link = link->next)
		if (is_in_doubt(&monitor->finding, link))
			take_back(monitor, link);
	if (monitor->doubted > 0)
		monitor->failed = true;
}
