/* policy/retry: 8 bytes of a wall clock and a header value. Never below a second, never
 * beyond a week, and a date means the same in both functions. */
#include "base/http_date.h"
#include "fuzz.h"
#include "policy/retry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint64_t bits = 0;
	for (size_t i = 0; i < 8 && i < size; i++)
		bits = bits << 8 | data[i];
	time_ms wall = (time_ms)(bits % (UINT64_C(8030) * 365 * 86400 * 1000));
	size_t used = size < 8 ? size : 8;
	struct slice value = fuzz_slice(data + used, size - used);

	time_ms span = retry_after_parse(value, wall), date = 0;
	assert(span == -1 || (span >= TIME_MS_PER_S && span <= 7 * TIME_MS_PER_DAY));
	if (http_date_parse(value, wall, &date)) {
		time_ms expected = date - wall;
		expected = expected < TIME_MS_PER_S ? TIME_MS_PER_S : expected;
		expected =
			expected > 7 * TIME_MS_PER_DAY ? 7 * TIME_MS_PER_DAY : expected;
		assert(span == expected);
		assert(date % TIME_MS_PER_S == 0);
	}
	return 0;
}
