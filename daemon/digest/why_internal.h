/* digest/why: its JSON, in which nothing is left out, and what both writers share.
 */
#pragma once

#include "digest/why.h"
#include "format/paper.h"
#include "format/standing_history.h"

/* Its checks, spans and events, as far as there are any. */
void why_write_history(struct paper *paper, const struct why *why);

/* -1: no memory for a value; the buffer's own failure is in the buffer. */
int why_write_json(const struct why *why, struct buffer *out);
