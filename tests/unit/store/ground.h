/* tests/unit/store: a directory for one test, and short ways to put and look. */
#pragma once

#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/links.h"
#include "store/lists.h"
#include "store/maintain.h"
#include "store/writer.h"

static char ground_directory[64], ground_path[96];

__attribute__((unused)) static int ground_setup(void **state)
{
	(void)state;
	snprintf(
		ground_directory, sizeof(ground_directory), "/tmp/linkrotd-store-XXXXXX");
	assert_non_null(mkdtemp(ground_directory));
	snprintf(ground_path, sizeof(ground_path), "%s/l.db", ground_directory);
	return 0;
}

__attribute__((unused)) static int ground_teardown(void **state)
{
	char command[128];
	(void)state;
	chmod(ground_directory, 0700);
	snprintf(command, sizeof(command), "rm -rf %s", ground_directory);
	return system(command);
}

__attribute__((unused)) static struct store *ground_open(enum store_mode mode)
{
	struct error error = { 0 };
	struct store *store = store_open(ground_path, mode, &error);
	if (store == NULL)
		fail_msg("%s", error.text);
	return store;
}

__attribute__((unused)) static struct store_writer *ground_writer(void)
{
	struct error error = { 0 };
	struct store_writer_options options = { 0 };
	struct store_writer *writer =
		store_writer_start(ground_open(STORE_WRITE), &options, &error);
	if (writer == NULL)
		fail_msg("%s", error.text);
	return writer;
}

__attribute__((unused)) static void ground_stop(struct store_writer *writer)
{
	struct error error = { 0 };
	if (store_writer_stop(writer, 60000, &error) < 0)
		fail_msg("%s", error.text);
}

/* Polls what the thread says of itself; the time is only a bound for a broken build. */
__attribute__((unused)) static void ground_wait(
	struct store_writer *writer, uint64_t item)
{
	struct store_health health;
	assert_true(item > 0);
	store_writer_flush(writer);
	for (int i = 0; i < 60000; i++) {
		store_writer_health(writer, &health);
		if (health.committed >= item)
			return;
		usleep(1000);
	}
	fail_msg("item %llu is not committed: %s", (unsigned long long)item,
		health.trouble);
}

__attribute__((unused)) static void ground_lists(
	struct store_writer *writer, const char *first, const char *second)
{
	struct store_list_config lists[] = { { slice_of(first), SLICE("The first") },
		{ slice_of(second), SLICE("The second") } };
	assert_true(store_put_lists(writer, lists, second != NULL ? 2 : 1, 1000) > 0);
}

__attribute__((unused)) static void ground_begin(
	struct store_writer *writer, const char *list, const char *source, uint64_t hash)
{
	struct store_reading reading = { .list = slice_of(list),
		.source = slice_of(source),
		.content_hash = hash,
		.etag = SLICE("\"e\""),
		.at = 5000 };
	assert_true(store_put_reading(writer, &reading) > 0);
}

__attribute__((unused)) static uint64_t ground_mention(
	struct store_writer *writer, const char *url, uint32_t line)
{
	struct slice text = slice_of(url);
	size_t hash = slice_find_char(text, '#');
	struct link_identity identity = { .kind = LINK_HTTP, .url = text };
	identity.request_key = hash == SLICE_NONE ? text : slice_sub(text, 0, hash);
	identity.request_url = identity.request_key;
	if (hash != SLICE_NONE)
		identity.fragment = slice_sub(text, hash + 1, text.len);
	struct occurrence at = { .line = line,
		.column = 3,
		.text = SLICE("Paper"),
		.context = SLICE("A Survey"),
		.expected_title = SLICE("A Survey") };
	return store_put_mention(writer, &identity, &at);
}

/* One whole reading of `count` URLs. */
__attribute__((unused)) static void ground_read(struct store_writer *writer,
	const char *list, const char *source, const char *const *urls, uint32_t count)
{
	ground_begin(writer, list, source, count + 1);
	for (uint32_t i = 0; i < count; i++)
		assert_true(ground_mention(writer, urls[i], i + 1) > 0);
	ground_wait(writer, store_put_reading_end(writer));
}

__attribute__((unused)) static int64_t ground_find(struct store *store, const char *url)
{
	int64_t id = 0;
	uint32_t count;
	assert_int_equal(store_find_links(store, slice_of(url), &id, 1, &count, NULL), 0);
	return count > 0 ? id : 0;
}

/* The first column of the first row, as the command `sqlite3` would see it. */
__attribute__((unused)) static const char *ground_sql(const char *sql)
{
	static char text[512];
	sqlite3 *db = NULL;
	sqlite3_stmt *row = NULL;
	assert_int_equal(
		sqlite3_open_v2(ground_path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	text[0] = '\0';
	if (sqlite3_step(row) == SQLITE_ROW && sqlite3_column_text(row, 0) != NULL)
		snprintf(text, sizeof(text), "%s", sqlite3_column_text(row, 0));
	sqlite3_finalize(row);
	sqlite3_close(db);
	return text;
}

__attribute__((unused)) static void ground_tell(const char *sentence, void *context)
{
	(void)context;
	print_message("%s\n", sentence);
}

__attribute__((unused)) static uint64_t ground_verify(void)
{
	uint64_t faults = 1;
	struct error error;
	if (store_verify(ground_path, ground_tell, NULL, &faults, &error) < 0)
		fail_msg("%s", error.text);
	return faults;
}
