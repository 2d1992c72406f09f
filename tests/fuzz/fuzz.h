/* tests/fuzz/fuzz: what the fuzz targets share.
 *
 * A target asserts properties, not only that nothing crashes. Inputs are taken apart by
 * lines, so that a seed is a readable file. Asserts are on in every build.
 */
#pragma once

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "model/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct slice fuzz_slice(const uint8_t *data, size_t size)
{
	return (struct slice){ (const char *)data, size };
}

/* The next line, empty when there is none. */
static inline struct slice fuzz_line(struct slice *rest)
{
	struct slice line = { 0 };
	(void)slice_split(rest, '\n', &line);
	return line;
}

static inline bool fuzz_within(struct slice part, struct slice whole)
{
	return part.len == 0 ||
	       (part.at >= whole.at && part.at + part.len <= whole.at + whole.len);
}

/* Who is asked: scheme, host in its canonical spelling, port. */
static inline bool fuzz_same_origin(const struct url *a, const struct url *b)
{
	return slice_equal(a->scheme, b->scheme) && slice_equal(a->host, b->host) &&
	       url_port(a) == url_port(b);
}
