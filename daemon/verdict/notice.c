#include "verdict/notice.h"

#include "model/url.h"

enum {
	/* What stands above GitHub's banner is a menu of some three thousand bytes. */
	TEXT_BYTES_BEFORE = 8192,
	VERSION_MAX = 99999,
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* --- marks before the title -------------------------------------------------------- */

/* Publishers put these words before the title, in capitals. */
static note_set title_mark(struct slice title)
{
	static const struct {
		struct slice words;
		enum note note;
	} marks[] = {
		{ { "RETRACTED:", 10 }, NOTE_RETRACTED },
		{ { "RETRACTED ARTICLE:", 18 }, NOTE_RETRACTED },
		{ { "[RETRACTED]", 11 }, NOTE_RETRACTED },
		{ { "WITHDRAWN:", 10 }, NOTE_WITHDRAWN },
		{ { "[WITHDRAWN]", 11 }, NOTE_WITHDRAWN },
	};
	for (size_t i = 0; i < LENGTH(marks); i++)
		if (slice_starts(slice_trim(title), marks[i].words))
			return NOTE_BIT(marks[i].note);
	return 0;
}

/* --- arXiv (arxiv-browse, templates/abs) ------------------------------------------- */

static bool begins_with(struct slice box, const char *const *beginnings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct slice words = slice_of(beginnings[i]);
		if (slice_starts(box, words) &&
			(box.len == words.len || !char_is_alpha(box.at[words.len])))
			return true;
	}
	return false;
}

/* Of the one that was asked for, or of a newer one. */
static bool is_withdrawal(struct slice box)
{
	static const char *const beginnings[] = { "This paper has been withdrawn",
		"This submission has been withdrawn",
		"A newer version of this paper has been withdrawn",
		"A newer version of this submission has been withdrawn" };

	return begins_with(box, beginnings, LENGTH(beginnings));
}

/* "v3" at the end of `text`. */
static bool version_at_end(struct slice text, uint64_t *ret_version)
{
	size_t begin = text.len;

	while (begin > 0 && char_is_digit(text.at[begin - 1]))
		begin--;
	return begin > 0 && text.at[begin - 1] == 'v' &&
	       slice_to_number(
		       slice_sub(text, begin, text.len), VERSION_MAX, ret_version);
}

/* "[Submitted on 28 Jan 2026 (this version), latest version 2 Feb 2026 (v3)]": only a
 * page of an older version names the latest. */
static bool names_newer(struct slice box, uint64_t version)
{
	static const struct slice words = { ", latest version ", 17 };
	uint64_t latest;
	size_t at = slice_find(box, words);

	if ((!slice_starts(box, SLICE("[Submitted on ")) &&
		    !slice_starts(box, SLICE("(Submitted on "))) ||
		at == SLICE_NONE)
		return false;
	struct slice rest = slice_sub(box, at + words.len, box.len);
	size_t open = slice_find_char(rest, '(');
	if (open == SLICE_NONE)
		return false;
	rest = slice_sub(rest, open + 1, rest.len);
	rest = slice_sub(rest, 0, slice_find_char(rest, ')'));
	return slice_starts(rest, SLICE("v")) && version_at_end(rest, &latest) &&
	       latest > version;
}

static note_set arxiv_notes(const struct page_facts *page, struct slice path)
{
	uint64_t version;
	note_set notes = 0;

	if (!slice_starts(path, SLICE("/abs/")))
		return 0;
	bool named = version_at_end(path, &version);
	for (uint32_t i = 0; i < page->box_count; i++) {
		if (is_withdrawal(page->boxes[i]))
			notes |= NOTE_BIT(NOTE_WITHDRAWN);
		if (named && names_newer(page->boxes[i], version))
			notes |= NOTE_BIT(NOTE_SUPERSEDED);
	}
	/* The version that would be better is the one that was withdrawn. */
	return (notes & NOTE_BIT(NOTE_WITHDRAWN)) != 0 ? NOTE_BIT(NOTE_WITHDRAWN) : notes;
}

/* --- GitHub ------------------------------------------------------------------------ */

/* "/OWNER/NAME" and what is below. */
static bool is_repository(struct slice path)
{
	struct slice part, rest = slice_sub(path, 1, path.len);

	return slice_split(&rest, '/', &part) && part.len > 0 &&
	       slice_split(&rest, '/', &part) && part.len > 0;
}

static note_set github_notes(const struct page_facts *page, struct slice path)
{
	static const char *const beginnings[] = {
		"This repository has been archived by the owner",
		"This repository was archived by the owner"
	};

	for (uint32_t i = 0; is_repository(path) && i < page->box_count; i++)
		if (begins_with(page->boxes[i], beginnings, LENGTH(beginnings)))
			return NOTE_BIT(NOTE_REPOSITORY_ARCHIVED);
	return 0;
}

static bool names_repository(const struct url *url)
{
	return (slice_equal(url->host, SLICE("github.com")) ||
		       slice_equal(url->host, SLICE("www.github.com"))) &&
	       is_repository(url->path);
}

/* A page elsewhere may point at another repository any day, and rightly so. */
static void take_repository(struct arena *scratch, const struct observation *seen,
	const struct url *last, struct verdict *verdict)
{
	const struct page_facts *page = &seen->page;
	struct url first;

	if (page->repository_id == 0 || page->owner_id == 0 || !names_repository(last) ||
		url_parse(scratch, seen->hops[0].url, NULL, &first) < 0 ||
		!names_repository(&first))
		return;
	verdict->repository_id = page->repository_id;
	verdict->owner_id = page->owner_id;
}

/* --- by host ----------------------------------------------------------------------- */

static const struct {
	struct slice host;
	note_set (*read)(const struct page_facts *page, struct slice path);
} hosts[] = {
	{ { "arxiv.org", 9 }, arxiv_notes },
	{ { "www.arxiv.org", 13 }, arxiv_notes },
	{ { "export.arxiv.org", 16 }, arxiv_notes },
	{ { "github.com", 10 }, github_notes },
	{ { "www.github.com", 14 }, github_notes },
};

bool notice_host(struct slice host, uint32_t *ret_text_bytes)
{
	for (size_t i = 0; i < LENGTH(hosts); i++)
		if (slice_equal(host, hosts[i].host)) {
			*ret_text_bytes = TEXT_BYTES_BEFORE;
			return true;
		}
	return false;
}

static note_set box_notes(const struct page_facts *page, const struct url *url)
{
	for (size_t i = 0; i < LENGTH(hosts); i++)
		if (slice_equal(url->host, hosts[i].host))
			return hosts[i].read(page, url->path);
	return 0;
}

/* --- headers ----------------------------------------------------------------------- */

static struct slice without_fragment(struct slice href)
{
	return slice_sub(href, 0, slice_find_char(href, '#'));
}

/* RFC 5829; a page that names itself has no newer version. */
static bool has_successor(
	struct arena *scratch, struct slice successor, const struct url *page)
{
	struct url target;

	return successor.len > 0 && url_parse(scratch, successor, page, &target) == 0 &&
	       (slice_equal(target.scheme, SLICE("https")) ||
		       slice_equal(target.scheme, SLICE("http"))) &&
	       !slice_equal(without_fragment(target.href), without_fragment(page->href));
}

void notice_read(
	struct arena *scratch, const struct observation *seen, struct verdict *verdict)
{
	const struct page_facts *page = &seen->page;
	struct url url;

	if (page->parsed)
		verdict->notes |=
			title_mark(page->title) | title_mark(page->citation_title);
	if (seen->hop_count == 0 ||
		(page->box_count == 0 && page->repository_id == 0 &&
			seen->successor.len == 0) ||
		url_parse(scratch, seen->hops[seen->hop_count - 1].url, NULL, &url) < 0)
		return;
	if (has_successor(scratch, seen->successor, &url))
		verdict->notes |= NOTE_BIT(NOTE_SUPERSEDED);
	verdict->notes |= box_notes(page, &url);
	take_repository(scratch, seen, &url, verdict);
}
