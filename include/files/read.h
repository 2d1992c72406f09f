/* files/read: the bytes of a source.
 *
 * Blocking, with a ceiling; for short-lived commands. Errors name the file and the
 * remedy.
 */
#pragma once

#include "base/buffer.h"
#include "base/error.h"

/* Appends the whole file; "-" is standard input. -1 for what cannot be read, what is
 * larger than the buffer's ceiling, and what is no text (a NUL among its first 8 KiB). */
int file_read(const char *path, struct buffer *out, struct error *error);

/* Whether something is there, a directory included; follows links. */
bool file_exists(const char *path);
