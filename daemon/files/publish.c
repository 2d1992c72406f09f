#include "files/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, struct slice bytes)
{
	while (bytes.len > 0) {
		ssize_t len = write(fd, bytes.at, bytes.len);
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -1;
		bytes = slice_sub(bytes, (size_t)len, bytes.len);
	}
	return 0;
}

static int fail(struct error *error, const char *path)
{
	return error_set(error, "%s: cannot be written: %s", path, strerror(errno));
}

static int write_directly(const char *path, struct slice bytes, struct error *error)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail(error, path);
	int result = write_all(fd, bytes) == 0 ? 0 : fail(error, path);
	if (close(fd) != 0 && result == 0)
		result = fail(error, path);
	return result;
}

/* A report should look like any other new file. mkstemp makes files for the owner only,
 * and the umask cannot be read but by setting it, which all threads would feel: so the
 * name is made here, and the mode by the kernel. */
static int open_temporary(char *temporary, mode_t mode)
{
	enum { LETTERS = 6, TRIES_MAX = 100 };
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	char *end = temporary + strlen(temporary) - LETTERS;
	int fd = -1;
	for (int i = 0; i < TRIES_MAX; i++) {
		unsigned char chosen[LETTERS];
		if (getrandom(chosen, sizeof(chosen), 0) != (ssize_t)sizeof(chosen))
			return -1;
		for (int k = 0; k < LETTERS; k++)
			end[k] = letters[chosen[k] % (sizeof(letters) - 1)];
		fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
}

static bool keep_mode(int fd, const struct stat *old)
{
	return old == NULL || fchmod(fd, old->st_mode & 07777) == 0;
}

static int write_temporary(char *temporary, const char *path, struct slice bytes,
	const struct stat *old, struct error *error)
{
	/* One that takes another's place takes its mode as well, once it is whole. */
	int fd = open_temporary(temporary, old != NULL ? 0600 : 0666);
	if (fd < 0)
		return fail(error, path);
	/* Root may give it back to whom it belonged. Nobody else can, and need not: who
	 * may replace a file by a new one may own that. */
	if (old != NULL)
		(void)!fchown(fd, old->st_uid, old->st_gid);
	int result = write_all(fd, bytes) == 0 && keep_mode(fd, old) && fsync(fd) == 0
			     ? 0
			     : fail(error, temporary);
	if (close(fd) != 0 && result == 0)
		result = fail(error, temporary);
	if (result != 0)
		unlink(temporary);
	return result;
}

/* Where the bytes go: straight to what is there already and no regular file, or to a
 * temporary file beside the target. */
struct place {
	struct stat st;
	bool exists, direct;
	char target[PATH_MAX], temporary[PATH_MAX];
};

/* A symbolic link stays one: what it points to is replaced, or made. */
static int follow_links(const char *path, char target[static PATH_MAX])
{
	enum { LINKS_MAX = 40 }; /* as many as the kernel follows */
	char link[PATH_MAX], next[2 * PATH_MAX];
	int len = snprintf(next, sizeof(next), "%s", path);

	for (int i = 0; i <= LINKS_MAX; i++) {
		if (len < 0 || len >= PATH_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		memcpy(target, next, (size_t)len + 1);
		ssize_t link_len = readlink(target, link, sizeof(link) - 1);
		if (link_len < 0)
			return 0;
		const char *slash = strrchr(target, '/');
		int directory_len =
			slash != NULL && link[0] != '/' ? (int)(slash + 1 - target) : 0;
		len = snprintf(next, sizeof(next), "%.*s%.*s", directory_len, target,
			(int)link_len, link);
	}
	errno = ELOOP;
	return -1;
}

/* An interrupt waits until the temporary file has its name or is gone. */
static void hold_interrupts(sigset_t *ret_before)
{
	sigset_t interrupts;

	sigemptyset(&interrupts);
	sigaddset(&interrupts, SIGINT);
	sigaddset(&interrupts, SIGTERM);
	sigaddset(&interrupts, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &interrupts, ret_before);
}

static void release_interrupts(const sigset_t *before)
{
	pthread_sigmask(SIG_SETMASK, before, NULL);
}

static int find_place(const char *path, struct place *place, struct error *error)
{
	place->exists = stat(path, &place->st) == 0;
	if (place->exists && S_ISDIR(place->st.st_mode))
		return error_set(error, "%s: is a directory; name a file", path);
	place->direct = place->exists && !S_ISREG(place->st.st_mode);
	if (follow_links(path, place->target) < 0)
		return fail(error, path);
	int len = snprintf(
		place->temporary, sizeof(place->temporary), "%s.XXXXXX", place->target);
	if (len < 0 || (size_t)len >= sizeof(place->temporary))
		return error_set(error, "%s: the path is too long", path);
	return 0;
}

int file_may_publish(const char *path, struct error *error)
{
	struct place place;
	if (find_place(path, &place, error) < 0)
		return -1;
	if (place.direct)
		return access(path, W_OK) == 0 ? 0 : fail(error, path);
	sigset_t before;
	hold_interrupts(&before);
	int fd = open_temporary(place.temporary, 0600);
	int result = fd >= 0 ? 0 : fail(error, path);
	if (fd >= 0) {
		close(fd);
		unlink(place.temporary);
	}
	release_interrupts(&before);
	return result;
}

static int replace(
	struct place *place, const char *path, struct slice bytes, struct error *error)
{
	if (write_temporary(place->temporary, path, bytes,
		    place->exists ? &place->st : NULL, error) != 0)
		return -1;
	if (rename(place->temporary, place->target) == 0)
		return 0;
	fail(error, path);
	unlink(place->temporary);
	return -1;
}

int file_publish(const char *path, struct slice bytes, struct error *error)
{
	struct place place;
	if (find_place(path, &place, error) < 0)
		return -1;
	if (place.direct)
		return write_directly(path, bytes, error);
	sigset_t before;
	hold_interrupts(&before);
	int result = replace(&place, path, bytes, error);
	release_interrupts(&before);
	return result;
}

int file_append(const char *path, struct slice bytes, struct error *error)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (fd < 0)
		return fail(error, path);
	int result = write_all(fd, bytes) == 0 ? 0 : fail(error, path);
	if (close(fd) != 0 && result == 0)
		result = fail(error, path);
	return result;
}

uint64_t file_length(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
}

bool file_ends_in_line(const char *path)
{
	uint64_t length = file_length(path);
	char last = '\n';
	int fd = length > 0 ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
	if (fd < 0)
		return false;
	bool known = pread(fd, &last, 1, (off_t)(length - 1)) == 1;
	close(fd);
	return known && last != '\n';
}
