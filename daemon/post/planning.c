#include "base/hash.h"
#include "post/post_internal.h"
#include "process/wall.h"

enum {
	RETRY_MS = 60 * 1000,
	INCIDENT_ROWS_MAX = 5000,         /* that may stand between it and a link of it */
	INCIDENT_HOLD_MS = 5 * 60 * 1000, /* until a link of it is known */
};

/* --- what the store remembers ------------------------------------------------------- */

int receiver_remember(struct receiver *receiver)
{
	struct post *post = receiver->post;
	struct store_receiver stored;
	struct error error = { "" };
	arena_reset(&post->arena);
	plan_memory_free(receiver->memory);
	receiver->memory = NULL;
	if (store_load_receiver(post->store, slice_of(receiver->name), &post->arena,
		    &stored, &error) < 0) {
		post_say(post, &error);
		return -1;
	}
	receiver->step = stored.step;
	if (stored.step > 0) {
		receiver->memory = plan_decode(stored.state, &error);
		if (receiver->memory == NULL)
			post_say(post, &error);
	}
	/* Written by another version: it begins anew, behind what is now. */
	if (receiver->memory == NULL)
		receiver->memory = plan_memory_new();
	receiver->planned_to = receiver->memory != NULL ? plan_mark(receiver->memory) : 0;
	receiver->next_at = 0;
	return receiver->memory != NULL ? 0 : -1;
}

void receiver_stepped(struct receiver *receiver)
{
	struct post *post = receiver->post;
	struct store_receiver stored;
	struct error error;
	if (receiver->step_item == 0 || post->committed < receiver->step_item)
		return;
	receiver->step_item = 0;
	receiver->look_at = 0;
	arena_reset(&post->arena);
	if (store_load_receiver(post->store, slice_of(receiver->name), &post->arena,
		    &stored, &error) < 0) {
		post_say(post, &error);
	} else if (stored.step == receiver->step + 1) {
		receiver->step++;
		return;
	}
	/* Refused: somebody else has taken a step. What we remember is not so. */
	plan_memory_free(receiver->memory);
	receiver->memory = NULL;
}

/* --- events ------------------------------------------------------------------------- */

struct page {
	struct receiver *receiver;
	struct plan_event *events;
	uint32_t count;
	bool failed;
};

/* An incident is on the lists of its first link, whose event follows it. */
struct incident_lists {
	struct page *page;
	struct plan_event *event;
};

static bool take_incident_lists(const struct store_event *stored, void *data)
{
	struct incident_lists *lists = data;
	struct plan_event *event = lists->event;
	if (stored->event.incident_id != event->id || stored->event.link_id == 0)
		return true;
	struct receiver *receiver = lists->page->receiver;
	event->lists = receiver_lists(
		receiver->post, stored, &receiver->post->arena, &event->list_count);
	for (uint32_t i = 0; i < event->list_count; i++)
		if (receiver_wants_list(receiver, event->lists[i]))
			return false;
	return true;
}

/* Who wants only some lists cannot be told of an incident before one of its links is
 * known: the page ends before it, for a while. */
static int read_incidents(struct page *page, time_ms now, struct error *error)
{
	struct receiver *receiver = page->receiver;
	for (uint32_t i = 0; i < page->count; i++) {
		struct plan_event *event = &page->events[i];
		struct incident_lists lists = { page, event };
		const struct store_event_wish wish = { .from = event->id,
			.rows_max = INCIDENT_ROWS_MAX };
		struct store_event_page stored;
		if (event->event->kind != EVENT_INCIDENT_BEGAN || event->list_count > 0)
			continue;
		if (store_page_events(receiver->post->store, &wish, take_incident_lists,
			    &lists, &stored, error) < 0)
			return -1;
		time_ms age = now - event->event->at;
		if (event->list_count > 0 || receiver->settings.list_count == 0 ||
			age < 0 || age > INCIDENT_HOLD_MS)
			continue;
		page->count = i;
		receiver->planned_to = event->id - 1;
	}
	return 0;
}

/* Whether an incident concerns the receiver only since an event of one of its links. */
struct incident_past {
	struct receiver *receiver;
	int64_t incident_id, before_id;
	bool known; /* an earlier link of it did, or it was over by then */
};

static bool concerns(struct receiver *receiver, const struct store_event *stored)
{
	uint32_t count;
	const struct slice *lists =
		receiver_lists(receiver->post, stored, &receiver->post->arena, &count);
	for (uint32_t i = 0; i < count; i++)
		if (receiver_wants_list(receiver, lists[i]))
			return true;
	return false;
}

static bool take_incident_past(const struct store_event *stored, void *data)
{
	struct incident_past *past = data;
	const struct event *event = &stored->event;
	if (stored->event_id >= past->before_id)
		return false;
	if (event->incident_id != past->incident_id)
		return true;
	past->known = event->kind == EVENT_INCIDENT_ENDED ||
		      (event->link_id != 0 && concerns(past->receiver, stored));
	return !past->known;
}

static bool wants_incident_past(
	const struct receiver *receiver, const struct plan_event *event)
{
	const struct event *is = event->event;
	if (is->kind != EVENT_STATE || is->incident_id == 0 ||
		(is->to != STATE_SUSPECT && is->to != STATE_DEAD))
		return false;
	for (uint32_t i = 0; i < event->list_count; i++)
		if (receiver_wants_list(receiver, event->lists[i]))
			return true;
	return false;
}

/* The links of an incident fail one by one, over days, and those of the lists that the
 * receiver wants may be the last. */
static int read_beginnings(struct page *page, struct error *error)
{
	struct receiver *receiver = page->receiver;
	int64_t known_id = 0;
	for (uint32_t i = 0; i < page->count && receiver->settings.list_count > 0; i++) {
		struct plan_event *event = &page->events[i];
		struct incident_past past = { receiver, event->event->incident_id,
			event->id, false };
		const struct store_event_wish wish = { .from = past.incident_id,
			.rows_max = INCIDENT_ROWS_MAX };
		struct store_event_page stored;
		if (!wants_incident_past(receiver, event) || past.incident_id == known_id)
			continue;
		if (store_page_events(receiver->post->store, &wish, take_incident_past,
			    &past, &stored, error) < 0)
			return -1;
		event->begins = !past.known;
		known_id = past.incident_id;
	}
	return 0;
}

static bool add_event(const struct store_event *stored, void *data)
{
	struct page *page = data;
	struct post *post = page->receiver->post;
	struct event *event = ARENA_NEW(&post->arena, struct event);
	if (event == NULL) {
		page->failed = true;
		return false;
	}
	*event = stored->event;
	event->text = arena_copy(&post->arena, stored->event.text);
	struct plan_event *at = &page->events[page->count++];
	*at = (struct plan_event){ .id = stored->event_id, .event = event };
	at->lists = receiver_lists(post, stored, &post->arena, &at->list_count);
	return page->count < STEP_EVENTS_MAX;
}

/* What was last said of the link before an event. */
struct past {
	int64_t before_id;
	time_ms dead_since, moved_since;
};

static bool add_past(const struct store_event *stored, void *data)
{
	struct past *past = data;
	const struct event *event = &stored->event;
	if (stored->event_id >= past->before_id)
		return false;
	if (event->kind != EVENT_STATE)
		return true;
	if (event->to == STATE_DEAD && past->dead_since == 0)
		past->dead_since = event->at;
	if (event->to == STATE_MOVED && past->moved_since == 0)
		past->moved_since = event->at;
	if (event->to == STATE_ALIVE || event->to == STATE_MOVED)
		past->dead_since = 0;
	if (event->to == STATE_ALIVE || event->to == STATE_DEAD)
		past->moved_since = 0;
	return true;
}

static bool wants_past(const struct receiver *receiver, const struct event *event)
{
	bool list_changes =
		event->kind == EVENT_LINK_ADDED || event->kind == EVENT_LINK_REMOVED;
	return event->link_id != 0 &&
	       (event->kind == EVENT_STATE ||
		       (list_changes && receiver->settings.standing));
}

static int read_pasts(struct post *post, struct page *page, struct error *error)
{
	for (uint32_t i = 0; i < page->count; i++) {
		struct plan_event *event = &page->events[i];
		struct past past = { .before_id = event->id };
		if (!wants_past(page->receiver, event->event))
			continue;
		if (store_walk_events_of_link(post->store, event->event->link_id,
			    add_past, &past, error) < 0)
			return -1;
		event->dead_since = past.dead_since;
		event->moved_since = past.moved_since;
	}
	return 0;
}

static int read_events(
	struct receiver *receiver, struct page *page, time_ms now, struct error *error)
{
	struct post *post = receiver->post;
	const struct store_event_wish wish = { .from = receiver->planned_to,
		.rows_max = STEP_ROWS_MAX };
	struct store_event_page stored;
	*page = (struct page){ .receiver = receiver,
		.events = ARENA_ARRAY(&post->arena, struct plan_event, STEP_EVENTS_MAX) };
	if (page->events == NULL)
		return error_set(error, "out of memory");
	if (store_page_events(post->store, &wish, add_event, page, &stored, error) < 0)
		return -1;
	if (page->failed)
		return error_set(error, "out of memory");
	receiver->planned_to =
		stored.next > receiver->planned_to ? stored.next : receiver->planned_to;
	if (read_incidents(page, now, error) < 0 || read_beginnings(page, error) < 0)
		return -1;
	return read_pasts(post, page, error);
}

/* --- a step ------------------------------------------------------------------------- */

/* Memory and drafts into one transaction. -1: the queue is full, or memory is. */
static int put_step(struct receiver *receiver, const struct store_draft *drafts,
	uint32_t count, time_ms now, struct error *error)
{
	struct post *post = receiver->post;
	struct buffer state;
	buffer_init(&state, PLAN_MEMORY_BYTES_MAX);
	plan_encode(receiver->memory, &state);
	const struct store_step step = { .receiver = slice_of(receiver->name),
		.former = receiver->step,
		.event_id = plan_mark(receiver->memory),
		.state = buffer_slice(&state),
		.at = now,
		.drafts = drafts,
		.draft_count = count };
	receiver->step_item =
		state.failed ? 0 : store_put_step(post->options.writer, &step, NULL);
	buffer_fini(&state);
	return receiver->step_item != 0 ? 0 : error_set(error, "the queue is full");
}

struct drafts {
	struct store_draft *at;
	uint32_t count;
	size_t bytes;
	time_ms now;
};

static int add_drafts(struct receiver *receiver, const struct message *message,
	uint64_t hash, struct drafts *drafts, struct error *error)
{
	uint32_t copies = message->part_count > 0 ? receiver_copies(receiver) : 0;
	if (drafts->count + copies > STORE_STEP_MESSAGES_MAX)
		return error_set(
			error, "too many messages at once for %s", receiver->name);
	for (uint32_t copy = 0; copy < copies; copy++) {
		struct store_draft *draft = &drafts->at[drafts->count + copy];
		if (post_write(receiver, message, copy, &receiver->post->arena, draft,
			    error) < 0)
			return -1;
		draft->hash = hash_mix(hash) + copy;
		draft->due_at = drafts->now;
		drafts->bytes += draft->payload.len;
	}
	drafts->count += copies;
	return 0;
}

/* Of all links one by one, or of as many as fit. `list` NULL: what the plan wants told;
 * else what is dead there. */
static int write_draft(struct receiver *receiver, const struct plan_message *planned,
	const struct slice *list, struct drafts *drafts, struct error *error)
{
	static const uint32_t items[] = { ITEMS_MAX, 100, 20, 5 };
	struct arena *scratch = &receiver->post->scratch;
	uint64_t hash = list != NULL ? hash_bytes(*list, planned->key) : planned->key;
	int result = -1;
	for (size_t i = 0; i < sizeof(items) / sizeof(items[0]) && result < 0; i++) {
		struct message message;
		arena_reset(scratch);
		result = list != NULL ? post_compose_list(receiver, planned, *list,
						items[i], scratch, &message, error)
				      : post_compose(receiver, planned, items[i], scratch,
						&message, error);
		if (result == 0)
			result = add_drafts(receiver, &message, hash, drafts, error);
	}
	arena_reset(scratch);
	return result;
}

/* Where the receiver keeps one thing for each list. Lists beyond what a step takes are
 * brought up to date by their next news. */
static int write_living(struct receiver *receiver, const struct plan_message *planned,
	struct drafts *drafts, struct error *error)
{
	uint32_t count;
	const struct slice *lists = post_lists_concerned(
		receiver, planned, &receiver->post->arena, &count, error);
	for (uint32_t i = 0; i < count && lists != NULL; i++) {
		if (drafts->count == STORE_STEP_MESSAGES_MAX ||
			drafts->bytes + post_bytes_max(receiver) > STORE_STEP_BYTES_MAX)
			break;
		if (write_draft(receiver, planned, &lists[i], drafts, error) < 0)
			return -1;
	}
	return lists != NULL ? 0 : -1;
}

static int write_drafts(struct receiver *receiver, const struct plan_result *planned,
	struct drafts *drafts, struct error *error)
{
	bool living = post_is_living(receiver);
	for (uint32_t i = 0; i < planned->count; i++) {
		const struct plan_message *message = &planned->messages[i];
		int result = living ? write_living(receiver, message, drafts, error)
				    : write_draft(receiver, message, NULL, drafts, error);
		if (result < 0)
			return -1;
	}
	return 0;
}

static int begin(struct receiver *receiver, time_ms now, struct error *error)
{
	plan_begin(receiver->memory, receiver->post->newest_event, now);
	receiver->planned_to = receiver->post->newest_event;
	return put_step(receiver, NULL, 0, now, error);
}

static int take_step(struct receiver *receiver, time_ms now, struct error *error)
{
	struct post *post = receiver->post;
	struct plan_result planned;
	struct drafts drafts = { .now = now };
	struct page page;
	arena_reset(&post->arena);
	if (read_events(receiver, &page, now, error) < 0)
		return -1;
	if (plan_step(receiver->memory, &receiver->settings, page.events, page.count,
		    receiver->blocked, now, &post->arena, &planned) < 0)
		return error_set(error, "out of memory");
	receiver->next_at = planned.next_at;
	if (!planned.changed && planned.count == 0)
		return 0;
	drafts.at =
		ARENA_ARRAY(&post->arena, struct store_draft, STORE_STEP_MESSAGES_MAX);
	if (drafts.at == NULL)
		return error_set(error, "out of memory");
	if (write_drafts(receiver, &planned, &drafts, error) < 0)
		return -1;
	return put_step(receiver, drafts.at, drafts.count, now, error);
}

/* What waits here stands in no table yet, so that the log alone can say it; once an hour,
 * because it is tried each minute. */
static void tell_stuck(struct receiver *receiver, const struct error *why, time_ms now)
{
	struct error error;
	if (receiver->stuck_told_at != 0 && now >= receiver->stuck_told_at &&
		now - receiver->stuck_told_at < TIME_MS_PER_HOUR)
		return;
	receiver->stuck_told_at = now;
	error_set(&error, "messages for %s wait, because they cannot be written: %s",
		receiver->name, why->text);
	post_say(receiver->post, &error);
}

void receiver_plan(struct receiver *receiver)
{
	struct error error = { "" };
	time_ms now = wall_now();
	if (receiver->step_item != 0 || now < receiver->stuck_until ||
		!receiver->post->events_read)
		return;
	receiver->stuck_until = now + RETRY_MS;
	if (receiver->memory == NULL && receiver_remember(receiver) < 0)
		return;
	receiver->stuck_until = 0;
	bool fresh = receiver->planned_to < receiver->post->newest_event;
	if (!fresh && now < receiver->next_at && plan_has_begun(receiver->memory))
		return;
	int result = plan_has_begun(receiver->memory) ? take_step(receiver, now, &error)
						      : begin(receiver, now, &error);
	if (result == 0) {
		receiver->stuck_told_at = 0;
		return;
	}
	/* What the plan has done since is thrown away; the events are still there. */
	tell_stuck(receiver, &error, now);
	plan_memory_free(receiver->memory);
	receiver->memory = NULL;
	receiver->stuck_until = now + RETRY_MS;
}
