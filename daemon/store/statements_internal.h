/* store/statements: every SQL statement that runs more than once, by name.
 *
 * All are prepared when a store is opened, so that a slip in one is a failing unit test
 * and no surprise at night. Numbers in it are codes of store/words, times are
 * milliseconds since 1970, NULL stands for nothing known.
 */
#pragma once

/* A record (store/record): of a link, in link_state, or in the tail of fresh ones. */
#define RECORD_COLUMNS                                                                   \
	"state, since, checked_at, ok_ago, reason, http_status, strike_halves, "         \
	"due_at, interval_ms, rest"
#define LINK_COLUMNS                                                                     \
	"link_id, kind, url, request_url, fragment, owner, reason, decided, guess_url, " \
	"guess_why"

/* Of the ids from ?1 to below ?2, before ?3; the codes of both events of an incident are
 * ?4 and ?5, that of `alive` is ?6. When a link was last well is looked for once a link,
 * not once an event: of one that never was, all events have to be read for that. */
#define OLD_EVENTS                                                                       \
	"WITH well AS MATERIALIZED (SELECT link_id, (SELECT max(good.event_id) "         \
	"FROM event good WHERE good.link_id = of.link_id AND good.to_state = ?6) "       \
	"AS last_id FROM (SELECT DISTINCT link_id FROM event "                           \
	"WHERE event_id >= ?1 AND event_id < ?2) of) "                                   \
	"SELECT event.event_id FROM event LEFT JOIN well USING(link_id) "                \
	"WHERE event.event_id >= ?1 AND event.event_id < ?2 AND at < ?3 "                \
	"AND event.event_id < (SELECT max(event_id) FROM event) "                        \
	"AND CASE WHEN link_id IS NULL THEN kind NOT IN (?4, ?5) "                       \
	"ELSE event.event_id < well.last_id END"
#define EVENT_COLUMNS                                                                    \
	"event_id, at, link_id, kind, from_state, to_state, reason, incident_id, "       \
	"links, text"

#define EVENT_LIST                                                                       \
	"(SELECT name FROM event_list JOIN list USING(list_id) "                         \
	"WHERE event_list.event_id = event.event_id)"

#define MESSAGE_COLUMNS                                                                  \
	"message_id, receiver, group_key, created_at, due_at, lease_until, tried_at, "   \
	"done_at, failed_at, attempts, hash, error"

#define SOURCE_COLUMNS                                                                   \
	"list.name, source.name, source.content_hash, source.read_at, source.etag, "     \
	"source.last_modified, source.failed_since, source.failure, source.occurrences"

#define HOST_COLUMNS                                                                     \
	"key, updated_at, paused_until, request_interval_ms, robots_read_at, "           \
	"robots_status, head_agreed, get_only, breaker_failures, breaker_opened, "       \
	"breaker_cause, breaker_until"

/* Documents of today, of the list ?2 or of all, that mention a link, found by leaps from
 * one to the next: one of them may mention it 100,000 times. Their LIMIT keeps SQLite
 * from dropping the order when they are joined. */
#define DOCUMENTS_OF_LINK(columns)                                                       \
	"WITH RECURSIVE r(id) AS (SELECT min(reading_id) FROM occurrence "               \
	"INDEXED BY occurrence_link WHERE link_id = ?1 UNION ALL "                       \
	"SELECT (SELECT min(reading_id) FROM occurrence INDEXED BY occurrence_link "     \
	"WHERE link_id = ?1 AND reading_id > r.id) FROM r WHERE r.id IS NOT NULL) "      \
	"SELECT " columns " FROM r CROSS JOIN source ON source.reading_id = r.id "       \
	"JOIN list USING(list_id) WHERE ?2 IS NULL OR list.name = ?2 "                   \
	"ORDER BY list.place, source.name LIMIT -1"

#define PLACES_OF_READING                                                                \
	"(SELECT count(*) FROM occurrence INDEXED BY occurrence_link "                   \
	"WHERE link_id = ?1 AND reading_id = r.id)"

#define DOCUMENT_COLUMNS "list.name AS list, source.name AS source, r.id AS id"

#define OCCURRENCES_OF_LINK                                                              \
	"SELECT d.list, d.source, o.line, o.column, o.text, o.context, "                 \
	"o.expected_title FROM (" DOCUMENTS_OF_LINK(DOCUMENT_COLUMNS) OCCURRENCES_IN

#define OCCURRENCES_IN                                                                   \
	") d CROSS JOIN occurrence o INDEXED BY occurrence_link "                        \
	"ON o.link_id = ?1 AND o.reading_id = d.id"

#define READ_STATEMENTS(X)                                                               \
	X(META_GET, "SELECT value FROM meta WHERE name = ?1")                            \
	/* The three cursors of a sweep (store/sweep), each in order of link_id. */      \
	X(SWEEP_PLACES, "SELECT link_id, reading_id FROM occurrence "                    \
			"INDEXED BY occurrence_link WHERE link_id > ?1 "                 \
			"ORDER BY link_id, reading_id")                                  \
	X(SWEEP_LINKS, "SELECT link_id, kind, url FROM link WHERE link_id > ?1 "         \
		       "ORDER BY link_id")                                               \
	X(SWEEP_DUES, "SELECT link_id, state, due_at, interval_ms, checked_at "          \
		      "FROM link_state WHERE link_id > ?1 ORDER BY link_id")             \
	X(SWEEP_STATES, "SELECT link_id, state FROM link_state WHERE link_id > ?1 "      \
			"ORDER BY link_id")                                              \
	X(SWEEP_KINDS, "SELECT link_id, kind FROM link WHERE link_id > ?1 "              \
		       "ORDER BY link_id")                                               \
	X(SWEEP_RECORDS, "SELECT link_id, " RECORD_COLUMNS " FROM link_state "           \
			 "WHERE link_id > ?1 ORDER BY link_id")                          \
	X(SWEEP_TAIL_RECORDS, "SELECT link_id, " RECORD_COLUMNS ", max(seq) FROM tail "  \
			      "WHERE link_id > ?1 GROUP BY link_id ORDER BY link_id")    \
	X(SWEEP_TITLES, "SELECT link_id, title FROM link_text WHERE link_id > ?1 "       \
			"ORDER BY link_id")                                              \
	X(SWEEP_TAIL, "SELECT link_id, state, due_at, interval_ms, checked_at, "         \
		      "max(seq) FROM tail WHERE link_id > ?1 GROUP BY link_id "          \
		      "ORDER BY link_id")                                                \
	X(READINGS, "SELECT source.reading_id, list.place, source.source_id "            \
		    "FROM source JOIN list USING(list_id) "                              \
		    "WHERE source.reading_id IS NOT NULL ORDER BY source.reading_id")    \
	X(DUE_OF_SOURCE, "SELECT link_id, place FROM occurrence WHERE reading_id = ?1 "  \
			 "AND place >= ?2 ORDER BY place")                               \
	X(DUE_OF_LINK, "SELECT link.link_id, kind, url, state, "                         \
		       "due_at, interval_ms, checked_at FROM link "                      \
		       "LEFT JOIN link_state USING(link_id) WHERE link.link_id = ?1")    \
	X(DUE_OF_TAIL, "SELECT state, due_at, interval_ms, checked_at FROM tail "        \
		       "WHERE link_id = ?1 ORDER BY seq DESC LIMIT 1")                   \
	X(LINK_GET, "SELECT " LINK_COLUMNS " FROM link WHERE link_id = ?1")              \
	X(LINKS_OF_KEY, "SELECT link_id, url FROM link_key JOIN link USING(link_id) "    \
			"WHERE key_hash = ?1 "                                           \
			"ORDER BY link_id")                                              \
	X(LINK_OF_KEY, "SELECT " LINK_COLUMNS " FROM link_key JOIN link USING(link_id) " \
		       "WHERE key_hash = ?1 AND url_hash = ?2")                          \
	X(STATE_GET, "SELECT " RECORD_COLUMNS " FROM link_state WHERE link_id = ?1")     \
	X(TAIL_GET, "SELECT " RECORD_COLUMNS " FROM tail WHERE link_id = ?1 "            \
		    "ORDER BY seq DESC LIMIT 1")                                         \
	X(TEXT_GET, "SELECT final_url, title, error, etag, last_modified, "              \
		    "suggestion_url, suggestion_why, hops FROM link_text "               \
		    "LEFT JOIN link_redirects USING(link_id) WHERE link_id = ?1")        \
	/* Told which index: SQLite knows nothing of how many rows a reading has. */     \
	X(READING_AFTER, "SELECT reading_id FROM occurrence "                            \
			 "INDEXED BY occurrence_link WHERE link_id = ?1 "                \
			 "AND reading_id > ?2 ORDER BY reading_id LIMIT 1")              \
	X(LABELS, "SELECT text, context, expected_title FROM occurrence "                \
		  "INDEXED BY occurrence_link "                                          \
		  "WHERE link_id = ?1 AND reading_id = ?2 LIMIT 64")                     \
	X(LISTS_OF_READING, "SELECT list.place FROM source JOIN list USING(list_id) "    \
			    "WHERE source.reading_id = ?1")                              \
	X(DOCUMENTS, DOCUMENTS_OF_LINK("list.name, source.name, " PLACES_OF_READING))    \
	X(OCCURRENCES, OCCURRENCES_OF_LINK)                                              \
	X(SPANS, "SELECT first_at, rest FROM span WHERE link_id = ?1 "                   \
		 "ORDER BY first_at DESC, n DESC")                                       \
	X(SPANS_COUNT, "SELECT count(*) FROM span WHERE link_id = ?1")                   \
	X(CHECKS_TAIL, "SELECT coalesce(at, checked_at), outcome, check_reason, "        \
		       "check_status, elapsed_ms "                                       \
		       "FROM tail WHERE link_id = ?1 AND outcome IS NOT NULL "           \
		       "ORDER BY seq DESC")                                              \
	X(CHECKS_LOG, "SELECT at, outcome, reason, http_status, elapsed_ms "             \
		      "FROM check_log WHERE link_id = ?1 AND check_id > ?2 + "           \
		      "coalesce((SELECT max(check_id) FROM check_log), 0) "              \
		      "ORDER BY check_id DESC")                                          \
	X(CHECKS_TAIL_ALL, "SELECT coalesce(at, checked_at), outcome, check_reason, "    \
			   "check_status, elapsed_ms, link_id "                          \
			   "FROM tail WHERE outcome IS NOT NULL ORDER BY seq DESC")      \
	X(CHECKS_LOG_ALL, "SELECT at, outcome, reason, http_status, elapsed_ms, "        \
			  "link_id FROM check_log ORDER BY check_id DESC")               \
	X(EVENTS_OF_LINK, "SELECT " EVENT_COLUMNS ", " EVENT_LIST ", NULL FROM event "   \
			  "WHERE link_id = ?1 ORDER BY event_id")                        \
	X(EVENTS_OF_LINK_DOWN,                                                           \
		"SELECT " EVENT_COLUMNS ", " EVENT_LIST ", NULL FROM event "             \
		"WHERE link_id = ?1 ORDER BY event_id DESC")                             \
	X(EVENTS, "SELECT " EVENT_COLUMNS ", " EVENT_LIST ", (SELECT url FROM link "     \
		  "WHERE link.link_id = event.link_id) FROM event "                      \
		  "WHERE event_id > ?1 AND at >= ?2 ORDER BY event_id")                  \
	/* ?4 to ?6 are alive, moved and dead. */                                        \
	X(EVENT_KEPT, "SELECT from_state, to_state FROM event "                          \
		      "WHERE link_id = ?1 AND event_id < ?2 AND kind = ?3 "              \
		      "AND (to_state IN (?4, ?5, ?6) OR from_state IN (?4, ?5, ?6)) "    \
		      "ORDER BY event_id DESC LIMIT 1")                                  \
	/* Without the URL, which is looked up for those that are told. */               \
	X(INCIDENTS_OPEN,                                                                \
		"SELECT " EVENT_COLUMNS ", NULL, NULL FROM event "                       \
		"WHERE kind = ?1 AND event_id NOT IN (SELECT incident_id FROM event "    \
		"WHERE kind = ?2 AND incident_id IS NOT NULL) ORDER BY event_id")        \
	X(EVENTS_UP, "SELECT " EVENT_COLUMNS ", " EVENT_LIST ", NULL FROM event "        \
		     "WHERE event_id > ?1 ORDER BY event_id")                            \
	X(EVENTS_DOWN, "SELECT " EVENT_COLUMNS ", " EVENT_LIST ", NULL FROM event "      \
		       "WHERE event_id < ?1 ORDER BY event_id DESC")                     \
	X(EVENT_BEHIND, "SELECT event_id FROM event ORDER BY event_id DESC "             \
			"LIMIT 1 OFFSET ?1")                                             \
	X(EVENT_URL, "SELECT url FROM link WHERE link_id = ?1")                          \
	X(TALLIES, "SELECT day, rest FROM tally WHERE list_id = CASE WHEN ?1 IS NULL "   \
		   "THEN 0 ELSE (SELECT list_id FROM list WHERE name = ?1) END "         \
		   "AND day BETWEEN ?2 AND ?3 ORDER BY day")                             \
	X(RECEIVERS, "SELECT name, step, event_id, updated_at, state FROM receiver "     \
		     "WHERE ?1 IS NULL OR name = ?1 ORDER BY name")                      \
	X(MARK_GET, "SELECT name, at, event_id FROM mark WHERE name = ?1")               \
	X(MESSAGES_DUE, "SELECT " MESSAGE_COLUMNS ", subject, payload FROM outbox "      \
			"JOIN outbox_body USING(message_id) WHERE due_at <= ?1 "         \
			"AND (?2 IS NULL OR receiver = ?2) ORDER BY due_at, message_id " \
			"LIMIT ?3")                                                      \
	X(MESSAGE_GET, "SELECT " MESSAGE_COLUMNS ", subject, payload FROM outbox "       \
		       "JOIN outbox_body USING(message_id) WHERE message_id = ?1")       \
	X(OUTBOX, "SELECT receiver, count(due_at), "                                     \
		  "sum(due_at IS NOT NULL AND error IS NOT NULL), count(done_at), "      \
		  "count(failed_at), min(iif(due_at IS NULL, NULL, created_at)), "       \
		  "min(due_at), max(done_at), "                                          \
		  "(SELECT error FROM outbox e WHERE e.receiver = outbox.receiver "      \
		  "AND e.error IS NOT NULL ORDER BY e.tried_at DESC LIMIT 1) "           \
		  "FROM outbox GROUP BY receiver ORDER BY receiver")                     \
	X(LISTS, "SELECT name, title, place, list_id FROM list WHERE place >= 0 "        \
		 "ORDER BY place")                                                       \
	X(LIST_GET, "SELECT list_id, place FROM list WHERE name = ?1")                   \
	X(SOURCES, "SELECT " SOURCE_COLUMNS " FROM source JOIN list USING(list_id) "     \
		   "WHERE NOT retired AND list.name = ?1 ORDER BY source.name")          \
	X(SOURCES_ALL, "SELECT " SOURCE_COLUMNS " FROM source "                          \
		       "JOIN list USING(list_id) WHERE NOT retired "                     \
		       "ORDER BY source.name, list.place")                               \
	X(SOURCE_GET, "SELECT source_id, source.reading_id, failed_since, retired "      \
		      "FROM source JOIN list USING(list_id) "                            \
		      "WHERE list.name = ?1 AND source.name = ?2")                       \
	X(SOURCE_NAME, "SELECT source.name, list.name, source.reading_id FROM source "   \
		       "JOIN list USING(list_id) WHERE source_id = ?1")                  \
	X(HOSTS, "SELECT " HOST_COLUMNS " FROM host ORDER BY key")                       \
	X(STATISTICS,                                                                    \
		"SELECT (SELECT count(*) FROM link), "                                   \
		"(SELECT count(*) FROM source WHERE NOT retired), "                      \
		"(SELECT coalesce(sum(occurrences), 0) FROM source WHERE NOT retired), " \
		"(SELECT count(*) FROM check_log) + "                                    \
		"(SELECT count(*) FROM tail WHERE outcome IS NOT NULL), "                \
		"(SELECT count(*) FROM span), (SELECT count(*) FROM event), "            \
		"(SELECT count(*) FROM host), (SELECT count(*) FROM tally), "            \
		"(SELECT count(*) FROM outbox), "                                        \
		"(SELECT count(*) FROM outbox WHERE due_at IS NOT NULL), "               \
		"coalesce((SELECT at FROM check_log ORDER BY check_id LIMIT 1), "        \
		"(SELECT coalesce(at, checked_at) FROM tail WHERE outcome IS NOT NULL "  \
		"ORDER BY seq LIMIT 1), "                                                \
		"0)")

#define WRITE_STATEMENTS(X)                                                              \
	X(BEGIN, "BEGIN IMMEDIATE")                                                      \
	X(BEGIN_READ, "BEGIN")                                                           \
	X(COMMIT, "COMMIT")                                                              \
	X(ROLLBACK, "ROLLBACK")                                                          \
	X(TAIL_ADD,                                                                      \
		"INSERT INTO tail(seq, link_id, at, outcome, check_reason, "             \
		"check_status, elapsed_ms, " RECORD_COLUMNS ") VALUES(?11, ?12, ?13, "   \
		"?14, ?15, ?16, ?17, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")          \
	X(TEXT_SET, "INSERT INTO link_text(link_id, final_url, title, error, etag, "     \
		    "last_modified, suggestion_url, suggestion_why) "                    \
		    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(link_id) DO "    \
		    "UPDATE SET final_url = ?2, title = ?3, error = ?4, etag = ?5, "     \
		    "last_modified = ?6, suggestion_url = ?7, suggestion_why = ?8")      \
	X(TEXT_DELETE, "DELETE FROM link_text WHERE link_id = ?1")                       \
	X(REDIRECTS_SET, "INSERT INTO link_redirects(link_id, hops) VALUES(?1, ?2) "     \
			 "ON CONFLICT(link_id) DO UPDATE SET hops = ?2")                 \
	X(REDIRECTS_DELETE, "DELETE FROM link_redirects WHERE link_id = ?1")             \
	X(URL_GET, "SELECT url FROM link WHERE link_id = ?1")                            \
	X(SPAN_ADD,                                                                      \
		"INSERT INTO span(link_id, first_at, n, rest) VALUES(?1, ?2, "           \
		"(SELECT count(*) FROM span WHERE link_id = ?1 AND first_at = ?2), ?3)") \
	X(EVENT_ADD, "INSERT INTO event(" EVENT_COLUMNS ") "                             \
		     "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")                  \
	X(EVENT_LIST_ADD, "INSERT INTO event_list(event_id, list_id) "                   \
			  "SELECT ?1, list_id FROM list WHERE name = ?2")                \
	X(LIST_PUT, "INSERT INTO list(name, title, place) VALUES(?1, ?2, ?3) "           \
		    "ON CONFLICT(name) DO UPDATE SET title = ?2, place = ?3")            \
	X(LISTS_RETIRE, "UPDATE list SET place = -1 WHERE place >= 0")                   \
	X(LIST_AFTER, "SELECT list_id, name FROM list WHERE list_id > ?1 "               \
		      "ORDER BY list_id LIMIT 1")                                        \
	X(SOURCES_OF_LIST, "SELECT source_id FROM source WHERE list_id = ?1 "            \
			   "AND NOT retired")                                            \
	X(READING_IS_CURRENT, "SELECT 1 FROM source WHERE reading_id = ?1")              \
	X(SOURCE_ADD, "INSERT INTO source(list_id, name, retired) VALUES("               \
		      "(SELECT list_id FROM list WHERE name = ?1), ?2, 0) "              \
		      "ON CONFLICT(list_id, name) DO UPDATE SET retired = 0")            \
	X(SOURCE_READ,                                                                   \
		"UPDATE source SET reading_id = ?2, content_hash = ?3, read_at = ?4, "   \
		"etag = ?5, last_modified = ?6, occurrences = ?7, failed_since = NULL, " \
		"failure = NULL, retired = 0 WHERE source_id = ?1")                      \
	X(SOURCE_SAME, "UPDATE source SET read_at = ?2, failed_since = NULL, "           \
		       "failure = NULL WHERE source_id = ?1")                            \
	X(SOURCE_FAILED, "UPDATE source SET failed_since = coalesce(failed_since, ?2), " \
			 "failure = ?3 WHERE source_id = ?1")                            \
	X(SOURCE_RETIRE, "UPDATE source SET reading_id = NULL, content_hash = NULL, "    \
			 "occurrences = 0, failed_since = NULL, failure = NULL, "        \
			 "etag = NULL, last_modified = NULL, retired = 1 "               \
			 "WHERE source_id = ?1")                                         \
	X(READING_ADD, "INSERT INTO reading(source_id) VALUES(?1)")                      \
	X(READING_STALE,                                                                 \
		"SELECT reading_id FROM reading WHERE reading_id > ?2 "                  \
		"AND reading_id <> ?1 AND NOT EXISTS "                                   \
		"(SELECT 1 FROM source WHERE source.reading_id = reading.reading_id) "   \
		"ORDER BY reading_id LIMIT 1")                                           \
	X(READING_SHRINK,                                                                \
		"DELETE FROM occurrence WHERE reading_id = ?1 AND place < ("             \
		"SELECT min(place) FROM occurrence WHERE reading_id = ?1) + ?2")         \
	X(READING_DELETE, "DELETE FROM reading WHERE reading_id = ?1")                   \
	X(READING_LINKS, "SELECT link_id FROM occurrence WHERE reading_id = ?1 "         \
			 "ORDER BY place")                                               \
	X(LINK_CHECKED,                                                                  \
		"SELECT 1 FROM link_state WHERE link_id = ?1 AND checked_at > 0 "        \
		"UNION ALL SELECT 1 FROM tail WHERE link_id = ?1 "                       \
		"AND checked_at > 0 LIMIT 1")                                            \
	X(LINK_ADD, "INSERT INTO link(kind, url, request_url, fragment, owner, reason, " \
		    "decided, guess_url, guess_why) "                                    \
		    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")                        \
	X(LINK_KEY_ADD,                                                                  \
		"INSERT INTO link_key(key_hash, url_hash, link_id) VALUES(?1, ?2, ?3)")  \
	X(LINK_GUESS, "UPDATE link SET reason = ?2, decided = ?3, guess_url = ?4, "      \
		      "guess_why = ?5 WHERE link_id = ?1")                               \
	X(OCCURRENCE_ADD, "INSERT INTO occurrence(reading_id, place, link_id, line, "    \
			  "column, text, context, expected_title) "                      \
			  "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")                      \
	X(HOST_PUT, "INSERT OR REPLACE INTO host(" HOST_COLUMNS ") "                     \
		    "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")         \
	X(HOST_FORGET, "DELETE FROM host WHERE key = ?1")                                \
	X(TALLY_PUT, "INSERT INTO tally(list_id, day, rest) SELECT id, ?2, ?3 FROM "     \
		     "(SELECT CASE WHEN ?1 IS NULL THEN 0 ELSE "                         \
		     "(SELECT list_id FROM list WHERE name = ?1) END AS id) "            \
		     "WHERE id IS NOT NULL "                                             \
		     "ON CONFLICT(list_id, day) DO UPDATE SET rest = excluded.rest")     \
	X(MARK_PUT, "INSERT INTO mark(name, at, event_id) VALUES(?1, ?2, ?3) "           \
		    "ON CONFLICT(name) DO UPDATE SET at = ?2, event_id = ?3")            \
	X(STEP_FIRST, "INSERT INTO receiver(name, step, event_id, updated_at, state) "   \
		      "VALUES(?1, ?2 + 1, ?3, ?4, ?5) ON CONFLICT(name) DO NOTHING")     \
	X(STEP_NEXT, "UPDATE receiver SET step = ?2 + 1, event_id = ?3, "                \
		     "updated_at = ?4, state = ?5 WHERE name = ?1 AND step = ?2")        \
	X(RECEIVER_FORGET, "DELETE FROM receiver WHERE name = ?1")                       \
	X(MARKS_FORGET, "DELETE FROM mark WHERE name >= ?1 || '/' AND name < ?1 || '0'") \
	X(MESSAGE_LAST, "SELECT max(coalesce((SELECT seq FROM sqlite_sequence "          \
			"WHERE name = 'outbox'), 0), "                                   \
			"coalesce((SELECT max(message_id) FROM outbox), 0))")            \
	X(MESSAGE_ADD,                                                                   \
		"INSERT INTO outbox(message_id, receiver, group_key, created_at, "       \
		"due_at, attempts, hash) VALUES(?1, ?2, ?3, ?4, ?5, 0, ?6) "             \
		"ON CONFLICT(receiver, hash) WHERE hash IS NOT NULL DO NOTHING")         \
	X(BODY_ADD, "INSERT INTO outbox_body(message_id, subject, payload) "             \
		    "VALUES(?1, ?2, ?3)")                                                \
	X(MESSAGE_LEASE,                                                                 \
		"UPDATE outbox SET lease_until = ?3, due_at = ?3, tried_at = ?2, "       \
		"attempts = attempts + 1 WHERE message_id = ?1 AND due_at <= ?2")        \
	X(MESSAGE_END, "UPDATE outbox SET lease_until = NULL, due_at = ?2, "             \
		       "done_at = ?3, failed_at = ?4, error = ?5 "                       \
		       "WHERE message_id = ?1 AND done_at IS NULL")                      \
	X(BODY_EMPTY, "UPDATE outbox_body SET payload = NULL WHERE message_id = ?1")     \
	X(MESSAGES_PRUNE,                                                                \
		"DELETE FROM outbox WHERE message_id IN "                                \
		"(SELECT message_id FROM outbox WHERE done_at < ?1 LIMIT 500) "          \
		"OR message_id IN "                                                      \
		"(SELECT message_id FROM outbox WHERE failed_at < ?2 LIMIT 500)")        \
	/* Upkeep (store/upkeep). */                                                     \
	X(TAIL_IDS, "SELECT link_id, max(seq) FROM tail WHERE seq <= ?1 "                \
		    "GROUP BY link_id ORDER BY link_id")                                 \
	X(TAIL_SIZE, "SELECT count(*), coalesce(max(seq), 0) FROM tail")                 \
	X(CHECK_LAST, "SELECT coalesce(max(check_id), 0) FROM check_log")                \
	X(EVENT_LAST, "SELECT coalesce(max(event_id), 0) FROM event")                    \
	X(FOLD_STATE, "INSERT INTO link_state(link_id, " RECORD_COLUMNS ") "             \
		      "SELECT link_id, " RECORD_COLUMNS " FROM tail WHERE seq = ?1 "     \
		      "ON CONFLICT(link_id) DO UPDATE SET state = excluded.state, "      \
		      "since = excluded.since, "                                         \
		      "checked_at = excluded.checked_at, ok_ago = excluded.ok_ago, "     \
		      "reason = excluded.reason, "                                       \
		      "http_status = excluded.http_status, strike_halves = "             \
		      "excluded.strike_halves, "                                         \
		      "due_at = excluded.due_at, interval_ms = excluded.interval_ms, "   \
		      "rest = excluded.rest")                                            \
	X(FOLD_CHECKS, "INSERT INTO check_log(check_id, link_id, at, outcome, reason, "  \
		       "http_status, elapsed_ms) SELECT seq, link_id, coalesce(at, "     \
		       "checked_at), outcome, "                                          \
		       "check_reason, check_status, elapsed_ms FROM tail "               \
		       "WHERE seq <= ?1 AND outcome IS NOT NULL ORDER BY seq")           \
	X(FOLD_TAIL, "DELETE FROM tail WHERE seq <= ?1")                                 \
	X(TAIL_FIRST, "SELECT coalesce(min(seq), 0) FROM tail")                          \
	X(CHECK_FIRST, "SELECT check_id, at FROM check_log ORDER BY check_id LIMIT 1")   \
	X(CHECK_AT, "SELECT at FROM check_log WHERE check_id >= ?1 "                     \
		    "ORDER BY check_id LIMIT 1")                                         \
	X(LINK_LAST, "SELECT coalesce(max(link_id), 0) FROM link")                       \
	X(CHECK_PRUNE, "DELETE FROM check_log WHERE check_id < ?1 AND at < ?2")          \
	X(EVENT_AFTER, "SELECT event_id FROM event WHERE event_id >= ?1 "                \
		       "ORDER BY event_id LIMIT 1 OFFSET ?2")                            \
	X(LINK_AFTER, "SELECT link_id FROM link WHERE link_id >= ?1 "                    \
		      "ORDER BY link_id LIMIT 1 OFFSET ?2")                              \
	X(EVENTS_OLD, "DELETE FROM event WHERE event_id IN (" OLD_EVENTS ")")            \
	X(EVENT_LISTS_OLD, "DELETE FROM event_list WHERE event_id IN "                   \
			   "(" OLD_EVENTS ")")                                           \
	X(SPANS_OLD, "DELETE FROM span WHERE link_id >= ?1 AND link_id < ?2 "            \
		     "AND first_at < (SELECT max(newer.first_at) FROM span newer "       \
		     "WHERE newer.link_id = span.link_id AND newer.first_at < ?3)")

#define STATEMENTS(X)                                                                    \
	READ_STATEMENTS(X)                                                               \
	WRITE_STATEMENTS(X)

#define STATEMENT_ENUM(name, sql) STATEMENT_##name,
enum statement { STATEMENTS(STATEMENT_ENUM) };
#undef STATEMENT_ENUM

#define STATEMENT_ONE(name, sql) +1
enum { STATEMENT_COUNT = STATEMENTS(STATEMENT_ONE) };
#undef STATEMENT_ONE
