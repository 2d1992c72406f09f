/* extract/html_internal: URLs in HTML text, with the exact place of each attribute value.
 *
 * Shared by whole HTML documents and by the HTML inside Markdown, on top of our own
 * tokeniser (html_tokens_internal.h says why).
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/slice.h"
#include "extract/extract.h"

/* One URL-valued attribute (href, src, srcset candidates, …) of a start tag. */
struct html_link {
	struct slice url;      /* decoded value, without white space around it */
	size_t offset, length; /* of the raw value within the bytes given */
	bool anchor;           /* an <a href>: text follows; otherwise a resource */
	struct slice alt;      /* the alt text of an image, area or input, or empty */
};

struct html_sink {
	void *data;
	int (*on_link)(void *data, const struct html_link *link);
	int (*on_anchor)(
		void *data, struct slice id); /* id of any element, name of <a> */
};

/* An alt text is cut there: each candidate of a srcset repeats it. */
enum { HTML_ALT_MAX = 1024 };

/* Values that need decoding and are longer than this are passed on as written: neither a
 * URL nor an id is that long. */
enum { HTML_VALUE_MAX = 64 * 1024 };

/* Scans one piece of inline HTML or an HTML block out of a Markdown document: a fragment
 * that may begin and end anywhere. Comments and the content of <script>, <style> and
 * <template> do not count; an <a href> inside <pre> or <code> does, because browsers make
 * it a link. Linear; takes at most a few times HTML_VALUE_MAX from `scratch`. Returns 0,
 * or -1 with an error: no memory, or the sink's stop (the sink may set the error itself).
 */
int html_scan_fragment(struct slice bytes, const struct html_sink *sink,
	struct arena *scratch, struct error *error);

/* extract_html without a look at the charset: an HTML block's is its document's. */
int html_read_utf8(
	struct slice bytes, const struct extract_sink *sink, struct error *error);

/* The text of each of <h1> to <h6> that is closed in the same bytes, without its tags but
 * not decoded. Returns 0; the answer of `on_heading` unless it is 0; -1 with an error. */
int html_scan_headings(struct slice bytes,
	int (*on_heading)(void *data, struct slice raw), void *data, struct error *error);
