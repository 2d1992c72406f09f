#include "site/list_page.h"

#include <inttypes.h>

#include "site/page_internal.h"

#include "format/markup.h"
#include "format/standing_write.h"
#include "format/words.h"

enum {
	LABEL_BYTES = 120,
	URL_BYTES = 110,
	REASON_BYTES = 140,
	QUERY_BYTES = 200,
	CURSOR_BYTES = 256,
	ROW_BYTES = 236, /* of markup, in each row, at most */
	ROW_WORDS = 60,  /* that a strip leaves to words, at least */
	TAIL_BYTES = 2200,
};

const char *list_sort_text(enum list_sort sort)
{
#define LIST_SORT_TEXT(name, text, said) [LIST_SORT_##name] = (text),
	static const char *const texts[LIST_SORT_COUNT] = { LIST_SORTS(LIST_SORT_TEXT) };
#undef LIST_SORT_TEXT
	return texts[sort];
}

static const char *sort_said(enum list_sort sort)
{
#define LIST_SORT_SAID(name, text, said) [LIST_SORT_##name] = (said),
	static const char *const texts[LIST_SORT_COUNT] = { LIST_SORTS(LIST_SORT_SAID) };
#undef LIST_SORT_SAID
	return texts[sort];
}

bool list_sort_parse(struct slice text, enum list_sort *ret_sort)
{
	for (size_t i = 0; i < LIST_SORT_COUNT; i++) {
		if (slice_equal(text, slice_of(list_sort_text((enum list_sort)i)))) {
			*ret_sort = (enum list_sort)i;
			return true;
		}
	}
	return false;
}

/* --- ways from here -------------------------------------------------------------------
 */

struct way {
	bool by_state;
	enum state state;
	struct slice after;
};

/* A server's: what was asked goes along. */
static void add_asked(struct page *page, const struct list_page *list, struct way way)
{
	const char *between = "?";

	if (way.by_state) {
		page_say(page, "?state=%s", state_text(way.state));
		between = "&amp;";
	}
	if (list->query.len > 0) {
		page_say(page, "%sq=", between);
		page_query(page, list->query, QUERY_BYTES);
		between = "&amp;";
	}
	if (list->sort != LIST_SORT_WORST) {
		page_say(page, "%ssort=%s", between, list_sort_text(list->sort));
		between = "&amp;";
	}
	if (way.after.len > 0) {
		page_say(page, "%safter=", between);
		page_query(page, way.after, CURSOR_BYTES);
	}
}

static void add_way(struct page *page, const struct list_page *list, struct way way)
{
	struct site_place place = { .what = SITE_LIST, .list = list->name };

	if (page->site->is_static) {
		place.by_state = way.by_state;
		place.state = way.state;
		page_href(page, &place);
		return;
	}
	page_href(page, &place);
	buffer_truncate(page->out, page->out->len - 1); /* its last quote */
	add_asked(page, list, way);
	page_say(page, "\"");
}

/* --- above the table ------------------------------------------------------------------
 */

static void add_filter(struct page *page, const struct list_page *list, struct way way,
	const char *word, uint64_t count)
{
	char number[PAGE_NUMBER_SIZE];
	bool is_here = list->by_state == way.by_state &&
		       (!way.by_state || list->state == way.state);

	page_say(page, "<li><a ");
	add_way(page, list, way);
	page_say(page, "%s>", is_here ? " aria-current=\"page\"" : "");
	if (way.by_state)
		page_say(page, "<span class=\"s %s\">%s</span>",
			page_state_class(way.state), word);
	else
		page_say(page, "%s", word);
	page_say(page, " <b>%s</b></a></li>\n", page_number(count, number));
}

static void add_filters(struct page *page, const struct list_page *list)
{
	static const enum state order[] = { STATE_DEAD, STATE_SUSPECT, STATE_MOVED,
		STATE_GATED, STATE_ALIVE, STATE_UNCHECKED, STATE_SKIPPED };

	page_say(page, "<nav class=\"filters\" aria-label=\"By state\"><ul>\n");
	add_filter(page, list, (struct way){ 0 }, "all", standing_links(&list->counts));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		uint32_t count = list->counts.by_state[order[i]];
		bool is_here = list->by_state && list->state == order[i];
		if (count > 0 || is_here)
			add_filter(page, list, (struct way){ true, order[i], { 0 } },
				standing_word(order[i]), count);
	}
	page_say(page, "</ul></nav>\n");
}

static void add_sorts(struct page *page, const struct list_page *list)
{
	page_say(page, "<label for=\"sort\">Order</label> <select id=\"sort\" "
		       "name=\"sort\">");
	for (size_t i = 0; i < LIST_SORT_COUNT; i++) {
		enum list_sort sort = (enum list_sort)i;
		if (list->sorts != 0 && (list->sorts & UINT32_C(1) << i) == 0)
			continue;
		page_say(page, "<option value=\"%s\"%s>%s</option>", list_sort_text(sort),
			sort == list->sort ? " selected=\"selected\"" : "",
			sort_said(sort));
	}
	page_say(page, "</select>\n");
}

static void add_form(struct page *page, const struct list_page *list)
{
	const struct site_place here = { .what = SITE_LIST, .list = list->name };

	page_say(page, "<form class=\"find\" role=\"search\" method=\"get\" ");
	page_place(page, "action", &here);
	page_say(page,
		">\n<label for=\"q\">Search</label> <input type=\"search\" "
		"id=\"q\" name=\"q\" maxlength=\"%d\" value=\"",
		QUERY_BYTES);
	page_text(page, list->query, QUERY_BYTES);
	page_say(page, "\"/>\n");
	add_sorts(page, list);
	if (list->by_state)
		page_say(page, "<input type=\"hidden\" name=\"state\" value=\"%s\"/>\n",
			state_text(list->state));
	page_say(page, "<button type=\"submit\">Show</button>\n</form>\n");
}

static void say_searched(struct page *page, const struct list_page *list)
{
	char a[PAGE_NUMBER_SIZE], b[PAGE_NUMBER_SIZE];

	page_say(page,
		"%s found among the first %s links; the search goes on from there.",
		page_number(list->row_count, a), page_number(list->searched, b));
}

/* "1–100 of 1,204 links" */
static void add_extent(struct page *page, const struct list_page *list)
{
	char a[PAGE_NUMBER_SIZE], b[PAGE_NUMBER_SIZE], c[PAGE_NUMBER_SIZE];
	uint64_t last = list->first_number + list->row_count - 1;

	page_say(page, "<p class=\"extent\">");
	if (list->searched > 0)
		say_searched(page, list);
	else if (list->row_count == 0)
		page_say(page, "No link %s.",
			list->query.len > 0 ? "matches" : "is in this state");
	else if (list->total >= 0 && list->first_number > 0)
		page_say(page, "%s–%s of %s link%s, %s",
			page_number(list->first_number, a), page_number(last, b),
			page_number((uint64_t)list->total, c),
			list->total == 1 ? "" : "s", sort_said(list->sort));
	else
		page_say(page, "%s link%s, %s", page_number(list->row_count, a),
			list->row_count == 1 ? "" : "s", sort_said(list->sort));
	page_say(page, "</p>\n");
}

/* --- the table ------------------------------------------------------------------------
 */

static struct slice label_of(const struct link *link)
{
	if (link->expected_title.len > 0)
		return link->expected_title;
	return link->first != NULL ? link->first->text : (struct slice){ 0 };
}

/* The scheme is said only where it is not the usual one. */
static struct slice short_url(struct slice url)
{
	return slice_starts(url, SLICE("https://")) ? slice_sub(url, 8, url.len) : url;
}

static void add_address(struct page *page, const struct link *link, bool is_alive)
{
	enum { REL_BYTES = 52 };
	size_t start = page->out->len;
	size_t kept = link->url.len < URL_BYTES ? link->url.len : URL_BYTES;

	page_say(page, "<small>");
	if (is_alive && markup_is_href(link->url) &&
		link->url.len + REL_BYTES + kept < page->row) {
		page_say(page, "<a rel=\"nofollow noopener noreferrer\" href=");
		markup_href(page->out, link->url);
		page_say(page, ">");
		size_t spent = page->out->len - start;
		page->row -= spent < page->row ? spent : page->row;
		page_url(page, short_url(link->url), URL_BYTES);
		page_say(page, "</a>");
	} else {
		page_url(page, short_url(link->url), URL_BYTES);
	}
	page_say(page, "</small>");
}

static void add_name(struct page *page, const struct list_row *row)
{
	const struct link *link = &row->standing->link;
	struct slice label = label_of(link);

	page_say(page, "<td>");
	page_open_link(page, row->standing->link_id);
	if (label.len > 0)
		page_sentence(page, label, LABEL_BYTES);
	else
		page_url(page, short_url(link->url), LABEL_BYTES);
	page_say(page, "</a>");
	if (label.len > 0)
		add_address(page, link, page_is_alive(row->standing->record.state));
	page_say(page, "</td>");
}

/* The share is that of the days which the screen has room for; where those three differ,
 * the style sheet shows the right one. */
static void add_shares(struct buffer *out, const struct strip *strip)
{
	static const uint32_t slots[] = { STRIP_SLOTS, STRIP_MIDDLE, STRIP_SHORT };
	int all = strip_good_permille(strip, STRIP_SLOTS);

	if (strip_good_permille(strip, STRIP_MIDDLE) == all &&
		strip_good_permille(strip, STRIP_SHORT) == all) {
		strip_add_share(out, strip, STRIP_SLOTS);
		return;
	}
	for (size_t i = 0; i < 3; i++) {
		buffer_printf(out, "<i class=\"w%" PRIu32 "\">", slots[i]);
		strip_add_share(out, strip, slots[i]);
		buffer_add_text(out, "</i>");
	}
}

/* Made before the words of the row, because they take what it leaves. */
static void make_strip(struct page *page, const struct strip *strip)
{
	enum { SHARES_BYTES = 100 };
	struct buffer *cell = &page->cell;

	buffer_reset(cell);
	if (strip == NULL || page->row < ROW_WORDS + SHARES_BYTES)
		return;
	size_t room = page->row - ROW_WORDS - SHARES_BYTES;
	buffer_add_text(cell, "<b>");
	strip_add_picture(
		cell, strip, room < STRIP_PICTURE_BYTES ? room : STRIP_PICTURE_BYTES);
	buffer_add_text(cell, "</b>");
	add_shares(cell, strip);
	page->row -= cell->len < page->row ? cell->len : page->row;
}

static void add_note(struct buffer *out, const struct link *link, enum note note)
{
	buffer_add_text(out, "Note: ");
	words_note(out, link, note);
}

/* Of what is well there is nothing to say but what it has become. */
static void add_reason(struct page *page, const struct standing *standing)
{
	const struct link *link = &standing->link;
	const struct verdict *verdict = &link->result.verdict;

	if (standing->record.state == STATE_MOVED && verdict->suggestion.url.len > 0) {
		page_say(page, "to ");
		page_url(page, verdict->suggestion.url, REASON_BYTES);
		return;
	}
	buffer_reset(&page->bare);
	if (verdict->reason != REASON_OK && !page_is_alive(standing->record.state)) {
		words_reason(&page->bare, link);
	} else {
		for (size_t i = 0; i < NOTE_COUNT && page->bare.len == 0; i++)
			if ((verdict->notes & NOTE_BIT(i)) != 0)
				add_note(&page->bare, link, (enum note)i);
	}
	buffer_reset(&page->scratch);
	buffer_add(&page->scratch, buffer_slice(&page->bare));
	page_sentence(page, buffer_slice(&page->scratch), REASON_BYTES);
}

static void add_row(struct page *page, const struct list_row *row)
{
	const struct standing *standing = row->standing;
	const struct link_record *record = &standing->record;

	make_strip(page, row->strip);
	page_say(page, "<tr><td class=\"%s\">%s</td>", page_state_class(record->state),
		standing_word(record->state));
	add_name(page, row);
	page_say(page, "<td>");
	buffer_add(page->out, buffer_slice(&page->cell));
	page_say(page, "</td><td>");
	if (record->since > 0)
		page_day(page, record->since);
	page_say(page, "</td><td>");
	page_minute(page, record->last_checked_at);
	page_say(page, "</td><td>");
	add_reason(page, standing);
	page_say(page, "</td></tr>\n");
}

static void add_table(struct page *page, const struct list_page *list, uint32_t count)
{
	page_say(page,
		"<table class=\"links\"><thead><tr><th scope=\"col\">State</th>"
		"<th scope=\"col\">Link</th><th scope=\"col\"><span class=\"w90\">90"
		"</span><span class=\"w60\">60</span><span class=\"w30\">30</span> "
		"days</th><th scope=\"col\">Since</th><th scope=\"col\">Checked</th>"
		"<th scope=\"col\">Why</th></tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < count; i++) {
		page_open_purse(page, TAIL_BYTES + (size_t)(count - i) * ROW_BYTES);
		page_open_row(page, count - i);
		add_row(page, &list->rows[i]);
	}
	page_say(page, "</tbody></table>\n");
}

/* --- below it -------------------------------------------------------------------------
 */

static void add_static_ways(struct page *page, const struct list_page *list)
{
	struct site_place place = page->at;

	if (list->number > 1) {
		place.number = list->number - 1;
		page_say(page, "<a rel=\"prev\" ");
		page_href(page, &place);
		page_say(page, ">Previous</a>");
	}
	page_say(page, "<span>Page %" PRIu32 " of %" PRIu32 "</span>", list->number,
		list->number_max);
	if (list->number < list->number_max) {
		place.number = list->number + 1;
		page_say(page, "<a rel=\"next\" ");
		page_href(page, &place);
		page_say(page, ">Next</a>");
	}
}

static void add_server_ways(struct page *page, const struct list_page *list)
{
	struct way way = { list->by_state, list->state, { 0 } };

	if (!list->is_first) {
		page_say(page, "<a ");
		add_way(page, list, way);
		page_say(page, ">First page</a>");
	}
	if (list->previous.len > 0) {
		way.after = list->previous;
		page_say(page, "<a rel=\"prev\" ");
		add_way(page, list, way);
		page_say(page, ">Previous</a>");
	}
	if (list->next.len > 0) {
		way.after = list->next;
		page_say(page, "<a rel=\"next\" ");
		add_way(page, list, way);
		page_say(page, ">%s</a>", list->searched > 0 ? "Search on" : "Next");
	}
}

static void add_ways(struct page *page, const struct list_page *list)
{
	page_say(page, "<nav class=\"ways\" aria-label=\"Pages\">");
	if (page->site->is_static)
		add_static_ways(page, list);
	else
		add_server_ways(page, list);
	page_say(page, "</nav>\n");
}

static void add_badge(struct page *page, const struct list_page *list)
{
	const struct site_place events = { .what = SITE_EVENTS, .list = list->name };
	const struct site_place feed = { .what = SITE_FEED, .list = list->name };
	const struct site_place badge = { .what = SITE_BADGE, .list = list->name };
	struct slice url = page->site->public_url;

	page_say(page, "<p class=\"more\"><a ");
	page_href(page, &events);
	page_say(page, ">Events of this list</a> <a ");
	page_href(page, &feed);
	page_say(page, ">Its feed</a> <a ");
	page_href(page, &badge);
	page_say(page, ">Its badge</a></p>\n");
	if (url.len == 0)
		return;
	page_open_purse(page, 0);
	page_say(page, "<p class=\"embed\">In a README: <code>![links](");
	page_text(page, url, URL_BYTES);
	page_say(page, "/badge/");
	page_text(page, list->name, LABEL_BYTES);
	page_say(page, ".svg)</code></p>\n");
}

/* Where there is room for it: the rows come first. */
static void add_picture(struct page *page, const struct list_page *list)
{
	size_t start = page->out->len;

	if (list->tally_count < 2)
		return;
	page_say(page, "<h2>Rot over time</h2>\n");
	picture_add_rot(page->out, "rot", list->tallies, list->tally_count);
	if (page_bytes(page) + TAIL_BYTES > SITE_PAGE_BYTES)
		buffer_truncate(page->out, start);
}

int list_page_write(const struct site *site, const struct list_page *list,
	struct buffer *out, struct error *error)
{
	struct page page;
	struct slice title = list->title.len > 0 ? list->title : list->name;
	const struct page_top top = { .title = title, .head = &list->head };
	uint32_t count =
		list->row_count < SITE_LIST_ROWS ? list->row_count : SITE_LIST_ROWS;

	page_init(&page, site,
		(struct site_place){ .what = SITE_LIST,
			.list = list->name,
			.by_state = list->by_state,
			.state = list->state,
			.number = list->number },
		out);
	page_begin(&page, &top);
	page_counts_sentence(&page, &list->counts);
	page_freshness(&page, &list->head);
	add_filters(&page, list);
	if (!site->is_static)
		add_form(&page, list);
	add_extent(&page, list);
	if (count > 0)
		add_table(&page, list, count);
	add_ways(&page, list);
	add_picture(&page, list);
	add_badge(&page, list);
	return page_end(&page, "the page of a list", error);
}
