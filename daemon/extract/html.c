#include "extract/html_internal.h"

#include "base/buffer.h"
#include "extract/extract_internal.h"
#include "extract/html_charset_internal.h"
#include "extract/html_links_internal.h"
#include "extract/html_text_internal.h"
#include "extract/title.h"
#include "extract/title_internal.h"
#include "extract/title_parts_internal.h"

/* A document is read block by block: a list item, a table row, or any other stretch of
 * text between two block tags. The links of a block wait for its end, because their
 * context is the whole of its text. A long block is cut, so memory and work are bounded
 * whatever the nesting: there is no tree and no stack. */
enum {
	BLOCK_TEXT_MAX = 4 * 1024,
	BLOCK_MENTIONS_MAX = 64,
	BLOCK_BYTES_MAX = (BLOCK_MENTIONS_MAX + 1) * 2 * (HTML_VALUE_MAX + 16),
	BASE_BYTES_MAX = 16 * 1024,
	KEPT_BYTES_MAX = 5 * HTML_VALUE_MAX + BASE_BYTES_MAX,
	TITLE_BYTES_MAX = 1024 * 1024,
};

enum block_kind { BLOCK_PLAIN, BLOCK_ITEM, BLOCK_ROW };

/* A mention of the block under way. */
struct pending {
	struct mention mention;
	bool anchor;     /* its text is text[from, to) of the block */
	size_t from, to; /* what of the block's text the link itself is */
};

struct reader {
	const struct extract_sink *sink;
	struct error *error;
	struct place place;
	struct html_scan scan;
	struct arena kept;  /* until the end: the base, and room to decode in */
	struct arena block; /* decoded URLs and alts of the pending mentions */
	struct arena title;
	struct slice base;

	enum block_kind kind;
	struct buffer text, context;
	struct buffer titles; /* the text without the links that name nothing */
	struct title_parts parts;
	bool loose; /* what `titles` says is of other links first of all */
	struct pending pending[BLOCK_MENTIONS_MAX];
	unsigned pending_count;
	struct pending *open; /* an <a> whose text is being read */
};

static void close_link(struct reader *reader)
{
	if (reader->open != NULL)
		reader->open->to = reader->text.len;
	reader->open = NULL;
}

static struct slice text_of(const struct reader *reader, const struct pending *pending)
{
	return slice_sub(buffer_slice(&reader->text), pending->from, pending->to);
}

/* Into `titles`; returns how many links with a text that names them there are. */
static unsigned copy_without_links(struct reader *reader, bool named_ones)
{
	unsigned named = 0;

	buffer_reset(&reader->titles);
	buffer_add(&reader->titles, buffer_slice(&reader->text));
	for (unsigned i = 0; i < reader->pending_count && !reader->titles.failed; i++) {
		const struct pending *pending = &reader->pending[i];
		struct slice text = text_of(reader, pending);
		bool names = !title_is_generic(text);
		named += names;
		if (text.len > 0 && (named_ones || !names))
			memset(reader->titles.at + pending->from, ' ', text.len);
	}
	return named;
}

static void make_titles(struct reader *reader)
{
	unsigned named = copy_without_links(reader, true);
	reader->loose = title_parts_are_loose(
		&reader->parts, buffer_slice(&reader->titles), named);
	copy_without_links(reader, false);
}

static struct slice make_title(struct reader *reader, const struct pending *pending)
{
	struct slice text = pending->mention.text, titles = buffer_slice(&reader->titles);

	arena_reset(&reader->title);
	if (title_is_generic(text) && !title_is_url(text) &&
		title_is_in_sentence(slice_sub(titles, 0, pending->from),
			slice_sub(titles, pending->to, titles.len)))
		return (struct slice){ 0 };
	return expected_title(&reader->title, text, titles);
}

static int emit(struct reader *reader, struct pending *pending)
{
	struct mention *mention = &pending->mention;
	struct slice text = buffer_slice(&reader->text);
	struct buffer *context = &reader->context;

	buffer_reset(context);
	buffer_add(context, slice_sub(text, 0, pending->from));
	struct slice tail = slice_sub(text, pending->to, text.len);
	if (slice_ends(buffer_slice(context), SLICE(" ")) || context->len == 0)
		tail = slice_trim(tail);
	buffer_add(context, tail);
	if (context->failed || reader->text.failed || reader->titles.failed)
		return error_set(reader->error, "out of memory");
	mention->context = slice_trim(buffer_slice(context));
	if (pending->anchor) {
		mention->text = slice_trim(text_of(reader, pending));
		mention->expected_title = make_title(reader, pending);
		mention->title_is_loose = title_is_generic(mention->text)
						  ? reader->loose ||
							    title_is_url(mention->text) ||
							    title_is_mark(mention->text)
						  : title_is_citation(mention->text);
		if (reader->title.failed)
			return error_set(reader->error, "out of memory");
	}
	place_at(&reader->place, mention->offset, &mention->line, &mention->column);
	if (reader->sink->on_mention(reader->sink->data, mention) != 0)
		return error_set(reader->error, "stopped");
	return 0;
}

static int end_block(struct reader *reader)
{
	int result = 0;

	close_link(reader);
	if (reader->pending_count > 0)
		make_titles(reader);
	for (unsigned i = 0; i < reader->pending_count && result == 0; i++)
		result = emit(reader, &reader->pending[i]);
	reader->pending_count = 0;
	reader->parts.count = 0;
	buffer_reset(&reader->text);
	arena_reset(&reader->block);
	return result;
}

static int read_text(struct reader *reader, struct slice raw)
{
	int result = 0;

	while (raw.len > 0 && result == 0) {
		size_t used = html_add_text(&reader->text, raw, BLOCK_TEXT_MAX);
		raw = slice_sub(raw, used, raw.len);
		if (reader->text.failed)
			return error_set(reader->error, "out of memory");
		if (reader->text.len >= BLOCK_TEXT_MAX)
			result = end_block(reader);
	}
	return result;
}

/* The document is there until the end; what was decoded is copied. */
static struct slice keep(struct reader *reader, struct slice value)
{
	struct slice document = reader->scan.tokens.bytes;
	bool view = value.len == 0 ||
		    (value.at >= document.at && value.at < document.at + document.len);
	return view ? value : arena_copy(&reader->block, value);
}

static int on_link(void *data, const struct html_link *link)
{
	struct reader *reader = data;

	if (reader->pending_count == BLOCK_MENTIONS_MAX && end_block(reader) < 0)
		return -1;
	struct pending *pending = &reader->pending[reader->pending_count++];
	*pending = (struct pending){
		.mention = { .url = keep(reader, link->url),
			.offset = link->offset,
			.length = link->length,
			.text = keep(reader, link->alt),
			.base = reader->base },
		.anchor = link->anchor,
		.from = reader->text.len,
		.to = reader->text.len,
	};
	if (reader->block.failed)
		return error_set(reader->error, "out of memory");
	if (link->anchor)
		reader->open = pending;
	return 0;
}

static int on_anchor(void *data, struct slice id)
{
	struct reader *reader = data;
	/* Nothing to wait for: it may overtake the links of its block. */
	if (reader->sink->on_anchor(reader->sink->data, id) != 0)
		return error_set(reader->error, "stopped");
	return 0;
}

static void part_words(struct reader *reader)
{
	html_add_text(&reader->text, SLICE(" "), BLOCK_TEXT_MAX);
}

/* A list item and a table row are one block whatever is inside, and so is a link. */
static int on_boundary(struct reader *reader, const struct html_token *token)
{
	bool start = token->kind == HTML_TOKEN_START;
	bool whole = reader->open != NULL || reader->kind != BLOCK_PLAIN;

	switch (html_element_level(token->element)) {
	case HTML_INLINE:
		return 0;
	case HTML_BREAK:
		part_words(reader);
		if (token->element == HTML_TD || token->element == HTML_TH)
			title_parts_end_one(&reader->parts, reader->text.len);
		return 0;
	case HTML_BLOCK:
		if (!whole)
			return end_block(reader);
		part_words(reader);
		return 0;
	case HTML_LIST:
		reader->kind = BLOCK_PLAIN;
		if (start && token->element == HTML_LI)
			reader->kind = BLOCK_ITEM;
		break;
	case HTML_ROW:
		reader->kind = BLOCK_PLAIN;
		if (start && token->element == HTML_TR)
			reader->kind = BLOCK_ROW;
		break;
	}
	return end_block(reader);
}

/* The first <base href> counts; an absurdly long one does not. */
static int set_base(struct reader *reader, const struct html_attributes *attributes)
{
	struct slice href = html_attribute_get(attributes, HTML_ATTRIBUTE_HREF);
	if (reader->base.len > 0 || href.len > BASE_BYTES_MAX)
		return 0;
	href = html_scan_decode(&reader->scan, &reader->scan.value, href);
	reader->base = arena_copy(&reader->kept, href);
	return reader->kept.failed ? error_set(reader->error, "out of memory") : 0;
}

static int on_start_tag(struct reader *reader, const struct html_token *token)
{
	const struct html_sink sink = { reader, on_link, on_anchor };
	struct html_attributes attributes;

	if (token->element == HTML_A)
		close_link(reader);
	html_attributes_read(token->bytes, &attributes);
	if (token->element == HTML_BASE)
		return set_base(reader, &attributes);
	if (html_scan_tag(&reader->scan, token->element, &attributes, &sink) != 0)
		return -1;
	return reader->scan.failed ? error_set(reader->error, "out of memory") : 0;
}

static int read_token(struct reader *reader, const struct html_token *token)
{
	switch (token->kind) {
	case HTML_TOKEN_TEXT:
		if (token->element == HTML_SCRIPT || token->element == HTML_STYLE ||
			token->element == HTML_TITLE || token->element == HTML_IFRAME)
			return 0;
		return read_text(reader, token->bytes);
	case HTML_TOKEN_START:
		if (on_boundary(reader, token) < 0)
			return -1;
		return on_start_tag(reader, token);
	case HTML_TOKEN_END:
		if (token->element == HTML_A)
			close_link(reader);
		return on_boundary(reader, token);
	case HTML_TOKEN_MORE:
		break;
	}
	return 0;
}

static int read_document(struct reader *reader)
{
	int result = 0;

	while (result == 0) {
		struct html_token token = html_scan_next(&reader->scan);
		if (token.kind == HTML_TOKEN_MORE)
			return end_block(reader);
		result = read_token(reader, &token);
	}
	return result;
}

static bool is_utf16(struct slice bytes)
{
	static const struct slice starts[] = { { "\xFE\xFF", 2 }, { "\xFF\xFE", 2 },
		{ "<\0", 2 }, { "\0<", 2 } };
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (slice_starts(bytes, starts[i]))
			return true;
	return false;
}

int html_read_utf8(
	struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	struct reader reader = { .sink = sink, .error = error };

	place_init(&reader.place, bytes);
	arena_init(&reader.kept, KEPT_BYTES_MAX);
	arena_init(&reader.block, BLOCK_BYTES_MAX);
	arena_init(&reader.title, TITLE_BYTES_MAX);
	buffer_init(&reader.text, BLOCK_TEXT_MAX + 16);
	buffer_init(&reader.context, BLOCK_TEXT_MAX + 16);
	buffer_init(&reader.titles, BLOCK_TEXT_MAX + 16);
	html_scan_init(&reader.scan, bytes, &reader.kept);
	int result = read_document(&reader);
	buffer_fini(&reader.titles);
	buffer_fini(&reader.context);
	buffer_fini(&reader.text);
	arena_fini(&reader.title);
	arena_fini(&reader.block);
	arena_fini(&reader.kept);
	return result;
}

int extract_html(struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	if (is_utf16(bytes))
		return error_set(error, "HTML in UTF-16 is not read; convert it to UTF-8 "
					"(iconv -f UTF-16 -t UTF-8)");
	struct slice charset = html_charset_of(bytes);
	if (charset.len > 0)
		return html_charset_read(bytes, charset, html_read_utf8, sink, error);
	return html_read_utf8(bytes, sink, error);
}
