/* files/watch_internal: inputs, the directories that are watched for them, and which name
 * in which directory is whose (shared by watch.c and watch_scan.c). */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>

#include "base/list.h"
#include "base/table.h"
#include "files/watch.h"

struct watch_input {
	struct list list; /* of the watcher's inputs */
	struct list uses;
	char *path; /* as given */
	/* The same cut into components, for which the uses' names stand. */
	char *names;
	uint64_t tag;
	uint32_t generation; /* of the last scan */
	bool changed;
	uint64_t first_at, due_at; /* loop time, if changed */
};

/* One handle a path, however many inputs need it. Lives until its handle is closed. */
struct watch_directory {
	uv_fs_event_t handle;
	struct watcher *watcher;
	UT_hash_handle hh; /* of the watcher's directories; in none when it closes */
	struct list uses;
	char *path;
	dev_t device;
	ino_t inode;
	bool stale; /* it was moved or removed: the watch is of something else now */
};

/* An input hears of one name in a directory, or of all that are not hidden. */
struct watch_use {
	struct list of_input, of_directory;
	struct watch_input *input;
	struct watch_directory *directory;
	const char *name; /* in the input's names; NULL: any */
	bool wild;
	bool inner; /* not the last component: directories only */
	uint32_t generation;
};

struct watcher {
	uv_loop_t *loop;
	struct watch_sink sink;
	struct watch_limits limits;
	struct list inputs;
	struct watch_directory *by_path;
	uint32_t input_count, directory_count;
	uint32_t scanned; /* directories, in the scan under way */
	uint32_t handles; /* that are not closed yet, the timer's included */
	uv_timer_t timer;
	bool closing, troubled;
	void (*on_closed)(void *data);
	void *closed_data;
};

/* Sets the watches of an input as the disk is now. */
void watch_scan(struct watcher *watcher, struct watch_input *input);
/* Those of earlier scans end; directories that nobody uses are closed. */
void watch_drop_uses(struct watch_input *input, uint32_t before_generation);

/* NULL: it cannot be watched, which has been said. */
struct watch_directory *watch_directory_of(struct watcher *watcher, const char *path);
void watch_directory_close(struct watch_directory *directory);
void watch_trouble(struct watcher *watcher, const char *why);
