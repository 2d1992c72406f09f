#include "unit/probe/stage.h"

#define HTML(body)                                                                       \
	"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" body
#define EMPTY(status) "HTTP/1.1 " status " x\r\nContent-Length: 0\r\n\r\n"
#define TO(status, location)                                                             \
	"HTTP/1.1 " status " x\r\nContent-Length: 0\r\nLocation: " location "\r\n\r\n"

static struct stage stage;

static struct stage_name *host_names(void)
{
	static struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ .name = "b.test", .v4 = { "127.0.0.1" } },
		{ .name = "private.test", .v4 = { "10.0.0.1" }, .v6 = { "fd00::1" } },
		{ .name = "mixed.test", .v4 = { "10.0.0.1", "127.0.0.1" } }, { 0 } };
	return names;
}

static void open_with(struct stage_route *routes)
{
	stage_open(&stage, routes, host_names());
	stage.config.connect_to_count = 1;
	stage_begin(&stage);
}

static void fetches_a_page(void **state)
{
	(void)state;
	struct stage_route routes[] = {
		{ "/paper?v=1", STAGE_CLOSE, HTML("<title>A  Paper</title>"), NULL, 0 },
		{ 0 }
	};
	open_with(routes);
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/paper?v=1#part");
	assert_int_equal(seen->failure, REASON_OK);
	assert_int_equal(seen->status, 200);
	assert_string_equal(seen->title, "A Paper");
	assert_string_equal(seen->final_url, "http://a.test/paper?v=1#part");
	assert_string_equal(seen->content_type, "text/html");
	assert_int_equal(seen->hop_count, 1);
	assert_string_equal(seen->hops[0].url, "http://a.test/paper?v=1");
	assert_int_equal(seen->attempts, 1);
	assert_true(seen->timing.connect_ms >= 0);
	assert_int_equal(seen->timing.tls_ms, -1);
	assert_true(seen->timing.dns_ms >= 0);
	stage_close(&stage);
}

static bool logged(const char *bytes)
{
	return slice_find(buffer_slice(&stage.log), slice_of(bytes)) != SLICE_NONE;
}

static void sends_the_path_as_written(void **state)
{
	(void)state;
	static const struct {
		const char *url, *line;
	} cases[] = {
		{ "http://a.test/%7Euser/", "GET /%7Euser/ HTTP/1.1\r\n" },
		{ "http://a.test/~user/", "GET /~user/ HTTP/1.1\r\n" },
		{ "http://a.test//x//", "GET //x// HTTP/1.1\r\n" },
		{ "http://a.test/a|b'c", "GET /a|b'c HTTP/1.1\r\n" },
		{ "http://a.test/q?", "GET /q? HTTP/1.1\r\n" },
		{ "http://a.test/q??a=%zz&b=[1]", "GET /q??a=%zz&b=[1] HTTP/1.1\r\n" },
		{ "http://a.test?x", "GET /?x HTTP/1.1\r\n" },
		{ "http://a.test/a/%2e%2E/b", "GET /b HTTP/1.1\r\n" },
		{ "http://a.test/{x}^\\y", "GET /%7Bx%7D%5E/y HTTP/1.1\r\n" },
		{ "http://a.test/%C3%A9", "GET /%C3%A9 HTTP/1.1\r\n" },
		{ "http://user:secret@a.test/u", "GET /u HTTP/1.1\r\n" },
	};
	open_with(NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buffer_reset(&stage.log);
		stage_probe(&stage, cases[i].url);
		if (!logged(cases[i].line))
			fail_msg("%s: sent %.*s", cases[i].url,
				SLICE_ARG(buffer_slice(&stage.log)));
		assert_true(logged("\r\nHost: a.test\r\n"));
		assert_false(logged("Authorization"));
		assert_false(logged("secret"));
	}
	assert_true(logged("\r\nAccept-Encoding: gzip, deflate"));
	assert_true(logged("\r\nAccept-Language: en\r\n"));
	assert_true(logged("\r\nUser-Agent: linkrotd/"));
	stage_close(&stage);
}

static void follows_redirects_by_hand(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/1", STAGE_CLOSE, TO("301", "/2"), NULL, 0 },
		{ "/2", STAGE_CLOSE, TO("302", "http://u:p@b.test/3"), NULL, 0 },
		{ "/3", STAGE_CLOSE,
			"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
			"Refresh: 0; url='/4'\r\n\r\nmoving",
			NULL, 0 },
		{ "/4", STAGE_CLOSE,
			HTML("<head><meta http-equiv=refresh "
			     "content='3;url=/5'></head>x"),
			NULL, 0 },
		{ "/5", STAGE_CLOSE, HTML("<title>there</title>"), NULL, 0 }, { 0 } };
	open_with(routes);
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/1#s");
	assert_int_equal(seen->failure, REASON_OK);
	assert_int_equal(seen->hop_count, 5);
	assert_int_equal(seen->hops[0].status, 301);
	assert_int_equal(seen->hops[0].via, HOP_VIA_STATUS);
	assert_string_equal(seen->hops[0].target, "http://a.test/2#s");
	assert_string_equal(seen->hops[1].target, "http://b.test/3#s");
	assert_int_equal(seen->hops[2].via, HOP_VIA_REFRESH_HEADER);
	assert_int_equal(seen->hops[3].via, HOP_VIA_META_REFRESH);
	assert_int_equal(seen->hops[4].via, HOP_VIA_NONE);
	assert_string_equal(seen->final_url, "http://b.test/5#s");
	assert_string_equal(seen->title, "there");
	assert_int_equal(seen->attempts, 5);
	assert_false(logged("Authorization"));
	stage_close(&stage);
}

static void ends_chains(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/loop", STAGE_CLOSE, TO("302", "/loop"), NULL,
						0 },
		{ "/file", STAGE_CLOSE, TO("302", "file:///etc/passwd"), NULL, 0 },
		{ "/in", STAGE_CLOSE, TO("302", "http://10.0.0.1/"), NULL, 0 },
		{ "/name", STAGE_CLOSE, TO("302", "http://private.test/"), NULL, 0 },
		{ "/none", STAGE_CLOSE, EMPTY("302"), NULL, 0 },
		{ "/self", STAGE_CLOSE,
			HTML("<meta http-equiv=refresh content='1;url=/self'>x"), NULL,
			0 },
		{ "/late", STAGE_CLOSE,
			HTML("<meta http-equiv=refresh content='60;url=/x'>x"), NULL, 0 },
		{ "/gone", STAGE_CLOSE, "HTTP/1.1 404 x\r\nRefresh: 0;url=/\r\n\r\n",
			NULL, 0 },
		{ "/r0", STAGE_CLOSE, TO("301", "/r1"), NULL, 0 },
		{ "/r1", STAGE_CLOSE, TO("301", "/r2"), NULL, 0 },
		{ "/r2", STAGE_CLOSE, TO("301", "/r3"), NULL, 0 },
		{ "/r3", STAGE_CLOSE, HTML("x"), NULL, 0 }, { 0 } };
	stage_open(&stage, routes, host_names());
	stage.config.redirect.hops_max = 2;
	stage_begin(&stage);
	assert_int_equal(
		stage_probe(&stage, "http://a.test/loop")->failure, REASON_REDIRECT_LOOP);
	assert_int_equal(stage_probe(&stage, "http://a.test/file")->failure,
		REASON_REDIRECT_FORBIDDEN);
	assert_int_equal(stage_probe(&stage, "http://a.test/in")->failure,
		REASON_REDIRECT_FORBIDDEN);
	assert_int_equal(stage_probe(&stage, "http://a.test/name")->failure,
		REASON_REDIRECT_FORBIDDEN);
	assert_int_equal(
		stage_probe(&stage, "http://a.test/r0")->failure, REASON_REDIRECT_LIMIT);
	assert_int_equal(stage_probe(&stage, "http://a.test/r1")->failure, REASON_OK);
	static const char *const ends[] = { "none", "self", "late", "gone" };
	for (size_t i = 0; i < 4; i++) {
		char url[64];
		snprintf(url, sizeof(url), "http://a.test/%s", ends[i]);
		struct stage_seen *seen = stage_probe(&stage, url);
		assert_int_equal(seen->failure, REASON_OK);
		assert_int_equal(seen->hop_count, 1);
		assert_int_equal(seen->hops[0].via, HOP_VIA_NONE);
	}
	stage_close(&stage);
}

static void vets_addresses(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/", STAGE_CLOSE, HTML("x"), NULL, 0 }, { 0 } };
	open_with(routes);
	assert_int_equal(stage_probe(&stage, "http://private.test/")->failure,
		REASON_ADDRESS_FORBIDDEN);
	assert_int_equal(stage.seen.attempts, 0);
	assert_int_equal(stage.seen.hop_count, 1);
	assert_int_equal(stage_probe(&stage, "http://10.1.1.1/")->failure,
		REASON_ADDRESS_FORBIDDEN);
	assert_int_equal(stage_probe(&stage, "http://[::ffff:10.1.1.1]/")->failure,
		REASON_ADDRESS_FORBIDDEN);
	assert_int_equal(stage_probe(&stage, "http://0x0a010101/")->failure,
		REASON_ADDRESS_FORBIDDEN);
	assert_int_equal(stage.connections, 0);
	assert_int_equal(stage_probe(&stage, "http://mixed.test/")->failure, REASON_OK);
	assert_int_equal(stage_probe(&stage, "http://localhost/")->failure, REASON_OK);
	assert_int_equal(stage_probe(&stage, "http://127.0.0.1/")->failure, REASON_OK);
	stage_close(&stage);

	stage_open(&stage, routes, host_names());
	stage.config.addresses.allowed_count = 0;
	stage.to_port.to_host = SLICE("localhost");
	stage_begin(&stage);
	assert_int_equal(
		stage_probe(&stage, "http://a.test/")->failure, REASON_ADDRESS_FORBIDDEN);
	assert_int_equal(stage.connections, 0);
	stage_close(&stage);
}

static void connects_to(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/", STAGE_CLOSE, HTML("x"), NULL, 0 }, { 0 } };
	stage_open(&stage, routes, host_names());
	struct connect_to rules[] = {
		{ SLICE("x.invalid"), 80, SLICE("b.test"), stage.port },
		{ SLICE("X.invalid"), 8080, SLICE("[127.0.0.1]"), stage.port },
		{ SLICE("y.invalid"), -1, SLICE("127.0.0.1"), stage.port },
	};
	stage.config.connect_to = rules;
	stage.config.connect_to_count = 3;
	stage_begin(&stage);
	assert_int_equal(stage_probe(&stage, "http://x.invalid/")->failure, REASON_OK);
	assert_true(logged("Host: x.invalid\r\n"));
	assert_int_equal(
		stage_probe(&stage, "http://y.invalid:8443/")->failure, REASON_OK);
	assert_true(logged("Host: y.invalid:8443\r\n"));
	assert_int_equal(
		stage_probe(&stage, "http://z.invalid/")->failure, REASON_DNS_NXDOMAIN);
	stage_close(&stage);
}

static void keeps_headers_at_home(void **state)
{
	(void)state;
	struct stage_route routes[] = {
		{ "/1", STAGE_CLOSE, TO("302", "http://www.a.test/2"), NULL, 0 },
		{ "/2", STAGE_CLOSE, TO("302", "http://b.test/3"), NULL, 0 },
		{ "/3", STAGE_CLOSE, HTML("x"), NULL, 0 }, { 0 }
	};
	struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ .name = "www.a.test", .v4 = { "127.0.0.1" } },
		{ .name = "b.test", .v4 = { "127.0.0.1" } }, { 0 } };
	const struct header headers[] = { { SLICE("X-Token"), SLICE("t0") },
		{ SLICE("Accept"), SLICE("a/b") } };
	stage_open(&stage, routes, names);
	stage.config.headers = headers;
	stage.config.header_count = 2;
	stage_begin(&stage);
	assert_int_equal(stage_probe(&stage, "http://a.test/1")->failure, REASON_OK);
	struct slice log = buffer_slice(&stage.log);
	size_t third = slice_find(log, SLICE("GET /3"));
	assert_int_not_equal(third, SLICE_NONE);
	struct slice before = slice_sub(log, 0, third);
	struct slice behind = slice_sub(log, third, log.len);
	size_t second = slice_find(before, SLICE("GET /2"));
	assert_int_not_equal(
		slice_find(slice_sub(before, 0, second), SLICE("X-Token: t0")),
		SLICE_NONE);
	assert_int_not_equal(slice_find(slice_sub(before, second, before.len),
				     SLICE("Accept: a/b\r\n")),
		SLICE_NONE);
	assert_int_equal(slice_find(behind, SLICE("X-Token")), SLICE_NONE);
	assert_int_equal(slice_find(behind, SLICE("a/b")), SLICE_NONE);
	assert_int_not_equal(slice_find(behind, SLICE("Accept: text/html")), SLICE_NONE);
	stage_close(&stage);
}

/* Whoever answers at another port of the same host may be anybody (CVE-2022-27774). */
static void keeps_headers_at_its_port(void **state)
{
	(void)state;
	struct stage_route routes[] = {
		{ "/1", STAGE_CLOSE, TO("302", "http://a.test:8443/2"), NULL, 0 },
		{ "/2", STAGE_CLOSE, HTML("x"), NULL, 0 }, { 0 }
	};
	struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ 0 } };
	const struct header headers[] = { { SLICE("X-Token"), SLICE("t0") } };
	stage_open(&stage, routes, names);
	struct connect_to rules[] = {
		{ SLICE("a.test"), -1, SLICE("127.0.0.1"), stage.port },
	};
	stage.config.connect_to = rules;
	stage.config.connect_to_count = 1;
	stage.config.headers = headers;
	stage.config.header_count = 1;
	stage_begin(&stage);
	assert_int_equal(stage_probe(&stage, "http://a.test/1")->failure, REASON_OK);
	struct slice log = buffer_slice(&stage.log);
	size_t second = slice_find(log, SLICE("GET /2"));
	assert_int_not_equal(second, SLICE_NONE);
	assert_int_not_equal(
		slice_find(slice_sub(log, 0, second), SLICE("X-Token")), SLICE_NONE);
	assert_int_equal(slice_find(slice_sub(log, second, log.len), SLICE("X-Token")),
		SLICE_NONE);
	stage_close(&stage);
}

static void carries_cookies_along_a_chain(void **state)
{
	(void)state;
	struct stage_route routes[] = {
		{ "/1", STAGE_CLOSE,
			"HTTP/1.1 302 x\r\nContent-Length: 0\r\nSet-Cookie: a=0; "
			"Path=/\r\nSet-Cookie: a=1\r\n"
			"Set-Cookie: b=2; Domain=a.test\r\nSet-Cookie: =x\r\n"
			"Location: /1\r\n\r\n",
			TO("302", "http://b.test/2"), 0 },
		{ "/2", STAGE_CLOSE, TO("302", "http://www.a.test/3"), NULL, 0 },
		{ "/3", STAGE_CLOSE, HTML("x"), NULL, 0 },
		{ "/4", STAGE_CLOSE, HTML("x"), NULL, 0 }, { 0 }
	};
	struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ .name = "www.a.test", .v4 = { "127.0.0.1" } },
		{ .name = "b.test", .v4 = { "127.0.0.1" } }, { 0 } };
	stage_open(&stage, routes, names);
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/1");
	assert_int_equal(seen->failure, REASON_OK);
	assert_int_equal(seen->hop_count, 4);
	struct slice log = buffer_slice(&stage.log);
	size_t two = slice_find(log, SLICE("GET /2")),
	       three = slice_find(log, SLICE("GET /3"));
	assert_int_not_equal(
		slice_find(slice_sub(log, 0, two), SLICE("Cookie: a=1; b=2\r\n")),
		SLICE_NONE);
	assert_int_equal(
		slice_find(slice_sub(log, two, three), SLICE("Cookie")), SLICE_NONE);
	/* The other one is of a.test alone. */
	assert_int_not_equal(
		slice_find(slice_sub(log, three, log.len), SLICE("Cookie: b=2\r\n")),
		SLICE_NONE);
	buffer_reset(&stage.log);
	stage_probe(&stage, "http://a.test/4");
	assert_false(logged("Cookie"));
	stage_close(&stage);
}

static void paces_starts(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/", STAGE_KEEP, EMPTY("200"), NULL, 0 },
		{ 0 } };
	stage_open(&stage, routes, host_names());
	stage.config.pace.interval_us = 60 * 1000;
	stage_begin(&stage);
	for (int i = 0; i < 6; i++)
		stage_start(&stage, i % 2 ? "http://a.test/" : "http://a.test./");
	stage_run(&stage);
	assert_int_equal(stage.requests, 6);
	/* The server sees them a little later than they leave, not always equally. */
	for (uint32_t i = 1; i < stage.requests; i++)
		assert_true(stage.request_at[i] - stage.request_at[i - 1] > 50 * 1000);
	assert_true(stage.request_at[5] - stage.request_at[0] < 600 * 1000);
	stage_close(&stage);
}

static void limits_concurrency_and_keeps_connections(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/", STAGE_KEEP, EMPTY("200"), NULL, 0 },
		{ 0 } };
	open_with(routes);
	for (int i = 0; i < 30; i++)
		stage_start(&stage, "http://a.test/");
	stage_run(&stage);
	assert_int_equal(stage.requests, 30);
	assert_int_equal(stage.connections, 2);
	assert_int_equal(stage.open_most, 2);
	assert_int_equal(host_names()[0].rcode, 0);
	stage_close(&stage);
}

static void asks_again_before_the_answer(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/", STAGE_SILENT, NULL, NULL, 0 }, { 0 } };
	stage_open(&stage, routes, host_names());
	stage.config.pace.interval_us = 60 * 1000;
	stage.config.timeout_ms = 1000;
	stage_begin(&stage);
	stage_start(&stage, "http://a.test/");
	stage_start(&stage, "http://a.test/");
	stage_run(&stage);
	assert_int_equal(stage.requests, 2);
	assert_true(stage.request_at[1] - stage.request_at[0] < 500 * 1000);
	stage_close(&stage);
}

static void ends_transfers_that_time_out_together(void **state)
{
	(void)state;
	enum { COUNT = 60 };
	struct stage_route routes[] = { { "/", STAGE_SILENT, NULL, NULL, 0 }, { 0 } };
	stage_open(&stage, routes, host_names());
	stage.config.pace.concurrency = COUNT;
	stage.config.timeout_ms = 300;
	stage_begin(&stage);
	for (int i = 0; i < COUNT; i++)
		stage_start(&stage, "http://a.test/");
	stage_run(&stage);
	assert_int_equal(stage.seen.calls, COUNT);
	assert_int_equal(stage.seen.failure, REASON_TIMEOUT);
	stage_close(&stage);
}

static void keeps_connections_only_for_their_host(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/", STAGE_KEEP, EMPTY("200"), NULL, 0 },
		{ "/to", STAGE_KEEP, TO("302", "/"), NULL, 0 },
		{ "/away", STAGE_KEEP, TO("302", "http://b.test/"), NULL, 0 }, { 0 } };
	struct stage_name names[] = { { .name = "one.a.test", .v4 = { "127.0.0.1" } },
		{ .name = "two.a.test", .v4 = { "127.0.0.1" } },
		{ .name = "three.a.test", .v4 = { "127.0.0.1" } },
		{ .name = "b.test", .v4 = { "127.0.0.1" } }, { 0 } };
	stage_open(&stage, routes, names);
	stage.config.pace.concurrency = 1;
	stage_begin(&stage);
	stage_start(&stage, "http://one.a.test/");
	stage_start(&stage, "http://two.a.test/");
	stage_start(&stage, "http://three.a.test/");
	stage_run(&stage);
	assert_int_equal(stage.connections, 3);
	assert_true(stage.open_most < 3);
	/* A redirect within the host is asked on the same connection. */
	stage_probe(&stage, "http://one.a.test/to");
	assert_int_equal(stage.connections, 4);
	stage_probe(&stage, "http://one.a.test/away");
	assert_int_equal(stage.connections, 6);
	stage_close(&stage);
}

static void closes_in_the_middle(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/silent", STAGE_SILENT, NULL, NULL, 0 },
		{ "/done", STAGE_CLOSE, EMPTY("200"), NULL, 0 }, { 0 } };
	struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ .name = "mute.test", .rcode = -1 }, { 0 } };
	stage_open(&stage, routes, names);
	stage_begin(&stage);
	for (int i = 0; i < 5; i++) {
		struct probe_request request = { .url = SLICE("http://a.test/silent"),
			.on_done = stage_on_done,
			.data = &stage };
		assert_non_null(prober_start(stage.prober, &request));
		request.url = SLICE("http://mute.test/");
		assert_non_null(prober_start(stage.prober, &request));
	}
	stage_probe(&stage, "http://127.0.0.1/done");
	assert_int_equal(stage.seen.calls, 1);
	stage_close(&stage); /* sees that nobody is called any more */
}

static void close_now(
	struct probe *probe, const struct observation *observation, void *data)
{
	(void)probe, (void)observation;
	stage.seen.calls++;
	prober_close(stage.prober, stage_on_closed, data);
}

static void closes_from_within_a_callback(void **state)
{
	(void)state;
	struct stage_route routes[] = { { "/", STAGE_KEEP, EMPTY("200"), NULL, 0 },
		{ 0 } };
	open_with(routes);
	struct probe_request request = {
		.url = SLICE("http://a.test/"), .on_done = close_now, .data = &stage
	};
	for (int i = 0; i < 10; i++)
		assert_non_null(prober_start(stage.prober, &request));
	uv_run(&stage.loop, UV_RUN_DEFAULT);
	assert_int_equal(stage.seen.calls, 1);
	assert_int_equal(uv_loop_close(&stage.loop), 0);
	buffer_fini(&stage.log);
}

static void refuses_bad_configurations(void **state)
{
	(void)state;
	struct error error;
	stage_open(&stage, NULL, NULL);
	stage.config.resolver = SLICE("dns.example");
	assert_null(prober_new(&stage.loop, &stage.config, &error));
	assert_non_null(strstr(error.text, "dns.example"));
	stage.config.resolver = SLICE("127.0.0.1:99999");
	assert_null(prober_new(&stage.loop, &stage.config, &error));
	stage.config.resolver = slice_of(stage.resolver);
	stage.config.insecure = false;
	stage.config.ca_file = SLICE("/no/such/file.pem");
	assert_null(prober_new(&stage.loop, &stage.config, &error));
	assert_non_null(strstr(error.text, "/no/such/file.pem"));
	stage.config.insecure = true;
	const struct header evil = { SLICE("X"), SLICE("a\r\nHost: b") };
	stage.config.headers = &evil;
	stage.config.header_count = 1;
	assert_null(prober_new(&stage.loop, &stage.config, &error));
	stage.config.header_count = 0;
	stage_begin(&stage);
	struct probe_request request = { .url = SLICE("ftp://a.test/") };
	assert_null(prober_start(stage.prober, &request));
	request.url = SLICE("http://");
	assert_null(prober_start(stage.prober, &request));
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fetches_a_page),
		cmocka_unit_test(sends_the_path_as_written),
		cmocka_unit_test(follows_redirects_by_hand),
		cmocka_unit_test(ends_chains),
		cmocka_unit_test(vets_addresses),
		cmocka_unit_test(connects_to),
		cmocka_unit_test(keeps_headers_at_home),
		cmocka_unit_test(keeps_headers_at_its_port),
		cmocka_unit_test(carries_cookies_along_a_chain),
		cmocka_unit_test(paces_starts),
		cmocka_unit_test(limits_concurrency_and_keeps_connections),
		cmocka_unit_test(asks_again_before_the_answer),
		cmocka_unit_test(ends_transfers_that_time_out_together),
		cmocka_unit_test(keeps_connections_only_for_their_host),
		cmocka_unit_test(closes_in_the_middle),
		cmocka_unit_test(closes_from_within_a_callback),
		cmocka_unit_test(refuses_bad_configurations),
	};
	return cmocka_run_group_tests_name("prober", tests, NULL, NULL);
}
