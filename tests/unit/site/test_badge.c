#include <jansson.h>
#include <time.h>

#include "base/utf8.h"
#include "site/badge_internal.h"
#include "unit/site/outside.h"

#define NOW (time_of_civil(2026, 11, 26, 2, 0, 0))

/* 1204 links as on a night: 1187 are well, 14 refuse robots and always have, 3 dead. */
static struct badge_facts night(void)
{
	struct badge_facts facts = {
		.by_state = { [STATE_ALIVE] = 1178,
			[STATE_MOVED] = 9,
			[STATE_DEAD] = 3,
			[STATE_GATED] = 14,
			[STATE_SKIPPED] = 70 },
		.measured_at = NOW - 4 * TIME_MS_PER_HOUR,
		.interval_ms = 7 * TIME_MS_PER_DAY,
		.now = NOW,
	};
	return facts;
}

static struct badge_facts some(uint32_t alive, uint32_t dead)
{
	struct badge_facts facts = { .measured_at = NOW - 1, .now = NOW };
	facts.by_state[STATE_ALIVE] = alive;
	facts.by_state[STATE_DEAD] = dead;
	return facts;
}

static void assert_badge(const struct badge_facts *facts, enum badge_kind kind,
	const char *message, enum badge_colour colour, bool is_error)
{
	struct badge badge = badge_of(facts, kind);
	assert_string_equal(badge.message, message);
	assert_int_equal(badge.colour, colour);
	assert_int_equal(badge.is_error, is_error);
}

static void says_what_is_confirmed(void **state)
{
	(void)state;
	struct badge_facts facts = night();
	struct badge_sums sums = badge_sums(&facts);

	assert_int_equal(sums.well, 1187);
	assert_int_equal(sums.dead, 3);
	assert_int_equal(sums.unknown, 14);
	assert_badge(&facts, BADGE_LINKS, "1187/1204 ok", BADGE_YELLOW, false);
	assert_badge(&facts, BADGE_DEAD, "3 dead", BADGE_YELLOW, false);
	assert_badge(&facts, BADGE_FRESH, "checked 4 h ago", BADGE_BRIGHTGREEN, false);
	facts.by_state[STATE_DEAD] = 0;
	assert_badge(&facts, BADGE_DEAD, "none dead", BADGE_BRIGHTGREEN, false);
	assert_slice(badge_of(&facts, BADGE_DEAD).label, "links");
}

/* The worst night there is: everything fails once, nothing is confirmed. */
static void no_bad_night_turns_it(void **state)
{
	(void)state;
	struct badge_facts well = { .now = NOW }, bad = { .now = NOW };

	for (int i = 0; i < 100; i++) {
		enum state confirmed = i < 90   ? STATE_ALIVE
				       : i < 95 ? STATE_MOVED
				       : i < 98 ? STATE_DEAD
						: STATE_UNCHECKED;
		enum state before =
			confirmed == STATE_UNCHECKED ? STATE_GATED : confirmed;
		badge_add(&well, before, confirmed, NOW - TIME_MS_PER_DAY, NOW);
		badge_add(&bad, i % 2 == 0 ? STATE_SUSPECT : STATE_GATED, confirmed, NOW,
			NOW);
	}
	struct badge before = badge_of(&well, BADGE_LINKS),
		     after = badge_of(&bad, BADGE_LINKS);
	assert_string_equal(before.message, "95/100 ok");
	assert_string_equal(after.message, before.message);
	assert_int_equal(after.colour, before.colour);
	assert_int_equal(after.colour, BADGE_ORANGE);
}

static void counts_add_up(void **state)
{
	(void)state;
	uint32_t random = 1;

	for (int round = 0; round < 200; round++) {
		struct badge_facts facts = { .now = NOW };
		uint64_t monitored = 0;
		for (int i = 0; i < round; i++) {
			random = random * 1664525u + 1013904223u;
			enum state now = (enum state)(random >> 8 & 0xff) % 7;
			enum state confirmed = (enum state)(random >> 16 & 0xff) % 7;
			badge_add(&facts, now, confirmed, NOW, 0);
			monitored += now != STATE_SKIPPED;
		}
		struct badge_sums sums = badge_sums(&facts);
		assert_int_equal(sums.well + sums.dead + sums.unknown, monitored);
		assert_true(sums.dead >= facts.by_state[STATE_DEAD]);
		assert_int_equal(sums.known, monitored > 0);
	}
}

static void colour_follows_the_share(void **state)
{
	(void)state;
	static const struct {
		uint32_t alive, dead;
		enum badge_colour colour;
	} cases[] = {
		{ 1, 0, BADGE_BRIGHTGREEN },
		{ 1000000, 0, BADGE_BRIGHTGREEN },
		{ 999999, 1, BADGE_YELLOW },
		{ 98, 2, BADGE_YELLOW },
		{ 979, 21, BADGE_ORANGE },
		{ 95, 5, BADGE_ORANGE },
		{ 949, 51, BADGE_RED },
		{ 0, 1, BADGE_RED },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct badge_facts facts = some(cases[i].alive, cases[i].dead);
		assert_int_equal(badge_of(&facts, BADGE_LINKS).colour, cases[i].colour);
		assert_int_equal(badge_of(&facts, BADGE_DEAD).colour, cases[i].colour);
	}
}

static void grey_when_stale(void **state)
{
	(void)state;
	static const struct {
		time_ms interval, age;
		bool stale;
	} cases[] = {
		{ 0, 2 * TIME_MS_PER_DAY, false }, { 0, 2 * TIME_MS_PER_DAY + 1, true },
		{ TIME_MS_PER_HOUR, 47 * TIME_MS_PER_HOUR, false },
		{ TIME_MS_PER_HOUR, 49 * TIME_MS_PER_HOUR, true },
		{ 7 * TIME_MS_PER_DAY, 14 * TIME_MS_PER_DAY, false },
		{ 7 * TIME_MS_PER_DAY, 14 * TIME_MS_PER_DAY + 1, true },
		{ 0, -TIME_MS_PER_DAY, false }, /* the clock stepped back */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct badge_facts facts = some(9, 1);
		facts.interval_ms = cases[i].interval;
		facts.measured_at = NOW - cases[i].age;
		assert_badge(&facts, BADGE_LINKS, "9/10 ok",
			cases[i].stale ? BADGE_LIGHTGREY : BADGE_RED, cases[i].stale);
		assert_int_equal(badge_sums(&facts).stale, cases[i].stale);
	}
}

/* A few stable links rest for a month: not old, as long as their time has not come. */
static void not_grey_while_nothing_is_overdue(void **state)
{
	(void)state;
	const time_ms checked_at = NOW - 20 * TIME_MS_PER_DAY;
	struct badge_facts rests = { .now = NOW }, late = { .now = NOW };

	for (int i = 0; i < 4; i++)
		badge_add(&rests, STATE_ALIVE, STATE_ALIVE, checked_at,
			NOW - TIME_MS_PER_DAY + i * TIME_MS_PER_HOUR);
	badge_add(&rests, STATE_UNCHECKED, STATE_UNCHECKED, 0, 0);
	badge_add(&rests, STATE_SKIPPED, STATE_ALIVE, NOW, checked_at);
	assert_badge(&rests, BADGE_LINKS, "4/5 ok", BADGE_BRIGHTGREEN, false);
	assert_badge(&rests, BADGE_FRESH, "checked 20 d ago", BADGE_BRIGHTGREEN, false);
	rests.counted_at = rests.now;
	rests.now += TIME_MS_PER_HOUR;
	assert_badge(&rests, BADGE_LINKS, "4/5 ok", BADGE_BRIGHTGREEN, false);
	rests.counted_at++;
	assert_badge(&rests, BADGE_LINKS, "4/5 ok", BADGE_LIGHTGREY, true);
	/* Nobody could look since. */
	rests.counted_at--;
	rests.now += 7 * TIME_MS_PER_DAY;
	assert_badge(&rests, BADGE_LINKS, "4/5 ok", BADGE_LIGHTGREY, true);
	badge_add(&late, STATE_ALIVE, STATE_ALIVE, NOW - TIME_MS_PER_DAY, NOW);
	badge_add(&late, STATE_DEAD, STATE_DEAD, checked_at, checked_at);
	assert_badge(&late, BADGE_LINKS, "1/2 ok", BADGE_RED, false);
}

static void unknown_is_an_answer(void **state)
{
	(void)state;
	struct badge_facts nothing = { .now = NOW }, new = { .now = NOW },
			   skipped = { .now = NOW }, gated = { .now = NOW };

	badge_add(&new, STATE_UNCHECKED, STATE_UNCHECKED, 0, 0);
	badge_add(&skipped, STATE_SKIPPED, STATE_UNCHECKED, NOW, NOW);
	badge_add(&gated, STATE_GATED, STATE_UNCHECKED, NOW, NOW);
	assert_badge(&nothing, BADGE_LINKS, "unknown", BADGE_LIGHTGREY, true);
	assert_badge(&new, BADGE_FRESH, "unknown", BADGE_LIGHTGREY, true);
	assert_badge(&skipped, BADGE_DEAD, "unknown", BADGE_LIGHTGREY, true);
	assert_badge(&gated, BADGE_LINKS, "unknown", BADGE_LIGHTGREY, true);
	assert_badge(&gated, BADGE_FRESH, "checked just now", BADGE_BRIGHTGREEN, false);
	assert_int_equal(badge_kind_of(SLICE("dead")), BADGE_DEAD);
	assert_int_equal(badge_kind_of(SLICE("fresh")), BADGE_FRESH);
	assert_int_equal(badge_kind_of(SLICE("links")), BADGE_LINKS);
	assert_int_equal(badge_kind_of(SLICE("")), BADGE_LINKS);
	assert_int_equal(badge_kind_of(SLICE("Dead\n")), BADGE_LINKS);
}

static void says_ages(void **state)
{
	(void)state;
	static const struct {
		time_ms s;
		const char *message;
	} cases[] = { { 59, "checked just now" }, { 60, "checked 1 min ago" },
		{ 3599, "checked 59 min ago" }, { 3600, "checked 1 h ago" },
		{ 47 * 3600, "checked 47 h ago" }, { 48 * 3600, "checked 2 d ago" },
		{ -5, "checked just now" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct badge_facts facts = some(1, 0);
		facts.measured_at = NOW - cases[i].s * TIME_MS_PER_S;
		assert_string_equal(
			badge_of(&facts, BADGE_FRESH).message, cases[i].message);
	}
}

/* Widths that shields itself has drawn millions of times: build | passing is 37 + 51. */
static void is_as_wide_as_shields(void **state)
{
	(void)state;
	struct buffer out;
	struct badge badge = {
		.label = SLICE("build"), .message = "passing", .colour = BADGE_BRIGHTGREEN
	};

	buffer_init(&out, 65536);
	badge_write_svg(&badge, &out);
	assert_false(out.failed);
	static const char *const parts[] = { "width=\"88\" height=\"20\"",
		"<rect width=\"37\" height=\"20\" fill=\"#555555\"/>",
		"<rect x=\"37\" width=\"51\" height=\"20\" fill=\"#44cc11\"/>",
		"x=\"195\" y=\"140\" fill=\"#fff\" transform=\"scale(.1)\" "
		"textLength=\"270\">build<",
		"x=\"615\" y=\"140\" fill=\"#fff\" transform=\"scale(.1)\" "
		"textLength=\"410\">passing<" };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_true(
			slice_find(buffer_slice(&out), slice_of(parts[i])) != SLICE_NONE);
	assert_true(out.len <= 2048);
	buffer_fini(&out);
	assert_int_equal(badge_text_width(SLICE("")), 0);
	assert_int_equal(badge_text_width(SLICE("m")) / 10, 1069); /* 10.699 px */
	assert_true(badge_text_width(SLICE("é")) > 0);
	assert_int_equal(
		badge_text_width(SLICE("e\xcc\x81")), badge_text_width(SLICE("e")));
	assert_int_equal(badge_text_width(SLICE("漢")), 11000);
}

static void text_is_dark_on_what_is_bright(void **state)
{
	(void)state;
	assert_true(badge_is_bright(0xffffff));
	assert_true(badge_is_bright(0xb1b1b1));  /* 0.694 */
	assert_false(badge_is_bright(0xafafaf)); /* 0.686 */
	assert_false(badge_is_bright(0x000000));
	/* Shields' own colours are all below, and so have white text. */
	for (int i = 0; i <= BADGE_LIGHTGREY; i++)
		assert_false(badge_is_bright(badge_colour_rgb((enum badge_colour)i)));
}

static const char *const hostile[] = { "<script>alert(1)</script>",
	"a\" onload=\"alert(1)", "a' b", "&lt;&#10;", "]]><!--", "\x01\x02\x7f",
	"\xff\xfe", "\xe2\x80\xae evil", "line\nline\ttab\r\n", "漢字 漢字",
	"\xf0\x9f\x92\x80", "e\xcc\x81\xcc\x81",
	"lllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll",
	"漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢漢", "%n%s",
	"Links", "\xe2\x80\x8b" };

static void survives_hostile_labels(void **state)
{
	(void)state;
	struct buffer out, clean;

	if (!outside_has("python3"))
		skip();
	buffer_init(&out, 1 << 20);
	buffer_init(&clean, 1024);
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		for (int kind = 0; kind <= BADGE_FRESH; kind++) {
			struct badge_facts facts = night();
			facts.label = slice_of(hostile[i]);
			struct badge badge = badge_of(&facts, (enum badge_kind)kind);
			buffer_reset(&clean);
			utf8_add_printable(&clean, facts.label, BADGE_LABEL_BYTES);
			buffer_add(&out, buffer_slice(&clean));
			buffer_printf(&out, ": %s\t", badge.message);
			badge_write_svg(&badge, &out);
		}
	assert_false(out.failed || clean.failed);
	assert_int_equal(outside_run("python3 tests/unit/site/check_badges.py",
				 buffer_slice(&out)),
		0);
	buffer_fini(&clean);
	buffer_fini(&out);
}

static void assert_allowed(json_t *badge)
{
	static const char *const allowed[] = { "schemaVersion", "label", "message",
		"color", "isError", "cacheSeconds" };
	const char *key;
	json_t *value;

	json_object_foreach(badge, key, value)
	{
		bool found = false;
		for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
			found |= strcmp(key, allowed[i]) == 0;
		assert_true(found);
	}
	assert_int_equal(json_integer_value(json_object_get(badge, "schemaVersion")), 1);
	assert_true(json_is_string(json_object_get(badge, "label")));
	assert_true(json_string_length(json_object_get(badge, "message")) > 0);
	assert_true(json_is_string(json_object_get(badge, "color")));
}

static void endpoint_has_allowed_keys_only(void **state)
{
	(void)state;
	struct buffer out;
	json_error_t error;

	buffer_init(&out, 65536);
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
		for (int stale = 0; stale < 2; stale++) {
			struct badge_facts facts = night();
			facts.label = slice_of(hostile[i]);
			facts.now += stale ? 60 * TIME_MS_PER_DAY : 0;
			struct badge badge = badge_of(&facts, BADGE_LINKS);
			buffer_reset(&out);
			assert_int_equal(badge_write_json(&badge, &out), 0);
			json_t *json = json_loadb(out.at, out.len, 0, &error);
			assert_non_null(json);
			assert_allowed(json);
			assert_string_equal(
				json_string_value(json_object_get(json, "color")),
				stale ? "lightgrey" : "yellow");
			assert_int_equal(
				json_is_true(json_object_get(json, "isError")), stale);
			json_decref(json);
		}
	buffer_fini(&out);
}

/* The goal is 10 us; ten times as much is a mistake, not a slow machine. */
static void is_quick(void **state)
{
	(void)state;
	enum { TIMES = 20000 };
	struct timespec begin, end;
	struct buffer out;
	struct badge_facts facts = night();

	buffer_init(&out, 65536);
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
	for (int i = 0; i < TIMES; i++) {
		buffer_reset(&out);
		facts.by_state[STATE_ALIVE]++;
		struct badge badge = badge_of(&facts, BADGE_LINKS);
		badge_write_svg(&badge, &out);
	}
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	double us = ((double)(end.tv_sec - begin.tv_sec) * 1e9 +
			    (double)(end.tv_nsec - begin.tv_nsec)) /
		    1e3 / TIMES;
	printf("score: a badge of %zu bytes takes %.2f us\n", out.len, us);
	assert_true(us < 100);
	buffer_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_confirmed),
		cmocka_unit_test(no_bad_night_turns_it),
		cmocka_unit_test(counts_add_up),
		cmocka_unit_test(colour_follows_the_share),
		cmocka_unit_test(grey_when_stale),
		cmocka_unit_test(not_grey_while_nothing_is_overdue),
		cmocka_unit_test(unknown_is_an_answer),
		cmocka_unit_test(says_ages),
		cmocka_unit_test(is_as_wide_as_shields),
		cmocka_unit_test(text_is_dark_on_what_is_bright),
		cmocka_unit_test(survives_hostile_labels),
		cmocka_unit_test(endpoint_has_allowed_keys_only),
		cmocka_unit_test(is_quick),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
