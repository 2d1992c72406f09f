#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "run/watchman.h"

/* A watchman of an empty list, who has not been given a turn by its loop. */
struct world {
	uv_loop_t loop;
	struct journal journal;
	struct watchman watchman;
	char directory[64];
	int log;
};

static struct config *configure(const struct world *world)
{
	static const struct config_defaults defaults = { 0 };
	char text[512];
	struct config_errors errors;
	snprintf(text, sizeof(text),
		"contact: mailto:ops@a.test\n"
		"database: %s/links.db\n"
		"lists: [{name: links, sources: [%s/list.md]}]\n",
		world->directory, world->directory);
	const struct config_file file = { "a.yaml", slice_of(text) };
	struct config *config = config_parse(&file, 1, &defaults, &errors);
	if (config == NULL)
		fail_msg("%s", errors.at[0].text);
	return config;
}

static void world_init(struct world *world)
{
	struct error error = { "" };
	*world = (struct world){ .log = dup(STDERR_FILENO) };
	snprintf(world->directory, sizeof(world->directory), "/tmp/linkrotd-man-XXXXXX");
	assert_non_null(mkdtemp(world->directory));
	assert_int_equal(uv_loop_init(&world->loop), 0);
	journal_init(&world->journal, world->log, JOURNAL_ERROR);
	if (watchman_open(&world->watchman, &world->loop, configure(world),
		    &world->journal, &error) < 0)
		fail_msg("%s", error.text);
}

static void world_fini(struct world *world)
{
	static const char *const files[] = { "links.db", "links.db-lock", "links.db-shm",
		"links.db-wal" };
	struct error error = { "" };
	if (watchman_close(&world->watchman, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(uv_run(&world->loop, UV_RUN_DEFAULT), 0);
	watchman_fini(&world->watchman);
	assert_int_equal(uv_loop_close(&world->loop), 0);
	journal_fini(&world->journal);
	close(world->log);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", world->directory, files[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(world->directory), 0);
}

/* What was said to be no evidence does not become some by a reload. */
static void a_step_of_the_clock_outlives_a_reload(void **state)
{
	(void)state;
	struct world world;
	struct error error = { "" };
	world_init(&world);
	world.watchman.health.clock.stepped_at = 1234567;
	assert_int_equal(watchman_reload(&world.watchman, configure(&world), &error), 0);
	assert_int_equal(world.watchman.health.clock.stepped_at, 1234567);
	world_fini(&world);
}

/* It is made before anything is changed, because it is all that may lack memory. */
static void a_reload_brings_its_plan(void **state)
{
	(void)state;
	struct world world;
	struct error error = { "" };
	world_init(&world);
	struct lists *lists = &world.watchman.lists;
	lists->sources[0].failed = true;
	struct config *config = configure(&world);
	struct list_source *sources = lists_plan(config, 1234567);
	assert_ptr_equal(sources[0].list, &config->lists[0]);
	assert_int_equal(sources[0].read_next_at, 1234567);
	assert_null(sources[1].list);
	free(sources);
	assert_int_equal(watchman_reload(&world.watchman, config, &error), 0);
	assert_int_equal(lists->source_count, 1);
	assert_ptr_equal(lists->sources[0].list, &config->lists[0]);
	assert_false(lists->sources[0].failed);
	world_fini(&world);
}

/* Jobs that never end take all room: the scheduler stands, and nobody holds it up. */
static void jobs_without_an_end_are_no_excuse(void **state)
{
	(void)state;
	struct world world;
	struct list unsaved;
	world_init(&world);
	assert_true(watchman_may_dispatch(&world.watchman));
	world.watchman.job_count = world.watchman.crew->job_max;
	assert_false(watchman_may_dispatch(&world.watchman));
	assert_false(watchman_is_held_up(&world.watchman));
	world.watchman.job_count = 0;
	list_push_back(&world.watchman.unsaved, &unsaved);
	assert_true(watchman_is_held_up(&world.watchman));
	list_remove(&unsaved);
	world_fini(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_of_the_clock_outlives_a_reload),
		cmocka_unit_test(a_reload_brings_its_plan),
		cmocka_unit_test(jobs_without_an_end_are_no_excuse),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
