#include <malloc.h>
#include <stdlib.h>

#include "app/facts_internal.h"
#include "app/lists_internal.h"
#include "app/sources_internal.h"

/* Goes on where it stopped; false: the writer has no room now. */
static bool put_mentions(struct lists *lists)
{
	struct list_writing *writing = &lists->writing;
	while (writing->link != NULL) {
		const struct link_identity identity = facts_identity(writing->link);
		while (writing->occurrence != NULL) {
			if (store_put_mention(
				    lists->writer, &identity, writing->occurrence) == 0)
				return false;
			writing->occurrence = writing->occurrence->next;
		}
		writing->link = writing->link->next;
		if (writing->link != NULL)
			writing->occurrence = writing->link->first;
	}
	return true;
}

static void say_trouble(
	struct lists *lists, const struct list_source *source, const struct error *error)
{
	const struct journal_fields fields = {
		.list = slice_of(source->list->name),
		.source = slice_of(source->name),
	};
	journal_say_with(lists->journal, JOURNAL_KIND_SOURCE, JOURNAL_WARNING, &fields,
		"%s; its last links are kept", error->text);
}

/* One document; false: the writer has no room now. */
static bool put_document(struct lists *lists, struct reading_document *read, time_ms now)
{
	struct list_writing *writing = &lists->writing;
	struct slice list = slice_of(writing->source->list->name);
	struct slice name = slice_of(read->name);
	struct list_document *document = list_document_of(lists, list, name);
	if (document == NULL) {
		lists->failed = true;
		return true;
	}
	document->seen = true;
	if (read->same && document->hash == read->hash)
		return store_put_source_same(lists->writer, list, name, now) != 0;
	if (read->same) { /* it has become unreadable meanwhile, by another way to it */
		writing->source->read_next_at = now;
		return true;
	}
	if (read->table == NULL) {
		document->hash = 0;
		if (store_put_source_failed(lists->writer, list, name, now,
			    slice_of(read->error.text)) == 0)
			return false;
		say_trouble(lists, writing->source, &read->error);
		return true;
	}
	if (document->hash == read->hash && !writing->begun)
		return store_put_source_same(lists->writer, list, name, now) != 0;
	if (!writing->begun) {
		const struct store_reading head = { .list = list,
			.source = name,
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
	list_document_pend(lists, document, item);
	return true;
}

/* What the source does not hold any more. */
static void leave_unseen(struct lists *lists)
{
	struct list *next;
	const struct list_source *source = lists->writing.source;
	for (struct list *at = lists->all_documents.next; at != &lists->all_documents;
		at = next) {
		struct list_document *document =
			LIST_OF(at, struct list_document, in_all);
		next = at->next;
		if (!document->seen && document->item == 0 &&
			slice_equal(list_document_list(document),
				slice_of(source->list->name)) &&
			source_holds(source->name, list_document_name(document).at)) {
			document->unwanted = true;
			lists->unwanted = true;
		}
		document->seen = false;
	}
}

static bool put_failure(struct lists *lists, time_ms now)
{
	const struct list_writing *writing = &lists->writing;
	const struct list_source *source = writing->source;
	struct slice list = slice_of(source->list->name);
	struct slice name = slice_of(source->name);
	struct list_document *document = list_document_of(lists, list, name);
	if (document != NULL)
		document->hash = 0;
	if (store_put_source_failed(lists->writer, list, name, now,
		    slice_of(writing->reading->error.text)) == 0)
		return false;
	say_trouble(lists, source, &writing->reading->error);
	return true;
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
		if (store_put_source_retired(lists->writer, list_document_list(document),
			    list_document_name(document), now) == 0)
			return false;
		list_document_drop(lists, document);
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

void lists_write(struct lists *lists, time_ms now)
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
		writing->source->reading = false;
		reading_free(writing->reading);
		*writing = (struct list_writing){ 0 };
		/* A large one leaves hundreds of megabytes of small pieces. */
		malloc_trim(0);
	}
}
