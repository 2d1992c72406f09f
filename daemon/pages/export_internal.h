/* pages/export_internal: a site under way: what is written (export.c), and how it gets
 * into the directory (export_files.c).
 */
#pragma once

#include "pages/export.h"

struct export
{
	const struct export_wish *wish;
	struct pages pages;
	struct export_counts *counts;
	struct error *error;
	struct arena arena;       /* emptied after each file */
	struct buffer body, name; /* of the next file */
	struct buffer old, path;
	/* A name a line: of this export, and what was ours before it, which `ours` has in
	 * order. */
	struct buffer manifest, before;
	struct export_lines {
		struct slice *at;
		size_t count;
	} ours;
	int lock;   /* the directory, locked; -1: not */
	bool noted; /* a name was added to the file of the manifest */
};

void export_init(struct export *export);
void export_fini(struct export *export);

/* The directory is there, and what the last export wrote is known. */
int export_begin(struct export *export);

/* What is in `body`, under `name`. A file that is there, is not ours and says something
 * else is an error. The name is noted before the first byte is written, so that whatever
 * ends this process, the next export knows the file. */
int export_put(struct export *export, struct slice name);

/* What only the last one wrote is removed, if all is well so far. Returns `result`, or -1
 * where that fails. */
int export_end(struct export *export, int result);
