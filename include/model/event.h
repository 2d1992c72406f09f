/* model/event: what happened that somebody may want to be told.
 *
 * Events are for ever and few: transitions, not checks. One that follows from a check is
 * written in the same transaction as that check.
 */
#pragma once

#include <stdint.h>

#include "base/slice.h"
#include "base/time.h"
#include "model/outcome.h"
#include "model/state.h"

#define EVENT_KINDS(X)                                                                   \
	X(STATE, "state")       /* a link went from one state to another */              \
	X(FLAPPING, "flapping") /* it began to come and go */                            \
	X(STEADY, "steady")     /* it has stopped to */                                  \
	X(CONTENT_CHANGED, "content_changed")                                            \
	X(INCIDENT_BEGAN, "incident_began") /* one cause, many links */                  \
	X(INCIDENT_ENDED, "incident_ended")                                              \
	X(SOURCE_FAILED, "source_failed") /* gone, unreadable or not to be parsed */     \
	X(SOURCE_BACK, "source_back")                                                    \
	X(LINK_ADDED, "link_added")       /* to its first list */                        \
	X(LINK_REMOVED, "link_removed")   /* from its last list */                       \
	X(OFFLINE_BEGAN, "offline_began") /* this machine is in doubt */                 \
	X(OFFLINE_ENDED, "offline_ended")

#define EVENT_KIND_ENUM(name, text) EVENT_##name,
enum event_kind { EVENT_KINDS(EVENT_KIND_ENUM) };
#undef EVENT_KIND_ENUM

#define EVENT_KIND_ONE(name, text) +1
enum { EVENT_KIND_COUNT = EVENT_KINDS(EVENT_KIND_ONE) };
#undef EVENT_KIND_ONE

const char *event_kind_text(enum event_kind kind);

struct event {
	enum event_kind kind;
	time_ms at;
	int64_t link_id;     /* 0: not of one link */
	int64_t incident_id; /* 0: of none; the event_id of its INCIDENT_BEGAN */
	enum state from, to; /* STATE only */
	/* From a gate, or from what is not monitored, to a verdict, and from a suspicion
	 * to `moved`: the verdict before it. Unchecked: there was none, or nobody has
	 * looked. */
	enum state kept;
	enum reason reason;
	uint32_t links;    /* of an incident: how many it holds */
	struct slice text; /* one sentence for a person; may be empty */
};

/* What was held of the link before, as far as that is known: `from`, but a gate neither
 * kills nor revives, and what was known before it is kept (interfaces, section 1.4). A
 * suspicion that came to nothing was none. */
enum state event_before(const struct event *event);
