#include "pages/show_internal.h"

#include <string.h>

#include "process/wall.h"
#include "site/overview.h"

/* --- what it answers ---------------------------------------------------------------- */

struct slice argument_of(const struct answering *answering, const char *name)
{
	struct slice value = { 0 };
	serve_target_argument(&answering->request->target, name, &value);
	return value;
}

bool is_list_coming(const struct answering *answering, struct slice name)
{
	const struct pages_settings *settings = answering->pages.settings;
	if (answering->ledger != NULL && ledger_list_of(answering->ledger, name) != NULL)
		return false;
	for (uint32_t i = 0; i < settings->interval_count; i++)
		if (slice_equal(settings->intervals[i].list, name))
			return true;
	return false;
}

static void answer_later(struct answering *answering, const char *sentence)
{
	enum { RETRY_S = 5 };
	answering->answer->retry_after_s = RETRY_S;
	answer_refused(answering, 503, sentence);
}

void answer_list_coming(struct answering *answering)
{
	answer_later(answering,
		"This list has not been read yet; ask again in a few seconds.");
}

const struct ledger_list *list_in(struct answering *answering, unsigned segment)
{
	const struct slice name = answering->request->target.segments[segment];
	const struct ledger_list *list =
		name.len > 0 ? ledger_list_of(answering->ledger, name) : NULL;
	if (list == NULL && is_list_coming(answering, name))
		answer_list_coming(answering);
	else if (list == NULL)
		answer_missing(answering);
	return list;
}

/* A number of our own making that came back. */
static bool read_number(
	struct answering *answering, const char *name, uint64_t *ret_number)
{
	struct slice text = argument_of(answering, name);
	*ret_number = 0;
	return text.len == 0 || slice_to_number(text, INT64_MAX, ret_number);
}

static void refuse_number(struct answering *answering)
{
	answer_refused(answering, 400,
		"This is no page of ours: follow the links to older and newer ones.");
}

static void answer_overview(struct answering *answering)
{
	uint64_t after;
	struct error error;
	if (!read_number(answering, "after", &after) || after % SITE_LISTS_MAX != 0 ||
		after / SITE_LISTS_MAX >= overview_pages(answering->ledger->list_count)) {
		refuse_number(answering);
		return;
	}
	if (pages_overview(&answering->pages, (uint32_t)(after / SITE_LISTS_MAX) + 1,
		    answering->answer->body, &error) < 0)
		answer_failed(answering);
}

static void answer_list(struct answering *answering)
{
	struct pages_list_wish wish = { .list = list_in(answering, 1),
		.query = slice_sub(argument_of(answering, "q"), 0, STORE_NEEDLE_MAX) };
	struct slice state = argument_of(answering, "state");
	struct slice sort = argument_of(answering, "sort");
	struct error error;
	if (wish.list == NULL)
		return;
	wish.by_state = state.len > 0;
	if (wish.by_state && !state_parse(state, &wish.state))
		answer_refused(answering, 400, "There is no such state.");
	else if (sort.len > 0 && (!list_sort_parse(sort, &wish.sort) ||
					 (LEDGER_SORTS & 1u << wish.sort) == 0))
		answer_refused(answering, 400, "There is no such order.");
	else if (!read_number(answering, "after", &wish.after))
		refuse_number(answering);
	else if (pages_list(&answering->pages, &wish, answering->answer->body, &error) <
		 0)
		answer_failed(answering);
}

static void answer_link(struct answering *answering)
{
	struct error error;
	uint64_t id;
	bool found;
	if (!slice_to_number(answering->request->target.segments[1], UINT32_MAX, &id)) {
		answer_missing(answering);
	} else if (pages_link(&answering->pages, (int64_t)id, answering->answer->body,
			   &found, &error) < 0) {
		answer_failed(answering);
	} else if (!found) {
		answer_missing(answering);
	}
}

static void write_events(struct answering *answering, const struct ledger_list *list)
{
	uint64_t before;
	struct error error;
	if (list == NULL)
		return;
	if (!read_number(answering, "before", &before)) {
		refuse_number(answering);
		return;
	}
	const struct pages_events_wish wish = { .list = list, .before = (int64_t)before };
	if (pages_events(
		    &answering->pages, &wish, answering->answer->body, NULL, &error) < 0)
		answer_failed(answering);
}

static void answer_events(struct answering *answering)
{
	write_events(answering, &answering->ledger->all);
}

static void answer_list_events(struct answering *answering)
{
	write_events(answering, list_in(answering, 1));
}

static void write_feed(struct answering *answering, const struct ledger_list *list)
{
	struct error error;
	if (list == NULL)
		return;
	answering->answer->type = SERVE_TYPE_ATOM;
	answering->answer->max_age_s = BADGE_CACHE_SECONDS;
	if (pages_feed(&answering->pages, list, answering->answer->body, &error) < 0)
		answer_failed(answering);
}

static void answer_feed(struct answering *answering)
{
	write_feed(answering, &answering->ledger->all);
}

static void answer_list_feed(struct answering *answering)
{
	write_feed(answering, list_in(answering, 1));
}

/* Of a list that is not there it is "unknown", not an error, which camo would keep for
 * hours. Nor is it kept where more is known in a moment (`coming`). */
static void write_badge(struct answering *answering, const struct ledger_list *list,
	bool coming, bool json)
{
	struct serve_answer *answer = answering->answer;
	struct error error;
	answer->type = json ? SERVE_TYPE_JSON : SERVE_TYPE_SVG;
	answer->max_age_s = coming ? 0 : BADGE_CACHE_SECONDS;
	answer->embeddable = true;
	if (pages_badge(&answering->pages, list,
		    badge_kind_of(argument_of(answering, "kind")), json, answer->body,
		    &error) < 0)
		answer_failed(answering);
}

static void answer_badge(struct answering *answering)
{
	struct slice name = answering->request->target.segments[1];
	const struct ledger_list *list = NULL;
	bool json = slice_ends(name, SLICE(".json"));
	if (!json && !slice_ends(name, SLICE(".svg"))) {
		answer_missing(answering);
		return;
	}
	name = slice_sub(name, 0, name.len - (json ? 5 : 4));
	if (answering->ledger != NULL && name.len > 0)
		list = ledger_list_of(answering->ledger, name);
	write_badge(answering, list, is_list_coming(answering, name), json);
}

static void write_badge_of_all(struct answering *answering, bool json)
{
	bool known = answering->ledger != NULL;
	write_badge(answering, known ? &answering->ledger->all : NULL, !known, json);
}

static void answer_badge_of_all(struct answering *answering)
{
	write_badge_of_all(answering, false);
}

static void answer_badge_of_all_json(struct answering *answering)
{
	write_badge_of_all(answering, true);
}

/* Their addresses carry a hash of their bytes. */
static void answer_file(
	struct answering *answering, enum serve_type type, struct slice bytes)
{
	enum { A_YEAR_S = 365 * 86400 };
	answering->answer->type = type;
	answering->answer->max_age_s = A_YEAR_S;
	buffer_add(answering->answer->body, bytes);
}

static void answer_style(struct answering *answering)
{
	answer_file(answering, SERVE_TYPE_CSS, site_style());
}

static void answer_script(struct answering *answering)
{
	answer_file(answering, SERVE_TYPE_SCRIPT, site_script());
}

/* --- addresses ---------------------------------------------------------------------- */

const char *const show_post_paths[] = { "/api/v1/recheck", NULL };

static const struct address {
	const char *path;
	void (*answer)(struct answering *answering);
	/* NEEDS one; TAKES one where it is there. Those of NO may look at it, but do not
	 * count as somebody who wants it to be fresh. */
	enum { NEEDS, TAKES, NO } ledger;
	bool api;              /* JSON */
	const char *arguments; /* that are looked at and may come once; NULL: any, the
				* first counts, for a picture is no place for errors */
} addresses[] = {
	{ "/", answer_overview, NEEDS, false, NULL },
	{ "/lists/?", answer_list, NEEDS, false, "state sort q after" },
	{ "/lists/?/events", answer_list_events, NEEDS, false, "before" },
	{ "/lists/?/feed.atom", answer_list_feed, NEEDS, false, NULL },
	{ "/links/?", answer_link, NEEDS, false, NULL },
	{ "/events", answer_events, NEEDS, false, "before" },
	{ "/feed.atom", answer_feed, NEEDS, false, NULL },
	{ "/badge/?", answer_badge, TAKES, false, NULL },
	{ "/badge.svg", answer_badge_of_all, TAKES, false, NULL },
	{ "/badge.json", answer_badge_of_all_json, TAKES, false, NULL },
	{ "/style.css", answer_style, NO, false, NULL },
	{ "/script.js", answer_script, NO, false, NULL },
	{ "/api/v1/lists", api_answer_lists, NEEDS, true, NULL },
	{ "/api/v1/lists/?", api_answer_list, NEEDS, true, NULL },
	{ "/api/v1/links", api_answer_links, NEEDS, true, "list state q after limit" },
	{ "/api/v1/links/?", api_answer_link, NEEDS, true, NULL },
	{ "/api/v1/events", api_answer_events, NEEDS, true, "list since" },
	{ "/api/v1/recheck", api_answer_recheck, NO, true, NULL },
	{ "/metrics", answer_metrics, NO, false, NULL },
	{ "/healthz", answer_health, NO, false, NULL },
};

static void not_yet(struct answering *answering)
{
	answer_later(answering, "The daemon is starting; ask again in a few seconds.");
}

/* The argument of `names`, with blanks between them, that is given more than once; empty:
 * none. Which one is meant nobody can tell, and a filter that is silently another one
 * makes a page that lies. */
static struct slice repeated_argument(
	const struct serve_target *target, const char *names)
{
	struct slice rest = slice_of(names), name;
	while (rest.len > 0 && slice_split(&rest, ' ', &name)) {
		unsigned count = 0;
		for (unsigned i = 0; i < target->argument_count; i++)
			count += slice_equal(target->arguments[i].name, name);
		if (count > 1)
			return name;
	}
	return (struct slice){ 0 };
}

static bool refuse_arguments(struct answering *answering, const char *names)
{
	char sentence[128];
	const struct serve_target *target = &answering->request->target;
	struct slice name = repeated_argument(target, names);
	if (target->has_more_arguments) {
		answer_refused(answering, 400, "There are too many arguments.");
		return true;
	}
	if (name.len == 0)
		return false;
	snprintf(sentence, sizeof(sentence),
		"The argument %.*s is given more than once; give it once.",
		SLICE_ARG(name));
	answer_refused(answering, 400, sentence);
	return true;
}

/* An address with a slash too many is told the one without, escapes and question as they
 * were sent. */
static bool answer_without_slash(struct answering *answering, const char *pattern)
{
	struct serve_target target = answering->request->target;
	struct slice path = slice_sub(target.raw_path, 1, target.raw_path.len - 1);
	if (!target.is_directory)
		return false;
	target.is_directory = false;
	if (!serve_target_fits(&target, pattern))
		return false;
	struct slice location = arena_printf(&answering->show->answers, "%.*s%.*s%s%.*s",
		SLICE_ARG(answering->pages.settings->site.base), SLICE_ARG(path),
		target.raw_query.len > 0 ? "?" : "", SLICE_ARG(target.raw_query));
	if (location.len == 0) {
		answer_failed(answering);
		return true;
	}
	answering->answer->status = 308;
	answering->answer->etag_of_body = false;
	answering->answer->type = SERVE_TYPE_TEXT;
	answering->answer->location = location.at;
	return true;
}

static void answer_at(struct answering *answering, const struct address *address)
{
	if (address->api)
		answering->answer->type = SERVE_TYPE_JSON;
	if (address->ledger != NO)
		atomic_store(&answering->show->asked, true);
	if (answering->ledger == NULL && address->ledger == NEEDS)
		not_yet(answering);
	else if (address->arguments == NULL ||
		 !refuse_arguments(answering, address->arguments))
		address->answer(answering);
}

static void answer_any(struct answering *answering)
{
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		if (serve_target_fits(&answering->request->target, addresses[i].path)) {
			answer_at(answering, &addresses[i]);
			return;
		}
		if (answer_without_slash(answering, addresses[i].path))
			return;
	}
	answer_missing(answering);
}

static void take_live(struct answering *answering)
{
	struct show *show = answering->show;
	struct arena *arena = &show->answers;
	struct show_live *live = ARENA_NEW(arena, struct show_live);
	struct metrics_histogram *copies =
		ARENA_ARRAY(arena, struct metrics_histogram, METRICS_PHASE_COUNT + 1);
	if (!show->is_live || live == NULL || copies == NULL)
		return;
	*live = show->live;
	memcpy(copies, show->phases, sizeof(show->phases));
	copies[METRICS_PHASE_COUNT] = show->durations;
	if (live->metrics.phases != NULL)
		live->metrics.phases = copies;
	if (live->metrics.durations != NULL)
		live->metrics.durations = &copies[METRICS_PHASE_COUNT];
	answering->live = live;
}

static void take_lines(struct answering *answering)
{
	struct show_live *live = answering->live;
	struct slice *lines =
		ARENA_ARRAY(&answering->show->answers, struct slice, SHOW_LINES_MAX);
	if (live == NULL || lines == NULL)
		return;
	for (uint32_t i = 0; i < live->line_count; i++)
		lines[i] = slice_of(live->lines[i]);
	answering->pages.lines = lines;
	answering->pages.line_count = live->line_count;
}

void show_answer(
	void *context, const struct serve_request *request, struct serve_answer *answer)
{
	struct show *show = context;
	struct answering answering = {
		.show = show, .request = request, .answer = answer
	};
	arena_reset(&show->answers);
	pthread_mutex_lock(&show->lock);
	answering.settings = show->settings;
	if (answering.settings != NULL)
		atomic_fetch_add(&answering.settings->holders, 1);
	answering.ledger = ledger_hold(show->ledger);
	take_live(&answering);
	pthread_mutex_unlock(&show->lock);
	answer->type = SERVE_TYPE_HTML;
	answer->etag_of_body = true;
	if (answering.settings == NULL) {
		not_yet(&answering);
	} else {
		answering.pages = (struct pages){ .store = show->store,
			.ledger = answering.ledger,
			.settings = &answering.settings->settings,
			.arena = &show->answers,
			.now = wall_now() };
		take_lines(&answering);
		answer_any(&answering);
	}
	ledger_release(answering.ledger);
	show_release_settings(answering.settings);
}
