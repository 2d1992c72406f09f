#include "model/userinfo.h"

static const struct slice url_ends = { "/?#\\", 4 };
/* Not the apostrophe: passwords have some. */
static const struct slice text_ends = { "/?#\\ \t\n\v\f\r\"<>`|", 15 };

/* Behind the last "@" of the authority at `at`; `at` itself when it has none. */
static size_t userinfo_end(struct slice text, size_t at, struct slice ends)
{
	size_t end = at;

	for (; at < text.len && slice_find_char(ends, text.at[at]) == SLICE_NONE; at++)
		if (text.at[at] == '@')
			end = at + 1;
	return end;
}

void userinfo_split(struct slice url, struct slice *ret_front, struct slice *ret_rest)
{
	size_t scheme = slice_find(url, SLICE("://"));
	size_t start = scheme != SLICE_NONE ? scheme + 3 : url.len;
	size_t end = userinfo_end(url, start, url_ends);

	*ret_front = end > start ? slice_sub(url, 0, start) : url;
	*ret_rest = end > start ? slice_sub(url, end, url.len) : (struct slice){ 0 };
}

/* Behind a scheme, or where a URL without one may begin: not the second slash of a path,
 * which people's names stand behind ("medium.com//@name"). */
static bool begins_authority(struct slice text, size_t slashes)
{
	const struct slice fronts = SLICE(":([{<\"'`=,; \t\n\r");
	char front = slashes > 0 ? text.at[slashes - 1] : ' ';
	/* Quotes and marks of other scripts, too. */
	return (unsigned char)front >= 0x80 ||
	       slice_find_char(fronts, front) != SLICE_NONE;
}

/* Browsers take any number of them for two. */
static size_t skip_slashes(struct slice text, size_t at)
{
	while (at < text.len && (text.at[at] == '/' || text.at[at] == '\\'))
		at++;
	return at;
}

void userinfo_hide(struct buffer *out, struct slice text)
{
	size_t slashes;

	while ((slashes = slice_find(text, SLICE("//"))) != SLICE_NONE) {
		size_t start = skip_slashes(text, slashes);
		buffer_add(out, slice_sub(text, 0, start));
		size_t end = begins_authority(text, slashes)
				     ? userinfo_end(text, start, text_ends)
				     : start;
		text = slice_sub(text, end, text.len);
	}
	buffer_add(out, text);
}
