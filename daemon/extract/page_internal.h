/* extract/page_internal: the parts of the page reader: facts, charsets and bot walls.
 *
 * page.c takes the pieces and makes tokens of them, page_facts.c reads the tokens,
 * page_charset.c knows charsets, page_marks.c knows challenge pages and parked domains,
 * page_boxes.c knows the lines above a paper or a repository, page_sketch.c makes a small
 * picture of the words.
 */
#pragma once

#include <iconv.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "extract/html_tokens_internal.h"
#include "extract/page.h"
#include "model/observation.h"

/* --- charsets ---
 *
 * All charsets that the web uses but UTF-16 and ISO 2022 leave '<' and its friends alone,
 * so a page is tokenised as it comes and only the facts kept are converted, at the end.
 */

/* Whether pages in this charset must be converted before they can be read. */
bool charset_is_wide(struct slice label);

/* The text in UTF-8, in the arena or as it stands. An empty or unknown label means UTF-8
 * where the bytes are that, else windows-1252; wrong bytes become U+FFFD. */
struct slice charset_convert(struct arena *arena, struct slice label, struct slice text);

/* Converts a wide charset piece by piece. */
struct charset_stream {
	iconv_t iconv;
	bool open;
	char rest[8]; /* of a character cut in two */
	size_t rest_len;
};

/* False: no such converter. */
bool charset_stream_open(struct charset_stream *stream, struct slice label);
void charset_stream_close(struct charset_stream *stream);

/* Takes bytes off *bytes and appends UTF-8 to `out`, at most about 4 KiB, so that it is
 * called until *bytes is empty. */
void charset_stream_next(
	struct charset_stream *stream, struct slice *bytes, struct buffer *out);

/* Characters one by one, for documents, whose places must be told. */
enum { CHARSET_CHARACTER_MAX = 16 };

struct charset_pair {
	iconv_t decoder, encoder;
};

/* False where there is nothing to convert: UTF-8, a wide charset, or an unknown one. */
bool charset_pair_open(struct charset_pair *pair, struct slice label);
void charset_pair_close(struct charset_pair *pair);

/* The character that `text`, not in ASCII, begins with, as UTF-8; U+FFFD for a wrong
 * byte. Returns how many bytes of `text` it is. */
size_t charset_decode(struct charset_pair *pair, struct slice text,
	char room[static CHARSET_CHARACTER_MAX], size_t *ret_len);

/* Appends the character as a URL's query has it: in ASCII as it is, else percent-encoded
 * in the charset, or as a character reference where the charset has no such character. */
void charset_add_escaped(
	struct charset_pair *pair, struct buffer *out, uint32_t code_point);

/* --- bot walls and parked domains ---
 *
 * Only what such pages alone have: in scripts and attributes, never in the text, for
 * people write about these words; and not the snippets that the same vendors put into the
 * ordinary pages they protect. */

enum { MARK_TAIL = 40 }; /* at least the longest mark */

enum {
	PAGE_MARK_WALL = 1 << 0,
	PAGE_MARK_WEAK_WALL = 1 << 1, /* proves something only on an empty page without a
					 title */
	PAGE_MARK_WIDGET = 1 << 2,    /* forms have it too; under a wall's title only */
	PAGE_MARK_PARKED = 1 << 3,
	/* Proves something only on a page of nothing else: no title, no text, and no wish
	 * to be found. */
	PAGE_MARK_BLANK_WALL = 1 << 4,
	PAGE_MARK_VIDEO_GONE = 1 << 5,
	PAGE_MARK_BLANK_PARKED = 1 << 6, /* where there is nothing to see */
};

struct page_marks {
	unsigned found; /* a set of the above */
	char tail[MARK_TAIL];
	size_t tail_len;
	size_t searched;
};

void page_marks_tag(struct page_marks *marks, enum html_element element,
	const struct html_attributes *attributes);

/* The same by what the tag is written with, for the many tags whose attributes nobody
 * reads. */
void page_marks_tag_text(
	struct page_marks *marks, enum html_element element, struct slice tag);

/* Script or iframe text, which may come in pieces; begins anew after page_marks_tag. */
void page_marks_text(struct page_marks *marks, struct slice text);

/* By the marks and the other facts, which must be complete. `empty`: the whole page was
 * read and shows next to nothing. */
bool page_marks_challenge(
	const struct page_marks *marks, const struct page_facts *facts, bool empty);
bool page_marks_parked(const struct page_marks *marks, const struct page_facts *facts);

/* --- the picture of the words ---
 *
 * Over the page's own bytes, before charset and character references: it is compared with
 * that of another page of the same site only. Without memory; one multiplication a byte
 * and one hash a word. */

enum { PAGE_SALE_PHRASES = 8, PAGE_GONE_PHRASES = 3 };

struct page_words {
	struct page_sketch sketch;
	/* What sellers and registrars of domains and error pages say, as hashes of three
	 * words. */
	uint64_t sale[PAGE_SALE_PHRASES], gone_phrases[PAGE_GONE_PHRASES];
	bool for_sale, gone;
	bool path;     /* within a path, the first sign of which stood for all of it */
	bool letter;   /* the last byte was neither white space nor the start of a part */
	uint64_t hash; /* of the word under way */
	uint64_t before[2];
	uint32_t len;   /* of the word under way, in bytes */
	uint32_t count; /* of the words before it, at most 3 */
};

void page_words_init(struct page_words *words);
void page_words_add(struct page_words *words, struct slice text);

/* A word ends here whatever comes next. */
void page_words_part(struct page_words *words);

/* Of fewer than three words the picture is of the words themselves. */
void page_words_finish(struct page_words *words, struct page_sketch *ret_sketch);

/* --- the lines above a paper or a repository --- */

enum { PAGE_BOX_MAX = 256 };

struct page_boxes {
	struct page_box {
		char at[PAGE_BOX_MAX];
		size_t len;
	} list[PAGE_BOXES];
	uint32_t count;            /* the one under way included */
	enum html_element element; /* of the one under way */
	uint32_t depth; /* of its elements that are open; 0: none is under way */
};

void page_boxes_tag(struct page_boxes *boxes, const struct html_token *token);
void page_boxes_text(struct page_boxes *boxes, struct slice text);

/* Appends to the `len` bytes at `at` what has room in `bytes_max`, without white space in
 * front of all; returns the new length. */
size_t page_gather(char *at, size_t len, size_t bytes_max, struct slice text);

/* --- facts ---
 *
 * Kept as they come, in the page's own charset: that may be said behind them. */

enum { PAGE_RAW_MAX = 2 * 1024 };

/* Text gathered over several tokens. */
struct page_gathered {
	char at[PAGE_RAW_MAX];
	size_t len;
	bool whole; /* its element has ended */
};

struct page_raw_facts {
	struct slice citation_title, dc_title, og_title, canonical;
	struct slice arxiv_id, doi, refresh, base;
};

enum { PAGE_SCRIPT_HEAD = 128 };

struct page_reader {
	struct arena *arena;
	struct page_options options;
	struct slice charset; /* the header's, or the page's own */
	struct page_raw_facts raw;
	struct page_facts facts; /* its texts are filled in at the end */
	struct page_marks marks;
	struct page_words words;
	/* How the inline script under way begins: what a visit counter is known by. */
	char script[PAGE_SCRIPT_HEAD];
	uint32_t script_len;
	bool script_counts; /* it is one that a browser runs, and not judged yet */
	struct page_boxes boxes;
	struct page_gathered title, heading;
	struct page_gathered *gathering;
	uint32_t template_depth;
	bool head_over;
	bool body_seen; /* the page itself says that the head is over */
	bool in_noscript;
	bool space; /* the visible text so far ends in white space */
	struct slice *anchors;
	uint32_t anchor_count, anchor_room;
};

void page_reader_token(struct page_reader *page, const struct html_token *token);
/* After the last token: an inline script may have been cut. */
void page_reader_end(struct page_reader *page);

/* Whether what is wanted is known; true at the same byte whatever the pieces were. */
bool page_reader_enough(const struct page_reader *page);
