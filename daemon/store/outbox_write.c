/* Putting receivers, marks and messages, and what the writer does with them. */
#include <assert.h>

#include "store/writer_internal.h"

/* --- doors -------------------------------------------------------------------------- */

static bool is_name(struct slice name)
{
	return name.len > 0 && name.len <= STORE_RECEIVER_NAME_MAX;
}

uint64_t store_put_step(struct store_writer *writer, const struct store_step *step,
	int64_t *ret_message_id)
{
	struct item item = { .kind = ITEM_STEP };
	size_t bytes = 0;

	assert(is_name(step->receiver) && step->former >= 0 &&
		step->state.len <= STORE_RECEIVER_STATE_MAX &&
		step->draft_count <= STORE_STEP_MESSAGES_MAX);
	for (uint32_t i = 0; i < step->draft_count; i++) {
		const struct store_draft *draft = &step->drafts[i];
		assert(draft->due_at != 0 &&
			draft->payload.len <= STORE_PAYLOAD_BYTES_MAX);
		bytes += draft->payload.len;
	}
	assert(bytes <= STORE_STEP_BYTES_MAX);
	assert(step->mark == NULL || is_name(step->mark->name));
	item.as.step.step = *step;
	/* Only read while it is copied. */
	memcpy(&item.as.step.drafts, &step->drafts, sizeof(step->drafts));
	memcpy(&item.as.step.mark, &step->mark, sizeof(step->mark));
	return put_item(writer, &item, ret_message_id);
}

uint64_t store_put_receiver_forgotten(struct store_writer *writer, struct slice name)
{
	struct item item = { .kind = ITEM_RECEIVER_FORGOTTEN, .as.receiver = name };
	assert(is_name(name));
	return put_item(writer, &item, NULL);
}

uint64_t store_put_lease(
	struct store_writer *writer, int64_t message_id, time_ms at, time_ms until)
{
	struct item item = { .kind = ITEM_LEASE };
	assert(message_id > 0 && until > at);
	item.as.lease = (struct item_lease){ message_id, at, until };
	return put_item(writer, &item, NULL);
}

uint64_t store_put_message_result(
	struct store_writer *writer, const struct store_message_result *result)
{
	struct item item = { .kind = ITEM_MESSAGE_RESULT, .as.message_result = *result };
	assert(result->message_id > 0 && result->at != 0 &&
		(result->end != STORE_MESSAGE_LATER || result->due_at != 0));
	return put_item(writer, &item, NULL);
}

/* --- a step ------------------------------------------------------------------------- */

/* 1: it follows what the file holds, and was taken; 0: it does not; -1. */
static int move_receiver(struct store_writer *writer, const struct store_step *step)
{
	sqlite3_stmt *move = sql_get(writer->store,
		step->former == 0 ? STATEMENT_STEP_FIRST : STATEMENT_STEP_NEXT);
	sql_bind_name(move, 1, step->receiver);
	sql_bind_int(move, 2, step->former);
	sql_bind_some(move, 3, step->event_id);
	sql_bind_some(move, 4, step->at);
	if (step->state.len > 0)
		sql_bind_blob(move, 5, step->state.at, step->state.len);
	if (sql_run(move) < 0)
		return -1;
	return sqlite3_changes64(writer->store->db) > 0;
}

static int add_message(struct store_writer *writer, const struct store_step *step,
	const struct store_draft *draft, int64_t message_id)
{
	sqlite3_stmt *add = sql_get(writer->store, STATEMENT_MESSAGE_ADD);
	sql_bind_int(add, 1, message_id);
	sql_bind_name(add, 2, step->receiver);
	sql_bind_text(add, 3, draft->group_key, STORE_GROUP_KEY_MAX);
	sql_bind_some(add, 4, step->at);
	sql_bind_int(add, 5, draft->due_at);
	sql_bind_some(add, 6, (int64_t)draft->hash);
	if (sql_run(add) < 0)
		return -1;
	/* It is there already. */
	if (sqlite3_changes64(writer->store->db) == 0)
		return 0;
	add = sql_get(writer->store, STATEMENT_BODY_ADD);
	sql_bind_int(add, 1, message_id);
	sql_bind_text(add, 2, draft->subject, STORE_SUBJECT_BYTES_MAX);
	sql_bind_blob(add, 3, draft->payload.len > 0 ? draft->payload.at : "",
		draft->payload.len);
	return sql_run(add);
}

static int put_mark(struct store_writer *writer, const struct store_mark *mark)
{
	sqlite3_stmt *put = sql_get(writer->store, STATEMENT_MARK_PUT);
	sql_bind_name(put, 1, mark->name);
	sql_bind_some(put, 2, mark->at);
	sql_bind_some(put, 3, mark->event_id);
	return sql_run(put);
}

int outbox_step(struct store_writer *writer, const struct item_step *item)
{
	const struct store_step *step = &item->step;
	int taken = move_receiver(writer, step);
	if (taken <= 0)
		return taken;
	for (uint32_t i = 0; i < step->draft_count; i++)
		if (add_message(writer, step, &item->drafts[i],
			    item->first_message_id + i) < 0)
			return -1;
	return item->mark != NULL ? put_mark(writer, item->mark) : 0;
}

int outbox_forget(struct store_writer *writer, struct slice receiver)
{
	sqlite3_stmt *forget = sql_get(writer->store, STATEMENT_RECEIVER_FORGET);
	sql_bind_name(forget, 1, receiver);
	if (sql_run(forget) < 0)
		return -1;
	/* "0" is what comes behind "/". */
	forget = sql_get(writer->store, STATEMENT_MARKS_FORGET);
	sql_bind_name(forget, 1, receiver);
	return sql_run(forget);
}

/* --- one message -------------------------------------------------------------------- */

int outbox_lease(struct store_writer *writer, const struct item_lease *lease)
{
	sqlite3_stmt *take = sql_get(writer->store, STATEMENT_MESSAGE_LEASE);
	sql_bind_int(take, 1, lease->message_id);
	sql_bind_int(take, 2, lease->at);
	sql_bind_int(take, 3, lease->until);
	return sql_run(take);
}

int outbox_result(struct store_writer *writer, const struct store_message_result *result)
{
	sqlite3_stmt *end = sql_get(writer->store, STATEMENT_MESSAGE_END);
	bool done = result->end == STORE_MESSAGE_DONE;

	sql_bind_int(end, 1, result->message_id);
	if (result->end == STORE_MESSAGE_LATER)
		sql_bind_int(end, 2, result->due_at);
	if (done)
		sql_bind_int(end, 3, result->at);
	else
		sql_bind_text(end, 5,
			result->why.len > 0 ? result->why : SLICE("no reason was told"),
			STORE_TEXT_BYTES_MAX);
	if (result->end == STORE_MESSAGE_FAILED)
		sql_bind_int(end, 4, result->at);
	if (sql_run(end) < 0)
		return -1;
	if (!done)
		return 0;
	sqlite3_stmt *empty = sql_get(writer->store, STATEMENT_BODY_EMPTY);
	sql_bind_int(empty, 1, result->message_id);
	return sql_run(empty);
}

int outbox_prune(struct store *store, time_ms now, int64_t *ret_deleted)
{
	sqlite3_stmt *prune = sql_get(store, STATEMENT_MESSAGES_PRUNE);
	sql_bind_int(prune, 1, now - STORE_DONE_DAYS * TIME_MS_PER_DAY);
	sql_bind_int(prune, 2, now - STORE_FAILED_DAYS * TIME_MS_PER_DAY);
	if (sql_run(prune) < 0)
		return -1;
	int64_t deleted = sqlite3_changes64(store->db);
	if (ret_deleted != NULL)
		*ret_deleted += deleted;
	return deleted > 0;
}
