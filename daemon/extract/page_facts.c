#include "extract/page_internal.h"

#include "extract/html_links_internal.h"
#include "extract/html_text_internal.h"

enum {
	URL_MAX = 16 * 1024,
	ANCHOR_MAX = 1024,
	/* A shorter script sets a class or a variable and fills no page. */
	SCRIPT_BYTES_MIN = 64,
};

/* --- attributes --- */

static void keep_first(struct page_reader *page, struct slice *fact, struct slice raw)
{
	raw = slice_trim(raw);
	if (fact->len == 0 && raw.len > 0 && raw.len <= URL_MAX)
		*fact = arena_copy(page->arena, raw);
}

static bool is_noindex(struct slice content)
{
	struct slice word;

	while (slice_split(&content, ',', &word)) {
		word = slice_trim(word);
		if (slice_equal_nocase(word, SLICE("noindex")) ||
			slice_equal_nocase(word, SLICE("none")))
			return true;
	}
	return false;
}

static void keep_number(uint64_t *fact, struct slice content)
{
	uint64_t number;

	if (*fact == 0 && slice_to_number(slice_trim(content), INT64_MAX, &number))
		*fact = number;
}

/* GitHub's, in the head, where no README stands. */
static void read_repository_meta(
	struct page_reader *page, struct slice name, struct slice content)
{
	if (slice_equal(name, SLICE("octolytics-dimension-repository_id")))
		keep_number(&page->facts.repository_id, content);
	else if (slice_equal(name, SLICE("octolytics-dimension-user_id")))
		keep_number(&page->facts.owner_id, content);
}

static void read_named_meta(
	struct page_reader *page, struct slice name, struct slice content)
{
	struct page_raw_facts *raw = &page->raw;
	const struct {
		struct slice name;
		struct slice *fact;
	} named[] = {
		{ SLICE("citation_title"), &raw->citation_title },
		{ SLICE("dc.title"), &raw->dc_title },
		{ SLICE("dcterms.title"), &raw->dc_title },
		{ SLICE("og:title"), &raw->og_title },
		{ SLICE("citation_arxiv_id"), &raw->arxiv_id },
		{ SLICE("citation_doi"), &raw->doi },
	};

	name = slice_trim(name);
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (slice_equal_nocase(name, named[i].name))
			keep_first(page, named[i].fact, content);
	if (slice_equal_nocase(name, SLICE("robots")) && is_noindex(content))
		page->facts.noindex = true;
	if (page->options.boxes && !page->head_over)
		read_repository_meta(page, name, content);
}

static void read_http_equiv(
	struct page_reader *page, struct slice name, struct slice content)
{
	struct slice url;
	int32_t delay_s;

	name = slice_trim(name);
	/* What <noscript> declares is not what a browser does. */
	if (slice_equal_nocase(name, SLICE("refresh")) && !page->in_noscript &&
		html_parse_refresh(content, &delay_s, &url))
		keep_first(page, &page->raw.refresh, content);
}

static void read_meta(struct page_reader *page, const struct html_attributes *attributes)
{
	struct slice content = html_attribute_get(attributes, HTML_ATTRIBUTE_CONTENT);
	struct slice equiv = html_attribute_get(attributes, HTML_ATTRIBUTE_HTTP_EQUIV);

	keep_first(page, &page->charset, html_meta_charset(attributes));
	if (equiv.len > 0)
		read_http_equiv(page, equiv, content);
	read_named_meta(
		page, html_attribute_get(attributes, HTML_ATTRIBUTE_NAME), content);
	read_named_meta(
		page, html_attribute_get(attributes, HTML_ATTRIBUTE_PROPERTY), content);
}

static void keep_anchor(struct page_reader *page, struct slice raw)
{
	raw = slice_trim(raw);
	if (raw.len == 0 || raw.len > ANCHOR_MAX)
		return;
	if (page->anchor_count == page->anchor_room) {
		uint32_t room = page->anchor_room > 0 ? page->anchor_room * 2 : 64;
		struct slice *anchors = ARENA_ARRAY(page->arena, struct slice, room);
		if (anchors == NULL)
			return;
		if (page->anchor_count > 0)
			memcpy(anchors, page->anchors,
				page->anchor_count * sizeof(*anchors));
		page->anchors = anchors;
		page->anchor_room = room;
	}
	struct slice copy = arena_copy(page->arena, raw);
	if (copy.at != NULL)
		page->anchors[page->anchor_count++] = copy;
}

static void read_anchors(struct page_reader *page, enum html_element element,
	const struct html_attributes *attributes)
{
	keep_anchor(page, html_attribute_get(attributes, HTML_ATTRIBUTE_ID));
	if (element == HTML_A)
		keep_anchor(page, html_attribute_get(attributes, HTML_ATTRIBUTE_NAME));
}

/* Most tags say nothing that anybody wants; their attributes are not looked at. */
static bool has_facts(const struct page_reader *page, const struct html_token *token)
{
	enum html_element element = token->element;

	if (page->options.anchors || element == HTML_META || element == HTML_LINK ||
		element == HTML_INPUT || element == HTML_SCRIPT ||
		element == HTML_IFRAME || element == HTML_FRAME || element == HTML_BASE)
		return true;
	return element == HTML_DIV &&
	       slice_find(token->bytes, SLICE("px-captcha")) != SLICE_NONE;
}

/* Counters of visits, makers of type and emoji, and what others only build upon stand on
 * nearly every page, and fill none by themselves. */
static const char *const idle_sources[] = { "googletagmanager.com/",
	"google-analytics.com/", "static.cloudflareinsights.com/", "plausible.io/",
	"/matomo.js", "/piwik.js", "/wp-emoji-release", "googlesyndication.com/",
	"hm.baidu.com/", "mc.yandex.ru/", "static.hotjar.com/", "clarity.ms/",
	"connect.facebook.net/", "use.typekit.net/", "kit.fontawesome.com/",
	"jquery.min.js", "jquery.js", "jquery-migrate", "bootstrap.min.js",
	"bootstrap.bundle.", NULL };
static const char *const counters[] = { "dataLayer", "gtag(", "gtm.start",
	"GoogleAnalyticsObject", "_gaq", "_paq", "_wpemojiSettings", "f.fbq", "_hmt",
	"plausible", NULL };

static bool has_any(struct slice text, const char *const *words)
{
	for (const char *const *word = words; *word != NULL; word++)
		if (slice_find(text, slice_of(*word)) != SLICE_NONE)
			return true;
	return false;
}

static void judge_script(struct page_reader *page)
{
	struct slice script = { page->script, page->script_len };

	if (page->script_counts && script.len >= SCRIPT_BYTES_MIN &&
		!has_any(script, counters))
		page->facts.scripted = true;
	page->script_counts = false;
}

/* Data in JSON is not run. */
static void read_script_tag(
	struct page_reader *page, const struct html_attributes *attributes)
{
	struct slice type = html_attribute_get(attributes, HTML_ATTRIBUTE_TYPE);
	struct slice src = html_attribute_get(attributes, HTML_ATTRIBUTE_SRC);

	page->script_len = 0;
	page->script_counts = slice_find_nocase(type, SLICE("json")) == SLICE_NONE;
	if (page->script_counts && src.len > 0 && !has_any(src, idle_sources))
		page->facts.scripted = true;
}

static void read_script_text(struct page_reader *page, struct slice text)
{
	if (!page->script_counts)
		return;
	text = slice_sub(text, 0, sizeof(page->script) - page->script_len);
	if (text.len > 0)
		memcpy(page->script + page->script_len, text.at, text.len);
	page->script_len += (uint32_t)text.len;
	if (page->script_len == sizeof(page->script))
		judge_script(page);
}

static void read_attributes(struct page_reader *page, const struct html_token *token)
{
	struct html_attributes attributes;

	html_attributes_read(token->bytes, &attributes);
	if (token->element == HTML_META)
		read_meta(page, &attributes);
	if (token->element == HTML_BASE)
		keep_first(page, &page->raw.base,
			html_attribute_get(&attributes, HTML_ATTRIBUTE_HREF));
	if (token->element == HTML_LINK &&
		html_has_word(html_attribute_get(&attributes, HTML_ATTRIBUTE_REL),
			SLICE("canonical")))
		keep_first(page, &page->raw.canonical,
			html_attribute_get(&attributes, HTML_ATTRIBUTE_HREF));
	if (token->element == HTML_INPUT &&
		slice_equal_nocase(
			slice_trim(html_attribute_get(&attributes, HTML_ATTRIBUTE_TYPE)),
			SLICE("password")))
		page->facts.password_field = true;
	if (token->element == HTML_SCRIPT)
		read_script_tag(page, &attributes);
	page_marks_tag(&page->marks, token->element, &attributes);
	if (page->options.anchors)
		read_anchors(page, token->element, &attributes);
}

/* --- titles --- */

static void gather(struct page_gathered *gathered, struct slice text)
{
	gathered->len = page_gather(gathered->at, gathered->len, PAGE_RAW_MAX, text);
}

static void end_gathering(struct page_reader *page)
{
	if (page->gathering != NULL)
		page->gathering->whole = page->gathering->len > 0;
	page->gathering = NULL;
}

/* Where the title and the first heading that has a text begin and end. An unclosed one
 * ends when it is full. */
static void note_titles(struct page_reader *page, const struct html_token *token)
{
	struct page_gathered *gathering = page->gathering;
	bool start = token->kind == HTML_TOKEN_START;

	if (gathering != NULL && html_element_level(token->element) != HTML_INLINE)
		gather(gathering, SLICE(" "));
	if (html_is_heading(token->element) || token->element == HTML_TITLE ||
		(gathering != NULL && gathering->len == PAGE_RAW_MAX))
		end_gathering(page);
	if (start && token->element == HTML_TITLE && !token->foreign &&
		!page->title.whole)
		page->gathering = &page->title;
	if (start && token->element == HTML_H1 && !page->heading.whole)
		page->gathering = &page->heading;
}

/* --- tokens --- */

static bool belongs_in_head(enum html_element element)
{
	return element == HTML_HTML || element == HTML_HEAD || element == HTML_TITLE ||
	       element == HTML_META || element == HTML_LINK || element == HTML_BASE ||
	       element == HTML_SCRIPT || element == HTML_STYLE ||
	       element == HTML_NOSCRIPT || element == HTML_TEMPLATE;
}

static void note_head(struct page_reader *page, const struct html_token *token)
{
	bool start = token->kind == HTML_TOKEN_START;

	if (token->element == HTML_NOSCRIPT)
		page->in_noscript = start;
	if ((start && token->element == HTML_BODY) ||
		(!start && token->element == HTML_HEAD))
		page->head_over = page->body_seen = true;
	else if (start && !page->in_noscript && !belongs_in_head(token->element))
		page->head_over = true;
}

/* A stray element in the head does not end it for us before there is a title. */
static bool may_stop(const struct page_reader *page)
{
	return !page->options.anchors && !page->options.whole && page->head_over &&
	       page->gathering == NULL && (page->body_seen || page->title.whole);
}

static bool is_blank(struct slice text)
{
	return slice_trim(text).len == 0;
}

/* Counts what a reader sees, a run of white space as one; only to the very byte at which
 * enough is known, so that the pieces the page comes in make no difference. */
static void read_visible(struct page_reader *page, struct slice text)
{
	uint32_t count = page->facts.text_bytes;
	bool space = page->space;
	size_t at = 0;

	if (!page->head_over && is_blank(text))
		return;
	page->head_over = true;
	uint32_t wanted = may_stop(page) ? page->options.text_bytes_wanted : UINT32_MAX;
	for (; at < text.len && count < wanted; at++) {
		bool is_space = char_is_space(text.at[at]);
		count += !(is_space && space);
		space = is_space;
	}
	page->facts.text_bytes = count;
	page->space = space;
	page_words_add(&page->words, slice_sub(text, 0, at));
	if (page->gathering != NULL)
		gather(page->gathering, slice_sub(text, 0, at));
	page_boxes_text(&page->boxes, slice_sub(text, 0, at));
}

static void read_raw_text(struct page_reader *page, const struct html_token *token)
{
	if (token->element == HTML_SCRIPT)
		read_script_text(page, token->bytes);
	page_marks_text(&page->marks, token->bytes);
}

static void read_text(struct page_reader *page, const struct html_token *token)
{
	if (token->element == HTML_TITLE && page->gathering == &page->title)
		gather(&page->title, token->bytes);
	else if (token->element == HTML_SCRIPT || token->element == HTML_IFRAME)
		read_raw_text(page, token);
	else if (token->element == HTML_OTHER && !page->in_noscript)
		read_visible(page, token->bytes);
}

static void read_tag(struct page_reader *page, const struct html_token *token)
{
	bool start = token->kind == HTML_TOKEN_START;

	if (token->element == HTML_TEMPLATE) {
		if (start)
			page->template_depth++;
		else if (page->template_depth > 0)
			page->template_depth--;
	}
	if (page->template_depth > 0)
		return;
	judge_script(page);
	page->facts.parsed = true;
	if (html_element_level(token->element) != HTML_INLINE)
		page_words_part(&page->words);
	note_head(page, token);
	note_titles(page, token);
	if (start)
		page_marks_tag_text(&page->marks, token->element, token->bytes);
	if (page->options.boxes)
		page_boxes_tag(&page->boxes, token);
	if (start && has_facts(page, token))
		read_attributes(page, token);
}

void page_reader_token(struct page_reader *page, const struct html_token *token)
{
	if (token->kind != HTML_TOKEN_TEXT)
		read_tag(page, token);
	else if (page->template_depth == 0)
		read_text(page, token);
}

void page_reader_end(struct page_reader *page)
{
	judge_script(page);
}

bool page_reader_enough(const struct page_reader *page)
{
	return may_stop(page) &&
	       page->facts.text_bytes >= page->options.text_bytes_wanted;
}
