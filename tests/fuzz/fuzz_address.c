/* policy/address: lines are an allowed range and an address. What is printed reads back
 * as the same address; what lies in an allowed range is permitted. */
#include "fuzz.h"
#include "policy/address.h"

#include <arpa/inet.h>

static bool lies_in(const struct address *address, const struct address_range *range)
{
	for (unsigned bit = 0; bit < range->prefix_bits; bit++) {
		unsigned differ = address->bytes[bit / 8] ^ range->first.bytes[bit / 8];
		if (differ & (0x80u >> bit % 8))
			return false;
	}
	return true;
}

static void check(const struct address *address, const struct address_policy *policy)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address again;
	address_format(address, text);
	assert(address_parse(slice_of(text), &again));
	assert(memcmp(address, &again, sizeof(again)) == 0);

	struct address_policy strict = { 0 };
	bool in_range = policy->allowed_count > 0 && lies_in(address, policy->allowed);
	/* IPv4 inside IPv6 may be permitted by a range of IPv4, so this is no equality.
	 */
	assert(address_permitted(address, policy) ||
		(!in_range && !address_permitted(address, &strict)));
	/* Our own machine is never permitted of itself, however it is written. */
	if (address_is_v4(address))
		assert(address->bytes[12] != 127 || !address_permitted(address, &strict));
	else if ((address->bytes[0] & 0xe0) != 0x20)
		assert(!address_permitted(address, &strict) ||
			memcmp(address->bytes, "\0\144\377\233", 4) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = fuzz_slice(data, size);
	struct slice first = fuzz_line(&rest);
	struct address_range range;
	struct address_policy policy = { 0 };
	struct address address;

	if (address_parse_range(first, &range)) {
		assert(range.prefix_bits <= 128);
		policy = (struct address_policy){ &range, 1 };
		check(&range.first, &policy);
		assert(address_permitted(&range.first, &policy));
	}
	if (address_parse(rest, &address))
		check(&address, &policy);
	if (size >= 16) {
		address = address_of_v6(data);
		check(&address, &policy);
	}
	return 0;
}
