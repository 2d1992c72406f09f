/* files/read: the bytes of a source.
 *
 * Blocking, with a ceiling; for short-lived commands. Errors name the file and the
 * remedy.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* Appends the whole file; "-" is standard input. -1 for what cannot be read, what is
 * larger than the buffer's ceiling, and what is no text (a NUL among its first 8 KiB). */
int file_read(const char *path, struct buffer *out, struct error *error);

/* The same for what the program is told by, without advice on sources. The second refuses
 * what is no regular file: a daemon would wait for ever for the writer of a pipe. */
int file_read_own(const char *path, struct buffer *out, struct error *error);
int file_read_regular(const char *path, struct buffer *out, struct error *error);

/* Whether its first bytes are these; false also of what cannot be read. Do not ask a
 * pipe: what it says is lost. */
bool file_begins_with(const char *path, struct slice bytes);

/* Whether there is a NUL among its first 8 KiB; false also of UTF-16, which is text, and
 * of what cannot be read. */
bool file_is_binary(const char *path);

/* What a file is, whatever path it is called by. */
struct file_id {
	uint64_t device, inode;
};

/* -1: not there. */
int file_identify(const char *path, struct file_id *ret_id);

/* Whether something is there, a directory included; follows links. */
bool file_exists(const char *path);

/* Whether it is certain that nothing is there; not so in a directory that may not be
 * searched, or where the disk fails. */
bool file_is_missing(const char *path);

/* A pipe or device may let its reader wait for ever. Also false: nothing is there. */
bool file_is_regular(const char *path);
