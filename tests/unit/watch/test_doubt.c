#include "watch/doubt.h"

#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/random.h"
#include "lib/story.h"

/* A daemon in virtual time: what became of each ticket, and a world that answers its
 * canaries. */
enum { TICKETS = 20000, SITES = 8192 };

enum fate { UNKNOWN, RECORDED, HELD, AGAIN };

struct world {
	struct doubt *doubt;
	time_ms now, slept, set;
	uint64_t ticket;
	enum fate fates[TICKETS];
	/* What a site does: OK or a reason. */
	enum reason sites[SITES];
	enum reason everybody; /* not OK: our own network */
	enum reason resolver;
	bool has_canaries;
	uint32_t links_asked, pings_asked;
	uint32_t began, ended, settled;
	struct doubt_status last;
};

static struct world world;

static void drain(void)
{
	uint64_t ticket;
	enum doubt_word word;
	struct doubt_status status;
	while (doubt_next(world.doubt, &ticket, &word)) {
		assert_int_equal(world.fates[ticket], HELD);
		assert_int_not_equal(word, DOUBT_HOLD);
		world.fates[ticket] = word == DOUBT_RECORD ? RECORDED : AGAIN;
	}
	while (doubt_next_change(world.doubt, &status)) {
		world.last = status;
		if (status.state == DOUBT_DOUBTING)
			world.began++;
		else if (status.state == DOUBT_SETTLING)
			world.settled++;
		else
			world.ended++;
	}
}

static uint64_t note(const struct doubt_facts *facts)
{
	uint64_t ticket = world.ticket++;
	assert_true(ticket < TICKETS);
	world.fates[ticket] = HELD;
	switch (doubt_note(world.doubt, facts, ticket, world.now)) {
	case DOUBT_RECORD:
		world.fates[ticket] = RECORDED;
		break;
	case DOUBT_HOLD:
		break;
	case DOUBT_ASK_AGAIN:
		world.fates[ticket] = AGAIN;
		break;
	}
	drain();
	return ticket;
}

static struct doubt_facts facts_of(uint32_t site, enum reason failure, time_ms took)
{
	return (struct doubt_facts){ .voice = failure == REASON_OK ? DOUBT_CERTIFIED
								   : DOUBT_SILENT,
		.failure = failure,
		.domain = 1000 + site,
		.end_domain = 1000 + site,
		.link_id = 1 + site,
		.expected = DOUBT_EXPECT_GOOD,
		.asked_at = world.now - took,
		.ended_at = world.now };
}

/* A check of that site that ends now, with that end. */
static uint64_t ended(uint32_t site, enum reason failure, time_ms took)
{
	struct doubt_facts facts = facts_of(site, failure, took);
	return note(&facts);
}

static enum reason answer_of(uint32_t site)
{
	return world.everybody != REASON_OK ? world.everybody : world.sites[site];
}

static void serve(void)
{
	int64_t link_id = 0;
	enum doubt_want want;
	for (int i = 0; i < 10; i++) {
		want = doubt_wants(world.doubt, world.now, &link_id);
		if (want == DOUBT_WANTS_NOTHING)
			return;
		if (want == DOUBT_WANTS_RESOLVER) {
			world.pings_asked++;
			doubt_pong(world.doubt, world.resolver, world.now);
		} else {
			world.links_asked++;
			uint32_t site = (uint32_t)link_id - 1;
			ended(site, answer_of(site), 0);
		}
		drain();
	}
	fail_msg("it never stops wanting");
}

static void tick(void)
{
	struct doubt_clocks clocks = { .now = world.now,
		.boot = world.now + world.slept,
		.wall = world.now + world.slept + world.set };
	doubt_tick(world.doubt, &clocks);
	drain();
	serve();
}

static void pass(time_ms span)
{
	for (time_ms left = span; left > 0; left -= 1000) {
		world.now += left < 1000 ? left : 1000;
		tick();
	}
}

static int start(void **state)
{
	(void)state;
	memset(&world, 0, sizeof(world));
	world.now = 5000000;
	world.doubt = doubt_new(world.now);
	tick();
	return world.doubt != NULL ? 0 : -1;
}

static int finish(void **state)
{
	(void)state;
	doubt_free(world.doubt);
	return 0;
}

static enum doubt_state now_state(void)
{
	struct doubt_status status;
	doubt_status(world.doubt, &status);
	assert_int_equal(doubt_may_dispatch(world.doubt), status.state == DOUBT_FINE);
	return status.state;
}

static uint32_t count_fates(uint64_t from, enum fate fate)
{
	uint32_t count = 0;
	for (uint64_t i = from; i < world.ticket; i++)
		count += world.fates[i] == fate ? 1 : 0;
	return count;
}

/* `count` sites from `from` on, a second apart, all well. */
static void all_well(uint32_t from, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		ended(from + i, REASON_OK, 100);
		pass(1000);
	}
}

/* --- held results ------------------------------------------------------------------ */

static void a_dead_site_among_good_ones(void **state)
{
	(void)state;
	all_well(0, 40);
	uint64_t dead = ended(50, REASON_CONNECT_TIMEOUT, 20000);
	assert_int_equal(world.fates[dead], HELD);
	ended(50, REASON_OK, 10); /* another link of the same domain is no witness */
	assert_int_equal(world.fates[dead], HELD);
	ended(3, REASON_OK, 100);
	assert_int_equal(world.fates[dead], RECORDED);
	assert_int_equal(world.began, 0);
	assert_int_equal(world.links_asked, 0);
}

static void statuses_over_https_are_never_held(void **state)
{
	(void)state;
	struct doubt_facts facts = facts_of(1, REASON_OK, 10);
	assert_int_equal(world.fates[note(&facts)], RECORDED);
	facts = (struct doubt_facts){
		.voice = DOUBT_NOT_ASKED, .failure = REASON_BAD_URL, .link_id = 7
	};
	assert_int_equal(world.fates[note(&facts)], RECORDED);
}

/* Nobody is asked for hours: a canary vouches, and what nobody had vouched for before is
 * asked once more. */
static void an_idle_daemon_asks_a_canary(void **state)
{
	(void)state;
	all_well(0, 3);
	pass(3600000);
	uint64_t first = ended(50, REASON_CONNECT_REFUSED, 10);
	pass(1000);
	assert_int_equal(world.links_asked, 0);
	pass(9000);
	assert_int_equal(world.links_asked, 1);
	assert_int_equal(world.fates[first], AGAIN);
	uint64_t second = ended(50, REASON_CONNECT_REFUSED, 10);
	pass(20000);
	assert_int_equal(world.fates[second], RECORDED);
	assert_int_equal(world.began, 0);
}

/* An outage may hide in the time of a check in which nobody answered, though somebody did
 * shortly before and after it. */
static void a_gap_wants_a_second_look(void **state)
{
	(void)state;
	all_well(0, 10);
	world.now += 12000;
	uint64_t first = ended(50, REASON_CONNECT_TIMEOUT, 15000);
	uint64_t twin = ended(50, REASON_CONNECT_TIMEOUT, 15000);
	ended(3, REASON_OK, 100);
	assert_int_equal(world.fates[first], AGAIN);
	assert_int_equal(world.fates[twin], AGAIN); /* the same look */
	world.now += 1000;
	uint64_t second = ended(50, REASON_CONNECT_TIMEOUT, 500);
	ended(3, REASON_OK, 100);
	assert_int_equal(world.fates[second], RECORDED);
	/* One that was bad already is not worth it. */
	world.now += 12000;
	struct doubt_facts facts = facts_of(51, REASON_CONNECT_TIMEOUT, 15000);
	facts.expected = DOUBT_EXPECT_BAD;
	uint64_t old = note(&facts);
	ended(3, REASON_OK, 100);
	assert_int_equal(world.fates[old], RECORDED);
}

static void a_certificate_wants_a_certificate(void **state)
{
	(void)state;
	all_well(0, 3);
	uint64_t expired = ended(50, REASON_TLS_UNTRUSTED, 10);
	struct doubt_facts plain = facts_of(1, REASON_OK, 10);
	plain.voice = DOUBT_OWN;
	note(&plain);
	assert_int_equal(world.fates[expired], HELD);
	ended(2, REASON_OK, 10);
	assert_int_equal(world.fates[expired], RECORDED);
}

static void a_host_dies_with_hundreds_of_links(void **state)
{
	(void)state;
	all_well(0, 20);
	uint64_t from = world.ticket;
	for (int i = 0; i < 300; i++) {
		ended(500, i % 10 == 0 ? REASON_OK : REASON_CONNECT_TIMEOUT, 5000);
		world.now += 20;
	}
	assert_int_equal(world.began, 0);
	pass(10000);
	assert_int_equal(count_fates(from, HELD), 0);
	assert_int_equal(world.began, 0);
	assert_true(count_fates(from, RECORDED) >= 300);
}

static void too_many_are_asked_again(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < DOUBT_HELD_MAX + 5; i++) {
		struct doubt_facts facts = facts_of(i, REASON_CONNECT_TIMEOUT, 10);
		facts.expected = DOUBT_EXPECT_BAD;
		note(&facts);
	}
	struct doubt_status status;
	doubt_status(world.doubt, &status);
	assert_int_equal(status.held, DOUBT_HELD_MAX);
	assert_int_equal(count_fates(0, AGAIN), 5);
	/* Nobody knows anybody, and the resolver is dead: bounded in time. */
	world.resolver = REASON_DNS_TIMEOUT;
	pass(DOUBT_HOLD_MS + 1000);
	assert_int_equal(count_fates(0, HELD), 0);
	assert_int_equal(count_fates(0, RECORDED), 0);
}

/* --- outages ----------------------------------------------------------------------- */

static void an_outage_in_the_middle(void **state)
{
	(void)state;
	all_well(0, 30);
	uint64_t from = world.ticket;
	/* In flight when it begins, and asked after. */
	world.everybody = REASON_CONNECT_TIMEOUT;
	for (uint32_t i = 0; i < 60 && now_state() == DOUBT_FINE; i++) {
		world.now += 1000;
		ended(100 + i, REASON_CONNECT_TIMEOUT, i < 20 ? 20000 : 5000);
	}
	assert_int_equal(world.began, 1);
	assert_int_equal(world.last.kind, DOUBT_KIND_MASS_FAILURE);
	assert_in_range(world.last.domains, DOUBT_ROW_MIN, 20);
	assert_int_equal(world.last.reason, REASON_CONNECT_TIMEOUT);
	/* Those that come in late. */
	for (uint32_t i = 0; i < 20; i++)
		assert_int_equal(
			world.fates[ended(300 + i, REASON_TIMEOUT, 30000)], AGAIN);
	pass(7200000);
	assert_int_equal(count_fates(from, RECORDED), 0);
	assert_int_equal(count_fates(from, HELD), 0);
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	/* Canaries with growing pauses: 2 hours are no hundreds of questions. */
	assert_in_range(world.links_asked, 15, 40);
	assert_in_range(world.pings_asked, 15, 40);
	world.everybody = REASON_OK;
	pass(2 * DOUBT_CANARY_MAX_MS + 2000);
	assert_int_equal(now_state(), DOUBT_FINE);
	assert_int_equal(world.began, 1);
	assert_int_equal(world.ended, 1);
	assert_int_equal(world.last.kind, DOUBT_KIND_MASS_FAILURE);
	/* Asked during the outage, ended after it. */
	world.now += 1000;
	assert_int_equal(
		world.fates[ended(400, REASON_TIMEOUT, 3 * DOUBT_CANARY_MAX_MS)], AGAIN);
}

static void an_outage_before_anything_is_known(void **state)
{
	(void)state;
	world.everybody = REASON_NETWORK_UNREACHABLE;
	world.resolver = REASON_DNS_TIMEOUT;
	for (uint32_t i = 0; i < 20; i++) {
		struct doubt_facts facts = facts_of(i, REASON_NETWORK_UNREACHABLE, 1);
		facts.expected = DOUBT_EXPECT_NOTHING;
		note(&facts);
	}
	assert_int_equal(world.began, 1);
	assert_int_equal(world.last.kind, DOUBT_KIND_NO_NETWORK);
	pass(600000);
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	assert_int_equal(count_fates(0, RECORDED), 0);
	/* Those that failed are the only ones who can tell. */
	assert_true(world.links_asked > 2);
	world.everybody = world.resolver = REASON_OK;
	pass(2 * DOUBT_CANARY_MAX_MS);
	assert_int_equal(now_state(), DOUBT_FINE);
}

/* One machine with five sites burns down: they are looked at again, and believed. */
static void five_die_together(void **state)
{
	(void)state;
	all_well(0, 20);
	for (uint32_t i = 0; i < 5; i++)
		ended(100 + i, REASON_CONNECT_REFUSED, 1);
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	pass(20000);
	assert_int_equal(now_state(), DOUBT_FINE);
	for (uint32_t i = 0; i < 5; i++)
		assert_int_equal(
			world.fates[ended(100 + i, REASON_CONNECT_REFUSED, 1)], HELD);
	do
		pass(1000);
	while (count_fates(0, HELD) > 0);
	pass(1000);
	uint64_t from = world.ticket;
	for (uint32_t i = 0; i < 5; i++)
		ended(100 + i, REASON_CONNECT_REFUSED, 1);
	pass(DOUBT_CANARY_MAX_MS);
	assert_int_equal(world.began, 1);
	for (uint64_t i = from; i < from + 5; i++)
		assert_int_equal(world.fates[i], RECORDED);
}

/* A new list, with dead sites in it: their time-outs end one after the other. */
static void dead_sites_end_together(void **state)
{
	(void)state;
	all_well(0, 20);
	uint64_t from = world.ticket;
	for (uint32_t i = 0; i < 30; i++) {
		struct doubt_facts facts =
			facts_of(100 + i, REASON_CONNECT_TIMEOUT, 60000);
		facts.expected = DOUBT_EXPECT_NOTHING;
		note(&facts);
		world.now += 1000;
	}
	assert_int_equal(world.began, 0);
	ended(1, REASON_OK, 10);
	assert_int_equal(count_fates(from, HELD), 0);
}

/* Dead for longer than we know: no evidence against us. */
static void what_is_known_to_be_bad_is_no_witness(void **state)
{
	(void)state;
	all_well(0, 5);
	for (uint32_t i = 0; i < 100; i++) {
		struct doubt_facts facts = facts_of(100 + i, REASON_CONNECT_TIMEOUT, 10);
		facts.expected = DOUBT_EXPECT_BAD;
		note(&facts);
		ended(300 + i, REASON_DNS_NXDOMAIN, 10);
	}
	assert_int_equal(world.began, 0);
	ended(1, REASON_OK, 10);
	ended(2, REASON_OK, 10);
	/* A name may have come from a cache: the resolver must say its part. */
	assert_int_equal(count_fates(0, HELD), 100);
	pass(5000);
	assert_int_equal(world.pings_asked, 1);
	assert_int_equal(count_fates(0, HELD), 0);
}

/* A third of all good sites fails while the others answer (one provider, or IPv6): in
 * doubt, until those that failed have had another chance. */
static void a_part_fails(void **state)
{
	(void)state;
	all_well(0, 20);
	for (uint32_t i = 0; i < 100 && now_state() == DOUBT_FINE; i++) {
		world.now += 500;
		world.sites[1000 + i] = REASON_CONNECT_TIMEOUT;
		ended(1000 + i, REASON_CONNECT_TIMEOUT, 5000);
		ended(i % 20, REASON_OK, 100);
	}
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	assert_int_equal(world.last.kind, DOUBT_KIND_MASS_FAILURE);
	pass(60000);
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	/* It was theirs. */
	pass(3600000);
	assert_int_equal(now_state(), DOUBT_FINE);
	uint64_t from = world.ticket;
	for (uint32_t i = 0; i < 30; i++) {
		world.now += 500;
		ended(1000 + i, world.sites[1000 + i], 100);
		ended(i % 20, REASON_OK, 100);
	}
	assert_int_equal(world.began, 1);
	assert_int_equal(count_fates(from, HELD), 0);
	/* For the first one nobody had vouched before. */
	assert_int_equal(count_fates(from, RECORDED), 59);
	assert_int_equal(world.fates[from], AGAIN);
}

static void a_part_comes_back(void **state)
{
	(void)state;
	all_well(0, 20);
	for (uint32_t i = 0; i < 100 && now_state() == DOUBT_FINE; i++) {
		world.now += 500;
		ended(1000 + i, REASON_CONNECT_TIMEOUT, 5000);
		ended(i % 20, REASON_OK, 100);
	}
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	pass(120000);
	assert_int_equal(now_state(), DOUBT_FINE);
}

/* --- names ------------------------------------------------------------------------- */

static void a_resolver_dies_for_a_minute(void **state)
{
	(void)state;
	all_well(0, 10);
	world.resolver = REASON_DNS_TIMEOUT;
	uint64_t from = world.ticket;
	for (uint32_t i = 0; i < 3; i++)
		ended(100 + i, REASON_DNS_TIMEOUT, 10);
	pass(60000);
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	assert_int_equal(world.began, 1);
	assert_int_equal(world.last.kind, DOUBT_KIND_NO_RESOLVER);
	world.resolver = REASON_OK;
	pass(DOUBT_CANARY_MAX_MS);
	assert_int_equal(now_state(), DOUBT_FINE);
	assert_int_equal(count_fates(from, HELD), 0);
	assert_int_equal(world.ended, 1);
	for (uint64_t i = from; i < from + 3; i++)
		assert_int_equal(world.fates[i], AGAIN);
}

static void a_resolver_that_denies_everybody(void **state)
{
	(void)state;
	world.resolver = REASON_DNS_NXDOMAIN;
	for (uint32_t i = 0; i < 30; i++)
		ended(i, REASON_DNS_NXDOMAIN, 10);
	pass(30000);
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	assert_int_equal(world.last.kind, DOUBT_KIND_NO_RESOLVER);
	assert_int_equal(count_fates(0, RECORDED), 0);
}

static void silence_is_counted_at_the_resolver(void **state)
{
	(void)state;
	struct doubt_clocks clocks = { world.now + 1000, world.now + 1000,
		world.now + 1000, 5, 0 };
	int64_t link_id;
	doubt_tick(world.doubt, &clocks);
	assert_int_equal(
		doubt_wants(world.doubt, clocks.now, &link_id), DOUBT_WANTS_RESOLVER);
	assert_int_equal(
		doubt_wants(world.doubt, clocks.now, &link_id), DOUBT_WANTS_NOTHING);
	doubt_pong(world.doubt, REASON_OK, clocks.now);
	assert_int_equal(now_state(), DOUBT_FINE);
}

/* A reload has made another prober, whose counts are lower. */
static void silence_is_counted_after_a_reload(void **state)
{
	(void)state;
	struct doubt_clocks clocks = { world.now, world.now, world.now, 1000, 1000 };
	int64_t link_id;
	for (int i = 0; i < 2; i++) {
		clocks.now = clocks.boot = clocks.wall = clocks.now + 1000;
		doubt_tick(world.doubt, &clocks);
		drain();
		if (i == 0)
			assert_int_equal(doubt_wants(world.doubt, clocks.now, &link_id),
				DOUBT_WANTS_NOTHING);
		clocks.names_asked = 5;
		clocks.names_answered = 0;
	}
	assert_int_equal(
		doubt_wants(world.doubt, clocks.now, &link_id), DOUBT_WANTS_RESOLVER);
}

/* --- small installations ----------------------------------------------------------- */

/* Two links on one host, and it dies. */
static void one_host_is_all_there_is(void **state)
{
	(void)state;
	ended(1, REASON_OK, 10);
	world.sites[1] = REASON_CONNECT_TIMEOUT;
	pass(3600000);
	uint32_t looks = 0;
	time_ms began = world.now;
	bool recorded = false;
	while (!recorded && world.now - began < 7200000) {
		uint64_t one = ended(1, REASON_CONNECT_TIMEOUT, 20000);
		uint64_t two = ended(1, REASON_CONNECT_TIMEOUT, 20000);
		looks++;
		while (world.fates[one] == HELD || world.fates[two] == HELD)
			pass(1000);
		recorded = world.fates[one] == RECORDED;
		pass(20000);
	}
	assert_true(recorded);
	assert_int_equal(looks, DOUBT_ROUNDS_MIN);
	assert_true(world.now - began >= DOUBT_ROUNDS_SPAN_MS);
	assert_int_equal(world.began, 0);
	assert_true(world.pings_asked < 100);
}

/* Nobody else on the list speaks https: who answers in the clear can never vouch for a
 * certificate, so he is as good as nobody. */
static void nobody_else_has_a_certificate(void **state)
{
	(void)state;
	uint32_t looks = 0;
	time_ms began = world.now;
	bool recorded = false;
	while (!recorded && world.now - began < 7200000) {
		for (uint32_t site = 1; site < 6; site++) {
			struct doubt_facts plain = facts_of(site, REASON_OK, 10);
			plain.voice = DOUBT_OWN;
			note(&plain);
		}
		uint64_t expired = ended(50, REASON_TLS_EXPIRED, 10);
		looks++;
		while (world.fates[expired] == HELD)
			pass(1000);
		recorded = world.fates[expired] == RECORDED;
		pass(20000);
	}
	assert_true(recorded);
	assert_int_equal(looks, DOUBT_ROUNDS_MIN);
	assert_int_equal(world.began, 0);
	assert_true(world.pings_asked > 0 && world.links_asked == 0);
}

/* The same, but it is our line: the resolver is silent too. */
static void one_host_and_no_network(void **state)
{
	(void)state;
	ended(1, REASON_OK, 10);
	world.everybody = world.resolver = REASON_DNS_TIMEOUT;
	uint64_t from = world.ticket;
	for (int i = 0; i < 20; i++) {
		ended(1, REASON_DNS_TIMEOUT, 20000);
		pass(60000);
	}
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	assert_int_equal(count_fates(from, RECORDED), 0);
	world.everybody = world.resolver = REASON_OK;
	pass(DOUBT_CANARY_MAX_MS + 1000);
	assert_int_equal(now_state(), DOUBT_FINE);
}

/* Two hosts are watched; one is dead, the other vouches. Then both are silent. */
static void two_hosts(void **state)
{
	(void)state;
	all_well(1, 2);
	uint64_t dead = ended(1, REASON_CONNECT_REFUSED, 10);
	pass(10000);
	assert_int_equal(world.fates[dead], RECORDED);
	ended(1, REASON_OK, 10);
	world.everybody = REASON_CONNECT_TIMEOUT;
	uint64_t silent = ended(1, REASON_CONNECT_TIMEOUT, 0);
	pass(60000);
	assert_int_equal(world.fates[silent], AGAIN);
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	/* The resolver goes on answering for an hour: then it was them. */
	pass(DOUBT_OURS_MAX_MS + DOUBT_CANARY_MAX_MS);
	assert_int_equal(now_state(), DOUBT_FINE);
	assert_int_equal(world.began, 1);
}

/* --- portals ----------------------------------------------------------------------- */

static struct doubt_facts at_portal(uint32_t site, const char *host)
{
	struct doubt_facts facts = facts_of(site, REASON_OK, 10);
	facts.voice = DOUBT_FOREIGN;
	facts.end_domain = 77;
	snprintf(facts.portal, sizeof(facts.portal), "%s", host);
	return facts;
}

static void a_hotel(void **state)
{
	(void)state;
	all_well(0, 10);
	uint64_t from = world.ticket;
	world.everybody = REASON_CONNECT_TIMEOUT;
	for (uint32_t i = 0; i < 3; i++) {
		struct doubt_facts facts = at_portal(20 + i, "login.hotel.com");
		note(&facts);
	}
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	assert_int_equal(world.last.kind, DOUBT_KIND_CAPTIVE_PORTAL);
	assert_string_equal(world.last.portal, "login.hotel.com");
	pass(60000);
	assert_int_equal(count_fates(from, RECORDED), 0);
	world.everybody = REASON_OK;
	pass(DOUBT_CANARY_MAX_MS);
	assert_int_equal(now_state(), DOUBT_FINE);
}

/* A day later the same place raises no doubt again; what ends there waits for a word. */
static void a_house_of_several_domains(void **state)
{
	(void)state;
	all_well(0, 10);
	for (uint32_t i = 0; i < 3; i++) {
		struct doubt_facts facts = at_portal(20 + i, "new.example.org");
		note(&facts);
	}
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	pass(DOUBT_CANARY_MAX_MS);
	assert_int_equal(now_state(), DOUBT_FINE);
	uint64_t from = world.ticket;
	for (uint32_t i = 0; i < 9; i++) {
		struct doubt_facts facts = at_portal(20 + i, "new.example.org");
		note(&facts);
	}
	assert_int_equal(now_state(), DOUBT_FINE);
	assert_int_equal(count_fates(from, RECORDED), 0);
	struct doubt_facts other[3];
	for (uint32_t i = 0; i < 3; i++) {
		other[i] = at_portal(30 + i, "login.hotel.com");
		note(&other[i]);
	}
	assert_int_equal(now_state(), DOUBT_DOUBTING);
}

static void a_shortener_is_no_hotel(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 20; i++) {
		struct doubt_facts facts = at_portal(20 + i, "www.example.org");
		uint64_t ticket = note(&facts);
		assert_int_equal(world.fates[ticket], HELD);
		ended(1, REASON_OK, 10);
		ended(1, REASON_OK, 10);
		assert_int_not_equal(world.fates[ticket], HELD);
	}
	assert_int_equal(world.began, 0);
}

static void one_page_for_everybody(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3; i++) {
		struct doubt_facts facts = facts_of(i, REASON_OK, 10);
		facts.voice = DOUBT_OWN;
		facts.page = 4711;
		note(&facts);
	}
	assert_int_equal(world.last.kind, DOUBT_KIND_CAPTIVE_PORTAL);
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	assert_int_equal(world.fates[1], AGAIN);
	assert_int_equal(world.fates[2], AGAIN);
}

/* The page of a common server for what it does not have. */
static void one_page_of_links_that_were_bad(void **state)
{
	(void)state;
	all_well(0, 10);
	for (uint32_t i = 20; i < 24; i++) {
		struct doubt_facts facts = facts_of(i, REASON_OK, 10);
		facts.voice = DOUBT_OWN;
		facts.page = 4711;
		facts.expected = DOUBT_EXPECT_BAD;
		note(&facts);
	}
	assert_int_equal(now_state(), DOUBT_FINE);
}

/* --- clocks ------------------------------------------------------------------------ */

static void a_laptop_sleeps(void **state)
{
	(void)state;
	all_well(0, 10);
	/* In flight when the lid was closed; they end before the first tick. */
	uint64_t early = ended(50, REASON_TIMEOUT, 5000);
	world.slept += 8 * TIME_MS_PER_HOUR;
	world.now += 1000;
	world.everybody = REASON_NETWORK_UNREACHABLE;
	tick();
	assert_int_equal(now_state(), DOUBT_SETTLING);
	assert_int_equal(world.last.kind, DOUBT_KIND_SLEPT);
	assert_int_equal(world.fates[early], AGAIN);
	assert_int_equal(world.fates[ended(51, REASON_TIMEOUT, 5000)], AGAIN);
	/* The wireless network comes back within its rest, and a canary ends it. */
	pass(DOUBT_SETTLE_MS - 1000);
	assert_int_equal(world.links_asked, 0);
	world.everybody = REASON_OK;
	pass(2000);
	assert_int_equal(now_state(), DOUBT_FINE);
	assert_int_equal(world.began, 0);
	assert_int_equal(world.settled, 1);
	assert_int_equal(world.fates[ended(52, REASON_TIMEOUT, 30000)], AGAIN);
}

static void a_laptop_wakes_up_elsewhere(void **state)
{
	(void)state;
	all_well(0, 10);
	world.slept += TIME_MS_PER_HOUR;
	world.everybody = REASON_NETWORK_UNREACHABLE;
	pass(1000);
	assert_int_equal(now_state(), DOUBT_SETTLING);
	pass(DOUBT_SETTLE_MAX_MS + 1000);
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	assert_int_equal(world.last.kind, DOUBT_KIND_NO_NETWORK);
	assert_int_equal(world.began, 1);
}

static void clocks_that_jump(void **state)
{
	(void)state;
	all_well(0, 3);
	world.set -= TIME_MS_PER_HOUR;
	pass(1000);
	assert_int_equal(world.last.kind, DOUBT_KIND_CLOCK_JUMPED);
	assert_int_equal(world.last.clock_ahead_ms, -TIME_MS_PER_HOUR);
	pass(15000);
	assert_int_equal(now_state(), DOUBT_FINE);
	/* A correction of seconds is none. */
	world.set += 5000;
	pass(1000);
	assert_int_equal(now_state(), DOUBT_FINE);
	/* The program was stopped (SIGSTOP, a debugger, a machine that swaps). */
	world.now += DOUBT_STOP_MIN_MS;
	tick();
	assert_int_equal(now_state(), DOUBT_SETTLING);
	assert_int_equal(world.last.kind, DOUBT_KIND_STOPPED);
}

static void dated(uint32_t site, time_ms ahead)
{
	struct doubt_facts facts = facts_of(site, REASON_OK, 10);
	facts.has_date = true;
	facts.server_ahead_ms = ahead;
	note(&facts);
}

static void a_wrong_clock(void **state)
{
	(void)state;
	dated(1, INT64_MIN);
	dated(1, INT64_MAX);
	dated(1, -3 * TIME_MS_PER_DAY); /* one server's clock */
	dated(2, 0);
	assert_int_equal(world.began, 0);
	dated(2, -3 * TIME_MS_PER_DAY);
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	assert_int_equal(world.last.kind, DOUBT_KIND_WRONG_CLOCK);
	assert_int_equal(world.last.clock_ahead_ms, 3 * TIME_MS_PER_DAY);
	pass(600000); /* canaries answer, but none has said the right time */
	assert_int_equal(now_state(), DOUBT_DOUBTING);
	dated(1, 0);
	dated(2, 100);
	assert_int_equal(now_state(), DOUBT_FINE);
}

/* --- facts ------------------------------------------------------------------------- */

static void keep_facts(void *data, const struct observation *seen)
{
	doubt_facts_of(seen, data);
}

static void facts_of_observations(void **state)
{
	(void)state;
	static const struct {
		const char *story;
		enum doubt_voice voice;
		const char *portal;
	} cases[] = {
		{ "https://a.org/ 200", DOUBT_CERTIFIED, "" },
		{ "https://a.org/ 503", DOUBT_CERTIFIED, "" },
		{ "http://a.org/ 404", DOUBT_OWN, "" },
		{ "http://a.org/ 302 http://www.a.org/ 200", DOUBT_OWN, "" },
		{ "http://a.org/ 302 http://login.hotel.com:8080/p 200", DOUBT_FOREIGN,
			"login.hotel.com" },
		{ "http://a.org/ 302 https://login.hotel.com/p 200", DOUBT_FOREIGN,
			"login.hotel.com" },
		{ "http://a.org/ 301 http://b.org/ 200", DOUBT_OWN, "" },
		{ "https://a.org/ 302 http://b.org/ 200", DOUBT_CERTIFIED, "" },
		{ "http://a.org/ 511", DOUBT_FOREIGN, "" },
		{ "https://a.org/ connect_timeout", DOUBT_SILENT, "" },
		{ "https://a.org/ tls_expired", DOUBT_SILENT, "" },
		{ "https://a.org/ address_forbidden", DOUBT_NOT_ASKED, "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct doubt_facts facts;
		story_tell(slice_of(cases[i].story), 1, keep_facts, &facts);
		if (facts.voice != cases[i].voice)
			fail_msg("%s: %d", cases[i].story, (int)facts.voice);
		assert_string_equal(facts.portal, cases[i].portal);
		assert_int_equal(facts.domain, doubt_domain(SLICE("http://x.a.org:8/p")));
	}
	struct observation nothing = { .failure = REASON_OFFLINE };
	struct doubt_facts facts;
	doubt_facts_of(&nothing, &facts);
	assert_int_equal(facts.voice, DOUBT_NOT_ASKED);
}

/* The first hop answered, the second is dead: life of one domain, silence of another. */
static void chains_are_two_witnesses(void **state)
{
	(void)state;
	struct doubt_facts facts;
	all_well(5, 5);
	uint64_t other = ended(9, REASON_CONNECT_TIMEOUT, 10);
	story_tell(SLICE("https://a.org/ 302 https://b.org/ connect_timeout"), 1,
		keep_facts, &facts);
	assert_true(facts.answered_first);
	facts.link_id = 3;
	facts.asked_at = facts.ended_at = world.now;
	uint64_t chain = note(&facts);
	assert_int_equal(world.fates[other], RECORDED);
	assert_int_equal(world.fates[chain], HELD);
}

/* --- sentences, limits ------------------------------------------------------------- */

static void sentences(void **state)
{
	(void)state;
	struct buffer out;
	buffer_init(&out, 4096);
	struct doubt_status status = { .state = DOUBT_DOUBTING,
		.kind = DOUBT_KIND_MASS_FAILURE,
		.domains = 5,
		.reason = REASON_CONNECT_TIMEOUT };
	doubt_sentence(&status, &out);
	assert_slice(buffer_slice(&out),
		"This machine's network seems to fail: 5 unrelated sites failed "
		"(connect_timeout); nothing is held against any link, and checks pause "
		"until somebody answers; check the network connection and the "
		"firewall.");
	buffer_reset(&out);
	status = (struct doubt_status){ .state = DOUBT_SETTLING,
		.kind = DOUBT_KIND_SLEPT,
		.clock_ahead_ms = 2 * TIME_MS_PER_HOUR };
	doubt_sentence(&status, &out);
	assert_slice(buffer_slice(&out),
		"This machine slept for 2 h 0 min; links are checked again when "
		"somebody answers.");
	for (int kind = 0; kind <= DOUBT_KIND_CLOCK_JUMPED; kind++)
		for (int s = 0; s <= DOUBT_DOUBTING; s++) {
			buffer_reset(&out);
			status.kind = (enum doubt_kind)kind;
			status.state = (enum doubt_state)s;
			doubt_sentence(&status, &out);
			assert_true(out.len > 10 && out.at[out.len - 1] == '.');
		}
	buffer_fini(&out);
}

/* Any world, for a day: nothing is lost, everything held comes out, nothing asserts. */
static void a_day_in_any_world(void **state)
{
	(void)state;
	static const enum reason ends[] = { REASON_OK, REASON_CONNECT_TIMEOUT,
		REASON_DNS_TIMEOUT, REASON_DNS_NXDOMAIN, REASON_TLS_EXPIRED,
		REASON_NETWORK_UNREACHABLE, REASON_HTTP_MALFORMED };
	struct random random;
	random_init(&random, 7);
	for (int i = 0; i < 6000; i++) {
		uint64_t chance = random_below(&random, 1000);
		if (chance < 5)
			world.everybody = ends[random_below(&random, 7)];
		else if (chance < 10)
			world.resolver = ends[random_below(&random, 4)];
		else if (chance < 30)
			world.everybody = world.resolver = REASON_OK;
		else if (chance == 31)
			world.slept += 60000;
		else if (chance == 32)
			world.set += chance % 2 != 0 ? 90000 : -90000;
		uint32_t site = (uint32_t)random_below(&random, 6000);
		enum reason end = answer_of(site);
		if (random_below(&random, 20) == 0 && end == REASON_OK)
			end = ends[random_below(&random, 7)];
		struct doubt_facts facts =
			facts_of(site, end, (time_ms)random_below(&random, 30000));
		facts.expected = (enum doubt_expectation)random_below(&random, 3);
		note(&facts);
		pass((time_ms)random_below(&random, 3000));
	}
	world.everybody = world.resolver = REASON_OK;
	pass(DOUBT_HOLD_MS + 1000);
	assert_int_equal(count_fates(0, HELD), 0);
	assert_int_equal(now_state(), DOUBT_FINE);
	assert_int_equal(world.began + world.settled > 0, true);
}

static void cost(void **state)
{
	(void)state;
	enum { NOTES = 200000 };
	struct timespec before, after;
	clock_gettime(CLOCK_MONOTONIC, &before);
	for (uint32_t i = 0; i < NOTES; i++) {
		struct doubt_facts facts = facts_of(
			i % 6000, i % 20 == 0 ? REASON_CONNECT_TIMEOUT : REASON_OK, 10);
		uint64_t ticket;
		enum doubt_word word;
		doubt_note(world.doubt, &facts, i, world.now);
		while (doubt_next(world.doubt, &ticket, &word))
			;
		world.now++;
	}
	clock_gettime(CLOCK_MONOTONIC, &after);
	double us = ((double)(after.tv_sec - before.tv_sec) * 1e9 +
			    (double)(after.tv_nsec - before.tv_nsec)) /
		    1e3 / NOTES;
	print_message("a note takes %.3f us\n", us);
	assert_true(us < 20);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_dead_site_among_good_ones),
		T(statuses_over_https_are_never_held),
		T(an_idle_daemon_asks_a_canary),
		T(a_gap_wants_a_second_look),
		T(a_certificate_wants_a_certificate),
		T(a_host_dies_with_hundreds_of_links),
		T(too_many_are_asked_again),
		T(an_outage_in_the_middle),
		T(an_outage_before_anything_is_known),
		T(five_die_together),
		T(dead_sites_end_together),
		T(what_is_known_to_be_bad_is_no_witness),
		T(a_part_fails),
		T(a_part_comes_back),
		T(a_resolver_dies_for_a_minute),
		T(a_resolver_that_denies_everybody),
		T(silence_is_counted_at_the_resolver),
		T(silence_is_counted_after_a_reload),
		T(one_host_is_all_there_is),
		T(nobody_else_has_a_certificate),
		T(one_host_and_no_network),
		T(two_hosts),
		T(a_hotel),
		T(a_house_of_several_domains),
		T(a_shortener_is_no_hotel),
		T(one_page_of_links_that_were_bad),
		T(one_page_for_everybody),
		T(a_laptop_sleeps),
		T(a_laptop_wakes_up_elsewhere),
		T(clocks_that_jump),
		T(a_wrong_clock),
		T(facts_of_observations),
		T(chains_are_two_witnesses),
		T(sentences),
		T(a_day_in_any_world),
		T(cost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
