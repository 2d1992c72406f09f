#include "extract/markdown_internal.h"

#include <cmark-gfm-core-extensions.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "extract/extract_internal.h"
#include "extract/html_internal.h"
#include "extract/slug.h"
#include "extract/title.h"

enum {
	MARKDOWN_BYTES_MAX = 16 * 1024 * 1024,
	/* A mention's context is its block, but at most so much on either side of it, and
	 * its text no longer than this. */
	CONTEXT_SIDE_MAX = 1024,
	TEXT_MAX = 1024,
};

static const size_t memory_bytes_max = (size_t)1024 * 1024 * 1024;

/* A mention before all of them are known and in order. */
struct found {
	struct slice url, text, title_text;
	size_t offset, length;
	size_t use_offset;  /* of a definition: where it is used; else the same */
	struct slice group; /* the text of the whole block */
	size_t from, to;    /* what of it the link itself is */
	bool has_title;     /* something that can have an expected title */
};

struct document {
	struct slice source; /* what cmark reads: NULs and front matter blanked */
	struct slice original;
	const struct extract_sink *sink;
	struct error *error;
	struct markdown_memory memory;
	struct markdown_lines lines;
	struct definitions definitions;
	struct arena arena;   /* until the end: texts and decoded URLs */
	struct arena scratch; /* of one leaf, or one mention */
	struct slugs *slugs;
	struct leaf leaf;
	struct inline_node *nodes;
	uint32_t node_count, node_room;
	struct found *found;
	size_t found_count, found_room;
	struct buffer group; /* the text of the block under way */
	size_t group_first;  /* its first mention */
	struct buffer context;
	size_t leaf_offset; /* HTML and text in the document: where its bytes begin */
};

static int no_memory(struct document *document)
{
	return error_set(document->error, "out of memory");
}

static struct found *add_found(struct document *document)
{
	if (document->found_count == document->found_room) {
		size_t room = document->found_room * 2 + 64;
		void *grown = realloc(document->found, room * sizeof(*document->found));
		if (grown == NULL)
			return NULL;
		document->found = grown;
		document->found_room = room;
	}
	struct found *found = &document->found[document->found_count++];
	*found = (struct found){ 0 };
	return found;
}

/* --- the text and the links of one leaf
 * -------------------------------------------------*/

static struct inline_node *add_node(struct document *document)
{
	if (document->node_count == document->node_room) {
		uint32_t room = document->node_room * 2 + 32;
		void *grown = realloc(document->nodes, room * sizeof(*document->nodes));
		if (grown == NULL)
			return NULL;
		document->nodes = grown;
		document->node_room = room;
	}
	struct inline_node *node = &document->nodes[document->node_count++];
	*node = (struct inline_node){ 0 };
	return node;
}

/* A link made by cmark's autolink extension begins where its text does; the text of any
 * other stands behind a bracket. */
static bool is_bare(cmark_node *link, cmark_node *child)
{
	return child != NULL && cmark_node_get_type(child) == CMARK_NODE_TEXT &&
	       cmark_node_get_start_column(link) == cmark_node_get_start_column(child);
}

static int on_link_end(struct document *document, cmark_node *link)
{
	struct inline_node *node = add_node(document);
	bool image = cmark_node_get_type(link) == CMARK_NODE_IMAGE;
	cmark_node *child = cmark_node_first_child(link);

	if (node == NULL)
		return no_memory(document);
	bool bare = is_bare(link, child);
	node->kind = image ? INLINE_IMAGE : bare ? INLINE_BARE : INLINE_LINK;
	node->url = slice_of(cmark_node_get_url(link));
	if (bare)
		node->display = slice_of(cmark_node_get_literal(child));
	node->text_from = (size_t)(uintptr_t)cmark_node_get_user_data(link);
	node->text_to = document->group.len;
	node->only_image = child != NULL && cmark_node_next(child) == NULL &&
			   cmark_node_get_type(child) == CMARK_NODE_IMAGE;
	return 0;
}

static bool is_tag(struct slice html, struct slice name)
{
	return slice_starts_nocase(html, name) && html.len > name.len &&
	       !char_is_alpha(html.at[name.len]);
}

static int on_raw_html(struct document *document, cmark_node *html, uint32_t *open)
{
	struct slice literal = slice_of(cmark_node_get_literal(html));

	if (is_tag(literal, SLICE("<br")))
		buffer_add_char(&document->group, ' ');
	if (is_tag(literal, SLICE("</a")) && *open < document->node_count)
		document->nodes[*open].text_to = document->group.len;
	if (is_tag(literal, SLICE("<a")))
		*open = document->node_count;
	struct inline_node *node = add_node(document);
	if (node == NULL)
		return no_memory(document);
	node->kind = INLINE_HTML;
	node->url = literal;
	node->text_from = node->text_to = document->group.len;
	return 0;
}

static int on_inline(struct document *document, cmark_node *node, cmark_event_type event,
	uint32_t *open)
{
	switch ((int)cmark_node_get_type(node)) {
	case CMARK_NODE_TEXT:
	case CMARK_NODE_CODE:
		buffer_add_text(&document->group, cmark_node_get_literal(node));
		break;
	case CMARK_NODE_SOFTBREAK:
	case CMARK_NODE_LINEBREAK:
		buffer_add_char(&document->group, ' ');
		break;
	case CMARK_NODE_HTML_INLINE:
		return on_raw_html(document, node, open);
	case CMARK_NODE_LINK:
	case CMARK_NODE_IMAGE:
		if (event == CMARK_EVENT_EXIT)
			return on_link_end(document, node);
		cmark_node_set_user_data(node, (void *)(uintptr_t)document->group.len);
		break;
	default:
		break;
	}
	return 0;
}

/* Appends the leaf's text to the group's, and gathers what may write a URL. */
static int read_inlines(struct document *document, cmark_node *leaf)
{
	uint32_t open = UINT32_MAX;
	int result = 0;

	document->node_count = 0;
	cmark_iter *iter = cmark_iter_new(leaf);
	for (cmark_event_type event = cmark_iter_next(iter);
		event != CMARK_EVENT_DONE && result == 0; event = cmark_iter_next(iter)) {
		cmark_node *node = cmark_iter_get_node(iter);
		if (node != leaf)
			result = on_inline(document, node, event, &open);
	}
	cmark_iter_free(iter);
	return result;
}

/* --- from nodes to mentions
 * -------------------------------------------------------------*/

static size_t source_of(const struct document *document, size_t content)
{
	size_t offset = leaf_source(&document->leaf, content);
	return offset < document->source.len ? offset : document->source.len;
}

static int add_link(struct document *document, const struct inline_node *node)
{
	if (node->url.len == 0)
		return 0;
	struct found *found = add_found(document);
	if (found == NULL)
		return no_memory(document);
	found->url = node->url;
	found->offset = source_of(document, node->at);
	/* By its last byte, for an escaped pipe in a table is longer than its content. */
	if (node->length > 0)
		found->length = source_of(document, node->at + node->length - 1) + 1 -
				found->offset;
	found->use_offset = found->offset;
	if (node->definition != NULL) {
		found->offset = node->definition->offset;
		found->length = node->definition->length;
	}
	found->from = node->text_from;
	found->to = node->text_to;
	found->has_title = node->kind != INLINE_IMAGE;
	if (node->only_image)
		found->title_text = SLICE("image");
	return 0;
}

/* Raw HTML inside a leaf. */
struct html_reader {
	struct document *document;
	const struct inline_node *node;
};

static struct slice keep(struct document *document, struct slice text)
{
	return arena_copy(&document->arena, text);
}

static int on_html_link(void *data, const struct html_link *link)
{
	struct html_reader *reader = data;
	struct document *document = reader->document;
	struct found *found = add_found(document);

	if (found == NULL)
		return no_memory(document);
	found->url = keep(document, link->url);
	found->text = keep(document, link->alt);
	found->offset = source_of(document, reader->node->at + link->offset);
	found->length = link->length;
	found->use_offset = found->offset;
	found->from = reader->node->text_from;
	found->to = link->anchor ? reader->node->text_to : found->from;
	found->has_title = link->anchor;
	return document->arena.failed ? no_memory(document) : 0;
}

static int on_html_anchor(void *data, struct slice id)
{
	struct html_reader *reader = data;
	const struct extract_sink *sink = reader->document->sink;
	return sink->on_anchor(sink->data, id);
}

static int add_html(struct document *document, const struct inline_node *node)
{
	struct html_reader reader = { document, node };
	const struct html_sink sink = { &reader, on_html_link, on_html_anchor };

	return html_scan_fragment(node->url, &sink, &document->scratch, document->error);
}

static int add_nodes(struct document *document)
{
	int result = 0;

	inline_scan(document->leaf.content, &document->definitions, document->nodes,
		document->node_count, &document->scratch);
	for (uint32_t i = 0; i < document->node_count && result == 0; i++) {
		const struct inline_node *node = &document->nodes[i];
		result = node->kind == INLINE_HTML ? add_html(document, node)
						   : add_link(document, node);
	}
	arena_reset(&document->scratch);
	return result;
}

/* --- groups: what shares a context
 * ------------------------------------------------------*/

static void begin_group(struct document *document)
{
	buffer_reset(&document->group);
	document->group_first = document->found_count;
}

static int end_group(struct document *document)
{
	if (document->group.failed || document->leaf.failed)
		return no_memory(document);
	if (document->group_first == document->found_count)
		return 0;
	struct slice group = keep(document, buffer_slice(&document->group));
	if (document->arena.failed)
		return no_memory(document);
	for (size_t i = document->group_first; i < document->found_count; i++) {
		struct found *found = &document->found[i];
		if (found->group.at != NULL)
			continue;
		found->group = group;
		if (found->text.len == 0)
			found->text =
				slice_trim(slice_sub(group, found->from, found->to));
	}
	return 0;
}

/* --- HTML blocks, and leaves that cmark was not given
 * -----------------------------------*/

static int on_part_mention(void *data, const struct mention *mention)
{
	struct document *document = data;
	struct found *found = add_found(document);

	if (found == NULL)
		return no_memory(document);
	found->url = keep(document, mention->url);
	found->text = keep(document, mention->text);
	found->title_text = keep(document, mention->expected_title);
	found->group = keep(document, mention->context);
	found->offset = source_of(document, mention->offset);
	found->length = mention->length;
	found->use_offset = found->offset;
	found->has_title = mention->expected_title.len > 0;
	return document->arena.failed ? no_memory(document) : 0;
}

static int on_part_anchor(void *data, struct slice id)
{
	struct document *document = data;
	return document->sink->on_anchor(document->sink->data, id);
}

typedef int extractor(
	struct slice bytes, const struct extract_sink *sink, struct error *error);

/* What is in the opened leaf. */
static int read_part(struct document *document, extractor *extract_part)
{
	const struct extract_sink sink = { document, on_part_mention, on_part_anchor };
	return extract_part(document->leaf.content, &sink, document->error);
}

/* --- blocks
 * -----------------------------------------------------------------------------*/

static int read_opened_leaf(struct document *document, cmark_node *node)
{
	if (markdown_is_unparsed(node))
		return read_part(document, extract_plain);
	if (document->group.len > 0)
		buffer_add_char(&document->group, ' ');
	if (read_inlines(document, node) < 0)
		return -1;
	return add_nodes(document);
}

static int read_leaf(struct document *document, cmark_node *node)
{
	leaf_open(&document->leaf, &document->lines, node);
	return read_opened_leaf(document, node);
}

static int read_item(struct document *document, cmark_node *item)
{
	int result = 0;

	begin_group(document);
	for (cmark_node *child = cmark_node_first_child(item);
		child != NULL && result == 0; child = cmark_node_next(child))
		if (cmark_node_get_type(child) == CMARK_NODE_PARAGRAPH)
			result = read_leaf(document, child);
	return result == 0 ? end_group(document) : result;
}

static int read_paragraph(struct document *document, cmark_node *node)
{
	cmark_node *parent = cmark_node_parent(node);

	if (parent != NULL && cmark_node_get_type(parent) == CMARK_NODE_ITEM)
		return 0; /* read with its item */
	begin_group(document);
	return read_leaf(document, node) == 0 ? end_group(document) : -1;
}

static int emit_slug(struct document *document, struct slice heading)
{
	struct slice slug =
		slugs_next(document->slugs, &document->scratch, slice_trim(heading));
	if (slug.at == NULL)
		return no_memory(document);
	if (document->sink->on_anchor(document->sink->data, slug) != 0)
		return error_set(document->error, "stopped");
	arena_reset(&document->scratch);
	return 0;
}

static int read_heading(struct document *document, cmark_node *node)
{
	begin_group(document);
	if (read_leaf(document, node) < 0 || end_group(document) < 0)
		return -1;
	return emit_slug(document, buffer_slice(&document->group));
}

static int read_html_block(struct document *document, cmark_node *node)
{
	leaf_open(&document->leaf, &document->lines, node);
	return read_part(document, extract_html);
}

static int read_row(struct document *document, cmark_node *row)
{
	uint32_t line = leaf_row_line(&document->leaf, &document->lines, row);
	size_t column = 0;
	int result = 0;

	begin_group(document);
	for (cmark_node *cell = cmark_node_first_child(row); cell != NULL && result == 0;
		cell = cmark_node_next(cell)) {
		leaf_open_cell(&document->leaf, &document->lines, cell, line, &column);
		result = read_opened_leaf(document, cell);
	}
	return result == 0 ? end_group(document) : result;
}

static int read_block(struct document *document, cmark_node *node)
{
	int type = (int)cmark_node_get_type(node);

	if (type == CMARK_NODE_ITEM)
		return read_item(document, node);
	if (type == CMARK_NODE_PARAGRAPH)
		return read_paragraph(document, node);
	if (type == CMARK_NODE_HEADING)
		return read_heading(document, node);
	if (type == CMARK_NODE_HTML_BLOCK)
		return read_html_block(document, node);
	if (markdown_is(node, "table_row") || markdown_is(node, "table_header"))
		return read_row(document, node);
	return 0;
}

static bool is_leaf(cmark_node *node)
{
	int type = (int)cmark_node_get_type(node);
	return type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING ||
	       type == CMARK_NODE_HTML_BLOCK || type == CMARK_NODE_CODE_BLOCK ||
	       markdown_is(node, "table_row") || markdown_is(node, "table_header");
}

static int for_each_block(struct document *document, cmark_node *root,
	int (*visit)(struct document *document, cmark_node *node))
{
	int result = 0;
	cmark_iter *iter = cmark_iter_new(root);

	for (cmark_event_type event = cmark_iter_next(iter);
		event != CMARK_EVENT_DONE && result == 0; event = cmark_iter_next(iter)) {
		cmark_node *node = cmark_iter_get_node(iter);
		if (event != CMARK_EVENT_ENTER)
			continue;
		result = visit(document, node);
		if (is_leaf(node) && cmark_node_first_child(node) != NULL)
			cmark_iter_reset(iter, node, CMARK_EVENT_EXIT);
	}
	cmark_iter_free(iter);
	return result;
}

static void take_lines(struct document *document, int first, int last)
{
	for (int line = first; line > 0 && line <= last; line++)
		if ((uint32_t)line <= document->lines.count)
			document->lines.taken[line] = 1;
}

/* What is left are blank lines, markers, and definitions. */
static int take_lines_of(struct document *document, cmark_node *node)
{
	int type = (int)cmark_node_get_type(node);
	struct leaf *leaf = &document->leaf;

	if (type == CMARK_NODE_CODE_BLOCK || type == CMARK_NODE_HTML_BLOCK ||
		markdown_is(node, "table"))
		take_lines(document, cmark_node_get_start_line(node),
			cmark_node_get_end_line(node));
	if ((type != CMARK_NODE_PARAGRAPH && type != CMARK_NODE_HEADING) ||
		!leaf_open(leaf, &document->lines, node))
		return 0;
	uint32_t line = 1;
	uint32_t low = 0, high = document->lines.count;
	for (uint32_t i = 0; i < leaf->piece_count; i++) {
		if (i == 0) {
			while (low < high) {
				uint32_t middle = low + (high - low) / 2;
				if (document->lines.starts[middle] <=
					leaf->pieces[0].source)
					low = middle + 1;
				else
					high = middle;
			}
			line = low;
		}
		take_lines(document, (int)(line + i), (int)(line + i));
	}
	return leaf->failed ? no_memory(document) : 0;
}

/* --- emitting
 * ---------------------------------------------------------------------------*/

static int by_place(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	if (a->use_offset != b->use_offset)
		return a->use_offset < b->use_offset ? -1 : 1;
	return 0;
}

/* A cut must not go through a character. */
static struct slice cut_front(struct slice text, size_t max)
{
	size_t from = text.len > max ? text.len - max : 0;
	while (from > 0 && from < text.len &&
		((unsigned char)text.at[from] & 0xC0) == 0x80)
		from++;
	return slice_sub(text, from, text.len);
}

static struct slice cut_back(struct slice text, size_t max)
{
	size_t to = text.len > max ? max : text.len;
	while (to < text.len && to > 0 && ((unsigned char)text.at[to] & 0xC0) == 0x80)
		to--;
	return slice_sub(text, 0, to);
}

static struct slice make_context(struct document *document, const struct found *found)
{
	struct slice group = found->group;
	struct buffer *context = &document->context;
	struct slice head = cut_front(slice_sub(group, 0, found->from), CONTEXT_SIDE_MAX);
	struct slice tail =
		cut_back(slice_sub(group, found->to, group.len), CONTEXT_SIDE_MAX);

	buffer_reset(context);
	buffer_add(context, head);
	if (head.len == 0 || slice_ends(head, SLICE(" ")))
		tail = slice_trim(tail);
	buffer_add(context, tail);
	return slice_trim(buffer_slice(context));
}

static int emit(struct document *document, struct place *place, const struct found *found)
{
	struct mention mention = { .url = found->url,
		.offset = found->offset,
		.length = found->length,
		.text = cut_back(found->text, TEXT_MAX),
		.context = make_context(document, found) };
	struct slice title = found->title_text.len > 0 ? found->title_text : mention.text;

	arena_reset(&document->scratch);
	if (found->has_title)
		mention.expected_title =
			expected_title(&document->scratch, title, mention.context);
	if (document->context.failed || document->scratch.failed)
		return no_memory(document);
	place_at(place, mention.offset, &mention.line, &mention.column);
	if (document->sink->on_mention(document->sink->data, &mention) != 0)
		return error_set(document->error, "stopped");
	return 0;
}

static int emit_all(struct document *document)
{
	struct place place;
	int result = 0;

	place_init(&place, document->original);
	if (document->found_count > 0)
		qsort(document->found, document->found_count, sizeof(*document->found),
			by_place);
	for (size_t i = 0; i < document->found_count && result == 0; i++) {
		const struct found *found = &document->found[i];
		/* Only the first use of a definition counts. */
		if (i > 0 && found->offset != found->use_offset &&
			found->offset == found[-1].offset)
			continue;
		result = emit(document, &place, found);
	}
	return result;
}

/* --- the document
 * -----------------------------------------------------------------------*/

static int read_document(void *data)
{
	struct document *document = data;

	cmark_node *root = markdown_parse(document->source);
	if (for_each_block(document, root, take_lines_of) < 0)
		return -1;
	if (definitions_read(&document->definitions, &document->lines) < 0)
		return no_memory(document);
	if (for_each_block(document, root, read_block) < 0)
		return -1;
	return emit_all(document);
}

static bool is_line(struct slice line, struct slice text)
{
	while (line.len > 0 && char_is_space(line.at[line.len - 1]))
		line.len--;
	return slice_equal(line, text);
}

/* The length of a YAML block in front; a document that merely begins with a rule has
 * none. */
static size_t front_matter(struct slice source)
{
	struct slice rest = source, line;

	if (slice_starts(rest, SLICE("\xEF\xBB\xBF")))
		rest = slice_sub(rest, 3, rest.len);
	if (!slice_split(&rest, '\n', &line) || !is_line(line, SLICE("---")))
		return 0;
	for (bool first = true; slice_split(&rest, '\n', &line); first = false) {
		if (is_line(line, SLICE("---")) || is_line(line, SLICE("...")))
			return (size_t)(rest.at - source.at);
		if (first && slice_find_char(line, ':') == SLICE_NONE &&
			!slice_starts(line, SLICE("#")))
			return 0;
	}
	return 0;
}

/* Of the same length, so that places stay. A NUL becomes a character without meaning. */
static char *copy_source(struct slice bytes)
{
	char *copy = malloc(bytes.len + 1);
	if (copy == NULL)
		return NULL;
	for (size_t i = 0; i < bytes.len; i++)
		copy[i] = bytes.at[i] != '\0' ? bytes.at[i] : '\x7F';
	copy[bytes.len] = '\0';
	size_t front = front_matter(bytes);
	for (size_t i = 0; i < front && i < bytes.len; i++)
		if (copy[i] != '\n' && copy[i] != '\r')
			copy[i] = ' ';
	return copy;
}

static void document_fini(struct document *document)
{
	free(document->nodes);
	free(document->found);
	buffer_fini(&document->context);
	buffer_fini(&document->group);
	leaf_fini(&document->leaf);
	slugs_free(document->slugs);
	arena_fini(&document->scratch);
	arena_fini(&document->arena);
	definitions_fini(&document->definitions);
	markdown_lines_fini(&document->lines);
	markdown_memory_fini(&document->memory);
}

static int read_source(struct document *document)
{
	size_t len = document->source.len;

	definitions_init(&document->definitions, 4 * len + 4096);
	arena_init(&document->arena, 16 * len + 65536);
	arena_init(&document->scratch, 16 * len + 1024 * 1024);
	buffer_init(&document->group, 4 * len + 4096);
	buffer_init(&document->context, 2 * CONTEXT_SIDE_MAX + 16);
	document->memory.bytes_max = memory_bytes_max;
	document->slugs = slugs_new();
	if (document->slugs == NULL ||
		markdown_lines_init(&document->lines, document->source) < 0)
		return no_memory(document);
	int result = markdown_memory_run(&document->memory, read_document, document);
	if (document->memory.exhausted)
		return error_set(document->error,
			"Markdown too intricate: parsing it takes more than %zu MiB",
			memory_bytes_max / (1024 * 1024));
	return result;
}

int extract_markdown(
	struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	if (bytes.len > MARKDOWN_BYTES_MAX)
		return error_set(error,
			"Markdown of %zu bytes is not read, the limit is %d MiB; split "
			"it",
			bytes.len, MARKDOWN_BYTES_MAX / (1024 * 1024));
	char *copy = copy_source(bytes);
	if (copy == NULL)
		return error_set(error, "out of memory");
	struct document document = { .source = { copy, bytes.len },
		.original = bytes,
		.sink = sink,
		.error = error };
	int result = read_source(&document);
	document_fini(&document);
	free(copy);
	return result;
}
