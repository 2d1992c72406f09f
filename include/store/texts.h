/* store/texts: what is kept of a link in words.
 *
 * All slices may be empty; nothing is stored for those. Longer ones are cut at the end of
 * a UTF-8 sequence: STORE_TEXT_BYTES_MAX, URLs STORE_URL_BYTES_MAX.
 */
#pragma once

#include "base/slice.h"
#include "model/outcome.h"

enum {
	STORE_TEXT_BYTES_MAX = 1024,
	STORE_URL_BYTES_MAX = 16 * 1024,
	STORE_ETAG_BYTES_MAX = 256, /* a longer one is not kept: half of it is none */
};

struct store_texts {
	struct slice final_url; /* of the last check that reached one */
	struct slice title;
	struct slice error; /* of the last check, one sentence */
	struct slice etag, last_modified;
	struct suggestion suggestion;
};
