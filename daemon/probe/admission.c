#include <assert.h>

#include "base/table.h"
#include "model/host.h"
#include "probe/clock_internal.h"
#include "probe/probe_internal.h"

enum { HOST_BYTES_MAX = 254 }; /* with a last dot; libcurl gets no longer one */

/* True: *ret_answer is there. False: probe_looked_up is called when it is. */
bool probe_find_addresses(struct probe *probe, struct target target, time_us now,
	struct dns_answer *ret_answer)
{
	struct address address;
	if (address_parse(target.host, &address)) {
		*ret_answer = (struct dns_answer){
			.failure = REASON_OK, .count = 1, .addresses = { address }
		};
		return true;
	}
	probe->lookup.on_done = probe_looked_up;
	/* What we remember cannot confirm what it said. */
	if (probe->wish.second_method)
		resolver_forget(probe->prober->resolver, target.host);
	if (resolver_ask(probe->prober->resolver, &probe->lookup, target.host, now,
		    ret_answer))
		return true;
	if (probe->dns_ms < 0)
		probe->dns_ms = 0;
	return false;
}

void probe_line_up(struct probe *probe)
{
	probe_set_stage(probe, PROBE_LINE_UP, 0);
	list_push_back(&probe->prober->line_up, &probe->in_stage);
}

void probe_line_up_first(struct probe *probe)
{
	probe_set_stage(probe, PROBE_LINE_UP, 0);
	list_push_front(&probe->prober->line_up, &probe->in_stage);
}

static bool may_be_asked(const struct probe *probe, const struct dns_answer *answer,
	const struct target *target)
{
	for (uint8_t i = 0; i < answer->count; i++)
		if (target_vet(target, &answer->addresses[i],
			    &probe->prober->config.addresses) == TARGET_PERMITTED)
			return true;
	return false;
}

static void stand_in_line(struct probe *probe, struct slice host, time_us now)
{
	struct prober *prober = probe->prober;
	probe->host_slot = (uint32_t)hash_bytes(host, table_seed) % HOST_SLOTS;
	probe_set_stage(probe, PROBE_TURN, now);
	if (pacer_wait(prober->pacer, &probe->turn, host_pacing_key(host), now, now) < 0)
		probe_end_without_memory(probe);
}

void probe_hold(struct probe *probe, struct site *site)
{
	if (probe->site == site)
		return;
	if (probe->site != NULL)
		site_release(probe->site);
	site_hold(site);
	probe->site = site;
}

void probe_wait_in(struct probe *probe, struct site *site)
{
	probe_hold(probe, site);
	probe_set_stage(probe, PROBE_SITE, probe->stage_since);
	list_push_back(&site->waiting, &probe->in_stage);
	probe_leave_chain(probe);
}

/* To the front of the line, in the order in which they wait. */
void site_go_on(struct site *site)
{
	while (!list_empty(&site->waiting)) {
		struct list *last = site->waiting.prev;
		list_remove(last);
		probe_line_up_first(LIST_OF(last, struct probe, in_stage));
	}
}

/* The name has addresses that may be asked; may the host be? */
static void wait_for_turn(struct probe *probe, const struct url *url, time_us now)
{
	struct prober *prober = probe->prober;
	const struct site *site = sites_find(&prober->sites, url);
	if (site != NULL && site_is_closed(site, now) && !probe->wish.second_method) {
		probe_end_at_closed(probe, site);
		return;
	}
	if (probe_is_sent_away(prober, host_pacing_key(url->host), now)) {
		probe_end_sent_away(probe);
		return;
	}
	switch (robots_ask(probe, url)) {
	case ROBOTS_PERMITTED:
		stand_in_line(probe, url->host, now);
		break;
	case ROBOTS_FORBIDDEN:
		probe_end_unasked(probe, REASON_ROBOTS_DISALLOWED, NULL);
		break;
	case ROBOTS_CLOSED:
		probe_end_unasked(probe, REASON_ROBOTS_DISALLOWED,
			"its robots.txt answers with a server error, which counts as a "
			"no");
		break;
	case ROBOTS_LATER:
		break;
	}
}

static void addresses_known(struct probe *probe, const struct dns_answer *answer,
	const struct url *url, time_us now)
{
	struct target target = target_of(&probe->prober->config, url);
	if (answer->failure != REASON_OK)
		probe_attempt_over(probe, answer->failure, answer->why, now);
	else if (!may_be_asked(probe, answer, &target))
		probe_end_forbidden(probe, answer, &target);
	else
		wait_for_turn(probe, url, now);
}

/* The chain may not exist yet: a waiting probe is only its text. */
static int current_url(struct probe *probe, struct url *ret_url)
{
	if (probe->chain != NULL) {
		*ret_url = probe->chain->ask;
		return 0;
	}
	arena_reset(&probe->prober->scratch);
	return url_parse(&probe->prober->scratch, probe->wish.url, NULL, ret_url);
}

void probe_look_up(struct probe *probe, time_us now)
{
	struct url url;
	struct dns_answer answer;
	probe_set_stage(probe, PROBE_LOOKUP, now);
	if (probe->checked_at == 0)
		probe->checked_at = clock_wall_ms();
	if (current_url(probe, &url) < 0)
		probe_end_without_memory(probe);
	else if (url.host.len > HOST_BYTES_MAX)
		probe_attempt_over(
			probe, REASON_BAD_URL, "a host name cannot be this long", now);
	else if (probe_find_addresses(
			 probe, target_of(&probe->prober->config, &url), now, &answer))
		addresses_known(probe, &answer, &url, now);
	else
		probe->prober->lookups++;
}

void probe_looked_up(struct lookup *lookup, const struct dns_answer *answer)
{
	struct probe *probe = LIST_OF(lookup, struct probe, lookup);
	time_us now = clock_us();
	struct url url;
	if (probe->prober->closing)
		return;
	probe->dns_ms += probe_clamp_ms(now - probe->stage_since);
	if (probe->stage == PROBE_ADDRESS) {
		probe_ask(probe, answer, now);
		return;
	}
	assert(probe->stage == PROBE_LOOKUP);
	probe->prober->lookups--;
	probe_count_active(probe, now);
	if (current_url(probe, &url) < 0)
		probe_end_without_memory(probe);
	else
		addresses_known(probe, answer, &url, now);
}
