/* base/http_date: the dates in HTTP's headers (RFC 9110 5.6.7).
 *
 * All three forms that a recipient must read: IMF-fixdate, RFC 850 with its two-digit
 * years, and asctime. Strict beyond that: no other spelling, no other zone than GMT.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "base/time.h"

/* `wall` is now: two digits mean the latest such year that is not more than 50 years
 * ahead. False for anything that is no date; *ret_wall is then untouched. */
bool http_date_parse(struct slice value, time_ms wall, time_ms *ret_wall);
