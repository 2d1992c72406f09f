/* probe/resolver: names to addresses, by c-ares in the loop.
 *
 * Its own cache (TTLs between a floor and a cap, negative answers too), equal lookups
 * asked once, both families asked at the same time and their statuses kept apart, so that
 * "there is no such name" never mixes with "nobody could tell". No search domains.
 * /etc/hosts is read only when no resolver was named; "localhost" is always this machine.
 * What comes out is a claim: whoever connects vets every address first.
 *
 * Limits: NAMES_MAX names cached, DNS_ADDRESSES_MAX addresses a name; a lookup ends after
 * the deadline whatever c-ares does.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/list.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/outcome.h"
#include "policy/address.h"
#include "probe/sockets_internal.h"

enum { DNS_ADDRESSES_MAX = 8 };

struct resolver;
struct dns_name;

struct dns_answer {
	enum reason failure; /* OK, bad_url, or one of dns_* */
	const char *why;     /* a constant sentence, when it failed */
	uint8_t count;
	struct address addresses[DNS_ADDRESSES_MAX];
};

/* One waiting for an answer; embedded in the asker. A zeroed one is idle. */
struct lookup {
	struct list in_name;
	struct dns_name *name; /* NULL: idle */
	void (*on_done)(struct lookup *lookup, const struct dns_answer *answer);
};

struct resolver_config {
	/* "ADDR[:PORT]", several separated by commas: each is asked what those before it
	 * fail to answer. Empty: the system's, and others within a second when
	 * resolv.conf names others. */
	struct slice address;
	time_ms timeout_ms;
	/* False: this machine has no way to IPv6. AAAA is then asked only where A gives
	 * no address that `permitted` lets us use; it halves the load on resolvers. */
	bool both_families;
	const struct address_policy *permitted;
	uint32_t owner; /* the number its sockets are watched under */
};

/* The config is copied. NULL with an error: no address, no memory. */
struct resolver *resolver_new(struct sockets *sockets,
	const struct resolver_config *config, struct error *error);

/* Waiting lookups are forgotten without an answer. */
void resolver_free(struct resolver *resolver);

/* True: the answer is known already. False: lookup->on_done will be called, never from
 * within this function. */
bool resolver_ask(struct resolver *resolver, struct lookup *lookup, struct slice host,
	time_us now, struct dns_answer *ret_answer);
void resolver_cancel(struct lookup *lookup); /* harmless when idle */

/* What is known of the name is not given out again: the next lookup asks anew. */
void resolver_forget(struct resolver *resolver, struct slice host);

/* The name that was given out last of those that the network knew to have an address;
 * empty: it knew of none. Valid until the next call. */
struct slice resolver_found_last(const struct resolver *resolver);

/* Names that were asked of the network so far, and those of them about which any message
 * came back, "no such name" and SERVFAIL included: of servers that answer, not of names
 * that exist. */
void resolver_health(
	const struct resolver *resolver, uint64_t *ret_asked, uint64_t *ret_answered);

/* When resolver_run must be called; INT64_MAX: nothing is being asked. */
time_us resolver_deadline(const struct resolver *resolver);
void resolver_run(struct resolver *resolver, time_us now);
void resolver_ready(struct resolver *resolver, int fd, bool readable, bool writable);
