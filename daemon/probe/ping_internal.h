/* probe/ping: the canary: does the resolver still answer?
 *
 * Belongs to a prober, which starts the pings from its pump and drops them when it is
 * closed.
 */
#pragma once

#include "probe/resolver_internal.h"

struct pinger {
	struct list waiting; /* to be asked at the next turn of the loop */
	struct list asked;
	uint32_t count;
};

void pinger_init(struct pinger *pinger);
void pinger_fini(struct pinger *pinger); /* without a call */
int pinger_add(struct pinger *pinger, void (*on_done)(void *data), void *data);

/* May call back. */
void pinger_run(struct pinger *pinger, struct resolver *resolver, time_us now);
