/* model/identity_internal: what a person meant who wrote a URL that cannot work. */
#pragma once

#include "base/arena.h"
#include "model/outcome.h"
#include "model/url.h"

/* url_parse with three answers: 1 parsed, 0 not a URL, -1 the arena is exhausted. */
int identity_parse(struct arena *arena, struct slice text, const struct url *base,
	struct url *ret_url);

/* `head` and `tail` in one piece; at is NULL when the arena is exhausted. */
struct slice identity_join(struct arena *arena, struct slice head, struct slice tail);

/* Fills *suggestion with the canonical http(s) URL `text` and the reason why, unless it
 * is none that a person would write: the host must be an address, localhost or have a
 * dot. -1: arena exhausted. */
int identity_suggest(struct arena *arena, struct slice text, const char *why,
	struct suggestion *suggestion);

/* What a text that is meant to be an http(s) URL begins with: a word that is or nearly is
 * http or https, and slashes. */
struct beginning {
	struct slice scheme; /* as it was meant; empty: no such text */
	struct slice rest;   /* behind the slashes */
	bool exact;          /* spelt "http://" or "https://" */
};

struct beginning repair_beginning(struct slice text);

/* The repair of a destination that begins so, or that has quotes or invisible characters
 * around it or in it; leaves *suggestion alone when there is none. -1: arena exhausted.
 */
int repair(struct arena *arena, struct slice text, struct suggestion *suggestion);
