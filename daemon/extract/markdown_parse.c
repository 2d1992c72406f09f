#include "extract/markdown_cmark_internal.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>

/* An extension of our own, because only one may say that a leaf has no inlines, and only
 * one is shown the tree before they are parsed. */
static cmark_syntax_extension *skipper;
static _Thread_local cmark_node *tree;

static cmark_node *see_block(cmark_syntax_extension *self, int indented,
	cmark_parser *parser, cmark_node *parent, unsigned char *input, int len)
{
	(void)self;
	(void)indented;
	(void)parser;
	(void)input;
	(void)len;
	if (tree == NULL)
		for (tree = parent; cmark_node_parent(tree) != NULL;)
			tree = cmark_node_parent(tree);
	return NULL;
}

static int has_no_inlines(cmark_syntax_extension *self, cmark_node *node)
{
	(void)self;
	(void)node;
	return 0;
}

static cmark_syntax_extension *get_skipper(void)
{
	if (skipper == NULL) {
		skipper = cmark_syntax_extension_new("linkrotd-skipper");
		cmark_syntax_extension_set_open_block_func(skipper, see_block);
		cmark_syntax_extension_set_contains_inlines_func(skipper, has_no_inlines);
	}
	return skipper;
}

bool markdown_is(cmark_node *node, const char *type)
{
	return strcmp(cmark_node_get_type_string(node), type) == 0;
}

bool markdown_is_unparsed(cmark_node *leaf)
{
	return skipper != NULL && cmark_node_get_syntax_extension(leaf) == skipper;
}

static bool holds_inlines(cmark_node *node)
{
	cmark_node_type type = cmark_node_get_type(node);
	return type == CMARK_NODE_PARAGRAPH || type == CMARK_NODE_HEADING ||
	       markdown_is(node, "table_cell");
}

/* All blocks are closed by now; cmark's iterator does not need the inlines. */
static void skip_costly_leaves(uint64_t budget)
{
	if (tree == NULL)
		return;
	cmark_iter *iter = cmark_iter_new(tree);
	for (cmark_event_type event = cmark_iter_next(iter); event != CMARK_EVENT_DONE;
		event = cmark_iter_next(iter)) {
		cmark_node *node = cmark_iter_get_node(iter);
		if (event != CMARK_EVENT_ENTER || !holds_inlines(node))
			continue;
		uint64_t cost =
			markdown_leaf_cost(slice_of(cmark_node_get_string_content(node)));
		if (cost <= budget)
			budget -= cost;
		else
			cmark_node_set_syntax_extension(node, skipper);
	}
	cmark_iter_free(iter);
}

static void attach(cmark_parser *parser, const char *name)
{
	cmark_syntax_extension *extension = cmark_find_syntax_extension(name);
	if (extension != NULL)
		cmark_parser_attach_syntax_extension(parser, extension);
}

cmark_node *markdown_parse(struct slice source, const struct markdown_costs *costs)
{
	cmark_gfm_core_extensions_ensure_registered();
	cmark_parser *parser = cmark_parser_new_with_mem(
		CMARK_OPT_FOOTNOTES | CMARK_OPT_SOURCEPOS, markdown_memory_mem());
	cmark_parser_attach_syntax_extension(parser, get_skipper());
	if (costs->tables <= costs->budget)
		attach(parser, "table");
	attach(parser, "autolink");
	attach(parser, "strikethrough");
	attach(parser, "tasklist");
	tree = NULL;
	cmark_parser_feed(parser, source.at, source.len);
	cmark_parser_feed(parser, "\n\n", 2); /* closes a last paragraph */
	skip_costly_leaves(costs->budget);
	return cmark_parser_finish(parser);
}
