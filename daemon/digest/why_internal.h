/* digest/why: its JSON, in which nothing is left out, and what both writers share.
 */
#pragma once

#include "digest/why.h"
#include "format/paper.h"

/* The i-th newest of `count` things in order of time, of which the first and the last
 * happened then. */
static inline uint32_t why_newest(
	uint32_t i, uint32_t count, time_ms first_at, time_ms last_at)
{
	return first_at < last_at ? count - 1 - i : i;
}

/* Takes the next line that is not blank off sentences; false: there is none. */
bool why_next_line(struct slice *sentences, struct slice *ret_line);

/* Its checks, spans and events, as far as there are any. */
void why_write_history(struct paper *paper, const struct why *why);

/* -1: no memory for a value; the buffer's own failure is in the buffer. */
int why_write_json(const struct why *why, struct buffer *out);
