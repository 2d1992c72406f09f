#include "probe/prober_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/table.h"
#include "model/host.h"
#include "probe/clock_internal.h"
#include "probe/target_internal.h"

enum {
	/* Connects tried within one attempt: the preferred family, then the other. */
	CONNECTS_MAX = 2,
	/* With more names than this in line, the next turn of one is far off, and libcurl
	 * walks through all idle connections at every transfer. */
	KEPT_NAMES_MAX = 256,
	HOST_BYTES_MAX = 254, /* with a last dot; libcurl gets no longer one */
};

static const char *const out_of_memory = "this machine ran out of memory";

static void attempt_over(
	struct probe *probe, enum reason failure, const char *why, time_us now);

static bool is_running(enum probe_stage stage)
{
	return stage == PROBE_ADDRESS || stage == PROBE_REQUEST;
}

static void set_stage(struct probe *probe, enum probe_stage stage, time_us now)
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

static void count_active(struct probe *probe, time_us now)
{
	probe->active_us += now - probe->stage_since;
	probe->stage_since = now;
}

/* --- the end --- */

static int32_t clamp_ms(time_us us)
{
	time_ms ms = us / TIME_US_PER_MS;
	return ms > INT32_MAX ? INT32_MAX : (int32_t)ms;
}

void probe_discard(struct probe *probe)
{
	struct prober *prober = probe->prober;
	set_stage(probe, PROBE_LINE_UP, 0);
	prober->counts.waiting--;
	resolver_cancel(&probe->lookup);
	pacer_done(prober->pacer, &probe->turn, clock_us());
	heap_remove(&prober->resting, &probe->resting);
	list_remove(&probe->in_stage);
	list_remove(&probe->in_prober);
	if (probe->chain != NULL) {
		request_cancel(&probe->chain->request);
		prober_give_chain(prober, probe->chain);
	}
	free(probe);
}

static void end(struct probe *probe, enum reason failure, const char *why)
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
	observation.timing.total_ms = clamp_ms(probe->active_us);
	prober->counts.done++;
	if (!prober->closing)
		probe->wish.on_done(probe, &observation, probe->wish.data);
	probe_discard(probe);
}

/* The ceiling of a chain's memory is reached by the other side's doing, not by ours. */
static void end_without_memory(struct probe *probe)
{
	if (probe->chain != NULL && probe->chain->arena.failed &&
		!probe->chain->arena.out_of_memory)
		end(probe, REASON_HTTP_MALFORMED,
			"the answers need more memory than a check may take");
	else
		end(probe, REASON_OFFLINE, out_of_memory);
}

/* A host that wants to be left alone for longer than we wait gets no request, and nobody
 * stands in its line for hours. */
static bool is_sent_away(const struct prober *prober, struct slice key, time_us now)
{
	return pacer_paused_until(prober->pacer, key) - now >
	       prober->config.retry.retry_after_ms_max * TIME_US_PER_MS;
}

static void end_unasked(struct probe *probe)
{
	end(probe, REASON_RATE_LIMITED, "this link was not asked for");
}

static void send_away(struct prober *prober, struct slice key)
{
	struct turn *turn;
	while (!prober->closing &&
		(turn = pacer_first_waiting(prober->pacer, key)) != NULL)
		end_unasked(LIST_OF(turn, struct probe, turn));
}

/* --- where to connect --- */

/* True: *ret_answer is there. False: probe_looked_up is called when it is. */
static bool find_addresses(struct probe *probe, struct target target, time_us now,
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
	if (resolver_ask(probe->prober->resolver, &probe->lookup, target.host, now,
		    ret_answer))
		return true;
	if (probe->dns_ms < 0)
		probe->dns_ms = 0;
	return false;
}

static int open_chain(struct probe *probe)
{
	struct url url;
	if (probe->chain != NULL)
		return 0;
	probe->chain = prober_take_chain(
		probe->prober, probe->wish.want_anchors || probe->wish.want_body);
	if (probe->chain == NULL ||
		url_parse(&probe->chain->arena, probe->wish.url, NULL, &url) < 0)
		return -1;
	return chain_enter(probe->chain, &url);
}

/* --- looking up --- */

void probe_line_up(struct probe *probe)
{
	set_stage(probe, PROBE_LINE_UP, 0);
	list_push_back(&probe->prober->line_up, &probe->in_stage);
}

/* The best word on any of the addresses. */
static enum target_word vet_all(const struct probe *probe, const struct target *target,
	const struct dns_answer *answer)
{
	enum target_word best = TARGET_BAD_ADDRESS;
	for (uint8_t i = 0; i < answer->count; i++) {
		enum target_word word = target_vet(
			target, &answer->addresses[i], &probe->prober->config.addresses);
		if (word == TARGET_PERMITTED)
			return word;
		if (word == TARGET_BAD_PORT)
			best = word;
	}
	return best;
}

/* What we never follow is one thing in a list, another behind a redirect. */
static void end_forbidden(struct probe *probe, enum target_word word)
{
	const char *why = word == TARGET_BAD_PORT
				  ? "only ports 80, 443, 8080 and 8443 are asked; see "
				    "--allow-port"
				  : "its address is not a public one; see "
				    "--allow-address";
	if (open_chain(probe) < 0)
		end_without_memory(probe);
	else
		end(probe,
			probe->chain->hop_count > 1 ? REASON_REDIRECT_FORBIDDEN
						    : REASON_ADDRESS_FORBIDDEN,
			why);
}

static void wait_for_turn(struct probe *probe, const struct dns_answer *answer,
	const struct url *url, time_us now)
{
	struct prober *prober = probe->prober;
	struct slice host = url->host;
	struct target target = target_of(&prober->config, url);
	enum target_word word = vet_all(probe, &target, answer);
	if (answer->failure != REASON_OK) {
		attempt_over(probe, answer->failure, answer->why, now);
	} else if (word != TARGET_PERMITTED) {
		end_forbidden(probe, word);
	} else if (is_sent_away(prober, host_pacing_key(host), now)) {
		end_unasked(probe);
	} else {
		probe->host_slot = (uint32_t)hash_bytes(host, table_seed) % HOST_SLOTS;
		set_stage(probe, PROBE_TURN, now);
		if (pacer_wait(prober->pacer, &probe->turn, host_pacing_key(host), now,
			    now) < 0)
			end_without_memory(probe);
	}
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
	set_stage(probe, PROBE_LOOKUP, now);
	if (probe->checked_at == 0)
		probe->checked_at = clock_wall_ms();
	if (current_url(probe, &url) < 0)
		end_without_memory(probe);
	else if (url.host.len > HOST_BYTES_MAX)
		attempt_over(
			probe, REASON_BAD_URL, "a host name cannot be this long", now);
	else if (find_addresses(
			 probe, target_of(&probe->prober->config, &url), now, &answer))
		wait_for_turn(probe, &answer, &url, now);
	else
		probe->prober->lookups++;
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
		.http1_only = chain->http1_only,
		.fresh_connection = chain->fresh_connection,
		.look = chain->looking,
		.answer = {
			.method = chain->method,
			.want_body = probe->wish.want_body,
			.want_anchors = probe->wish.want_anchors,
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
	wish.timeout_ms = left_ms > 1 ? left_ms : 1;
	wish.connect_timeout_ms = last ? config->connect_timeout_ms
				       : config->connect_timeout_ms / CONNECTS_MAX;
	if (wish.connect_timeout_ms < 1)
		wish.connect_timeout_ms = 1;
	wish.cookies = cookies_for(&chain->jar, &chain->arena, &chain->ask);
	wish.answer.jar = &chain->jar;
	wish.answer.url = &chain->ask;
	chain->page_finished = false;
	chain->request.data = probe;
	if (request_start(
		    &chain->request, &probe->prober->requester, &chain->arena, &wish) < 0)
		end_without_memory(probe);
}

static void ask(struct probe *probe, const struct dns_answer *answer, time_us now)
{
	struct prober *prober = probe->prober;
	if (answer->failure != REASON_OK) {
		attempt_over(probe, answer->failure, answer->why, now);
		return;
	}
	if (!chain_set_addresses(probe->chain, answer, &prober->config.addresses,
		    prober->ipv6_first)) {
		end_forbidden(probe, vet_all(probe, &probe->chain->target, answer));
		return;
	}
	set_stage(probe, PROBE_REQUEST, probe->stage_since);
	probe->attempts += probe->chain->looking ? 0 : 1;
	ask_next_address(probe, now);
}

void probe_granted(struct probe *probe, time_us now)
{
	struct dns_answer answer;
	set_stage(probe, PROBE_ADDRESS, now);
	probe->deadline = now + probe->prober->config.timeout_ms * TIME_US_PER_MS;
	if (open_chain(probe) < 0) {
		end_without_memory(probe);
		return;
	}
	struct target *target = &probe->chain->target;
	*target = target_of(&probe->prober->config, &probe->chain->ask);
	if (find_addresses(probe, *target, now, &answer))
		ask(probe, &answer, now);
}

void probe_looked_up(struct lookup *lookup, const struct dns_answer *answer)
{
	struct probe *probe = LIST_OF(lookup, struct probe, lookup);
	time_us now = clock_us();
	struct url url;
	if (probe->prober->closing)
		return;
	probe->dns_ms += clamp_ms(now - probe->stage_since);
	if (probe->stage == PROBE_ADDRESS) {
		ask(probe, answer, now);
		return;
	}
	assert(probe->stage == PROBE_LOOKUP);
	probe->prober->lookups--;
	count_active(probe, now);
	if (current_url(probe, &url) < 0)
		end_without_memory(probe);
	else
		wait_for_turn(probe, answer, &url, now);
}

void probe_sent(struct request *request)
{
	struct probe *probe = request->data;
	pacer_sent(probe->prober->pacer, &probe->turn, clock_us());
	probe->prober->counts.requests++;
}

/* The pacer's hosts are whole domains, a connection serves one name of them. */
bool probe_is_host_wanted(struct request *request)
{
	struct probe *probe = request->data;
	const struct prober *prober = probe->prober;
	return prober->host_waiting[probe->host_slot] > 0 &&
	       pacer_waiting(prober->pacer, &probe->turn) > 0 &&
	       prober->names_waiting <= KEPT_NAMES_MAX;
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

void probe_requested(struct request *request)
{
	struct probe *probe = request->data;
	struct chain *chain = probe->chain;
	time_us now = clock_us();
	if (probe->prober->closing)
		return;
	bool others = chain->address_next < chain->address_count &&
		      chain->address_next < CONNECTS_MAX;
	if (failed_to_connect(request) && others && now < probe->deadline) {
		ask_next_address(probe, now);
		return;
	}
	chain->hops[chain->hop_count - 1].status =
		request->answer.complete ? request->answer.status : 0;
	if (request->failure == REASON_ADDRESS_FORBIDDEN && chain->hop_count > 1)
		request->failure = REASON_REDIRECT_FORBIDDEN;
	attempt_over(probe, request->failure, request->why, now);
}

static void retry(struct probe *probe, const struct retry_decision *decision, time_us now)
{
	chain_prepare_retry(probe->chain, decision);
	if (decision->delay_ms <= 0) {
		probe_line_up(probe);
		return;
	}
	set_stage(probe, PROBE_REST, now);
	if (heap_add(&probe->prober->resting, &probe->resting,
		    now + decision->delay_ms * TIME_US_PER_MS) < 0)
		end_without_memory(probe);
}

static void follow(struct probe *probe)
{
	struct redirect_step step = { .failure = REASON_OK };
	struct chain *chain = probe->chain;
	if (chain_next(chain, &probe->prober->config.redirect, &step) < 0) {
		end_without_memory(probe);
		return;
	}
	if (!step.follow || probe->wish.no_redirects) {
		end(probe, probe->wish.no_redirects ? REASON_OK : step.failure, NULL);
		return;
	}
	probe->dns_ms = -1;
	if (chain_enter(chain, &step.url) < 0)
		end_without_memory(probe);
	else
		probe_line_up(probe);
}

static void attempt_over(
	struct probe *probe, enum reason failure, const char *why, time_us now)
{
	struct prober *prober = probe->prober;
	count_active(probe, now);
	pacer_done(prober->pacer, &probe->turn, now);
	if (open_chain(probe) < 0) {
		end_without_memory(probe);
		return;
	}
	if (probe->chain->looking) {
		end(probe, failure, why);
		return;
	}
	struct retry_decision decision = chain_decide(
		probe->chain, failure, &prober->config.retry, &prober->random);
	if (decision.host_pause_ms > 0) {
		struct slice key = host_pacing_key(probe->chain->ask.host);
		pacer_pause(prober->pacer, key,
			now + decision.host_pause_ms * TIME_US_PER_MS, now);
		if (is_sent_away(prober, key, now))
			send_away(prober, key);
	}
	if (decision.again)
		retry(probe, &decision, now);
	else if (failure == REASON_OK)
		follow(probe);
	else
		end(probe, failure, why);
}
