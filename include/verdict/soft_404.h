/* verdict/soft_404: pages that are not there and are answered with 200 all the same.
 *
 * Pure, in two halves. The first looks at one page: it is alive by positive evidence, it
 * says itself that it is none, or nothing can be said. Only then a sibling is worth
 * asking for: an address beside it that surely does not exist (Bar-Yossef et al. 2004,
 * rot-and-papers 1.6). The second half makes that address and compares the two answers.
 * Who asks, how often and what is remembered of a kind is not decided here.
 *
 * In doubt a page is alive. A site that titles all its pages alike, an application whose
 * pages are filled by script, a page that wants a login: none of them is a soft 404.
 */
#pragma once

#include "base/arena.h"
#include "base/random.h"
#include "model/observation.h"
#include "verdict/title.h"

enum soft_404 {
	SOFT_404_NO,  /* alive, by positive evidence; or it cannot be told; or it is no
		       * page that we judge */
	SOFT_404_YES, /* the page itself says so, or a host's template does */
	SOFT_404_ASK, /* nothing speaks for the page: ask a sibling */
};

/* By the evidence of the page alone. `match` is what title_evidence() said of the list's
 * label. *ret_why is a constant part of a sentence, to stand behind "but" when the answer
 * is YES or ASK and behind "because" when it is NO. An exhausted arena gives NO. */
enum soft_404 soft_404_of_page(struct arena *scratch, const struct observation *seen,
	enum title_match match, const char **ret_why);

/* A URL beside `url` that surely does not exist, without fragment and userinfo; empty
 * when there is none (a front page), or no memory. All parts that may address the page
 * are changed: the last path segment becomes 25 random lower-case letters with the same
 * extension; an id-like value of the query (?id=) one of the same length and alphabet in
 * its place, the path then staying as it is unless its last segment reads like an address
 * of its own; and a number before the last segment (/questions/123/any-words), which is
 * often the true address. */
struct slice soft_404_sibling(
	struct arena *arena, struct slice url, struct random *random);

/* What siblings of one kind share: "https://a.org/papers/" "*.html", or
 * "https://a.org/forum?id=" "*"; a sibling has its URL's kind. Empty where there is no
 * sibling. */
struct slice soft_404_kind(struct arena *arena, struct slice url);

enum sibling_word {
	SIBLING_HONEST, /* the site tells missing pages: this page is one of its own */
	/* Both end at the same place, or look the same at their beginning: read both to
	 * their end before it counts. */
	SIBLING_SAME,
	SIBLING_OTHER, /* a 2xx too, but another page: nothing proven against the link */
	SIBLING_NONE,  /* no usable answer, or none that can tell the two apart */
};

/* What is kept of an observation for the comparison; texts in the arena. */
struct sibling_facts {
	int http_status;
	bool usable; /* an answer, no gate and nothing momentary */
	bool parsed, scripted;
	bool whole;     /* read to its end */
	bool says_gone; /* its title or heading has words of an error page, weak or not */
	bool surely_gone; /* strong ones */
	/* Sent to a route behind a "#", which names the place and which a script reads.
	 */
	bool routed;
	uint32_t text_bytes;
	struct page_sketch sketch;
	struct slice title; /* folded, with blanks for the joints of an address */
	/* Host and path, www. and the closing slash left out; the query behind. */
	struct slice asked_place, asked_query, final_place, final_query;
	/* What a page that repeats its URL would repeat, folded: the part that differs,
	 * the same with blanks, and path and query whole. */
	struct slice own, own_words, own_path;
};

void sibling_facts_of(struct arena *arena, const struct observation *seen,
	struct sibling_facts *ret_facts);

enum sibling_word soft_404_compare(
	const struct sibling_facts *page, const struct sibling_facts *sibling);

/* Of two that are SIBLING_SAME: true when more reading could not change that, because
 * both have been read to their end or both were sent to one and the same place. */
bool soft_404_is_certain(
	const struct sibling_facts *page, const struct sibling_facts *sibling);
