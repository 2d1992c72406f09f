/* show/changes: what its parts share: one reading of the database.
 */
#pragma once

#include "base/table.h"
#include "show/changes.h"
#include "store/links.h"
#include "store/lists.h"

/* What the events of the time say of one link; the last one of each kind counts. */
struct happened {
	int64_t link_id, incident_id;
	enum state from, to; /* of its last change of state; equal: none */
	time_ms at;
	time_ms changed_at; /* its content; 0: it did not */
	UT_hash_handle hh;
};

struct periods {
	struct digest_period *at;
	uint32_t count;
};

struct changes {
	const struct changes_wish *wish;
	struct arena *arena;
	struct digest *digest;
	struct error *error;
	int64_t last_event_id; /* of all that were seen */
	struct happened *happened;
	struct digest_entry *entries[DIGEST_SECTION_COUNT];
	struct slice *lists; /* of the digest */
	struct periods incidents, sources, offline;
	struct feed_entry *events; /* a ring; NULL: no feed is wanted */
	uint32_t event_count;      /* ever put into it */
	/* For the time that was measured. */
	uint64_t checks_ever;
	int64_t often_checked_id; /* the link that was checked most often */
	time_ms often_interval_ms;
	bool failed;
};

/* What the checks of a link say of the time: for each link of the list. */
void changes_note_checks(struct changes *changes, const struct store_link *link);
/* Once all were; `statistics` of the whole database. */
int changes_end_window(
	struct changes *changes, const struct store_statistics *statistics);

/* The feed: room for it, its events one by one, their order and the head. */
int changes_begin_feed(struct changes *changes);
bool changes_feed_event(struct changes *changes, const struct store_event *stored);
int changes_end_feed(struct changes *changes);
