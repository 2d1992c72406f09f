#include "message/plan_internal.h"

#include <assert.h>
#include <stdlib.h>

/* --- groups ------------------------------------------------------------------------ */

static struct plan_group *find_group(
	struct plan_memory *memory, struct slice list, int64_t incident_id)
{
	for (uint32_t i = 0; i < memory->group_count; i++) {
		struct plan_group *group = &memory->groups[i];
		if (group->incident_id != incident_id)
			continue;
		if (incident_id != 0 || slice_equal(plan_group_list(group), list))
			return group;
	}
	return NULL;
}

void plan_group_remove(struct plan_memory *memory, struct plan_group *group)
{
	uint32_t place = (uint32_t)(group - memory->groups);
	assert(place < memory->group_count);
	memory->item_count -= group->item_count;
	free(group->items);
	memory->group_count--;
	memmove(group, group + 1, (memory->group_count - place) * sizeof(*group));
}

void plan_group_close(struct plan_memory *memory, struct plan_group *group)
{
	struct plan_group *rest = find_group(memory, plan_group_list(group), 0);
	if (rest == NULL && group->still > 0) {
		group->incident_id = 0;
		group->told = 0;
		group->links = 0;
		return;
	}
	if (rest != NULL) {
		rest->still += group->still < UINT32_MAX - rest->still ? group->still : 0;
		if (!plan_group_pending(rest) && rest->sent_at == 0)
			rest->sent_at = group->sent_at;
	}
	plan_group_remove(memory, group);
}

/* The idle group that is missed least: it says nothing of the dead, else was told longest
 * ago. */
static struct plan_group *least_missed(struct plan_memory *memory)
{
	struct plan_group *least = NULL;
	for (uint32_t i = 0; i < memory->group_count; i++) {
		struct plan_group *group = &memory->groups[i];
		if (plan_group_pending(group))
			continue;
		if (least == NULL || (group->still == 0 && least->still > 0) ||
			((group->still == 0) == (least->still == 0) &&
				group->sent_at < least->sent_at))
			least = group;
	}
	return least;
}

struct plan_group *plan_group_of(
	struct plan_memory *memory, struct slice list, int64_t incident_id, bool add)
{
	list = slice_sub(list, 0, PLAN_LIST_BYTES_MAX);
	struct plan_group *group = find_group(memory, list, incident_id);
	if (group != NULL || !add)
		return group;
	bool common = list.len == 0 && incident_id == 0;
	if (memory->group_count >= PLAN_GROUPS_MAX - 1 && !common) {
		struct plan_group *least = least_missed(memory);
		if (least == NULL)
			return plan_group_of(memory, (struct slice){ 0 }, 0, true);
		plan_group_remove(memory, least);
	}
	assert(memory->group_count < PLAN_GROUPS_MAX);
	group = &memory->groups[memory->group_count++];
	*group = (struct plan_group){ .list_len = (uint8_t)list.len,
		.incident_id = incident_id };
	if (list.len > 0)
		memcpy(group->list, list.at, list.len);
	return group;
}

uint32_t plan_group_count(const struct plan_group *group, enum plan_news news)
{
	uint32_t count = group->more[news];
	for (uint32_t i = 0; i < group->item_count; i++)
		count += group->items[i].news == news;
	return count;
}

uint32_t plan_group_own(const struct plan_group *group, enum plan_news news)
{
	uint32_t count = plan_group_count(group, news);
	for (uint32_t i = 0; i < group->item_count; i++)
		count -= group->items[i].news == news && group->items[i].elsewhere;
	return count;
}

void plan_forget_dead(
	struct plan_memory *memory, struct plan_group *group, uint32_t count)
{
	uint32_t own = group->still < count ? group->still : count;
	group->still -= own;
	count -= own;
	/* They may have died in an incident and come back alone, or the other way. */
	for (uint32_t i = 0; i < memory->group_count && count > 0; i++) {
		struct plan_group *other = &memory->groups[i];
		if (!slice_equal(plan_group_list(other), plan_group_list(group)))
			continue;
		own = other->still < count ? other->still : count;
		other->still -= own;
		count -= own;
	}
}

/* What can only be counted counts in the group itself. */
static bool is_elsewhere(
	struct plan_memory *memory, struct slice list, int64_t incident_id)
{
	if (incident_id == 0 || list.len == 0 || memory->item_count >= PLAN_PENDING_MAX)
		return false;
	const struct plan_group *group = find_group(memory, list, incident_id);
	return group != NULL && !slice_equal(plan_group_list(group), list);
}

static void stand_elsewhere(struct plan_memory *memory, struct slice list)
{
	struct plan_group *group = plan_group_of(memory, list, 0, true);
	group->still += group->still < UINT32_MAX;
}

static void forget_elsewhere(struct plan_memory *memory, struct slice list)
{
	struct plan_group *group = find_group(memory, list, 0);
	if (group != NULL)
		plan_forget_dead(memory, group, 1);
}

/* --- what is pending -----------------------------------------------------------------
 */

static void settle(struct plan_group *group)
{
	for (int news = 0; news < PLAN_NEWS_COUNT; news++)
		if (group->more[news] > 0)
			return;
	if (group->item_count == 0)
		group->first_at = group->last_at = 0;
}

/* The group in which a word of one kind about a link (or an incident, which is link 0 of
 * its group) is pending; NULL: in none. */
static struct plan_group *find_pending(struct plan_memory *memory,
	struct plan_group *only, int64_t link_id, enum plan_news news, uint32_t *ret_item)
{
	for (uint32_t i = 0; i < memory->group_count; i++) {
		struct plan_group *group = &memory->groups[i];
		if (only != NULL && group != only)
			continue;
		for (uint32_t j = 0; j < group->item_count; j++) {
			const struct plan_item *item = &group->items[j];
			if (item->link_id != link_id || item->news != news)
				continue;
			*ret_item = j;
			return group;
		}
	}
	return NULL;
}

static bool take_back(struct plan_memory *memory, struct plan_group *only,
	int64_t link_id, enum plan_news news, bool *ret_elsewhere)
{
	uint32_t place;
	struct plan_group *group = find_pending(memory, only, link_id, news, &place);
	if (group == NULL)
		return false;
	struct plan_item *item = &group->items[place];
	if (ret_elsewhere != NULL)
		*ret_elsewhere = item->elsewhere;
	group->item_count--;
	memory->item_count--;
	memmove(item, item + 1, (group->item_count - place) * sizeof(*item));
	settle(group);
	return true;
}

static int grow(struct plan_group *group)
{
	if (group->item_count < group->item_room)
		return 0;
	uint32_t room = group->item_room == 0 ? 4 : 2 * group->item_room;
	struct plan_item *items = reallocarray(group->items, room, sizeof(*group->items));
	if (items == NULL)
		return -1;
	group->items = items;
	group->item_room = room;
	return 0;
}

static int add(struct plan_memory *memory, struct plan_group *group,
	const struct plan_event *event, enum plan_news news, bool elsewhere, time_ms now)
{
	if (memory->item_count < PLAN_PENDING_MAX) {
		if (grow(group) != 0)
			return -1;
		group->items[group->item_count++] =
			(struct plan_item){ .event_id = event->id,
				.link_id = event->event->link_id,
				.news = news,
				.at = event->event->at,
				.elsewhere = elsewhere };
		memory->item_count++;
	} else if (group->more[news] < UINT32_MAX) {
		group->more[news]++;
	}
	if (!plan_group_pending(group))
		group->first_at = now;
	group->last_at = now;
	return 0;
}

/* --- events --------------------------------------------------------------------------
 */

/* The first of its lists that the receiver wants. */
static bool home_list(const struct plan_settings *settings,
	const struct plan_event *event, struct slice *ret_list)
{
	*ret_list = (struct slice){ 0 };
	if (settings->list_count == 0) {
		if (event->list_count > 0)
			*ret_list = event->lists[0];
		return true;
	}
	for (uint32_t i = 0; i < event->list_count; i++)
		for (uint32_t j = 0; j < settings->list_count; j++)
			if (slice_equal(event->lists[i], settings->lists[j])) {
				*ret_list = event->lists[i];
				return true;
			}
	return false;
}

static bool wants(const struct plan_settings *settings, enum plan_occasion occasion)
{
	return (settings->on >> occasion & 1) != 0;
}

static int join_died(struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_event *event, struct slice list, time_ms now)
{
	int64_t link_id = event->event->link_id, incident_id = event->event->incident_id;
	bool elsewhere;
	take_back(memory, NULL, link_id, PLAN_MOVED, NULL);
	if (!wants(settings, PLAN_ON_DEAD)) {
		take_back(memory, NULL, link_id, PLAN_RECOVERED, NULL);
		return 0;
	}
	if (take_back(memory, NULL, link_id, PLAN_RECOVERED, &elsewhere)) {
		if (elsewhere)
			stand_elsewhere(memory, list);
		return 0; /* it was told dead, and is */
	}
	elsewhere = is_elsewhere(memory, list, incident_id);
	if (elsewhere)
		stand_elsewhere(memory, list);
	struct plan_group *group = plan_group_of(memory, list, incident_id, true);
	return add(memory, group, event, PLAN_DIED, elsewhere, now);
}

static int join_recovered(struct plan_memory *memory,
	const struct plan_settings *settings, const struct plan_event *event,
	struct slice list, time_ms now)
{
	bool elsewhere;
	int64_t incident_id = event->event->incident_id;
	if (take_back(memory, NULL, event->event->link_id, PLAN_DIED, &elsewhere)) {
		if (elsewhere)
			forget_elsewhere(memory, list);
		return 0;
	}
	bool told = wants(settings, PLAN_ON_DEAD) && !settings->standing;
	if (told && event->dead_since < memory->began_at)
		return 0;
	elsewhere = is_elsewhere(memory, list, incident_id);
	if (elsewhere)
		forget_elsewhere(memory, list);
	if (wants(settings, PLAN_ON_RECOVERED)) {
		struct plan_group *group = plan_group_of(memory, list, incident_id, true);
		return add(memory, group, event, PLAN_RECOVERED, elsewhere, now);
	}
	struct plan_group *group = find_group(memory, list, incident_id);
	if (group == NULL)
		group = find_group(memory, list, 0);
	if (group != NULL && !elsewhere)
		plan_forget_dead(memory, group, 1);
	return 0;
}

static int join_moved(struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_event *event, struct slice list, time_ms now)
{
	if (event->dead_since != 0) {
		int joined = join_recovered(memory, settings, event, list, now);
		if (joined != 0 || wants(settings, PLAN_ON_RECOVERED))
			return joined;
	}
	if (event->moved_since != 0 || !wants(settings, PLAN_ON_MOVED))
		return 0;
	struct plan_group *group =
		plan_group_of(memory, list, event->event->incident_id, true);
	return add(memory, group, event, PLAN_MOVED, false, now);
}

/* Dead again behind a gate: it was told, but who keeps what is dead up to date has it
 * taken out meanwhile, and would leave an issue closed that is none any more. */
static int join_dead_again(struct plan_memory *memory,
	const struct plan_settings *settings, const struct plan_event *event,
	struct slice list, time_ms now)
{
	uint32_t item;
	if (!settings->standing || !wants(settings, PLAN_ON_DEAD) ||
		find_pending(memory, NULL, event->event->link_id, PLAN_DIED, &item) !=
			NULL)
		return 0;
	struct plan_group *group = plan_group_of(memory, list, 0, true);
	plan_forget_dead(memory, group, 1);
	return add(memory, group, event, PLAN_DIED, false, now);
}

static int join_state(struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_event *event, struct slice list, time_ms now)
{
	switch (event->event->to) {
	case STATE_DEAD:
		return event->dead_since == 0
			       ? join_died(memory, settings, event, list, now)
			       : join_dead_again(memory, settings, event, list, now);
	case STATE_MOVED:
		return join_moved(memory, settings, event, list, now);
	case STATE_ALIVE:
		if (event->dead_since != 0)
			return join_recovered(memory, settings, event, list, now);
		/* What was to be said of a rewrite does not hold any more. */
		take_back(memory, NULL, event->event->link_id, PLAN_MOVED, NULL);
		return 0;
	case STATE_UNCHECKED:
	case STATE_SUSPECT:
	case STATE_GATED:
	case STATE_SKIPPED:
		return 0;
	}
	return 0;
}

/* Whether what is pending may be undone by a change of `list`: many at once are not those
 * that came or went before, and a link that went from one list to another is news on
 * both. */
static bool undoes(struct plan_memory *memory, struct slice list, int64_t link_id,
	enum plan_news against)
{
	uint32_t item;
	const struct plan_group *group =
		find_pending(memory, NULL, link_id, against, &item);
	return link_id != 0 && (group == NULL || group->incident_id != 0 ||
				       slice_equal(plan_group_list(group), list));
}

/* A link that left may be back, as dead as before, without a word: news only for who
 * keeps what is dead up to date. Many at once are one event of no link. */
static int join_list_change(struct plan_memory *memory,
	const struct plan_settings *settings, const struct plan_event *event,
	struct slice list, time_ms now)
{
	int64_t link_id = event->event->link_id;
	bool removed = event->event->kind == EVENT_LINK_REMOVED;
	if (!settings->standing || (event->dead_since == 0 && link_id != 0))
		return 0;
	if (undoes(memory, list, link_id, removed ? PLAN_DIED : PLAN_RECOVERED))
		return removed ? join_recovered(memory, settings, event, list, now)
			       : join_died(memory, settings, event, list, now);
	if (!wants(settings, removed ? PLAN_ON_RECOVERED : PLAN_ON_DEAD))
		return 0;
	return add(memory, plan_group_of(memory, list, 0, true), event,
		removed ? PLAN_RECOVERED : PLAN_DIED, false, now);
}

static int join_began(struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_event *event, struct slice list, time_ms now)
{
	int64_t id =
		event->event->incident_id != 0 ? event->event->incident_id : event->id;
	if (!wants(settings, PLAN_ON_INCIDENT))
		return 0;
	struct plan_group *group = plan_group_of(memory, list, id, true);
	group->links = event->event->links;
	return add(memory, group, event, PLAN_BEGAN, false, now);
}

/* By a link: the incident began on lists that the receiver does not want. */
static int join_late(struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_event *event, struct slice list, time_ms now)
{
	const struct event began = { .kind = EVENT_INCIDENT_BEGAN,
		.at = event->event->at,
		.incident_id = event->event->incident_id };
	const struct plan_event late = { .id = began.incident_id, .event = &began };
	if (find_group(memory, list, began.incident_id) != NULL)
		return 0;
	return join_began(memory, settings, &late, list, now);
}

/* Also for who did not want it, or was not told that it began: its deaths were told as
 * one, and would be for ever. */
static int join_ended(struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_event *event, time_ms now)
{
	int64_t id = event->event->incident_id;
	struct plan_group *group =
		id != 0 ? find_group(memory, (struct slice){ 0 }, id) : NULL;
	if (group == NULL)
		return 0;
	group->links = event->event->links;
	bool taken_back =
		take_back(memory, group, event->event->link_id, PLAN_BEGAN, NULL);
	bool told = (group->told >> PLAN_BEGAN & 1) != 0;
	if (wants(settings, PLAN_ON_INCIDENT) && told && !taken_back)
		return add(memory, group, event, PLAN_ENDED, false, now);
	group->told |= UINT32_C(1) << PLAN_ENDED;
	return 0;
}

int plan_join(struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_event *event, time_ms now)
{
	struct slice list;
	/* Whoever was told of its beginning is told of its end, which names no links. */
	if (!home_list(settings, event, &list) &&
		event->event->kind != EVENT_INCIDENT_ENDED)
		return 0;
	if (event->begins && join_late(memory, settings, event, list, now) != 0)
		return -1;
	switch (event->event->kind) {
	case EVENT_STATE:
		return join_state(memory, settings, event, list, now);
	case EVENT_INCIDENT_BEGAN:
		return join_began(memory, settings, event, list, now);
	case EVENT_INCIDENT_ENDED:
		return join_ended(memory, settings, event, now);
	case EVENT_LINK_REMOVED:
	case EVENT_LINK_ADDED:
		return join_list_change(memory, settings, event, list, now);
	case EVENT_FLAPPING:
	case EVENT_STEADY:
	case EVENT_CONTENT_CHANGED:
	case EVENT_SOURCE_FAILED:
	case EVENT_SOURCE_BACK:
	case EVENT_OFFLINE_BEGAN:
	case EVENT_OFFLINE_ENDED:
		return 0;
	}
	return 0;
}
