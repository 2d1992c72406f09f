#include "site/page_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "format/markup.h"
#include "format/standing_write.h"
#include "format/words.h"
#include "model/userinfo.h"

enum { TITLE_BYTES = 160, LINE_BYTES = 400 };

void page_init(struct page *page, const struct site *site, struct site_place at,
	struct buffer *out)
{
	*page = (struct page){
		.site = site,
		.at = at,
		.out = out,
		.start = out->len,
	};
	buffer_init(&page->scratch, WORDS_BYTES_MAX);
	buffer_init(&page->bare, WORDS_BYTES_MAX);
	buffer_init(&page->cell, WORDS_BYTES_MAX);
	page_open_purse(page, 40 * 1024);
}

static struct slice site_title(const struct page *page)
{
	return page->site->title.len > 0 ? page->site->title : SLICE("Links");
}

static void add_header(struct page *page, bool is_home)
{
	const struct site_place home = { .what = SITE_OVERVIEW };
	const struct site_place events = { .what = SITE_EVENTS };
	const struct site_place feed = { .what = SITE_FEED };

	page_say(page,
		"<a class=\"skip\" href=\"#main\">Skip to content</a>\n"
		"<header class=\"top\"><nav aria-label=\"Site\"><a class=\"home\" ");
	page_href(page, &home);
	page_say(page, "%s>", is_home ? " aria-current=\"page\"" : "");
	page_sentence(page, site_title(page), TITLE_BYTES);
	page_say(page, "</a>\n<a ");
	page_href(page, &events);
	page_say(page, "%s>Events</a> <a ",
		page->at.what == SITE_EVENTS && page->at.list.len == 0
			? " aria-current=\"page\""
			: "");
	page_href(page, &feed);
	page_say(page, ">Feed</a></nav></header>\n");
}

void page_begin(struct page *page, const struct page_top *top)
{
	const struct site_place style = { .what = SITE_STYLE };
	const struct site_place script = { .what = SITE_SCRIPT };
	const struct site_place feed = { .what = SITE_FEED, .list = page->at.list };

	page_say(page,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
		"<meta name=\"viewport\" content=\"width=device-width\"/>\n"
		"<meta name=\"color-scheme\" content=\"light dark\"/>\n"
		"<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>");
	if (!top->is_home) {
		page_sentence(page, top->title, TITLE_BYTES);
		page_say(page, " · ");
	}
	page_sentence(page, site_title(page), TITLE_BYTES);
	page_say(page, "</title>\n<link rel=\"stylesheet\" ");
	page_href(page, &style);
	page_say(page, "/>\n<link rel=\"icon\" href=\"data:,\"/>\n<link "
		       "rel=\"alternate\" type=\"application/atom+xml\" ");
	page_href(page, &feed);
	page_say(page, "/>\n<script defer=\"defer\" ");
	page_place(page, "src", &script);
	page_say(page, "></script>\n</head>\n<body>\n");
	add_header(page, top->is_home);
	page_say(page, "<main id=\"main\">\n<h1>");
	page_sentence(page, top->title, TITLE_BYTES);
	page_say(page, "</h1>\n");
}

static void add_measured(struct page *page, const struct site_head *head)
{
	char number[PAGE_NUMBER_SIZE], span[TIME_SPAN_SIZE];

	page_say(page, "<p class=\"fresh\">");
	if (head->measured_until <= 0) {
		page_say(page, "Never measured.");
	} else if (head->measured_from / 60000 == head->measured_until / 60000) {
		page_say(page, "Measured ");
		page_minute(page, head->measured_until);
	} else {
		page_say(page, "Measured from ");
		page_minute(page, head->measured_from);
		page_say(page, " to ");
		page_minute(page, head->measured_until);
	}
	if (head->checks_lately_ms > 0) {
		if (head->checks_lately_ms == TIME_MS_PER_DAY)
			snprintf(span, sizeof(span), "24 h");
		else
			standing_span(head->checks_lately_ms, span);
		page_say(page, "%s %s link%s in the last %s.",
			head->measured_until > 0 ? "; checked" : " Checked",
			page_number(head->checks_lately, number),
			head->checks_lately == 1 ? "" : "s", span);
	} else if (head->measured_until > 0) {
		page_say(page, ".");
	}
	page_say(page, "</p>\n");
}

void page_freshness(struct page *page, const struct site_head *head)
{
	if (head->stale) {
		page_say(page, "<p class=\"old\"><strong>This is old.</strong> "
			       "The last measurement was ");
		if (head->measured_until > 0)
			page_say(page, "at ");
		page_minute(page, head->measured_until);
		page_say(page, "; things may stand otherwise by now.</p>\n");
	}
	page_lines(page, "trouble", head->lines, head->line_count, SITE_LINES_MAX);
	add_measured(page, head);
}

int page_end(struct page *page, const char *what, struct error *error)
{
	struct buffer *out = page->out;

	page_say(page, "</main>\n<footer><p>");
	page_open_purse(page, 0);
	page_text(page, slice_of(page->site->generator), TITLE_BYTES);
	page_say(page,
		" · times are UTC · a link counts as dead only when several checks "
		"over days have failed</p></footer>\n</body>\n</html>\n");
	out->failed |= page->scratch.failed || page->bare.failed || page->cell.failed;
	out->out_of_memory |= page->scratch.out_of_memory || page->bare.out_of_memory ||
			      page->cell.out_of_memory;
	buffer_fini(&page->scratch);
	buffer_fini(&page->bare);
	buffer_fini(&page->cell);
	return standing_finish(false, out, what, NULL, error);
}

size_t page_bytes(const struct page *page)
{
	return page->out->len - page->start;
}

void page_open_purse(struct page *page, size_t reserve)
{
	size_t spent = page_bytes(page) + reserve;
	page->purse = spent < SITE_PAGE_BYTES ? SITE_PAGE_BYTES - spent : 0;
	page->row = page->purse;
	page->purse = 0;
}

void page_open_row(struct page *page, uint32_t rows)
{
	page->purse += page->row;
	page->row = page->purse / (rows > 0 ? rows : 1);
	page->purse -= page->row;
}

void page_say(struct page *page, const char *format, ...)
{
	char line[1024];
	va_list arguments;

	va_start(arguments, format);
	int len = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	assert(len >= 0 && (size_t)len < sizeof(line));
	buffer_add(page->out, (struct slice){ line, (size_t)len });
}

/* What escaping adds is not known before; so the cut is tried, and made again shorter in
 * proportion. Each try is shorter, and there are few. */
void page_text(struct page *page, struct slice text, size_t bytes_max)
{
	enum { ELLIPSIS_BYTES = 3 };
	size_t start = page->out->len;
	size_t max = bytes_max < page->row ? bytes_max : page->row;

	for (;;) {
		if (max < ELLIPSIS_BYTES && text.len > max) {
			buffer_add_text(page->out, "…");
			break;
		}
		markup_text(page->out, text, max);
		size_t len = page->out->len - start;
		if (len <= page->row || len == 0)
			break;
		buffer_truncate(page->out, start);
		max = (max < text.len ? max : text.len) * page->row / len;
	}
	size_t len = page->out->len - start;
	page->row -= len < page->row ? len : page->row;
}

void page_sentence(struct page *page, struct slice text, size_t bytes_max)
{
	buffer_reset(&page->bare);
	/* The cut comes first: what is cut off may be long. */
	userinfo_hide(&page->bare, slice_sub(text, 0, WORDS_BYTES_MAX / 2));
	page_text(page, buffer_slice(&page->bare), bytes_max);
}

void page_url(struct page *page, struct slice url, size_t bytes_max)
{
	buffer_reset(&page->bare);
	words_url(&page->bare, url);
	page_text(page, buffer_slice(&page->bare), bytes_max);
}

static void add_lines_of(struct page *page, struct slice lines, uint32_t *left)
{
	struct slice line;

	while (*left > 0 && slice_split(&lines, '\n', &line)) {
		if (slice_trim(line).len == 0)
			continue;
		page_say(page, "<li>");
		page_sentence(page, line, LINE_BYTES);
		page_say(page, "</li>\n");
		--*left;
	}
}

void page_lines(struct page *page, const char *name, const struct slice *lines,
	uint32_t count, uint32_t max)
{
	if (count == 0)
		return;
	page_say(page, "<ul class=\"%s\">\n", name);
	for (uint32_t i = 0; i < count && max > 0; i++)
		add_lines_of(page, lines[i], &max);
	page_say(page, "</ul>\n");
}

void page_place(struct page *page, const char *attribute, const struct site_place *to)
{
	buffer_reset(&page->scratch);
	site_address(&page->scratch, page->site, &page->at, to);
	page_say(page, "%s=\"", attribute);
	markup_text(page->out, buffer_slice(&page->scratch), WORDS_URL_BYTES);
	buffer_add_char(page->out, '"');
}

void page_href(struct page *page, const struct site_place *to)
{
	page_place(page, "href", to);
}

static void add_way(
	struct page *page, uint32_t number, const char *rel, const char *words)
{
	struct site_place place = page->at;
	place.number = number;
	page_say(page, "<a rel=\"%s\" ", rel);
	page_href(page, &place);
	page_say(page, ">%s</a>", words);
}

void page_numbered_ways(struct page *page, uint32_t number, uint32_t number_max)
{
	if (number > 1)
		add_way(page, number - 1, "prev", "Previous");
	page_say(
		page, "<span>Page %" PRIu32 " of %" PRIu32 "</span>", number, number_max);
	if (number < number_max)
		add_way(page, number + 1, "next", "Next");
}

void page_open_link(struct page *page, int64_t link_id)
{
	const struct site_place place = { .what = SITE_LINK, .link_id = link_id };
	page_say(page, "<a ");
	page_href(page, &place);
	page_say(page, ">");
}

void page_open_list(struct page *page, struct slice name)
{
	const struct site_place place = { .what = SITE_LIST, .list = name };
	page_say(page, "<a ");
	page_href(page, &place);
	page_say(page, ">");
}
