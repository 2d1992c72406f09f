/* Items of sources. A reading is written under a number of its own, which nothing shows;
 * its end makes it the source's. So a million mentions need no large transaction. */
#include <assert.h>

#include "store/link_internal.h"
#include "store/writer_internal.h"

enum { EVENT_TEXT_MAX = 512 };

/* --- sources ------------------------------------------------------------------------ */

struct known_source {
	int64_t source_id; /* 0: never seen */
	int64_t reading_id, failed_since;
	bool retired;
};

static int find_source(struct store_writer *writer, struct slice list, struct slice name,
	struct known_source *ret_source)
{
	sqlite3_stmt *row = sql_get(writer->store, STATEMENT_SOURCE_GET);
	sql_bind_name(row, 1, list);
	sql_bind_name(row, 2, name);
	int step = sql_step(row);
	*ret_source = (struct known_source){ 0 };
	if (step == 1)
		*ret_source = (struct known_source){ sql_int(row, 0), sql_int(row, 1),
			sql_int(row, 2), sql_int(row, 3) != 0 };
	sql_end(row);
	return step < 0 ? -1 : 0;
}

static int find_or_add_source(struct store_writer *writer, struct slice list,
	struct slice name, struct known_source *ret_source)
{
	if (find_source(writer, list, name, ret_source) < 0)
		return -1;
	if (ret_source->source_id != 0 && !ret_source->retired)
		return 0;
	sqlite3_stmt *add = sql_get(writer->store, STATEMENT_SOURCE_ADD);
	sql_bind_name(add, 1, list);
	sql_bind_name(add, 2, name);
	if (sql_run(add) < 0)
		return -1;
	return find_source(writer, list, name, ret_source);
}

static int source_event(struct store_writer *writer, enum event_kind kind,
	struct slice list, struct slice source, struct slice why, time_ms at)
{
	char text[EVENT_TEXT_MAX];
	size_t name_len = source.len < 300 ? source.len : 300;
	int len = snprintf(text, sizeof(text), "%.*s (%.*s)%s%.*s", (int)name_len,
		source.at != NULL ? source.at : "", (int)(list.len < 64 ? list.len : 64),
		list.at != NULL ? list.at : "", why.len > 0 ? ": " : "",
		(int)(why.len < 100 ? why.len : 100), why.at != NULL ? why.at : "");
	struct event event = { .kind = kind, .at = at };
	event.text = (struct slice){ text,
		(size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1 };
	return apply_event(writer, &event, list);
}

int reading_source_same(struct store_writer *writer, const struct item_source *item)
{
	struct known_source source;
	if (find_or_add_source(writer, item->list, item->source, &source) < 0)
		return -1;
	sqlite3_stmt *same = sql_get(writer->store, STATEMENT_SOURCE_SAME);
	sql_bind_int(same, 1, source.source_id);
	sql_bind_int(same, 2, item->at);
	if (sql_run(same) < 0)
		return -1;
	return source.failed_since == 0
		       ? 0
		       : source_event(writer, EVENT_SOURCE_BACK, item->list, item->source,
				 (struct slice){ 0 }, item->at);
}

int reading_source_failed(struct store_writer *writer, const struct item_source *item)
{
	struct known_source source;
	if (find_or_add_source(writer, item->list, item->source, &source) < 0)
		return -1;
	sqlite3_stmt *failed = sql_get(writer->store, STATEMENT_SOURCE_FAILED);
	sql_bind_int(failed, 1, source.source_id);
	sql_bind_int(failed, 2, item->at);
	sql_bind_text(failed, 3, item->why, STORE_TEXT_BYTES_MAX);
	if (sql_run(failed) < 0)
		return -1;
	return source.failed_since != 0
		       ? 0
		       : source_event(writer, EVENT_SOURCE_FAILED, item->list,
				 item->source, item->why, item->at);
}

int reading_source_retired(
	struct store_writer *writer, struct slice list, struct slice name, time_ms at)
{
	struct known_source source;
	if (find_source(writer, list, name, &source) < 0)
		return -1;
	return source.source_id == 0 || source.retired
		       ? 0
		       : retire_source(writer, source.source_id, source.reading_id, list,
				 name, at);
}

/* --- begin and end ------------------------------------------------------------------ */

static void keep_text(char *to, size_t size, struct slice text)
{
	size_t len = text.len < size ? text.len : size - 1;
	if (len > 0)
		memcpy(to, text.at, len);
	to[len] = '\0';
}

int reading_begin(struct store_writer *writer, const struct store_reading *item)
{
	struct known_source source;
	struct reading *reading = &writer->now.reading;

	if (find_or_add_source(writer, item->list, item->source, &source) < 0)
		return -1;
	sqlite3_stmt *add = sql_get(writer->store, STATEMENT_READING_ADD);
	sql_bind_int(add, 1, source.source_id);
	if (sql_run(add) < 0)
		return -1;
	int64_t reading_id = sqlite3_last_insert_rowid(writer->store->db);
	int64_t known_id;
	if (sql_number(writer->store, STATEMENT_LINK_LAST, &known_id) < 0)
		return -1;
	*reading = (struct reading){
		.reading_id = reading_id,
		.known_id = known_id,
		.source_id = source.source_id,
		.content_hash = item->content_hash,
		.at = item->at,
	};
	keep_text(reading->list, sizeof(reading->list), item->list);
	keep_text(reading->etag, sizeof(reading->etag), item->etag);
	keep_text(reading->last_modified, sizeof(reading->last_modified),
		item->last_modified);
	return 0;
}

static int make_current(struct store_writer *writer, const struct reading *reading)
{
	sqlite3_stmt *read = sql_get(writer->store, STATEMENT_SOURCE_READ);
	sql_bind_int(read, 1, reading->source_id);
	sql_bind_int(read, 2, reading->reading_id);
	sql_bind_int(read, 3, (int64_t)reading->content_hash);
	sql_bind_int(read, 4, reading->at);
	sql_bind_text(read, 5, slice_of(reading->etag), STORE_ETAG_BYTES_MAX);
	sql_bind_text(read, 6, slice_of(reading->last_modified), STORE_ETAG_BYTES_MAX);
	sql_bind_int(read, 7, reading->places);
	return sql_run(read);
}

/* What the source was until now; it may have been retired meanwhile. */
static int former_of(struct store_writer *writer, const struct reading *reading,
	char *name, size_t size, struct known_source *ret_source)
{
	sqlite3_stmt *row = sql_get(writer->store, STATEMENT_SOURCE_NAME);
	sql_bind_int(row, 1, reading->source_id);
	int step = sql_step(row);
	keep_text(name, size, step == 1 ? sql_text(row, 0) : (struct slice){ 0 });
	sql_end(row);
	if (step < 0)
		return -1;
	return find_source(writer, slice_of(reading->list), slice_of(name), ret_source);
}

int reading_end(struct store_writer *writer)
{
	struct reading reading = writer->now.reading;
	struct known_source former;
	char name[STORE_URL_BYTES_MAX + 1];

	assert(reading.reading_id != 0);
	writer->now.reading = (struct reading){ 0 };
	if (former_of(writer, &reading, name, sizeof(name), &former) < 0)
		return -1;
	/* At a first reading only those that come back. */
	int64_t known_id = former.reading_id != 0 ? INT64_MAX : reading.known_id;
	if (known_id > 0 &&
		changes_tell(writer, former.reading_id, reading.reading_id, known_id,
			slice_of(reading.list), slice_of(name), reading.at) < 0)
		return -1;
	if (make_current(writer, &reading) < 0)
		return -1;
	return former.failed_since == 0
		       ? 0
		       : source_event(writer, EVENT_SOURCE_BACK, slice_of(reading.list),
				 slice_of(name), (struct slice){ 0 }, reading.at);
}

/* --- mentions ----------------------------------------------------------------------- */

static void bind_what_text_says(struct store_writer *writer, sqlite3_stmt *statement,
	int at, const struct link_identity *identity)
{
	sql_bind_int(statement, at,
		word_code(&writer->store->words, WORD_REASON, (int)identity->reason));
	sql_bind_int(statement, at + 1, identity->decided);
	sql_bind_text(statement, at + 2, identity->suggestion.url, STORE_URL_BYTES_MAX);
	sql_bind_text(statement, at + 3, identity->suggestion.why, STORE_TEXT_BYTES_MAX);
}

static int add_link(struct store_writer *writer, const struct link_identity *identity,
	int64_t owner, int64_t key_hash, int64_t url_hash, int64_t *ret_link_id)
{
	struct store *store = writer->store;
	bool http = identity->kind == LINK_HTTP;
	sqlite3_stmt *add = sql_get(store, STATEMENT_LINK_ADD);

	sql_bind_int(add, 1, word_code(&store->words, WORD_LINK, (int)identity->kind));
	sql_bind_name(add, 2, identity->url);
	if (http && !slice_equal(identity->request_url, link_request_key(identity->url)))
		sql_bind_text(add, 3, identity->request_url, STORE_URL_BYTES_MAX);
	if (!slice_equal(
		    identity->fragment, link_fragment_of(identity->kind, identity->url)))
		sql_bind_name(add, 4, identity->fragment);
	sql_bind_some(add, 5, owner);
	bind_what_text_says(writer, add, 6, identity);
	if (sql_run(add) < 0)
		return -1;
	*ret_link_id = sqlite3_last_insert_rowid(store->db);
	add = sql_get(store, STATEMENT_LINK_KEY_ADD);
	sql_bind_int(add, 1, key_hash);
	sql_bind_int(add, 2, url_hash);
	sql_bind_int(add, 3, *ret_link_id);
	if (sql_run(add) < 0)
		return -1;
	if (*ret_link_id > writer->now.links)
		writer->now.links = *ret_link_id;
	return 0;
}

static bool says_the_same(struct store_writer *writer, sqlite3_stmt *row,
	const struct link_identity *identity)
{
	return word_value(&writer->store->words, WORD_REASON, sql_int(row, 6)) ==
		       (int)identity->reason &&
	       (sql_int(row, 7) != 0) == identity->decided &&
	       slice_equal(sql_text(row, 8), identity->suggestion.url) &&
	       slice_equal(sql_text(row, 9), identity->suggestion.why);
}

static int update_link(struct store_writer *writer, int64_t link_id,
	const struct link_identity *identity)
{
	sqlite3_stmt *set = sql_get(writer->store, STATEMENT_LINK_GUESS);
	sql_bind_int(set, 1, link_id);
	bind_what_text_says(writer, set, 2, identity);
	return sql_run(set);
}

static int find_or_add_link(struct store_writer *writer,
	const struct link_identity *identity, int64_t *ret_link_id)
{
	struct store *store = writer->store;
	bool owned = identity->kind == LINK_ANCHOR || identity->kind == LINK_FILE;
	int64_t owner = owned ? writer->now.reading.source_id : 0;
	int64_t key_hash = link_key_hash(store, identity->kind, identity->url);
	int64_t url_hash = link_url_hash(store, identity->url, owner);
	sqlite3_stmt *row = sql_get(store, STATEMENT_LINK_OF_KEY);
	bool found = false, same = false;
	int step = 0;

	sql_bind_int(row, 1, key_hash);
	sql_bind_int(row, 2, url_hash);
	while (!found && (step = sql_step(row)) == 1)
		if (sql_int(row, 5) == owner &&
			word_value(&store->words, WORD_LINK, sql_int(row, 1)) ==
				(int)identity->kind &&
			slice_equal(sql_text(row, 2), identity->url)) {
			found = true;
			*ret_link_id = sql_int(row, 0);
			same = says_the_same(writer, row, identity);
		}
	sql_end(row);
	if (!found)
		return step < 0 ? -1
				: add_link(writer, identity, owner, key_hash, url_hash,
					  ret_link_id);
	return same ? 0 : update_link(writer, *ret_link_id, identity);
}

static void bind_title(sqlite3_stmt *add, const struct occurrence *at)
{
	struct slice title = at->expected_title;
	if (title.len > 0 && !at->title_is_loose && slice_equal(title, at->text))
		sql_bind_int(add, 8, TITLE_IS_TEXT);
	else if (title.len > 0 && slice_equal(title, at->context))
		sql_bind_int(add, 8,
			at->title_is_loose ? TITLE_IS_LOOSE_CONTEXT : TITLE_IS_CONTEXT);
	else if (at->title_is_loose)
		sql_bind_text_as_blob(add, 8, title, STORE_TEXT_BYTES_MAX);
	else
		sql_bind_text(add, 8, title, STORE_TEXT_BYTES_MAX);
}

int reading_mention(struct store_writer *writer, const struct item_mention *mention)
{
	struct reading *reading = &writer->now.reading;
	const struct occurrence *at = &mention->at;
	int64_t link_id = 0;

	assert(reading->reading_id != 0);
	if (find_or_add_link(writer, &mention->identity, &link_id) < 0)
		return -1;
	sqlite3_stmt *add = sql_get(writer->store, STATEMENT_OCCURRENCE_ADD);
	sql_bind_int(add, 1, reading->reading_id);
	sql_bind_int(add, 2, reading->places++);
	sql_bind_int(add, 3, link_id);
	sql_bind_int(add, 4, at->line);
	sql_bind_int(add, 5, at->column);
	sql_bind_text(add, 6, at->text, STORE_TEXT_BYTES_MAX);
	if (at->context.len > 0 && slice_equal(at->context, at->text))
		sql_bind_int(add, 7, 1);
	else
		sql_bind_text(add, 7, at->context, STORE_TEXT_BYTES_MAX);
	bind_title(add, at);
	return sql_run(add);
}
