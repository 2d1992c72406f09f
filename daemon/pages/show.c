#include "pages/show_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "process/wall.h"

/* --- what it is told ---------------------------------------------------------------- */

static void release_settings(struct copied *copied)
{
	if (copied == NULL || atomic_fetch_sub(&copied->holders, 1) != 1)
		return;
	arena_fini(&copied->arena);
	free(copied);
}

struct show *show_open(const struct show_options *options, struct error *error)
{
	struct show *show = calloc(1, sizeof(*show));
	if (show == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	show->options = *options;
	arena_init(&show->answers, ANSWER_ARENA_BYTES);
	pthread_mutex_init(&show->lock, NULL);
	show->store = store_open(options->database, STORE_READ, error);
	if (show->store != NULL)
		return show;
	show_close(show);
	return NULL;
}

void show_close(struct show *show)
{
	if (show == NULL)
		return;
	release_settings(show->settings);
	ledger_release(show->ledger);
	store_close(show->store);
	arena_fini(&show->answers);
	pthread_mutex_destroy(&show->lock);
	free(show);
}

static int copy_intervals(struct copied *copied, const struct pages_settings *settings)
{
	struct pages_interval *intervals = ARENA_ARRAY(
		&copied->arena, struct pages_interval, settings->interval_count + 1);
	if (intervals == NULL)
		return -1;
	for (uint32_t i = 0; i < settings->interval_count; i++)
		intervals[i] = (struct pages_interval){
			arena_copy(&copied->arena, settings->intervals[i].list),
			settings->intervals[i].interval_ms
		};
	copied->settings.intervals = intervals;
	return 0;
}

int show_set_settings(
	struct show *show, const struct pages_settings *settings, struct slice token)
{
	struct copied *copied = calloc(1, sizeof(*copied));
	if (copied == NULL)
		return -1;
	atomic_init(&copied->holders, 1);
	struct arena *arena = &copied->arena;
	arena_init(arena, COPIES_BYTES_MAX);
	copied->settings = *settings;
	struct site *site = &copied->settings.site;
	site->title = arena_copy(arena, settings->site.title);
	site->base = arena_copy(arena, settings->site.base);
	site->public_url = arena_copy(arena, settings->site.public_url);
	copied->settings.feed_host = arena_copy(arena, settings->feed_host);
	assert(token.len <= SHOW_TOKEN_BYTES_MAX);
	copied->token = arena_copy(arena, token);
	if (copy_intervals(copied, settings) < 0 || arena->failed) {
		release_settings(copied);
		return -1;
	}
	pthread_mutex_lock(&show->lock);
	struct copied *old = show->settings;
	show->settings = copied;
	pthread_mutex_unlock(&show->lock);
	release_settings(old);
	return 0;
}

void show_set_ledger(struct show *show, struct ledger *ledger)
{
	pthread_mutex_lock(&show->lock);
	struct ledger *old = show->ledger;
	show->ledger = ledger;
	pthread_mutex_unlock(&show->lock);
	ledger_release(old);
}

bool show_is_asked(const struct show *show)
{
	return atomic_load(&show->asked);
}

void show_forget_asked(struct show *show)
{
	atomic_store(&show->asked, false);
}

time_ms show_monotonic(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (time_ms)now.tv_sec * TIME_MS_PER_S + now.tv_nsec / 1000000;
}

void show_set_live(struct show *show, const struct show_live *live)
{
	pthread_mutex_lock(&show->lock);
	show->live = *live;
	show->live.told_at = show_monotonic();
	if (live->metrics.phases != NULL) {
		memcpy(show->phases, live->metrics.phases, sizeof(show->phases));
		show->live.metrics.phases = show->phases;
	}
	if (live->metrics.durations != NULL) {
		show->durations = *live->metrics.durations;
		show->live.metrics.durations = &show->durations;
	}
	show->is_live = true;
	pthread_mutex_unlock(&show->lock);
}

void show_set_server(struct show *show, const struct serve *serve)
{
	if (show == NULL)
		return;
	pthread_mutex_lock(&show->lock);
	show->serve = serve;
	pthread_mutex_unlock(&show->lock);
}

/* --- what it answers ---------------------------------------------------------------- */

struct slice argument_of(const struct answering *answering, const char *name)
{
	struct slice value = { 0 };
	serve_target_argument(&answering->request->target, name, &value);
	return value;
}

void answer_missing(struct answering *answering)
{
	answering->answer->status = 404;
	answering->answer->etag_of_body = false;
	answering->answer->max_age_s = 0;
	buffer_reset(answering->answer->body);
}

const struct ledger_list *list_in(struct answering *answering, unsigned segment)
{
	const struct slice name = answering->request->target.segments[segment];
	const struct ledger_list *list =
		name.len > 0 ? ledger_list_of(answering->ledger, name) : NULL;
	if (list == NULL)
		answer_missing(answering);
	return list;
}

static void fail(struct answering *answering)
{
	answering->answer->status = 500;
	answering->answer->etag_of_body = false;
	buffer_reset(answering->answer->body);
}

/* A number of our own making that came back. */
static bool read_number(
	struct answering *answering, const char *name, uint64_t *ret_number)
{
	struct slice text = argument_of(answering, name);
	*ret_number = 0;
	return text.len == 0 || slice_to_number(text, INT64_MAX, ret_number);
}

static void refuse_page(struct answering *answering)
{
	answering->answer->status = 400;
	answering->answer->etag_of_body = false;
}

static void answer_overview(struct answering *answering)
{
	struct error error;
	if (pages_overview(&answering->pages, answering->answer->body, &error) < 0)
		fail(answering);
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
	if ((wish.by_state && !state_parse(state, &wish.state)) ||
		(sort.len > 0 && (!list_sort_parse(sort, &wish.sort) ||
					 (LEDGER_SORTS & 1u << wish.sort) == 0)) ||
		!read_number(answering, "after", &wish.after))
		refuse_page(answering);
	else if (pages_list(&answering->pages, &wish, answering->answer->body, &error) <
		 0)
		fail(answering);
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
		fail(answering);
	} else if (!found) {
		answering->answer->status = 404;
		answering->answer->etag_of_body = false;
	}
}

static void write_events(struct answering *answering, const struct ledger_list *list)
{
	uint64_t before;
	struct error error;
	if (list == NULL)
		return;
	if (!read_number(answering, "before", &before)) {
		refuse_page(answering);
		return;
	}
	const struct pages_events_wish wish = { .list = list, .before = (int64_t)before };
	if (pages_events(
		    &answering->pages, &wish, answering->answer->body, NULL, &error) < 0)
		fail(answering);
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
		fail(answering);
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
 * hours. */
static void write_badge(
	struct answering *answering, const struct ledger_list *list, bool json)
{
	struct serve_answer *answer = answering->answer;
	struct error error;
	answer->type = json ? SERVE_TYPE_JSON : SERVE_TYPE_SVG;
	answer->max_age_s = BADGE_CACHE_SECONDS;
	answer->embeddable = true;
	if (pages_badge(&answering->pages, list,
		    badge_kind_of(argument_of(answering, "kind")), json, answer->body,
		    &error) < 0)
		fail(answering);
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
	write_badge(answering, list, json);
}

static const struct ledger_list *all_of(const struct answering *answering)
{
	return answering->ledger != NULL ? &answering->ledger->all : NULL;
}

static void answer_badge_of_all(struct answering *answering)
{
	write_badge(answering, all_of(answering), false);
}

static void answer_badge_of_all_json(struct answering *answering)
{
	write_badge(answering, all_of(answering), true);
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

static const struct {
	const char *path;
	void (*answer)(struct answering *answering);
	/* NEEDS one; TAKES one where it is there. Those of NO may look at it, but do not
	 * count as somebody who wants it to be fresh. */
	enum { NEEDS, TAKES, NO } ledger;
	bool api; /* says in JSON what is wrong */
} addresses[] = {
	{ "/", answer_overview, NEEDS, false },
	{ "/lists/?", answer_list, NEEDS, false },
	{ "/lists/?/events", answer_list_events, NEEDS, false },
	{ "/lists/?/feed.atom", answer_list_feed, NEEDS, false },
	{ "/links/?", answer_link, NEEDS, false },
	{ "/events", answer_events, NEEDS, false },
	{ "/feed.atom", answer_feed, NEEDS, false },
	{ "/badge/?", answer_badge, TAKES, false },
	{ "/badge.svg", answer_badge_of_all, TAKES, false },
	{ "/badge.json", answer_badge_of_all_json, TAKES, false },
	{ "/style.css", answer_style, NO, false },
	{ "/script.js", answer_script, NO, false },
	{ "/api/v1/lists", api_answer_lists, NEEDS, true },
	{ "/api/v1/lists/?", api_answer_list, NEEDS, true },
	{ "/api/v1/links", api_answer_links, NEEDS, true },
	{ "/api/v1/links/?", api_answer_link, NEEDS, true },
	{ "/api/v1/events", api_answer_events, NEEDS, true },
	{ "/api/v1/recheck", api_answer_recheck, NO, true },
	{ "/metrics", answer_metrics, NO, false },
	{ "/healthz", answer_health, NO, false },
};

static void not_yet(struct answering *answering, bool api)
{
	enum { RETRY_S = 5 };
	answering->answer->status = 503;
	answering->answer->retry_after_s = RETRY_S;
	answering->answer->etag_of_body = false;
	if (api)
		api_refuse(answering, 503, "the daemon is starting; ask again");
}

static void answer_any(struct answering *answering)
{
	const struct serve_target *target = &answering->request->target;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		if (!serve_target_fits(target, addresses[i].path))
			continue;
		if (addresses[i].api)
			answering->answer->type = SERVE_TYPE_JSON;
		if (addresses[i].ledger != NO)
			atomic_store(&answering->show->asked, true);
		if (answering->ledger == NULL && addresses[i].ledger == NEEDS)
			not_yet(answering, addresses[i].api);
		else
			addresses[i].answer(answering);
		return;
	}
	answer_missing(answering);
	if (target->segment_count > 0 && slice_equal(target->segments[0], SLICE("api")))
		api_refuse(answering, 404, "there is no such address");
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
		not_yet(&answering, false);
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
	release_settings(answering.settings);
}
