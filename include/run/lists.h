/* run/lists: the lists that are watched, and the sources they are made of.
 *
 * Reads each source when its refresh is due or when it was touched, hands what is new to
 * the store, and tells the conductor of the links that stand in it once that is
 * committed. A document whose bytes are those of the last time costs nothing more.
 *
 * A configured source is one document (a file, a URL) or finds several (a directory, a
 * glob); the store knows documents, each by its own path, because that is what a person
 * wants to be told. One that cannot be read keeps the links it had; one that a directory
 * does not hold any more leaves with its links.
 *
 * One lists, one loop, one thread; store/ and the reader are borrowed.
 */
#pragma once

#include "config/config.h"
#include "files/watch.h"
#include "process/journal.h"
#include "sources/reading.h"
#include "store/links.h"
#include "store/lists.h"
#include "store/writer.h"

/* A source as it is configured. */
struct list_source {
	const struct config_list *list;
	const char *name;
	time_ms read_next_at; /* wall */
	bool reading;
	bool failed; /* the last time; on the web only */
	bool tried;  /* read once, be it in vain */
};

/* A document that the store knows. */
struct list_document;

/* A document that is on its way into the store. */
struct list_writing {
	struct reading *reading; /* NULL: none */
	struct list_source *source;
	uint32_t document;
	bool begun; /* this document's reading has been put */
	const struct link *link;
	const struct occurrence *occurrence;
};

struct lists_calls {
	/* A link that stands in a source that was just committed. */
	void (*on_link_found)(void *data, const struct store_due *due);
	/* A source was touched or read: lists_tick wants to be called. */
	void (*on_touched)(void *data);
	void *data;
};

struct lists {
	const struct config *config;
	struct store *store; /* to read */
	struct store_writer *writer;
	struct journal *journal;
	struct reader *reader;
	struct watcher *watcher; /* of the sources on disk; NULL: none, or closed */
	struct lists_calls calls;
	struct list_source *sources;
	uint32_t source_count;
	struct list_document *documents; /* by list and name */
	struct list all_documents;
	struct list_document *pending; /* put, not yet committed; oldest first */
	struct list_document **pending_end;
	struct list_writing writing;
	struct reading *waiting[64]; /* read, not yet begun to be written */
	uint32_t waiting_count;
	bool in_doubt; /* the conductor's: this machine may be cut off from the web */
	uint64_t committed; /* the last item that is durable */
	uint32_t told;      /* links, since memory was last given back */
	bool put;           /* the lists are in the store */
	bool unwanted;      /* some document is */
	bool failed;        /* out of memory: something was left out */
};

/* Puts the configured lists into the store, retires what is not configured any more, and
 * plans the first readings. -1 with an error; lists_fini in both cases. */
int lists_init(struct lists *lists, const struct config *config, struct store *store,
	struct store_writer *writer, struct journal *journal, struct reader *reader,
	const struct lists_calls *calls, time_ms now, struct error *error);
void lists_fini(struct lists *lists);

/* The sources of a configuration, to be read at `now`, the last one without a list. On
 * the heap; NULL: no memory, so that a reload can be refused before anything is changed.
 */
struct list_source *lists_plan(const struct config *config, time_ms now);

/* Another configuration with its plan, which is taken over, and a new reader for it (the
 * old one is closing); the store is the same, so what is known and what is on its way
 * into it stays. Everything is read again. */
void lists_reload(struct lists *lists, const struct config *config,
	struct list_source *sources, struct reader *reader);

/* Stops watching the disk; for when the loop is about to end. */
void lists_close(struct lists *lists);

/* Begins the readings that are due, goes on with what waits for the writer, tells some of
 * the links that were committed. Returns when it wants to be called again (wall);
 * INT64_MAX: not before something else happens. */
time_ms lists_tick(struct lists *lists, time_ms now);

/* Whether each source was tried since the start or the reload, and what it holds is in
 * the store. */
bool lists_are_read(const struct lists *lists);

/* The reader's on_read. */
void lists_on_read(void *data, struct reading *reading);

/* All items up to `item` are durable. lists_tick wants to be called. */
void lists_committed(struct lists *lists, uint64_t item);
