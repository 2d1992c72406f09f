#include "files/ignore_internal.h"

#include <fnmatch.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "files/path_pattern_internal.h"
#include "files/read.h"

enum { IGNORE_BYTES_MAX = 256 * 1024, IGNORE_PATTERNS_MAX = 2000 };

static void cut_lines(struct ignore *ignore)
{
	char *line = ignore->text;
	while (line != NULL && *line != '\0' && ignore->count < IGNORE_PATTERNS_MAX) {
		char *end = strchr(line, '\n');
		char *next = end != NULL ? end + 1 : NULL;
		if (end == NULL)
			end = line + strlen(line);
		while (end > line && (end[-1] == '\r' || end[-1] == ' ') &&
			!(end - line > 1 && end[-2] == '\\'))
			end--;
		*end = '\0';
		if (*line != '\0' && *line != '#')
			ignore->patterns[ignore->count++] = line;
		line = next;
	}
}

void ignore_init(
	struct ignore *ignore, const char *directory, const struct ignore *parent)
{
	char path[PATH_MAX];
	struct buffer text;
	struct stat st;

	*ignore = (struct ignore){ .parent = parent,
		.path_len = (unsigned)strlen(directory) };
	int len = snprintf(path, sizeof(path), "%s/.gitignore", directory);
	/* Opening a pipe would wait for somebody to write into it. */
	if (len < 0 || (size_t)len >= sizeof(path) || stat(path, &st) != 0 ||
		!S_ISREG(st.st_mode))
		return;
	buffer_init(&text, IGNORE_BYTES_MAX);
	if (file_read(path, &text, NULL) == 0) {
		ignore->text = strdup(buffer_string(&text));
		ignore->patterns = calloc(IGNORE_PATTERNS_MAX, sizeof(*ignore->patterns));
		if (ignore->text != NULL && ignore->patterns != NULL)
			cut_lines(ignore);
	}
	buffer_fini(&text);
}

void ignore_fini(struct ignore *ignore)
{
	free(ignore->text);
	free(ignore->patterns);
	free(ignore->below);
	*ignore = (struct ignore){ 0 };
}

static bool match_one(const char *pattern, const char *relative, bool is_directory)
{
	char trimmed[PATH_MAX];
	size_t len = strlen(pattern);
	if (len >= sizeof(trimmed) || len == 0)
		return false;
	bool only_directories = pattern[len - 1] == '/';
	if (only_directories && !is_directory)
		return false;
	memcpy(trimmed, pattern, len + 1);
	if (only_directories)
		trimmed[len - 1] = '\0';
	bool anchored = strchr(trimmed, '/') != NULL;
	const char *name = strrchr(relative, '/');
	if (!anchored)
		return fnmatch(trimmed, name != NULL ? name + 1 : relative, 0) == 0;
	return path_pattern_matches(trimmed[0] == '/' ? trimmed + 1 : trimmed, relative);
}

/* By the patterns of one directory: -1 ignored, 1 wanted all the same, 0 neither. */
static int match_all(const struct ignore *ignore, const char *relative, bool is_directory)
{
	for (unsigned i = ignore->count; i > 0; i--) {
		const char *pattern = ignore->patterns[i - 1];
		bool again = pattern[0] == '!';
		if (match_one(pattern + again, relative, is_directory))
			return again ? 1 : -1;
	}
	return 0;
}

bool ignore_matches(const struct ignore *ignore, const char *path, bool is_directory)
{
	char joined[PATH_MAX];

	for (; ignore != NULL; ignore = ignore->parent) {
		const char *relative = path + ignore->path_len;
		while (*relative == '/')
			relative++;
		if (ignore->below != NULL) {
			int len = snprintf(
				joined, sizeof(joined), "%s/%s", ignore->below, relative);
			if (len < 0 || (size_t)len >= sizeof(joined))
				continue;
			relative = joined;
		}
		int match = match_all(ignore, relative, is_directory);
		if (match != 0)
			return match < 0;
	}
	return false;
}

/* --- above ------------------------------------------------------------------------- */

/* Cuts the last name off; false at "/". */
static bool go_up(char *path)
{
	char *slash = strrchr(path, '/');
	if (slash == NULL || slash[1] == '\0')
		return false;
	slash[slash == path] = '\0';
	return true;
}

static bool has_git(const char *directory)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/.git", directory);
	return len > 0 && (size_t)len < sizeof(path) && file_exists(path);
}

/* How many directories above are in its work tree. */
static unsigned count_above(const char *real)
{
	char path[PATH_MAX];
	unsigned count = 0;

	memcpy(path, real, strlen(real) + 1);
	while (!has_git(path)) {
		if (!go_up(path) || ++count > IGNORE_ABOVE_MAX)
			return 0;
	}
	return count;
}

/* Of several patterns the nearest decides, as in a search from the top. */
static bool is_hidden(const struct ignore_above *above)
{
	for (unsigned i = above->count; i > 0; i--) {
		const struct ignore *list = &above->lists[i - 1];
		int match = match_all(list, list->below, true);
		if (match != 0)
			return match < 0;
	}
	return false;
}

void ignore_above_init(struct ignore_above *above, const char *directory)
{
	char real[PATH_MAX], path[PATH_MAX];
	unsigned path_len = (unsigned)strlen(directory);

	*above = (struct ignore_above){ 0 };
	if (realpath(directory, real) == NULL)
		return;
	above->count = count_above(real);
	memcpy(path, real, strlen(real) + 1);
	/* From the nearest, which stands last, to the top. */
	for (unsigned i = above->count; i > 0 && go_up(path); i--) {
		struct ignore *list = &above->lists[i - 1];
		ignore_init(list, path, i > 1 ? list - 1 : NULL);
		list->path_len = path_len;
		list->below = strdup(real + strlen(path) + (path[1] != '\0'));
		if (list->below == NULL)
			list->count = 0;
	}
	above->hides = is_hidden(above);
}

void ignore_above_fini(struct ignore_above *above)
{
	for (unsigned i = 0; i < above->count; i++)
		ignore_fini(&above->lists[i]);
	above->count = 0;
}

const struct ignore *ignore_above_nearest(const struct ignore_above *above)
{
	return above->count > 0 ? &above->lists[above->count - 1] : NULL;
}
