/* run/lookup: what the short commands need to read the database: which one, and a link
 * the way reports want it.
 *
 * With or without a running daemon: the database has everything but the daemon's own
 * state, and that is asked for by control.
 */
#pragma once

#include "base/arena.h"
#include "config/config.h"
#include "format/standing.h"
#include "store/links.h"
#include "store/lists.h"

struct lookup {
	struct config *config; /* NULL: --database was given, or there is no file */
	const char *database;
	struct store *store;
	struct store *beside; /* for questions from within a walk */
};

/* `database` (--database) or that of the configuration `config` (-c; NULL: the usual
 * ones). Exit status 0, or one of enum exit_status after a sentence on standard error. */
int lookup_open(struct lookup *lookup, const char *config, const char *database);
void lookup_close(struct lookup *lookup);

/* The ids of links that somebody means by `text`: as it is stored, as a browser would
 * spell it, and without its scheme. *ret_count 0: there are none. -1 with an error. */
int lookup_find(struct store *store, struct slice text, struct arena *arena, int64_t *ids,
	uint32_t ids_max, uint32_t *ret_count, struct error *error);

/* Places of a link that are told of; the count tells of the rest. */
enum { LOOKUP_PLACES_MAX = 64 };

/* All text in `arena`. -1 with an error. */
int lookup_standing(struct lookup *lookup, const struct store_link *link,
	struct arena *arena, struct standing *ret_standing, struct error *error);

/* The daemon's own sentences, if one runs: slices of `arena`. 0 when none does. */
uint32_t lookup_daemon_lines(
	const struct lookup *lookup, struct arena *arena, struct slice **ret_lines);
