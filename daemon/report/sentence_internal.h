/* report/sentence: what is being said, before it is escaped.
 *
 * The functions of format/words append raw text, in which a server's or a document's word
 * may hold a URL with a password. A writer builds each sentence here and escapes what
 * comes out.
 */
#pragma once

#include "base/buffer.h"
#include "base/slice.h"

struct sentence {
	struct buffer said, bare; /* reused */
};

void sentence_init(struct sentence *sentence);
void sentence_fini(struct sentence *sentence);

/* Empty, to be appended to. */
struct buffer *sentence_begin(struct sentence *sentence);

/* Without the userinfo of all URLs in it, until the next call. What was refused memory
 * makes `out` fail. */
struct slice sentence_end(struct sentence *sentence, struct buffer *out);

/* Likewise, of words_url alone: a second "://" in it is a piece of its path. */
struct slice sentence_end_url(struct sentence *sentence, struct buffer *out);
