#include "run/control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/utf8.h"
#include "files/read.h"
#include "process/service.h"
#include "store/store.h"

enum { READ_BYTES = 16 * 1024 };

/* --- the wire ---------------------------------------------------------------------- */

int control_dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = strlen(path);

	if (len >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(address.sun_path, path, len);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	/* A full queue (EAGAIN) is one that somebody should be serving. */
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	int why = errno;
	close(fd);
	errno = why;
	return -1;
}

static time_ms now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (time_ms)t.tv_sec * TIME_MS_PER_S + t.tv_nsec / 1000000;
}

/* 0 when something can be done; -1 when the time is over. */
static int await(int fd, short events, time_ms deadline, struct error *error)
{
	struct pollfd poll_fd = { .fd = fd, .events = events };
	for (;;) {
		time_ms left = deadline - now_ms();
		if (left <= 0)
			return error_set(error,
				"the daemon does not answer; `systemctl status linkrotd` "
				"or its journal may say why");
		int ready = poll(&poll_fd, 1, left > INT32_MAX ? INT32_MAX : (int)left);
		if (ready > 0)
			return 0;
		if (ready < 0 && errno != EINTR)
			return error_set(
				error, "the daemon's socket: %s", strerror(errno));
	}
}

static int send_all(int fd, struct slice bytes, time_ms deadline, struct error *error)
{
	while (bytes.len > 0) {
		ssize_t sent = send(fd, bytes.at, bytes.len, MSG_NOSIGNAL);
		if (sent > 0) {
			bytes = slice_sub(bytes, (size_t)sent, bytes.len);
			continue;
		}
		if (errno != EAGAIN && errno != EINTR)
			return error_set(
				error, "the daemon hung up: %s", strerror(errno));
		if (await(fd, POLLOUT, deadline, error) < 0)
			return -1;
	}
	return 0;
}

/* Whether the last line is there: the first that does not begin with a blank. */
static bool is_whole(struct slice answer)
{
	struct slice line;
	while (slice_find_char(answer, '\n') != SLICE_NONE &&
		slice_split(&answer, '\n', &line))
		if (!slice_starts(line, SLICE(" ")))
			return true;
	return false;
}

static bool ends_whole(struct slice answer, size_t seen)
{
	/* Only from the line on that was not whole before. */
	while (seen > 0 && answer.at[seen - 1] != '\n')
		seen--;
	return is_whole(slice_sub(answer, seen, answer.len));
}

static int receive(int fd, struct buffer *answer, time_ms deadline, struct error *error)
{
	char bytes[READ_BYTES];
	for (;;) {
		ssize_t count = recv(fd, bytes, sizeof(bytes), 0);
		if (count == 0)
			return error_set(error, "the daemon hung up without an answer");
		if (count < 0 && errno != EAGAIN && errno != EINTR)
			return error_set(
				error, "the daemon hung up: %s", strerror(errno));
		if (count < 0) {
			if (await(fd, POLLIN, deadline, error) < 0)
				return -1;
			continue;
		}
		size_t seen = answer->len;
		buffer_add(answer, (struct slice){ bytes, (size_t)count });
		if (answer->failed)
			return error_set(error, "the daemon's answer is too long");
		if (ends_whole(buffer_slice(answer), seen))
			return 0;
	}
}

/* --- a question -------------------------------------------------------------------- */

/* Harmless for a terminal, but the blanks stay: lines may be a table. */
static void add_words(struct buffer *out, struct slice line)
{
	while (line.len > 0) {
		size_t blanks = 0, end;
		while (blanks < line.len && line.at[blanks] == ' ')
			blanks++;
		buffer_add(out, slice_sub(line, 0, blanks));
		line = slice_sub(line, blanks, line.len);
		end = slice_find_char(line, ' ');
		struct slice word = slice_sub(line, 0, end);
		utf8_add_printable(out, word, CONTROL_LINE_BYTES_MAX);
		line = slice_sub(line, word.len, line.len);
	}
}

static int read_answer(struct slice raw, struct buffer *answer, struct error *error)
{
	const struct slice refusal = SLICE("error ");
	struct slice line = { NULL, 0 };

	while (slice_split(&raw, '\n', &line)) {
		if (!slice_starts(line, SLICE(" ")))
			break;
		add_words(answer, slice_sub(line, 1, line.len));
		buffer_add_char(answer, '\n');
	}
	if (answer->failed)
		return error_set(error, "the daemon's answer is too long");
	if (slice_equal(line, SLICE("ok")))
		return 0;
	if (slice_starts(line, refusal))
		return error_set(
			error, "%.*s", SLICE_ARG(slice_sub(line, refusal.len, line.len)));
	return error_set(error, "what listens there is no linkrotd");
}

static int write_question(struct buffer *out, enum control_verb verb,
	enum control_select select, const char *value, struct error *error)
{
	buffer_add_text(out, control_verb_text(verb));
	if (verb == CONTROL_RECHECK) {
		if (value[0] == '\0' || strpbrk(value, "\t\n") != NULL)
			return error_set(error,
				"\"%s\": not to be asked for: empty, or with a tab or a "
				"line end in it",
				value);
		buffer_printf(out, "\t%s\t%s", control_select_text(select), value);
	}
	buffer_add_char(out, '\n');
	if (out->failed)
		return error_set(error, "the question is too long");
	return 0;
}

int control_ask(struct control_client *client, enum control_verb verb,
	enum control_select select, const char *value, struct buffer *answer,
	struct error *error)
{
	time_ms deadline = now_ms() + client->timeout_ms;
	struct buffer question, raw;

	buffer_init(&question, CONTROL_LINE_BYTES_MAX);
	buffer_init(&raw, 2 * CONTROL_ANSWER_BYTES_MAX);
	int result = write_question(&question, verb, select, value, error);
	if (result == 0)
		result = send_all(client->fd, buffer_slice(&question), deadline, error);
	if (result == 0)
		result = receive(client->fd, &raw, deadline, error);
	if (result == 0)
		result = read_answer(buffer_slice(&raw), answer, error);
	buffer_fini(&raw);
	buffer_fini(&question);
	return result;
}

void control_hang_up(struct control_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}

/* --- which daemon? ----------------------------------------------------------------- */

static bool is_same_file(const char *ours, const char *theirs)
{
	struct file_id a, b;
	if (file_identify(ours, &a) == 0 && file_identify(theirs, &b) == 0)
		return a.device == b.device && a.inode == b.inode;
	return strcmp(ours, theirs) == 0;
}

static bool names_database(struct buffer *answer, const char *database)
{
	const struct slice key = SLICE("database ");
	struct slice lines = slice_of(buffer_string(answer)), line;
	while (slice_split(&lines, '\n', &line))
		if (slice_starts(line, key)) {
			/* The line ends where the buffer had its LF. */
			size_t end = (size_t)(line.at - answer->at) + line.len;
			answer->at[end] = '\0';
			return is_same_file(database, line.at + key.len);
		}
	return false;
}

static enum control_found verify(
	struct control_client *client, const char *database, struct error *error)
{
	struct buffer answer;
	enum control_found found = CONTROL_FOUND;

	buffer_init(&answer, CONTROL_ANSWER_BYTES_MAX);
	if (control_ask(client, CONTROL_PING, CONTROL_BY_URL, NULL, &answer, error) < 0) {
		found = CONTROL_FAILED;
	} else if (database != NULL && !names_database(&answer, database)) {
		error_set(error, "%s: no daemon runs on this database", database);
		found = CONTROL_NONE;
	}
	buffer_fini(&answer);
	if (found != CONTROL_FOUND)
		control_hang_up(client);
	return found;
}

static enum control_found try(struct control_client *client, const char *path,
	const char *database, struct error *error)
{
	client->fd = control_dial(path);
	if (client->fd >= 0)
		return verify(client, database, error);
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case ECONNREFUSED:
	case ENAMETOOLONG:
		error_set(
			error, "%s: no daemon listens there; is linkrotd running?", path);
		return CONTROL_NONE;
	case EACCES:
	case EPERM:
		error_set(error,
			"%s: not yours to ask; become a member of its group or use sudo",
			path);
		return CONTROL_FAILED;
	case EAGAIN:
		error_set(error, "%s: the daemon there is too busy to answer", path);
		return CONTROL_FAILED;
	default:
		error_set(error, "%s: %s", path, strerror(errno));
		return CONTROL_FAILED;
	}
}

/* The place beside the database is the surer one, so it comes first; who may not look
 * into the system's place has not learned that there is a daemon for his database. */
static enum control_found find(
	struct control_client *client, const char *database, struct error *error)
{
	struct slice runtime = service_directory(DIRECTORY_RUNTIME);
	char path[CONTROL_PATH_BYTES * 2], file[STORE_PATH_BYTES];
	enum control_found found = CONTROL_NONE;

	if (database != NULL) {
		store_file_of(database, file);
		int len = snprintf(path, sizeof(path), "%s.control", file);
		if (len > 0 && (size_t)len < sizeof(path))
			found = try(client, path, database, error);
		if (found != CONTROL_NONE)
			return found;
	}
	if (runtime.len == 0)
		runtime = SLICE(CONTROL_DIRECTORY_DEFAULT);
	snprintf(path, sizeof(path), "%.*s/control", SLICE_ARG(runtime));
	found = try(client, path, database, error);
	if (found == CONTROL_NONE && database != NULL)
		error_set(error,
			"%s: no daemon runs on this database: none listens at "
			"%s.control, and none of it at %s",
			database, database, path);
	return found;
}

enum control_found control_connect(struct control_client *client, const char *socket,
	const char *database, time_ms timeout_ms, struct error *error)
{
	*client = (struct control_client){ .fd = -1, .timeout_ms = timeout_ms };
	if (socket != NULL)
		return try(client, socket, database, error);
	return find(client, database, error);
}
