#include <stdio.h>
#include <stdlib.h>

#include "pages/export_internal.h"
#include "site/overview.h"

enum {
	EVENT_PAGES_MAX = 20, /* of each list; older ones are on the links' own pages */
	API_FILE_LINKS = API_LIMIT_MAX,
};

static int put_place(struct export *export, const struct site_place *place)
{
	buffer_reset(&export->name);
	site_file(&export->name, place);
	return export_put(export, buffer_slice(&export->name));
}

static int put_named(
	struct export *export, const char *before, struct slice name, const char *behind)
{
	buffer_reset(&export->name);
	buffer_printf(&export->name, "%s%.*s%s", before, SLICE_ARG(name), behind);
	return export_put(export, buffer_slice(&export->name));
}

/* --- links -------------------------------------------------------------------------- */

static int put_link(struct export *export, int64_t link_id)
{
	const struct site_place place = { .what = SITE_LINK, .link_id = link_id };
	struct buffer *body = &export->body;
	char number[24];
	bool found;
	buffer_reset(body);
	if (pages_link(&export->pages, link_id, body, &found, export->error) < 0)
		return -1;
	if (!found)
		return 0;
	if (put_place(export, &place) < 0)
		return -1;
	buffer_reset(body);
	if (pages_api_link(&export->pages, link_id, body, &found, export->error) < 0)
		return -1;
	snprintf(number, sizeof(number), "%lld", (long long)link_id);
	return found ? put_named(export, "api/v1/links/", slice_of(number), ".json") : 0;
}

/* Of its own last check, so that it stays the same while others are checked. */
static int put_link_as_of(struct export *export, int64_t link_id, time_ms checked)
{
	time_ms day = export->wish->now - export->wish->now % TIME_MS_PER_DAY;
	export->pages.now = checked > day ? checked : day;
	int result = put_link(export, link_id);
	export->pages.now = export->pages.ledger->as_of;
	return result;
}

static int put_links(struct export *export)
{
	const struct ledger *ledger = export->pages.ledger;
	int result = 0;
	for (uint32_t i = 0; i < ledger->link_count && result == 0; i++)
		result = put_link_as_of(export, ledger->links[i].link_id,
			ledger_checked_until(&ledger->links[i]));
	return result;
}

/* --- links that are told of --------------------------------------------------------- */

/* Events and feeds lead to links that stand on no list any more as well: a server has
 * their pages, and so must the files. */
struct told {
	int64_t *ids;
	size_t count, room;
};

static int tell_link(struct export *export, struct told *told, int64_t link_id)
{
	const struct ledger *ledger = export->pages.ledger;
	enum state state;
	if (link_id <= 0 || ledger_holds(ledger, &ledger->all, link_id, &state) ||
		(told->count > 0 && told->ids[told->count - 1] == link_id))
		return 0;
	if (told->count == told->room) {
		size_t room = told->room > 0 ? 2 * told->room : 64;
		int64_t *ids = reallocarray(told->ids, room, sizeof(*ids));
		if (ids == NULL)
			return error_set(export->error, "out of memory");
		told->ids = ids;
		told->room = room;
	}
	told->ids[told->count++] = link_id;
	return 0;
}

static int tell_links(struct export *export, struct told *told,
	const struct site_event *events, uint32_t count)
{
	int result = 0;
	for (uint32_t i = 0; i < count && result == 0; i++)
		result = tell_link(export, told, events[i].event.link_id);
	arena_reset(&export->arena);
	return result;
}

/* Of `told` NULL they are only counted: how many there are is known when the last was
 * read. */
static int walk_event_pages(struct export *export, const struct ledger_list *list,
	struct told *told, uint32_t *ret_pages)
{
	struct site_event *events;
	uint32_t count;
	int64_t before = 0;
	*ret_pages = 0;
	do {
		if (pages_read_events(&export->pages, list, before, SITE_EVENT_ROWS,
			    &events, &count, &before, export->error) < 0)
			return -1;
		if (told != NULL && tell_links(export, told, events, count) < 0)
			return -1;
		arena_reset(&export->arena);
		(*ret_pages)++;
	} while (before > 0 && *ret_pages < EVENT_PAGES_MAX);
	return 0;
}

static int tell_list(
	struct export *export, struct told *told, const struct ledger_list *list)
{
	struct site_event *events;
	uint32_t count, pages;
	if (pages_read_news(&export->pages, list, PAGES_FEED_ENTRIES, &events, &count,
		    export->error) < 0 ||
		tell_links(export, told, events, count) < 0)
		return -1;
	return walk_event_pages(export, list, told, &pages);
}

static int by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static int put_left_link(struct export *export, int64_t link_id)
{
	struct store_link link;
	bool found;
	if (store_load_link(export->pages.store, link_id, &export->arena, &link, &found,
		    export->error) < 0)
		return -1;
	return found ? put_link_as_of(export, link_id, link.record.last_checked_at) : 0;
}

static int put_told_links(struct export *export)
{
	const struct ledger *ledger = export->pages.ledger;
	struct told told = { 0 };
	int result = tell_list(export, &told, &ledger->all);
	for (uint32_t i = 0; i < ledger->list_count && result == 0; i++)
		result = tell_list(export, &told, &ledger->lists[i]);
	if (told.count > 0)
		qsort(told.ids, told.count, sizeof(*told.ids), by_number);
	for (size_t i = 0; i < told.count && result == 0; i++)
		if (i == 0 || told.ids[i] != told.ids[i - 1])
			result = put_left_link(export, told.ids[i]);
	free(told.ids);
	return result;
}

/* --- lists -------------------------------------------------------------------------- */

static int put_list_pages(struct export *export, const struct ledger_list *list,
	bool by_state, enum state state)
{
	uint64_t links = ledger_count(list, by_state ? 1u << state : 0);
	struct pages_list_wish wish = { .list = list,
		.by_state = by_state,
		.state = state,
		.number_max = (uint32_t)((links + SITE_LIST_ROWS - 1) / SITE_LIST_ROWS) };
	if (wish.number_max == 0)
		wish.number_max = 1;
	for (wish.number = 1; wish.number <= wish.number_max; wish.number++) {
		const struct site_place place = { .what = SITE_LIST,
			.list = list->name,
			.by_state = by_state,
			.state = state,
			.number = wish.number };
		wish.after = (uint64_t)(wish.number - 1) * SITE_LIST_ROWS;
		buffer_reset(&export->body);
		if (pages_list(&export->pages, &wish, &export->body, export->error) < 0 ||
			put_place(export, &place) < 0)
			return -1;
	}
	return 0;
}

static int put_events(struct export *export, const struct ledger_list *list)
{
	struct pages_events_wish wish = { .list = list };
	int64_t older = 0;
	if (walk_event_pages(export, list, NULL, &wish.number_max) < 0)
		return -1;
	for (wish.number = 1; wish.number <= wish.number_max; wish.number++) {
		const struct site_place place = {
			.what = SITE_EVENTS, .list = list->name, .number = wish.number
		};
		wish.before = older;
		buffer_reset(&export->body);
		if (pages_events(&export->pages, &wish, &export->body, &older,
			    export->error) < 0 ||
			put_place(export, &place) < 0)
			return -1;
	}
	return 0;
}

static int put_feed(struct export *export, const struct ledger_list *list)
{
	const struct site_place place = { .what = SITE_FEED, .list = list->name };
	buffer_reset(&export->body);
	if (pages_feed(&export->pages, list, &export->body, export->error) < 0)
		return -1;
	return put_place(export, &place);
}

/* Other kinds have a dot before them, which no name of a list has. */
static int put_badges(struct export *export, const struct ledger_list *list)
{
	static const struct {
		enum badge_kind kind;
		bool json;
		const char *behind;
	} badges[] = {
		{ BADGE_LINKS, false, ".svg" },
		{ BADGE_LINKS, true, ".json" },
		{ BADGE_DEAD, false, ".dead.svg" },
		{ BADGE_DEAD, true, ".dead.json" },
		{ BADGE_FRESH, false, ".fresh.svg" },
		{ BADGE_FRESH, true, ".fresh.json" },
	};
	const char *before = list->name.len > 0 ? "badge/" : "badge";
	for (size_t i = 0; i < sizeof(badges) / sizeof(badges[0]); i++) {
		buffer_reset(&export->body);
		if (pages_badge(&export->pages, list, badges[i].kind, badges[i].json,
			    &export->body, export->error) < 0 ||
			put_named(export, before, list->name, badges[i].behind) < 0)
			return -1;
	}
	return 0;
}

/* Its first links and its last events: what fits into one answer; `next` is of use at a
 * server only. */
static int put_api(struct export *export, const struct ledger_list *list)
{
	const struct api_question question = { .list = list->name,
		.limit = API_FILE_LINKS };
	bool is_all = list->name.len == 0;
	buffer_reset(&export->body);
	if (pages_api_links(&export->pages, &question, &export->body, export->error) <
			0 ||
		put_named(export, is_all ? "api/v1/links" : "api/v1/links-", list->name,
			".json") < 0)
		return -1;
	if (list->name.len == 0)
		return 0;
	buffer_reset(&export->body);
	if (pages_api_list(&export->pages, list, &export->body, export->error) < 0)
		return -1;
	return put_named(export, "api/v1/lists/", list->name, ".json");
}

static int put_list(struct export *export, const struct ledger_list *list)
{
	if (put_events(export, list) < 0 || put_feed(export, list) < 0 ||
		put_badges(export, list) < 0 || put_api(export, list) < 0)
		return -1;
	if (list->name.len == 0)
		return 0;
	for (unsigned state = 0; state < STANDING_STATE_COUNT; state++)
		if (put_list_pages(export, list, true, (enum state)state) < 0)
			return -1;
	return put_list_pages(export, list, false, STATE_UNCHECKED);
}

/* --- the rest ----------------------------------------------------------------------- */

static int put_files(struct export *export)
{
	const struct site_place style = { .what = SITE_STYLE },
				script = { .what = SITE_SCRIPT };
	buffer_reset(&export->body);
	buffer_add(&export->body, site_style());
	if (put_place(export, &style) < 0)
		return -1;
	buffer_reset(&export->body);
	buffer_add(&export->body, site_script());
	if (put_place(export, &script) < 0)
		return -1;
	/* GitHub Pages would leave out what Jekyll does not like. */
	buffer_reset(&export->body);
	return export_put(export, SLICE(".nojekyll"));
}

static int put_overview(struct export *export)
{
	struct site_place place = { .what = SITE_OVERVIEW };
	buffer_reset(&export->body);
	if (pages_api_lists(&export->pages, &export->body, export->error) < 0 ||
		export_put(export, SLICE("api/v1/lists.json")) < 0)
		return -1;
	for (place.number = overview_pages(export->pages.ledger->list_count);
		place.number > 0; place.number--) {
		buffer_reset(&export->body);
		if (pages_overview(&export->pages, place.number, &export->body,
			    export->error) < 0 ||
			put_place(export, &place) < 0)
			return -1;
	}
	return 0;
}

/* --- the whole ---------------------------------------------------------------------- */

/* Names become paths. Those of the configuration fit; a database may be anybody's. */
static bool is_name(struct slice name)
{
	enum { NAME_BYTES_MAX = 200 };
	for (size_t i = 0; i < name.len; i++)
		if (!((name.at[i] >= 'a' && name.at[i] <= 'z') ||
			    (name.at[i] >= '0' && name.at[i] <= '9') ||
			    name.at[i] == '-'))
			return false;
	return name.len > 0 && name.len <= NAME_BYTES_MAX;
}

static int check(const struct ledger *ledger, struct error *error)
{
	if (ledger->link_count > EXPORT_LINKS_MAX)
		return error_set(error,
			"%u links are too many for a site of files (at most %d); let the "
			"daemon serve them (listen:)",
			ledger->link_count, EXPORT_LINKS_MAX);
	for (uint32_t i = 0; i < ledger->list_count; i++)
		if (!is_name(ledger->lists[i].name))
			return error_set(error,
				"a list of the database has a name that cannot be that "
				"of a file: %.*s",
				SLICE_ARG(ledger->lists[i].name));
	return 0;
}

static int put_all(struct export *export)
{
	const struct ledger *ledger = export->pages.ledger;
	if (put_files(export) < 0 || put_links(export) < 0 || put_told_links(export) < 0)
		return -1;
	if (put_list(export, &ledger->all) < 0)
		return -1;
	for (uint32_t i = 0; i < ledger->list_count; i++)
		if (put_list(export, &ledger->lists[i]) < 0)
			return -1;
	return put_overview(export);
}

static int write_site(struct export *export, struct ledger *ledger,
	struct recent_checks *recent, struct error *error)
{
	struct pages_settings settings = *export->wish->settings;
	settings.site.is_static = true;
	settings.site.base = (struct slice){ 0 };
	export->pages = (struct pages){ .store = export->wish->store,
		.ledger = ledger,
		.settings = &settings,
		.recent = recent,
		.arena = &export->arena,
		.now = ledger->as_of };
	if (check(ledger, error) < 0 || export_begin(export) < 0)
		return -1;
	return export_end(export, put_all(export));
}

int export_site(const struct export_wish *wish, struct export_counts *ret_counts,
	struct error *error)
{
	struct export export = { .wish = wish, .counts = ret_counts, .error = error };
	const struct ledger_reading reading = {
		.now = wish->now, .for_files = true, .stop = wish->stop
	};
	*ret_counts = (struct export_counts){ 0 };
	struct ledger *ledger = ledger_read(wish->store, &reading, error);
	struct recent_checks *recent =
		ledger != NULL ? recent_checks_read(wish->store, error) : NULL;
	export_init(&export);
	int result = recent != NULL ? write_site(&export, ledger, recent, error) : -1;
	export_fini(&export);
	recent_checks_free(recent);
	ledger_release(ledger);
	return result;
}
