#include "model/host.h"
#include "verdict/gate.h"
#include "verdict/hop_class_internal.h"
#include "verdict/soft_404.h"
#include "verdict/soft_404_internal.h"
#include "verdict/words_internal.h"

enum {
	SHELL_TEXT_MAX = 1024, /* with less, a scripted page may be a frame for more */
	OWN_MIN = 4,           /* a shorter word is found in any text */
	SIZE_SLACK_PERCENT = 10,
	LOOK_PERCENT = 90,
	/* Between two that both have the words of an error page: short texts in which
	 * repeated addresses weigh more. */
	LOOK_GONE_PERCENT = 60,
};

/* --- facts ------------------------------------------------------------------------- */

static void read_place(struct arena *arena, struct slice text, struct slice *ret_place,
	struct slice *ret_query)
{
	struct url url;

	if (url_parse(arena, text, NULL, &url) != 0)
		return;
	struct slice host = host_without_www(url.host), path = url.path;
	while (path.len > 0 && path.at[path.len - 1] == '/')
		path.len--;
	*ret_place = arena_printf(
		arena, "%.*s:%d%.*s", SLICE_ARG(host), (int)url.port, SLICE_ARG(path));
	*ret_query = url.query;
}

static struct slice own_of(struct arena *arena, struct slice asked)
{
	struct address address;

	if (!address_find(arena, asked, &address))
		return (struct slice){ 0 };
	struct slice own = address.value.len > 0 ? address.value : address.stem;
	own = words_fold(arena, url_percent_decode(arena, own));
	return own.len >= OWN_MIN ? own : (struct slice){ 0 };
}

/* "/view?id=7" of the URL that was asked for. */
static struct slice own_path_of(struct arena *arena, struct slice asked)
{
	struct url url;

	if (url_parse(arena, asked, NULL, &url) != 0)
		return (struct slice){ 0 };
	return words_fold(
		arena, url_percent_decode(arena,
			       arena_printf(arena, "%.*s%s%.*s", SLICE_ARG(url.path),
				       url.has_query ? "?" : "", SLICE_ARG(url.query))));
}

/* "some-great-post" in a title is "Some Great Post" more often than not. */
static struct slice without_joints(struct arena *arena, struct slice text)
{
	char *copy = arena_string(arena, text);

	for (size_t i = 0; copy != NULL && i < text.len; i++)
		if (copy[i] == '-' || copy[i] == '_' || copy[i] == '+')
			copy[i] = ' ';
	return (struct slice){ copy, copy != NULL ? text.len : 0 };
}

static bool is_route(struct slice url)
{
	size_t hash = slice_find_char(url, '#');
	struct slice fragment = slice_sub(url, hash + 1, url.len);

	return hash != SLICE_NONE &&
	       (slice_starts(fragment, SLICE("/")) || slice_starts(fragment, SLICE("!")));
}

static bool is_passing(int status)
{
	return status == 408 || status == 421 || status == 425 || status >= 500;
}

static bool is_usable(const struct observation *seen)
{
	enum reason reason;
	const char *why;

	return (seen->failure == REASON_OK || seen->failure == REASON_BODY_TOO_LARGE) &&
	       seen->hop_count > 0 && !is_passing(seen->http_status) &&
	       !gate_check(seen, &reason, &why);
}

void sibling_facts_of(struct arena *arena, const struct observation *seen,
	struct sibling_facts *ret_facts)
{
	const struct page_facts *page = &seen->page;
	struct sibling_facts facts = {
		.http_status = seen->http_status,
		.usable = is_usable(seen),
		.parsed = page->parsed,
		.scripted = page->scripted,
		.whole = page->whole,
		.text_bytes = page->text_bytes,
		.sketch = page->sketch,
	};

	if (facts.usable) {
		struct slice title = words_fold(arena, page->title);
		struct slice heading = words_fold(arena, page->heading);
		enum gone_words of_title = words_of_gone(title),
				of_heading = words_of_gone(heading);
		facts.says_gone = of_title != GONE_NONE || of_heading != GONE_NONE;
		facts.surely_gone = of_title == GONE_STRONG || of_heading == GONE_STRONG;
		facts.title = without_joints(arena, title);
		facts.routed = is_route(seen->final_url);
		read_place(
			arena, seen->hops[0].url, &facts.asked_place, &facts.asked_query);
		read_place(
			arena, seen->final_url, &facts.final_place, &facts.final_query);
		facts.own = own_of(arena, seen->hops[0].url);
		facts.own_words = without_joints(arena, facts.own);
		facts.own_path =
			without_joints(arena, own_path_of(arena, seen->hops[0].url));
		facts.usable = !arena->failed;
	}
	*ret_facts = facts;
}

/* --- comparison -------------------------------------------------------------------- */

/* The same but for what each repeats of its own address. */
static bool same_but_own(
	struct slice a, struct slice a_own, struct slice b, struct slice b_own)
{
	if (slice_equal(a, b))
		return true;
	if (a_own.len == 0 || b_own.len == 0)
		return false;
	size_t i = slice_find_nocase(a, a_own), k = slice_find_nocase(b, b_own);
	return i != SLICE_NONE && k != SLICE_NONE &&
	       slice_equal(slice_sub(a, 0, i), slice_sub(b, 0, k)) &&
	       slice_equal(slice_sub(a, i + a_own.len, a.len),
		       slice_sub(b, k + b_own.len, b.len));
}

static bool is_redirected(const struct sibling_facts *facts)
{
	return facts->final_place.len > 0 &&
	       (!slice_equal(facts->asked_place, facts->final_place) ||
		       !slice_equal(facts->asked_query, facts->final_query));
}

static bool same_place(
	const struct sibling_facts *page, const struct sibling_facts *sibling)
{
	return is_redirected(page) && is_redirected(sibling) &&
	       slice_equal(page->final_place, sibling->final_place);
}

/* Sent to one place that was told the address: a search for it, or the page of a record.
 */
static bool are_asked_for_alike(
	const struct sibling_facts *page, const struct sibling_facts *sibling)
{
	return same_place(page, sibling) && same_but_own(page->final_query, page->own,
						    sibling->final_query, sibling->own);
}

static bool is_search(struct slice place, struct slice query)
{
	static const char *const places[] = { "search", "find", "suche", "recherche",
		"buscar", "cerca", "zoeken", NULL };
	static const char *const words[] = { "q", "s", "query", "search", "keyword",
		"keywords", NULL };
	struct slice part, last = url_last_segment(place);

	if (slice_is_one_of_nocase(
		    slice_sub(last, 0, slice_find_char(last, '.')), places))
		return true;
	while (slice_split(&query, '&', &part))
		if (slice_is_one_of_nocase(
			    slice_sub(part, 0, slice_find_char(part, '=')), words))
			return true;
	return false;
}

/* What a search finds says nothing; a record must say which it is. */
static bool end_alike(
	const struct sibling_facts *page, const struct sibling_facts *sibling)
{
	if (!are_asked_for_alike(page, sibling))
		return false;
	return slice_equal(page->final_query, sibling->final_query) ||
	       is_search(page->final_place, page->final_query);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static bool sizes_alike(const struct sibling_facts *a, const struct sibling_facts *b)
{
	uint64_t large = larger(a->text_bytes, b->text_bytes);
	uint64_t small = a->text_bytes < b->text_bytes ? a->text_bytes : b->text_bytes;
	uint64_t own = a->own_path.len > b->own_path.len
			       ? a->own_path.len - b->own_path.len
			       : b->own_path.len - a->own_path.len;

	return (large - small) * 100 <= large * SIZE_SLACK_PERCENT + own * 2 * 100;
}

static bool sketches_alike(
	const struct page_sketch *a, const struct page_sketch *b, uint32_t percent)
{
	uint32_t used = 0, alike = 0;

	for (size_t i = 0; i < SKETCH_PLACES; i++) {
		used += a->least[i] != UINT32_MAX || b->least[i] != UINT32_MAX;
		alike += a->least[i] != UINT32_MAX && a->least[i] == b->least[i];
	}
	return used > 0 && alike * 100 >= used * percent;
}

static bool titles_alike(const struct sibling_facts *a, const struct sibling_facts *b)
{
	return same_but_own(a->title, a->own_words, b->title, b->own_words) ||
	       same_but_own(a->title, a->own_path, b->title, b->own_path);
}

static bool look_alike(const struct sibling_facts *a, const struct sibling_facts *b)
{
	bool gone = (a->says_gone && b->says_gone) || are_asked_for_alike(a, b);

	return a->parsed && b->parsed && titles_alike(a, b) && sizes_alike(a, b) &&
	       sketches_alike(
		       &a->sketch, &b->sketch, gone ? LOOK_GONE_PERCENT : LOOK_PERCENT);
}

/* Two frames that a script will fill look the same whatever is to come into them. */
static bool are_shells(const struct sibling_facts *a, const struct sibling_facts *b)
{
	return a->scripted && b->scripted && !(a->says_gone && b->says_gone) &&
	       larger(a->text_bytes, b->text_bytes) < SHELL_TEXT_MAX;
}

enum sibling_word soft_404_compare(
	const struct sibling_facts *page, const struct sibling_facts *sibling)
{
	if (!page->usable || !is_page_status(page->http_status) || !sibling->usable)
		return SIBLING_NONE;
	if (sibling->http_status >= 400 && sibling->http_status < 500)
		return SIBLING_HONEST;
	if (sibling->http_status < 200 || sibling->http_status >= 300)
		return SIBLING_NONE;
	if (page->routed || sibling->routed)
		return SIBLING_NONE;
	if (end_alike(page, sibling))
		return SIBLING_SAME;
	/* What was there all along, and others are sent to. */
	if (!is_redirected(page) && is_redirected(sibling))
		return SIBLING_OTHER;
	/* Whatever stands around it, which may change with each visit. */
	if (page->surely_gone && sibling->surely_gone)
		return SIBLING_SAME;
	if (page->text_bytes == 0 && sibling->text_bytes == 0)
		return SIBLING_NONE;
	if (!look_alike(page, sibling))
		return SIBLING_OTHER;
	return are_shells(page, sibling) ? SIBLING_NONE : SIBLING_SAME;
}

bool soft_404_is_certain(
	const struct sibling_facts *page, const struct sibling_facts *sibling)
{
	return (page->whole && sibling->whole) || end_alike(page, sibling);
}
