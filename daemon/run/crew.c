#include "run/crew.h"

#include <assert.h>
#include <stdlib.h>

#include "model/host.h"
#include "process/descriptors.h"

enum {
	/* In line at the prober for each that may run, so that it never waits for us. */
	JOBS_PER_REQUEST = 4,
	JOBS_MIN = 16,
};

/* Also where nobody's link leads but only a redirect. What a pattern means beyond one
 * host is found when a link of it is asked. */
static void set_paces(struct crew *crew)
{
	const struct config *config = crew->config;
	for (uint32_t i = 0; i < config->host_count; i++) {
		struct slice key = slice_of(config->hosts[i].match);
		if (slice_starts(key, SLICE("*.")))
			key = slice_sub(key, 2, key.len);
		if (!slice_equal(host_pacing_key(key), key))
			continue;
		const struct config_host *first = config_host_of(config, key);
		if (first != NULL &&
			prober_set_host(crew->asker.prober, key, first->concurrency,
				first->request_interval_ms) < 0)
			crew->asker.failed = true;
	}
}

struct crew *crew_open(
	uv_loop_t *loop, struct config *config, uint64_t seed, struct error *error)
{
	struct crew *crew = calloc(1, sizeof(*crew));
	if (crew == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	struct settings *settings = &crew->configured.settings;
	int result = configured_init(&crew->configured, config, error);
	settings->probing.seed = seed;
	uint32_t *concurrency = &settings->probing.pace.concurrency_total;
	if (*concurrency > descriptors_room())
		*concurrency = descriptors_room();
	if (result == 0)
		result = asker_open(&crew->asker, loop, settings, error);
	if (result < 0) {
		configured_fini(&crew->configured);
		free(crew);
		return NULL;
	}
	crew->config = config;
	set_paces(crew);
	reader_init(&crew->reader, loop, &crew->asker, &settings->exclude_path);
	crew->job_max = *concurrency * JOBS_PER_REQUEST;
	if (crew->job_max < JOBS_MIN)
		crew->job_max = JOBS_MIN;
	return crew;
}

static void hand_on(void *data, struct slice key, time_ms rest_ms, uint32_t cause)
{
	struct crew *to = data;
	prober_rest_host(to->asker.prober, key, rest_ms, cause);
}

static void hand_on_site(void *data, const struct prober_site *site)
{
	struct crew *to = data;
	prober_restore_site(to->asker.prober, site);
}

void crew_hand_on_rests(const struct crew *from, struct crew *to)
{
	prober_each_rest(from->asker.prober, hand_on, to);
	prober_each_site(from->asker.prober, hand_on_site, to);
}

static void on_part_closed(void *data)
{
	struct crew *crew = data;
	assert(crew->parts_open > 0);
	if (--crew->parts_open == 0)
		crew->on_closed(crew->closed_data, crew);
}

/* A source that is being read on the pool may take seconds yet. Nobody is asked in the
 * meantime: its successor has the hosts' turns now, or nobody takes the answers. */
void crew_close(
	struct crew *crew, void (*on_closed)(void *data, struct crew *crew), void *data)
{
	crew->on_closed = on_closed;
	crew->closed_data = data;
	crew->parts_open = 2;
	reader_close(&crew->reader, on_part_closed, crew);
	asker_close(&crew->asker, on_part_closed, crew);
}

void crew_free(struct crew *crew)
{
	if (crew == NULL)
		return;
	asker_fini(&crew->asker);
	configured_fini(&crew->configured);
	config_free(crew->config);
	free(crew);
}
