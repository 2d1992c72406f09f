/* report/why: its JSON, in which nothing is left out.
 */
#pragma once

#include "report/why.h"

/* -1: no memory for a value; the buffer's own failure is in the buffer. */
int why_write_json(const struct why *why, struct buffer *out);
