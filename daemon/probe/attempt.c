#include "model/host.h"
#include "probe/clock_internal.h"
#include "probe/probe_internal.h"

enum {
	/* Connects of one attempt that may take their time: the preferred family, then
	 * the other. Those that are refused at once cost nothing, and are not counted. */
	CONNECTS_MAX = 2,
	/* With more names than this in line, the next turn of one is far off, and libcurl
	 * walks through all idle connections at every transfer. */
	KEPT_NAMES_MAX = 256,
	/* After a refusal for haste, between two requests of its host, and for how long.
	 */
	SLOW_MS_MAX = 5000,
	SLOW_FOR_MS = 60 * 1000,
	HEAD_TIMEOUT_MS = 5000, /* some servers never answer it, and GET comes behind */
};

/* --- counting --- */

static void count_sent(struct probe *probe, time_us now)
{
	const struct chain *chain = probe->chain;
	enum tally_part part = chain->hop_count > 1 ? TALLY_REDIRECT : TALLY_FIRST;
	if (!probe->prober->config.count_hosts)
		return;
	if (probe->asked_hop == chain->hop_count)
		part = TALLY_RETRY;
	probe->asked_hop = chain->hop_count;
	probe->counted = true;
	tally_sent(&probe->prober->tally, host_pacing_key(chain->ask.host),
		probe->wish.kind, part, now);
}

static void count_over(struct probe *probe)
{
	const struct request *request = &probe->chain->request;
	if (!probe->counted)
		return;
	probe->counted = false;
	tally_over(&probe->prober->tally, host_pacing_key(probe->chain->ask.host),
		request->answer.complete ? request->answer.status : 0,
		request->first_byte_ms);
}

/* --- asking --- */

static void fill_wish(const struct probe *probe, struct request_wish *wish)
{
	const struct chain *chain = probe->chain;
	const struct prober_config *config = &probe->prober->config;
	size_t body_bytes_max = probe->wish.body_bytes_max;
	*wish = (struct request_wish){
		.url = &chain->ask,
		.port = chain->target.port,
		.own_headers = !probe->wish.no_own_headers &&
			       chain_may_send_own_headers(chain),
		.extra_headers = probe->wish.headers,
		.extra_header_count = chain_is_at_first_host(chain)
			? probe->wish.header_count : 0,
		.http1_only = chain->tries.http1_only,
		.fresh_connection = chain->tries.fresh_connection,
		.look = chain->looking,
		.answer = {
			.method = chain->tries.method,
			.want_body = probe->wish.want_body,
			.want_anchors = probe->wish.want_anchors,
			.want_text = probe->wish.want_text,
			.header_bytes_max = config->header_bytes_max,
			.body_bytes_max = body_bytes_max > 0 ? body_bytes_max
							     : config->body_bytes_max,
		},
	};
}

/* Each address gets its share of the time for connecting. */
static void ask_next_address(struct probe *probe, time_us now)
{
	struct chain *chain = probe->chain;
	const struct prober_config *config = &probe->prober->config;
	struct request_wish wish;
	int left = chain->address_count - chain->address_next;
	time_ms left_ms = (probe->deadline - now) / TIME_US_PER_MS;
	bool last = left == 1 || chain->address_next + 1 >= CONNECTS_MAX;
	fill_wish(probe, &wish);
	wish.address = chain->addresses[chain->address_next++];
	if (chain->tries.method == METHOD_HEAD && left_ms > HEAD_TIMEOUT_MS)
		left_ms = HEAD_TIMEOUT_MS;
	wish.timeout_ms = left_ms > 1 ? left_ms : 1;
	wish.connect_timeout_ms = last ? config->connect_timeout_ms
				       : config->connect_timeout_ms / CONNECTS_MAX;
	if (wish.connect_timeout_ms < 1)
		wish.connect_timeout_ms = 1;
	chain->jar.wall = probe->checked_at;
	chain->cookies_sent = chain->jar.state;
	wish.cookies = cookies_for(&chain->jar, &chain->arena, &chain->ask);
	wish.answer.jar = &chain->jar;
	wish.answer.url = &chain->ask;
	chain->page_finished = false;
	chain->request.data = probe;
	if (request_start(
		    &chain->request, &probe->prober->requester, &chain->arena, &wish) < 0)
		probe_end_without_memory(probe);
}

void probe_ask(struct probe *probe, const struct dns_answer *answer, time_us now)
{
	struct prober *prober = probe->prober;
	if (answer->failure != REASON_OK) {
		probe_attempt_over(probe, answer->failure, answer->why, now);
		return;
	}
	if (!chain_set_addresses(probe->chain, answer, &prober->config.addresses,
		    prober->ipv6_first)) {
		probe_end_forbidden(probe, answer, &probe->chain->target);
		return;
	}
	probe_set_stage(probe, PROBE_REQUEST, probe->stage_since);
	probe->attempts += probe->chain->looking ? 0 : 1;
	ask_next_address(probe, now);
}

void probe_granted(struct probe *probe, time_us now)
{
	struct dns_answer answer;
	probe_set_stage(probe, PROBE_ADDRESS, now);
	probe->deadline = now + probe->prober->config.timeout_ms * TIME_US_PER_MS;
	if (probe_open_chain(probe) < 0) {
		probe_end_without_memory(probe);
		return;
	}
	if (host_must_wait(probe, now))
		return;
	if (probe->attempts == 0) /* looked up long before, perhaps */
		probe->checked_at = clock_wall_ms();
	struct target *target = &probe->chain->target;
	*target = target_of(&probe->prober->config, &probe->chain->ask);
	if (probe_find_addresses(probe, *target, now, &answer))
		probe_ask(probe, &answer, now);
}

void probe_sent(struct request *request)
{
	struct probe *probe = request->data;
	time_us now = clock_us();
	pacer_sent(probe->prober->pacer, &probe->turn, now);
	probe->prober->counts.requests++;
	count_sent(probe, now);
}

/* The pacer's hosts are whole domains, a connection serves one name of them. */
bool probe_is_host_wanted(struct request *request)
{
	struct probe *probe = request->data;
	const struct prober *prober = probe->prober;
	return prober->host_waiting[probe->host_slot] > 0 &&
	       pacer_waiting(&probe->turn) > 0 && prober->names_waiting <= KEPT_NAMES_MAX;
}

/* --- an attempt is over --- */

/* Nothing was said to the server, so that the next address is part of the same try. */
static bool failed_to_connect(const struct request *request)
{
	return !request->sent && !request->connected &&
	       (request->failure == REASON_CONNECT_REFUSED ||
		       request->failure == REASON_CONNECT_TIMEOUT ||
		       request->failure == REASON_CONNECT_RESET ||
		       request->failure == REASON_NETWORK_UNREACHABLE);
}

static bool may_ask_others(const struct request *request, const struct chain *chain)
{
	return chain->address_next < chain->address_count &&
	       (chain->address_next < CONNECTS_MAX ||
		       request->failure == REASON_CONNECT_REFUSED);
}

void probe_requested(struct request *request)
{
	struct probe *probe = request->data;
	struct chain *chain = probe->chain;
	time_us now = clock_us();
	if (probe->prober->closing)
		return;
	count_over(probe);
	bool others = may_ask_others(request, chain);
	bool unconnected = failed_to_connect(request);
	if (unconnected)
		chain_note_unconnected(chain, probe->prober->ipv6_first);
	if (unconnected && others && now < probe->deadline) {
		ask_next_address(probe, now);
		return;
	}
	chain_note_status(chain);
	if (request->failure == REASON_ADDRESS_FORBIDDEN && chain->hop_count > 1)
		request->failure = REASON_REDIRECT_FORBIDDEN;
	probe_attempt_over(probe, request->failure, request->why, now);
}

static void retry(struct probe *probe, const struct retry_decision *decision, time_us now)
{
	chain_prepare_retry(probe->chain, decision);
	if (decision->delay_ms <= 0) {
		probe_line_up(probe);
		return;
	}
	probe_set_stage(probe, PROBE_REST, now);
	probe_leave_chain(probe);
	if (heap_add(&probe->prober->resting, &probe->resting,
		    now + decision->delay_ms * TIME_US_PER_MS) < 0)
		probe_end_without_memory(probe);
}

static void follow(struct probe *probe)
{
	struct redirect_step step = { .failure = REASON_OK };
	struct chain *chain = probe->chain;
	if (chain_next(chain, &probe->prober->config.redirect, &step) < 0) {
		probe_end_without_memory(probe);
		return;
	}
	if (!step.follow || probe->wish.no_redirects) {
		probe_end(
			probe, probe->wish.no_redirects ? REASON_OK : step.failure, NULL);
		return;
	}
	probe->dns_ms = -1;
	probe->last_trouble = REASON_OK;
	if (probe_enter(probe, &step.url) < 0)
		probe_end_without_memory(probe);
	else
		probe_line_up(probe);
}

static enum reason trouble_of(const struct probe *probe, enum reason failure)
{
	const struct answer *answer = &probe->chain->request.answer;
	if (failure != REASON_OK || probe->chain->request.requester == NULL)
		return failure;
	if (answer->status == 429)
		return REASON_RATE_LIMITED;
	return answer->status >= 500 ? REASON_HTTP_5XX : REASON_OK;
}

/* Back at the old pace it would refuse every second request. */
static void slow_down(
	struct prober *prober, struct slice key, time_ms pause_ms, time_us now)
{
	time_ms interval_ms = pause_ms < SLOW_MS_MAX ? pause_ms : SLOW_MS_MAX;
	/* Without memory the general pace holds. */
	(void)pacer_slow_host(prober->pacer, key, interval_ms * TIME_US_PER_MS,
		now + (pause_ms + SLOW_FOR_MS) * TIME_US_PER_MS, now);
}

/* The host wants to be left alone, all of it. */
static void rest_host(struct probe *probe, time_ms pause_ms, time_us now)
{
	struct prober *prober = probe->prober;
	struct slice key = host_pacing_key(probe->chain->ask.host);
	time_us until = now + pause_ms * TIME_US_PER_MS;
	if (until > pacer_paused_until(prober->pacer, key)) {
		pacer_pause(prober->pacer, key, until, now);
		pacer_set_cause(prober->pacer, key,
			probe->last_trouble == REASON_HTTP_5XX ? REASON_HTTP_5XX
							       : REASON_RATE_LIMITED);
	}
	if (probe_is_sent_away(prober, key, now))
		probe_send_away(prober, key);
	else if (probe->last_trouble == REASON_RATE_LIMITED)
		slow_down(prober, key, pause_ms, now);
}

/* A robots.txt in trouble forbids everything, so that is looked at again; where it cannot
 * be had at all the page itself will say why. */
static bool tries_once(const struct probe *probe, enum reason failure)
{
	bool forbids = probe->wish.kind == ASK_ROBOTS && failure == REASON_OK;
	return (probe->wish.no_retries && !forbids) || host_tries_once(probe);
}

void probe_attempt_over(
	struct probe *probe, enum reason failure, const char *why, time_us now)
{
	struct prober *prober = probe->prober;
	probe_count_active(probe, now);
	pacer_done(prober->pacer, &probe->turn, now);
	if (probe_open_chain(probe) < 0) {
		probe_end_without_memory(probe);
		return;
	}
	if (probe->chain->looking) {
		probe_end(probe, failure, why);
		return;
	}
	chain_recall_http2(probe->chain, &failure, &why);
	struct retry_limits limits = prober->config.retry;
	if (tries_once(probe, failure))
		limits.retries_max = 0;
	struct retry_decision decision =
		chain_decide(probe->chain, failure, &limits, &prober->random);
	if (probe->wish.head_only && decision.method != METHOD_HEAD)
		decision.again = false;
	probe->last_trouble = trouble_of(probe, failure);
	if (decision.host_pause_ms > 0)
		rest_host(probe, decision.host_pause_ms, now);
	host_note_try(probe, failure, decision.again, now);
	if (decision.again) {
		retry(probe, &decision, now);
		return;
	}
	if (head_wants_get(probe, failure)) {
		chain_prepare_get(probe->chain);
		probe_line_up(probe);
		return;
	}
	host_let_go(probe);
	if (failure == REASON_OK)
		follow(probe);
	else
		probe_end(probe, failure, why);
}
