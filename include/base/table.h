/* base/table: uthash as this house uses it.
 *
 * Include this instead of <uthash.h>: the keyed hash of base/hash.h (list entries are
 * hostile), and no exit() when memory runs out: the element is then left with
 * `hh.tbl == NULL`, which the caller of an add must look at.
 */
#pragma once

#include <stdint.h>

#include "base/hash.h"

/* Set once at start from the system's randomness; 0 in tests. */
extern uint64_t table_seed;

#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(keyptr, keylen, hashv)                                             \
	((hashv) = (unsigned)hash_bytes(                                                 \
		 (struct slice){ (const char *)(keyptr), (size_t)(keylen) },             \
		 table_seed))
#define uthash_nonfatal_oom(element) ((element)->hh.tbl = NULL)

/* uthash's macros cast away const and mix signs; the warnings are silenced for the
 * includer by treating it as the system header it is. */
#include <uthash.h>
