#include "site/events_page.h"

#include "site/page_internal.h"

#include "format/markup.h"
#include "format/standing_write.h"
#include "format/words.h"

enum {
	LABEL_BYTES = 140,
	NAME_BYTES = 64,
	TEXT_BYTES = 300,
	LISTS_SHOWN = 3,
	CURSOR_BYTES = 256,
};

/* The class decides shape and colour, the word says it. */
static const struct {
	const char *name, *word;
} kinds[EVENT_KIND_COUNT] = {
	[EVENT_STATE] = { "", "" }, /* the state's own */
	[EVENT_FLAPPING] = { "suspect", "comes and goes" },
	[EVENT_STEADY] = { "alive", "steady again" },
	[EVENT_CONTENT_CHANGED] = { "moved", "content changed" },
	[EVENT_INCIDENT_BEGAN] = { "dead", "incident" },
	[EVENT_INCIDENT_ENDED] = { "alive", "incident over" },
	[EVENT_SOURCE_FAILED] = { "dead", "source failed" },
	[EVENT_SOURCE_BACK] = { "alive", "source is back" },
	[EVENT_LINK_ADDED] = { "unchecked", "added" },
	[EVENT_LINK_REMOVED] = { "skipped", "removed" },
	[EVENT_OFFLINE_BEGAN] = { "suspect", "monitor offline" },
	[EVENT_OFFLINE_ENDED] = { "alive", "monitor online" },
};

static void add_chip(struct page *page, const struct event *event)
{
	if (event->kind == EVENT_STATE)
		page_state(page, event->to);
	else
		page_say(page, "<span class=\"s %s\">%s</span>", kinds[event->kind].name,
			kinds[event->kind].word);
}

/* What a change of state rests on; of a good one there is nothing to add. */
static void add_cause(struct page *page, const struct event *event)
{
	char number[PAGE_NUMBER_SIZE];

	if (event->kind == EVENT_STATE && event->from != STATE_UNCHECKED)
		page_say(page, "was %s. ", standing_word(event->from));
	if (event->kind == EVENT_STATE && event->reason != REASON_OK)
		page_say(page, "%s", words_of_reason(event->reason));
	if (event->links > 0 && event->text.len == 0)
		page_say(page, "%s link%s", page_number(event->links, number),
			event->links == 1 ? "" : "s");
	if (event->text.len > 0) {
		page_say(page, "%s", event->kind == EVENT_STATE ? " " : "");
		page_sentence(page, event->text, TEXT_BYTES);
	}
}

void page_event_words(struct page *page, const struct event *event)
{
	add_chip(page, event);
	page_say(page, " <span class=\"what\"><span class=\"why\">");
	add_cause(page, event);
	page_say(page, "</span></span>");
}

static void add_lists(struct page *page, const struct site_event *event)
{
	for (uint32_t i = 0; i < event->list_count && i < LISTS_SHOWN; i++) {
		page_say(page, " <span class=\"in\">");
		page_open_list(page, event->lists[i]);
		page_text(page, event->lists[i], NAME_BYTES);
		page_say(page, "</a></span>");
	}
}

static void add_event(struct page *page, const struct site_event *event, bool by_day)
{
	char text[TIME_RFC3339_SIZE];

	page_say(page, "<li id=\"e%lld\">", (long long)event->event_id);
	if (by_day) {
		time_format_rfc3339(event->event.at, text);
		page_say(page, "<time datetime=\"%.16sZ\">%.5s</time> ", text, text + 11);
	} else {
		page_minute(page, event->event.at);
		page_say(page, " ");
	}
	add_chip(page, &event->event);
	page_say(page, " <span class=\"what\">");
	if (event->event.link_id != 0) {
		page_open_link(page, event->event.link_id);
		if (event->label.len > 0)
			page_sentence(page, event->label, LABEL_BYTES);
		else
			page_url(page, event->url, LABEL_BYTES);
		page_say(page, "</a> ");
	}
	page_say(page, "<span class=\"why\">");
	add_cause(page, &event->event);
	page_say(page, "</span>");
	add_lists(page, event);
	page_say(page, "</span></li>\n");
}

void page_events(
	struct page *page, const struct site_event *events, uint32_t count, bool by_day)
{
	int64_t day = -1;

	if (count == 0) {
		page_say(page, "<p>Nothing has happened yet.</p>\n");
		return;
	}
	for (uint32_t i = 0; i < count; i++) {
		int64_t its = events[i].event.at / TIME_MS_PER_DAY;
		if (i == 0 || (by_day && its != day)) {
			page_say(page, "%s", i > 0 ? "</ol>\n" : "");
			if (by_day) {
				page_say(page, "<h2>");
				page_day(page, events[i].event.at);
				page_say(page, "</h2>\n");
			}
			page_say(page, "<ol class=\"ev\">\n");
		}
		day = its;
		page_open_row(page, count - i);
		add_event(page, &events[i], by_day);
	}
	page_say(page, "</ol>\n");
}

static void add_ways(struct page *page, const struct events_page *events)
{
	struct site_place place = page->at;

	page_say(page, "<nav class=\"ways\" aria-label=\"Pages\">");
	if (page->site->is_static ? events->number > 1 : !events->is_newest) {
		place.number = page->site->is_static ? events->number - 1 : 0;
		page_say(page, "<a rel=\"prev\" ");
		page_href(page, &place);
		page_say(page, ">%s</a>", page->site->is_static ? "Newer" : "Newest");
	}
	if (page->site->is_static && events->number < events->number_max) {
		place.number = events->number + 1;
		page_say(page, "<a rel=\"next\" ");
		page_href(page, &place);
		page_say(page, ">Older</a>");
	} else if (!page->site->is_static && events->older.len > 0) {
		page_say(page, "<a rel=\"next\" href=\"?before=");
		page_query(page, events->older, CURSOR_BYTES);
		page_say(page, "\">Older</a>");
	}
	page_say(page, "</nav>\n");
}

int events_page_write(const struct site *site, const struct events_page *events,
	struct buffer *out, struct error *error)
{
	struct page page;
	struct page_top top = { .title = SLICE("Events"), .head = &events->head };
	struct slice name =
		events->list_title.len > 0 ? events->list_title : events->list;
	uint32_t count = events->event_count < SITE_EVENT_ROWS ? events->event_count
							       : SITE_EVENT_ROWS;

	page_init(&page, site,
		(struct site_place){ .what = SITE_EVENTS,
			.list = events->list,
			.number = events->number },
		out);
	page_begin(&page, &top);
	if (events->list.len > 0) {
		page_say(&page, "<p class=\"lead\">What happened in ");
		page_open_list(&page, events->list);
		page_sentence(&page, name, LABEL_BYTES);
		page_say(&page, "</a>, newest first.</p>\n");
	} else {
		page_say(&page, "<p class=\"lead\">What happened in all lists, newest "
				"first.</p>\n");
	}
	page_freshness(&page, &events->head);
	page_open_purse(&page, 2048 + (size_t)count * 340);
	page_events(&page, events->events, count, true);
	add_ways(&page, events);
	return page_end(&page, "the page of events", error);
}
