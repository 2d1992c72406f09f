#include "extract/page_internal.h"

enum {
	/* Challenge pages are small; the scripts of others need not be searched far. */
	MARK_SEARCH_MAX = 64 * 1024,
};

struct mark {
	struct slice text;
	bool weak;
};

#define MARK(text, weak)                                                                 \
	{                                                                                \
		{ text, sizeof(text) - 1 }, weak                                         \
	}
static const struct mark text_marks[] = {
	MARK("_cf_chl_opt", false),
	MARK("/orchestrate/chl_page", false),
	MARK("captcha-delivery.com", false),
	MARK("gokuProps", false),
	MARK("AwsWafIntegration.", true),
	MARK("Incapsula incident ID", false),
};

static const struct mark source_marks[] = {
	MARK("captcha-delivery.com/", false),
	MARK("/orchestrate/chl_page", false),
};
#undef MARK

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static void search(struct page_marks *marks, const struct mark *list, size_t count,
	struct slice text)
{
	for (size_t i = 0; i < count && !marks->found; i++) {
		if (slice_find(text, list[i].text) == SLICE_NONE)
			continue;
		if (list[i].weak)
			marks->weak = true;
		else
			marks->found = true;
	}
}

void page_marks_tag(struct page_marks *marks, enum html_element element,
	const struct html_attributes *attributes)
{
	struct slice id = html_attribute_get(attributes, HTML_ATTRIBUTE_ID);
	struct slice src = html_attribute_get(attributes, HTML_ATTRIBUTE_SRC);

	marks->tail_len = 0;
	if (slice_equal(id, SLICE("px-captcha")) ||
		slice_equal(id, SLICE("anubis_challenge")))
		marks->found = true;
	if (element != HTML_SCRIPT && element != HTML_IFRAME)
		return;
	search(marks, source_marks, LENGTH(source_marks), src);
	if (slice_find(src, SLICE("challenges.cloudflare.com/turnstile/")) != SLICE_NONE)
		marks->turnstile = true;
}

void page_marks_text(struct page_marks *marks, struct slice text)
{
	char seam[2 * MARK_TAIL];

	if (marks->found)
		return;
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

bool page_marks_challenge(const struct page_marks *marks, struct slice title, bool empty)
{
	static const struct slice waiting[] = { { "just a moment", 13 }, { "verify", 6 },
		{ "checking your browser", 21 }, { "checking if the site", 20 },
		{ "security check", 14 }, { "attention required", 18 },
		{ "one moment", 10 }, { "please wait", 11 } };

	if (marks->found || (marks->weak && empty))
		return true;
	for (size_t i = 0; marks->turnstile && i < LENGTH(waiting); i++)
		if (slice_starts_nocase(title, waiting[i]))
			return true;
	return false;
}
