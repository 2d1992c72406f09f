/* extract/slug: the ids that GitHub gives to headings.
 *
 * The rules were taken from github-slugger's description and fixtures (which ask GitHub):
 * full Unicode lower case; keep alphabetic characters, marks, decimal numbers, letter
 * numbers, connector punctuation, ASCII hyphen and space; each space becomes a hyphen;
 * a slug that is taken gets -1, -2, …, and the suffixed one is taken from then on.
 */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

struct slugs; /* the ids given out in one document */

/* Owned by the caller; ended by slugs_free. NULL: no memory. */
struct slugs *slugs_new(void);
void slugs_free(struct slugs *slugs);

/* The id of the next heading, whose plain text is `heading`: images have none, and the
 * spaces beside them are not trimmed. In the arena; a NULL `at` when memory ends. */
struct slice slugs_next(struct slugs *slugs, struct arena *arena, struct slice heading);

/* The id that a heading states for itself, as Pandoc, kramdown, Docusaurus and Quarto
 * read it: "Title {#id .class}", "Title {: #id}". Empty: none. GitHub knows no such thing
 * and makes the whole text an id. */
struct slice slug_written(struct slice heading);
