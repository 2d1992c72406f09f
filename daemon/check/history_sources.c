#include "check/history.h"

#include "base/table.h"
#include "files/read.h"
#include "process/wall.h"
#include "sources/sources.h"

/* One mention of a link by a document. */
struct place {
	const struct link *link;
	const struct occurrence *at;
};

struct history_document {
	struct slice name; /* with a NUL behind it */
	uint64_t hash;     /* 0: it could not be read */
	struct slice why;
	struct place *places;
	uint32_t place_count, place_room;
	UT_hash_handle hh;
};

static struct history_document *find_document(
	const struct history *history, struct slice name)
{
	struct history_document *document = NULL;
	HASH_FIND(hh, history->documents, name.at, name.len, document);
	return document;
}

/* NULL: no memory. */
static struct history_document *document_of(struct history *history, struct slice name)
{
	struct history_document *document = find_document(history, name);
	if (document != NULL)
		return document;
	document = ARENA_NEW(&history->arena, struct history_document);
	if (document == NULL)
		return NULL;
	document->name = arena_copy(&history->arena, name);
	if (document->name.at == NULL)
		return NULL;
	HASH_ADD_KEYPTR(
		hh, history->documents, document->name.at, document->name.len, document);
	return document->hh.tbl != NULL ? document : NULL;
}

void history_note_document(struct history *history, struct slice name, uint64_t hash)
{
	struct history_document *document = document_of(history, name);
	if (document != NULL)
		document->hash = hash != 0 ? hash : 1;
	else
		history->failed = true;
}

void history_note_unreadable(
	struct history *history, struct slice name, const struct error *why)
{
	struct history_document *document = document_of(history, name);
	if (document == NULL) {
		history->failed = true;
		return;
	}
	/* What was found before the trouble is checked, but is not all there is. */
	document->hash = 0;
	document->why = arena_copy(&history->arena, slice_of(why->text));
}

void history_free_documents(struct history *history)
{
	HASH_CLEAR(hh, history->documents);
}

/* --- each mention to its document --- */

static int each_place(
	struct history *history, void (*fn)(struct history_document *, struct place))
{
	struct history_document *document = NULL;
	for (const struct link *link = history->table->first; link != NULL;
		link = link->next)
		for (const struct occurrence *at = link->first; at != NULL;
			at = at->next) {
			if (document == NULL || !slice_equal(document->name, at->source))
				document = find_document(history, at->source);
			if (document == NULL)
				return -1;
			fn(document, (struct place){ link, at });
		}
	return 0;
}

static void count_place(struct history_document *document, struct place place)
{
	(void)place;
	document->place_room++;
}

static void keep_place(struct history_document *document, struct place place)
{
	document->places[document->place_count++] = place;
}

static int sort_places(struct history *history, struct error *error)
{
	struct history_document *document, *next;
	int result = each_place(history, count_place);
	HASH_ITER(hh, history->documents, document, next)
	{
		document->places = ARENA_ARRAY(
			&history->arena, struct place, document->place_room + 1);
		if (document->places == NULL)
			result = -1;
	}
	if (result == 0)
		result = each_place(history, keep_place);
	return result == 0 ? 0
			   : error_set(error, "%s: out of memory, so nothing is recorded",
				     history->path);
}

/* --- into the store --- */

/* Returns the item; 0 with an error. */
static uint64_t put_reading(struct history *history,
	const struct history_document *document, time_ms now, struct error *error)
{
	struct store_writer *writer = history->writer;
	uint64_t item;
	const struct store_reading head = {
		.list = SLICE(HISTORY_LIST),
		.source = document->name,
		.content_hash = document->hash,
		.at = now,
	};
	while (store_put_reading(writer, &head) == 0)
		if (history_wait_for_room(history, error) < 0)
			return 0;
	for (uint32_t i = 0; i < document->place_count; i++) {
		const struct place *place = &document->places[i];
		const struct link_identity identity = facts_identity(place->link);
		while (store_put_mention(writer, &identity, place->at) == 0)
			if (history_wait_for_room(history, error) < 0)
				return 0;
	}
	while ((item = store_put_reading_end(writer)) == 0)
		if (history_wait_for_room(history, error) < 0)
			return 0;
	return item;
}

static uint64_t put_document(struct history *history,
	const struct history_document *document, time_ms now, struct error *error)
{
	uint64_t item;
	if (document->hash != 0)
		return put_reading(history, document, now, error);
	while ((item = store_put_source_failed(history->writer, SLICE(HISTORY_LIST),
			document->name, now, document->why)) == 0)
		if (history_wait_for_room(history, error) < 0)
			return 0;
	return item;
}

/* The names of the lists, ours behind those that are there. */
struct names {
	struct history *history;
	struct store_list_config *at;
	uint32_t count, room;
	bool ours, failed;
};

static bool count_list(const struct store_list *list, void *data)
{
	struct names *names = data;
	(void)list;
	names->room++;
	return true;
}

static bool keep_list(const struct store_list *list, void *data)
{
	struct names *names = data;
	struct arena *arena = &names->history->arena;
	names->at[names->count++] =
		(struct store_list_config){ arena_copy(arena, list->name),
			arena_copy(arena, list->title) };
	names->ours |= slice_equal(list->name, SLICE(HISTORY_LIST));
	return names->count < names->room;
}

static int put_list(struct history *history, time_ms now, struct error *error)
{
	struct names names = { .history = history };
	if (store_walk_lists(history->store, count_list, &names, error) < 0)
		return -1;
	names.at = ARENA_ARRAY(&history->arena, struct store_list_config, names.room + 1);
	if (names.at == NULL)
		return error_set(error, "out of memory");
	if (names.room > 0 &&
		store_walk_lists(history->store, keep_list, &names, error) < 0)
		return -1;
	if (names.ours)
		return 0;
	names.at[names.count++] = (struct store_list_config){ SLICE(HISTORY_LIST),
		SLICE("What linkrotd check was given") };
	if (history->arena.failed)
		return error_set(error, "out of memory");
	while (store_put_lists(history->writer, names.at, names.count, now) == 0)
		if (history_wait_for_room(history, error) < 0)
			return -1;
	return 0;
}

/* --- what is not there any more --- */

struct retiring {
	struct history *history;
	const struct texts *inputs;
	uint64_t item;
	time_ms now;
	struct error *error;
	bool failed;
};

/* It is there, or lies in a directory that could not be listed, which is a document of
 * this run, too. */
static bool may_be_there(const struct history *history, const char *name)
{
	for (const char *slash = strchr(name, '/'); slash != NULL;
		slash = strchr(slash + 1, '/'))
		if (find_document(history,
			    (struct slice){ name, (size_t)(slash - name) }) != NULL)
			return true;
	return find_document(history, slice_of(name)) != NULL;
}

static bool is_gone(const struct retiring *retiring, const char *name)
{
	if (may_be_there(retiring->history, name))
		return false;
	for (uint32_t i = 0; i < retiring->inputs->count; i++)
		if (source_holds(retiring->inputs->at[i], name))
			return true;
	return !source_is_remote(name) && strcmp(name, "-") != 0 && file_is_missing(name);
}

static bool retire_if_gone(const struct store_source *source, void *data)
{
	struct retiring *retiring = data;
	struct history *history = retiring->history;
	const char *name = arena_string(&history->arena, source->name);
	if (name == NULL || !is_gone(retiring, name))
		return true;
	while ((retiring->item = store_put_source_retired(history->writer,
			SLICE(HISTORY_LIST), source->name, retiring->now)) == 0)
		if (history_wait_for_room(history, retiring->error) < 0) {
			retiring->failed = true;
			return false;
		}
	return true;
}

int history_put_sources(
	struct history *history, const struct texts *inputs, struct error *error)
{
	struct history_document *document, *next;
	time_ms now = wall_now();
	struct retiring retiring = {
		.history = history, .inputs = inputs, .now = now, .error = error
	};
	uint64_t item = 0;
	if (sort_places(history, error) < 0 || put_list(history, now, error) < 0)
		return -1;
	HASH_ITER(hh, history->documents, document, next)
	{
		item = put_document(history, document, now, error);
		if (item == 0)
			return -1;
	}
	if (store_walk_sources(history->store, SLICE(HISTORY_LIST), retire_if_gone,
		    &retiring, error) < 0 ||
		retiring.failed)
		return -1;
	return history_wait(history, retiring.item > 0 ? retiring.item : item, error);
}
