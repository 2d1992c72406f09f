/* All links at a glance: read beside the loop, then shown and counted. */
#include <malloc.h>

#include "process/wall.h"
#include "run/serving_internal.h"

enum {
	SHARE = 20,       /* of a core that it takes at most while somebody looks */
	SHARE_IDLE = 400, /* ... while nobody does */
	REST_MIN_MS = 2000,
	REST_IDLE_MS = 60 * 1000,
	REST_FAILED_MS = 60 * 1000,
	START_MS = 20 * 1000,           /* as if somebody looked */
	FIRST_MS = 5 * 1000,            /* that the first one waits for a link */
	REST_ALONE_MS = 60 * 60 * 1000, /* nobody is served; or nothing was written */
};

/* --- on a thread of the pool -------------------------------------------------------- */

static int look(struct serving *serving, time_ms now)
{
	struct serving_glance *glance = &serving->glance;
	const struct ledger_reading wish = {
		.now = now, .former = glance->held, .stop = &serving->stop
	};
	if (glance->store == NULL)
		glance->store = store_open(serving->database, STORE_READ, &glance->error);
	if (glance->store == NULL)
		return -1;
	glance->ledger = ledger_read(glance->store, &wish, &glance->error);
	return glance->ledger != NULL ? serving_count_days(glance, now, &glance->error)
				      : -1;
}

static void work(uv_work_t *request)
{
	struct serving *serving = request->data;
	struct serving_glance *glance = &serving->glance;
	if (look(serving, wall_now()) < 0) {
		store_close(glance->store); /* opened anew: the file may be another */
		glance->store = NULL;
	}
	glance->took_ms = watchman_now() - glance->began_at;
}

/* --- on the loop -------------------------------------------------------------------- */

/* Nobody looks at it within the hour: the memory is given back, which malloc would keep
 * (41 MB for a million links). */
static void put_away(struct serving_glance *glance)
{
	ledger_release(glance->ledger);
	store_close(glance->store);
	glance->ledger = NULL;
	glance->store = NULL;
	(void)malloc_trim(0);
}

static void on_worked(uv_work_t *request, int status)
{
	struct serving *serving = request->data;
	struct serving_glance *glance = &serving->glance;
	(void)status;
	glance->working = false;
	glance->ended_at = watchman_now();
	if (serving->closing || !serving->watchman->open)
		return;
	if (glance->error.text[0] != '\0')
		journal_error(
			serving->watchman->journal, JOURNAL_KIND_STORE, &glance->error);
	else
		serving_put_days(serving);
	if (glance->ledger == NULL)
		return;
	if (serving->show == NULL) {
		put_away(glance);
		return;
	}
	ledger_release(glance->held);
	glance->held = glance->ledger;
	glance->ledger = NULL;
	if (serving->show != NULL)
		show_set_ledger(serving->show, ledger_hold(glance->held));
}

static time_ms rest_of(const struct serving *serving, bool asked, bool changed)
{
	const struct serving_glance *glance = &serving->glance;
	time_ms least = asked ? REST_MIN_MS : REST_IDLE_MS;
	time_ms share = glance->took_ms * (asked ? SHARE : SHARE_IDLE);
	if (glance->error.text[0] != '\0')
		return REST_FAILED_MS;
	if (serving->show == NULL || !changed)
		return REST_ALONE_MS;
	return share > least ? share : least;
}

/* The first visitor must not see an empty house, only because nobody has read the lists
 * of a new database yet. */
static bool may_begin(const struct serving *serving, time_ms now)
{
	const struct watchman *watchman = serving->watchman;
	return watchman->crowd.host_count > 0 || lists_are_read(&watchman->lists) ||
	       now - serving->opened_at >= FIRST_MS;
}

/* Not when only the writer's own upkeep goes on; but a new day has rows of its own. */
static bool is_due(
	const struct serving *serving, time_ms now, const struct store_health *health)
{
	const struct serving_glance *glance = &serving->glance;
	/* At the start, and after a reload, the lists are only being read: who comes
	 * first must not see what the first glance saw. */
	bool asked =
		serving->show != NULL &&
		(show_is_asked(serving->show) || now - serving->opened_at < START_MS);
	bool changed = health->committed != glance->committed || glance->wanted ||
		       glance->before.count == 0 || !glance->before.put ||
		       glance->before.rows[0].day != serving->watchman->meter.today.day;
	if (glance->ended_at == 0)
		return may_begin(serving, now);
	if (glance->wanted && glance->error.text[0] == '\0')
		return true;
	return now - glance->ended_at >= rest_of(serving, asked, changed);
}

void serving_look(struct serving *serving, time_ms now)
{
	struct serving_glance *glance = &serving->glance;
	struct store_health health;
	store_writer_health(serving->watchman->writer, &health);
	if (glance->working || !is_due(serving, now, &health))
		return;
	glance->error.text[0] = '\0';
	glance->began_at = now;
	glance->committed = health.committed;
	glance->wanted = false;
	glance->working = true;
	if (serving->show != NULL)
		show_forget_asked(serving->show);
	glance->work.data = serving;
	if (uv_queue_work(serving->watchman->loop, &glance->work, work, on_worked) != 0)
		glance->working = false;
}
