/* probe/answer: reads one HTTP answer as it arrives.
 *
 * Takes header lines and decoded body bytes in the order of the wire, keeps the few facts
 * that matter and says when the rest is of no use. Knows nothing of libcurl. All text
 * kept is in the arena it was given; a page parser and a kept body are the answer's own
 * until answer_fini.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "extract/page.h"
#include "model/observation.h"
#include "policy/rate_limit.h"
#include "probe/cookies_internal.h"

struct answer_wish {
	enum method method;
	bool want_body, want_anchors;
	bool want_text;         /* all words of the page count, not only the first */
	struct cookie_jar *jar; /* of the chain; NULL: none are kept */
	const struct url *url;  /* that is asked; NULL: not said */
	size_t header_bytes_max;
	size_t body_bytes_max;
};

enum body_use {
	BODY_SKIP,  /* of no use */
	BODY_SNIFF, /* without a type: the first bytes decide */
	BODY_PARSE,
	BODY_KEEP,
};

struct answer {
	struct arena *arena;
	struct answer_wish wish;

	int status; /* of the last status line; 1xx ones are overwritten */
	bool http2;
	bool complete;  /* final status line and headers are all there */
	bool too_large; /* the headers were */
	bool malformed;
	bool in_block; /* between a status line and its empty line */
	size_t header_bytes;
	struct buffer field; /* the last line: the next may belong to it */
	struct slice location, retry_after, refresh, date, etag, last_modified, sunset,
		successor;
	bool stored; /* by a cache, some time ago: Age */
	struct rate_limit rate_limit;
	struct slice content_type, charset;
	int64_t content_length; /* -1: not said */
	bool chunked, closing;  /* how the body and the connection end */
	uint8_t encodings;      /* layers of Content-Encoding and Transfer-Encoding */
	uint32_t wall_marks;    /* bits of enum wall, judged with the status */

	enum body_use body_use;
	bool body_enough; /* what still comes changes nothing */
	bool body_cut;    /* the cap was reached */
	int64_t body_bytes;
	int64_t swallow_max; /* useless bytes read to keep the connection */
	int64_t swallowed;
	struct page *page;
	struct buffer body;
};

void answer_init(
	struct answer *answer, struct arena *arena, const struct answer_wish *wish);
void answer_fini(struct answer *answer); /* accepts a zeroed one */

/* One line with or without its line end; one that begins with a blank goes on with the
 * field before it (RFC 9112 5.2). False: read no further. */
bool answer_header(struct answer *answer, struct slice line);
bool answer_body(struct answer *answer, struct slice bytes);

/* The server has ended it. An interim answer is then the final one. */
void answer_end(struct answer *answer);

/* Nobody here can read the body, which is known before all headers are: those that came
 * are the answer. */
void answer_give_up_body(struct answer *answer);

/* Once complete. */
enum wall answer_wall(const struct answer *answer);

/* "5; url=https://…": false without a target. */
bool refresh_parse(struct slice value, int32_t *ret_delay_s, struct slice *ret_target);
