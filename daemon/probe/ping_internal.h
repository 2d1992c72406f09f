/* probe/ping: the canary: does the resolver still answer?
 *
 * Belongs to a prober, which starts the pings from its pump and drops them when it is
 * closed.
 */
#pragma once

#include "probe/prober.h"
#include "probe/resolver_internal.h"

struct ping {
	struct lookup lookup;
	void (*on_done)(void *data, enum reason answer); /* NULL: the place is free */
	void *data;
	bool inside, asked;
	struct resolver *resolver; /* once asked */
};

struct pinger {
	struct ping pings[PROBER_PINGS_MAX];
	uint32_t waiting; /* to be asked at the next turn of the loop */
};

void pinger_fini(struct pinger *pinger); /* nobody is called any more */
int pinger_add(struct pinger *pinger, bool inside,
	void (*on_done)(void *data, enum reason answer), void *data);

/* May call back. */
void pinger_run(struct pinger *pinger, struct resolver *resolver, time_us now);
