#include "probe/probe_internal.h"

#include <stdlib.h>

#include "model/host.h"
#include "probe/clock_internal.h"

static const char *const out_of_memory = "this machine ran out of memory";

static bool is_running(enum probe_stage stage)
{
	return stage == PROBE_ADDRESS || stage == PROBE_REQUEST;
}

void probe_set_stage(struct probe *probe, enum probe_stage stage, time_us now)
{
	struct prober *prober = probe->prober;
	prober->counts.running -= is_running(probe->stage) ? 1 : 0;
	prober->counts.running += is_running(stage) ? 1 : 0;
	uint32_t *waiting = &prober->host_waiting[probe->host_slot];
	if (probe->stage == PROBE_TURN && --*waiting == 0)
		prober->names_waiting--;
	if (stage == PROBE_TURN && ++*waiting == 1)
		prober->names_waiting++;
	probe->stage = stage;
	probe->stage_since = now;
}

void probe_count_active(struct probe *probe, time_us now)
{
	probe->active_us += now - probe->stage_since;
	probe->stage_since = now;
}

int probe_open_chain(struct probe *probe)
{
	struct url url;
	if (probe->chain != NULL)
		return 0;
	probe->chain = prober_take_chain(
		probe->prober, probe->wish.want_anchors || probe->wish.want_body);
	if (probe->chain == NULL ||
		url_parse(&probe->chain->arena, probe->wish.url, NULL, &url) < 0)
		return -1;
	return probe->tried ? chain_enter_again(probe->chain, &url, &probe->tries)
			    : probe_enter(probe, &url);
}

bool probe_hides_own_headers(const struct probe *probe)
{
	return probe->wish.no_own_headers ||
	       (probe->chain != NULL && !chain_may_send_own_headers(probe->chain));
}

int probe_enter(struct probe *probe, const struct url *url)
{
	if (chain_enter(probe->chain, url) < 0)
		return -1;
	if (probe->wish.second_method)
		chain_use_second_method(probe->chain, probe->prober->ipv6_first);
	return 0;
}

void probe_leave_chain(struct probe *probe)
{
	if (probe->chain == NULL || !chain_is_only_tries(probe->chain))
		return;
	probe->tried = true;
	probe->tries = probe->chain->tries;
	prober_give_chain(probe->prober, probe->chain);
	probe->chain = NULL;
}

/* --- the end --- */

int32_t probe_clamp_ms(time_us us)
{
	time_ms ms = us / TIME_US_PER_MS;
	return ms > INT32_MAX ? INT32_MAX : (int32_t)ms;
}

void probe_discard(struct probe *probe)
{
	struct prober *prober = probe->prober;
	probe_set_stage(probe, PROBE_LINE_UP, 0);
	prober->counts.waiting--;
	resolver_cancel(&probe->lookup);
	pacer_done(prober->pacer, &probe->turn, clock_us());
	heap_remove(&prober->resting, &probe->resting);
	list_remove(&probe->in_stage);
	list_remove(&probe->in_prober);
	host_let_go(probe);
	if (probe->chain != NULL) {
		request_cancel(&probe->chain->request);
		prober_give_chain(prober, probe->chain);
	}
	free(probe);
}

void probe_end(struct probe *probe, enum reason failure, const char *why)
{
	struct prober *prober = probe->prober;
	if (probe->chain != NULL && probe->chain->looking)
		chain_end_look(probe->chain, &failure, &why);
	/* A header, cookie or anchor that there was no room for proves nothing. */
	if (probe->chain != NULL && probe->chain->arena.out_of_memory) {
		failure = REASON_OFFLINE;
		why = out_of_memory;
	}
	struct observation observation = { .failure = failure, .error = slice_of(why) };
	if (probe->chain != NULL)
		chain_observe(probe->chain, failure, why, &observation);
	if (observation.http_status != 0 &&
		probe->chain->request.answer.retry_after.len > 0)
		observation.retry_after_ms = retry_after_parse(
			probe->chain->request.answer.retry_after, clock_wall_ms());
	observation.attempts = probe->attempts;
	observation.checked_at = probe->checked_at;
	observation.timing.dns_ms = probe->dns_ms;
	observation.timing.total_ms = probe_clamp_ms(probe->active_us);
	prober->counts.done++;
	if (!prober->closing)
		probe->wish.on_done(probe, &observation, probe->wish.data);
	probe_discard(probe);
}

/* The ceiling of a chain's memory is reached by the other side's doing, not by ours. */
void probe_end_without_memory(struct probe *probe)
{
	if (probe->chain != NULL && probe->chain->arena.failed &&
		!probe->chain->arena.out_of_memory)
		probe_end(probe, REASON_HTTP_MALFORMED,
			"the answers need more memory than a check may take");
	else
		probe_end(probe, REASON_OFFLINE, out_of_memory);
}

void probe_end_unasked(struct probe *probe, enum reason failure, const char *why)
{
	if (probe_open_chain(probe) < 0)
		probe_end_without_memory(probe);
	else
		probe_end(probe, failure, why);
}

static bool has_permitted_address(const struct dns_answer *answer,
	const struct target *target, const struct address_policy *policy)
{
	for (uint8_t i = 0; i < answer->count; i++)
		if (target_vet(target, &answer->addresses[i], policy) !=
			TARGET_BAD_ADDRESS)
			return true;
	return false;
}

/* What we never follow is one thing in a list, another behind a redirect. */
void probe_end_forbidden(
	struct probe *probe, const struct dns_answer *answer, const struct target *target)
{
	bool redirected = probe->chain != NULL && probe->chain->hop_count > 1;
	const char *why = "its address is not a public one; see --allow-address";
	if (has_permitted_address(answer, target, &probe->prober->config.addresses))
		why = "only ports 80, 443, 8080 and 8443 are asked; see --allow-port";
	probe_end_unasked(probe,
		redirected ? REASON_REDIRECT_FORBIDDEN : REASON_ADDRESS_FORBIDDEN, why);
}

/* Was to be asked again, and will not be: what its last try showed is what is known. */
static bool end_as_asked(struct probe *probe, const char *why)
{
	if ((probe->chain == NULL && !probe->tried) || probe_open_chain(probe) < 0 ||
		probe->chain->tries.retries == 0)
		return false;
	if (probe->chain->tries.last_status != 0)
		probe_end(probe, REASON_OK, why);
	else if (probe->last_trouble != REASON_OK)
		probe_end(probe, probe->last_trouble, why);
	else
		return false;
	return true;
}

void probe_end_at_closed(struct probe *probe, const struct site *site)
{
	if (!end_as_asked(probe, "like other links on this host, so it was not asked "
				 "again"))
		probe_end_unasked(probe, site->closed_cause,
			"as with the links before it on this host, so it was not asked "
			"for");
}

/* A host that wants to be left alone for longer than we wait gets no request, and nobody
 * stands in its line for hours. */
bool probe_is_sent_away(const struct prober *prober, struct slice key, time_us now)
{
	return pacer_paused_until(prober->pacer, key) - now >
	       prober->config.retry.retry_after_ms_max * TIME_US_PER_MS;
}

void probe_end_sent_away(struct probe *probe)
{
	enum reason reason = REASON_OK;
	if (end_as_asked(probe, "the host wants to be left alone now, so it was not "
				"asked again"))
		return;
	if (probe_open_chain(probe) == 0)
		reason = (enum reason)pacer_cause(
			probe->prober->pacer, host_pacing_key(probe->chain->ask.host));
	probe_end_unasked(probe, reason != REASON_OK ? reason : REASON_RATE_LIMITED,
		"the host wants to be left alone, so it was not asked for");
}

void probe_send_away(struct prober *prober, struct slice key)
{
	struct turn *turn;
	while (!prober->closing &&
		(turn = pacer_first_waiting(prober->pacer, key)) != NULL)
		probe_end_sent_away(LIST_OF(turn, struct probe, turn));
}
