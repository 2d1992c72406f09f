#include "base/buffer.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void buffer_init(struct buffer *buffer, size_t bytes_max)
{
	*buffer = (struct buffer){ .bytes_max = bytes_max };
}

void buffer_fini(struct buffer *buffer)
{
	free(buffer->at);
	*buffer = (struct buffer){ .bytes_max = buffer->bytes_max };
}

void buffer_reset(struct buffer *buffer)
{
	buffer->len = 0;
	buffer->failed = buffer->out_of_memory = false;
}

static bool buffer_grow(struct buffer *buffer, size_t need)
{
	size_t room = buffer->room < 64 ? 64 : buffer->room * 2;
	if (room < need)
		room = need;
	char *at = realloc(buffer->at, room);
	if (at == NULL)
		return false;
	buffer->at = at;
	buffer->room = room;
	return true;
}

/* Room for `more` bytes and a NUL. */
static bool buffer_reserve(struct buffer *buffer, size_t more)
{
	if (buffer->failed)
		return false;
	buffer->failed = buffer->bytes_max >= SIZE_MAX / 2 ||
			 more > buffer->bytes_max - buffer->len;
	if (!buffer->failed && buffer->len + more + 1 > buffer->room)
		buffer->failed = buffer->out_of_memory =
			!buffer_grow(buffer, buffer->len + more + 1);
	return !buffer->failed;
}

void buffer_add(struct buffer *buffer, struct slice bytes)
{
	if (bytes.len == 0 || !buffer_reserve(buffer, bytes.len))
		return;
	memcpy(buffer->at + buffer->len, bytes.at, bytes.len);
	buffer->len += bytes.len;
}

void buffer_add_text(struct buffer *buffer, const char *text)
{
	buffer_add(buffer, slice_of(text));
}

void buffer_add_growing(struct buffer *buffer, char c)
{
	if (buffer_reserve(buffer, 1))
		buffer->at[buffer->len++] = c;
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || !buffer_reserve(buffer, (size_t)len)) {
		buffer->failed = true;
		return;
	}
	va_start(args, format);
	vsnprintf(buffer->at + buffer->len, (size_t)len + 1, format, args);
	va_end(args);
	buffer->len += (size_t)len;
}

void buffer_truncate(struct buffer *buffer, size_t len)
{
	if (len < buffer->len)
		buffer->len = len;
}

const char *buffer_string(struct buffer *buffer)
{
	if (buffer->at == NULL)
		return "";
	buffer->at[buffer->len] = '\0';
	return buffer->at;
}
