#include "pages/pages.h"

#include <assert.h>
#include <stdlib.h>

#include "digest/feed.h"
#include "site/events_page.h"
#include "site/overview.h"
#include "store/tally.h"

/* --- what several pages have -------------------------------------------------------- */

time_ms pages_interval_of(const struct pages *pages, const struct ledger_list *list)
{
	const struct pages_settings *settings = pages->settings;
	time_ms longest = 0;
	for (uint32_t i = 0; i < settings->interval_count; i++) {
		const struct pages_interval *interval = &settings->intervals[i];
		if (list->name.len > 0 && !slice_equal(interval->list, list->name))
			continue;
		if (interval->interval_ms > longest)
			longest = interval->interval_ms;
	}
	return longest;
}

struct badge_facts pages_badge_facts(
	const struct pages *pages, const struct ledger_list *list)
{
	struct badge_facts facts = list->facts;
	facts.now = pages->now;
	facts.counted_at = pages->ledger->as_of;
	facts.interval_ms = pages_interval_of(pages, list);
	return facts;
}

struct site_head pages_head(const struct pages *pages, const struct ledger_list *list)
{
	struct badge_facts facts = pages_badge_facts(pages, list);
	struct badge_sums sums = badge_sums(&facts);
	return (struct site_head){
		.measured_from = list->measured_from,
		.measured_until = list->measured_until,
		.checks_lately = list->counts.checked_lately,
		.checks_lately_ms = list->counts.lately_ms,
		.stale = sums.known && sums.stale,
		.lines = pages->lines,
		.line_count = pages->line_count,
	};
}

const struct slice *pages_lists_of(
	const struct pages *pages, uint32_t bits, uint32_t *ret_count)
{
	const struct ledger *ledger = pages->ledger;
	struct slice *names = ARENA_ARRAY(pages->arena, struct slice, STORE_LIST_BITS);
	*ret_count = 0;
	for (uint32_t i = 0; i < ledger->list_count && names != NULL; i++)
		/* The last bit does not say which; none is said. */
		if ((ledger->lists[i].bit & bits) != 0 &&
			ledger->lists[i].members == NULL && *ret_count < STORE_LIST_BITS)
			names[(*ret_count)++] = ledger->lists[i].name;
	return names;
}

const struct slice *pages_lists_about(
	const struct pages *pages, const struct store_event *stored, uint32_t *ret_count)
{
	if (stored->list.len == 0)
		return pages_lists_of(pages, stored->list_bits, ret_count);
	struct slice *name = ARENA_NEW(pages->arena, struct slice);
	*ret_count = name != NULL ? 1 : 0;
	if (name != NULL)
		*name = arena_copy(pages->arena, stored->list);
	return name;
}

struct events {
	const struct pages *pages;
	struct site_event *at;
	uint32_t count, limit;
	int64_t last_id;
};

static bool add_event(const struct store_event *stored, void *data)
{
	struct events *events = data;
	events->last_id = stored->event_id;
	struct arena *arena = events->pages->arena;
	struct site_event *event = &events->at[events->count++];
	*event = (struct site_event){
		.event_id = stored->event_id,
		.event = stored->event,
		.url = arena_copy(arena, stored->url),
	};
	event->event.text = arena_copy(arena, stored->event.text);
	event->lists = pages_lists_about(events->pages, stored, &event->list_count);
	/* A list that is no more has no page. */
	if (ledger_list_of(events->pages->ledger, stored->list) == NULL)
		event->list_count = 0;
	return events->count < events->limit;
}

/* Doubt lets some be written long after they happened; people read by date. */
static int by_date(const void *a, const void *b)
{
	const struct site_event *x = a, *y = b;
	if (x->event.at != y->event.at)
		return x->event.at > y->event.at ? -1 : 1;
	return (x->event_id < y->event_id) - (x->event_id > y->event_id);
}

int pages_read_events(const struct pages *pages, const struct ledger_list *list,
	int64_t before, uint32_t limit, struct site_event **ret_events,
	uint32_t *ret_count, int64_t *ret_older, struct error *error)
{
	struct events events = { .pages = pages,
		.at = ARENA_ARRAY(pages->arena, struct site_event, limit),
		.limit = limit };
	const struct store_event_wish wish = { .backwards = true,
		.from = before,
		.list = list->name,
		.general = true,
		.rows_max = PAGES_EVENT_ROWS };
	struct store_event_page page;
	if (events.at == NULL)
		return error_set(error, "out of memory");
	if (store_page_events(pages->store, &wish, add_event, &events, &page, error) < 0)
		return -1;
	qsort(events.at, events.count, sizeof(*events.at), by_date);
	*ret_events = events.at;
	*ret_count = events.count;
	if (ret_older != NULL)
		*ret_older = !page.more              ? 0
			     : events.count == limit ? events.last_id
						     : page.next;
	return 0;
}

int pages_read_news(const struct pages *pages, const struct ledger_list *list,
	uint32_t limit, struct site_event **ret_events, uint32_t *ret_count,
	struct error *error)
{
	struct events events = { .pages = pages,
		.at = ARENA_ARRAY(pages->arena, struct site_event, limit),
		.limit = limit };
	struct store_event_page page;
	if (events.at == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = list->news_count; i-- > 0 && events.count < limit;) {
		const struct store_event_wish one = {
			.backwards = true, .from = list->news[i] + 1, .limit = 1
		};
		if (store_page_events(
			    pages->store, &one, add_event, &events, &page, error) < 0)
			return -1;
	}
	qsort(events.at, events.count, sizeof(*events.at), by_date);
	*ret_events = events.at;
	*ret_count = events.count;
	return 0;
}

struct tallies {
	struct picture_tally *at;
	uint32_t count, limit;
};

static bool add_tally(const struct store_tally *tally, void *data)
{
	struct tallies *tallies = data;
	struct picture_tally *at = &tallies->at[tallies->count++];
	at->day = (time_ms)tally->day * TIME_MS_PER_DAY;
	_Static_assert(sizeof(at->by_state) == sizeof(tally->by_state), "same states");
	memcpy(at->by_state, tally->by_state, sizeof(at->by_state));
	return tallies->count < tallies->limit;
}

int pages_read_tallies(const struct pages *pages, const struct ledger_list *list,
	uint32_t days, struct picture_tally **ret_tallies, uint32_t *ret_count,
	struct error *error)
{
	int32_t today = (int32_t)(pages->now / TIME_MS_PER_DAY);
	struct tallies tallies = {
		.at = ARENA_ARRAY(pages->arena, struct picture_tally, days), .limit = days
	};
	if (tallies.at == NULL)
		return error_set(error, "out of memory");
	if (store_walk_tallies(pages->store, list->name, today - (int32_t)days + 1, today,
		    add_tally, &tallies, error) < 0)
		return -1;
	*ret_tallies = tallies.at;
	*ret_count = tallies.count;
	return 0;
}

/* --- pages -------------------------------------------------------------------------- */

int pages_overview(const struct pages *pages, uint32_t number, struct buffer *out,
	struct error *error)
{
	const struct ledger *ledger = pages->ledger;
	assert(number > 0 && number <= overview_pages(ledger->list_count));
	uint32_t first = (number - 1) * SITE_LISTS_MAX;
	uint32_t shown = ledger->list_count - first;
	if (shown > SITE_LISTS_MAX)
		shown = SITE_LISTS_MAX;
	struct overview_list *lists =
		ARENA_ARRAY(pages->arena, struct overview_list, shown + 1);
	struct site_event *events = NULL;
	struct picture_tally *tallies = NULL;
	struct overview overview = { .head = pages_head(pages, &ledger->all),
		.counts = ledger->all.counts,
		.lists = lists,
		.list_count = shown,
		.list_total = ledger->list_count,
		.number = number };
	if (lists == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < shown; i++) {
		const struct ledger_list *list = &ledger->lists[first + i];
		lists[i] = (struct overview_list){
			.name = list->name,
			.title = list->title,
			.counts = list->counts,
			.measured_until = list->measured_until,
			.sources_failed = list->sources_failed,
		};
	}
	if (pages_read_news(pages, &ledger->all, OVERVIEW_EVENTS, &events,
		    &overview.event_count, error) < 0 ||
		pages_read_tallies(pages, &ledger->all, PAGES_TALLY_DAYS, &tallies,
			&overview.tally_count, error) < 0)
		return -1;
	overview.events = events;
	overview.tallies = tallies;
	return overview_write(&pages->settings->site, &overview, out, error);
}

int pages_events(const struct pages *pages, const struct pages_events_wish *wish,
	struct buffer *out, int64_t *ret_older, struct error *error)
{
	struct site_event *events = NULL;
	int64_t older = 0;
	struct events_page page = {
		.head = pages_head(pages, wish->list),
		.list = wish->list->name,
		.list_title = wish->list->title,
		.is_newest = wish->before == 0,
		.number = wish->number,
		.number_max = wish->number_max,
	};
	if (pages_read_events(pages, wish->list, wish->before, SITE_EVENT_ROWS, &events,
		    &page.event_count, &older, error) < 0)
		return -1;
	page.events = events;
	if (older > 0)
		page.older = arena_printf(pages->arena, "%lld", (long long)older);
	if (ret_older != NULL)
		*ret_older = older;
	return events_page_write(&pages->settings->site, &page, out, error);
}

/* --- feed and badge ----------------------------------------------------------------- */

int pages_feed(const struct pages *pages, const struct ledger_list *list,
	struct buffer *out, struct error *error)
{
	const struct pages_settings *settings = pages->settings;
	const struct slice public_url = settings->site.public_url;
	struct site_event *events = NULL;
	uint32_t count = 0;
	if (pages_read_news(pages, list, PAGES_FEED_ENTRIES, &events, &count, error) < 0)
		return -1;
	struct feed_entry *entries =
		ARENA_ARRAY(pages->arena, struct feed_entry, count + 1);
	if (entries == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < count; i++)
		entries[i] = (struct feed_entry){ events[i].event_id, events[i].event,
			events[i].url, events[i].lists, events[i].list_count };
	struct feed_head head = {
		.host = settings->feed_host,
		.list = list->name,
		.title = list->name.len > 0             ? list->title
			 : settings->site.title.len > 0 ? settings->site.title
							: SLICE("Links"),
		.generator = settings->generator,
		.updated = count > 0 ? events[0].event.at : list->measured_until,
	};
	if (public_url.len > 0) {
		head.page_url =
			arena_printf(pages->arena, "%.*s/", SLICE_ARG(public_url));
		head.self_url = arena_printf(pages->arena, "%.*s/%s%.*s%sfeed.atom",
			SLICE_ARG(public_url), list->name.len > 0 ? "lists/" : "",
			SLICE_ARG(list->name), list->name.len > 0 ? "/" : "");
	}
	return feed_write(&head, entries, count, out, error);
}

int pages_badge(const struct pages *pages, const struct ledger_list *list,
	enum badge_kind kind, bool json, struct buffer *out, struct error *error)
{
	struct badge_facts facts = { .now = pages->now };
	if (list != NULL)
		facts = pages_badge_facts(pages, list);
	struct badge badge = badge_of(&facts, kind);
	if (!json)
		badge_write_svg(&badge, out);
	else if (badge_write_json(&badge, out) < 0)
		return error_set(error, "out of memory");
	return 0;
}
