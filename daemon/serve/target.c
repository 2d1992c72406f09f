#include "serve/target.h"

#include <string.h>

#include "base/utf8.h"

enum { BAD_REQUEST = 400, NOT_FOUND = 404, URI_TOO_LONG = 414, UNAVAILABLE = 503 };

enum { HOST_BYTES_MAX = 300 };

/* What may stand in a target as it is sent: printable ASCII without the space. A `#` has
 * no business here, it is the browser's. */
static bool is_sendable(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] <= 0x20 || text.at[i] >= 0x7f || text.at[i] == '#')
			return false;
	return true;
}

/* Text as it may be handed on: UTF-8 without control characters (C0, DEL). */
static bool is_decent(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7f)
			return false;
	return utf8_valid(text);
}

/* The only place where escapes are undone. 0 or the status. */
static int decode(struct slice text, bool plus_is_space, struct arena *arena,
	struct slice *ret_decoded)
{
	char *at = arena_alloc(arena, text.len + 1);
	size_t len = 0;

	if (at == NULL)
		return UNAVAILABLE;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.at[i];
		if (c == '%') {
			int high = i + 1 < text.len ? char_hex(text.at[i + 1]) : -1;
			int low = i + 2 < text.len ? char_hex(text.at[i + 2]) : -1;
			if (high < 0 || low < 0)
				return BAD_REQUEST;
			c = (char)(unsigned char)(high * 16 + low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		at[len++] = c;
	}
	*ret_decoded = (struct slice){ at, len };
	return is_decent(*ret_decoded) ? 0 : BAD_REQUEST;
}

static bool is_dots(struct slice segment)
{
	return slice_equal(segment, SLICE(".")) || slice_equal(segment, SLICE(".."));
}

/* `path` without its first slash. All of it is looked at, however deep it is: what is
 * malformed is 400 and not 404. */
static int parse_path(struct slice path, struct arena *arena, struct serve_target *target)
{
	struct slice part, segment;
	int status = 0;

	while (slice_split(&path, '/', &part)) {
		if (part.len == 0)
			return BAD_REQUEST;
		int fault = decode(part, false, arena, &segment);
		if (fault != 0)
			return fault;
		if (is_dots(segment))
			return BAD_REQUEST;
		if (target->segment_count < SERVE_SEGMENTS_MAX)
			target->segments[target->segment_count++] = segment;
		else
			status = NOT_FOUND;
	}
	return status;
}

static int parse_arguments(
	struct slice query, struct arena *arena, struct serve_target *target)
{
	struct slice part;

	while (slice_split(&query, '&', &part)) {
		if (part.len == 0)
			continue;
		size_t equals = slice_find_char(part, '=');
		struct slice name = slice_sub(part, 0, equals);
		struct slice value = equals == SLICE_NONE
					     ? (struct slice){ "", 0 }
					     : slice_sub(part, equals + 1, part.len);
		struct serve_argument argument;
		int fault = decode(name, true, arena, &argument.name);
		if (fault == 0)
			fault = decode(value, true, arena, &argument.value);
		if (fault != 0)
			return fault;
		if (target->argument_count < SERVE_ARGUMENTS_MAX)
			target->arguments[target->argument_count++] = argument;
		else
			target->has_more_arguments = true;
	}
	return 0;
}

bool serve_target_is_host(struct slice host)
{
	for (size_t i = 0; i < host.len; i++) {
		char c = host.at[i];
		if (!char_is_alpha(c) && !char_is_digit(c) &&
			(c == '\0' || strchr("-._~:[]%!$&'()*+;=", c) == NULL))
			return false;
	}
	return host.len <= HOST_BYTES_MAX;
}

/* Takes "http://host:80" off an absolute form; what is left begins with a slash or a
 * question mark, or is empty. False when it is of no form that is taken. */
static bool drop_origin(struct slice *text)
{
	const struct slice schemes[] = { SLICE("http://"), SLICE("https://") };

	if (slice_starts(*text, SLICE("/")))
		return true;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		if (!slice_starts_nocase(*text, schemes[i]))
			continue;
		struct slice rest = slice_sub(*text, schemes[i].len, text->len);
		size_t end = 0;
		while (end < rest.len && rest.at[end] != '/' && rest.at[end] != '?')
			end++;
		*text = slice_sub(rest, end, rest.len);
		return end > 0 && serve_target_is_host(slice_sub(rest, 0, end));
	}
	return false;
}

int serve_target_parse(
	struct slice text, struct arena *arena, struct serve_target *ret_target)
{
	bool is_too_long = text.len > SERVE_TARGET_BYTES_MAX;

	*ret_target = (struct serve_target){ .segment_count = 0 };
	text = arena_copy(arena, slice_sub(text, 0, SERVE_TARGET_BYTES_MAX));
	if (text.at == NULL)
		return UNAVAILABLE;
	if (!drop_origin(&text))
		return BAD_REQUEST;

	size_t question = slice_find_char(text, '?');
	struct slice path = slice_sub(text, 0, question);
	struct slice query = question == SLICE_NONE
				     ? (struct slice){ "", 0 }
				     : slice_sub(text, question + 1, text.len);
	if (path.len == 0) /* "http://host" is its front page (RFC 9112 3.2.2) */
		path = SLICE("/");
	ret_target->raw_path = path;
	ret_target->raw_query = query;
	if (is_too_long)
		return URI_TOO_LONG;
	if (!is_sendable(path) || !is_sendable(query))
		return BAD_REQUEST;
	struct slice inner = slice_sub(path, 1, path.len);
	if (slice_ends(inner, SLICE("/"))) {
		ret_target->is_directory = true;
		inner = slice_sub(inner, 0, inner.len - 1);
		if (inner.len == 0) /* "//" */
			return BAD_REQUEST;
	}
	int path_status = inner.len > 0 ? parse_path(inner, arena, ret_target) : 0;
	if (path_status == BAD_REQUEST)
		return path_status;
	int query_status = parse_arguments(query, arena, ret_target);
	return query_status != 0 ? query_status : path_status;
}

bool serve_target_fits(const struct serve_target *target, const char *pattern)
{
	struct slice rest = slice_of(pattern), part;
	unsigned count = 0;

	assert(slice_starts(rest, SLICE("/")));
	rest = slice_sub(rest, 1, rest.len);
	bool is_directory = slice_ends(rest, SLICE("/"));
	if (is_directory)
		rest = slice_sub(rest, 0, rest.len - 1);
	while (rest.len > 0 && slice_split(&rest, '/', &part)) {
		if (count == target->segment_count ||
			(!slice_equal(part, SLICE("?")) &&
				!slice_equal(part, target->segments[count])))
			return false;
		count++;
	}
	return count == target->segment_count && is_directory == target->is_directory;
}

bool serve_target_argument(
	const struct serve_target *target, const char *name, struct slice *ret_value)
{
	for (unsigned i = 0; i < target->argument_count; i++) {
		if (!slice_equal(target->arguments[i].name, slice_of(name)))
			continue;
		*ret_value = target->arguments[i].value;
		return true;
	}
	return false;
}
