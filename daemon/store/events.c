/* What happened: of one link, from one moment on, or by pages in both directions. */
#include "store/link_internal.h"
#include "store/pages.h"

static void read_event(
	const struct store *store, sqlite3_stmt *row, struct store_event *it)
{
	const struct words *words = &store->words;
	*it = (struct store_event){ .event_id = sql_int(row, 0) };
	it->event = (struct event){
		.at = sql_int(row, 1),
		.link_id = sql_int(row, 2),
		.kind = (enum event_kind)word_value(words, WORD_EVENT, sql_int(row, 3)),
		.from = (enum state)word_value(words, WORD_STATE, sql_int(row, 4)),
		.to = (enum state)word_value(words, WORD_STATE, sql_int(row, 5)),
		.reason = (enum reason)word_value(words, WORD_REASON, sql_int(row, 6)),
		.incident_id = sql_int(row, 7),
		.links = (uint32_t)sql_int(row, 8),
		.text = sql_text(row, 9),
	};
	it->list = sql_text(row, 10);
	it->url = sql_text(row, 11);
}

static bool is_verdict(enum state state)
{
	return state == STATE_ALIVE || state == STATE_MOVED || state == STATE_DEAD;
}

/* What is behind it is as it was; of what was suspected and is well, only a rewrite that
 * was proposed before is of interest. */
static bool hides_verdict(const struct event *event)
{
	return event->kind == EVENT_STATE && is_verdict(event->to) &&
	       (event->from == STATE_GATED || event->from == STATE_SKIPPED ||
		       (event->from == STATE_SUSPECT && event->to == STATE_MOVED));
}

/* What a gate does not change. From one verdict only back to the one before it, so all of
 * a link's events are looked at once. */
static int find_kept(struct store *store, struct event *event, int64_t event_id)
{
	const struct words *words = &store->words;
	if (!hides_verdict(event))
		return 0;
	sqlite3_stmt *row = sql_get(store, STATEMENT_EVENT_KEPT);
	sql_bind_int(row, 1, event->link_id);
	sql_bind_int(row, 2, event_id);
	sql_bind_int(row, 3, word_code(words, WORD_EVENT, EVENT_STATE));
	sql_bind_int(row, 4, word_code(words, WORD_STATE, STATE_ALIVE));
	sql_bind_int(row, 5, word_code(words, WORD_STATE, STATE_MOVED));
	sql_bind_int(row, 6, word_code(words, WORD_STATE, STATE_DEAD));
	int step = sql_step(row);
	if (step == 1) {
		enum state to =
			(enum state)word_value(words, WORD_STATE, sql_int(row, 1));
		event->kept = is_verdict(to) ? to
					     : (enum state)word_value(words, WORD_STATE,
						       sql_int(row, 0));
	}
	sql_end(row);
	return step < 0 ? -1 : 0;
}

static int walk_events(struct store *store, sqlite3_stmt *row, store_event_fn *fn,
	void *context, struct error *error)
{
	int step;
	while ((step = sql_step(row)) == 1) {
		struct store_event it;
		read_event(store, row, &it);
		if (find_kept(store, &it.event, it.event_id) < 0)
			return store_read_done(store, row, -1, error);
		if (!fn(&it, context))
			break;
	}
	return store_read_done(store, row, step, error);
}

static int walk_events_of_link(struct store *store, enum statement statement,
	int64_t link_id, store_event_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, statement);
	sql_bind_int(row, 1, link_id);
	return walk_events(store, row, fn, context, error);
}

int store_walk_events_of_link(struct store *store, int64_t link_id, store_event_fn *fn,
	void *context, struct error *error)
{
	return walk_events_of_link(
		store, STATEMENT_EVENTS_OF_LINK, link_id, fn, context, error);
}

int store_walk_events_of_link_back(struct store *store, int64_t link_id,
	store_event_fn *fn, void *context, struct error *error)
{
	return walk_events_of_link(
		store, STATEMENT_EVENTS_OF_LINK_DOWN, link_id, fn, context, error);
}

int store_walk_events(struct store *store, int64_t after, time_ms since,
	store_event_fn *fn, void *context, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_EVENTS);
	sql_bind_int(row, 1, after);
	sql_bind_int(row, 2, since > 0 ? since : INT64_MIN);
	return walk_events(store, row, fn, context, error);
}

int store_walk_open_incidents(
	struct store *store, store_event_fn *fn, void *context, struct error *error)
{
	const struct words *words = &store->words;
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_INCIDENTS_OPEN);
	sql_bind_int(row, 1, word_code(words, WORD_EVENT, EVENT_INCIDENT_BEGAN));
	sql_bind_int(row, 2, word_code(words, WORD_EVENT, EVENT_INCIDENT_ENDED));
	return walk_events(store, row, fn, context, error);
}

/* --- pages -------------------------------------------------------------------------- */

struct events {
	struct store *store;
	const struct store_event_wish *wish;
	int64_t list_place; /* of wish->list; -1: it is not there */
	store_event_fn *fn;
	void *context;
	uint32_t told, looked_at;
};

/* list_bits of its link, and whether that stands on the list that is wished for: lists
 * that share the last bit are told apart by their place. */
static int find_lists(struct events *events, struct store_event *it, bool *ret_on_list)
{
	int64_t reading_id = 0;
	int step = 1;

	*ret_on_list = false;
	while (it->event.link_id != 0 && (step = link_next_reading(events->store,
						  it->event.link_id, &reading_id)) == 1) {
		sqlite3_stmt *row = sql_get(events->store, STATEMENT_LISTS_OF_READING);
		sql_bind_int(row, 1, reading_id);
		step = sql_step(row);
		int64_t place = step == 1 ? sql_int(row, 0) : -1;
		sql_end(row);
		if (step < 0)
			return -1;
		events->looked_at++;
		if (place < 0)
			continue;
		it->list_bits |= sweep_bit_of((uint32_t)place);
		*ret_on_list |= place == events->list_place;
	}
	return step < 0 ? -1 : 0;
}

static bool takes(const struct events *events, const struct store_event *it, bool on_list)
{
	const struct store_event_wish *wish = events->wish;
	if (wish->list.len == 0 || on_list)
		return true;
	if (it->list.len > 0)
		return slice_equal(it->list, wish->list);
	return wish->general && it->event.link_id == 0;
}

/* 1: go on; 0: `fn` or its limit ended it. */
static int tell_event(struct events *events, struct store_event *it)
{
	sqlite3_stmt *row = sql_get(events->store, STATEMENT_EVENT_URL);
	int step = 0;
	if (it->event.link_id != 0) {
		sql_bind_int(row, 1, it->event.link_id);
		step = sql_step(row);
		it->url = step == 1 ? sql_text(row, 0) : (struct slice){ 0 };
	}
	if (step >= 0)
		step = find_kept(events->store, &it->event, it->event_id);
	events->told++;
	bool more = step >= 0 && events->fn(it, events->context) &&
		    events->told != events->wish->limit;
	sql_end(row);
	return step < 0 ? -1 : more;
}

static int next_event(
	struct events *events, sqlite3_stmt *rows, struct store_event_page *page)
{
	struct store_event it;
	bool on_list;

	if (events->wish->rows_max != 0 && events->looked_at >= events->wish->rows_max)
		return 0;
	int step = sql_step(rows);
	page->more = step == 1;
	if (step != 1)
		return step;
	uint32_t looked_at = events->looked_at;
	read_event(events->store, rows, &it);
	page->next = it.event_id;
	if (find_lists(events, &it, &on_list) < 0)
		return -1;
	if (events->looked_at == looked_at)
		events->looked_at++;
	return takes(events, &it, on_list) ? tell_event(events, &it) : 1;
}

static int find_place(struct events *events)
{
	sqlite3_stmt *row = sql_get(events->store, STATEMENT_LIST_GET);
	sql_bind_name(row, 1, events->wish->list);
	int step = sql_step(row);
	events->list_place = step == 1 ? sql_int(row, 1) : -1;
	sql_end(row);
	return step;
}

int store_find_events_behind(
	struct store *store, uint32_t rows, int64_t *ret_event_id, struct error *error)
{
	if (store_read_begin(store, error) < 0)
		return -1;
	sqlite3_stmt *row = sql_get(store, STATEMENT_EVENT_BEHIND);
	sql_bind_int(row, 1, rows);
	int step = sql_step(row);
	*ret_event_id = step == 1 ? sql_int(row, 0) : 0;
	return store_read_done(store, row, step, error);
}

int store_page_events(struct store *store, const struct store_event_wish *wish,
	store_event_fn *fn, void *context, struct store_event_page *ret_page,
	struct error *error)
{
	struct events events = { .store = store,
		.wish = wish,
		.list_place = -1,
		.fn = fn,
		.context = context };

	*ret_page = (struct store_event_page){ .next = wish->from };
	if (store_read_begin(store, error) < 0)
		return -1;
	int step = wish->list.len > 0 ? find_place(&events) : 1;
	/* An unknown list has none, and what is general is not asked for by it. */
	if (step <= 0)
		return store_read_done(store, NULL, step, error);
	sqlite3_stmt *rows = sql_get(
		store, wish->backwards ? STATEMENT_EVENTS_DOWN : STATEMENT_EVENTS_UP);
	sql_bind_int(
		rows, 1, wish->backwards && wish->from == 0 ? INT64_MAX : wish->from);
	while ((step = next_event(&events, rows, ret_page)) == 1)
		;
	return store_read_done(store, rows, step, error);
}
