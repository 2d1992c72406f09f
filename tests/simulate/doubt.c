#include "simulate/doubt.h"

#include <assert.h>

#include "base/hash.h"
#include "simulate/script.h"

/* The monotonic clock at the start of a script: as of a machine that runs for a while. */
static const time_ms MONOTONIC_START = 5000000;

void doubt_world_init(struct doubt_world *world)
{
	world->network.voice = DOUBT_CERTIFIED;
}

void doubt_world_fini(struct doubt_world *world)
{
	struct site *site;
	while ((site = world->sites) != NULL) {
		world->sites = site->next;
		free(site);
	}
	doubt_free(world->doubt);
}

static time_ms now_of(const struct script *script)
{
	return MONOTONIC_START + script->world.now / TIME_US_PER_MS;
}

/* --- what doubt says --------------------------------------------------------------- */

static void settle_result(struct script *script, uint64_t ticket, enum doubt_word word)
{
	struct result *result = &script->doubt.results[ticket];
	if (result->fate != FATE_HELD || word == DOUBT_HOLD)
		complain(script, "expected each held result once, got one again");
	result->fate = word == DOUBT_RECORD ? FATE_RECORDED : FATE_AGAIN;
}

/* An end is that of a doubt; settling ends for the log only. */
static void hear_change(struct doubt_world *world)
{
	bool doubting = world->last.state == DOUBT_DOUBTING;
	world->began += doubting ? 1 : 0;
	world->ended += world->doubting && !doubting ? 1 : 0;
	world->settled += world->last.state == DOUBT_SETTLING ? 1 : 0;
	world->doubting = doubting;
}

static void listen(struct script *script)
{
	struct doubt_world *world = &script->doubt;
	uint64_t ticket;
	enum doubt_word word;
	while (doubt_next(world->doubt, &ticket, &word))
		settle_result(script, ticket, word);
	while (doubt_next_change(world->doubt, &world->last))
		hear_change(world);
}

/* --- checks ------------------------------------------------------------------------ */

/* How a check differs from one of a good link that took no time. */
struct ask {
	enum doubt_expectation expected;
	time_ms taking_ms;
	bool has_date;
	time_ms server_ahead_ms;
};

/* A portal sees what goes over plain http; a certificate it has not. */
static struct manner manner_of(const struct doubt_world *world, const struct site *site)
{
	struct manner own = site->manner;
	switch (world->network.voice) {
	case DOUBT_SILENT:
		return world->network;
	case DOUBT_FOREIGN:
		if (own.voice == DOUBT_OWN)
			return world->network;
		return (struct manner){ .voice = DOUBT_SILENT,
			.failure = REASON_TLS_UNTRUSTED };
	case DOUBT_NOT_ASKED:
	case DOUBT_CERTIFIED:
	case DOUBT_OWN:
		return own;
	}
	return own;
}

static struct doubt_facts facts_of(
	const struct script *script, const struct site *site, const struct ask *ask)
{
	struct manner manner = manner_of(&script->doubt, site);
	uint64_t domain = hash_bytes(slice_of(site->name), 0) | 1;
	struct doubt_facts facts = { .voice = manner.voice,
		.failure = manner.failure,
		.domain = domain,
		.end_domain = domain,
		.page = manner.page,
		.link_id = site->link_id,
		.expected = ask->expected,
		.asked_at = now_of(script) - ask->taking_ms,
		.ended_at = now_of(script) };
	if (manner.voice == DOUBT_FOREIGN) {
		facts.end_domain = hash_bytes(slice_of(manner.portal), 0) | 1;
		snprintf(facts.portal, sizeof(facts.portal), "%s", manner.portal);
	}
	if (manner.voice == DOUBT_CERTIFIED || manner.voice == DOUBT_OWN) {
		facts.has_date = ask->has_date;
		facts.server_ahead_ms = ask->server_ahead_ms;
	}
	return facts;
}

/* A check of that site ends now. */
static void end_check(struct script *script, struct site *site, const struct ask *ask)
{
	struct doubt_world *world = &script->doubt;
	struct doubt_facts facts = facts_of(script, site, ask);
	if (world->result_count + 1 == RESULTS_MAX) {
		misread(script, "fewer checks");
		return;
	}
	site->ticket = ++world->result_count;
	struct result *result = &world->results[site->ticket];
	result->bad = facts.voice == DOUBT_SILENT || facts.voice == DOUBT_FOREIGN;
	result->fate = FATE_HELD;
	enum doubt_word word =
		doubt_note(world->doubt, &facts, site->ticket, now_of(script));
	if (word != DOUBT_HOLD)
		settle_result(script, site->ticket, word);
	listen(script);
}

static struct site *site_of_link(struct doubt_world *world, int64_t link_id)
{
	struct site *site = world->sites;
	while (site != NULL && site->link_id != link_id)
		site = site->next;
	assert(site != NULL);
	return site;
}

static void serve(struct script *script)
{
	static const struct ask plain = { .expected = DOUBT_EXPECT_GOOD };
	struct doubt_world *world = &script->doubt;
	time_ms now = now_of(script);
	int64_t link_id = 0;
	for (int i = 0; i < 10; i++)
		switch (doubt_wants(world->doubt, now, &link_id)) {
		case DOUBT_WANTS_NOTHING:
			return;
		case DOUBT_WANTS_RESOLVER:
			world->pings++;
			doubt_pong(world->doubt, world->resolver, now);
			listen(script);
			break;
		case DOUBT_WANTS_LINK:
			world->canaries++;
			end_check(script, site_of_link(world, link_id), &plain);
			break;
		}
	complain(script, "expected canaries with pauses, got ten at once");
}

static void tick(struct script *script)
{
	struct doubt_world *world = &script->doubt;
	struct doubt_clocks clocks = { .now = now_of(script),
		.boot = now_of(script) + world->slept_ms,
		.wall = watch_wall(script) };
	doubt_tick(world->doubt, &clocks);
	listen(script);
	serve(script);
}

/* The first use begins the daemon's life. */
static struct doubt_world *begin(struct script *script)
{
	struct doubt_world *world = &script->doubt;
	if (world->doubt == NULL) {
		world->doubt = doubt_new(now_of(script));
		assert(world->doubt != NULL);
		tick(script);
	}
	return world;
}

/* A second at a time, as a daemon lives. */
static void pass(struct script *script, time_us span)
{
	const time_us step = DOUBT_TICK_MS * TIME_US_PER_MS;
	for (; span > 0 && script->complaint[0] == '\0'; span -= step) {
		script->world.now += span < step ? span : step;
		tick(script);
	}
}

/* --- sentences --------------------------------------------------------------------- */

static struct site *site_named(struct script *script, struct slice name)
{
	struct doubt_world *world = begin(script);
	for (struct site *at = world->sites; at != NULL; at = at->next)
		if (slice_equal(slice_of(at->name), name))
			return at;
	struct site *site = calloc(1, sizeof(*site));
	assert(site != NULL);
	snprintf(site->name, sizeof(site->name), "%.*s", SLICE_ARG(name));
	site->link_id = ++world->site_count;
	site->manner.voice = DOUBT_CERTIFIED;
	site->next = world->sites;
	world->sites = site;
	return site;
}

/* ok | plain [page N] | portal HOST | REASON */
static struct manner take_manner(struct script *script)
{
	struct manner manner = { .voice = DOUBT_CERTIFIED };
	if (word_is(script, "plain")) {
		manner.voice = DOUBT_OWN;
		if (word_is(script, "page"))
			manner.page = take_positive(script);
	} else if (word_is(script, "portal")) {
		struct slice host = take_word(script, "a host");
		manner.voice = DOUBT_FOREIGN;
		snprintf(manner.portal, sizeof(manner.portal), "%.*s", SLICE_ARG(host));
	} else {
		manner.failure = take_reason(script);
		if (manner.failure != REASON_OK)
			manner.voice = DOUBT_SILENT;
	}
	return manner;
}

/* site NAME MANNER */
void do_site(struct script *script)
{
	struct site *site = site_named(script, take_word(script, "a site"));
	site->manner = take_manner(script);
}

/* NAME1, NAME2, … */
static struct site *site_of_row(struct script *script, struct slice name, uint32_t number)
{
	char text[SITE_NAME_SIZE];
	snprintf(text, sizeof(text), "%.*s%u", SLICE_ARG(name), number);
	return site_named(script, slice_of(text));
}

/* sites NAME N MANNER */
void do_sites(struct script *script)
{
	struct slice name = take_word(script, "a name");
	uint32_t count = take_count(script);
	struct manner manner = take_manner(script);
	for (uint32_t i = 1; i <= count && !script->wrong; i++)
		site_of_row(script, name, i)->manner = manner;
}

/* network ok|REASON|portal HOST */
void do_network(struct script *script)
{
	struct manner manner = take_manner(script);
	if (manner.voice == DOUBT_OWN)
		misread(script, "ok, a reason or a portal");
	begin(script)->network = manner;
}

/* resolver ok|REASON */
void do_resolver(struct script *script)
{
	begin(script)->resolver = take_reason(script);
}

static struct ask take_ask(struct script *script)
{
	struct ask ask = { .expected = DOUBT_EXPECT_GOOD };
	while (script->at < script->count && !script->wrong) {
		if (word_is(script, "new")) {
			ask.expected = DOUBT_EXPECT_NOTHING;
		} else if (word_is(script, "bad")) {
			ask.expected = DOUBT_EXPECT_BAD;
		} else if (word_is(script, "taking")) {
			ask.taking_ms = take_time(script) / TIME_US_PER_MS;
		} else if (word_is(script, "behind")) {
			ask.has_date = true;
			ask.server_ahead_ms = -(take_time(script) / TIME_US_PER_MS);
		} else if (word_is(script, "ahead")) {
			ask.has_date = true;
			ask.server_ahead_ms = take_time(script) / TIME_US_PER_MS;
		} else {
			misread(script, "new, bad, taking, ahead or behind");
		}
	}
	return ask;
}

/* ask NAME [FACTS] */
void do_ask(struct script *script)
{
	struct site *site = site_named(script, take_word(script, "a site"));
	struct ask ask = take_ask(script);
	if (!script->wrong)
		end_check(script, site, &ask);
}

/* ask-each NAME N every D [FACTS] */
void do_ask_each(struct script *script)
{
	struct slice name = take_word(script, "a name");
	uint32_t count = take_count(script);
	if (!word_is(script, "every"))
		misread(script, "every");
	time_us every = take_time(script);
	struct ask ask = take_ask(script);
	for (uint32_t i = 1; i <= count && script->complaint[0] == '\0'; i++) {
		end_check(script, site_of_row(script, name, i), &ask);
		pass(script, every);
	}
}

/* pass D */
void do_pass(struct script *script)
{
	begin(script);
	pass(script, take_time(script));
}

/* sleep D: only the monotonic clock stands still. */
void do_sleep(struct script *script)
{
	time_ms span = take_time(script) / TIME_US_PER_MS;
	begin(script)->slept_ms += span;
	script->watch.step_ms += span;
}

/* --- expectations ------------------------------------------------------------------ */

static void compare_text(struct script *script, const char *actual)
{
	struct slice want = take_word(script, "a word");
	if (!slice_equal(want, slice_of(actual)))
		complain(script, "expected %.*s, got %s", SLICE_ARG(want), actual);
}

static void compare_count(struct script *script, uint64_t actual)
{
	uint32_t low = take_count(script);
	uint32_t high = script->at < script->count ? take_count(script) : low;
	if (actual < low || actual > high)
		complain(script, "expected %u to %u, got %llu", low, high,
			(unsigned long long)actual);
}

static uint64_t count_bad(const struct doubt_world *world, enum fate fate)
{
	uint64_t count = 0;
	for (uint64_t i = 1; i <= world->result_count; i++)
		if (world->results[i].bad && world->results[i].fate == fate)
			count++;
	return count;
}

static void expect_doubt_state(struct script *script)
{
	struct doubt_status status;
	doubt_status(script->doubt.doubt, &status);
	bool may = doubt_may_dispatch(script->doubt.doubt);
	compare_text(script, doubt_state_text(status.state));
	if (may != (status.state == DOUBT_FINE))
		complain(script, "expected links to be asked while fine, and only then");
}

/* expect doubt WHAT ... */
void expect_doubt(struct script *script)
{
	struct doubt_world *world = begin(script);
	if (word_is(script, "state"))
		expect_doubt_state(script);
	else if (word_is(script, "kind"))
		compare_text(script, doubt_kind_text(world->last.kind));
	else if (word_is(script, "portal"))
		compare_text(script, world->last.portal);
	else if (word_is(script, "began"))
		compare_count(script, world->began);
	else if (word_is(script, "ended"))
		compare_count(script, world->ended);
	else if (word_is(script, "settled"))
		compare_count(script, world->settled);
	else if (word_is(script, "canaries"))
		compare_count(script, world->canaries);
	else if (word_is(script, "pings"))
		compare_count(script, world->pings);
	else if (word_is(script, "recorded"))
		compare_count(script, count_bad(world, FATE_RECORDED));
	else if (word_is(script, "held"))
		compare_count(script, count_bad(world, FATE_HELD));
	else if (word_is(script, "again"))
		compare_count(script, count_bad(world, FATE_AGAIN));
	else
		misread(script, "what is expected of doubt");
}

/* expect site NAME unasked|recorded|held|again */
void expect_site(struct script *script)
{
	static const char *const texts[] = { "unasked", "recorded", "held", "again" };
	struct site *site = site_named(script, take_word(script, "a site"));
	compare_text(script, texts[script->doubt.results[site->ticket].fate]);
}
