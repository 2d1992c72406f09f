#include "extract/markdown_internal.h"

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm-extension_api.h>

/* cmark-gfm 0.29.0.gfm.6 has inputs that take quadratic time (CVE-2022-39209,
 * CVE-2023-22483 to 22486, 24824, 26485, 37463). Measured here, per unit of cost below:
 * 2 to 6 ns. A document may cost a little for each of its bytes and COST_FREE on top;
 * real documents stay a hundred times below. What would cost more is parsed with less:
 * a leaf without inlines, a document without tables. */
enum {
	COST_FREE = 40 * 1000 * 1000,
	COST_PER_BYTE = 64,
	CELL_COST = 64,
};

/* --- what a leaf costs
 * ------------------------------------------------------------------*/

struct tally {
	uint64_t openers; /* "<?", "<!", "www.", "://": each may look through the rest */
	uint64_t images;  /* "![" */
	uint64_t links;   /* "](": each looks through the open images */
	uint64_t run, runs; /* of ")": each may count those of its URL again */
};

static void tally_at(struct tally *tally, struct slice rest)
{
	char next = rest.len > 1 ? rest.at[1] : '\0';

	tally->run = rest.at[0] == ')' ? tally->run + 1 : 0;
	if (tally->run > tally->runs)
		tally->runs = tally->run;
	switch (rest.at[0]) {
	case '<':
		tally->openers += next == '?' || next == '!';
		break;
	case 'w':
		tally->openers += slice_starts(rest, SLICE("www."));
		break;
	case ':':
		tally->openers += next == '/';
		break;
	case '!':
		tally->images += next == '[';
		break;
	case ']':
		tally->links += next == '(';
		break;
	default:
		break;
	}
}

static uint64_t leaf_cost(struct slice content)
{
	struct tally tally = { 0 };

	for (size_t i = 0; i < content.len; i++)
		tally_at(&tally, slice_sub(content, i, content.len));
	return content.len * (tally.openers + (tally.runs > 1 ? tally.runs : 0)) +
	       tally.images * tally.links;
}

/* --- what tables cost
 * -------------------------------------------------------------------*/

/* "|---|:-:|" may begin a table, for which the whole paragraph above is looked through.*/
static bool is_delimiter_row(struct slice line)
{
	bool dash = false;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.at[i];
		dash = dash || c == '-';
		if (c != '-' && c != '|' && c != ':' && c != '>' && !char_is_space(c))
			return false;
	}
	return dash;
}

static uint64_t count_pipes(struct slice line)
{
	uint64_t count = 0;

	for (size_t i = 0; i < line.len; i++)
		count += line.at[i] == '|';
	return count;
}

static uint64_t table_cost(struct slice source)
{
	struct slice line;
	uint64_t cost = 0, columns = 0;
	size_t run = 0; /* bytes since the last empty line */

	while (slice_split(&source, '\n', &line)) {
		bool empty = slice_trim(line).len == 0;
		run = empty ? 0 : run + line.len + 1;
		columns = empty ? 0 : columns;
		cost += columns * CELL_COST;
		uint64_t pipes = count_pipes(line);
		if (is_delimiter_row(line)) {
			cost += run;
			if (pipes >= columns)
				columns = pipes;
		}
		cost += pipes * pipes / 2;
	}
	return cost;
}

/* --- parsing
 * ----------------------------------------------------------------------------*/

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
		uint64_t cost = leaf_cost(slice_of(cmark_node_get_string_content(node)));
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

cmark_node *markdown_parse(struct slice source)
{
	uint64_t budget = COST_FREE + (uint64_t)COST_PER_BYTE * source.len;

	cmark_gfm_core_extensions_ensure_registered();
	cmark_parser *parser = cmark_parser_new_with_mem(
		CMARK_OPT_FOOTNOTES | CMARK_OPT_SOURCEPOS, markdown_memory_mem());
	cmark_parser_attach_syntax_extension(parser, get_skipper());
	if (table_cost(source) <= budget)
		attach(parser, "table");
	attach(parser, "autolink");
	attach(parser, "strikethrough");
	attach(parser, "tasklist");
	tree = NULL;
	cmark_parser_feed(parser, source.at, source.len);
	cmark_parser_feed(parser, "\n\n", 2); /* closes a last paragraph */
	skip_costly_leaves(budget);
	return cmark_parser_finish(parser);
}
