/* run/crowd: how many links stand behind each host, and how many of them are being asked.
 *
 * A million links wait in the schedule by id alone; this keeps the host of each in four
 * bytes. It spares the prober from holding thousands of probes for one slow host: what
 * has to wait for its host is given the moment when its turn may come, and goes back into
 * the schedule until then. The pace itself is kept by policy/politeness; nothing here is
 * a promise to a server.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

struct crowd_host {
	uint64_t hash;                     /* store_host_hash; never 0 in use */
	uint32_t links;                    /* watched at it */
	uint32_t asked;                    /* requests under way */
	uint32_t interval_ms, concurrency; /* 0: the general ones */
	time_ms slot_at;                   /* the last turn that was given away; wall */
};

struct crowd {
	struct crowd_host *hosts; /* in the order in which they came; none is forgotten */
	uint32_t host_room, host_count;
	uint32_t *slots; /* by hash: number of a host + 1; 0: free. A power of two */
	uint32_t slot_room;
	uint32_t *host_of; /* by link id: number of its host + 1; 0: none */
	uint64_t link_room;
	uint32_t interval_ms, concurrency; /* of hosts without wishes */
};

void crowd_init(struct crowd *crowd, uint32_t interval_ms, uint32_t concurrency);
void crowd_fini(struct crowd *crowd);

/* `host_hash` 0: of no host. Again for the same link: moves it. -1: no memory. */
int crowd_add(struct crowd *crowd, int64_t link_id, uint64_t host_hash);
void crowd_remove(struct crowd *crowd, int64_t link_id);

/* NULL: it has none. Valid until the next crowd_add. */
struct crowd_host *crowd_host_of(const struct crowd *crowd, int64_t link_id);

/* May a request for this link begin now? If not, *ret_at is when it may be tried again: a
 * turn of its own, so that a thousand links of one host do not come back together. */
bool crowd_admits(struct crowd *crowd, int64_t link_id, time_ms now, time_ms *ret_at);

/* After a step of the clock, which would have left them in a far future. */
void crowd_forget_turns(struct crowd *crowd);

/* A request for this link is under way until crowd_end is given the number that comes
 * back; 0: it is of no host. */
uint32_t crowd_begin(struct crowd *crowd, int64_t link_id);
void crowd_end(struct crowd *crowd, uint32_t number);
