#include <dirent.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/ignore_internal.h"
#include "files/path_pattern_internal.h"
#include "files/watch_internal.h"

static bool is_directory(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The parts that do not move, as opposed to what a link points at. */
static bool is_own_directory(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool join(char *path, const char *directory, const char *name)
{
	size_t len = strlen(directory);
	bool bare = len == 0 || directory[len - 1] == '/';
	int written =
		snprintf(path, PATH_MAX, "%s%s%s", directory, bare ? "" : "/", name);
	return written >= 0 && written < PATH_MAX;
}

static bool is_wild(const char *name)
{
	return strpbrk(name, "*?[") != NULL;
}

/* Beyond it nothing could be watched anyway. */
static bool is_enough(const struct watcher *watcher)
{
	return watcher->scanned > watcher->limits.directories_max;
}

/* --- uses -------------------------------------------------------------------------- */

static struct watch_use *find_use(struct watch_input *input,
	const struct watch_directory *directory, const char *name)
{
	for (struct list *node = input->uses.next; node != &input->uses;
		node = node->next) {
		struct watch_use *use = LIST_OF(node, struct watch_use, of_input);
		if (use->directory == directory && use->name == name)
			return use;
	}
	return NULL;
}

static void use(struct watcher *watcher, struct watch_input *input, const char *path,
	const char *name, bool wild)
{
	struct watch_directory *directory =
		watch_directory_of(watcher, path[0] != '\0' ? path : ".");
	watcher->scanned++;
	if (directory == NULL)
		return;
	struct watch_use *found = name != NULL ? find_use(input, directory, name) : NULL;
	if (found == NULL) {
		found = calloc(1, sizeof(*found));
		if (found == NULL) {
			/* A directory that nobody uses is closed again. */
			if (list_empty(&directory->uses))
				watch_directory_close(directory);
			watch_trouble(watcher, "there is no memory");
			return;
		}
		bool inner = name != NULL && name[strlen(name) + 1] != '\0';
		*found = (struct watch_use){ .input = input,
			.directory = directory,
			.name = name,
			.wild = wild,
			.inner = inner };
		list_push_back(&input->uses, &found->of_input);
		list_push_back(&directory->uses, &found->of_directory);
	}
	found->generation = input->generation;
}

void watch_drop_uses(struct watch_input *input, uint32_t before_generation)
{
	struct list *next;
	for (struct list *node = input->uses.next; node != &input->uses; node = next) {
		struct watch_use *found = LIST_OF(node, struct watch_use, of_input);
		next = node->next;
		if (found->generation >= before_generation)
			continue;
		list_remove(&found->of_input);
		list_remove(&found->of_directory);
		if (list_empty(&found->directory->uses))
			watch_directory_close(found->directory);
		free(found);
	}
}

/* --- trees ------------------------------------------------------------------------- */

static bool is_passed_over(const char *name)
{
	return name[0] == '.' || strcmp(name, "node_modules") == 0;
}

static void scan_tree(struct watcher *watcher, struct watch_input *input,
	const char *directory, const struct ignore *parent, unsigned depth)
{
	char path[PATH_MAX];
	struct ignore ignore;
	struct dirent *entry;
	/* Watched before it is listed: what comes between is heard of. */
	use(watcher, input, directory, NULL, false);
	DIR *stream = depth < WATCH_DEPTH_MAX ? opendir(directory) : NULL;
	if (stream == NULL)
		return;
	ignore_init(&ignore, directory, parent);
	while (!is_enough(watcher) && (entry = readdir(stream)) != NULL)
		if (!is_passed_over(entry->d_name) &&
			(entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) &&
			join(path, directory, entry->d_name) && is_own_directory(path) &&
			!ignore_matches(&ignore, path, true))
			scan_tree(watcher, input, path, &ignore, depth + 1);
	ignore_fini(&ignore);
	closedir(stream);
}

/* --- names, and patterns of names -------------------------------------------------- */

static void scan_names(struct watcher *watcher, struct watch_input *input,
	const char *directory, const char *name, unsigned depth);

/* A directory at the end of a pattern is read as a tree. */
static void scan_match(struct watcher *watcher, struct watch_input *input,
	const char *path, const char *rest, unsigned depth)
{
	if (rest[0] == '\0')
		scan_tree(watcher, input, path, NULL, depth);
	else
		scan_names(watcher, input, path, rest, depth);
}

static void scan_matches(struct watcher *watcher, struct watch_input *input,
	const char *directory, const char *name, unsigned depth)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *stream = opendir(directory[0] != '\0' ? directory : ".");
	if (stream == NULL)
		return;
	while (!is_enough(watcher) && (entry = readdir(stream)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			fnmatch(name, entry->d_name, FNM_PERIOD) == 0 &&
			join(path, directory, entry->d_name) && is_directory(path))
			scan_match(
				watcher, input, path, name + strlen(name) + 1, depth + 1);
	closedir(stream);
}

/* Components from `name` on, below `directory`. The directory of the last one is watched
 * for it; an earlier one is watched for where it is wild, or where it is not there.
 * Below `**` all are. */
static void scan_names(struct watcher *watcher, struct watch_input *input,
	const char *directory, const char *name, unsigned depth)
{
	char path[PATH_MAX];
	bool last = name[strlen(name) + 1] == '\0';
	if (depth > WATCH_DEPTH_MAX || !join(path, directory, name))
		return;
	if (path_pattern_is_deep(name)) {
		scan_tree(watcher, input, directory[0] != '\0' ? directory : ".", NULL,
			depth);
		return;
	}
	if (last || is_wild(name))
		use(watcher, input, directory, name, is_wild(name));
	if (last && !is_wild(name))
		return;
	if (is_wild(name))
		scan_matches(watcher, input, directory, name, depth);
	else if (is_directory(path))
		scan_names(watcher, input, path, name + strlen(name) + 1, depth + 1);
	else
		use(watcher, input, directory, name, false);
}

static bool exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

/* A name with wildcards in it that is there is that file (files/tree does the same). */
static void scan_literal(struct watcher *watcher, struct watch_input *input)
{
	char directory[PATH_MAX];
	const char *slash = strrchr(input->path, '/');
	size_t len = slash != NULL ? (size_t)(slash - input->path) + 1 : 0;
	const char *name = input->names;
	while (name[strlen(name) + 1] != '\0')
		name += strlen(name) + 1;
	/* As scan_names would spell it. */
	while (len > 1 && input->path[len - 1] == '/')
		len--;
	if (len >= sizeof(directory))
		return;
	memcpy(directory, input->path, len);
	directory[len] = '\0';
	use(watcher, input, directory, name, false);
}

void watch_scan(struct watcher *watcher, struct watch_input *input)
{
	input->generation++;
	watcher->scanned = 0;
	if (is_directory(input->path))
		scan_tree(watcher, input, input->path, NULL, 0);
	else if (input->names[0] != '\0' && exists(input->path))
		scan_literal(watcher, input);
	else if (input->names[0] != '\0')
		scan_names(watcher, input, input->path[0] == '/' ? "/" : "", input->names,
			0);
	watch_drop_uses(input, input->generation);
}
