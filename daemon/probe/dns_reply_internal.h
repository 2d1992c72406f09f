/* probe/dns_reply: a name server's answer, as c-ares reads it.
 *
 * The bytes are hostile. Pure but for memory that c-ares takes and gives back meanwhile.
 */
#pragma once

#include "probe/dns_name_internal.h"

/* At most DNS_PER_FAMILY_MAX: of more the first are kept, but one that `permitted` lets
 * us use takes the place of one that it does not, for only good ones are of use to
 * whoever vets them. NULL: nothing is known about that. The least of the TTLs counts. A
 * negative one is 0. */
void dns_part_add(struct dns_part *part, struct address address, int ttl,
	const struct address_policy *permitted);

/* The addresses of one answer, added to an empty part. A status of c-ares; but for
 * ARES_SUCCESS nothing is added. Of very long answers the first REPLY_ADDRESSES_MAX
 * count. */
int dns_reply_read_v4(struct dns_part *part, const unsigned char *bytes, int len,
	const struct address_policy *permitted);
int dns_reply_read_v6(struct dns_part *part, const unsigned char *bytes, int len,
	const struct address_policy *permitted);

/* What c-ares says, asking or parsing, in our words. */
enum dns_status dns_status_of(int ares_status);

/* The same of a whole message, whose code of success may hide another one. */
enum dns_status dns_status_of_message(
	int ares_status, const unsigned char *bytes, int len);

/* The same of a part that was read so far. */
enum dns_status dns_reply_status(const struct dns_part *part, int status);
