/* ask/duplicates: links of one run that lead to the same page under different URLs.
 *
 * They are the same thing, listed twice: with http and https, by an old address and its
 * new one, over a shortener. Pure: it reads the results of a table whose checks are done.
 */
#pragma once

#include "model/link.h"

/* Adds NOTE_DUPLICATE to every link that is well (ok or moved) and whose last hop,
 * without scheme and fragment, is that of another such link with another request. A
 * site's first page is nobody's page: where a path is `/`, nothing is said, because there
 * dead pages are sent, too. O(n log n), 16 bytes a link for the moment; -1: no memory,
 * and nothing is noted. */
int duplicates_note(struct link_table *table);
