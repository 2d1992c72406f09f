/* run/crew: what the daemon asks and reads with, as one configuration wants it.
 *
 * A reload makes a new crew and lets the old one go: what is under way with it is
 * forgotten (the watchman asks again), what servers were promised is handed on. Both live
 * side by side for a moment, because the old one closes in the loop.
 */
#pragma once

#include "ask/asker.h"
#include "settings/configured.h"
#include "sources/reading.h"

struct crew {
	struct config *config; /* owned */
	struct configured configured;
	struct asker asker;
	struct reader reader;
	uint32_t job_max;    /* requests to have under way or in line */
	uint32_t parts_open; /* of reader and asker, while it closes */
	void (*on_closed)(void *data, struct crew *crew);
	void *closed_data;
};

/* Takes over `config` when it returns a crew. NULL with an error. */
struct crew *crew_open(
	uv_loop_t *loop, struct config *config, uint64_t seed, struct error *error);

/* Hosts rest with `to` as long as they had to with `from`. */
void crew_hand_on_rests(const struct crew *from, struct crew *to);

/* Nobody is asked or told anything more. on_closed comes in the loop, when no thread
 * reads any more; then nobody knows it: crew_free. */
void crew_close(
	struct crew *crew, void (*on_closed)(void *data, struct crew *crew), void *data);
void crew_free(struct crew *crew); /* NULL is harmless */
