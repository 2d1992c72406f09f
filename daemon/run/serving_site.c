/* The site of files: written beside the loop, from a glance of its own. */
#include "pages/export.h"
#include "process/wall.h"
#include "run/serving_internal.h"

enum {
	SHARE = 20, /* of a core that writing takes at most */
	REST_MIN_MS = 10 * 60 * 1000,
	REST_YOUNG_MS = 60 * 1000, /* of a daemon that has just started */
	LISTS_MS = 20 * 1000,      /* that it waits for the lists to be read */
};

/* --- on a thread of the pool -------------------------------------------------------- */

static void write_site(struct serving *serving, struct store *store)
{
	struct serving_site *site = &serving->site;
	struct export_counts counts;
	const struct export_wish wish = { .store = store,
		.settings = &site->settings,
		.directory = site->directory,
		.now = wall_now(),
		.stop = &serving->stop };
	(void)export_site(&wish, &counts, &site->error);
}

static void work(uv_work_t *request)
{
	struct serving *serving = request->data;
	struct serving_site *site = &serving->site;
	struct store *store = store_open(serving->database, STORE_READ, &site->error);
	if (store != NULL)
		write_site(serving, store);
	store_close(store);
	site->took_ms = watchman_now() - site->began_at;
}

/* --- on the loop -------------------------------------------------------------------- */

static void on_worked(uv_work_t *request, int status)
{
	struct serving *serving = request->data;
	struct serving_site *site = &serving->site;
	(void)status;
	site->working = false;
	site->ended_at = watchman_now();
	if (!serving->closing && serving->watchman->open && site->error.text[0] != '\0')
		journal_error(
			serving->watchman->journal, JOURNAL_KIND_SERVICE, &site->error);
}

/* At the start and after a reload: not before the lists are there that it is to show, for
 * the next one comes much later. */
static bool is_due(const struct serving *serving, time_ms now, uint64_t committed)
{
	const struct serving_site *site = &serving->site;
	time_ms up_ms = wall_now() - serving->watchman->started_at;
	time_ms rest = up_ms < REST_MIN_MS ? REST_YOUNG_MS : REST_MIN_MS;
	if (site->took_ms * SHARE > rest)
		rest = site->took_ms * SHARE;
	if (site->ended_at == 0 || site->wanted)
		return lists_are_read(&serving->watchman->lists) ||
		       now - serving->opened_at >= LISTS_MS;
	return now - site->ended_at >= rest &&
	       (committed != site->committed || site->error.text[0] != '\0');
}

/* What it needs is copied: the configuration may be another one before it is done. */
static int prepare(struct serving *serving)
{
	const struct config *config = serving->watchman->crew->config;
	struct serving_site *site = &serving->site;
	arena_reset(&site->arena);
	site->directory = arena_string(&site->arena, slice_of(config->publish.directory));
	return pages_settings_of(
		config, &serving->watchman->health, &site->arena, &site->settings);
}

void serving_publish(struct serving *serving, time_ms now)
{
	struct serving_site *site = &serving->site;
	struct store_health health;
	store_writer_health(serving->watchman->writer, &health);
	if (serving->watchman->crew->config->publish.directory == NULL || site->working ||
		!is_due(serving, now, health.committed) || prepare(serving) < 0)
		return;
	site->error.text[0] = '\0';
	site->began_at = now;
	site->committed = health.committed;
	site->wanted = false;
	site->working = true;
	site->work.data = serving;
	if (uv_queue_work(serving->watchman->loop, &site->work, work, on_worked) != 0)
		site->working = false;
}
