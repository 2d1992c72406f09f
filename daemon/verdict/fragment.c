#include "verdict/fragment_internal.h"

#include "verdict/verdict.h"

static bool is_digits(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!char_is_digit(text.at[i]))
			return false;
	return text.len > 0;
}

/* Scripts make these: routes of applications, line numbers of code viewers ("L10-L20",
 * "L3C5"), comments of GitHub. */
static bool is_made_by_script(struct slice fragment)
{
	static const struct slice prefixes[] = { { "/", 1 }, { "!", 1 }, { "diff-", 5 },
		{ "issuecomment-", 13 }, { "discussioncomment-", 18 },
		{ "discussion_r", 12 }, { "pullrequestreview-", 18 } };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (slice_starts(fragment, prefixes[i]))
			return true;
	if (!slice_starts(fragment, SLICE("L")))
		return false;
	size_t end = 1;
	while (end < fragment.len && char_is_digit(fragment.at[end]))
		end++;
	return is_digits(slice_sub(fragment, 1, end)) &&
	       (end == fragment.len || fragment.at[end] == '-' ||
		       fragment.at[end] == 'C');
}

bool fragment_needs_no_anchor(struct slice fragment)
{
	fragment = slice_sub(fragment, 0, slice_find(fragment, SLICE(":~:")));
	return fragment.len == 0 || slice_equal_nocase(fragment, SLICE("top")) ||
	       is_made_by_script(fragment);
}

/* --- of some sites ------------------------------------------------------------------ */

static struct slice host_of(struct slice url)
{
	size_t start = slice_find(url, SLICE("://"));
	struct slice host = slice_sub(url, start + 3, url.len);

	if (start == SLICE_NONE)
		return (struct slice){ 0 };
	return slice_sub(host, 0, slice_find_char(host, '/'));
}

/* "issue-12" is a number behind "issue-". */
static bool is_numbered(struct slice fragment, const struct slice *prefixes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (slice_starts(fragment, prefixes[i]) &&
			is_digits(slice_sub(fragment, prefixes[i].len, fragment.len)))
			return true;
	return false;
}

/* What happened to an issue, and the tabs above a README. */
static bool is_of_github(struct slice fragment)
{
	static const struct slice prefixes[] = { { "issue-", 6 }, { "event-", 6 },
		{ "commitcomment-", 14 }, { "ref-issue-", 10 },
		{ "ref-pullrequest-", 16 }, { "ref-commit-", 11 } };
	static const char *const tabs[] = { "readme", "readme-ov-file",
		"license-1-ov-file", "contributing-ov-file", "coc-ov-file",
		"security-ov-file", NULL };

	return is_numbered(fragment, prefixes, sizeof(prefixes) / sizeof(prefixes[0])) ||
	       slice_is_one_of_nocase(fragment, tabs);
}

/* Comments, and the lines of one of its files. */
static bool is_of_gist(struct slice fragment)
{
	static const struct slice prefixes[] = { { "gistcomment-", 12 } };

	return is_numbered(fragment, prefixes, 1) ||
	       (slice_starts(fragment, SLICE("file-")) &&
		       slice_find(fragment, SLICE("-L")) != SLICE_NONE);
}

/* "12-20": lines of Rust's source. */
static bool is_line_range(struct slice fragment)
{
	size_t dash = slice_find_char(fragment, '-');

	return dash != SLICE_NONE && is_digits(slice_sub(fragment, 0, dash)) &&
	       is_digits(slice_sub(fragment, dash + 1, fragment.len));
}

/* What a script keeps in it: "t=30" (W3C, Media Fragments), "gid=0" (a sheet), "page=3"
 * (a PDF), "svgView(...)", and the routes of documents of interfaces. Other names with
 * such signs are ids: "append(char)" of Java's, "History_(1990)" of a wiki's. */
static bool is_state(struct slice fragment)
{
	static const char *const starts[] = { "t=", "xywh=", "gid=", "range=", "heading=",
		"slide=", "page=", "tab=", "zoom=", "view=", "search=", "nameddest=",
		"_=_", "svgView(", "xpointer(", "epubcfi(", "element(", "tag/",
		"operation/", "?", NULL };

	for (const char *const *start = starts; *start != NULL; start++)
		if (slice_starts(fragment, slice_of(*start)))
			return true;
	return false;
}

bool fragment_is_of_script(struct slice url, struct slice fragment)
{
	static const struct slice notes[] = { { "note_",
		5 } }; /* GitLab, also one's own */
	struct slice host = host_of(url);

	if (slice_equal(host, SLICE("github.com")))
		return is_of_github(fragment);
	if (slice_equal(host, SLICE("gist.github.com")))
		return is_of_gist(fragment);
	return is_state(fragment) || is_line_range(fragment) ||
	       is_numbered(fragment, notes, 1);
}
