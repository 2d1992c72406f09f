#include "extract/html_links_internal.h"

#include "extract/html_text_internal.h"

void html_scan_init(struct html_scan *scan, struct slice bytes, struct arena *arena)
{
	*scan = (struct html_scan){ .arena = arena };
	html_tokens_init(&scan->tokens);
	scan->tokens.bytes = bytes;
	scan->tokens.final = true;
}

struct html_token html_scan_next(struct html_scan *scan)
{
	for (;;) {
		struct html_token token = html_tokens_next(&scan->tokens);
		if (token.element == HTML_TEMPLATE && token.kind == HTML_TOKEN_START)
			scan->template_depth++;
		else if (token.element == HTML_TEMPLATE && token.kind == HTML_TOKEN_END)
			scan->template_depth -= scan->template_depth > 0;
		else if (scan->template_depth == 0 || token.kind == HTML_TOKEN_MORE)
			return token;
	}
}

/* Doubling keeps the sum of all rooms below twice the largest. */
static bool room_fits(struct html_scan *scan, struct html_room *room, size_t size)
{
	if (size <= room->size)
		return true;
	size_t want = size > room->size * 2 ? size : room->size * 2;
	char *at = arena_alloc(scan->arena, want);
	scan->failed = scan->failed || at == NULL;
	if (at != NULL)
		*room = (struct html_room){ at, want };
	return at != NULL;
}

struct slice html_scan_decode(
	struct html_scan *scan, struct html_room *room, struct slice raw)
{
	raw = slice_trim(raw);
	if (raw.len > HTML_VALUE_MAX || slice_find_char(raw, '&') == SLICE_NONE ||
		!room_fits(scan, room, raw.len + 1))
		return raw;
	/* Never grown: what is decoded is not longer. */
	struct buffer out = { .at = room->at, .room = raw.len + 1, .bytes_max = raw.len };
	html_add_value(&out, raw);
	return slice_trim(buffer_slice(&out));
}

/* How an attribute's value holds URLs. */
enum url_form { URL_NONE, URL_ONE, URL_SET, URL_REFRESH };

static bool is_hint(const struct html_attributes *attributes)
{
	struct slice rel = html_attribute_get(attributes, HTML_ATTRIBUTE_REL);
	return html_has_word(rel, SLICE("preconnect")) ||
	       html_has_word(rel, SLICE("dns-prefetch"));
}

static bool is_refresh(const struct html_attributes *attributes)
{
	return slice_equal_nocase(
		slice_trim(html_attribute_get(attributes, HTML_ATTRIBUTE_HTTP_EQUIV)),
		SLICE("refresh"));
}

struct slice html_meta_charset(const struct html_attributes *attributes)
{
	struct slice equiv = html_attribute_get(attributes, HTML_ATTRIBUTE_HTTP_EQUIV);
	struct slice content = html_attribute_get(attributes, HTML_ATTRIBUTE_CONTENT);
	struct slice charset = html_attribute_get(attributes, HTML_ATTRIBUTE_CHARSET);
	size_t at = slice_find_nocase(content, SLICE("charset="));

	if (charset.len > 0 || at == SLICE_NONE ||
		!slice_equal_nocase(slice_trim(equiv), SLICE("content-type")))
		return charset;
	return slice_sub(content, at + strlen("charset="), content.len);
}

static bool has_href(enum html_element element, const struct html_attributes *attributes)
{
	return element == HTML_A || element == HTML_AREA ||
	       (element == HTML_LINK && !is_hint(attributes));
}

static bool has_src(enum html_element element)
{
	return element == HTML_IMG || element == HTML_SCRIPT || element == HTML_IFRAME ||
	       element == HTML_FRAME || element == HTML_EMBED || element == HTML_SOURCE ||
	       element == HTML_TRACK || element == HTML_VIDEO || element == HTML_AUDIO ||
	       element == HTML_INPUT;
}

static bool has_cite(enum html_element element)
{
	return element == HTML_BLOCKQUOTE || element == HTML_Q || element == HTML_INS ||
	       element == HTML_DEL;
}

static enum url_form form_of(enum html_element element, enum html_attribute_name name,
	const struct html_attributes *attributes)
{
	bool one = false;

	switch (name) {
	case HTML_ATTRIBUTE_HREF:
		one = has_href(element, attributes);
		break;
	case HTML_ATTRIBUTE_SRC:
		one = has_src(element);
		break;
	case HTML_ATTRIBUTE_CITE:
		one = has_cite(element);
		break;
	case HTML_ATTRIBUTE_POSTER:
		one = element == HTML_VIDEO;
		break;
	case HTML_ATTRIBUTE_DATA:
		one = element == HTML_OBJECT;
		break;
	case HTML_ATTRIBUTE_SRCSET:
		return element == HTML_IMG || element == HTML_SOURCE ? URL_SET : URL_NONE;
	case HTML_ATTRIBUTE_CONTENT:
		return element == HTML_META && is_refresh(attributes) ? URL_REFRESH
								      : URL_NONE;
	case HTML_ATTRIBUTE_ALT:
	case HTML_ATTRIBUTE_CHARSET:
	case HTML_ATTRIBUTE_CLASS:
	case HTML_ATTRIBUTE_HTTP_EQUIV:
	case HTML_ATTRIBUTE_ID:
	case HTML_ATTRIBUTE_NAME:
	case HTML_ATTRIBUTE_PROPERTY:
	case HTML_ATTRIBUTE_REL:
	case HTML_ATTRIBUTE_TYPE:
	case HTML_ATTRIBUTE_COUNT:
		break;
	}
	return one ? URL_ONE : URL_NONE;
}

/* The end of a candidate's descriptors: a comma outside parentheses. */
static size_t skip_descriptors(struct slice set, size_t at)
{
	bool inside = false;

	for (; at < set.len && (inside || set.at[at] != ','); at++)
		inside = (inside || set.at[at] == '(') && set.at[at] != ')';
	return at;
}

/* Takes one image candidate's URL off the front (the standard's "parse a srcset
 * attribute"); a candidate with wrong descriptors counts all the same, for its URL is
 * written there. */
static bool next_candidate(struct slice *set, struct slice *ret_url)
{
	size_t begin = 0;

	while (begin < set->len &&
		(char_is_space(set->at[begin]) || set->at[begin] == ','))
		begin++;
	size_t end = begin;
	while (end < set->len && !char_is_space(set->at[end]))
		end++;
	if (end == begin)
		return false;
	*ret_url = slice_sub(*set, begin, end);
	bool alone = slice_ends(*ret_url, SLICE(","));
	while (slice_ends(*ret_url, SLICE(",")))
		ret_url->len--;
	*set = slice_sub(*set, alone ? end : skip_descriptors(*set, end), set->len);
	return true;
}

struct tag_reader {
	struct html_scan *scan;
	const struct html_sink *sink;
	struct html_link link; /* what all links of the tag share */
};

static int emit_link(struct tag_reader *reader, struct slice raw)
{
	raw = slice_trim(raw);
	if (raw.len == 0)
		return 0;
	reader->link.url = html_scan_decode(reader->scan, &reader->scan->value, raw);
	reader->link.offset = (size_t)(raw.at - reader->scan->tokens.bytes.at);
	reader->link.length = raw.len;
	return reader->sink->on_link(reader->sink->data, &reader->link);
}

static int emit_value(struct tag_reader *reader, enum url_form form, struct slice value)
{
	struct slice url = value;
	int32_t delay_s;
	int stop = 0;

	switch (form) {
	case URL_NONE:
		break;
	case URL_ONE:
		return emit_link(reader, value);
	case URL_SET:
		while (stop == 0 && next_candidate(&value, &url))
			stop = emit_link(reader, url);
		break;
	case URL_REFRESH:
		if (html_parse_refresh(value, &delay_s, &url) && url.len > 0)
			stop = emit_link(reader, url);
		break;
	}
	return stop;
}

static bool is_target(enum html_element element, enum html_attribute_name name)
{
	return name == HTML_ATTRIBUTE_ID ||
	       (name == HTML_ATTRIBUTE_NAME && element == HTML_A);
}

int html_scan_tag(struct html_scan *scan, enum html_element element,
	const struct html_attributes *attributes, const struct html_sink *sink)
{
	struct tag_reader reader = { scan, sink, { .anchor = element == HTML_A } };
	int stop = 0;

	struct slice alt = html_attribute_get(attributes, HTML_ATTRIBUTE_ALT);
	reader.link.alt =
		html_scan_decode(scan, &scan->alt, slice_sub(alt, 0, HTML_ALT_MAX));
	for (unsigned i = 0; i < attributes->count && stop == 0; i++) {
		enum html_attribute_name name = attributes->list[i].name;
		struct slice value = attributes->list[i].value;
		if (is_target(element, name)) {
			struct slice id = html_scan_decode(scan, &scan->value, value);
			if (id.len > 0)
				stop = sink->on_anchor(sink->data, id);
		} else {
			stop = emit_value(
				&reader, form_of(element, name, attributes), value);
		}
	}
	return stop;
}

int html_scan_fragment(struct slice bytes, const struct html_sink *sink,
	struct arena *scratch, struct error *error)
{
	struct html_scan scan;
	struct html_attributes attributes;

	html_scan_init(&scan, bytes, scratch);
	/* Said first, because the sink may know better why it stops. */
	error_set(error, "stopped");
	for (;;) {
		struct html_token token = html_scan_next(&scan);
		if (token.kind == HTML_TOKEN_MORE)
			return 0;
		if (token.kind != HTML_TOKEN_START)
			continue;
		html_attributes_read(token.bytes, &attributes);
		if (html_scan_tag(&scan, token.element, &attributes, sink) != 0)
			return -1;
		if (scan.failed)
			return error_set(error, "out of memory");
	}
}

int html_scan_headings(struct slice bytes,
	int (*on_heading)(void *data, struct slice raw), void *data, struct error *error)
{
	struct html_scan scan;
	struct buffer raw;
	bool inside = false;
	int result = 0;

	buffer_init(&raw, bytes.len);
	html_scan_init(&scan, bytes, NULL);
	while (result == 0) {
		struct html_token token = html_scan_next(&scan);
		if (token.kind == HTML_TOKEN_MORE)
			break;
		if (token.kind == HTML_TOKEN_TEXT && inside)
			buffer_add(&raw, token.bytes);
		if (token.kind == HTML_TOKEN_TEXT || !html_is_heading(token.element))
			continue;
		if (token.kind == HTML_TOKEN_START)
			buffer_reset(&raw);
		else if (inside && !raw.failed)
			result = on_heading(data, buffer_slice(&raw));
		inside = token.kind == HTML_TOKEN_START;
		if (raw.failed)
			result = error_set(error, "out of memory");
	}
	buffer_fini(&raw);
	return result;
}
