#include "extract/page_internal.h"

/* The classes that all must be there. Their elements are what these sites use today and
 * have used for years; <span> has no name of its own here. */
static const struct {
	enum html_element element;
	struct slice classes[2];
} kinds[] = {
	{ HTML_OTHER, { { "error", 5 } } },                           /* arXiv */
	{ HTML_DIV, { { "dateline", 8 } } },                          /* arXiv */
	{ HTML_DIV, { { "flash-warn", 10 }, { "flash-full", 10 } } }, /* GitHub */
};

static bool has_classes(struct slice class, const struct slice classes[static 2])
{
	for (size_t i = 0; i < 2; i++)
		if (classes[i].len > 0 && !html_has_word(class, classes[i]))
			return false;
	return true;
}

/* Most tags are told apart by a search of their bytes. */
static bool is_box(const struct html_token *token)
{
	struct html_attributes attributes;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (token->element != kinds[i].element || token->foreign ||
			slice_find(token->bytes, kinds[i].classes[0]) == SLICE_NONE)
			continue;
		html_attributes_read(token->bytes, &attributes);
		struct slice class =
			html_attribute_get(&attributes, HTML_ATTRIBUTE_CLASS);
		if (has_classes(class, kinds[i].classes))
			return true;
	}
	return false;
}

static struct page_box *under_way(struct page_boxes *boxes)
{
	return boxes->depth > 0 ? &boxes->list[boxes->count - 1] : NULL;
}

/* There is no tree: a box ends where as many of its elements have ended as have begun.
 * One of the nameless may contain others that never end, and ends at the first end. */
static void count_depth(struct page_boxes *boxes, const struct html_token *token)
{
	if (token->element != boxes->element || token->foreign)
		return;
	if (token->kind == HTML_TOKEN_END)
		boxes->depth--;
	else if (token->element != HTML_OTHER)
		boxes->depth++;
}

void page_boxes_tag(struct page_boxes *boxes, const struct html_token *token)
{
	if (boxes->depth > 0) {
		if (html_element_level(token->element) != HTML_INLINE)
			page_boxes_text(boxes, SLICE(" "));
		count_depth(boxes, token);
		return;
	}
	if (token->kind != HTML_TOKEN_START || boxes->count == PAGE_BOXES ||
		!is_box(token))
		return;
	boxes->element = token->element;
	boxes->depth = 1;
	boxes->list[boxes->count++].len = 0;
}

size_t page_gather(char *at, size_t len, size_t bytes_max, struct slice text)
{
	while (len == 0 && text.len > 0 && char_is_space(text.at[0]))
		text = slice_sub(text, 1, text.len);
	text = slice_sub(text, 0, bytes_max - len);
	if (text.len > 0)
		memcpy(at + len, text.at, text.len);
	return len + text.len;
}

void page_boxes_text(struct page_boxes *boxes, struct slice text)
{
	struct page_box *box = under_way(boxes);

	if (box == NULL)
		return;
	box->len = page_gather(box->at, box->len, PAGE_BOX_MAX, text);
	if (box->len == PAGE_BOX_MAX)
		boxes->depth = 0;
}
