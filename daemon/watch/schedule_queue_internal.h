/* The inside of the queue, for schedule_queue.c and for schedule_absence.c, which gives
 * new places to what is late. */
#pragma once

#include "watch/schedule.h"

/* Classes of interval, in steps of a square root of two from one minute on: 64 of them
 * reach 2^32 minutes. */
enum { CLASSES = 64 };

#define NO_SLOT UINT32_MAX

/* A link that waits. `place` is where it stands in the heap, from 1; 0: it stands in the
 * line of its class, between `next` and `previous`. */
struct slot {
	int64_t link_id; /* 0: free, and `next` is the next free one */
	time_ms due_at;
	uint32_t interval_s : 31;
	uint32_t urgent : 1;
	uint32_t place;
	uint32_t next, previous;
};
_Static_assert(sizeof(struct slot) == 32, "a million of them is meant to be cheap");

struct line {
	uint32_t first, last;
};

__extension__ typedef __int128 wide;

struct schedule_queue {
	struct slot *slots;
	uint32_t *heap;  /* slots by due_at; from 1 */
	uint32_t *index; /* link_id to slot + 1, open addressing; 0: empty */
	uint32_t room, count, heap_count, free;
	uint32_t index_mask;
	uint32_t urgent_in_a_row;
	uint32_t lined[2];
	uint64_t occupied[2]; /* classes whose line is not empty, by urgent */
	struct line lines[2][CLASSES];
};

unsigned schedule_class_of(uint32_t interval_s);

/* The first `count_max` of what is due stand in line from now on. They come in order of
 * due time, so that the first of a line is its latest one. */
void schedule_line_up(struct schedule_queue *queue, time_ms now, uint32_t count_max);

/* Out of its line, to where it waits for `due_at`. */
void schedule_leave_line(struct schedule_queue *queue, uint32_t slot, time_ms due_at);
