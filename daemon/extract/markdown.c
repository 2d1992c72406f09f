#include "extract/extract_internal.h"

#include <stdlib.h>

#include "extract/html_internal.h"
#include "extract/html_links_internal.h"
#include "extract/html_text_internal.h"
#include "extract/markdown_cmark_internal.h"
#include "extract/markdown_leaf_internal.h"
#include "extract/markdown_mentions_internal.h"
#include "extract/markdown_scan_internal.h"
#include "extract/slug.h"

enum { MARKDOWN_BYTES_MAX = 16 * 1024 * 1024 };

/* cmark takes about 60 bytes for each of a real document, at most 300 for each of one
 * made of brackets; more means that references repeat long destinations. */
static const size_t memory_bytes_free = (size_t)64 * 1024 * 1024;
static const size_t memory_per_byte = 320;
static const size_t memory_bytes_max = (size_t)1024 * 1024 * 1024;

struct document {
	struct slice source; /* what cmark reads: without NULs and front matter */
	const struct extract_sink *sink;
	struct error *error;
	struct markdown_costs costs;
	struct markdown_memory memory;
	struct markdown_lines lines;
	struct definitions definitions;
	struct mentions mentions;
	struct inlines inlines; /* of the leaf under way */
	struct leaf leaf;
	struct arena scratch;
	struct slugs *slugs;
};

static int no_memory(struct document *document)
{
	return error_set(document->error, "out of memory");
}

static int stopped(struct document *document)
{
	return error_set(document->error, "stopped");
}

/* --- from nodes to mentions --------------------------------------------------------- */

static size_t source_of(const struct document *document, size_t content)
{
	size_t offset = leaf_source(&document->leaf, content);
	return offset < document->source.len ? offset : document->source.len;
}

/* By its last byte, for an escaped pipe in a table is longer than its content. */
static size_t source_length(const struct document *document, size_t content, size_t len)
{
	if (len == 0)
		return 0;
	return source_of(document, content + len - 1) + 1 - source_of(document, content);
}

static int add_link(struct document *document, const struct inline_node *node)
{
	struct found *found = mentions_add(&document->mentions);
	if (found == NULL)
		return no_memory(document);
	found->url = node->url;
	found->offset = found->use_offset = source_of(document, node->at);
	found->length = source_length(document, node->at, node->length);
	if (node->definition != NULL) {
		found->offset = node->definition->offset;
		found->length = node->definition->length;
	}
	found->from = node->text_from;
	found->to = node->text_to;
	found->can_have_title = node->kind != INLINE_IMAGE;
	found->names_nothing = node->only_image;
	return 0;
}

struct html_reader {
	struct document *document;
	const struct inline_node *node;
};

static int on_html_link(void *data, const struct html_link *link)
{
	struct html_reader *reader = data;
	struct document *document = reader->document;
	struct found *found = mentions_add(&document->mentions);

	if (found == NULL)
		return no_memory(document);
	found->url = mentions_keep(&document->mentions, link->url);
	found->text = mentions_keep(&document->mentions, link->alt);
	/* One that was not found in the source has no places within it. */
	bool placed = reader->node->length > 0;
	found->offset =
		source_of(document, reader->node->at + (placed ? link->offset : 0));
	found->use_offset = found->offset;
	found->length = placed ? link->length : 0;
	found->from = reader->node->text_from;
	found->to = link->anchor ? reader->node->text_to : found->from;
	found->can_have_title = link->anchor;
	return document->mentions.arena.failed ? no_memory(document) : 0;
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

	if (marks_read(&document->mentions.marks, node->url,
		    source_of(document, node->at)) < 0)
		return no_memory(document);
	/* It says why it stopped before it does. */
	struct error why;
	if (html_scan_fragment(node->url, &sink, &document->scratch, &why) < 0)
		return error_set(document->error, "%s", why.text);
	return 0;
}

static int add_nodes(struct document *document)
{
	int result = 0;

	if (inlines_place(&document->inlines, document->leaf.content,
		    &document->definitions, &document->scratch) < 0)
		return no_memory(document);
	for (uint32_t i = 0; i < document->inlines.count && result == 0; i++) {
		const struct inline_node *node = &document->inlines.list[i];
		if (node->hidden)
			continue;
		result = node->kind == INLINE_HTML ? add_html(document, node)
						   : add_link(document, node);
	}
	arena_reset(&document->scratch);
	return result;
}

/* --- what other readers read: HTML blocks, and leaves that cmark did not parse ------ */

static int on_part_mention(void *data, const struct mention *mention)
{
	struct document *document = data;
	struct mentions *mentions = &document->mentions;
	struct found *found = mentions_add(mentions);

	if (found == NULL)
		return no_memory(document);
	found->url = mentions_keep(mentions, mention->url);
	found->text = mentions_keep(mentions, mention->text);
	found->title = mentions_keep(mentions, mention->expected_title);
	found->title_is_loose = mention->title_is_loose;
	found->group = mentions_keep(mentions, mention->context);
	found->offset = found->use_offset = source_of(document, mention->offset);
	found->length = mention->length;
	return mentions->arena.failed ? no_memory(document) : 0;
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

	if (document->leaf.failed)
		return no_memory(document);
	return extract_part(document->leaf.content, &sink, document->error);
}

/* --- headings ----------------------------------------------------------------------- */

static int emit_slug(struct document *document, struct slice heading)
{
	struct slice slug = slugs_next(document->slugs, &document->scratch, heading);
	if (slug.at == NULL)
		return no_memory(document);
	if (document->sink->on_anchor(document->sink->data, slug) != 0)
		return stopped(document);
	arena_reset(&document->scratch);
	return 0;
}

/* One in HTML has both: as it reads, and as GitHub takes it, with all the spaces around.
 */
static int on_html_heading(void *data, struct slice raw)
{
	struct document *document = data;
	struct buffer *text = &document->mentions.group;

	buffer_reset(text);
	html_add_text(text, raw, SIZE_MAX);
	size_t len = text->len;
	html_add_line(text, raw);
	struct slice shown = slice_trim(slice_sub(buffer_slice(text), 0, len));
	struct slice exact = slice_sub(buffer_slice(text), len, text->len);
	int result = emit_slug(document, shown);
	return result != 0 || slice_equal(shown, exact) ? result
							: emit_slug(document, exact);
}

/* --- blocks ------------------------------------------------------------------------- */

static int read_opened_leaf(struct document *document, cmark_node *node)
{
	struct buffer *group = &document->mentions.group;

	if (document->leaf.failed)
		return no_memory(document);
	if (markdown_is_unparsed(node))
		return read_part(document, extract_plain);
	if (group->len > 0)
		buffer_add_char(group, ' ');
	if (inlines_read(&document->inlines, group, node) < 0)
		return no_memory(document);
	return add_nodes(document);
}

static int read_leaf(struct document *document, cmark_node *node)
{
	leaf_open(&document->leaf, &document->lines, node);
	return read_opened_leaf(document, node);
}

static int end_group(struct document *document)
{
	return mentions_end_group(&document->mentions) < 0 ? no_memory(document) : 0;
}

static int read_item(struct document *document, cmark_node *item)
{
	int result = 0;

	mentions_begin_group(&document->mentions);
	for (cmark_node *child = cmark_node_first_child(item);
		child != NULL && result == 0; child = cmark_node_next(child))
		if (cmark_node_get_type(child) == CMARK_NODE_PARAGRAPH)
			result = read_leaf(document, child);
	return result == 0 ? end_group(document) : result;
}

static int read_paragraph(struct document *document, cmark_node *node)
{
	if (cmark_node_get_type(cmark_node_parent(node)) == CMARK_NODE_ITEM)
		return 0; /* read with its item */
	mentions_begin_group(&document->mentions);
	int result = read_leaf(document, node);
	return result == 0 ? end_group(document) : result;
}

static int read_heading(struct document *document, cmark_node *node)
{
	struct buffer *text = &document->mentions.group;

	mentions_begin_group(&document->mentions);
	int result = read_leaf(document, node);
	if (result == 0)
		result = end_group(document);
	if (result < 0)
		return result;
	buffer_reset(text);
	if (inlines_read_heading(text, node) < 0)
		return no_memory(document);
	struct slice own = slug_written(buffer_slice(text));
	if (own.len > 0 && document->sink->on_anchor(document->sink->data, own) != 0)
		return stopped(document);
	return emit_slug(document, buffer_slice(text));
}

static int read_html_block(struct document *document, cmark_node *node)
{
	struct slice html = slice_of(cmark_node_get_literal(node));

	leaf_open(&document->leaf, &document->lines, node);
	if (marks_read(&document->mentions.marks, html, source_of(document, 0)) < 0)
		return no_memory(document);
	int result = read_part(document, html_read_utf8);
	return result == 0 ? html_scan_headings(
				     html, on_html_heading, document, document->error)
			   : result;
}

static int read_row(struct document *document, cmark_node *row)
{
	uint32_t line = leaf_row_line(&document->leaf, &document->lines, row);
	size_t column = 0;
	int result = 0;

	mentions_begin_group(&document->mentions);
	for (cmark_node *cell = cmark_node_first_child(row); cell != NULL && result == 0;
		cell = cmark_node_next(cell)) {
		leaf_open_cell(&document->leaf, &document->lines, cell, line, &column);
		result = read_opened_leaf(document, cell);
		mentions_end_part(&document->mentions);
	}
	return result == 0 ? end_group(document) : result;
}

static bool is_row(cmark_node *node)
{
	return markdown_is(node, "table_row") || markdown_is(node, "table_header");
}

static int read_block(struct document *document, cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);

	if (type == CMARK_NODE_ITEM)
		return read_item(document, node);
	if (type == CMARK_NODE_PARAGRAPH)
		return read_paragraph(document, node);
	if (type == CMARK_NODE_HEADING)
		return read_heading(document, node);
	if (type == CMARK_NODE_HTML_BLOCK)
		return read_html_block(document, node);
	return is_row(node) ? read_row(document, node) : 0;
}

/* To a fenced block that its container ended cmark gives the first line behind it. */
static int last_line_of(const struct document *document, cmark_node *block)
{
	int last = cmark_node_get_end_line(block), length, offset;
	char fence;

	if (cmark_node_get_type(block) != CMARK_NODE_CODE_BLOCK ||
		!cmark_node_get_fenced(block, &length, &offset, &fence))
		return last;
	struct slice line = markdown_line(&document->lines, (uint32_t)last);
	size_t at = 0;
	while (at < line.len && (char_is_space(line.at[at]) || line.at[at] == '>'))
		at++;
	return at < line.len && line.at[at] == fence ? last : last - 1;
}

/* What no leaf takes are blank lines, markers, and definitions. */
static int take_lines(struct document *document, cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);
	struct markdown_lines *lines = &document->lines;
	struct leaf *leaf = &document->leaf;

	if (type == CMARK_NODE_CODE_BLOCK || type == CMARK_NODE_HTML_BLOCK ||
		markdown_is(node, "table"))
		markdown_lines_take(lines, cmark_node_get_start_line(node),
			last_line_of(document, node));
	if (type != CMARK_NODE_PARAGRAPH && type != CMARK_NODE_HEADING)
		return 0;
	if (leaf_open(leaf, lines, node) && leaf->piece_count > 0)
		markdown_lines_take(lines,
			markdown_line_at(lines, leaf->pieces[0].source),
			markdown_line_at(
				lines, leaf->pieces[leaf->piece_count - 1].source));
	return leaf->failed ? no_memory(document) : 0;
}

static bool has_only_inlines(cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);
	return type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING || is_row(node);
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
		if (has_only_inlines(node))
			cmark_iter_reset(iter, node, CMARK_EVENT_EXIT);
	}
	cmark_iter_free(iter);
	return result;
}

/* --- the document ------------------------------------------------------------------- */

static int read_document(void *data)
{
	struct document *document = data;

	cmark_node *root = markdown_parse(document->source, &document->costs);
	if (for_each_block(document, root, take_lines) < 0)
		return -1;
	if (definitions_read(&document->definitions, &document->lines) < 0)
		return no_memory(document);
	return for_each_block(document, root, read_block);
}

static int run(struct document *document)
{
	size_t max = memory_bytes_free + memory_per_byte * document->source.len;

	document->memory.bytes_max = max < memory_bytes_max ? max : memory_bytes_max;
	int result = markdown_memory_run(&document->memory, read_document, document);
	if (document->memory.exhausted)
		return error_set(document->error,
			"Markdown too intricate: parsing its %zu KiB takes more than %zu "
			"MiB of memory",
			document->source.len / 1024,
			document->memory.bytes_max / (1024 * 1024));
	/* A definition that could not be looked for was taken for none. */
	if (result == 0 && document->definitions.arena.failed)
		return no_memory(document);
	return result;
}

static int document_init(struct document *document)
{
	size_t len = document->source.len;

	mentions_init(&document->mentions, len);
	arena_init(&document->scratch, 16 * len + 1024 * 1024);
	document->slugs = slugs_new();
	if (document->slugs == NULL ||
		markdown_lines_init(&document->lines, document->source) < 0)
		return no_memory(document);
	/* Each is on a line of its own. */
	definitions_init(&document->definitions,
		8 * len + document->lines.count * (sizeof(struct definition) + 64) +
			4096);
	return 0;
}

static void document_fini(struct document *document)
{
	leaf_fini(&document->leaf);
	inlines_fini(&document->inlines);
	slugs_free(document->slugs);
	arena_fini(&document->scratch);
	mentions_fini(&document->mentions);
	definitions_fini(&document->definitions);
	markdown_lines_fini(&document->lines);
	markdown_memory_fini(&document->memory);
}

static int check_limits(struct document *document)
{
	struct markdown_costs *costs = &document->costs;

	if (document->source.len > MARKDOWN_BYTES_MAX)
		return error_set(document->error,
			"Markdown of %zu MiB is not read, the limit is %d MiB; split it",
			document->source.len / (1024 * 1024),
			MARKDOWN_BYTES_MAX / (1024 * 1024));
	markdown_costs_read(costs, document->source);
	if (costs->nesting > costs->budget)
		return error_set(document->error,
			"line %llu: about %llu blocks in one another in a document of "
			"%llu "
			"lines are too many to read",
			(unsigned long long)costs->deepest_line,
			(unsigned long long)costs->deepest,
			(unsigned long long)costs->lines);
	return 0;
}

int extract_markdown(
	struct slice bytes, const struct extract_sink *sink, struct error *error)
{
	struct document document = { .source = bytes, .sink = sink, .error = error };

	if (check_limits(&document) < 0)
		return -1;
	char *copy = markdown_copy_source(bytes);
	document.source.at = copy;
	int result = copy != NULL ? document_init(&document) : no_memory(&document);
	if (result == 0)
		result = run(&document);
	/* What was found before an error counts too. */
	if (document.mentions.count > 0 && mentions_emit(&document.mentions, bytes, sink,
						   result == 0 ? error : NULL) < 0)
		result = -1;
	document_fini(&document);
	free(copy);
	return result;
}
