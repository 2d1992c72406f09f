#include "verdict/soft_404.h"

#include "model/url.h"
#include "verdict/gate.h"
#include "verdict/hop_class_internal.h"
#include "verdict/redirect.h"
#include "verdict/soft_404_internal.h"
#include "verdict/words_internal.h"

enum {
	GONE_TEXT_MAX = 1500,  /* more visible text is an article */
	EXCUSE_TEXT_MAX = 700, /* with more, there is a page behind the word */
	CLOSED_TEXT_MAX = 700, /* with more, it is help for those who were closed */
	TINY_TEXT_MAX = 256,   /* with less, a title that may be a name is none */
	EMPTY_TEXT_MAX = 64,   /* "Loading…": what a script is about to fill */
	SHELL_TEXT_MAX = 1024, /* with less, a scripted page may be a frame for more */
	ID_MIN = 4,
	SEGMENTS_MAX = 4,
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

struct sight {
	struct arena *scratch;
	const struct observation *seen;
	const struct page_facts *page;
	struct url asked, final;
	bool moved;    /* another page than the one asked for, after redirects */
	bool to_index; /* moved, to a page that many addresses are sent to */
	struct slice title, heading; /* folded */
	enum gone_words words;
	bool barrier;
	/* Its title or heading says that the site was switched off; and nothing else. */
	bool closed, closed_alone;
};

/* --- addresses --------------------------------------------------------------------- */

/* The same page in another spelling. */
static bool is_same_page(const struct url *a, const struct url *b)
{
	switch (redirect_classify(a, b)) {
	case HOP_CLASS_SAME:
	case HOP_CLASS_SCHEME_UPGRADE:
	case HOP_CLASS_SCHEME_DOWNGRADE:
	case HOP_CLASS_WWW_TOGGLE:
	case HOP_CLASS_SLASH:
	case HOP_CLASS_CASE:
	case HOP_CLASS_TRACKING:
	case HOP_CLASS_SESSION:
		return true;
	case HOP_CLASS_HOST_MOVE:
	case HOP_CLASS_PATH_MOVE:
	case HOP_CLASS_TO_ROOT:
	case HOP_CLASS_LOGIN:
	case HOP_CLASS_CONSENT:
	case HOP_CLASS_CHALLENGE:
	case HOP_CLASS_LOCALE:
	case HOP_CLASS_RELEASE:
	case HOP_CLASS_DOI:
		break;
	}
	return false;
}

/* A whole segment, but for what stands behind its dot. */
static bool has_segment(struct slice path, const char *const *names)
{
	struct slice segment;

	while (url_next_segment(&path, &segment))
		if (slice_is_one_of_nocase(
			    slice_sub(segment, 0, slice_find_char(segment, '.')), names))
			return true;
	return false;
}

static bool names_error(const struct url *url)
{
	static const char *const names[] = { "404", "404error", "404-error", "404_error",
		"error404", "error-404", "error_404", "notfound", "not-found",
		"not_found", "pagenotfound", "page-not-found", "page_not_found",
		"filenotfound", "errorpage", "error-page", "error_page", "error",
		"errors", NULL };

	return has_segment(url->path, names);
}

/* A page that what is missing is sent to. */
static bool is_index(const struct url *url)
{
	static const char *const names[] = { "search", "blog", "news", "home", "index",
		"default", "sitemap", "site-map", "archive", "archives", "all", NULL };
	struct slice last = url_last_segment(url->path);

	return url_is_front(url) ||
	       slice_is_one_of_nocase(
		       slice_sub(last, 0, slice_find_char(last, '.')), names);
}

/* --- positive evidence ------------------------------------------------------------- */

static struct slice bare_id(struct slice id)
{
	static const char *const prefixes[] = { "arxiv:", "doi:", "https://doi.org/",
		"http://dx.doi.org/", NULL };

	for (const char *const *p = prefixes; *p != NULL; p++)
		if (slice_starts_nocase(id, slice_of(*p)))
			return slice_trim(slice_sub(id, strlen(*p), id.len));
	return slice_trim(id);
}

static bool has_citation(const struct sight *sight)
{
	struct slice id = bare_id(sight->page->citation_id);

	if (sight->page->citation_title.len > 0)
		return true;
	return id.len >= ID_MIN &&
	       (slice_find_nocase(sight->asked.href, id) != SLICE_NONE ||
		       slice_find_nocase(sight->final.href, id) != SLICE_NONE);
}

enum canonical { CANONICAL_NONE, CANONICAL_SELF, CANONICAL_FRONT };

/* Where the page says it lives. That an index is its own canonical page says nothing of
 * what was sent to it. */
static enum canonical canonical_of(const struct sight *sight)
{
	struct url canonical;

	if (sight->page->canonical.len == 0 ||
		url_parse(sight->scratch, sight->page->canonical, &sight->final,
			&canonical) != 0 ||
		!canonical.http)
		return CANONICAL_NONE;
	if (url_is_front(&canonical))
		return CANONICAL_FRONT;
	if (is_same_page(&sight->asked, &canonical) ||
		(!sight->to_index && is_same_page(&sight->final, &canonical)))
		return CANONICAL_SELF;
	return CANONICAL_NONE;
}

/* --- templates of hosts ------------------------------------------------------------ */

/* For papers it does not have, OpenReview shows the page's frame with its own title and
 * none of the paper's facts (openreview-web, app/forum/page.js). */
static bool is_openreview_missing(const struct sight *sight)
{
	return slice_equal(sight->page->title, SLICE("Forum | OpenReview")) &&
	       sight->page->citation_title.len == 0 &&
	       slice_equal(sight->final.path, SLICE("/forum")) &&
	       slice_find(sight->final.query, SLICE("id=")) != SLICE_NONE;
}

static unsigned split_path(struct slice path, struct slice segments[SEGMENTS_MAX])
{
	struct slice segment;
	unsigned count = 0;

	while (count < SEGMENTS_MAX && url_next_segment(&path, &segment))
		if (segment.len > 0)
			segments[count++] = segment;
	return count;
}

/* Without a wiki, its pages lead to the repository. */
static bool is_github_wiki_missing(const struct sight *sight)
{
	struct slice asked[SEGMENTS_MAX], final[SEGMENTS_MAX];

	return split_path(sight->asked.path, asked) >= 3 &&
	       slice_equal(asked[2], SLICE("wiki")) &&
	       split_path(sight->final.path, final) == 2;
}

/* The blog of a name that nobody has. */
static bool is_wordpress_typo(const struct sight *sight)
{
	return slice_starts(sight->final.path, SLICE("/typo")) &&
	       slice_find(sight->final.query, SLICE("subdomain=")) != SLICE_NONE;
}

/* A video that was removed has a page all the same. */
static bool is_youtube_missing(const struct sight *sight)
{
	return sight->page->video_gone && words_name_no_video(sight->page->title);
}

static const struct template
{
	const char *host; /* it, or one below it, in the end */
	bool (*is_missing)(const struct sight *sight);
}
templates[] = {
	{ "openreview.net", is_openreview_missing },
	{ "github.com", is_github_wiki_missing },
	{ "wordpress.com", is_wordpress_typo },
	{ "youtube.com", is_youtube_missing },
};

static bool is_host_or_below(struct slice host, struct slice domain)
{
	if (!slice_ends(host, domain))
		return false;
	return host.len == domain.len || host.at[host.len - domain.len - 1] == '.';
}

static bool is_template(const struct sight *sight)
{
	for (size_t i = 0; i < LENGTH(templates); i++)
		if (is_host_or_below(sight->final.host, slice_of(templates[i].host)) &&
			templates[i].is_missing(sight))
			return true;
	return false;
}

/* --- what the page says ------------------------------------------------------------ */

/* Next to nothing to see, and scripts: what is there now is not the page. */
static bool is_shell(const struct page_facts *page, uint32_t text_max)
{
	return page->text_bytes < text_max && page->scripted;
}

static bool is_about(const struct sight *sight, bool (*is_evidence)(struct slice part))
{
	struct slice url = sight->asked.href;
	uint32_t text_bytes = sight->page->text_bytes;

	return words_are_about(sight->title, url, text_bytes, is_evidence) ||
	       words_are_about(sight->heading, url, text_bytes, is_evidence);
}

/* Whether the page itself proves that it is none. The title of an empty shell is that of
 * all its pages; a URL that itself names an error is an article about it. */
static bool says_gone(const struct sight *sight)
{
	const struct page_facts *page = sight->page;

	if (page->text_bytes >= GONE_TEXT_MAX || names_error(&sight->asked))
		return false;
	if (is_shell(page, EMPTY_TEXT_MAX) && page->heading.len == 0)
		return false;
	if (is_about(sight, words_tell_gone))
		return false;
	if (sight->words == GONE_STRONG)
		return true;
	return page->text_bytes < TINY_TEXT_MAX &&
	       (sight->words == GONE_WEAK ||
		       (sight->words == GONE_VAGUE && page->gone_words));
}

/* A handbook has pages about errors, too: with more to read, a sibling must show it. */
static bool sent_to_error(const struct sight *sight)
{
	if (!sight->moved || names_error(&sight->asked))
		return false;
	return names_error(&sight->final) && sight->page->text_bytes < GONE_TEXT_MAX;
}

/* --- the judgement ----------------------------------------------------------------- */

static bool is_judged(const struct observation *seen)
{
	enum reason reason;
	const char *why;

	return (seen->failure == REASON_OK || seen->failure == REASON_BODY_TOO_LARGE) &&
	       is_page_status(seen->http_status) && seen->page.parsed &&
	       seen->hop_count > 0 && !gate_check(seen, &reason, &why);
}

static enum gone_words worse(enum gone_words a, enum gone_words b)
{
	return a > b ? a : b;
}

static bool tells_closing(struct slice part)
{
	bool alone;
	return words_of_closing(part, &alone);
}

static bool look(
	struct arena *scratch, const struct observation *seen, struct sight *ret_sight)
{
	*ret_sight =
		(struct sight){ .scratch = scratch, .seen = seen, .page = &seen->page };
	if (url_parse(scratch, seen->hops[0].url, NULL, &ret_sight->asked) != 0 ||
		url_parse(scratch, seen->final_url, NULL, &ret_sight->final) != 0)
		return false;
	ret_sight->moved = seen->hop_count > 1 &&
			   !is_same_page(&ret_sight->asked, &ret_sight->final);
	ret_sight->to_index = ret_sight->moved && is_index(&ret_sight->final) &&
			      !is_index(&ret_sight->asked);
	struct slice title = words_fold(scratch, seen->page.title);
	struct slice heading = words_fold(scratch, seen->page.heading);
	ret_sight->title = title;
	ret_sight->heading = heading;
	ret_sight->words = worse(words_of_gone(title), words_of_gone(heading));
	ret_sight->closed =
		(words_of_closing(title, &ret_sight->closed_alone) ||
			words_of_closing(heading, &ret_sight->closed_alone)) &&
		!is_about(ret_sight, tells_closing);
	bool little = seen->page.text_bytes < EXCUSE_TEXT_MAX;
	ret_sight->barrier =
		(little && (words_of_excuse(title) || words_of_excuse(heading))) ||
		seen->page.password_field || words_of_barrier(title) != BARRIER_NONE ||
		words_of_barrier(heading) != BARRIER_NONE;
	return !scratch->failed;
}

/* Nothing is proven: whether a sibling could tell. */
static enum soft_404 judge_silent(
	const struct sight *sight, enum canonical canonical, const char **ret_why)
{
	const struct page_facts *page = sight->page;
	bool shell = is_shell(page, EMPTY_TEXT_MAX);
	bool whole = page->whole && !sight->seen->body_partial;

	*ret_why = "a page that stands before others cannot be told";
	if (sight->barrier)
		return SOFT_404_NO;
	*ret_why = "it sent the visitor to a page of its own for whatever is missing";
	if (sight->to_index)
		return SOFT_404_ASK;
	*ret_why = "a page that is filled by script cannot be told";
	if (shell || (page->text_bytes < EMPTY_TEXT_MAX && !whole))
		return SOFT_404_NO;
	*ret_why = "the words of its title are those of an error page";
	if (sight->words != GONE_NONE)
		return SOFT_404_ASK;
	*ret_why = "a page that is filled by script cannot be told";
	if (is_shell(page, SHELL_TEXT_MAX))
		return SOFT_404_NO;
	*ret_why = canonical == CANONICAL_FRONT
			   ? "the page says that it is the site's front page"
			   : "nothing on the page speaks for it";
	return SOFT_404_ASK;
}

static enum soft_404 judge(struct arena *scratch, const struct observation *seen,
	enum title_match match, const char **ret_why)
{
	struct sight sight;

	*ret_why = "it is no page of ours to judge";
	if (!is_judged(seen))
		return SOFT_404_NO;
	*ret_why = "it has the title that the list gives";
	if (match == TITLE_MATCH || match == TITLE_RETITLED)
		return SOFT_404_NO;
	*ret_why = "its address cannot be read";
	if (!look(scratch, seen, &sight))
		return SOFT_404_NO;
	*ret_why = "it has the facts of a publication";
	if (has_citation(&sight))
		return SOFT_404_NO;
	*ret_why = "this is what the host shows for what it does not have";
	if (is_template(&sight))
		return SOFT_404_YES;
	*ret_why = "the page says that the site was switched off";
	if (sight.closed && sight.page->text_bytes < CLOSED_TEXT_MAX)
		return sight.closed_alone || url_is_front(&sight.asked) ? SOFT_404_YES
									: SOFT_404_ASK;
	*ret_why = "a front page is never missing";
	if (url_is_front(&sight.asked))
		return SOFT_404_NO;
	/* Some systems name any address that is asked for; against the page's own words
	 * that proves nothing. */
	enum canonical canonical = canonical_of(&sight);
	if (canonical == CANONICAL_SELF) {
		*ret_why = sight.words == GONE_STRONG
				   ? "the words of its title are those of an error page"
				   : "the page names itself by this address";
		return sight.words == GONE_STRONG ? SOFT_404_ASK : SOFT_404_NO;
	}
	*ret_why = "the page itself says that there is nothing here";
	if (says_gone(&sight))
		return SOFT_404_YES;
	*ret_why = "it sent the visitor to its page for errors";
	if (sent_to_error(&sight))
		return SOFT_404_YES;
	return judge_silent(&sight, canonical, ret_why);
}

enum soft_404 soft_404_of_page(struct arena *scratch, const struct observation *seen,
	enum title_match match, const char **ret_why)
{
	enum soft_404 soft = judge(scratch, seen, match, ret_why);

	/* What could not be read may have spoken for the page. */
	return scratch->failed ? SOFT_404_NO : soft;
}
