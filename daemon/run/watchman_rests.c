#include "process/wall.h"
#include "run/watchman.h"

/* What servers were promised, and what was learned of them, survives a restart. While we
 * run shorter rests would only be written again and again. */
enum { REST_MS_MIN = 2000 };

/* Longer ones come from servers that misspoke; the next answer will say it again. */
#define REST_MS_MAX (7 * TIME_MS_PER_DAY)

static time_ms wall_in(time_ms real_ms)
{
	return wall_now() + (time_ms)((double)real_ms * wall_rate());
}

/* Without room in the queue it is saved the next time. */
static void save_rest(void *data, struct slice key, time_ms rest_ms, uint32_t cause)
{
	struct watchman *watchman = data;
	time_ms least_ms = watchman->open ? REST_MS_MIN : 1;
	if (rest_ms < least_ms || key.len > STORE_HOST_KEY_MAX)
		return;
	const struct store_host host = {
		.key = key,
		.updated_at = wall_now(),
		.paused_until = wall_in(rest_ms),
		.breaker_cause = (enum reason)cause,
	};
	(void)store_put_host(watchman->writer, &host);
}

static void save_site(void *data, const struct prober_site *site)
{
	struct watchman *watchman = data;
	if (site->origin.len > STORE_HOST_KEY_MAX)
		return;
	const struct store_host host = {
		.key = site->origin,
		.updated_at = wall_now(),
		.head_agreed = site->method.agreed,
		.get_only = site->method.get_only,
		.robots_failing_since = site->robots_failing_since,
		.breaker_failures = site->breaker.failures,
		.breaker_opened = site->breaker.opened,
		.breaker_cause =
			site->closed_ms > 0 ? site->closed_cause : site->breaker.cause,
		.breaker_until = site->closed_ms > 0 ? wall_in(site->closed_ms) : 0,
	};
	(void)store_put_host(watchman->writer, &host);
}

void watchman_save_rests(struct watchman *watchman)
{
	prober_each_rest(watchman->crew->asker.prober, save_rest, watchman);
}

/* Origins have a scheme, pacing keys have none. */
static bool is_origin(struct slice key)
{
	return slice_find(key, SLICE("://")) != SLICE_NONE;
}

static bool forget_site(const struct store_host *host, void *data)
{
	struct watchman *watchman = data;
	if (is_origin(host->key))
		(void)store_put_host_forgotten(watchman->writer, host->key);
	return true;
}

/* Of those that are well again nothing is told, so the trouble of an earlier day is taken
 * out first: it would come back at every start. */
void watchman_save_sites(struct watchman *watchman)
{
	struct error error;
	if (store_walk_hosts(watchman->store, forget_site, watchman, &error) < 0)
		journal_error(watchman->journal, JOURNAL_KIND_STORE, &error);
	prober_each_site(watchman->crew->asker.prober, save_site, watchman);
}

static void restore_site(struct watchman *watchman, const struct store_host *host)
{
	time_ms closed_ms = wall_real_ms(host->breaker_until - wall_now());
	const struct prober_site site = {
		.origin = host->key,
		.method = { .agreed = host->head_agreed, .get_only = host->get_only },
		.breaker = { .failures = host->breaker_failures,
			.opened = host->breaker_opened,
			.cause = host->breaker_cause },
		.robots_failing_since = host->robots_failing_since,
		.closed_ms = closed_ms < REST_MS_MAX ? closed_ms : REST_MS_MAX,
		.closed_cause = host->breaker_cause,
	};
	prober_restore_site(watchman->crew->asker.prober, &site);
}

static bool restore(const struct store_host *host, void *data)
{
	struct watchman *watchman = data;
	if (is_origin(host->key)) {
		restore_site(watchman, host);
		return true;
	}
	time_ms rest_ms = wall_real_ms(host->paused_until - wall_now());
	if (rest_ms <= 0)
		(void)store_put_host_forgotten(watchman->writer, host->key);
	else
		prober_rest_host(watchman->crew->asker.prober, host->key,
			rest_ms < REST_MS_MAX ? rest_ms : REST_MS_MAX,
			(uint32_t)host->breaker_cause);
	return true;
}

int watchman_restore_rests(struct watchman *watchman, struct error *error)
{
	return store_walk_hosts(watchman->store, restore, watchman, error);
}
