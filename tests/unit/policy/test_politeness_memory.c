/* The pacer when memory runs out, and what it gives back. The sources are included with
 * an allocator that fails on demand. */
#include "lib/test.h"

#include <stdlib.h>

static long allocations_left = -1; /* -1: no end */
static long blocks_alive;

static bool may_allocate(void)
{
	if (allocations_left == 0)
		return false;
	if (allocations_left > 0)
		allocations_left--;
	return true;
}

static void *scarce_calloc(size_t count, size_t size)
{
	void *at = may_allocate() ? calloc(count, size) : NULL;
	blocks_alive += at != NULL;
	return at;
}

static void *scarce_reallocarray(void *old, size_t count, size_t size)
{
	void *at = may_allocate() ? reallocarray(old, count, size) : NULL;
	blocks_alive += at != NULL && old == NULL;
	return at;
}

static void counted_free(void *at)
{
	blocks_alive -= at != NULL;
	free(at);
}

#define calloc                 scarce_calloc
#define reallocarray           scarce_reallocarray
#define free                   counted_free
#define uthash_malloc(size)    scarce_calloc(1, size)
#define uthash_free(ptr, size) counted_free(ptr)

#include "base/heap.c"
#include "policy/politeness.c"

enum { TURNS = 60 };

static struct slice key_of(uint32_t number, char text[static 8])
{
	int len = snprintf(text, 8, "h%u", number);
	return (struct slice){ text, (size_t)len };
}

/* Puts turns of many hosts in line with memory for `budget` allocations; those that got
 * no place must have left no trace, the others must all come through. Returns whether
 * everything got its place. */
static bool run_with(long budget)
{
	struct pacer_limits limits = { TURNS, 1, 10, 4 };
	struct turn turns[TURNS] = { 0 };
	uint32_t placed = 0, granted = 0;
	char text[8];

	allocations_left = budget;
	struct pacer *pacer = pacer_new(&limits);
	if (pacer == NULL)
		return false;
	for (uint32_t i = 0; i < TURNS; i++) {
		struct slice key = key_of(i % 40, text);
		time_us earliest = i % 3 == 0 ? 100 + i : 0;
		if (pacer_wait(pacer, &turns[i], key, earliest, 0) == 0) {
			placed++;
		} else {
			assert_int_equal(turns[i].state, TURN_NONE);
			assert_null(turns[i].host);
		}
		if (i == 20)
			(void)pacer_set_host(pacer, SLICE("own"), 1, 7);
		if (i == 30)
			pacer_pause(pacer, SLICE("paused"), 50, 0);
	}
	allocations_left = 0; /* from here on nothing may ask for memory */
	for (time_us now = 0; now < 400; now++) {
		struct turn *turn;
		while ((turn = pacer_next(pacer, now)) != NULL) {
			pacer_sent(pacer, turn, now);
			pacer_done(pacer, turn, now);
			granted++;
		}
	}
	assert_int_equal(granted, placed);
	pacer_free(pacer);
	return placed == TURNS;
}

static void no_memory_leaves_everything_as_it_was(void **state)
{
	(void)state;
	long budget = 0;

	while (!run_with(budget)) {
		assert_int_equal(blocks_alive, 0);
		budget++;
		assert_true(budget < 1000);
	}
	assert_int_equal(blocks_alive, 0);
	assert_true(budget > 40); /* at least one a host */
	allocations_left = -1;
}

static void idle_hosts_are_given_back(void **state)
{
	(void)state;
	struct pacer_limits limits = { 4, 1, 10, 4 };
	struct turn turn = { 0 };
	char text[8];
	struct pacer *pacer = pacer_new(&limits);
	assert_non_null(pacer);

	/* 100 hosts within one interval: none may be forgotten yet. */
	for (uint32_t i = 0; i < 100; i++) {
		assert_int_equal(pacer_wait(pacer, &turn, key_of(i, text), 0, 0), 0);
		assert_ptr_equal(pacer_next(pacer, 0), &turn);
		pacer_sent(pacer, &turn, 0);
		pacer_done(pacer, &turn, 0);
	}
	assert_true(blocks_alive >= 100);
	pacer_pause(pacer, SLICE("h7"), 1000, 0);
	/* The interval is over; the paused one stays, and 4 others may. */
	assert_int_equal(pacer_wait(pacer, &turn, SLICE("h8"), 0, 10), 0);
	pacer_done(pacer, &turn, 10);
	assert_true(blocks_alive < 20);
	assert_int_equal(pacer_wait(pacer, &turn, SLICE("h7"), 0, 20), 0);
	assert_int_equal(pacer_deadline(pacer, 20), 1000);
	pacer_done(pacer, &turn, 20);
	pacer_free(pacer);
	assert_int_equal(blocks_alive, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_memory_leaves_everything_as_it_was),
		cmocka_unit_test(idle_hosts_are_given_back),
	};
	return cmocka_run_group_tests_name("politeness memory", tests, NULL, NULL);
}
