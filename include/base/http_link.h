/* base/http_link: the Link header (RFC 8288).
 *
 * A header may have many links. What does not keep to the grammar ends the reading:
 * behind it nobody knows where a link begins.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

enum { HTTP_LINKS_MAX = 64 }; /* of one header; those behind are not looked at */

/* The target of the first link that has `relation` among its relation types, as written,
 * a view of `value`. A link with an anchor is of another resource and passed over. False:
 * there is none; *ret_target is then untouched. */
bool http_link_find(struct slice value, struct slice relation, struct slice *ret_target);
