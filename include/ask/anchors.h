/* ask/anchors: the ids of one document, to be asked by fragment.
 *
 * A set; its text is in the arena that it was given. Asked as browsers and GitHub do: the
 * fragment as written, then percent-decoded, then with GitHub's prefix for ids that users
 * wrote, and without it. What needs no id (verdict/verdict.h) is always found.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"

struct anchor;

struct anchors {
	struct arena *arena; /* borrowed; of the ids' text */
	struct anchor *ids;
};

void anchors_init(struct anchors *anchors, struct arena *arena);
void anchors_fini(struct anchors *anchors);

/* -1: no memory. */
int anchors_add(struct anchors *anchors, struct slice id);

enum anchor_answer {
	ANCHOR_MISSING,
	ANCHOR_FOUND,
	ANCHOR_OTHER_CASE, /* only github.com's own script finds it */
};

enum anchor_answer anchors_ask(
	const struct anchors *anchors, struct arena *scratch, struct slice fragment);
