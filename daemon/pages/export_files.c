/* Files into a directory that others may write to, and out of it again. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files/publish.h"
#include "files/read.h"
#include "pages/export_internal.h"

enum {
	ARENA_BYTES_MAX = 256 << 20,
	FILE_BYTES_MAX = 8 << 20,
	MANIFEST_BYTES_MAX = 64 << 20,
	NAME_BYTES_MAX = 1024,
};

void export_init(struct export *export)
{
	arena_init(&export->arena, ARENA_BYTES_MAX);
	buffer_init(&export->body, FILE_BYTES_MAX);
	buffer_init(&export->old, FILE_BYTES_MAX);
	buffer_init(&export->path, EXPORT_PATH_BYTES_MAX);
	buffer_init(&export->name, NAME_BYTES_MAX);
	buffer_init(&export->manifest, MANIFEST_BYTES_MAX);
	buffer_init(&export->before, MANIFEST_BYTES_MAX);
	export->lock = -1;
}

void export_fini(struct export *export)
{
	arena_fini(&export->arena);
	buffer_fini(&export->body);
	buffer_fini(&export->old);
	buffer_fini(&export->path);
	buffer_fini(&export->name);
	buffer_fini(&export->manifest);
	buffer_fini(&export->before);
	free(export->ours.at);
	if (export->lock >= 0)
		close(export->lock);
}

/* --- names -------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
	const struct slice *x = a, *y = b;
	size_t least = x->len < y->len ? x->len : y->len;
	int order = least > 0 ? memcmp(x->at, y->at, least) : 0;
	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static int sort_lines(struct slice text, struct export_lines *lines)
{
	size_t room = 1;
	for (size_t i = 0; i < text.len; i++)
		room += text.at[i] == '\n';
	*lines = (struct export_lines){ reallocarray(NULL, room, sizeof(*lines->at)), 0 };
	if (lines->at == NULL)
		return -1;
	while (text.len > 0) {
		size_t end = slice_find_char(text, '\n');
		end = end == SLICE_NONE ? text.len : end;
		lines->at[lines->count++] = slice_sub(text, 0, end);
		text = slice_sub(text, end + 1, text.len);
	}
	qsort(lines->at, lines->count, sizeof(*lines->at), by_text);
	return 0;
}

static bool is_ours(const struct export *export, struct slice name)
{
	const struct export_lines *ours = &export->ours;
	return ours->count > 0 &&
	       bsearch(&name, ours->at, ours->count, sizeof(*ours->at), by_text) != NULL;
}

/* --- one file ----------------------------------------------------------------------- */

static const char *path_of(struct export *export, struct slice name)
{
	buffer_reset(&export->path);
	buffer_printf(&export->path, "%s/%.*s", export->wish->directory, SLICE_ARG(name));
	return buffer_string(&export->path);
}

/* Whether a name below the directory is of this type itself; a symbolic link is neither.
 */
static bool is_type(struct export *export, struct slice name, mode_t type)
{
	struct stat st;
	return lstat(path_of(export, name), &st) == 0 && (st.st_mode & S_IFMT) == type;
}

static int refuse(struct export *export, struct slice name, const char *why)
{
	return error_set(export->error, "%s: %s", path_of(export, name), why);
}

static int make_directory(struct export *export, struct slice name)
{
	if (mkdir(path_of(export, name), 0755) == 0)
		return 0;
	if (errno != EEXIST)
		return refuse(export, name, strerror(errno));
	return is_type(export, name, S_IFDIR)
		       ? 0
		       : refuse(export, name,
				 "is no directory (symbolic links are not followed); "
				 "remove it");
}

/* Those of `name`, below the directory. */
static int make_directories(struct export *export, struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] == '/' &&
			make_directory(export, slice_sub(name, 0, i)) < 0)
			return -1;
	return 0;
}

static bool is_same(struct export *export, struct slice name)
{
	struct error ignored;
	buffer_reset(&export->old);
	return file_read(path_of(export, name), &export->old, &ignored) == 0 &&
	       slice_equal(buffer_slice(&export->old), buffer_slice(&export->body));
}

static int look_at(struct export *export, struct slice name)
{
	struct stat st;
	if (lstat(path_of(export, name), &st) == 0 && !S_ISREG(st.st_mode))
		return refuse(export, name,
			"is no file (symbolic links are not followed); remove it");
	return 0;
}

static int publish(struct export *export, struct slice name, const struct buffer *bytes)
{
	if (look_at(export, name) < 0)
		return -1;
	return file_publish(path_of(export, name), buffer_slice(bytes), export->error);
}

/* Before the file is there: an export that is killed leaves none behind that the next one
 * does not know. */
static int note_name(struct export *export, struct slice name)
{
	struct slice manifest = SLICE(EXPORT_MANIFEST);
	if (look_at(export, manifest) < 0)
		return -1;
	buffer_reset(&export->old);
	if (!export->noted && file_ends_in_line(path_of(export, manifest)))
		buffer_add_char(&export->old, '\n');
	buffer_add(&export->old, name);
	buffer_add_char(&export->old, '\n');
	if (export->old.failed)
		return error_set(export->error, "out of memory");
	export->noted = true;
	return file_append(
		path_of(export, manifest), buffer_slice(&export->old), export->error);
}

static int write_file(struct export *export, struct slice name)
{
	if (!is_ours(export, name)) {
		if (is_type(export, name, S_IFREG))
			return refuse(export, name,
				"is there already, and of no export; remove it, or "
				"choose another directory");
		if (note_name(export, name) < 0)
			return -1;
	}
	return publish(export, name, &export->body);
}

int export_put(struct export *export, struct slice name)
{
	const atomic_bool *stop = export->wish->stop;
	arena_reset(&export->arena);
	if (stop != NULL && atomic_load(stop))
		return error_set(export->error, "the export was stopped");
	if (export->body.failed || export->name.failed)
		return error_set(export->error, "out of memory");
	if (make_directories(export, name) < 0)
		return -1;
	export->counts->files++;
	if (!is_type(export, name, S_IFREG) || !is_same(export, name)) {
		if (write_file(export, name) < 0)
			return -1;
		export->counts->written++;
	}
	buffer_add(&export->manifest, name);
	buffer_add_char(&export->manifest, '\n');
	return export->manifest.failed ? error_set(export->error, "out of memory") : 0;
}

/* --- what was ours ------------------------------------------------------------------ */

/* Two at a time would drop each other's names from the manifest. A file system that knows
 * no locks has none. */
static int lock_directory(struct export *export)
{
	const char *directory = export->wish->directory;
	export->lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (export->lock < 0)
		return error_set(export->error, "%s: cannot be opened: %s", directory,
			strerror(errno));
	if (flock(export->lock, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return error_set(export->error,
			"%s: another export is writing it (a daemon with "
			"publish.directory?)",
			directory);
	return 0;
}

int export_begin(struct export *export)
{
	const char *directory = export->wish->directory;
	struct slice manifest = SLICE(EXPORT_MANIFEST);
	if (strlen(directory) > EXPORT_PATH_BYTES_MAX - NAME_BYTES_MAX - 2)
		return error_set(export->error, "the directory's name is too long");
	if (mkdir(directory, 0755) < 0 && errno != EEXIST)
		return error_set(export->error, "%s: cannot be made: %s", directory,
			strerror(errno));
	if (lock_directory(export) < 0 || look_at(export, manifest) < 0)
		return -1;
	if (!is_type(export, manifest, S_IFREG))
		return 0;
	if (file_read(path_of(export, manifest), &export->before, export->error) < 0)
		return -1;
	return sort_lines(buffer_slice(&export->before), &export->ours) == 0
		       ? 0
		       : error_set(export->error, "out of memory");
}

/* The manifest is a file in a directory that others may write to: it must not lead out of
 * it. */
static bool may_remove(struct slice name)
{
	if (name.len == 0 || name.len > NAME_BYTES_MAX || name.at[0] == '/')
		return false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			     c == '-' || c == '.' || c == '/' || c == '_';
		if (!plain || (c == '.' && i + 1 < name.len && name.at[i + 1] == '.'))
			return false;
	}
	return true;
}

static bool leads_there(struct export *export, struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.at[i] == '/' && !is_type(export, slice_sub(name, 0, i), S_IFDIR))
			return false;
	return is_type(export, name, S_IFREG);
}

/* And the directories that are empty then. */
static void remove_file(struct export *export, struct slice name)
{
	if (!may_remove(name) || !leads_there(export, name) ||
		unlink(path_of(export, name)) < 0)
		return;
	export->counts->removed++;
	for (size_t i = name.len; i-- > 0;)
		if (name.at[i] == '/' &&
			rmdir(path_of(export, slice_sub(name, 0, i))) < 0)
			return;
}

/* Whoever was not written this time goes; or, where that was not to the end, stays, and
 * stays ours. */
static void go_through_old(
	struct export *export, const struct export_lines *news, bool complete)
{
	const struct export_lines *olds = &export->ours;
	size_t k = 0;
	for (size_t i = 0; i < olds->count; i++) {
		struct slice name = olds->at[i];
		while (k < news->count && by_text(&news->at[k], &name) < 0)
			k++;
		if (k < news->count && slice_equal(news->at[k], name))
			continue;
		if (complete) {
			remove_file(export, name);
		} else if (may_remove(name)) {
			buffer_add(&export->manifest, name);
			buffer_add_char(&export->manifest, '\n');
		}
	}
}

static int put_manifest(struct export *export, bool complete)
{
	/* The lines lie in it, and it grows. */
	struct buffer written = export->manifest;
	struct export_lines news = { NULL, 0 };
	int result = -1;
	buffer_init(&export->manifest, MANIFEST_BYTES_MAX);
	buffer_add(&export->manifest, buffer_slice(&written));
	if (sort_lines(buffer_slice(&written), &news) == 0) {
		go_through_old(export, &news, complete);
		result = export->manifest.failed ? -1 : 0;
	}
	free(news.at);
	buffer_fini(&written);
	if (result < 0)
		return error_set(export->error, "out of memory");
	if (!export->noted && slice_equal(buffer_slice(&export->before),
				      buffer_slice(&export->manifest)))
		return 0;
	return publish(export, SLICE(EXPORT_MANIFEST), &export->manifest);
}

int export_end(struct export *export, int result)
{
	struct error why = *export->error;
	if (put_manifest(export, result == 0) < 0 && result == 0)
		return -1;
	*export->error = why;
	return result;
}
