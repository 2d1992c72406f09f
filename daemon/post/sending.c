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

/* Whether nobody takes anything. Of several recipients, one whose last attempt went well
 * (or who was not tried yet) is worth a message that the others do not get. */
static bool is_blocked(const struct receiver *receiver, uint32_t failing)
{
	uint32_t copies = receiver_copies(receiver);
	for (uint32_t i = 0; i < copies && copies > 1 && failing > 0; i++)
		if (!receiver->failing[i])
			return false;
	return failing > 0;
}

struct outlook {
	struct receiver *receiver;
	time_ms due_at; /* of the first message that waits; 0: none does */
};

/* When to look again: at the first message that waits, within a minute. */
static bool note_next(const struct store_outbox *outbox, void *data)
{
	struct outlook *outlook = data;
	struct receiver *receiver = outlook->receiver;
	if (!slice_equal(outbox->receiver, slice_of(receiver->name)))
		return true;
	receiver->blocked = is_blocked(receiver, outbox->failing);
	outlook->due_at = outbox->due_at;
	if (outbox->due_at > 0 && outbox->due_at < receiver->look_at)
		receiver->look_at = outbox->due_at;
	return false;
}

static void lease(struct receiver *receiver, const struct due *due, time_ms at)
{
	receiver->lease_until = at + RETRY_LEASE_MS;
	receiver->lease_item = store_put_lease(receiver->post->options.writer,
		due->message_id, at, receiver->lease_until);
	if (receiver->lease_item == 0)
		return; /* the queue is full: next second */
	receiver->message_id = due->message_id;
	receiver->created_at = due->created_at;
	receiver->attempts = due->attempts + 1;
}

static void look(struct receiver *receiver, time_ms now)
{
	struct post *post = receiver->post;
	struct outlook outlook = { .receiver = receiver };
	struct due due = { 0 };
	struct error error;
	bool was_blocked = receiver->blocked;
	receiver->look_at = now + LOOK_AGAIN_MS;
	receiver->blocked = false;
	if (store_walk_outbox(post->store, note_next, &outlook, &error) < 0) {
		post_say(post, &error);
		return;
	}
	/* What the plan has kept back has no event of its own that would ask again. */
	if (was_blocked && !receiver->blocked)
		receiver->next_at = 0;
	time_ms at = outlook.due_at > now + DUE_MAX_MS ? outlook.due_at : now;
	if (store_walk_due_messages(post->store, slice_of(receiver->name), at, 1,
		    take_due, &due, &error) < 0)
		post_say(post, &error);
	else if (due.message_id != 0)
		lease(receiver, &due, at);
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
	enum retry_class class;
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
	int read = post_read(receiver, &message, &post->arena, &task, &class, &error);
	if (read == 0 && notifier_send(post->notifier, &task, &error) == 0)
		return;
	const struct notify_result result = { .id = receiver->message_id,
		.class = read < 0 ? class : RETRY_TEMPORARY,
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
	tell(receiver, result, &next);
	receiver->told_at = next.done ? 0 : next.tell ? now : receiver->told_at;
	if (next.done || next.blocks)
		receiver->failing[receiver->copy] = next.blocks;
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
	else if (receiver->message_id == 0 && now >= receiver->look_at &&
		 notifier_busy(post->notifier) < NOTIFY_QUEUE_MAX)
		look(receiver, now);
}

bool receiver_is_out(const struct receiver *receiver)
{
	return receiver->message_id != 0 && receiver->lease_item == 0 &&
	       !receiver->answered && receiver->result_item == 0;
}
