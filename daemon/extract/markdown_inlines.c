#include "extract/markdown_scan_internal.h"

#include <stdlib.h>

void inlines_fini(struct inlines *inlines)
{
	free(inlines->list);
	*inlines = (struct inlines){ 0 };
}

static struct inline_node *add_node(struct inlines *inlines, bool hidden)
{
	if (inlines->count == inlines->room) {
		uint32_t room = inlines->room * 2 + 32;
		void *grown = realloc(inlines->list, room * sizeof(*inlines->list));
		if (grown == NULL)
			return NULL;
		inlines->list = grown;
		inlines->room = room;
	}
	struct inline_node *node = &inlines->list[inlines->count++];
	*node = (struct inline_node){ .hidden = hidden };
	return node;
}

struct reader {
	struct inlines *inlines;
	struct buffer *text;
	uint32_t open;        /* the last <a> */
	uint32_t image_depth; /* images around this node */
};

/* A link made by cmark's autolink extension begins where its text does; the text of any
 * other stands behind a bracket. */
static bool is_bare(cmark_node *link, cmark_node *child)
{
	return child != NULL && cmark_node_get_type(child) == CMARK_NODE_TEXT &&
	       cmark_node_get_start_column(link) == cmark_node_get_start_column(child);
}

static int on_link_end(struct reader *reader, cmark_node *link)
{
	struct inline_node *node = add_node(reader->inlines, reader->image_depth > 0);
	cmark_node *child = cmark_node_first_child(link);

	if (node == NULL)
		return -1;
	node->kind = INLINE_LINK;
	if (cmark_node_get_type(link) == CMARK_NODE_IMAGE) {
		node->kind = INLINE_IMAGE;
	} else if (is_bare(link, child)) {
		node->kind = INLINE_BARE;
		node->display = slice_of(cmark_node_get_literal(child));
	}
	node->url = slice_of(cmark_node_get_url(link));
	node->text_from = (size_t)(uintptr_t)cmark_node_get_user_data(link);
	node->text_to = reader->text->len;
	node->only_image = child != NULL && cmark_node_next(child) == NULL &&
			   cmark_node_get_type(child) == CMARK_NODE_IMAGE;
	return 0;
}

static bool is_tag(struct slice html, struct slice name)
{
	return slice_starts_nocase(html, name) && html.len > name.len &&
	       !char_is_alpha(html.at[name.len]);
}

/* What stands between <a> and </a> is the text of the former. */
static int on_raw_html(struct reader *reader, cmark_node *html)
{
	struct inlines *inlines = reader->inlines;
	struct slice literal = slice_of(cmark_node_get_literal(html));

	if (is_tag(literal, SLICE("<br")))
		buffer_add_char(reader->text, ' ');
	if (is_tag(literal, SLICE("</a")) && reader->open < inlines->count)
		inlines->list[reader->open].text_to = reader->text->len;
	if (is_tag(literal, SLICE("<a")))
		reader->open = inlines->count;
	struct inline_node *node = add_node(inlines, reader->image_depth > 0);
	if (node == NULL)
		return -1;
	node->kind = INLINE_HTML;
	node->url = literal;
	node->text_from = node->text_to = reader->text->len;
	return 0;
}

static int on_link(struct reader *reader, cmark_node *link, cmark_event_type event)
{
	bool image = cmark_node_get_type(link) == CMARK_NODE_IMAGE;

	if (event == CMARK_EVENT_ENTER) {
		cmark_node_set_user_data(link, (void *)(uintptr_t)reader->text->len);
		reader->image_depth += image;
		return 0;
	}
	reader->image_depth -= image;
	return on_link_end(reader, link);
}

static void add_text(struct buffer *text, cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);

	if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
		buffer_add_text(text, cmark_node_get_literal(node));
	else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
		buffer_add_char(text, ' ');
}

static int on_node(struct reader *reader, cmark_node *node, cmark_event_type event)
{
	cmark_node_type type = cmark_node_get_type(node);

	add_text(reader->text, node);
	if (type == CMARK_NODE_HTML_INLINE)
		return on_raw_html(reader, node);
	if (type == CMARK_NODE_LINK || type == CMARK_NODE_IMAGE)
		return on_link(reader, node, event);
	return 0;
}

int inlines_read(struct inlines *inlines, struct buffer *text, cmark_node *leaf)
{
	struct reader reader = { inlines, text, UINT32_MAX, 0 };
	int result = 0;

	inlines->count = 0;
	cmark_iter *iter = cmark_iter_new(leaf);
	for (cmark_event_type event = cmark_iter_next(iter);
		event != CMARK_EVENT_DONE && result == 0; event = cmark_iter_next(iter)) {
		cmark_node *node = cmark_iter_get_node(iter);
		if (node != leaf)
			result = on_node(&reader, node, event);
	}
	cmark_iter_free(iter);
	return text->failed ? -1 : result;
}

int inlines_read_heading(struct buffer *text, cmark_node *heading)
{
	cmark_iter *iter = cmark_iter_new(heading);
	uint32_t image_depth = 0;

	for (cmark_event_type event = cmark_iter_next(iter); event != CMARK_EVENT_DONE;
		event = cmark_iter_next(iter)) {
		cmark_node *node = cmark_iter_get_node(iter);
		bool image = cmark_node_get_type(node) == CMARK_NODE_IMAGE;
		image_depth -= image && event == CMARK_EVENT_EXIT;
		if (image_depth == 0)
			add_text(text, node);
		image_depth += image && event == CMARK_EVENT_ENTER;
	}
	cmark_iter_free(iter);
	return text->failed ? -1 : 0;
}
