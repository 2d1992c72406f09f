/* verdict/fragment, inside: places on a page that its script makes. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* Whether the script of the site at `url`, not its HTML, makes places of this name, so
 * that they cannot be told: comments, events, tabs, lines, the time in a video. Beyond
 * what fragment_needs_no_anchor() says of any page, because a document may have a
 * heading of that name. */
bool fragment_is_of_script(struct slice url, struct slice fragment);
