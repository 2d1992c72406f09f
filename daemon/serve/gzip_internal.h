/* serve/gzip: bodies made smaller.
 *
 * One stream is kept and used again, because setting it up costs 260 KB and more time
 * than a small body. Level 1: a page of 60 KB then takes about 0.7 ms.
 */
#pragma once

#include "base/buffer.h"
#include "base/slice.h"

struct gzip;

/* NULL without memory. */
struct gzip *gzip_new(void);
void gzip_free(struct gzip *gzip);

/* Appends the compressed bytes. False, with `out` as it was, when they would not be
 * fewer. */
bool gzip_pack(struct gzip *gzip, struct slice bytes, struct buffer *out);
