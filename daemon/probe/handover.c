/* What outlives a prober: see "What servers were promised" in probe/prober.h. */
#include "probe/clock_internal.h"
#include "probe/prober_internal.h"

struct rest_teller {
	prober_rest_fn *on_rest;
	void *data;
	time_us now;
};

static void tell_rest(void *data, struct slice key, time_us until, uint32_t cause)
{
	const struct rest_teller *teller = data;
	/* Rounded up: a millisecond too long harms nobody. */
	teller->on_rest(
		teller->data, key, (until - teller->now) / TIME_US_PER_MS + 1, cause);
}

void prober_each_rest(const struct prober *prober, prober_rest_fn *on_rest, void *data)
{
	struct rest_teller teller = { on_rest, data, clock_us() };
	pacer_each_rest(prober->pacer, teller.now, tell_rest, &teller);
}

uint32_t prober_count_paused(const struct prober *prober)
{
	time_us now = clock_us();
	uint32_t count = pacer_paused_hosts(prober->pacer, now);
	const struct list *end = &prober->sites.all;
	for (struct list *at = end->next; at != end; at = at->next)
		count += site_is_closed(LIST_OF(at, struct site, in_sites), now);
	return count;
}

void prober_rest_host(
	struct prober *prober, struct slice key, time_ms rest_ms, uint32_t cause)
{
	time_us now = clock_us();
	pacer_pause(prober->pacer, key, now + rest_ms * TIME_US_PER_MS, now);
	if (cause != 0)
		pacer_set_cause(prober->pacer, key, cause);
}

void prober_reopen_hosts(struct prober *prober)
{
	host_reopen_all(&prober->sites);
}

void prober_each_site(const struct prober *prober, prober_site_fn *on_site, void *data)
{
	time_us now = clock_us();
	const struct list *end = &prober->sites.all;
	for (struct list *at = end->next; at != end; at = at->next) {
		const struct site *site = LIST_OF(at, struct site, in_sites);
		const struct prober_site told = {
			.origin = site_origin(site),
			.method = site->method,
			.breaker = site->pending_ms > 0 ? (struct breaker){ 0 }
							: site->breaker,
			.robots_failing_since = site->robots_failing_since,
			.closed_ms =
				site_is_closed(site, now)
					? (site->closed_until - now) / TIME_US_PER_MS + 1
					: 0,
			.closed_cause = site->closed_cause,
		};
		if (told.method.agreed > 0 || told.method.get_only ||
			told.breaker.failures > 0 || told.breaker.opened > 0 ||
			told.robots_failing_since > 0)
			on_site(data, &told);
	}
}

void prober_restore_site(struct prober *prober, const struct prober_site *told)
{
	struct url url;
	arena_reset(&prober->scratch);
	if (url_parse(&prober->scratch, told->origin, NULL, &url) < 0 ||
		sites_find(&prober->sites, &url) != NULL)
		return;
	struct site *site = sites_get(&prober->sites, &url);
	if (site == NULL)
		return;
	site->method = told->method;
	site->breaker = told->breaker;
	site->robots_failing_since = told->robots_failing_since;
	site->closed_cause = told->closed_cause;
	if (told->closed_ms > 0)
		site->closed_until = clock_us() + told->closed_ms * TIME_US_PER_MS;
}
