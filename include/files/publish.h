/* files/publish: a file that is either the old one or the new one, never half of each.
 *
 * Written to a temporary file beside the target, synced, renamed. A target that is no
 * regular file (a device, a pipe) is written to directly.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

/* Whether it could be written now, so that a long run does not end in vain. */
int file_may_publish(const char *path, struct error *error);

/* Adds to the end of a file that others add to as well, and makes one where none is. */
int file_append(const char *path, struct slice bytes, struct error *error);

/* How long it is; 0 where there is none. */
uint64_t file_length(const char *path);

/* Whether it ends within a line; false where there is none. */
bool file_ends_in_line(const char *path);

int file_publish(const char *path, struct slice bytes, struct error *error);
