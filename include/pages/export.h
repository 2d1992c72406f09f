/* pages/export: the site as files, for any web server or GitHub Pages.
 *
 * The pages, badges, feeds and JSON of the built-in server, with addresses that work
 * below any directory, and from disk. The same database at the same day gives the same
 * bytes: a file's time is that of the newest check it tells of. Each file is replaced in
 * one step or, where nothing has changed, not touched, so that whoever copies only what
 * is new (rsync, a commit) has little to do; pages of links come first, also of those
 * that stand on no list any more and are told of in an event, and the overview last, so
 * that what is linked to is there.
 *
 * What an earlier export has written and this one has not is removed in the end: a list
 * of names in DIRECTORY (EXPORT_MANIFEST) knows what was ours, and nothing else is
 * touched: another file in the place of one of ours is an error. One that fails or is
 * killed half-way removes nothing, and what it has added is known to the next, but for
 * the temporary file it was writing (NAME.xxxxxx). One at a time writes a directory; the
 * other is refused.
 * Symbolic links below the directory are not followed, neither to write nor to remove.
 */
#pragma once

#include "pages/pages.h"

#define EXPORT_MANIFEST ".linkrotd-export"

enum {
	/* Two files a link. More than these belong behind a server. */
	EXPORT_LINKS_MAX = 100000,
	EXPORT_PATH_BYTES_MAX = 4096,
};

struct export_counts {
	uint32_t files;   /* of the site */
	uint32_t written; /* of them, new or changed */
	uint32_t removed;
};

struct export_wish {
	struct store *store;
	const struct pages_settings *settings; /* as for a server */
	const char *directory; /* made where there is none, but not its parents */
	time_ms now;           /* wall */
	/* Looked at between two files: once it is set, -1 with an error. May be NULL. */
	const atomic_bool *stop;
};

int export_site(const struct export_wish *wish, struct export_counts *ret_counts,
	struct error *error);
