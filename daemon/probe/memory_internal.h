/* probe/memory: whether the libraries below us got all the memory they asked for.
 *
 * OpenSSL, libcurl and c-ares mostly say so in other words when they did not: a handshake
 * that cannot be agreed on, a connection that cannot be made. A link must not be blamed
 * for that, so their allocations go through here, and those that fail are counted.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

/* Sets up libcurl and c-ares with it, and OpenSSL where nobody has used it yet: before
 * that, it stays unwatched. -1: one of them cannot be set up. Each 0 needs its
 * memory_unwatch. */
int memory_watch(void);
void memory_unwatch(void);

/* The kernel's room counts too: a socket that cannot be watched, a file of certificates
 * that cannot be opened. */
void memory_lacked(void);

/* Whether one could be had now: for those who do not say what they lacked. */
bool memory_has_descriptor(void);

/* Both, since the start of the process; from any thread, because the messages' thread has
 * OpenSSL and libcurl, too. */
uint64_t memory_failures(void);

/* How long ago the last of both was; -1: there was none. */
time_ms memory_failed_ago_ms(void);

/* Of those the refused allocations alone: what OpenSSL set up by half without one stays
 * so, a file that could not be opened can be the next time. */
uint64_t memory_refusals(void);
