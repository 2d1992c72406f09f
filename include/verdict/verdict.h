/* verdict/verdict: from what was measured to what it means.
 *
 * Pure. The rules are those of the interfaces, sections 1.1 to 1.3: one observation gives
 * one outcome, one reason, notes beside it and at most one suggestion.
 */
#pragma once

#include "base/arena.h"
#include "model/observation.h"
#include "model/outcome.h"
#include "verdict/accept.h"

struct verdict_context {
	struct slice expected_title; /* what the list says; may be empty */
	struct slice fragment;       /* of this link; may be empty */
	/* Where a reader lands, to be found on the page: what the last Location names;
	 * empty: at `fragment`. */
	struct slice landing;
	bool fragment_missing; /* the whole page was read, and nothing on it has that name
				*/
	/* NULL: the ordinary rules. An accepted status is good whatever they say (but a
	 * challenge behind an accepted 2xx still is one); a 2xx that is left out is
	 * http_other; every other status keeps its ordinary meaning. */
	const struct accept *accept;
	time_ms certificate_soon_ms; /* a certificate that ends sooner is noted; 14 d */
};

/* `error` texts and suggestions go into `arena`. With an exhausted arena the outcome and
 * reason are still right, the texts may be missing. Without memory to judge with it is
 * skipped/offline. */
void verdict_give(struct arena *arena, const struct observation *observation,
	const struct verdict_context *context, struct verdict *ret_verdict);

/* The page of an unproven verdict and a made-up address beside it are the same. */
void verdict_turn_soft_404(struct verdict *verdict);

/* What no id of a page need stand for: an empty fragment, "top", a text fragment, and
 * what scripts make of it: client-side routes ("#/", "#!"), lines of code, GitHub's
 * comments. */
bool fragment_needs_no_anchor(struct slice fragment);
