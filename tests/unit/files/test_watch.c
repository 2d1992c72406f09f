#include "files/watch.h"

#include "lib/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Nothing here waits for time to pass: the loop runs until something is told, and what
 * must not be told is proved by something that is told after it. */
enum { TAGS = 16, MARKER = 15 };

struct stage {
	uv_loop_t loop;
	uv_timer_t limit;
	struct watcher *watcher;
	uint32_t told[TAGS];
	uint32_t troubles;
	char trouble[256];
	bool closed;
	uint64_t remove_on_change; /* of that tag; 0: none */
};

static struct stage stage;
static char root[64];

static void on_change(void *data, uint64_t tag)
{
	struct stage *here = data;
	assert_true(tag < TAGS);
	here->told[tag]++;
	if (here->remove_on_change == tag && tag != 0)
		watch_remove(here->watcher, tag);
	uv_stop(&here->loop);
}

static void on_trouble(void *data, const char *sentence)
{
	struct stage *here = data;
	here->troubles++;
	snprintf(here->trouble, sizeof(here->trouble), "%s", sentence);
}

static void on_limit(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("nothing was told");
}

static void on_closed(void *data)
{
	((struct stage *)data)->closed = true;
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void make(const char *path)
{
	assert_int_equal(mkdir(path, 0755), 0);
}

static void open_with(uint32_t directories_max)
{
	struct watch_limits limits = {
		.quiet_ms = 5, .wait_max_ms = 200, .directories_max = directories_max
	};
	struct watch_sink sink = { &stage, on_change, on_trouble };
	struct error error;
	stage.watcher = watch_open(&stage.loop, &limits, &sink, &error);
	assert_non_null(stage.watcher);
}

static int start(void **state)
{
	(void)state;
	memset(&stage, 0, sizeof(stage));
	snprintf(root, sizeof(root), "/tmp/linkrotd-watch-XXXXXX");
	if (mkdtemp(root) == NULL || chdir(root) != 0)
		return -1;
	uv_loop_init(&stage.loop);
	uv_timer_init(&stage.loop, &stage.limit);
	uv_timer_start(&stage.limit, on_limit, 30000, 0);
	uv_unref((uv_handle_t *)&stage.limit);
	open_with(0);
	return 0;
}

static int finish(void **state)
{
	(void)state;
	char command[128];
	watch_close(stage.watcher, on_closed, &stage);
	uv_close((uv_handle_t *)&stage.limit, NULL);
	uv_run(&stage.loop, UV_RUN_DEFAULT);
	assert_true(stage.closed);
	assert_int_equal(uv_loop_close(&stage.loop), 0);
	assert_int_equal(chdir("/"), 0);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

static void watch(const char *input, uint64_t tag)
{
	struct error error;
	assert_int_equal(watch_add(stage.watcher, input, tag, &error), 0);
}

/* Until that is told; then all is forgotten. */
static void expect(uint64_t tag)
{
	while (stage.told[tag] == 0)
		uv_run(&stage.loop, UV_RUN_DEFAULT);
	memset(stage.told, 0, sizeof(stage.told));
}

/* Until everything that happened so far has been told. */
static void settle(void)
{
	static uint32_t times;
	char text[32];
	snprintf(text, sizeof(text), "%u", times++);
	put("marker", text);
	while (stage.told[MARKER] == 0)
		uv_run(&stage.loop, UV_RUN_DEFAULT);
	stage.told[MARKER] = 0;
}

static void with_marker(void)
{
	put("marker", "");
	watch("marker", MARKER);
}

static void expect_nothing(uint64_t tag)
{
	settle();
	assert_int_equal(stage.told[tag], 0);
	memset(stage.told, 0, sizeof(stage.told));
}

/* --- files ------------------------------------------------------------------------- */

static void a_file_is_written(void **state)
{
	(void)state;
	with_marker();
	put("list.md", "one");
	watch("list.md", 1);
	put("list.md", "two");
	expect(1);
	put("other.md", "x");
	expect_nothing(1);
	/* By another name of the same file. */
	char path[128];
	snprintf(path, sizeof(path), "%s//list.md", root);
	watch(path, 2);
	put("list.md", "three");
	expect(2);
}

static void an_editor_renames_over_it(void **state)
{
	(void)state;
	put("list.md", "one");
	watch("list.md", 1);
	for (int i = 0; i < 3; i++) {
		put("list.md.new", "two");
		assert_int_equal(rename("list.md.new", "list.md"), 0);
		expect(1);
	}
}

static void a_file_vanishes_and_comes_back(void **state)
{
	(void)state;
	put("list.md", "one");
	watch("list.md", 1);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(unlink("list.md"), 0);
		expect(1);
		put("list.md", "two");
		expect(1);
	}
}

static void many_events_are_one_change(void **state)
{
	(void)state;
	with_marker();
	put("list.md", "");
	watch("list.md", 1);
	for (int i = 0; i < 500; i++)
		put("list.md", "many");
	settle();
	/* All of it was there before the loop ran: one, at most two where a machine was
	 * slow between two reads of inotify. */
	assert_in_range(stage.told[1], 1, 2);
}

/* The whole path comes later, goes and comes again with the same inode or another. */
static void directories_come_and_go(void **state)
{
	(void)state;
	watch("a/b/list.md", 1);
	for (int i = 0; i < 3; i++) {
		make("a");
		expect(1);
		make("a/b");
		expect(1);
		put("a/b/list.md", "one");
		expect(1);
		put("a/b/list.md", "two");
		expect(1);
		/* Away as a whole, with the watch of its inode. */
		assert_int_equal(unlink("a/b/list.md"), 0);
		assert_int_equal(rmdir("a/b"), 0);
		assert_int_equal(rmdir("a"), 0);
		expect(1);
		make("a");
		make("a/b");
		expect(1);
		put("a/b/list.md", "three");
		expect(1);
		assert_int_equal(rename("a/b", "old"), 0);
		expect(1);
		assert_int_equal(watch_directories(stage.watcher), 1); /* a, for b */
		make("a/b");
		put("a/b/list.md", "four");
		expect(1);
		assert_int_equal(unlink("a/b/list.md"), 0);
		assert_int_equal(rmdir("a/b"), 0);
		assert_int_equal(rmdir("a"), 0);
		expect(1);
		assert_int_equal(unlink("old/list.md"), 0);
		assert_int_equal(rmdir("old"), 0);
	}
}

/* Another directory has its name before anybody looks: often with the same inode. */
static void a_directory_is_replaced(void **state)
{
	(void)state;
	make("a");
	make("a/b");
	watch("a/b/list.md", 1);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(rmdir("a/b"), 0);
		make("a/b");
		expect(1);
		put("a/b/list.md", "one");
		expect(1);
		assert_int_equal(unlink("a/b/list.md"), 0);
		expect(1);
	}
}

/* Its parent is moved, which no watch tells: the next event does. */
static void a_parent_is_replaced(void **state)
{
	(void)state;
	make("a");
	make("a/b");
	watch("a/b/list.md", 1);
	assert_int_equal(rename("a", "old"), 0);
	make("a");
	make("a/b");
	put("old/b/list.md", "one");
	expect(1);
	put("a/b/list.md", "one");
	expect(1);
}

/* --- globs and trees --------------------------------------------------------------- */

static void a_glob(void **state)
{
	(void)state;
	with_marker();
	make("docs");
	make("docs/one");
	put("docs/one/README.md", "x");
	watch("docs/*/*.md", 1);
	put("docs/one/README.md", "y");
	expect(1);
	put("docs/one/notes.txt", "y");
	put("docs/README.txt", "y");
	expect_nothing(1);
	make("docs/two");
	expect(1);
	put("docs/two/new.md", "y");
	expect(1);
	/* A directory at its end is a tree. */
	make("docs/two/deep.md");
	expect(1);
	put("docs/two/deep.md/text", "y");
	expect(1);
}

static void a_deep_glob(void **state)
{
	(void)state;
	with_marker();
	make("docs");
	watch("docs/**/*.md", 1);
	put("docs/a.md", "x");
	expect(1);
	make("docs/one");
	make("docs/one/two");
	expect(1);
	put("docs/one/two/b.md", "x");
	expect(1);
	make("docs/.git");
	put("docs/.git/index", "x");
	put("c.md", "x");
	expect_nothing(1);
}

static void a_name_that_looks_like_a_glob(void **state)
{
	(void)state;
	with_marker();
	put("list[1].md", "x");
	watch("list[1].md", 1);
	put("list[1].md", "y");
	expect(1);
	put("list1.md", "y");
	expect_nothing(1);
}

static void a_tree(void **state)
{
	(void)state;
	with_marker();
	make("docs");
	make("docs/.git");
	make("docs/node_modules");
	make("docs/build");
	make("docs/sub");
	put("docs/.gitignore", "build/\n");
	watch("docs/", 1);
	assert_int_equal(watch_directories(stage.watcher), 3); /* and the marker's */
	put("docs/sub/a.md", "x");
	expect(1);
	put("docs/.git/index", "x");
	put("docs/node_modules/a.md", "x");
	put("docs/build/a.md", "x");
	put("docs/.a.md.swp", "x");
	expect_nothing(1);
	make("docs/sub/new");
	make("docs/sub/new/deep");
	expect(1);
	put("docs/sub/new/deep/b.md", "x");
	expect(1);
	put("docs/.gitignore", "");
	expect(1);
	put("docs/build/b.md", "x");
	expect(1);
	assert_int_equal(rename("docs", "gone"), 0);
	expect(1);
	assert_int_equal(rename("gone", "docs"), 0);
	expect(1);
	put("docs/sub/c.md", "x");
	expect(1);
}

/* --- inputs ------------------------------------------------------------------------ */

static void inputs_share_and_leave(void **state)
{
	(void)state;
	with_marker();
	put("a.md", "x");
	put("b.md", "x");
	watch("a.md", 1);
	watch("b.md", 1);
	watch("a.md", 2);
	assert_int_equal(watch_directories(stage.watcher), 1);
	put("b.md", "y");
	expect(1);
	put("a.md", "y");
	settle();
	assert_int_equal(stage.told[1], 1);
	assert_int_equal(stage.told[2], 1);
	memset(stage.told, 0, sizeof(stage.told));
	watch_remove(stage.watcher, 1);
	watch_remove(stage.watcher, 7);
	put("a.md", "z");
	expect(2);
	put("a.md", "y");
	watch_remove(stage.watcher, 2); /* a change that was not told yet */
	expect_nothing(1);
	watch_remove(stage.watcher, MARKER);
	assert_int_equal(watch_directories(stage.watcher), 0);
}

static void removed_by_its_own_change(void **state)
{
	(void)state;
	with_marker();
	put("a.md", "x");
	watch("a.md", 1);
	watch("a.md", 1);
	stage.remove_on_change = 1;
	put("a.md", "y");
	expect(1);
	put("a.md", "z");
	expect_nothing(1);
}

static void odd_inputs(void **state)
{
	(void)state;
	char longest[6000];
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	watch("", 1);
	watch("-", 1);
	watch("..", 1);
	watch("no/such/*/thing", 1);
	watch(longest, 1);
	assert_int_equal(stage.troubles, 0);
	watch_remove(stage.watcher, 1);
	struct error error;
	for (int i = 0; i < WATCH_INPUTS_MAX; i++)
		watch("x.md", 2);
	assert_int_equal(watch_add(stage.watcher, "x.md", 2, &error), -1);
	assert_non_null(strstr(error.text, "4096"));
	watch_close(NULL, NULL, NULL);
}

/* --- limits ------------------------------------------------------------------------ */

static void too_many_directories(void **state)
{
	(void)state;
	char path[32];
	watch_close(stage.watcher, on_closed, &stage);
	open_with(4);
	put("marker", "");
	watch("marker", MARKER);
	make("docs");
	for (int i = 0; i < 20; i++) {
		snprintf(path, sizeof(path), "docs/%d", i);
		make(path);
	}
	watch("docs", 1);
	assert_int_equal(stage.troubles, 1);
	assert_int_equal(watch_directories(stage.watcher), 4);
	assert_string_equal(stage.trouble,
		"Not all sources can be watched for changes: they lie in too many "
		"directories; those changes are found when the sources are read again.");
	/* What is watched goes on being so, also after it is looked at again. */
	for (int i = 0; i < 3; i++) {
		put("docs/x.md", "x");
		expect(1);
	}
	assert_int_equal(watch_directories(stage.watcher), 4);
	watch("docs/19/..", 2);
	assert_int_equal(stage.troubles, 1);
	settle();
}

/* No inotify instance is left (here: no file descriptor). */
static void no_instance(void **state)
{
	(void)state;
	struct rlimit before, none;
	put("a.md", "x");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(next >= 0);
	none = before;
	none.rlim_cur = (rlim_t)next;
	close(next);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	watch("a.md", 1);
	watch("a.md", 2);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(stage.troubles, 1);
	assert_non_null(strstr(stage.trouble, "max_user_instances"));
	assert_int_equal(watch_directories(stage.watcher), 0);
	watch("a.md", 3);
	put("a.md", "y");
	expect(3);
}

#define T(name) cmocka_unit_test_setup_teardown(name, start, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_file_is_written),
		T(an_editor_renames_over_it),
		T(a_file_vanishes_and_comes_back),
		T(many_events_are_one_change),
		T(directories_come_and_go),
		T(a_directory_is_replaced),
		T(a_parent_is_replaced),
		T(a_glob),
		T(a_deep_glob),
		T(a_name_that_looks_like_a_glob),
		T(a_tree),
		T(inputs_share_and_leave),
		T(removed_by_its_own_change),
		T(odd_inputs),
		T(too_many_directories),
		T(no_instance),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
