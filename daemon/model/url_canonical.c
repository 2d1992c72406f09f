#include "model/url_internal.h"

static bool is_unreserved(char c)
{
	return char_is_alpha(c) || char_is_digit(c) || c == '-' || c == '.' || c == '_' ||
	       c == '~';
}

/* Appends text with its triplets in upper case, and those of unreserved characters
 * decoded; unless the character would complete a triplet with a stray percent sign just
 * before it ("%%34%31"), which would then mean something else. */
static void add_normal(struct buffer *out, struct slice text)
{
	size_t after_stray =
		3; /* bytes written since a percent sign that begins nothing */
	for (size_t i = 0; i < text.len; i++, after_stray++) {
		int byte = url_triplet(text, i);
		if (byte < 0) {
			if (text.at[i] == '%')
				after_stray = 0;
			buffer_add_char(out, text.at[i]);
			continue;
		}
		if (is_unreserved((char)byte) && after_stray >= 3)
			buffer_add_char(out, (char)byte);
		else
			url_add_triplet(out, (char)byte);
		i += 2;
	}
}

typedef void add_text_fn(struct buffer *out, struct slice text);

/* The same URL without userinfo, its path and query written by `add`. Never longer than
 * it was, so that the limit holds. */
static int rewrite(struct arena *arena, const struct url *url, add_text_fn *add,
	bool fragment, struct url *ret_url)
{
	char bytes[URL_BYTES_MAX + 1];
	struct url_draft draft;
	url_draft_init(&draft, bytes);
	url_draft_scheme(&draft, url->scheme);
	url_draft_authority(&draft, url, false);
	draft.opaque = url->opaque;
	url_draft_begin_path(&draft);
	add(&draft.out, url->path);
	url_draft_end_path(&draft);
	if (url->has_query) {
		url_draft_begin_query(&draft);
		add(&draft.out, url->query);
	}
	if (url->has_fragment && fragment) {
		url_draft_begin_fragment(&draft);
		add(&draft.out, url->fragment);
	}
	return url_draft_finish(&draft, arena, ret_url);
}

int url_canonical(struct arena *arena, const struct url *url, struct url *ret_url)
{
	return rewrite(arena, url, add_normal, true, ret_url);
}

int url_request_target(struct arena *arena, const struct url *url, struct url *ret_url)
{
	return rewrite(arena, url, buffer_add, false, ret_url);
}

struct slice url_without_fragment(const struct url *url)
{
	size_t tail = url->has_fragment ? url->fragment.len + 1 : 0;
	return slice_sub(url->href, 0, url->href.len - tail);
}

uint16_t url_port(const struct url *url)
{
	int32_t port =
		url->port != URL_PORT_NONE ? url->port : url_scheme_port(url->scheme);
	return port > 0 ? (uint16_t)port : 0;
}
