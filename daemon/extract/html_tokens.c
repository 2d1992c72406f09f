#include "extract/html_tokens_internal.h"

#include <stdlib.h>

#define ELEMENT_NAME(name, text, level)  { text, sizeof(text) - 1 },
#define ELEMENT_LEVEL(name, text, level) HTML_##level,
#define ATTRIBUTE_NAME(name, text)       { text, sizeof(text) - 1 },
static const struct slice element_names[] = { HTML_ELEMENTS(ELEMENT_NAME) };
static const unsigned char element_levels[] = { HTML_ELEMENTS(ELEMENT_LEVEL)
		HTML_INLINE };
static const struct slice attribute_names[] = { HTML_ATTRIBUTES(ATTRIBUTE_NAME) };
#undef ELEMENT_NAME
#undef ELEMENT_LEVEL
#undef ATTRIBUTE_NAME

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static int compare_names(const void *key, const void *entry)
{
	const struct slice *a = key;
	const struct slice *b = entry;
	size_t len = a->len < b->len ? a->len : b->len;
	for (size_t i = 0; i < len; i++) {
		int order = char_lower(a->at[i]) - b->at[i];
		if (order != 0)
			return order;
	}
	return (a->len > b->len) - (a->len < b->len);
}

/* The index in the table, or its length. */
static size_t find_name(const struct slice *names, size_t count, struct slice name)
{
	const struct slice *entry =
		bsearch(&name, names, count, sizeof(*names), compare_names);
	return entry != NULL ? (size_t)(entry - names) : count;
}

enum html_level html_element_level(enum html_element element)
{
	return (enum html_level)element_levels[element];
}

/* Elements whose content is no markup. */
static bool is_raw(enum html_element element, bool foreign)
{
	if (element == HTML_SCRIPT || element == HTML_STYLE)
		return true;
	return !foreign && (element == HTML_TITLE || element == HTML_TEXTAREA ||
				   element == HTML_XMP || element == HTML_IFRAME ||
				   element == HTML_NOEMBED || element == HTML_NOFRAMES ||
				   element == HTML_PLAINTEXT);
}

/* Some of the elements that end SVG and MathML content where they begin, so that an
 * unclosed <svg> does not reach to the end of the page. */
static bool ends_foreign(enum html_element element)
{
	return element == HTML_BODY || element == HTML_DIV || element == HTML_P ||
	       element == HTML_UL || element == HTML_OL || element == HTML_LI ||
	       element == HTML_TABLE || element == HTML_IMG || element == HTML_HEAD ||
	       element == HTML_META || html_is_heading(element);
}

void html_tokens_init(struct html_tokens *tokens)
{
	*tokens = (struct html_tokens){ .raw = HTML_OTHER };
}

static bool is_name_end(char c)
{
	return char_is_space(c) || c == '/' || c == '>';
}

/* Where `</raw` and a delimiter begin at or after `from`. *ret_cut: the bytes end before
 * that can be told of what begins at the returned place. */
static size_t find_raw_end(const struct html_tokens *tokens, size_t from, bool *ret_cut)
{
	struct slice name = element_names[tokens->raw];
	struct slice bytes = tokens->bytes;

	*ret_cut = false;
	for (size_t at = from; at < bytes.len; at++) {
		const char *found = memchr(bytes.at + at, '<', bytes.len - at);
		if (found == NULL)
			return bytes.len;
		at = (size_t)(found - bytes.at);
		struct slice rest = slice_sub(bytes, at + 1, at + 2 + name.len);
		struct slice tag = slice_sub(rest, 1, rest.len);
		if (rest.len > 0 && rest.at[0] != '/')
			continue;
		if (!slice_starts_nocase(name, tag))
			continue;
		if (at + 2 + name.len < bytes.len) {
			if (is_name_end(bytes.at[at + 2 + name.len]))
				return at;
			continue;
		}
		*ret_cut = true;
		return at;
	}
	return bytes.len;
}

/* A step of the tokeniser: true when *ret_token is to be returned. */
static bool take_text(
	struct html_tokens *tokens, size_t end, struct html_token *ret_token)
{
	*ret_token = (struct html_token){ HTML_TOKEN_TEXT, tokens->raw,
		slice_sub(tokens->bytes, tokens->at, end), tokens->foreign };
	tokens->at = tokens->scan = end;
	return true;
}

static bool want_more(struct html_token *ret_token)
{
	*ret_token = (struct html_token){ HTML_TOKEN_MORE, HTML_OTHER, { 0 }, false };
	return true;
}

static bool step_raw(struct html_tokens *tokens, struct html_token *ret_token)
{
	bool cut = false;
	size_t end = tokens->bytes.len;

	if (tokens->raw != HTML_PLAINTEXT)
		end = find_raw_end(tokens, tokens->at, &cut);
	if (cut && tokens->final)
		end = tokens->bytes.len;
	if (end > tokens->at)
		return take_text(tokens, end, ret_token);
	if (cut)
		return want_more(ret_token);
	tokens->raw = HTML_OTHER;
	tokens->scan = tokens->at + 2;
	tokens->state = HTML_IN_TAG_NAME;
	return false;
}

enum opening { OPENING_MARKUP, OPENING_TEXT, OPENING_UNKNOWN };

static enum opening enter_comment(
	struct html_tokens *tokens, enum html_tokens_state state)
{
	tokens->at += 2;
	tokens->scan = tokens->at;
	tokens->state = state;
	return OPENING_MARKUP;
}

/* What the '<' at `at` begins; the state follows. */
static enum opening open_markup(struct html_tokens *tokens)
{
	struct slice rest = slice_sub(tokens->bytes, tokens->at, tokens->bytes.len);
	char second = rest.len > 1 ? rest.at[1] : '\0';
	char third = rest.len > 2 ? rest.at[2] : '\0';

	if (rest.len < 2 || (second == '/' && rest.len < 3))
		return OPENING_UNKNOWN;
	if (char_is_alpha(second) || (second == '/' && char_is_alpha(third))) {
		tokens->state = HTML_IN_TAG_NAME;
		tokens->scan = tokens->at + (second == '/' ? 2 : 1);
		return OPENING_MARKUP;
	}
	if (second == '!') {
		/* The dashes stay: "<!-->" is a whole comment. */
		struct slice dashes = slice_sub(rest, 2, 4);
		if (dashes.len < 2 && slice_starts(SLICE("--"), dashes) && !tokens->final)
			return OPENING_UNKNOWN;
		return enter_comment(tokens, slice_equal(dashes, SLICE("--"))
						     ? HTML_IN_COMMENT
						     : HTML_IN_BOGUS_COMMENT);
	}
	if (second == '?' || second == '/')
		return enter_comment(tokens, HTML_IN_BOGUS_COMMENT);
	return OPENING_TEXT;
}

static bool step_text(struct html_tokens *tokens, struct html_token *ret_token)
{
	struct slice rest = slice_sub(tokens->bytes, tokens->at, tokens->bytes.len);
	size_t mark = slice_find_char(rest, '<');

	if (mark == SLICE_NONE)
		return take_text(tokens, tokens->bytes.len, ret_token);
	if (mark > 0)
		return take_text(tokens, tokens->at + mark, ret_token);
	switch (open_markup(tokens)) {
	case OPENING_MARKUP:
		return false;
	case OPENING_TEXT:
		return take_text(tokens, tokens->at + 1, ret_token);
	case OPENING_UNKNOWN:
		break;
	}
	if (tokens->final)
		return take_text(tokens, tokens->bytes.len, ret_token);
	return want_more(ret_token);
}

/* What of a comment may belong to its end, in the worst case "x--!". */
enum { COMMENT_TAIL = 4 };

static bool ends_comment(struct slice body)
{
	return slice_ends(body, SLICE("--")) ||
	       (body.len > 3 && slice_ends(body, SLICE("--!")));
}

static bool step_comment(struct html_tokens *tokens, struct html_token *ret_token)
{
	bool bogus = tokens->state == HTML_IN_BOGUS_COMMENT;
	size_t kept = bogus ? 0 : COMMENT_TAIL;
	struct slice rest = slice_sub(tokens->bytes, tokens->at, tokens->bytes.len);

	for (size_t at = 0; at < rest.len; at++) {
		const char *found = memchr(rest.at + at, '>', rest.len - at);
		if (found == NULL)
			break;
		at = (size_t)(found - rest.at);
		if (!bogus && !ends_comment(slice_sub(rest, 0, at)))
			continue;
		tokens->at += at + 1;
		tokens->scan = tokens->at;
		tokens->state = HTML_IN_TEXT;
		return false;
	}
	if (rest.len > kept)
		tokens->at += rest.len - kept;
	tokens->scan = tokens->at;
	return want_more(ret_token);
}

static enum html_tokens_state next_state(enum html_tokens_state state, char c)
{
	bool space = char_is_space(c);

	switch (state) {
	case HTML_IN_TAG_NAME:
		return space || c == '/' ? HTML_BEFORE_ATTRIBUTE : state;
	case HTML_BEFORE_ATTRIBUTE:
		return space || c == '/' ? state : HTML_IN_ATTRIBUTE;
	case HTML_IN_ATTRIBUTE:
		return c == '='   ? HTML_BEFORE_VALUE
		       : space    ? HTML_AFTER_ATTRIBUTE
		       : c == '/' ? HTML_BEFORE_ATTRIBUTE
				  : state;
	case HTML_AFTER_ATTRIBUTE:
		return c == '='   ? HTML_BEFORE_VALUE
		       : space    ? state
		       : c == '/' ? HTML_BEFORE_ATTRIBUTE
				  : HTML_IN_ATTRIBUTE;
	case HTML_BEFORE_VALUE:
		return c == '"'    ? HTML_IN_VALUE_2
		       : c == '\'' ? HTML_IN_VALUE_1
		       : space     ? state
				   : HTML_IN_BARE_VALUE;
	case HTML_IN_BARE_VALUE:
		return space ? HTML_BEFORE_ATTRIBUTE : state;
	case HTML_IN_VALUE_1:
		return c == '\'' ? HTML_BEFORE_ATTRIBUTE : state;
	case HTML_IN_VALUE_2:
		return c == '"' ? HTML_BEFORE_ATTRIBUTE : state;
	case HTML_IN_TEXT:
	case HTML_IN_COMMENT:
	case HTML_IN_BOGUS_COMMENT:
		break;
	}
	return state;
}

/* The index of the '>' that ends the tag, or false. */
static bool find_tag_end(struct html_tokens *tokens, size_t *ret_end)
{
	struct slice bytes = tokens->bytes;
	enum html_tokens_state state = tokens->state;
	size_t at = tokens->scan;

	for (; at < bytes.len; at++) {
		char c = bytes.at[at];
		if (state == HTML_IN_VALUE_1 || state == HTML_IN_VALUE_2) {
			char quote = state == HTML_IN_VALUE_1 ? '\'' : '"';
			const char *end = memchr(bytes.at + at, quote, bytes.len - at);
			at = end != NULL ? (size_t)(end - bytes.at) : bytes.len;
			if (end == NULL)
				break;
			c = quote;
		} else if (c == '>') {
			*ret_end = at;
			return true;
		}
		state = next_state(state, c);
	}
	tokens->scan = at;
	tokens->state = state;
	return false;
}

/* What a start tag changes for the text behind it. */
static void enter_element(
	struct html_tokens *tokens, enum html_element element, bool self_closed)
{
	if (ends_foreign(element))
		tokens->foreign = false;
	if (is_raw(element, tokens->foreign) && !(tokens->foreign && self_closed))
		tokens->raw = element;
	if ((element == HTML_SVG || element == HTML_MATH) && !self_closed)
		tokens->foreign = true;
}

/* The name of the tag under way or just ended, without its '<'; *ret_rest is what stands
 * behind it. */
static struct html_token read_tag(struct slice tag)
{
	bool closing = slice_starts(tag, SLICE("/"));
	size_t begin = closing ? 1 : 0;
	size_t end = begin;

	while (end < tag.len && !is_name_end(tag.at[end]))
		end++;
	size_t element = find_name(
		element_names, LENGTH(element_names), slice_sub(tag, begin, end));
	return (struct html_token){ closing ? HTML_TOKEN_END : HTML_TOKEN_START,
		(enum html_element)element, slice_sub(tag, end, tag.len), false };
}

static bool is_too_long(const struct html_tokens *tokens, size_t end)
{
	return tokens->tag_max > 0 && end - tokens->at > tokens->tag_max;
}

void html_tokens_drop(struct html_tokens *tokens)
{
	if (tokens->state < HTML_IN_TAG_NAME)
		return;
	if (!tokens->dropped) {
		if (!is_too_long(tokens, tokens->scan))
			return;
		tokens->kept =
			read_tag(slice_sub(tokens->bytes, tokens->at + 1, tokens->scan));
	}
	tokens->dropped = true;
	tokens->at = tokens->scan;
}

static bool step_tag(struct html_tokens *tokens, struct html_token *ret_token)
{
	size_t end = 0;

	if (!find_tag_end(tokens, &end)) {
		if (tokens->final)
			tokens->at = tokens->scan;
		return want_more(ret_token);
	}
	struct html_token token =
		tokens->dropped ? tokens->kept
				: read_tag(slice_sub(tokens->bytes, tokens->at + 1, end));
	if (tokens->dropped || is_too_long(tokens, end))
		token.bytes = (struct slice){ 0 };
	tokens->at = tokens->scan = end + 1;
	tokens->state = HTML_IN_TEXT;
	tokens->dropped = false;
	if (token.kind == HTML_TOKEN_START)
		enter_element(tokens, token.element, slice_ends(token.bytes, SLICE("/")));
	else if (token.element == HTML_SVG || token.element == HTML_MATH)
		tokens->foreign = false;
	token.foreign = tokens->foreign;
	*ret_token = token;
	return true;
}

static bool step(struct html_tokens *tokens, struct html_token *ret_token)
{
	if (tokens->at >= tokens->bytes.len)
		return want_more(ret_token);
	switch (tokens->state) {
	case HTML_IN_TEXT:
		return tokens->raw != HTML_OTHER ? step_raw(tokens, ret_token)
						 : step_text(tokens, ret_token);
	case HTML_IN_COMMENT:
	case HTML_IN_BOGUS_COMMENT:
		return step_comment(tokens, ret_token);
	case HTML_IN_TAG_NAME:
	case HTML_BEFORE_ATTRIBUTE:
	case HTML_IN_ATTRIBUTE:
	case HTML_AFTER_ATTRIBUTE:
	case HTML_BEFORE_VALUE:
	case HTML_IN_BARE_VALUE:
	case HTML_IN_VALUE_1:
	case HTML_IN_VALUE_2:
		break;
	}
	return step_tag(tokens, ret_token);
}

struct html_token html_tokens_next(struct html_tokens *tokens)
{
	struct html_token token;
	while (!step(tokens, &token))
		;
	return token;
}

/* Takes one attribute off the front of *tag; false at its end. */
static bool next_attribute(
	struct slice *tag, struct slice *ret_name, struct slice *ret_value)
{
	enum html_tokens_state state = HTML_BEFORE_ATTRIBUTE;
	size_t name = 0, name_end = 0, value = 0, at = 0;

	for (; at < tag->len; at++) {
		enum html_tokens_state before = state;
		state = next_state(state, tag->at[at]);
		bool in_name = before == HTML_IN_ATTRIBUTE;
		if (before == HTML_BEFORE_ATTRIBUTE && state == HTML_IN_ATTRIBUTE)
			name = at;
		if (in_name && state != HTML_IN_ATTRIBUTE)
			name_end = at;
		if (before == HTML_BEFORE_VALUE && state != HTML_BEFORE_VALUE)
			value = state == HTML_IN_BARE_VALUE ? at : at + 1;
		bool next_name =
			before == HTML_AFTER_ATTRIBUTE && state == HTML_IN_ATTRIBUTE;
		if (next_name || (before != HTML_BEFORE_ATTRIBUTE &&
					 state == HTML_BEFORE_ATTRIBUTE))
			break;
	}
	if (state == HTML_BEFORE_ATTRIBUTE && at == tag->len)
		return false;
	if (name_end == 0)
		name_end = at;
	*ret_name = slice_sub(*tag, name, name_end);
	*ret_value = value > 0 ? slice_sub(*tag, value, at) : slice_sub(*tag, at, at);
	/* The byte that ended it is a quote or belongs to nothing, but for the first of
	 * the next name. */
	bool skip = at < tag->len && state == HTML_BEFORE_ATTRIBUTE;
	*tag = slice_sub(*tag, skip ? at + 1 : at, tag->len);
	return true;
}

void html_attributes_read(struct slice tag, struct html_attributes *ret_attributes)
{
	struct slice name, value;

	ret_attributes->count = 0;
	while (next_attribute(&tag, &name, &value)) {
		size_t found = find_name(attribute_names, LENGTH(attribute_names), name);
		if (found == HTML_ATTRIBUTE_COUNT)
			continue;
		enum html_attribute_name known = (enum html_attribute_name)found;
		if (html_attribute_get(ret_attributes, known).at != NULL)
			continue;
		ret_attributes->list[ret_attributes->count++] =
			(struct html_attribute){ known, value };
	}
}

struct slice html_attribute_get(
	const struct html_attributes *attributes, enum html_attribute_name name)
{
	for (unsigned i = 0; i < attributes->count; i++)
		if (attributes->list[i].name == name)
			return attributes->list[i].value;
	return (struct slice){ 0 };
}

bool html_has_word(struct slice list, struct slice word)
{
	for (size_t at = 0; at < list.len; at++) {
		size_t begin = at;
		while (at < list.len && !char_is_space(list.at[at]))
			at++;
		if (slice_equal_nocase(slice_sub(list, begin, at), word))
			return true;
	}
	return false;
}
