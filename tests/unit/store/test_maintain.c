/* What `linkrotd db` needs of its machine. */
#include "ground.h"

#include <sys/resource.h>
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

#define ON_GROUND(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, ground_setup, ground_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(prune_needs_no_memory_for_the_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
