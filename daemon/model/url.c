#include "model/url.h"

#include "model/url_internal.h"

/* A reference taken apart at the characters that mean the same in every scheme. */
struct reference {
	struct slice scheme; /* as written; at is NULL when there is none */
	struct slice rest;   /* authority and path */
	struct slice query, fragment;
	bool has_query, has_fragment;
};

/* --- taking the input apart ------------------------------------------------------ */

static bool is_dropped(char c)
{
	return c == '\t' || c == '\n' || c == '\r';
}

struct slice url_trim(struct slice input)
{
	while (input.len > 0 && (unsigned char)input.at[0] <= ' ')
		input = slice_sub(input, 1, input.len);
	while (input.len > 0 && (unsigned char)input.at[input.len - 1] <= ' ')
		input.len--;
	return input;
}

/* Tabs and line ends do not count, wherever they are. */
static int clean(struct arena *arena, struct slice input, struct slice *ret_text)
{
	input = url_trim(input);
	size_t kept = 0;
	while (kept < input.len && !is_dropped(input.at[kept]))
		kept++;
	*ret_text = input;
	if (kept == input.len)
		return 0;
	char *at = arena_string(arena, input);
	if (at == NULL)
		return -1;
	for (size_t i = kept; i < input.len; i++)
		if (!is_dropped(input.at[i]))
			at[kept++] = input.at[i];
	*ret_text = (struct slice){ at, kept };
	return 0;
}

size_t url_scheme_len(struct slice text)
{
	if (text.len == 0 || !char_is_alpha(text.at[0]))
		return 0;
	for (size_t i = 1; i < text.len; i++) {
		char c = text.at[i];
		if (c == ':')
			return i;
		if (!char_is_alpha(c) && !char_is_digit(c) && c != '+' && c != '-' &&
			c != '.')
			return 0;
	}
	return 0;
}

/* Cuts what follows the first `separator` off *text. */
static bool cut(struct slice *text, char separator, struct slice *ret_tail)
{
	size_t at = slice_find_char(*text, separator);
	if (at == SLICE_NONE)
		return false;
	*ret_tail = slice_sub(*text, at + 1, text->len);
	*text = slice_sub(*text, 0, at);
	return true;
}

static struct reference take_apart(struct slice text)
{
	struct reference ref = { 0 };
	ref.has_fragment = cut(&text, '#', &ref.fragment);
	size_t len = url_scheme_len(text);
	if (len > 0) {
		ref.scheme = slice_sub(text, 0, len);
		text = slice_sub(text, len + 1, text.len);
	}
	ref.has_query = cut(&text, '?', &ref.query);
	ref.rest = text;
	return ref;
}

static bool is_slash(const struct url_draft *draft, char c)
{
	return c == '/' || (draft->special && c == '\\');
}

static bool starts_with_slash(const struct url_draft *draft, struct slice text)
{
	return text.len > 0 && is_slash(draft, text.at[0]);
}

static struct slice without_first(struct slice text)
{
	return slice_sub(text, 1, text.len);
}

static bool starts_with_two_slashes(const struct url_draft *draft, struct slice text)
{
	return starts_with_slash(draft, text) &&
	       starts_with_slash(draft, without_first(text));
}

static size_t find_slash(const struct url_draft *draft, struct slice text)
{
	size_t i = 0;
	while (i < text.len && !is_slash(draft, text.at[i]))
		i++;
	return i;
}

/* "C:" or "C|", and nothing else. */
static bool is_drive(struct slice text)
{
	return text.len == 2 && char_is_alpha(text.at[0]) &&
	       (text.at[1] == ':' || text.at[1] == '|');
}

static bool starts_with_drive(const struct url_draft *draft, struct slice text)
{
	return is_drive(slice_sub(text, 0, find_slash(draft, text)));
}

/* --- path ------------------------------------------------------------------------ */

static struct slice path_so_far(const struct url_draft *draft)
{
	return slice_sub(buffer_slice(&draft->out), draft->path.from, draft->out.len);
}

/* Whether `path` is or begins with "/C:", the root of a Windows disk. */
static bool has_drive_root(const struct url_draft *draft, struct slice path)
{
	return draft->file && path.len >= 3 && path.at[0] == '/' && path.at[2] == ':' &&
	       char_is_alpha(path.at[1]) && (path.len == 3 || path.at[3] == '/');
}

/* Takes the last segment off. A search from the end: what it passes is removed, so that
 * all of them together cost no more than the writing did. */
static void shorten(struct url_draft *draft)
{
	struct slice path = path_so_far(draft);
	if (path.len == 0 || (path.len == 3 && has_drive_root(draft, path)))
		return;
	const char *slash = memrchr(path.at, '/', path.len);
	buffer_truncate(&draft->out, (size_t)(slash - draft->out.at));
}

/* How many dots the segment is, "%2e" read as one; 0 when it is anything else. */
static unsigned count_dots(struct slice segment)
{
	unsigned dots = 0;
	while (segment.len > 0 && dots < 3) {
		size_t len = segment.at[0] == '.'                         ? 1
			     : slice_starts_nocase(segment, SLICE("%2e")) ? 3
									  : 0;
		if (len == 0)
			return 0;
		segment = slice_sub(segment, len, segment.len);
		dots++;
	}
	return dots < 3 ? dots : 0;
}

static void add_segment(struct url_draft *draft, struct slice segment, bool last)
{
	struct buffer *out = &draft->out;
	unsigned dots = count_dots(segment);
	if (dots == 2)
		shorten(draft);
	if (dots == 0) {
		bool drive =
			draft->file && path_so_far(draft).len == 0 && is_drive(segment);
		buffer_add_char(out, '/');
		url_add_escaped(out, drive ? slice_sub(segment, 0, 1) : segment,
			&url_escape_path);
		if (drive)
			buffer_add_char(out, ':');
	} else if (last) {
		buffer_add_char(out, '/');
	}
}

static void add_segments(struct url_draft *draft, struct slice text)
{
	for (;;) {
		size_t end = find_slash(draft, text);
		add_segment(draft, slice_sub(text, 0, end), end == text.len);
		if (end == text.len || draft->out.failed)
			return;
		text = slice_sub(text, end + 1, text.len);
	}
}

/* Behind a host: a path there begins with a slash, and http has one in any case. */
static void add_rooted_path(struct url_draft *draft, struct slice text)
{
	url_draft_begin_path(draft);
	if (starts_with_slash(draft, text))
		add_segments(draft, without_first(text));
	else if (draft->special)
		add_segments(draft, text);
}

/* A space at the end of it would be lost at the next parse. */
static void add_opaque_path(struct url_draft *draft, const struct reference *ref)
{
	struct slice text = ref->rest;
	bool space = text.len > 0 && text.at[text.len - 1] == ' ';
	draft->opaque = true;
	url_draft_begin_path(draft);
	if (space)
		text.len--;
	url_add_escaped(&draft->out, text, &url_escape_opaque);
	if (space)
		buffer_add_text(&draft->out, "%20");
}

/* --- authority ------------------------------------------------------------------- */

static void add_userinfo(struct url_draft *draft, struct slice userinfo)
{
	struct slice password = { 0 };
	struct buffer *out = &draft->out;
	cut(&userinfo, ':', &password);
	draft->username.from = out->len;
	url_add_escaped(out, userinfo, &url_escape_userinfo);
	draft->username.to = draft->password.from = draft->password.to = out->len;
	if (password.len > 0) {
		buffer_add_char(out, ':');
		draft->password.from = out->len;
		url_add_escaped(out, password, &url_escape_userinfo);
		draft->password.to = out->len;
	}
	if (userinfo.len + password.len > 0)
		buffer_add_char(out, '@');
}

/* The colon before the port: the first one outside brackets. */
static size_t find_port(struct slice text)
{
	bool bracket = false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == ':' && !bracket)
			return i;
		if (text.at[i] == '[')
			bracket = true;
		else if (text.at[i] == ']')
			bracket = false;
	}
	return text.len;
}

static int add_port(struct url_draft *draft, struct slice digits)
{
	uint64_t port;
	if (digits.len == 0)
		return 0;
	if (!slice_to_number(digits, UINT16_MAX, &port))
		return -1;
	struct slice scheme = slice_sub(
		buffer_slice(&draft->out), draft->scheme.from, draft->scheme.to);
	if ((int32_t)port == url_scheme_port(scheme))
		return 0;
	draft->port = (int32_t)port;
	buffer_printf(&draft->out, ":%u", (unsigned)port);
	return 0;
}

static int add_authority(struct url_draft *draft, struct slice text)
{
	buffer_add_text(&draft->out, "//");
	const char *at = text.len > 0 ? memrchr(text.at, '@', text.len) : NULL;
	if (at != NULL) {
		size_t len = (size_t)(at - text.at);
		add_userinfo(draft, slice_sub(text, 0, len));
		text = slice_sub(text, len + 1, text.len);
	}
	size_t colon = find_port(text);
	if (colon == 0 && (draft->special || at != NULL || text.len > 0))
		return -1;
	url_draft_begin_host(draft);
	if (url_add_host(&draft->out, slice_sub(text, 0, colon), !draft->special) != 0)
		return -1;
	draft->host.to = draft->out.len;
	return add_port(draft, slice_sub(text, colon + 1, text.len));
}

/* `text` begins behind the two slashes. */
static int add_authority_and_path(struct url_draft *draft, struct slice text)
{
	size_t end = find_slash(draft, text);
	if (add_authority(draft, slice_sub(text, 0, end)) != 0)
		return -1;
	add_rooted_path(draft, slice_sub(text, end, text.len));
	return 0;
}

static struct slice skip_slashes(const struct url_draft *draft, struct slice text)
{
	while (starts_with_slash(draft, text))
		text = without_first(text);
	return text;
}

/* --- resolving ------------------------------------------------------------------- */

static void begin_path_with(struct url_draft *draft, struct slice path)
{
	url_draft_begin_path(draft);
	buffer_add(&draft->out, path);
}

/* The base's own path, and its query unless the reference has one. */
static void inherit_path(
	struct url_draft *draft, struct reference *ref, const struct url *base)
{
	draft->opaque = base->opaque;
	begin_path_with(draft, base->path);
	if (!ref->has_query) {
		ref->has_query = base->has_query;
		ref->query = base->query;
	}
}

static int resolve_relative(
	struct url_draft *draft, struct reference *ref, const struct url *base)
{
	struct slice rest = ref->rest;
	if (starts_with_two_slashes(draft, rest)) {
		rest = slice_sub(rest, 2, rest.len);
		return add_authority_and_path(
			draft, draft->special ? skip_slashes(draft, rest) : rest);
	}
	url_draft_authority(draft, base, true);
	if (rest.len == 0) {
		inherit_path(draft, ref, base);
	} else if (starts_with_slash(draft, rest)) {
		url_draft_begin_path(draft);
		add_segments(draft, without_first(rest));
	} else {
		begin_path_with(draft, base->path);
		shorten(draft);
		add_segments(draft, rest);
	}
	return 0;
}

/* "file://HOST/…", or "file://C:/…" where what looks like a host is a disk. */
static int add_file_host_and_path(struct url_draft *draft, struct slice text)
{
	size_t end = find_slash(draft, text);
	struct slice host = slice_sub(text, 0, end);
	buffer_add_text(&draft->out, "//");
	url_draft_begin_host(draft);
	if (is_drive(host)) {
		url_draft_begin_path(draft);
		add_segments(draft, text);
		return 0;
	}
	if (host.len > 0 && url_add_host(&draft->out, host, false) != 0)
		return -1;
	struct slice written =
		slice_sub(buffer_slice(&draft->out), draft->host.from, draft->out.len);
	if (slice_equal(written, SLICE("localhost")))
		buffer_truncate(&draft->out, draft->host.from);
	draft->host.to = draft->out.len;
	add_rooted_path(draft, slice_sub(text, end, text.len));
	return 0;
}

/* A path from the root keeps the disk that the base names. */
static void resolve_file_rooted(
	struct url_draft *draft, struct slice path, const struct url *base)
{
	url_draft_begin_path(draft);
	if (base != NULL && has_drive_root(draft, base->path) &&
		!starts_with_drive(draft, path))
		buffer_add(&draft->out, slice_sub(base->path, 0, 3));
	add_segments(draft, path);
}

/* `base` is a file URL or NULL. */
static int resolve_file(
	struct url_draft *draft, struct reference *ref, const struct url *base)
{
	struct slice rest = ref->rest;
	if (starts_with_two_slashes(draft, rest))
		return add_file_host_and_path(draft, slice_sub(rest, 2, rest.len));
	if (base != NULL) {
		url_draft_authority(draft, base, true);
	} else {
		buffer_add_text(&draft->out, "//");
		url_draft_begin_host(draft);
	}
	if (starts_with_slash(draft, rest)) {
		resolve_file_rooted(draft, without_first(rest), base);
	} else if (base != NULL && rest.len == 0) {
		inherit_path(draft, ref, base);
	} else {
		bool below = base != NULL && !starts_with_drive(draft, rest);
		begin_path_with(draft, below ? base->path : (struct slice){ 0 });
		shorten(draft);
		add_segments(draft, rest);
	}
	return 0;
}

static int resolve_absolute(
	struct url_draft *draft, struct reference *ref, const struct url *base)
{
	bool same = base != NULL && slice_equal_nocase(ref->scheme, base->scheme);
	struct slice rest = ref->rest;
	url_draft_scheme(draft, ref->scheme);
	if (draft->file)
		return resolve_file(draft, ref, same ? base : NULL);
	if (draft->special && same)
		return resolve_relative(draft, ref, base);
	if (draft->special)
		return add_authority_and_path(draft, skip_slashes(draft, rest));
	if (starts_with_two_slashes(draft, rest))
		return add_authority_and_path(draft, slice_sub(rest, 2, rest.len));
	if (starts_with_slash(draft, rest)) {
		url_draft_begin_path(draft);
		add_segments(draft, without_first(rest));
	} else {
		add_opaque_path(draft, ref);
	}
	return 0;
}

static int resolve(struct url_draft *draft, struct reference *ref, const struct url *base)
{
	if (ref->scheme.len > 0)
		return resolve_absolute(draft, ref, base);
	if (base == NULL)
		return -1;
	url_draft_scheme(draft, base->scheme);
	if (base->opaque) {
		if (ref->rest.len > 0 || ref->has_query || !ref->has_fragment)
			return -1;
		inherit_path(draft, ref, base);
		return 0;
	}
	return draft->file ? resolve_file(draft, ref, base)
			   : resolve_relative(draft, ref, base);
}

int url_parse(struct arena *arena, struct slice input, const struct url *base,
	struct url *ret_url)
{
	char bytes[URL_BYTES_MAX + 1];
	struct url_draft draft;
	struct slice text;
	if (input.len > URL_BYTES_MAX || clean(arena, input, &text) != 0)
		return -1;
	struct reference ref = take_apart(text);
	url_draft_init(&draft, bytes);
	if (resolve(&draft, &ref, base) != 0) {
		arena->out_of_memory |= draft.out.out_of_memory;
		arena->failed |= draft.out.out_of_memory;
		return -1;
	}
	url_draft_end_path(&draft);
	if (ref.has_query) {
		url_draft_begin_query(&draft);
		url_add_escaped(&draft.out, ref.query,
			draft.special ? &url_escape_special_query : &url_escape_query);
	}
	if (ref.has_fragment) {
		url_draft_begin_fragment(&draft);
		url_add_escaped(&draft.out, ref.fragment, &url_escape_fragment);
	}
	return url_draft_finish(&draft, arena, ret_url);
}
