/* extract/title_internal: which texts name nothing. */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* "Paper", "[pdf]", "read more", "https://…", "1", an emoji, nothing at all. */
bool title_is_generic(struct slice text);

/* Or a mail address. */
bool title_is_url(struct slice text);

/* Whether a link between these two stands within a sentence: "You can find the [docs] on
 * our site", "Click [here] to read more". What is left of such a sentence is no title.
 * Told by the English words next to the link; where they tell nothing, it may be one. */
bool title_is_in_sentence(struct slice before, struct slice behind);
