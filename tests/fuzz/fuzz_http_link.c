/* base/http_link: a relation on the first line, a Link header on the rest. What is found
 * is a part of the header between angle brackets, and the relation stands behind it. */
#include "base/http_link.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice value = fuzz_slice(data, size), target = { 0 };
	struct slice relation = fuzz_line(&value);

	if (!http_link_find(value, relation, &target))
		return 0;
	assert(target.at > value.at && target.at + target.len < value.at + value.len);
	assert(target.at[-1] == '<' && target.at[target.len] == '>');
	size_t behind = (size_t)(target.at - value.at) + target.len;
	assert(slice_find_nocase(slice_sub(value, behind, value.len), relation) !=
		SLICE_NONE);
	return 0;
}
