/* Sources that leave their list, and the lists that are configured. The sources of a list
 * that goes leave it first, some in each transaction, and the list last: whoever looks in
 * between sees a list that shrinks, and after a crash the same item at the next start
 * finds the rest. */
#include <stdlib.h>

#include "store/writer_internal.h"

int retire_source(struct store_writer *writer, int64_t source_id, int64_t reading_id,
	struct slice list, struct slice name, time_ms at)
{
	if (reading_id != 0 && changes_tell(writer, reading_id, 0, 0, list, name, at) < 0)
		return -1;
	sqlite3_stmt *retire = sql_get(writer->store, STATEMENT_SOURCE_RETIRE);
	sql_bind_int(retire, 1, source_id);
	return sql_run(retire);
}

/* --- lists -------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct slice *one = a, *other = b;
	if (one->len != other->len)
		return one->len < other->len ? -1 : 1;
	return one->len > 0 ? memcmp(one->at, other->at, one->len) : 0;
}

/* Sorted; NULL: no memory. */
static struct slice *names_of(const struct item_lists *lists)
{
	struct slice *names = calloc((size_t)lists->count + 1, sizeof(*names));
	if (names == NULL)
		return NULL;
	for (uint32_t i = 0; i < lists->count; i++)
		names[i] = lists->at[i].name;
	qsort(names, lists->count, sizeof(*names), by_name);
	return names;
}

void retire_forget(struct store_writer *writer)
{
	free(writer->retiring.ids);
	writer->retiring = (struct retiring){ 0 };
}

static int note_source(struct retiring *retiring, int64_t source_id)
{
	if (retiring->count == retiring->room) {
		size_t room = retiring->room > 0 ? retiring->room * 2 : 64;
		int64_t *ids = reallocarray(retiring->ids, room, sizeof(*ids));
		if (ids == NULL)
			return -1;
		retiring->ids = ids;
		retiring->room = room;
	}
	retiring->ids[retiring->count++] = source_id;
	return 0;
}

static int note_sources_of(struct store_writer *writer, int64_t list_id)
{
	sqlite3_stmt *rows = sql_get(writer->store, STATEMENT_SOURCES_OF_LIST);
	int step;
	sql_bind_int(rows, 1, list_id);
	while ((step = sql_step(rows)) == 1)
		if (note_source(&writer->retiring, sql_int(rows, 0)) < 0) {
			step = -1;
			break;
		}
	sql_end(rows);
	return step;
}

/* The next list by its id that is not named; 1: there is one. No row is left open, whose
 * end would be taken for how a statement within it ended. */
static int next_unnamed(
	struct store *store, const struct slice *names, size_t count, int64_t *list_id)
{
	bool named = true;
	int step = 1;
	while (named && step == 1) {
		sqlite3_stmt *row = sql_get(store, STATEMENT_LIST_AFTER);
		sql_bind_int(row, 1, *list_id);
		step = sql_step(row);
		if (step == 1) {
			struct slice name = sql_text(row, 1);
			*list_id = sql_int(row, 0);
			named = bsearch(&name, names, count, sizeof(name), by_name) !=
				NULL;
		}
		sql_end(row);
	}
	return step;
}

/* All sources of lists that are not named. Looked for once an item, because it takes
 * reading all that these lists ever had. */
static int find_sources(struct store_writer *writer, const struct item_lists *lists)
{
	struct slice *names = names_of(lists);
	int64_t list_id = 0;
	int step = -1;

	while (names != NULL &&
		(step = next_unnamed(writer->store, names, lists->count, &list_id)) == 1)
		if (note_sources_of(writer, list_id) < 0) {
			step = -1;
			break;
		}
	free(names);
	return step;
}

static int retire_noted(struct store_writer *writer, int64_t source_id, time_ms at)
{
	char list[STORE_TEXT_BYTES_MAX + 1], name[STORE_URL_BYTES_MAX + 1];
	int64_t reading_id = 0;
	sqlite3_stmt *row = sql_get(writer->store, STATEMENT_SOURCE_NAME);
	sql_bind_int(row, 1, source_id);
	int step = sql_step(row);
	if (step == 1) {
		struct slice name_now = sql_text(row, 0), list_now = sql_text(row, 1);
		snprintf(name, sizeof(name), "%.*s", SLICE_ARG(name_now));
		snprintf(list, sizeof(list), "%.*s", SLICE_ARG(list_now));
		reading_id = sql_int(row, 2);
	}
	sql_end(row);
	return step != 1 ? step
			 : retire_source(writer, source_id, reading_id, slice_of(list),
				   slice_of(name), at);
}

static int put_places(struct store_writer *writer, const struct item_lists *lists)
{
	if (sql_run(sql_get(writer->store, STATEMENT_LISTS_RETIRE)) < 0)
		return -1;
	for (uint32_t i = 0; i < lists->count; i++) {
		sqlite3_stmt *put = sql_get(writer->store, STATEMENT_LIST_PUT);
		sql_bind_name(put, 1, lists->at[i].name);
		sql_bind_text(put, 2, lists->at[i].title, STORE_TEXT_BYTES_MAX);
		sql_bind_int(put, 3, i);
		if (sql_run(put) < 0)
			return -1;
	}
	return 0;
}

int retire_and_put_lists(struct store_writer *writer, const struct item_lists *lists)
{
	struct retiring *retiring = &writer->retiring;
	if (!retiring->begun && find_sources(writer, lists) < 0)
		return -1;
	retiring->begun = true;
	while (retiring->next < retiring->count) {
		if (writer_has_worked(writer))
			return 1;
		if (retire_noted(writer, retiring->ids[retiring->next], lists->when) < 0)
			return -1;
		retiring->next++;
		writer_works(writer);
	}
	retire_forget(writer);
	return put_places(writer, lists);
}
