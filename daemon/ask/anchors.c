#include "ask/anchors.h"

#include "base/table.h"
#include "model/url.h"
#include "verdict/verdict.h"

struct anchor {
	struct slice id;
	bool lowered; /* not an id of the document, but one in lower case */
	UT_hash_handle hh;
};

void anchors_init(struct anchors *anchors, struct arena *arena)
{
	*anchors = (struct anchors){ .arena = arena };
}

void anchors_fini(struct anchors *anchors)
{
	HASH_CLEAR(hh, anchors->ids);
	*anchors = (struct anchors){ 0 };
}

static struct anchor *find(const struct anchors *anchors, struct slice id)
{
	struct anchor *anchor = NULL;
	if (id.at != NULL)
		HASH_FIND(hh, anchors->ids, id.at, id.len, anchor);
	return anchor;
}

static int add(struct anchors *anchors, struct slice id, bool lowered)
{
	struct anchor *anchor = find(anchors, id);
	if (anchor != NULL) {
		anchor->lowered = anchor->lowered && lowered;
		return 0;
	}
	anchor = ARENA_NEW(anchors->arena, struct anchor);
	struct slice copy = arena_copy(anchors->arena, id);
	if (anchor == NULL || copy.at == NULL)
		return -1;
	*anchor = (struct anchor){ .id = copy, .lowered = lowered };
	HASH_ADD_KEYPTR(hh, anchors->ids, copy.at, copy.len, anchor);
	return anchor->hh.tbl != NULL ? 0 : -1;
}

/* ASCII is enough: GitHub's slugs are in lower case already. */
static struct slice lower(struct arena *arena, struct slice text)
{
	char *copy = arena_string(arena, text);
	if (copy == NULL)
		return (struct slice){ 0 };
	for (size_t i = 0; i < text.len; i++)
		copy[i] = char_lower(copy[i]);
	return (struct slice){ copy, text.len };
}

int anchors_add(struct anchors *anchors, struct slice id)
{
	if (id.len == 0)
		return 0;
	if (add(anchors, id, false) < 0)
		return -1;
	struct slice lowered = lower(anchors->arena, id);
	if (lowered.at == NULL)
		return -1;
	return slice_equal(lowered, id) ? 0 : add(anchors, lowered, true);
}

#define USER_PREFIX "user-content-"

/* What GitHub serves of a Markdown document has the prefix; the document has not. */
static struct slice without_prefix(struct slice id)
{
	size_t len = sizeof(USER_PREFIX) - 1;
	return slice_starts(id, SLICE(USER_PREFIX)) ? slice_sub(id, len, id.len) : id;
}

enum anchor_answer anchors_ask(
	const struct anchors *anchors, struct arena *scratch, struct slice fragment)
{
	if (fragment_needs_no_anchor(fragment))
		return ANCHOR_FOUND;
	/* What a browser shall mark on the page is no part of the name. */
	fragment = slice_sub(fragment, 0, slice_find(fragment, SLICE(":~:")));
	struct slice decoded = url_percent_decode(scratch, fragment);
	struct slice prefixed =
		arena_printf(scratch, USER_PREFIX "%.*s", SLICE_ARG(decoded));
	const struct slice tries[] = { fragment, decoded, prefixed,
		without_prefix(decoded) };
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		const struct anchor *anchor = find(anchors, tries[i]);
		if (anchor != NULL && !anchor->lowered)
			return ANCHOR_FOUND;
	}
	/* GitHub's script finds the ids it has prefixed whatever the case. */
	if (find(anchors, lower(scratch, prefixed)) != NULL)
		return ANCHOR_FOUND;
	return find(anchors, lower(scratch, decoded)) != NULL ? ANCHOR_OTHER_CASE
							      : ANCHOR_MISSING;
}
