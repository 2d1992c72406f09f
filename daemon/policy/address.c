#include "policy/address.h"

#include <arpa/inet.h>

#define V4(a, b, c, d)                                                                   \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

enum { V4_PREFIX_BITS = 96 };

/* Not globally reachable by the IANA IPv4 special-purpose registry, or never the address
 * of a page. */
static const struct {
	uint32_t first;
	uint8_t prefix_bits;
} forbidden_v4[] = {
	{ V4(0, 0, 0, 0), 8 },        /* "this network" */
	{ V4(10, 0, 0, 0), 8 },       /* private */
	{ V4(100, 64, 0, 0), 10 },    /* carriers' NAT; Alibaba's metadata */
	{ V4(127, 0, 0, 0), 8 },      /* loopback */
	{ V4(168, 63, 129, 16), 32 }, /* Azure's wire server, formally global */
	{ V4(169, 254, 0, 0), 16 },   /* link-local; cloud metadata */
	{ V4(172, 16, 0, 0), 12 },    /* private */
	{ V4(192, 0, 0, 0), 24 },     /* protocol assignments; see public_v4 */
	{ V4(192, 0, 2, 0), 24 },     /* documentation */
	{ V4(192, 31, 196, 0), 24 },  /* AS112 */
	{ V4(192, 52, 193, 0), 24 },  /* AMT */
	{ V4(192, 88, 99, 0), 24 },   /* 6to4 relays */
	{ V4(192, 168, 0, 0), 16 },   /* private */
	{ V4(192, 175, 48, 0), 24 },  /* AS112 */
	{ V4(198, 18, 0, 0), 15 },    /* benchmarks */
	{ V4(198, 51, 100, 0), 24 },  /* documentation */
	{ V4(203, 0, 113, 0), 24 },   /* documentation */
	{ V4(224, 0, 0, 0), 4 },      /* multicast */
	{ V4(240, 0, 0, 0), 4 },      /* reserved, and the broadcast */
};

/* Anycast services within 192.0.0.0/24 that are global. */
static const uint32_t public_v4[] = { V4(192, 0, 0, 9), V4(192, 0, 0, 10) };

/* Exceptions within 2000::/3; everything outside it is forbidden anyway. */
static const struct address_range forbidden_v6[] = {
	{ { { 0x20, 0x01 } }, 23 },             /* protocols, Teredo, ORCHID */
	{ { { 0x20, 0x01, 0x0d, 0xb8 } }, 32 }, /* documentation */
	{ { { 0x26, 0x20, 0x00, 0x4f, 0x80, 0x00 } }, 48 }, /* AS112 */
	{ { { 0x3f, 0xff } }, 20 },                         /* documentation */
};

static const struct address_range global_unicast = { { { 0x20 } }, 3 };
static const struct address_range six_to_four = { { { 0x20, 0x02 } }, 16 };
static const struct address_range nat64 = { { { 0x00, 0x64, 0xff, 0x9b } }, 96 };
static const struct address_range v4_mapped = { { { [10] = 0xff, [11] = 0xff } }, 96 };

static bool range_holds(const struct address_range *range, const struct address *address)
{
	size_t whole = range->prefix_bits / 8;
	unsigned rest = range->prefix_bits % 8;

	if (memcmp(range->first.bytes, address->bytes, whole) != 0)
		return false;
	return rest == 0 ||
	       ((range->first.bytes[whole] ^ address->bytes[whole]) >> (8 - rest)) == 0;
}

struct address address_of_v4(uint32_t host_order)
{
	struct address address = v4_mapped.first;
	for (size_t i = 0; i < 4; i++)
		address.bytes[12 + i] = (uint8_t)(host_order >> (24 - 8 * i));
	return address;
}

struct address address_of_v6(const uint8_t bytes[static 16])
{
	struct address address;
	memcpy(address.bytes, bytes, sizeof(address.bytes));
	return address;
}

bool address_is_v4(const struct address *address)
{
	return range_holds(&v4_mapped, address);
}

static uint32_t v4_at(const uint8_t *bytes)
{
	return V4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

/* The IPv4 address that packets to this one end at. */
static bool embedded_v4(const struct address *address, uint32_t *ret_v4)
{
	if (address_is_v4(address) || range_holds(&nat64, address))
		*ret_v4 = v4_at(address->bytes + 12);
	else if (range_holds(&six_to_four, address))
		*ret_v4 = v4_at(address->bytes + 2);
	else
		return false;
	return true;
}

bool address_parse(struct slice text, struct address *ret_address)
{
	char copy[INET6_ADDRSTRLEN];
	struct in_addr v4;
	struct in6_addr v6;
	bool brackets =
		text.len >= 2 && text.at[0] == '[' && slice_ends(text, SLICE("]"));

	if (brackets)
		text = slice_sub(text, 1, text.len - 1);
	if (text.len == 0 || text.len >= sizeof(copy) ||
		slice_find_char(text, '\0') != SLICE_NONE)
		return false;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	if (inet_pton(AF_INET6, copy, &v6) == 1) {
		*ret_address = address_of_v6(v6.s6_addr);
		return true;
	}
	if (brackets || inet_pton(AF_INET, copy, &v4) != 1)
		return false;
	*ret_address = address_of_v4(ntohl(v4.s_addr));
	return true;
}

void address_format(const struct address *address, char text[static ADDRESS_TEXT_SIZE])
{
	bool v4 = address_is_v4(address);
	const char *done = inet_ntop(v4 ? AF_INET : AF_INET6,
		v4 ? address->bytes + 12 : address->bytes, text, ADDRESS_TEXT_SIZE);
	if (done == NULL)
		text[0] = '\0';
}

static bool only_zeros_behind(const struct address *address, unsigned prefix_bits)
{
	for (unsigned bit = prefix_bits; bit < 128; bit++)
		if ((address->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
			return false;
	return true;
}

bool address_parse_range(struct slice text, struct address_range *ret_range)
{
	size_t slash = slice_find_char(text, '/');
	struct slice first = slice_sub(text, 0, slash);
	struct address_range range;
	uint64_t bits = 128;

	if (!address_parse(first, &range.first))
		return false;
	bool dotted = slice_find_char(first, ':') == SLICE_NONE;
	if (slash != SLICE_NONE) {
		struct slice digits = slice_sub(text, slash + 1, text.len);
		if (!slice_to_number(digits, dotted ? 32 : 128, &bits))
			return false;
		bits += dotted ? V4_PREFIX_BITS : 0;
	}
	if (!only_zeros_behind(&range.first, (unsigned)bits))
		return false;
	range.prefix_bits = (uint8_t)bits;
	*ret_range = range;
	return true;
}

static bool is_allowed(const struct address *address, const struct address_policy *policy)
{
	for (uint32_t i = 0; i < policy->allowed_count; i++)
		if (range_holds(&policy->allowed[i], address))
			return true;
	return false;
}

static bool is_public_v4(uint32_t v4)
{
	for (size_t i = 0; i < sizeof(public_v4) / sizeof(public_v4[0]); i++)
		if (v4 == public_v4[i])
			return true;
	for (size_t i = 0; i < sizeof(forbidden_v4) / sizeof(forbidden_v4[0]); i++)
		if ((v4 ^ forbidden_v4[i].first) >> (32 - forbidden_v4[i].prefix_bits) ==
			0)
			return false;
	return true;
}

bool address_permitted(const struct address *address, const struct address_policy *policy)
{
	uint32_t v4;

	if (is_allowed(address, policy))
		return true;
	if (embedded_v4(address, &v4)) {
		struct address mapped = address_of_v4(v4);
		return is_allowed(&mapped, policy) || is_public_v4(v4);
	}
	if (!range_holds(&global_unicast, address))
		return false;
	for (size_t i = 0; i < sizeof(forbidden_v6) / sizeof(forbidden_v6[0]); i++)
		if (range_holds(&forbidden_v6[i], address))
			return false;
	return true;
}

/* --- ports ------------------------------------------------------------------------- */

static bool is_port_of(uint16_t port, const uint16_t *ports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ports[i] == port)
			return true;
	return false;
}

bool address_port_permitted(
	const struct address *address, uint16_t port, const struct address_policy *policy)
{
	static const uint16_t web[] = { 80, 443, 8080, 8443 };

	return is_port_of(port, web, sizeof(web) / sizeof(web[0])) ||
	       is_port_of(port, policy->ports, policy->port_count) ||
	       (port >= PORT_DYNAMIC_MIN && is_allowed(address, policy));
}
