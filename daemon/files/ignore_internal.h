/* files/ignore_internal: .gitignore, as far as choosing documents needs it.
 *
 * Patterns by gitignore(5): comments, `!`, a leading or inner slash that anchors, a
 * trailing slash for directories, `*`, `?`, `[]`, `**`. One ignore list belongs to one
 * directory; the lists of its parents apply after it, up to the top of the git work tree.
 * Not read: .git/info/exclude and the user's global file.
 */
#pragma once

#include <stdbool.h>

struct ignore {
	const struct ignore *parent; /* of the directory above; NULL at the top */
	char *text;                  /* the file's content, cut into patterns */
	const char **patterns;
	unsigned count;
	unsigned path_len; /* of this directory's path, to make paths relative to it; */
	char *below;       /* or of one below it, and what lies between them; else NULL */
};

/* Reads DIRECTORY/.gitignore; a missing or unreadable one has no patterns. */
void ignore_init(
	struct ignore *ignore, const char *directory, const struct ignore *parent);
void ignore_fini(struct ignore *ignore);

/* `path` is below the directory, with the same prefix that ignore_init was given. */
bool ignore_matches(const struct ignore *ignore, const char *path, bool is_directory);

enum { IGNORE_ABOVE_MAX = 64 };

/* The lists of the directories above the one that a search begins in. */
struct ignore_above {
	struct ignore lists[IGNORE_ABOVE_MAX];
	unsigned count;
	bool hides; /* the directory itself is ignored */
};

/* None where it is in no work tree, or too deep in one. */
void ignore_above_init(struct ignore_above *above, const char *directory);
void ignore_above_fini(struct ignore_above *above);

/* The parent for the directory's own list; NULL: none. */
const struct ignore *ignore_above_nearest(const struct ignore_above *above);
