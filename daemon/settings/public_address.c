#include "settings/public_address.h"

#include "model/url.h"

static struct slice without_slashes(struct slice text)
{
	while (slice_ends(text, SLICE("/")))
		text = slice_sub(text, 0, text.len - 1);
	return text;
}

/* "//a" in front of an address would be the name of a host. */
static struct slice base_of(struct slice path, struct arena *arena)
{
	path = without_slashes(path);
	while (slice_starts(path, SLICE("//")))
		path = slice_sub(path, 1, path.len);
	return arena_printf(arena, "%.*s/", SLICE_ARG(path));
}

int public_address_of(
	const char *text, struct arena *arena, struct public_address *ret_address)
{
	struct url url, bare;
	*ret_address = (struct public_address){ .base = SLICE("/") };
	if (text == NULL)
		return 0;
	struct slice copy = arena_copy(arena, slice_of(text));
	if (arena->failed || url_parse(arena, copy, NULL, &url) < 0 || !url.http ||
		url_request_target(arena, &url, &bare) < 0)
		return -1;
	size_t query = slice_find_char(bare.href, '?');
	*ret_address = (struct public_address){
		.url = without_slashes(slice_sub(
			bare.href, 0, query == SLICE_NONE ? bare.href.len : query)),
		.host = bare.host,
		.base = base_of(bare.path, arena),
	};
	return arena->failed ? -1 : 0;
}
