/* tests/faults/memory: lets one allocation after the other fail, until a piece of work
 * needs no more.
 *
 * In the same process: the C library's allocator is ours here, also for the libraries; in
 * a sanitizer's build only for our own code, by the linker's --wrap. Every allocation
 * fails twice: alone, and with all that come after it. What the work took and did not
 * give back is a failure (with a sanitizer, that one says so).
 */
#pragma once

#include "lib/test.h"

/* True: the work gave the whole and right result. False: it said that it lacked memory;
 * it asserts itself that nothing else is wrong then. Without a failing allocation it must
 * be true. */
typedef bool memory_work(void *data);

/* Prints how many allocations there were. Fails the test when a result is not whole
 * though nothing failed, when something leaks, or when there is no end. */
void memory_survive(const char *name, memory_work *work, void *data);
