/* app/lookup: what the short commands need to read the database: which one.
 *
 * With or without a running daemon: the database has everything but the daemon's own
 * state, and that is asked for by control.
 */
#pragma once

#include "base/arena.h"
#include "config/config.h"
#include "show/standing.h"
#include "store/store.h"

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

/* The daemon's own sentences, if one runs: slices of `arena`. 0 when none does. */
uint32_t lookup_daemon_lines(
	const struct lookup *lookup, struct arena *arena, struct slice **ret_lines);
