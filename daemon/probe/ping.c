#include "probe/ping_internal.h"

#include "probe/clock_internal.h"

/* Whoever can tell nothing of it is cut off from the world, or its server is broken. */
static const struct slice canary = { "a.root-servers.net", 18 };

void pinger_fini(struct pinger *pinger)
{
	for (int i = 0; i < PROBER_PINGS_MAX; i++)
		resolver_cancel(&pinger->pings[i].lookup);
	*pinger = (struct pinger){ 0 };
}

int pinger_add(struct pinger *pinger, bool inside,
	void (*on_done)(void *data, enum reason answer), void *data)
{
	for (int i = 0; i < PROBER_PINGS_MAX; i++) {
		struct ping *ping = &pinger->pings[i];
		if (ping->on_done != NULL)
			continue;
		*ping = (struct ping){
			.on_done = on_done, .data = data, .inside = inside
		};
		pinger->waiting++;
		return 0;
	}
	return -1;
}

/* The place is free before the call, which may want it again. */
static void end(struct ping *ping, const struct dns_answer *answer)
{
	void (*on_done)(void *data, enum reason answer) = ping->on_done;
	void *data = ping->data;
	*ping = (struct ping){ 0 };
	on_done(data, answer->failure);
}

static void on_answer(struct lookup *lookup, const struct dns_answer *answer);

/* Of a name that must exist. */
static void ask(struct ping *ping, struct slice host, time_us now)
{
	struct dns_answer answer;
	ping->lookup.on_done = on_answer;
	resolver_forget(ping->resolver, host);
	if (resolver_ask(ping->resolver, &ping->lookup, host, now, &answer))
		on_answer(&ping->lookup, &answer);
}

/* The servers of an intranet deny the world, and know what they know all the same. */
static void on_answer(struct lookup *lookup, const struct dns_answer *answer)
{
	struct ping *ping = LIST_OF(lookup, struct ping, lookup);
	struct slice host = resolver_found_last(ping->resolver);
	bool denied = answer->failure == REASON_DNS_NXDOMAIN ||
		      answer->failure == REASON_DNS_NO_ADDRESS;
	bool again = ping->inside && denied && host.len > 0;
	ping->inside = false;
	if (again)
		ask(ping, host, clock_us());
	else
		end(ping, answer);
}

void pinger_run(struct pinger *pinger, struct resolver *resolver, time_us now)
{
	for (int i = 0; i < PROBER_PINGS_MAX && pinger->waiting > 0; i++) {
		struct ping *ping = &pinger->pings[i];
		if (ping->on_done == NULL || ping->asked)
			continue;
		ping->asked = true;
		pinger->waiting--;
		ping->resolver = resolver;
		ask(ping, canary, now);
	}
}
