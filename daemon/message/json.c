#include "message/json_internal.h"

#include "base/utf8.h"

json_t *json_line(struct slice text, size_t bytes_max)
{
	struct buffer line;
	buffer_init(&line, 4 * bytes_max + 16);
	utf8_add_printable(&line, text, bytes_max);
	json_t *value = line.failed ? NULL : json_stringn(buffer_string(&line), line.len);
	buffer_fini(&line);
	return value;
}

json_t *json_whole(const struct buffer *text)
{
	return text->failed ? NULL
			    : json_stringn(text->len > 0 ? text->at : "", text->len);
}

static int on_bytes(const char *bytes, size_t len, void *data)
{
	struct buffer *out = data;
	buffer_add(out, (struct slice){ bytes, len });
	return out->failed ? -1 : 0;
}

int json_finish(json_t *value, struct buffer *out, struct error *error)
{
	int done = value == NULL ? -1
				 : json_dump_callback(value, on_bytes, out,
					   JSON_COMPACT | JSON_ENCODE_ANY);
	json_decref(value);
	if (done != 0)
		return error_set(error, "not enough memory for a message");
	return 0;
}
