/* base/heap: what is due first.
 *
 * A binary heap of nodes that live inside their owners, ordered by `key` (smallest
 * first), equal keys by insertion order, so that a run can be repeated exactly. Each node
 * knows its place, so removal and change of key are O(log n). A node is in at most one
 * heap.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_node {
	int64_t key;
	uint64_t order; /* set by the heap */
	size_t place;   /* set by the heap; 0 = in no heap */
};

struct heap {
	struct heap_node **nodes; /* 1-based */
	size_t count, room;
	uint64_t next_order;
};

/* A zeroed heap is an empty one. */
void heap_fini(struct heap *heap);

/* Room for `count` nodes: after it, adding up to that many cannot fail. -1: no memory. */
int heap_reserve(struct heap *heap, size_t count);

/* -1: no memory; the node is then not in the heap. */
int heap_add(struct heap *heap, struct heap_node *node, int64_t key);
void heap_remove(struct heap *heap, struct heap_node *node); /* harmless if not in it */
void heap_change(struct heap *heap, struct heap_node *node, int64_t key);

/* NULL when empty. */
struct heap_node *heap_top(const struct heap *heap);

static inline bool heap_holds(const struct heap_node *node)
{
	return node->place != 0;
}
