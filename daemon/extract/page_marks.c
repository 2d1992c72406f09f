#include "extract/page_internal.h"

enum {
	/* Challenge and parked pages are small; the scripts of others need not be
	 * searched far. */
	MARK_SEARCH_MAX = 64 * 1024,
	WIDGET_TEXT_MAX = 1000, /* with more, it is in the corner of an article */
};

struct mark {
	struct slice text;
	unsigned kind;
};

#define MARK(text, kind)                                                                 \
	{                                                                                \
		{ text, sizeof(text) - 1 }, kind                                         \
	}
static const struct mark text_marks[] = {
	MARK("_cf_chl_opt", PAGE_MARK_WALL),
	MARK("/orchestrate/chl_page", PAGE_MARK_WALL),
	MARK("captcha-delivery.com", PAGE_MARK_WALL),
	MARK("gokuProps", PAGE_MARK_WALL),
	MARK("AwsWafIntegration.", PAGE_MARK_WEAK_WALL),
	MARK("Incapsula incident ID", PAGE_MARK_WALL),
	MARK("sucuri_cloudproxy_js", PAGE_MARK_WALL),
	MARK("\"playabilityStatus\":{\"status\":\"ERROR\"", PAGE_MARK_VIDEO_GONE),
	MARK("window.park = \"", PAGE_MARK_PARKED),
	MARK("window.park=\"", PAGE_MARK_PARKED),
	MARK("window.park = '", PAGE_MARK_PARKED),
	MARK("window.park='", PAGE_MARK_PARKED),
	MARK("location.href=\"/lander\"", PAGE_MARK_BLANK_PARKED),
	MARK("location.href='/lander'", PAGE_MARK_BLANK_PARKED),
	MARK("location.replace(\"/lander\"", PAGE_MARK_BLANK_PARKED),
	MARK("location.replace('/lander'", PAGE_MARK_BLANK_PARKED),
};

/* The makers of parked pages, and the advertisements that Google has for these only. */
static const struct mark source_marks[] = {
	MARK("captcha-delivery.com/", PAGE_MARK_WALL),
	MARK("/orchestrate/chl_page", PAGE_MARK_WALL),
	MARK("/_Incapsula_Resource", PAGE_MARK_BLANK_WALL),
	MARK("challenges.cloudflare.com/turnstile/", PAGE_MARK_WIDGET),
	MARK("hcaptcha.com/1/api.js", PAGE_MARK_WIDGET),
	MARK("google.com/adsense/domains/caf.js", PAGE_MARK_PARKED),
	MARK("/parking-lander/", PAGE_MARK_PARKED),
	MARK("parkingcrew.net/", PAGE_MARK_PARKED),
	MARK("sedoparking.com/", PAGE_MARK_PARKED),
	MARK(".bodis.com/", PAGE_MARK_PARKED),
	MARK(".parklogic.com/", PAGE_MARK_PARKED),
	MARK(".above.com/", PAGE_MARK_PARKED),
	MARK(".dan.com/", PAGE_MARK_PARKED),
	MARK(".afternic.com/", PAGE_MARK_PARKED),
	MARK(".hugedomains.com/", PAGE_MARK_PARKED),
};
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void search(struct page_marks *marks, const struct mark *list, size_t count,
	struct slice text)
{
	for (size_t i = 0; i < count; i++)
		if ((marks->found & list[i].kind) == 0 &&
			slice_find(text, list[i].text) != SLICE_NONE)
			marks->found |= list[i].kind;
}

void page_marks_tag(struct page_marks *marks, enum html_element element,
	const struct html_attributes *attributes)
{
	struct slice id = html_attribute_get(attributes, HTML_ATTRIBUTE_ID);
	struct slice src = html_attribute_get(attributes, HTML_ATTRIBUTE_SRC);

	marks->tail_len = 0;
	/* The style sheet of Anubis is that of its maker's other pages, too. */
	if (element == HTML_LINK &&
		slice_starts(html_attribute_get(attributes, HTML_ATTRIBUTE_HREF),
			SLICE("/.within.website/x/")))
		marks->found |= PAGE_MARK_WIDGET;
	if (slice_equal(id, SLICE("px-captcha")) ||
		slice_equal(id, SLICE("anubis_challenge")))
		marks->found |= PAGE_MARK_WALL;
	if (element != HTML_SCRIPT && element != HTML_IFRAME && element != HTML_FRAME)
		return;
	search(marks, source_marks, LENGTH(source_marks), src);
}

void page_marks_tag_text(
	struct page_marks *marks, enum html_element element, struct slice tag)
{
	static const struct {
		enum html_element element;
		struct mark mark;
	} list[] = {
		/* A key for the advertisements of parked domains. */
		{ HTML_HTML, MARK("data-adblockkey", PAGE_MARK_PARKED) },
		{ HTML_DIV, MARK("g-recaptcha", PAGE_MARK_WIDGET) },
		{ HTML_DIV, MARK("h-captcha", PAGE_MARK_WIDGET) },
		{ HTML_FORM, MARK("/captchaChallenge", PAGE_MARK_WIDGET) },
		{ HTML_FORM,
			MARK("/errors/validateCaptcha", PAGE_MARK_WALL) }, /* Amazon */
		/* A form that a script sends to the login of the house (SAML, HTTP-POST
		 * binding). */
		{ HTML_INPUT, MARK("name=\"SAMLRequest\"", PAGE_MARK_WALL) },
	};

	for (size_t i = 0; i < LENGTH(list); i++)
		if (element == list[i].element)
			search(marks, &list[i].mark, 1, tag);
}

void page_marks_text(struct page_marks *marks, struct slice text)
{
	char seam[2 * MARK_TAIL];

	text = slice_sub(text, 0, MARK_SEARCH_MAX - marks->searched);
	if (text.len == 0)
		return;
	marks->searched += text.len;
	/* A mark may be cut between two pieces. */
	struct slice head = slice_sub(text, 0, MARK_TAIL);
	memcpy(seam, marks->tail, marks->tail_len);
	memcpy(seam + marks->tail_len, head.at, head.len);
	struct slice joined = { seam, marks->tail_len + head.len };
	if (marks->tail_len > 0)
		search(marks, text_marks, LENGTH(text_marks), joined);
	search(marks, text_marks, LENGTH(text_marks), text);

	struct slice whole = text.len >= MARK_TAIL ? text : joined;
	struct slice tail = slice_sub(
		whole, whole.len > MARK_TAIL ? whole.len - MARK_TAIL : 0, whole.len);
	memmove(marks->tail, tail.at, tail.len);
	marks->tail_len = tail.len;
}

static bool is_waiting_title(struct slice title)
{
	static const char *const waiting[] = { "just a moment", "verifying", "verify you",
		"verify that you", "verify your browser", "checking your browser",
		"checking if the site", "security check", "attention required",
		"one moment", "please wait", "validate user", "oh noes" };

	for (size_t i = 0; i < LENGTH(waiting); i++) {
		struct slice words = slice_of(waiting[i]);
		if (slice_starts_nocase(title, words) &&
			(title.len == words.len || !char_is_alpha(title.at[words.len])))
			return true;
	}
	return false;
}

bool page_marks_challenge(
	const struct page_marks *marks, const struct page_facts *facts, bool empty)
{
	bool blank = empty && facts->text_bytes == 0 && facts->title.len == 0 &&
		     facts->noindex;

	/* The wall's own page has no title; a small page that it protects has one. */
	bool bare = empty && facts->title.len == 0;

	if ((marks->found & PAGE_MARK_WALL) != 0 ||
		((marks->found & PAGE_MARK_WEAK_WALL) != 0 && bare) ||
		((marks->found & PAGE_MARK_BLANK_WALL) != 0 && blank))
		return true;
	return (marks->found & PAGE_MARK_WIDGET) != 0 &&
	       facts->text_bytes < WIDGET_TEXT_MAX && is_waiting_title(facts->title);
}

bool page_marks_parked(const struct page_marks *marks, const struct page_facts *facts)
{
	bool blank = facts->text_bytes == 0 && facts->heading.len == 0;

	return (marks->found & PAGE_MARK_PARKED) != 0 ||
	       (blank && (marks->found & PAGE_MARK_BLANK_PARKED) != 0);
}
