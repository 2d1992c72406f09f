#include "base/heap.h"

#include <assert.h>
#include <stdlib.h>

static bool before(const struct heap_node *a, const struct heap_node *b)
{
	return a->key != b->key ? a->key < b->key : a->order < b->order;
}

static void put(struct heap *heap, size_t place, struct heap_node *node)
{
	heap->nodes[place] = node;
	node->place = place;
}

static void sift_up(struct heap *heap, struct heap_node *node)
{
	size_t place = node->place;
	while (place > 1 && before(node, heap->nodes[place / 2])) {
		put(heap, place, heap->nodes[place / 2]);
		place /= 2;
	}
	put(heap, place, node);
}

static void sift_down(struct heap *heap, struct heap_node *node)
{
	size_t place = node->place;
	for (;;) {
		size_t child = place * 2;
		if (child > heap->count)
			break;
		if (child < heap->count &&
			before(heap->nodes[child + 1], heap->nodes[child]))
			child++;
		if (!before(heap->nodes[child], node))
			break;
		put(heap, place, heap->nodes[child]);
		place = child;
	}
	put(heap, place, node);
}

void heap_fini(struct heap *heap)
{
	free(heap->nodes);
	*heap = (struct heap){ 0 };
}

int heap_reserve(struct heap *heap, size_t count)
{
	if (count < heap->room)
		return 0;
	size_t room = heap->room * 2 > count + 1 ? heap->room * 2 : count + 1;
	if (room < 16)
		room = 16;
	struct heap_node **nodes = reallocarray(heap->nodes, room, sizeof(*nodes));
	if (nodes == NULL)
		return -1;
	heap->nodes = nodes;
	heap->room = room;
	return 0;
}

int heap_add(struct heap *heap, struct heap_node *node, int64_t key)
{
	assert(node->place == 0);
	if (heap_reserve(heap, heap->count + 1) < 0)
		return -1;
	node->key = key;
	node->order = heap->next_order++;
	node->place = ++heap->count;
	sift_up(heap, node);
	return 0;
}

void heap_remove(struct heap *heap, struct heap_node *node)
{
	if (node->place == 0)
		return;
	assert(heap->nodes[node->place] == node);
	size_t place = node->place;
	struct heap_node *last = heap->nodes[heap->count--];
	node->place = 0;
	if (last == node)
		return;
	put(heap, place, last);
	sift_up(heap, last);
	sift_down(heap, last);
}

void heap_change(struct heap *heap, struct heap_node *node, int64_t key)
{
	assert(node->place != 0);
	node->key = key;
	sift_up(heap, node);
	sift_down(heap, node);
}

struct heap_node *heap_top(const struct heap *heap)
{
	return heap->count > 0 ? heap->nodes[1] : NULL;
}
