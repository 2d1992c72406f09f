/* show/standing: links out of the database the way people are told of them.
 *
 * What `status`, `report`, `why`, the pages and the API have in common: finding the link
 * that somebody means, and everything that stands beside its row.
 */
#pragma once

#include "base/arena.h"
#include "format/standing.h"
#include "store/links.h"
#include "store/lists.h"

/* Places of a link that are told of; the count tells of the rest. A place is one place,
 * however many lists have its document. */
enum { SHOW_PLACES_MAX = 64 };

/* The ids of links that somebody means by `text`: as it is stored, as a browser would
 * spell it, without its scheme, and with a user's name, which no link is stored with.
 * *ret_count 0: there are none. -1 with an error. */
int show_find_links(struct store *store, struct slice text, struct arena *arena,
	int64_t *ids, uint32_t ids_max, uint32_t *ret_count, struct error *error);

/* Which places of a link are told of. Zeroed: the first of all lists, and all are
 * counted. */
struct show_places {
	struct slice list; /* empty: all; else only those in its documents */
	/* How many are looked for at most, where that many are enough: the count is of
	 * these then, and so are the lists. 0: all are counted, SHOW_PLACES_MAX told, and
	 * all lists of the link named, whichever is asked for. */
	uint32_t limit;
};

/* All text in `arena`. From within a walk of another store's, `store` must be a second
 * one. -1 with an error. */
int show_standing(struct store *store, const struct store_link *link,
	const struct show_places *places, struct arena *arena,
	struct standing *ret_standing, struct error *error);
