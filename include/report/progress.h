/* report/progress: the one line that says how far a run is.
 *
 * Pure: counts in, one line of at most `columns` cells out, without newline and without
 * carriage return. ASCII apart from the bar.
 */
#pragma once

#include "base/buffer.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/outcome.h"

struct progress_host {
	struct slice key;
	uint32_t waiting;    /* links in its line */
	time_ms ready_in_ms; /* > 0: it may not be asked before; else it is being asked */
};

struct progress {
	uint32_t links, done;
	uint32_t by_outcome[OUTCOME_COUNT];
	time_ms elapsed_ms;
	const struct progress_host *hosts; /* longest line first */
	uint32_t host_count;
	uint32_t columns; /* of the terminal */
	bool colour;
};

void progress_write(const struct progress *progress, struct buffer *out);
