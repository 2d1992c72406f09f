/* A child that reads the mail from its standard input: posix_spawn and poll, because this
 * is not the loop's thread. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/utf8.h"
#include "notify/notify_internal.h"

extern char **environ;

struct child {
	pid_t pid;
	int ended;  /* a pidfd: readable when it has */
	int input;  /* a socket, for MSG_NOSIGNAL; -1: closed */
	int output; /* what it says; -1: closed */
	size_t sent;
	struct buffer said;
};

enum { SAID_BYTES_MAX = 1024, SLICE_MS = 200 };

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int add_actions(posix_spawn_file_actions_t *actions, int input, int output)
{
	int failed = posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO);
	if (failed == 0)
		failed = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
	if (failed == 0)
		failed = posix_spawn_file_actions_adddup2(actions, output, STDERR_FILENO);
	return failed;
}

/* The daemon blocks and ignores signals that a child must have. */
static int set_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	int failed = posix_spawnattr_setsigmask(attributes, &none);
	if (failed == 0)
		failed = posix_spawnattr_setsigdefault(attributes, &all);
	if (failed == 0)
		failed = posix_spawnattr_setflags(
			attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return failed;
}

/* 0, or an errno. */
static int spawn(const char *program, int input, int output, pid_t *ret_pid)
{
	char name[] = "sendmail", recipients[] = "-t", dots[] = "-oi";
	char *const arguments[] = { name, recipients, dots, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int failed = posix_spawn_file_actions_init(&actions);
	if (failed != 0)
		return failed;
	failed = posix_spawnattr_init(&attributes);
	if (failed == 0) {
		failed = add_actions(&actions, input, output);
		if (failed == 0)
			failed = set_signals(&attributes);
		if (failed == 0)
			failed = posix_spawn(ret_pid, program, &actions, &attributes,
				arguments, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

static void reap(struct child *child, bool kill_it, int *ret_status)
{
	if (kill_it)
		kill(child->pid, SIGKILL);
	while (waitpid(child->pid, ret_status, 0) < 0 && errno == EINTR)
		;
}

/* 0, or an errno; *child is then empty. */
static int start(const char *program, struct child *child)
{
	int inputs[2], outputs[2], status;
	*child = (struct child){ .ended = -1, .input = -1, .output = -1 };
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, inputs) != 0)
		return errno;
	if (pipe2(outputs, O_CLOEXEC) != 0) {
		int failed = errno;
		close(inputs[0]);
		close(inputs[1]);
		return failed;
	}
	int failed = spawn(program, inputs[1], outputs[1], &child->pid);
	close(inputs[1]);
	close(outputs[1]);
	child->input = inputs[0];
	child->output = outputs[0];
	if (failed == 0) {
		child->ended = (int)syscall(SYS_pidfd_open, child->pid, 0);
		failed = child->ended < 0 ? errno : 0;
		if (failed != 0)
			reap(child, true, &status);
	}
	if (failed != 0) {
		close_fd(&child->input);
		close_fd(&child->output);
	}
	return failed;
}

/* --- feeding and listening
 * -------------------------------------------------------------------- */

static void feed(struct child *child, struct slice mail)
{
	while (child->sent < mail.len) {
		ssize_t sent = send(child->input, mail.at + child->sent,
			mail.len - child->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return;
		if (sent < 0)
			break; /* it will say why, or its exit status does */
		child->sent += (size_t)sent;
	}
	close_fd(&child->input); /* the end of the mail */
}

static void listen_to(struct child *child)
{
	char piece[512];
	ssize_t got = read(child->output, piece, sizeof(piece));
	if (got < 0 && errno == EINTR)
		return;
	if (got <= 0) {
		close_fd(&child->output);
		return;
	}
	size_t room = SAID_BYTES_MAX - child->said.len;
	buffer_add(
		&child->said, slice_sub((struct slice){ piece, (size_t)got }, 0, room));
}

/* Until it has ended. False: it did not in time, or the program ends. */
static bool attend(const struct notify_means *means, struct child *child,
	struct slice mail, time_ms end_ms)
{
	for (;;) {
		struct pollfd fds[3] = { { child->input, POLLOUT, 0 },
			{ child->output, POLLIN, 0 }, { child->ended, POLLIN, 0 } };
		time_ms left = end_ms - notify_now();
		if (left <= 0 || atomic_load(&means->stopping))
			return false;
		int ready = poll(fds, 3, left < SLICE_MS ? (int)left : SLICE_MS);
		if (ready < 0 && errno != EINTR)
			return false;
		if (ready <= 0)
			continue;
		if (fds[0].revents != 0)
			feed(child, mail);
		if (fds[1].revents != 0)
			listen_to(child);
		else if (fds[2].revents != 0)
			return true;
	}
}

/* --- the end
 * ----------------------------------------------------------------------------------- */

static void say_status(
	struct notify_job *job, const char *program, struct child *child, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	struct buffer words;
	job->result.status = code > 0 ? code : 0;
	enum retry_class class = retry_class_of_exit(code);
	/* One that closed its input early has not read the mail, whatever it says. */
	if (class == RETRY_DONE && child->sent < job->task.bytes.len)
		class = RETRY_TEMPORARY;
	if (class == RETRY_DONE) {
		job->result.class = RETRY_DONE;
		return;
	}
	buffer_init(&words, 4096);
	utf8_add_printable(&words, buffer_slice(&child->said), 300);
	if (code >= 0)
		notify_say(job, class, "%s ended with %d%s%s", program, code,
			words.len > 0 ? ": " : "", buffer_string(&words));
	else
		notify_say(job, class, "%s was ended by signal %d", program,
			WTERMSIG(status));
	buffer_fini(&words);
}

void notify_send_sendmail(const struct notify_means *means, struct notify_job *job)
{
	struct child child;
	int status = 0, failed = start(means->sendmail, &child);
	if (failed != 0) {
		bool passes = failed == EAGAIN || failed == ENOMEM || failed == EMFILE ||
			      failed == ENFILE;
		notify_say(job, passes ? RETRY_TEMPORARY : RETRY_OPERATOR,
			"%s cannot be run: %s", means->sendmail, strerror(failed));
		return;
	}
	buffer_init(&child.said, 2 * SAID_BYTES_MAX);
	bool ended =
		attend(means, &child, job->task.bytes, notify_now() + means->timeout_ms);
	reap(&child, !ended, &status);
	if (ended)
		say_status(job, means->sendmail, &child, status);
	else
		notify_say(
			job, RETRY_TEMPORARY, "%s did not end in time", means->sendmail);
	close_fd(&child.input);
	close_fd(&child.output);
	close_fd(&child.ended);
	buffer_fini(&child.said);
}
