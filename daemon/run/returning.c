#include <assert.h>
#include <stdlib.h>

#include "process/wall.h"
#include "run/watchman.h"

/* --- who is busy --- */

static struct busy_link *busy_of(const struct watchman *watchman, int64_t link_id)
{
	struct busy_link *busy = NULL;
	HASH_FIND(hh, watchman->busy, &link_id, sizeof(link_id), busy);
	return busy;
}

bool busy_has(const struct watchman *watchman, int64_t link_id)
{
	return busy_of(watchman, link_id) != NULL;
}

int busy_add(struct watchman *watchman, struct busy_link *busy, int64_t link_id)
{
	busy->link_id = link_id;
	HASH_ADD(hh, watchman->busy, link_id, sizeof(busy->link_id), busy);
	return busy->hh.tbl != NULL ? 0 : -1;
}

void busy_remove(struct watchman *watchman, struct busy_link *busy)
{
	if (busy->hh.tbl == NULL)
		return;
	assert(watchman->busy != NULL);
	HASH_DEL(watchman->busy, busy);
	busy->hh.tbl = NULL;
}

bool busy_look_again(struct watchman *watchman, int64_t link_id)
{
	struct busy_link *busy = busy_of(watchman, link_id);
	if (busy != NULL)
		busy->again = true;
	return busy != NULL;
}

bool busy_recheck(struct watchman *watchman, int64_t link_id)
{
	struct busy_link *busy = busy_of(watchman, link_id);
	/* What is being asked now is what was asked for. */
	if (busy != NULL && busy->is_put)
		busy->again = true;
	return busy != NULL;
}

/* --- on their way back --- */

/* It had a place before, so there is room. */
static void put_back(struct watchman *watchman, const struct returning *returning)
{
	time_ms due_at = returning->busy.again ? wall_now() : returning->due_at;
	(void)schedule_queue_set(watchman->queue, returning->busy.link_id, due_at,
		returning->interval_ms, returning->urgent || returning->busy.again);
}

static void end_return(struct watchman *watchman, struct returning *returning)
{
	busy_remove(watchman, &returning->busy);
	list_remove(&returning->in_returning);
	free(returning);
}

/* Without memory it comes back at once: it might then be read before it is durable, but
 * the schedule is slow enough for that. */
void returning_add(struct watchman *watchman, struct busy_link *busy,
	const struct link_record *record, uint64_t item)
{
	struct returning values = { .busy = *busy,
		.item = item,
		.due_at = record->due_at,
		.interval_ms = record->interval_ms,
		.urgent = schedule_is_urgent(record) };
	struct returning *returning = item != 0 ? malloc(sizeof(*returning)) : NULL;
	busy_remove(watchman, busy);
	if (returning == NULL) {
		put_back(watchman, &values);
		return;
	}
	*returning = values;
	returning->busy.is_put = true;
	returning->busy.hh = (UT_hash_handle){ 0 };
	list_push_back(&watchman->returning, &returning->in_returning);
	/* Without memory for the hash it is only not known to be busy. */
	(void)busy_add(watchman, &returning->busy, values.busy.link_id);
	if (wall_rate() > 1)
		store_writer_flush(watchman->writer);
}

void returning_committed(struct watchman *watchman, uint64_t item)
{
	struct list *next, *end = &watchman->returning;
	for (struct list *at = end->next; at != end; at = next) {
		struct returning *first = LIST_OF(at, struct returning, in_returning);
		next = at->next;
		if (first->item > item)
			return;
		put_back(watchman, first);
		end_return(watchman, first);
	}
}

void returning_drop_all(struct watchman *watchman)
{
	struct list *next, *end = &watchman->returning;
	for (struct list *at = end->next; at != end; at = next) {
		next = at->next;
		end_return(watchman, LIST_OF(at, struct returning, in_returning));
	}
}
