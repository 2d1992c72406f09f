/* base/path: one name for a file, whatever way was named to it. */
#pragma once

#include "base/buffer.h"
#include "base/slice.h"

/* The name of `path` from `directory`, which is absolute: without "./" and "..", as git
 * and GitHub want names. By the text alone: a symbolic link counts as what it is called.
 * What lies elsewhere, or has no directory to be seen from, keeps its name but for "./"
 * in front, and a URL keeps all of it. In `room` or in `path`. */
struct slice path_from(struct slice directory, struct slice path, struct buffer *room);
