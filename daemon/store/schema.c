/* The tables, as an append-only list of migrations: the file's user_version is how many
 * of them it has seen. A migration that was released is never edited, only followed by
 * another. The views are public (interfaces, section 6). */
#include "store/store_internal.h"

#include <sys/random.h>

#define WORD(kind, code)                                                                 \
	"(SELECT text FROM word WHERE word.kind = " #kind " AND word.code = " code ")"
#define RFC3339(ms)                                                                      \
	"CASE WHEN " ms " > 0 THEN strftime('%Y-%m-%dT%H:%M:%SZ', " ms                   \
	" / 1000, 'unixepoch') END"
/* Of the newest record, wherever it stands. */
#define FRESH(column) "CASE WHEN t.seq IS NULL THEN s." column " ELSE t." column " END"

static const char *const schema_1[] = {
	"CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL)"
	" STRICT, WITHOUT ROWID;",

	/* The numbers of the words in all other tables; see words_internal.h. */
	"CREATE TABLE word(kind INTEGER NOT NULL, code INTEGER NOT NULL,"
	" text TEXT NOT NULL, PRIMARY KEY(kind, code)) STRICT, WITHOUT ROWID;",

	/* place: in the configuration, from 0; -1: retired. */
	"CREATE TABLE list(list_id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
	" title TEXT, place INTEGER NOT NULL) STRICT;",

	/* reading_id: that of today; NULL: none, so that nothing stands in it. */
	"CREATE TABLE source(source_id INTEGER PRIMARY KEY,"
	" list_id INTEGER NOT NULL REFERENCES list, name TEXT NOT NULL,"
	" reading_id INTEGER REFERENCES reading, content_hash INTEGER, read_at INTEGER,"
	" etag TEXT, last_modified TEXT, failed_since INTEGER, failure TEXT,"
	" occurrences INTEGER NOT NULL DEFAULT 0, retired INTEGER NOT NULL,"
	" UNIQUE(list_id, name)) STRICT;",
	"CREATE INDEX source_reading ON source(reading_id);",

	/* One time that a source was read. Those that no source points to are under way,
	 * or left over and deleted piece by piece. */
	"CREATE TABLE reading(reading_id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" source_id INTEGER NOT NULL REFERENCES source) STRICT;",
	"CREATE INDEX reading_source ON reading(source_id);",

	/* What can be told from the url is NULL. */
	"CREATE TABLE link(link_id INTEGER PRIMARY KEY, kind INTEGER NOT NULL,"
	" url TEXT NOT NULL, request_url TEXT, fragment TEXT,"
	" owner INTEGER REFERENCES source, reason INTEGER NOT NULL,"
	" decided INTEGER NOT NULL, guess_url TEXT, guess_why TEXT) STRICT;",

	/* In the place of an index on text. key_hash: of the request key (http), or of
	 * the url; url_hash: 32 bits, of the url and its owner, so that 100,000 fragments
	 * of one page are told apart. Written with its link; no reference is declared,
	 * which would take an index as large as itself. */
	"CREATE TABLE link_key(key_hash INTEGER NOT NULL, url_hash INTEGER NOT NULL,"
	" link_id INTEGER NOT NULL, PRIMARY KEY(key_hash, url_hash, link_id))"
	" STRICT, WITHOUT ROWID;",

	"CREATE INDEX link_owner ON link(owner) WHERE owner IS NOT NULL;",

	/* ok_ago: checked_at less last_ok_at; NULL: never. rest: see record.c. */
	"CREATE TABLE link_state(link_id INTEGER PRIMARY KEY REFERENCES link,"
	" state INTEGER NOT NULL, since INTEGER, checked_at INTEGER, ok_ago INTEGER,"
	" reason INTEGER NOT NULL, http_status INTEGER NOT NULL,"
	" strike_halves INTEGER NOT NULL, due_at INTEGER, interval_ms INTEGER,"
	" rest BLOB NOT NULL) STRICT;",

	/* Fresh checks, each with the record after it, appended; at: NULL where it is
	 * checked_at, outcome: NULL where it was no check; the newest of a link
	 * counts. Folded into link_state and check_log in large pieces: a random row of
	 * link_state costs a page, an appended one 1/30 of it. No reference to link is
	 * declared, because looking it up for every check would cost as much as the
	 * check. */
	"CREATE TABLE tail(seq INTEGER PRIMARY KEY, link_id INTEGER NOT NULL,"
	" at INTEGER, outcome INTEGER, check_reason INTEGER,"
	" check_status INTEGER, elapsed_ms INTEGER,"
	" state INTEGER NOT NULL, since INTEGER, checked_at INTEGER, ok_ago INTEGER,"
	" reason INTEGER NOT NULL, http_status INTEGER NOT NULL,"
	" strike_halves INTEGER NOT NULL, due_at INTEGER, interval_ms INTEGER,"
	" rest BLOB NOT NULL) STRICT;",
	"CREATE INDEX tail_link ON tail(link_id);",

	/* Without an index on link_id: it would cost more than the log (see links.h). */
	"CREATE TABLE check_log(check_id INTEGER PRIMARY KEY, link_id INTEGER NOT NULL,"
	" at INTEGER NOT NULL, outcome INTEGER NOT NULL, reason INTEGER NOT NULL,"
	" http_status INTEGER NOT NULL, elapsed_ms INTEGER NOT NULL) STRICT;",

	/* final_url: 1 where it is the url itself. */
	"CREATE TABLE link_text(link_id INTEGER PRIMARY KEY REFERENCES link,"
	" final_url ANY, title TEXT, error TEXT, etag TEXT, last_modified TEXT,"
	" suggestion_url TEXT, suggestion_why TEXT) STRICT;",

	/* n tells spans apart that a clock set back let begin at one time. */
	"CREATE TABLE span(link_id INTEGER NOT NULL REFERENCES link,"
	" first_at INTEGER NOT NULL, n INTEGER NOT NULL, rest BLOB NOT NULL,"
	" PRIMARY KEY(link_id, first_at, n)) STRICT, WITHOUT ROWID;",

	"CREATE TABLE event(event_id INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
	" link_id INTEGER REFERENCES link, kind INTEGER NOT NULL, from_state INTEGER,"
	" to_state INTEGER, reason INTEGER NOT NULL, incident_id INTEGER,"
	" links INTEGER, text TEXT) STRICT;",
	"CREATE INDEX event_link ON event(link_id) WHERE link_id IS NOT NULL;",

	/* context: 1 where it is the text; expected_title: store/link_internal.h. */
	"CREATE TABLE occurrence(reading_id INTEGER NOT NULL REFERENCES reading,"
	" place INTEGER NOT NULL, link_id INTEGER NOT NULL REFERENCES link,"
	" line INTEGER NOT NULL, column INTEGER NOT NULL, text TEXT, context ANY,"
	" expected_title ANY, PRIMARY KEY(reading_id, place)) STRICT, WITHOUT ROWID;",
	"CREATE INDEX occurrence_link ON occurrence(link_id, reading_id);",

	"CREATE TABLE host(key TEXT PRIMARY KEY, updated_at INTEGER, paused_until "
	"INTEGER,"
	" request_interval_ms INTEGER, robots_read_at INTEGER, robots_status INTEGER,"
	" head_agreed INTEGER, get_only INTEGER, breaker_failures INTEGER,"
	" breaker_opened INTEGER, breaker_cause INTEGER, breaker_until INTEGER)"
	" STRICT, WITHOUT ROWID;",

	/* clang-format off */
	"CREATE VIEW v_link(link_id, url, state, since, last_ok_at, last_checked_at,"
	" reason, http_status, final_url, strikes) AS "
	"SELECT l.link_id, l.url,"
	" coalesce(" WORD(3, FRESH("state")) ", 'unchecked'), "
	RFC3339(FRESH("since")) ", CASE WHEN t.seq IS NULL THEN "
	RFC3339("(s.checked_at - s.ok_ago)") " ELSE "
	RFC3339("(t.checked_at - t.ok_ago)") " END, "
	RFC3339(FRESH("checked_at")) ", "
	WORD(1, FRESH("reason")) ","
	" nullif(" FRESH("http_status") ", 0),"
	" CASE typeof(x.final_url) WHEN 'integer' THEN l.url ELSE x.final_url END,"
	" coalesce(" FRESH("strike_halves") ", 0) / 2.0"
	" FROM link l LEFT JOIN link_state s ON s.link_id = l.link_id"
	" LEFT JOIN tail t ON t.seq ="
	" (SELECT max(seq) FROM tail WHERE tail.link_id = l.link_id)"
	" LEFT JOIN link_text x ON x.link_id = l.link_id;",

	"CREATE VIEW v_occurrence(link_id, list, source, line, column, text) AS "
	"SELECT o.link_id, list.name, source.name, o.line, o.column, coalesce(o.text, '')"
	" FROM source JOIN list USING(list_id)"
	" JOIN occurrence o ON o.reading_id = source.reading_id;",

	"CREATE VIEW v_check(link_id, at, outcome, reason, http_status, elapsed_ms) AS "
	"SELECT link_id, " RFC3339("at") ", " WORD(0, "outcome") ", " WORD(1, "reason") ","
	" nullif(http_status, 0), CASE WHEN elapsed_ms >= 0 THEN elapsed_ms END"
	" FROM check_log UNION ALL "
	"SELECT link_id, " RFC3339("coalesce(at, checked_at)") ", "
	WORD(0, "outcome") ", " WORD(1, "check_reason") ", nullif(check_status, 0),"
	" CASE WHEN elapsed_ms >= 0 THEN elapsed_ms END"
	" FROM tail WHERE outcome IS NOT NULL;",

	"CREATE VIEW v_event(event_id, at, link_id, from_state, to_state, reason, kind,"
	" text) AS SELECT event_id, " RFC3339("at") ", link_id, "
	WORD(3, "from_state") ", " WORD(3, "to_state") ", " WORD(1, "reason") ", "
	WORD(5, "event.kind") ", coalesce(event.text, '') FROM event;",
	/* clang-format on */

	NULL,
};

/* Messages, receivers, days; and which list an event is of. None of the large tables
 * changes: a million links are brought up in milliseconds. */
static const char *const schema_2[] = {
	/* Of the few events that are of a list: a column would cost all of them a byte.
	 */
	"CREATE TABLE event_list(event_id INTEGER PRIMARY KEY REFERENCES event,"
	" list_id INTEGER NOT NULL REFERENCES list) STRICT;",

	/* list_id: 0 all lists together. rest: see record.c. */
	"CREATE TABLE tally(list_id INTEGER NOT NULL, day INTEGER NOT NULL,"
	" rest BLOB NOT NULL, PRIMARY KEY(list_id, day)) STRICT, WITHOUT ROWID;",

	"CREATE TABLE mark(name TEXT PRIMARY KEY, at INTEGER, event_id INTEGER)"
	" STRICT, WITHOUT ROWID;",

	/* With a rowid: states may be large. */
	"CREATE TABLE receiver(receiver_id INTEGER PRIMARY KEY,"
	" name TEXT NOT NULL UNIQUE, step INTEGER NOT NULL, event_id INTEGER,"
	" updated_at INTEGER, state BLOB) STRICT;",

	/* due_at: NULL when it is over, done or failed; of a leased one the end of the
	 * lease, so that one index tells what is to be sent. AUTOINCREMENT: an id stands
	 * in what others have received, and is never given again. */
	"CREATE TABLE outbox(message_id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" receiver TEXT NOT NULL, group_key TEXT, created_at INTEGER, due_at INTEGER,"
	" lease_until INTEGER, tried_at INTEGER, done_at INTEGER, failed_at INTEGER,"
	" attempts INTEGER NOT NULL, hash INTEGER, error TEXT) STRICT;",
	"CREATE INDEX outbox_due ON outbox(due_at) WHERE due_at IS NOT NULL;",
	"CREATE INDEX outbox_done ON outbox(done_at) WHERE done_at IS NOT NULL;",
	"CREATE INDEX outbox_failed ON outbox(failed_at) WHERE failed_at IS NOT NULL;",
	"CREATE INDEX outbox_error ON outbox(receiver, tried_at) WHERE error IS NOT "
	"NULL;",
	"CREATE UNIQUE INDEX outbox_hash ON outbox(receiver, hash) WHERE hash IS NOT "
	"NULL;",

	/* Apart, so that counting messages does not read them. payload: NULL when done.
	 */
	"CREATE TABLE outbox_body(message_id INTEGER PRIMARY KEY"
	" REFERENCES outbox ON DELETE CASCADE, subject TEXT, payload BLOB) STRICT;",

	NULL,
};

/* The ways that redirects take. In a table of its own only links that redirect have a
 * row, a reader of titles does not read them, and a million links are brought up without
 * one of them being read or written. hops: see texts.c. */
static const char *const schema_3[] = {
	"CREATE TABLE link_redirects(link_id INTEGER PRIMARY KEY REFERENCES link,"
	" hops TEXT NOT NULL) STRICT;",

	/* What is found in a document is not what it was: each is read once more. */
	"UPDATE source SET content_hash = NULL, etag = NULL, last_modified = NULL;",

	NULL,
};

static const char *const *const migrations[] = { schema_1, schema_2, schema_3 };
_Static_assert(sizeof(migrations) / sizeof(migrations[0]) == SCHEMA_VERSION,
	"SCHEMA_VERSION counts the migrations");
_Static_assert(
	WORD_OUTCOME == 0 && WORD_REASON == 1 && WORD_STATE == 3 && WORD_EVENT == 5,
	"the views have these numbers in them");

int schema_pragma(struct store *store, const char *name, int64_t *ret_value)
{
	char sql[64];
	sqlite3_stmt *row = NULL;
	snprintf(sql, sizeof(sql), "PRAGMA %s", name);
	if (sqlite3_prepare_v2(store->db, sql, -1, &row, NULL) != SQLITE_OK)
		return -1;
	int step = sql_step(row);
	*ret_value = step == 1 ? sql_int(row, 0) : 0;
	sqlite3_finalize(row);
	return step < 0 ? -1 : 0;
}

static int execute(struct store *store, const char *sql)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : -1;
}

static int migrate(struct store *store, const char *const *statements)
{
	int failed = 0;
	for (; *statements != NULL && failed == 0; statements++)
		failed = execute(store, *statements);
	return failed;
}

/* Seed and mark of a new file. */
static int mark(struct store *store)
{
	uint64_t seed;
	char sql[160];
	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		return -1;
	snprintf(sql, sizeof(sql),
		"INSERT INTO meta(name, value) VALUES('hash_seed', x'%016llx');"
		"PRAGMA application_id = %d",
		(unsigned long long)seed, STORE_APPLICATION_ID);
	return execute(store, sql);
}

int schema_migrate(struct store *store, struct error *error)
{
	int64_t version;
	char sql[64];

	if (execute(store, "BEGIN EXCLUSIVE") < 0 ||
		schema_pragma(store, "user_version", &version) < 0)
		return store_error(store, error);
	int failed = 0;
	for (int64_t i = version; i < SCHEMA_VERSION && failed == 0; i++)
		failed = migrate(store, migrations[i]);
	if (failed == 0 && version == 0)
		failed = mark(store);
	snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", SCHEMA_VERSION);
	if (failed == 0)
		failed = execute(store, sql);
	if (failed == 0)
		failed = words_load(store, true, NULL);
	if (failed == 0 && execute(store, "COMMIT") == 0)
		return 0;
	store_error(store, error);
	execute(store, "ROLLBACK");
	return -1;
}
