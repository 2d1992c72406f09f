/* sources/reading: one source of a list, read beside the loop.
 *
 * A source is what the configuration names: a file, a glob, a directory, a URL. Reading
 * and extracting a large one takes seconds, so it is done on libuv's thread pool; one
 * source at a time, because the parser of Markdown is not for two threads. What is
 * fetched is fetched in the loop first, by the asker.
 *
 * The reader is of the loop's thread; its callback comes there, once for each source that
 * was put in line, in their order.
 */
#pragma once

#include <uv.h>

#include "ask/asker.h"
#include "base/list.h"

/* One document of a source: the source itself, or a file of a directory or glob. */
struct reading_document {
	char *name;               /* its path or URL */
	struct link_table *table; /* NULL: `same`, or it could not be read: `error` */
	bool same;                /* as it was known: see reader_read */
	uint64_t hash;            /* of its bytes; never 0 */
	struct error error;
};

struct reading {
	struct list in_line;
	struct reader *reader;
	const char *source; /* as it is configured; the owner's */
	void *data;         /* the owner's */
	uint64_t *known;    /* sorted; see reading_known */
	size_t known_count;

	/* What came of it. */
	struct reading_document *documents;
	uint32_t document_count, document_room;
	bool failed; /* nothing could be had, and `error` says why */
	struct error error;

	/* A fetched one's, until it is read. */
	struct buffer body, url, content_type;
	/* Of a source on the web: those of the last time, then those of this time. */
	struct buffer etag, last_modified;
	uint64_t validated_hash; /* of the content that the former stand for */
	struct header validators[2];
};

struct reader {
	uv_loop_t *loop;
	struct asker *asker;
	const struct filter *exclude_path;
	struct list line;
	struct reading *now; /* being fetched or read */
	uv_work_t work;
	bool closing, working;
	_Atomic(bool) stop; /* for the pool's thread */
	/* The reading is its receiver's, to reading_free. */
	void (*on_read)(void *data, struct reading *reading);
	void (*on_closed)(void *data);
	void *data;
};

void reader_init(struct reader *reader, uv_loop_t *loop, struct asker *asker,
	const struct filter *exclude_path);

/* With which the web may be asked whether a source has changed; copied. */
struct reading_validators {
	struct slice etag, last_modified; /* may be empty */
	uint64_t hash;                    /* of the content they stand for */
};

/* What stands for a document and its content in `known`. */
uint64_t reading_known(struct slice name, uint64_t hash);

/* Puts a source in line. -1: no memory. `source` lives until on_read. Documents that are
 * among the `known` are not looked into: a large list that has not changed costs no more
 * than its bytes. `known` (may be NULL) is taken over, also after a failure. */
int reader_read(struct reader *reader, const char *source, void *data, uint64_t *known,
	size_t known_count, const struct reading_validators *validators);

/* Lets go of everything in line; on_closed (may be NULL) comes when no thread is at work
 * any more, perhaps at once. Close it before the asker. */
void reader_close(struct reader *reader, void (*on_closed)(void *data), void *data);

void reading_free(struct reading *reading);
