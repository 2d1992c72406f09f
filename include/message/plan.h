/* message/plan: when somebody is told, and of how much at once.
 *
 * For each receiver: events come in, messages come out. A message is decided here and
 * written elsewhere (message/content.h); sending it again until it has arrived is the
 * outbox's (message/retry.h, store/). Pure: `now` is wall, and the same events in the
 * same order at the same times give the same messages.
 *
 * Events are gathered in groups: all of one incident are one, whatever the number of its
 * links and lists; others are one a list. A link in several lists is told once, under the
 * first of them that the receiver wants. A group is told
 *   - when nothing has joined it for `group_wait`, at the latest PLAN_WAIT_FACTOR times
 *     that after its first event: links of one host die seconds apart, for an hour. What
 *     follows the beginning of an incident is known to come for two days, one check
 *     after the other, and may wait PLAN_INCIDENT_WAIT_FACTOR times that until nothing
 *     has joined it for PLAN_INCIDENT_LULL_FACTOR times that;
 *   - again after `group_interval`, if there is something new. An incident that was told
 *     has nothing new in more links of what was told of it (its beginning, deaths,
 *     recoveries): they wait for its end or for `repeat`;
 *   - again after `repeat`, if nothing is new but something told is still dead: once a
 *     list, incidents included, because such a message says what is dead on all of it;
 *     to who `forgets`, also if nothing but an incident goes on.
 * What came and went while it waited is not told. A recovery is told to those who were
 * told of the death; to all who did not want deaths, but recoveries. In quiet hours,
 * while a message of this receiver cannot be delivered (`blocked`) and above
 * `max_per_hour`, everything waits; when more groups are due than may be sent, the last
 * message that may be sent holds all the others (COLLAPSED).
 *
 * Nothing is lost: what finds no place in the memory is counted, and told as "and N
 * more". After Alertmanager's rules (dispatch, notify/dedup_stage).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "model/event.h"

enum {
	PLAN_GROUPS_MAX = 256,   /* of one receiver; more lists share one group */
	PLAN_PENDING_MAX = 4096, /* events of one receiver that wait; more are counted */
	PLAN_LIST_BYTES_MAX = 64,
	PLAN_PER_HOUR_MAX = 60,
	PLAN_WAIT_FACTOR = 6,
	/* Of deaths and recoveries in one: as long as the last of daily checks may be
	 * apart (two days), with pauses as its last links leave them. */
	PLAN_INCIDENT_WAIT_FACTOR = 300,
	PLAN_INCIDENT_LULL_FACTOR = 36,
	PLAN_MEMORY_BYTES_MAX = 256 << 10, /* of plan_encode, at most */
};

/* The words of `notify.on`, in the order of CONFIG_OCCASIONS. */
enum plan_occasion {
	PLAN_ON_DIGEST,
	PLAN_ON_DEAD,
	PLAN_ON_RECOVERED,
	PLAN_ON_MOVED,
	PLAN_ON_INCIDENT,
};

/* Minutes of the day from midnight at `offset_min` east of UTC; from == to: never. */
struct plan_quiet {
	int from_min, to_min, offset_min;
};

struct plan_settings {
	uint32_t on; /* 1 << enum plan_occasion */
	const struct slice *lists;
	uint32_t list_count; /* 0: all */
	time_ms group_wait_ms, group_interval_ms;
	time_ms repeat_ms; /* 0: never */
	/* It keeps what is dead up to date (an issue): a dead link that leaves its last
	 * list is a recovery to it, also one that died before its time, and one that
	 * comes to a list, or is dead again behind a gate, a death. */
	bool standing;
	/* It forgets what it is not told again (alerts): an incident that was told is
	 * repeated like the dead, until it is over. */
	bool forgets;
	struct plan_quiet quiet;
	uint32_t max_per_hour; /* 1 to PLAN_PER_HOUR_MAX */
	uint32_t max_at_once;  /* messages of one step, the others follow; 0: any */
};

/* Minutes for links of one host to follow each other, a quarter of a day between messages
 * about one list, a week for what is known. */
#define PLAN_GROUP_WAIT_MS     (10 * 60 * TIME_MS_PER_S)
#define PLAN_GROUP_INTERVAL_MS (6 * TIME_MS_PER_HOUR)
#define PLAN_REPEAT_MS         (7 * TIME_MS_PER_DAY)
#define PLAN_PER_HOUR          10

enum plan_news {
	PLAN_DIED,
	PLAN_RECOVERED,
	PLAN_MOVED,
	PLAN_BEGAN, /* an incident */
	PLAN_ENDED,
};
enum { PLAN_NEWS_COUNT = PLAN_ENDED + 1 };

/* One event of the store, read in the order of its id. */
struct plan_event {
	int64_t id;
	const struct event *event;
	const struct slice *lists; /* names of those that hold the link or incident */
	uint32_t list_count;
	/* When the link was last said to be dead (moved) with no word against it since,
	 * before this event; 0: it was not. Of LINK_ADDED and LINK_REMOVED for who is
	 * `standing`. A link that is dead, then gated, then dead
	 * died once. The caller reads it from the link's events. */
	time_ms dead_since, moved_since;
	/* The first word of its incident about a list that the receiver wants: to it the
	 * incident begins here, unless it was told before. */
	bool begins;
};

/* --- memory ------------------------------------------------------------------------ */

/* What is remembered of one receiver between two steps, as bytes in the store. */
struct plan_memory;
struct plan_memory *plan_memory_new(void); /* NULL: no memory */
void plan_memory_free(struct plan_memory *memory);

/* The id of the last event it was shown. */
int64_t plan_mark(const struct plan_memory *memory);

/* Whether it has begun; one that has not is shown no events before plan_begin. */
bool plan_has_begun(const struct plan_memory *memory);
/* A new receiver is not told of the past: it begins behind `last_event_id`. */
void plan_begin(struct plan_memory *memory, int64_t last_event_id, time_ms now);

/* Appended; at most PLAN_MEMORY_BYTES_MAX. */
void plan_encode(const struct plan_memory *memory, struct buffer *out);
/* NULL: not what plan_encode has written (or no memory); the sentence says so, and the
 * caller begins anew. */
struct plan_memory *plan_decode(struct slice bytes, struct error *error);

/* --- a step ------------------------------------------------------------------------ */

/* An event that is to be told. */
struct plan_item {
	int64_t event_id, link_id;
	enum plan_news news;
	time_ms at;
	/* Told with an incident, but of another list than the incident's: whether it is
	 * still dead is a matter of that list. */
	bool elsewhere;
};

/* What a message says of one group. */
struct plan_part {
	struct slice list;   /* of an incident: its first list; empty: of none any more */
	int64_t incident_id; /* 0: what happened to single links */
	const struct plan_item *items; /* in order of their ids */
	uint32_t item_count;
	/* All, with those that are not among the items. */
	uint32_t counts[PLAN_NEWS_COUNT];
	uint32_t links; /* of an incident, as its last event says */
	/* Told earlier as dead, and to this room's knowledge still so. Of a list alone in
	 * its message, and of a repetition: with those of the list's incidents. */
	uint32_t still;
	/* Of a repetition, for who forgets: incidents of the list that go on. */
	const int64_t *incidents;
	uint32_t incident_count;
};

enum plan_why {
	PLAN_WHY_NEWS,
	PLAN_WHY_REPEAT,    /* nothing new, but still dead */
	PLAN_WHY_COLLAPSED, /* several groups in one */
};

struct plan_message {
	enum plan_why why;
	const struct plan_part *parts; /* one, or more when collapsed */
	uint32_t part_count;
	/* The same for the same news whenever it is planned: for the outbox to refuse a
	 * second one. */
	uint64_t key;
};

struct plan_result {
	const struct plan_message *messages; /* oldest group first */
	uint32_t count;
	bool changed;    /* the memory is another one and must be stored */
	time_ms next_at; /* when to step again without an event; INT64_MAX: never */
};

/* Shows the memory the next events (ids above its mark, ascending; others are skipped)
 * and decides what is sent at `now`. The memory then holds the messages for sent: store
 * it and them in one transaction, or throw it away and load it again. The result lives in
 * the arena. -1: no memory; the memory is then undefined. `blocked`: a message of this
 * receiver waits for a later try. */
int plan_step(struct plan_memory *memory, const struct plan_settings *settings,
	const struct plan_event *events, uint32_t event_count, bool blocked, time_ms now,
	struct arena *arena, struct plan_result *ret_result);

/* A digest (or anything else that this room does not plan) is sent: it counts for the
 * hour, but waits for nothing. */
void plan_note_sent(struct plan_memory *memory, time_ms now);

/* How many events wait, counted ones included: for the status. */
uint64_t plan_waiting(const struct plan_memory *memory);
