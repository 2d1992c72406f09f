#include "simulate/script.h"

static void compare_count(struct script *script, uint32_t expected, uint32_t actual)
{
	if (expected != actual)
		complain(script, "expected %u, got %u", expected, actual);
}

static void compare_time(struct script *script, time_us expected, time_us actual)
{
	char want[32], have[32];
	if (expected != actual)
		complain(script, "expected %s, got %s", span_text(expected, want),
			span_text(actual, have));
}

static void expect_grant(struct script *script)
{
	struct slice name = take_word(script, "the name of a request");
	struct actor *actor = world_next(&script->world);
	if (actor == NULL)
		complain(script, "expected a grant for %.*s, got none", SLICE_ARG(name));
	else if (!slice_equal(slice_of(actor->name), name))
		complain(script, "expected a grant for %.*s, got one for %s",
			SLICE_ARG(name), actor->name);
}

static void expect_none(struct script *script)
{
	struct actor *actor = world_next(&script->world);
	if (actor != NULL)
		complain(script, "expected no grant, got one for %s", actor->name);
}

static void expect_deadline(struct script *script)
{
	struct world *world = &script->world;
	time_us expected = word_is(script, "never") ? INT64_MAX : take_time(script);
	compare_time(script, expected, pacer_deadline(world_pacer(world), world->now));
}

static void expect_started(struct script *script)
{
	struct actor *actor = take_actor(script);
	if (actor == NULL)
		return;
	if (word_is(script, "never")) {
		compare_count(script, 0, actor->starts);
		return;
	}
	time_us expected = take_time(script);
	if (actor->starts == 0)
		complain(script, "expected a start, got none");
	else
		compare_time(script, expected, actor->started_at);
}

static void expect_spacing(struct script *script)
{
	struct server *server = take_server(script);
	time_us least = take_time(script);
	char want[32], have[32];
	if (server->gap_min < least)
		complain(script, "expected at least %s between starts, got %s",
			span_text(least, want), span_text(server->gap_min, have));
}

static void expect_peak(struct script *script)
{
	uint32_t actual = word_is(script, "total") ? script->world.active_peak
						   : take_server(script)->active_peak;
	compare_count(script, take_count(script), actual);
}

static void expect_waiting(struct script *script)
{
	struct pacer_view views[64];
	struct slice host = take_word(script, "a host");
	uint32_t expected = take_count(script), actual = 0;
	uint32_t count = pacer_busy_hosts(world_pacer(&script->world), views, 64);
	for (uint32_t i = 0; i < count; i++)
		if (slice_equal(views[i].key, host))
			actual = views[i].waiting;
	compare_count(script, expected, actual);
}

static void expect_flag(struct script *script, bool actual)
{
	if (!actual)
		complain(script, "expected %.*s, got the contrary",
			SLICE_ARG(script->words[script->at - 1]));
}

/* expect again [after MIN MAX] [with GET|HEAD] [http1] [fresh] [family] [free] */
static void expect_again(struct script *script)
{
	const struct retry_decision *decision = &script->world.decision;
	char low[32], high[32], have[32];
	if (!decision->again) {
		complain(script, "expected another try, got none");
		return;
	}
	if (word_is(script, "after")) {
		time_us from = take_time(script), to = take_time(script);
		time_us actual = decision->delay_ms * TIME_US_PER_MS;
		if (actual < from || actual > to)
			complain(script, "expected a delay of %s to %s, got %s",
				span_text(from, low), span_text(to, high),
				span_text(actual, have));
	}
	if (word_is(script, "with")) {
		struct slice method = take_word(script, "GET or HEAD");
		if (!slice_equal(method, slice_of(method_text(decision->method))))
			complain(script, "expected %.*s, got %s", SLICE_ARG(method),
				method_text(decision->method));
	}
	if (word_is(script, "http1"))
		expect_flag(script, decision->http1_only);
	if (word_is(script, "fresh"))
		expect_flag(script, decision->fresh_connection);
	if (word_is(script, "family"))
		expect_flag(script, decision->switch_family);
	if (word_is(script, "free"))
		expect_flag(script, !decision->counts);
}

static void expect_final(struct script *script)
{
	if (script->world.decision.again)
		complain(script, "expected the end, got another try");
}

static void expect_pause(struct script *script)
{
	time_us expected = word_is(script, "none") ? 0 : take_time(script);
	compare_time(
		script, expected, script->world.decision.host_pause_ms * TIME_US_PER_MS);
}

static void expect_starts(struct script *script)
{
	uint32_t actual = take_server(script)->starts;
	compare_count(script, take_count(script), actual);
}

const struct sentence expectations[] = {
	{ "grant", expect_grant },
	{ "none", expect_none },
	{ "deadline", expect_deadline },
	{ "started", expect_started },
	{ "starts", expect_starts },
	{ "spacing", expect_spacing },
	{ "peak", expect_peak },
	{ "waiting", expect_waiting },
	{ "again", expect_again },
	{ "final", expect_final },
	{ "pause", expect_pause },
	{ "link", expect_link },
	{ "doubt", expect_doubt },
	{ "site", expect_site },
	{ "news", expect_news },
	{ "silence", expect_silence },
	{ "incident", expect_incident },
	{ "incidents", expect_incidents },
	{ NULL, NULL },
};
