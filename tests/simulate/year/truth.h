/* tests/simulate/year/truth: a synthetic web that knows what is true of each link.
 *
 * Hosts and links with a timetable for a whole run: deaths and revivals, outages of hosts
 * and of ourselves, walls that come and go, flapping, moves, failures that pass. What a
 * request finds is a function of the link, the time and chance; whether the link is dead
 * is a function of the link and the time alone. Nothing here knows of strikes or states.
 *
 * Times are minutes since the beginning. The bounds that make the labels fair: what
 * passes and shows `broken` lasts at most 5 d (NXDOMAIN of a domain 18 h), what passes
 * and shows no answer at most 10 d; both below what interfaces 1.4 calls confirmed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "model/outcome.h"

typedef int32_t minute;
#define MINUTE_NEVER     INT32_MAX
#define MINUTES_PER_DAY  1440
#define MINUTES_PER_HOUR 60

enum { HOST_KEY_SIZE = 24 };

struct fault {
	minute from, until;
	enum reason reason;
};

struct truth_host {
	char key[HOST_KEY_SIZE];
	uint32_t links;
	uint32_t first_fault, faults;
	minute dead_from;
	enum reason dead_reason;
	bool walled;         /* always */
	uint32_t wall_cycle; /* minutes; 0: no wall comes and goes */
	int64_t interval_us; /* its pace */
	uint32_t concurrency;
};

struct truth_link {
	uint32_t host;
	uint32_t first_fault, faults;
	minute dead_from, revived_at;
	enum reason dead_reason;
	minute moved_at;
	uint32_t flap_cycle; /* minutes, half of them bad; 0: steady */
};

struct truth {
	struct truth_host *hosts;
	struct truth_link *links;
	struct fault *faults;
	uint32_t host_count, link_count, fault_count, fault_room;
	struct fault *ours;   /* when we had no network */
	struct fault *asleep; /* when we did not run */
	uint32_t our_count, asleep_count;
	minute end;
	uint64_t seed;
};

struct truth *truth_new(uint32_t links, uint32_t days, uint64_t seed);
void truth_free(struct truth *truth);

/* What one request finds. */
enum reason truth_find(
	const struct truth *truth, uint32_t link, minute at, struct random *random);

bool truth_is_dead(const struct truth *truth, uint32_t link, minute at);
bool truth_is_walled(const struct truth *truth, uint32_t link, minute at);

/* Whether the link has been unusable (or `broken`) for nine tenths of that time, by
 * faults on top of each other; luck and walls do not count. */
bool truth_was_out(
	const struct truth *truth, uint32_t link, minute at, minute span, bool broken);

/* How long in all the link showed something else than its page, by its own faults and its
 * host's, each counted for itself; luck, walls, death and flapping do not count. */
minute truth_outage(const struct truth *truth, uint32_t link);

/* The interval that holds `at`, or NULL. */
const struct fault *truth_during(const struct fault *faults, uint32_t count, minute at);

/* How much of [from, until) we were asleep or without network. */
minute truth_lost(const struct truth *truth, minute from, minute until);
