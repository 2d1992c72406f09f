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
