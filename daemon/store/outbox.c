/* Reading receivers, marks and messages. */
#include "store/outbox.h"

#include "store/store_internal.h"

static struct slice keep(struct arena *arena, struct slice text)
{
	return text.len > 0 ? arena_copy(arena, text) : (struct slice){ 0 };
}

static int arena_ended(const struct store *store, struct error *error)
{
	return error_set(error, "no memory for a message of %s", store->path);
}

/* --- receivers and marks ------------------------------------------------------------ */

static struct store_receiver receiver_of(sqlite3_stmt *row)
{
	return (struct store_receiver){
		.name = sql_text(row, 0),
		.step = sql_int(row, 1),
		.event_id = sql_int(row, 2),
		.updated_at = sql_int(row, 3),
		.state = sql_text(row, 4),
	};
}

int store_load_receiver(struct store *store, struct slice name, struct arena *arena,
	struct store_receiver *ret_receiver, struct error *error)
{
	*ret_receiver = (struct store_receiver){ .name = name };
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_RECEIVERS);
	sql_bind_name(row, 1, name);
	int step = sql_step(row);
	if (step == 1) {
		*ret_receiver = receiver_of(row);
		ret_receiver->name = name;
		ret_receiver->state = keep(arena, ret_receiver->state);
	}
	if (store_read_done(store, row, step, error) < 0)
		return -1;
	return arena->failed ? arena_ended(store, error) : 0;
}

int store_walk_receivers(
	struct store *store, store_receiver_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_RECEIVERS);
	int step;
	while ((step = sql_step(row)) == 1) {
		struct store_receiver receiver = receiver_of(row);
		if (!fn(&receiver, context))
			break;
	}
	return store_read_done(store, row, step, error);
}

static struct store_mark mark_of(sqlite3_stmt *row)
{
	return (struct store_mark){
		.name = sql_text(row, 0),
		.at = sql_int(row, 1),
		.event_id = sql_int(row, 2),
	};
}

int store_load_mark(struct store *store, struct slice name, struct store_mark *ret_mark,
	struct error *error)
{
	*ret_mark = (struct store_mark){ 0 };
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_MARK_GET);
	sql_bind_name(row, 1, name);
	int step = sql_step(row);
	if (step == 1)
		*ret_mark = mark_of(row);
	ret_mark->name = name;
	return store_read_done(store, row, step, error);
}

/* --- messages ----------------------------------------------------------------------- */

static struct store_message message_of(sqlite3_stmt *row)
{
	return (struct store_message){
		.message_id = sql_int(row, 0),
		.receiver = sql_text(row, 1),
		.group_key = sql_text(row, 2),
		.created_at = sql_int(row, 3),
		.due_at = sql_int(row, 4),
		.lease_until = sql_int(row, 5),
		.tried_at = sql_int(row, 6),
		.done_at = sql_int(row, 7),
		.failed_at = sql_int(row, 8),
		.attempts = (uint32_t)sql_int(row, 9),
		.hash = (uint64_t)sql_int(row, 10),
		.error = sql_text(row, 11),
		.subject = sql_text(row, 12),
		.payload = sql_text(row, 13),
	};
}

int store_walk_due_messages(struct store *store, struct slice receiver, time_ms now,
	uint32_t limit, store_message_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_MESSAGES_DUE);
	int step;
	sql_bind_int(row, 1, now);
	sql_bind_text(row, 2, receiver, STORE_RECEIVER_NAME_MAX);
	sql_bind_int(row, 3, limit > 0 ? (int64_t)limit : -1);
	while ((step = sql_step(row)) == 1) {
		struct store_message message = message_of(row);
		if (!fn(&message, context))
			break;
	}
	return store_read_done(store, row, step, error);
}

int store_load_message(struct store *store, int64_t message_id, struct arena *arena,
	struct store_message *ret_message, bool *ret_found, struct error *error)
{
	*ret_message = (struct store_message){ 0 };
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_MESSAGE_GET);
	sql_bind_int(row, 1, message_id);
	int step = sql_step(row);
	*ret_found = step == 1;
	if (step == 1) {
		struct store_message message = message_of(row);
		struct slice *const texts[] = { &message.receiver, &message.group_key,
			&message.error, &message.subject, &message.payload };
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
			*texts[i] = keep(arena, *texts[i]);
		*ret_message = message;
	}
	if (store_read_done(store, row, step, error) < 0)
		return -1;
	return arena->failed ? arena_ended(store, error) : 0;
}

int store_walk_outbox(
	struct store *store, store_outbox_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_OUTBOX);
	int step;
	while ((step = sql_step(row)) == 1) {
		struct store_outbox outbox = {
			.receiver = sql_text(row, 0),
			.waiting = (uint32_t)sql_int(row, 1),
			.failing = (uint32_t)sql_int(row, 2),
			.done = (uint32_t)sql_int(row, 3),
			.failed = (uint32_t)sql_int(row, 4),
			.oldest_at = sql_int(row, 5),
			.due_at = sql_int(row, 6),
			.done_at = sql_int(row, 7),
			.error = sql_text(row, 8),
		};
		if (!fn(&outbox, context))
			break;
	}
	return store_read_done(store, row, step, error);
}
