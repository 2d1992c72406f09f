/* extract/title and verdict/title: lines are a text, a context and another title.
 * Comparing is symmetric, and nothing is another page than itself. */
#include "extract/title.h"
#include "fuzz.h"
#include "verdict/title.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = fuzz_slice(data, size);
	struct slice text = fuzz_line(&rest), context = fuzz_line(&rest);
	struct arena arena;

	arena_init(&arena, 64 * 1024 * 1024);
	struct slice title = expected_title(&arena, text, context);
	assert(title.len <= text.len || title.len <= context.len);
	enum title_match self = title_compare(&arena, title, title);
	assert(self == TITLE_MATCH || self == TITLE_UNKNOWN);
	(void)title_compare(&arena, title, rest);
	struct page_facts page = { .parsed = true, .title = rest, .refresh_delay_s = -1 };
	(void)title_evidence(&arena, title, &page);
	assert(!arena.failed);
	arena_fini(&arena);
	return 0;
}
