/* probe/dns_reply and dns_name: two answers of a name server, A and AAAA, in hexadecimal
 * digits with "/" between them; what is no digit does not count, "#" begins a comment. A
 * "-" for an answer: it did not come. What is read stays within its bounds, and what
 * follows from it is always known and never for long. */
#include <ares.h>
#include <stdlib.h>

#include "fuzz.h"
#include "probe/dns_reply_internal.h"

static const time_us asked_at = 1000 * TIME_US_PER_MS;
static const struct address_policy public_only;

/* In a block of just its size, so that a byte too many is seen. */
static unsigned char *read_hex(struct slice text, size_t *ret_len)
{
	unsigned char *bytes = malloc(text.len / 2 + 1);
	size_t digits = 0;
	bool comment = false;
	assert(bytes != NULL);
	for (size_t i = 0; i < text.len; i++) {
		int digit = char_hex(text.at[i]);
		comment = text.at[i] == '#' || (comment && text.at[i] != '\n');
		if (comment || digit < 0)
			continue;
		if (digits % 2 == 0)
			bytes[digits / 2] = (unsigned char)(digit << 4);
		else
			bytes[digits / 2] |= (unsigned char)digit;
		digits++;
	}
	*ret_len = digits / 2;
	bytes = realloc(bytes, *ret_len > 0 ? *ret_len : 1);
	assert(bytes != NULL);
	return bytes;
}

static void read_part(struct dns_part *part, struct slice text, bool v6)
{
	size_t len;
	if (slice_equal(slice_trim(text), SLICE("-"))) {
		part->status = DNS_PENDING;
		return;
	}
	unsigned char *bytes = read_hex(text, &len);
	int status = v6 ? dns_reply_read_v6(part, bytes, (int)len, &public_only)
			: dns_reply_read_v4(part, bytes, (int)len, &public_only);
	part->status = dns_reply_status(part, status);
	free(bytes);
	assert(part->count <= DNS_PER_FAMILY_MAX);
	assert(status == ARES_SUCCESS || part->count == 0);
	assert((part->status == DNS_FOUND) == (part->count > 0));
	assert(part->status != DNS_PENDING && part->status != DNS_NOT_ASKED);
	assert(part->ttl_s <= INT32_MAX);
	for (uint8_t i = 0; i < part->count; i++)
		assert(v6 || address_is_v4(&part->addresses[i]));
}

static void check_answer(const struct dns_name *name, struct dns_answer *answer)
{
	dns_name_answer(name, answer);
	assert(answer->count <= DNS_ADDRESSES_MAX);
	assert(answer->count == name->parts[DNS_V4].count + name->parts[DNS_V6].count);
	assert((answer->failure == REASON_OK) == (answer->count > 0));
	assert(answer->failure == REASON_OK || answer->why != NULL);
	/* Nobody's silence proves that there is no such name. */
	if (answer->failure == REASON_DNS_NO_ADDRESS)
		for (int family = 0; family < DNS_FAMILY_COUNT; family++)
			assert(name->parts[family].status == DNS_NODATA ||
				name->parts[family].status == DNS_NXDOMAIN);
}

/* Kept for a second to an hour when there are addresses, else for a minute at most. */
static void check_span(struct dns_name *name, const struct dns_answer *answer)
{
	for (int i = 0; i < 5; i++) {
		time_us now = asked_at + i * 60 * 1000 * TIME_US_PER_MS;
		dns_name_keep(name, now);
		time_ms ms = (name->expires_at - now) / TIME_US_PER_MS;
		assert(ms >= (answer->count > 0 ? TIME_MS_PER_S : 500));
		assert(ms <= (answer->count > 0 ? 3600 : 60) * TIME_MS_PER_S);
		assert(name->failures <= 3);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = fuzz_slice(data, size), first = { 0 };
	struct dns_name name = { .asked_at = asked_at };
	struct dns_answer answer;

	(void)slice_split(&rest, '/', &first);
	read_part(&name.parts[DNS_V4], first, false);
	read_part(&name.parts[DNS_V6], rest, true);
	bool both = name.parts[DNS_V4].status != DNS_PENDING &&
		    name.parts[DNS_V6].status != DNS_PENDING;
	assert(dns_name_settled(&name, asked_at) == both);
	check_answer(&name, &answer);
	assert(dns_name_settled(&name, asked_at + 3600 * 1000 * TIME_US_PER_MS) ==
		(both || answer.count > 0));
	check_span(&name, &answer);
	return 0;
}
