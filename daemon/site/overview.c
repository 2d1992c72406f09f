#include "site/overview.h"

#include <inttypes.h>

#include "site/page_internal.h"

#include "format/standing_write.h"

enum { TITLE_BYTES = 120, SHARE_WIDTH = 200 };

/* In the order of a bar from left to right: what is well first. */
static const enum state shown[] = { STATE_ALIVE, STATE_MOVED, STATE_GATED, STATE_SUSPECT,
	STATE_DEAD, STATE_UNCHECKED, STATE_SKIPPED };

/* Of the counts below it: what must be acted on first. */
static const enum state counted[] = { STATE_DEAD, STATE_SUSPECT, STATE_MOVED, STATE_GATED,
	STATE_ALIVE, STATE_UNCHECKED, STATE_SKIPPED };

enum {
	SHOWN = sizeof(shown) / sizeof(shown[0]),
	ROOMY_MAX = 30, /* of more lists a row is a short one: no bar, three counts */
};

/* At least a hair for whatever there is: one dead link of a million can be seen. */
static void add_share_bar(struct page *page, const struct standing_counts *counts)
{
	uint64_t links = standing_links(counts), before = 0;

	page_say(page,
		"<svg class=\"share\" viewBox=\"0 0 %d 8\" "
		"preserveAspectRatio=\"none\" aria-hidden=\"true\">",
		SHARE_WIDTH);
	for (size_t i = 0; i < SHOWN && links > 0; i++) {
		uint64_t count = counts->by_state[shown[i]];
		uint64_t x = before * SHARE_WIDTH / links;
		before += count;
		uint64_t end = before * SHARE_WIDTH / links;
		if (count == 0)
			continue;
		if (end < x + 2)
			end = x + 2;
		if (end > SHARE_WIDTH)
			x = (end = SHARE_WIDTH) - 2;
		page_say(page,
			"<path class=\"%s\" d=\"M%" PRIu64 " 0H%" PRIu64 "V8H%" PRIu64
			"z\"/>",
			page_state_class(shown[i]), x, end, x);
	}
	page_say(page, "</svg>");
}

static bool is_shown(enum state state, bool is_roomy)
{
	return is_roomy || state == STATE_ALIVE || state == STATE_SUSPECT ||
	       state == STATE_DEAD;
}

static void add_counts(
	struct page *page, const struct standing_counts *counts, bool is_roomy)
{
	char number[PAGE_NUMBER_SIZE];

	page_say(page, "<span class=\"counts\">");
	for (size_t i = 0; i < SHOWN; i++) {
		enum state state = counted[i];
		if (counts->by_state[state] == 0 || !is_shown(state, is_roomy))
			continue;
		page_say(page, "<span class=\"s %s\">%s %s</span> ",
			page_state_class(state),
			page_number(counts->by_state[state], number),
			standing_word(state));
	}
	page_say(page, "</span>");
}

static void add_list(struct page *page, const struct overview_list *list, bool is_roomy)
{
	char number[PAGE_NUMBER_SIZE];
	struct slice title = list->title.len > 0 ? list->title : list->name;

	page_say(page, "<tr><th scope=\"row\">");
	page_open_list(page, list->name);
	page_sentence(page, title, TITLE_BYTES);
	page_say(page, "</a></th><td class=\"num\">%s</td><td class=\"shares\">",
		page_number(standing_links(&list->counts), number));
	if (is_roomy)
		add_share_bar(page, &list->counts);
	add_counts(page, &list->counts, is_roomy);
	if (list->sources_failed > 0)
		page_say(page,
			"<span class=\"warn\">%" PRIu32 " source%s cannot be read</span>",
			list->sources_failed, list->sources_failed == 1 ? "" : "s");
	page_say(page, "</td><td class=\"at\">");
	page_minute(page, list->measured_until);
	page_say(page, "</td></tr>\n");
}

uint32_t overview_pages(uint32_t list_total)
{
	uint32_t pages = (list_total + SITE_LISTS_MAX - 1) / SITE_LISTS_MAX;
	return pages > 0 ? pages : 1;
}

static void add_ways(struct page *page, const struct overview *overview)
{
	uint32_t pages = overview_pages(overview->list_total);

	if (pages == 1)
		return;
	page_say(page, "<nav class=\"ways\" aria-label=\"Pages\">");
	page_numbered_ways(page, overview->number > 1 ? overview->number : 1, pages);
	page_say(page, "</nav>\n");
}

static void add_lists(struct page *page, const struct overview *overview)
{
	uint32_t count = overview->list_count < SITE_LISTS_MAX ? overview->list_count
							       : SITE_LISTS_MAX;

	page_say(page, "<h2>Lists</h2>\n");
	if (count == 0) {
		page_say(page, "<p>No list is configured.</p>\n");
		return;
	}
	page_say(page, "<table class=\"lists\"><thead><tr><th scope=\"col\">List</th>"
		       "<th scope=\"col\" class=\"num\">Links</th>"
		       "<th scope=\"col\">How they stand</th>"
		       "<th scope=\"col\">Measured</th></tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < count; i++) {
		page_open_row(page, count - i);
		add_list(page, &overview->lists[i], count <= ROOMY_MAX);
	}
	page_say(page, "</tbody></table>\n");
	add_ways(page, overview);
}

static void add_rot(struct page *page, const struct overview *overview)
{
	if (overview->tally_count < 2)
		return;
	page_say(page, "<h2>Rot over time</h2>\n");
	picture_add_rot(page->out, "rot", overview->tallies, overview->tally_count);
}

static void add_events(struct page *page, const struct overview *overview)
{
	const struct site_place events = { .what = SITE_EVENTS };
	uint32_t shown_events = overview->event_count < OVERVIEW_EVENTS
					? overview->event_count
					: OVERVIEW_EVENTS;

	page_say(page, "<h2>Newest events</h2>\n");
	page_open_purse(page, 2048 + (size_t)OVERVIEW_EVENTS * 340);
	page_events(page, overview->events, shown_events, false);
	if (overview->event_count == 0)
		return;
	page_say(page, "<p class=\"more\"><a ");
	page_href(page, &events);
	page_say(page, ">All events</a></p>\n");
}

int overview_write(const struct site *site, const struct overview *overview,
	struct buffer *out, struct error *error)
{
	struct page page;
	bool is_first = overview->number <= 1;
	const struct site_place here = { .what = SITE_OVERVIEW,
		.number = overview->number };
	const struct page_top top = { .title = !is_first             ? SLICE("More lists")
					       : site->title.len > 0 ? site->title
								     : SLICE("Links"),
		.is_home = is_first,
		.head = &overview->head };

	page_init(&page, site, here, out);
	page_begin(&page, &top);
	page_counts_sentence(&page, &overview->counts);
	page_freshness(&page, &overview->head);
	page_open_purse(&page, 46 * 1024);
	add_lists(&page, overview);
	if (is_first) {
		add_rot(&page, overview);
		add_events(&page, overview);
	}
	return page_end(&page, "the overview", error);
}
