/* files/watch: something has changed on disk; read it again.
 *
 * A hint and no truth: the periodic read (`refresh` of a list) finds everything that a
 * watch misses. Where watches cannot be had (the system's limit is reached, a network
 * file system, no such directory yet) that is said once and nothing else changes.
 *
 * An input is what lists name as sources: a file (its directory is watched, because
 * editors write a new file and rename it over the old one), a glob (the directory before
 * its first wildcard, and those below it), a directory (its tree, hidden directories and
 * node_modules left out). Links are not followed. An input that is not there is watched
 * for by its nearest directory that is; one that vanishes may come back.
 *
 * After the first event an input is quiet for `quiet_ms`, prolonged by further events up
 * to `wait_max_ms`; then on_change is called once. Events beside the input (another file
 * of the same directory) are passed over.
 *
 * On the caller's loop and thread (libuv, inotify below it). Inputs and directories are
 * bounded; the structs belong to the watcher.
 */
#pragma once

#include <stdint.h>

#include <uv.h>

#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"

enum {
	WATCH_INPUTS_MAX = 4096,
	WATCH_DIRECTORIES_MAX = 8192, /* over all inputs */
	WATCH_DEPTH_MAX = 32,         /* below an input */
	WATCH_QUIET_MS = 500,
	WATCH_WAIT_MAX_MS = 5000,
};

struct watch_sink {
	void *data;
	/* `tag` is what watch_add was given. May call any function of this room. */
	void (*on_change)(void *data, uint64_t tag);
	/* Once in a watcher's life: not all can be watched, and why; one sentence. */
	void (*on_trouble)(void *data, const char *sentence);
};

struct watch_limits {
	time_ms quiet_ms, wait_max_ms; /* 0: the defaults */
	uint32_t directories_max;      /* 0: the default */
};

struct watcher;

/* NULL with an error: no memory. `limits` may be NULL. */
struct watcher *watch_open(uv_loop_t *loop, const struct watch_limits *limits,
	const struct watch_sink *sink, struct error *error);

/* Several inputs may share a tag. 0 also when it cannot be watched (on_trouble has said
 * so); -1 with an error: too many inputs, no memory. `input` is copied. */
int watch_add(
	struct watcher *watcher, const char *input, uint64_t tag, struct error *error);

/* All inputs with this tag; a change not yet told is dropped. */
void watch_remove(struct watcher *watcher, uint64_t tag);

/* Directories that are watched now. */
uint32_t watch_directories(const struct watcher *watcher);

/* Nothing is told any more; the memory is freed by the loop when the handles are closed,
 * after which on_closed (may be NULL) is called. NULL watcher: on_closed at once. */
void watch_close(struct watcher *watcher, void (*on_closed)(void *data), void *data);
