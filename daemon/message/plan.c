#include "message/plan_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"

/* --- when ----------------------------------------------------------------------------
 */

enum { MINUTES_PER_DAY = 24 * 60 };

static const time_ms ms_per_minute = 60 * TIME_MS_PER_S;

/* `at`, or the end of the quiet hours that it falls into. */
static time_ms after_quiet(const struct plan_quiet *quiet, time_ms at)
{
	if (quiet->from_min == quiet->to_min || at == INT64_MAX)
		return at;
	time_ms local = at + quiet->offset_min * ms_per_minute;
	time_ms of_day = local % TIME_MS_PER_DAY;
	if (of_day < 0)
		of_day += TIME_MS_PER_DAY;
	time_ms from = quiet->from_min * ms_per_minute,
		to = quiet->to_min * ms_per_minute;
	bool within =
		from < to ? of_day >= from && of_day < to : of_day >= from || of_day < to;
	if (!within)
		return at;
	return at - of_day + to + (of_day >= to ? TIME_MS_PER_DAY : 0);
}

/* Whether what is pending tells nothing but more of what was told of an incident. */
static bool only_more(const struct plan_group *group)
{
	if (group->incident_id == 0)
		return false;
	for (int news = 0; news < PLAN_NEWS_COUNT; news++)
		if ((group->told >> news & 1) == 0 &&
			plan_group_count(group, (enum plan_news)news) > 0)
			return false;
	return true;
}

static time_ms later(time_ms a, time_ms b)
{
	return a > b ? a : b;
}

static time_ms sooner(time_ms a, time_ms b)
{
	return a < b ? a : b;
}

/* When what is pending has been gathered. */
static time_ms gathered_at(const struct plan_group *group, time_ms wait)
{
	bool trickles = group->incident_id != 0 &&
			plan_group_count(group, PLAN_BEGAN) == 0 &&
			plan_group_count(group, PLAN_ENDED) == 0;
	time_ms lull = wait * (trickles ? PLAN_INCIDENT_LULL_FACTOR : 1);
	time_ms most = wait * (trickles ? PLAN_INCIDENT_WAIT_FACTOR : PLAN_WAIT_FACTOR);
	return sooner(group->last_at + lull, group->first_at + most);
}

/* An incident whose beginning was told, to who would forget it. */
static bool goes_on(const struct plan_settings *settings, const struct plan_group *group)
{
	return settings->forgets && group->incident_id != 0 &&
	       (group->told >> PLAN_BEGAN & 1) != 0 && !plan_group_ended(group);
}

/* Told as dead, and nothing new to be told with it. */
static bool only_stands(
	const struct plan_settings *settings, const struct plan_group *group)
{
	return !plan_group_pending(group) && group->sent_at > 0 &&
	       (group->still > 0 || goes_on(settings, group));
}

static bool same_list(const struct plan_group *group, const struct plan_group *other)
{
	return slice_equal(plan_group_list(group), plan_group_list(other));
}

/* A reminder is of all that is dead on a list: of its groups, those of incidents
 * included, the one that was told longest ago speaks for all. */
static bool speaks(const struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_group *group)
{
	for (uint32_t i = 0; i < memory->group_count; i++) {
		const struct plan_group *other = &memory->groups[i];
		bool before = other->sent_at != group->sent_at
				      ? other->sent_at < group->sent_at
				      : other < group;
		if (before && only_stands(settings, other) && same_list(group, other))
			return false;
	}
	return true;
}

/* INT64_MAX: nothing is to be told. */
static time_ms due_at(const struct plan_memory *memory, const struct plan_group *group,
	const struct plan_settings *settings)
{
	time_ms repeat = settings->repeat_ms;
	if (!plan_group_pending(group)) {
		bool repeats = repeat > 0 && only_stands(settings, group) &&
			       speaks(memory, settings, group);
		return repeats ? group->sent_at + repeat : INT64_MAX;
	}
	time_ms at = gathered_at(group, settings->group_wait_ms);
	if (group->sent_at == 0)
		return at;
	time_ms rest = settings->group_interval_ms;
	if (only_more(group))
		rest = later(rest, repeat > 0 ? repeat : PLAN_REPEAT_MS);
	return later(at, group->sent_at + rest);
}

/* --- how many an hour ----------------------------------------------------------------
 */

static void forget_hour(struct plan_memory *memory, time_ms now)
{
	uint32_t old = 0;
	while (old < memory->sent_count && memory->sent_at[old] <= now - TIME_MS_PER_HOUR)
		old++;
	memory->sent_count -= old;
	memmove(memory->sent_at, memory->sent_at + old,
		memory->sent_count * sizeof(memory->sent_at[0]));
}

void plan_note_sent(struct plan_memory *memory, time_ms now)
{
	forget_hour(memory, now);
	if (memory->sent_count == PLAN_PER_HOUR_MAX) {
		memory->sent_count--;
		memmove(memory->sent_at, memory->sent_at + 1,
			memory->sent_count * sizeof(memory->sent_at[0]));
	}
	memory->sent_at[memory->sent_count++] = now;
}

static uint32_t slots(
	const struct plan_memory *memory, const struct plan_settings *settings)
{
	return settings->max_per_hour > memory->sent_count
		       ? settings->max_per_hour - memory->sent_count
		       : 0;
}

/* When there is a slot again. */
static time_ms slot_at(const struct plan_memory *memory,
	const struct plan_settings *settings, time_ms now)
{
	if (slots(memory, settings) > 0)
		return now;
	return memory->sent_at[memory->sent_count - settings->max_per_hour] +
	       TIME_MS_PER_HOUR;
}

/* --- what is said --------------------------------------------------------------------
 */

/* What this message tells to have recovered is not. Of a list it is all that is dead on
 * it, whatever of it is told with an incident: a recovery does not say in which group its
 * death was told, so only the sum is right. In one message with others each group speaks
 * for itself, or some would be counted twice; a reminder for those that are silent. */
static uint32_t still_dead(const struct plan_memory *memory,
	const struct plan_settings *settings, const struct plan_group *group, bool alone)
{
	uint32_t recovered = plan_group_own(group, PLAN_RECOVERED);
	uint32_t still = group->still;
	bool news = plan_group_pending(group);
	for (uint32_t i = 0; i < memory->group_count; i++) {
		const struct plan_group *other = &memory->groups[i];
		bool counts = news ? alone && group->incident_id == 0
				   : alone || only_stands(settings, other);
		if (counts && other != group && same_list(group, other))
			still += other->still < UINT32_MAX - still ? other->still : 0;
	}
	return still > recovered ? still - recovered : 0;
}

static int fill_part(const struct plan_group *group, uint32_t still, struct arena *arena,
	struct plan_part *part)
{
	struct plan_item *items = ARENA_ARRAY(arena, struct plan_item, group->item_count);
	struct slice list = arena_copy(arena, plan_group_list(group));
	if ((items == NULL && group->item_count > 0) ||
		(list.at == NULL && group->list_len > 0))
		return -1;
	if (group->item_count > 0)
		memcpy(items, group->items, group->item_count * sizeof(*items));
	*part = (struct plan_part){ .list = list,
		.incident_id = group->incident_id,
		.items = items,
		.item_count = group->item_count,
		.links = group->links,
		.still = still };
	for (int news = 0; news < PLAN_NEWS_COUNT; news++)
		part->counts[news] = plan_group_count(group, (enum plan_news)news);
	return 0;
}

static int fill_incidents(const struct plan_memory *memory,
	const struct plan_settings *settings, const struct plan_group *group,
	struct arena *arena, struct plan_part *part)
{
	int64_t *incidents = ARENA_ARRAY(arena, int64_t, memory->group_count);
	if (incidents == NULL)
		return -1;
	for (uint32_t i = 0; i < memory->group_count; i++) {
		const struct plan_group *other = &memory->groups[i];
		if (goes_on(settings, other) && only_stands(settings, other) &&
			same_list(group, other))
			incidents[part->incident_count++] = other->incident_id;
	}
	part->incidents = incidents;
	return 0;
}

static uint64_t key_of(uint64_t key, const struct plan_group *group)
{
	key = hash_bytes(plan_group_list(group), key);
	key = hash_mix(key ^ (uint64_t)group->incident_id);
	for (uint32_t i = 0; i < group->item_count; i++)
		key = hash_mix(key ^ (uint64_t)group->items[i].event_id);
	for (int news = 0; news < PLAN_NEWS_COUNT; news++)
		key = hash_mix(key ^ group->more[news]);
	/* A repeat is told apart from the one before by when that was. */
	return plan_group_pending(group) ? key : hash_mix(key ^ (uint64_t)group->sent_at);
}

/* A reminder was sent, for all of its list that stand. */
static void note_reminded(struct plan_memory *memory,
	const struct plan_settings *settings, const struct plan_group *group, time_ms now)
{
	for (uint32_t i = 0; i < memory->group_count; i++) {
		struct plan_group *other = &memory->groups[i];
		if (only_stands(settings, other) && same_list(group, other))
			other->sent_at = now;
	}
}

/* Groups whose dead were told with an incident, for the first time now. */
static void note_told_elsewhere(struct plan_memory *memory, time_ms now)
{
	for (uint32_t i = 0; i < memory->group_count; i++) {
		struct plan_group *group = &memory->groups[i];
		if (group->still > 0 && group->sent_at == 0 && !plan_group_pending(group))
			group->sent_at = now;
	}
}

/* The group has been told. */
static void note_told(struct plan_memory *memory, struct plan_group *group, time_ms now)
{
	uint32_t died = plan_group_own(group, PLAN_DIED);
	uint32_t recovered = plan_group_own(group, PLAN_RECOVERED);

	if (died < plan_group_count(group, PLAN_DIED))
		note_told_elsewhere(memory, now);
	for (int news = 0; news < PLAN_NEWS_COUNT; news++) {
		if (plan_group_count(group, (enum plan_news)news) > 0)
			group->told |= UINT32_C(1) << news;
		group->more[news] = 0;
	}
	memory->item_count -= group->item_count;
	free(group->items);
	group->items = NULL;
	group->item_count = group->item_room = 0;
	group->first_at = group->last_at = 0;
	group->sent_at = now;
	group->still += died < UINT32_MAX - group->still ? died : 0;
	plan_forget_dead(memory, group, recovered);
}

/* --- a step --------------------------------------------------------------------------
 */

/* A clock that was set back must not make anybody wait for it to come again. */
static void clamp_times(struct plan_memory *memory, time_ms now)
{
	for (uint32_t i = 0; i < memory->sent_count; i++)
		memory->sent_at[i] = sooner(memory->sent_at[i], now);
	for (uint32_t i = 0; i < memory->group_count; i++) {
		struct plan_group *group = &memory->groups[i];
		group->first_at = sooner(group->first_at, now);
		group->last_at = sooner(group->last_at, now);
		group->sent_at = sooner(group->sent_at, now);
	}
}

/* Incidents that are over, and groups that have nothing to say and nothing to remember.
 */
static void tidy(
	struct plan_memory *memory, const struct plan_settings *settings, time_ms now)
{
	for (uint32_t i = memory->group_count; i-- > 0;) {
		struct plan_group *group = &memory->groups[i];
		bool open = group->incident_id != 0 && group->told != 0;
		if (plan_group_pending(group))
			continue;
		if (plan_group_ended(group))
			plan_group_close(memory, group);
		else if (group->still == 0 && !open &&
			 group->sent_at + settings->group_interval_ms <= now)
			plan_group_remove(memory, group);
	}
}

struct due {
	time_ms at;
	uint32_t place;
};

static int compare_due(const void *a, const void *b)
{
	const struct due *left = a, *right = b;
	if (left->at != right->at)
		return left->at < right->at ? -1 : 1;
	return left->place < right->place ? -1 : left->place > right->place;
}

static uint32_t find_due(const struct plan_memory *memory,
	const struct plan_settings *settings, time_ms now, struct due *due)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < memory->group_count; i++) {
		time_ms at = due_at(memory, &memory->groups[i], settings);
		if (at <= now)
			due[count++] = (struct due){ at, i };
	}
	qsort(due, count, sizeof(*due), compare_due);
	return count;
}

static int fill_message(const struct plan_memory *memory,
	const struct plan_settings *settings, const struct due *due, uint32_t count,
	struct arena *arena, struct plan_message *message)
{
	struct plan_part *parts = ARENA_ARRAY(arena, struct plan_part, count);
	if (parts == NULL)
		return -1;
	bool pending = plan_group_pending(&memory->groups[due[0].place]);
	*message = (struct plan_message){ .parts = parts,
		.part_count = count,
		.why = count > 1 ? PLAN_WHY_COLLAPSED
				 : (pending ? PLAN_WHY_NEWS : PLAN_WHY_REPEAT) };
	message->key = hash_mix(message->why);
	for (uint32_t i = 0; i < count; i++) {
		const struct plan_group *group = &memory->groups[due[i].place];
		message->key = key_of(message->key, group);
		uint32_t still = still_dead(memory, settings, group, count == 1);
		if (fill_part(group, still, arena, &parts[i]) != 0)
			return -1;
		if (only_stands(settings, group) &&
			fill_incidents(memory, settings, group, arena, &parts[i]) != 0)
			return -1;
	}
	return 0;
}

static int emit(struct plan_memory *memory, const struct plan_settings *settings,
	time_ms now, struct arena *arena, struct plan_result *result)
{
	struct due due[PLAN_GROUPS_MAX];
	uint32_t count = find_due(memory, settings, now, due);
	uint32_t room = slots(memory, settings);
	if (count == 0 || room == 0)
		return 0;
	/* None is collapsed because of it: the next step is due at once. */
	uint32_t most = settings->max_at_once;
	if (most > 0 && (count < room ? count : room) > most)
		count = most;
	uint32_t alone = count <= room ? count : room - 1;
	uint32_t messages = count <= room ? count : room;
	struct plan_message *all = ARENA_ARRAY(arena, struct plan_message, messages);
	if (all == NULL)
		return -1;
	for (uint32_t i = 0; i < alone; i++)
		if (fill_message(memory, settings, &due[i], 1, arena, &all[i]) != 0)
			return -1;
	if (alone < messages && fill_message(memory, settings, &due[alone], count - alone,
					arena, &all[alone]) != 0)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		struct plan_group *group = &memory->groups[due[i].place];
		if (only_stands(settings, group))
			note_reminded(memory, settings, group, now);
		else
			note_told(memory, group, now);
	}
	for (uint32_t i = 0; i < messages; i++)
		plan_note_sent(memory, now);
	result->messages = all;
	result->count = messages;
	result->changed = true;
	return 0;
}

static time_ms next_at(const struct plan_memory *memory,
	const struct plan_settings *settings, time_ms now)
{
	time_ms next = INT64_MAX;
	for (uint32_t i = 0; i < memory->group_count; i++)
		next = sooner(next, due_at(memory, &memory->groups[i], settings));
	if (next == INT64_MAX)
		return next;
	return after_quiet(&settings->quiet, later(next, slot_at(memory, settings, now)));
}

int plan_step(struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_event *events, uint32_t event_count, bool blocked, time_ms now,
	struct arena *arena, struct plan_result *ret_result)
{
	*ret_result = (struct plan_result){ .next_at = INT64_MAX };
	assert(memory->begun);
	assert(settings->max_per_hour > 0 && settings->max_per_hour <= PLAN_PER_HOUR_MAX);
	clamp_times(memory, now);
	forget_hour(memory, now);
	for (uint32_t i = 0; i < event_count; i++) {
		if (events[i].id <= memory->mark)
			continue;
		if (plan_join(memory, settings, &events[i], now) != 0)
			return -1;
		memory->mark = events[i].id;
		ret_result->changed = true;
	}
	if (blocked)
		return 0;
	if (after_quiet(&settings->quiet, now) == now &&
		emit(memory, settings, now, arena, ret_result) != 0)
		return -1;
	tidy(memory, settings, now);
	ret_result->next_at = next_at(memory, settings, now);
	return 0;
}
