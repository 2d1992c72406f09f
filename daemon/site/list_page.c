#include "site/list_page.h"

#include <inttypes.h>

#include "site/list_page_internal.h"

#include "format/markup.h"
#include "format/standing_write.h"

enum {
	LABEL_BYTES = 120,
	URL_BYTES = 110,
	QUERY_BYTES = 200,
	CURSOR_BYTES = 256,
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

/* Else a list whose source has gone looks as if it were well, or as if it were empty. */
static void add_sources(struct page *page, const struct list_page *list)
{
	if (list->sources_failed > 0)
		page_say(page,
			"<p class=\"warn\">%" PRIu32 " source%s cannot be read.</p>\n",
			list->sources_failed, list->sources_failed == 1 ? "" : "s");
}

static const char *none_said(const struct list_page *list)
{
	if (list->query.len > 0)
		return "No link matches.";
	return list->by_state ? "No link is in this state." : "There are no links here.";
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
		page_say(page, "%s", none_said(list));
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

/* --- below it -------------------------------------------------------------------------
 */

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
		page_numbered_ways(page, list->number, list->number_max);
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
	if (page_bytes(page) + LIST_TAIL_BYTES > SITE_PAGE_BYTES)
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
	add_sources(&page, list);
	add_filters(&page, list);
	if (!site->is_static)
		add_form(&page, list);
	add_extent(&page, list);
	if (count > 0)
		list_add_table(&page, list, count);
	add_ways(&page, list);
	add_picture(&page, list);
	add_badge(&page, list);
	return page_end(&page, "the page of a list", error);
}
