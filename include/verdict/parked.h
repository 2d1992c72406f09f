/* verdict/parked: a domain that was given up and now holds advertisements or is for sale.
 *
 * One strong sign is enough: we were sent to a marketplace for domains, or the page says
 * so and shows little else, or has the bytes that only parking services write. Weak
 * signs, an address in the nets of these services (TMA 2022, tma22-parking) and a page
 * that is nothing but its domain's name, count only together. A page with the list's
 * title is never parked, nor is a link that itself names a marketplace.
 */
#pragma once

#include <stdbool.h>

#include "model/observation.h"
#include "verdict/title.h"

/* *ret_why is a constant sentence. Redirects are judged whatever the status at their end,
 * pages only when it is 200. */
bool parked_check(
	const struct observation *seen, enum title_match match, const char **ret_why);
