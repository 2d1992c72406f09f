/* extract/slug: lines are the headings of one document; their ids are all different, and
 * none has a space or a capital letter. */
#include "base/table.h"
#include "extract/slug.h"
#include "fuzz.h"

struct taken {
	UT_hash_handle hh;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = fuzz_slice(data, size), heading;
	struct arena arena;
	struct taken *all = NULL, *found, *next;

	arena_init(&arena, 64 * 1024 * 1024);
	struct slugs *slugs = slugs_new();
	assert(slugs != NULL);
	while (slice_split(&rest, '\n', &heading)) {
		struct slice id = slugs_next(slugs, &arena, heading);
		assert(id.at != NULL);
		for (size_t i = 0; i < id.len; i++)
			assert(id.at[i] != ' ' && !(id.at[i] >= 'A' && id.at[i] <= 'Z'));
		HASH_FIND(hh, all, id.at, id.len, found);
		assert(found == NULL);
		struct taken *taken = ARENA_NEW(&arena, struct taken);
		assert(taken != NULL);
		HASH_ADD_KEYPTR(hh, all, id.at, id.len, taken);
	}
	HASH_ITER(hh, all, found, next)
	HASH_DEL(all, found);
	slugs_free(slugs);
	arena_fini(&arena);
	return 0;
}
