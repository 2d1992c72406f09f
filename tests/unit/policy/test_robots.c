/* policy/robots: RFC 9309, first by Google's own cases, then by tables of our own. */
#include "lib/test.h"

#include <jansson.h>

#include "policy/robots.h"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 8 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static struct robots parse(struct slice text, const char *agent)
{
	struct robots robots;
	arena_reset(&arena);
	assert_int_equal(robots_parse(&arena, text, slice_of(agent), &robots), 0);
	return robots;
}

static bool permits(const char *text, const char *agent, const char *target)
{
	struct robots robots = parse(slice_of(text), agent);
	return robots_permits(&robots, slice_of(target));
}

/* --- Google's cases ---------------------------------------------------------------- */

static struct slice json_slice(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	return (struct slice){ json_string_value(value), json_string_length(value) };
}

static void add_base64(struct buffer *out, struct slice text)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	unsigned bit_count = 0;
	for (size_t i = 0; i < text.len && text.at[i] != '='; i++) {
		size_t digit = slice_find_char(SLICE(digits), text.at[i]);
		assert_true(digit < 64);
		bits = bits << 6 | (uint32_t)digit;
		bit_count += 6;
		if (bit_count < 8)
			continue;
		bit_count -= 8;
		buffer_add_char(out, (char)(unsigned char)(bits >> bit_count & 0xFF));
	}
	assert_false(out->failed);
}

/* Path, parameters and query of whatever the suite calls a URL, without its fragment. */
static void add_target(struct buffer *out, struct slice url)
{
	size_t scheme = slice_find(url, SLICE("://")), start = 0;
	if (scheme != SLICE_NONE)
		start = scheme + 3;
	while (start < url.len && memchr("/?;", url.at[start], 3) == NULL)
		start++;
	struct slice target = slice_sub(url, start, url.len);
	target = slice_sub(target, 0, slice_find_char(target, '#'));
	if (!slice_starts(target, SLICE("/")))
		buffer_add_char(out, '/');
	buffer_add(out, target);
}

static bool score_case(const json_t *item)
{
	struct slice agent = json_slice(item, "agent"), url = json_slice(item, "url"),
		     plain = json_slice(item, "robots");
	struct buffer text, target;
	struct robots robots;
	bool allowed = json_is_true(json_object_get(item, "allowed"));

	buffer_init(&text, 1 << 20);
	buffer_init(&target, 1 << 20);
	buffer_add(&text, plain);
	if (plain.at == NULL)
		add_base64(&text, json_slice(item, "robots_base64"));
	add_target(&target, url);
	arena_reset(&arena);
	assert_int_equal(robots_parse(&arena, buffer_slice(&text), agent, &robots), 0);
	bool right = robots_permits(&robots, buffer_slice(&target)) == allowed;
	if (!right)
		print_message("wrong: \"%.*s\" for \"%.*s\" by \"%.*s\"\n",
			SLICE_ARG(slice_sub(url, 0, 200)), SLICE_ARG(agent),
			SLICE_ARG(slice_sub(buffer_slice(&text), 0, 400)));
	buffer_fini(&text);
	buffer_fini(&target);
	return right;
}

static void google_cases(void **state)
{
	(void)state;
	const char *path = test_shared("suites/robots.json");
	if (path == NULL)
		skip();
	struct buffer text;
	json_error_t error;
	size_t i, right = 0;
	json_t *item;

	buffer_init(&text, 16 << 20);
	test_read(path, &text);
	json_t *cases = json_loadb(text.at, text.len, JSON_ALLOW_NUL, &error);
	if (cases == NULL)
		fail_msg("%s: %s", path, error.text);
	json_array_foreach(cases, i, item) right += score_case(item);
	print_message("score: robots.json %zu/%zu\n", right, json_array_size(cases));
	assert_int_equal(json_array_size(cases), 145);
	assert_int_equal(right, 145);
	json_decref(cases);
	buffer_fini(&text);
}

/* --- our own ----------------------------------------------------------------------- */

struct question {
	const char *text, *agent, *target;
	bool permitted;
};

static void ask(const struct question *questions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct question *q = &questions[i];
		if (permits(q->text, q->agent, q->target) != q->permitted)
			fail_msg("%zu: %s for %s by \"%s\"", i, q->target, q->agent,
				q->text);
	}
}

#define ASK(questions) ask((questions), sizeof(questions) / sizeof((questions)[0]))

static void groups(void **state)
{
	(void)state;
	static const struct question questions[] = {
		/* ours, merged, wherever it stands; everybody's only without one */
		{ "User-agent: us\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\n"
		  "User-agent: US\nDisallow: /b",
			"us", "/a", false },
		{ "User-agent: us\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\n"
		  "User-agent: US\nDisallow: /b",
			"us", "/b", false },
		{ "User-agent: us\nDisallow: /a\n\nUser-agent: *\nDisallow: /\n\n"
		  "User-agent: US\nDisallow: /b",
			"us", "/c", true },
		{ "User-agent: *\nDisallow: /\nUser-agent: us\nDisallow:", "us", "/",
			true },
		{ "User-agent: *\nDisallow: /\nUser-agent: us", "us", "/", true },
		{ "User-agent: *\nDisallow: /\n", "us", "/", false },
		{ "User-agent: *\nDisallow: /x\nUser-agent: *\nDisallow: /y", "us", "/y",
			false },
		{ "User-agent: them\nDisallow: /\n", "us", "/", true },
		/* several names, one group; lines that are no rules do not part them */
		{ "User-agent: them\n\nUser-agent: us\nUser-agent: you\nDisallow: /",
			"us", "/", false },
		{ "User-agent: us\nSitemap: https://x/\nHost: x\nUser-agent: you\n"
		  "Disallow: /",
			"us", "/", false },
		{ "User-agent: us\nCrawl-delay: 5\nUser-agent: you\nDisallow: /", "us",
			"/", false },
		/* an empty Disallow is a rule as far as groups go */
		{ "User-agent: us\nDisallow:\nUser-agent: you\nDisallow: /", "us", "/",
			true },
		/* rules of nobody */
		{ "Disallow: /\nUser-agent: *\nDisallow: /x", "us", "/", true },
		/* the whole token, and what may stand behind it */
		{ "User-agent: usual\nDisallow: /", "us", "/", true },
		{ "User-agent: us-bot\nDisallow: /", "us", "/", true },
		{ "User-agent: us_\nDisallow: /", "us", "/", true },
		{ "User-agent: u\nDisallow: /", "us", "/", true },
		{ "User-agent: us/2.0 (x)\nDisallow: /", "us", "/", false },
		{ "User-agent: us*\nDisallow: /", "us", "/", false },
		{ "User-agent: bot9\nDisallow: /", "bot9", "/", false },
		{ "User-agent: * # all\nDisallow: /", "us", "/", false },
		{ "User-agent: * us\nDisallow: /", "them", "/", false },
		{ "User-agent: *us\nDisallow: /", "them", "/", true },
		{ "User-agent:\nDisallow: /", "", "/", true },
		{ "User-agent: *\nDisallow: /", "", "/", false },
	};
	ASK(questions);
}

static void lines(void **state)
{
	(void)state;
	static const struct question questions[] = {
		{ "", "us", "/", true },
		{ "User-agent: *\rDisallow: /\r", "us", "/", false },
		{ "User-agent: *\r\nDisallow: /x\r\n\r\nDisallow: /y\r\n", "us", "/y",
			false },
		{ "\xEF\xBB\xBFUser-agent: *\nDisallow: /", "us", "/", false },
		{ " \tUser-agent\t :\t*\t\n  Disallow :/ ", "us", "/", false },
		{ "uSER-aGENT:*\ndISALLOW:/", "us", "/", false },
		{ "User-agent: *\n# Disallow: /\nDisallow: # /\n", "us", "/", true },
		{ "User-agent: *\nDisallow: /a#b", "us", "/a", false },
		{ "User-agent: *\nDisallow: /a b", "us", "/a b", false },
		{ "User-agent: *\nDisallow: /a:b", "us", "/a", true },
		{ "User-agent: *\n: /\n:\n\nDisallow\n/\n", "us", "/", true },
		{ "<html><body>Disallow: /</body></html>", "us", "/", true },
		/* what is read as meant, and what is not */
		{ "user-agent *\ndisallow /", "us", "/", false },
		{ "user-agent *\ndisallow /a b", "us", "/a b", true },
		{ "useragent: *\ndisalow: /", "us", "/", false },
		{ "user agent: *\ndissallow: /", "us", "/", false },
		{ "User-agent: *\nDisallowed: /", "us", "/", true },
	};
	ASK(questions);
}

static void patterns(void **state)
{
	(void)state;
	static const struct question questions[] = {
		{ "User-agent: *\nDisallow: /", "us", "/robots.txt", true },
		{ "User-agent: *\nDisallow: /", "us", "", false },
		{ "User-agent: *\nDisallow: /$", "us", "", false },
		{ "User-agent: *\nDisallow: x", "us", "/x", true },
		{ "User-agent: *\nDisallow: *x", "us", "/ax", false },
		{ "User-agent: *\nDisallow: *", "us", "/", false },
		{ "User-agent: *\nDisallow: $", "us", "/", true },
		{ "User-agent: *\nDisallow: *$", "us", "/any", false },
		/* the longest decides, whatever the order; Allow among equals */
		{ "User-agent: *\nAllow: /a/b\nDisallow: /a", "us", "/a/b/c", true },
		{ "User-agent: *\nDisallow: /a\nAllow: /a/b", "us", "/a/c", false },
		{ "User-agent: *\nDisallow: /*b\nAllow: /ab", "us", "/ab", true },
		{ "User-agent: *\nDisallow: /***b\nAllow: /ab", "us", "/ab", false },
		{ "User-agent: *\nDisallow: /a\xC3\xA4\nAllow: /a*****", "us", "/a%c3%A4",
			false },
		/* "*" tries no place twice and still finds the right ones */
		{ "User-agent: *\nDisallow: /a*b*c", "us", "/a-c-b-c", false },
		{ "User-agent: *\nDisallow: /a*b*c", "us", "/a-c-b", true },
		{ "User-agent: *\nDisallow: /*ab$", "us", "/ab-ab", false },
		{ "User-agent: *\nDisallow: /*aab$", "us", "/aaab", false },
		{ "User-agent: *\nDisallow: /a*a$", "us", "/a", true },
		{ "User-agent: *\nDisallow: /a*$", "us", "/a", false },
		{ "User-agent: *\nDisallow: /*?", "us", "/a?b", false },
		{ "User-agent: *\nDisallow: /*?", "us", "/a", true },
		{ "User-agent: *\nDisallow: /a$b", "us", "/a$bc", false },
		{ "User-agent: *\nDisallow: /a$$", "us", "/a$", false },
		{ "User-agent: *\nDisallow: /a$$", "us", "/a$b", true },
		/* one form of percent-encoding, nothing decoded */
		{ "User-agent: *\nDisallow: /%7e%2f", "us", "/%7E%2F", false },
		{ "User-agent: *\nDisallow: /%7E", "us", "/%7e", false },
		{ "User-agent: *\nDisallow: /\xC3\xA4", "us", "/%C3%A4", false },
		{ "User-agent: *\nDisallow: /%c3%a4", "us", "/\xC3\xA4", false },
		{ "User-agent: *\nDisallow: /a%2Fb", "us", "/a/b", true },
		{ "User-agent: *\nDisallow: /%2A", "us", "/x", true },
		{ "User-agent: *\nDisallow: /%", "us", "/%", false },
		{ "User-agent: *\nDisallow: /%g1", "us", "/%G1", true },
		{ "User-agent: *\nDisallow: /%e", "us", "/%E", true },
		/* the index page stands for its directory, in Allow only */
		{ "User-agent: *\nDisallow: /\nAllow: /d/index.html", "us", "/d/", true },
		{ "User-agent: *\nDisallow: /\nAllow: /d/index.html", "us", "/d/x",
			false },
		{ "User-agent: *\nDisallow: /d/index.html", "us", "/d/", true },
		{ "User-agent: *\nDisallow: /\nAllow: index.html", "us", "/", false },
	};
	ASK(questions);
}

static void crawl_delays(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		time_ms delay;
	} cases[] = {
		{ "User-agent: *\nDisallow: /", -1 },
		{ "User-agent: *\nCrawl-delay: 15", 15000 },
		{ "user-agent: us\ncrawl-DELAY:1.5 # s", 1500 },
		{ "User-agent: *\nCrawl-delay: 0", 0 },
		{ "User-agent: *\nCrawl-delay: .25", 250 },
		{ "User-agent: *\nCrawl-delay: 2.", 2000 },
		{ "User-agent: *\nCrawl-delay: 0.0019999999999", 1 },
		{ "User-agent: *\nCrawl-delay: 60", 60000 },
		{ "User-agent: *\nCrawl-delay: 60.5", 60000 },
		{ "User-agent: *\nCrawl-delay: 86400", 60000 },
		{ "User-agent: *\nCrawl-delay: 99999999999999999999999999", 60000 },
		{ "User-agent: *\nCrawl-delay:", -1 },
		{ "User-agent: *\nCrawl-delay: .", -1 },
		{ "User-agent: *\nCrawl-delay: -1", -1 },
		{ "User-agent: *\nCrawl-delay: +1", -1 },
		{ "User-agent: *\nCrawl-delay: 1e3", -1 },
		{ "User-agent: *\nCrawl-delay: 1.2.3", -1 },
		{ "User-agent: *\nCrawl-delay: 10s", -1 },
		{ "User-agent: *\nCrawl-delay: nan", -1 },
		/* the longest of the chosen groups */
		{ "User-agent: *\nCrawl-delay: 5\nCrawl-delay: 9\nCrawl-delay: 7", 9000 },
		{ "User-agent: *\nCrawl-delay: 5\nUser-agent: us\nDisallow: /x", -1 },
		{ "User-agent: us\nCrawl-delay: 5\nUser-agent: *\nCrawl-delay: 9", 5000 },
		{ "Crawl-delay: 5\nUser-agent: us\nDisallow: /x", -1 },
		/* for whom it was named, though the rules are for all of them */
		{ "User-agent: slurp\nCrawl-delay: 30\n\nUser-agent: *\nDisallow: /x",
			-1 },
		{ "User-agent: *\nCrawl-delay: 3\n\nUser-agent: slurp\nCrawl-delay: 30",
			3000 },
		{ "User-agent: slurp\nUser-agent: *\nCrawl-delay: 3", 3000 },
		{ "User-agent: *\nDisallow: /x\nUser-agent: slurp\nCrawl-delay: 3", -1 },
		{ "User-agent: *\nDisallow: /x\nCrawl-delay: 3", 3000 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (parse(slice_of(cases[i].text), "us").crawl_delay_ms != cases[i].delay)
			fail_msg("%zu: \"%s\"", i, cases[i].text);
}

static void kept_rules(void **state)
{
	(void)state;
	struct robots robots = parse(
		SLICE("User-agent: *\nDisallow: /b\nDisallow:\nAllow: /b\nDisallow: "
		      "/\xE4%c3\nAllow: /d/index.htm\nUser-agent: x\nDisallow: /z"),
		"us");
	static const struct {
		const char *pattern;
		bool allow;
	} expected[] = { { "/d/index.htm", true }, { "/%E4%C3", false }, { "/d/$", true },
		{ "/b", true }, { "/b", false } };

	assert_int_equal(robots.rule_count, 5);
	for (size_t i = 0; i < 5; i++) {
		assert_slice(robots.rules[i].pattern, expected[i].pattern);
		assert_int_equal(robots.rules[i].allow, expected[i].allow);
	}
}

static void add_times(struct buffer *text, const char *line, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buffer_add_text(text, line);
	assert_false(text->failed);
}

static void ceilings(void **state)
{
	(void)state;
	struct buffer text;
	buffer_init(&text, 8 << 20);

	/* A rule beyond the ceiling of text is not read, nor half of one. */
	buffer_add_text(&text, "User-agent: *\n");
	while (text.len < ROBOTS_TEXT_BYTES_MAX - 13 - 11)
		buffer_add_char(&text, '\n');
	buffer_add_text(&text, "Disallow: /x\n");
	buffer_add_text(&text, "Disallow: /y\n");
	assert_true(text.len > ROBOTS_TEXT_BYTES_MAX);
	struct robots robots = parse(buffer_slice(&text), "us");
	assert_int_equal(robots.rule_count, 1);
	assert_false(robots_permits(&robots, SLICE("/x")));
	assert_true(robots_permits(&robots, SLICE("/y")));

	/* Exactly as long as the ceiling is whole. */
	buffer_truncate(&text, ROBOTS_TEXT_BYTES_MAX - 12);
	buffer_add_text(&text, "\nDisallow:/z");
	assert_int_equal(text.len, ROBOTS_TEXT_BYTES_MAX);
	robots = parse(buffer_slice(&text), "us");
	assert_false(robots_permits(&robots, SLICE("/z")));

	buffer_reset(&text);
	buffer_add_text(&text, "User-agent: *\n");
	add_times(&text, "Disallow:*b\n", ROBOTS_STARRED_MAX + 1);
	add_times(&text, "Allow: /a\n", 20000);
	buffer_add_text(&text, "Disallow: /last\n");
	robots = parse(buffer_slice(&text), "us");
	assert_int_equal(robots.rule_count, ROBOTS_STARRED_MAX + 20000 + 1);
	assert_false(robots_permits(&robots, SLICE("/last")));
	assert_true(robots_permits(&robots, SLICE("/c")));

	/* A longer line is cut, and the rest of it is no line of its own. */
	buffer_reset(&text);
	buffer_add_text(&text, "User-agent: *\nDisallow: /");
	add_times(&text, "a", ROBOTS_LINE_BYTES_MAX * 2);
	buffer_add_text(&text, "\nDisallow: /b\n");
	robots = parse(buffer_slice(&text), "us");
	assert_int_equal(robots.rule_count, 2);
	assert_int_equal(robots.rules[0].pattern.len,
		ROBOTS_LINE_BYTES_MAX - strlen("Disallow: "));
	buffer_fini(&text);
}

/* Would take for ever with a matcher that goes back. */
static void stars_cost_nothing(void **state)
{
	(void)state;
	struct buffer text, target;
	buffer_init(&text, 1 << 20);
	buffer_init(&target, 1 << 20);
	buffer_add_text(&text, "User-agent: *\n");
	for (size_t i = 0; i < 30; i++) {
		buffer_add_text(&text, "Disallow: /");
		add_times(&text, "*a", 8000);
		buffer_add_text(&text, "*b$\n");
	}
	buffer_add_char(&target, '/');
	add_times(&target, "a", 16000);
	struct robots robots = parse(buffer_slice(&text), "us");
	assert_int_equal(robots.rule_count, 30);
	assert_true(robots_permits(&robots, buffer_slice(&target)));
	buffer_add_char(&target, 'b');
	assert_false(robots_permits(&robots, buffer_slice(&target)));

	/* A target beyond its ceiling is judged by its beginning. */
	add_times(&target, "\xFF", ROBOTS_TARGET_BYTES_MAX);
	assert_true(robots_permits(&robots, buffer_slice(&target)));
	buffer_fini(&text);
	buffer_fini(&target);
}

/* Every place where memory can end: -1, and nothing is forbidden by half a list. */
static void out_of_memory(void **state)
{
	(void)state;
	struct slice text = SLICE("User-agent: *\nCrawl-delay: 3\nDisallow: /a\n"
				  "Allow: /b/index.html\nDisallow: /c");
	unsigned refused = 0;
	for (size_t room = 0; room < 1024; room += 16) {
		struct arena small;
		struct robots robots;
		arena_init(&small, room);
		if (robots_parse(&small, text, SLICE("us"), &robots) < 0) {
			refused++;
			assert_int_equal(robots.rule_count, 0);
			assert_int_equal(robots.crawl_delay_ms, -1);
			assert_true(robots_permits(&robots, SLICE("/a")));
		} else {
			assert_int_equal(robots.rule_count, 4);
		}
		arena_fini(&small);
	}
	assert_true(refused >= 4 && refused < 60);
}

static void agents(void **state)
{
	(void)state;
	assert_slice(
		robots_agent(SLICE("linkrotd/1.0 (+https://x.example/)")), "linkrotd");
	assert_slice(robots_agent(SLICE("linkrotd (https://x.example/)")), "linkrotd");
	assert_slice(robots_agent(SLICE(" linkrotd")), "linkrotd");
	assert_slice(robots_agent(SLICE("linkrotd")), "linkrotd");
	assert_slice(robots_agent(SLICE("/1.0")), "");
	assert_slice(robots_agent(SLICE("")), "");
}

static void access_by_answer(void **state)
{
	(void)state;
	for (int status = 100; status < 1000; status++) {
		enum robots_access expected = status / 100 == 2   ? ROBOTS_ACCESS_BY_RULES
					      : status / 100 == 5 ? ROBOTS_ACCESS_CLOSED
								  : ROBOTS_ACCESS_FREE;
		if (robots_access(REASON_OK, status) != expected)
			fail_msg("%d", status);
	}
	for (unsigned i = 0; i < REASON_COUNT; i++)
		if (i != REASON_OK &&
			robots_access((enum reason)i, 0) != ROBOTS_ACCESS_FREE)
			fail_msg("%s", reason_text((enum reason)i));
	assert_int_equal(robots_access(REASON_REDIRECT_LOOP, 302), ROBOTS_ACCESS_FREE);
	assert_int_equal(
		robots_access(REASON_REDIRECT_FORBIDDEN, 302), ROBOTS_ACCESS_FREE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(google_cases),
		cmocka_unit_test(groups),
		cmocka_unit_test(lines),
		cmocka_unit_test(patterns),
		cmocka_unit_test(crawl_delays),
		cmocka_unit_test(kept_rules),
		cmocka_unit_test(ceilings),
		cmocka_unit_test(stars_cost_nothing),
		cmocka_unit_test(out_of_memory),
		cmocka_unit_test(agents),
		cmocka_unit_test(access_by_answer),
	};
	return cmocka_run_group_tests_name("robots", tests, set_up, tear_down);
}
