#include "unit/probe/stage.h"

#include "probe/chain_internal.h"

#define TO(status, location)                                                             \
	"HTTP/1.1 " status " x\r\nContent-Length: 0\r\nLocation: " location "\r\n\r\n"
#define EMPTY(status) "HTTP/1.1 " status " x\r\nContent-Length: 0\r\n\r\n"

#define HTML(body)     "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" body
#define META(content)  HTML("<meta http-equiv=refresh content='" content "'>x")
#define REFRESH(value) "HTTP/1.1 200 OK\r\nRefresh: " value "\r\n\r\nx"

static struct stage stage;

static struct stage_name *names(void)
{
	static struct stage_name all[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ 0 } };
	return all;
}

static void parse(struct arena *arena, const char *text, struct url *ret_url)
{
	assert_int_equal(url_parse(arena, slice_of(text), NULL, ret_url), 0);
}

static void reset_by_both_families(struct chain *chain, struct requester *requester)
{
	struct dns_answer answer = { .failure = REASON_OK, .count = 4 };
	struct address_policy policy = { 0 };
	assert_true(address_parse(SLICE("93.184.216.34"), &answer.addresses[0]));
	assert_true(address_parse(SLICE("93.184.216.35"), &answer.addresses[1]));
	assert_true(address_parse(SLICE("2606:2800::1"), &answer.addresses[2]));
	assert_true(address_parse(SLICE("2606:2800::2"), &answer.addresses[3]));
	chain->target.url_port = 80;
	assert_true(chain_set_addresses(chain, &answer, &policy, false));
	chain->request.requester = requester;
	chain->request.wish.address = chain->addresses[chain->address_next++];
}

static void tries_the_other_family_once_a_hop(void **state)
{
	(void)state;
	const struct retry_limits limits = { 0 };
	struct requester requester = { 0 };
	struct random random;
	struct url url;
	struct chain *chain = chain_new();
	assert_non_null(chain);
	random_init(&random, 1);
	chain_reset(chain, 64 * 1024);
	parse(&chain->arena, "http://a.test/", &url);
	for (int hop = 0; hop < 2; hop++) {
		assert_int_equal(chain_enter(chain, &url), 0);
		reset_by_both_families(chain, &requester);
		assert_true(address_is_v4(&chain->request.wish.address));
		struct retry_decision decision =
			chain_decide(chain, REASON_CONNECT_RESET, &limits, &random);
		assert_true(decision.again && decision.switch_family);
		chain_prepare_retry(chain, &decision);
		reset_by_both_families(chain, &requester);
		assert_false(address_is_v4(&chain->request.wish.address));
		decision = chain_decide(chain, REASON_CONNECT_RESET, &limits, &random);
		assert_false(decision.again);
	}
	chain_free(chain);
}

static void goes_on_where_it_was_left(void **state)
{
	(void)state;
	const struct retry_limits limits = { .retries_max = 2 };
	struct requester requester = { 0 };
	struct random random;
	struct url url;
	struct chain *chain = chain_new();
	assert_non_null(chain);
	random_init(&random, 1);
	chain_reset(chain, 64 * 1024);
	parse(&chain->arena, "http://a.test/", &url);
	assert_int_equal(chain_enter(chain, &url), 0);
	for (int tries = 0; tries < 3; tries++) {
		reset_by_both_families(chain, &requester);
		chain->request.answer.complete = true;
		chain->request.answer.status = 503;
		chain_note_status(chain);
		struct retry_decision decision =
			chain_decide(chain, REASON_OK, &limits, &random);
		assert_int_equal(decision.again, tries < 2);
		chain_prepare_retry(chain, &decision);
		assert_true(chain_is_only_tries(chain));
		struct tries left = chain->tries;
		chain_reset(chain, 64 * 1024);
		parse(&chain->arena, "http://a.test/", &url);
		assert_int_equal(chain_enter_again(chain, &url, &left), 0);
		assert_int_equal(chain->hop_count, 1);
		assert_int_equal(chain->hops[0].status, 503);
	}
	assert_int_equal(chain_enter(chain, &url), 0);
	assert_false(chain_is_only_tries(chain));
	chain_free(chain);
}

static void bounds_the_retries_of_all_hops(void **state)
{
	(void)state;
	enum { HOPS = 9, RETRIES = 6 };
	struct stage_route routes[HOPS + 1] = { 0 };
	char targets[HOPS][8], replies[HOPS][80];
	for (int i = 0; i < HOPS; i++) {
		snprintf(targets[i], sizeof(targets[i]), "/%d", i);
		snprintf(replies[i], sizeof(replies[i]), TO("302", "/%d"), i + 1);
		routes[i] = (struct stage_route){ targets[i], STAGE_CLOSE, EMPTY("500"),
			replies[i], 0 };
	}
	stage_open(&stage, routes, names());
	stage.config.retry.retries_max = 2;
	stage.config.retry.delay_ms = 1;
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/0");
	assert_int_equal(seen->status, 500);
	assert_int_equal(seen->hop_count, RETRIES + 1);
	assert_int_equal(seen->attempts, 2 * RETRIES + 1);
	stage_close(&stage);
}

static void says_where_an_end_would_lead(void **state)
{
	(void)state;
	static const struct {
		const char *path, *location, *target;
		enum reason failure;
	} cases[] = {
		{ "/loop", "/loop", "http://a.test/loop", REASON_REDIRECT_LOOP },
		{ "/far", "//u:p@b.test/x#y", "http://b.test/x#y",
			REASON_REDIRECT_LIMIT },
		{ "/ftp", "ftp://u:p@b.test/f", "ftp://b.test/f",
			REASON_REDIRECT_FORBIDDEN },
		{ "/mail", "mailto:x@b.test", "mailto:x@b.test",
			REASON_REDIRECT_FORBIDDEN },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char url[64], reply[256];
		snprintf(url, sizeof(url), "http://a.test%s", cases[i].path);
		snprintf(reply, sizeof(reply), TO("302", "%s"), cases[i].location);
		struct stage_route routes[] = {
			{ cases[i].path, STAGE_CLOSE, reply, NULL, 0 }, { 0 }
		};
		stage_open(&stage, routes, names());
		stage.config.redirect.hops_max = i == 1 ? 0 : 5;
		stage_begin(&stage);
		struct stage_seen *seen = stage_probe(&stage, url);
		assert_int_equal(seen->failure, cases[i].failure);
		assert_string_equal(
			seen->hops[seen->hop_count - 1].target, cases[i].target);
		stage_close(&stage);
	}
}

static void lines_up_again_when_a_kept_connection_is_dead(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/1", STAGE_KEEP, EMPTY("200"), NULL, 0 },
		{ "/2", STAGE_CLOSE, "", EMPTY("204"), 0 }, { 0 } };
	stage_open(&stage, routes, names());
	stage.config.pace.interval_us = 60 * 1000;
	stage.config.pace.concurrency = 1;
	stage_begin(&stage);
	stage_start(&stage, "http://a.test/1");
	stage_start(&stage, "http://a.test/2");
	stage_run(&stage);
	assert_int_equal(stage.seen.status, 204);
	assert_int_equal(stage.seen.attempts, 2);
	assert_int_equal(stage.requests, 3);
	assert_int_equal(stage.connections, 2);
	assert_int_equal(prober_counts(stage.prober).requests, 3);
	assert_true(stage.request_at[2] - stage.request_at[1] > 50 * 1000);
	stage_close(&stage);
}

static int times_logged(const char *bytes)
{
	struct slice log = buffer_slice(&stage.log), what = slice_of(bytes);
	int count = 0;
	for (size_t at; (at = slice_find(log, what)) != SLICE_NONE; count++)
		log = slice_sub(log, at + what.len, log.len);
	return count;
}

static void sends_each_header_once(void **state)
{
	(void)state;
	const struct header own[] = { { SLICE("Authorization"), SLICE("of-the-user") },
		{ SLICE("X-Empty"), SLICE("") } };
	const struct header extra[] = { { SLICE("accept"), SLICE("a/b") },
		{ SLICE("AUTHORIZATION"), SLICE("of-the-probe") },
		{ SLICE("x-empty"), SLICE("full") } };
	stage_open(&stage, NULL, names());
	stage.config.headers = own;
	stage.config.header_count = 2;
	stage_begin(&stage);
	struct probe_request request = { .headers = extra, .header_count = 3 };
	stage_start_as(&stage, "http://a.test/", request);
	stage_run(&stage);
	assert_int_equal(times_logged("text/html"), 0);
	assert_int_equal(times_logged("accept: a/b\r\n"), 1);
	assert_int_equal(times_logged("of-the-user"), 0);
	assert_int_equal(times_logged("AUTHORIZATION: of-the-probe\r\n"), 1);
	assert_int_equal(times_logged("X-Empty"), 0);
	buffer_reset(&stage.log);
	request = (struct probe_request){ .no_own_headers = true };
	stage_start_as(&stage, "http://a.test/", request);
	stage_run(&stage);
	assert_int_equal(times_logged("of-the-user"), 0);
	assert_int_equal(times_logged("Accept: text/html"), 1);
	stage_close(&stage);
}

static void bounds_what_cookies_take(void **state)
{
	(void)state;
	static char text[COOKIE_BYTES_MAX + 1];
	struct cookie_jar jar = { 0 };
	struct arena arena;
	struct url url;
	arena_init(&arena, 64 * 1024);
	parse(&arena, "http://a.test/", &url);
	memset(text, 'v', sizeof(text));
	for (int len = 3; len <= COOKIE_BYTES_MAX; len++) {
		memcpy(text, "c=", 2);
		cookies_take(&jar, &arena, &url, (struct slice){ text, (size_t)len });
	}
	assert_false(arena.failed);
	assert_int_equal(jar.count, 1);
	assert_int_equal(strlen(cookies_for(&jar, &arena, &url)), COOKIE_BYTES_MAX);
	cookies_take(&jar, &arena, &url, SLICE("c=short"));
	assert_string_equal(cookies_for(&jar, &arena, &url), "c=short");
	for (char name = 'd'; name <= 'f'; name++) {
		text[0] = name;
		cookies_take(&jar, &arena, &url, (struct slice){ text, 4000 });
	}
	cookies_take(&jar, &arena, &url, SLICE("z=last"));
	const char *line = cookies_for(&jar, &arena, &url);
	assert_non_null(line);
	assert_true(strlen(line) <= COOKIE_LINE_BYTES_MAX);
	assert_non_null(strstr(line, "c=short; d="));
	assert_null(strstr(line, "; f="));
	assert_non_null(strstr(line, "; z=last"));
	arena_fini(&arena);
}

static void assert_sent(struct cookie_jar *jar, const char *url_text, const char *line)
{
	struct arena arena;
	struct url url;
	arena_init(&arena, 64 * 1024);
	parse(&arena, url_text, &url);
	const char *sent = cookies_for(jar, &arena, &url);
	assert_string_equal(sent != NULL ? sent : "", line);
	arena_fini(&arena);
}

static void keeps_cookies_as_browsers_do(void **state)
{
	(void)state;
	/* Each is set by https://www.a.org/dir/page, and asked for behind it. */
	static const struct {
		const char *set, *url, *sent;
	} cases[] = {
		{ "a=1; Path=/", "https://www.a.org/", "a=1" },
		{ "a=1; path=/; HttpOnly", "https://a.org/", "" },
		{ "a=1; Path=/; Domain=a.org", "https://a.org/", "a=1" },
		{ "a=1; Path=/; Domain=.A.org", "https://x.a.org/", "a=1" },
		{ "a=1; Path=/; Domain=org", "https://www.a.org/", "" },
		{ "a=1; Path=/; Domain=b.org", "https://b.org/", "" },
		{ "a=1; Path=/; Domain=x.a.org", "https://x.a.org/", "" },
		{ "a=1", "https://www.a.org/dir/other", "a=1" },
		{ "a=1", "https://www.a.org/dir", "a=1" },
		{ "a=1", "https://www.a.org/directory", "" },
		{ "a=1; Path=/p", "https://www.a.org/p/x", "a=1" },
		{ "a=1; Path=/p", "https://www.a.org/dir/page", "" },
		{ "a=1; Path=/; Max-Age=0", "https://www.a.org/", "" },
		{ "a=1; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
			"https://www.a.org/", "a=1" },
		{ "a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
			"https://www.a.org/", "" },
		{ "a=1; Path=/; Expires=Thu, 01-Jan-1970 00:00:00 GMT",
			"https://www.a.org/", "" },
		{ "a=1; Path=/; Expires=Fri, 31 Dec 2038 00:00:00 GMT",
			"https://www.a.org/", "a=1" },
		{ "a=1; Path=/", "http://www.a.org/", "" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct cookie_jar jar = { .wall = INT64_C(1790000000000) };
		struct arena arena;
		struct url url;
		arena_init(&arena, 64 * 1024);
		parse(&arena, "https://www.a.org/dir/page", &url);
		cookies_take(&jar, &arena, &url, slice_of(cases[i].set));
		assert_sent(&jar, cases[i].url, cases[i].sent);
		arena_fini(&arena);
	}
}

static void counts_what_changes_in_a_jar(void **state)
{
	(void)state;
	/* Whether each of these, one after the other, changes what goes out. */
	static const struct {
		const char *set;
		bool changes;
	} cases[] = { { "a=1", true }, { "a=1", false }, { "a=2", true },
		{ "b=1; Max-Age=0", false }, { "a=x; Max-Age=0", true },
		{ "a=x; Max-Age=0", false }, { "a=2", true }, { "c", false } };
	struct cookie_jar jar = { 0 };
	struct arena arena;
	struct url url;
	arena_init(&arena, 64 * 1024);
	parse(&arena, "http://a.test/", &url);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t before = jar.state;
		cookies_take(&jar, &arena, &url, slice_of(cases[i].set));
		if ((jar.state != before) != cases[i].changes)
			fail_msg("%zu: %s", i, cases[i].set);
	}
	assert_sent(&jar, "http://a.test/", "a=2");
	arena_fini(&arena);
}

static void ends_chains_of_refreshes(void **state)
{
	(void)state;
	static const struct {
		const char *path, *answer;
		enum reason failure;
		uint32_t hop_count;
		enum hop_via last_via;
	} cases[] = {
		{ "/meta", META("0;url=/meta2"), REASON_REDIRECT_LOOP, 4,
			HOP_VIA_META_REFRESH },
		{ "/meta2", META("0;url=/meta"), REASON_REDIRECT_LOOP, 4,
			HOP_VIA_META_REFRESH },
		{ "/head", REFRESH("0;url=/head2"), REASON_REDIRECT_LOOP, 4,
			HOP_VIA_REFRESH_HEADER },
		{ "/head2", REFRESH("0;url=/head"), REASON_REDIRECT_LOOP, 4,
			HOP_VIA_REFRESH_HEADER },
		{ "/slide", META("4;url=/slide2"), REASON_OK, 2, HOP_VIA_NONE },
		{ "/slide2", META("4;url=/slide"), REASON_OK, 2, HOP_VIA_NONE },
		{ "/news", META("5;url=/news2"), REASON_OK, 3, HOP_VIA_NONE },
		{ "/news2", TO("302", "/news"), REASON_OK, 2, HOP_VIA_NONE },
		{ "/self", REFRESH("0;url=/self#x"), REASON_OK, 1, HOP_VIA_NONE },
		{ "/file", META("0;url=file:///x"), REASON_REDIRECT_FORBIDDEN, 1,
			HOP_VIA_META_REFRESH },
		{ "/file2", REFRESH("3;url=file:///x"), REASON_REDIRECT_FORBIDDEN, 1,
			HOP_VIA_REFRESH_HEADER },
		{ "/app", META("0;url=app:open"), REASON_OK, 1, HOP_VIA_NONE },
		{ "/r0", META("0;url=/r1"), REASON_REDIRECT_LIMIT, 4,
			HOP_VIA_META_REFRESH },
		{ "/r1", META("0;url=/r2"), REASON_REDIRECT_LIMIT, 4,
			HOP_VIA_META_REFRESH },
		{ "/r2", REFRESH("0;url=/r3"), REASON_OK, 4, HOP_VIA_NONE },
		{ "/r3", META("0;url=/r4"), REASON_OK, 3, HOP_VIA_NONE },
		{ "/r4", META("0;url=/r5"), REASON_OK, 2, HOP_VIA_NONE },
		{ "/r5", HTML("x"), REASON_OK, 1, HOP_VIA_NONE },
	};
	enum { COUNT = sizeof(cases) / sizeof(cases[0]) };
	struct stage_route routes[COUNT + 1] = { 0 };
	for (size_t i = 0; i < COUNT; i++)
		routes[i] = (struct stage_route){ cases[i].path, STAGE_CLOSE,
			cases[i].answer, NULL, 0 };
	stage_open(&stage, routes, names());
	stage.config.redirect.hops_max = 3;
	stage_begin(&stage);
	for (size_t i = 0; i < COUNT; i++) {
		char url[64];
		snprintf(url, sizeof(url), "http://a.test%s", cases[i].path);
		struct stage_seen *seen = stage_probe(&stage, url);
		if (seen->failure != cases[i].failure ||
			seen->hop_count != cases[i].hop_count ||
			seen->hops[seen->hop_count - 1].via != cases[i].last_via)
			fail_msg("%s: %s after %u hops", url, reason_text(seen->failure),
				(unsigned)seen->hop_count);
	}
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tries_the_other_family_once_a_hop),
		cmocka_unit_test(goes_on_where_it_was_left),
		cmocka_unit_test(bounds_the_retries_of_all_hops),
		cmocka_unit_test(says_where_an_end_would_lead),
		cmocka_unit_test(ends_chains_of_refreshes),
		cmocka_unit_test(lines_up_again_when_a_kept_connection_is_dead),
		cmocka_unit_test(sends_each_header_once),
		cmocka_unit_test(bounds_what_cookies_take),
		cmocka_unit_test(keeps_cookies_as_browsers_do),
		cmocka_unit_test(counts_what_changes_in_a_jar),
	};
	return cmocka_run_group_tests_name("chains", tests, NULL, NULL);
}
