#include "unit/probe/stage.h"

#include "probe/dns_name_internal.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static struct stage stage;
static struct stage_route routes[] = { { "/", STAGE_KEEP, OK_ANSWER, NULL, 0 }, { 0 } };

static void tells_dns_failures_apart(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "nx.test", .rcode = 3 },
		{ .name = "nodata.test" }, { .name = "servfail.test", .rcode = 2 },
		{ .name = "refused.test", .rcode = 5 },
		{ .name = "odd.test", .rcode = 9 }, { .name = "mute.test", .rcode = -1 },
		{ .name = "half.test", .v4 = { "127.0.0.1" }, .rcode_v6 = 2 },
		{ .name = "nodata4.test", .rcode_v6 = 2 },
		{ .name = "slow6.test", .v4 = { "127.0.0.1" }, .rcode_v6 = -1 }, { 0 } };
	static const struct {
		const char *url;
		enum reason failure;
		const char *error;
	} cases[] = {
		{ "http://nx.test/", REASON_DNS_NXDOMAIN, "no such name" },
		{ "http://unknown.test/", REASON_DNS_NXDOMAIN, "no such name" },
		{ "http://nodata.test/", REASON_DNS_NO_ADDRESS, "no address" },
		{ "http://servfail.test/", REASON_DNS_SERVFAIL, "SERVFAIL" },
		{ "http://refused.test/", REASON_DNS_SERVFAIL, "REFUSED" },
		{ "http://odd.test/", REASON_DNS_SERVFAIL, "" },
		{ "http://mute.test/", REASON_DNS_TIMEOUT, "in time" },
		{ "http://half.test/", REASON_OK, "" },
		{ "http://nodata4.test/", REASON_DNS_SERVFAIL, "SERVFAIL" },
		{ "http://slow6.test/", REASON_OK, "" },
		{ "http://a..test/", REASON_BAD_URL, "" },
		{ "http://"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		  "test/",
			REASON_BAD_URL, "" },
	};
	stage_open(&stage, routes, names);
	stage.config.dns_timeout_ms = 700;
	stage_begin(&stage);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage_seen *seen = stage_probe(&stage, cases[i].url);
		if (seen->failure != cases[i].failure ||
			strstr(seen->error, cases[i].error) == NULL)
			fail_msg("%s: %s '%s'", cases[i].url, reason_text(seen->failure),
				seen->error);
		assert_int_equal(seen->hop_count, 1);
		assert_int_equal(seen->attempts, cases[i].failure == REASON_OK ? 1 : 0);
	}
	stage_close(&stage);
}

static void finds_a_good_address_of_either_family(void **state)
{
	(void)state;
	/* Nobody listens on ::1, but it may be asked and 10.0.0.1 may not. */
	struct stage_name names[] = { { .name = "six.test", .v6 = { "::1" } },
		{ .name = "mixed.test", .v4 = { "10.0.0.1" }, .v6 = { "::1" } },
		{ .name = "bad.test", .v4 = { "10.0.0.1" }, .v6 = { "fd00::1" } },
		{ 0 } };
	stage_open(&stage, routes, names);
	stage_begin(&stage);
	stage_probe(&stage, "http://six.test/");
	assert_true(stage.seen.ipv6);
	assert_int_equal(stage.seen.attempts, 1);
	stage_probe(&stage, "http://mixed.test/");
	assert_true(stage.seen.ipv6);
	assert_int_equal(stage.seen.attempts, 1);
	assert_int_equal(stage_probe(&stage, "http://bad.test/")->failure,
		REASON_ADDRESS_FORBIDDEN);
	assert_int_equal(names[2].asked, 2);
	stage_close(&stage);
}

static void adds_up_two_families(void **state)
{
	(void)state;
	static const struct {
		enum dns_status v4, v6;
		enum reason failure;
	} cases[] = {
		{ DNS_NXDOMAIN, DNS_NXDOMAIN, REASON_DNS_NXDOMAIN },
		{ DNS_NXDOMAIN, DNS_NOT_ASKED, REASON_DNS_NXDOMAIN },
		{ DNS_NXDOMAIN, DNS_TIMEOUT, REASON_DNS_NXDOMAIN },
		{ DNS_SERVFAIL, DNS_NXDOMAIN, REASON_DNS_NXDOMAIN },
		{ DNS_NXDOMAIN, DNS_NODATA, REASON_DNS_NO_ADDRESS },
		{ DNS_NODATA, DNS_NXDOMAIN, REASON_DNS_NO_ADDRESS },
		{ DNS_NODATA, DNS_NODATA, REASON_DNS_NO_ADDRESS },
		{ DNS_NODATA, DNS_SERVFAIL, REASON_DNS_SERVFAIL },
		{ DNS_NODATA, DNS_PENDING, REASON_DNS_TIMEOUT },
		{ DNS_SERVFAIL, DNS_NODATA, REASON_DNS_SERVFAIL },
		{ DNS_REFUSED, DNS_REFUSED, REASON_DNS_SERVFAIL },
		{ DNS_PENDING, DNS_NOT_ASKED, REASON_DNS_TIMEOUT },
		{ DNS_BAD_NAME, DNS_BAD_NAME, REASON_BAD_URL },
		{ DNS_NO_MEMORY, DNS_NODATA, REASON_OFFLINE },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dns_name name = { .parts = { { .status = cases[i].v4 },
						 { .status = cases[i].v6 } } };
		struct dns_answer answer;
		dns_name_answer(&name, &answer);
		if (answer.failure != cases[i].failure || answer.why == NULL)
			fail_msg("case %zu: %s", i, reason_text(answer.failure));
	}
}

static void keeps_answers_as_long_as_they_say(void **state)
{
	(void)state;
	const time_us s = 1000 * 1000;
	struct dns_name name = {
		.parts = { { .status = DNS_FOUND, .count = 1, .ttl_s = 300 },
			{ .status = DNS_FOUND, .count = 1, .ttl_s = 100 } }
	};
	dns_name_keep(&name, 5 * s);
	assert_int_equal(name.expires_at, 105 * s);
	name.parts[0].ttl_s = 0;
	dns_name_keep(&name, 0);
	assert_int_equal(name.expires_at, s);
	name.parts[0].ttl_s = 2;
	dns_name_keep(&name, 0);
	assert_int_equal(name.expires_at, 2 * s);
	name.parts[0].ttl_s = name.parts[1].ttl_s = UINT32_MAX;
	dns_name_keep(&name, 0);
	assert_int_equal(name.expires_at, 3600 * s);
	name = (struct dns_name){ .parts = { { .status = DNS_NXDOMAIN },
					  { .status = DNS_NXDOMAIN } } };
	dns_name_keep(&name, 0);
	assert_int_equal(name.expires_at, 60 * s);
	/* Failures without proof: short, until there are three in a row. */
	name.parts[0].status = name.parts[1].status = DNS_TIMEOUT;
	dns_name_keep(&name, 0);
	dns_name_keep(&name, 0);
	assert_int_equal(name.expires_at, s / 2);
	dns_name_keep(&name, 0);
	assert_int_equal(name.expires_at, 30 * s);
}

static void asks_each_name_once(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ .name = "nx.test", .rcode = 3 }, { 0 } };
	stage_open(&stage, routes, names);
	stage_begin(&stage);
	for (int i = 0; i < 20; i++) {
		stage_start(&stage, "http://a.test/");
		stage_start(&stage, "http://nx.test/");
	}
	stage_run(&stage);
	stage_probe(&stage, "http://a.test/");
	stage_probe(&stage, "http://nx.test/");
	/* A, and AAAA where this machine has a way to IPv6. */
	assert_in_range(names[0].asked, 1, 2);
	assert_in_range(names[1].asked, 1, 2);
	assert_int_equal(stage.seen.timing.dns_ms, -1);
	stage_close(&stage);
}

static void names_without_address_take_no_turn(void **state)
{
	(void)state;
	stage_open(&stage, routes, NULL);
	stage.config.pace.interval_us = 1000 * 1000;
	stage_begin(&stage);
	uint64_t before = uv_hrtime();
	for (int i = 0; i < 50; i++)
		stage_start(&stage, "http://gone.test/");
	stage_run(&stage);
	assert_int_equal(stage.seen.failure, REASON_DNS_NXDOMAIN);
	assert_true(uv_hrtime() - before < UINT64_C(1000000000));
	stage_close(&stage);
}

static void retries_failed_lookups(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "servfail.test", .rcode = 2 },
		{ .name = "nx.test", .rcode = 3 }, { 0 } };
	stage_open(&stage, routes, names);
	stage.config.retry.retries_max = 1;
	stage.config.retry.delay_ms = 700; /* beyond what a failure is remembered */
	stage_begin(&stage);
	stage_start(&stage, "http://servfail.test/");
	stage_start(&stage, "http://nx.test/");
	stage_run(&stage);
	assert_int_equal(names[0].asked, 4);
	assert_in_range(names[1].asked, 1, 2);
	stage_close(&stage);
}

static void many_names(void **state)
{
	(void)state;
	enum { COUNT = 300 };
	static struct stage_name names[COUNT + 1];
	static char texts[COUNT][32];
	char url[64] = "";
	for (int i = 0; i < COUNT; i++) {
		snprintf(texts[i], sizeof(texts[i]), "h%d.example", i);
		names[i] = (struct stage_name){ .name = texts[i], .v4 = { "127.0.0.1" } };
	}
	stage_open(&stage, routes, names);
	stage.config.dns_timeout_ms = 5000; /* also under valgrind */
	stage_begin(&stage);
	for (int i = 0; i < COUNT; i++) {
		snprintf(url, sizeof(url), "http://%.31s/", texts[i]);
		stage_start(&stage, url);
	}
	stage_run(&stage);
	assert_int_equal(stage.requests, COUNT);
	assert_int_equal(prober_counts(stage.prober).done, COUNT);
	assert_int_equal(prober_counts(stage.prober).requests, COUNT);
	assert_int_equal(prober_counts(stage.prober).waiting, 0);
	assert_int_equal(prober_counts(stage.prober).running, 0);
	stage_close(&stage);
}

/* --- several name servers --- */

static struct stage second;

static void open_two_servers(struct stage_name *names, struct stage_name *others)
{
	static char text[64];
	struct sockaddr_in any;
	struct sockaddr_storage at;
	int len = sizeof(at);
	stage_open(&stage, routes, names);
	memset(&second, 0, sizeof(second));
	second.names = others;
	uv_ip4_addr("127.0.0.1", 0, &any);
	uv_udp_init(&stage.loop, &second.dns);
	second.dns.data = &second;
	assert_int_equal(uv_udp_bind(&second.dns, (const struct sockaddr *)&any, 0), 0);
	uv_udp_recv_start(&second.dns, stage_alloc, stage_on_dns);
	uv_udp_getsockname(&second.dns, (struct sockaddr *)&at, &len);
	snprintf(text, sizeof(text), "127.0.0.1:%u, 127.0.0.1:%u",
		(unsigned)stage.dns_port, (unsigned)stage_port_of(&at));
	stage.config.resolver = slice_of(text);
	stage.config.dns_timeout_ms = 2000;
}

static void asks_the_next_server_what_one_cannot_tell(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "servfail.test", .rcode = 2 },
		{ .name = "refused.test", .rcode = 5 },
		{ .name = "both-fail.test", .rcode = 2 },
		{ .name = "both-refuse.test", .rcode = 5 },
		{ .name = "nx.test", .rcode = 3 }, { .name = "nodata.test" },
		{ .name = "fails-then-mute.test", .rcode = 2 },
		{ .name = "mute.test", .rcode = -1 },
		{ .name = "all-mute.test", .rcode = -1 }, { 0 } };
	struct stage_name others[] = { { .name = "servfail.test", .v4 = { "127.0.0.1" } },
		{ .name = "refused.test", .v4 = { "127.0.0.1" } },
		{ .name = "both-fail.test", .rcode = 2 },
		{ .name = "both-refuse.test", .rcode = 5 },
		{ .name = "nx.test", .v4 = { "127.0.0.1" } },
		{ .name = "nodata.test", .v4 = { "127.0.0.1" } },
		{ .name = "fails-then-mute.test", .rcode = -1 },
		{ .name = "mute.test", .v4 = { "127.0.0.1" } },
		{ .name = "all-mute.test", .rcode = -1 }, { 0 } };
	static const struct {
		const char *url;
		enum reason failure;
		const char *error;
	} cases[] = {
		{ "http://servfail.test/", REASON_OK, "" },
		{ "http://refused.test/", REASON_OK, "" },
		{ "http://both-fail.test/", REASON_DNS_SERVFAIL, "SERVFAIL" },
		{ "http://both-refuse.test/", REASON_DNS_SERVFAIL, "REFUSED" },
		{ "http://nx.test/", REASON_DNS_NXDOMAIN, "" },
		{ "http://nodata.test/", REASON_DNS_NO_ADDRESS, "" },
		{ "http://fails-then-mute.test/", REASON_DNS_SERVFAIL, "SERVFAIL" },
		{ "http://mute.test/", REASON_OK, "" },
		{ "http://all-mute.test/", REASON_DNS_TIMEOUT, "in time" },
	};
	open_two_servers(names, others);
	stage_begin(&stage);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage_seen *seen = stage_probe(&stage, cases[i].url);
		if (seen->failure != cases[i].failure ||
			strstr(seen->error, cases[i].error) == NULL)
			fail_msg("%s: %s '%s'", cases[i].url, reason_text(seen->failure),
				seen->error);
	}
	assert_int_equal(others[4].asked, 0); /* "no such name" is an answer */
	uint64_t asked, answered;
	prober_resolver_health(stage.prober, &asked, &answered);
	assert_int_equal(asked, 9);
	assert_int_equal(answered, 8);
	stage_close(&stage);
}

/* The second one serves everybody as soon as the first was found silent. */
static void leaves_a_silent_server_alone(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "a.test", .rcode = -1 },
		{ .name = "b.test", .rcode = -1 }, { 0 } };
	struct stage_name others[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ .name = "b.test", .v4 = { "127.0.0.1" } }, { 0 } };
	open_two_servers(names, others);
	stage_begin(&stage);
	assert_int_equal(stage_probe(&stage, "http://a.test/")->failure, REASON_OK);
	assert_int_equal(stage_probe(&stage, "http://b.test/")->failure, REASON_OK);
	assert_true(names[0].asked > 0);
	assert_int_equal(names[1].asked, 0);
	stage_close(&stage);
}

/* A port that nobody listens on. */
static void tells_a_resolver_that_is_not_there(void **state)
{
	(void)state;
	uint64_t asked, answered;
	stage_open(&stage, routes, NULL);
	stage.config.resolver = SLICE("127.0.0.1:1");
	stage.config.dns_timeout_ms = 3000;
	stage_begin(&stage);
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/");
	assert_int_equal(seen->failure, REASON_DNS_SERVFAIL);
	assert_non_null(strstr(seen->error, "cannot be reached"));
	prober_resolver_health(stage.prober, &asked, &answered);
	assert_int_equal(asked, 1);
	assert_int_equal(answered, 0);
	stage_close(&stage);
}

/* --- the canary --- */

static int pings;

static void on_ping(void *data, enum reason answer)
{
	(void)answer;
	pings++;
	uv_stop(data);
}

static void pings_the_resolver(void **state)
{
	(void)state;
	struct stage_name names[] = {
		{ .name = "a.root-servers.net", .v4 = { "198.41.0.4" } }, { 0 }
	};
	uint64_t asked, answered;
	pings = 0;
	stage_open(&stage, routes, names);
	stage_begin(&stage);
	for (int i = 1; i <= 3; i++) { /* what it said before is no answer */
		assert_int_equal(
			prober_ping_resolver(stage.prober, false, on_ping, &stage.loop),
			0);
		assert_int_equal(pings, i - 1);
		uv_run(&stage.loop, UV_RUN_DEFAULT);
		assert_int_equal(pings, i);
		prober_resolver_health(stage.prober, &asked, &answered);
		assert_int_equal(asked, i);
		assert_int_equal(answered, i);
	}
	names[0].rcode = -1;
	assert_int_equal(
		prober_ping_resolver(stage.prober, false, on_ping, &stage.loop), 0);
	uv_run(&stage.loop, UV_RUN_DEFAULT);
	assert_int_equal(pings, 4);
	prober_resolver_health(stage.prober, &asked, &answered);
	assert_int_equal(asked, 4);
	assert_int_equal(answered, 3);
	stage_close(&stage);
	/* One that waits for its answer and one that was not yet asked. */
	stage_open(&stage, routes, names);
	stage_begin(&stage);
	assert_int_equal(
		prober_ping_resolver(stage.prober, false, on_ping, &stage.loop), 0);
	uv_run(&stage.loop, UV_RUN_NOWAIT);
	assert_int_equal(
		prober_ping_resolver(stage.prober, false, on_ping, &stage.loop), 0);
	stage_close(&stage);
	assert_int_equal(pings, 4);
}

static void on_word(void *data, enum reason answer)
{
	*(enum reason *)data = answer;
	uv_stop(&stage.loop);
}

static enum reason ping(bool inside)
{
	enum reason answer = REASON_BAD_URL;
	assert_int_equal(prober_ping_resolver(stage.prober, inside, on_word, &answer), 0);
	uv_run(&stage.loop, UV_RUN_DEFAULT);
	return answer;
}

/* A server of an intranet denies the canary for ever; one that denies all is broken. */
static void a_name_from_inside_speaks_for_its_server(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ 0 } };
	stage_open(&stage, routes, names);
	stage_begin(&stage);
	assert_int_equal(ping(true), REASON_DNS_NXDOMAIN); /* none is known */
	stage_probe(&stage, "http://a.test/");
	assert_int_equal(names[0].asked, 2); /* both families */
	assert_int_equal(ping(false), REASON_DNS_NXDOMAIN);
	assert_int_equal(names[0].asked, 2);
	assert_int_equal(ping(true), REASON_OK);
	assert_int_equal(names[0].asked, 4);
	names[0].rcode = 3;
	assert_int_equal(ping(true), REASON_DNS_NXDOMAIN);
	stage_close(&stage);
}

static void on_ping_close(void *data, enum reason answer)
{
	(void)answer;
	pings++;
	prober_close(data, stage_on_closed, &stage);
}

static void no_ping_after_the_close(void **state)
{
	(void)state;
	pings = 0;
	stage_open(&stage, routes, NULL);
	stage_begin(&stage);
	for (int i = 0; i < 3; i++)
		assert_int_equal(prober_ping_resolver(stage.prober, false, on_ping_close,
					 stage.prober),
			0);
	uv_run(&stage.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&stage.loop), 0);
	buffer_fini(&stage.log);
	assert_int_equal(pings, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_dns_failures_apart),
		cmocka_unit_test(finds_a_good_address_of_either_family),
		cmocka_unit_test(adds_up_two_families),
		cmocka_unit_test(keeps_answers_as_long_as_they_say),
		cmocka_unit_test(asks_each_name_once),
		cmocka_unit_test(names_without_address_take_no_turn),
		cmocka_unit_test(retries_failed_lookups),
		cmocka_unit_test(many_names),
		cmocka_unit_test(asks_the_next_server_what_one_cannot_tell),
		cmocka_unit_test(leaves_a_silent_server_alone),
		cmocka_unit_test(tells_a_resolver_that_is_not_there),
		cmocka_unit_test(pings_the_resolver),
		cmocka_unit_test(a_name_from_inside_speaks_for_its_server),
		cmocka_unit_test(no_ping_after_the_close),
	};
	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
