/* policy/wishes: the pace that well-known hosts ask for.
 *
 * Built-in entries for the hosts that scholarly lists and awesome lists are made of, by
 * pacing key (model/host.h); the figures come from their terms and robots.txt, or from
 * what Repology found to be borne (rot-and-papers 6.1).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

struct wish {
	const char *key;
	uint32_t concurrency;
	time_ms interval_ms;
};

extern const struct wish wishes[];
extern const size_t wish_count;
