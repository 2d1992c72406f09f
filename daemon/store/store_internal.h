/* store/store: the connection, as the rest of the room sees it. */
#pragma once

#include <sqlite3.h>

#include "base/slice.h"
#include "store/statements_internal.h"
#include "store/store.h"
#include "store/words_internal.h"

enum { STORE_PAGE_BYTES = 4096, STORE_APPLICATION_ID = 0x6c726f74 /* "lrot" */ };

struct store {
	sqlite3 *db;
	sqlite3_stmt *statements[STATEMENT_COUNT];
	char *path; /* as it was given */
	char *file; /* that it means; store_file_of */
	enum store_mode mode;
	bool alone;     /* read without its log and without locks */
	int lock_fd;    /* -1: READ */
	uint64_t seed;  /* of all hashes in this file; secret, so that nobody can
			   choose colliding URLs */
	uint32_t reads; /* depth of store_read_begin */
	struct words words;
};

/* --- SQL, one line each ------------------------------------------------------------- */

/* The statement, free and without bindings. Asserts that it is not under way: a walk must
 * not be started within itself. */
sqlite3_stmt *sql_get(struct store *store, enum statement statement);

void sql_bind_int(sqlite3_stmt *statement, int at, int64_t value);
/* As NULL when it is 0, which costs a byte less than a time and says "never". */
void sql_bind_some(sqlite3_stmt *statement, int at, int64_t value);
/* Borrowed until the statement ends; an empty one is NULL. At most `bytes_max`, cut at
 * the end of a character. Bytes that are not UTF-8 are kept. */
void sql_bind_text(sqlite3_stmt *statement, int at, struct slice text, size_t bytes_max);
/* The same, of another type. */
void sql_bind_text_as_blob(
	sqlite3_stmt *statement, int at, struct slice text, size_t bytes_max);
/* As text, but never NULL. */
void sql_bind_name(sqlite3_stmt *statement, int at, struct slice text);
void sql_bind_blob(sqlite3_stmt *statement, int at, const void *bytes, size_t len);

/* 1: a row, 0: the end, -1: an error. */
int sql_step(sqlite3_stmt *statement);
void sql_end(sqlite3_stmt *statement);
/* Steps to the end and ends. 0, or -1. */
int sql_run(sqlite3_stmt *statement);

int64_t sql_int(sqlite3_stmt *statement, int column);
struct slice sql_text(sqlite3_stmt *statement, int column);
/* The first column of the first row; 0 where there is none. */
int sql_number(struct store *store, enum statement statement, int64_t *ret_number);

/* The sentence for what the connection just failed at; -1. */
int store_error(struct store *store, struct error *error);
/* What one of SQLite's codes means for people who run a daemon. */
const char *store_code_text(int code);
/* Whether what has just failed did so because of the file's content. */
bool store_is_damaged(const struct store *store);

/* --- moments ------------------------------------------------------------------------ */

/* A file that is read alone must not be written meanwhile: -1 where somebody has begun.
 */
int store_check_alone(const struct store *store, struct error *error);

/* All reads between the two see one moment. They nest. */
int store_read_begin(struct store *store, struct error *error);
void store_read_end(struct store *store);

/* Ends the read, and turns the code of sql_step into that of a door. */
int store_read_done(
	struct store *store, sqlite3_stmt *statement, int step, struct error *error);

/* --- schema ------------------------------------------------------------------------- */

enum { SCHEMA_VERSION = 3 };

/* Brings an empty or older file up to date in one transaction. */
int schema_migrate(struct store *store, struct error *error);
/* `user_version`, `application_id` ... */
int schema_pragma(struct store *store, const char *name, int64_t *ret_value);

/* --- hashes ------------------------------------------------------------------------- */

int64_t store_hash(const struct store *store, struct slice text, uint64_t salt);
