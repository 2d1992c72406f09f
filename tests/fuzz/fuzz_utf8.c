/* base/utf8: the first byte is a limit. What is printable is valid, within its limit,
 * free of anything that moves a cursor, and stays as it is when cleaned again. */
#include "base/utf8.h"
#include "fuzz.h"

static bool is_harmless(uint32_t c)
{
	return c >= 0x20 && !(c >= 0x7f && c <= 0x9f) && !(c >= 0x200b && c <= 0x200d) &&
	       !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) &&
	       c != 0xfeff;
}

static void check_round_trip(struct slice text)
{
	struct buffer copy;
	struct slice rest = text;
	buffer_init(&copy, 64 * 1024 * 1024);
	while (rest.len > 0) {
		size_t before = rest.len;
		uint32_t c = utf8_next(&rest);
		assert(rest.len < before && before - rest.len <= 4);
		assert(c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff));
		utf8_add(&copy, c);
	}
	assert(!copy.failed && utf8_valid(buffer_slice(&copy)));
	assert(utf8_valid(text) == slice_equal(buffer_slice(&copy), text));
	buffer_fini(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer clean, twice;
	if (size < 1)
		return 0;
	struct slice text = fuzz_slice(data + 1, size - 1);
	size_t bytes_max = (size_t)data[0] * 4;

	check_round_trip(text);
	buffer_init(&clean, 64 * 1024 * 1024);
	buffer_init(&twice, 64 * 1024 * 1024);
	utf8_add_printable(&clean, text, bytes_max);
	assert(clean.len <= bytes_max);
	assert(utf8_valid(buffer_slice(&clean)));
	for (struct slice rest = buffer_slice(&clean); rest.len > 0;)
		assert(is_harmless(utf8_next(&rest)));
	utf8_add_printable(&twice, buffer_slice(&clean), bytes_max);
	assert(slice_equal(buffer_slice(&twice), buffer_slice(&clean)));
	buffer_fini(&clean);
	buffer_fini(&twice);
	return 0;
}
