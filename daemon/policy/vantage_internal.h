/* policy/vantage_internal: what is remembered of a run, shared by the two halves of
 * policy/vantage: noting and judging. */
#pragma once

#include "policy/vantage.h"

/* A set of reasons. */
typedef uint64_t reason_set;
_Static_assert(REASON_COUNT <= 64, "reason_set is a mask of 64 bits");
#define REASON_BIT(name) (UINT64_C(1) << REASON_##name)

#define REASONS_OF_NAMES (REASON_BIT(DNS_TIMEOUT) | REASON_BIT(DNS_SERVFAIL))
/* Nobody said anything: what an outage looks like. */
#define REASONS_SILENT                                                                   \
	(REASONS_OF_NAMES | REASON_BIT(CONNECT_TIMEOUT) |                                \
		REASON_BIT(NETWORK_UNREACHABLE) | REASON_BIT(TIMEOUT))
#define REASONS_OF_NETWORK                                                               \
	(REASONS_SILENT | REASON_BIT(CONNECT_REFUSED) | REASON_BIT(CONNECT_RESET))
#define REASONS_NO_SUCH_NAME (REASON_BIT(DNS_NXDOMAIN) | REASON_BIT(DNS_NO_ADDRESS))
#define REASONS_OF_CLOCK     (REASON_BIT(TLS_EXPIRED) | REASON_BIT(TLS_NOT_YET_VALID))
#define REASONS_OF_TLS                                                                   \
	(REASONS_OF_CLOCK | REASON_BIT(TLS_SELF_SIGNED) | REASON_BIT(TLS_UNTRUSTED) |    \
		REASON_BIT(TLS_HOSTNAME) | REASON_BIT(TLS_HANDSHAKE))

static inline bool reason_in(enum reason reason, reason_set set)
{
	return (set >> reason & 1) != 0;
}

struct vantage_domain {
	uint64_t key; /* a hash: names themselves are not kept */
	/* As the domain of first hops: how its links failed; bit OK: it answered. */
	reason_set seen;
	/* As the domain of last hops: what was wrong with its certificates. */
	reason_set tls;
	bool at_portal, at_511, at_page;
	bool has_date;
	time_ms server_ahead_ms;       /* the greatest: a cache only ever lags behind */
	time_ms starts_at, expires_at; /* of its first certificate that failed */
	/* Of the run of checks they were last counted in. */
	uint32_t calm_turn, tail_turn;
};

struct host_memo {
	uint64_t host; /* a hash */
	uint32_t domain;
};

enum {
	VANTAGE_SLOTS = 2 * VANTAGE_DOMAINS_MAX, /* a power of two, half empty */
	VANTAGE_MEMOS = 4096,                    /* a power of two */
	VANTAGE_ROOM = VANTAGE_DOMAINS_MAX + 1,  /* the last one is for all others */
};

struct vantage {
	struct vantage_domain domains[VANTAGE_ROOM];
	uint32_t domain_count;
	uint16_t slots[VANTAGE_SLOTS]; /* by key: place in `domains` plus 1; 0: free */
	/* The public suffix list is slow, and most hosts come again at once. */
	struct host_memo memos[VANTAGE_MEMOS];

	bool answered;       /* HTTP, by anyone */
	bool answered_own;   /* and nobody but the owner can have said it */
	bool portals_differ; /* foreign ends at more than one host */
	char portal[VANTAGE_PORTAL_SIZE];
	/* Of all pages that came without a certificate: one and the same so far? */
	uint64_t page; /* a hash; 0: none came */
	bool pages_differ, page_of_portal;
	bool ipv4_unreachable;
	bool certificate_good; /* at least one */

	/* The newest moment known: ends of checks, by the wall. */
	time_ms latest;
	/* The last checks in a row. `calm`: domains without a failure of the network
	 * since the last one that had one; `tail`: domains that are first heard of by
	 * such a failure, asked after the last sign of life at `alive_at`. */
	uint32_t calm_count, calm_turn;
	uint32_t tail_count, tail_turn, tail_calm;
	reason_set tail_reasons;
	time_ms alive_at;

	/* For vantage_judge: sorted copies. */
	time_ms *scratch; /* of 2 * VANTAGE_ROOM */
};
