/* post/post_internal: a receiver going round, for the files that each know one stretch of
 * the way.
 */
#pragma once

#include "message/content.h"
#include "message/plan.h"
#include "notify/notifier.h"
#include "post/post.h"
#include "store/lists.h"
#include "store/outbox.h"
#include "store/pages.h"

enum {
	RECEIVER_NAME_SIZE = STORE_RECEIVER_NAME_MAX + 1,
	STEP_EVENTS_MAX = 1000, /* that are shown to the plan at once */
	STEP_ROWS_MAX = 20000,  /* that are looked through for them */
	ITEMS_MAX = 500,        /* links a message tells one by one */
	STEP_ARENA_BYTES = 256 << 20,
};

/* No wish to wait is that long: what is due later was put by a clock that has been set
 * back since. */
#define DUE_MAX_MS (2 * TIME_MS_PER_DAY)

struct receiver {
	struct post *post;
	const struct config_notify *notify;
	char name[RECEIVER_NAME_SIZE];
	struct plan_settings settings;
	struct slice *lists; /* of settings */

	struct plan_memory *memory; /* NULL: to be read */
	int64_t step;               /* number of its last durable step */
	uint64_t step_item;         /* put, not yet durable; 0: none */
	time_ms next_at;            /* wall: the plan wants to be asked again */
	time_ms stuck_until;        /* wall: a step could not be made; not before */
	time_ms stuck_told_at;      /* wall: why was told; 0: it is not stuck */
	int64_t planned_to;         /* the newest event it was shown or did not want */

	/* The message it is sending. */
	int64_t message_id;  /* 0: none */
	uint64_t lease_item; /* put, not yet durable; 0: it is at the notifier */
	time_ms lease_until, created_at;
	uint32_t attempts;
	uint32_t copy; /* whose it is */
	bool answered; /* `result` waits for room in the writer's queue */
	struct store_message_result result;
	struct error sentence; /* what result.why points to */
	uint64_t result_item;  /* put, not yet durable */
	time_ms told_at;       /* its lateness was told */
	time_ms look_at;       /* wall: when a message may be due; 0: now */
	bool blocked;
	bool failing[NOTIFY_TO_MAX]; /* copies whose last attempt failed */
};

struct digesting;

/* How many links are dead, of those that are watched: a walk over all of them, which the
 * receivers of one moment share. */
struct post_dead {
	bool known;
	uint64_t committed; /* by the writer, when they were counted */
	uint32_t all, by_bit[STORE_LIST_BITS];
};

struct post {
	struct post_options options;
	const struct config *config;
	char *database; /* its path of the start; a reload does not change it */
	struct store *store;
	struct notifier *notifier; /* NULL: nobody is to be told */
	struct receiver *receivers;
	uint32_t receiver_count;
	struct arena arena;   /* of one stretch of one receiver */
	struct arena scratch; /* of one message of it */
	struct random random;
	uv_timer_t timer;
	bool handles_open, closing;
	void (*on_closed)(void *data);
	void *closed_data;
	time_ms grace_until; /* of the loop's clock: what is being sent may end */
	time_ms ticked_at;   /* wall; for clocks that are set back */
	bool events_read;    /* newest_event is known */
	uint64_t committed, looked_at; /* items; looked_at: events were last looked for */
	int64_t newest_event;          /* as of then */
	struct digesting *digesting;
	struct post_dead dead;
	struct post_counts counts;
	char host[256];
};

/* --- receivers.c: what the configuration says of one -------------------------------- */

/* Of post->config. -1: no memory. */
int receivers_make(struct post *post);
void receivers_free(struct post *post);

/* The names of the lists of a link or incident, as far as they are configured. */
const struct slice *receiver_lists(struct post *post, const struct store_event *event,
	struct arena *arena, uint32_t *ret_count);

bool receiver_wants_list(const struct receiver *receiver, struct slice list);

/* To how many it goes by themselves: a mail to each of its recipients, so that one wrong
 * address holds up nobody else. */
uint32_t receiver_copies(const struct receiver *receiver);

/* --- planning.c: events to a step --------------------------------------------------- */

/* Begins a step when there is something to think of. True: one was put. */
void receiver_plan(struct receiver *receiver);

/* Its step is durable, or was refused. */
void receiver_stepped(struct receiver *receiver);

/* Reads memory and step from the store. -1: they cannot be read now. */
int receiver_remember(struct receiver *receiver);

/* --- compose.c: what it says; writing.c: in the receiver's own form ------------------
 */

/* A receiver that keeps one thing up to date for each list: an issue. */
bool post_is_living(const struct receiver *receiver);

/* One in which what is not told again ends by itself: Alertmanager. */
bool post_forgets(const struct receiver *receiver);

/* What the plan wants told, as a message of at most `items_max` links one by one; without
 * parts where nothing is left to be told. -1: no memory, or the database. */
int post_compose(struct receiver *receiver, const struct plan_message *planned,
	uint32_t items_max, struct arena *arena, struct message *ret_message,
	struct error *error);

/* The lists whose living thing the news concern: those of each link, not only the one it
 * is told under. NULL: no memory, or the database. */
const struct slice *post_lists_concerned(struct receiver *receiver,
	const struct plan_message *planned, struct arena *arena, uint32_t *ret_count,
	struct error *error);

/* What is dead in one list, whatever has happened. */
int post_compose_list(struct receiver *receiver, const struct plan_message *planned,
	struct slice list, uint32_t items_max, struct arena *arena,
	struct message *ret_message, struct error *error);

/* What one copy may have, so that all fit into a step. */
size_t post_bytes_max(const struct receiver *receiver);

/* As the outbox keeps it, the copy of that number. -1: it cannot be written, or is longer
 * than post_bytes_max. */
int post_write(struct receiver *receiver, const struct message *message, uint32_t copy,
	struct arena *arena, struct store_draft *ret_draft, struct error *error);

/* The other way round: what notify is to send. The payload is borrowed. -1 with a class:
 * REFUSED, it will never be sent as things are configured now; OPERATOR. */
int post_read(struct receiver *receiver, const struct store_message *message,
	struct arena *arena, struct notify_task *ret_task, enum retry_class *ret_class,
	struct error *error);

/* --- sending.c: the outbox ---------------------------------------------------------- */

void receiver_send(struct receiver *receiver);
void receiver_on_result(struct receiver *receiver, const struct notify_result *result);

/* Its message is at the notifier. */
bool receiver_is_out(const struct receiver *receiver);

/* --- digests.c ---------------------------------------------------------------------- */

/* What was read beside the loop becomes drafts. */
void digests_go_on(struct post *post);
void digests_stop(struct post *post);

void post_say(struct post *post, const struct error *error);
