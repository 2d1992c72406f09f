#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void test_assert_slice(
	struct slice actual, const char *expected, const char *file, int line)
{
	if (slice_equal(actual, slice_of(expected)))
		return;
	print_error("\"%.*s\" is not \"%s\"\n", SLICE_ARG(actual), expected);
	_fail(file, line);
}

const char *test_shared(const char *relative)
{
	static char path[4096];
	const char *root = getenv("LINKROTD_SHARED");
	const char *const roots[] = { root != NULL ? root : "../shared", "../../shared",
		"../../../shared" };
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", roots[i], relative);
		if (access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

void test_read(const char *path, struct buffer *out)
{
	char chunk[65536];
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	size_t len;
	while ((len = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buffer_add(out, (struct slice){ chunk, len });
	fclose(file);
	assert_false(out->failed);
}
