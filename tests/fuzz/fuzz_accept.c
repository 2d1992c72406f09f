/* verdict/accept: what was understood, written out number by number, means the same. */
#include "base/buffer.h"
#include "fuzz.h"
#include "verdict/accept.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct accept accept, again;
	struct error error = { { 0 } };
	struct buffer text;

	if (accept_parse(fuzz_slice(data, size), &accept, &error) < 0) {
		assert(error.text[0] != '\0');
		return 0;
	}
	assert(!accept_has(&accept, 99) && !accept_has(&accept, -1));
	assert(!accept_has(&accept, ACCEPT_STATUS_MAX));
	if (!accept.given)
		return 0;
	buffer_init(&text, 64 * 1024);
	for (int status = 100; status <= 999; status++)
		if (accept_has(&accept, status))
			buffer_printf(&text, "%s%d", text.len > 0 ? "," : "", status);
	if (text.len > 0) {
		assert(accept_parse(buffer_slice(&text), &again, &error) == 0);
		for (int status = 0; status < ACCEPT_STATUS_MAX; status++)
			assert(accept_has(&accept, status) == accept_has(&again, status));
	}
	buffer_fini(&text);
	return 0;
}
