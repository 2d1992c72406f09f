/* sources/work_tree: where a document stands in its repository, and which of its relative
 * links lead out of that. */
#pragma once

#include "base/arena.h"

struct work_tree {
	struct slice top; /* the nearest directory above that holds .git, with its slash;
			   * empty where there is none */
	int depth;        /* directories between them */
};

/* Of the files in `directory` (with its slash; empty: the working directory). */
struct work_tree work_tree_of(struct arena *scratch, struct slice directory);

/* Whether `written`, a relative path in a document there, climbs above the top to a page
 * that GitHub has beside the files: its document stands at /OWNER/REPO/blob/BRANCH/, so
 * that "../../issues" at the top is /OWNER/REPO/issues. The disk knows nothing of these.
 * What else climbs up by one or two, as "../README.md" at the top, GitHub has not
 * either. */
bool work_tree_is_left(const struct work_tree *tree, struct slice written);
