#include "unit/probe/stage.h"

#include <time.h>

#include "probe/answer_internal.h"

static struct stage stage;

static void open_with(struct stage_route *routes)
{
	static struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ 0 } };
	stage_open(&stage, routes, names);
	stage.config.timeout_ms = 400;
	stage.config.header_bytes_max = 2000;
	stage.config.body_bytes_max = 5000;
}

struct expectation {
	struct stage_route route;
	enum reason failure;
	int status;
	bool partial;
	const char *error; /* a part of it; NULL: none at all */
};

#define LONG_50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LONG_500                                                                         \
	LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50 LONG_50
#define LONG_3000 LONG_500 LONG_500 LONG_500 LONG_500 LONG_500 LONG_500

/* What the interfaces say of the border between answered and not. */
static const struct expectation expectations[] = {
	{ { "/", STAGE_SILENT, NULL, NULL, 0 }, REASON_TIMEOUT, 0, false, "in time" },
	{ { "/", STAGE_CLOSE, "", NULL, 0 }, REASON_CONNECT_RESET, 0, false,
		"without an answer" },
	{ { "/", STAGE_RESET, "", NULL, 0 }, REASON_CONNECT_RESET, 0, false, "dropped" },
	{ { "/", STAGE_CLOSE, "SSH-2.0-OpenSSH_9.2\r\n", NULL, 0 }, REASON_HTTP_MALFORMED,
		0, false, "not HTTP" },
	{ { "/", STAGE_CLOSE, "<html><title>0.9</title>", NULL, 0 },
		REASON_HTTP_MALFORMED, 0, false, "not HTTP" },
	{ { "/", STAGE_CLOSE, "HTTP/1.1 2000 OK\r\n\r\n", NULL, 0 },
		REASON_HTTP_MALFORMED, 0, false, "" },
	{ { "/", STAGE_CLOSE, "HTTP/1.1 200 OK\r\nServer: x\r\nConte", NULL, 0 },
		REASON_HTTP_MALFORMED, 0, false, "within its headers" },
	{ { "/", STAGE_CLOSE, "HTTP/1.1 404 Not", NULL, 0 }, REASON_HTTP_MALFORMED, 0,
		false, "within its headers" },
	{ { "/", STAGE_CLOSE, "H", NULL, 0 }, REASON_HTTP_MALFORMED, 0, false, "" },
	{ { "/", STAGE_STALL, "HTTP/1.1 200 OK\r\nServer: x\r\n", NULL, 0 },
		REASON_TIMEOUT, 0, false, "in time" },
	{ { "/", STAGE_CLOSE, "HTTP/1.1 200 OK\r\nX: " LONG_3000 "\r\n\r\n", NULL, 0 },
		REASON_HTTP_MALFORMED, 0, false, "too large" },
	{ { "/", STAGE_ENDLESS, "HTTP/1.1 200 OK\r\nX: ", NULL, 0 },
		REASON_HTTP_MALFORMED, 0, false, "" },
	{ { "/", STAGE_CLOSE,
		  "HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx",
		  NULL, 0 },
		REASON_OK, 200, false, NULL },
	{ { "/", STAGE_CLOSE, "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<p>x",
		  NULL, 0 },
		REASON_OK, 200, false, NULL },
	{ { "/", STAGE_PIECES,
		  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
		  "4\r\n\r\n<p>x",
		  NULL, 0 },
		REASON_OK, 200, false, NULL },
	{ { "/", STAGE_CLOSE, "HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n", NULL, 0 },
		REASON_OK, 103, false, NULL },
	{ { "/", STAGE_STALL,
		  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTrailer: X-Sum\r\n"
		  "Transfer-Encoding: chunked\r\n\r\n4\r\n<p>x\r\n0\r\nX-Sum: 1\r\n\r\n",
		  NULL, 0 },
		REASON_OK, 200, false, NULL },
	/* A complete head counts whatever happens to the body. */
	{ { "/", STAGE_CLOSE,
		  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
		  "99\r\n\r\n<p>x",
		  NULL, 0 },
		REASON_OK, 200, true, "cut short" },
	{ { "/", STAGE_STALL,
		  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: "
		  "99\r\n\r\n<p>x",
		  NULL, 0 },
		REASON_OK, 200, true, "in time" },
	{ { "/", STAGE_CLOSE,
		  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: "
		  "gzip\r\n\r\n"
		  "this is no gzip",
		  NULL, 0 },
		REASON_OK, 200, true, "badly encoded" },
	{ { "/", STAGE_CLOSE,
		  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip, "
		  "gzip\r\n\r\n"
		  "this is no gzip",
		  NULL, 0 },
		REASON_OK, 200, false, "more than once" },
	{ { "/", STAGE_CLOSE,
		  "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
		  "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		  NULL, 0 },
		REASON_OK, 200, true, "cut short" },
	{ { "/", STAGE_ENDLESS, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>",
		  NULL, 0 },
		REASON_OK, 200, true, "" },
	/* Bodies of no use are not waited for. */
	{ { "/", STAGE_STALL,
		  "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n%PDF-", NULL,
		  0 },
		REASON_OK, 200, false, NULL },
	{ { "/", STAGE_STALL, "HTTP/1.1 304 x\r\n\r\n", NULL, 0 }, REASON_OK, 304, false,
		NULL },
	{ { "/", STAGE_STALL, "HTTP/1.1 204 x\r\n\r\n", NULL, 0 }, REASON_OK, 204, false,
		NULL },
	{ { "/", STAGE_STALL, "HTTP/1.1 302 x\r\nContent-Length: 99\r\n\r\nto", NULL, 0 },
		REASON_OK, 302, false, NULL },
};

static void judges_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(expectations) / sizeof(expectations[0]); i++) {
		const struct expectation *expected = &expectations[i];
		struct stage_route routes[] = { expected->route, { 0 } };
		open_with(routes);
		stage_begin(&stage);
		struct stage_seen *seen = stage_probe(&stage, "http://a.test/");
		if (seen->failure != expected->failure ||
			seen->status != expected->status ||
			seen->body_partial != expected->partial ||
			(expected->error == NULL
					? seen->error[0] != '\0'
					: strstr(seen->error, expected->error) == NULL))
			fail_msg("case %zu: %s %d partial=%d '%s'", i,
				reason_text(seen->failure), seen->status,
				seen->body_partial, seen->error);
		stage_close(&stage);
	}
}

static void keeps_facts_of_headers(void **state)
{
	(void)state;
	struct stage_route routes[] = {
		{ "/", STAGE_CLOSE,
			"HTTP/1.1 403 x\r\nContent-Type: Text/HTML ; charset=\"x\"\r\n"
			"X-Iinfo: 1-2\r\nRetry-After: 120\r\n\r\n<title>No</title>",
			NULL, 0 },
		{ 0 }
	};
	open_with(routes);
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/");
	assert_int_equal(seen->status, 403);
	assert_string_equal(seen->content_type, "text/html");
	assert_string_equal(seen->title, "No");
	assert_int_equal(seen->wall, WALL_IMPERVA);
	assert_int_equal(seen->retry_after_ms, 120000);
	stage_close(&stage);
}

static void reads_for_anchors_and_keeps_bodies(void **state)
{
	(void)state;
	struct stage_route routes[] = {
		{ "/", STAGE_CLOSE,
			"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
			"<title>t</title><p id=one>" LONG_3000 "<a name=two>",
			NULL, 0 },
		{ "/md", STAGE_CLOSE,
			"HTTP/1.1 200 OK\r\nContent-Type: text/markdown\r\n\r\n# x", NULL,
			0 },
		{ 0 }
	};
	open_with(routes);
	stage_begin(&stage);
	stage_start_as(
		&stage, "http://a.test/", (struct probe_request){ .want_anchors = true });
	stage_run(&stage);
	assert_int_equal(stage.seen.anchor_count, 2);
	assert_true(stage.seen.anchors_complete);
	stage_start_as(&stage, "http://a.test/",
		(struct probe_request){ .want_anchors = true, .body_bytes_max = 1000 });
	stage_run(&stage);
	assert_int_equal(stage.seen.anchor_count, 1);
	assert_false(stage.seen.anchors_complete);
	assert_int_equal(stage.seen.body_bytes, 1000);
	stage_start_as(
		&stage, "http://a.test/md", (struct probe_request){ .want_body = true });
	stage_run(&stage);
	assert_string_equal(stage.seen.body, "# x");
	stage_close(&stage);
}

static void stops_early(void **state)
{
	(void)state;
	struct stage_route routes[] = {
		{ "/", STAGE_ENDLESS,
			"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
			"<head><title>t</title></head><body>" LONG_3000,
			NULL, 0 },
		{ 0 }
	};
	open_with(routes);
	stage.config.body_bytes_max = 100 * 1000 * 1000;
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/");
	assert_int_equal(seen->failure, REASON_OK);
	assert_string_equal(seen->title, "t");
	assert_true(seen->body_bytes < 100 * 1000);
	assert_true(seen->body_partial);
	assert_string_equal(seen->error, "");
	stage_close(&stage);
}

static void retries_by_cause(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/503", STAGE_CLOSE, "HTTP/1.1 503 x\r\n\r\n",
						"HTTP/1.1 200 OK\r\n\r\n", 0 },
		{ "/404", STAGE_CLOSE, "HTTP/1.1 404 x\r\n\r\n", NULL, 0 },
		{ "/reset", STAGE_CLOSE, "", "HTTP/1.1 200 OK\r\n\r\n", 0 },
		{ "/429", STAGE_CLOSE, "HTTP/1.1 429 x\r\nRetry-After: 1\r\n\r\n",
			"HTTP/1.1 200 OK\r\n\r\n", 0 },
		{ 0 } };
	open_with(routes);
	stage.config.retry.retries_max = 2;
	stage_begin(&stage);
	assert_int_equal(stage_probe(&stage, "http://a.test/503")->status, 200);
	assert_int_equal(stage.seen.attempts, 2);
	assert_int_equal(stage.seen.hop_count, 1);
	assert_int_equal(stage_probe(&stage, "http://a.test/404")->status, 404);
	assert_int_equal(stage.seen.attempts, 1);
	assert_int_equal(stage_probe(&stage, "http://a.test/reset")->status, 200);
	assert_int_equal(stage.seen.attempts, 2);
	uint64_t before = uv_hrtime();
	assert_int_equal(stage_probe(&stage, "http://a.test/429")->status, 200);
	assert_true(uv_hrtime() - before >= UINT64_C(990000000));
	stage_close(&stage);
}

static void tries_other_addresses(void **state)
{
	(void)state;
	struct stage_route routes[] = {
		{ "/", STAGE_CLOSE, "HTTP/1.1 200 OK\r\n\r\n", NULL, 0 }, { 0 }
	};
	/* Nobody listens on these, or on IPv6. */
	struct stage_name names[] = { { .name = "v4first.test",
					      .v4 = { "127.0.0.9", "127.0.0.1" } },
		{ .name = "both.test", .v4 = { "127.0.0.1" }, .v6 = { "::1" } },
		{ .name = "none.test", .v6 = { "::1" } }, { 0 } };
	stage_open(&stage, routes, names);
	stage_begin(&stage);
	assert_int_equal(stage_probe(&stage, "http://v4first.test/")->failure, REASON_OK);
	assert_int_equal(stage.seen.attempts, 1);
	assert_int_equal(stage_probe(&stage, "http://both.test/")->failure, REASON_OK);
	assert_false(stage.seen.ipv6);
	stage_probe(&stage, "http://none.test/");
	assert_true(stage.seen.failure == REASON_CONNECT_REFUSED ||
		    stage.seen.failure == REASON_NETWORK_UNREACHABLE);
	assert_true(stage.seen.ipv6);
	stage_close(&stage);
}

static void parses_refresh(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		int32_t delay;
		const char *target; /* NULL: none */
	} cases[] = { { "0;url=/a", 0, "/a" }, { "5; URL = 'http://b/'", 5, "http://b/" },
		{ "2.7, \"/c\" x", 2, "/c" }, { "3;/d", 3, "/d" }, { "5", 0, NULL },
		{ "", 0, NULL }, { "x;url=/a", 0, NULL }, { "5;", 0, NULL },
		{ "99999999999999999999;url=/e", 9999999, "/e" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int32_t delay = 0;
		struct slice target = { 0 };
		bool found = refresh_parse(slice_of(cases[i].value), &delay, &target);
		assert_int_equal(found, cases[i].target != NULL);
		assert_int_equal(delay, cases[i].delay);
		if (found)
			assert_slice(target, cases[i].target);
	}
}

/* An hour ahead, as an answer of its own says; a cache's answer is of no use. */
static void reads_the_servers_clock(void **state)
{
	(void)state;
	static char plain[256], fresh[256], old[256], sent_on[256];
	static struct stage_route routes[] = { { "/plain", STAGE_CLOSE, plain, NULL, 0 },
		{ "/fresh", STAGE_CLOSE, fresh, NULL, 0 },
		{ "/old", STAGE_CLOSE, old, NULL, 0 },
		{ "/sent-on", STAGE_CLOSE, sent_on, NULL, 0 },
		{ "/none", STAGE_CLOSE, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
			NULL, 0 },
		{ "/wrong", STAGE_CLOSE,
			"HTTP/1.1 200 OK\r\nDate: tomorrow\r\nContent-Length: "
			"0\r\n\r\n",
			NULL, 0 },
		{ 0 } };
	static const struct {
		const char *url;
		bool has;
	} cases[] = { { "http://a.test/plain", true }, { "http://a.test/fresh", true },
		{ "http://a.test/old", false }, { "http://a.test/sent-on", false },
		{ "http://a.test/none", false }, { "http://a.test/wrong", false } };
	time_t at = time(NULL) + 3600;
	struct tm civil;
	char date[64];
	strftime(date, sizeof(date), "Date: %a, %d %b %Y %H:%M:%S GMT",
		gmtime_r(&at, &civil));
	const char *head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
	snprintf(plain, sizeof(plain), "%s%s\r\n\r\n", head, date);
	snprintf(fresh, sizeof(fresh), "%s%s\r\nAge: 0\r\n\r\n", head, date);
	snprintf(old, sizeof(old), "%sAge: 7\r\n%s\r\n\r\n", head, date);
	snprintf(sent_on, sizeof(sent_on),
		"HTTP/1.1 302 Found\r\nLocation: /none\r\nContent-Length: 0\r\n%s"
		"\r\n\r\n",
		date);
	open_with(routes);
	stage.config.timeout_ms = 4000;
	stage_begin(&stage);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage_seen *seen = stage_probe(&stage, cases[i].url);
		if (seen->failure != REASON_OK || seen->has_server_date != cases[i].has)
			fail_msg("%s", cases[i].url);
		if (cases[i].has)
			assert_in_range(seen->server_ahead_ms, 3600000 - 8000, 3600000);
	}
	stage_close(&stage);
}

/* RFC 9309 2.4; and a bad moment of the server forbids nothing for ever. */
static void asks_robots_again_when_they_are_old(void **state)
{
	(void)state;
	struct stage_route routes[] = {
		{ "/robots.txt", STAGE_CLOSE,
			"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0 },
		{ "/", STAGE_CLOSE, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL,
			0 },
		{ 0 },
	};
	const struct {
		time_ms kept_ms;
		enum reason failure;
		int asked;
	} cases[] = {
		{ TIME_MS_PER_DAY, REASON_ROBOTS_DISALLOWED, 1 },
		{ 1, REASON_OK, 2 },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		routes[0].asked = 0;
		open_with(routes);
		stage.config.obey_robots = true;
		stage.config.robots_kept_ms = cases[i].kept_ms;
		stage_begin(&stage);
		assert_int_equal(stage_probe(&stage, "http://a.test/")->failure,
			REASON_ROBOTS_DISALLOWED);
		uint64_t until = uv_hrtime() + 2000000;
		while (uv_hrtime() < until)
			continue;
		assert_int_equal(
			stage_probe(&stage, "http://a.test/")->failure, cases[i].failure);
		assert_int_equal(routes[0].asked, cases[i].asked);
		stage_close(&stage);
	}
}

/* The site is in trouble, so that others wait for those that failed; these wait for a
 * robots.txt that became old between two tries. */
static void asks_robots_of_a_site_in_trouble(void **state)
{
	(void)state;
	static const char busy[] = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
	static const char good[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
	struct stage_route routes[] = {
		{ "/robots.txt", STAGE_CLOSE, good, NULL, 0 },
		{ "/1", STAGE_CLOSE, busy, good, 0 },
		{ "/2", STAGE_CLOSE, busy, good, 0 },
		{ 0 },
	};
	open_with(routes);
	stage.config.obey_robots = true;
	stage.config.robots_kept_ms = 50;
	stage.config.retry.retries_max = 1;
	stage.config.retry.delay_ms = 200;
	stage.config.breaker.failures_max = 1;
	stage_begin(&stage);
	stage_start(&stage, "http://a.test/1");
	stage_start(&stage, "http://a.test/2");
	stage_run(&stage);
	assert_int_equal(routes[1].asked, 2);
	assert_int_equal(routes[2].asked, 2);
	assert_true(routes[0].asked >= 2);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_servers_clock),
		cmocka_unit_test(judges_answers),
		cmocka_unit_test(keeps_facts_of_headers),
		cmocka_unit_test(reads_for_anchors_and_keeps_bodies),
		cmocka_unit_test(stops_early),
		cmocka_unit_test(retries_by_cause),
		cmocka_unit_test(tries_other_addresses),
		cmocka_unit_test(parses_refresh),
		cmocka_unit_test(asks_robots_again_when_they_are_old),
		cmocka_unit_test(asks_robots_of_a_site_in_trouble),
	};
	return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
