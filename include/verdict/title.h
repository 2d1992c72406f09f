/* verdict/title: is this the page that the list speaks of?
 *
 * Titles differ by case, punctuation, TeX, site names and decoration; papers are retitled
 * between versions. Compared are the words: token Jaccard >= 0.6, or the shorter
 * contained in the longer by >= 0.8 (in its order, because the titles of one field share
 * most of their words), is a match; Jaccard 0.3 to 0.6 may be retitled; below is another
 * page (rot-and-papers 1.7).
 */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/slice.h"
#include "model/observation.h"

enum title_match { TITLE_UNKNOWN, TITLE_MATCH, TITLE_RETITLED, TITLE_OTHER };

/* UNKNOWN where either side has no words to compare (fewer than two, or fewer than eight
 * letters in all). In doubt, too: a label of two words or a title in another script that
 * does not match is UNKNOWN, not OTHER. Either side may carry a site's name before or
 * behind. Reads at most 1 KiB and 64 words of each; an exhausted arena gives UNKNOWN. */
enum title_match title_compare(
	struct arena *scratch, struct slice expected, struct slice found);

/* Two labels of one link that cannot mean the same thing: no word in common, and one of
 * them a title (three words or more, at most TITLE_LABEL_WORDS_MAX: more is a sentence).
 * In doubt, and of two scripts, false. */
enum { TITLE_LABEL_WORDS_MAX = 24 };
bool title_labels_differ(struct arena *scratch, struct slice a, struct slice b);

/* The best match over citation_title, og:title, <title> and <h1>. TITLE_OTHER only when
 * there is a title that could have matched; <h1> alone never gives it, because it is
 * often the site's name. */
enum title_match title_evidence(
	struct arena *scratch, struct slice expected, const struct page_facts *page);
