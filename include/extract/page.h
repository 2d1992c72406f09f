/* extract/page: what a fetched page says of itself, read while it arrives.
 *
 * A push reader on our own tokeniser (daemon/extract/html_tokens_internal.h says why not
 * libxml2's) that takes the body in pieces, keeps facts and never the text. It says when
 * it has seen enough, so that the transfer can stop early. The pieces make no difference
 * to the facts. Linear in the bytes fed, below 60 µs for a page of 10 KiB; memory is
 * bounded by the arena it was given and about 128 KiB for a token cut in two.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "model/observation.h"

struct page;

struct page_options {
	bool anchors; /* collect ids and names too; then only the end is enough */
	/* Visible text to read beyond the head before enough is known (0: the head is
	 * enough). Titles of error pages are often only in <h1>. */
	uint32_t text_bytes_wanted;
	/* Keep the lines that arXiv and GitHub put above what they show. They are known
	 * by the classes of their elements, which people's own text cannot have there:
	 * GitHub takes `class` out of what it shows, arXiv escapes it. Also GitHub's
	 * numbers, which stand in the head. */
	bool boxes;
	/* Read to the end whatever comes, for a sketch of all the text. */
	bool whole;
};

/* Facts are kept in `arena`, which must outlive the page. `charset` is the one of the
 * Content-Type header, or empty. NULL: no memory. */
struct page *page_new(
	struct arena *arena, struct slice charset, struct page_options options);

/* True: enough is known, further bytes change nothing. */
bool page_feed(struct page *page, struct slice bytes);

/* Ends the parse and fills in the facts. May be called once. `whole` says that all bytes
 * fed were read; whether more would have come only the caller knows. */
void page_finish(struct page *page, struct page_facts *ret_facts);

/* After page_finish: the ids and names found, in the arena. */
const struct slice *page_anchors(const struct page *page, uint32_t *ret_count);

/* Likewise: whether they are all there are in the bytes fed. Not so when a tag was too
 * long to hold, or the arena ended. */
bool page_anchors_complete(const struct page *page);

void page_free(struct page *page);

/* Whether a body of this kind is worth parsing: HTML by its media type, or by its first
 * bytes where the type is missing. */
bool page_is_html(struct slice content_type, struct slice first_bytes);
