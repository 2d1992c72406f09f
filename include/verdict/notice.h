/* verdict/notice: what a page or its server says of the standing of the thing itself.
 *
 * Pure. A paper is withdrawn or retracted, a repository is archived, there is a newer
 * version. A false note is worse than none, so only what a reader of the page cannot
 * have written counts: a publisher's mark before the title, a header, and on the few
 * hosts that are known the lines that they themselves put above what they show.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "model/observation.h"

/* Whether pages of this host have such lines (page_options.boxes), and how many bytes of
 * visible text may stand before them, its menus above all. */
bool notice_host(struct slice host, uint32_t *ret_text_bytes);

/* Of a page that is alive: notes, and the numbers of a repository where the link itself
 * names one. With an exhausted `scratch` some may be missing. */
void notice_read(
	struct arena *scratch, const struct observation *seen, struct verdict *verdict);
