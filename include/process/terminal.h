/* process/terminal: standard output and standard error as people see them.
 *
 * NO_COLOR (no-color.org) and a stream that is no terminal switch off colour and the
 * progress bar.
 */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "report/progress.h"

bool terminal_colour(int fd);
bool terminal_wants_progress(void);

/* One line "linkrotd: …" on standard error, made harmless for a terminal. None for an
 * empty text: see terminal_print. */
void terminal_error(const struct error *error);

/* Draws the line over the former one; terminal_clear takes it away. */
void terminal_progress(struct progress *progress);
void terminal_clear(void);

/* Everything to standard output. -1 when it cannot be written, with an error
 * unless nobody reads any more. */
int terminal_print(struct slice bytes, struct error *error);
