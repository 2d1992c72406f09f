/* run/lists_documents: the documents of lists, for the files of lists alone.
 *
 * The table of what the store knows by (list, name), and the one reading that is on its
 * way into the store (lists_write.c).
 */
#pragma once

#include "base/table.h"
#include "run/lists.h"

/* The end of the sentence of a document that is empty all of a sudden: by it a restart
 * knows since when. */
#define LISTS_EMPTIED "that is believed when it is still so in a day"

struct list_document {
	struct list in_all;
	struct list_document *next; /* in `pending` */
	uint64_t item;              /* of its end; 0: nothing pending */
	int64_t told;               /* places of it, as store_walk_due_of_source counts */
	uint64_t hash;
	uint32_t places;            /* occurrences of its last good reading */
	time_ms emptied_at;         /* since then it holds none; 0: it does */
	char *etag, *last_modified; /* of one on the web; owned, may be NULL */
	bool seen;                  /* in the reading at hand */
	bool unwanted;              /* to be retired when the writer has room */
	bool ended;                 /* it was a directory's trouble, and that is over */
	bool failing;               /* and the journal was told */
	const struct list_source *holder; /* saw it last; NULL: nobody has yet */
	UT_hash_handle hh;
	size_t list_len, name_len;
	char key[]; /* list, NUL, name, NUL */
};

static inline struct slice list_of(const struct list_document *document)
{
	return (struct slice){ document->key, document->list_len };
}

static inline struct slice name_of(const struct list_document *document)
{
	return (struct slice){ document->key + document->list_len + 1,
		document->name_len };
}

/* Finds or makes it. NULL: no memory. */
struct list_document *lists_document_of(
	struct lists *lists, struct slice list, struct slice name);
/* NULL: there is none. */
const struct list_document *lists_find_document(
	const struct lists *lists, struct slice list, struct slice name);
void lists_set_validators(
	struct list_document *document, struct slice etag, struct slice last_modified);
void lists_drop(struct lists *lists, struct list_document *document);

/* Puts what was read and waits, as far as the writer has room. */
void lists_write_on(struct lists *lists, time_ms now);
