/* registry/github: what GitHub's API says of a repository.
 *
 * Pure: makes the question and reads the answer; the conductor asks. Only for links to a
 * repository's root (github.com/OWNER/NAME), and only when a token was given: without one
 * the API allows 60 questions an hour (rot-and-papers 2.5).
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "model/observation.h"

/* The URL to ask, in the arena; empty when `url` is no repository's root. */
struct slice github_question(struct arena *arena, struct slice url);

/* True when the answer is an authority's: the verdict is then replaced by it (ok, moved
 * with the new address as suggestion, registry_missing, legal_block), with the note
 * repository_archived where it applies and GitHub's numbers of it and its owner. Anything
 * else (a rate limit, trouble) leaves the verdict alone. */
bool github_read(struct arena *arena, struct slice url, const struct observation *answer,
	struct verdict *verdict);
