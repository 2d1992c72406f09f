#include <assert.h>

#include "base/hash.h"
#include "watch/schedule_queue_internal.h"

enum { URGENT_IN_A_ROW_MAX = 7, LINKS_MAX = 1 << 29 };

/* So many join the lines with one pick, so that none takes long after an absence. */
enum { LINED_UP_MAX = 64 };

#define INTERVAL_S_MAX INT32_MAX

/* --- from id to slot: linear probing, at most half full
 * ----------------------------------- */

static uint32_t home_of(const struct schedule_queue *queue, int64_t link_id)
{
	return (uint32_t)hash_mix((uint64_t)link_id) & queue->index_mask;
}

/* Where the link's entry is, or where it would be put. */
static uint32_t index_find(const struct schedule_queue *queue, int64_t link_id)
{
	uint32_t at = home_of(queue, link_id);
	while (queue->index[at] != 0 &&
		queue->slots[queue->index[at] - 1].link_id != link_id)
		at = (at + 1) & queue->index_mask;
	return at;
}

/* Closes the gap, so that no probe stops before what it looks for. */
static void index_remove(struct schedule_queue *queue, int64_t link_id)
{
	uint32_t gap = index_find(queue, link_id), at = gap;
	for (;;) {
		at = (at + 1) & queue->index_mask;
		if (queue->index[at] == 0)
			break;
		uint32_t home =
			home_of(queue, queue->slots[queue->index[at] - 1].link_id);
		if (((at - home) & queue->index_mask) >=
			((at - gap) & queue->index_mask)) {
			queue->index[gap] = queue->index[at];
			gap = at;
		}
	}
	queue->index[gap] = 0;
}

/* --- the heap of what is not due yet
 * -------------------------------------------------------- */

static bool is_before(const struct schedule_queue *queue, uint32_t a, uint32_t b)
{
	const struct slot *x = &queue->slots[a], *y = &queue->slots[b];
	return x->due_at != y->due_at ? x->due_at < y->due_at : x->link_id < y->link_id;
}

static void heap_put(struct schedule_queue *queue, uint32_t place, uint32_t slot)
{
	queue->heap[place] = slot;
	queue->slots[slot].place = place;
}

static void heap_up(struct schedule_queue *queue, uint32_t slot)
{
	uint32_t place = queue->slots[slot].place;
	while (place > 1 && is_before(queue, slot, queue->heap[place / 2])) {
		heap_put(queue, place, queue->heap[place / 2]);
		place /= 2;
	}
	heap_put(queue, place, slot);
}

static void heap_down(struct schedule_queue *queue, uint32_t slot)
{
	uint32_t place = queue->slots[slot].place;
	for (;;) {
		uint32_t child = place * 2;
		if (child > queue->heap_count)
			break;
		if (child < queue->heap_count &&
			is_before(queue, queue->heap[child + 1], queue->heap[child]))
			child++;
		if (!is_before(queue, queue->heap[child], slot))
			break;
		heap_put(queue, place, queue->heap[child]);
		place = child;
	}
	heap_put(queue, place, slot);
}

static void queue_heap_add(struct schedule_queue *queue, uint32_t slot)
{
	queue->slots[slot].place = ++queue->heap_count;
	heap_up(queue, slot);
}

static void queue_heap_remove(struct schedule_queue *queue, uint32_t slot)
{
	uint32_t place = queue->slots[slot].place;
	uint32_t last = queue->heap[queue->heap_count--];
	queue->slots[slot].place = 0;
	if (last == slot)
		return;
	heap_put(queue, place, last);
	heap_up(queue, last);
	heap_down(queue, last);
}

/* --- the lines of what is overdue
 * ------------------------------------------------------------ */

/* Half octaves: the position of the highest bit, and whether the rest reaches sqrt 2. */
unsigned schedule_class_of(uint32_t interval_s)
{
	uint32_t minutes = interval_s / 60 > 0 ? interval_s / 60 : 1;
	unsigned octave = 31 - (unsigned)__builtin_clz(minutes);
	uint64_t square = (uint64_t)minutes * minutes;
	unsigned half = square >= (UINT64_C(2) << (2 * octave)) ? 1 : 0;
	return 2 * octave + half;
}

static void line_add(struct schedule_queue *queue, uint32_t index)
{
	struct slot *slot = &queue->slots[index];
	struct line *line =
		&queue->lines[slot->urgent][schedule_class_of(slot->interval_s)];
	slot->next = NO_SLOT;
	slot->previous = line->last;
	if (line->last != NO_SLOT)
		queue->slots[line->last].next = index;
	else
		line->first = index;
	line->last = index;
	queue->occupied[slot->urgent] |= UINT64_C(1)
					 << schedule_class_of(slot->interval_s);
	queue->lined[slot->urgent]++;
}

static void line_remove(struct schedule_queue *queue, uint32_t index)
{
	struct slot *slot = &queue->slots[index];
	struct line *line =
		&queue->lines[slot->urgent][schedule_class_of(slot->interval_s)];
	if (slot->previous != NO_SLOT)
		queue->slots[slot->previous].next = slot->next;
	else
		line->first = slot->next;
	if (slot->next != NO_SLOT)
		queue->slots[slot->next].previous = slot->previous;
	else
		line->last = slot->previous;
	if (line->first == NO_SLOT)
		queue->occupied[slot->urgent] &=
			~(UINT64_C(1) << schedule_class_of(slot->interval_s));
	queue->lined[slot->urgent]--;
}

void schedule_line_up(struct schedule_queue *queue, time_ms now, uint32_t count_max)
{
	for (uint32_t i = 0; i < count_max && queue->heap_count > 0; i++) {
		uint32_t slot = queue->heap[1];
		if (queue->slots[slot].due_at > now)
			break;
		queue_heap_remove(queue, slot);
		line_add(queue, slot);
	}
}

void schedule_leave_line(struct schedule_queue *queue, uint32_t slot, time_ms due_at)
{
	line_remove(queue, slot);
	queue->slots[slot].due_at = due_at;
	queue_heap_add(queue, slot);
}

/* Whether a is later than b, each in proportion to its interval. */
static bool is_later(const struct slot *a, const struct slot *b, time_ms now)
{
	wide x = (wide)(now - a->due_at) * b->interval_s;
	wide y = (wide)(now - b->due_at) * a->interval_s;
	return x != y ? x > y : a->due_at < b->due_at;
}

static uint32_t latest_of(const struct schedule_queue *queue, bool urgent, time_ms now)
{
	uint32_t best = NO_SLOT;
	for (uint64_t left = queue->occupied[urgent]; left != 0; left &= left - 1) {
		uint32_t first = queue->lines[urgent][__builtin_ctzll(left)].first;
		if (best == NO_SLOT ||
			is_later(&queue->slots[first], &queue->slots[best], now))
			best = first;
	}
	return best;
}

/* --- the queue
 * --------------------------------------------------------------------------------- */

/* Power of two, so that at most half is used. */
static uint32_t index_size_for(uint32_t room)
{
	uint32_t size = 32;
	while (size < 2 * (uint64_t)room)
		size *= 2;
	return size;
}

static void fill_index(struct schedule_queue *queue, uint32_t *index, uint32_t size)
{
	free(queue->index);
	queue->index = index;
	queue->index_mask = size - 1;
	for (uint32_t i = 0; i < queue->room; i++)
		if (queue->slots[i].link_id != 0)
			index[index_find(queue, queue->slots[i].link_id)] = i + 1;
}

static void chain_free_slots(struct schedule_queue *queue, uint32_t from, uint32_t room)
{
	for (uint32_t i = room; i-- > from;) {
		queue->slots[i] = (struct slot){ .next = queue->free };
		queue->free = i;
	}
}

static int make_room(struct schedule_queue *queue, uint32_t room)
{
	uint32_t size = index_size_for(room), before = queue->room;
	uint32_t *index = calloc(size, sizeof(*index));
	if (index == NULL)
		return -1;
	struct slot *slots = reallocarray(queue->slots, room, sizeof(*slots));
	if (slots != NULL)
		queue->slots = slots;
	uint32_t *heap = slots == NULL ? NULL
				       : reallocarray(queue->heap, (size_t)room + 1,
						 sizeof(*heap));
	if (heap == NULL) {
		free(index);
		return -1;
	}
	queue->heap = heap;
	chain_free_slots(queue, before, room);
	queue->room = room;
	fill_index(queue, index, size);
	return 0;
}

struct schedule_queue *schedule_queue_new(size_t count)
{
	assert(count <= LINKS_MAX);
	struct schedule_queue *queue = calloc(1, sizeof(*queue));
	if (queue == NULL)
		return NULL;
	queue->free = NO_SLOT;
	for (int urgent = 0; urgent < 2; urgent++)
		for (int i = 0; i < CLASSES; i++)
			queue->lines[urgent][i] = (struct line){ NO_SLOT, NO_SLOT };
	if (make_room(queue, count > 16 ? (uint32_t)count : 16) < 0) {
		schedule_queue_free(queue);
		return NULL;
	}
	return queue;
}

void schedule_queue_free(struct schedule_queue *queue)
{
	if (queue == NULL)
		return;
	free(queue->slots);
	free(queue->heap);
	free(queue->index);
	free(queue);
}

/* Out of the heap or its line. */
static void take_out(struct schedule_queue *queue, uint32_t slot)
{
	if (queue->slots[slot].place != 0)
		queue_heap_remove(queue, slot);
	else
		line_remove(queue, slot);
}

static uint32_t new_slot(struct schedule_queue *queue, int64_t link_id)
{
	if (queue->free == NO_SLOT &&
		(queue->room > LINKS_MAX / 2 || make_room(queue, queue->room * 2) < 0))
		return NO_SLOT;
	uint32_t slot = queue->free;
	queue->free = queue->slots[slot].next;
	queue->index[index_find(queue, link_id)] = slot + 1;
	queue->slots[slot].link_id = link_id;
	queue->count++;
	return slot;
}

static uint32_t seconds_of(time_ms interval_ms)
{
	time_ms seconds = interval_ms / TIME_MS_PER_S;
	if (seconds < 1)
		return 1;
	return seconds < INTERVAL_S_MAX ? (uint32_t)seconds : INTERVAL_S_MAX;
}

int schedule_queue_set(struct schedule_queue *queue, int64_t link_id, time_ms due_at,
	time_ms interval_ms, bool urgent)
{
	assert(link_id > 0);
	uint32_t slot = queue->index[index_find(queue, link_id)];
	if (slot != 0)
		take_out(queue, --slot);
	else if ((slot = new_slot(queue, link_id)) == NO_SLOT)
		return -1;
	queue->slots[slot].due_at = due_at;
	queue->slots[slot].interval_s = seconds_of(interval_ms) & INTERVAL_S_MAX;
	queue->slots[slot].urgent = urgent;
	queue_heap_add(queue, slot);
	return 0;
}

static void give_back(struct schedule_queue *queue, uint32_t slot)
{
	take_out(queue, slot);
	index_remove(queue, queue->slots[slot].link_id);
	queue->slots[slot] = (struct slot){ .next = queue->free };
	queue->free = slot;
	queue->count--;
}

void schedule_queue_remove(struct schedule_queue *queue, int64_t link_id)
{
	uint32_t slot = queue->index[index_find(queue, link_id)];
	if (slot != 0)
		give_back(queue, slot - 1);
}

static bool takes_urgent(struct schedule_queue *queue)
{
	if (queue->occupied[false] == 0 || queue->occupied[true] == 0)
		queue->urgent_in_a_row = 0;
	else if (queue->urgent_in_a_row < URGENT_IN_A_ROW_MAX)
		queue->urgent_in_a_row++;
	else
		queue->urgent_in_a_row = 0;
	if (queue->occupied[false] == 0)
		return true;
	return queue->occupied[true] != 0 && queue->urgent_in_a_row > 0;
}

static struct schedule_pick pick_of(const struct slot *slot)
{
	return (struct schedule_pick){
		.link_id = slot->link_id,
		.due_at = slot->due_at,
		.interval_ms = slot->interval_s * TIME_MS_PER_S,
		.urgent = slot->urgent,
	};
}

bool schedule_queue_find(const struct schedule_queue *queue, int64_t link_id,
	struct schedule_pick *ret_pick)
{
	uint32_t slot = queue->index[index_find(queue, link_id)];
	if (slot != 0)
		*ret_pick = pick_of(&queue->slots[slot - 1]);
	return slot != 0;
}

bool schedule_queue_pick(
	struct schedule_queue *queue, time_ms now, struct schedule_pick *ret_pick)
{
	schedule_line_up(queue, now, LINED_UP_MAX);
	if ((queue->occupied[false] | queue->occupied[true]) == 0)
		return false;
	uint32_t slot = latest_of(queue, takes_urgent(queue), now);
	*ret_pick = pick_of(&queue->slots[slot]);
	give_back(queue, slot);
	return true;
}

time_ms schedule_queue_deadline(const struct schedule_queue *queue)
{
	if ((queue->occupied[false] | queue->occupied[true]) != 0)
		return INT64_MIN;
	return queue->heap_count > 0 ? queue->slots[queue->heap[1]].due_at : INT64_MAX;
}

size_t schedule_queue_count(const struct schedule_queue *queue)
{
	return queue->count;
}

size_t schedule_queue_overdue(const struct schedule_queue *queue)
{
	return (size_t)queue->lined[false] + queue->lined[true];
}
