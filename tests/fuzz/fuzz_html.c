/* extract, html: every mention lies where it says, in order, the same each time; a sink
 * that stops is obeyed. */
#include "mentions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	mention_check_all(DOCUMENT_HTML, fuzz_slice(data, size));
	return 0;
}
