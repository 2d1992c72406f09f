/* Documents that leave their list, many at once: in bounded steps that a crash may come
 * between, and at a cost that grows with their number and not with its square. */
#include "ground.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { DOCUMENTS = 5000, NAV_LINKS = 3 };

static const char *const readme[] = { "https://stays.example/" };

static void name_of(uint32_t document, char ret_name[static 64])
{
	snprintf(ret_name, 64, "docs/%05u.md", document);
}

/* A link of its own, and some that stand in each of them. */
static void read_document(struct store_writer *writer, uint32_t document)
{
	char name[64], url[64];
	name_of(document, name);
	ground_begin(writer, "docs", name, 7);
	snprintf(url, sizeof(url), "https://h%u.example/", document);
	assert_true(ground_mention(writer, url, 1) > 0);
	for (int i = 0; i < NAV_LINKS; i++) {
		snprintf(url, sizeof(url), "https://nav.example/%d", i);
		assert_true(ground_mention(writer, url, 2) > 0);
	}
}

static void read_documents(struct store_writer *writer, uint32_t first, uint32_t end)
{
	uint64_t item = 0;
	for (uint32_t i = first; i < end; i++) {
		read_document(writer, i);
		item = store_put_reading_end(writer);
		if (i % 1000 == 999)
			ground_wait(writer, item);
	}
	ground_wait(writer, item);
}

static void put_only_first_list(struct store_writer *writer)
{
	const struct store_list_config list = { SLICE("one"), SLICE("The first") };
	ground_wait(writer, store_put_lists(writer, &list, 1, 9000));
}

static uint64_t retire(struct store_writer *writer, uint32_t document)
{
	char name[64];
	name_of(document, name);
	return store_put_source_retired(writer, SLICE("docs"), slice_of(name), 9000);
}

static uint64_t transactions_of(struct store_writer *writer)
{
	struct store_health health;
	store_writer_health(writer, &health);
	return health.transactions;
}

static struct store_writer *ground_with_documents(uint32_t count)
{
	struct store_writer *writer = ground_writer();
	ground_lists(writer, "one", "docs");
	ground_read(writer, "one", "README.md", readme, 1);
	read_documents(writer, 0, count);
	return writer;
}

static void all_are_gone(uint32_t documents)
{
	char wanted[64];
	assert_string_equal(ground_sql("SELECT count(*) FROM v_occurrence"), "1");
	assert_string_equal(
		ground_sql("SELECT count(*) FROM source WHERE NOT retired"), "1");
	assert_string_equal(ground_sql("SELECT count(*) FROM list WHERE place < 0"), "1");
	snprintf(wanted, sizeof(wanted), "%u %u", documents + NAV_LINKS,
		documents + NAV_LINKS);
	assert_string_equal(
		ground_sql("SELECT count(*) || ' ' || count(DISTINCT link_id) FROM "
			   "v_event WHERE kind = 'link_removed'"),
		wanted);
	assert_string_equal(ground_sql("SELECT count(*) FROM event_list"),
		ground_sql("SELECT count(*) FROM event"));
	assert_int_equal(ground_verify(), 0);
}

static void a_list_goes_in_steps(void **state)
{
	(void)state;
	struct store_writer *writer = ground_with_documents(DOCUMENTS);
	uint64_t before = transactions_of(writer);
	put_only_first_list(writer);
	assert_true(transactions_of(writer) - before >= 5);
	ground_stop(writer);
	all_are_gone(DOCUMENTS);
}

static void sources_go_in_steps(void **state)
{
	(void)state;
	struct store_writer *writer = ground_with_documents(DOCUMENTS);
	uint64_t before = transactions_of(writer), item = 0;
	for (uint32_t i = 0; i < DOCUMENTS; i++)
		item = retire(writer, i);
	ground_wait(writer, item);
	assert_true(transactions_of(writer) - before >= 3);
	put_only_first_list(writer);
	ground_stop(writer);
	all_are_gone(DOCUMENTS);
}

/* --- a crash between two steps ------------------------------------------------------ */

static void change(const char *sql)
{
	sqlite3 *db = NULL;
	assert_int_equal(sqlite3_open(ground_path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* Dies of a statement that contradicts the tables. */
static void die_while_it_goes(void)
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct error error;
		struct store_writer_options options = { 0 };
		signal(SIGABRT, SIG_DFL);
		const struct rlimit no_core = { 0 };
		if (setrlimit(RLIMIT_CORE, &no_core) < 0 ||
			freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		struct store *store = store_open(ground_path, STORE_WRITE, &error);
		struct store_writer *writer = store_writer_start(store, &options, &error);
		const struct store_list_config list = { SLICE("one"),
			SLICE("The first") };
		store_put_lists(writer, &list, 1, 9000);
		store_writer_stop(writer, 60000, &error);
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
}

static void what_a_crash_leaves_is_done_at_the_next_start(void **state)
{
	(void)state;
	ground_stop(ground_with_documents(DOCUMENTS));
	change("CREATE TRIGGER mine BEFORE UPDATE OF retired ON source "
	       "WHEN new.name = 'docs/03000.md' BEGIN SELECT RAISE(ABORT, 'mine'); END");
	die_while_it_goes();
	change("DROP TRIGGER mine");
	/* A list that shrinks, and is one until it is empty. */
	assert_string_equal(
		ground_sql("SELECT group_concat(name) FROM list WHERE place >= 0"),
		"one,docs");
	assert_string_equal(ground_sql("SELECT count(*) > 0 AND count(*) <= 3000 "
				       "FROM source WHERE retired"),
		"1");
	struct store_writer *writer = ground_writer();
	put_only_first_list(writer);
	ground_stop(writer);
	all_are_gone(DOCUMENTS);
}

/* --- where a link stands ------------------------------------------------------------ */

static const char *removed(const char *url)
{
	static char sql[256];
	snprintf(sql, sizeof(sql),
		"SELECT count(*) FROM v_event JOIN v_link USING(link_id) "
		"WHERE kind = 'link_removed' AND url = '%s'",
		url);
	return ground_sql(sql);
}

/* However many documents were passed over in looking for it. */
static void a_link_leaves_with_the_last_that_holds_it(void **state)
{
	(void)state;
	enum { FEW = 40 };
	struct store_writer *writer = ground_with_documents(FEW);
	for (uint32_t i = 0; i < FEW / 2; i++)
		assert_true(retire(writer, i) > 0);
	/* Comes anew into one that had left. */
	read_documents(writer, 0, 1);
	ground_wait(writer, retire(writer, 0));
	/* From the last to the first, so that all are passed over at once; and one that
	 * is being written meanwhile is not one of today's, and then it is. */
	read_document(writer, FEW);
	for (uint32_t i = FEW - 1; i > FEW / 2; i--)
		assert_true(retire(writer, i) > 0);
	assert_string_equal(removed("https://nav.example/0"), "0");
	assert_true(retire(writer, FEW / 2) > 0);
	ground_wait(writer, store_put_reading_end(writer));
	assert_string_equal(removed("https://nav.example/0"), "1");
	read_documents(writer, FEW + 1, FEW + 2);
	ground_wait(writer, retire(writer, FEW + 1));
	assert_string_equal(removed("https://nav.example/0"), "1");
	ground_wait(writer, retire(writer, FEW));
	assert_string_equal(removed("https://nav.example/0"), "2");
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);
}

/* --- cost --------------------------------------------------------------------------- */

static double cpu_s(void)
{
	struct timespec at;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

/* From the first reading to the last that has gone. */
static double cost_of(uint32_t documents)
{
	void *state = NULL;
	ground_setup(&state);
	double began = cpu_s();
	struct store_writer *writer = ground_with_documents(documents);
	put_only_first_list(writer);
	double cost = cpu_s() - began;
	ground_stop(writer);
	ground_teardown(&state);
	return cost;
}

/* What is left of those that went, behind as many that stay. */
static double cost_of_pruning(uint32_t documents)
{
	void *state = NULL;
	char readings[32];
	ground_setup(&state);
	struct store_writer *writer = ground_with_documents(2 * documents);
	for (uint32_t i = documents; i < 2 * documents; i++)
		assert_true(retire(writer, i) > 0);
	ground_stop(writer);
	snprintf(readings, sizeof(readings), "%u", documents + 1);
	double began = cpu_s();
	writer = ground_writer();
	for (int i = 0; strcmp(ground_sql("SELECT count(*) FROM reading"), readings) != 0;
		i++) {
		assert_true(i < 10000);
		usleep(10000);
	}
	double cost = cpu_s() - began;
	ground_stop(writer);
	assert_int_equal(ground_verify(), 0);
	ground_teardown(&state);
	return cost;
}

/* Time of the processor, of one run against another: 4 is linear, 16 the square. */
static void four_times_as_many_cost_four_times_as_much(void **state)
{
	(void)state;
	double few = cost_of(2000), many = cost_of(8000);
	print_message("2000 documents: %.2f s, 8000: %.2f s\n", few, many);
	assert_true(many < 9 * few + 0.1);
	few = cost_of_pruning(2000);
	many = cost_of_pruning(8000);
	print_message("pruned, 2000: %.2f s, 8000: %.2f s\n", few, many);
	assert_true(many < 9 * few + 0.1);
}

#define ON_GROUND(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, ground_setup, ground_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_GROUND(a_list_goes_in_steps),
		ON_GROUND(sources_go_in_steps),
		ON_GROUND(what_a_crash_leaves_is_done_at_the_next_start),
		ON_GROUND(a_link_leaves_with_the_last_that_holds_it),
		cmocka_unit_test(four_times_as_many_cost_four_times_as_much),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
