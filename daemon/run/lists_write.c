#include <malloc.h>
#include <stdlib.h>

#include "ask/facts.h"
#include "process/wall.h"
#include "run/lists_documents_internal.h"
#include "sources/sources.h"

enum {
	MENTIONS_AT_ONCE = 256, /* before the writer is asked for room */
	TRIM_BYTES = 8 * 1024 * 1024,
	EMPTY_MS = 24 * 60 * 60 * 1000, /* what had links is believed to have none */
};

/* Half of the queue is for what must not wait for a long list. */
static bool has_room(const struct lists *lists)
{
	struct store_health health;
	store_writer_health(lists->writer, &health);
	return health.queued_items < STORE_QUEUE_ITEMS / 2 &&
	       health.queued_bytes < STORE_QUEUE_BYTES / 2;
}

/* Goes on where it stopped; false: the writer has no room now. */
static bool put_mentions(struct lists *lists)
{
	struct list_writing *writing = &lists->writing;
	uint32_t count = 0;
	while (writing->link != NULL) {
		const struct link_identity identity = facts_identity(writing->link);
		while (writing->occurrence != NULL) {
			if ((count++ % MENTIONS_AT_ONCE == 0 && !has_room(lists)) ||
				store_put_mention(lists->writer, &identity,
					writing->occurrence) == 0)
				return false;
			writing->occurrence = writing->occurrence->next;
		}
		writing->link = writing->link->next;
		if (writing->link != NULL)
			writing->occurrence = writing->link->first;
	}
	return true;
}

/* Of its own, or of documents below it that were read before. */
static bool has_links(struct lists *lists, const struct list_document *document)
{
	if (document->places > 0)
		return true;
	for (struct list *at = lists->all_documents.next; at != &lists->all_documents;
		at = at->next) {
		const struct list_document *other =
			LIST_OF(at, struct list_document, in_all);
		if (other->places > 0 && slice_equal(list_of(other), list_of(document)) &&
			source_holds(name_of(document).at, name_of(other).at))
			return true;
	}
	return false;
}

/* Once for as long as it lasts. */
static void note_trouble(struct lists *lists, struct list_document *document,
	const struct list_source *source, const struct error *error)
{
	if (document->failing)
		return;
	document->failing = true;
	const struct journal_fields fields = {
		.list = slice_of(source->list->name),
		.source = slice_of(source->name),
	};
	journal_say_with(lists->journal, JOURNAL_KIND_SOURCE, JOURNAL_WARNING, &fields,
		"%s%s", error->text,
		has_links(lists, document) ? "; its last links are kept" : "");
}

static void note_back(
	struct lists *lists, struct list_document *document, struct slice source)
{
	const struct journal_fields fields = { .list = list_of(document),
		.source = source };
	if (document->failing)
		journal_say_with(lists->journal, JOURNAL_KIND_SOURCE, JOURNAL_NOTICE,
			&fields, "%.*s: can be read again", SLICE_ARG(name_of(document)));
	document->failing = false;
}

static void pend(struct lists *lists, struct list_document *document, uint64_t item)
{
	if (document->item == 0) {
		document->next = NULL;
		*lists->pending_end = document;
		lists->pending_end = &document->next;
	}
	document->item = item;
	document->told = 0;
}

static bool put_failed_document(struct lists *lists, struct list_document *document,
	const struct error *error, time_ms now)
{
	document->hash = 0;
	if (store_put_source_failed(lists->writer, list_of(document), name_of(document),
		    now, slice_of(error->text)) == 0)
		return false;
	note_trouble(lists, document, lists->writing.source, error);
	return true;
}

/* Its trouble is told to be over. */
static bool put_end(struct lists *lists, struct list_document *document, time_ms now)
{
	if (store_put_source_same(
		    lists->writer, list_of(document), name_of(document), now) == 0)
		return false;
	note_back(lists, document, name_of(document));
	document->ended = false;
	return true;
}

static bool is_empty(
	const struct list_document *document, const struct reading_document *read)
{
	return document->places > 0 && read->table->occurrence_count == 0;
}

/* A file that is being saved, or that whatever writes it has lost, is empty for a moment;
 * its links would all leave their list and come back. */
static bool is_emptied(struct list_document *document,
	const struct reading_document *read, time_ms now, struct error *error)
{
	if (!is_empty(document, read)) {
		document->emptied_at = 0;
		return false;
	}
	if (document->emptied_at == 0 || document->emptied_at > now)
		document->emptied_at = now;
	if (now - document->emptied_at >= EMPTY_MS)
		return false;
	error_set(error, "%s: holds no link, where it had %u; " LISTS_EMPTIED, read->name,
		document->places);
	return true;
}

/* One document; false: the writer has no room now. */
static bool put_document(struct lists *lists, struct reading_document *read, time_ms now)
{
	struct list_writing *writing = &lists->writing;
	struct slice list = slice_of(writing->source->list->name);
	struct slice name = slice_of(read->name);
	struct error emptied;
	struct list_document *document = lists_document_of(lists, list, name);
	if (document == NULL) {
		lists->failed = true;
		return true;
	}
	document->seen = true;
	document->holder = writing->source;
	if (read->same && document->hash == read->hash) {
		note_back(lists, document, slice_of(writing->source->name));
		return store_put_source_same(lists->writer, list, name, now) != 0;
	}
	if (read->same) { /* it has become unreadable meanwhile, by another way to it */
		writing->source->read_next_at = now;
		return true;
	}
	if (read->table == NULL) {
		document->emptied_at = 0;
		return put_failed_document(lists, document, &read->error, now);
	}
	/* Trouble of another kind is over, and the day begins now: the store knows of one
	 * trouble at a time, and since when. */
	if (!writing->begun && is_empty(document, read) && document->emptied_at == 0 &&
		document->failing && !put_end(lists, document, now))
		return false;
	if (!writing->begun && is_emptied(document, read, now, &emptied))
		return put_failed_document(lists, document, &emptied, now);
	note_back(lists, document, slice_of(writing->source->name));
	if (document->hash == read->hash && !writing->begun)
		return store_put_source_same(lists->writer, list, name, now) != 0;
	if (!writing->begun) {
		const struct store_reading head = { .list = list,
			.source = name,
			.etag = buffer_slice(&writing->reading->etag),
			.last_modified = buffer_slice(&writing->reading->last_modified),
			.content_hash = read->hash,
			.at = now };
		if (store_put_reading(lists->writer, &head) == 0)
			return false;
		writing->begun = true;
		writing->link = read->table->first;
		writing->occurrence = writing->link != NULL ? writing->link->first : NULL;
	}
	if (!put_mentions(lists))
		return false;
	uint64_t item = store_put_reading_end(lists->writer);
	if (item == 0)
		return false;
	document->hash = read->hash;
	document->places = read->table->occurrence_count;
	lists_set_validators(document, buffer_slice(&writing->reading->etag),
		buffer_slice(&writing->reading->last_modified));
	pend(lists, document, item);
	return true;
}

/* Another source of the list that may hold the document, in any order; NULL: none. */
static const struct list_source *other_holder(const struct lists *lists,
	const struct list_source *source, const struct list_document *document)
{
	for (uint32_t i = 0; i < lists->source_count; i++) {
		const struct list_source *other = &lists->sources[i];
		if (other != source && other->list == source->list &&
			source_holds(other->name, name_of(document).at))
			return other;
	}
	return NULL;
}

/* Whether it lies in a directory that could not be listed: nobody knows that it is gone.
 */
static bool is_out_of_sight(
	const struct lists *lists, const struct list_document *document)
{
	const char *name = name_of(document).at;
	for (const char *slash = strchr(name, '/'); slash != NULL;
		slash = strchr(slash + 1, '/')) {
		const struct slice above = { name, (size_t)(slash - name) };
		const struct list_document *directory =
			lists_find_document(lists, list_of(document), above);
		if (directory != NULL && directory->seen)
			return true;
	}
	return false;
}

/* The source is where the document was seen last. One that nobody has seen since the
 * start is left to another source that may hold it: a README that is named by itself
 * stays, though it is not seen in its directory, where .gitignore hides it. */
static bool is_left_by(const struct lists *lists, const struct list_source *source,
	struct list_document *document)
{
	if (document->seen || document->item != 0 ||
		!slice_equal(list_of(document), slice_of(source->list->name)) ||
		!source_holds(source->name, name_of(document).at) ||
		is_out_of_sight(lists, document))
		return false;
	if (document->holder == NULL)
		document->holder = other_holder(lists, source, document);
	return document->holder == NULL || document->holder == source;
}

/* Trouble of a directory or a pattern is kept under its name, which is no document's. */
static bool is_of_directory(struct lists *lists, const struct list_source *source,
	const struct list_document *document)
{
	return document->failing && document->places == 0 &&
	       (slice_equal(name_of(document), slice_of(source->name)) ||
		       has_links(lists, document));
}

/* What the source does not hold any more. */
static void leave_unseen(struct lists *lists)
{
	const struct list_source *source = lists->writing.source;
	for (struct list *at = lists->all_documents.next; at != &lists->all_documents;
		at = at->next) {
		struct list_document *document =
			LIST_OF(at, struct list_document, in_all);
		if (!is_left_by(lists, source, document))
			continue;
		lists->unwanted = document->unwanted = true;
		document->ended = is_of_directory(lists, source, document);
	}
	for (struct list *at = lists->all_documents.next; at != &lists->all_documents;
		at = at->next)
		LIST_OF(at, struct list_document, in_all)->seen = false;
}

static bool put_failure(struct lists *lists, time_ms now)
{
	const struct list_writing *writing = &lists->writing;
	const struct list_source *source = writing->source;
	struct slice list = slice_of(source->list->name);
	struct slice name = slice_of(source->name);
	struct list_document *document = lists_document_of(lists, list, name);
	if (document == NULL) {
		lists->failed = true;
		return true;
	}
	document->emptied_at = 0;
	return put_failed_document(lists, document, &writing->reading->error, now);
}

/* False: the writer has no room now. */
static bool put_reading(struct lists *lists, time_ms now)
{
	struct list_writing *writing = &lists->writing;
	struct reading *reading = writing->reading;
	if (reading->failed)
		return put_failure(lists, now);
	for (; writing->document < reading->document_count; writing->document++) {
		if (!put_document(lists, &reading->documents[writing->document], now))
			return false;
		writing->begun = false;
	}
	leave_unseen(lists);
	return true;
}

/* --- lists, and documents that are not wanted any more --- */

static bool put_lists(struct lists *lists, time_ms now)
{
	const struct config *config = lists->config;
	struct store_list_config *names = calloc(config->list_count + 1, sizeof(*names));
	if (names == NULL)
		return false;
	for (uint32_t i = 0; i < config->list_count; i++)
		names[i] = (struct store_list_config){ slice_of(config->lists[i].name),
			slice_of(config->lists[i].title) };
	uint64_t item = store_put_lists(lists->writer, names, config->list_count, now);
	free(names);
	return item != 0;
}

static bool retire_unwanted(struct lists *lists, time_ms now)
{
	struct list *next;
	for (struct list *at = lists->all_documents.next; at != &lists->all_documents;
		at = next) {
		struct list_document *document =
			LIST_OF(at, struct list_document, in_all);
		next = at->next;
		if (!document->unwanted)
			continue;
		if (document->ended && !put_end(lists, document, now))
			return false;
		if (store_put_source_retired(lists->writer, list_of(document),
			    name_of(document), now) == 0)
			return false;
		lists_drop(lists, document);
	}
	return true;
}

/* What must be in the store before the next reading is. False: it has no room now. */
static bool settle(struct lists *lists, time_ms now)
{
	if (!lists->put)
		lists->put = put_lists(lists, now);
	if (lists->put && lists->unwanted)
		lists->unwanted = !retire_unwanted(lists, now);
	return lists->put && !lists->unwanted;
}

/* A large one leaves hundreds of megabytes of small pieces, which the allocator keeps. */
static size_t bytes_of(const struct reading *reading)
{
	size_t bytes = 0;
	for (uint32_t i = 0; i < reading->document_count; i++)
		if (reading->documents[i].table != NULL)
			bytes += reading->documents[i].table->arena.bytes_used;
	return bytes;
}

void lists_write_on(struct lists *lists, time_ms now)
{
	struct list_writing *writing = &lists->writing;
	while (settle(lists, now) &&
		(writing->reading != NULL || lists->waiting_count > 0)) {
		if (writing->reading == NULL) {
			struct reading *first = lists->waiting[0];
			lists->waiting_count--;
			memmove(lists->waiting, lists->waiting + 1,
				lists->waiting_count * sizeof(lists->waiting[0]));
			*writing = (struct list_writing){ .reading = first,
				.source = first->data };
		}
		if (!put_reading(lists, now))
			return;
		bool is_large = bytes_of(writing->reading) > TRIM_BYTES;
		writing->source->reading = false;
		reading_free(writing->reading);
		*writing = (struct list_writing){ 0 };
		if (is_large)
			malloc_trim(0);
	}
}
