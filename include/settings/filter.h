/* settings/filter: the regular expressions of --include and --exclude.
 *
 * PCRE2, because users bring patterns from lychee and grep -P. The text matched is
 * hostile, so a match has a budget; one that runs out counts as no match.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"
#include "settings/options.h"

struct filter {
	struct filter_pattern *patterns;
	uint32_t count;
};

/* -1 with a sentence that names the option, the pattern and the place of its fault; an
 * empty one is a fault.
 * filter_fini in both cases. */
int filter_init(struct filter *filter, const char *option, const struct texts *patterns,
	struct error *error);
void filter_fini(struct filter *filter);

/* Any pattern found anywhere in the text. False for an empty filter. */
bool filter_matches(const struct filter *filter, struct slice text);
