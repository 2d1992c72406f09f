/* What a message says: what the plan wants told, with what the database knows of it. */
#include "base/hash.h"
#include "format/words.h"
#include "post/post_internal.h"
#include "process/wall.h"
#include "show/standing.h"

enum { EVIDENCE_BYTES_MAX = 400, DEAD_TOLD_MAX = 200 };

/* --- what is told ------------------------------------------------------------------- */

static struct slice page_of(struct post *post, struct arena *arena, int64_t link_id)
{
	struct slice base = slice_of(post->config->publish.public_url);
	while (slice_ends(base, SLICE("/")))
		base = slice_sub(base, 0, base.len - 1);
	if (base.len == 0)
		return base;
	return arena_printf(
		arena, "%.*s/links/%lld", SLICE_ARG(base), (long long)link_id);
}

static struct slice page_of_list(
	struct post *post, struct arena *arena, struct slice list)
{
	struct slice base = slice_of(post->config->publish.public_url);
	while (slice_ends(base, SLICE("/")))
		base = slice_sub(base, 0, base.len - 1);
	if (base.len == 0 || list.len == 0)
		return (struct slice){ 0 };
	return arena_printf(arena, "%.*s/lists/%.*s", SLICE_ARG(base), SLICE_ARG(list));
}

static struct slice evidence_of(const struct standing *standing, struct arena *arena)
{
	struct buffer sentence;
	buffer_init(&sentence, WORDS_BYTES_MAX);
	words_reason(&sentence, &standing->link);
	struct slice evidence = arena_copy(
		arena, slice_sub(buffer_slice(&sentence), 0, EVIDENCE_BYTES_MAX));
	buffer_fini(&sentence);
	return evidence;
}

static int fill_item(struct post *post, const struct store_link *link,
	struct arena *arena, struct message_item *item, struct error *error)
{
	enum { PLACES = 1 };
	struct standing *standing = ARENA_NEW(arena, struct standing);
	if (standing == NULL)
		return error_set(error, "out of memory");
	if (show_standing(post->store, link, PLACES, arena, standing, error) < 0)
		return -1;
	const struct occurrence *place = standing->link.first;
	item->link_id = link->link_id;
	item->url = standing->link.url;
	item->title = standing->link.expected_title;
	if (place != NULL)
		item->place = arena_printf(
			arena, "%.*s:%u", SLICE_ARG(place->source), place->line);
	item->evidence = evidence_of(standing, arena);
	item->instead = standing->link.result.verdict.suggestion.url;
	item->page_url = page_of(post, arena, link->link_id);
	return 0;
}

static bool topic_of(enum plan_news news, enum message_topic *ret_topic)
{
	switch (news) {
	case PLAN_DIED:
		*ret_topic = MESSAGE_DIED;
		return true;
	case PLAN_RECOVERED:
		*ret_topic = MESSAGE_RECOVERED;
		return true;
	case PLAN_MOVED:
		*ret_topic = MESSAGE_MOVED;
		return true;
	case PLAN_BEGAN:
	case PLAN_ENDED:
		break;
	}
	return false;
}

static bool take_text(const struct store_event *event, void *data)
{
	struct message_part *part = data;
	part->sentence = event->event.text;
	return false;
}

/* The sentence of an incident's last event. */
static int read_sentence(struct post *post, const struct plan_item *item,
	struct arena *arena, struct message_part *part, struct error *error)
{
	const struct store_event_wish wish = { .from = item->event_id - 1, .limit = 1 };
	struct store_event_page page;
	if (store_page_events(post->store, &wish, take_text, part, &page, error) < 0)
		return -1;
	part->sentence = arena_copy(arena, part->sentence);
	return 0;
}

static int add_item(struct post *post, const struct plan_item *planned,
	struct arena *arena, struct message_part *part, struct message_item *items,
	struct error *error)
{
	enum message_topic topic;
	struct store_link link;
	bool found;
	if (!topic_of(planned->news, &topic)) {
		part->ended = planned->news == PLAN_ENDED;
		return read_sentence(post, planned, arena, part, error);
	}
	if (part->item_count == ITEMS_MAX)
		return 0;
	if (store_load_link(post->store, planned->link_id, arena, &link, &found, error) <
		0)
		return -1;
	if (!found)
		return 0;
	struct message_item *item = &items[part->item_count++];
	*item = (struct message_item){ .topic = topic, .at = planned->at };
	return fill_item(post, &link, arena, item, error);
}

static struct slice title_of(const struct post *post, struct slice list)
{
	const struct config_list *found = config_list_of(post->config, list);
	return found != NULL ? slice_of(found->title) : list;
}

static int compose_part(struct post *post, const struct plan_part *planned,
	struct arena *arena, struct message_part *part, struct error *error)
{
	struct message_item *items = ARENA_ARRAY(arena, struct message_item, ITEMS_MAX);
	if (items == NULL)
		return error_set(error, "out of memory");
	*part = (struct message_part){
		.list = planned->list,
		.title = title_of(post, planned->list),
		.incident_id = planned->incident_id,
		.items = items,
		.counts = { [MESSAGE_DIED] = planned->counts[PLAN_DIED],
			[MESSAGE_RECOVERED] = planned->counts[PLAN_RECOVERED],
			[MESSAGE_MOVED] = planned->counts[PLAN_MOVED],
			[MESSAGE_STILL] = planned->still },
		.page_url = page_of_list(post, arena, planned->list),
	};
	for (uint32_t i = 0; i < planned->item_count; i++)
		if (add_item(post, &planned->items[i], arena, part, items, error) < 0)
			return -1;
	return 0;
}

/* --- what is dead, not what has died: living issues, and news that are repeated ----- */

struct dead {
	struct post *post;
	struct arena *arena;
	struct message_part *part;
	struct message_item *items;
	int64_t *ids;
};

static bool add_dead(const struct store_link *link, void *data)
{
	struct dead *dead = data;
	if (!link->monitored)
		return true;
	uint32_t number = dead->part->counts[MESSAGE_STILL]++;
	if (number < DEAD_TOLD_MAX)
		dead->ids[number] = link->link_id;
	return true;
}

static int compose_standing(struct post *post, struct slice list, struct arena *arena,
	struct message_part *part, struct error *error)
{
	struct dead dead = { .post = post,
		.arena = arena,
		.part = part,
		.items = ARENA_ARRAY(arena, struct message_item, DEAD_TOLD_MAX),
		.ids = ARENA_ARRAY(arena, int64_t, DEAD_TOLD_MAX) };
	const struct store_filter filter = {
		.list = list, .by_state = true, .state = STATE_DEAD
	};
	if (dead.items == NULL || dead.ids == NULL)
		return error_set(error, "out of memory");
	*part = (struct message_part){ .list = list,
		.title = title_of(post, list),
		.items = dead.items,
		.page_url = page_of_list(post, arena, list) };
	if (store_walk_links(post->store, &filter, add_dead, &dead, error) < 0)
		return -1;
	uint32_t told = part->counts[MESSAGE_STILL];
	for (uint32_t i = 0; i < told && i < DEAD_TOLD_MAX; i++) {
		struct store_link link;
		bool found;
		if (store_load_link(
			    post->store, dead.ids[i], arena, &link, &found, error) < 0)
			return -1;
		struct message_item *item = &dead.items[part->item_count];
		*item = (struct message_item){ .topic = MESSAGE_STILL };
		if (found && fill_item(post, &link, arena, item, error) < 0)
			return -1;
		item->at = found ? link.record.since : 0;
		part->item_count += found;
	}
	return 0;
}

bool post_is_living(const struct receiver *receiver)
{
	return receiver->notify->type == CONFIG_NOTIFY_GITHUB_ISSUE;
}

int post_compose(struct receiver *receiver, const struct plan_message *planned,
	uint32_t first, uint32_t count, struct arena *arena, struct message *ret_message,
	struct error *error)
{
	struct post *post = receiver->post;
	bool living = post_is_living(receiver);
	bool standing = living || planned->why == PLAN_WHY_REPEAT;
	struct message_part *parts = ARENA_ARRAY(arena, struct message_part, count);
	uint32_t kept = 0;
	if (parts == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < count; i++) {
		const struct plan_part *part = &planned->parts[first + i];
		struct message_part *made = &parts[kept];
		int result =
			standing ? compose_standing(post, part->list, arena, made, error)
				 : compose_part(post, part, arena, made, error);
		if (result < 0)
			return -1;
		/* An issue is also told that nothing is dead any more. */
		kept += living || !standing || made->counts[MESSAGE_STILL] > 0;
	}
	*ret_message = (struct message){
		.id = arena_printf(arena, "%016llx-%016llx",
			(unsigned long long)(planned->key + first),
			(unsigned long long)hash_bytes(slice_of(receiver->name), 0)),
		.at = wall_now(),
		.parts = parts,
		.part_count = kept,
	};
	return 0;
}
