#include "post/post_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "process/wall.h"

enum { TICK_MS = 1000, GRACE_MS = 2000 };

void post_say(struct post *post, const struct error *error)
{
	journal_error(post->options.journal, JOURNAL_KIND_MESSAGE, error);
}

/* --- each second, and after each commit --------------------------------------------- */

static bool note_event(const struct store_event *event, void *data)
{
	*(int64_t *)data = event->event_id;
	return false;
}

/* Whether anything was written since; then how far events go. */
static void look_for_events(struct post *post)
{
	const struct store_event_wish wish = {
		.backwards = true, .limit = 1, .rows_max = 1
	};
	struct store_event_page page;
	struct error error;
	if (post->looked_at == post->committed && post->events_read)
		return;
	if (store_page_events(post->store, &wish, note_event, &post->newest_event, &page,
		    &error) < 0) {
		post_say(post, &error);
		return;
	}
	post->looked_at = post->committed;
	post->events_read = true;
}

/* Nobody waits for a clock that was set back to come again. */
static void look_at_clock(struct post *post)
{
	time_ms now = wall_now();
	for (uint32_t i = 0; i < post->receiver_count && now < post->ticked_at; i++) {
		struct receiver *receiver = &post->receivers[i];
		receiver->next_at = receiver->look_at = receiver->stuck_until = 0;
		receiver->stuck_told_at = 0;
	}
	post->ticked_at = now;
}

static void go_on(struct post *post)
{
	if (post->closing || post->notifier == NULL)
		return;
	look_at_clock(post);
	look_for_events(post);
	digests_go_on(post);
	for (uint32_t i = 0; i < post->receiver_count; i++) {
		struct receiver *receiver = &post->receivers[i];
		receiver_stepped(receiver);
		receiver_plan(receiver);
		receiver_send(receiver);
	}
}

static void on_tick(uv_timer_t *timer)
{
	go_on(timer->data);
}

void post_committed(struct post *post, uint64_t item)
{
	if (post == NULL)
		return;
	post->committed = item;
	for (uint32_t i = 0; i < post->receiver_count && !post->closing; i++) {
		const struct receiver *receiver = &post->receivers[i];
		/* Only who waits for it need not wait for the next second. */
		if ((receiver->step_item != 0 && receiver->step_item <= item) ||
			(receiver->lease_item != 0 && receiver->lease_item <= item) ||
			(receiver->result_item != 0 && receiver->result_item <= item)) {
			go_on(post);
			return;
		}
	}
}

/* Its receiver was taken out of the configuration meanwhile, but may come back. */
static void note_delivered(struct post *post, int64_t message_id)
{
	const struct store_message_result result = {
		.message_id = message_id, .end = STORE_MESSAGE_DONE, .at = wall_now()
	};
	(void)store_put_message_result(post->options.writer, &result);
}

static bool is_out(const struct post *post)
{
	for (uint32_t i = 0; i < post->receiver_count; i++)
		if (receiver_is_out(&post->receivers[i]))
			return true;
	return false;
}

static void on_result(void *data, const struct notify_result *result)
{
	struct post *post = data;
	struct receiver *receiver = NULL;
	for (uint32_t i = 0; i < post->receiver_count; i++)
		if (post->receivers[i].message_id == result->id)
			receiver = &post->receivers[i];
	/* What was interrupted is due again when its lease has run out. */
	if (post->notifier == NULL && result->class != RETRY_DONE)
		return;
	if (receiver != NULL)
		receiver_on_result(receiver, result);
	else if (result->class == RETRY_DONE)
		note_delivered(post, result->id);
}

/* --- open and close ----------------------------------------------------------------- */

static int start_notifier(struct post *post, struct error *error)
{
	const struct notify_setup setup = { .loop = post->options.loop,
		.user_agent = "linkrotd/" LINKROTD_VERSION,
		.on_result = on_result,
		.data = post };
	post->notifier = notifier_start(&setup, error);
	return post->notifier != NULL ? 0 : -1;
}

/* Who is told no more needs no memory. */
static bool forget_receiver(const struct store_receiver *known, void *data)
{
	struct post *post = data;
	for (uint32_t i = 0; i < post->receiver_count; i++)
		if (slice_equal(known->name, slice_of(post->receivers[i].name)))
			return true;
	(void)store_put_receiver_forgotten(post->options.writer, known->name);
	return true;
}

static int configure(struct post *post, struct error *error)
{
	if (receivers_make(post) < 0)
		return error_set(error, "out of memory");
	if (store_walk_receivers(post->store, forget_receiver, post, error) < 0)
		return -1;
	return post->receiver_count > 0 && post->notifier == NULL
		       ? start_notifier(post, error)
		       : 0;
}

struct post *post_open(const struct post_options *options, const struct config *config,
	struct error *error)
{
	struct post *post = calloc(1, sizeof(*post));
	if (post == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	post->options = *options;
	post->config = config;
	arena_init(&post->arena, STEP_ARENA_BYTES);
	arena_init(&post->scratch, STEP_ARENA_BYTES);
	random_init(&post->random, hash_mix(uv_hrtime()));
	if (gethostname(post->host, sizeof(post->host) - 1) != 0)
		snprintf(post->host, sizeof(post->host), "localhost");
	post->database = strdup(config->database);
	if (post->database == NULL)
		error_set(error, "out of memory");
	else
		post->store = store_open(post->database, STORE_READ, error);
	if (post->store == NULL || configure(post, error) < 0) {
		/* No notifier is left: it is the last thing that is started. */
		post_free(post);
		return NULL;
	}
	uv_timer_init(options->loop, &post->timer);
	post->timer.data = post;
	post->handles_open = true;
	uv_timer_start(&post->timer, on_tick, 0, TICK_MS);
	return post;
}

void post_reload(struct post *post, const struct config *config)
{
	struct error error;
	if (post == NULL)
		return;
	post->config = config;
	if (configure(post, &error) < 0)
		post_say(post, &error);
}

static void on_stopped(void *data)
{
	struct post *post = data;
	post->on_closed(post->closed_data);
}

static void stop_notifier(struct post *post)
{
	struct notifier *notifier = post->notifier;
	if (post->handles_open)
		uv_close((uv_handle_t *)&post->timer, NULL);
	post->handles_open = false;
	post->notifier = NULL;
	if (notifier != NULL)
		notifier_stop(notifier, on_stopped, post);
	else
		post->on_closed(post->closed_data);
}

/* A message that is taken at this moment is not to be sent again at the next start. */
static void on_waited(uv_timer_t *timer)
{
	struct post *post = timer->data;
	time_ms now = (time_ms)uv_now(post->options.loop);
	if (!is_out(post) || now >= post->grace_until)
		stop_notifier(post);
}

void post_close(struct post *post, void (*on_closed)(void *data), void *data)
{
	enum { LOOK_MS = 20 };
	if (post == NULL) {
		on_closed(data);
		return;
	}
	assert(!post->closing);
	post->closing = true;
	post->on_closed = on_closed;
	post->closed_data = data;
	digests_stop(post);
	post->grace_until = (time_ms)uv_now(post->options.loop) + GRACE_MS;
	if (post->notifier != NULL && is_out(post))
		uv_timer_start(&post->timer, on_waited, LOOK_MS, LOOK_MS);
	else
		stop_notifier(post);
}

void post_free(struct post *post)
{
	if (post == NULL)
		return;
	receivers_free(post);
	store_close(post->store);
	free(post->database);
	arena_fini(&post->arena);
	arena_fini(&post->scratch);
	free(post);
}

/* --- for people --------------------------------------------------------------------- */

struct telling {
	struct buffer *out;
	struct post_counts *counts;
};

static bool tell_outbox(const struct store_outbox *outbox, void *data)
{
	struct telling *telling = data;
	char since[TIME_RFC3339_SIZE];
	telling->counts->waiting += outbox->waiting;
	if (outbox->oldest_at != 0 &&
		(telling->counts->oldest_at == 0 ||
			outbox->oldest_at < telling->counts->oldest_at))
		telling->counts->oldest_at = outbox->oldest_at;
	if (telling->out == NULL || (outbox->waiting == 0 && outbox->failed == 0))
		return true;
	time_format_rfc3339(outbox->oldest_at, since);
	buffer_printf(telling->out, "messages for %.*s: %u waiting%s%s",
		SLICE_ARG(outbox->receiver), outbox->waiting,
		outbox->waiting > 0 ? ", the oldest since " : "",
		outbox->waiting > 0 ? since : "");
	if (outbox->failed > 0)
		buffer_printf(telling->out, ", %u refused", outbox->failed);
	if (outbox->error.len > 0)
		buffer_printf(telling->out, ": %.*s", SLICE_ARG(outbox->error));
	buffer_add_char(telling->out, '\n');
	return true;
}

static void read_outbox(struct post *post, struct buffer *out)
{
	struct telling telling = { out, &post->counts };
	struct error error;
	post->counts.waiting = post->counts.oldest_at = 0;
	if (store_walk_outbox(post->store, tell_outbox, &telling, &error) < 0)
		post_say(post, &error);
}

void post_status(struct post *post, struct buffer *out)
{
	if (post != NULL && !post->closing)
		read_outbox(post, out);
}

void post_read_counts(struct post *post, struct post_counts *ret_counts)
{
	*ret_counts = (struct post_counts){ 0 };
	if (post == NULL || post->closing)
		return;
	read_outbox(post, NULL);
	*ret_counts = post->counts;
}
