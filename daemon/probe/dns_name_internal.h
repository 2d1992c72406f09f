/* probe/dns_name: one name in the resolver's cache, and what is known of it.
 *
 * Pure: what the two questions of a name add up to, and how long it stays true.
 */
#pragma once

#include "base/table.h"
#include "probe/name_servers_internal.h"
#include "probe/resolver_internal.h"

enum dns_family { DNS_V4, DNS_V6, DNS_FAMILY_COUNT };

enum dns_state { DNS_NEW, DNS_ASKING, DNS_KNOWN };

enum { DNS_PER_FAMILY_MAX = DNS_ADDRESSES_MAX / 2 };

struct dns_part {
	enum dns_status status;
	uint32_t ttl_s;
	uint8_t count;
	struct address addresses[DNS_PER_FAMILY_MAX];
};

struct dns_name {
	struct resolver *resolver;
	struct list in_line;      /* the resolver's asking or known names */
	struct list lookups;      /* waiting for this name */
	time_us asked_at;         /* while asking */
	time_us expires_at;       /* once known */
	uint8_t queries;          /* still inside c-ares; the name may not go */
	uint8_t failures;         /* without any proof, in a row */
	uint64_t memory_failures; /* when it was asked */
	enum dns_state state;
	bool heard; /* since it was asked: any message, whatever it said */
	struct dns_part parts[DNS_FAMILY_COUNT];
	struct question questions[DNS_FAMILY_COUNT];
	UT_hash_handle hh;
	size_t host_len;
	char host[];
};

/* Enough is known to answer: both parts, or addresses and a grace period without the
 * other part. */
bool dns_name_settled(const struct dns_name *name, time_us now);

/* Addresses of both families, IPv4 first; or the failure that proves the least. */
void dns_name_answer(const struct dns_name *name, struct dns_answer *ret_answer);

/* Sets how long that holds; counts failures. */
void dns_name_keep(struct dns_name *name, time_us now);
