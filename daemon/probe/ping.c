#include "probe/ping_internal.h"

/* Whoever can tell nothing of it is cut off from the world, or its server is broken. */
static const struct slice canary = { "a.root-servers.net", 18 };

void pinger_fini(struct pinger *pinger)
{
	for (int i = 0; i < PROBER_PINGS_MAX; i++)
		resolver_cancel(&pinger->pings[i].lookup);
	*pinger = (struct pinger){ 0 };
}

int pinger_add(struct pinger *pinger, void (*on_done)(void *data, enum reason answer),
	void *data)
{
	for (int i = 0; i < PROBER_PINGS_MAX; i++) {
		struct ping *ping = &pinger->pings[i];
		if (ping->on_done != NULL)
			continue;
		*ping = (struct ping){ .on_done = on_done, .data = data };
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

static void on_answer(struct lookup *lookup, const struct dns_answer *answer)
{
	end(LIST_OF(lookup, struct ping, lookup), answer);
}

void pinger_run(struct pinger *pinger, struct resolver *resolver, time_us now)
{
	struct dns_answer answer;
	for (int i = 0; i < PROBER_PINGS_MAX && pinger->waiting > 0; i++) {
		struct ping *ping = &pinger->pings[i];
		if (ping->on_done == NULL || ping->asked)
			continue;
		ping->asked = true;
		pinger->waiting--;
		ping->lookup.on_done = on_answer;
		resolver_forget(resolver, canary);
		if (resolver_ask(resolver, &ping->lookup, canary, now, &answer))
			end(ping, &answer);
	}
}
