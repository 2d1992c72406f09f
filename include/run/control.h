/* run/control: short commands talk to a running daemon.
 *
 * A unix stream socket, mode 0660: whoever may open it may ask. It carries questions of
 * one line and answers of a few; results of measurements are read from the database, by
 * anybody, with or without a daemon. It is no API for programs of others: both ends come
 * from one release.
 *
 *   question   VERB [TAB argument]... LF           at most CONTROL_LINE_BYTES_MAX
 *   answer     any number of lines that begin with a blank,
 *              then "ok" LF or "error SENTENCE" LF
 *
 * A connection may ask again after the answer. It has CONTROL_CLIENT_MS for each question
 * and each answer, there are CONTROL_CLIENTS_MAX of them, and one more is told so and
 * closed. What is not fit for a terminal goes through as it is: who prints it makes it
 * harmless, as control_ask does (blanks stay, for tables). `printf 'ping\n' | nc -NU
 * PATH` is enough to try it.
 *
 * Where: $RUNTIME_DIRECTORY/control (systemd: /run/linkrotd/control), or, when there is
 * no such directory, the database's path with ".control" behind it. A daemon holds a lock
 * on PATH.lock (flock) for its whole life, so that a socket file without a daemon is
 * replaced and one with a daemon never is, also when two start at once. Commands look in
 * both places and ask for the database the daemon has (ping), so that none talks to
 * another's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/slice.h"
#include "base/time.h"
#include "process/journal.h"

struct uv_loop_s;

/* Verb, arguments, whether the journal is told who asked. */
#define CONTROL_VERBS(X)                                                                 \
	X(PING, "ping", 0, false)      /* answered here: version, process, database */   \
	X(STATUS, "status", 0, false)  /* lines for a person */                          \
	X(RECHECK, "recheck", 2, true) /* url|list|state VALUE */                        \
	X(RELOAD, "reload", 0, true)                                                     \
	X(SEND, "send", 0, true) /* each receiver's digest */

#define CONTROL_VERB_ENUM(name, text, arguments, told) CONTROL_##name,
enum control_verb { CONTROL_VERBS(CONTROL_VERB_ENUM) };
#undef CONTROL_VERB_ENUM

#define CONTROL_SELECTS(X)                                                               \
	X(URL, "url")                                                                    \
	X(LIST, "list")                                                                  \
	X(STATE, "state")

#define CONTROL_SELECT_ENUM(name, text) CONTROL_BY_##name,
enum control_select { CONTROL_SELECTS(CONTROL_SELECT_ENUM) };
#undef CONTROL_SELECT_ENUM

enum {
	CONTROL_LINE_BYTES_MAX = 20 * 1024, /* a URL of 16 KiB and a verb */
	CONTROL_ANSWER_BYTES_MAX = 1024 * 1024,
	CONTROL_CLIENTS_MAX = 16,
	CONTROL_CLIENT_MS = 5 * 1000,
	CONTROL_ARGUMENTS_MAX = 2,
	CONTROL_PATH_BYTES = 108, /* sockaddr_un, the NUL included */
};

#define CONTROL_DIRECTORY_DEFAULT "/run/linkrotd"

/* Borrowed for the call. */
struct control_question {
	enum control_verb verb;
	enum control_select select; /* RECHECK only */
	struct slice value; /* RECHECK only: any bytes but TAB, LF and NUL; not empty */
	uid_t uid;          /* who asks; the socket's mode let him */
	pid_t pid;
};

/* Reads a line without its LF, hostile or not. Who asks stays as it was. */
int control_question_parse(
	struct slice line, struct control_question *question, struct error *error);

/* --- the daemon's end -------------------------------------------------------------- */

struct control_calls {
	/* In the loop, for every verb but PING. Appends lines (LF behind each, no blank
	 * before it) to `answer` and returns 0, or -1 with a sentence, which may have
	 * lines before it too. At once: nobody else is served, and no link is checked,
	 * meanwhile. */
	int (*asked)(void *context, const struct control_question *question,
		struct buffer *answer, struct error *error);
};

struct control;

/* The words of the wire. */
const char *control_verb_text(enum control_verb verb);
const char *control_select_text(enum control_select select);
bool control_verb_is_told(enum control_verb verb);

/* Where the socket of a daemon with this database belongs. -1: the path would be too long
 * for a socket; set RUNTIME_DIRECTORY. */
int control_path(const char *database, char ret_path[static CONTROL_PATH_BYTES],
	struct error *error);

/* Listens at `path`; SIGPIPE must be ignored, as main does. Everything handed in is
 * borrowed until on_closed. NULL: another daemon listens there, something that is no
 * socket is in the way, or the system refuses; the loop must then run once more (uv_run)
 * before it is closed. */
struct control *control_open(struct uv_loop_s *loop, const char *path,
	const char *database, struct journal *journal, const struct control_calls *calls,
	void *context, struct error *error);

/* Hangs up on everybody and takes the socket file away; frees itself in the loop, then
 * calls on_closed (may be NULL). With NULL for `control` only that is called. */
void control_close(
	struct control *control, void (*on_closed)(void *context), void *context);

/* --- a command's end: blocking, with a time-out ------------------------------------ */

/* A connection that does not block, or -1 with errno. */
int control_dial(const char *path);

enum control_found {
	CONTROL_FOUND,
	CONTROL_NONE,   /* no daemon has this database: read it yourself */
	CONTROL_FAILED, /* there is one, but it may not be asked or does not answer */
};

struct control_client {
	int fd; /* -1: closed */
	time_ms timeout_ms;
};

/* Finds the daemon. `socket` (--socket) names it; else it is looked for where the daemon
 * of `database` would listen, in RUNTIME_DIRECTORY or /run/linkrotd and beside the
 * database, and must have that database; with neither, /run/linkrotd is taken as it is.
 * The error is filled for NONE too: what was looked for. Not to be closed unless FOUND.
 */
enum control_found control_connect(struct control_client *client, const char *socket,
	const char *database, time_ms timeout_ms, struct error *error);

/* One question; `select` and `value` count for RECHECK only. 0 with the answer's lines
 * (LF behind each) appended, -1 with the daemon's sentence or ours; lines that came
 * before an error are appended too. */
int control_ask(struct control_client *client, enum control_verb verb,
	enum control_select select, const char *value, struct buffer *answer,
	struct error *error);

void control_hang_up(struct control_client *client);
