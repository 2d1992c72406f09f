#include "app/wall_internal.h"
#include "app/watchman_internal.h"

/* What servers were promised survives a restart. Shorter rests are over before the next
 * start, and would only be written again and again. */
enum { REST_MS_MIN = 2000 };

/* Longer ones come from servers that misspoke; the next answer will say it again. */
#define REST_MS_MAX (7 * TIME_MS_PER_DAY)

static void save(void *data, struct slice key, time_ms rest_ms, uint32_t cause)
{
	struct watchman *watchman = data;
	time_ms now = wall_now();
	if (rest_ms < REST_MS_MIN || key.len > STORE_HOST_KEY_MAX)
		return;
	const struct store_host host = {
		.key = key,
		.updated_at = now,
		.paused_until = now + (time_ms)((double)rest_ms * wall_rate()),
		.breaker_cause = (enum reason)cause,
	};
	/* Without room it is saved the next time. */
	(void)store_put_host(watchman->writer, &host);
}

void watchman_save_rests(struct watchman *watchman)
{
	prober_each_rest(watchman->crew->asker.prober, save, watchman);
}

static bool restore(const struct store_host *host, void *data)
{
	struct watchman *watchman = data;
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
