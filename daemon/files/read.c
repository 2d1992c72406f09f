#include "files/read.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BINARY_PROBE_BYTES = 8192, CHUNK_BYTES = 64 * 1024 };

bool file_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

bool file_is_missing(const char *path)
{
	struct stat st;
	return stat(path, &st) != 0 && (errno == ENOENT || errno == ENOTDIR ||
					       errno == ELOOP || errno == ENAMETOOLONG);
}

bool file_is_regular(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool file_begins_with(const char *path, struct slice bytes)
{
	char head[64];
	assert(bytes.len <= sizeof(head));
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	ssize_t len = read(fd, head, bytes.len);
	close(fd);
	return len == (ssize_t)bytes.len && memcmp(head, bytes.at, bytes.len) == 0;
}

bool file_is_binary(const char *path)
{
	char head[BINARY_PROBE_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	ssize_t len = read(fd, head, sizeof(head));
	close(fd);
	return len > 0 && memchr(head, '\0', (size_t)len) != NULL &&
	       !(len > 1 && (memcmp(head, "\xFF\xFE", 2) == 0 ||
				    memcmp(head, "\xFE\xFF", 2) == 0));
}

int file_identify(const char *path, struct file_id *ret_id)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return -1;
	*ret_id = (struct file_id){ (uint64_t)st.st_dev, (uint64_t)st.st_ino };
	return 0;
}

static const char *shown(const char *path)
{
	return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* A source, or what the program is told by: then nobody has use for advice on sources. */
enum use { USE_SOURCE, USE_OWN };

static int too_large(
	const char *path, size_t bytes_max, enum use use, struct error *error)
{
	size_t mib = bytes_max >> 20;
	return error_set(error, "%s: larger than %zu %s%s", shown(path),
		mib > 0 ? mib : bytes_max >> 10, mib > 0 ? "MiB" : "KiB",
		use == USE_SOURCE ? "; split it, or exclude it with --exclude-path" : "");
}

static int read_all(
	int fd, const char *path, enum use use, struct buffer *out, struct error *error)
{
	char chunk[CHUNK_BYTES];
	for (;;) {
		ssize_t len = read(fd, chunk, sizeof(chunk));
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return error_set(error, "%s: cannot be read: %s", shown(path),
				strerror(errno));
		if (len == 0)
			return 0;
		buffer_add(out, (struct slice){ chunk, (size_t)len });
		if (out->failed && out->len + (size_t)len > out->bytes_max)
			return too_large(path, out->bytes_max, use, error);
		if (out->failed)
			return error_set(
				error, "%s: not enough memory to read it", shown(path));
	}
}

static int check_text(
	const char *path, struct slice bytes, enum use use, struct error *error)
{
	struct slice head = slice_sub(bytes, 0, BINARY_PROBE_BYTES);
	if (slice_starts(head, SLICE("\xFF\xFE")) ||
		slice_starts(head, SLICE("\xFE\xFF")))
		return error_set(error,
			"%s: is UTF-16; convert it first: iconv -f UTF-16 -t UTF-8",
			shown(path));
	if (slice_find_char(head, '\0') != SLICE_NONE)
		return error_set(error, "%s: is a binary file%s", shown(path),
			use == USE_SOURCE ? "; name a Markdown, HTML or text file" : "");
	return 0;
}

static int check_kind(int fd, const char *path, bool regular, struct error *error)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return error_set(error, "%s: is a directory", shown(path));
	if (regular && !S_ISREG(st.st_mode))
		return error_set(error, "%s: is no regular file", shown(path));
	return 0;
}

static int read_file(const char *path, enum use use, bool regular, struct buffer *out,
	struct error *error)
{
	bool from_stdin = !regular && strcmp(path, "-") == 0;
	int fd = STDIN_FILENO;
	if (regular) /* whoever opens a pipe waits for a writer */
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	else if (!from_stdin)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_set(
			error, "%s: cannot be opened: %s", path, strerror(errno));
	size_t start = out->len;
	int result = check_kind(fd, path, regular, error);
	if (result == 0)
		result = read_all(fd, path, use, out, error);
	if (result == 0)
		result = check_text(
			path, slice_sub(buffer_slice(out), start, out->len), use, error);
	if (!from_stdin)
		close(fd);
	return result;
}

int file_read(const char *path, struct buffer *out, struct error *error)
{
	return read_file(path, USE_SOURCE, false, out, error);
}

int file_read_own(const char *path, struct buffer *out, struct error *error)
{
	return read_file(path, USE_OWN, false, out, error);
}

int file_read_regular(const char *path, struct buffer *out, struct error *error)
{
	return read_file(path, USE_OWN, true, out, error);
}
