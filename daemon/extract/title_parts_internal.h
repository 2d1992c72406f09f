/* extract/title_parts_internal: whose words stand around the links of a group?
 *
 * "A Survey [paper] [code]" says what both links are. "[docs] | [A Guide for Beginners]"
 * says what the neighbour is, and the cells of a row are dates, sizes and licences as
 * often as titles. Such words can prove a page right, but not wrong.
 */
#pragma once

#include <stdbool.h>

#include "base/slice.h"

/* What is beyond these is of the last one. */
enum { TITLE_PARTS_MAX = 32 };

/* Where the cells of a row end in its text. Zeroed: of a paragraph or a list item, which
 * has no parts but itself. */
struct title_parts {
	size_t ends[TITLE_PARTS_MAX];
	unsigned count;
};

void title_parts_end_one(struct title_parts *parts, size_t end);

/* Whether a title made of the group is no more than what stands around its links: where
 * its words are a sentence, full stop and all ("It took three weeks ([paper])."). It is
 * not where one part alone names something and no link does, nor where the first part
 * that names something could be a title by itself, and no other could. `own` is the
 * group's text with spaces in the place of all links, `named_links` how many of these
 * have a text that names them. */
bool title_parts_are_loose(
	const struct title_parts *parts, struct slice own, unsigned named_links);

/* The text of a link that is the number of a note or an issue, or somebody's name:
 * "[12]", "#123", "@who". What stands before it is about anything. */
bool title_is_mark(struct slice text);

/* "Brown et al., 2020", "(Vaswani 2017)": who wrote it, and not what. */
bool title_is_citation(struct slice text);
