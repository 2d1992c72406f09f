#include "files/ignore_internal.h"

#include <fnmatch.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/buffer.h"
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
	*ignore = (struct ignore){ 0 };
}

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

/* Part by part, for `*` stays within one, and `**` alone is any number of them; at the
 * end at least one. As with the stars of fnmatch, only the last one need be tried anew.
 */
static bool match_path(const char *pattern, const char *path)
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
	return match_path(trimmed[0] == '/' ? trimmed + 1 : trimmed, relative);
}

bool ignore_matches(const struct ignore *ignore, const char *path, bool is_directory)
{
	for (; ignore != NULL; ignore = ignore->parent) {
		const char *relative = path + ignore->path_len;
		while (*relative == '/')
			relative++;
		for (unsigned i = ignore->count; i > 0; i--) {
			const char *pattern = ignore->patterns[i - 1];
			bool again = pattern[0] == '!';
			if (match_one(pattern + again, relative, is_directory))
				return !again;
		}
	}
	return false;
}
