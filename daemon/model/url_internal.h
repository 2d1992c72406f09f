/* model/url_internal: what the files of the URL parser share.
 *
 * A URL is written front to back into a draft: one serialisation, and where its parts
 * begin and end. The draft's bytes are the caller's own (on the stack, URL_BYTES_MAX of
 * them), so that writing takes no memory and can fail for one reason only: the limit.
 */
#pragma once

#include "base/buffer.h"
#include "model/url.h"

/* ASCII characters; whatever is not ASCII belongs to every set that escapes. */
struct url_charset {
	uint64_t low, high;
};

#define URL_LOW(c)  ((c) < 64 ? UINT64_C(1) << ((c)&63) : 0)
#define URL_HIGH(c) ((c) >= 64 ? UINT64_C(1) << ((c)&63) : 0)

static inline bool url_charset_has(const struct url_charset *set, char c)
{
	unsigned char byte = (unsigned char)c;
	return ((byte < 64 ? set->low : set->high) >> (byte & 63) & 1) != 0;
}

/* The percent-encode sets of the standard, by the part they protect. */
extern const struct url_charset url_escape_opaque, url_escape_fragment, url_escape_query,
	url_escape_special_query, url_escape_path, url_escape_userinfo;

/* Appends text with the characters of `set` and all that is not ASCII percent-encoded;
 * malformed UTF-8 as U+FFFD, because that is what a browser has read. */
void url_add_escaped(
	struct buffer *out, struct slice text, const struct url_charset *set);

void url_add_triplet(struct buffer *out, char c);

/* The byte that the percent triplet at text.at[at] stands for; -1: there is none. */
int url_triplet(struct slice text, size_t at);

/* Appends text with its valid percent triplets decoded. */
void url_add_decoded(struct buffer *out, struct slice text);

struct url_span {
	size_t from, to;
};

struct url_draft {
	struct buffer out; /* over the caller's bytes: never grown, never freed */
	struct url_span scheme, username, password, host, path, query, fragment;
	int32_t port;
	bool has_host, has_query, has_fragment;
	bool opaque;
	bool special, file; /* of the scheme */
};

void url_draft_init(struct url_draft *draft, char bytes[static URL_BYTES_MAX + 1]);

/* In the order of the serialisation; a part that is absent is left out. Text that is
 * passed in must be in its final spelling; what follows a "begin" is appended to `out` by
 * the caller. */
void url_draft_scheme(struct url_draft *draft, struct slice scheme);
void url_draft_authority(struct url_draft *draft, const struct url *from, bool userinfo);
void url_draft_begin_host(struct url_draft *draft);
void url_draft_begin_path(struct url_draft *draft);
void url_draft_end_path(struct url_draft *draft);
void url_draft_begin_query(struct url_draft *draft);
void url_draft_begin_fragment(struct url_draft *draft);

/* -1: past the limit, or the arena is exhausted. */
int url_draft_finish(struct url_draft *draft, struct arena *arena, struct url *ret_url);

/* Appends the host `text` in its canonical spelling; -1 where the standard says failure.
 * `opaque`: of a scheme that is not special. */
int url_add_host(struct buffer *out, struct slice text, bool opaque);

/* Replaces out[start..] by its ASCII form: UTS 46, non-transitional, everything else not
 * strict, as the standard asks. Plain ASCII is only lowered, whatever its length. -1: not
 * a valid domain. */
int url_domain_to_ascii(struct buffer *out, size_t start);

/* Without the controls and spaces around it, which do not count. */
struct slice url_trim(struct slice input);

/* Length of a scheme at the front of `text`, without its colon; 0: none. */
size_t url_scheme_len(struct slice text);

/* The default port, 0 for file, -1 for a scheme that is not special. */
int32_t url_scheme_port(struct slice scheme);
