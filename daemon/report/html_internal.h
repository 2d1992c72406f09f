/* report/html: what is the same in every HTML report: its style and its shapes.
 *
 * One file that needs no other, no script and no network, and forbids itself both (a
 * policy in its head): it may be mailed, archived or published. Light and dark by what
 * the reader's system prefers, light on paper.
 */
#pragma once

#include "base/buffer.h"

/* From the doctype to the end of the head, and the shapes that <use> refers to: an
 * element "shape-broken" for each outcome. */
void html_begin(struct buffer *out);
