#include "files/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
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

/* mkstemp makes files for the owner only; a report should look like any other new file,
 * or keep the mode of the one it replaces. */
static mode_t wanted_mode(const struct stat *old)
{
	if (old != NULL)
		return old->st_mode & 07777;
	mode_t mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static int write_temporary(
	char *temporary, struct slice bytes, const struct stat *old, struct error *error)
{
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return fail(error, temporary);
	int result = write_all(fd, bytes) == 0 && fchmod(fd, wanted_mode(old)) == 0 &&
				     fsync(fd) == 0
			     ? 0
			     : fail(error, temporary);
	if (close(fd) != 0 && result == 0)
		result = fail(error, temporary);
	if (result != 0)
		unlink(temporary);
	return result;
}

int file_publish(const char *path, struct slice bytes, struct error *error)
{
	struct stat st;
	char temporary[PATH_MAX], target[PATH_MAX];
	bool exists = stat(path, &st) == 0;

	if (exists && S_ISDIR(st.st_mode))
		return error_set(error, "%s: is a directory; name a file", path);
	if (exists && !S_ISREG(st.st_mode))
		return write_directly(path, bytes, error);
	/* A symbolic link stays one: what it points to is replaced. */
	if (!exists || realpath(path, target) == NULL)
		snprintf(target, sizeof(target), "%s", path);
	int len = snprintf(temporary, sizeof(temporary), "%s.XXXXXX", target);
	if (len < 0 || (size_t)len >= sizeof(temporary))
		return error_set(error, "%s: the path is too long", path);
	if (write_temporary(temporary, bytes, exists ? &st : NULL, error) != 0)
		return -1;
	if (rename(temporary, target) != 0) {
		fail(error, path);
		unlink(temporary);
		return -1;
	}
	return 0;
}
