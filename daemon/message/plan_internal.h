/* message/plan: the memory of a receiver, as plan.c, plan_join.c and plan_memory.c share
 * it.
 *
 * A group has pending items, or was told something that is still to be remembered, or is
 * on its way out (plan_tidy). The group without list and incident takes what finds no
 * other place, and one place is kept for it.
 */
#pragma once

#include "message/plan.h"

struct plan_group {
	char list[PLAN_LIST_BYTES_MAX];
	uint8_t list_len;
	int64_t incident_id;
	time_ms first_at, last_at; /* of what is pending, by when it was shown; 0: none */
	time_ms sent_at;           /* 0: never */
	/* 1 << enum plan_news; of an incident. PLAN_ENDED is there, too, when it is over
	 * without a word. */
	uint32_t told;
	uint32_t still; /* told as dead and not as recovered */
	uint32_t links;
	uint32_t more[PLAN_NEWS_COUNT]; /* pending, but not among the items */
	struct plan_item *items;        /* owned */
	uint32_t item_count, item_room;
};

struct plan_memory {
	bool begun;
	int64_t mark;
	time_ms began_at;
	time_ms sent_at[PLAN_PER_HOUR_MAX]; /* oldest first */
	uint32_t sent_count;
	struct plan_group groups[PLAN_GROUPS_MAX];
	uint32_t group_count;
	uint32_t item_count; /* over all groups */
};

/* Puts an event where it belongs, or drops it. Returns -1 without memory. */
int plan_join(struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_event *event, time_ms now);

/* NULL only when `add` is false and there is none. */
struct plan_group *plan_group_of(
	struct plan_memory *memory, struct slice list, int64_t incident_id, bool add);
void plan_group_remove(struct plan_memory *memory, struct plan_group *group);

/* Its incident is over, and nothing of it is pending: what is still dead is now a matter
 * of the list. The group may be gone after this. */
void plan_group_close(struct plan_memory *memory, struct plan_group *group);

static inline bool plan_group_ended(const struct plan_group *group)
{
	return group->incident_id != 0 && (group->told >> PLAN_ENDED & 1) != 0;
}

/* How many of a kind are pending; and of them, those that are not elsewhere. */
uint32_t plan_group_count(const struct plan_group *group, enum plan_news news);
uint32_t plan_group_own(const struct plan_group *group, enum plan_news news);
static inline bool plan_group_pending(const struct plan_group *group)
{
	return group->first_at != 0;
}
static inline struct slice plan_group_list(const struct plan_group *group)
{
	return (struct slice){ group->list, group->list_len };
}

/* `count` links of a list are not dead any more. */
void plan_forget_dead(
	struct plan_memory *memory, struct plan_group *group, uint32_t count);
