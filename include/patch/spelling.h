/* patch/spelling: a URL as the place where it stands wants it written.
 *
 * Looks at the bytes around a destination and tells by which syntax it is written there,
 * then writes another one by the same. It does not parse the document: what it takes for
 * a form is a guess by a few bytes that is right for what extract/ finds, and whoever
 * uses it reads the new document again and compares (replacement_choose).
 *
 * Only URLs in the form that a parser gives them are written: ASCII that is visible,
 * without `"`, `<` and `>`. Others are refused, as are those that a form has no escape
 * for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/slice.h"

#define SPELLING_SYNTAXES(X)                                                             \
	X(MARKDOWN, "Markdown")                                                          \
	X(HTML, "HTML")                                                                  \
	X(PLAIN, "plain text")                                                           \
	X(TEX, "TeX")                                                                    \
	X(CSV, "CSV")

#define SPELLING_FORMS(X)                                                                \
	X(INLINE, "a link's destination")          /* [x](URL), [x]: URL */              \
	X(POINTY, "a destination in <>")           /* [x](<URL>), [x]: <URL> */          \
	X(AUTOLINK, "an autolink")                 /* <URL> */                           \
	X(BARE, "a bare autolink")                 /* URL, in Markdown */                \
	X(ATTRIBUTE, "an attribute")               /* href="URL" */                      \
	X(UNQUOTED, "an attribute without quotes") /* href=URL */                        \
	X(TEXT, "plain text")                      /* URL, elsewhere */                  \
	X(ARGUMENT, "an argument of TeX")          /* \url{URL}, url = {URL} */          \
	X(NESTED, "an argument within another")    /* \footnote{\url{URL}} */            \
	X(ESCAPED, "TeX with escapes")             /* \href{a\_URL}{x}, or in a text */  \
	X(CELL, "a cell of CSV without quotes")    /* a,URL,b */

#define SPELLING_ENUM(name, text) SPELLING_##name,
enum spelling_syntax { SPELLING_SYNTAXES(SPELLING_ENUM) };
#undef SPELLING_ENUM
#define SPELLING_ENUM(name, text) SPELLING_FORM_##name,
enum spelling_form { SPELLING_FORMS(SPELLING_ENUM) };
#undef SPELLING_ENUM

const char *spelling_form_text(enum spelling_form form);

/* The syntax of plain text by the ending of its name: TEX (tex bib bst cls sty ltx), CSV
 * (csv tsv), else PLAIN. Markdown and HTML the caller knows better. */
enum spelling_syntax spelling_syntax_of(struct slice name);

/* Of the destination that is written at [offset, offset + length) of the document. */
enum spelling_form spelling_form_at(
	enum spelling_syntax syntax, struct slice bytes, size_t offset, size_t length);

/* Appends `url` as that form writes it. NULL, or in one sentence why it cannot be written
 * there; then nothing was appended. */
const char *spelling_add(enum spelling_form form, struct slice url, struct buffer *out);

/* Whether the text goes on behind the destination in a way that makes it longer for other
 * readers than for us ("\_" in TeX): what stands there is only half of it, and must not
 * be replaced. */
bool spelling_is_cut(enum spelling_syntax syntax, struct slice bytes, size_t end);
