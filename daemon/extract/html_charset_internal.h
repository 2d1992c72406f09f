/* extract/html_charset: a document in a charset of old is read as the UTF-8 made of it.
 *
 * As browsers do: a URL's path is percent-encoded in UTF-8, but its query in the charset
 * of the document. Where things are written is told in the document's own bytes all the
 * same.
 */
#pragma once

#include "extract/extract_internal.h"

/* The charset that the document declares in a <meta>; empty where it need not be
 * converted: none, UTF-8, or bytes that are UTF-8 whatever they are called. */
struct slice html_charset_of(struct slice bytes);

typedef int html_extractor(
	struct slice bytes, const struct extract_sink *sink, struct error *error);

/* Calls `read` with the document in UTF-8; with its own bytes where the charset is not
 * known or is one that hides '<' (a <meta> in it cannot be true). */
int html_charset_read(struct slice bytes, struct slice charset, html_extractor *read,
	const struct extract_sink *sink, struct error *error);
