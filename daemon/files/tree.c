#include "files/tree.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files/ignore_internal.h"

/* A tree deeper than this is a mistake or an attack (bind mounts, cycles). */
enum { TREE_DEPTH_MAX = 64 };

static int walk(const char *directory, const struct tree_sink *sink,
	const struct ignore *parent, unsigned depth, struct error *error);

static bool passed_over(const struct dirent *entry)
{
	return entry->d_name[0] == '.' || strcmp(entry->d_name, "node_modules") == 0;
}

static int visit(const char *directory, const struct dirent *entry,
	const struct tree_sink *sink, const struct ignore *ignore, unsigned depth,
	struct error *error)
{
	char path[PATH_MAX];
	struct stat st;
	size_t slash = strlen(directory);
	const char *between = slash > 0 && directory[slash - 1] == '/' ? "" : "/";

	int len =
		snprintf(path, sizeof(path), "%s%s%s", directory, between, entry->d_name);
	if (len < 0 || (size_t)len >= sizeof(path))
		return error_set(error, "%s: a path below it is too long", directory);
	if (lstat(path, &st) != 0)
		return 0; /* gone since it was listed */
	if (S_ISDIR(st.st_mode)) {
		if (ignore_matches(ignore, path, true))
			return 0;
		return walk(path, sink, ignore, depth + 1, error);
	}
	if (S_ISLNK(st.st_mode) && (stat(path, &st) != 0 || !S_ISREG(st.st_mode)))
		return 0;
	if (!S_ISREG(st.st_mode) || !sink->is_document(slice_of(entry->d_name)) ||
		ignore_matches(ignore, path, false))
		return 0;
	return sink->on_file(sink->data, path) == 0 ? 0 : -1;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int walk(const char *directory, const struct tree_sink *sink,
	const struct ignore *parent, unsigned depth, struct error *error)
{
	struct dirent **entries;
	struct ignore ignore;
	int result = 0;

	if (depth > TREE_DEPTH_MAX)
		return error_set(error, "%s: more than %d directories deep", directory,
			TREE_DEPTH_MAX);
	int count = scandir(directory, &entries, NULL, by_bytes);
	/* Gone since it was listed itself, as when another branch is checked out. */
	if (count < 0 && depth > 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (count < 0)
		return error_set(
			error, "%s: cannot be listed: %s", directory, strerror(errno));
	ignore_init(&ignore, directory, parent);
	for (int i = 0; i < count; i++) {
		if (result == 0 && !passed_over(entries[i]))
			result =
				visit(directory, entries[i], sink, &ignore, depth, error);
		free(entries[i]);
	}
	free(entries);
	ignore_fini(&ignore);
	return result;
}

static int expand_glob(
	const char *input, const struct tree_sink *sink, struct error *error)
{
	glob_t found;
	int result = 0;

	int status = glob(input, 0, NULL, &found);
	if (status == GLOB_NOMATCH)
		return error_set(error, "%s: no file matches", input);
	if (status != 0)
		return error_set(error, "%s: the pattern could not be searched", input);
	for (size_t i = 0; i < found.gl_pathc && result == 0; i++) {
		struct stat st;
		if (stat(found.gl_pathv[i], &st) == 0 && S_ISDIR(st.st_mode))
			result = walk(found.gl_pathv[i], sink, NULL, 0, error);
		else
			result = sink->on_file(sink->data, found.gl_pathv[i]) == 0 ? 0
										   : -1;
	}
	globfree(&found);
	return result;
}

int tree_expand(const char *input, const struct tree_sink *sink, struct error *error)
{
	struct stat st;

	if (strcmp(input, "-") == 0)
		return sink->on_file(sink->data, input) == 0 ? 0 : -1;
	if (stat(input, &st) != 0) {
		if (errno == ENOENT && strpbrk(input, "*?[") != NULL)
			return expand_glob(input, sink, error);
		return error_set(error, "%s: cannot be read: %s", input, strerror(errno));
	}
	if (S_ISDIR(st.st_mode))
		return walk(input, sink, NULL, 0, error);
	return sink->on_file(sink->data, input) == 0 ? 0 : -1;
}
