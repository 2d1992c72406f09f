/* IPv4 and IPv6 kept apart: one of them is broken, or this machine has none. */
#include "unit/probe/stage.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/prober_internal.h"

enum { FILLERS = 3 };

static struct stage stage;
static struct stage_route routes[] = {
	{ "/", STAGE_CLOSE, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NULL, 0 },
	{ 0 }
};
static const uint8_t loopback_v6[16] = { [15] = 1 };

/* The resolver asks for both families only where there is a way to IPv6. */
static void begin(bool ipv6_first)
{
	stage_begin(&stage);
	if (!stage.prober->ipv6_first) {
		stage_close(&stage);
		skip();
	}
	stage.prober->ipv6_first = ipv6_first;
}

/* Somebody listens, but the queue is full: no SYN is answered any more. */
struct hole {
	int listener, fillers[FILLERS];
};

static void hole_open(struct hole *hole, const struct sockaddr *at, socklen_t len)
{
	hole->listener = socket(at->sa_family, SOCK_STREAM, 0);
	assert_true(hole->listener >= 0);
	assert_int_equal(bind(hole->listener, at, len), 0);
	assert_int_equal(listen(hole->listener, 0), 0);
	for (int i = 0; i < FILLERS; i++) {
		hole->fillers[i] = socket(at->sa_family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(hole->fillers[i], at, len);
	}
}

static void hole_close(const struct hole *hole)
{
	for (int i = 0; i < FILLERS; i++)
		close(hole->fillers[i]);
	close(hole->listener);
}

static void answers_over_v4_where_v6_is_broken(void **state)
{
	(void)state;
	struct stage_name names[] = {
		{ .name = "a.test", .v4 = { "127.0.0.1" }, .v6 = { "::1" } }, { 0 }
	};
	struct sockaddr_in6 at = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct hole hole;
	stage_open(&stage, routes, names);
	begin(true);
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/");
	assert_int_equal(seen->failure, REASON_OK);
	assert_false(seen->ipv6);
	assert_int_equal(seen->other_family_failure, REASON_CONNECT_REFUSED);
	assert_memory_equal(seen->peer, address_of_v4(0x7F000001).bytes, 16);
	at.sin6_port = htons(stage.port);
	hole_open(&hole, (const struct sockaddr *)&at, sizeof(at));
	seen = stage_probe(&stage, "http://a.test/");
	assert_int_equal(seen->failure, REASON_OK);
	assert_int_equal(seen->other_family_failure, REASON_CONNECT_TIMEOUT);
	assert_int_equal(seen->attempts, 1);
	hole_close(&hole);
	stage_close(&stage);
}

static void answers_over_v6_where_v4_is_broken(void **state)
{
	(void)state;
	struct stage_name names[] = {
		{ .name = "a.test", .v4 = { "127.0.0.9" }, .v6 = { "::1" } }, { 0 }
	};
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0x7F000009) };
	struct sockaddr_in6 here;
	struct hole hole;
	uv_tcp_t listener;
	stage_open(&stage, routes, names);
	begin(false);
	uv_ip6_addr("::1", stage.port, &here);
	uv_tcp_init(&stage.loop, &listener);
	listener.data = &stage;
	assert_int_equal(uv_tcp_bind(&listener, (const struct sockaddr *)&here, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&listener, 8, stage_on_connection), 0);
	at.sin_port = htons(stage.port);
	hole_open(&hole, (const struct sockaddr *)&at, sizeof(at));
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/");
	assert_int_equal(seen->failure, REASON_OK);
	assert_true(seen->ipv6);
	assert_int_equal(seen->other_family_failure, REASON_CONNECT_TIMEOUT);
	assert_memory_equal(seen->peer, loopback_v6, 16);
	hole_close(&hole);
	uv_close((uv_handle_t *)&listener, NULL);
	stage_close(&stage);
}

/* Nothing to tell where the first family answered, or where both failed. */
static void says_nothing_of_a_family_that_was_not_needed(void **state)
{
	(void)state;
	struct stage_name names[] = {
		{ .name = "a.test", .v4 = { "127.0.0.1" }, .v6 = { "::1" } },
		{ .name = "b.test", .v4 = { "127.0.0.9" }, .v6 = { "::1" } }, { 0 }
	};
	static const uint8_t none[16];
	stage_open(&stage, routes, names);
	begin(false);
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/");
	assert_int_equal(seen->failure, REASON_OK);
	assert_int_equal(seen->other_family_failure, REASON_OK);
	seen = stage_probe(&stage, "http://b.test/");
	assert_int_equal(seen->failure, REASON_CONNECT_REFUSED);
	assert_int_equal(seen->other_family_failure, REASON_OK);
	assert_memory_equal(seen->peer, none, 16);
	stage_close(&stage);
}

/* The kernel has no way for TCP to a multicast address, as it has none to any address
 * where there is no IPv6. */
static void blames_this_machine_for_its_lack_of_ipv6(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "six.test", .v6 = { "ff0e::1" } },
		{ 0 } };
	struct address_range allowed;
	stage_open(&stage, routes, names);
	assert_true(address_parse_range(SLICE("ff0e::/16"), &allowed));
	stage.config.addresses =
		(struct address_policy){ .allowed = &allowed, .allowed_count = 1 };
	stage_begin(&stage);
	stage.prober->ipv6_first = false;
	struct stage_seen *seen = stage_probe(&stage, "http://six.test/");
	assert_int_equal(seen->failure, REASON_NETWORK_UNREACHABLE);
	assert_non_null(strstr(seen->error, "this machine has no IPv6"));
	stage_close(&stage);
}

/* Only v4 is served here, so that v6 is known to have been tried by its refusal. */
static void begins_with_the_other_family_when_it_is_to_confirm(void **state)
{
	(void)state;
	struct stage_name names[] = {
		{ .name = "a.test", .v4 = { "127.0.0.1" }, .v6 = { "::1" } }, { 0 }
	};
	stage_open(&stage, routes, names);
	begin(false);
	struct stage_seen *seen = stage_probe(&stage, "http://a.test/");
	assert_int_equal(seen->other_family_failure, REASON_OK);
	stage_start_as(&stage, "http://a.test/",
		(struct probe_request){ .second_method = true });
	stage_run(&stage);
	assert_int_equal(seen->failure, REASON_OK);
	assert_false(seen->ipv6);
	assert_int_equal(seen->other_family_failure, REASON_CONNECT_REFUSED);
	stage_close(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_over_v4_where_v6_is_broken),
		cmocka_unit_test(answers_over_v6_where_v4_is_broken),
		cmocka_unit_test(says_nothing_of_a_family_that_was_not_needed),
		cmocka_unit_test(begins_with_the_other_family_when_it_is_to_confirm),
		cmocka_unit_test(blames_this_machine_for_its_lack_of_ipv6),
	};
	return cmocka_run_group_tests_name("families", tests, NULL, NULL);
}
