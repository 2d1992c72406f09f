/* extract/html_tokens: HTML as a stream of texts and tags, each with its place.
 *
 * The tokenisation part of the HTML standard (section 13.2.5) as far as links need it: no
 * tree. It is our own because links need what no packaged parser tells, the place of an
 * attribute's value, and because libxml2's parser (2.9.14, measured here) costs 190 µs
 * for a page of 10 KiB, more than a whole check may, and is quadratic in the attributes
 * of a tag and in stray end tags under deep nesting. This one is linear and takes no
 * memory.
 *
 * Known differences from the standard, without effect on real pages: a script ends at its
 * first </script> (also inside `<!-- <script>`), CDATA sections are bogus comments in
 * SVG too, and carriage returns stay.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"
#include "extract/html_names_internal.h"

enum html_token_kind {
	HTML_TOKEN_MORE, /* the bytes end inside a token; at the very end: no more */
	HTML_TOKEN_TEXT,
	HTML_TOKEN_START,
	HTML_TOKEN_END,
};

struct html_token {
	enum html_token_kind kind;
	/* Of a tag; for text the element whose raw content it is, or HTML_OTHER. A text
	 * may come in several tokens, cut anywhere. */
	enum html_element element;
	struct slice bytes; /* the text; or what a start tag has behind its name */
	bool foreign;       /* inside <svg> or <math> */
};

enum html_tokens_state {
	HTML_IN_TEXT,
	HTML_IN_COMMENT,
	HTML_IN_BOGUS_COMMENT,
	HTML_IN_TAG_NAME,
	HTML_BEFORE_ATTRIBUTE,
	HTML_IN_ATTRIBUTE,
	HTML_AFTER_ATTRIBUTE,
	HTML_BEFORE_VALUE,
	HTML_IN_BARE_VALUE,
	HTML_IN_VALUE_1, /* single quotes */
	HTML_IN_VALUE_2, /* double quotes */
};

struct html_tokens {
	struct slice bytes;
	size_t tag_max; /* a longer tag loses its attributes; 0: none is too long */
	size_t at;      /* where the token under way begins; all before it is done with */
	size_t scan;    /* how far that token was looked at */
	enum html_tokens_state state;
	enum html_element raw;  /* inside this raw text element, or HTML_OTHER */
	bool foreign;           /* inside <svg> or <math> */
	bool dropped;           /* the tag under way was given up by html_tokens_drop */
	struct html_token kept; /* what is known of a dropped tag */
	bool final;             /* no bytes come after these */
};

void html_tokens_init(struct html_tokens *tokens);

/* The next token of `bytes`. After HTML_TOKEN_MORE, put the bytes from `at` on in front
 * of the next ones, lower `scan` by `at`, set `at` to 0, and call again. */
struct html_token html_tokens_next(struct html_tokens *tokens);

/* When the tag under way is longer than tag_max: forgets its bytes, so that they need not
 * be kept. Harmless otherwise. */
void html_tokens_drop(struct html_tokens *tokens);

struct html_attribute {
	enum html_attribute_name name;
	struct slice value; /* as written, without quotes */
};

/* The known attributes of one tag in their order, each name once: the first counts. */
struct html_attributes {
	struct html_attribute list[HTML_ATTRIBUTE_COUNT];
	unsigned count;
};

static inline bool html_is_heading(enum html_element element)
{
	return element >= HTML_H1 && element <= HTML_H6;
}

void html_attributes_read(struct slice tag, struct html_attributes *ret_attributes);

/* As written; a NULL `at` where it is missing. */
struct slice html_attribute_get(
	const struct html_attributes *attributes, enum html_attribute_name name);

/* Whether `list`, parted by white space, has `word` in any case. */
bool html_has_word(struct slice list, struct slice word);
