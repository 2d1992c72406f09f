/* policy/address: may we connect to this address?
 *
 * Anyone can add a URL to a list by pull request, so the address actually connected to is
 * vetted, on every hop; never the text of a host. Forbidden unless the operator allows
 * it: everything that the IANA special-purpose registries do not call globally reachable,
 * plus the cloud's own well-known addresses; IPv6 only within 2000::/3, with IPv4 inside
 * IPv6 (mapped, NAT64, 6to4) judged as IPv4.
 *
 * Ports: the web's own (80, 443, 8080, 8443) and those that the operator names, for a
 * list must not make us speak HTTP to a mail server or to Redis. At an address that the
 * operator allowed himself also those from PORT_DYNAMIC_MIN on, which Linux gives to
 * servers that ask for none, such as tests do: nothing well known listens there.
 */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* An IPv4 address is kept in its v4-mapped form (::ffff:a.b.c.d). */
struct address {
	uint8_t bytes[16];
};

struct address_range {
	struct address first;
	uint8_t prefix_bits; /* of the 128 */
};

struct address_policy {
	const struct address_range *allowed; /* the operator's; borrowed */
	uint32_t allowed_count;
	const uint16_t *ports; /* the operator's; borrowed */
	uint32_t port_count;
};

struct address address_of_v4(uint32_t host_order);
struct address address_of_v6(const uint8_t bytes[static 16]);
bool address_is_v4(const struct address *address);

/* "127.0.0.1", "[::1]" or "::1"; nothing else. */
bool address_parse(struct slice text, struct address *ret_address);

enum { ADDRESS_TEXT_SIZE = 48 };
void address_format(const struct address *address, char text[static ADDRESS_TEXT_SIZE]);

/* "127.0.0.0/8", "fd00::/8", or a single address. Bits beyond the prefix must be 0. */
bool address_parse_range(struct slice text, struct address_range *ret_range);

bool address_permitted(
	const struct address *address, const struct address_policy *policy);

enum { PORT_DYNAMIC_MIN = 32768 };

/* Of a permitted address; `port` is the URL's, wherever the connection may lead. */
bool address_port_permitted(const struct address *address, uint16_t port,
	const struct address_policy *policy);
