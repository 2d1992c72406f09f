/* verdict/words: what a title or heading says of its page, whatever the language.
 *
 * A title is folded and cut into parts where sites put their names ("Page not found |
 * Site"); words count only where they are a whole part, because people write about them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

enum { WORDS_TEXT_MAX = 1024 };

/* Lower case, composed, with the typewriter's apostrophe; of the first 1 KiB. */
struct slice words_fold(struct arena *arena, struct slice text);

struct words_part {
	struct slice text; /* without white space around it, never empty */
	bool colon;        /* set off from what comes behind by a colon */
};

/* Takes the next part off a folded text; false at the end. */
bool words_next_part(struct slice *rest, struct words_part *ret_part);

/* Whether it is one of them, whole. */
bool words_are_among(struct slice text, const struct slice *list, size_t count);

/* Whether a page is about what its title says: the last segment of its address spells a
 * part that `is_evidence`, and there is something to read. The page at
 * /help/account-suspended is no sign of that. */
bool words_are_about(struct slice title, struct slice url, uint32_t text_bytes,
	bool (*is_evidence)(struct slice part));

enum gone_words {
	GONE_NONE,
	GONE_VAGUE,  /* "error", "unavailable" */
	GONE_WEAK,   /* "404" or "not found", which may be a name */
	GONE_STRONG, /* "page not found", "404 not found" */
};

/* Of a folded title; and whether one part of it has any of these words. */
enum gone_words words_of_gone(struct slice title);
bool words_tell_gone(struct slice part);

/* --- of pages that stand before others (words_barrier.c) --- */

/* Of a title as it stands: YouTube's, without the name of a video. */
bool words_name_no_video(struct slice title);

/* Of a folded title: its hosting company has switched the site off. *ret_alone: it says
 * nothing else. */
bool words_of_closing(struct slice title, bool *ret_alone);

/* Of a folded title: why this page is shown instead of another, if there is little else
 * on it: maintenance, no script, an old browser, an age. */
bool words_of_excuse(struct slice title);

/* A page that stands before others. */
enum barrier_words {
	BARRIER_NONE,
	BARRIER_LOGIN,
	BARRIER_CONSENT, /* to cookies */
	BARRIER_ROBOT,   /* "are you a robot?" */
	BARRIER_REFUSAL, /* "access denied" */
	BARRIER_OTHER,   /* of maintenance, or for another browser */
};

/* Of a folded title. */
enum barrier_words words_of_barrier(struct slice title);
