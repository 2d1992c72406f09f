/* What `linkrotd db` needs of its machine. */
#include "ground.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* --- memory ------------------------------------------------------------------------- */

enum { FILE_MIB = 160, MEMORY_MIB = 140 };

static void fill(void)
{
	sqlite3 *db = NULL;
	store_close(ground_open(STORE_WRITE));
	assert_int_equal(sqlite3_open(ground_path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
				 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
				 "SELECT i + 1 FROM n WHERE i < 160) "
				 "INSERT INTO meta SELECT 'mine' || i, "
				 "zeroblob(1048576) FROM n",
				 NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
}

static long peak_kib(void)
{
	struct rusage usage;
	return getrusage(RUSAGE_SELF, &usage) < 0 ? -1 : usage.ru_maxrss;
}

static int prune_in_little(void)
{
	const struct store_retention kept = { .checks_ms = 1000 };
	struct store_pruned pruned;
	struct error error;
	long before = peak_kib();
	if (store_prune(ground_path, &kept, 5000, &pruned, &error) < 0)
		return 1;
	long taken = peak_kib() - before;
	print_message("%d MiB, memory: %ld KiB\n", FILE_MIB, taken);
	return taken < MEMORY_MIB * 1024L ? 0 : 2;
}

/* In a process of its own, whose memory has no peak behind it. */
static void prune_needs_no_memory_for_the_file(void **state)
{
	(void)state;
	int status;
	fill();
	pid_t child = fork();
	if (child == 0)
		_exit(prune_in_little());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_string_equal(ground_sql("SELECT count(*) FROM meta"), "161");
}

/* --- what is in the tail --------------------------------------------------------------
 */

/* A copy beside a daemon has checks that were not folded yet. */
static void prune_reaches_the_tail(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://a.example/" };
	const struct store_retention kept = { .checks_ms = 1000 };
	const struct link_record record = { .state = STATE_ALIVE, .checks = 1 };
	char copy[256];
	struct store_pruned pruned;
	struct error error = { "" };
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", NULL);
	ground_read(writer, "one", "README.md", urls, 1);
	uint64_t last = 0;
	for (int i = 1; i <= 20; i++) {
		const struct check_facts facts = { .at = i, .elapsed_ms = 7 };
		const struct store_result result = {
			.link_id = 1, .facts = &facts, .record = &record
		};
		last = store_put_result(writer, &result);
	}
	ground_wait(writer, last);
	snprintf(copy, sizeof(copy), "%s.copy", ground_path);
	if (store_backup(ground_path, copy, &error) < 0)
		fail_msg("%s", error.text);
	ground_stop(writer);
	if (store_prune(copy, &kept, INT64_C(1790000000000), &pruned, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(pruned.checks, 20);
	assert_int_equal(rename(copy, ground_path), 0);
	assert_string_equal(ground_sql("SELECT count(*) FROM v_check"), "0");
}

/* --- file systems that have no links ------------------------------------------------ */

static int link_fails, rename_fails; /* with this error */
static const char *appears;          /* meanwhile */

static void appear(void)
{
	FILE *file = appears != NULL ? fopen(appears, "wx") : NULL;
	if (file != NULL)
		fclose(file);
}

/* These stand in front of the C library's. */
int link(const char *from, const char *to)
{
	appear();
	errno = link_fails;
	return link_fails != 0 ? -1 : linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	errno = rename_fails;
	return rename_fails != 0
		       ? -1
		       : (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}

static int parts_left(void)
{
	int count = 0;
	DIR *directory = opendir(ground_directory);
	assert_non_null(directory);
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
		count += strstr(entry->d_name, ".part-") != NULL;
	closedir(directory);
	return count;
}

static void expect_backup(const char *name)
{
	char to[128];
	struct error error = { 0 };
	uint64_t faults;
	snprintf(to, sizeof(to), "%s/%s", ground_directory, name);
	if (store_backup(ground_path, to, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(store_verify(to, NULL, NULL, &faults, &error), 0);
	assert_int_equal(faults, 0);
	assert_int_equal(parts_left(), 0);
}

static void expect_kept(void)
{
	char to[128];
	struct stat file;
	struct error error = { 0 };
	snprintf(to, sizeof(to), "%s/other.db", ground_directory);
	appears = to;
	assert_int_equal(store_backup(ground_path, to, &error), -1);
	appears = NULL;
	assert_non_null(strstr(error.text, "File exists"));
	assert_int_equal(stat(to, &file), 0);
	assert_int_equal(file.st_size, 0);
	assert_int_equal(parts_left(), 0);
	assert_int_equal(unlink(to), 0);
}

static void a_backup_needs_no_links(void **state)
{
	(void)state;
	store_close(ground_open(STORE_WRITE));
	expect_backup("linked.db");
	expect_kept();
	link_fails = EPERM;
	expect_backup("renamed.db");
	expect_kept();
	rename_fails = EINVAL;
	expect_backup("replaced.db");
	expect_kept();
	link_fails = rename_fails = 0;
}

#define ON_GROUND(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, ground_setup, ground_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(prune_reaches_the_tail),
		ON_GROUND(prune_needs_no_memory_for_the_file),
		ON_GROUND(a_backup_needs_no_links),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
