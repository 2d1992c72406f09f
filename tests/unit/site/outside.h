/* tests/unit/site/outside: what others think of our bytes: python3's XML parser,
 * promtool.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/test.h"

enum { OUTSIDE_PATH_SIZE = 64 };

/* Writes a file of its own in /tmp, which the caller unlinks. */
static inline void outside_file(struct slice bytes, char path[static OUTSIDE_PATH_SIZE])
{
	(void)snprintf(path, OUTSIDE_PATH_SIZE, "/tmp/linkrotd-site-XXXXXX");
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	FILE *file = fdopen(fd, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
	assert_int_equal(fclose(file), 0);
}

static inline bool outside_has(const char *program)
{
	char command[128];
	(void)snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
	return system(command) == 0;
}

/* The bytes on standard input; what it says is shown when it is not content. */
static inline int outside_run(const char *command, struct slice bytes)
{
	char path[OUTSIDE_PATH_SIZE], line[256];
	outside_file(bytes, path);
	(void)snprintf(line, sizeof(line), "%s <%s", command, path);
	int status = system(line);
	(void)unlink(path);
	return status;
}
