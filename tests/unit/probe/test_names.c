#include "unit/probe/stage.h"

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static struct stage stage;
static struct stage_route routes[] = { { "/", STAGE_KEEP, OK_ANSWER, NULL, 0 }, { 0 } };

static void tells_dns_failures_apart(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "nx.test", .rcode = 3 },
		{ .name = "nodata.test" }, { .name = "servfail.test", .rcode = 2 },
		{ .name = "refused.test", .rcode = 5 },
		{ .name = "mute.test", .rcode = -1 },
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
	assert_int_equal(names[0].asked, 2); /* A and AAAA */
	assert_int_equal(names[1].asked, 2);
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
	assert_int_equal(names[1].asked, 2);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_dns_failures_apart),
		cmocka_unit_test(asks_each_name_once),
		cmocka_unit_test(names_without_address_take_no_turn),
		cmocka_unit_test(retries_failed_lookups),
		cmocka_unit_test(many_names),
	};
	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
