#include "extract/markdown_cmark_internal.h"

#include <stdlib.h>

/* Every block is in a list, so that a parse that is left in the middle leaks nothing. */
struct markdown_block {
	struct markdown_block *next, *prev;
	size_t size;
	_Alignas(16) char data[];
};

/* cmark's allocators get no argument of ours. */
static _Thread_local struct markdown_memory *current;

static struct markdown_block *block_of(void *data)
{
	return (struct markdown_block *)(void *)((char *)data -
						 offsetof(struct markdown_block, data));
}

static void link_block(struct markdown_block *block)
{
	block->prev = NULL;
	block->next = current->blocks;
	if (block->next != NULL)
		block->next->prev = block;
	current->blocks = block;
	current->bytes += block->size;
}

static void unlink_block(struct markdown_block *block)
{
	if (block->next != NULL)
		block->next->prev = block->prev;
	if (block->prev != NULL)
		block->prev->next = block->next;
	else
		current->blocks = block->next;
	current->bytes -= block->size;
}

static _Noreturn void give_up(void)
{
	current->exhausted = true;
	longjmp(current->escape, 1);
}

static bool fits(size_t size)
{
	return size <= current->bytes_max && current->bytes <= current->bytes_max - size;
}

static void *memory_calloc(size_t count, size_t size)
{
	struct markdown_block *block = NULL;
	size_t bytes;

	if (!__builtin_mul_overflow(count, size, &bytes) && fits(bytes))
		block = calloc(1, sizeof(*block) + bytes);
	if (block == NULL)
		give_up();
	block->size = bytes;
	link_block(block);
	return block->data;
}

static void *memory_realloc(void *data, size_t size)
{
	if (data == NULL)
		return memory_calloc(1, size);
	struct markdown_block *block = block_of(data);
	if (size > block->size && !fits(size - block->size))
		give_up();
	unlink_block(block);
	struct markdown_block *moved = realloc(block, sizeof(*block) + size);
	if (moved == NULL) {
		link_block(block);
		give_up();
	}
	moved->size = size;
	link_block(moved);
	return moved->data;
}

static void memory_free(void *data)
{
	if (data == NULL)
		return;
	struct markdown_block *block = block_of(data);
	unlink_block(block);
	free(block);
}

cmark_mem *markdown_memory_mem(void)
{
	static cmark_mem mem = { memory_calloc, memory_realloc, memory_free };
	return &mem;
}

int markdown_memory_run(
	struct markdown_memory *memory, int (*work)(void *data), void *data)
{
	volatile int result = -1;

	current = memory;
	if (setjmp(memory->escape) == 0)
		result = work(data);
	current = NULL;
	return result;
}

void markdown_memory_fini(struct markdown_memory *memory)
{
	while (memory->blocks != NULL) {
		struct markdown_block *next = memory->blocks->next;
		free(memory->blocks);
		memory->blocks = next;
	}
	memory->bytes = 0;
}
