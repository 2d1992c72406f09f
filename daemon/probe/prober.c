#include "probe/prober_internal.h"

#include <ares.h>
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "model/host.h"
#include "probe/clock_internal.h"
#include "probe/memory_internal.h"

enum {
	OWNER_DNS = CURL_SHARDS_MAX, /* of sockets; below are the shards */
	OWNER_ALARM,
	/* Asked of the resolver at a time, whatever the concurrency: its answers come in
	 * bursts that a socket buffer must hold. */
	LOOKUPS_MAX = 1024,
	QUESTIONS_MIN = 128, /* to name servers at a time, two a name with IPv6 */
	/* Look-ups run ahead of the turns, but not by more names than these (for each
	 * request that may run; in all): what the resolver forgets meanwhile is asked
	 * twice. */
	NAMES_AHEAD = 4,
	NAMES_AHEAD_MAX = 2048,
	/* New connections a turn of the loop: thousands of SYNs at once are lost. */
	STARTS_MAX = 64,
	LINE_UPS_MAX = 512,
	CHAINS_IDLE_MAX = 64,
	CHAIN_BYTES_KEPT = 16 * 1024,
	CHAIN_BYTES_MAX = 1024 * 1024,
	CHAIN_BYTES_MAX_LARGE = 16 * 1024 * 1024, /* a page's anchors */
	SCRATCH_BYTES_MAX = 256 * 1024,
};

void prober_config_defaults(struct prober_config *config)
{
	*config = (struct prober_config){
		.user_agent = SLICE("linkrotd/" LINKROTD_VERSION),
		.timeout_ms = 20 * TIME_MS_PER_S,
		.connect_timeout_ms = 10 * TIME_MS_PER_S,
		.dns_timeout_ms = 5 * TIME_MS_PER_S,
		.header_bytes_max = 64 * 1024,
		.body_bytes_max = 512 * 1024,
		.robots_kept_ms = TIME_MS_PER_DAY,
		.pace = {
			.concurrency_total = 128,
			.concurrency = 2,
			.interval_us = 250 * TIME_US_PER_MS,
			.hosts_max = 4096,
		},
		.retry = {
			.retries_max = 2,
			.delay_ms = TIME_MS_PER_S,
			.delay_ms_max = 30 * TIME_MS_PER_S,
			.retry_after_ms_max = 30 * TIME_MS_PER_S,
		},
		.redirect = { .hops_max = 10, .refresh_delay_s_max = 5 },
		.breaker = {
			.failures_max = 5,
			.pauses_ms = { TIME_MS_PER_HOUR, 4 * TIME_MS_PER_HOUR,
				TIME_MS_PER_DAY },
		},
	};
}

/* --- the pump: everything that is due, once a turn of the loop --- */

static void start_granted(struct prober *prober, time_us now)
{
	struct turn *turn;
	for (int i = 0; i < STARTS_MAX && !prober->closing; i++) {
		if ((turn = pacer_next(prober->pacer, now)) == NULL)
			return;
		probe_granted(LIST_OF(turn, struct probe, turn), now);
	}
}

/* As long as places are free and nobody's turn has come it may be the lines of slow hosts
 * that are full, and further names find them. */
static bool may_look_up(const struct prober *prober, time_us now)
{
	uint32_t total = prober->config.pace.concurrency_total;
	if (prober->lookups >= prober->lookups_max)
		return false;
	return (prober->names_waiting / NAMES_AHEAD < total &&
		       prober->names_waiting < NAMES_AHEAD_MAX) ||
	       (prober->counts.running < (total + 1) / 2 &&
		       pacer_deadline(prober->pacer, now) > now);
}

static void start_lookups(struct prober *prober, time_us now)
{
	struct list *node;
	for (int i = 0; i < LINE_UPS_MAX && !prober->closing; i++) {
		if (!may_look_up(prober, now) ||
			(node = list_pop_front(&prober->line_up)) == NULL)
			return;
		probe_look_up(LIST_OF(node, struct probe, in_stage), now);
	}
}

static void wake_resting(struct prober *prober, time_us now)
{
	struct heap_node *top;
	while ((top = heap_top(&prober->resting)) != NULL && top->key <= now) {
		heap_remove(&prober->resting, top);
		probe_line_up(LIST_OF(top, struct probe, resting));
	}
}

static time_us sooner(time_us a, time_us b)
{
	return a < b ? a : b;
}

static time_us next_deadline(const struct prober *prober, time_us now)
{
	const struct heap_node *rest = heap_top(&prober->resting);
	time_us next = sooner(curl_loop_deadline(&prober->requester.curl),
		resolver_deadline(prober->resolver));
	next = sooner(next, pacer_deadline(prober->pacer, now));
	if (rest != NULL)
		next = sooner(next, rest->key);
	bool more = (!list_empty(&prober->line_up) && may_look_up(prober, now)) ||
		    prober->pinger.waiting > 0;
	return more ? now : next;
}

/* An alarm that comes too early only wakes the loop, and the pump that follows sets it
 * anew: cheaper than to move it at every turn. */
static void arm(struct prober *prober, time_us next)
{
	if (next >= prober->armed_for)
		return;
	/* A time that is over rings at once, but 0 would switch it off. */
	struct itimerspec at = {
		.it_value = { .tv_sec = next / 1000000,
			.tv_nsec = next % 1000000 * 1000 },
	};
	if (next <= 0)
		at.it_value = (struct timespec){ .tv_nsec = 1 };
	if (timerfd_settime(prober->alarm, TFD_TIMER_ABSTIME, &at, NULL) == 0)
		prober->armed_for = next;
}

static void on_alarm(struct prober *prober)
{
	uint64_t count;
	prober->armed_for = INT64_MAX;
	/* Nothing to read means only that it was moved meanwhile. */
	if (read(prober->alarm, &count, sizeof(count)) < 0)
		return;
}

static void pump(uv_prepare_t *prepare)
{
	struct prober *prober = prepare->data;
	time_us now = clock_us();
	wake_resting(prober, now);
	resolver_run(prober->resolver, now);
	if (!prober->closing)
		pinger_run(&prober->pinger, prober->resolver, now);
	start_granted(prober, now);
	start_lookups(prober, now);
	if (!prober->closing)
		curl_loop_run(&prober->requester.curl, clock_us());
	if (!prober->closing)
		arm(prober, next_deadline(prober, clock_us()));
}

static bool on_ready(void *data, uint32_t owner, int fd, bool readable, bool writable)
{
	struct prober *prober = data;
	if (owner == OWNER_ALARM)
		on_alarm(prober);
	else if (owner == OWNER_DNS)
		resolver_ready(prober->resolver, fd, readable, writable);
	else
		curl_loop_ready(&prober->requester.curl, owner, fd, readable, writable);
	return !prober->closing;
}

/* --- life --- */

/* Asks the routing table only; nothing is sent. */
static bool has_ipv6_route(void)
{
	struct sockaddr_in6 to = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	static const uint8_t global[16] = { 0x20, 0x01, 0x48, 0x60, 0x48,
		0x60, [14] = 0x88, [15] = 0x88 };
	memcpy(&to.sin6_addr, global, sizeof(global));
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return false;
	bool found = connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0;
	close(fd);
	return found;
}

/* OpenSSL writes to sockets without asking for EPIPE in place of a signal. */
static void ignore_sigpipe(void)
{
	struct sigaction now;
	if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
		sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
}

static int open_alarm(struct prober *prober, struct error *error)
{
	prober->alarm = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (prober->alarm < 0 || sockets_watch(&prober->sockets, OWNER_ALARM,
					 prober->alarm, false, true, false) < 0)
		return error_set(error, "no file descriptor left for a timer");
	return 0;
}

/* dnsmasq, say, refuses what goes beyond 150 questions at a time; fewer would let names
 * that nobody answers for stand in the way of the others. Who wants more requests at a
 * time has a resolver for them. */
static uint32_t lookups_max_of(const struct prober *prober)
{
	uint32_t questions = prober->config.pace.concurrency_total;
	questions = questions > QUESTIONS_MIN ? questions : QUESTIONS_MIN;
	uint32_t max = prober->ipv6_first ? questions / 2 : questions;
	return max < LOOKUPS_MAX ? max : LOOKUPS_MAX;
}

/* Watched from the start: OpenSSL takes no allocator once it was used. */
int prober_check_ca_file(const char *path, struct error *error)
{
	struct trust trust;
	uint64_t failures = memory_failures();
	if (memory_watch() < 0)
		return 0;
	int result = trust_init(&trust, slice_of(path), false, error);
	trust_fini(&trust);
	memory_unwatch();
	return memory_failures() == failures ? result : 0;
}

static int open_parts(struct prober *prober, struct error *error)
{
	const struct prober_config *config = &prober->config;
	uint64_t failures = memory_failures();
	prober->memory_watched = memory_watch() == 0;
	if (!prober->memory_watched)
		return error_set(error, "libcurl or c-ares cannot be set up");
	prober->pacer = pacer_new(&config->pace);
	prober->idle_chains = calloc(CHAINS_IDLE_MAX, sizeof(*prober->idle_chains));
	prober->host_waiting = calloc(HOST_SLOTS, sizeof(*prober->host_waiting));
	if (prober->pacer == NULL || prober->idle_chains == NULL ||
		prober->host_waiting == NULL)
		return error_set(error, "out of memory");
	const struct resolver_config resolver = {
		.address = config->resolver,
		.timeout_ms = config->dns_timeout_ms,
		.both_families = prober->ipv6_first,
		.permitted = &config->addresses,
		.owner = OWNER_DNS,
	};
	prober->resolver = resolver_new(&prober->sockets, &resolver, error);
	if (prober->resolver == NULL)
		return -1;
	if (requester_init(&prober->requester, config, &prober->sockets, error) < 0) {
		prober->requester.config = NULL;
		return -1;
	}
	/* OpenSSL may know half its algorithms now, or half a certificate. */
	if (memory_failures() != failures)
		return error_set(error, "out of memory");
	prober->requester.on_sent = probe_sent;
	prober->requester.is_host_wanted = probe_is_host_wanted;
	prober->requester.on_done = probe_requested;
	return 0;
}

static void close_parts(struct prober *prober)
{
	while (!list_empty(&prober->probes))
		probe_discard(LIST_OF(prober->probes.next, struct probe, in_prober));
	if (prober->requester.config != NULL)
		requester_fini(&prober->requester);
	resolver_free(prober->resolver);
	pacer_free(prober->pacer);
	while (prober->idle_chain_count > 0)
		chain_free(prober->idle_chains[--prober->idle_chain_count]);
	free(prober->idle_chains);
	free(prober->host_waiting);
	heap_fini(&prober->resting);
	arena_fini(&prober->scratch);
	sites_fini(&prober->sites);
	tally_fini(&prober->tally);
	if (prober->alarm >= 0)
		close(prober->alarm);
	sockets_fini(&prober->sockets);
	if (prober->memory_watched)
		memory_unwatch();
	free(prober);
}

/* Last, because what is opened here must be closed by the loop. */
static int open_handles(struct prober *prober, struct error *error)
{
	if (sockets_start(&prober->sockets, prober->loop) < 0)
		return error_set(error, "no file descriptor left to watch sockets with");
	uv_prepare_init(prober->loop, &prober->prepare);
	prober->prepare.data = prober;
	int started = uv_prepare_start(&prober->prepare, pump);
	assert(started == 0); /* nothing may fail after the first handle */
	(void)started;
	prober->handles_open = 2;
	return 0;
}

struct prober *prober_new(
	uv_loop_t *loop, const struct prober_config *config, struct error *error)
{
	struct prober *prober = calloc(1, sizeof(*prober));
	if (prober == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	prober->loop = loop;
	prober->config = *config;
	prober->armed_for = INT64_MAX;
	prober->alarm = -1;
	prober->ipv6_first = has_ipv6_route();
	prober->lookups_max = lookups_max_of(prober);
	ignore_sigpipe();
	list_init(&prober->probes);
	list_init(&prober->line_up);
	sites_init(&prober->sites);
	prober->robots_agent = robots_agent(config->user_agent);
	arena_init(&prober->scratch, SCRATCH_BYTES_MAX);
	random_init(&prober->random, config->seed);
	if (sockets_init(&prober->sockets, on_ready, prober, error) < 0 ||
		open_alarm(prober, error) < 0 || open_parts(prober, error) < 0 ||
		open_handles(prober, error) < 0) {
		close_parts(prober);
		return NULL;
	}
	return prober;
}

struct probe *prober_start(struct prober *prober, const struct probe_request *request)
{
	struct url url;
	arena_reset(&prober->scratch);
	if (prober->closing ||
		url_parse(&prober->scratch, request->url, NULL, &url) < 0 || !url.http)
		return NULL;
	struct probe *probe = calloc(1, sizeof(*probe) + request->url.len + 1);
	if (probe == NULL)
		return NULL;
	memcpy(probe->text, request->url.at, request->url.len);
	probe->prober = prober;
	probe->wish = *request;
	probe->wish.url = (struct slice){ probe->text, request->url.len };
	probe->dns_ms = -1;
	list_init(&probe->in_stage);
	list_push_back(&prober->probes, &probe->in_prober);
	prober->counts.waiting++;
	probe_line_up(probe);
	return probe;
}

static void on_handle_closed(uv_handle_t *handle)
{
	struct prober *prober = handle->data;
	if (--prober->handles_open > 0)
		return;
	void (*on_closed)(void *data) = prober->on_closed;
	void *data = prober->closed_data;
	close_parts(prober);
	if (on_closed != NULL)
		on_closed(data);
}

/* The parts live until the handles are closed: we may be called from deep within them. */
void prober_close(struct prober *prober, void (*on_closed)(void *data), void *data)
{
	assert(!prober->closing);
	prober->closing = true;
	prober->requester.curl.stopped = true;
	pinger_fini(&prober->pinger);
	prober->on_closed = on_closed;
	prober->closed_data = data;
	uv_close((uv_handle_t *)&prober->sockets.poll, on_handle_closed);
	uv_close((uv_handle_t *)&prober->prepare, on_handle_closed);
}

/* --- chains --- */

struct chain *prober_take_chain(struct prober *prober, bool large)
{
	struct chain *chain = prober->idle_chain_count > 0
				      ? prober->idle_chains[--prober->idle_chain_count]
				      : chain_new();
	if (chain != NULL)
		chain_reset(chain, large ? CHAIN_BYTES_MAX_LARGE : CHAIN_BYTES_MAX);
	return chain;
}

void prober_give_chain(struct prober *prober, struct chain *chain)
{
	if (prober->idle_chain_count == CHAINS_IDLE_MAX ||
		chain->arena.bytes_used > CHAIN_BYTES_KEPT) {
		chain_free(chain);
		return;
	}
	chain_reset(chain, 0);
	prober->idle_chains[prober->idle_chain_count++] = chain;
}

int prober_set_host(struct prober *prober, struct slice key, uint32_t concurrency,
	time_ms interval_ms)
{
	return pacer_set_host(
		prober->pacer, key, concurrency, interval_ms * TIME_US_PER_MS);
}

int prober_ping_resolver(struct prober *prober, bool inside,
	void (*on_done)(void *data, enum reason answer), void *data)
{
	return prober->closing ? -1 : pinger_add(&prober->pinger, inside, on_done, data);
}

void prober_resolver_health(
	const struct prober *prober, uint64_t *ret_asked, uint64_t *ret_answered)
{
	resolver_health(prober->resolver, ret_asked, ret_answered);
}

/* --- for people --- */

struct host_stats *prober_host_stats(
	const struct prober *prober, struct arena *arena, uint32_t *ret_count)
{
	return tally_list(&prober->tally, arena, ret_count);
}

struct prober_counts prober_counts(const struct prober *prober)
{
	struct prober_counts counts = prober->counts;
	counts.waiting -= counts.running;
	return counts;
}

uint32_t prober_busy_hosts(
	const struct prober *prober, struct pacer_view *views, uint32_t max)
{
	return pacer_busy_hosts(prober->pacer, views, max);
}

time_ms prober_lacked_ago_ms(void)
{
	return memory_failed_ago_ms();
}

const char *prober_versions(void)
{
	static char text[256];
	snprintf(text, sizeof(text), "%s c-ares/%s libuv/%s", curl_version(),
		ares_version(NULL), uv_version_string());
	return text;
}
