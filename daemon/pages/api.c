/* The answers of the API, read and written; as files of an export, too. */
#include <string.h>

#include "pages/pages.h"
#include "show/evidence.h"
#include "store/tally.h"
#include "watch/doubt.h"

enum {
	API_DAYS = 90,
	API_EVENTS_LIMIT = API_LIMIT_DEFAULT,
	API_HISTORY_MAX = 500,  /* spans, and events, of a link: the newest */
	API_SOURCES_MAX = 1000, /* of a list: failing ones first */
};

/* Of a file, `now` is the moment of what it tells, so that it stays the same. */
static struct api_head head_of(const struct pages *pages)
{
	return (struct api_head){ .generator = pages->settings->generator,
		.now = pages->now };
}

static int written(int result, struct error *error)
{
	return result < 0 ? error_set(error, "out of memory") : 0;
}

/* --- lists -------------------------------------------------------------------------- */

static struct api_list list_of(const struct pages *pages, const struct ledger_list *list)
{
	struct badge_facts facts = pages_badge_facts(pages, list);
	struct badge_sums sums = badge_sums(&facts);
	return (struct api_list){
		.name = list->name,
		.title = list->title,
		.counts = list->counts,
		.interval_ms = facts.interval_ms,
		.measured_at = list->measured_until,
		.stale = sums.stale,
	};
}

int pages_api_lists(const struct pages *pages, struct buffer *out, struct error *error)
{
	const struct ledger *ledger = pages->ledger;
	struct api_head head = head_of(pages);
	struct api_list *lists =
		ARENA_ARRAY(pages->arena, struct api_list, ledger->list_count + 1);
	if (lists == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i < ledger->list_count; i++)
		lists[i] = list_of(pages, &ledger->lists[i]);
	return written(api_write_lists(&head, lists, ledger->list_count, out), error);
}

struct sources {
	struct arena *arena;
	struct api_source *at;
	uint32_t count;
	bool failing; /* these are told; else the others */
};

static bool add_source(const struct store_source *source, void *data)
{
	struct sources *sources = data;
	if ((source->failed_since != 0) != sources->failing)
		return true;
	sources->at[sources->count++] = (struct api_source){
		.name = arena_copy(sources->arena, source->name),
		.read_at = source->read_at,
		.failed_since = source->failed_since,
		.failure = arena_copy(sources->arena, source->failure),
		.occurrences = source->occurrences,
	};
	return sources->count < API_SOURCES_MAX;
}

/* Failing ones first, then the others, each in order of name. */
static int read_sources(const struct pages *pages, const struct ledger_list *list,
	struct sources *sources, struct error *error)
{
	*sources = (struct sources){ .arena = pages->arena,
		.at = ARENA_ARRAY(pages->arena, struct api_source, API_SOURCES_MAX),
		.failing = true };
	if (sources->at == NULL)
		return error_set(error, "out of memory");
	if (store_walk_sources(pages->store, list->name, add_source, sources, error) < 0)
		return -1;
	sources->failing = false;
	return sources->count < API_SOURCES_MAX
		       ? store_walk_sources(
				 pages->store, list->name, add_source, sources, error)
		       : 0;
}

struct days {
	struct api_day *at;
	uint32_t count;
};

static bool add_day(const struct store_tally *tally, void *data)
{
	struct days *days = data;
	struct api_day *day = &days->at[days->count++];
	day->at = (time_ms)tally->day * TIME_MS_PER_DAY;
	memcpy(day->by_state, tally->by_state, sizeof(day->by_state));
	day->checks = (uint32_t)tally->checks;
	return days->count < API_DAYS;
}

int pages_api_list(const struct pages *pages, const struct ledger_list *list,
	struct buffer *out, struct error *error)
{
	struct sources sources;
	struct days days = { ARENA_ARRAY(pages->arena, struct api_day, API_DAYS), 0 };
	int32_t today = (int32_t)(pages->now / TIME_MS_PER_DAY);
	if (days.at == NULL)
		return error_set(error, "out of memory");
	if (read_sources(pages, list, &sources, error) < 0 ||
		store_walk_tallies(pages->store, list->name, today - API_DAYS + 1, today,
			add_day, &days, error) < 0)
		return -1;
	struct api_head head = head_of(pages);
	struct api_list told = list_of(pages, list);
	return written(api_write_list(&head, &told, sources.at, sources.count, days.at,
			       days.count, out),
		error);
}

/* --- links -------------------------------------------------------------------------- */

/* What was chosen is as old as the ledger: what is in another state by now is none of the
 * answer. */
static int load_rows(const struct pages *pages, const struct api_question *question,
	const int64_t *ids, uint32_t count, const struct standing ***ret_rows,
	uint32_t *ret_count, struct error *error)
{
	struct store_link *links =
		ARENA_ARRAY(pages->arena, struct store_link, count + 1);
	const struct standing **rows =
		ARENA_ARRAY(pages->arena, const struct standing *, count + 1);
	if (links == NULL || rows == NULL)
		return error_set(error, "out of memory");
	if (store_load_links(pages->store, ids, count, pages->arena, links, error) < 0)
		return -1;
	const struct show_places places = { .list = question->list };
	uint32_t states = question->states;
	*ret_count = 0;
	for (uint32_t i = 0; i < count; i++) {
		struct standing *standing = ARENA_NEW(pages->arena, struct standing);
		if (standing == NULL)
			return error_set(error, "out of memory");
		if (links[i].link_id == 0 ||
			(states != 0 && (states & 1u << links[i].record.state) == 0))
			continue;
		if (show_standing(pages->store, &links[i], &places, pages->arena,
			    standing, error) < 0)
			return -1;
		rows[(*ret_count)++] = standing;
	}
	*ret_rows = rows;
	return 0;
}

struct chosen {
	int64_t ids[API_LIMIT_MAX], next; /* next -1: all were found */
	uint32_t count;
	struct api_links links;
};

static int choose(const struct pages *pages, const struct ledger_list *list,
	const struct api_question *question, struct chosen *chosen, struct error *error)
{
	chosen->links = (struct api_links){
		.question = question, .searched_all = true, .total = -1
	};
	if (question->needle.len == 0) {
		const struct ledger_wish wish = { .list = list,
			.states = question->states,
			.by_id = true,
			.after = question->after.id,
			.limit = question->limit };
		bool more;
		chosen->count = ledger_select(pages->ledger, &wish, chosen->ids, &more);
		chosen->next = more ? chosen->ids[chosen->count - 1] : -1;
		chosen->links.total = (int64_t)ledger_count(list, question->states);
		return 0;
	}
	const struct pages_search search = { .list = list,
		.states = question->states,
		.needle = question->needle,
		.after = question->after.id,
		.limit = question->limit };
	uint64_t looked;
	int result = pages_search(pages, &search, chosen->ids, &chosen->count,
		&chosen->next, &looked, error);
	chosen->links.searched_all = chosen->next < 0 || chosen->count == question->limit;
	return result;
}

int pages_api_links(const struct pages *pages, const struct api_question *question,
	struct buffer *out, struct error *error)
{
	const struct ledger_list *list = ledger_list_of(pages->ledger, question->list);
	struct chosen *chosen = ARENA_NEW(pages->arena, struct chosen);
	const struct standing **rows = NULL;
	uint32_t count = 0;
	if (chosen == NULL)
		return error_set(error, "out of memory");
	if (choose(pages, list, question, chosen, error) < 0 ||
		load_rows(pages, question, chosen->ids, chosen->count, &rows, &count,
			error) < 0)
		return -1;
	struct api_head head = head_of(pages);
	char next[API_CURSOR_SIZE];
	if (chosen->next >= 0) {
		const struct api_cursor cursor = { .id = chosen->next };
		api_cursor_format(&cursor, question->hash, next);
		head.next = slice_of(next);
	}
	return written(api_write_links(&head, &chosen->links, rows, count, out), error);
}

int pages_api_link(const struct pages *pages, int64_t link_id, struct buffer *out,
	bool *ret_found, struct error *error)
{
	const struct evidence_wish wish = { .limits = &pages->settings->limits,
		.now = pages->now,
		.checks_max = EVIDENCE_CHECKS_MAX,
		.spans_max = API_HISTORY_MAX,
		.events_max = API_HISTORY_MAX,
		.recent = pages->recent,
		.check_rows_max = PAGES_CHECK_ROWS };
	struct evidence evidence;
	if (evidence_load(pages->store, link_id, &wish, pages->arena, &evidence,
		    ret_found, error) < 0)
		return -1;
	if (!*ret_found)
		return 0;
	struct api_head head = head_of(pages);
	const struct api_link link = {
		.standing = &evidence.standing,
		.known = evidence.known,
	};
	return written(api_write_link(&head, &link, out), error);
}

/* --- events ------------------------------------------------------------------------- */

struct events {
	const struct pages *pages;
	time_ms since;
	struct api_event *at;
	uint32_t count;
};

static bool add_event(const struct store_event *stored, void *data)
{
	struct events *events = data;
	struct arena *arena = events->pages->arena;
	if (stored->event.at < events->since)
		return true;
	struct event *event = ARENA_NEW(arena, struct event);
	if (event == NULL)
		return false;
	*event = stored->event;
	event->text = arena_copy(arena, stored->event.text);
	struct api_event *at = &events->at[events->count++];
	*at = (struct api_event){ .event_id = stored->event_id,
		.event = event,
		.url = arena_copy(arena, stored->url) };
	at->lists = pages_lists_about(events->pages, stored, &at->list_count);
	return events->count < API_EVENTS_LIMIT;
}

struct probe {
	int64_t event_id; /* 0: there is none */
	time_ms at;
};

static bool note_probe(const struct store_event *stored, void *data)
{
	struct probe *probe = data;
	*probe = (struct probe){ stored->event_id, stored->event.at };
	return false;
}

static int probe(const struct pages *pages, bool backwards, int64_t from,
	struct probe *ret_probe, struct error *error)
{
	const struct store_event_wish wish = {
		.backwards = backwards, .from = from, .limit = 1
	};
	struct store_event_page page;
	*ret_probe = (struct probe){ 0 };
	return store_page_events(
		pages->store, &wish, note_probe, ret_probe, &page, error);
}

/* Behind which event those of `since` begin. Events stand in the order of writing, and
 * doubt holds some back: what happened LATE_MS earlier was surely written earlier. */
static int find_since(
	const struct pages *pages, time_ms since, int64_t *ret_from, struct error *error)
{
	enum { LATE_MS = 6 * DOUBT_HOLD_MS };
	struct probe seen;
	int64_t before = 0, behind;
	if (probe(pages, true, 0, &seen, error) < 0)
		return -1;
	behind = seen.event_id;
	while (behind - before > 1) {
		int64_t middle = before + (behind - before) / 2;
		if (probe(pages, false, middle, &seen, error) < 0)
			return -1;
		if (seen.event_id != 0 && seen.event_id <= behind &&
			seen.at < since - LATE_MS)
			before = seen.event_id;
		else
			behind = middle;
	}
	*ret_from = before;
	return 0;
}

int pages_api_events(const struct pages *pages, const struct ledger_list *list,
	const struct api_since *since, struct buffer *out, struct error *error)
{
	struct store_event_page page;
	struct events events = { .pages = pages,
		.since = since->at,
		.at = ARENA_ARRAY(pages->arena, struct api_event, API_EVENTS_LIMIT) };
	struct store_event_wish wish = { .from = since->event_id,
		.list = list->name,
		.general = true,
		.rows_max = PAGES_EVENT_ROWS };
	if (events.at == NULL)
		return error_set(error, "out of memory");
	if (since->event_id == 0 && since->at > 0 &&
		find_since(pages, since->at, &wish.from, error) < 0)
		return -1;
	if (store_page_events(pages->store, &wish, add_event, &events, &page, error) < 0)
		return -1;
	if (pages->arena->failed)
		return error_set(error, "out of memory");
	/* Also at the end, for whoever asks again in an hour; with the time, so that what
	 * was written late is not told by a later page either. */
	struct api_head head = head_of(pages);
	const struct api_cursor cursor = { .id = page.next, .key = since->at };
	char next[API_CURSOR_SIZE];
	if (page.next > 0) {
		api_cursor_format(&cursor, 0, next);
		head.next = slice_of(next);
	}
	return written(
		api_write_events(&head, events.at, events.count, !page.more, out), error);
}
