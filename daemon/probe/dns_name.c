#include "probe/dns_name_internal.h"

enum {
	TTL_S_MIN = 1, /* of 0 nothing would be left when the turn comes */
	TTL_S_MAX = 3600,
	NEGATIVE_S = 60,
	/* A failure that proves nothing is asked again soon, so that a retry means
	 * something; after a few in a row the name is left alone, or each link at a dead
	 * server would wait for the deadline anew. */
	FAILURE_MS = 500,
	FAILURES_MAX = 3,
	FAILURES_MS = 30 * 1000,
};

/* How long addresses of one family wait for the other. */
static const time_us grace_us = 500 * TIME_US_PER_MS;

bool dns_name_settled(const struct dns_name *name, time_us now)
{
	const struct dns_part *v4 = &name->parts[DNS_V4], *v6 = &name->parts[DNS_V6];
	if (v4->status != DNS_PENDING && v6->status != DNS_PENDING)
		return true;
	return (v4->count > 0 || v6->count > 0) && now - name->asked_at >= grace_us;
}

static enum reason failure_of(enum dns_status status, const char **ret_why)
{
	switch (status) {
	case DNS_NXDOMAIN:
		*ret_why = "there is no such name";
		return REASON_DNS_NXDOMAIN;
	case DNS_FOUND:
	case DNS_NOT_ASKED:
	case DNS_NODATA:
		*ret_why = "the name exists but has no address";
		return REASON_DNS_NO_ADDRESS;
	case DNS_SERVFAIL:
		*ret_why = "the name server failed to answer (SERVFAIL)";
		return REASON_DNS_SERVFAIL;
	case DNS_REFUSED:
		*ret_why = "the name server refused to answer (REFUSED)";
		return REASON_DNS_SERVFAIL;
	case DNS_BROKEN:
		*ret_why = "the name server's answer cannot be read";
		return REASON_DNS_SERVFAIL;
	case DNS_UNREACHABLE:
		*ret_why = "the resolver cannot be reached";
		return REASON_DNS_SERVFAIL;
	case DNS_PENDING:
	case DNS_TIMEOUT:
		*ret_why = "no name server answered in time";
		return REASON_DNS_TIMEOUT;
	case DNS_BAD_NAME:
		*ret_why = "a host name cannot look like this";
		return REASON_BAD_URL;
	case DNS_NO_MEMORY:
		*ret_why = "this machine ran out of memory or sockets";
		return REASON_OFFLINE;
	}
	*ret_why = "";
	return REASON_OFFLINE;
}

static bool is_proof(enum dns_status status)
{
	return status == DNS_FOUND || status == DNS_NXDOMAIN || status == DNS_NODATA;
}

/* "No such name" speaks of the name, whichever family was asked; a lack of one family's
 * addresses is no word on the other's. */
static enum dns_status worst_of(enum dns_status v4, enum dns_status v6)
{
	if (v4 == DNS_NXDOMAIN && v6 == DNS_NODATA)
		return DNS_NODATA;
	if (v4 == DNS_NXDOMAIN || v4 == DNS_BAD_NAME)
		return v4;
	if (v6 == DNS_NXDOMAIN)
		return is_proof(v4) ? DNS_NODATA : v6;
	return is_proof(v4) ? v6 : v4;
}

void dns_name_answer(const struct dns_name *name, struct dns_answer *ret_answer)
{
	*ret_answer = (struct dns_answer){ .failure = REASON_OK };
	for (int family = 0; family < DNS_FAMILY_COUNT; family++) {
		const struct dns_part *part = &name->parts[family];
		for (uint8_t i = 0; i < part->count; i++)
			ret_answer->addresses[ret_answer->count++] = part->addresses[i];
	}
	if (ret_answer->count > 0)
		return;
	enum dns_status status =
		worst_of(name->parts[DNS_V4].status, name->parts[DNS_V6].status);
	ret_answer->failure = failure_of(status, &ret_answer->why);
}

static uint32_t positive_ttl(const struct dns_name *name)
{
	uint32_t ttl = TTL_S_MAX;
	for (int family = 0; family < DNS_FAMILY_COUNT; family++) {
		const struct dns_part *part = &name->parts[family];
		if (part->count > 0 && part->ttl_s < ttl)
			ttl = part->ttl_s;
	}
	return ttl > TTL_S_MIN ? ttl : TTL_S_MIN;
}

void dns_name_keep(struct dns_name *name, time_us now)
{
	struct dns_answer answer;
	dns_name_answer(name, &answer);
	bool proven = answer.failure == REASON_OK ||
		      answer.failure == REASON_DNS_NXDOMAIN ||
		      answer.failure == REASON_DNS_NO_ADDRESS ||
		      answer.failure == REASON_BAD_URL;
	name->failures = proven ? 0 : name->failures;
	if (!proven && name->failures < FAILURES_MAX)
		name->failures++;
	time_ms ms = NEGATIVE_S * TIME_MS_PER_S;
	if (answer.count > 0)
		ms = positive_ttl(name) * TIME_MS_PER_S;
	else if (!proven)
		ms = name->failures < FAILURES_MAX ? FAILURE_MS : FAILURES_MS;
	name->expires_at = now + ms * TIME_US_PER_MS;
}
