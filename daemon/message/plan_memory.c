/* The memory as bytes: a version, then numbers of eight bytes, the least first. Read back
 * with the same ceilings it was written with, whatever the bytes are. */
#include "message/plan_internal.h"

#include <stdlib.h>

enum {
	VERSION = 1,
	/* Of an item, below its news, where older versions read nothing or, older still,
	 * wrote a reason. */
	ELSEWHERE = 1 << 30,
};

struct plan_memory *plan_memory_new(void)
{
	return calloc(1, sizeof(struct plan_memory));
}

void plan_memory_free(struct plan_memory *memory)
{
	if (memory == NULL)
		return;
	for (uint32_t i = 0; i < memory->group_count; i++)
		free(memory->groups[i].items);
	free(memory);
}

int64_t plan_mark(const struct plan_memory *memory)
{
	return memory->mark;
}

bool plan_has_begun(const struct plan_memory *memory)
{
	return memory->begun;
}

void plan_begin(struct plan_memory *memory, int64_t last_event_id, time_ms now)
{
	memory->begun = true;
	memory->mark = last_event_id;
	memory->began_at = now;
}

uint64_t plan_waiting(const struct plan_memory *memory)
{
	uint64_t count = memory->item_count;
	for (uint32_t i = 0; i < memory->group_count; i++)
		for (int news = 0; news < PLAN_NEWS_COUNT; news++)
			count += memory->groups[i].more[news];
	return count;
}

/* --- writing -------------------------------------------------------------------------
 */

static void put(struct buffer *out, int64_t number)
{
	uint64_t rest = (uint64_t)number;
	for (int i = 0; i < 8; i++, rest >>= 8)
		buffer_add_char(out, (char)(rest & 0xFF));
}

static void put_item(struct buffer *out, const struct plan_item *item)
{
	put(out, item->event_id);
	put(out, item->link_id);
	put(out, item->at);
	put(out, (int64_t)item->news << 32 | (item->elsewhere ? ELSEWHERE : 0));
}

static void put_group(struct buffer *out, const struct plan_group *group)
{
	put(out, group->list_len);
	buffer_add(out, plan_group_list(group));
	put(out, group->incident_id);
	put(out, group->first_at);
	put(out, group->last_at);
	put(out, group->sent_at);
	put(out, group->told);
	put(out, group->still);
	put(out, group->links);
	for (int news = 0; news < PLAN_NEWS_COUNT; news++)
		put(out, group->more[news]);
	put(out, group->item_count);
	for (uint32_t i = 0; i < group->item_count; i++)
		put_item(out, &group->items[i]);
}

void plan_encode(const struct plan_memory *memory, struct buffer *out)
{
	put(out, VERSION);
	put(out, memory->begun);
	put(out, memory->mark);
	put(out, memory->began_at);
	put(out, memory->sent_count);
	for (uint32_t i = 0; i < memory->sent_count; i++)
		put(out, memory->sent_at[i]);
	put(out, memory->group_count);
	for (uint32_t i = 0; i < memory->group_count; i++)
		put_group(out, &memory->groups[i]);
}

/* --- reading -------------------------------------------------------------------------
 */

struct reading {
	struct slice rest;
	bool failed;
};

/* Within [0, max]; a failed reading gives 0. */
static int64_t take(struct reading *reading, int64_t max)
{
	uint64_t number = 0;
	if (reading->rest.len < 8)
		reading->failed = true;
	if (reading->failed)
		return 0;
	for (int i = 7; i >= 0; i--)
		number = number << 8 | (unsigned char)reading->rest.at[i];
	reading->rest = slice_sub(reading->rest, 8, reading->rest.len);
	if (number > (uint64_t)max) {
		reading->failed = true;
		return 0;
	}
	return (int64_t)number;
}

static struct plan_item take_item(struct reading *reading)
{
	struct plan_item item = { .event_id = take(reading, INT64_MAX) };
	item.link_id = take(reading, INT64_MAX);
	item.at = take(reading, INT64_MAX);
	/* Other versions of the program write a reason in the lower half. */
	int64_t word = take(reading, INT64_MAX), news = word >> 32;
	item.elsewhere = (word & ELSEWHERE) != 0;
	if (news < PLAN_NEWS_COUNT)
		item.news = (enum plan_news)news;
	else
		reading->failed = true;
	return item;
}

static void take_items(
	struct reading *reading, struct plan_memory *memory, struct plan_group *group)
{
	uint32_t count = (uint32_t)take(reading, PLAN_PENDING_MAX);
	if (count > PLAN_PENDING_MAX - memory->item_count)
		reading->failed = true;
	if (count == 0 || reading->failed)
		return;
	group->items = calloc(count, sizeof(*group->items));
	if (group->items == NULL) {
		reading->failed = true;
		return;
	}
	group->item_room = count;
	for (uint32_t i = 0; i < count; i++)
		group->items[i] = take_item(reading);
	group->item_count = count;
	memory->item_count += count;
}

static void take_group(struct reading *reading, struct plan_memory *memory)
{
	struct plan_group *group = &memory->groups[memory->group_count++];
	group->list_len = (uint8_t)take(reading, PLAN_LIST_BYTES_MAX);
	if (reading->rest.len < group->list_len) {
		reading->failed = true;
		group->list_len = 0;
		return;
	}
	if (group->list_len > 0)
		memcpy(group->list, reading->rest.at, group->list_len);
	reading->rest = slice_sub(reading->rest, group->list_len, reading->rest.len);
	group->incident_id = take(reading, INT64_MAX);
	group->first_at = take(reading, INT64_MAX);
	group->last_at = take(reading, INT64_MAX);
	group->sent_at = take(reading, INT64_MAX);
	group->told = (uint32_t)take(reading, UINT32_MAX);
	group->still = (uint32_t)take(reading, UINT32_MAX);
	group->links = (uint32_t)take(reading, UINT32_MAX);
	for (int news = 0; news < PLAN_NEWS_COUNT; news++)
		group->more[news] = (uint32_t)take(reading, UINT32_MAX);
	take_items(reading, memory, group);
}

static void take_memory(struct reading *reading, struct plan_memory *memory)
{
	if (take(reading, VERSION) != VERSION)
		reading->failed = true;
	memory->begun = take(reading, 1) != 0;
	memory->mark = take(reading, INT64_MAX);
	memory->began_at = take(reading, INT64_MAX);
	memory->sent_count = (uint32_t)take(reading, PLAN_PER_HOUR_MAX);
	for (uint32_t i = 0; i < memory->sent_count; i++)
		memory->sent_at[i] = take(reading, INT64_MAX);
	uint32_t groups = (uint32_t)take(reading, PLAN_GROUPS_MAX);
	for (uint32_t i = 0; i < groups && !reading->failed; i++)
		take_group(reading, memory);
	if (reading->rest.len > 0)
		reading->failed = true;
}

struct plan_memory *plan_decode(struct slice bytes, struct error *error)
{
	struct plan_memory *memory = plan_memory_new();
	struct reading reading = { .rest = bytes };
	if (memory == NULL) {
		error_set(error, "not enough memory for what is known of a receiver");
		return NULL;
	}
	take_memory(&reading, memory);
	if (!reading.failed)
		return memory;
	plan_memory_free(memory);
	error_set(error, "what was remembered of a receiver cannot be read; it begins "
			 "anew and is not told of the past");
	return NULL;
}
