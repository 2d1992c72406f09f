#include "extract/markdown_scan_internal.h"

#include "extract/html_text_internal.h"

/* cmark's inline parser, reduced to what decides where a link's destination is: escapes,
 * code spans and brackets. Everything it recognises must be confirmed by a node of
 * cmark's with the same URL before it counts, which also says what is raw HTML.
 *
 * Linear: a code span's end is searched once for each length of backticks, brackets are
 * a stack, destinations are limited by their parentheses, labels by their length. */

enum {
	BACKTICKS_MAX = 80, /* cmark's limit; a longer run opens nothing */
	SEARCH_BYTES_MAX = 1024,
	CLAIM_AHEAD = 8, /* nodes that may be passed over to find the one at hand */
};

struct bracket {
	size_t at;    /* behind the "[" */
	bool image;   /* "![" */
	bool another; /* a "[" follows before its "]" */
};

struct scan {
	struct slice text;
	size_t at;
	struct definitions *definitions;
	struct inline_node *nodes;
	uint32_t count, next;
	struct bracket *stack;
	size_t depth;
	size_t images; /* of the brackets in the stack */
	size_t dead;   /* links' brackets below this depth open nothing any more */
	bool unclosed[BACKTICKS_MAX + 1];
};

/* --- claiming nodes ----------------------------------------------------------------- */

static struct inline_node *claim(struct scan *scan, enum inline_kind kind,
	struct slice written, struct slice prefix)
{
	for (uint32_t i = scan->next; i < scan->count && i < scan->next + CLAIM_AHEAD;
		i++) {
		struct inline_node *node = &scan->nodes[i];
		if (node->kind != kind || !slice_starts(node->url, prefix) ||
			!syntax_same_url(
				written, slice_sub(node->url, prefix.len, node->url.len)))
			continue;
		scan->next = i + 1;
		node->placed = true;
		return node;
	}
	return NULL;
}

static void place(struct inline_node *node, size_t at, size_t length)
{
	node->at = at;
	node->length = length;
}

/* --- what begins with a character of its own ---------------------------------------- */

static void scan_backticks(struct scan *scan)
{
	struct slice text = scan->text;
	size_t begin = scan->at, after;

	while (scan->at < text.len && text.at[scan->at] == '`')
		scan->at++;
	size_t count = scan->at - begin;
	if (count > BACKTICKS_MAX || scan->unclosed[count])
		return;
	for (size_t at = scan->at; at < text.len; at = after) {
		const char *found = memchr(text.at + at, '`', text.len - at);
		if (found == NULL)
			break;
		at = after = (size_t)(found - text.at);
		while (after < text.len && text.at[after] == '`')
			after++;
		if (after - at == count) {
			scan->at = after;
			return;
		}
	}
	scan->unclosed[count] = true;
}

static bool scan_raw_html(struct scan *scan)
{
	struct slice rest = slice_sub(scan->text, scan->at, scan->text.len);

	for (uint32_t i = scan->next; i < scan->count && i < scan->next + CLAIM_AHEAD;
		i++) {
		struct inline_node *node = &scan->nodes[i];
		if (node->kind != INLINE_HTML || !slice_starts(rest, node->url))
			continue;
		place(node, scan->at, node->url.len);
		node->placed = true;
		scan->next = i + 1;
		scan->at += node->url.len;
		return true;
	}
	return false;
}

static bool scan_autolink(struct scan *scan)
{
	struct slice inside = slice_sub(scan->text, scan->at + 1, scan->text.len);
	size_t end = 0;

	while (end < inside.len && inside.at[end] != '>' && inside.at[end] != '<' &&
		!char_is_space(inside.at[end]))
		end++;
	if (end == inside.len || inside.at[end] != '>')
		return false;
	inside.len = end;
	struct inline_node *node = claim(scan, INLINE_LINK, inside, SLICE(""));
	if (node == NULL)
		node = claim(scan, INLINE_LINK, inside, SLICE("mailto:"));
	if (node == NULL)
		return false;
	place(node, scan->at + 1, end);
	scan->at += end + 2;
	return true;
}

static void scan_pointy(struct scan *scan)
{
	if (!scan_raw_html(scan) && !scan_autolink(scan))
		scan->at++;
}

/* --- bare autolinks ----------------------------------------------------------------- */

/* The length of what stands for the character `c` (a byte of UTF-8) at `text`, which may
 * be escaped or a reference; 0: something else stands there. */
static size_t match_character(struct slice text, char c)
{
	uint32_t code_point = 0;

	if (text.len == 0)
		return 0;
	if (text.at[0] == '\\' && text.len > 1 && text.at[1] == c &&
		syntax_is_punctuation(c) && c != '\\')
		return 2;
	if (text.at[0] == c) /* "&amp;" stays as it is in a URL */
		return 1;
	if (text.at[0] != '&')
		return 0;
	size_t length = html_reference(text, false, &code_point);
	return code_point == (unsigned char)c ? length : 0;
}

/* The length of `display` as it is written at `text`; 0: it is not there. */
static size_t match_display(struct slice text, struct slice display)
{
	size_t at = 0;

	for (size_t i = 0; i < display.len; i++) {
		size_t length =
			match_character(slice_sub(text, at, text.len), display.at[i]);
		if (length == 0)
			return 0;
		at += length;
	}
	return at;
}

static bool in_bracket(const struct scan *scan)
{
	return scan->depth > scan->dead || scan->images > 0;
}

/* cmark looks for URLs only outside of brackets, for mail addresses everywhere. */
static bool scan_bare(struct scan *scan)
{
	if (scan->next >= scan->count || scan->nodes[scan->next].kind != INLINE_BARE)
		return false;
	struct inline_node *node = &scan->nodes[scan->next];
	size_t length = match_display(
		slice_sub(scan->text, scan->at, scan->text.len), node->display);
	if (length == 0 ||
		(in_bracket(scan) && !slice_starts(node->url, SLICE("mailto:"))))
		return false;
	place(node, scan->at, length);
	node->placed = true;
	scan->next++;
	scan->at += length;
	return true;
}

/* --- brackets ----------------------------------------------------------------------- */

static void open_bracket(struct scan *scan, bool image)
{
	if (scan->depth > 0)
		scan->stack[scan->depth - 1].another = true;
	scan->at += image ? 2 : 1;
	scan->images += image;
	scan->stack[scan->depth++] = (struct bracket){ scan->at, image, false };
}

static size_t close_inline(struct scan *scan, enum inline_kind kind)
{
	size_t url, length;
	size_t end = syntax_inline_link(scan->text, scan->at + 1, &url, &length);

	if (end == 0)
		return 0;
	struct inline_node *node =
		claim(scan, kind, slice_sub(scan->text, url, url + length), SLICE(""));
	if (node == NULL)
		return 0;
	place(node, url, length);
	return end;
}

static size_t close_reference(
	struct scan *scan, const struct bracket *opener, enum inline_kind kind)
{
	struct slice label = { 0 };
	size_t end = syntax_label(scan->text, scan->at + 1, &label);

	if (end == 0)
		end = scan->at + 1;
	if (slice_trim(label).len == 0 && !opener->another)
		label = slice_sub(scan->text, opener->at, scan->at);
	const struct definition *definition = definitions_find(scan->definitions, label);
	for (; definition != NULL; definition = definition->other) {
		struct inline_node *node = claim(scan, kind, definition->url, SLICE(""));
		if (node == NULL)
			continue;
		node->definition = definition;
		return end;
	}
	return 0;
}

static void close_bracket(struct scan *scan)
{
	size_t end = 0;

	if (scan->depth == 0) {
		scan->at++;
		return;
	}
	struct bracket *opener = &scan->stack[--scan->depth];
	scan->images -= opener->image;
	if (opener->image || scan->depth >= scan->dead) {
		enum inline_kind kind = opener->image ? INLINE_IMAGE : INLINE_LINK;
		end = close_inline(scan, kind);
		if (end == 0)
			end = close_reference(scan, opener, kind);
	}
	if (end != 0 && !opener->image)
		scan->dead = scan->depth; /* no links in links */
	else if (scan->dead > scan->depth)
		scan->dead = scan->depth;
	scan->at = end != 0 ? end : scan->at + 1;
}

/* --- all of it ---------------------------------------------------------------------- */

static void scan_escape(struct scan *scan)
{
	scan->at++;
	if (scan->at < scan->text.len && syntax_is_punctuation(scan->text.at[scan->at]))
		scan->at++;
}

static void scan_one(struct scan *scan)
{
	bool bracket =
		scan->at + 1 < scan->text.len && scan->text.at[scan->at + 1] == '[';

	if (scan_bare(scan))
		return;
	switch (scan->text.at[scan->at]) {
	case '\\':
		scan_escape(scan);
		break;
	case '`':
		scan_backticks(scan);
		break;
	case '<':
		scan_pointy(scan);
		break;
	case '[':
		open_bracket(scan, false);
		break;
	case '!':
		if (bracket)
			open_bracket(scan, true);
		else
			scan->at++;
		break;
	case ']':
		close_bracket(scan);
		break;
	default:
		scan->at++;
	}
}

/* As it is written: of "www.a.org" the URL is more. */
static struct slice written_of(const struct inline_node *node)
{
	return node->kind == INLINE_BARE ? node->display : node->url;
}

/* What the scan could not place is looked for behind the node before it, not far. */
static void place_the_rest(struct scan *scan)
{
	size_t from = 0;

	for (uint32_t i = 0; i < scan->count; i++) {
		struct inline_node *node = &scan->nodes[i];
		if (!node->placed) {
			struct slice rest =
				slice_sub(scan->text, from, from + SEARCH_BYTES_MAX);
			struct slice written = written_of(node);
			size_t found = slice_find(rest, written);
			bool there = written.len > 0 && found != SLICE_NONE;
			place(node, from + (there ? found : 0), there ? written.len : 0);
		}
		if (node->definition == NULL)
			from = node->at + node->length;
	}
}

static size_t count_brackets(struct slice text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.at[i] == '[';
	return count;
}

int inlines_place(struct inlines *inlines, struct slice content,
	struct definitions *definitions, struct arena *scratch)
{
	struct scan scan = { .text = content,
		.definitions = definitions,
		.nodes = inlines->list,
		.count = inlines->count };

	if (inlines->count == 0)
		return 0;
	/* Of a form feed cmark makes a part of the URL. */
	while (scan.text.len > 0 && char_is_space(scan.text.at[scan.text.len - 1]) &&
		scan.text.at[scan.text.len - 1] != '\f')
		scan.text.len--;
	scan.stack = ARENA_ARRAY(scratch, struct bracket, count_brackets(content) + 1);
	if (scan.stack == NULL)
		return -1;
	while (scan.at < scan.text.len && scan.next < scan.count)
		scan_one(&scan);
	place_the_rest(&scan);
	return 0;
}
