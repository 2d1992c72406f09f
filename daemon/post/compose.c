/* What a message says: what the plan wants told, with what the database knows of it. */
#include "base/hash.h"
#include "format/words.h"
#include "post/post_internal.h"
#include "process/wall.h"
#include "settings/public_address.h"
#include "show/standing.h"

enum { EVIDENCE_BYTES_MAX = 400 };

/* --- what is told ------------------------------------------------------------------- */

static struct slice our_address(struct post *post, struct arena *arena)
{
	struct public_address address;
	public_address_of(post->config->publish.public_url, arena, &address);
	return address.url;
}

static struct slice page_of(struct post *post, struct arena *arena, int64_t link_id)
{
	struct slice base = our_address(post, arena);
	if (base.len == 0)
		return base;
	return arena_printf(
		arena, "%.*s/links/%lld", SLICE_ARG(base), (long long)link_id);
}

static struct slice page_of_list(
	struct post *post, struct arena *arena, struct slice list)
{
	struct slice base = our_address(post, arena);
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

/* With the words of that list. */
static int fill_item(struct post *post, const struct store_link *link, struct slice list,
	struct arena *arena, struct message_item *item, struct error *error)
{
	const struct show_places places = { .list = list, .limit = 1 };
	struct standing *standing = ARENA_NEW(arena, struct standing);
	if (standing == NULL)
		return error_set(error, "out of memory");
	if (show_standing(post->store, link, &places, arena, standing, error) < 0)
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

/* Of a message that is made. */
struct composing {
	struct receiver *receiver;
	struct post *post;
	struct arena *arena;
	uint32_t items_left; /* that may still be told one by one */
	struct error *error;
};

/* The sentence of an incident's event, if it is still there. */
struct sentence {
	int64_t event_id;
	struct arena *arena;
	struct slice text;
};

static bool take_sentence(const struct store_event *event, void *data)
{
	struct sentence *sentence = data;
	if (event->event_id == sentence->event_id)
		sentence->text = arena_copy(sentence->arena, event->event.text);
	return false;
}

static int read_sentence(
	struct composing *composing, int64_t event_id, struct message_part *part)
{
	const struct store_event_wish wish = { .from = event_id - 1, .limit = 1 };
	struct store_event_page page;
	struct sentence sentence = { event_id, composing->arena, { 0 } };
	if (store_page_events(composing->post->store, &wish, take_sentence, &sentence,
		    &page, composing->error) < 0)
		return -1;
	part->sentence = sentence.text;
	return 0;
}

/* The first of its lists that the receiver wants: the same whenever it is told of it. */
static struct slice list_of(struct composing *composing, const struct store_link *link)
{
	const struct store_event event = { .event = { .link_id = link->link_id },
		.list_bits = link->list_bits };
	uint32_t count;
	const struct slice *lists =
		receiver_lists(composing->post, &event, composing->arena, &count);
	for (uint32_t i = 0; i < count; i++)
		if (receiver_wants_list(composing->receiver, lists[i]))
			return lists[i];
	return (struct slice){ 0 };
}

/* An issue is about one list, whichever the link is told under. */
static int add_link(struct composing *composing, int64_t link_id,
	const struct message_item *as, struct message_part *part,
	struct message_item *items)
{
	struct store_link link;
	bool found;
	if (composing->items_left == 0)
		return 0;
	if (store_load_link(composing->post->store, link_id, composing->arena, &link,
		    &found, composing->error) < 0)
		return -1;
	/* Nobody needs to act on what is on no list any more. */
	if (!found || !link.monitored) {
		if (part->counts[as->topic] > 0)
			part->counts[as->topic]--;
		return 0;
	}
	composing->items_left--;
	struct message_item *item = &items[part->item_count++];
	*item = *as;
	item->list = list_of(composing, &link);
	struct slice list = as->list.len > 0 ? as->list : item->list;
	if (item->at == 0)
		item->at = link.record.since;
	return fill_item(
		composing->post, &link, list, composing->arena, item, composing->error);
}

static int add_item(struct composing *composing, const struct plan_item *planned,
	struct message_part *part, struct message_item *items)
{
	struct message_item item = { .at = planned->at };
	if (topic_of(planned->news, &item.topic))
		return add_link(composing, planned->link_id, &item, part, items);
	part->ended = planned->news == PLAN_ENDED;
	return read_sentence(composing, planned->event_id, part);
}

static struct slice title_of(const struct post *post, struct slice list)
{
	const struct config_list *found = config_list_of(post->config, list);
	return found != NULL ? slice_of(found->title) : list;
}

/* --- what is still dead ---------------------------------------------------------------
 */

static bool count_link(const struct store_link *link, void *data)
{
	struct post_dead *dead = data;
	if (!link->monitored)
		return true;
	dead->all++;
	for (uint32_t left = link->list_bits; left != 0; left &= left - 1)
		dead->by_bit[__builtin_ctz(left)]++;
	return true;
}

static int count_dead(struct post *post, struct error *error)
{
	const struct store_filter filter = { .by_state = true, .state = STATE_DEAD };
	if (post->dead.known && post->dead.committed == post->committed)
		return 0;
	post->dead = (struct post_dead){ .committed = post->committed };
	if (store_walk_links(post->store, &filter, count_link, &post->dead, error) < 0)
		return -1;
	post->dead.known = true;
	return 0;
}

/* The last bit stands for several lists, and an incident has links on many: what is
 * counted with others is more, never less. */
static uint32_t dead_of(const struct post *post, const struct plan_part *planned)
{
	const struct config *config = post->config;
	for (uint32_t i = 0; i < config->list_count && planned->incident_id == 0; i++)
		if (slice_equal(slice_of(config->lists[i].name), planned->list))
			return post->dead
				.by_bit[i < STORE_LIST_BITS ? i : STORE_LIST_BITS - 1];
	return post->dead.all;
}

/* The plan counts what was told; what has left its lists since, nobody told it. */
static int correct_still(struct composing *composing, const struct plan_part *planned,
	struct message_part *part)
{
	uint32_t *still = &part->counts[MESSAGE_STILL];
	if (*still == 0)
		return 0;
	if (count_dead(composing->post, composing->error) < 0)
		return -1;
	uint32_t dead = dead_of(composing->post, planned);
	uint32_t died = part->counts[MESSAGE_DIED];
	uint32_t others = dead > died ? dead - died : 0;
	*still = *still < others ? *still : others;
	return 0;
}

static int compose_part(struct composing *composing, const struct plan_part *planned,
	struct message_part *part)
{
	struct post *post = composing->post;
	struct message_item *items = ARENA_ARRAY(
		composing->arena, struct message_item, planned->item_count + 1);
	if (items == NULL)
		return error_set(composing->error, "out of memory");
	*part = (struct message_part){
		.list = planned->list,
		.title = title_of(post, planned->list),
		.incident_id = planned->incident_id,
		.items = items,
		.counts = { [MESSAGE_DIED] = planned->counts[PLAN_DIED],
			[MESSAGE_RECOVERED] = planned->counts[PLAN_RECOVERED],
			[MESSAGE_MOVED] = planned->counts[PLAN_MOVED],
			[MESSAGE_STILL] = planned->still },
		.page_url = page_of_list(post, composing->arena, planned->list),
	};
	for (uint32_t i = 0; i < planned->item_count; i++)
		if (add_item(composing, &planned->items[i], part, items) < 0)
			return -1;
	/* What else is told of an incident is told under what was told of it first. */
	if (planned->incident_id != 0 && part->sentence.len == 0 &&
		read_sentence(composing, planned->incident_id, part) < 0)
		return -1;
	return correct_still(composing, planned, part);
}

/* --- what is dead, not what has died: living issues, and news that are repeated ----- */

struct dead {
	uint32_t count, room;
	int64_t *ids;
};

static bool add_dead(const struct store_link *link, void *data)
{
	struct dead *dead = data;
	if (!link->monitored)
		return true;
	if (dead->count < dead->room)
		dead->ids[dead->count] = link->link_id;
	dead->count++;
	return true;
}

static int compose_standing(
	struct composing *composing, struct slice list, struct message_part *part)
{
	struct post *post = composing->post;
	struct arena *arena = composing->arena;
	uint32_t room = composing->items_left;
	struct message_item *items = ARENA_ARRAY(arena, struct message_item, room + 1);
	struct dead dead = { .room = room, .ids = ARENA_ARRAY(arena, int64_t, room + 1) };
	const struct store_filter filter = {
		.list = list, .by_state = true, .state = STATE_DEAD
	};
	if (items == NULL || dead.ids == NULL)
		return error_set(composing->error, "out of memory");
	if (store_walk_links(post->store, &filter, add_dead, &dead, composing->error) < 0)
		return -1;
	*part = (struct message_part){ .list = list,
		.title = title_of(post, list),
		.items = items,
		.counts = { [MESSAGE_STILL] = dead.count },
		.page_url = page_of_list(post, arena, list) };
	const struct message_item still = {
		.topic = MESSAGE_STILL,
		.list = post_is_living(composing->receiver) ? list : (struct slice){ 0 },
	};
	for (uint32_t i = 0; i < dead.count && i < room; i++)
		if (add_link(composing, dead.ids[i], &still, part, items) < 0)
			return -1;
	return 0;
}

bool post_is_living(const struct receiver *receiver)
{
	return receiver->notify->type == CONFIG_NOTIFY_GITHUB_ISSUE;
}

bool post_forgets(const struct receiver *receiver)
{
	return receiver->notify->type == CONFIG_NOTIFY_ALERTMANAGER;
}

/* An alert ends by itself when it is not sent again, and news of its list come before a
 * repetition does: with them goes what is still dead. */
static int add_alerts(struct composing *composing, const struct plan_part *planned,
	struct message_part *parts, uint32_t *kept)
{
	if (!post_forgets(composing->receiver) || planned->still == 0)
		return 0;
	if (compose_standing(composing, planned->list, &parts[*kept]) < 0)
		return -1;
	*kept += parts[*kept].item_count > 0;
	return 0;
}

static bool has_incident(
	const struct message_part *parts, uint32_t count, int64_t incident_id)
{
	for (uint32_t i = 0; i < count; i++)
		if (parts[i].incident_id == incident_id)
			return true;
	return false;
}

/* The alert of an incident, likewise, while that goes on. */
static int add_incidents(struct composing *composing, const struct plan_part *planned,
	struct message_part *parts, uint32_t *kept)
{
	for (uint32_t i = 0; i < planned->incident_count; i++) {
		int64_t incident_id = planned->incidents[i];
		struct message_part *part = &parts[*kept];
		if (has_incident(parts, *kept, incident_id))
			continue;
		*part = (struct message_part){ .list = planned->list,
			.title = title_of(composing->post, planned->list),
			.incident_id = incident_id };
		if (read_sentence(composing, incident_id, part) < 0)
			return -1;
		(*kept)++;
	}
	return 0;
}

static uint32_t parts_max(const struct plan_message *planned)
{
	uint32_t count = 2 * planned->part_count;
	for (uint32_t i = 0; i < planned->part_count; i++)
		count += planned->parts[i].incident_count;
	return count;
}

/* --- a message ---------------------------------------------------------------------- */

static struct message message_of(const struct receiver *receiver, uint64_t key,
	struct message_part *parts, uint32_t count, struct arena *arena)
{
	return (struct message){
		.id = arena_printf(arena, "%016llx-%016llx", (unsigned long long)key,
			(unsigned long long)hash_bytes(slice_of(receiver->name), 0)),
		.at = wall_now(),
		.parts = parts,
		.part_count = count,
	};
}

/* What was planned to be told may be on no list any more. */
static bool says_something(
	const struct message_part *part, const struct plan_part *planned, bool standing)
{
	uint32_t news = 0;
	for (int topic = 0; topic < MESSAGE_TOPIC_COUNT; topic++)
		news += topic != MESSAGE_STILL ? part->counts[topic] : 0;
	if (standing || planned->item_count == 0)
		return news > 0 || part->counts[MESSAGE_STILL] > 0;
	return news > 0 || part->sentence.len > 0 || part->ended;
}

int post_compose(struct receiver *receiver, const struct plan_message *planned,
	uint32_t items_max, struct arena *arena, struct message *ret_message,
	struct error *error)
{
	struct composing composing = { receiver, receiver->post, arena, items_max,
		error };
	struct message_part *parts =
		ARENA_ARRAY(arena, struct message_part, parts_max(planned));
	bool standing = planned->why == PLAN_WHY_REPEAT;
	uint32_t kept = 0;
	if (parts == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < planned->part_count; i++) {
		const struct plan_part *part = &planned->parts[i];
		struct message_part *made = &parts[kept];
		*made = (struct message_part){ 0 };
		int result = !standing ? compose_part(&composing, part, made)
			     : part->still > 0
				     ? compose_standing(&composing, part->list, made)
				     : 0;
		if (result < 0)
			return -1;
		kept += says_something(made, part, standing);
		if (!standing && add_alerts(&composing, part, parts, &kept) < 0)
			return -1;
		if (add_incidents(&composing, part, parts, &kept) < 0)
			return -1;
	}
	*ret_message = message_of(receiver, planned->key, parts, kept, arena);
	return 0;
}

int post_compose_list(struct receiver *receiver, const struct plan_message *planned,
	struct slice list, uint32_t items_max, struct arena *arena,
	struct message *ret_message, struct error *error)
{
	struct composing composing = { receiver, receiver->post, arena, items_max,
		error };
	struct message_part *part = ARENA_NEW(arena, struct message_part);
	if (part == NULL)
		return error_set(error, "out of memory");
	/* Also that nothing is dead any more. */
	if (compose_standing(&composing, list, part) < 0)
		return -1;
	*ret_message =
		message_of(receiver, hash_bytes(list, planned->key), part, 1, arena);
	return 0;
}
