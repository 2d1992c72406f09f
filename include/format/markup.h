/* format/markup: the one place where foreign text is made harmless for HTML and XML.
 *
 * What both need is the same: text in an element, or in an attribute that stands in
 * double quotes. Every function also does what utf8_add_printable does, which removes all
 * that XML 1.0 forbids, and cuts to bytes_max.
 *
 * A URL in href is a second danger: markup_href lets nothing through but http and https.
 */
#pragma once

#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"

/* In an element or an attribute in double quotes. */
void markup_text(struct buffer *out, struct slice text, size_t bytes_max);

/* What stands for a character of clean text; NULL: itself. For who has more to escape
 * than that (message/). */
const char *markup_entity(char c);

/* Whether a link may point there: http or https, and nothing in it that had to be cleaned
 * or cut. Userinfo is not allowed. */
bool markup_is_href(struct slice url);

/* The value of href, in its quotes; call it where markup_is_href. */
void markup_href(struct buffer *out, struct slice url);
