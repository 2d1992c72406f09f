/* Redirects as they are stored: a line a hop, its status, a space and where it led to. */
#include "store/texts.h"

#include "base/buffer.h"

enum { STATUS_MAX = 999 };

struct slice store_pack_redirects(
	struct arena *arena, const struct redirect *redirects, uint32_t count)
{
	struct buffer packed;
	buffer_init(&packed, STORE_URL_BYTES_MAX);
	for (uint32_t i = 0; i < count && i < STORE_REDIRECTS_MAX; i++) {
		size_t len = packed.len;
		buffer_printf(&packed, "%d ", redirects[i].status);
		buffer_add(&packed, redirects[i].url);
		buffer_add_text(&packed, "\n");
		if (packed.failed) {
			buffer_truncate(&packed, len);
			break;
		}
	}
	struct slice kept = arena_copy(arena, buffer_slice(&packed));
	buffer_fini(&packed);
	return kept;
}

uint32_t store_unpack_redirects(struct arena *arena, struct slice packed,
	struct redirect redirects[static STORE_REDIRECTS_MAX])
{
	uint32_t count = 0;
	struct slice line, status;
	while (count < STORE_REDIRECTS_MAX && slice_split(&packed, '\n', &line)) {
		uint64_t number;
		if (!slice_split(&line, ' ', &status) ||
			!slice_to_number(status, STATUS_MAX, &number))
			continue;
		redirects[count++] = (struct redirect){
			.status = (int)number,
			.url = arena_copy(arena, line),
		};
	}
	return count;
}
