/* tests/simulate/year/run: a daemon without a network, driven through a truth.
 *
 * The real health, schedule, queue, pacer and retry rules in virtual time; only what a
 * request finds comes from the truth. What is counted is counted here, apart from the
 * rooms under test: starts at hosts, false deaths, delays.
 */
#pragma once

#include "policy/politeness.h"
#include "policy/retry.h"
#include "simulate/year/truth.h"
#include "watch/health.h"
#include "watch/schedule.h"

/* What the checks of a link found from its first bad one to its confirmation. */
#define EVIDENCES(X)                                                                     \
	X(BROKEN, "broken")                                                              \
	X(MIXED, "mixed")                                                                \
	X(UNREACHABLE, "unreachable")                                                    \
	X(WALLED, "with a wall in between")

#define EVIDENCE_ENUM(name, text) EVIDENCE_##name,
enum evidence { EVIDENCES(EVIDENCE_ENUM) };
#undef EVIDENCE_ENUM

#define EVIDENCE_ONE(name, text) +1
enum { EVIDENCE_COUNT = EVIDENCES(EVIDENCE_ONE) };
#undef EVIDENCE_ONE

/* Minutes, in order of appearance. */
struct delays {
	minute *at;
	uint32_t count, room;
};

struct watched_link {
	struct link_record record;
	minute bad_since; /* first bad check since the last good one; -1: none */
	bool saw_broken, saw_unreachable, saw_gate; /* since then */
	uint32_t requests;
};

struct watched_host {
	time_us last_start, gap_min; /* gap_min: INT64_MAX before the second */
	uint32_t active, active_peak, starts;
};

struct run_result {
	uint64_t checks, requests;
	/* Called dead and back later, but out for nine tenths of the time that interfaces
	 * 1.4 asks for, by faults on top of each other. No false deaths. */
	uint32_t long_outages;
	uint32_t confirmed, false_deaths, true_deaths, missed, missed_walled, too_young;
	uint32_t revivals, revived_late;
	struct delays delays[EVIDENCE_COUNT]; /* from the first bad check */
	struct delays unseen;                 /* from the true death */
	/* Requests, not minutes. Healthy: out for at most a day in the whole run, at a
	 * host without walls; ailing: the others that neither died nor flap. */
	struct delays requests_healthy, requests_ailing;
	uint64_t events; /* moves of the state of links that live, told */
	uint32_t flapping_links, flapping_found, flapping_wrong;
	uint32_t moved_links, moved_found;
	uint32_t slots_missed;
	uint32_t too_close,
		too_many;  /* starts against the pace, hosts above their limit */
	double gap_worst;  /* the shortest in proportion to the pace */
	double load_worst; /* the busiest host's share of its pace */
	time_ms lateness_max_ms;
};

struct run_result run_year(const struct truth *truth, uint64_t seed, bool verbose);
void run_result_fini(struct run_result *result);
