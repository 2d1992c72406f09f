/* verdict/gate: a server that refuses robots, or wants a login, says nothing of the link.
 *
 * By status (401, 403, 407, 429, 451, 999 and other refusals), by headers of known bot
 * walls, by where it sent us (/login, /challenge, consent pages) and by what the page is
 * (challenge templates, "Just a moment…", a login or a notice in the page's place, a 202
 * with nothing in it). A body that is a challenge is never content.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "model/observation.h"
#include "model/outcome.h"

/* True with the reason (auth_required, forbidden, rate_limited, challenge, legal_block,
 * refused_other) when the observation is a gate, or with `offline` when memory ended on
 * the way to an answer. *ret_why is a constant sentence. */
bool gate_check(const struct observation *observation, enum reason *ret_reason,
	const char **ret_why);

/* Whether nothing but the address that it was sent to, on the same host, speaks for a
 * gate: the page has much to read, and neither the words nor the form of one. An arena
 * without memory makes no answer of it. */
bool gate_is_by_address(struct arena *scratch, const struct observation *observation);
