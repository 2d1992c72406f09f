/* base/buffer: growing bytes with a ceiling.
 *
 * A failed append (ceiling reached, no memory) marks the buffer as failed and every later
 * append does nothing, so that a writer checks once, at the end. The bytes gathered so
 * far stay readable. The buffer owns its memory until buffer_take or buffer_fini.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct buffer {
	char *at;
	size_t len;
	size_t room;
	size_t bytes_max;
	bool failed;
	bool out_of_memory; /* that is why, and not the ceiling */
};

/* Takes no memory until the first append. */
void buffer_init(struct buffer *buffer, size_t bytes_max);
void buffer_fini(struct buffer *buffer);

/* Empty again, failure forgotten, memory kept. */
void buffer_reset(struct buffer *buffer);

void buffer_add(struct buffer *buffer, struct slice bytes);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_growing(struct buffer *buffer, char c); /* for buffer_add_char */
void buffer_printf(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A byte; most often there is room for it. */
static inline void buffer_add_char(struct buffer *buffer, char c)
{
	/* Room for it and a NUL was made before, within the ceiling. */
	if (buffer->len + 1 < buffer->room && buffer->len < buffer->bytes_max &&
		!buffer->failed)
		buffer->at[buffer->len++] = c;
	else
		buffer_add_growing(buffer, c);
}

/* Forgets everything behind the first `len` bytes. */
void buffer_truncate(struct buffer *buffer, size_t len);

static inline struct slice buffer_slice(const struct buffer *buffer)
{
	return (struct slice){ buffer->at, buffer->len };
}

/* The bytes with a NUL behind them, never NULL. Valid until the next call. */
const char *buffer_string(struct buffer *buffer);
