#include "extract/plain_internal.h"

#include "base/utf8.h"
#include "extract/title.h"

/* Bare links in text that has no syntax for them: "http://", "https://" and "www." where
 * a word may begin, up to what a reader would not count to the link: white space, quotes,
 * brackets that were not opened inside, punctuation at the end, unless the text says
 * where that is. Whatever is rejected is skipped as far as it was read, so the work is
 * linear. What some kinds of text have of their own is behind plain_internal.h. */

enum {
	CONTEXT_MAX = 256, /* of the line, on each side of the link */
	LONG_LINE = 1024,  /* may hold millions of links, so that each keeps less: */
	NEAR_MAX = 80,
	TEXT_MAX = 16 * 1024,
	OPEN_MAX = 32,       /* brackets open at a time */
	URL_MAX = 16 * 1024, /* longer ones are no URLs anyway, and stay as written */
	TITLE_BYTES_MAX = 1024 * 1024,
};

struct reader {
	struct slice bytes;
	const struct extract_sink *sink;
	struct error *error;
	struct place place;
	struct dialect dialect;
	struct arena title;
	char context[2 * CONTEXT_MAX + 1];
	char near[2 * NEAR_MAX + 1];
};

/* --- characters --- */

/* Marks in pairs, dashes, ellipses and the full-width forms that CJK text puts next to a
 * link without a space; not the joiners, which are parts of words. */
static bool is_separator(uint32_t c)
{
	return c <= 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAB || c == 0xBB ||
	       c == 0x1680 || (c >= 0x2000 && c <= 0x200B) ||
	       (c >= 0x2012 && c <= 0x206F) || (c >= 0x3000 && c <= 0x3003) ||
	       (c >= 0x3008 && c <= 0x3020) || c == 0xFEFF ||
	       (c >= 0xFF01 && c <= 0xFF0F) || (c >= 0xFF1A && c <= 0xFF20) ||
	       (c >= 0xFF3B && c <= 0xFF40) || (c >= 0xFF5B && c <= 0xFF65) ||
	       c >= 0xFFF0;
}

/* In a URL these are always written as percent triplets. */
static bool ends_any(char c)
{
	return c == '<' || c == '>' || c == '`' || c == '|' || c == '\\';
}

static bool is_word(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '_';
}

/* Length of the character at `at`; 0 where a link ends: separators and wrong UTF-8. */
static size_t character(struct slice bytes, size_t at)
{
	unsigned char first = (unsigned char)bytes.at[at];
	if (first < 0x80)
		return is_separator(first) || ends_any(bytes.at[at]) ? 0 : 1;
	struct slice rest = slice_sub(bytes, at, at + 4);
	size_t before = rest.len;
	uint32_t c = utf8_next(&rest);
	if (is_separator(c) && c < 0x10000)
		return 0;
	return before - rest.len;
}

/* --- the host --- */

static size_t authority_end(struct slice bytes, size_t at)
{
	static const struct slice stops = { "/?#()[]{}\"',;!*", 15 };
	size_t len;

	if (at < bytes.len && bytes.at[at] == '[') {
		struct slice address = slice_sub(bytes, at, at + 48);
		size_t end = slice_find_char(address, ']');
		at += end != SLICE_NONE ? end + 1 : 0;
	}
	while (at < bytes.len && slice_find_char(stops, bytes.at[at]) == SLICE_NONE &&
		(len = character(bytes, at)) > 0)
		at += len;
	return at;
}

static bool is_label(struct slice label)
{
	if (label.len == 0 || label.at[0] == '-' || label.at[label.len - 1] == '-' ||
		label.at[label.len - 1] == '_')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.at[i];
		if (!is_word(c) && c != '-' && c != '%' && (unsigned char)c < 0x80)
			return false;
	}
	return true;
}

static bool is_port(struct slice port)
{
	uint64_t number;
	return port.len == 0 || slice_to_number(port, UINT16_MAX, &number);
}

/* A trailing dot may be the sentence's; *ret_dots counts the dots between labels. */
static bool is_host(struct slice host, unsigned *ret_dots)
{
	struct slice label;

	*ret_dots = 0;
	while (host.len > 0 &&
		(host.at[host.len - 1] == '.' || host.at[host.len - 1] == ':'))
		host.len--;
	if (slice_starts(host, SLICE("["))) {
		size_t end = slice_find_char(host, ']');
		return end != SLICE_NONE && end > 2 &&
		       (end + 1 == host.len || host.at[end + 1] == ':');
	}
	size_t colon = slice_find_char(host, ':');
	if (colon != SLICE_NONE && !is_port(slice_sub(host, colon + 1, host.len)))
		return false;
	host = slice_sub(host, 0, colon);
	if (host.len == 0 || host.at[host.len - 1] == '.')
		return false;
	while (slice_split(&host, '.', &label)) {
		if (!is_label(label))
			return false;
		*ret_dots += host.len > 0;
	}
	return true;
}

static bool is_authority(struct slice authority, bool scheme)
{
	unsigned dots;
	size_t user = 0;

	for (size_t i = 0; i < authority.len; i++)
		if (authority.at[i] == '@')
			user = i + 1;
	if (user > 0 && !scheme)
		return false;
	if (!is_host(slice_sub(authority, user, authority.len), &dots))
		return false;
	return scheme || dots >= 2;
}

/* --- the end of the link --- */

struct tail {
	struct slice bytes;
	char before;             /* the character in front of the link */
	size_t opened[OPEN_MAX]; /* where brackets were opened */
	char closers[OPEN_MAX];
	size_t open_count;
	bool apostrophe; /* an odd number of them so far */
};

static char closer_of(char c)
{
	switch (c) {
	case '(':
		return ')';
	case '[':
		return ']';
	case '{':
		return '}';
	case '"':
		return '"';
	default:
		return '\0';
	}
}

/* An apostrophe inside a word, or the second of a pair. */
static bool may_be_apostrophe(struct tail *tail, size_t at)
{
	struct slice next = slice_sub(tail->bytes, at + 1, at + 2);
	bool inside = next.len > 0 && (is_word(next.at[0]) || next.at[0] == '-');

	if (tail->before == '\'' || (!tail->apostrophe && !inside))
		return false;
	tail->apostrophe = !tail->apostrophe;
	return true;
}

static bool starts_scheme(struct slice bytes)
{
	return slice_starts_nocase(bytes, SLICE("http://")) ||
	       slice_starts_nocase(bytes, SLICE("https://"));
}

/* Whether the link goes on with the ASCII character at `at`. */
static bool goes_on(struct tail *tail, size_t at)
{
	char c = tail->bytes.at[at];
	char closer = closer_of(c);

	if (tail->open_count > 0 && c == tail->closers[tail->open_count - 1]) {
		tail->open_count--;
		return true;
	}
	if (c == ')' || c == ']' || c == '}' || (c == '"' && tail->before == '"'))
		return false;
	if (closer != '\0') {
		if (tail->open_count == OPEN_MAX)
			return false;
		tail->opened[tail->open_count] = at;
		tail->closers[tail->open_count++] = closer;
		return true;
	}
	if (c == '\'')
		return may_be_apostrophe(tail, at);
	/* "http://a,http://b" are two, as in a CSV file. */
	if (c == ',' || c == ';')
		return !starts_scheme(slice_sub(tail->bytes, at + 1, tail->bytes.len));
	return true;
}

/* One character or escape of the link; 0 where it ends. */
static size_t link_step(const struct dialect *dialect, struct tail *tail, size_t at)
{
	size_t len = dialect_escape(dialect, at);

	if (len > 0)
		return len;
	len = character(tail->bytes, at);
	if (len != 1)
		return len;
	return !dialect_ends(dialect, at) && goes_on(tail, at) ? 1 : 0;
}

/* Half an escape is none. False: nobody knows; *ret_end is how far it was read, and what
 * is within it is no link either. */
static bool link_end(const struct dialect *dialect, size_t begin, size_t at, size_t least,
	size_t *ret_end)
{
	static const struct slice trailing = { ".,:;!?*~", 8 };
	struct slice bytes = dialect->bytes;
	struct tail tail = { .bytes = bytes,
		.before = begin > 0 ? bytes.at[begin - 1] : '\0' };
	size_t len, authority = at, solid = SLICE_NONE;

	/* AsciiDoc writes "http://a[its text]". */
	if (at < bytes.len && slice_find_char(SLICE("/?#"), bytes.at[at]) == SLICE_NONE)
		tail.bytes = bytes = slice_sub(bytes, 0, at);
	while (at < bytes.len && (len = link_step(dialect, &tail, at)) > 0) {
		at += len;
		solid = len > 1 ? at : solid;
	}
	*ret_end = at;
	if (dialect_hides(dialect, begin, at))
		return false;
	if (tail.open_count > 0)
		at = tail.opened[0];
	bool enclosed = at > authority && dialect_encloses(dialect, begin, at);
	while (!enclosed && at > least && at != solid &&
		slice_find_char(trailing, bytes.at[at - 1]) != SLICE_NONE)
		at--;
	*ret_end = at;
	return true;
}

/* --- links --- */

struct start {
	size_t begin; /* of the link */
	size_t host;  /* of its authority */
	bool scheme;
};

/* "://" at `at`, with a scheme of ours before it that is a word of its own. */
static bool is_scheme(struct slice bytes, size_t from, size_t at, struct start *ret_start)
{
	struct slice before = slice_sub(bytes, from, at);
	size_t len = slice_ends_nocase(before, SLICE("https"))  ? 5
		     : slice_ends_nocase(before, SLICE("http")) ? 4
								: 0;

	if (len == 0 || !slice_starts(slice_sub(bytes, at, at + 3), SLICE("://")))
		return false;
	*ret_start = (struct start){ at - len, at + 3, true };
	return ret_start->begin == 0 || !is_word(bytes.at[ret_start->begin - 1]);
}

static bool is_www(struct slice bytes, size_t at, struct start *ret_start)
{
	static const struct slice joined = { ".-/@:%", 6 };

	if (!slice_starts_nocase(slice_sub(bytes, at, at + 4), SLICE("www.")))
		return false;
	*ret_start = (struct start){ at, at, false };
	return at == 0 ||
	       (!is_word(bytes.at[at - 1]) &&
		       slice_find_char(joined, bytes.at[at - 1]) == SLICE_NONE);
}

static bool find_start(struct slice bytes, size_t from, struct start *ret_start)
{
	for (size_t at = from; at < bytes.len; at++) {
		char c = bytes.at[at];
		if (c == ':' && is_scheme(bytes, from, at, ret_start))
			return true;
		if ((c == 'w' || c == 'W') && is_www(bytes, at, ret_start))
			return true;
	}
	return false;
}

/* --- context --- */

static bool is_tail(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

static bool ends_authority(char c)
{
	return slice_find_char(SLICE("/?#\\ \t\r\"<>"), c) != SLICE_NONE;
}

/* The last `max` bytes in whole characters. What a cut leaves of an authority loses its
 * userinfo: without the "://" nobody can tell later what it was. */
static struct slice cut_front(struct slice text, size_t max)
{
	if (text.len <= max)
		return text;
	size_t begin = text.len - max;
	while (begin < text.len && is_tail(text.at[begin]))
		begin++;
	size_t at = begin;
	while (at < text.len && text.at[at] == '/')
		at++;
	for (; at < text.len && !ends_authority(text.at[at]); at++)
		if (text.at[at] == '@')
			begin = at + 1;
	return slice_sub(text, begin, text.len);
}

/* The first `max` bytes in whole characters, without half an authority at their end. */
static struct slice cut_back(struct slice text, size_t max)
{
	if (text.len <= max)
		return text;
	size_t end = max;
	while (end > 0 && is_tail(text.at[end]))
		end--;
	size_t at = end;
	while (at > 0 && !ends_authority(text.at[at - 1]))
		at--;
	if (slice_ends(slice_sub(text, 0, at), SLICE("://")))
		end = at;
	return slice_sub(text, 0, end);
}

/* Up to `max` bytes of the line on each side of the link; in `room`. */
static struct slice make_context(
	const struct reader *reader, const struct mention *link, size_t max, char *room)
{
	size_t end = link->offset + link->length;
	struct slice before =
		slice_sub(reader->bytes, reader->place.line_offset, link->offset);
	struct slice behind = slice_sub(reader->bytes, end, end + max + 1);

	before = cut_front(before, max);
	behind = cut_back(slice_sub(behind, 0, slice_find_char(behind, '\n')), max);
	memcpy(room, before.at, before.len);
	memcpy(room + before.len, behind.at, behind.len);
	return slice_trim((struct slice){ room, before.len + behind.len });
}

static bool in_long_line(const struct reader *reader)
{
	size_t begin = reader->place.line_offset;
	struct slice line = slice_sub(reader->bytes, begin, begin + LONG_LINE);

	return line.len == LONG_LINE && slice_find_char(line, '\n') == SLICE_NONE;
}

static int emit(struct reader *reader, size_t begin, size_t end)
{
	struct slice written = slice_sub(reader->bytes, begin, end);
	struct mention mention = {
		.offset = begin,
		.length = written.len,
		.title_is_loose = true,
	};

	arena_reset(&reader->title);
	mention.url = written.len < URL_MAX
			      ? dialect_undo(&reader->dialect, &reader->title, written)
			      : written;
	mention.text = slice_sub(mention.url, 0, TEXT_MAX);
	place_at(&reader->place, begin, &mention.line, &mention.column);
	mention.context = make_context(reader, &mention, CONTEXT_MAX, reader->context);
	/* What GitHub's autolinks make of it. */
	if (slice_starts_nocase(written, SLICE("www.")) && written.len < URL_MAX)
		mention.url = arena_printf(
			&reader->title, "http://%.*s", SLICE_ARG(mention.url));
	mention.expected_title =
		expected_title(&reader->title, mention.text, mention.context);
	if (reader->title.failed)
		return error_set(reader->error, "out of memory");
	if (in_long_line(reader))
		mention.context = make_context(reader, &mention, NEAR_MAX, reader->near);
	if (reader->sink->on_mention(reader->sink->data, &mention) != 0)
		return error_set(reader->error, "stopped");
	return 0;
}

static int read_links(struct reader *reader)
{
	struct slice bytes = reader->bytes;
	struct start start;
	size_t from = 0;

	while (find_start(bytes, from, &start)) {
		size_t authority = authority_end(bytes, start.host);
		bool is_link = is_authority(
			slice_sub(bytes, start.host, authority), start.scheme);
		from = authority;
		if (!is_link || !dialect_counts(&reader->dialect, start.begin))
			continue;
		bool known = link_end(
			&reader->dialect, start.begin, authority, start.host, &from);
		dialect_skip(&reader->dialect, from);
		if (known && emit(reader, start.begin, from) < 0)
			return -1;
	}
	return 0;
}

static int read_text(enum document_kind kind, struct slice bytes,
	const struct extract_sink *sink, struct error *error)
{
	struct reader reader = { .bytes = bytes, .sink = sink, .error = error };

	place_init(&reader.place, bytes);
	dialect_init(&reader.dialect, kind, bytes);
	arena_init(&reader.title, TITLE_BYTES_MAX);
	int result = read_links(&reader);
	arena_fini(&reader.title);
	return result;
}

int extract_plain(
	struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	return read_text(DOCUMENT_PLAIN, bytes, sink, error);
}

int extract_tex(struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	return read_text(DOCUMENT_TEX, bytes, sink, error);
}

int extract_bibtex(
	struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	return read_text(DOCUMENT_BIBTEX, bytes, sink, error);
}

int extract_asciidoc(
	struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	return read_text(DOCUMENT_ASCIIDOC, bytes, sink, error);
}

int extract_csv(struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	return read_text(DOCUMENT_CSV, bytes, sink, error);
}

int extract_rst(struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	return read_text(DOCUMENT_RST, bytes, sink, error);
}

int extract_org(struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	return read_text(DOCUMENT_ORG, bytes, sink, error);
}
