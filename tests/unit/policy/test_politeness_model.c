/* The pacer against a slow model that knows only the promises.
 *
 * The model keeps the plain facts (who asked when, which request left when) and finds out
 * by looking at all of them what may start; it shares no idea with the pacer of how to
 * find that out fast. After every step of a random run it asks: was this grant allowed?
 * was it the right one of its host? is there none although one could start? is the
 * deadline the first moment at which one could? did anyone overtake a host twice? */
#include "lib/test.h"

#include "base/random.h"
#include "policy/politeness.h"

enum { HOSTS = 6, TURNS = 40, STEPS = 6000, SEEDS = 40 };
#define NEVER INT64_MAX

struct model_turn {
	enum turn_state state;
	uint32_t host;
	time_us askable_at; /* when it came, or its earliest time if later */
	uint64_t came;      /* breaks ties */
	time_us granted_at;
};

struct model_host {
	uint32_t concurrency;
	time_us interval_us;
	bool started;
	time_us last_start, paused_until;
	uint32_t overtaken[HOSTS]; /* grants of others since it could have started */
};

struct model {
	struct random random;
	struct pacer *pacer;
	struct turn turns[TURNS];
	struct model_turn facts[TURNS];
	struct model_host hosts[HOSTS];
	uint32_t total;
	uint64_t came;
	time_us now;
	uint64_t grants;
};

static struct slice key_of(uint32_t host)
{
	static const char keys[HOSTS][4] = { "a", "b", "c", "dd", "", "eee" };
	return slice_of(keys[host]);
}

static uint32_t chance(struct model *model, uint32_t limit)
{
	return (uint32_t)random_below(&model->random, limit);
}

static uint32_t count_active(const struct model *model, uint32_t host, bool unsent_only)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < TURNS; i++) {
		const struct model_turn *turn = &model->facts[i];
		if (host != HOSTS && turn->host != host)
			continue;
		count += turn->state == TURN_GRANTED;
		count += turn->state == TURN_SENT && !unsent_only;
	}
	return count;
}

/* The first moment at which a turn of this host could start if nothing else happened. */
static time_us could_start_at(const struct model *model, uint32_t number)
{
	const struct model_host *host = &model->hosts[number];
	time_us at = NEVER;
	if (count_active(model, number, false) >= host->concurrency)
		return NEVER;
	if (host->interval_us > 0 && count_active(model, number, true) > 0)
		return NEVER;
	for (uint32_t i = 0; i < TURNS; i++) {
		const struct model_turn *turn = &model->facts[i];
		if (turn->state == TURN_WAITING && turn->host == number &&
			turn->askable_at < at)
			at = turn->askable_at;
	}
	if (at == NEVER)
		return NEVER;
	if (host->started && host->last_start + host->interval_us > at)
		at = host->last_start + host->interval_us;
	if (host->paused_until > at)
		at = host->paused_until;
	return at > model->now ? at : model->now;
}

static time_us first_start(const struct model *model)
{
	time_us first = NEVER;
	if (count_active(model, HOSTS, false) >= model->total)
		return NEVER;
	for (uint32_t i = 0; i < HOSTS; i++) {
		time_us at = could_start_at(model, i);
		first = at < first ? at : first;
	}
	return first;
}

/* First come, first served, by the moment from which each might have been asked. */
static uint32_t first_of(const struct model *model, uint32_t host)
{
	uint32_t first = TURNS;
	for (uint32_t i = 0; i < TURNS; i++) {
		const struct model_turn *turn = &model->facts[i];
		if (turn->state != TURN_WAITING || turn->host != host)
			continue;
		if (first == TURNS || turn->askable_at < model->facts[first].askable_at ||
			(turn->askable_at == model->facts[first].askable_at &&
				turn->came < model->facts[first].came))
			first = i;
	}
	return first;
}

static void check_overtaking(struct model *model, uint32_t granted)
{
	for (uint32_t i = 0; i < HOSTS; i++) {
		if (i == granted || could_start_at(model, i) > model->now)
			memset(model->hosts[i].overtaken, 0,
				sizeof(model->hosts[i].overtaken));
		else
			assert_true(++model->hosts[i].overtaken[granted] <= 1);
	}
}

static void start(struct model_host *host, time_us at)
{
	if (!host->started || at > host->last_start)
		host->last_start = at;
	host->started = true;
}

/* Forget the grants counted for hosts that could not start any longer. */
static void forget_overtaking(struct model *model)
{
	for (uint32_t i = 0; i < HOSTS; i++)
		if (could_start_at(model, i) > model->now)
			memset(model->hosts[i].overtaken, 0,
				sizeof(model->hosts[i].overtaken));
}

static void take_grants(struct model *model, uint32_t most)
{
	while (most-- > 0) {
		struct turn *turn = pacer_next(model->pacer, model->now);
		time_us first = first_start(model);
		if (turn == NULL) {
			assert_true(first > model->now);
			return;
		}
		assert_true(first <= model->now);
		uint32_t number = (uint32_t)(turn - model->turns);
		struct model_turn *fact = &model->facts[number];
		assert_int_equal(fact->state, TURN_WAITING);
		assert_int_equal(turn->state, TURN_GRANTED);
		assert_true(could_start_at(model, fact->host) <= model->now);
		assert_int_equal(number, first_of(model, fact->host));
		check_overtaking(model, fact->host);
		fact->state = TURN_GRANTED;
		fact->granted_at = model->now;
		model->grants++;
		if (chance(model, 3) > 0) {
			pacer_sent(model->pacer, turn, model->now);
			fact->state = TURN_SENT;
			start(&model->hosts[fact->host], model->now);
		}
	}
}

static void step_turn(struct model *model, uint32_t number)
{
	struct turn *turn = &model->turns[number];
	struct model_turn *fact = &model->facts[number];
	struct model_host *host = &model->hosts[fact->host];

	switch (fact->state) {
	case TURN_NONE:
		fact->host = chance(model, HOSTS);
		fact->askable_at = model->now;
		if (chance(model, 4) == 0)
			fact->askable_at += chance(model, 300);
		fact->came = model->came++;
		fact->state = TURN_WAITING;
		assert_int_equal(pacer_wait(model->pacer, turn, key_of(fact->host),
					 fact->askable_at, model->now),
			0);
		break;
	case TURN_WAITING:
		if (chance(model, 8) > 0)
			return;
		pacer_done(model->pacer, turn, model->now);
		fact->state = TURN_NONE;
		break;
	case TURN_GRANTED:
		if (chance(model, 4) == 0) {
			pacer_done(model->pacer, turn, model->now);
			fact->state = TURN_NONE;
			start(host, fact->granted_at);
			return;
		}
		pacer_sent(model->pacer, turn, model->now);
		fact->state = TURN_SENT;
		start(host, model->now);
		break;
	case TURN_SENT:
		pacer_done(model->pacer, turn, model->now);
		fact->state = TURN_NONE;
		break;
	}
}

static void step_host(struct model *model, uint32_t number)
{
	struct model_host *host = &model->hosts[number];
	if (chance(model, 3) > 0) {
		time_us until = model->now + chance(model, 400);
		pacer_pause(model->pacer, key_of(number), until, model->now);
		if (until > host->paused_until)
			host->paused_until = until;
		return;
	}
	host->concurrency = 1 + chance(model, 3);
	host->interval_us = chance(model, 3) > 0 ? (time_us)chance(model, 60) : 0;
	assert_int_equal(pacer_set_host(model->pacer, key_of(number), host->concurrency,
				 host->interval_us),
		0);
}

static void check_view(const struct model *model)
{
	struct pacer_view views[HOSTS];
	uint32_t count = pacer_busy_hosts(model->pacer, views, HOSTS);
	uint32_t waiting = 0, active = 0, waiting_here = 0;

	for (uint32_t i = 0; i < count; i++) {
		assert_true(views[i].waiting + views[i].active > 0);
		assert_true(i == 0 || views[i].waiting <= views[i - 1].waiting);
		waiting += views[i].waiting;
		active += views[i].active;
	}
	for (uint32_t i = 0; i < TURNS; i++)
		waiting_here += model->facts[i].state == TURN_WAITING;
	assert_int_equal(waiting, waiting_here);
	assert_int_equal(active, count_active(model, HOSTS, false));
}

static void begin(struct model *model, uint64_t seed)
{
	struct pacer_limits limits;

	*model = (struct model){ 0 };
	random_init(&model->random, seed);
	limits.concurrency_total = 1 + chance(model, 6);
	limits.concurrency = 1 + chance(model, 3);
	limits.interval_us = chance(model, 2) > 0 ? 1 + (time_us)chance(model, 80) : 0;
	limits.hosts_max = chance(model, 3);
	model->total = limits.concurrency_total;
	for (uint32_t i = 0; i < HOSTS; i++) {
		model->hosts[i].concurrency = limits.concurrency;
		model->hosts[i].interval_us = limits.interval_us;
	}
	model->pacer = pacer_new(&limits);
	assert_non_null(model->pacer);
}

static void run(uint64_t seed, bool eager)
{
	struct model model;
	begin(&model, seed);
	for (uint32_t i = 0; i < STEPS; i++) {
		step_turn(&model, chance(&model, TURNS));
		forget_overtaking(&model);
		if (chance(&model, 40) == 0)
			step_host(&model, chance(&model, HOSTS));
		forget_overtaking(&model);
		assert_int_equal(
			pacer_deadline(model.pacer, model.now), first_start(&model));
		take_grants(&model, eager ? TURNS : chance(&model, 3));
		assert_int_equal(
			pacer_deadline(model.pacer, model.now), first_start(&model));
		if (chance(&model, 3) == 0)
			model.now += chance(&model, 40);
		else if (chance(&model, 3) == 0 && first_start(&model) != NEVER)
			model.now = first_start(&model);
		if (i % 64 == 0)
			check_view(&model);
	}
	assert_true(model.grants > STEPS / 100);
	for (uint32_t i = 0; i < TURNS; i++)
		pacer_done(model.pacer, &model.turns[i], model.now);
	pacer_free(model.pacer);
}

static void random_runs_keep_every_promise(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run(seed, seed % 2 == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_runs_keep_every_promise),
	};
	return cmocka_run_group_tests_name("politeness model", tests, NULL, NULL);
}
