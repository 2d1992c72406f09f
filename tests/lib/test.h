/* tests/lib/test: what every unit test includes.
 *
 * cmocka, and comparison of slices with strings. One process a test file; a file is named
 * after the header it tests.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/slice.h"

/* Compares with a message that shows both. */
#define assert_slice(actual, expected)                                                   \
	test_assert_slice((actual), (expected), __FILE__, __LINE__)
void test_assert_slice(
	struct slice actual, const char *expected, const char *file, int line);

/* The path of something in ../shared (suites, seeds, lists), or NULL where it is not
 * there: the caller then calls skip(). Found through LINKROTD_SHARED or by walking up. */
const char *test_shared(const char *relative);

/* Reads a whole file; fails the test when it cannot. */
void test_read(const char *path, struct buffer *out);
