/* extract/html_links: the URLs and ids in one start tag. */
#pragma once

#include "extract/html_internal.h"
#include "extract/html_tokens_internal.h"

/* Where a value is decoded: used again for the next one, grown from the arena. */
struct html_room {
	char *at;
	size_t size;
};

/* Tokens without the content of <template>. */
struct html_scan {
	struct html_tokens tokens;
	uint32_t template_depth;
	struct arena *arena;
	struct html_room value, alt;
	bool failed; /* no memory: values are missing */
};

void html_scan_init(struct html_scan *scan, struct slice bytes, struct arena *arena);

struct html_token html_scan_next(struct html_scan *scan);

/* Calls the sink for each link and id of the tag in the order of its attributes. Stops
 * at, and returns, the first non-zero answer. */
int html_scan_tag(struct html_scan *scan, enum html_element element,
	const struct html_attributes *attributes, const struct html_sink *sink);

/* The charset that a <meta> declares, with what may stand behind it; or empty. */
struct slice html_meta_charset(const struct html_attributes *attributes);

/* A value decoded and trimmed; in `room`, or a view where it needs no decoding. */
struct slice html_scan_decode(
	struct html_scan *scan, struct html_room *room, struct slice raw);
