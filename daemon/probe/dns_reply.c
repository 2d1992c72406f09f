#include "probe/dns_reply_internal.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>

enum { REPLY_ADDRESSES_MAX = 64 };

/* RFC 1035 4.1.1 */
enum {
	QR_BIT = 0x80,     /* of the third byte: an answer, not a question */
	RCODE_BITS = 0x0F, /* of the fourth */
};

enum dns_status dns_status_of(int status)
{
	switch (status) {
	case ARES_SUCCESS:
		return DNS_FOUND;
	case ARES_ENOTFOUND:
		return DNS_NXDOMAIN;
	case ARES_ENODATA:
		return DNS_NODATA;
	case ARES_ESERVFAIL:
		return DNS_SERVFAIL;
	case ARES_EREFUSED:
	case ARES_ENOTIMP:
		return DNS_REFUSED;
	case ARES_ECONNREFUSED:
		return DNS_UNREACHABLE;
	case ARES_ETIMEOUT:
	case ARES_ECANCELLED:
	case ARES_EDESTRUCTION:
		return DNS_TIMEOUT;
	case ARES_EBADNAME:
		return DNS_BAD_NAME;
	case ARES_ENOMEM:
		return DNS_NO_MEMORY;
	default: /* ARES_EFORMERR, ARES_EBADRESP and what only other calls give */
		return DNS_BROKEN;
	}
}

/* c-ares knows the first six codes and passes the others on as success; of a question
 * that comes back as it went it says that there is no address. */
enum dns_status dns_status_of_message(int status, const unsigned char *bytes, int len)
{
	if (bytes == NULL || len < NS_HFIXEDSZ)
		return dns_status_of(status);
	if ((bytes[2] & QR_BIT) == 0)
		return DNS_BROKEN;
	if (status == ARES_SUCCESS && (bytes[3] & RCODE_BITS) != ns_r_noerror)
		return DNS_BROKEN;
	return dns_status_of(status);
}

/* Where an address goes in a full part; NULL: nowhere. */
static struct address *place_of_a_worse(struct dns_part *part,
	const struct address *address, const struct address_policy *permitted)
{
	if (permitted == NULL || !address_permitted(address, permitted))
		return NULL;
	for (uint8_t i = 0; i < part->count; i++)
		if (!address_permitted(&part->addresses[i], permitted))
			return &part->addresses[i];
	return NULL;
}

void dns_part_add(struct dns_part *part, struct address address, int ttl,
	const struct address_policy *permitted)
{
	uint32_t ttl_s = ttl > 0 ? (uint32_t)ttl : 0;
	struct address *place = part->count < DNS_PER_FAMILY_MAX
					? &part->addresses[part->count]
					: place_of_a_worse(part, &address, permitted);
	if (part->count == 0 || ttl_s < part->ttl_s)
		part->ttl_s = ttl_s;
	if (place == &part->addresses[part->count])
		part->count++;
	if (place != NULL)
		*place = address;
}

int dns_reply_read_v4(struct dns_part *part, const unsigned char *bytes, int len,
	const struct address_policy *permitted)
{
	struct ares_addrttl found[REPLY_ADDRESSES_MAX];
	int count = REPLY_ADDRESSES_MAX;
	int status = ares_parse_a_reply(bytes, len, NULL, found, &count);
	for (int i = 0; status == ARES_SUCCESS && i < count; i++)
		dns_part_add(part, address_of_v4(ntohl(found[i].ipaddr.s_addr)),
			found[i].ttl, permitted);
	return status;
}

int dns_reply_read_v6(struct dns_part *part, const unsigned char *bytes, int len,
	const struct address_policy *permitted)
{
	struct ares_addr6ttl found[REPLY_ADDRESSES_MAX];
	int count = REPLY_ADDRESSES_MAX;
	int status = ares_parse_aaaa_reply(bytes, len, NULL, found, &count);
	for (int i = 0; status == ARES_SUCCESS && i < count; i++)
		dns_part_add(part, address_of_v6(found[i].ip6addr._S6_un._S6_u8),
			found[i].ttl, permitted);
	return status;
}

enum dns_status dns_reply_status(const struct dns_part *part, int status)
{
	enum dns_status read = dns_status_of(status);
	/* A chain of aliases that ends in nothing. */
	return read == DNS_FOUND && part->count == 0 ? DNS_NODATA : read;
}
