/* digest/digest: its JSON, which tells everything, incidents or not.
 */
#pragma once

#include "digest/digest.h"

/* -1: no memory for a value; the buffer's own failure is in the buffer. */
int digest_write_json(const struct digest *digest, struct buffer *out);
