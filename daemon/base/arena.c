#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(at, len)   ASAN_POISON_MEMORY_REGION(at, len)
#define UNPOISON(at, len) ASAN_UNPOISON_MEMORY_REGION(at, len)
#else
#define POISON(at, len)   ((void)(at), (void)(len))
#define UNPOISON(at, len) ((void)(at), (void)(len))
#endif

enum {
	ARENA_ALIGN = 16,
	ARENA_BLOCK_MIN = 1024,
	ARENA_BLOCK_MAX = 256 * 1024,
};

struct arena_block {
	struct arena_block *next;
	size_t size; /* of the data behind this header */
	size_t used;
	_Alignas(ARENA_ALIGN) char data[];
};

void arena_init(struct arena *arena, size_t bytes_max)
{
	*arena = (struct arena){ .bytes_max = bytes_max };
}

static void arena_free_blocks(struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *next = block->next;
		UNPOISON(block->data, block->size);
		free(block);
		block = next;
	}
}

void arena_reset(struct arena *arena)
{
	struct arena_block *kept = arena->blocks;
	if (kept != NULL) {
		arena_free_blocks(kept->next);
		kept->next = NULL;
		kept->used = 0;
		POISON(kept->data, kept->size);
	}
	arena->bytes_used = 0;
	arena->failed = arena->out_of_memory = false;
}

void arena_fini(struct arena *arena)
{
	arena_free_blocks(arena->blocks);
	*arena = (struct arena){ .bytes_max = arena->bytes_max };
}

/* Blocks double, so that a small document costs little and a large one few calls. */
static struct arena_block *arena_grow(struct arena *arena, size_t size)
{
	size_t want = arena->blocks != NULL ? arena->blocks->size * 2 : ARENA_BLOCK_MIN;
	if (want > ARENA_BLOCK_MAX)
		want = ARENA_BLOCK_MAX;
	if (want < size)
		want = size;
	struct arena_block *block = malloc(sizeof(*block) + want);
	if (block == NULL)
		return NULL;
	*block = (struct arena_block){ .next = arena->blocks, .size = want };
	POISON(block->data, want);
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	if (size > arena->bytes_max || size > SIZE_MAX - ARENA_ALIGN) {
		arena->failed = true;
		return NULL;
	}
	size_t rounded = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	struct arena_block *block = arena->blocks;
	if (rounded > arena->bytes_max - arena->bytes_used) {
		arena->failed = true;
		return NULL;
	}
	if (block == NULL || block->size - block->used < rounded) {
		block = arena_grow(arena, rounded);
		if (block == NULL) {
			arena->failed = arena->out_of_memory = true;
			return NULL;
		}
	}
	char *at = block->data + block->used;
	block->used += rounded;
	arena->bytes_used += rounded;
	UNPOISON(at, size);
	return size > 0 ? memset(at, 0, size) : at;
}

void *arena_array(struct arena *arena, size_t size, size_t count)
{
	if (count != 0 && size > SIZE_MAX / count) {
		arena->failed = true;
		return NULL;
	}
	return arena_alloc(arena, size * count);
}

char *arena_string(struct arena *arena, struct slice text)
{
	char *copy = text.len < SIZE_MAX ? arena_alloc(arena, text.len + 1) : NULL;
	if (copy != NULL && text.len > 0)
		memcpy(copy, text.at, text.len);
	return copy;
}

struct slice arena_copy(struct arena *arena, struct slice text)
{
	char *copy = arena_string(arena, text);
	return (struct slice){ copy, copy != NULL ? text.len : 0 };
}

struct slice arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *at = len >= 0 ? arena_alloc(arena, (size_t)len + 1) : NULL;
	if (at == NULL)
		return (struct slice){ 0 };
	va_start(args, format);
	vsnprintf(at, (size_t)len + 1, format, args);
	va_end(args);
	return (struct slice){ at, (size_t)len };
}
