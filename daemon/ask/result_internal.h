/* ask/result: what a report shows of a check, out of what the probe observed. */
#pragma once

#include "base/arena.h"
#include "model/link.h"

/* Copies the facts into link->result; the verdict is not touched. What does not fit into
 * the arena any more is missing. */
void result_fill(struct arena *arena, struct link *link, const struct observation *seen);
