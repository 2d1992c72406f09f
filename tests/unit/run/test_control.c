#include "lib/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "base/random.h"
#include "run/control.h"

/* The daemon is the main thread's loop, the command a thread that blocks. */
struct world {
	uv_loop_t loop;
	struct journal journal;
	struct control *control;
	uv_async_t done;
	bool closed;
	char directory[64], path[CONTROL_PATH_BYTES], database[96];
	int log;
	/* what was asked last */
	enum control_verb verb;
	enum control_select select;
	char value[64];
	uid_t uid;
	pid_t pid;
	int questions;
};

static int on_asked(void *context, const struct control_question *question,
	struct buffer *answer, struct error *error)
{
	struct world *world = context;
	world->questions++;
	world->verb = question->verb;
	world->select = question->select;
	world->uid = question->uid;
	world->pid = question->pid;
	snprintf(world->value, sizeof(world->value), "%.*s", SLICE_ARG(question->value));
	switch (question->verb) {
	case CONTROL_SEND:
		return 0;
	case CONTROL_STATUS:
		buffer_add_text(answer, "links     3\nok\n\nerror  \x1b[31mred\n");
		return 0;
	case CONTROL_RECHECK:
		if (question->select == CONTROL_BY_URL)
			return 0;
		if (question->select == CONTROL_BY_STATE) {
			for (int i = 0; i < 20000; i++)
				buffer_printf(answer, "line %d of a long answer\n", i);
			return 0;
		}
		buffer_add_text(answer, "lists: a, b\n");
		return error_set(error, "no list\nis called %s", world->value);
	case CONTROL_RELOAD:
		while (!answer->failed)
			buffer_add_text(answer, "too long for an answer\n");
		return 0;
	case CONTROL_PING:
		break;
	}
	fail();
	return -1;
}

static const struct control_calls calls = { on_asked };

static void on_control_closed(void *context)
{
	struct world *world = context;
	world->closed = true;
}

static void on_done(uv_async_t *async)
{
	struct world *world = async->data;
	control_close(world->control, on_control_closed, world);
	uv_close((uv_handle_t *)async, NULL);
}

static void write_file(const char *path)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	fclose(file);
}

static void world_init(struct world *world)
{
	char log[] = "/tmp/linkrotd-log-XXXXXX";
	*world = (struct world){ .log = mkstemp(log) };
	unlink(log);
	snprintf(world->directory, sizeof(world->directory), "/tmp/linkrotd-ctl-XXXXXX");
	assert_non_null(mkdtemp(world->directory));
	snprintf(world->database, sizeof(world->database), "%s/links.db",
		world->directory);
	write_file(world->database);
	assert_int_equal(control_path(world->database, world->path, NULL), 0);
	assert_int_equal(uv_loop_init(&world->loop), 0);
	journal_init(&world->journal, world->log, JOURNAL_INFO);
	assert_int_equal(uv_async_init(&world->loop, &world->done, on_done), 0);
	world->done.data = world;
}

static void world_open(struct world *world)
{
	struct error error = { "" };
	world_init(world);
	world->control = control_open(&world->loop, world->path, world->database,
		&world->journal, &calls, world, &error);
	assert_string_equal(error.text, "");
	assert_non_null(world->control);
}

static void remove_files(struct world *world)
{
	char lock[CONTROL_PATH_BYTES + 8];
	snprintf(lock, sizeof(lock), "%s.lock", world->path);
	unlink(lock);
	unlink(world->database);
	assert_int_equal(rmdir(world->directory), 0);
}

static void world_fini(struct world *world)
{
	assert_int_equal(uv_run(&world->loop, UV_RUN_DEFAULT), 0);
	assert_true(world->closed);
	assert_int_equal(uv_loop_close(&world->loop), 0);
	journal_fini(&world->journal);
	close(world->log);
	assert_int_equal(access(world->path, F_OK), -1);
	remove_files(world);
}

/* Runs `command` beside the daemon until it returns; then the daemon ends. */
struct run {
	struct world *world;
	void (*command)(struct world *world);
};

static void *run_command(void *data)
{
	struct run *run = data;
	run->command(run->world);
	uv_async_send(&run->world->done);
	return NULL;
}

static void with_daemon(struct world *world, void (*command)(struct world *world))
{
	struct run run = { world, command };
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, run_command, &run), 0);
	uv_run(&world->loop, UV_RUN_DEFAULT);
	pthread_join(thread, NULL);
	world_fini(world);
}

/* Threads must not fail a test of cmocka's: what they find is compared afterwards. */
static struct {
	enum control_found found;
	int result;
	struct error error;
	struct buffer answer;
} got;

static void ask(struct world *world, enum control_verb verb, enum control_select select,
	const char *value)
{
	struct control_client client;
	buffer_reset(&got.answer);
	got.error.text[0] = '\0';
	got.result = -2;
	got.found = control_connect(&client, NULL, world->database, 5000, &got.error);
	if (got.found != CONTROL_FOUND)
		return;
	got.result = control_ask(&client, verb, select, value, &got.answer, &got.error);
	control_hang_up(&client);
}

/* Bytes as they are: what comes back until the daemon hangs up. */
static int dial(const struct world *world)
{
	int fd = control_dial(world->path);
	if (fd >= 0)
		fcntl(fd, F_SETFL, 0);
	return fd;
}

static void receive_all(int fd)
{
	char bytes[4096];
	ssize_t len;
	while ((len = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		buffer_add(&got.answer, (struct slice){ bytes, (size_t)len });
}

static void exchange(const struct world *world, const char *bytes, size_t len)
{
	int fd = dial(world);
	buffer_reset(&got.answer);
	while (len > 0) {
		ssize_t sent = send(fd, bytes, len, MSG_NOSIGNAL);
		if (sent <= 0)
			break;
		bytes += sent;
		len -= (size_t)sent;
	}
	shutdown(fd, SHUT_WR);
	receive_all(fd);
	close(fd);
}

static const char *log_of(struct world *world)
{
	static char text[65536];
	ssize_t len = pread(world->log, text, sizeof(text) - 1, 0);
	text[len < 0 ? 0 : len] = '\0';
	return text;
}

static void begin(void)
{
	buffer_init(&got.answer, 4 * CONTROL_ANSWER_BYTES_MAX);
}

static void end(void)
{
	buffer_fini(&got.answer);
}

/* --- questions and answers --------------------------------------------------------- */

static void command_ping(struct world *world)
{
	ask(world, CONTROL_PING, CONTROL_BY_URL, NULL);
}

static void ping_says_who_it_is(void **state)
{
	(void)state;
	struct world world;
	struct stat found;
	char expected[256];
	begin();
	world_open(&world);
	assert_int_equal(stat(world.path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0660);
	snprintf(expected, sizeof(expected),
		"linkrotd " LINKROTD_VERSION "\nprocess %ld\ndatabase %s\n",
		(long)getpid(), world.database);
	with_daemon(&world, command_ping);
	assert_int_equal(got.found, CONTROL_FOUND);
	assert_int_equal(got.result, 0);
	assert_string_equal(buffer_string(&got.answer), expected);
	assert_int_equal(world.questions, 0);
	end();
}

static void command_status(struct world *world)
{
	ask(world, CONTROL_STATUS, CONTROL_BY_URL, NULL);
}

static void lines_of_an_answer_are_no_end(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_open(&world);
	with_daemon(&world, command_status);
	assert_int_equal(got.result, 0);
	assert_string_equal(
		buffer_string(&got.answer), "links     3\nok\n\nerror  [31mred\n");
	end();
}

static void command_recheck_url(struct world *world)
{
	ask(world, CONTROL_RECHECK, CONTROL_BY_URL, "https://example.org/a b?c=\xc3\xa4");
}

static void arguments_arrive(void **state)
{
	(void)state;
	struct world world;
	char told[128];
	begin();
	world_open(&world);
	int log = dup(world.log);
	with_daemon(&world, command_recheck_url);
	assert_int_equal(got.result, 0);
	assert_string_equal(buffer_string(&got.answer), "");
	assert_int_equal(world.verb, CONTROL_RECHECK);
	assert_int_equal(world.select, CONTROL_BY_URL);
	assert_string_equal(world.value, "https://example.org/a b?c=\xc3\xa4");
	assert_int_equal(world.uid, getuid());
	assert_int_equal(world.pid, getpid());
	world.log = log;
	snprintf(told, sizeof(told), "user %lu (process %ld) asks for a recheck of url",
		(unsigned long)getuid(), (long)getpid());
	assert_non_null(strstr(log_of(&world), told));
	close(log);
	end();
}

static void command_recheck_list(struct world *world)
{
	ask(world, CONTROL_RECHECK, CONTROL_BY_LIST, "papers");
}

static void refusals_keep_their_sentence(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_open(&world);
	with_daemon(&world, command_recheck_list);
	assert_int_equal(got.found, CONTROL_FOUND);
	assert_int_equal(got.result, -1);
	assert_string_equal(got.error.text, "no list is called papers");
	assert_string_equal(buffer_string(&got.answer), "lists: a, b\n");
	end();
}

static void command_long(struct world *world)
{
	ask(world, CONTROL_RECHECK, CONTROL_BY_STATE, "dead");
}

static void a_long_answer_arrives(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_open(&world);
	with_daemon(&world, command_long);
	assert_int_equal(got.result, 0);
	assert_true(slice_ends(
		buffer_slice(&got.answer), SLICE("\nline 19999 of a long answer\n")));
	end();
}

static void command_reload(struct world *world)
{
	ask(world, CONTROL_RELOAD, CONTROL_BY_URL, NULL);
}

static void an_endless_answer_is_refused(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_open(&world);
	with_daemon(&world, command_reload);
	assert_int_equal(got.result, -1);
	assert_string_equal(got.error.text, "the answer is too long");
	end();
}

static void command_bad_values(struct world *world)
{
	ask(world, CONTROL_RECHECK, CONTROL_BY_LIST, "a\tb");
	if (got.result == -1)
		ask(world, CONTROL_RECHECK, CONTROL_BY_LIST, "a\nreload");
	if (got.result == -1)
		ask(world, CONTROL_RECHECK, CONTROL_BY_LIST, "");
}

static void values_cannot_forge_questions(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_open(&world);
	with_daemon(&world, command_bad_values);
	assert_int_equal(got.result, -1);
	assert_int_equal(world.questions, 0);
	end();
}

/* --- hostile bytes ----------------------------------------------------------------- */

static void command_two_at_once(struct world *world)
{
	const char bytes[] = "recheck\turl\tx\nno such\nrecheck\tlist\nreload\t\n"
			     "recheck\turl\tx\t\nstatus\n";
	exchange(world, bytes, sizeof(bytes) - 1);
}

static void questions_are_answered_in_turn(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_open(&world);
	with_daemon(&world, command_two_at_once);
	assert_string_equal(buffer_string(&got.answer),
		"ok\nerror \"no such\" is no question of this version\n"
		"error recheck takes 2 arguments\n"
		"error reload takes 0 arguments\n"
		"error recheck takes 2 arguments\n"
		" links     3\n ok\n \n error  \x1b[31mred\nok\n");
	assert_int_equal(world.questions, 2);
	end();
}

static void command_too_long(struct world *world)
{
	static char bytes[CONTROL_LINE_BYTES_MAX + 1000];
	memset(bytes, 'x', sizeof(bytes));
	exchange(world, bytes, sizeof(bytes));
}

static void a_long_question_is_refused(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_open(&world);
	with_daemon(&world, command_too_long);
	assert_string_equal(
		buffer_string(&got.answer), "error the question is too long\n");
	end();
}

/* Half a question, and a question whose long answer nobody reads: both are hung up on,
 * and another is served meanwhile. */
static void command_slow(struct world *world)
{
	int half = dial(world), deaf = dial(world);
	send(half, "stat", 4, MSG_NOSIGNAL);
	for (int i = 0; i < 4; i++)
		send(deaf, "recheck\tstate\tdead\n", 19, MSG_NOSIGNAL);
	ask(world, CONTROL_PING, CONTROL_BY_URL, NULL);
	if (got.result != 0)
		return;
	buffer_reset(&got.answer);
	receive_all(half);
	got.result = got.answer.len == 0 ? 0 : -1;
	close(half);
	close(deaf);
}

static void the_slow_are_hung_up_on(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_open(&world);
	uint64_t start = uv_hrtime();
	with_daemon(&world, command_slow);
	assert_int_equal(got.result, 0);
	assert_in_range((uv_hrtime() - start) / 1000000, CONTROL_CLIENT_MS - 100,
		CONTROL_CLIENT_MS * 5);
	end();
}

/* Until the daemon has come through what is before it in the line. */
static void ask_until_served(struct world *world)
{
	uint64_t end = uv_hrtime() + UINT64_C(20000000000);
	got.result = -2;
	while (got.result != 0 && uv_hrtime() < end) {
		sched_yield();
		ask(world, CONTROL_PING, CONTROL_BY_URL, NULL);
	}
}

static struct buffer crowd_answer;

static void command_crowd(struct world *world)
{
	int all[CONTROL_CLIENTS_MAX];
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++) {
		/* One after the other: each is known to have its slot. */
		char byte;
		all[i] = dial(world);
		send(all[i], "x\n", 2, MSG_NOSIGNAL);
		if (recv(all[i], &byte, 1, 0) != 1)
			return;
	}
	exchange(world, "", 0);
	buffer_add(&crowd_answer, buffer_slice(&got.answer));
	close(all[3]);
	ask_until_served(world);
	for (int i = 0; i < CONTROL_CLIENTS_MAX; i++)
		if (i != 3)
			close(all[i]);
}

static void one_too_many_is_told_so(void **state)
{
	(void)state;
	struct world world;
	begin();
	buffer_init(&crowd_answer, 4096);
	world_open(&world);
	with_daemon(&world, command_crowd);
	assert_string_equal(buffer_string(&crowd_answer),
		"error too many commands ask at once; try again\n");
	assert_int_equal(got.result, 0);
	buffer_fini(&crowd_answer);
	end();
}

/* Many more than there are slots, and no one reads: the daemon goes on. */
static void command_flood(struct world *world)
{
	for (int i = 0; i < 2000; i++) {
		int fd = control_dial(world->path);
		if (fd < 0)
			continue;
		send(fd, "status\nstatus\nstat", 18, MSG_NOSIGNAL);
		close(fd);
	}
	ask_until_served(world);
}

static void a_flood_ends(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_open(&world);
	with_daemon(&world, command_flood);
	assert_int_equal(got.result, 0);
	end();
}

static void random_lines_are_parsed_or_refused(void **state)
{
	(void)state;
	static const char *const pieces[] = { "ping", "status", "recheck", "reload", "\t",
		"url", "list", "state", "\t", "x", " ", "\xff", "\t\t" };
	struct random random;
	struct buffer line;
	random_init(&random, 7);
	buffer_init(&line, 4096);
	int good = 0;
	for (int i = 0; i < 100000; i++) {
		struct control_question question = { .verb = CONTROL_PING };
		struct error error;
		buffer_reset(&line);
		for (uint64_t n = random_below(&random, 6); n > 0; n--)
			buffer_add_text(&line, pieces[random_below(&random, 13)]);
		if (control_question_parse(buffer_slice(&line), &question, &error) < 0)
			continue;
		good++;
		assert_true(question.verb != CONTROL_RECHECK || question.value.len > 0);
	}
	assert_true(good > 0);
	buffer_fini(&line);
}

/* --- the place --------------------------------------------------------------------- */

/* A socket file whose daemon was killed. */
static void leave_stale(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	close(fd);
}

static void a_stale_socket_is_replaced(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_init(&world);
	leave_stale(world.path);
	world.control = control_open(&world.loop, world.path, world.database,
		&world.journal, &calls, &world, &got.error);
	assert_non_null(world.control);
	with_daemon(&world, command_ping);
	assert_int_equal(got.result, 0);
	end();
}

static void a_live_one_is_never_stolen(void **state)
{
	(void)state;
	struct world world;
	struct error error = { "" };
	char lock[CONTROL_PATH_BYTES + 8];
	begin();
	world_open(&world);
	assert_null(control_open(&world.loop, world.path, world.database, &world.journal,
		&calls, &world, &error));
	assert_non_null(strstr(error.text, "another daemon listens there"));
	/* Somebody tidied up: the socket itself still says that it is served. */
	snprintf(lock, sizeof(lock), "%s.lock", world.path);
	unlink(lock);
	error.text[0] = '\0';
	assert_null(control_open(&world.loop, world.path, world.database, &world.journal,
		&calls, &world, &error));
	assert_non_null(strstr(error.text, "another daemon listens there"));
	with_daemon(&world, command_ping);
	assert_int_equal(got.result, 0);
	end();
}

/* The socket file was removed while its daemon runs: the lock is still his. */
static void a_lost_socket_is_not_taken_over(void **state)
{
	(void)state;
	struct world world;
	struct error error = { "" };
	world_open(&world);
	assert_int_equal(unlink(world.path), 0);
	assert_null(control_open(&world.loop, world.path, world.database, &world.journal,
		&calls, &world, &error));
	assert_non_null(strstr(error.text, "another daemon listens there"));
	on_done(&world.done);
	world_fini(&world);
}

static void other_files_are_left_alone(void **state)
{
	(void)state;
	struct world world;
	struct error error = { "" };
	world_init(&world);
	write_file(world.path);
	assert_null(control_open(&world.loop, world.path, world.database, &world.journal,
		&calls, &world, &error));
	assert_non_null(strstr(error.text, "no socket"));
	assert_int_equal(unlink(world.path), 0);
	/* Nor is there a socket without a directory. */
	assert_null(control_open(&world.loop, "/nonexistent/linkrotd/control",
		world.database, &world.journal, &calls, &world, &error));
	on_done(&world.done);
	assert_true(world.closed);
	world_fini(&world);
}

static void no_daemon_is_a_clear_result(void **state)
{
	(void)state;
	struct world world;
	struct control_client client;
	struct error error = { "" };
	world_init(&world);
	setenv("RUNTIME_DIRECTORY", world.directory, 1);
	assert_int_equal(control_connect(&client, NULL, world.database, 1000, &error),
		CONTROL_NONE);
	assert_non_null(strstr(error.text, "no daemon"));
	leave_stale(world.path);
	assert_int_equal(control_connect(&client, NULL, world.database, 1000, &error),
		CONTROL_NONE);
	assert_int_equal(
		control_connect(&client, world.path, NULL, 1000, &error), CONTROL_NONE);
	unlink(world.path);
	unsetenv("RUNTIME_DIRECTORY");
	on_done(&world.done);
	world_fini(&world);
}

static void command_other_database(struct world *world)
{
	struct control_client client;
	char other[128], same[160];
	snprintf(other, sizeof(other), "%s/other.db", world->directory);
	snprintf(same, sizeof(same), "%s/../%s/links.db", world->directory,
		strrchr(world->directory, '/') + 1);
	got.found = control_connect(&client, world->path, same, 5000, &got.error);
	if (got.found != CONTROL_FOUND)
		return;
	control_hang_up(&client);
	write_file(other);
	got.found = control_connect(&client, world->path, other, 5000, &got.error);
	unlink(other);
}

/* It is the same file that counts, not its name. */
static void nobody_talks_to_anothers_daemon(void **state)
{
	(void)state;
	struct world world;
	begin();
	world_open(&world);
	with_daemon(&world, command_other_database);
	assert_int_equal(got.found, CONTROL_NONE);
	assert_non_null(strstr(got.error.text, "no daemon runs on this database"));
	end();
}

/* Somebody listens and never answers. */
static void a_silent_daemon_is_given_up(void **state)
{
	(void)state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct control_client client;
	struct error error = { "" };
	struct world world;
	world_init(&world);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", world.path);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(
		control_connect(&client, world.path, NULL, 100, &error), CONTROL_FAILED);
	assert_non_null(strstr(error.text, "does not answer"));
	close(fd);
	unlink(world.path);
	on_done(&world.done);
	world_fini(&world);
}

static void the_path_follows_the_directory(void **state)
{
	(void)state;
	char path[CONTROL_PATH_BYTES], database[200];
	struct error error = { "" };
	unsetenv("RUNTIME_DIRECTORY");
	assert_int_equal(control_path("/srv/l.db", path, &error), 0);
	assert_string_equal(path, "/srv/l.db.control");
	memset(database, 'x', sizeof(database) - 1);
	database[sizeof(database) - 1] = '\0';
	assert_int_equal(control_path(database, path, &error), -1);
	assert_non_null(strstr(error.text, "RUNTIME_DIRECTORY"));
	setenv("RUNTIME_DIRECTORY", "/run/linkrotd:/run/more", 1);
	assert_int_equal(control_path(database, path, &error), 0);
	assert_string_equal(path, "/run/linkrotd/control");
	unsetenv("RUNTIME_DIRECTORY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ping_says_who_it_is),
		cmocka_unit_test(lines_of_an_answer_are_no_end),
		cmocka_unit_test(arguments_arrive),
		cmocka_unit_test(refusals_keep_their_sentence),
		cmocka_unit_test(a_long_answer_arrives),
		cmocka_unit_test(an_endless_answer_is_refused),
		cmocka_unit_test(values_cannot_forge_questions),
		cmocka_unit_test(questions_are_answered_in_turn),
		cmocka_unit_test(a_long_question_is_refused),
		cmocka_unit_test(the_slow_are_hung_up_on),
		cmocka_unit_test(one_too_many_is_told_so),
		cmocka_unit_test(a_flood_ends),
		cmocka_unit_test(random_lines_are_parsed_or_refused),
		cmocka_unit_test(a_stale_socket_is_replaced),
		cmocka_unit_test(a_live_one_is_never_stolen),
		cmocka_unit_test(a_lost_socket_is_not_taken_over),
		cmocka_unit_test(other_files_are_left_alone),
		cmocka_unit_test(no_daemon_is_a_clear_result),
		cmocka_unit_test(nobody_talks_to_anothers_daemon),
		cmocka_unit_test(a_silent_daemon_is_given_up),
		cmocka_unit_test(the_path_follows_the_directory),
	};
	/* As main does. */
	signal(SIGPIPE, SIG_IGN);
	unsetenv("JOURNAL_STREAM");
	unsetenv("RUNTIME_DIRECTORY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
