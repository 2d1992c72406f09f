#include "lib/test.h"

#include "policy/address.h"

static const struct address_policy nobody = { 0 };

static bool permitted(const char *text, const struct address_policy *policy)
{
	struct address address;
	if (!address_parse(slice_of(text), &address))
		fail_msg("%s is not an address", text);
	return address_permitted(&address, policy);
}

static void reads_and_writes(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} good[] = { { "127.0.0.1", "127.0.0.1" }, { "[::1]", "::1" }, { "::1", "::1" },
		{ "::ffff:10.1.2.3", "10.1.2.3" }, { "2001:DB8::0:1", "2001:db8::1" },
		{ "255.255.255.255", "255.255.255.255" } };
	static const char *const bad[] = { "", "localhost", "127.1", "0x7f.0.0.1",
		"2130706433", "0177.0.0.1", "1.2.3.4.", "1.2.3.4:80", "[1.2.3.4]", "[::1",
		"::1]", "fe80::1%eth0", "::1::", "1.2.3.256", " 1.2.3.4",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000" };
	struct address address;
	char text[ADDRESS_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(address_parse(slice_of(good[i].in), &address));
		address_format(&address, text);
		assert_string_equal(text, good[i].out);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (address_parse(slice_of(bad[i]), &address))
			fail_msg("\"%s\" was taken for an address", bad[i]);
	assert_false(address_parse((struct slice){ "1.2.3.4\0x", 9 }, &address));
	struct address v4 = address_of_v4(0x7f000001);
	assert_true(address_is_v4(&v4));
	address_format(&v4, text);
	assert_string_equal(text, "127.0.0.1");
	struct address v6 = address_of_v6((const uint8_t[16]){ 0x20, 1 });
	assert_false(address_is_v4(&v6));
}

/* The first and last address of each forbidden range, and its neighbours outside. */
static void forbidden_ranges(void **state)
{
	(void)state;
	static const char *const forbidden[] = { "0.0.0.0", "0.255.255.255", "10.0.0.0",
		"10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
		"127.255.255.255", "169.254.0.0", "169.254.169.254", "172.16.0.0",
		"172.31.255.255", "192.0.0.0", "192.0.0.8", "192.0.0.11", "192.0.0.255",
		"192.0.2.1", "192.31.196.1", "192.52.193.1", "192.88.99.1", "192.168.0.0",
		"192.168.255.255", "192.175.48.1", "198.18.0.0", "198.19.255.255",
		"198.51.100.7", "203.0.113.255", "224.0.0.0", "239.255.255.255",
		"240.0.0.0", "255.255.255.255", "168.63.129.16", "::", "::1", "::7f00:1",
		"::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::127.0.0.1",
		"64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001::1",
		"2001:2::1", "2001:10::1", "2001:20::1", "2001:30::1", "2001:1ff::1",
		"2001:db8::1", "2002:7f00:1::1", "2002:c0a8:101::", "2620:4f:8000::1",
		"3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1", "fd00::1",
		"fe80::1", "fec0::1", "ff02::1", "1fff:ffff::1" };
	static const char *const fine[] = { "1.0.0.0", "9.255.255.255", "11.0.0.0",
		"100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0",
		"172.15.255.255", "172.32.0.0", "192.0.0.9", "192.0.0.10", "192.0.1.0",
		"192.0.3.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
		"198.20.0.0", "223.255.255.255", "::ffff:8.8.8.8", "64:ff9b::808:808",
		"2002:808:808::1", "2001:200::1", "2001:db7::1", "2001:db9::1", "2003::1",
		"2606:4700::1", "2620:4f:8001::", "3ffe::1", "3fff:1000::1",
		"2a00:1450::1" };

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++)
		if (permitted(forbidden[i], &nobody))
			fail_msg("%s is permitted", forbidden[i]);
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++)
		if (!permitted(fine[i], &nobody))
			fail_msg("%s is forbidden", fine[i]);
}

static void the_operator_wins(void **state)
{
	(void)state;
	struct address_range ranges[2];
	assert_true(address_parse_range(SLICE("127.0.0.0/8"), &ranges[0]));
	assert_true(address_parse_range(SLICE("fd00::/8"), &ranges[1]));
	struct address_policy policy = { .allowed = ranges, .allowed_count = 2 };

	assert_true(permitted("127.0.0.1", &policy));
	assert_true(permitted("127.255.0.9", &policy));
	assert_true(permitted("::ffff:127.0.0.1", &policy));
	assert_true(permitted("64:ff9b::127.0.0.1", &policy));
	assert_true(permitted("fd12::1", &policy));
	assert_true(permitted("8.8.8.8", &policy));
	assert_false(permitted("10.0.0.1", &policy));
	assert_false(permitted("::1", &policy));
	assert_false(permitted("fc12::1", &policy));

	assert_true(address_parse_range(SLICE("0.0.0.0/0"), &ranges[0]));
	assert_true(permitted("10.0.0.1", &policy));
	assert_false(permitted("::1", &policy));
}

static void ranges(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned bits;
	} good[] = { { "127.0.0.0/8", 104 }, { "127.0.0.1", 128 },
		{ "127.0.0.1/32", 128 }, { "::/0", 0 }, { "fd00::/8", 8 },
		{ "[::1]/128", 128 }, { "::ffff:0:0/96", 96 }, { "0.0.0.0/0", 96 },
		{ "10.128.0.0/9", 105 } };
	static const char *const bad[] = { "", "/8", "127.0.0.0/", "127.0.0.0/33",
		"127.0.0.1/8", "10.128.0.0/8", "::1/127", "::/129", "::/-1", "1.2.3.4/8x",
		"fd00::/8/8", "example.org/8" };
	struct address_range range;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!address_parse_range(slice_of(good[i].text), &range))
			fail_msg("%s is no range", good[i].text);
		assert_int_equal(range.prefix_bits, good[i].bits);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (address_parse_range(slice_of(bad[i]), &range))
			fail_msg("\"%s\" was taken for a range", bad[i]);
}

/* The web's ports and the operator's anywhere; dynamic ones where he allowed the address.
 */
static void ports_are_the_webs(void **state)
{
	struct address_range range;
	static const uint16_t named[] = { 25, 6379 };
	static const struct {
		const char *address;
		uint16_t port;
		bool permitted, when_named;
	} cases[] = {
		{ "8.8.8.8", 80, true, true },
		{ "8.8.8.8", 443, true, true },
		{ "8.8.8.8", 8080, true, true },
		{ "8.8.8.8", 8443, true, true },
		{ "8.8.8.8", 81, false, false },
		{ "8.8.8.8", 22, false, false },
		{ "8.8.8.8", 3000, false, false },
		{ "8.8.8.8", 25, false, true },
		{ "10.1.2.3", 80, true, true },
		{ "10.1.2.3", 3000, false, false },
		{ "10.1.2.3", 32768, true, true },
		{ "10.1.2.3", 40123, true, true },
		{ "8.8.8.8", 40123, false, false },
		{ "10.1.2.3", 22, false, false },
		{ "10.1.2.3", 6379, false, true },
		{ "10.1.2.3", 5432, false, false },
		{ "10.1.2.3", 6667, false, false },
		{ "10.1.2.3", 0, false, false },
	};
	(void)state;
	assert_true(address_parse_range(SLICE("10.0.0.0/8"), &range));
	struct address_policy policy = { .allowed = &range, .allowed_count = 1 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct address address;
		assert_true(address_parse(slice_of(cases[i].address), &address));
		policy.port_count = 0;
		if (address_port_permitted(&address, cases[i].port, &policy) !=
			cases[i].permitted)
			fail_msg("%s port %u", cases[i].address, cases[i].port);
		policy.ports = named;
		policy.port_count = 2;
		if (address_port_permitted(&address, cases[i].port, &policy) !=
			cases[i].when_named)
			fail_msg("%s port %u, named", cases[i].address, cases[i].port);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(forbidden_ranges),
		cmocka_unit_test(the_operator_wins),
		cmocka_unit_test(ports_are_the_webs),
		cmocka_unit_test(ranges),
	};
	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
