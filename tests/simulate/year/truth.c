#include "simulate/year/truth.h"

#include <assert.h>

#include "base/hash.h"

/* Chances are in thousandths, for the whole run unless said otherwise. */
enum {
	LINKS_PER_HOST = 5,
	BIG_HOSTS = 4,
	BIG_SHARE = 300,        /* of the links are at one of them */
	LINK_DEATHS = 150,      /* a half-life of about four years */
	HOST_DEATHS = 20,       /* with all their links */
	REVIVALS = 60,          /* of dead links */
	WALLED = 30,            /* hosts */
	WALLS_COME_AND_GO = 30, /* hosts */
	FLAPPING = 5,           /* links */
	MOVES = 30,             /* links */
	LINK_FAULTS = 300,      /* links that fail for a while, 1 to 3 times */
	HOST_FAULTS_MAX = 6,    /* 0 to 6 */
	TRY_FAILS = 15,         /* a request, by bad luck */
	HOUR_FAILS = 4,         /* all requests for a link within an hour */
	TRY_LIMITED = 2,        /* a request is answered 429 */
	OURS_PER_YEAR = 8,
	ASLEEP_PER_YEAR = 4,
};

static bool chance(struct random *random, uint32_t thousandths)
{
	return random_below(random, 1000) < thousandths;
}

static minute between(struct random *random, minute low, minute high)
{
	return low + (minute)random_below(random, (uint64_t)(high - low) + 1);
}

static minute some_time(const struct truth *truth, struct random *random)
{
	return between(random, 0, truth->end);
}

#define PICK(random, reasons)                                                            \
	(reasons)[random_below((random), sizeof(reasons) / sizeof((reasons)[0]))]

/* Nine of ten failures are over within half a day, one of fifty lasts for days. */
static minute some_length(struct random *random, minute most)
{
	static const minute short_ones[] = { 5, 10, 20, 30, 60, 60, 120, 180, 300, 480,
		720 };
	minute longest = PICK(random, short_ones);
	if (chance(random, 20))
		longest = 10 * MINUTES_PER_DAY;
	else if (chance(random, 80))
		longest = 2 * MINUTES_PER_DAY;
	minute length = between(random, longest / 3, longest);
	return length < most ? length : most;
}

static void add_fault(struct truth *truth, struct fault fault)
{
	if (truth->fault_count == truth->fault_room) {
		truth->fault_room = truth->fault_room > 0 ? truth->fault_room * 2 : 1024;
		truth->faults = reallocarray(
			truth->faults, truth->fault_room, sizeof(*truth->faults));
		assert(truth->faults != NULL);
	}
	truth->faults[truth->fault_count++] = fault;
}

static struct fault some_fault(struct truth *truth, struct random *random, bool of_host)
{
	static const enum reason silent[] = { REASON_HTTP_5XX, REASON_HTTP_5XX,
		REASON_TIMEOUT, REASON_CONNECT_REFUSED, REASON_CONNECT_TIMEOUT,
		REASON_CONNECT_RESET, REASON_DNS_SERVFAIL, REASON_DNS_TIMEOUT };
	static const enum reason wrong[] = { REASON_HTTP_404, REASON_HTTP_404,
		REASON_SOFT_404, REASON_TLS_EXPIRED, REASON_TLS_HOSTNAME,
		REASON_REDIRECT_LOOP };
	struct fault fault = { .from = some_time(truth, random) };
	minute most = 10 * MINUTES_PER_DAY;
	if (chance(random, 700)) {
		fault.reason = PICK(random, silent);
	} else if (of_host && chance(random, 100)) {
		fault.reason = REASON_DNS_NXDOMAIN;
		most = 18 * MINUTES_PER_HOUR;
	} else {
		fault.reason = PICK(random, wrong);
		most = 5 * MINUTES_PER_DAY;
	}
	fault.until = fault.from + some_length(random, most);
	return fault;
}

/* --- hosts and links
 * ---------------------------------------------------------------------- */

static void make_host(struct truth *truth, uint32_t index, struct random *random)
{
	static const enum reason ends[] = { REASON_DNS_NXDOMAIN, REASON_DNS_NXDOMAIN,
		REASON_CONNECT_TIMEOUT, REASON_CONNECT_REFUSED, REASON_PARKED_DOMAIN,
		REASON_DNS_SERVFAIL };
	struct truth_host *host = &truth->hosts[index];
	bool big = index < BIG_HOSTS;
	snprintf(host->key, sizeof(host->key), "host%u.example", (unsigned)index);
	host->interval_us = big ? INT64_C(1000000) : INT64_C(250000);
	host->concurrency = big ? 1 : 2;
	host->dead_from = MINUTE_NEVER;
	host->first_fault = truth->fault_count;
	host->faults = (uint32_t)random_below(random, HOST_FAULTS_MAX + 1);
	for (uint32_t i = 0; i < host->faults; i++) {
		struct fault fault = some_fault(truth, random, true);
		/* The large ones are back within hours. */
		if (big && fault.until > fault.from + 3 * MINUTES_PER_HOUR)
			fault.until = fault.from + 3 * MINUTES_PER_HOUR;
		add_fault(truth, fault);
	}
	if (big)
		return;
	host->walled = chance(random, WALLED);
	if (chance(random, WALLS_COME_AND_GO))
		host->wall_cycle = (uint32_t)between(
			random, MINUTES_PER_DAY / 2, 30 * MINUTES_PER_DAY);
	if (chance(random, HOST_DEATHS)) {
		host->dead_from = some_time(truth, random);
		host->dead_reason = PICK(random, ends);
	}
}

static void make_link(struct truth *truth, uint32_t index, struct random *random)
{
	static const enum reason ends[] = { REASON_HTTP_404, REASON_HTTP_404,
		REASON_HTTP_404, REASON_HTTP_404, REASON_HTTP_404, REASON_HTTP_410,
		REASON_SOFT_404, REASON_REGISTRY_MISSING, REASON_HTTP_5XX,
		REASON_TIMEOUT };
	struct truth_link *link = &truth->links[index];
	link->host = (uint32_t)(chance(random, BIG_SHARE)
					? random_below(random, BIG_HOSTS)
					: random_below(random, truth->host_count));
	truth->hosts[link->host].links++;
	link->dead_from = link->revived_at = link->moved_at = MINUTE_NEVER;
	link->first_fault = truth->fault_count;
	if (chance(random, LINK_FAULTS))
		link->faults = 1 + (uint32_t)random_below(random, 3);
	for (uint32_t i = 0; i < link->faults; i++)
		add_fault(truth, some_fault(truth, random, false));
	if (chance(random, LINK_DEATHS)) {
		link->dead_from = some_time(truth, random);
		link->dead_reason = PICK(random, ends);
		if (chance(random, REVIVALS))
			link->revived_at =
				link->dead_from + between(random, 20 * MINUTES_PER_DAY,
							  200 * MINUTES_PER_DAY);
	} else if (chance(random, FLAPPING)) {
		link->flap_cycle = (uint32_t)between(
			random, 2 * MINUTES_PER_HOUR, 8 * MINUTES_PER_DAY);
	} else if (chance(random, MOVES)) {
		link->moved_at = some_time(truth, random);
	}
}

/* One in each even part of the run, so that they never overlap. */
static struct fault *make_our_own(struct truth *truth, uint32_t count, minute least,
	minute most, struct random *random)
{
	struct fault *faults = calloc(count + 1, sizeof(*faults));
	minute part = truth->end / (minute)count;
	assert(faults != NULL && part > 2 * most);
	for (uint32_t i = 0; i < count; i++) {
		minute from = (minute)i * part + between(random, 0, part - most - 1);
		faults[i] = (struct fault){ .from = from,
			.until = from + between(random, least, most) };
	}
	return faults;
}

static uint32_t per_year(const struct truth *truth, uint32_t count)
{
	uint32_t days = (uint32_t)(truth->end / MINUTES_PER_DAY);
	uint32_t scaled = count * days / 365;
	return scaled > 0 ? scaled : 1;
}

struct truth *truth_new(uint32_t links, uint32_t days, uint64_t seed)
{
	struct truth *truth = calloc(1, sizeof(*truth));
	struct random random;
	assert(truth != NULL && links > 0);
	random_init(&random, seed);
	truth->seed = hash_mix(seed);
	truth->end = (minute)days * MINUTES_PER_DAY;
	truth->link_count = links;
	truth->host_count = BIG_HOSTS + links / LINKS_PER_HOST;
	truth->hosts = calloc(truth->host_count, sizeof(*truth->hosts));
	truth->links = calloc(links, sizeof(*truth->links));
	assert(truth->hosts != NULL && truth->links != NULL);
	for (uint32_t i = 0; i < truth->host_count; i++)
		make_host(truth, i, &random);
	for (uint32_t i = 0; i < links; i++)
		make_link(truth, i, &random);
	truth->our_count = per_year(truth, OURS_PER_YEAR);
	truth->ours =
		make_our_own(truth, truth->our_count, 10, 2 * MINUTES_PER_DAY, &random);
	truth->asleep_count = per_year(truth, ASLEEP_PER_YEAR);
	truth->asleep = make_our_own(truth, truth->asleep_count, MINUTES_PER_HOUR,
		12 * MINUTES_PER_DAY, &random);
	return truth;
}

void truth_free(struct truth *truth)
{
	free(truth->hosts);
	free(truth->links);
	free(truth->faults);
	free(truth->ours);
	free(truth->asleep);
	free(truth);
}

/* --- questions
 * ---------------------------------------------------------------------------- */

const struct fault *truth_during(const struct fault *faults, uint32_t count, minute at)
{
	for (uint32_t i = 0; i < count; i++)
		if (faults[i].from <= at && at < faults[i].until)
			return &faults[i];
	return NULL;
}

static minute overlap(
	const struct fault *faults, uint32_t count, minute from, minute until)
{
	minute sum = 0;
	for (uint32_t i = 0; i < count; i++) {
		minute low = faults[i].from > from ? faults[i].from : from;
		minute high = faults[i].until < until ? faults[i].until : until;
		sum += high > low ? high - low : 0;
	}
	return sum;
}

minute truth_lost(const struct truth *truth, minute from, minute until)
{
	return overlap(truth->ours, truth->our_count, from, until) +
	       overlap(truth->asleep, truth->asleep_count, from, until);
}

minute truth_outage(const struct truth *truth, uint32_t index)
{
	const struct truth_link *link = &truth->links[index];
	const struct truth_host *host = &truth->hosts[link->host];
	return overlap(truth->faults + link->first_fault, link->faults, 0, truth->end) +
	       overlap(truth->faults + host->first_fault, host->faults, 0, truth->end);
}

static bool is_own_end(const struct truth_link *link, minute at)
{
	return link->dead_from <= at && at < link->revived_at;
}

bool truth_is_dead(const struct truth *truth, uint32_t index, minute at)
{
	const struct truth_link *link = &truth->links[index];
	return is_own_end(link, at) || truth->hosts[link->host].dead_from <= at;
}

/* By turns for one half of the cycle, shifted by the host, with no two the same. */
static bool in_bad_half(uint32_t cycle, uint64_t shift, minute at)
{
	return cycle > 0 && ((uint64_t)at + shift % cycle) / (cycle / 2) % 2 == 1;
}

bool truth_is_walled(const struct truth *truth, uint32_t index, minute at)
{
	const struct truth_host *host = &truth->hosts[truth->links[index].host];
	return host->walled ||
	       in_bad_half(host->wall_cycle, truth->seed ^ truth->links[index].host, at);
}

/* What a patient observer would see, without luck and walls. */
static enum reason seen_at(const struct truth *truth, uint32_t index, minute at)
{
	const struct truth_link *link = &truth->links[index];
	const struct truth_host *host = &truth->hosts[link->host];
	const struct fault *fault =
		truth_during(truth->faults + host->first_fault, host->faults, at);
	if (fault == NULL)
		fault = truth_during(truth->faults + link->first_fault, link->faults, at);
	if (fault != NULL)
		return fault->reason;
	return in_bad_half(link->flap_cycle, truth->seed ^ index, at) ? REASON_HTTP_5XX
								      : REASON_OK;
}

bool truth_was_out(
	const struct truth *truth, uint32_t index, minute at, minute span, bool broken)
{
	minute out = 0;
	for (minute i = at - span; i < at; i++) {
		enum outcome outcome = reason_outcome(seen_at(truth, index, i));
		out += outcome == OUTCOME_BROKEN ||
		       (outcome == OUTCOME_UNREACHABLE && !broken);
	}
	return out >= span / 10 * 9;
}

static enum reason bad_luck(
	const struct truth *truth, uint32_t index, minute at, struct random *random)
{
	static const enum reason reasons[] = { REASON_TIMEOUT, REASON_CONNECT_RESET,
		REASON_HTTP_5XX, REASON_CONNECT_TIMEOUT };
	uint64_t hour = (uint64_t)(at / MINUTES_PER_HOUR);
	uint64_t luck = hash_mix(truth->seed ^ hash_mix(index + (hour << 32)));
	if (luck % 1000 < HOUR_FAILS || chance(random, TRY_FAILS))
		return PICK(random, reasons);
	return chance(random, TRY_LIMITED) ? REASON_RATE_LIMITED : REASON_OK;
}

enum reason truth_find(
	const struct truth *truth, uint32_t index, minute at, struct random *random)
{
	const struct truth_link *link = &truth->links[index];
	const struct truth_host *host = &truth->hosts[link->host];
	const struct fault *fault;
	enum reason luck;
	if (host->dead_from <= at)
		return host->dead_reason;
	fault = truth_during(truth->faults + host->first_fault, host->faults, at);
	if (fault != NULL)
		return fault->reason;
	if (truth_is_walled(truth, index, at))
		return REASON_FORBIDDEN;
	luck = bad_luck(truth, index, at, random);
	if (luck != REASON_OK)
		return luck;
	if (is_own_end(link, at))
		return link->dead_reason;
	fault = truth_during(truth->faults + link->first_fault, link->faults, at);
	if (fault != NULL)
		return fault->reason;
	if (in_bad_half(link->flap_cycle, truth->seed ^ index, at))
		return REASON_HTTP_5XX;
	return link->moved_at <= at ? REASON_REDIRECT_PERMANENT : REASON_OK;
}
