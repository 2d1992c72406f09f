/* All links at a glance: read beside the loop, then shown, counted and published. */
#include <string.h>

#include "process/wall.h"
#include "run/serving_internal.h"
#include "show/export.h"

enum {
	SHARE = 20,                      /* of a core that refreshing takes at most */
	REST_MIN_MS = 2000,              /* between two glances, for a server */
	REST_ALONE_MS = 60 * 60 * 1000,  /* without one */
	EXPORT_REST_MS = 10 * 60 * 1000, /* between two sites of files, at least */
	EVENT_ROWS_MAX = 500000,         /* of one day that are looked at */
	EVENT_ROWS_SLICE = 20000,
};

/* --- the day's events --------------------------------------------------------------- */

struct deaths {
	struct serving *serving;
	time_ms since;
	bool over; /* an event of an earlier day was seen */
};

static bool count_event(const struct store_event *stored, void *data)
{
	struct deaths *deaths = data;
	const struct event *event = &stored->event;
	const struct ledger *ledger = deaths->serving->ledger;
	if (event->at < deaths->since) {
		deaths->over = true;
		return false;
	}
	if (event->kind != EVENT_STATE)
		return true;
	bool died = event->to == STATE_DEAD && event->from != STATE_DEAD;
	bool recovered = event->from == STATE_DEAD &&
			 (event->to == STATE_ALIVE || event->to == STATE_MOVED);
	for (uint32_t i = 0; i <= ledger->list_count && (died || recovered); i++)
		if (i == 0 || (ledger->lists[i - 1].bit & stored->list_bits) != 0) {
			deaths->serving->tallies[i].died += died;
			deaths->serving->tallies[i].recovered += recovered;
		}
	return true;
}

/* Backwards from the newest to the beginning of the day. */
static int count_events(struct serving *serving, time_ms now, struct error *error)
{
	struct deaths deaths = { .serving = serving,
		.since = now - now % TIME_MS_PER_DAY };
	struct store_event_wish wish = { .backwards = true,
		.rows_max = EVENT_ROWS_SLICE };
	struct store_event_page page = { .more = true };
	for (uint32_t rows = 0; rows < EVENT_ROWS_MAX && page.more && !deaths.over;
		rows += EVENT_ROWS_SLICE) {
		if (store_page_events(serving->store, &wish, count_event, &deaths, &page,
			    error) < 0)
			return -1;
		wish.from = page.next;
	}
	return 0;
}

static int make_tallies(struct serving *serving, time_ms now, struct error *error)
{
	const struct ledger *ledger = serving->ledger;
	struct store_tally *tallies = ARENA_ARRAY(
		&serving->scratch, struct store_tally, ledger->list_count + 1);
	if (tallies == NULL)
		return error_set(error, "out of memory");
	for (uint32_t i = 0; i <= ledger->list_count; i++) {
		const struct ledger_list *list =
			i == 0 ? &ledger->all : &ledger->lists[i - 1];
		tallies[i] = (struct store_tally){ .list = list->name,
			.day = (int32_t)(now / TIME_MS_PER_DAY) };
		memcpy(tallies[i].by_state, list->counts.by_state,
			sizeof(tallies[i].by_state));
	}
	serving->tallies = tallies;
	return count_events(serving, now, error);
}

/* --- on a thread of the pool -------------------------------------------------------- */

static void write_site(struct serving *serving, time_ms now)
{
	struct pages_settings settings = serving->settings;
	struct export_counts counts;
	struct arena arena;
	settings.site.is_static = true;
	settings.site.base = (struct slice){ 0 };
	arena_init(&arena, SERVING_SCRATCH_BYTES_MAX);
	struct pages pages = { .store = serving->store,
		.ledger = serving->ledger,
		.settings = &settings,
		.arena = &arena,
		.now = now };
	(void)export_site(&pages, serving->directory, &serving->stop, &counts,
		&serving->export_error);
	arena_fini(&arena);
}

static void work(uv_work_t *request)
{
	struct serving *serving = request->data;
	struct error *error = &serving->work_error;
	time_ms now = wall_now();
	serving->ledger = ledger_read(serving->store, now, error);
	if (serving->ledger == NULL || make_tallies(serving, now, error) < 0)
		return;
	serving->took_ms = watchman_now() - serving->began_at;
	if (serving->directory != NULL)
		write_site(serving, now);
}

/* --- on the loop -------------------------------------------------------------------- */

static void put_tallies(struct serving *serving)
{
	const struct ledger *ledger = serving->ledger;
	const struct meter_day *day = &serving->watchman->meter.today;
	for (uint32_t i = 0; i <= ledger->list_count; i++) {
		struct store_tally *tally = &serving->tallies[i];
		uint32_t place = i == 0           ? METER_ALL
				 : i <= METER_ALL ? i - 1
						  : METER_ALL - 1;
		/* Lists that share a bit cannot be told apart by it. */
		bool counted = i == 0 || ledger->lists[i - 1].members == NULL;
		if (counted && day->day == tally->day) {
			tally->checks = day->checks[place];
			tally->ms_count = day->ms_count[place];
			tally->ms_sum = day->ms_sum[place];
		}
		(void)store_put_tally(serving->watchman->writer, tally);
	}
}

static void tell_errors(struct serving *serving)
{
	struct journal *journal = serving->watchman->journal;
	if (serving->work_error.text[0] != '\0')
		journal_error(journal, JOURNAL_KIND_STORE, &serving->work_error);
	if (serving->export_error.text[0] != '\0')
		journal_error(journal, JOURNAL_KIND_SERVICE, &serving->export_error);
}

static void on_worked(uv_work_t *request, int status)
{
	struct serving *serving = request->data;
	time_ms now = watchman_now();
	time_ms rest = serving->took_ms * SHARE;
	serving->working = false;
	(void)status;
	if (serving->closing || !serving->watchman->open)
		return;
	tell_errors(serving);
	if (serving->ledger != NULL && serving->tallies != NULL)
		put_tallies(serving);
	if (serving->directory != NULL)
		serving->next_export_at = now + EXPORT_REST_MS;
	if (serving->show != NULL && serving->ledger != NULL)
		show_set_ledger(serving->show, serving->ledger);
	else
		ledger_release(serving->ledger);
	serving->ledger = NULL;
	if (rest < REST_MIN_MS)
		rest = REST_MIN_MS;
	if (serving->show == NULL)
		rest = serving->publishes ? EXPORT_REST_MS : REST_ALONE_MS;
	serving->next_at = now + rest;
	if (serving->settings_old)
		serving_reload(serving);
}

void serving_refresh(struct serving *serving, time_ms now)
{
	const struct config *config = serving->watchman->crew->config;
	if (serving->working || now < serving->next_at)
		return;
	if (serving->store == NULL)
		serving->store =
			store_open(config->database, STORE_READ, &serving->work_error);
	serving->publishes = config->publish.directory != NULL;
	if (serving->store == NULL) {
		serving->next_at = now + REST_ALONE_MS;
		tell_errors(serving);
		return;
	}
	arena_reset(&serving->scratch);
	serving->tallies = NULL;
	serving->directory = NULL;
	if (serving->publishes && now >= serving->next_export_at)
		serving->directory = arena_string(
			&serving->scratch, slice_of(config->publish.directory));
	serving->work_error.text[0] = serving->export_error.text[0] = '\0';
	serving->began_at = now;
	serving->took_ms = 0;
	serving->working = true;
	if (uv_queue_work(serving->watchman->loop, &serving->work, work, on_worked) != 0)
		serving->working = false;
}

/* --- at the start ------------------------------------------------------------------- */

struct resuming {
	struct meter *meter;
	uint32_t place;
};

static bool resume(const struct store_tally *tally, void *data)
{
	struct resuming *resuming = data;
	meter_resume(resuming->meter, resuming->place, tally);
	return false;
}

void serving_resume_day(struct serving *serving)
{
	struct watchman *watchman = serving->watchman;
	const struct config *config = watchman->crew->config;
	struct error error;
	meter_turn(&watchman->meter, wall_now());
	int32_t today = watchman->meter.today.day;
	struct resuming resuming = { &watchman->meter, METER_ALL };
	(void)store_walk_tallies(watchman->store, (struct slice){ 0 }, today, today,
		resume, &resuming, &error);
	for (uint32_t i = 0; i < config->list_count && i + 1 < STORE_LIST_BITS; i++) {
		resuming.place = i;
		(void)store_walk_tallies(watchman->store, slice_of(config->lists[i].name),
			today, today, resume, &resuming, &error);
	}
}
