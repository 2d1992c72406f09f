#include "sources/reading.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/hash.h"
#include "sources/sources.h"

enum {
	URL_ROOM = 64 * 1024,
	BODY_BYTES_MAX = 32 * 1024 * 1024,
	DOCUMENTS_MAX = 100000, /* of one source */
};

#define TABLE_BYTES_MAX ((size_t)2 << 30)

static void next(struct reader *reader);

static void free_table(struct link_table *table)
{
	if (table == NULL)
		return;
	link_table_fini(table);
	free(table);
}

void reading_free(struct reading *reading)
{
	for (uint32_t i = 0; reading->documents != NULL && i < reading->document_count;
		i++) {
		free_table(reading->documents[i].table);
		free(reading->documents[i].name);
	}
	free(reading->documents);
	free(reading->known);
	buffer_fini(&reading->body);
	buffer_fini(&reading->url);
	buffer_fini(&reading->content_type);
	buffer_fini(&reading->etag);
	buffer_fini(&reading->last_modified);
	free(reading);
}

/* --- on the pool's thread --- */

/* NULL: no memory, or too many. */
static struct reading_document *add_document(struct reading *reading, struct slice name)
{
	if (reading->document_count == DOCUMENTS_MAX)
		return NULL;
	if (reading->document_count == reading->document_room) {
		uint32_t room =
			reading->document_room > 0 ? reading->document_room * 2 : 4;
		struct reading_document *documents = reallocarray(
			reading->documents, room, sizeof(*reading->documents));
		if (documents == NULL)
			return NULL;
		reading->documents = documents;
		reading->document_room = room;
	}
	struct reading_document *document = &reading->documents[reading->document_count];
	assert(reading->documents != NULL);
	*document = (struct reading_document){ .name = strndup(name.at, name.len) };
	if (document->name == NULL)
		return NULL;
	reading->document_count++;
	return document;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
	return (x > y) - (x < y);
}

uint64_t reading_known(struct slice name, uint64_t hash)
{
	return hash_mix(hash_bytes(name, 0) ^ hash);
}

/* Under the name that is configured, wherever a redirect leads. */
static struct slice name_of(const struct reading *reading, struct slice name)
{
	return source_is_remote(reading->source) ? slice_of(reading->source) : name;
}

static uint64_t stored_hash(uint64_t hash)
{
	return hash != 0 ? hash : 1;
}

static bool is_known(void *data, struct slice name, uint64_t hash)
{
	struct reading *reading = data;
	name = name_of(reading, name);
	uint64_t key = reading_known(name, stored_hash(hash));
	if (reading->known_count == 0 ||
		bsearch(&key, reading->known, reading->known_count, sizeof(key),
			compare) == NULL)
		return false;
	struct reading_document *document = add_document(reading, name);
	if (document == NULL)
		return false;
	document->same = true;
	document->hash = stored_hash(hash);
	return true;
}

static struct link_table *table_for(void *data, struct slice name, uint64_t hash)
{
	struct reading *reading = data;
	struct reading_document *document = add_document(reading, name_of(reading, name));
	struct link_table *table = document != NULL ? malloc(sizeof(*table)) : NULL;
	if (table == NULL)
		return NULL;
	link_table_init(table, TABLE_BYTES_MAX);
	document->table = table;
	document->hash = stored_hash(hash);
	return table;
}

static void on_unreadable(void *data, struct slice path, const struct error *error)
{
	struct reading *reading = data;
	struct reading_document *document = NULL;
	/* It had begun already when what is in it could not be read. */
	if (reading->documents != NULL && reading->document_count > 0 &&
		slice_equal(
			slice_of(reading->documents[reading->document_count - 1].name),
			path))
		document = &reading->documents[reading->document_count - 1];
	else
		document = add_document(reading, path);
	if (document == NULL)
		return;
	free_table(document->table);
	document->table = NULL;
	document->error = *error;
}

static int read_into(struct reading *reading, struct sources *sources)
{
	if (!source_is_remote(reading->source))
		return sources_add(sources, reading->source, &reading->error);
	return sources_read_fetched(sources, buffer_slice(&reading->url),
		buffer_slice(&reading->content_type), buffer_slice(&reading->body),
		&reading->error);
}

/* What the disk says of relative links belongs to what was read: a file that vanishes
 * changes the document that points to it. */
static void add_local_findings(struct reading_document *document)
{
	const struct link *link = document->table != NULL ? document->table->first : NULL;
	for (; link != NULL; link = link->next)
		if (link->kind != LINK_HTTP && link->result.done)
			document->hash = hash_mix(document->hash ^
						  hash_bytes(link->url,
							  link->result.verdict.reason)) |
					 1;
}

static void read_source(uv_work_t *work)
{
	struct reader *reader = work->data;
	struct reading *reading = reader->now;
	struct sources sources;
	sources_init(&sources, NULL, reader->exclude_path);
	sources.data = reading;
	sources.table_for = table_for;
	sources.is_known = is_known;
	sources.regular_only = true;
	sources.stop = &reader->stop;
	sources.on_unreadable = on_unreadable;
	reading->failed = read_into(reading, &sources) < 0;
	if (!reading->failed && reading->document_count == 0)
		reading->failed = error_set(&reading->error,
					  "%s: no document found (Markdown, HTML or text "
					  "files are read)",
					  reading->source) < 0;
	sources_fini(&sources);
	for (uint32_t i = 0; i < reading->document_count; i++)
		add_local_findings(&reading->documents[i]);
}

/* --- in the loop --- */

static void end_reading(struct reader *reader)
{
	struct reading *reading = reader->now;
	reader->now = NULL;
	if (reader->closing) {
		reading_free(reading);
		return;
	}
	reader->on_read(reader->data, reading);
	next(reader);
}

static void after_read(uv_work_t *work, int status)
{
	struct reader *reader = work->data;
	(void)status; /* it is never cancelled */
	reader->working = false;
	end_reading(reader);
	if (reader->closing && reader->on_closed != NULL)
		reader->on_closed(reader->data);
}

static void start_work(struct reader *reader)
{
	reader->work.data = reader;
	reader->working = true;
	/* Fails only without a callback. */
	(void)uv_queue_work(reader->loop, &reader->work, read_source, after_read);
}

static void fail(struct reader *reader, const char *why)
{
	struct reading *reading = reader->now;
	reading->failed = true;
	error_set(&reading->error, "%s: %s", reading->source, why);
	end_reading(reader);
}

static void replace(struct buffer *buffer, struct slice bytes)
{
	buffer_reset(buffer);
	buffer_add(buffer, bytes);
}

static void on_fetched(void *data, const struct fetched *fetched)
{
	struct reader *reader = data;
	struct reading *reading = reader->now;
	if (fetched->not_modified) {
		struct reading_document *document =
			add_document(reading, slice_of(reading->source));
		if (document == NULL) {
			fail(reader, "out of memory");
			return;
		}
		document->same = true;
		document->hash = reading->validated_hash;
		end_reading(reader);
		return;
	}
	if (fetched->body == NULL) {
		fail(reader, fetched->error);
		return;
	}
	replace(&reading->url, fetched->url);
	replace(&reading->content_type, fetched->content_type);
	replace(&reading->body, *fetched->body);
	replace(&reading->etag, fetched->etag);
	replace(&reading->last_modified, fetched->last_modified);
	if (reading->url.failed || reading->content_type.failed || reading->body.failed)
		fail(reader, "out of memory");
	else
		start_work(reader);
}

static int fetch(struct reader *reader, struct reading *reading)
{
	uint32_t count = asker_validators(buffer_slice(&reading->etag),
		buffer_slice(&reading->last_modified), reading->validators);
	return asker_fetch(reader->asker, reading->source, reading->validators, count,
		on_fetched, reader);
}

static void next(struct reader *reader)
{
	while (reader->now == NULL && !reader->closing && !list_empty(&reader->line)) {
		struct list *first = reader->line.next;
		struct reading *reading = LIST_OF(first, struct reading, in_line);
		list_remove(first);
		reader->now = reading;
		if (!source_is_remote(reading->source)) {
			start_work(reader);
		} else if (fetch(reader, reading) < 0) {
			fail(reader, "is no URL that can be fetched");
		}
	}
}

void reader_init(struct reader *reader, uv_loop_t *loop, struct asker *asker,
	const struct filter *exclude_path)
{
	*reader = (struct reader){
		.loop = loop, .asker = asker, .exclude_path = exclude_path
	};
	list_init(&reader->line);
}

int reader_read(struct reader *reader, const char *source, void *data, uint64_t *known,
	size_t known_count, const struct reading_validators *validators)
{
	struct reading *reading = calloc(1, sizeof(*reading));
	if (reading == NULL) {
		free(known);
		return -1;
	}
	*reading = (struct reading){ .reader = reader,
		.source = source,
		.data = data,
		.known = known,
		.known_count = known_count };
	if (known_count > 0)
		qsort(known, known_count, sizeof(*known), compare);
	buffer_init(&reading->body, BODY_BYTES_MAX);
	buffer_init(&reading->url, URL_ROOM);
	buffer_init(&reading->content_type, URL_ROOM);
	buffer_init(&reading->etag, URL_ROOM);
	buffer_init(&reading->last_modified, URL_ROOM);
	buffer_add(&reading->etag, validators->etag);
	buffer_add(&reading->last_modified, validators->last_modified);
	reading->validated_hash = validators->hash;
	list_push_back(&reader->line, &reading->in_line);
	next(reader);
	return 0;
}

void reader_close(struct reader *reader, void (*on_closed)(void *data), void *data)
{
	reader->closing = true;
	atomic_store(&reader->stop, true);
	reader->on_closed = on_closed;
	reader->data = data;
	struct list *next, *end = &reader->line;
	for (struct list *at = end->next; at != end; at = next) {
		next = at->next;
		reading_free(LIST_OF(at, struct reading, in_line));
	}
	list_init(end);
	if (reader->working)
		return;
	/* A fetch ends with the asker, without a word. */
	if (reader->now != NULL)
		reading_free(reader->now);
	reader->now = NULL;
	if (on_closed != NULL)
		on_closed(data);
}
