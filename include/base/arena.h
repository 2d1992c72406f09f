/* base/arena: many small allocations that end together.
 *
 * One arena belongs to one document, one check or one report; everything taken from it
 * lives until arena_reset or arena_fini. It has a ceiling, because what is put into it
 * comes from outside: past the ceiling, as when memory runs out, it answers NULL (or an
 * empty slice with a NULL `at`) and stays usable. Not for threads to share.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *blocks; /* newest first */
	size_t bytes_used;          /* handed out, over all blocks */
	size_t bytes_max;
	bool failed;        /* a request was refused since the last reset */
	bool out_of_memory; /* and one of them not because of the ceiling */
};

/* Takes no memory until the first allocation. */
void arena_init(struct arena *arena, size_t bytes_max);

/* Frees all blocks but the newest, which is kept for the next use. */
void arena_reset(struct arena *arena);

/* Accepts a zeroed arena. */
void arena_fini(struct arena *arena);

/* Zeroed, aligned for any type. NULL past the ceiling or without memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* A copy with a NUL behind it (not counted in len). */
struct slice arena_copy(struct arena *arena, struct slice text);
char *arena_string(struct arena *arena, struct slice text);

/* printf into the arena. */
struct slice arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count)                                                  \
	((type *)arena_array((arena), sizeof(type), (count)))

/* Refuses a product that overflows. */
void *arena_array(struct arena *arena, size_t size, size_t count);
