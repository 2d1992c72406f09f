#include "lib/test.h"

#include "ask/facts.h"
#include "sources/sources.h"

#define AT (1764115200 * TIME_MS_PER_S)

static struct link answered(const char *url, enum reason reason)
{
	return (struct link){
		.kind = LINK_HTTP,
		.url = slice_of(url),
		.result = { .done = true,
			.asked = true,
			.verdict = { .outcome = reason_outcome(reason),
				.reason = reason },
			.elapsed_ms = 41 },
	};
}

static const struct link_record unknown = { 0 };

/* NXDOMAIN convinces early only where the name is all that could be gone: not behind a
 * redirect, and not that of one host among others. */
static void tells_a_whole_domain(void **state)
{
	(void)state;
	static const struct {
		const char *url;
		bool single_hop, whole;
	} cases[] = {
		{ "https://example.org/x", true, true },
		{ "https://example.org/x", false, false },
		{ "https://www.example.org/x", true, false },
		{ "https://example.co.uk/", true, true },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct link link = answered(cases[i].url, REASON_DNS_NXDOMAIN);
		const struct sighting seen = { .single_hop = cases[i].single_hop };
		assert_int_equal(facts_of(&link, &seen, &unknown, AT).whole_domain,
			cases[i].whole);
		link = answered(cases[i].url, REASON_DNS_SERVFAIL);
		assert_false(facts_of(&link, &seen, &unknown, AT).whole_domain);
	}
}

static void second_method_needs_a_question(void **state)
{
	(void)state;
	struct link link = answered("https://a.example/", REASON_HTTP_404);
	const struct sighting seen = { .second_method = true };
	assert_true(facts_of(&link, &seen, &unknown, AT).second_method);
	assert_int_equal(facts_of(&link, &seen, &unknown, AT).elapsed_ms, 41);
	link.result.asked = false;
	assert_false(facts_of(&link, &seen, &unknown, AT).second_method);
	assert_int_equal(facts_of(&link, &seen, &unknown, AT).elapsed_ms, -1);
}

/* A suggestion is a target only where the server itself has moved the page. */
static void only_a_move_has_a_target(void **state)
{
	(void)state;
	const struct sighting seen = { 0 };
	struct link link = answered("https://a.example/", REASON_REDIRECT_PERMANENT);
	link.result.verdict.suggestion.url = SLICE("https://b.example/");
	uint64_t target = facts_of(&link, &seen, &unknown, AT).target_hash;
	assert_true(target != 0);
	link.result.verdict.suggestion.url = SLICE("https://c.example/");
	assert_true(facts_of(&link, &seen, &unknown, AT).target_hash != target);
	link.result.verdict.outcome = OUTCOME_BROKEN;
	assert_true(facts_of(&link, &seen, &unknown, AT).target_hash == 0);
}

static void numbers_of_a_repository(void **state)
{
	(void)state;
	const struct sighting seen = { 0 };
	struct link link = answered("https://github.com/a/b", REASON_OK);
	link.result.verdict.repository_id = 5;
	link.result.verdict.owner_id = 9;
	const struct check_facts facts = facts_of(&link, &seen, &unknown, AT);
	assert_int_equal(facts.repository_id, 5);
	assert_int_equal(facts.owner_id, 9);
}

static void plain_http_is_what_answered(void **state)
{
	(void)state;
	static const struct {
		const char *final_url;
		int status;
		bool plain;
	} cases[] = {
		{ "http://a.example/", 200, true },
		{ "http://a.example/", 403, true },
		{ "https://a.example/", 200, false },
		{ "", 0, false },
	};
	const struct sighting seen = { 0 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct link link = answered("https://a.example/", REASON_OK);
		link.result.final_url = slice_of(cases[i].final_url);
		link.result.http_status = cases[i].status;
		assert_int_equal(
			facts_of(&link, &seen, &unknown, AT).plain_http, cases[i].plain);
	}
}

static void what_was_not_seen_stays_known(void **state)
{
	(void)state;
	const struct store_texts known = {
		.final_url = SLICE("https://a.example/page"),
		.title = SLICE("A Page"),
		.error = SLICE("Timed out."),
		.etag = SLICE("\"1\""),
	};
	const struct sighting seen = { .etag = SLICE("\"2\"") };
	struct link link = answered("https://a.example/", REASON_HTTP_404);
	link.result.http_status = 404;
	struct store_texts texts = facts_texts(&link, &seen, &known);
	assert_slice(texts.title, "A Page");
	assert_slice(texts.final_url, "https://a.example/page");
	assert_slice(texts.error, "");
	assert_slice(texts.etag, "\"1\"");
	assert_false(facts_same_texts(&texts, &known));
	assert_true(facts_same_texts(&known, &known));
	link.result.http_status = 200;
	assert_slice(facts_texts(&link, &seen, &known).etag, "\"2\"");
}

/* The way is of the last check that was answered, if only by the first of its hosts. */
static void redirects_are_what_was_seen_last(void **state)
{
	(void)state;
	const struct hop hops[] = {
		{ .status = 301, .via = HOP_VIA_STATUS, .target = SLICE("https://b/") },
		{ .status = 200, .via = HOP_VIA_NONE },
	};
	const struct observation seen = { .hops = hops, .hop_count = 2 };
	const struct request request = { 0 };
	struct arena arena;
	arena_init(&arena, 4096);
	struct sighting sighting = sighting_of(&arena, &request, &seen);
	assert_slice(sighting.redirects, "301 https://b/\n");

	const struct store_texts known = { .final_url = SLICE("https://c/"),
		.redirects = SLICE("302 https://c/\n") };
	struct link link = answered("https://a.example/", REASON_CONNECT_REFUSED);
	struct store_texts texts = facts_texts(&link, &sighting, &known);
	assert_slice(texts.redirects, "301 https://b/\n");
	assert_slice(texts.final_url, "");
	assert_false(facts_same_texts(&texts, &known));
	sighting = (struct sighting){ 0 };
	assert_slice(facts_texts(&link, &sighting, &known).redirects, "302 https://c/\n");
	link.result.final_url = SLICE("https://a.example/");
	assert_slice(facts_texts(&link, &sighting, &known).redirects, "");
	arena_fini(&arena);
}

static void events_follow_from_the_change(void **state)
{
	(void)state;
	struct event events[STORE_RESULT_EVENTS_MAX];
	const struct check_facts facts = { .at = AT, .reason = REASON_HTTP_404 };
	struct health_change change = { .from = STATE_ALIVE, .to = STATE_ALIVE };
	assert_int_equal(facts_events(&change, &facts, 7, 0, events), 0);
	change.to = STATE_SUSPECT;
	change.content_changed = change.flapping_began = true;
	assert_int_equal(facts_events(&change, &facts, 7, 9, events), 3);
	assert_int_equal(events[0].kind, EVENT_STATE);
	assert_int_equal(events[0].from, STATE_ALIVE);
	assert_int_equal(events[0].to, STATE_SUSPECT);
	assert_int_equal(events[0].link_id, 7);
	assert_int_equal(events[0].incident_id, 9);
	assert_int_equal(events[1].kind, EVENT_FLAPPING);
	assert_int_equal(events[2].kind, EVENT_CONTENT_CHANGED);
	change.quiet = true;
	assert_int_equal(facts_events(&change, &facts, 7, 0, events), 2);
}

static void an_input_holds_its_documents(void **state)
{
	(void)state;
	static const struct {
		const char *input, *document;
		bool holds;
	} cases[] = {
		{ "a.md", "a.md", true },
		{ "a.md", "a.mdx", false },
		{ "docs", "docs/sub/a.md", true },
		{ "docs//", "docs/a.md", true },
		{ "docs", "docs2/a.md", false },
		{ ".", "./a.md", true },
		{ ".", ".a.md", false },
		{ "/", "/a.md", true },
		{ "*.md", "a.md", true },
		{ "*.md", "docs/a.md", false },
		{ "docs/*.md", "docs/a.md", true },
		{ "docs/*.md", "docs/x/a.md", false },
		{ "docs/*", "docs/x/y/a.md", true },
		{ "/s/**/*.md", "/s/a.md", true },
		{ "/s/**/*.md", "/s/x/y/a.md", true },
		{ "/s/**/*.md", "/t/x/a.md", false },
		{ "./**/*.md", "./x/a.md", true },
		{ "**", "x/y/a.md", true },
		{ "https://a.example/l", "https://a.example/l", true },
		{ "https://a.example/l", "https://a.example/l/x", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (source_holds(cases[i].input, cases[i].document) != cases[i].holds)
			fail_msg("%s and %s", cases[i].input, cases[i].document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_whole_domain),
		cmocka_unit_test(second_method_needs_a_question),
		cmocka_unit_test(only_a_move_has_a_target),
		cmocka_unit_test(numbers_of_a_repository),
		cmocka_unit_test(plain_http_is_what_answered),
		cmocka_unit_test(what_was_not_seen_stays_known),
		cmocka_unit_test(redirects_are_what_was_seen_last),
		cmocka_unit_test(events_follow_from_the_change),
		cmocka_unit_test(an_input_holds_its_documents),
	};
	return cmocka_run_group_tests_name("facts", tests, NULL, NULL);
}
