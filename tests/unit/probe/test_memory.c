/* What a prober remembers of hosts: the sites, and the tally for --host-stats. */
#include "lib/test.h"

#include <stdio.h>

#include "probe/sites_internal.h"
#include "probe/tally_internal.h"

#define MS(ms) ((time_us)(ms)*1000)

static struct site *get(struct sites *sites, struct arena *arena, const char *text)
{
	struct url url;
	arena_reset(arena);
	assert_int_equal(url_parse(arena, slice_of(text), NULL, &url), 0);
	struct site *site = sites_get(sites, &url);
	assert_non_null(site);
	assert_ptr_equal(sites_find(sites, &url), site);
	return site;
}

/* Scheme, host and port make an origin; path and query do not. */
static void an_origin_is_one_site(void **state)
{
	struct sites sites;
	struct arena arena;
	(void)state;
	sites_init(&sites);
	arena_init(&arena, 64 * 1024);
	struct site *site = get(&sites, &arena, "https://a.example/x?y#z");
	assert_ptr_equal(get(&sites, &arena, "https://a.example:443/other"), site);
	assert_ptr_equal(get(&sites, &arena, "https://A.EXAMPLE"), site);
	assert_ptr_not_equal(get(&sites, &arena, "http://a.example/x"), site);
	assert_ptr_not_equal(get(&sites, &arena, "https://a.example:8443/x"), site);
	assert_ptr_not_equal(get(&sites, &arena, "https://www.a.example/x"), site);
	assert_int_equal(sites.count, 4);
	assert_true(slice_equal(site_origin(site), SLICE("https://a.example:443")));
	sites_fini(&sites);
	arena_fini(&arena);
}

/* The longest unused one goes, but none that somebody holds. */
static void old_sites_make_room(void **state)
{
	struct sites sites;
	struct arena arena;
	struct url url;
	char text[64];
	(void)state;
	sites_init(&sites);
	arena_init(&arena, 64 * 1024);
	struct site *held = get(&sites, &arena, "http://held.example/");
	site_hold(held);
	site_hold(held);
	site_release(held);
	get(&sites, &arena, "http://used.example/");
	get(&sites, &arena, "http://unused.example/");
	for (int i = 3; i < SITES_MAX; i++) {
		snprintf(text, sizeof(text), "http://h%d.example/", i);
		get(&sites, &arena, text);
	}
	assert_int_equal(sites.count, SITES_MAX);
	get(&sites, &arena, "http://used.example/");
	get(&sites, &arena, "http://one-more.example/");
	assert_int_equal(sites.count, SITES_MAX);
	arena_reset(&arena);
	assert_int_equal(
		url_parse(&arena, SLICE("http://unused.example/"), NULL, &url), 0);
	assert_null(sites_find(&sites, &url));
	assert_ptr_equal(get(&sites, &arena, "http://held.example/"), held);
	site_release(held);
	get(&sites, &arena, "http://used.example/");
	sites_fini(&sites);
	arena_fini(&arena);
}

static void the_tally_counts(void **state)
{
	struct tally tally = { 0 };
	struct arena arena;
	uint32_t count;
	const struct slice a = SLICE("a.example"), b = SLICE("b.example");
	(void)state;
	arena_init(&arena, 64 * 1024);
	tally_sent(&tally, b, ASK_LINK, TALLY_FIRST, MS(5));
	tally_sent(&tally, a, ASK_ROBOTS, TALLY_FIRST, MS(10));
	tally_over(&tally, a, 404, 8);
	tally_sent(&tally, a, ASK_LINK, TALLY_FIRST, MS(300));
	tally_sent(&tally, a, ASK_LINK, TALLY_FIRST, MS(320));
	tally_over(&tally, a, 503, 30);
	tally_over(&tally, a, 302, 10);
	tally_sent(&tally, a, ASK_LINK, TALLY_RETRY, MS(900));
	tally_over(&tally, a, 0, -1);
	tally_sent(&tally, a, ASK_SIBLING, TALLY_REDIRECT, MS(1200));
	tally_over(&tally, a, 200, 12);

	struct host_stats *list = tally_list(&tally, &arena, &count);
	assert_int_equal(count, 2);
	assert_true(slice_equal(list[0].host, a)); /* most asked first */
	assert_int_equal(list[0].requests, 5);
	assert_int_equal(list[0].by_kind[ASK_ROBOTS], 1);
	assert_int_equal(list[0].by_kind[ASK_LINK], 2);
	assert_int_equal(list[0].by_kind[ASK_SIBLING], 0);
	assert_int_equal(list[0].retries, 1);
	assert_int_equal(list[0].redirects, 1);
	assert_int_equal(list[0].answers[2], 1);
	assert_int_equal(list[0].answers[3], 1);
	assert_int_equal(list[0].answers[4], 1);
	assert_int_equal(list[0].answers[5], 1);
	assert_int_equal(list[0].answers[0], 1);
	assert_int_equal(list[0].refused, 1);
	assert_int_equal(list[0].peak, 2);
	assert_int_equal(list[0].closest_us, MS(20));
	assert_int_equal(list[0].answer_ms, 15);
	assert_int_equal(list[0].answer_ms_max, 30);
	assert_int_equal(list[1].requests, 1);
	assert_int_equal(list[1].closest_us, -1);
	assert_int_equal(list[1].answer_ms, -1);
	tally_fini(&tally);
	assert_non_null(tally_list(&tally, &arena, &count));
	assert_int_equal(count, 0);
	arena_fini(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_origin_is_one_site),
		cmocka_unit_test(old_sites_make_room),
		cmocka_unit_test(the_tally_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
