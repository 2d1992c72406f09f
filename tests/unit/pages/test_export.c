/* The site as files: what is written, left alone, removed and never touched. */
#include "unit/ledger/ground.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/buffer.h"
#include "pages/export.h"

static char site[128];

static struct store_writer *make_links(const char *second)
{
	static const char *const urls[] = { "https://a.test/1", "https://b.test/2" };
	struct store_writer *writer = ground_writer();
	struct link_record alive = show_record(STATE_ALIVE, show_noon, show_noon);
	snprintf(site, sizeof(site), "%s/site", ground_directory);
	ground_lists(writer, "first", second);
	ground_read(writer, "first", "a.md", urls, 2);
	ground_read(writer, second, "b.md", urls, 1);
	ground_wait(writer, show_check(writer, 1, &alive, STATE_UNCHECKED));
	return writer;
}

static int export(time_ms now, struct export_counts *counts, struct error *error)
{
	const struct health_limits limits = { 0 };
	struct pages_settings settings;
	struct arena kept;
	struct store *store = ground_open(STORE_READ);
	const struct export_wish wish = {
		.store = store, .settings = &settings, .directory = site, .now = now
	};
	arena_init(&kept, 1 << 20);
	assert_int_equal(pages_settings_of(NULL, &limits, &kept, &settings), 0);
	int result = export_site(&wish, counts, error);
	arena_fini(&kept);
	store_close(store);
	return result;
}

static struct export_counts exported(time_ms now)
{
	struct export_counts counts;
	struct error error = { "" };
	if (export(now, &counts, &error) < 0)
		fail_msg("%s", error.text);
	return counts;
}

static const char *at(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", site, name);
	return path;
}

static bool is_there(const char *name)
{
	return access(at(name), F_OK) == 0;
}

static void put_file(const char *name, const char *text)
{
	FILE *file = fopen(at(name), "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void retire_second(struct store_writer *writer)
{
	struct store_list_config first = { SLICE("first"), SLICE("The first") };
	ground_wait(writer, store_put_lists(writer, &first, 1, 2000));
}

static void same_bytes_all_day(void **state)
{
	(void)state;
	struct store_writer *writer = make_links("second");
	struct export_counts counts = exported(show_noon + show_minute);
	assert_int_equal(counts.files, counts.written);
	assert_int_equal(counts.removed, 0);
	assert_true(is_there("links/1.html") && is_there("api/v1/links/1.json"));
	for (int hour = 1; hour < 12; hour += 5) {
		counts = exported(show_noon + hour * 60 * show_minute);
		assert_int_equal(counts.written, 0);
		assert_int_equal(counts.removed, 0);
	}
	/* Another link is checked: the files of this one stay. */
	struct link_record dead =
		show_record(STATE_DEAD, show_noon, show_noon + 60 * show_minute);
	ground_wait(writer, show_check(writer, 2, &dead, STATE_ALIVE));
	struct stat before, after;
	assert_int_equal(stat(at("api/v1/links/1.json"), &before), 0);
	counts = exported(show_noon + 120 * show_minute);
	assert_true(counts.written > 0 && counts.written < counts.files);
	assert_int_equal(stat(at("api/v1/links/1.json"), &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	ground_stop(writer);
}

/* A list is retired: its files go with their directories, those of others stay. */
static void only_ours_is_removed(void **state)
{
	(void)state;
	struct store_writer *writer = make_links("second");
	exported(show_noon);
	put_file("mine.html", "mine");
	put_file("lists/mine.html", "mine");
	put_file("lists/second/dead/mine.html", "mine");
	retire_second(writer);
	struct export_counts counts = exported(show_noon);
	assert_true(counts.removed > 0);
	assert_true(is_there("mine.html") && is_there("lists/mine.html") &&
		    is_there("lists/second/dead/mine.html"));
	assert_false(is_there("lists/second/index.html"));
	assert_false(is_there("lists/second/alive"));
	assert_false(is_there("badge/second.svg"));
	assert_int_equal(exported(show_noon).removed, 0);
	ground_stop(writer);
}

static void manifest_leads_nowhere_else(void **state)
{
	(void)state;
	struct store_writer *writer = make_links("second");
	char outside[160], escape[400];
	exported(show_noon);
	snprintf(outside, sizeof(outside), "%s/outside", ground_directory);
	assert_int_equal(mkdir(outside, 0755), 0);
	snprintf(escape, sizeof(escape), "%s/index.html", outside);
	FILE *file = fopen(escape, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(symlink(outside, at("linked")), 0);
	snprintf(escape, sizeof(escape),
		"../outside/index.html\n%s/index.html\nlinked/index.html\n"
		"lists/../../outside/index.html\nlinks/9.html\nlinks/8.html\n\n/\n",
		outside);
	put_file(EXPORT_MANIFEST, escape);
	put_file("links/9.html", "of old");
	assert_int_equal(symlink(outside, at("links/8.html")), 0);
	assert_int_equal(exported(show_noon).removed, 1);
	assert_true(is_there("links/8.html"));
	snprintf(escape, sizeof(escape), "%s/index.html", outside);
	assert_int_equal(access(escape, F_OK), 0);
	ground_stop(writer);
}

static void links_are_not_followed(void **state)
{
	(void)state;
	struct store_writer *writer = make_links("second");
	struct export_counts counts;
	struct error error = { "" };
	char outside[160], inside[200];
	snprintf(outside, sizeof(outside), "%s/outside", ground_directory);
	assert_int_equal(mkdir(outside, 0755), 0);
	assert_int_equal(mkdir(site, 0755), 0);
	assert_int_equal(symlink(outside, at("links")), 0);
	assert_int_equal(export(show_noon, &counts, &error), -1);
	assert_non_null(strstr(error.text, "links"));
	snprintf(inside, sizeof(inside), "%s/1.html", outside);
	assert_int_equal(access(inside, F_OK), -1);

	assert_int_equal(unlink(at("links")), 0);
	snprintf(inside, sizeof(inside), "%s/precious", outside);
	assert_int_equal(unlink(at("style.css")), 0);
	assert_int_equal(symlink(inside, at("style.css")), 0);
	assert_int_equal(export(show_noon, &counts, &error), -1);
	assert_int_equal(access(inside, F_OK), -1);
	ground_stop(writer);
}

/* A disk that is full (here: files that may not be larger): what was there stays whole,
 * nothing is removed, and what was added is removed when it is of no use any more. */
static void failure_forgets_nothing(void **state)
{
	(void)state;
	struct store_writer *writer = make_links("second");
	struct rlimit before, small;
	struct export_counts counts;
	struct error error = { "" };
	exported(show_noon);
	put_file("links/9.html", "of old");
	FILE *manifest = fopen(at(EXPORT_MANIFEST), "a");
	assert_non_null(manifest);
	fputs("links/9.html\n", manifest);
	fclose(manifest);
	assert_int_equal(unlink(at("links/1.html")), 0);
	assert_int_equal(unlink(at("lists/second/index.html")), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int result = export(show_noon, &counts, &error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(result, -1);
	assert_non_null(strstr(error.text, "links/1.html"));
	assert_true(is_there("links/9.html"));
	assert_true(is_there("index.html"));

	retire_second(writer);
	assert_true(exported(show_noon).removed > 1);
	assert_true(is_there("links/1.html"));
	assert_false(is_there("links/9.html"));
	assert_false(is_there("lists/second"));
	ground_stop(writer);
}

/* Its events lead to it, from the list that it left as well. */
static void a_link_that_left_has_its_page(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://a.test/1", "https://b.test/2" };
	struct store_writer *writer = make_links("second");
	struct link_record dead = show_record(STATE_DEAD, show_noon, show_noon);
	ground_wait(writer, show_check(writer, 2, &dead, STATE_ALIVE));
	ground_read(writer, "first", "a.md", urls, 1);
	struct export_counts counts = exported(show_noon + show_minute);
	assert_true(is_there("links/2.html") && is_there("api/v1/links/2.json"));
	assert_int_equal(counts.written, counts.files);
	counts = exported(show_noon + 60 * show_minute);
	assert_int_equal(counts.written, 0);
	assert_int_equal(counts.removed, 0);
	ground_stop(writer);
}

/* A home page of somebody's own; only what says the same may stay as it is. */
static void others_are_not_overwritten(void **state)
{
	(void)state;
	static const char *const names[] = { "links/1.html", "index.html" };
	struct store_writer *writer = make_links("second");
	struct export_counts counts;
	struct error error = { "" };
	assert_int_equal(mkdir(site, 0755), 0);
	assert_int_equal(mkdir(at("links"), 0755), 0);
	put_file(".nojekyll", "");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		put_file(names[i], "mine");
		assert_int_equal(export(show_noon, &counts, &error), -1);
		assert_non_null(strstr(error.text, names[i]));
		struct stat st;
		assert_int_equal(stat(at(names[i]), &st), 0);
		assert_int_equal(st.st_size, strlen("mine"));
		assert_int_equal(unlink(at(names[i])), 0);
	}
	exported(show_noon);
	ground_stop(writer);
}

/* Each would drop the other's names from the manifest. */
static void one_at_a_time(void **state)
{
	(void)state;
	struct store_writer *writer = make_links("second");
	struct export_counts counts;
	struct error error = { "" };
	exported(show_noon);
	int other = open(site, O_RDONLY | O_DIRECTORY);
	assert_true(other >= 0);
	assert_int_equal(flock(other, LOCK_EX), 0);
	assert_int_equal(export(show_noon, &counts, &error), -1);
	assert_non_null(strstr(error.text, "another export"));
	close(other);
	exported(show_noon);
	ground_stop(writer);
}

/* Into an empty directory, but for two large files that need not be written: killed by
 * the kernel, because its second link has a larger page than may be written. */
static void export_until_killed(void)
{
	static const char *const stay[] = { "style.css", "script.js" };
	char old[200], from[300];
	struct stat page;
	int status;
	assert_int_equal(stat(at("links/2.html"), &page), 0);
	snprintf(old, sizeof(old), "%s.old", site);
	assert_int_equal(rename(site, old), 0);
	assert_int_equal(mkdir(site, 0755), 0);
	for (size_t i = 0; i < sizeof(stay) / sizeof(stay[0]); i++) {
		snprintf(from, sizeof(from), "%s/%s", old, stay[i]);
		assert_int_equal(rename(from, at(stay[i])), 0);
	}
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit small = { (rlim_t)page.st_size - 1,
			(rlim_t)page.st_size - 1 },
				    none = { 0, 0 };
		signal(SIGXFSZ, SIG_DFL);
		setrlimit(RLIMIT_CORE, &none);
		setrlimit(RLIMIT_FSIZE, &small);
		exported(show_noon);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
}

static void a_killed_export_is_known(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://a.test/1",
		"https://b.test/a/name/that/makes/this/page/longer/than/the/other/one/"
		"because/it/stands/there/more/than/once/and/has/no/end/for/a/while" };
	struct store_writer *writer = ground_writer();
	snprintf(site, sizeof(site), "%s/site", ground_directory);
	ground_lists(writer, "first", NULL);
	ground_read(writer, "first", "a.md", urls, 2);
	exported(show_noon);
	export_until_killed();
	assert_true(is_there("links/1.html") && is_there("api/v1/links/1.json"));
	assert_false(is_there("links/2.html") || is_there("index.html"));
	/* They say something else by now, and are replaced as our own. */
	struct link_record dead =
		show_record(STATE_DEAD, show_noon, show_noon + show_minute);
	ground_wait(writer, show_check(writer, 1, &dead, STATE_ALIVE));
	exported(show_noon + show_minute);
	assert_true(is_there("index.html"));
	ground_stop(writer);
}

/* A first export that fails: the next one knows its files. */
static void half_an_export_is_known(void **state)
{
	(void)state;
	struct store_writer *writer = make_links("second");
	struct export_counts counts;
	struct error error = { "" };
	assert_int_equal(mkdir(site, 0755), 0);
	put_file("api", "in the way");
	assert_int_equal(export(show_noon, &counts, &error), -1);
	assert_true(counts.written > 0 && is_there("links/1.html"));
	assert_true(is_there(EXPORT_MANIFEST));
	assert_int_equal(unlink(at("api")), 0);
	retire_second(writer);
	exported(show_noon);
	ground_stop(writer);
}

/* "links" and its dead badge, and a list that is called "links-dead". */
static void badges_have_names_of_their_own(void **state)
{
	(void)state;
	struct store_writer *writer = make_links("first-dead");
	exported(show_noon);
	assert_int_equal(exported(show_noon).written, 0);
	assert_true(is_there("badge/first.dead.svg") && is_there("badge/first-dead.svg"));
	ground_stop(writer);
}

static void names_are_no_paths(void **state)
{
	(void)state;
	struct store_writer *writer = make_links("../../outside");
	struct export_counts counts;
	struct error error = { "" };
	assert_int_equal(export(show_noon, &counts, &error), -1);
	assert_non_null(strstr(error.text, "name"));
	assert_int_equal(access(site, F_OK), -1);
	ground_stop(writer);
}

static void stops_between_files(void **state)
{
	(void)state;
	struct store_writer *writer = make_links("second");
	const struct health_limits limits = { 0 };
	atomic_bool stop = true;
	struct pages_settings settings;
	struct export_counts counts;
	struct error error = { "" };
	struct arena kept;
	struct store *store = ground_open(STORE_READ);
	const struct export_wish wish = { .store = store,
		.settings = &settings,
		.directory = site,
		.now = show_noon,
		.stop = &stop };
	arena_init(&kept, 1 << 20);
	assert_int_equal(pages_settings_of(NULL, &limits, &kept, &settings), 0);
	assert_int_equal(export_site(&wish, &counts, &error), -1);
	assert_non_null(strstr(error.text, "stopped"));
	arena_fini(&kept);
	store_close(store);
	ground_stop(writer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(same_bytes_all_day),
		ON_GROUND(only_ours_is_removed),
		ON_GROUND(manifest_leads_nowhere_else),
		ON_GROUND(links_are_not_followed),
		ON_GROUND(failure_forgets_nothing),
		ON_GROUND(a_link_that_left_has_its_page),
		ON_GROUND(others_are_not_overwritten),
		ON_GROUND(one_at_a_time),
		ON_GROUND(a_killed_export_is_known),
		ON_GROUND(half_an_export_is_known),
		ON_GROUND(badges_have_names_of_their_own),
		ON_GROUND(names_are_no_paths),
		ON_GROUND(stops_between_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
