/* A baseline that somebody else wrote: it is read or refused with a sentence, and what it
 * made known is found again. */
#include "report/baseline.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct baseline baseline;
	struct error error = { "" };
	const struct link link = { .kind = LINK_HTTP,
		.url = SLICE("https://a.example/") };

	baseline_init(&baseline);
	int result = baseline_read(&baseline, (struct slice){ (const char *)data, size },
		UINT32_MAX, &error);
	if ((result < 0) != (error.text[0] != '\0'))
		abort();
	if (baseline_known_since(&baseline, &link) < 0)
		abort();
	baseline_fini(&baseline);
	return 0;
}
