#include "registry/wayback.h"

static const struct slice archive = { "https://web.archive.org/web/", 28 };
enum { TIMESTAMP_DIGITS = 14 };

struct slice wayback_question(struct arena *arena, struct slice url)
{
	return arena_printf(arena, "%.*s%.*s", SLICE_ARG(archive), SLICE_ARG(url));
}

bool wayback_read(struct arena *arena, const struct observation *answer,
	struct suggestion *ret_suggestion)
{
	if (answer->failure != REASON_OK || answer->hop_count == 0)
		return false;
	struct slice target = answer->hops[answer->hop_count - 1].target;
	if (!slice_starts(target, archive) &&
		!slice_starts(target, SLICE("http://web.archive.org/web/")))
		return false;
	size_t at = slice_find(target, SLICE("/web/"));
	struct slice stamp = slice_sub(target, at + 5, at + 5 + TIMESTAMP_DIGITS);
	uint64_t number;
	if (at == SLICE_NONE || stamp.len != TIMESTAMP_DIGITS ||
		!slice_to_number(stamp, UINT64_MAX, &number))
		return false;
	ret_suggestion->url = arena_copy(arena, target);
	ret_suggestion->why =
		arena_printf(arena, "The Wayback Machine has a copy of %.4s-%.2s-%.2s.",
			stamp.at, stamp.at + 4, stamp.at + 6);
	return ret_suggestion->url.at != NULL;
}
