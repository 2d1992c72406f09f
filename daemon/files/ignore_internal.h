/* files/ignore_internal: .gitignore, as far as choosing documents needs it.
 *
 * Patterns by gitignore(5): comments, `!`, a leading or inner slash that anchors, a
 * trailing slash for directories, `*`, `?`, `[]`, `**`. One ignore list belongs to one
 * directory; the lists of its parents apply after it. Not read: .git/info/exclude and the
 * user's global file.
 */
#pragma once

#include <stdbool.h>

struct ignore {
	const struct ignore *parent; /* of the directory above; NULL at the top */
	char *text;                  /* the file's content, cut into patterns */
	const char **patterns;
	unsigned count;
	unsigned path_len; /* of this directory's path, to make paths relative to it */
};

/* Reads DIRECTORY/.gitignore; a missing or unreadable one has no patterns. */
void ignore_init(
	struct ignore *ignore, const char *directory, const struct ignore *parent);
void ignore_fini(struct ignore *ignore);

/* `path` is below the directory, with the same prefix that ignore_init was given. */
bool ignore_matches(const struct ignore *ignore, const char *path, bool is_directory);
