#include <stdlib.h>
#include <string.h>

#include "post/post_internal.h"
#include "store/lists.h"

static int read_settings(struct receiver *receiver)
{
	const struct config_notify *notify = receiver->notify;
	struct plan_settings *settings = &receiver->settings;
	*settings = (struct plan_settings){
		.list_count = notify->lists.count,
		.group_wait_ms = notify->group_wait_ms,
		.group_interval_ms = notify->group_interval_ms,
		.repeat_ms = notify->repeat_ms,
		.max_per_hour = notify->max_per_hour,
	};
	_Static_assert((int)PLAN_ON_INCIDENT == (int)CONFIG_OCCASION_INCIDENT &&
			       (int)PLAN_ON_DEAD == (int)CONFIG_OCCASION_DEAD,
		"occasions in one order");
	settings->on = notify->on;
	settings->standing = post_is_living(receiver);
	settings->forgets = post_forgets(receiver);
	/* What is opened for the dead is closed again. */
	if (settings->standing && (notify->on & 1u << CONFIG_OCCASION_DEAD) != 0)
		settings->on |= 1u << CONFIG_OCCASION_RECOVERED;
	settings->max_at_once =
		(uint32_t)(STORE_STEP_BYTES_MAX / receiver_copies(receiver) /
			   post_bytes_max(receiver));
	if (notify->quiet != NULL)
		(void)config_quiet_parse(slice_of(notify->quiet),
			&settings->quiet.from_min, &settings->quiet.to_min,
			&settings->quiet.offset_min);
	free(receiver->lists);
	receiver->lists =
		reallocarray(NULL, notify->lists.count + 1, sizeof(struct slice));
	if (receiver->lists == NULL)
		return -1;
	for (uint32_t i = 0; i < notify->lists.count; i++)
		receiver->lists[i] = slice_of(notify->lists.at[i]);
	settings->lists = receiver->lists;
	return 0;
}

static void read_name(
	struct receiver *receiver, const struct config *config, uint32_t index)
{
	struct buffer name;
	buffer_init(&name, STORE_RECEIVER_NAME_MAX);
	config_notify_name(config, index, &name);
	snprintf(receiver->name, sizeof(receiver->name), "%s", buffer_string(&name));
	buffer_fini(&name);
}

static void fini(struct receiver *receiver)
{
	plan_memory_free(receiver->memory);
	free(receiver->lists);
}

void receivers_free(struct post *post)
{
	for (uint32_t i = 0; i < post->receiver_count; i++)
		fini(&post->receivers[i]);
	free(post->receivers);
	post->receivers = NULL;
	post->receiver_count = 0;
}

/* What was known of the one of that name goes on: it may be sending at this moment. */
static void take_over(struct post *post, struct receiver *receiver)
{
	for (uint32_t i = 0; i < post->receiver_count; i++) {
		struct receiver *old = &post->receivers[i];
		if (strcmp(old->name, receiver->name) != 0)
			continue;
		const struct config_notify *notify = receiver->notify;
		*receiver = *old;
		receiver->notify = notify;
		/* Their numbers may be others'. */
		memset(receiver->failing, 0, sizeof(receiver->failing));
		/* `result` points to its own sentence. */
		receiver->result.why = slice_of(receiver->sentence.text);
		old->memory = NULL;
		old->lists = NULL;
		old->name[0] = '\0';
		return;
	}
}

int receivers_make(struct post *post)
{
	const struct config *config = post->config;
	struct receiver *made = calloc(config->notify_count + 1, sizeof(*made));
	int result = made != NULL ? 0 : -1;
	for (uint32_t i = 0; i < config->notify_count && made != NULL; i++) {
		made[i] = (struct receiver){ .post = post, .notify = &config->notify[i] };
		read_name(&made[i], config, i);
		take_over(post, &made[i]);
		result = read_settings(&made[i]) < 0 ? -1 : result;
		made[i].next_at = made[i].look_at = made[i].stuck_until = 0;
	}
	receivers_free(post);
	/* Nobody is left who reads a configuration that goes. */
	post->receivers = result == 0 ? made : NULL;
	post->receiver_count = result == 0 ? config->notify_count : 0;
	for (uint32_t i = 0; i < config->notify_count && result < 0 && made != NULL; i++)
		fini(&made[i]);
	if (result < 0)
		free(made);
	return result;
}

uint32_t receiver_copies(const struct receiver *receiver)
{
	bool is_mail = receiver->notify->type == CONFIG_NOTIFY_MAIL ||
		       receiver->notify->type == CONFIG_NOTIFY_SENDMAIL;
	return is_mail && receiver->notify->to.count > 0 ? receiver->notify->to.count : 1;
}

bool receiver_wants_list(const struct receiver *receiver, struct slice list)
{
	const struct plan_settings *settings = &receiver->settings;
	for (uint32_t i = 0; i < settings->list_count; i++)
		if (slice_equal(settings->lists[i], list))
			return true;
	return settings->list_count == 0;
}

/* --- the lists of an event ---------------------------------------------------------- */

struct gathering {
	struct post *post;
	struct arena *arena;
	struct slice *names;
	uint32_t count, room;
};

static void add_name(struct gathering *gathering, struct slice name)
{
	for (uint32_t i = 0; i < gathering->count; i++)
		if (slice_equal(gathering->names[i], name))
			return;
	if (gathering->count < gathering->room)
		gathering->names[gathering->count++] = arena_copy(gathering->arena, name);
}

static bool add_place(const struct store_occurrence *place, void *data)
{
	add_name(data, place->list);
	return true;
}

/* The last bit stands for several lists: then the places of the link say which. */
static bool is_shared(const struct config *config, uint32_t bits)
{
	return config->list_count > STORE_LIST_BITS &&
	       (bits >> (STORE_LIST_BITS - 1) & 1) != 0;
}

const struct slice *receiver_lists(struct post *post, const struct store_event *event,
	struct arena *arena, uint32_t *ret_count)
{
	enum { PLACES_MAX = 1000 };
	const struct config *config = post->config;
	struct gathering gathering = { .post = post,
		.arena = arena,
		.names = ARENA_ARRAY(arena, struct slice, config->list_count + 1),
		.room = config->list_count + 1 };
	struct error error;
	if (gathering.names == NULL) {
		*ret_count = 0;
		return NULL;
	}
	if (event->list.len > 0)
		add_name(&gathering, event->list);
	if (is_shared(config, event->list_bits) && event->event.link_id != 0)
		(void)store_walk_occurrences(post->store, event->event.link_id,
			(struct slice){ 0 }, PLACES_MAX, add_place, &gathering, &error);
	else
		for (uint32_t i = 0; i < config->list_count && i < STORE_LIST_BITS; i++)
			if ((event->list_bits >> i & 1) != 0)
				add_name(&gathering, slice_of(config->lists[i].name));
	*ret_count = gathering.count;
	return gathering.names;
}
