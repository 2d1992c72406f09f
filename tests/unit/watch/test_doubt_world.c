#include "watch/doubt.h"

#include "lib/test.h"

#include <stdlib.h>

#include "base/random.h"

/* Days of a daemon in virtual time, with labelled truth: sites that are well and sites
 * that are dead, outages of our network and of our resolver that begin and end whenever
 * they like, checks of many seconds in flight. What is held against a site that is well
 * is counted. */
enum { FLIGHT = 256, PATIENCE_MS = 20000 };

struct check {
	bool open;
	uint32_t site;
	time_ms asked_at, ends_at;
	enum reason end;
};

struct days {
	uint32_t sites;
	uint32_t dead_percent;
	uint32_t a_second; /* checks started, in thousandths */
	uint32_t outages_a_day, resolver_outages_a_day;
	bool fresh; /* nothing was ever checked */
};

struct result {
	uint32_t false_strikes, true_strikes, good, again, doubts;
	time_ms doubtful_ms, outage_ms;
};

static struct random chance;
static struct doubt *doubt;
static time_ms now, network_from, network_to, names_from, names_to;
static struct check flight[FLIGHT];
static const struct days *days;
static uint32_t again[1024]; /* sites to be asked as soon as may be */
static uint32_t again_count;
static uint8_t *known; /* DOUBT_EXPECT of each site */
static struct result result;

static bool is_dead(uint32_t site)
{
	return site * 2654435761u % 100 < days->dead_percent;
}

static bool is_out(time_ms from, time_ms to, time_ms at)
{
	return at >= from && at < to;
}

/* Of a check that begins now: tries go on until its patience ends. */
static void measure(struct check *check)
{
	time_ms needs = 50 + (time_ms)random_below(&chance, 3000);
	bool cached = check->site % 2 == 0;
	time_ms from = network_from, to = network_to;
	enum reason silence = REASON_CONNECT_TIMEOUT;
	if (!cached && names_to > now && names_from <= now + 1) {
		from = names_from;
		to = names_to;
		silence = REASON_DNS_TIMEOUT;
	}
	check->end = REASON_OK;
	check->ends_at = now + needs;
	if (is_dead(check->site)) {
		check->end = check->site % 3 == 0   ? REASON_CONNECT_REFUSED
			     : check->site % 3 == 1 ? REASON_CONNECT_TIMEOUT
						    : REASON_DNS_NXDOMAIN;
		if (check->site % 3 == 1)
			check->ends_at = now + PATIENCE_MS;
	}
	if (!is_out(from, to, now) && !is_out(from, to, check->ends_at))
		return;
	/* The network is away at some time of it: the next try, or none. */
	if (to <= now + PATIENCE_MS - needs) {
		check->ends_at = to + needs;
	} else {
		check->end = silence;
		check->ends_at = now + PATIENCE_MS;
	}
}

static void strike(uint32_t site, enum reason end)
{
	known[site] = end == REASON_OK ? DOUBT_EXPECT_GOOD : DOUBT_EXPECT_BAD;
	if (end == REASON_OK)
		result.good++;
	else if (is_dead(site))
		result.true_strikes++;
	else
		result.false_strikes++;
}

static void ask_again(uint32_t site)
{
	result.again++;
	if (again_count < sizeof(again) / sizeof(again[0]))
		again[again_count++] = site;
}

static void drain(void)
{
	uint64_t ticket;
	enum doubt_word word;
	struct doubt_status status;
	while (doubt_next(doubt, &ticket, &word)) {
		if (word == DOUBT_RECORD)
			strike((uint32_t)(ticket >> 8), (enum reason)(ticket & 0xff));
		else
			ask_again((uint32_t)(ticket >> 8));
	}
	while (doubt_next_change(doubt, &status))
		result.doubts += status.state == DOUBT_DOUBTING ? 1 : 0;
}

static void finish_check(struct check *check)
{
	uint64_t ticket = (uint64_t)check->site << 8 | (uint64_t)check->end;
	struct doubt_facts facts = { .voice = check->end == REASON_OK ? DOUBT_CERTIFIED
								      : DOUBT_SILENT,
		.failure = check->end,
		.domain = 1 + check->site,
		.end_domain = 1 + check->site,
		.link_id = 1 + check->site,
		.expected = (enum doubt_expectation)known[check->site],
		.asked_at = check->asked_at,
		.ended_at = now };
	check->open = false;
	enum doubt_word word = doubt_note(doubt, &facts, ticket, now);
	if (word == DOUBT_RECORD)
		strike(check->site, check->end);
	else if (word == DOUBT_ASK_AGAIN)
		ask_again(check->site);
	drain();
}

static void start_check(uint32_t site)
{
	for (uint32_t i = 0; i < FLIGHT; i++)
		if (!flight[i].open) {
			flight[i] = (struct check){
				.open = true, .site = site, .asked_at = now
			};
			measure(&flight[i]);
			return;
		}
}

static void serve(void)
{
	int64_t link_id;
	for (;;)
		switch (doubt_wants(doubt, now, &link_id)) {
		case DOUBT_WANTS_NOTHING:
			return;
		case DOUBT_WANTS_LINK:
			start_check((uint32_t)link_id - 1);
			break;
		case DOUBT_WANTS_RESOLVER:
			doubt_pong(doubt,
				is_out(network_from, network_to, now) ||
						is_out(names_from, names_to, now)
					? REASON_DNS_TIMEOUT
					: REASON_OK,
				now);
			drain();
			break;
		}
}

static void weather(time_ms *from, time_ms *to, uint32_t a_day)
{
	if (*to > now || random_below(&chance, 86400) >= a_day)
		return;
	/* Checks in flight were measured without it: it begins when they have ended. */
	*from = now + 2 * PATIENCE_MS;
	*to = *from + 1000 + (time_ms)random_below(&chance, 1800000);
	if (random_below(&chance, 2) == 0)
		*to = *from + 1000 + (time_ms)random_below(&chance, 40000);
	result.outage_ms += *to - *from;
}

static void a_second(void)
{
	now += 1000;
	weather(&network_from, &network_to, days->outages_a_day);
	weather(&names_from, &names_to, days->resolver_outages_a_day);
	for (uint32_t i = 0; i < FLIGHT; i++)
		if (flight[i].open && flight[i].ends_at <= now)
			finish_check(&flight[i]);
	struct doubt_clocks clocks = { .now = now, .boot = now, .wall = now };
	doubt_tick(doubt, &clocks);
	drain();
	serve();
	if (!doubt_may_dispatch(doubt)) {
		result.doubtful_ms += 1000;
		return;
	}
	while (again_count > 0)
		start_check(again[--again_count]);
	uint32_t count = days->a_second / 1000;
	if (random_below(&chance, 1000) < days->a_second % 1000)
		count++;
	while (count-- > 0)
		start_check((uint32_t)random_below(&chance, days->sites));
}

static void live(const struct days *how, uint32_t seconds)
{
	days = how;
	memset(flight, 0, sizeof(flight));
	memset(&result, 0, sizeof(result));
	now = 1000000;
	again_count = 0;
	network_from = network_to = names_from = names_to = 0;
	random_init(&chance, 11);
	doubt = doubt_new(now);
	known = calloc(how->sites, 1);
	assert_true(doubt != NULL && known != NULL);
	for (uint32_t i = 0; i < how->sites && !how->fresh; i++)
		known[i] = is_dead(i) ? DOUBT_EXPECT_BAD : DOUBT_EXPECT_GOOD;
	for (uint32_t i = 0; i < seconds; i++)
		a_second();
	print_message("%u good, %u true and %u false strikes, %u asked again, %u doubts, "
		      "%ld s of doubt in %ld s of outages\n",
		result.good, result.true_strikes, result.false_strikes, result.again,
		result.doubts, (long)(result.doubtful_ms / 1000),
		(long)(result.outage_ms / 1000));
	doubt_free(doubt);
	free(known);
}

static void a_busy_daemon(void **state)
{
	(void)state;
	live(&(struct days){ 5000, 8, 5000, 10, 10, false }, 4 * 86400);
	assert_int_equal(result.false_strikes, 0);
	assert_true(result.true_strikes > 50000);
}

static void a_daemon_that_rarely_asks(void **state)
{
	(void)state;
	live(&(struct days){ 300, 8, 20, 10, 10, false }, 20 * 86400);
	assert_int_equal(result.false_strikes, 0);
	assert_true(result.true_strikes > 1000);
}

static void a_handful_of_sites(void **state)
{
	(void)state;
	live(&(struct days){ 5, 25, 20, 10, 10, false }, 20 * 86400);
	assert_int_equal(result.false_strikes, 0);
	assert_true(result.good > 10000);
}

static void a_new_list(void **state)
{
	(void)state;
	live(&(struct days){ 3000, 25, 10000, 0, 0, true }, 3600);
	assert_int_equal(result.false_strikes, 0);
	assert_int_equal(result.doubts, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_daemon),
		cmocka_unit_test(a_daemon_that_rarely_asks),
		cmocka_unit_test(a_handful_of_sites),
		cmocka_unit_test(a_new_list),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
