/* post: people are told: events become messages, messages are sent until they arrive.
 *
 * The conductor of messages. What is told and when is decided by message/plan, how it is
 * written by message/, how it goes out by notify/, and whether it is tried again by
 * message/retry; here they meet the store. Each receiver of the configuration goes round
 * by itself:
 *
 *   events behind its mark -> plan -> drafts, mark and memory in one transaction (a step)
 *   a message that is due -> a lease, durable -> one attempt -> its result
 *
 * So nothing is lost when we are killed at any moment, and no message is made twice from
 * the same events. What was being sent at that moment is sent again, with the same id.
 *
 * Of the loop's thread. Digests are read on a thread of libuv's pool.
 */
#pragma once

#include <uv.h>

#include "base/buffer.h"
#include "config/config.h"
#include "process/journal.h"
#include "store/writer.h"

struct post;

struct post_options {
	uv_loop_t *loop;
	struct journal *journal;
	struct store_writer *writer; /* borrowed until post_close */
};

/* NULL with an error. Reads the database of the configuration, which is borrowed until
 * the next post_reload. Without receivers it does nothing and costs nothing. */
struct post *post_open(const struct post_options *options, const struct config *config,
	struct error *error);

/* A new configuration; the old one may go after the call. What waits for a receiver that
 * is gone stays in the outbox. */
void post_reload(struct post *post, const struct config *config);

/* The writer has made everything up to `item` durable. NULL is harmless, as below. */
void post_committed(struct post *post, uint64_t item);

/* `report --send`: whoever wants digests gets one of what is new since his last. Begins
 * at once and ends later; a sentence for each goes into the journal. *ret_receivers: how
 * many want one. -1: the last ones are still being written. */
int post_send_digests(struct post *post, uint32_t *ret_receivers, struct error *error);

/* Lines for `status`: what waits, and for whom in vain. */
void post_status(struct post *post, struct buffer *out);

struct post_counts {
	int64_t waiting;      /* messages in the outbox */
	time_ms oldest_at;    /* wall; of those that wait; 0: none does */
	int64_t sent, failed; /* tries since the start */
};
void post_read_counts(struct post *post, struct post_counts *ret_counts);

/* Ends what is under way, after two seconds in which it may come to its end of itself
 * (what has not is due again at the next start). on_closed, once, maybe at once: nothing
 * is put any more, the writer may stop. The loop runs until all is closed, then
 * post_free. */
void post_close(struct post *post, void (*on_closed)(void *data), void *data);
void post_free(struct post *post);
