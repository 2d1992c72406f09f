/* files/path_pattern: patterns of whole paths, as gitignore(5) and most programs with
 * globs mean them.
 *
 * Part by part: `*`, `?` and `[]` stay within one part, and a part that is `**` is any
 * number of them; at the end at least one. Pure.
 */
#pragma once

#include <stdbool.h>

/* Neither begins with a slash. */
bool path_pattern_matches(const char *pattern, const char *path);

/* Whether it may match a path below the directory. */
bool path_pattern_reaches(const char *pattern, const char *directory);

/* Whether the pattern's first part is `**`. */
bool path_pattern_is_deep(const char *pattern);
