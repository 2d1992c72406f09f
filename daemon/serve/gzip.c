#include "serve/gzip_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

struct gzip {
	z_stream stream;
};

struct gzip *gzip_new(void)
{
	enum { LEVEL = 1, WINDOW_BITS = 15, AS_GZIP = 16, MEMORY_LEVEL = 8 };
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (gzip == NULL)
		return NULL;
	if (deflateInit2(&gzip->stream, LEVEL, Z_DEFLATED, WINDOW_BITS + AS_GZIP,
		    MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
		free(gzip);
		return NULL;
	}
	return gzip;
}

void gzip_free(struct gzip *gzip)
{
	if (gzip == NULL)
		return;
	deflateEnd(&gzip->stream);
	free(gzip);
}

bool gzip_pack(struct gzip *gzip, struct slice bytes, struct buffer *out)
{
	z_stream *stream = &gzip->stream;
	size_t before = out->len;
	unsigned char block[16384];
	int result;

	if (bytes.len > UINT_MAX || deflateReset(stream) != Z_OK)
		return false;
	stream->next_in = (z_const Bytef *)(uintptr_t)bytes.at;
	stream->avail_in = (uInt)bytes.len;
	do {
		stream->next_out = block;
		stream->avail_out = sizeof(block);
		result = deflate(stream, Z_FINISH);
		buffer_add(out, (struct slice){ (const char *)block,
					sizeof(block) - stream->avail_out });
	} while (result == Z_OK && out->len - before < bytes.len);
	if (result == Z_STREAM_END && !out->failed && out->len - before < bytes.len)
		return true;
	buffer_truncate(out, before);
	return false;
}
