/* sources/sources: from the inputs a user names to links with their places.
 *
 * Reads what each input means (files/), extracts the mentions (extract/), gives them
 * their identity (model/) and decides what needs no network: anchors of the document
 * itself, paths on disk, spellings that cannot work. The link table is the result.
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "extract/extract.h"
#include "model/link.h"
#include "model/url.h"
#include "settings/filter.h"
#include "sources/local.h"

struct sources {
	struct link_table *table;          /* borrowed; filled */
	const struct filter *exclude_path; /* borrowed */
	struct arena arena;                /* names and ids, for the whole run */
	struct buffer bytes;               /* the document at hand */
	struct local local;                /* what the disk says of relative links */
	struct source_file *files;         /* given already */
	const char *input;                 /* at hand, as the user named it */
	struct error *error;               /* of the walk under way */
	uint32_t document_count;
	uint32_t unreadable; /* files and directories below, and those of globs */

	/* For whoever wants each document by itself; zero for `check`. `data` is the
	 * first argument of all. */
	void *data;
	/* The table for the document that is read next; `hash` is that of its bytes.
	 * NULL ends the reading. */
	struct link_table *(*table_for)(void *data, struct slice name, uint64_t hash);
	/* These very bytes are known already: the document is not read further. NULL:
	 * none is. */
	bool (*is_known)(void *data, struct slice name, uint64_t hash);
	/* Each document in front of its reading, and each of its mentions with the link
	 * it became, in the order of the document. -1 ends the reading: out of memory. */
	int (*on_document)(void *data, struct slice name, enum document_kind kind,
		struct slice bytes);
	int (*on_mention)(void *data, const struct mention *mention, struct link *link);
	/* Set by another thread: what is read is not wanted any more, and the reading
	 * ends with an error. NULL: nobody will. */
	const _Atomic(bool) *stop;
	/* Nobody is there who could end the wait for a pipe. */
	bool regular_only;
	/* Instead of a line on standard error; of a directory, too: what is below it is
	 * not gone. */
	void (*on_unreadable)(void *data, struct slice path, const struct error *error);
};

void sources_init(struct sources *sources, struct link_table *table,
	const struct filter *exclude_path);
void sources_fini(struct sources *sources);

/* An http(s) URL: it must be fetched, and then given to sources_read. */
bool source_is_remote(const char *input);

/* Whether a document of this name was found by this input: it is the same, lies in that
 * directory, or fits that pattern. */
bool source_holds(const char *input, const char *document);

/* A file, glob, directory or "-". -1 with an error: what was read so far stays. */
int sources_add(struct sources *sources, const char *input, struct error *error);

/* Whether the file at `path` was read as a source, by whatever path. */
bool sources_have(const struct sources *sources, const char *path);

/* One document: its bytes, the name it has in reports, and for a fetched one its URL. */
int sources_read(struct sources *sources, struct slice name, enum document_kind kind,
	struct slice bytes, const struct url *base, struct error *error);

/* One that was fetched: `url` is where it was found in the end. */
int sources_read_fetched(struct sources *sources, struct slice url,
	struct slice content_type, struct slice bytes, struct error *error);
