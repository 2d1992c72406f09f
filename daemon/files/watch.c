#include "files/watch.h"

#include <assert.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "files/watch_internal.h"

/* --- trouble ----------------------------------------------------------------------- */

void watch_trouble(struct watcher *watcher, const char *why)
{
	char sentence[256];
	if (watcher->troubled)
		return;
	watcher->troubled = true;
	snprintf(sentence, sizeof(sentence),
		"Not all sources can be watched for changes: %s; those changes are found "
		"when the sources are read again.",
		why);
	watcher->sink.on_trouble(watcher->sink.data, sentence);
}

static void say_why(struct watcher *watcher, int status)
{
	/* Gone since it was looked for, which is no trouble. */
	if (status == UV_ENOENT || status == UV_ENOTDIR)
		return;
	if (status == UV_ENOSPC)
		watch_trouble(watcher, "the system's limit of watches is reached "
				       "(fs.inotify.max_user_watches)");
	else if (status == UV_EMFILE)
		watch_trouble(watcher,
			"the limit of open files or of watchers is reached "
			"(fs.inotify.max_user_instances)");
	else
		watch_trouble(watcher, uv_strerror(status));
}

/* --- the end of handles ------------------------------------------------------------ */

static void handle_closed(struct watcher *watcher)
{
	if (--watcher->handles > 0)
		return;
	assert(watcher->closing);
	void (*on_closed)(void *data) = watcher->on_closed;
	void *data = watcher->closed_data;
	free(watcher);
	if (on_closed != NULL)
		on_closed(data);
}

static void on_directory_closed(uv_handle_t *handle)
{
	struct watch_directory *directory = handle->data;
	struct watcher *watcher = directory->watcher;
	free(directory->path);
	free(directory);
	handle_closed(watcher);
}

void watch_directory_close(struct watch_directory *directory)
{
	assert(list_empty(&directory->uses));
	HASH_DEL(directory->watcher->by_path, directory);
	directory->watcher->directory_count--;
	uv_close((uv_handle_t *)&directory->handle, on_directory_closed);
}

/* --- events ------------------------------------------------------------------------ */

static void on_timer(uv_timer_t *timer);

/* The earliest of all that have changed. */
static void arm(struct watcher *watcher)
{
	uint64_t now = uv_now(watcher->loop), due_at = UINT64_MAX;
	for (struct list *node = watcher->inputs.next; node != &watcher->inputs;
		node = node->next) {
		const struct watch_input *input = LIST_OF(node, struct watch_input, list);
		if (input->changed && input->due_at < due_at)
			due_at = input->due_at;
	}
	if (due_at == UINT64_MAX)
		uv_timer_stop(&watcher->timer);
	else
		uv_timer_start(
			&watcher->timer, on_timer, due_at > now ? due_at - now : 0, 0);
}

static void mark(struct watcher *watcher, struct watch_input *input)
{
	uint64_t now = uv_now(watcher->loop);
	if (!input->changed)
		input->first_at = now;
	input->changed = true;
	input->due_at = now + (uint64_t)watcher->limits.quiet_ms;
	uint64_t latest = input->first_at + (uint64_t)watcher->limits.wait_max_ms;
	if (input->due_at > latest)
		input->due_at = latest;
	/* It looks again when it fires: only an earlier time must be set. */
	uint64_t left = input->due_at - now;
	if (!uv_is_active((uv_handle_t *)&watcher->timer) ||
		uv_timer_get_due_in(&watcher->timer) > left)
		uv_timer_start(&watcher->timer, on_timer, left, 0);
}

/* It is there, and no directory. */
static bool is_plain(const struct watch_directory *directory, const char *name)
{
	char path[PATH_MAX];
	struct stat st;
	int len = snprintf(path, sizeof(path), "%s/%s", directory->path, name);
	return len > 0 && (size_t)len < sizeof(path) && stat(path, &st) == 0 &&
	       !S_ISDIR(st.st_mode);
}

static bool concerns(const struct watch_use *use, const char *name)
{
	if (name == NULL)
		return true;
	if (use->inner && is_plain(use->directory, name))
		return false;
	if (use->name == NULL)
		return name[0] != '.' ? strcmp(name, "node_modules") != 0
				      : strcmp(name, ".gitignore") == 0;
	return use->wild ? fnmatch(use->name, name, FNM_PERIOD) == 0
			 : strcmp(use->name, name) == 0;
}

/* inotify names a directory's own end with its own name (or one within it of that name,
 * which does no harm). */
static bool is_itself(const struct watch_directory *directory, const char *name)
{
	const char *slash = strrchr(directory->path, '/');
	return name != NULL &&
	       strcmp(slash != NULL ? slash + 1 : directory->path, name) == 0;
}

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
	struct watch_directory *directory = handle->data;
	bool all = status < 0 || is_itself(directory, name);
	if (all && (status < 0 || (events & UV_RENAME) != 0))
		directory->stale = true;
	for (struct list *node = directory->uses.next; node != &directory->uses;
		node = node->next) {
		struct watch_use *use = LIST_OF(node, struct watch_use, of_directory);
		if (all || concerns(use, name))
			mark(directory->watcher, use->input);
	}
}

static struct watch_input *next_due(struct watcher *watcher)
{
	uint64_t now = uv_now(watcher->loop);
	for (struct list *node = watcher->inputs.next; node != &watcher->inputs;
		node = node->next) {
		struct watch_input *input = LIST_OF(node, struct watch_input, list);
		if (input->changed && input->due_at <= now)
			return input;
	}
	return NULL;
}

/* Watched anew first: what changes after the caller has read is heard of. */
static void on_timer(uv_timer_t *timer)
{
	struct watcher *watcher = timer->data;
	struct watch_input *input;
	while (!watcher->closing && (input = next_due(watcher)) != NULL) {
		input->changed = false;
		watch_scan(watcher, input);
		watcher->sink.on_change(watcher->sink.data, input->tag);
	}
	if (!watcher->closing)
		arm(watcher);
}

/* --- directories ------------------------------------------------------------------- */

static struct watch_directory *find(const struct watcher *watcher, const char *path)
{
	struct watch_directory *directory;
	HASH_FIND(hh, watcher->by_path, path, strlen(path), directory);
	return directory;
}

/* Something else has its name now: a new watch for the same users. */
static int renew(struct watch_directory *directory, const struct stat *st)
{
	directory->stale = false;
	directory->device = st->st_dev;
	directory->inode = st->st_ino;
	uv_fs_event_stop(&directory->handle);
	return uv_fs_event_start(&directory->handle, on_event, directory->path, 0);
}

static struct watch_directory *open_directory(
	struct watcher *watcher, const char *path, const struct stat *st)
{
	struct watch_directory *directory = calloc(1, sizeof(*directory));
	char *copy = strdup(path);
	if (directory != NULL && copy != NULL)
		HASH_ADD_KEYPTR(hh, watcher->by_path, copy, strlen(copy), directory);
	if (directory == NULL || copy == NULL || directory->hh.tbl == NULL) {
		free(directory);
		free(copy);
		watch_trouble(watcher, "there is no memory");
		return NULL;
	}
	/* uv_fs_event_init cannot fail. */
	(void)uv_fs_event_init(watcher->loop, &directory->handle);
	directory->watcher = watcher;
	directory->path = copy;
	directory->handle.data = directory;
	list_init(&directory->uses);
	watcher->directory_count++;
	watcher->handles++;
	int status = renew(directory, st);
	if (status == 0)
		return directory;
	watch_directory_close(directory);
	say_why(watcher, status);
	return NULL;
}

struct watch_directory *watch_directory_of(struct watcher *watcher, const char *path)
{
	struct stat st;
	struct watch_directory *directory = find(watcher, path);
	if (stat(path, &st) != 0)
		return NULL;
	if (directory != NULL) {
		if (!directory->stale && directory->device == st.st_dev &&
			directory->inode == st.st_ino)
			return directory;
		int status = renew(directory, &st);
		if (status != 0) {
			directory->stale = true;
			say_why(watcher, status);
		}
		return directory;
	}
	if (watcher->directory_count >= watcher->limits.directories_max) {
		watch_trouble(watcher, "they lie in too many directories");
		return NULL;
	}
	return open_directory(watcher, path, &st);
}

/* --- inputs ------------------------------------------------------------------------ */

static void free_input(struct watcher *watcher, struct watch_input *input)
{
	watch_drop_uses(input, UINT32_MAX);
	list_remove(&input->list);
	watcher->input_count--;
	free(input->path);
	free(input->names);
	free(input);
}

/* "/a//b/c" becomes "a\0b\0c\0\0"; empty: the root, or nothing. "." and ".." stay. */
static char *cut(const char *path)
{
	char *names = calloc(1, strlen(path) + 2), *at = names;
	if (names == NULL)
		return NULL;
	for (struct slice rest = slice_of(path), name; slice_split(&rest, '/', &name);) {
		if (name.len == 0)
			continue;
		memcpy(at, name.at, name.len);
		at += name.len + 1;
	}
	return names;
}

int watch_add(
	struct watcher *watcher, const char *input, uint64_t tag, struct error *error)
{
	assert(!watcher->closing);
	if (watcher->input_count == WATCH_INPUTS_MAX)
		return error_set(error,
			"%s: more than %d sources are watched; name directories instead "
			"of their files",
			input, WATCH_INPUTS_MAX);
	struct watch_input *added = calloc(1, sizeof(*added));
	char *path = strdup(input), *names = cut(input);
	if (added == NULL || path == NULL || names == NULL) {
		free(added);
		free(path);
		free(names);
		return error_set(error, "%s: no memory to watch it", input);
	}
	/* A slash at the end says nothing, but for the root's own. */
	for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
		path[len - 1] = '\0';
	*added = (struct watch_input){ .path = path, .names = names, .tag = tag };
	list_init(&added->uses);
	list_push_back(&watcher->inputs, &added->list);
	watcher->input_count++;
	watch_scan(watcher, added);
	return 0;
}

/* With this tag; NULL: any. */
static void remove_all(struct watcher *watcher, const uint64_t *tag)
{
	struct list *next;
	for (struct list *node = watcher->inputs.next; node != &watcher->inputs;
		node = next) {
		struct watch_input *input = LIST_OF(node, struct watch_input, list);
		next = node->next;
		if (tag == NULL || input->tag == *tag)
			free_input(watcher, input);
	}
}

void watch_remove(struct watcher *watcher, uint64_t tag)
{
	remove_all(watcher, &tag);
}

/* --- the watcher ------------------------------------------------------------------- */

struct watcher *watch_open(uv_loop_t *loop, const struct watch_limits *limits,
	const struct watch_sink *sink, struct error *error)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));
	if (watcher == NULL) {
		error_set(error, "no memory to watch sources for changes");
		return NULL;
	}
	watcher->loop = loop;
	watcher->sink = *sink;
	if (limits != NULL)
		watcher->limits = *limits;
	if (watcher->limits.quiet_ms == 0)
		watcher->limits.quiet_ms = WATCH_QUIET_MS;
	if (watcher->limits.wait_max_ms == 0)
		watcher->limits.wait_max_ms = WATCH_WAIT_MAX_MS;
	if (watcher->limits.directories_max == 0)
		watcher->limits.directories_max = WATCH_DIRECTORIES_MAX;
	list_init(&watcher->inputs);
	/* uv_timer_init cannot fail. */
	(void)uv_timer_init(loop, &watcher->timer);
	watcher->timer.data = watcher;
	watcher->handles = 1;
	return watcher;
}

uint32_t watch_directories(const struct watcher *watcher)
{
	return watcher->directory_count;
}

static void on_timer_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

void watch_close(struct watcher *watcher, void (*on_closed)(void *data), void *data)
{
	if (watcher == NULL) {
		if (on_closed != NULL)
			on_closed(data);
		return;
	}
	assert(!watcher->closing);
	watcher->closing = true;
	watcher->on_closed = on_closed;
	watcher->closed_data = data;
	remove_all(watcher, NULL);
	assert(watcher->directory_count == 0);
	uv_close((uv_handle_t *)&watcher->timer, on_timer_closed);
}
