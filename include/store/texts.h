/* store/texts: what is kept of a link in words.
 *
 * All slices may be empty; nothing is stored for those. Longer ones are cut at the end of
 * a UTF-8 sequence: STORE_TEXT_BYTES_MAX, URLs STORE_URL_BYTES_MAX.
 */
#pragma once

#include "base/arena.h"
#include "base/slice.h"
#include "model/link.h"
#include "model/outcome.h"

enum {
	STORE_TEXT_BYTES_MAX = 1024,
	STORE_URL_BYTES_MAX = 16 * 1024,
	STORE_REDIRECTS_MAX = 20,
	STORE_ETAG_BYTES_MAX = 256, /* a longer one is not kept: half of it is none */
};

struct store_texts {
	struct slice final_url; /* of the last check that reached one */
	struct slice title;
	struct slice error; /* of the last check, one sentence */
	struct slice etag, last_modified;
	struct suggestion suggestion;
	/* Of the last check that was answered, packed as below. */
	struct slice redirects;
};

/* The hops of a chain as one text, which most links do without. The first
 * STORE_REDIRECTS_MAX, and no more than fit into STORE_URL_BYTES_MAX; a URL has no line
 * feed in it. Empty without memory, too. */
struct slice store_pack_redirects(
	struct arena *arena, const struct redirect *redirects, uint32_t count);

/* Copies what was packed; what is no hop is left out. Returns how many. */
uint32_t store_unpack_redirects(struct arena *arena, struct slice packed,
	struct redirect redirects[static STORE_REDIRECTS_MAX]);
