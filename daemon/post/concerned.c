/* Whose living thing is concerned: the lists whose issue is to say something else now. */
#include "post/post_internal.h"

struct concerned {
	struct receiver *receiver;
	struct slice *names;
	uint32_t count, room;
	/* News also of lists that are not configured any more: their links have left
	 * them. There is nothing to remind of. */
	bool gone;
};

static void add_concerned(struct concerned *concerned, struct slice name)
{
	if (name.len == 0 || !receiver_wants_list(concerned->receiver, name) ||
		(!concerned->gone &&
			config_list_of(concerned->receiver->post->config, name) == NULL))
		return;
	for (uint32_t i = 0; i < concerned->count; i++)
		if (slice_equal(concerned->names[i], name))
			return;
	if (concerned->count < concerned->room)
		concerned->names[concerned->count++] = name;
}

static int add_lists_of(struct concerned *concerned, int64_t link_id, struct arena *arena,
	struct error *error)
{
	struct post *post = concerned->receiver->post;
	struct store_link link;
	uint32_t count = 0;
	bool found;
	if (store_load_link(post->store, link_id, arena, &link, &found, error) < 0)
		return -1;
	const struct store_event event = { .event = { .link_id = link_id },
		.list_bits = found ? link.list_bits : 0 };
	const struct slice *lists = receiver_lists(post, &event, arena, &count);
	for (uint32_t i = 0; i < count; i++)
		add_concerned(concerned, lists[i]);
	return 0;
}

static int add_part(struct concerned *concerned, const struct plan_part *part,
	struct arena *arena, struct error *error)
{
	const struct config *config = concerned->receiver->post->config;
	uint32_t all = 0;
	add_concerned(concerned, part->list);
	for (int news = 0; news < PLAN_NEWS_COUNT; news++)
		all += part->counts[news];
	/* What was only counted may be of any list. */
	for (uint32_t i = 0; i < config->list_count && all > part->item_count; i++)
		add_concerned(concerned, slice_of(config->lists[i].name));
	for (uint32_t i = 0; i < part->item_count; i++)
		if (part->items[i].link_id != 0 &&
			add_lists_of(concerned, part->items[i].link_id, arena, error) < 0)
			return -1;
	return 0;
}

const struct slice *post_lists_concerned(struct receiver *receiver,
	const struct plan_message *planned, struct arena *arena, uint32_t *ret_count,
	struct error *error)
{
	uint32_t room = receiver->post->config->list_count + planned->part_count;
	struct concerned concerned = { .receiver = receiver,
		.names = ARENA_ARRAY(arena, struct slice, room + 1),
		.room = room,
		.gone = planned->why != PLAN_WHY_REPEAT };
	*ret_count = 0;
	if (concerned.names == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	for (uint32_t i = 0; i < planned->part_count; i++)
		if (add_part(&concerned, &planned->parts[i], arena, error) < 0)
			return NULL;
	*ret_count = concerned.count;
	return concerned.names;
}
