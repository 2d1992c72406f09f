/* The two pictures: what the paths say, and that gaps stay gaps. */
#include "lib/test.h"

#include <string.h>

#include "site/picture.h"

#define DAY(n) (time_of_civil(2026, 11, 1, 0, 0, 0) + (time_ms)(n)*TIME_MS_PER_DAY)

static struct buffer out;

static int set_up(void **state)
{
	(void)state;
	buffer_init(&out, 1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buffer_fini(&out);
	return 0;
}

static void expect_text(const char *text)
{
	if (strstr(buffer_string(&out), text) == NULL)
		fail_msg("not in the picture: %s\n%s", text, buffer_string(&out));
}

/* The path of a class, all of it. */
static void expect_path(const char *name, const char *path)
{
	struct buffer element;
	buffer_init(&element, 4096);
	buffer_printf(&element, "<path class=\"%s\" d=\"%s\"/>", name, path);
	expect_text(buffer_string(&element));
	buffer_fini(&element);
}

static void test_latency(void **state)
{
	const struct picture_latency points[] = {
		{ DAY(0), DAY(2), 10, 50, 100 },
		{ DAY(3), DAY(3), 20, 20, 20 },
		{ DAY(4), DAY(4), -1, -1, -1 }, /* nothing was measured */
		{ DAY(5), DAY(10), 0, 0, 100 },
	};
	(void)state;

	assert_true(picture_add_latency(&out, "a", points, 4, DAY(0), DAY(10), 0));
	expect_path("mean", "M0 50H200L300 80H304M500 100H1000");
	expect_path("band",
		"M0 0H200L300 80H304L304 80H300L200 90H0ZM500 0H1000L1000 100H500Z");
	expect_text("<title id=\"a-t\">How long it took</title>");
	expect_text("<desc id=\"a-d\">From 2026-11-01 to 2026-11-11 between 0 ms and 100 "
		    "ms; last 0 ms.</desc>");
	expect_text("aria-labelledby=\"a-t a-d\"");
	/* Further apart than gap_ms: not joined. */
	buffer_reset(&out);
	picture_add_latency(&out, "a", points, 2, DAY(0), DAY(10), TIME_MS_PER_DAY / 2);
	expect_path("mean", "M0 50H200M300 80H304");
}

static void test_no_latency(void **state)
{
	const struct picture_latency nothing = { DAY(0), DAY(1), -1, -1, -1 };
	(void)state;

	assert_false(picture_add_latency(&out, "a", &nothing, 1, DAY(0), DAY(9), 0));
	assert_false(picture_add_latency(&out, "a", NULL, 0, DAY(0), DAY(9), 0));
	assert_int_equal(out.len, 0);
}

static struct picture_tally tally(
	int day, uint32_t dead, uint32_t suspect, uint32_t gated)
{
	return (struct picture_tally){ DAY(day), { [STATE_ALIVE] = 1000,
							 [STATE_DEAD] = dead,
							 [STATE_SUSPECT] = suspect,
							 [STATE_GATED] = gated } };
}

static void test_rot(void **state)
{
	/* Ten days, of which the sixth lacks. */
	const struct picture_tally tallies[] = { tally(0, 1, 1, 0), tally(1, 1, 1, 0),
		tally(2, 2, 2, 0), tally(3, 2, 0, 0), tally(4, 2, 0, 0),
		tally(6, 4, 0, 6), tally(7, 4, 0, 6), tally(8, 4, 0, 6),
		tally(9, 5, 0, 5) };
	(void)state;

	assert_true(picture_add_rot(&out, "r", tallies, 9));
	expect_path("dead", "M0 100V90H200V80H500V100ZM600 100V60H900V50H1000V100Z");
	expect_path("suspect",
		"M0 100V80H200V60H300V80H500V100ZM600 100V60H900V50H1000V100Z");
	expect_path("gated", "M0 100V80H200V60H300V80H500V100ZM600 100V0H1000V100Z");
	expect_text(
		"2026-11-01: 1 dead, 1 suspect, 0 gated. 2026-11-10: 5 dead, 0 suspect, "
		"5 gated.</desc>");
	expect_text("<span class=\"y\">10</span>");
	expect_text("<span class=\"s dead\">dead 5</span>");
}

static void test_little_rot(void **state)
{
	const struct picture_tally well[] = { tally(0, 0, 0, 0), tally(1, 0, 0, 0) };
	(void)state;

	assert_false(picture_add_rot(&out, "r", well, 1));
	assert_int_equal(out.len, 0);
	assert_true(picture_add_rot(&out, "r", well, 2));
	expect_path("dead", "M0 100V100H1000V100Z");
}

/* Of more days than are drawn, the newest; and never a large picture. */
static void test_much(void **state)
{
	static struct picture_tally tallies[1000];
	static struct picture_latency points[1000];
	(void)state;

	for (int i = 0; i < 1000; i++) {
		tallies[i] = tally(i, (uint32_t)i % 7, (uint32_t)i % 5, (uint32_t)i % 3);
		points[i] = (struct picture_latency){ DAY(i), DAY(i), i % 9, i % 9 + 7,
			i % 9 + 2000000000 };
	}
	picture_add_rot(&out, "r", tallies, 1000);
	expect_text("<time>2029-07-27</time>");
	assert_true(out.len < 12000);
	buffer_reset(&out);
	picture_add_latency(&out, "l", points, 1000, DAY(0), DAY(999), 0);
	assert_true(out.len < 16000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_latency, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_latency, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rot, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_little_rot, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_much, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
