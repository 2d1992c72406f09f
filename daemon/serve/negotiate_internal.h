/* serve/negotiate: conditions and encodings of requests (RFC 9110 8.8, 12.5, 13).
 *
 * Pure: header values in, decisions out.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "base/time.h"

/* The list names the tag, or is `*`. `tag` and the members of the list are compared
 * weakly: without `W/`. `tag` stands in its quotes. What is no entity tag ends the list.
 */
bool negotiate_etag_matches(struct slice if_none_match, struct slice tag);

/* A valid date that is not before `last_modified`, to the second. */
bool negotiate_not_modified_since(
	struct slice if_modified_since, time_ms last_modified, time_ms wall);

/* gzip by name or by `*`, with a quality above 0. */
bool negotiate_accepts_gzip(struct slice accept_encoding);

enum { NEGOTIATE_DATE_SIZE = 32 };

/* "Sun, 06 Nov 1994 08:49:37 GMT"; years 1970 to 9999, others are clamped. */
void negotiate_format_date(time_ms wall, char text[static NEGOTIATE_DATE_SIZE]);
