/* extract, plain text of every kind: every mention lies where it says, in order, the same
 * each time; a sink that stops is obeyed. */
#include "mentions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int kind = DOCUMENT_PLAIN; kind <= DOCUMENT_CSV; kind++)
		mention_check_all((enum document_kind)kind, fuzz_slice(data, size));
	return 0;
}
