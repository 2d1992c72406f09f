/* store/outbox: messages that are to be sent, and who has been told what.
 *
 * A receiver is a name with a mark (the last event that was thought of for it) and a
 * memory that only its planner understands. A step moves both and adds the messages that
 * follow from it, in one transaction: killed at any moment, either all of it happened or
 * nothing. Each step names the number of the one before; a step that does not follow what
 * the file holds changes nothing at all, so that no message is made twice from the same
 * events.
 *
 * A message is waiting, leased (somebody is sending it), done or failed. A lease that ran
 * out is waiting again: who was killed while sending is asked again, which may send twice
 * what the other side took without our hearing of it; the message_id never changes, so
 * that it can be recognised. It is known only when the message is put: what is made of it
 * (a Message-ID, a transaction's number) is added by who sends. Retention (the writer's
 * upkeep): what is done loses its payload at once and is forgotten after STORE_DONE_DAYS,
 * what failed after STORE_FAILED_DAYS, with its payload. What waits is kept for ever.
 *
 * Rules of reading as in store/links.h, of putting as in store/writer.h: nothing is seen
 * before it is committed, and one process holds the writer. Whoever else has a message to
 * send (`report --send` beside a daemon) asks that process over its control socket.
 */
#pragma once

#include "base/arena.h"
#include "store/store.h"
#include "store/writer.h"

enum {
	STORE_RECEIVER_NAME_MAX = 256, /* and of a mark; not empty */
	STORE_RECEIVER_STATE_MAX = 256 * 1024,
	STORE_STEP_MESSAGES_MAX = 1024,
	STORE_GROUP_KEY_MAX = 512,
	STORE_SUBJECT_BYTES_MAX = 1024,          /* cut there */
	STORE_PAYLOAD_BYTES_MAX = 1024 * 1024,   /* a longer one is an assert */
	STORE_STEP_BYTES_MAX = 32 * 1024 * 1024, /* of all payloads of a step */
	STORE_DONE_DAYS = 14,
	STORE_FAILED_DAYS = 90,
};

/* --- receivers and marks ------------------------------------------------------------ */

struct store_receiver {
	struct slice name;
	int64_t step; /* number of its last step; 0: none yet, and all else is zeroed */
	int64_t event_id; /* its mark */
	time_ms updated_at;
	struct slice state;
};

/* One that has never taken a step is found as well, with step 0. */
int store_load_receiver(struct store *store, struct slice name, struct arena *arena,
	struct store_receiver *ret_receiver, struct error *error);

typedef bool store_receiver_fn(const struct store_receiver *receiver, void *context);

/* In order of name. */
int store_walk_receivers(
	struct store *store, store_receiver_fn *fn, void *context, struct error *error);

/* Until when somebody has read: "since last" of a report's recipient. Those of a receiver
 * are called RECEIVER/ and whatever tells them apart. */
struct store_mark {
	struct slice name;
	time_ms at;
	int64_t event_id;
};

/* *ret_mark is zeroed where there is none; its name is the caller's. */
int store_load_mark(struct store *store, struct slice name, struct store_mark *ret_mark,
	struct error *error);

/* --- putting ------------------------------------------------------------------------ */

struct store_draft {
	struct slice group_key; /* what it is about; for people and planners */
	time_ms due_at;         /* not to be sent before; not 0 */
	/* What makes it the same message (a digest's receiver and day): while one of that
	 * receiver with the same hash is remembered, waiting or over, it is not added.
	 * 0: it is always added. */
	uint64_t hash;
	struct slice subject, payload; /* opaque; the payload may hold any bytes */
};

struct store_step {
	struct slice receiver;
	int64_t former; /* store_receiver.step it follows; the new one is `former` + 1 */
	int64_t event_id; /* the new mark */
	struct slice state;
	time_ms at;
	const struct store_draft *drafts;
	uint32_t draft_count;          /* at most STORE_STEP_MESSAGES_MAX */
	const struct store_mark *mark; /* moved with it; NULL: none is */
};

/* *ret_message_id (may be NULL) is that of its first draft, the others follow by one; a
 * draft that was not added leaves its number unused. Whether the step was taken is seen
 * in store_load_receiver when the item is committed. */
uint64_t store_put_step(struct store_writer *writer, const struct store_step *step,
	int64_t *ret_message_id);

/* Forgets a receiver that is configured no more, with its marks and memory; its messages
 * stay. */
uint64_t store_put_receiver_forgotten(struct store_writer *writer, struct slice name);

/* Before it is sent: nobody is told of it until `until`, attempts are counted by it.
 * Taken only when it is due at `at`; seen in message.lease_until == until. Send when that
 * is committed, and a crash cannot send at once again. */
uint64_t store_put_lease(
	struct store_writer *writer, int64_t message_id, time_ms at, time_ms until);

enum store_message_end {
	STORE_MESSAGE_DONE,
	STORE_MESSAGE_LATER,  /* again at due_at */
	STORE_MESSAGE_FAILED, /* not by itself again; LATER revives it */
};

struct store_message_result {
	int64_t message_id;
	enum store_message_end end;
	time_ms at, due_at;
	struct slice why; /* one sentence; kept until it is done */
};

/* One that is done stays done. */
uint64_t store_put_message_result(
	struct store_writer *writer, const struct store_message_result *result);

/* --- reading ------------------------------------------------------------------------ */

struct store_message {
	int64_t message_id;
	struct slice receiver, group_key;
	time_ms created_at;
	time_ms due_at;      /* 0: over; of a leased one the end of its lease */
	time_ms lease_until; /* 0: not leased */
	time_ms tried_at, done_at, failed_at; /* 0: never */
	uint32_t attempts;
	uint64_t hash;
	struct slice error;            /* of the last attempt */
	struct slice subject, payload; /* payload: empty when done */
};

typedef bool store_message_fn(const struct store_message *message, void *context);

/* With their payload: the first of 10,000 in 0.4 ms. Waiting ones whose time has come,
 * and whose lease, if any, ran out; in the order of due_at, at most `limit` (0: all).
 * `receiver` empty: of all. */
int store_walk_due_messages(struct store *store, struct slice receiver, time_ms now,
	uint32_t limit, store_message_fn *fn, void *context, struct error *error);

int store_load_message(struct store *store, int64_t message_id, struct arena *arena,
	struct store_message *ret_message, bool *ret_found, struct error *error);

/* Of one receiver that has messages, as far as they are remembered. */
struct store_outbox {
	struct slice receiver;
	uint32_t waiting; /* leased ones included */
	uint32_t failing; /* of them, those that were tried in vain */
	uint32_t done, failed;
	time_ms oldest_at;  /* created_at of the oldest that waits; 0: none does */
	time_ms due_at;     /* of the first that waits; 0 likewise */
	time_ms done_at;    /* of the last that was sent; 0: none is remembered */
	struct slice error; /* the newest of those that are failing or failed */
};

typedef bool store_outbox_fn(const struct store_outbox *outbox, void *context);

/* In order of receiver. 10,000 waiting messages: 10 to 15 ms. */
int store_walk_outbox(
	struct store *store, store_outbox_fn *fn, void *context, struct error *error);
