/* Pages of links: a list's, one link's, and searching among them. */
#include "pages/pages.h"
#include "show/evidence.h"
#include "site/link_page.h"
#include "site/list_page.h"

enum {
	ROW_PLACES = 4,         /* of a link that are looked for, in a row of many */
	STRIP_SPANS_MAX = 1000, /* a link that changed more often loses its oldest */
	PAGE_CHECKS_MAX = LINK_PAGE_CHECKS_MAX,
	PAGE_SPANS_MAX = STRIP_SPANS_MAX, /* the strip is made of the same */
	PAGE_EVENTS_MAX = LINK_PAGE_EVENTS_MAX,
	URLS_MAX = 8, /* links of one URL that a search puts first */
};

/* --- rows --------------------------------------------------------------------------- */

struct spans {
	struct span *at;
	uint32_t count;
};

static bool add_span(const struct span *span, void *data)
{
	struct spans *spans = data;
	spans->at[spans->count++] = *span;
	return spans->count < STRIP_SPANS_MAX;
}

/* What is dead is asked more and more rarely, and stays dead meanwhile. */
static time_ms hold_ms(const struct link_record *record)
{
	const time_ms least = 14 * TIME_MS_PER_DAY;
	time_ms twice = 2 * record->interval_ms;
	if (record->state != STATE_DEAD)
		return 0; /* as the strip has it */
	return twice > least ? twice : least;
}

static int make_strip(const struct pages *pages, int64_t link_id,
	const struct link_record *record, struct spans *spans, struct strip *strip,
	struct error *error)
{
	spans->count = 0;
	if (store_walk_spans(pages->store, link_id, add_span, spans, error) < 0)
		return -1;
	for (uint32_t i = 0, k = spans->count; i + 1 < k; i++) { /* oldest first */
		struct span span = spans->at[i];
		spans->at[i] = spans->at[--k];
		spans->at[k] = span;
	}
	const struct strip_facts facts = { .spans = spans->at,
		.span_count = spans->count,
		.record = record,
		.now = pages->now,
		.hold_ms = hold_ms(record) };
	strip_make(strip, &facts);
	return 0;
}

static int make_row(const struct pages *pages, const struct store_link *link,
	struct slice list, struct spans *spans, struct list_row *row, struct error *error)
{
	struct standing *standing = ARENA_NEW(pages->arena, struct standing);
	struct strip *strip = ARENA_NEW(pages->arena, struct strip);
	if (standing == NULL || strip == NULL)
		return error_set(error, "out of memory");
	const struct show_places places = { .list = list, .limit = ROW_PLACES };
	if (show_standing(pages->store, link, &places, pages->arena, standing, error) <
			0 ||
		make_strip(pages, link->link_id, &link->record, spans, strip, error) < 0)
		return -1;
	*row = (struct list_row){ standing, strip };
	return 0;
}

static int make_rows(const struct pages *pages, struct slice list, const int64_t *ids,
	uint32_t count, struct list_row **ret_rows, uint32_t *ret_count,
	struct error *error)
{
	struct arena *arena = pages->arena;
	struct store_link *links = ARENA_ARRAY(arena, struct store_link, count + 1);
	struct list_row *rows = ARENA_ARRAY(arena, struct list_row, count + 1);
	struct spans spans = { ARENA_ARRAY(arena, struct span, STRIP_SPANS_MAX), 0 };
	*ret_count = 0;
	if (links == NULL || rows == NULL || spans.at == NULL)
		return error_set(error, "out of memory");
	if (store_load_links(pages->store, ids, count, arena, links, error) < 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		if (links[i].link_id != 0 && make_row(pages, &links[i], list, &spans,
						     &rows[(*ret_count)++], error) < 0)
			return -1;
	*ret_rows = rows;
	return 0;
}

/* --- search ------------------------------------------------------------------------- */

struct found {
	const struct pages *pages;
	const struct pages_search *search;
	int64_t whole[URLS_MAX]; /* of that very URL: told before all others */
	uint32_t whole_count;
	int64_t *ids;
	uint32_t count;
};

static bool fits(const struct found *found, int64_t link_id)
{
	const struct pages_search *search = found->search;
	enum state state;
	return ledger_holds(found->pages->ledger, search->list, link_id, &state) &&
	       (search->states == 0 || (search->states & 1u << state) != 0);
}

static bool is_whole(const struct found *found, int64_t link_id)
{
	for (uint32_t i = 0; i < found->whole_count; i++)
		if (found->whole[i] == link_id)
			return true;
	return false;
}

static bool add_found(const struct store_found *link, void *data)
{
	struct found *found = data;
	if (!is_whole(found, link->link_id) && fits(found, link->link_id))
		found->ids[found->count++] = link->link_id;
	return found->count < found->search->limit;
}

/* The same for each slice, so that a later one knows what the first has told. */
static int find_whole_urls(struct found *found, struct error *error)
{
	const struct pages *pages = found->pages;
	int64_t ids[URLS_MAX];
	uint32_t count,
		room = found->search->limit < URLS_MAX ? found->search->limit : URLS_MAX;
	if (show_find_links(pages->store, found->search->needle, pages->arena, ids,
		    URLS_MAX, &count, error) < 0)
		return -1;
	for (uint32_t i = 0; i < count && i < URLS_MAX && found->whole_count < room; i++)
		if (fits(found, ids[i]))
			found->whole[found->whole_count++] = ids[i];
	return 0;
}

int pages_search(const struct pages *pages, const struct pages_search *search,
	int64_t *ids, uint32_t *ret_count, int64_t *ret_next, uint64_t *ret_looked,
	struct error *error)
{
	struct found found = { .pages = pages, .search = search, .ids = ids };
	struct store_search slice = { .needle = search->needle,
		.after = search->after == PAGES_SEARCH_ANEW ? 0 : search->after,
		.rows_max = PAGES_SEARCH_ROWS };
	if (find_whole_urls(&found, error) < 0)
		return -1;
	if (search->after == 0) {
		memcpy(ids, found.whole, found.whole_count * sizeof(*ids));
		found.count = found.whole_count;
	}
	*ret_next = PAGES_SEARCH_ANEW;
	if (found.count < search->limit &&
		store_search_links(
			pages->store, &slice, add_found, &found, ret_next, error) < 0)
		return -1;
	*ret_count = found.count;
	/* Ids are dense enough to stand for places. */
	*ret_looked = *ret_next == PAGES_SEARCH_ANEW ? 0
		      : *ret_next >= 0               ? (uint64_t)*ret_next
						     : pages->ledger->link_count;
	return 0;
}

/* --- a list's page ------------------------------------------------------------------ */

static int select_found(const struct pages *pages, const struct pages_list_wish *wish,
	int64_t ids[static SITE_LIST_ROWS], struct list_page *page, uint32_t *ret_count,
	struct error *error)
{
	const struct pages_search search = { .list = wish->list,
		.states = wish->by_state ? 1u << wish->state : 0,
		.needle = wish->query,
		.after = (int64_t)wish->after,
		.limit = SITE_LIST_ROWS };
	int64_t next;
	if (pages_search(pages, &search, ids, ret_count, &next, &page->searched, error) <
		0)
		return -1;
	page->total = -1;
	page->is_first = wish->after == 0;
	if (next >= 0)
		page->next = arena_printf(pages->arena, "%lld", (long long)next);
	else
		page->searched = 0;
	if (next < 0 && wish->after == 0)
		page->total = *ret_count;
	return 0;
}

static uint32_t select_sorted(const struct pages *pages,
	const struct pages_list_wish *wish, int64_t ids[static SITE_LIST_ROWS],
	struct list_page *page)
{
	const struct ledger_wish select = { .list = wish->list,
		.states = wish->by_state ? 1u << wish->state : 0,
		.sort = wish->sort,
		.skip = wish->after,
		.limit = SITE_LIST_ROWS };
	bool more;
	uint32_t count = ledger_select(pages->ledger, &select, ids, &more);
	uint64_t before = wish->after > SITE_LIST_ROWS ? wish->after - SITE_LIST_ROWS : 0;
	page->total = (int64_t)ledger_count(wish->list, select.states);
	page->first_number = count > 0 ? wish->after + 1 : 0;
	page->is_first = wish->after == 0;
	if (more)
		page->next = arena_printf(
			pages->arena, "%llu", (unsigned long long)wish->after + count);
	if (wish->after > 0)
		page->previous =
			arena_printf(pages->arena, "%llu", (unsigned long long)before);
	return count;
}

int pages_list(const struct pages *pages, const struct pages_list_wish *wish,
	struct buffer *out, struct error *error)
{
	int64_t ids[SITE_LIST_ROWS];
	uint32_t count;
	struct list_row *rows = NULL;
	struct picture_tally *tallies;
	struct list_page page = {
		.head = pages_head(pages, wish->list),
		.name = wish->list->name,
		.title = wish->list->title,
		.counts = wish->list->counts,
		.sources_failed = wish->list->sources_failed,
		.by_state = wish->by_state,
		.state = wish->state,
		.query = wish->query,
		.sort = wish->sort,
		.sorts = LEDGER_SORTS,
		.number = wish->number,
		.number_max = wish->number_max,
	};
	if (wish->query.len == 0)
		count = select_sorted(pages, wish, ids, &page);
	else if (select_found(pages, wish, ids, &page, &count, error) < 0)
		return -1;
	if (make_rows(pages, wish->list->name, ids, count, &rows, &page.row_count,
		    error) < 0 ||
		pages_read_tallies(pages, wish->list, PAGES_TALLY_DAYS, &tallies,
			&page.tally_count, error) < 0)
		return -1;
	page.rows = rows;
	page.tallies = tallies;
	return list_page_write(&pages->settings->site, &page, out, error);
}

/* --- one link's page ---------------------------------------------------------------- */

int pages_link(const struct pages *pages, int64_t link_id, struct buffer *out,
	bool *ret_found, struct error *error)
{
	const struct evidence_wish wish = { .limits = &pages->settings->limits,
		.now = pages->now,
		.checks_max = PAGE_CHECKS_MAX,
		.spans_max = PAGE_SPANS_MAX,
		.events_max = PAGE_EVENTS_MAX,
		.recent = pages->recent,
		.check_rows_max = PAGES_CHECK_ROWS };
	struct evidence evidence;
	struct spans spans = { ARENA_ARRAY(pages->arena, struct span, STRIP_SPANS_MAX),
		0 };
	struct strip strip;
	if (spans.at == NULL)
		return error_set(error, "out of memory");
	if (evidence_load(pages->store, link_id, &wish, pages->arena, &evidence,
		    ret_found, error) < 0)
		return -1;
	if (!*ret_found)
		return missing_page_write(&pages->settings->site, out, error);
	const struct link_record *record = &evidence.link.record;
	if (make_strip(pages, link_id, record, &spans, &strip, error) < 0)
		return -1;
	const struct link_page page = {
		.head = { .measured_from = record->last_checked_at,
			.measured_until = record->last_checked_at,
			.lines = pages->lines,
			.line_count = pages->line_count },
		.standing = &evidence.standing,
		.strip = &strip,
		.known = evidence.known,
	};
	return link_page_write(&pages->settings->site, &page, out, error);
}
