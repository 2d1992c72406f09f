#include "post/post_internal.h"
#include "process/wall.h"

enum { LOOK_AGAIN_MS = 60 * 1000 };

/* --- what is due -------------------------------------------------------------------- */

struct due {
	int64_t message_id;
	time_ms created_at;
	uint32_t attempts;
};

static bool take_due(const struct store_message *message, void *data)
{
	struct due *due = data;
	*due = (struct due){ message->message_id, message->created_at,
		message->attempts };
	return false;
}

/* When to look again: at the first message that waits, within a minute. */
static bool note_next(const struct store_outbox *outbox, void *data)
{
	struct receiver *receiver = data;
	if (!slice_equal(outbox->receiver, slice_of(receiver->name)))
		return true;
	receiver->blocked = outbox->failing > 0;
	if (outbox->due_at > 0 && outbox->due_at < receiver->look_at)
		receiver->look_at = outbox->due_at;
	return false;
}

static void lease(struct receiver *receiver, const struct due *due, time_ms now)
{
	receiver->lease_until = now + RETRY_LEASE_MS;
	receiver->lease_item = store_put_lease(receiver->post->options.writer,
		due->message_id, now, receiver->lease_until);
	if (receiver->lease_item == 0)
		return; /* the queue is full: next second */
	receiver->message_id = due->message_id;
	receiver->created_at = due->created_at;
	receiver->attempts = due->attempts + 1;
}

static void look(struct receiver *receiver, time_ms now)
{
	struct post *post = receiver->post;
	struct due due = { 0 };
	struct error error;
	receiver->look_at = now + LOOK_AGAIN_MS;
	receiver->blocked = false;
	if (store_walk_due_messages(post->store, slice_of(receiver->name), now, 1,
		    take_due, &due, &error) < 0 ||
		store_walk_outbox(post->store, note_next, receiver, &error) < 0)
		post_say(post, &error);
	else if (due.message_id != 0)
		lease(receiver, &due, now);
}

/* --- one attempt -------------------------------------------------------------------- */

static void give_up(struct receiver *receiver)
{
	receiver->message_id = 0;
	receiver->lease_item = 0;
	receiver->look_at = wall_now() + LOOK_AGAIN_MS;
}

/* The lease is durable: it may go out. */
static void attempt(struct receiver *receiver)
{
	struct post *post = receiver->post;
	struct store_message message;
	struct notify_task task;
	struct error error = { "" };
	bool found;
	receiver->lease_item = 0;
	arena_reset(&post->arena);
	if (store_load_message(post->store, receiver->message_id, &post->arena, &message,
		    &found, &error) < 0) {
		post_say(post, &error);
		give_up(receiver);
		return;
	}
	if (!found || message.lease_until != receiver->lease_until) {
		give_up(receiver); /* somebody else has it */
		return;
	}
	if (post_read(receiver, &message, &post->arena, &task, &error) == 0 &&
		notifier_send(post->notifier, &task, &error) == 0)
		return;
	const struct notify_result result = { .id = receiver->message_id,
		.class = RETRY_OPERATOR,
		.retry_after_ms = -1,
		.sentence = error };
	receiver_on_result(receiver, &result);
}

/* --- what came of it ---------------------------------------------------------------- */

static void put_result(struct receiver *receiver)
{
	receiver->result_item = store_put_message_result(
		receiver->post->options.writer, &receiver->result);
	receiver->answered = receiver->result_item == 0;
}

static void tell(struct receiver *receiver, const struct notify_result *result,
	const struct retry_next *next)
{
	struct journal *journal = receiver->post->options.journal;
	if (next->done)
		journal_say_with(journal, JOURNAL_KIND_MESSAGE, JOURNAL_INFO, NULL,
			"%s was told (message %lld)", receiver->name,
			(long long)result->id);
	else if (next->failed)
		journal_say(journal, JOURNAL_KIND_MESSAGE,
			"%s does not take message %lld: %s", receiver->name,
			(long long)result->id, result->sentence.text);
	else if (next->tell || receiver->attempts == 1)
		journal_say(journal, JOURNAL_KIND_MESSAGE,
			"%s cannot be told, it is tried again: %s", receiver->name,
			result->sentence.text);
}

void receiver_on_result(struct receiver *receiver, const struct notify_result *result)
{
	struct post *post = receiver->post;
	time_ms now = wall_now();
	const struct retry_state state = { .attempts = receiver->attempts,
		.created_at = receiver->created_at,
		.told_at = receiver->told_at };
	struct retry_next next = retry_after_attempt(
		result->class, result->retry_after_ms, &state, now, &post->random);
	post->counts.sent += next.done;
	post->counts.failed += !next.done;
	if (post->closing)
		return; /* its lease runs out */
	tell(receiver, result, &next);
	if (next.tell)
		receiver->told_at = now;
	receiver->sentence = result->sentence;
	receiver->result = (struct store_message_result){
		.message_id = result->id,
		.end = next.done     ? STORE_MESSAGE_DONE
		       : next.failed ? STORE_MESSAGE_FAILED
				     : STORE_MESSAGE_LATER,
		.at = now,
		.due_at = next.due_at,
		.why = slice_of(receiver->sentence.text),
	};
	put_result(receiver);
}

void receiver_send(struct receiver *receiver)
{
	struct post *post = receiver->post;
	time_ms now = wall_now();
	if (receiver->answered)
		put_result(receiver);
	if (receiver->result_item != 0 && post->committed >= receiver->result_item) {
		receiver->result_item = 0;
		receiver->message_id = 0;
		receiver->look_at = 0;
	}
	if (receiver->lease_item != 0 && post->committed >= receiver->lease_item)
		attempt(receiver);
	else if (receiver->message_id == 0 && now >= receiver->look_at)
		look(receiver, now);
}
