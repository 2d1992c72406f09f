#include "files/path_pattern_internal.h"

#include <fnmatch.h>
#include <limits.h>
#include <string.h>

static const char *next_part(const char *path)
{
	path += strcspn(path, "/");
	return *path == '/' ? path + 1 : path;
}

static bool match_part(const char *pattern, const char *path)
{
	char one[PATH_MAX], other[PATH_MAX];
	size_t one_len = strcspn(pattern, "/"), other_len = strcspn(path, "/");

	if (one_len >= sizeof(one) || other_len >= sizeof(other))
		return false;
	memcpy(one, pattern, one_len);
	memcpy(other, path, other_len);
	one[one_len] = other[other_len] = '\0';
	return fnmatch(one, other, 0) == 0;
}

/* As with the stars of fnmatch, only the last one need be tried anew. */
bool path_pattern_matches(const char *pattern, const char *path)
{
	const char *star = NULL, *star_path = NULL;

	while (*path != '\0' || *pattern != '\0') {
		if (strcmp(pattern, "**") == 0)
			return *path != '\0';
		if (strncmp(pattern, "**/", 3) == 0) {
			star = pattern += 3;
			star_path = path;
		} else if (*path != '\0' && *pattern != '\0' &&
			   match_part(pattern, path)) {
			pattern = next_part(pattern);
			path = next_part(path);
		} else if (star != NULL && *star_path != '\0') {
			pattern = star;
			path = star_path = next_part(star_path);
		} else {
			return false;
		}
	}
	return true;
}

bool path_pattern_reaches(const char *pattern, const char *directory)
{
	for (; *directory != '\0'; directory = next_part(directory)) {
		if (path_pattern_is_deep(pattern))
			return true;
		if (!match_part(pattern, directory))
			return false;
		pattern = next_part(pattern);
	}
	return *pattern != '\0';
}

bool path_pattern_is_deep(const char *part)
{
	return strcmp(part, "**") == 0 || strncmp(part, "**/", 3) == 0;
}
