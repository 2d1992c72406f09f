/* A file of schema 2, as the program before schema 3 wrote it (`.dump`): four links, of
 * which two redirect and one is gone. Never to be made anew by newer code. */
#pragma once

static const char *const version_2[] = {
	/* clang-format off */
	"CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRI"
	"CT, WITHOUT ROWID;",
	"INSERT INTO meta VALUES('hash_seed',X'c0274ff507ae5058');",
	"CREATE TABLE word(kind INTEGER NOT NULL, code INTEGER NOT NULL, te"
	"xt TEXT NOT NULL, PRIMARY KEY(kind, code)) STRICT, WITHOUT ROWID;",
	"INSERT INTO word VALUES(0,0,'broken');",
	"INSERT INTO word VALUES(0,1,'unreachable');",
	"INSERT INTO word VALUES(0,2,'moved');",
	"INSERT INTO word VALUES(0,3,'gated');",
	"INSERT INTO word VALUES(0,4,'skipped');",
	"INSERT INTO word VALUES(0,5,'ok');",
	"INSERT INTO word VALUES(1,0,'ok');",
	"INSERT INTO word VALUES(1,1,'redirect_permanent');",
	"INSERT INTO word VALUES(1,2,'redirect_temporary');",
	"INSERT INTO word VALUES(1,3,'http_404');",
	"INSERT INTO word VALUES(1,4,'http_410');",
	"INSERT INTO word VALUES(1,5,'http_4xx');",
	"INSERT INTO word VALUES(1,6,'http_5xx');",
	"INSERT INTO word VALUES(1,7,'http_other');",
	"INSERT INTO word VALUES(1,8,'http_malformed');",
	"INSERT INTO word VALUES(1,9,'body_too_large');",
	"INSERT INTO word VALUES(1,10,'soft_404');",
	"INSERT INTO word VALUES(1,11,'parked_domain');",
	"INSERT INTO word VALUES(1,12,'dns_nxdomain');",
	"INSERT INTO word VALUES(1,13,'dns_no_address');",
	"INSERT INTO word VALUES(1,14,'dns_servfail');",
	"INSERT INTO word VALUES(1,15,'dns_timeout');",
	"INSERT INTO word VALUES(1,16,'connect_refused');",
	"INSERT INTO word VALUES(1,17,'connect_timeout');",
	"INSERT INTO word VALUES(1,18,'connect_reset');",
	"INSERT INTO word VALUES(1,19,'network_unreachable');",
	"INSERT INTO word VALUES(1,20,'timeout');",
	"INSERT INTO word VALUES(1,21,'tls_expired');",
	"INSERT INTO word VALUES(1,22,'tls_not_yet_valid');",
	"INSERT INTO word VALUES(1,23,'tls_self_signed');",
	"INSERT INTO word VALUES(1,24,'tls_untrusted');",
	"INSERT INTO word VALUES(1,25,'tls_hostname');",
	"INSERT INTO word VALUES(1,26,'tls_handshake');",
	"INSERT INTO word VALUES(1,27,'redirect_loop');",
	"INSERT INTO word VALUES(1,28,'redirect_limit');",
	"INSERT INTO word VALUES(1,29,'redirect_forbidden');",
	"INSERT INTO word VALUES(1,30,'auth_required');",
	"INSERT INTO word VALUES(1,31,'forbidden');",
	"INSERT INTO word VALUES(1,32,'rate_limited');",
	"INSERT INTO word VALUES(1,33,'challenge');",
	"INSERT INTO word VALUES(1,34,'legal_block');",
	"INSERT INTO word VALUES(1,35,'refused_other');",
	"INSERT INTO word VALUES(1,36,'bad_url');",
	"INSERT INTO word VALUES(1,37,'missing_scheme');",
	"INSERT INTO word VALUES(1,38,'missing_anchor');",
	"INSERT INTO word VALUES(1,39,'missing_file');",
	"INSERT INTO word VALUES(1,40,'registry_missing');",
	"INSERT INTO word VALUES(1,41,'excluded');",
	"INSERT INTO word VALUES(1,42,'unsupported_scheme');",
	"INSERT INTO word VALUES(1,43,'robots_disallowed');",
	"INSERT INTO word VALUES(1,44,'address_forbidden');",
	"INSERT INTO word VALUES(1,45,'offline');",
	"INSERT INTO word VALUES(2,0,'title_mismatch');",
	"INSERT INTO word VALUES(2,1,'retitled');",
	"INSERT INTO word VALUES(2,2,'withdrawn');",
	"INSERT INTO word VALUES(2,3,'retracted');",
	"INSERT INTO word VALUES(2,4,'superseded');",
	"INSERT INTO word VALUES(2,5,'repository_archived');",
	"INSERT INTO word VALUES(2,6,'usurped');",
	"INSERT INTO word VALUES(2,7,'content_changed');",
	"INSERT INTO word VALUES(2,8,'certificate_expires_soon');",
	"INSERT INTO word VALUES(2,9,'sunset_announced');",
	"INSERT INTO word VALUES(2,10,'https_available');",
	"INSERT INTO word VALUES(2,11,'archived_copy_available');",
	"INSERT INTO word VALUES(2,12,'duplicate');",
	"INSERT INTO word VALUES(2,13,'two_labels');",
	"INSERT INTO word VALUES(3,0,'unchecked');",
	"INSERT INTO word VALUES(3,1,'alive');",
	"INSERT INTO word VALUES(3,2,'moved');",
	"INSERT INTO word VALUES(3,3,'suspect');",
	"INSERT INTO word VALUES(3,4,'dead');",
	"INSERT INTO word VALUES(3,5,'gated');",
	"INSERT INTO word VALUES(3,6,'skipped');",
	"INSERT INTO word VALUES(4,0,'http');",
	"INSERT INTO word VALUES(4,1,'anchor');",
	"INSERT INTO word VALUES(4,2,'file');",
	"INSERT INTO word VALUES(4,3,'mail');",
	"INSERT INTO word VALUES(4,4,'other');",
	"INSERT INTO word VALUES(5,0,'state');",
	"INSERT INTO word VALUES(5,1,'flapping');",
	"INSERT INTO word VALUES(5,2,'steady');",
	"INSERT INTO word VALUES(5,3,'content_changed');",
	"INSERT INTO word VALUES(5,4,'incident_began');",
	"INSERT INTO word VALUES(5,5,'incident_ended');",
	"INSERT INTO word VALUES(5,6,'source_failed');",
	"INSERT INTO word VALUES(5,7,'source_back');",
	"INSERT INTO word VALUES(5,8,'link_added');",
	"INSERT INTO word VALUES(5,9,'link_removed');",
	"INSERT INTO word VALUES(5,10,'offline_began');",
	"INSERT INTO word VALUES(5,11,'offline_ended');",
	"CREATE TABLE list(list_id INTEGER PRIMARY KEY, name TEXT NOT NULL "
	"UNIQUE, title TEXT, place INTEGER NOT NULL) STRICT;",
	"INSERT INTO list VALUES(1,'check','What linkrotd check was given',"
	"0);",
	"CREATE TABLE source(source_id INTEGER PRIMARY KEY, list_id INTEGER"
	" NOT NULL REFERENCES list, name TEXT NOT NULL, reading_id INTEGER "
	"REFERENCES reading, content_hash INTEGER, read_at INTEGER, etag TE"
	"XT, last_modified TEXT, failed_since INTEGER, failure TEXT, occurr"
	"ences INTEGER NOT NULL DEFAULT 0, retired INTEGER NOT NULL, UNIQUE"
	"(list_id, name)) STRICT;",
	"INSERT INTO source VALUES(1,1,'a.md',1,8210656206603772216,1795729"
	"129072,NULL,NULL,NULL,NULL,4,0);",
	"CREATE TABLE reading(reading_id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" source_id INTEGER NOT NULL REFERENCES source) STRICT;",
	"INSERT INTO reading VALUES(1,1);",
	"CREATE TABLE link(link_id INTEGER PRIMARY KEY, kind INTEGER NOT NU"
	"LL, url TEXT NOT NULL, request_url TEXT, fragment TEXT, owner INTE"
	"GER REFERENCES source, reason INTEGER NOT NULL, decided INTEGER NO"
	"T NULL, guess_url TEXT, guess_why TEXT) STRICT;",
	"INSERT INTO link VALUES(1,0,'http://a.test/moved',NULL,NULL,NULL,0"
	",0,NULL,NULL);",
	"INSERT INTO link VALUES(2,0,'http://a.test/gone',NULL,NULL,NULL,0,"
	"0,NULL,NULL);",
	"INSERT INTO link VALUES(3,0,'http://a.test/temp',NULL,NULL,NULL,0,"
	"0,NULL,NULL);",
	"INSERT INTO link VALUES(4,0,'http://a.test/ok',NULL,NULL,NULL,0,0,"
	"NULL,NULL);",
	"CREATE TABLE link_key(key_hash INTEGER NOT NULL, url_hash INTEGER "
	"NOT NULL, link_id INTEGER NOT NULL, PRIMARY KEY(key_hash, url_hash"
	", link_id)) STRICT, WITHOUT ROWID;",
	"INSERT INTO link_key VALUES(-8786638552488322995,833290957,4);",
	"INSERT INTO link_key VALUES(-5818547503155984907,1977615416,2);",
	"INSERT INTO link_key VALUES(5623944495230521202,1139944123,3);",
	"INSERT INTO link_key VALUES(6708323194026986839,451556927,1);",
	"CREATE TABLE link_state(link_id INTEGER PRIMARY KEY REFERENCES lin"
	"k, state INTEGER NOT NULL, since INTEGER, checked_at INTEGER, ok_a"
	"go INTEGER, reason INTEGER NOT NULL, http_status INTEGER NOT NULL,"
	" strike_halves INTEGER NOT NULL, due_at INTEGER, interval_ms INTEG"
	"ER, rest BLOB NOT NULL) STRICT;",
	"INSERT INTO link_state VALUES(1,3,1795729129077,1795729129077,NULL"
	",10,200,2,NULL,NULL,X'00000001010101000101000000000001010101000a90"
	"03080808000000000000');",
	"INSERT INTO link_state VALUES(2,3,1795729129328,1795729129328,NULL"
	",3,404,2,NULL,NULL,X'000000010101010001010000000000010101010003a80"
	"6020202000000000000');",
	"INSERT INTO link_state VALUES(3,3,1795729129581,1795729129581,NULL"
	",10,200,2,NULL,NULL,X'00000001010101000101000000000001010101000a90"
	"03020202000000000000');",
	"INSERT INTO link_state VALUES(4,3,1795729129831,1795729129831,NULL"
	",10,200,2,NULL,NULL,X'00000001010101000101000000000001010101000a90"
	"03000000000000000000');",
	"CREATE TABLE tail(seq INTEGER PRIMARY KEY, link_id INTEGER NOT NUL"
	"L, at INTEGER, outcome INTEGER, check_reason INTEGER, check_status"
	" INTEGER, elapsed_ms INTEGER, state INTEGER NOT NULL, since INTEGE"
	"R, checked_at INTEGER, ok_ago INTEGER, reason INTEGER NOT NULL, ht"
	"tp_status INTEGER NOT NULL, strike_halves INTEGER NOT NULL, due_at"
	" INTEGER, interval_ms INTEGER, rest BLOB NOT NULL) STRICT;",
	"CREATE TABLE check_log(check_id INTEGER PRIMARY KEY, link_id INTEG"
	"ER NOT NULL, at INTEGER NOT NULL, outcome INTEGER NOT NULL, reason"
	" INTEGER NOT NULL, http_status INTEGER NOT NULL, elapsed_ms INTEGE"
	"R NOT NULL) STRICT;",
	"INSERT INTO check_log VALUES(1,1,1795729129077,0,10,200,4);",
	"INSERT INTO check_log VALUES(2,2,1795729129328,0,3,404,1);",
	"INSERT INTO check_log VALUES(3,3,1795729129581,0,10,200,1);",
	"INSERT INTO check_log VALUES(4,4,1795729129831,0,10,200,0);",
	"CREATE TABLE link_text(link_id INTEGER PRIMARY KEY REFERENCES link"
	", final_url ANY, title TEXT, error TEXT, etag TEXT, last_modified "
	"TEXT, suggestion_url TEXT, suggestion_why TEXT) STRICT;",
	"INSERT INTO link_text VALUES(1,'http://a.test/new','New page','A m"
	"ade-up address beside it shows the same page.',NULL,NULL,NULL,NULL"
	");",
	"INSERT INTO link_text VALUES(2,1,'New page','The server answered 4"
	"04 Not Found.',NULL,NULL,NULL,NULL);",
	"INSERT INTO link_text VALUES(3,'http://a.test/new','New page','A m"
	"ade-up address beside it shows the same page.',NULL,NULL,NULL,NULL"
	");",
	"INSERT INTO link_text VALUES(4,1,'New page','A made-up address bes"
	"ide it shows the same page.',NULL,NULL,NULL,NULL);",
	"CREATE TABLE span(link_id INTEGER NOT NULL REFERENCES link, first_"
	"at INTEGER NOT NULL, n INTEGER NOT NULL, rest BLOB NOT NULL, PRIMA"
	"RY KEY(link_id, first_at, n)) STRICT, WITHOUT ROWID;",
	"CREATE TABLE event(event_id INTEGER PRIMARY KEY, at INTEGER NOT NU"
	"LL, link_id INTEGER REFERENCES link, kind INTEGER NOT NULL, from_s"
	"tate INTEGER, to_state INTEGER, reason INTEGER NOT NULL, incident_"
	"id INTEGER, links INTEGER, text TEXT) STRICT;",
	"INSERT INTO event VALUES(1050580,1795729129077,1,0,0,3,10,NULL,NUL"
	"L,NULL);",
	"INSERT INTO event VALUES(1050581,1795729129328,2,0,0,3,3,NULL,NULL"
	",NULL);",
	"INSERT INTO event VALUES(1050582,1795729129581,3,0,0,3,10,NULL,NUL"
	"L,NULL);",
	"INSERT INTO event VALUES(1050583,1795729129831,4,0,0,3,10,NULL,NUL"
	"L,NULL);",
	"CREATE TABLE occurrence(reading_id INTEGER NOT NULL REFERENCES rea"
	"ding, place INTEGER NOT NULL, link_id INTEGER NOT NULL REFERENCES "
	"link, line INTEGER NOT NULL, column INTEGER NOT NULL, text TEXT, c"
	"ontext ANY, expected_title ANY, PRIMARY KEY(reading_id, place)) ST"
	"RICT, WITHOUT ROWID;",
	"INSERT INTO occurrence VALUES(1,0,1,1,9,'Moved','Gone Temp Ok',1);",
	"INSERT INTO occurrence VALUES(1,1,2,1,37,'Gone','Moved Temp Ok',1)"
	";",
	"INSERT INTO occurrence VALUES(1,2,3,2,8,'Temp','Moved Gone Ok',1);",
	"INSERT INTO occurrence VALUES(1,3,4,2,33,'Ok','Moved Gone Temp',1)"
	";",
	"CREATE TABLE host(key TEXT PRIMARY KEY, updated_at INTEGER, paused"
	"_until INTEGER, request_interval_ms INTEGER, robots_read_at INTEGE"
	"R, robots_status INTEGER, head_agreed INTEGER, get_only INTEGER, b"
	"reaker_failures INTEGER, breaker_opened INTEGER, breaker_cause INT"
	"EGER, breaker_until INTEGER) STRICT, WITHOUT ROWID;",
	"CREATE TABLE event_list(event_id INTEGER PRIMARY KEY REFERENCES ev"
	"ent, list_id INTEGER NOT NULL REFERENCES list) STRICT;",
	"CREATE TABLE tally(list_id INTEGER NOT NULL, day INTEGER NOT NULL,"
	" rest BLOB NOT NULL, PRIMARY KEY(list_id, day)) STRICT, WITHOUT RO"
	"WID;",
	"CREATE TABLE mark(name TEXT PRIMARY KEY, at INTEGER, event_id INTE"
	"GER) STRICT, WITHOUT ROWID;",
	"CREATE TABLE receiver(receiver_id INTEGER PRIMARY KEY, name TEXT N"
	"OT NULL UNIQUE, step INTEGER NOT NULL, event_id INTEGER, updated_a"
	"t INTEGER, state BLOB) STRICT;",
	"CREATE TABLE outbox(message_id INTEGER PRIMARY KEY AUTOINCREMENT, "
	"receiver TEXT NOT NULL, group_key TEXT, created_at INTEGER, due_at"
	" INTEGER, lease_until INTEGER, tried_at INTEGER, done_at INTEGER, "
	"failed_at INTEGER, attempts INTEGER NOT NULL, hash INTEGER, error "
	"TEXT) STRICT;",
	"CREATE TABLE outbox_body(message_id INTEGER PRIMARY KEY REFERENCES"
	" outbox ON DELETE CASCADE, subject TEXT, payload BLOB) STRICT;",
	"DELETE FROM sqlite_sequence;",
	"INSERT INTO sqlite_sequence VALUES('reading',1);",
	"CREATE INDEX source_reading ON source(reading_id);",
	"CREATE INDEX reading_source ON reading(source_id);",
	"CREATE INDEX link_owner ON link(owner) WHERE owner IS NOT NULL;",
	"CREATE INDEX tail_link ON tail(link_id);",
	"CREATE INDEX event_link ON event(link_id) WHERE link_id IS NOT NUL"
	"L;",
	"CREATE INDEX occurrence_link ON occurrence(link_id, reading_id);",
	"CREATE INDEX outbox_due ON outbox(due_at) WHERE due_at IS NOT NULL"
	";",
	"CREATE INDEX outbox_done ON outbox(done_at) WHERE done_at IS NOT N"
	"ULL;",
	"CREATE INDEX outbox_failed ON outbox(failed_at) WHERE failed_at IS"
	" NOT NULL;",
	"CREATE INDEX outbox_error ON outbox(receiver, tried_at) WHERE erro"
	"r IS NOT NULL;",
	"CREATE UNIQUE INDEX outbox_hash ON outbox(receiver, hash) WHERE ha"
	"sh IS NOT NULL;",
	"CREATE VIEW v_link(link_id, url, state, since, last_ok_at, last_ch"
	"ecked_at, reason, http_status, final_url, strikes) AS SELECT l.lin"
	"k_id, l.url, coalesce((SELECT text FROM word WHERE word.kind = 3 A"
	"ND word.code = CASE WHEN t.seq IS NULL THEN s.state ELSE t.state E"
	"ND), 'unchecked'), CASE WHEN CASE WHEN t.seq IS NULL THEN s.since "
	"ELSE t.since END > 0 THEN strftime('%Y-%m-%dT%H:%M:%SZ', CASE WHEN"
	" t.seq IS NULL THEN s.since ELSE t.since END / 1000, 'unixepoch') "
	"END, CASE WHEN t.seq IS NULL THEN CASE WHEN (s.checked_at - s.ok_a"
	"go) > 0 THEN strftime('%Y-%m-%dT%H:%M:%SZ', (s.checked_at - s.ok_a"
	"go) / 1000, 'unixepoch') END ELSE CASE WHEN (t.checked_at - t.ok_a"
	"go) > 0 THEN strftime('%Y-%m-%dT%H:%M:%SZ', (t.checked_at - t.ok_a"
	"go) / 1000, 'unixepoch') END END, CASE WHEN CASE WHEN t.seq IS NUL"
	"L THEN s.checked_at ELSE t.checked_at END > 0 THEN strftime('%Y-%m"
	"-%dT%H:%M:%SZ', CASE WHEN t.seq IS NULL THEN s.checked_at ELSE t.c"
	"hecked_at END / 1000, 'unixepoch') END, (SELECT text FROM word WHE"
	"RE word.kind = 1 AND word.code = CASE WHEN t.seq IS NULL THEN s.re"
	"ason ELSE t.reason END), nullif(CASE WHEN t.seq IS NULL THEN s.htt"
	"p_status ELSE t.http_status END, 0), CASE typeof(x.final_url) WHEN"
	" 'integer' THEN l.url ELSE x.final_url END, coalesce(CASE WHEN t.s"
	"eq IS NULL THEN s.strike_halves ELSE t.strike_halves END, 0) / 2.0"
	" FROM link l LEFT JOIN link_state s ON s.link_id = l.link_id LEFT "
	"JOIN tail t ON t.seq = (SELECT max(seq) FROM tail WHERE tail.link_"
	"id = l.link_id) LEFT JOIN link_text x ON x.link_id = l.link_id;",
	"CREATE VIEW v_occurrence(link_id, list, source, line, column, text"
	") AS SELECT o.link_id, list.name, source.name, o.line, o.column, c"
	"oalesce(o.text, '') FROM source JOIN list USING(list_id) JOIN occu"
	"rrence o ON o.reading_id = source.reading_id;",
	"CREATE VIEW v_check(link_id, at, outcome, reason, http_status, ela"
	"psed_ms) AS SELECT link_id, CASE WHEN at > 0 THEN strftime('%Y-%m-"
	"%dT%H:%M:%SZ', at / 1000, 'unixepoch') END, (SELECT text FROM word"
	" WHERE word.kind = 0 AND word.code = outcome), (SELECT text FROM w"
	"ord WHERE word.kind = 1 AND word.code = reason), nullif(http_statu"
	"s, 0), CASE WHEN elapsed_ms >= 0 THEN elapsed_ms END FROM check_lo"
	"g UNION ALL SELECT link_id, CASE WHEN coalesce(at, checked_at) > 0"
	" THEN strftime('%Y-%m-%dT%H:%M:%SZ', coalesce(at, checked_at) / 10"
	"00, 'unixepoch') END, (SELECT text FROM word WHERE word.kind = 0 A"
	"ND word.code = outcome), (SELECT text FROM word WHERE word.kind = "
	"1 AND word.code = check_reason), nullif(check_status, 0), CASE WHE"
	"N elapsed_ms >= 0 THEN elapsed_ms END FROM tail WHERE outcome IS N"
	"OT NULL;",
	"CREATE VIEW v_event(event_id, at, link_id, from_state, to_state, r"
	"eason, kind, text) AS SELECT event_id, CASE WHEN at > 0 THEN strft"
	"ime('%Y-%m-%dT%H:%M:%SZ', at / 1000, 'unixepoch') END, link_id, (S"
	"ELECT text FROM word WHERE word.kind = 3 AND word.code = from_stat"
	"e), (SELECT text FROM word WHERE word.kind = 3 AND word.code = to_"
	"state), (SELECT text FROM word WHERE word.kind = 1 AND word.code ="
	" reason), (SELECT text FROM word WHERE word.kind = 5 AND word.code"
	" = event.kind), coalesce(event.text, '') FROM event;",
	"PRAGMA application_id = 1819438964;",
	"PRAGMA user_version = 2;",
	"PRAGMA journal_mode = WAL;",
	/* clang-format on */
};
