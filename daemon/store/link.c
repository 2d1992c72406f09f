#include "store/link_internal.h"

#include <assert.h>

#include "model/host.h"
#include "store/pages.h"
#include "store/record_internal.h"

/* --- identity ----------------------------------------------------------------------- */

struct slice link_request_key(struct slice url)
{
	size_t hash = slice_find_char(url, '#');
	return hash == SLICE_NONE ? url : slice_sub(url, 0, hash);
}

struct slice link_fragment_of(enum link_kind kind, struct slice url)
{
	if (kind == LINK_ANCHOR)
		return slice_sub(url, 1, url.len);
	size_t hash = kind == LINK_HTTP ? slice_find_char(url, '#') : SLICE_NONE;
	return hash == SLICE_NONE ? (struct slice){ 0 }
				  : slice_sub(url, hash + 1, url.len);
}

int64_t link_key_hash(const struct store *store, enum link_kind kind, struct slice url)
{
	if (kind != LINK_HTTP)
		return store_hash(store, url, HASH_OTHER);
	/* 0 stands for "not of the network" outside. */
	int64_t hash = store_hash(store, link_request_key(url), HASH_HTTP);
	return hash != 0 ? hash : 1;
}

int64_t link_url_hash(const struct store *store, struct slice url, int64_t owner)
{
	uint64_t salt = HASH_URL + ((uint64_t)owner << 8);
	return store_hash(store, url, salt) & UINT32_MAX;
}

/* "example.org" of "https://example.org:8080/x"; canonical, so there is no userinfo. */
static struct slice host_of(struct slice url)
{
	size_t at = slice_find(url, SLICE("://"));
	struct slice host =
		at == SLICE_NONE ? (struct slice){ 0 } : slice_sub(url, at + 3, url.len);
	size_t len = 0;
	while (len < host.len && memchr("/?#", host.at[len], 3) == NULL)
		len++;
	host = slice_sub(host, 0, len);
	size_t bracket = slice_find_char(host, ']');
	if (bracket != SLICE_NONE)
		return slice_sub(host, 0, bracket + 1);
	size_t colon = slice_find_char(host, ':');
	return colon == SLICE_NONE ? host : slice_sub(host, 0, colon);
}

uint64_t link_host_hash(const struct store *store, struct slice url)
{
	return store_host_hash(store, host_pacing_key(host_of(url)));
}

uint64_t store_host_hash(const struct store *store, struct slice pacing_key)
{
	int64_t hash = store_hash(store, pacing_key, HASH_HOST);
	return hash != 0 ? (uint64_t)hash : 1;
}

/* --- one row ------------------------------------------------------------------------ */

static struct slice keep(struct arena *arena, struct slice text)
{
	return arena == NULL || text.len == 0 ? text : arena_copy(arena, text);
}

static void read_identity(const struct store *store, sqlite3_stmt *row,
	struct arena *arena, struct store_link *link)
{
	link->link_id = sql_int(row, 0);
	link->kind =
		(enum link_kind)word_value(&store->words, WORD_LINK, sql_int(row, 1));
	link->url = keep(arena, sql_text(row, 2));
	link->fragment = sqlite3_column_type(row, 4) == SQLITE_NULL
				 ? link_fragment_of(link->kind, link->url)
				 : keep(arena, sql_text(row, 4));
	if (link->kind == LINK_HTTP) {
		link->request_key = link_request_key(link->url);
		link->request_url = sqlite3_column_type(row, 3) == SQLITE_NULL
					    ? link->request_key
					    : keep(arena, sql_text(row, 3));
	}
	link->reason =
		(enum reason)word_value(&store->words, WORD_REASON, sql_int(row, 6));
	link->decided = sql_int(row, 7) != 0;
	link->guess.url = keep(arena, sql_text(row, 8));
	link->guess.why = keep(arena, sql_text(row, 9));
}

static int read_owner(struct store *store, int64_t owner, struct arena *arena,
	struct link_rows *rows, struct store_link *link)
{
	rows->owner = sql_get(store, STATEMENT_SOURCE_NAME);
	sql_bind_int(rows->owner, 1, owner);
	int step = sql_step(rows->owner);
	if (step == 1)
		link->source = keep(arena, sql_text(rows->owner, 0));
	return step;
}

static int read_record(struct store *store, int64_t link_id, struct link_record *record)
{
	static const enum statement places[] = { STATEMENT_TAIL_GET,
		STATEMENT_STATE_GET };
	int step = 0;
	for (size_t i = 0; i < 2 && step == 0; i++) {
		sqlite3_stmt *row = sql_get(store, places[i]);
		sql_bind_int(row, 1, link_id);
		step = sql_step(row);
		if (step == 1)
			record_read(row, 0, &store->words, record);
		sql_end(row);
	}
	return step;
}

static int read_texts(struct store *store, struct arena *arena, struct link_rows *rows,
	struct store_link *link)
{
	sqlite3_stmt *row = rows->text = sql_get(store, STATEMENT_TEXT_GET);
	sql_bind_int(row, 1, link->link_id);
	int step = sql_step(row);
	if (step != 1)
		return step;
	struct store_texts *texts = &link->texts;
	if (sqlite3_column_type(row, 0) == SQLITE_INTEGER)
		texts->final_url = link->url;
	else
		texts->final_url = keep(arena, sql_text(row, 0));
	struct slice *const rest[] = { &texts->title, &texts->error, &texts->etag,
		&texts->last_modified, &texts->suggestion.url, &texts->suggestion.why,
		&texts->redirects };
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		*rest[i] = keep(arena, sql_text(row, (int)i + 1));
	return step;
}

int link_read(struct store *store, int64_t link_id, struct arena *arena,
	struct link_rows *rows, struct store_link *link)
{
	*link = (struct store_link){ 0 };
	*rows = (struct link_rows){ .link = sql_get(store, STATEMENT_LINK_GET) };
	sql_bind_int(rows->link, 1, link_id);
	int step = sql_step(rows->link);
	if (step != 1)
		return step;
	read_identity(store, rows->link, arena, link);
	if (sqlite3_column_type(rows->link, 5) != SQLITE_NULL &&
		read_owner(store, sql_int(rows->link, 5), arena, rows, link) < 0)
		return -1;
	if (read_record(store, link_id, &link->record) < 0 ||
		read_texts(store, arena, rows, link) < 0)
		return -1;
	return 1;
}

void link_rows_end(struct link_rows *rows)
{
	sqlite3_stmt *const all[] = { rows->link, rows->text, rows->owner };
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] != NULL)
			sql_end(all[i]);
}

/* --- where it stands ---------------------------------------------------------------- */

/* From one reading that mentions it to the next: a link may stand in one 100,000 times.
 */
int link_next_reading(struct store *store, int64_t link_id, int64_t *reading_id)
{
	sqlite3_stmt *row = sql_get(store, STATEMENT_READING_AFTER);
	sql_bind_int(row, 1, link_id);
	sql_bind_int(row, 2, *reading_id);
	int step = sql_step(row);
	if (step == 1)
		*reading_id = sql_int(row, 0);
	sql_end(row);
	return step;
}

/* The bits of its lists; none when the reading is not of today. */
static int add_bits(struct store *store, int64_t reading_id, uint32_t *ret_bits)
{
	sqlite3_stmt *row = sql_get(store, STATEMENT_LISTS_OF_READING);
	sql_bind_int(row, 1, reading_id);
	int step = sql_step(row);
	*ret_bits = 0;
	if (step == 1) {
		int64_t place = sql_int(row, 0);
		*ret_bits = sweep_bit_of(place > 0 ? (uint32_t)place : 0);
	}
	sql_end(row);
	return step;
}

struct labels {
	struct arena *arena;
	struct store_label *at;
	uint32_t count;
};

static bool label_is_new(const struct labels *labels, const struct store_label *label)
{
	for (uint32_t i = 0; i < labels->count; i++)
		if (slice_equal(labels->at[i].text, label->text) &&
			slice_equal(
				labels->at[i].expected_title, label->expected_title) &&
			labels->at[i].title_is_loose == label->title_is_loose)
			return false;
	return true;
}

/* As occurrence_read in history.c unfolds them. */
static struct store_label label_of(sqlite3_stmt *row)
{
	struct store_label label = { .text = sql_text(row, 0) };
	int type = sqlite3_column_type(row, 2);
	if (type == SQLITE_INTEGER) {
		bool of_context = sql_int(row, 2) != TITLE_IS_TEXT &&
				  sqlite3_column_type(row, 1) != SQLITE_INTEGER;
		label.title_is_loose = sql_int(row, 2) == TITLE_IS_LOOSE_CONTEXT;
		label.expected_title = of_context ? sql_text(row, 1) : label.text;
	} else {
		label.title_is_loose = type == SQLITE_BLOB;
		label.expected_title = sql_text(row, 2);
	}
	return label;
}

static int add_labels(
	struct store *store, int64_t link_id, int64_t reading_id, struct labels *labels)
{
	sqlite3_stmt *rows = sql_get(store, STATEMENT_LABELS);
	int step = 0;
	sql_bind_int(rows, 1, link_id);
	sql_bind_int(rows, 2, reading_id);
	while (labels->count < STORE_LABELS_MAX && (step = sql_step(rows)) == 1) {
		struct store_label label = label_of(rows);
		if (!label_is_new(labels, &label))
			continue;
		labels->at[labels->count++] =
			(struct store_label){ keep(labels->arena, label.expected_title),
				keep(labels->arena, label.text), label.title_is_loose };
	}
	sql_end(rows);
	return step < 0 ? -1 : 0;
}

int link_places(struct store *store, struct arena *arena, struct store_link *link)
{
	struct labels labels = { .arena = arena };
	int64_t reading_id = 0;
	int step;

	if (arena != NULL)
		labels.at = ARENA_ARRAY(arena, struct store_label, STORE_LABELS_MAX);
	while ((step = link_next_reading(store, link->link_id, &reading_id)) == 1) {
		uint32_t bits;
		if (add_bits(store, reading_id, &bits) < 0)
			return -1;
		link->list_bits |= bits;
		if (bits != 0 && labels.at != NULL &&
			add_labels(store, link->link_id, reading_id, &labels) < 0)
			return -1;
	}
	link->monitored = link->list_bits != 0;
	link->labels = labels.at;
	link->label_count = labels.count;
	return step;
}

/* --- doors -------------------------------------------------------------------------- */

static int load(struct store *store, int64_t link_id, struct arena *arena,
	struct store_link *link)
{
	struct link_rows rows;
	int step = link_read(store, link_id, arena, &rows, link);
	link_rows_end(&rows);
	if (step == 1 && link_places(store, arena, link) < 0)
		return -1;
	return step;
}

static int arena_ended(const struct store *store, struct error *error)
{
	return error_set(error, "no memory for a link of %s", store->path);
}

int store_load_link(struct store *store, int64_t link_id, struct arena *arena,
	struct store_link *ret_link, bool *ret_found, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	int step = load(store, link_id, arena, ret_link);
	*ret_found = step == 1;
	if (store_read_done(store, NULL, step, error) < 0)
		return -1;
	return arena->failed ? arena_ended(store, error) : 0;
}

int store_load_links(struct store *store, const int64_t *ids, uint32_t count,
	struct arena *arena, struct store_link *ret_links, struct error *error)
{
	int step = 0;

	assert(count <= STORE_PAGE_LINKS_MAX);
	if (store_read_begin(store, error) < 0)
		return -1;
	for (uint32_t i = 0; i < count && step >= 0; i++)
		step = load(store, ids[i], arena, &ret_links[i]);
	if (store_read_done(store, NULL, step, error) < 0)
		return -1;
	return arena->failed ? arena_ended(store, error) : 0;
}

/* Fills `ids` with those that share the request of `link`, itself the first. */
static int sibling_ids(struct store *store, const struct store_link *link,
	int64_t ids[static STORE_REQUEST_LINKS_MAX], uint32_t *ret_count)
{
	sqlite3_stmt *rows = sql_get(store, STATEMENT_LINKS_OF_KEY);
	uint32_t count = 0;
	int step = 0;

	sql_bind_int(rows, 1, link_key_hash(store, LINK_HTTP, link->url));
	while (count < STORE_REQUEST_LINKS_MAX - 1 && (step = sql_step(rows)) == 1) {
		int64_t id = sql_int(rows, 0);
		if (id != link->link_id &&
			slice_equal(
				link_request_key(sql_text(rows, 1)), link->request_key))
			ids[count++] = id;
	}
	sql_end(rows);
	/* Itself, in its place. */
	uint32_t at = count++;
	for (; at > 0 && ids[at - 1] > link->link_id; at--)
		ids[at] = ids[at - 1];
	ids[at] = link->link_id;
	*ret_count = count;
	return step < 0 ? -1 : 0;
}

static int load_siblings(struct store *store, const struct store_link *link,
	struct arena *arena, struct store_request *request)
{
	int64_t ids[STORE_REQUEST_LINKS_MAX] = { link->link_id };
	uint32_t count = 1;

	if (link->kind == LINK_HTTP && sibling_ids(store, link, ids, &count) < 0)
		return -1;
	request->links = ARENA_ARRAY(arena, struct store_link, count);
	for (uint32_t i = 0; i < count && request->links != NULL; i++) {
		struct store_link *to = &request->links[request->link_count];
		if (ids[i] == link->link_id)
			*to = *link;
		else if (load(store, ids[i], arena, to) < 0)
			return -1;
		if (to->monitored)
			request->link_count++;
	}
	return 0;
}

int store_load_request(struct store *store, int64_t link_id, struct arena *arena,
	struct store_request *ret_request, struct error *error)
{
	struct store_link link;

	*ret_request = (struct store_request){ 0 };
	if (store_read_begin(store, error) < 0)
		return -1;
	int step = load(store, link_id, arena, &link);
	if (step == 1)
		step = load_siblings(store, &link, arena, ret_request);
	if (store_read_done(store, NULL, step, error) < 0)
		return -1;
	return arena->failed ? arena_ended(store, error) : 0;
}

static int find_by(struct store *store, enum link_kind kind, struct slice url,
	int64_t *ids, uint32_t ids_max, uint32_t *count)
{
	sqlite3_stmt *rows = sql_get(store, STATEMENT_LINKS_OF_KEY);
	int step = 0;
	sql_bind_int(rows, 1, link_key_hash(store, kind, url));
	while (*count < ids_max && (step = sql_step(rows)) == 1)
		if (slice_equal(sql_text(rows, 1), url))
			ids[(*count)++] = sql_int(rows, 0);
	sql_end(rows);
	return step < 0 ? -1 : 0;
}

int store_find_links(struct store *store, struct slice url, int64_t *ret_ids,
	uint32_t ids_max, uint32_t *ret_count, struct error *error)
{
	*ret_count = 0;
	if (store_read_begin(store, error) < 0)
		return -1;
	int failed = find_by(store, LINK_HTTP, url, ret_ids, ids_max, ret_count);
	if (failed == 0)
		failed = find_by(store, LINK_OTHER, url, ret_ids, ids_max, ret_count);
	return store_read_done(store, NULL, failed, error);
}
