/* patch/replacement: some spans of a document, and what shall stand there instead.
 *
 * A document is bytes: nothing here knows of characters, lines or formats, and what is
 * not replaced is never touched, be it UTF-8 or not. Everybody else in this room takes
 * replacements that are in order: sorted by their offset, none of them reaching into the
 * next. All slices are the caller's and must live as long as the list is used.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"

struct replacement {
	size_t offset, length; /* of what is taken out; length 0 inserts */
	struct slice text;     /* what is put in; empty: nothing */
};

/* Puts the list in order and answers how many of it may be applied. Of those that say
 * the same about the same span one is kept; of those that reach into each other, or
 * insert at the same place, the first by offset. What is left over stands behind the
 * others, in no order. */
size_t replacement_arrange(struct replacement *list, size_t count);

/* Whether it is in order and lies within `bytes_len`. */
bool replacement_in_order(const struct replacement *list, size_t count, size_t bytes_len);

/* Appends the document with all of them made. Asserts that they are in order. */
void replacement_apply(struct slice bytes, const struct replacement *list, size_t count,
	struct buffer *out);

/* Says whether a document is what it should be with these made; `data` is the caller's.
 * Anything but 0 and 1 is an error of his own and ends the choice. */
typedef int replacement_judge_fn(
	void *data, const struct replacement *list, size_t count);

/* The safety net of whoever cannot tell in advance what a replacement does to the text
 * around it. Keeps as many as go together with the judge's consent: all, if he agrees;
 * otherwise halves are tried by themselves, and what is refused alone is left out.
 * `ret_kept[i]` tells of list[i]. He is asked about 2k·log2(n) times for k bad ones of n,
 * and at most `questions_max` times: what he could not be asked about is left out. The
 * kept ones are always a set that he has agreed to. 0, or the judge's error, or -1: no
 * memory. */
int replacement_choose(const struct replacement *list, size_t count,
	replacement_judge_fn *judge, void *data, uint32_t questions_max, bool *ret_kept);
