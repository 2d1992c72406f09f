#include "probe/ping_internal.h"

#include <stdlib.h>

#include "probe/prober.h"

/* Whoever can tell nothing of it is cut off from the world, or its server is broken. */
static const struct slice canary = { "a.root-servers.net", 18 };

struct ping {
	struct pinger *pinger;
	struct list in_line;
	struct lookup lookup;
	void (*on_done)(void *data);
	void *data;
};

void pinger_init(struct pinger *pinger)
{
	list_init(&pinger->waiting);
	list_init(&pinger->asked);
	pinger->count = 0;
}

static void drop(struct ping *ping)
{
	resolver_cancel(&ping->lookup);
	list_remove(&ping->in_line);
	ping->pinger->count--;
	free(ping);
}

void pinger_fini(struct pinger *pinger)
{
	while (!list_empty(&pinger->waiting))
		drop(LIST_OF(pinger->waiting.next, struct ping, in_line));
	while (!list_empty(&pinger->asked))
		drop(LIST_OF(pinger->asked.next, struct ping, in_line));
}

int pinger_add(struct pinger *pinger, void (*on_done)(void *data), void *data)
{
	struct ping *ping =
		pinger->count < PROBER_PINGS_MAX ? calloc(1, sizeof(*ping)) : NULL;
	if (ping == NULL)
		return -1;
	ping->pinger = pinger;
	ping->on_done = on_done;
	ping->data = data;
	list_push_back(&pinger->waiting, &ping->in_line);
	pinger->count++;
	return 0;
}

static void end(struct ping *ping)
{
	void (*on_done)(void *data) = ping->on_done;
	void *data = ping->data;
	drop(ping);
	on_done(data);
}

static void on_answer(struct lookup *lookup, const struct dns_answer *answer)
{
	(void)answer; /* whatever it is: that there is one counts */
	end(LIST_OF(lookup, struct ping, lookup));
}

void pinger_run(struct pinger *pinger, struct resolver *resolver, time_us now)
{
	struct list *node;
	struct dns_answer answer;
	for (uint32_t left = pinger->count; left > 0; left--) {
		if ((node = list_pop_front(&pinger->waiting)) == NULL)
			return;
		struct ping *ping = LIST_OF(node, struct ping, in_line);
		ping->lookup.on_done = on_answer;
		resolver_forget(resolver, canary);
		if (resolver_ask(resolver, &ping->lookup, canary, now, &answer))
			end(ping);
		else
			list_push_back(&pinger->asked, &ping->in_line);
	}
}
