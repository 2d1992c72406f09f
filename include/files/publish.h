/* files/publish: a file that is either the old one or the new one, never half of each.
 *
 * Written to a temporary file beside the target, synced, renamed. A target that is no
 * regular file (a device, a pipe) is written to directly.
 */
#pragma once

#include "base/error.h"
#include "base/slice.h"

int file_publish(const char *path, struct slice bytes, struct error *error);
