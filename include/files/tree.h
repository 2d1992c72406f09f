/* files/tree: which files an input means.
 *
 * A file is itself, a glob is what it matches, a directory is searched for documents
 * (extract/extract.h names the endings) in byte order of their paths; hidden entries,
 * node_modules and what .gitignore files exclude (those above it in its git work tree,
 * too) are passed over, links to directories are not followed. Of what a glob matches,
 * binary files and ignored directories are passed over. A glob with a part "**", which
 * stands for any number of directories, is such a search, too: of the directory in front
 * of its first wild part, for files that match, or, where it ends with "*" or "**" alone,
 * for documents that do.
 *
 * A document that was found and cannot be looked at is handed on all the same: it is
 * there, and who reads it learns why it cannot be read.
 *
 * A directory that was found and cannot be listed, or lies 64 directories below the one
 * that is searched (bind mounts, an attack), is passed by, and the sink is told.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/slice.h"

struct tree_sink {
	void *data;
	/* `path` lives only during the call. Non-zero stops the walk with -1. */
	int (*on_file)(void *data, const char *path);
	/* What may be in it stays unknown. Both live only during the call. */
	void (*on_unlisted)(void *data, const char *directory, const char *why);
	/* Whether a file name found in a directory is a document. */
	bool (*is_document)(struct slice name);
};

/* -1 with an error: there is nothing of the kind, or it cannot be listed itself. */
int tree_expand(const char *input, const struct tree_sink *sink, struct error *error);

/* Whether the glob may give the path, or a directory that the path lies in, whatever
 * there is at the moment. */
bool tree_glob_holds(const char *glob, const char *path);
