#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/utf8.h"
#include "notify/notify_internal.h"

/* --- sentences
 * ------------------------------------------------------------------------------ */

/* What is secret of a URL is not its host. */
static struct slice behind_host(struct slice url)
{
	size_t scheme = slice_find(url, SLICE("://"));
	if (scheme == SLICE_NONE)
		return url;
	struct slice rest = slice_sub(url, scheme + 3, url.len);
	size_t slash = slice_find_char(rest, '/');
	return slash == SLICE_NONE ? (struct slice){ 0 }
				   : slice_sub(rest, slash + 1, rest.len);
}

static bool holds(struct slice text, struct slice secret)
{
	enum { TELLING_MIN = 4 };
	return secret.len >= TELLING_MIN && slice_find(text, secret) != SLICE_NONE;
}

/* Of a URL with several parts, each that is long enough to be a secret. */
static bool holds_part(struct slice text, struct slice path)
{
	enum { PART_MIN = 8 };
	struct slice part;
	while (slice_split(&path, '/', &part))
		if (part.len >= PART_MIN && holds(text, part))
			return true;
	return false;
}

static struct slice slice_of_secret(const struct notify_secret *secret)
{
	return (struct slice){ secret->text, secret->len };
}

static bool tells_secret(struct slice text, const struct notify_secrets *secrets)
{
	return holds(text, slice_of_secret(&secrets->token)) ||
	       holds(text, slice_of_secret(&secrets->password)) ||
	       holds(text, slice_of_secret(&secrets->url)) ||
	       holds_part(text, behind_host(slice_of_secret(&secrets->url)));
}

void notify_say(struct notify_job *job, enum retry_class class, const char *format, ...)
{
	char text[sizeof(job->result.sentence.text)];
	struct buffer line;
	va_list arguments;
	va_start(arguments, format);
	int written = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	job->result.class = class;
	if (written < 0)
		text[0] = '\0';
	buffer_init(&line, 4096);
	utf8_add_printable(&line, slice_of(text), sizeof(text) - 8);
	if (job->secrets != NULL && tells_secret(buffer_slice(&line), job->secrets))
		error_set(&job->result.sentence, "the receiver did not take it; its "
						 "answer repeats a secret and is "
						 "not shown");
	else
		error_set(&job->result.sentence, "%s", buffer_string(&line));
	buffer_fini(&line);
}

/* --- files
 * ------------------------------------------------------------------------------------ */

static int fail(struct notify_job *job, const char *path, const char *why)
{
	notify_say(job, RETRY_OPERATOR, "%s: %s", path, why);
	return -1;
}

static ssize_t read_whole(int fd, char *to, size_t room)
{
	size_t have = 0;
	while (have < room) {
		ssize_t got = read(fd, to + have, room - have);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

/* The first line, which must be the only one with anything in it. */
static int check_line(struct notify_job *job, const char *path,
	struct notify_secret *secret, bool spaces)
{
	struct slice line = slice_trim(slice_of_secret(secret));
	if (line.len == 0)
		return fail(job, path, "is empty");
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.at[i];
		if (c < ' ' || c == 0x7F || (!spaces && (c == ' ' || c >= 0x80)))
			return fail(job, path,
				"holds more than one line of plain characters");
	}
	memmove(secret->text, line.at, line.len);
	explicit_bzero(secret->text + line.len, sizeof(secret->text) - line.len);
	secret->len = line.len;
	return 0;
}

/* O_NONBLOCK: a FIFO in its place is no file, and must not hold the thread. */
static int read_secret(struct notify_job *job, struct slice path, bool spaces,
	struct notify_secret *secret)
{
	if (path.len == 0)
		return 0;
	int fd = open(path.at, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return fail(job, path.at, strerror(errno));
	ssize_t got = read_whole(fd, secret->text, sizeof(secret->text));
	int why = errno;
	close(fd);
	if (got < 0)
		return fail(job, path.at, strerror(why));
	if (got > NOTIFY_SECRET_BYTES_MAX)
		return fail(job, path.at, "is too long for a secret");
	secret->len = (size_t)got;
	return check_line(job, path.at, secret, spaces);
}

int notify_secrets_read(struct notify_job *job, struct notify_secrets *secrets)
{
	const struct notify_task *task = &job->task;
	if (read_secret(job, task->url_path, false, &secrets->url) != 0 ||
		read_secret(job, task->token_path, false, &secrets->token) != 0 ||
		read_secret(job, task->password_path, true, &secrets->password) != 0)
		return -1;
	return 0;
}

void notify_secrets_wipe(struct notify_secrets *secrets)
{
	explicit_bzero(secrets, sizeof(*secrets));
}
