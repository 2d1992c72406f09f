#include "run/crowd.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
	HOSTS_AT_FIRST = 64,
	LINKS_AT_FIRST = 1024,
	/* Requests of one host given to the prober beyond what may run at once, so that
	 * its next turn never waits for us. */
	SPARE = 2,
	SLOT_MS_MIN = 1000,
};

void crowd_init(struct crowd *crowd, uint32_t interval_ms, uint32_t concurrency)
{
	*crowd = (struct crowd){ .interval_ms = interval_ms, .concurrency = concurrency };
}

void crowd_fini(struct crowd *crowd)
{
	free(crowd->hosts);
	free(crowd->slots);
	free(crowd->host_of);
	*crowd = (struct crowd){ 0 };
}

/* --- hosts --- */

static uint32_t *slot_of(const struct crowd *crowd, uint64_t hash)
{
	uint32_t place = (uint32_t)hash & (crowd->slot_room - 1);
	while (crowd->slots[place] != 0 &&
		crowd->hosts[crowd->slots[place] - 1].hash != hash)
		place = (place + 1) & (crowd->slot_room - 1);
	return &crowd->slots[place];
}

/* Half of the slots stay free. */
static int make_room(struct crowd *crowd)
{
	if (crowd->host_count < crowd->host_room)
		return 0;
	uint32_t room = crowd->host_room > 0 ? crowd->host_room * 2 : HOSTS_AT_FIRST;
	struct crowd_host *hosts =
		reallocarray(crowd->hosts, room, sizeof(*crowd->hosts));
	if (hosts != NULL)
		crowd->hosts = hosts;
	uint32_t *slots = calloc((size_t)room * 2, sizeof(*slots));
	if (hosts == NULL || slots == NULL) {
		free(slots);
		return -1;
	}
	free(crowd->slots);
	crowd->slots = slots;
	crowd->host_room = room;
	crowd->slot_room = room * 2;
	for (uint32_t i = 0; i < crowd->host_count; i++)
		*slot_of(crowd, hosts[i].hash) = i + 1;
	return 0;
}

/* The number of the host + 1; 0: no memory. */
static uint32_t number_of(struct crowd *crowd, uint64_t hash)
{
	if (make_room(crowd) < 0)
		return 0;
	uint32_t *slot = slot_of(crowd, hash);
	if (*slot == 0) {
		crowd->hosts[crowd->host_count] = (struct crowd_host){ .hash = hash };
		*slot = ++crowd->host_count;
	}
	return *slot;
}

/* --- links --- */

static int make_link_room(struct crowd *crowd, uint64_t link_id)
{
	uint64_t room = crowd->link_room > 0 ? crowd->link_room : LINKS_AT_FIRST;
	if (link_id < crowd->link_room)
		return 0;
	while (room <= link_id)
		room += room / 2;
	uint32_t *host_of = reallocarray(crowd->host_of, room, sizeof(*host_of));
	if (host_of == NULL)
		return -1;
	memset(&host_of[crowd->link_room], 0,
		(room - crowd->link_room) * sizeof(*host_of));
	crowd->host_of = host_of;
	crowd->link_room = room;
	return 0;
}

int crowd_add(struct crowd *crowd, int64_t link_id, uint64_t host_hash)
{
	assert(link_id > 0);
	crowd_remove(crowd, link_id);
	if (host_hash == 0)
		return 0;
	uint32_t number = number_of(crowd, host_hash);
	if (number == 0 || make_link_room(crowd, (uint64_t)link_id) < 0)
		return -1;
	crowd->host_of[link_id] = number;
	crowd->hosts[number - 1].links++;
	return 0;
}

void crowd_remove(struct crowd *crowd, int64_t link_id)
{
	struct crowd_host *host = crowd_host_of(crowd, link_id);
	if (host == NULL)
		return;
	host->links--;
	crowd->host_of[link_id] = 0;
}

struct crowd_host *crowd_host_of(const struct crowd *crowd, int64_t link_id)
{
	if (link_id <= 0 || (uint64_t)link_id >= crowd->link_room ||
		crowd->host_of[link_id] == 0)
		return NULL;
	return &crowd->hosts[crowd->host_of[link_id] - 1];
}

/* --- turns --- */

bool crowd_admits(struct crowd *crowd, int64_t link_id, time_ms now, time_ms *ret_at)
{
	struct crowd_host *host = crowd_host_of(crowd, link_id);
	*ret_at = now;
	if (host == NULL)
		return true;
	uint32_t concurrency =
		host->concurrency > 0 ? host->concurrency : crowd->concurrency;
	if (host->asked < concurrency + SPARE)
		return true;
	time_ms interval_ms =
		host->interval_ms > 0 ? host->interval_ms : crowd->interval_ms;
	/* Far turns would be guesses, and a link taken off a list would leave a hole. */
	if (host->slot_at < now)
		host->slot_at = now + SLOT_MS_MIN;
	else
		host->slot_at += interval_ms;
	*ret_at = host->slot_at;
	return false;
}

void crowd_forget_turns(struct crowd *crowd)
{
	for (uint32_t i = 0; i < crowd->host_count; i++)
		crowd->hosts[i].slot_at = 0;
}

uint32_t crowd_begin(struct crowd *crowd, int64_t link_id)
{
	struct crowd_host *host = crowd_host_of(crowd, link_id);
	if (host == NULL)
		return 0;
	host->asked++;
	return crowd->host_of[link_id];
}

void crowd_end(struct crowd *crowd, uint32_t number)
{
	assert(number <= crowd->host_count);
	if (number == 0)
		return;
	assert(crowd->hosts[number - 1].asked > 0);
	crowd->hosts[number - 1].asked--;
}
