/* base/list: an intrusive circular list.
 *
 * The links live inside the members, so adding and removing neither allocate nor fail. A
 * member is in at most one list per `struct list` it holds. A member that is in no list
 * points at itself (list_init), and list_remove leaves it so: removing twice is harmless.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

#define LIST_OF(node, type, member)                                                      \
	((type *)(void *)((char *)(node)-offsetof(type, member)))

static inline void list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_insert(struct list *prev, struct list *next, struct list *node)
{
	node->prev = prev;
	node->next = next;
	prev->next = node;
	next->prev = node;
}

static inline void list_push_back(struct list *head, struct list *node)
{
	list_insert(head->prev, head, node);
}

static inline void list_push_front(struct list *head, struct list *node)
{
	list_insert(head, head->next, node);
}

static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/* The first member taken out, or NULL. */
static inline struct list *list_pop_front(struct list *head)
{
	struct list *first = head->next;
	if (first == head)
		return NULL;
	list_remove(first);
	return first;
}
