#include "run/lists_documents_internal.h"

#include <assert.h>
#include <malloc.h>
#include <stdlib.h>

#include "process/wall.h"
#include "sources/sources.h"

enum {
	WAITING_MAX = 64,
	RETRY_MS = 60 * 1000,
	TRIM_LINKS = 100000,
	KEY_BYTES_MAX = 8192,
	TOLD_AT_ONCE = 10000, /* links, before the loop has its turn again: 20 ms */
};

struct list_document *lists_document_of(
	struct lists *lists, struct slice list, struct slice name)
{
	struct list_document *document = NULL;
	size_t size = list.len + 1 + name.len + 1;
	struct list_document *made = calloc(1, sizeof(*made) + size);
	if (made == NULL)
		return NULL;
	made->list_len = list.len;
	made->name_len = name.len;
	memcpy(made->key, list.at, list.len);
	memcpy(made->key + list.len + 1, name.at, name.len);
	HASH_FIND(hh, lists->documents, made->key, size, document);
	if (document != NULL) {
		free(made);
		return document;
	}
	HASH_ADD(hh, lists->documents, key, size, made);
	if (made->hh.tbl == NULL) {
		free(made);
		return NULL;
	}
	list_push_back(&lists->all_documents, &made->in_all);
	return made;
}

const struct list_document *lists_find_document(
	const struct lists *lists, struct slice list, struct slice name)
{
	struct list_document *document = NULL;
	char key[KEY_BYTES_MAX];
	if (list.len + 1 + name.len + 1 > sizeof(key))
		return NULL;
	memcpy(key, list.at, list.len);
	key[list.len] = '\0';
	memcpy(key + list.len + 1, name.at, name.len);
	key[list.len + 1 + name.len] = '\0';
	HASH_FIND(hh, lists->documents, key, list.len + 1 + name.len + 1, document);
	return document;
}

static void unpend(struct lists *lists, const struct list_document *document)
{
	struct list_document **at = &lists->pending;
	if (document->item == 0)
		return;
	while (*at != document)
		at = &(*at)->next;
	*at = document->next;
	if (*at == NULL)
		lists->pending_end = at;
}

static void free_document(struct list_document *document)
{
	free(document->etag);
	free(document->last_modified);
	free(document);
}

void lists_drop(struct lists *lists, struct list_document *document)
{
	unpend(lists, document);
	HASH_DEL(lists->documents, document);
	list_remove(&document->in_all);
	free_document(document);
}

static char *text_of(struct slice text)
{
	return text.len > 0 ? strndup(text.at, text.len) : NULL;
}

/* Without memory the source is fetched whole. */
void lists_set_validators(
	struct list_document *document, struct slice etag, struct slice last_modified)
{
	free(document->etag);
	free(document->last_modified);
	document->etag = text_of(etag);
	document->last_modified = text_of(last_modified);
}

/* --- at the start --- */

static bool note_known(const struct store_source *known, void *data)
{
	struct lists *lists = data;
	struct list_document *document =
		lists_document_of(lists, known->list, known->name);
	if (document == NULL) {
		lists->failed = true;
		return false;
	}
	document->failing = known->failed_since != 0;
	document->hash = document->failing ? 0 : known->content_hash;
	document->places = known->occurrences;
	if (slice_ends(known->failure, SLICE(LISTS_EMPTIED)))
		document->emptied_at = known->failed_since;
	lists_set_validators(document, known->etag, known->last_modified);
	return true;
}

static bool is_configured(const struct lists *lists, const struct list_document *document)
{
	for (uint32_t i = 0; i < lists->source_count; i++) {
		const struct list_source *source = &lists->sources[i];
		assert(source->list != NULL);
		if (slice_equal(slice_of(source->list->name), list_of(document)) &&
			source_holds(source->name, name_of(document).at))
			return true;
	}
	return false;
}

struct list_source *lists_plan(const struct config *config, time_ms now)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < config->list_count; i++)
		count += config->lists[i].sources.count;
	struct list_source *sources = calloc((size_t)count + 1, sizeof(*sources));
	struct list_source *source = sources;
	if (sources == NULL)
		return NULL;
	for (uint32_t i = 0; i < config->list_count; i++)
		for (uint32_t k = 0; k < config->lists[i].sources.count; k++)
			*source++ = (struct list_source){
				.list = &config->lists[i],
				.name = config->lists[i].sources.at[k],
				.read_next_at = now,
			};
	return sources;
}

static void take_plan(struct lists *lists, struct list_source *sources)
{
	lists->sources = sources;
	lists->source_count = 0;
	while (sources[lists->source_count].list != NULL)
		lists->source_count++;
}

/* --- the disk --- */

static void on_change(void *data, uint64_t tag)
{
	struct lists *lists = data;
	assert(tag < lists->source_count);
	lists->sources[tag].read_next_at = wall_now();
	lists->calls.on_touched(lists->calls.data);
}

static void on_watch_trouble(void *data, const char *sentence)
{
	struct lists *lists = data;
	journal_say(lists->journal, JOURNAL_KIND_SOURCE, "%s", sentence);
}

/* Without it the periodic reading finds everything, only later. */
static void watch_disk(struct lists *lists)
{
	const struct watch_sink sink = { lists, on_change, on_watch_trouble };
	struct error error = { "" };
	lists->watcher = watch_open(lists->reader->loop, NULL, &sink, &error);
	int result = lists->watcher != NULL ? 0 : -1;
	for (uint32_t i = 0; i < lists->source_count && result == 0; i++)
		if (!source_is_remote(lists->sources[i].name))
			result = watch_add(
				lists->watcher, lists->sources[i].name, i, &error);
	if (result < 0)
		journal_error(lists->journal, JOURNAL_KIND_SOURCE, &error);
}

void lists_close(struct lists *lists)
{
	if (lists->watcher != NULL)
		watch_close(lists->watcher, NULL, NULL);
	lists->watcher = NULL;
}

static void begin(struct lists *lists)
{
	struct list *next;
	for (struct list *at = lists->all_documents.next; at != &lists->all_documents;
		at = next) {
		struct list_document *document =
			LIST_OF(at, struct list_document, in_all);
		next = at->next;
		document->unwanted = !is_configured(lists, document);
		lists->unwanted |= document->unwanted;
	}
	lists->put = false;
	lists_write_on(lists, wall_now());
	watch_disk(lists);
}

int lists_init(struct lists *lists, const struct config *config, struct store *store,
	struct store_writer *writer, struct journal *journal, struct reader *reader,
	const struct lists_calls *calls, time_ms now, struct error *error)
{
	*lists = (struct lists){
		.config = config,
		.store = store,
		.writer = writer,
		.journal = journal,
		.reader = reader,
		.calls = *calls,
	};
	lists->pending_end = &lists->pending;
	list_init(&lists->all_documents);
	struct list_source *sources = lists_plan(config, now);
	if (sources == NULL)
		return error_set(error, "out of memory");
	take_plan(lists, sources);
	if (store_walk_sources(store, (struct slice){ 0 }, note_known, lists, error) < 0)
		return -1;
	if (lists->failed)
		return error_set(error, "out of memory");
	begin(lists);
	return 0;
}

/* What is read but not in the store is read again. */
static void forget_readings(struct lists *lists)
{
	for (uint32_t i = 0; i < lists->waiting_count; i++)
		reading_free(lists->waiting[i]);
	lists->waiting_count = 0;
	if (lists->writing.reading != NULL)
		reading_free(lists->writing.reading);
	lists->writing = (struct list_writing){ 0 };
	free(lists->sources);
	lists->sources = NULL;
	lists->source_count = 0;
}

void lists_reload(struct lists *lists, const struct config *config,
	struct list_source *sources, struct reader *reader)
{
	struct list *next;
	lists_close(lists);
	forget_readings(lists);
	lists->config = config;
	lists->reader = reader;
	for (struct list *at = lists->all_documents.next; at != &lists->all_documents;
		at = next) {
		struct list_document *document =
			LIST_OF(at, struct list_document, in_all);
		next = at->next;
		document->seen = false;
		document->holder = NULL;
	}
	take_plan(lists, sources);
	begin(lists);
}

void lists_fini(struct lists *lists)
{
	lists_close(lists);
	HASH_CLEAR(hh, lists->documents);
	struct list *next, *end = &lists->all_documents;
	for (struct list *at = end->next; at != NULL && at != end; at = next) {
		next = at->next;
		free_document(LIST_OF(at, struct list_document, in_all));
	}
	forget_readings(lists);
	*lists = (struct lists){ 0 };
}

/* --- in the loop --- */

/* What the web says of a list counts only where it can be believed: a failure must come
 * twice, and while this machine is in doubt neither that nor the page of a captive portal
 * is anything. */
static bool is_doubtful(const struct lists *lists, const struct reading *reading)
{
	struct list_source *source = reading->data;
	bool failed_before = source->failed;
	if (!source_is_remote(source->name))
		return false;
	source->failed = reading->failed;
	return lists->in_doubt || (reading->failed && !failed_before);
}

void lists_on_read(void *data, struct reading *reading)
{
	struct lists *lists = data;
	struct list_source *source = reading->data;
	if (is_doubtful(lists, reading)) {
		source->reading = false;
		source->read_next_at = wall_now() + RETRY_MS;
		reading_free(reading);
		return;
	}
	assert(lists->waiting_count < WAITING_MAX);
	lists->waiting[lists->waiting_count++] = reading;
	lists_write_on(lists, wall_now());
	lists->calls.on_touched(lists->calls.data);
}

/* NULL and 0 also without memory: then all is looked into. */
static uint64_t *known_of(
	const struct lists *lists, const struct list_source *source, size_t *ret_count)
{
	uint64_t *known = calloc(HASH_COUNT(lists->documents) + 1, sizeof(*known));
	*ret_count = 0;
	for (struct list *at = lists->all_documents.next;
		at != &lists->all_documents && known != NULL; at = at->next) {
		const struct list_document *document =
			LIST_OF(at, struct list_document, in_all);
		if (document->hash != 0 &&
			slice_equal(list_of(document), slice_of(source->list->name)))
			known[(*ret_count)++] =
				reading_known(name_of(document), document->hash);
	}
	return known;
}

static const struct list_document *find_document(
	const struct lists *lists, struct slice list, struct slice name)
{
	const struct list *end = &lists->all_documents;
	for (struct list *at = end->next; at != end; at = at->next) {
		const struct list_document *document =
			LIST_OF(at, struct list_document, in_all);
		if (slice_equal(name_of(document), name) &&
			slice_equal(list_of(document), list))
			return document;
	}
	return NULL;
}

static struct reading_validators validators_of(
	struct lists *lists, const struct list_source *source)
{
	const struct list_document *document = NULL;
	if (source_is_remote(source->name))
		document = find_document(
			lists, slice_of(source->list->name), slice_of(source->name));
	/* Without the content that they stand for they are worth nothing. */
	if (document == NULL || document->hash == 0)
		return (struct reading_validators){ 0 };
	return (struct reading_validators){ slice_of(document->etag),
		slice_of(document->last_modified), document->hash };
}

static void read_source(struct lists *lists, struct list_source *source, time_ms now)
{
	size_t count;
	uint64_t *known = known_of(lists, source, &count);
	struct reading_validators validators = validators_of(lists, source);
	source->reading = reader_read(lists->reader, source->name, source, known, count,
				  &validators) == 0;
	source->tried = true;
	source->read_next_at =
		now + (source->reading ? source->list->refresh_ms : RETRY_MS);
}

/* One that is under way wakes us at its end, so it is not waited for here. */
static time_ms read_due(struct lists *lists, time_ms now)
{
	time_ms next = INT64_MAX;
	uint32_t reading = 1;
	for (uint32_t i = 0; i < lists->source_count; i++)
		reading += lists->sources[i].reading;
	for (uint32_t i = 0; i < lists->source_count; i++) {
		struct list_source *source = &lists->sources[i];
		/* The clock was set back. */
		if (source->read_next_at - now > source->list->refresh_ms + RETRY_MS)
			source->read_next_at = now;
		if (source->reading ||
			(lists->in_doubt && source_is_remote(source->name)))
			continue;
		if (source->read_next_at <= now) {
			if (reading >= WAITING_MAX)
				continue;
			read_source(lists, source, now);
			reading++;
		}
		if (!source->reading && source->read_next_at < next)
			next = source->read_next_at;
	}
	return next;
}

/* --- what is committed --- */

struct telling {
	struct lists *lists;
	uint32_t left;
};

static bool tell(const struct store_due *due, void *data)
{
	struct telling *telling = data;
	telling->lists->calls.on_link_found(telling->lists->calls.data, due);
	return --telling->left > 0;
}

static struct list_document *first_committed(const struct lists *lists)
{
	struct list_document *document = lists->pending;
	return document != NULL && document->item <= lists->committed ? document : NULL;
}

static void told(struct lists *lists)
{
	struct list_document *document = lists->pending;
	unpend(lists, document);
	document->item = 0;
}

static void tell_committed(struct lists *lists)
{
	struct telling telling = { lists, TOLD_AT_ONCE };
	struct list_document *document;
	struct error error;
	while (telling.left > 0 && (document = first_committed(lists)) != NULL) {
		if (store_walk_due_of_source(lists->store, list_of(document),
			    name_of(document), &document->told, tell, &telling,
			    &error) < 0) {
			document->hash = 0; /* so that they are told the next time */
			journal_error(lists->journal, JOURNAL_KIND_STORE, &error);
		} else if (document->told >= 0) {
			break;
		}
		told(lists);
	}
	lists->told += TOLD_AT_ONCE - telling.left;
	if (lists->pending == NULL && lists->told > TRIM_LINKS) {
		lists->told = 0;
		malloc_trim(0); /* the schedule's tables grew */
	}
}

time_ms lists_tick(struct lists *lists, time_ms now)
{
	lists_write_on(lists, now);
	tell_committed(lists);
	time_ms next = read_due(lists, now);
	return first_committed(lists) != NULL ? now : next;
}

bool lists_are_read(const struct lists *lists)
{
	for (uint32_t i = 0; i < lists->source_count; i++)
		if (!lists->sources[i].tried || lists->sources[i].reading)
			return false;
	return lists->put && lists->pending == NULL;
}

void lists_committed(struct lists *lists, uint64_t item)
{
	lists->committed = item;
}
