/* extract/html_internal: URLs in HTML text, with the exact place of each attribute value.
 *
 * Shared by whole HTML documents and by the HTML inside Markdown. libxml2 says what the
 * elements and attributes are; the place of a value inside its tag is found again in the
 * bytes, because no parser tells it.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"

/* One URL-valued attribute (href, src, srcset candidates, …) of a start tag. */
struct html_link {
	struct slice url;      /* decoded value */
	size_t offset, length; /* of the raw value within the bytes given */
	bool anchor;           /* an <a href>: text follows; otherwise a resource */
};

struct html_sink {
	void *data;
	int (*on_link)(void *data, const struct html_link *link);
	int (*on_anchor)(
		void *data, struct slice id); /* id of any element, name of <a> */
};

/* Scans one piece of inline HTML or an HTML block out of a Markdown document: a fragment
 * that may begin and end anywhere. Comments, <script>, <style>, <pre>, <code>, <template>
 * content do not count. Linear. Returns 0, or -1 with an error. */
int html_scan_fragment(struct slice bytes, const struct html_sink *sink,
	struct arena *scratch, struct error *error);
