/* show/changes: what happened since, read from the database into a digest; for `report`,
 * and for whoever sends one.
 *
 * Reads the events of the time, and all monitored links: a million take five to nine
 * seconds and 22 MB where little has happened, so it belongs into a short-lived command
 * or a thread of its own.
 */
#pragma once

#include "base/arena.h"
#include "digest/digest.h"
#include "settings/public_address.h"
#include "store/store.h"

enum {
	CHANGES_ENTRIES_MAX = 10000, /* of a section; the digest says of how many */
	CHANGES_BEFORE_MAX = 5000,   /* of them, those that were told before */
	CHANGES_PERIODS_MAX = 1000,  /* incidents; sources; times offline */
	CHANGES_LISTS_MAX = 10000,
};

struct changes_wish {
	struct store *store, *beside; /* two of one database: for questions in a walk */
	struct slice list;            /* empty: all of them */
	time_ms since, until;         /* wall; since 0: since ever */
	/* The last event that was told: then those behind it count, whatever their time,
	 * because doubt lets some be written long after they happened. 0, or an event
	 * that is not in this database: the time counts. */
	int64_t after_event_id;
	bool feed;             /* also the events as entries, and the feed's head */
	const char *generator; /* "linkrotd 0.1.0" */
	struct slice database; /* its name, as a command would name it */
	const struct public_address *address; /* of our pages; NULL: they have none */
	struct slice own_host; /* that names the feed's ids where there is none */
};

/* All that the digest borrows is in `arena` or the wish's. *ret_last_event_id is for the
 * next one's after_event_id. -1 with a sentence: the database cannot be read, there is no
 * such list, or the arena is too small. */
int changes_load(const struct changes_wish *wish, struct arena *arena,
	struct digest *ret_digest, int64_t *ret_last_event_id, struct error *error);
