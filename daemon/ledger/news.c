/* The newest events that are worth telling, of all links and of each list. */
#include <string.h>

#include "digest/feed.h"
#include "ledger/ledger_internal.h"

/* What it was told before is passed over. */
static void tell(struct ledger_list *list, int64_t event_id)
{
	if (list->news_count > 0 && event_id <= list->news[list->news_count - 1])
		return;
	if (list->news_count == LEDGER_NEWS) {
		memmove(list->news, list->news + 1,
			(LEDGER_NEWS - 1) * sizeof(*list->news));
		list->news_count--;
	}
	list->news[list->news_count++] = event_id;
}

/* Where the first that is not below it stands; news_count: behind all. */
static uint32_t place_of(const struct ledger_list *list, int64_t event_id)
{
	uint32_t place = 0;
	while (place < list->news_count && list->news[place] < event_id)
		place++;
	return place;
}

/* An incident concerns a list once a link of that fails for it, which may be days after
 * it began. */
static void tell_beginning(struct ledger_list *list, int64_t incident_id)
{
	uint32_t place = place_of(list, incident_id);
	if (place < list->news_count && list->news[place] == incident_id)
		return;
	if (list->news_count == LEDGER_NEWS) {
		if (place == 0)
			return;
		memmove(list->news, list->news + 1, --place * sizeof(*list->news));
	} else {
		memmove(list->news + place + 1, list->news + place,
			(list->news_count - place) * sizeof(*list->news));
		list->news_count++;
	}
	list->news[place] = incident_id;
}

/* One that is told no more may have been told. */
static bool knows(const struct ledger_list *list, int64_t incident_id)
{
	uint32_t place = place_of(list, incident_id);
	if (place == 0 && list->news_count == LEDGER_NEWS)
		return true;
	return place < list->news_count && list->news[place] == incident_id;
}

/* Of a link that stands there, of the list itself, or of no list at all. */
static bool is_about(const struct ledger *ledger, const struct ledger_list *list,
	const struct store_event *stored)
{
	enum state state;
	if (stored->event.kind == EVENT_INCIDENT_BEGAN)
		return false; /* not before one of its links is known */
	if (stored->event.kind == EVENT_INCIDENT_ENDED)
		return knows(list, stored->event.incident_id);
	if (stored->event.link_id == 0)
		return stored->list.len == 0 || slice_equal(stored->list, list->name);
	return list->members == NULL
		       ? (stored->list_bits & list->bit) != 0
		       : ledger_holds(ledger, list, stored->event.link_id, &state);
}

static bool add_event(const struct store_event *stored, void *data)
{
	struct ledger *ledger = data;
	const struct event *event = &stored->event;
	bool wanted = feed_wants(event);
	bool names = event->link_id != 0 && event->incident_id != 0;
	ledger->events_until = stored->event_id;
	if (wanted)
		tell(&ledger->all, stored->event_id);
	for (uint32_t i = 0; i < ledger->list_count && (wanted || names); i++) {
		struct ledger_list *list = &ledger->lists[i];
		if (!is_about(ledger, list, stored))
			continue;
		if (names)
			tell_beginning(list, event->incident_id);
		if (wanted)
			tell(list, stored->event_id);
	}
	return true;
}

/* One that is new, or had no links yet: what happened to them before was told to others
 * alone. */
static bool is_new(const struct ledger_list *list, const struct ledger_list *from)
{
	return from == NULL || (ledger_count(from, 0) == 0 && ledger_count(list, 0) > 0);
}

/* False: some list has more to be told than what came since. */
static bool carry_on(struct ledger *ledger, const struct ledger *former)
{
	bool all = true;
	memcpy(ledger->all.news, former->all.news, sizeof(ledger->all.news));
	ledger->all.news_count = former->all.news_count;
	for (uint32_t i = 0; i < ledger->list_count; i++) {
		struct ledger_list *list = &ledger->lists[i];
		const struct ledger_list *from = ledger_list_of(former, list->name);
		all = all && !is_new(list, from);
		if (from == NULL || from == &former->all)
			continue;
		memcpy(list->news, from->news, sizeof(list->news));
		list->news_count = from->news_count;
	}
	return all;
}

int ledger_read_news(struct ledger *ledger, struct store *store,
	const struct ledger_reading *wish, struct error *error)
{
	struct store_event_wish slice = { .rows_max = LEDGER_SLICE_ROWS };
	if (wish->former != NULL && carry_on(ledger, wish->former))
		ledger->events_until = wish->former->events_until;
	else if (store_find_events_behind(
			 store, LEDGER_NEWS_ROWS, &ledger->events_until, error) < 0)
		return -1;
	struct store_event_page page = { .next = ledger->events_until, .more = true };
	while (page.more) {
		slice.from = page.next;
		if (wish->stop != NULL && atomic_load(wish->stop))
			return error_set(error, "reading the events was stopped");
		if (store_page_events(store, &slice, add_event, ledger, &page, error) < 0)
			return -1;
	}
	return 0;
}
