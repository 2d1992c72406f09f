#include "base/utf8.h"
#include "model/url_internal.h"

/* --- percent-encoding ------------------------------------------------------------ */

/* Each set of the standard contains the one before it. */
#define CONTROLS_LOW  UINT64_C(0xFFFFFFFF)
#define CONTROLS_HIGH URL_HIGH(0x7F)
#define FRAGMENT_LOW                                                                     \
	(CONTROLS_LOW | URL_LOW(' ') | URL_LOW('"') | URL_LOW('<') | URL_LOW('>'))
#define QUERY_LOW (FRAGMENT_LOW | URL_LOW('#'))
#define PATH_LOW  (QUERY_LOW | URL_LOW('?'))
#define PATH_HIGH                                                                        \
	(CONTROLS_HIGH | URL_HIGH('^') | URL_HIGH('`') | URL_HIGH('{') | URL_HIGH('}'))

const struct url_charset url_escape_opaque = { CONTROLS_LOW, CONTROLS_HIGH };
const struct url_charset url_escape_fragment = { FRAGMENT_LOW,
	CONTROLS_HIGH | URL_HIGH('`') };
const struct url_charset url_escape_query = { QUERY_LOW, CONTROLS_HIGH };
const struct url_charset url_escape_special_query = { QUERY_LOW | URL_LOW('\''),
	CONTROLS_HIGH };
const struct url_charset url_escape_path = { PATH_LOW, PATH_HIGH };
const struct url_charset url_escape_userinfo = {
	PATH_LOW | URL_LOW('/') | URL_LOW(':') | URL_LOW(';') | URL_LOW('='),
	PATH_HIGH | URL_HIGH('@') | URL_HIGH('[') | URL_HIGH('\\') | URL_HIGH(']') |
		URL_HIGH('|'),
};

void url_add_triplet(struct buffer *out, char c)
{
	static const char digits[] = "0123456789ABCDEF";
	unsigned char byte = (unsigned char)c;
	char triplet[] = { '%', digits[byte >> 4], digits[byte & 15] };
	buffer_add(out, (struct slice){ triplet, sizeof(triplet) });
}

/* Takes one code point off the front and appends it byte by byte. */
static void add_code_point(struct buffer *out, struct slice *text)
{
	struct slice bytes = *text;
	if (utf8_next(text) == UTF8_REPLACEMENT)
		bytes = SLICE("\xEF\xBF\xBD");
	else
		bytes.len -= text->len;
	for (size_t i = 0; i < bytes.len; i++)
		url_add_triplet(out, bytes.at[i]);
}

void url_add_escaped(struct buffer *out, struct slice text, const struct url_charset *set)
{
	while (text.len > 0) {
		size_t plain = 0;
		while (plain < text.len && (unsigned char)text.at[plain] < 0x80 &&
			!url_charset_has(set, text.at[plain]))
			plain++;
		buffer_add(out, slice_sub(text, 0, plain));
		text = slice_sub(text, plain, text.len);
		if (text.len > 0)
			add_code_point(out, &text);
	}
}

int url_triplet(struct slice text, size_t at)
{
	if (text.at[at] != '%' || text.len - at < 3)
		return -1;
	int high = char_hex(text.at[at + 1]), low = char_hex(text.at[at + 2]);
	return high >= 0 && low >= 0 ? high << 4 | low : -1;
}

void url_add_decoded(struct buffer *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		int byte = url_triplet(text, i);
		buffer_add_char(out, byte < 0 ? text.at[i] : (char)byte);
		if (byte >= 0)
			i += 2;
	}
}

struct slice url_percent_decode(struct arena *arena, struct slice text)
{
	char *at = arena_alloc(arena, text.len + 1);
	if (at == NULL)
		return (struct slice){ 0 };
	/* Decoding never makes text longer: the buffer cannot need to grow. */
	struct buffer out = { .at = at, .room = text.len + 1, .bytes_max = text.len };
	url_add_decoded(&out, text);
	return buffer_slice(&out);
}

/* --- drafts ---------------------------------------------------------------------- */

/* The special schemes of the standard and their default ports. */
static const struct {
	struct slice scheme;
	int32_t port;
} special_schemes[] = {
	{ { "https", 5 }, 443 },
	{ { "http", 4 }, 80 },
	{ { "ftp", 3 }, 21 },
	{ { "ws", 2 }, 80 },
	{ { "wss", 3 }, 443 },
	{ { "file", 4 }, 0 },
};

int32_t url_scheme_port(struct slice scheme)
{
	for (size_t i = 0; i < sizeof(special_schemes) / sizeof(special_schemes[0]); i++)
		if (slice_equal(scheme, special_schemes[i].scheme))
			return special_schemes[i].port;
	return -1;
}

void url_draft_init(struct url_draft *draft, char bytes[static URL_BYTES_MAX + 1])
{
	*draft = (struct url_draft){
		.out = { .at = bytes,
			.room = URL_BYTES_MAX + 1,
			.bytes_max = URL_BYTES_MAX },
		.port = URL_PORT_NONE,
	};
}

void url_draft_scheme(struct url_draft *draft, struct slice scheme)
{
	for (size_t i = 0; i < scheme.len; i++)
		buffer_add_char(&draft->out, char_lower(scheme.at[i]));
	draft->scheme = (struct url_span){ 0, draft->out.len };
	struct slice lower = buffer_slice(&draft->out);
	draft->special = url_scheme_port(lower) >= 0;
	draft->file = slice_equal(lower, SLICE("file"));
	buffer_add_char(&draft->out, ':');
}

static void add_userinfo(struct url_draft *draft, const struct url *from)
{
	struct buffer *out = &draft->out;
	if (from->username.len + from->password.len == 0)
		return;
	draft->username.from = out->len;
	buffer_add(out, from->username);
	draft->username.to = draft->password.from = draft->password.to = out->len;
	if (from->password.len > 0) {
		buffer_add_char(out, ':');
		draft->password.from = out->len;
		buffer_add(out, from->password);
		draft->password.to = out->len;
	}
	buffer_add_char(out, '@');
}

void url_draft_authority(struct url_draft *draft, const struct url *from, bool userinfo)
{
	struct buffer *out = &draft->out;
	if (!from->has_host)
		return;
	buffer_add_text(out, "//");
	if (userinfo)
		add_userinfo(draft, from);
	url_draft_begin_host(draft);
	buffer_add(out, from->host);
	draft->host.to = out->len;
	draft->port = from->port;
	if (from->port != URL_PORT_NONE)
		buffer_printf(out, ":%d", from->port);
}

void url_draft_begin_host(struct url_draft *draft)
{
	draft->has_host = true;
	draft->host.from = draft->host.to = draft->out.len;
}

void url_draft_begin_path(struct url_draft *draft)
{
	draft->path.from = draft->path.to = draft->out.len;
}

/* Without a host, a path that begins with two slashes would be read back as one: the
 * standard puts "/." before it, in the serialisation only. */
void url_draft_end_path(struct url_draft *draft)
{
	struct buffer *out = &draft->out;
	size_t from = draft->path.from, len = out->len - from;
	if (!draft->has_host && !draft->opaque && len > 1 &&
		memcmp(out->at + from, "//", 2) == 0) {
		buffer_add_text(out, "/.");
		if (out->failed)
			return;
		memmove(out->at + from + 2, out->at + from, len);
		memcpy(out->at + from, "/.", 2);
		draft->path.from += 2;
	}
	draft->path.to = out->len;
}

void url_draft_begin_query(struct url_draft *draft)
{
	draft->has_query = true;
	buffer_add_char(&draft->out, '?');
	draft->query.from = draft->out.len;
}

void url_draft_begin_fragment(struct url_draft *draft)
{
	draft->has_fragment = true;
	draft->query.to = draft->out.len;
	buffer_add_char(&draft->out, '#');
	draft->fragment.from = draft->out.len;
}

static struct slice part(struct slice href, struct url_span span)
{
	return slice_sub(href, span.from, span.to);
}

int url_draft_finish(struct url_draft *draft, struct arena *arena, struct url *ret_url)
{
	struct slice href = buffer_slice(&draft->out);
	if (draft->out.failed)
		return -1;
	href = arena_copy(arena, href);
	if (href.at == NULL)
		return -1;
	if (!draft->has_fragment)
		draft->query.to = draft->has_query ? href.len : 0;
	draft->fragment.to = draft->has_fragment ? href.len : 0;
	struct slice scheme = part(href, draft->scheme);
	*ret_url = (struct url){
		.href = href,
		.scheme = scheme,
		.username = part(href, draft->username),
		.password = part(href, draft->password),
		.host = part(href, draft->host),
		.path = part(href, draft->path),
		.query =
			draft->has_query ? part(href, draft->query) : (struct slice){ 0 },
		.fragment = part(href, draft->fragment),
		.port = draft->port,
		.has_host = draft->has_host,
		.has_query = draft->has_query,
		.has_fragment = draft->has_fragment,
		.opaque = draft->opaque,
		.http = slice_equal(scheme, SLICE("http")) ||
			slice_equal(scheme, SLICE("https")),
	};
	return 0;
}
