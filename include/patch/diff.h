/* patch/diff: replacements as a unified diff.
 *
 * What `git apply` and `patch -p1` take. No comparison is made: the changed lines are
 * those that the replacements touch, with three lines of context, and hunks whose context
 * would meet are one. Lines end at LF; a CR before it belongs to the line, as do bytes
 * that are no UTF-8, and a last line without LF is marked as such. Linear in the document
 * and exact for any of its bytes, NUL included; lines have no greatest length.
 *
 * The header is `--- a/NAME` and `+++ b/NAME` without a `diff --git` line, because git
 * takes the names of such a patch relative to the directory where it is applied, and of
 * the other kind relative to the top of the repository.
 */
#pragma once

#include "base/buffer.h"
#include "base/slice.h"
#include "patch/replacement.h"

enum { DIFF_CONTEXT_LINES = 3 };

/* Appends the diff; nothing where the replacements change nothing. Asserts that they are
 * in order. out->failed when its ceiling or memory ended it: what is there is then of no
 * use. */
void diff_add(struct slice name, struct slice bytes, const struct replacement *list,
	size_t count, struct buffer *out);

/* The name as git would have it in a header, with `prefix` ("a/") in front: quoted as in
 * C when it holds quotes, backslashes, control characters or bytes above 0x7F; a tab
 * behind one with spaces, which keeps `patch` from taking what follows for a date. */
void diff_add_name(const char *prefix, struct slice name, struct buffer *out);
