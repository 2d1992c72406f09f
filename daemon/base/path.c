#include "base/path.h"

static void drop_last(struct buffer *out)
{
	size_t len = out->len;

	while (len > 0 && out->at[len - 1] != '/')
		len--;
	buffer_truncate(out, len > 0 ? len - 1 : 0);
}

static void add_parts(struct buffer *out, struct slice path)
{
	struct slice part;

	while (slice_split(&path, '/', &part)) {
		if (slice_equal(part, SLICE("..")))
			drop_last(out);
		else if (part.len > 0 && !slice_equal(part, SLICE("."))) {
			buffer_add_char(out, '/');
			buffer_add(out, part);
		}
	}
}

struct slice path_from(struct slice directory, struct slice path, struct buffer *room)
{
	bool is_absolute = slice_starts(path, SLICE("/"));

	if (slice_starts(path, SLICE("http://")) || slice_starts(path, SLICE("https://")))
		return path;
	buffer_reset(room);
	add_parts(room, is_absolute ? (struct slice){ 0 } : directory);
	size_t from = slice_equal(directory, SLICE("/")) ? 0 : directory.len;
	add_parts(room, path);
	struct slice whole = buffer_slice(room);
	if (!room->failed && directory.len > 0 && whole.len > from + 1 &&
		slice_starts(whole, slice_sub(directory, 0, from)) &&
		whole.at[from] == '/')
		return slice_sub(whole, from + 1, whole.len);
	while (slice_starts(path, SLICE("./")) && path.len > 2)
		path = slice_sub(path, 2, path.len);
	return path;
}
