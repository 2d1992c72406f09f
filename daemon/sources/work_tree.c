#include "sources/work_tree_internal.h"

#include <limits.h>
#include <stdlib.h>

#include "files/read.h"

struct work_tree work_tree_of(struct arena *scratch, struct slice directory)
{
	struct work_tree tree = { 0 };
	char here[PATH_MAX];

	if (realpath(directory.len > 0 ? arena_string(scratch, directory) : ".", here) ==
		NULL)
		return tree;
	for (size_t len = strlen(here); len > 0; tree.depth++) {
		struct slice git = arena_printf(scratch, "%.*s/.git", (int)len, here);
		if (git.at != NULL && file_exists(git.at)) {
			tree.top = arena_printf(scratch, "%.*s/", (int)len, here);
			return tree;
		}
		while (len > 0 && here[len - 1] != '/')
			len--;
		while (len > 0 && here[len - 1] == '/')
			len--;
	}
	return tree;
}

/* How many levels above the top the path comes; *ret_first is the first name behind the
 * highest. */
static int climb(const struct work_tree *tree, struct slice path, struct slice *ret_first)
{
	struct slice part;
	int level = tree->depth, lowest = 0;

	*ret_first = (struct slice){ 0 };
	while (slice_split(&path, '/', &part)) {
		if (part.len == 0 || slice_equal(part, SLICE(".")))
			continue;
		if (!slice_equal(part, SLICE(".."))) {
			if (level < 0 && level == lowest)
				*ret_first = part;
			level++;
		} else if (--level < lowest) {
			lowest = level;
			*ret_first = (struct slice){ 0 };
		}
	}
	return -lowest;
}

bool work_tree_is_left(const struct work_tree *tree, struct slice written)
{
	static const char *const branches[] = { "HEAD", "main", "master", NULL };
	static const char *const pages[] = { "actions", "activity", "archive", "blame",
		"blob", "branches", "commit", "commits", "community", "compare",
		"contribute", "deployments", "discussions", "edit", "find", "fork",
		"forks", "graphs", "issues", "labels", "milestone", "milestones",
		"network", "new", "packages", "pkgs", "projects", "pull", "pulls",
		"pulse", "raw", "releases", "search", "security", "settings",
		"stargazers", "subscription", "tags", "tree", "watchers", "wiki", NULL };
	struct slice first;

	if (tree->top.len == 0 || slice_starts(written, SLICE("/")))
		return false;
	switch (climb(tree, written, &first)) {
	case 0:
		return false;
	case 1:
		return slice_is_one_of_nocase(first, branches);
	case 2:
		return slice_is_one_of_nocase(first, pages);
	default: /* another repository */
		return true;
	}
}
