#include "run/control.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "process/service.h"
#include "store/store.h"

/* One slot more than may ask: from it, one more is told why it may not. While that one is
 * taken too, further ones wait in the kernel's queue. */
enum { SLOTS = CONTROL_CLIENTS_MAX + 1, BACKLOG = 16, PATH_BYTES_MAX = 4096 };

struct client {
	struct control *control;
	uv_pipe_t pipe;
	uv_timer_t timer;
	uv_write_t write;
	unsigned open_handles; /* 0: the slot is free */
	bool closing;
	bool last; /* to be closed after the answer under way */
	struct buffer answer;
	size_t len;
	char line[CONTROL_LINE_BYTES_MAX];
};

struct control {
	uv_loop_t *loop;
	struct journal *journal;
	const struct control_calls *calls;
	void *context;
	void (*on_closed)(void *context);
	void *closed_context;
	uv_pipe_t listener;
	unsigned open_handles; /* all */
	bool closing;
	bool one_waits; /* accepted by libuv, and no slot for it yet */
	int lock_fd;
	char path[CONTROL_PATH_BYTES];
	char database[PATH_BYTES_MAX];
	struct client clients[SLOTS];
};

/* --- a question -------------------------------------------------------------------- */

static void identify_peer(struct client *client, struct control_question *question)
{
	struct ucred peer = { .pid = 0, .uid = (uid_t)-1 };
	socklen_t len = sizeof(peer);
	uv_os_fd_t fd;

	if (uv_fileno((uv_handle_t *)&client->pipe, &fd) == 0)
		(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	question->uid = peer.uid;
	question->pid = peer.pid;
}

static void tell_journal(struct control *control, const struct control_question *question)
{
	if (!control_verb_is_told(question->verb))
		return;
	if (question->verb == CONTROL_RECHECK)
		journal_say(control->journal, JOURNAL_KIND_CONTROL,
			"user %lu (process %ld) asks for a recheck of %s %.*s",
			(unsigned long)question->uid, (long)question->pid,
			control_select_text(question->select),
			SLICE_ARG(question->value));
	else
		journal_say(control->journal, JOURNAL_KIND_CONTROL,
			"user %lu (process %ld) asks for: %s",
			(unsigned long)question->uid, (long)question->pid,
			control_verb_text(question->verb));
}

static void add_ping(const struct control *control, struct buffer *answer)
{
	buffer_printf(answer, "linkrotd %s\nprocess %ld\ndatabase %s\n", LINKROTD_VERSION,
		(long)getpid(), control->database);
}

/* --- an answer --------------------------------------------------------------------- */

static void add_lines(struct buffer *out, struct slice lines)
{
	struct slice line;
	/* What stands behind the last LF is a line only if there is something. */
	while (lines.len > 0 && slice_split(&lines, '\n', &line)) {
		buffer_add_char(out, ' ');
		buffer_add(out, line);
		buffer_add_char(out, '\n');
	}
}

/* The sentence is one line whatever is in it. */
static void add_error(struct buffer *out, const struct error *error)
{
	buffer_add_text(out, "error ");
	for (const char *at = error->text; *at != '\0'; at++)
		buffer_add_char(out, *at == '\n' ? ' ' : *at);
	buffer_add_char(out, '\n');
}

static void add_answer(struct client *client, struct slice line, struct buffer *out)
{
	struct control *control = client->control;
	struct control_question question = { .verb = CONTROL_PING };
	struct error error = { "" };
	struct buffer lines;
	int result;

	buffer_init(&lines, CONTROL_ANSWER_BYTES_MAX);
	result = control_question_parse(line, &question, &error);
	if (result == 0) {
		identify_peer(client, &question);
		tell_journal(control, &question);
		if (question.verb == CONTROL_PING)
			add_ping(control, &lines);
		else
			result = control->calls->asked(
				control->context, &question, &lines, &error);
	}
	if (lines.failed)
		result = error_set(&error, "the answer is too long");
	add_lines(out, buffer_slice(&lines));
	if (result == 0)
		buffer_add_text(out, "ok\n");
	else
		add_error(out, &error);
	buffer_fini(&lines);
}

/* --- a client ---------------------------------------------------------------------- */

static void accept_waiting(struct control *control);

static void finish(struct control *control)
{
	void (*on_closed)(void *context) = control->on_closed;
	void *context = control->closed_context;

	if (control->lock_fd >= 0)
		close(control->lock_fd);
	free(control);
	if (on_closed != NULL)
		on_closed(context);
}

static void on_client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;
	struct control *control = client->control;

	if (--client->open_handles == 0)
		buffer_fini(&client->answer);
	if (--control->open_handles == 0) {
		finish(control);
		return;
	}
	if (client->open_handles == 0 && control->one_waits && !control->closing)
		accept_waiting(control);
}

static void hang_up(struct client *client)
{
	if (client->closing || client->open_handles == 0)
		return;
	client->closing = true;
	uv_close((uv_handle_t *)&client->timer, on_client_closed);
	uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

static void on_timeout(uv_timer_t *timer)
{
	hang_up(timer->data);
}

static void watch(struct client *client)
{
	uv_timer_start(&client->timer, on_timeout, CONTROL_CLIENT_MS, 0);
}

static void read_on(struct client *client);

static void on_written(uv_write_t *write, int status)
{
	struct client *client = write->data;
	if (client->closing)
		return;
	buffer_fini(&client->answer);
	if (status < 0 || client->last) {
		hang_up(client);
		return;
	}
	watch(client);
	read_on(client);
}

static void send_answer(struct client *client)
{
	client->write.data = client;
	if (client->answer.failed) {
		hang_up(client);
		return;
	}
	uv_buf_t bytes = uv_buf_init(client->answer.at, (unsigned)client->answer.len);
	watch(client);
	if (uv_write(&client->write, (uv_stream_t *)&client->pipe, &bytes, 1,
		    on_written) < 0)
		hang_up(client);
}

static void refuse(struct client *client, const char *why)
{
	struct error error;
	error_set(&error, "%s", why);
	client->last = true;
	/* A sentence and its frame; the ceiling is that of all answers. */
	buffer_init(&client->answer, 2 * CONTROL_ANSWER_BYTES_MAX);
	add_error(&client->answer, &error);
	send_answer(client);
}

/* Answers the first line of what was read, if it is whole. */
static bool answer_line(struct client *client)
{
	struct slice read = { client->line, client->len };
	size_t end = slice_find_char(read, '\n');

	if (end == SLICE_NONE)
		return false;
	/* A blank before every line, at worst before every byte. */
	buffer_init(&client->answer, 2 * CONTROL_ANSWER_BYTES_MAX);
	add_answer(client, slice_sub(read, 0, end), &client->answer);
	client->len -= end + 1;
	memmove(client->line, client->line + end + 1, client->len);
	send_answer(client);
	return true;
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct client *client = handle->data;
	(void)suggested;
	*buffer = uv_buf_init(client->line + client->len,
		(unsigned)(CONTROL_LINE_BYTES_MAX - client->len));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct client *client = stream->data;
	(void)buffer;
	if (count < 0) {
		hang_up(client);
		return;
	}
	client->len += (size_t)count;
	if (slice_find_char((struct slice){ client->line, client->len }, '\n') !=
		SLICE_NONE) {
		/* One question at a time; the rest stays where it is. */
		uv_read_stop(stream);
		answer_line(client);
	} else if (client->len == CONTROL_LINE_BYTES_MAX) {
		uv_read_stop(stream);
		refuse(client, "the question is too long");
	}
}

static void read_on(struct client *client)
{
	if (!answer_line(client) &&
		uv_read_start((uv_stream_t *)&client->pipe, on_alloc, on_read) < 0)
		hang_up(client);
}

/* --- the listener ------------------------------------------------------------------ */

static struct client *free_slot(struct control *control)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (control->clients[i].open_handles == 0)
			return &control->clients[i];
	return NULL;
}

static void accept_waiting(struct control *control)
{
	struct client *client = free_slot(control);

	if (client == NULL) {
		control->one_waits = true;
		return;
	}
	control->one_waits = false;
	client->control = control;
	client->closing = client->last = false;
	client->len = 0;
	client->open_handles = 2;
	control->open_handles += 2;
	uv_pipe_init(control->loop, &client->pipe, 0);
	uv_timer_init(control->loop, &client->timer);
	client->pipe.data = client->timer.data = client;
	buffer_init(&client->answer, 0);
	if (uv_accept((uv_stream_t *)&control->listener, (uv_stream_t *)&client->pipe) <
		0) {
		hang_up(client);
		return;
	}
	watch(client);
	if (client == &control->clients[SLOTS - 1])
		refuse(client, "too many commands ask at once; try again");
	else
		read_on(client);
}

static void on_connection(uv_stream_t *listener, int status)
{
	struct control *control = listener->data;
	if (status == 0 && !control->closing)
		accept_waiting(control);
}

static void on_listener_closed(uv_handle_t *handle)
{
	struct control *control = handle->data;
	if (--control->open_handles == 0)
		finish(control);
}

void control_close(
	struct control *control, void (*on_closed)(void *context), void *context)
{
	if (control == NULL) {
		if (on_closed != NULL)
			on_closed(context);
		return;
	}
	assert(!control->closing);
	control->closing = true;
	control->on_closed = on_closed;
	control->closed_context = context;
	uv_close((uv_handle_t *)&control->listener, on_listener_closed);
	for (size_t i = 0; i < SLOTS; i++)
		hang_up(&control->clients[i]);
}

/* --- opening ----------------------------------------------------------------------- */

int control_path(const char *database, char ret_path[static CONTROL_PATH_BYTES],
	struct error *error)
{
	struct slice runtime = service_directory(DIRECTORY_RUNTIME);
	char file[STORE_PATH_BYTES];
	store_file_of(database, file);
	int len = runtime.len > 0
			  ? snprintf(ret_path, CONTROL_PATH_BYTES, "%.*s/control",
				    SLICE_ARG(runtime))
			  : snprintf(ret_path, CONTROL_PATH_BYTES, "%s.control", file);
	if (len < 0 || len >= CONTROL_PATH_BYTES)
		return error_set(error,
			"%s: too long a path for a control socket beside it; set "
			"RUNTIME_DIRECTORY to a shorter directory",
			database);
	return 0;
}

/* The lock stays when the daemon ends, however it ends; its file stays, too, because to
 * remove it would let two daemons hold locks on two files of one name. */
static int lock(struct control *control, struct error *error)
{
	char path[CONTROL_PATH_BYTES + 8];

	snprintf(path, sizeof(path), "%s.lock", control->path);
	control->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (control->lock_fd < 0)
		return error_set(error, "%s: %s", path, strerror(errno));
	if (flock(control->lock_fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		return error_set(error, "%s: another daemon listens there; stop it first",
			control->path);
	return error_set(error, "%s: cannot be locked: %s", path, strerror(errno));
}

/* With the lock in hand a socket file has no owner, unless somebody removed his lock. */
static int clear_path(const char *path, struct error *error)
{
	struct stat found;

	if (lstat(path, &found) != 0)
		return errno == ENOENT
			       ? 0
			       : error_set(error, "%s: %s", path, strerror(errno));
	if (!S_ISSOCK(found.st_mode))
		return error_set(
			error, "%s: is in the way and no socket; remove it", path);
	int fd = control_dial(path);
	if (fd >= 0) {
		close(fd);
		return error_set(
			error, "%s: another daemon listens there; stop it first", path);
	}
	if (unlink(path) != 0)
		return error_set(error, "%s: %s", path, strerror(errno));
	return 0;
}

/* Nobody can connect before uv_listen, so the mode is right from the first moment on. */
static int listen_at(struct control *control, struct error *error)
{
	int result = uv_pipe_bind(&control->listener, control->path);
	if (result == 0 && chmod(control->path, 0660) != 0)
		result = uv_translate_sys_error(errno);
	if (result == 0)
		result = uv_listen(
			(uv_stream_t *)&control->listener, BACKLOG, on_connection);
	if (result < 0)
		return error_set(error, "%s: %s", control->path, uv_strerror(result));
	return 0;
}

static int set_paths(struct control *control, const char *path, const char *database,
	struct error *error)
{
	int path_len = snprintf(control->path, sizeof(control->path), "%s", path);
	if (path_len < 0 || (size_t)path_len >= sizeof(control->path))
		return error_set(error, "%s: too long a path for a socket", path);
	/* As commands will see it, whatever directory they stand in. */
	char *whole = realpath(database, NULL);
	snprintf(control->database, sizeof(control->database), "%s",
		whole != NULL ? whole : database);
	free(whole);
	return 0;
}

struct control *control_open(uv_loop_t *loop, const char *path, const char *database,
	struct journal *journal, const struct control_calls *calls, void *context,
	struct error *error)
{
	struct control *control = calloc(1, sizeof(*control));
	if (control == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	control->loop = loop;
	control->journal = journal;
	control->calls = calls;
	control->context = context;
	control->lock_fd = -1;
	if (set_paths(control, path, database, error) < 0 || lock(control, error) < 0 ||
		clear_path(control->path, error) < 0) {
		finish(control);
		return NULL;
	}
	uv_pipe_init(loop, &control->listener, 0);
	control->listener.data = control;
	control->open_handles = 1;
	if (listen_at(control, error) < 0) {
		control_close(control, NULL, NULL);
		return NULL;
	}
	return control;
}
