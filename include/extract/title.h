/* extract/title: what a list says a link is.
 *
 * A curated list states the title of every target, either as the link's text or beside
 * it ("- Title [[Paper]](URL)"). That label is the strongest evidence a check can have.
 */
#pragma once

#include "base/arena.h"
#include "base/slice.h"

/* The text; or, where the text names nothing (empty, a bare URL or mail address, a
 * number, a single character, or a generic word such as paper, pdf, link, here, blog,
 * code, github, website, project page, arXiv, slides, video, demo, dataset, model, "read
 * more", and, or; brackets, punctuation and emoji around it do not count), the context
 * without other such labels and without the punctuation that is left over; empty where
 * neither names anything, or where the context is longer than 300 bytes: that is prose.
 * (What reads Markdown and HTML leaves it empty, too, where a link that names nothing
 * stands within a sentence.) In the arena, or a view into an argument. */
struct slice expected_title(struct arena *arena, struct slice text, struct slice context);
