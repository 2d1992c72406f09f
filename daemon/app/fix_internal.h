/* app/fix: what `fix` knows beside the run of `check` that it is.
 *
 * command_fix.c is the command; fix_targets.c decides what stands instead of a link, by
 * its text, by what this run found (--now) or by a history that it only reads;
 * fix_document.c makes replacements of that in one document and proves them by reading
 * the result again; fix_userinfo.c finds users' names, which are never taken away or
 * told; fix_output.c is the patch, or the files themselves.
 */
#pragma once

#include "app/check_internal.h"
#include "patch/replacement.h"
#include "store/links.h"

/* What the history knows of a link; zeroed: nothing. */
struct fix_known {
	bool found;
	enum state state;
	note_set notes;
	struct slice final_url;
	struct suggestion suggestion;
};

/* What shall stand instead of a link; an empty url: nothing else. */
struct fix_target {
	struct slice url, why;
	bool scheme_only; /* https in place of http, and all else as it is written */
	bool repaired;    /* what was meant by what is written */
};

struct fix_document {
	struct fix_document *next;
	struct slice name;
	enum document_kind kind;
	uint64_t hash;       /* of the bytes that were read */
	struct slice bytes;  /* of what cannot be read again; else a NULL `at` */
	struct link **links; /* of each mention, in order; owned */
	size_t link_count, link_room;
};

struct fix {
	struct run run;
	const char *database; /* NULL: no history. Of argv or of the configuration */
	struct config *config;
	struct arena arena;
	struct fix_document *first, *last;
	struct fix_known *known;    /* by number of the link */
	struct fix_target *targets; /* likewise */
	struct buffer out;          /* the patch */
	uint32_t changed, left;     /* places: rewritten; that should have been */
	bool failed;                /* a file that could not be changed */
};

static inline struct fix *fix_of(struct run *run)
{
	return run->data;
}

/* --- fix_targets.c --- */

/* Reads the history, and gives every link a result that need not be asked. -1 with an
 * error. */
int fix_before_asking(struct run *run, struct error *error);

/* Fills `targets`. -1 with an error: no memory. */
int fix_find_targets(struct fix *fix, struct error *error);

/* --- fix_document.c --- */

/* One place of a document where a URL is written. */
struct fix_place {
	size_t offset, length;
	uint32_t line, column;
	uint64_t url_hash;   /* of the destination without its escapes */
	struct slice wanted; /* of the same; empty: it stays */
	struct slice why;    /* or why it stays in spite of it */
	struct slice was;    /* as written, but without a user's name */
	/* The sentence's at the ends of `was`, which stay. */
	struct slice front, back;
	struct replacement replacement;
	bool refused, bare;
};

struct fix_work {
	const struct fix *fix;
	const struct fix_document *document;
	struct slice bytes;
	struct arena arena;
	struct fix_place *places; /* in the order of the document */
	size_t count;
	uint64_t anchors;         /* a hash of all ids in their order */
	struct replacement *list; /* what shall be made, in order */
	size_t list_count;
	bool failed; /* no memory */
};

/* Finds out what can be rewritten; fix_work_fini in any case. -1 with an error: it has
 * changed since it was read, or no memory. */
int fix_work(struct fix_work *work, const struct fix *fix,
	const struct fix_document *document, struct slice bytes, struct error *error);
void fix_work_fini(struct fix_work *work);

/* --- fix_userinfo.c --- */

/* Whether a browser finds a user's name in the text, or whoever mends it would; then the
 * text in two parts without it, for people. Linear. */
bool fix_hide_userinfo(
	struct slice text, struct slice *ret_front, struct slice *ret_rest);

/* --- fix_output.c --- */

/* Whether an input, or the directory that a pattern begins with, is outside of the
 * current one. git refuses the whole patch for one such name. */
bool fix_lies_elsewhere(const char *path);

/* Every document: into the patch or onto the disk, and what is done on standard error.
 * `failed` tells that one could not be changed, and it has been said why. */
void fix_documents(struct fix *fix);
