/* digest/feed: what happened as an Atom feed (RFC 4287), one entry an event.
 *
 * Pure, and for whoever has a row of events: `linkrotd report --format atom` and the
 * server's /feed.atom. The caller chooses which events, and how many (feed_wants says
 * which of them are worth an entry); the feed writes every one it is given, in that
 * order, newest first by custom.
 *
 * An entry is the same for ever, whenever and by whomever it is written: its id is made
 * of the event's id and time, `updated` is when it happened, not when somebody looked. So
 * no reader shows it twice. A database that was begun anew counts from 1 again; the time
 * in the id tells its events from those of the old one.
 *
 * All slices are the caller's, live for the call and may hold hostile bytes. What is at
 * the address of a dead or usurped link is not linked to, but told as text.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/event.h"

enum {
	FEED_ENTRIES_MAX = 1000, /* that are written; the rest is left out */
	FEED_LISTS_MAX = 8,      /* of an entry, likewise */
};

struct feed_entry {
	int64_t event_id;
	struct event event;
	struct slice url;          /* of its link; empty: not of one link */
	const struct slice *lists; /* that mention it: categories; may be none */
	uint32_t list_count;
};

struct feed_head {
	/* Whose ids they are (RFC 4151): a host name that is the operator's, that of the
	 * public URL. What cannot stand in a tag URI is left out of it; empty is
	 * "localhost". Never change it: readers would show everything again. */
	struct slice host;
	/* Which feed it is, as part of its own id: empty for all lists, else the list. */
	struct slice list;
	struct slice title;
	struct slice self_url; /* of the feed itself; empty: not said */
	struct slice page_url; /* for people: "https://host/"; with a slash at its end it
				* is also where entries find their link's page,
				* links/ID, and a list its own, lists/NAME; empty:
				* none has one */
	const char *generator; /* "linkrotd 0.1.0" */
	/* When the feed last changed; at least that of the newest entry. A feed without
	 * entries has to say something too: when the database was last looked at is not
	 * a change, so give the newest event there is, or when watching began. */
	time_ms updated;
};

/* Whether somebody who is not watching wants to be told: what is confirmed, what is over,
 * and causes. Not a suspicion, which is no verdict; not a wall, which says nothing of the
 * link, nor what is behind it as it was before; not this machine's own troubles. */
bool feed_wants(const struct event *event);

/* The whole document appended to `out`. -1: no memory or the buffer's ceiling; 2 KiB an
 * entry are plenty, 16 KiB the most. */
int feed_write(const struct feed_head *head, const struct feed_entry *entries,
	uint32_t count, struct buffer *out, struct error *error);
