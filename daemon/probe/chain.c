#include "probe/chain_internal.h"

#include <stdlib.h>

#include "base/http_date.h"
#include "model/host.h"
#include "probe/clock_internal.h"

enum {
	HOPS_AT_FIRST = 4,
	/* Over all hops; a user who wants more of them for one hop gets those. */
	CHAIN_RETRIES_MAX = 6,
};

struct chain *chain_new(void)
{
	return calloc(1, sizeof(struct chain));
}

void chain_reset(struct chain *chain, size_t arena_bytes_max)
{
	struct arena arena = chain->arena;
	request_fini(&chain->request);
	arena_reset(&arena);
	arena.bytes_max = arena_bytes_max;
	*chain = (struct chain){ .arena = arena };
}

void chain_free(struct chain *chain)
{
	if (chain == NULL)
		return;
	request_fini(&chain->request);
	arena_fini(&chain->arena);
	free(chain);
}

static int push_hop(struct chain *chain)
{
	if (chain->hop_count == chain->hop_room) {
		uint32_t room = chain->hop_room > 0 ? chain->hop_room * 2 : HOPS_AT_FIRST;
		struct hop *hops = ARENA_ARRAY(&chain->arena, struct hop, room);
		if (hops == NULL)
			return -1;
		for (uint32_t i = 0; i < chain->hop_count; i++)
			hops[i] = chain->hops[i];
		chain->hops = hops;
		chain->hop_room = room;
	}
	chain->hops[chain->hop_count++] =
		(struct hop){ .url = chain->ask.href, .via = HOP_VIA_NONE };
	return 0;
}

static void forget_answer(struct chain *chain)
{
	request_fini(&chain->request);
	chain->request = (struct request){ 0 };
	chain->page_finished = false;
}

int chain_enter(struct chain *chain, const struct url *url)
{
	forget_answer(chain);
	chain->at = *url;
	if (url_request_target(&chain->arena, url, &chain->ask) < 0)
		return -1;
	if (chain->hop_count == 0) {
		chain->first_host = chain->ask.host;
		chain->first_scheme = chain->ask.scheme;
		chain->first_port = url_port(&chain->ask);
	}
	chain->tries = (struct tries){
		.method = METHOD_GET,
		.plan = METHOD_PLAN_GET,
		.family = FAMILY_ANY,
		.retries_of_all_hops = chain->tries.retries_of_all_hops,
	};
	chain->looking = chain->looked = false;
	return push_hop(chain);
}

void chain_use_second_method(struct chain *chain, bool ipv6_first)
{
	struct tries *tries = &chain->tries;
	tries->method = METHOD_GET;
	tries->plan = METHOD_PLAN_GET;
	tries->method_planned = true;
	tries->fresh_connection = true;
	tries->family = ipv6_first ? FAMILY_V4 : FAMILY_V6;
}

bool chain_is_only_tries(const struct chain *chain)
{
	return chain->hop_count == 1 && chain->jar.count == 0 && !chain->looking &&
	       !chain->looked;
}

int chain_enter_again(
	struct chain *chain, const struct url *url, const struct tries *tries)
{
	if (chain_enter(chain, url) < 0)
		return -1;
	chain->tries = *tries;
	chain->hops[0].status = tries->last_status;
	return 0;
}

/* --- addresses --- */

static bool take_next(const struct target *target, const struct dns_answer *answer,
	bool v6, const struct address_policy *policy, uint8_t *from,
	struct address *ret_address)
{
	while (*from < answer->count) {
		const struct address *address = &answer->addresses[(*from)++];
		if (address_is_v4(address) == v6 ||
			target_vet(target, address, policy) != TARGET_PERMITTED)
			continue;
		*ret_address = *address;
		return true;
	}
	return false;
}

/* The first `by` go to the end. */
static void rotate(struct address *addresses, uint8_t count, uint32_t by)
{
	struct address rotated[DNS_ADDRESSES_MAX];
	for (uint8_t i = 0; i < count; i++)
		rotated[i] = addresses[(i + by) % count];
	memcpy(addresses, rotated, count * sizeof(*addresses));
}

bool chain_set_addresses(struct chain *chain, const struct dns_answer *answer,
	const struct address_policy *policy, bool ipv6_first)
{
	uint8_t from[2] = { 0, 0 };
	bool v6 = chain->tries.family == FAMILY_ANY ? ipv6_first
						    : chain->tries.family == FAMILY_V6;
	chain->address_count = chain->address_next = 0;
	while (from[0] < answer->count || from[1] < answer->count) {
		struct address *place = &chain->addresses[chain->address_count];
		if (take_next(&chain->target, answer, v6, policy, &from[v6], place))
			chain->address_count++;
		v6 = !v6;
	}
	if (chain->tries.addresses_passed > 0 && chain->address_count > 0)
		rotate(chain->addresses, chain->address_count,
			chain->tries.addresses_passed);
	return chain->address_count > 0;
}

bool chain_has_other_family(const struct chain *chain)
{
	if (chain->address_next == 0)
		return false;
	bool v4 = address_is_v4(&chain->addresses[chain->address_next - 1]);
	for (uint8_t i = chain->address_next; i < chain->address_count; i++)
		if (address_is_v4(&chain->addresses[i]) != v4)
			return true;
	return false;
}

static bool has_v4(const struct chain *chain)
{
	for (uint8_t i = 0; i < chain->address_count; i++)
		if (address_is_v4(&chain->addresses[i]))
			return true;
	return false;
}

void chain_note_unconnected(struct chain *chain, bool have_ipv6)
{
	struct request *request = &chain->request;
	bool v6 = !address_is_v4(&request->wish.address);
	chain->tries.connects[v6] = request->failure;
	if (v6 && !have_ipv6 && request->failure == REASON_NETWORK_UNREACHABLE)
		request->why = has_v4(chain)
				       ? "this machine has no IPv6"
				       : "the host has only IPv6 addresses, and this "
					 "machine has no IPv6";
}

bool chain_is_at_first_host(const struct chain *chain)
{
	return slice_equal(chain->ask.host, chain->first_host) &&
	       slice_equal(chain->ask.scheme, chain->first_scheme) &&
	       url_port(&chain->ask) == chain->first_port;
}

/* Or its own one for https. Who answers at another port is somebody else's business. */
static bool is_at_first_port(const struct chain *chain)
{
	uint16_t port = url_port(&chain->ask);
	return port == chain->first_port || (port == 443 && chain->first_port == 80);
}

/* A customer of a domain is not the domain: "www." alone is the same site. */
bool chain_may_send_own_headers(const struct chain *chain)
{
	const struct url *ask = &chain->ask;
	return is_at_first_port(chain) &&
	       slice_equal(host_without_www(ask->host),
		       host_without_www(chain->first_host)) &&
	       (slice_equal(ask->scheme, SLICE("https")) ||
		       slice_equal(ask->scheme, chain->first_scheme));
}

/* --- once more --- */

void chain_recall_http2(struct chain *chain, enum reason *failure, const char **why)
{
	struct tries *tries = &chain->tries;
	if (tries->http2_failure == REASON_OK ||
		(*failure != REASON_CONNECT_RESET && *failure != REASON_TLS_HANDSHAKE))
		return;
	*failure = tries->http2_failure;
	*why = *failure == REASON_CONNECT_RESET
		       ? "the server dropped the connection, and HTTP/1.1 likewise"
		       : "the server broke the HTTP/2 protocol, and speaks no HTTP/1.1";
	chain->request.tls_refused = false;
	tries->http1_only = false;
	tries->http2_failure = REASON_OK;
}

struct retry_decision chain_decide(const struct chain *chain, enum reason failure,
	const struct retry_limits *limits, struct random *random)
{
	const struct request *request = &chain->request;
	struct retry_limits left = *limits;
	struct retry_attempt attempt = {
		.failure = failure,
		.method = chain->tries.method,
		.retries = chain->tries.retries,
		.retry_after_ms = -1,
	};
	if (chain->tries.retries_of_all_hops >= CHAIN_RETRIES_MAX &&
		chain->tries.retries_of_all_hops >= limits->retries_max)
		left.retries_max = 0;
	if (request->requester != NULL) { /* it came to a request */
		attempt.status = request->answer.complete ? request->answer.status : 0;
		attempt.http2 = request->tls.http2;
		attempt.reused_connection = request->reused_connection;
		attempt.other_family =
			!chain->tries.family_switched && chain_has_other_family(chain);
		attempt.protocol_error = request->protocol_error;
		attempt.look_helps = request->tls_refused && !chain->looked;
		if (request->answer.retry_after.len > 0)
			attempt.retry_after_ms = retry_after_parse(
				request->answer.retry_after, clock_wall_ms());
		attempt.rate_limit_ms =
			rate_limit_pause(&request->answer.rate_limit, clock_wall_ms());
	}
	return retry_decide(&attempt, &left, random);
}

static enum address_family other_family(const struct chain *chain)
{
	return address_is_v4(&chain->request.wish.address) ? FAMILY_V6 : FAMILY_V4;
}

/* Newer ones are agreed on as well, so that it was something else. */
static const char *old_protocol(int protocol)
{
	if (protocol == TLS1_VERSION)
		return "the server offers no newer protocol than TLS 1.0";
	if (protocol == TLS1_1_VERSION)
		return "the server offers no newer protocol than TLS 1.1";
	return NULL;
}

void chain_end_look(struct chain *chain, enum reason *ret_failure, const char **ret_why)
{
	const char *old = old_protocol(chain->request.tls.protocol);
	chain->looking = false;
	*ret_failure = chain->looked_after;
	*ret_why = old != NULL ? old : chain->looked_why.at;
}

static void prepare_look(struct chain *chain)
{
	chain->looking = chain->looked = true;
	chain->looked_after = chain->request.failure;
	chain->looked_why = arena_copy(&chain->arena, slice_of(chain->request.why));
}

void chain_prepare_retry(struct chain *chain, const struct retry_decision *decision)
{
	if (decision->look)
		prepare_look(chain);
	chain->tries.retries += decision->counts ? 1 : 0;
	chain->tries.retries_of_all_hops += decision->counts ? 1 : 0;
	if (decision->method != chain->tries.method && chain->request.answer.complete)
		chain->tries.head_status = chain->request.answer.status;
	chain->tries.method = decision->method;
	if (decision->http1_only) {
		chain->tries.http1_only = true;
		chain->tries.http2_failure = chain->request.failure;
	}
	chain->tries.fresh_connection = decision->fresh_connection;
	if (decision->counts || chain->request.failure == REASON_CONNECT_TIMEOUT)
		chain->tries.addresses_passed += chain->address_next;
	if (decision->switch_family) {
		chain->tries.family = other_family(chain);
		chain->tries.family_switched = true;
	}
	forget_answer(chain);
}

void chain_prepare_get(struct chain *chain)
{
	chain->tries.head_status = chain->request.answer.status;
	chain->tries.method = METHOD_GET;
	forget_answer(chain);
}

/* --- where it goes next --- */

/* Ends the page of the last answer, so that its facts can be read. */
static void finish_page(struct chain *chain)
{
	struct answer *answer = &chain->request.answer;
	if (chain->page_finished)
		return;
	chain->page = (struct page_facts){ .refresh_delay_s = -1 };
	if (answer->page != NULL)
		page_finish(answer->page, &chain->page);
	chain->page_finished = true;
}

/* A page's own addresses count from its <base>. */
static struct slice based_target(struct chain *chain, struct slice target)
{
	struct url base, url;
	if (target.len == 0 || chain->page.base.len == 0 ||
		url_parse(&chain->arena, chain->page.base, &chain->at, &base) < 0 ||
		url_parse(&chain->arena, slice_trim(target), &base, &url) < 0)
		return target;
	return url.href;
}

/* An error page that leads home after five seconds is still an error. */
static enum hop_via find_target(struct chain *chain, const struct redirect_limits *limits,
	struct slice *ret_target, int32_t *ret_delay_s)
{
	const struct answer *answer = &chain->request.answer;
	*ret_delay_s = 0;
	if (answer->status >= 300 && answer->status < 400) {
		*ret_target = answer->location;
		return HOP_VIA_STATUS;
	}
	/* Nobody refreshes what is read as a text. */
	if (answer->status < 200 || answer->status >= 300 || answer->wish.want_body)
		return HOP_VIA_NONE;
	if (refresh_parse(answer->refresh, ret_delay_s, ret_target) &&
		*ret_delay_s <= limits->refresh_delay_s_max)
		return HOP_VIA_REFRESH_HEADER;
	*ret_target = based_target(chain, chain->page.refresh_url);
	*ret_delay_s = chain->page.refresh_delay_s;
	if (ret_target->len > 0 && *ret_delay_s >= 0 &&
		*ret_delay_s <= limits->refresh_delay_s_max)
		return HOP_VIA_META_REFRESH;
	return HOP_VIA_NONE;
}

/* Userinfo in a Location is never sent, stored or printed. */
static struct slice printable_href(struct chain *chain, const struct url *url)
{
	struct url bare;
	if (url->username.len == 0 && url->password.len == 0)
		return url->href;
	if (url_request_target(&chain->arena, url, &bare) < 0)
		return (struct slice){ 0 };
	if (!url->has_fragment)
		return bare.href;
	return arena_printf(&chain->arena, "%.*s#%.*s", SLICE_ARG(bare.href),
		SLICE_ARG(url->fragment));
}

/* Of a target that is not followed: empty when it is no URL. */
static struct slice unfollowed_target(struct chain *chain, struct slice target)
{
	struct url url;
	if (url_parse(&chain->arena, slice_trim(target), &chain->at, &url) < 0)
		return (struct slice){ 0 };
	return printable_href(chain, &url);
}

int chain_next(struct chain *chain, const struct redirect_limits *limits,
	struct redirect_step *ret_step)
{
	struct slice target = { 0 };
	int32_t delay_s;
	struct hop *last = &chain->hops[chain->hop_count - 1];
	*ret_step = (struct redirect_step){ .failure = REASON_OK };
	finish_page(chain);
	enum hop_via via = find_target(chain, limits, &target, &delay_s);
	last->cookies_sent = chain->cookies_sent;
	last->cookies_left = chain->jar.state;
	if (via == HOP_VIA_NONE || target.len == 0)
		return 0;
	if (redirect_next(&chain->arena, &chain->at, via, target, chain->hops,
		    chain->hop_count, limits, ret_step) < 0)
		return -1;
	if (redirect_shows_slides(delay_s, ret_step, chain->hops, chain->hop_count))
		*ret_step = (struct redirect_step){ .failure = REASON_OK };
	if (!ret_step->follow && ret_step->failure == REASON_OK)
		return 0;
	last->via = via;
	last->target = ret_step->follow ? printable_href(chain, &ret_step->url)
					: unfollowed_target(chain, target);
	return 0;
}

/* --- what was seen --- */

static struct slice text_of(struct chain *chain, const char *why)
{
	struct slice text = slice_of(why != NULL ? why : chain->request.why);
	struct slice copy = arena_copy(&chain->arena, text);
	/* Its owner outlives the observation as well, only less plainly. */
	return copy.at != NULL ? copy : text;
}

static void observe_page(struct chain *chain, struct observation *ret)
{
	struct answer *answer = &chain->request.answer;
	finish_page(chain);
	ret->page = chain->page;
	ret->page.whole = chain->page.whole && !chain->request.body_partial;
	if (answer->page != NULL && answer->wish.want_anchors) {
		ret->anchors = page_anchors(answer->page, &ret->anchor_count);
		ret->anchors_complete = !chain->request.body_partial &&
					page_anchors_complete(answer->page);
	}
	if (answer->wish.want_body)
		ret->body = buffer_slice(&answer->body);
}

/* A cache's answer has the date of when it was fetched. */
static void observe_clock(const struct request *request, struct observation *ret)
{
	time_ms date;
	if (request->answer.stored || request->headers_at == 0 ||
		!http_date_parse(request->answer.date, request->headers_at, &date))
		return;
	ret->has_server_date = true;
	ret->server_ahead_ms = date - request->headers_at;
}

void chain_note_status(struct chain *chain)
{
	const struct answer *answer = &chain->request.answer;
	chain->tries.last_status = answer->complete ? answer->status : 0;
	chain->hops[chain->hop_count - 1].status = chain->tries.last_status;
}

void chain_observe(struct chain *chain, enum reason failure, const char *why,
	struct observation *ret)
{
	const struct request *request = &chain->request;
	const struct answer *answer = &request->answer;
	ret->failure = failure;
	ret->error = text_of(chain, why);
	ret->hops = chain->hops;
	ret->hop_count = chain->hop_count;
	ret->final_url = printable_href(chain, &chain->at);
	ret->method = chain->tries.method;
	ret->retry_after_ms = -1;
	ret->page.refresh_delay_s = -1;
	ret->timing = (struct timing){ -1, -1, -1, -1, -1 };
	if (failure == REASON_OK)
		ret->http_status = chain->tries.last_status;
	if (request->requester == NULL) /* nothing was asked, or not again */
		return;
	ret->http_status = answer->complete ? answer->status : 0;
	ret->wall = answer_wall(answer);
	ret->content_type = answer->content_type;
	ret->etag = answer->etag;
	ret->last_modified = answer->last_modified;
	ret->sunset = answer->sunset;
	ret->successor = answer->successor;
	ret->body_bytes = answer->body_bytes;
	ret->body_partial = request->body_partial;
	ret->certificate = request->tls.certificate;
	ret->timing.connect_ms = request->connect_ms;
	ret->timing.tls_ms = request->tls_ms;
	ret->timing.first_byte_ms = request->first_byte_ms;
	ret->ipv6 = !address_is_v4(&request->wish.address);
	if (request->connected || request->sent) /* a kept one, too */
		memcpy(ret->peer, request->wish.address.bytes, sizeof(ret->peer));
	if (failure == REASON_OK)
		ret->other_family_failure = chain->tries.connects[!ret->ipv6];
	if (answer->complete) {
		observe_clock(request, ret);
		observe_page(chain, ret);
	}
}
