/* store/item: what waits to be written.
 *
 * One block of memory each: the item, what it points to, and all its text. The queue owns
 * it from put until its transaction is committed.
 */
#pragma once

#include "store/outbox.h"
#include "store/tally.h"
#include "store/writer.h"

enum item_kind {
	ITEM_RESULT,
	ITEM_RECORD,
	ITEM_EVENT,
	ITEM_LISTS,
	ITEM_READING,
	ITEM_MENTION,
	ITEM_READING_END,
	ITEM_SOURCE_SAME,
	ITEM_SOURCE_FAILED,
	ITEM_SOURCE_RETIRED,
	ITEM_HOST,
	ITEM_HOST_FORGOTTEN,
	ITEM_TALLY,
	ITEM_STEP,
	ITEM_RECEIVER_FORGOTTEN,
	ITEM_LEASE,
	ITEM_MESSAGE_RESULT,
};

struct item_result {
	int64_t link_id;
	struct link_record record;
	bool checked; /* else only the record is new */
	time_ms at;
	enum outcome outcome;
	enum reason reason;
	int http_status;
	int32_t elapsed_ms;
	uint32_t event_count;
	struct store_texts *texts; /* NULL: unchanged */
	struct span *closed;       /* NULL: none */
	struct event *events;
};

struct item_lists {
	struct store_list_config *at;
	uint32_t count;
	time_ms when;
};

struct item_mention {
	struct link_identity identity;
	struct occurrence at;
};

struct item_source {
	struct slice list, source, why;
	time_ms at;
};

struct item_step {
	struct store_step step;
	struct store_draft *drafts; /* the item's own */
	struct store_mark *mark;    /* likewise; NULL: none */
	int64_t first_message_id;   /* set aside when it was put */
};

struct item_lease {
	int64_t message_id;
	time_ms at, until;
};

struct item {
	struct item *next;
	uint64_t number;
	size_t bytes;
	/* The first of the ids that were set aside for its events when it was put, so
	 * that ids grow in the order of commits: who remembers the last one misses none.
	 */
	int64_t first_event_id;
	enum item_kind kind;
	union {
		struct item_result result;
		struct event event;
		struct item_lists lists;
		struct store_reading reading;
		struct item_mention mention;
		struct item_source source;
		struct store_host host;
		struct slice host_key;
		struct store_tally tally;
		struct item_step step;
		struct slice receiver;
		struct item_lease lease;
		struct store_message_result message_result;
	} as;
};
