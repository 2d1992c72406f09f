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
#include "files/path_pattern_internal.h"
#include "files/read.h"

enum { TREE_DEPTH_MAX = 64 };

static int walk(const char *directory, const struct tree_sink *sink,
	const struct ignore *parent, unsigned depth, struct error *error);

static bool passed_over(const struct dirent *entry)
{
	return entry->d_name[0] == '.' || strcmp(entry->d_name, "node_modules") == 0;
}

/* Gone since it was listed, or a link that leads nowhere. */
static bool is_gone(int number)
{
	return number == ENOENT || number == ENOTDIR || number == ELOOP;
}

/* It is there, and nothing more is known of it (a directory without its x, a disk with
 * errors): whoever reads it says why it cannot be read. */
static int visit_unknown(const char *path, const struct dirent *entry, int number,
	const struct tree_sink *sink, const struct ignore *ignore)
{
	bool may_be_directory = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
	if (entry->d_type != DT_DIR && sink->is_document(slice_of(entry->d_name)))
		return ignore_matches(ignore, path, false) ||
				       sink->on_file(sink->data, path) == 0
			       ? 0
			       : -1;
	if (may_be_directory && !ignore_matches(ignore, path, true))
		sink->on_unlisted(sink->data, path, strerror(number));
	return 0;
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
	if (len < 0 || (size_t)len >= sizeof(path)) {
		sink->on_unlisted(sink->data, directory, "a path below it is too long");
		return 0;
	}
	bool known = lstat(path, &st) == 0, linked = known && S_ISLNK(st.st_mode);
	if (!known || (linked && stat(path, &st) != 0))
		return is_gone(errno) ? 0
				      : visit_unknown(path, entry, errno, sink, ignore);
	if (S_ISDIR(st.st_mode)) {
		if (linked || ignore_matches(ignore, path, true))
			return 0;
		return walk(path, sink, ignore, depth + 1, error);
	}
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

	if (depth > TREE_DEPTH_MAX) {
		sink->on_unlisted(sink->data, directory, "too many directories deep");
		return 0;
	}
	int count = scandir(directory, &entries, NULL, by_bytes);
	if (count < 0 && depth == 0)
		return error_set(
			error, "%s: cannot be listed: %s", directory, strerror(errno));
	/* Gone since it was listed itself, as when another branch is checked out. */
	if (count < 0 && errno != ENOENT && errno != ENOTDIR)
		sink->on_unlisted(sink->data, directory, strerror(errno));
	if (count < 0)
		return 0;
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

/* At depth 0 it must be there; one that was found need not. */
static int search(const char *directory, const struct tree_sink *sink, unsigned depth,
	struct error *error)
{
	struct ignore_above above;

	ignore_above_init(&above, directory);
	int result = walk(directory, sink, ignore_above_nearest(&above), depth, error);
	ignore_above_fini(&above);
	return result;
}

/* Pictures stand beside documents. */
static bool is_passed_over(const char *path)
{
	struct ignore_above above;

	if (file_is_regular(path))
		return file_is_binary(path);
	ignore_above_init(&above, path);
	bool hides = above.hides;
	ignore_above_fini(&above);
	return hides;
}

static int take(const char *path, const struct tree_sink *sink, unsigned depth,
	struct error *error)
{
	struct stat st;

	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return search(path, sink, depth, error);
	return sink->on_file(sink->data, path) == 0 ? 0 : -1;
}

/* What glob(3) passes over; it hands on nothing that is ours. */
static _Thread_local const struct tree_sink *globbing;

static int on_glob_error(const char *directory, int number)
{
	if (number != ENOENT)
		globbing->on_unlisted(globbing->data, directory, strerror(number));
	return 0;
}

static int expand_glob(
	const char *input, const struct tree_sink *sink, struct error *error)
{
	glob_t found;
	int result = 0;
	bool any = false;

	globbing = sink;
	int status = glob(input, 0, on_glob_error, &found);
	globbing = NULL;
	if (status == GLOB_NOMATCH)
		return error_set(error, "%s: no file matches", input);
	if (status != 0)
		return error_set(error, "%s: the pattern could not be searched", input);
	for (size_t i = 0; i < found.gl_pathc && result == 0; i++) {
		if (is_passed_over(found.gl_pathv[i]))
			continue;
		any = true;
		result = take(found.gl_pathv[i], sink, 1, error);
	}
	globfree(&found);
	return any ? result : error_set(error, "%s: no file matches", input);
}

/* --- patterns with "**", which glob(3) does not know ------------------------------- */

/* A directory is searched, and what does not match is left out. */
struct deep {
	const struct tree_sink *sink;
	const char *pattern; /* below the directory */
	size_t skip;         /* of a path, for what is below it */
	size_t hide;         /* of a path, for what is told: "./" that nobody wrote */
	bool any;            /* the pattern says what kind of file is wanted */
	bool found;
};

static bool is_any(struct slice name)
{
	(void)name;
	return true;
}

static int take_deep(void *data, const char *path)
{
	struct deep *deep = data;
	const char *name = strrchr(path, '/');
	name = name != NULL ? name + 1 : path;
	if (!path_pattern_matches(deep->pattern, path + deep->skip) ||
		!(deep->any || deep->sink->is_document(slice_of(name))) ||
		(file_is_regular(path) && file_is_binary(path)))
		return 0;
	deep->found = true;
	return deep->sink->on_file(deep->sink->data, path + deep->hide);
}

static void pass_by_deep(void *data, const char *directory, const char *why)
{
	const struct deep *deep = data;
	if (path_pattern_reaches(deep->pattern, directory + deep->skip))
		deep->sink->on_unlisted(deep->sink->data, directory + deep->hide, why);
}

/* The parts in front of the first wild one; "." where there are none. */
static size_t base_of(const char *input, char base[static PATH_MAX])
{
	size_t len = strcspn(input, "*?[");
	while (len > 0 && input[len - 1] != '/')
		len--;
	snprintf(base, PATH_MAX, "%.*s", len > 0 ? (int)len : 1, len > 0 ? input : ".");
	return len;
}

static int expand_deep(
	const char *input, const struct tree_sink *sink, struct error *error)
{
	char base[PATH_MAX];
	struct stat st;
	size_t len = base_of(input, base);
	const char *last = strrchr(input, '/');
	struct deep deep = { .sink = sink,
		.pattern = input + len,
		.skip = len > 0 ? len : 2,
		.hide = len > 0 ? 0 : 2,
		.any = last != NULL && last[1 + strspn(last + 1, "*?")] != '\0' };
	const struct tree_sink matching = { &deep, take_deep, pass_by_deep, is_any };
	if (stat(base, &st) == 0 && S_ISDIR(st.st_mode) &&
		search(base, &matching, 0, error) < 0)
		return -1;
	return deep.found ? 0 : error_set(error, "%s: no file matches", input);
}

static bool is_deep(const char *input)
{
	for (const char *part = input; part != NULL; part = strchr(part, '/')) {
		part += *part == '/';
		if (path_pattern_is_deep(part))
			return true;
	}
	return false;
}

bool tree_glob_holds(const char *glob, const char *path)
{
	char part[PATH_MAX];

	if (strlen(path) >= sizeof(part) || (glob[0] == '/') != (path[0] == '/'))
		return false;
	glob += glob[0] == '/';
	path += path[0] == '/';
	for (size_t len = strcspn(path, "/");; len += 1 + strcspn(path + len + 1, "/")) {
		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		if (path_pattern_matches(glob, part))
			return true;
		if (path[len] == '\0')
			return false;
	}
}

int tree_expand(const char *input, const struct tree_sink *sink, struct error *error)
{
	struct stat st;

	if (strcmp(input, "-") == 0)
		return sink->on_file(sink->data, input) == 0 ? 0 : -1;
	if (stat(input, &st) != 0) {
		if (errno == ENOENT && strpbrk(input, "*?[") != NULL)
			return is_deep(input) ? expand_deep(input, sink, error)
					      : expand_glob(input, sink, error);
		return error_set(error, "%s: cannot be read: %s", input, strerror(errno));
	}
	return take(input, sink, 0, error);
}
