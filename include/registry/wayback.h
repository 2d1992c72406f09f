/* registry/wayback: is there an archived copy?
 *
 * Pure. The Wayback Machine answers /web/URL with a redirect to its newest capture; its
 * availability API is often falsely empty (rot-and-papers 4).
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "model/observation.h"

/* The URL to ask, without following redirects; in the arena. */
struct slice wayback_question(struct arena *arena, struct slice url);

/* True when the answer names a capture, which is then the suggestion. */
bool wayback_read(struct arena *arena, const struct observation *answer,
	struct suggestion *ret_suggestion);
