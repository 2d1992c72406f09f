/* tests/verdict/observed: observations written as one line.
 *
 * "https://a.org/x 301 https://b.org/x 200": what was asked and what it answered, hop by
 * hop. A status with an `r` behind it sent us on by meta refresh; `-` is no answer.
 */
#pragma once

#include "lib/test.h"

#include "model/observation.h"

struct observed {
	struct observation seen;
	struct hop hops[16];
};

static inline int observed_status(struct slice word, enum hop_via *ret_via)
{
	uint64_t status = 0;

	*ret_via = slice_ends(word, SLICE("r")) ? HOP_VIA_META_REFRESH : HOP_VIA_STATUS;
	if (*ret_via == HOP_VIA_META_REFRESH)
		word.len--;
	if (!slice_equal(word, SLICE("-")) && !slice_to_number(word, 999, &status))
		fail_msg("\"%.*s\" is no status", SLICE_ARG(word));
	return (int)status;
}

static inline void observe(struct observed *observed, const char *chain)
{
	struct slice rest = slice_of(chain), word;
	uint32_t count = 0;

	*observed = (struct observed){ .seen = { .retry_after_ms = -1 } };
	while (slice_split(&rest, ' ', &word)) {
		assert_true(count < 16);
		struct hop *hop = &observed->hops[count];
		hop->url = slice_sub(word, 0, slice_find_char(word, '#'));
		observed->seen.final_url = word;
		if (count > 0)
			hop[-1].target = word;
		assert_true(slice_split(&rest, ' ', &word));
		hop->status = observed_status(word, &hop->via);
		count++;
	}
	observed->hops[count - 1].via = HOP_VIA_NONE;
	observed->seen.hops = observed->hops;
	observed->seen.hop_count = count;
	observed->seen.http_status = observed->hops[count - 1].status;
	observed->seen.page.refresh_delay_s = -1;
}
