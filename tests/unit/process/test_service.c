#include "lib/test.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/service.h"

/* A service manager that only listens: a datagram socket of its own. */
struct manager {
	char directory[64];
	char path[96];
	int fd;
};

struct world {
	uv_loop_t loop;
	struct journal journal;
	struct service service;
	struct manager manager;
	int log;
	int drains, reloads;
	bool closed;
	int beats_left; /* of the writer */
	uv_timer_t timer;
};

static void manager_open(struct manager *manager)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(manager->directory, sizeof(manager->directory),
		"/tmp/linkrotd-notify-XXXXXX");
	assert_non_null(mkdtemp(manager->directory));
	snprintf(manager->path, sizeof(manager->path), "%s/notify", manager->directory);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", manager->path);
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(
		bind(manager->fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setenv("NOTIFY_SOCKET", manager->path, 1);
}

static void manager_close(struct manager *manager)
{
	close(manager->fd);
	unlink(manager->path);
	rmdir(manager->directory);
	unsetenv("NOTIFY_SOCKET");
}

/* The next message, or "" when there is none. */
static const char *heard(struct manager *manager)
{
	static char text[4096];
	ssize_t len = recv(manager->fd, text, sizeof(text) - 1, 0);
	text[len < 0 ? 0 : len] = '\0';
	return text;
}

static int heard_count(struct manager *manager, const char *wanted)
{
	int count = 0;
	for (const char *text = heard(manager); text[0] != '\0'; text = heard(manager))
		count += strstr(text, wanted) != NULL;
	return count;
}

static void on_drain(void *context)
{
	struct world *world = context;
	world->drains++;
	uv_stop(&world->loop);
}

static void on_reload(void *context)
{
	struct world *world = context;
	world->reloads++;
	uv_stop(&world->loop);
}

static const struct service_calls calls = { on_drain, on_reload };

static void on_service_closed(void *context)
{
	struct world *world = context;
	world->closed = true;
}

static void world_open(struct world *world)
{
	char path[] = "/tmp/linkrotd-log-XXXXXX";
	struct error error = { "" };
	*world = (struct world){ .log = mkstemp(path) };
	assert_true(world->log >= 0);
	unlink(path);
	manager_open(&world->manager);
	assert_int_equal(uv_loop_init(&world->loop), 0);
	assert_int_equal(uv_timer_init(&world->loop, &world->timer), 0);
	world->timer.data = world;
	journal_init(&world->journal, world->log, JOURNAL_INFO);
	assert_int_equal(service_start(&world->service, &world->loop, &world->journal,
				 &calls, world, &error),
		0);
}

static void world_close(struct world *world)
{
	service_close(&world->service, on_service_closed);
	uv_close((uv_handle_t *)&world->timer, NULL);
	assert_false(world->closed);
	assert_int_equal(uv_run(&world->loop, UV_RUN_DEFAULT), 0);
	assert_true(world->closed);
	assert_int_equal(uv_loop_close(&world->loop), 0);
	journal_fini(&world->journal);
	manager_close(&world->manager);
	close(world->log);
}

static const char *log_of(struct world *world)
{
	static char text[65536];
	ssize_t len = pread(world->log, text, sizeof(text) - 1, 0);
	text[len < 0 ? 0 : len] = '\0';
	return text;
}

/* --- messages ---------------------------------------------------------------------- */

static void tells_what_it_does(void **state)
{
	(void)state;
	struct world world;
	world_open(&world);
	assert_string_equal(heard(&world.manager), "");
	service_ready(&world.service);
	assert_string_equal(heard(&world.manager), "READY=1");
	service_extend(&world.service, 30000, "opening the history");
	assert_string_equal(heard(&world.manager),
		"EXTEND_TIMEOUT_USEC=30000000\nSTATUS=opening the history");
	service_stopping(&world.service);
	service_stopping(&world.service);
	assert_string_equal(heard(&world.manager), "STOPPING=1");
	assert_string_equal(heard(&world.manager), "");
	world_close(&world);
}

/* Not before the time, and the last one always. */
static void status_is_sent_now_and_then(void **state)
{
	(void)state;
	struct world world;
	world_open(&world);
	service_status(&world.service, "%d links\n\x1bREADY=1", 1);
	assert_string_equal(heard(&world.manager), "STATUS=1 links READY=1");
	service_status(&world.service, "2 links");
	service_status(&world.service, "3 links");
	assert_string_equal(heard(&world.manager), "");
	service_close(&world.service, on_service_closed);
	assert_string_equal(heard(&world.manager), "STOPPING=1");
	assert_string_equal(heard(&world.manager), "STATUS=3 links");
	uv_close((uv_handle_t *)&world.timer, NULL);
	uv_run(&world.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&world.loop), 0);
	journal_fini(&world.journal);
	manager_close(&world.manager);
	close(world.log);
}

static void a_long_status_is_cut(void **state)
{
	(void)state;
	struct world world;
	char text[2000];
	world_open(&world);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	service_status(&world.service, "%s", text);
	size_t len = strlen(heard(&world.manager));
	assert_in_range(len, 400, SERVICE_STATUS_BYTES_MAX + 7);
	world_close(&world);
}

/* --- signals ----------------------------------------------------------------------- */

static void hangup_reloads(void **state)
{
	(void)state;
	struct world world;
	world_open(&world);
	for (int i = 1; i <= 3; i++) {
		kill(getpid(), SIGHUP);
		uv_run(&world.loop, UV_RUN_DEFAULT);
		assert_int_equal(world.reloads, i);
		const char *text = heard(&world.manager);
		assert_int_equal(strncmp(text, "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
		long long at = strtoll(text + 27, NULL, 10);
		assert_in_range(at, 1, uv_hrtime() / 1000);
		service_ready(&world.service);
		assert_string_equal(heard(&world.manager), "READY=1");
	}
	assert_int_equal(world.drains, 0);
	world_close(&world);
}

static void terminate_drains(void **state)
{
	(void)state;
	static const int numbers[] = { SIGTERM, SIGINT };
	for (size_t i = 0; i < 2; i++) {
		struct world world;
		world_open(&world);
		kill(getpid(), numbers[i]);
		uv_run(&world.loop, UV_RUN_DEFAULT);
		assert_int_equal(world.drains, 1);
		assert_string_equal(heard(&world.manager), "STOPPING=1");
		/* It is too late for a new configuration. */
		kill(getpid(), SIGHUP);
		while (uv_run(&world.loop, UV_RUN_NOWAIT) == 0)
			;
		assert_int_equal(world.reloads, 0);
		world_close(&world);
	}
}

/* The child drains for ever; only a second signal ends it. */
static void second_signal_ends(void **state)
{
	(void)state;
	int first[2], status = 0;
	char byte = 0;
	assert_int_equal(pipe(first), 0);
	pid_t child = fork();
	if (child == 0) {
		struct world world;
		world_open(&world);
		kill(getpid(), SIGTERM);
		uv_run(&world.loop, UV_RUN_DEFAULT);
		if (world.drains != 1 || write(first[1], "x", 1) != 1)
			_exit(1);
		manager_close(&world.manager);
		uv_run(&world.loop, UV_RUN_DEFAULT);
		_exit(2);
	}
	assert_int_equal(read(first[0], &byte, 1), 1);
	kill(child, SIGINT);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
	close(first[0]);
	close(first[1]);
}

/* --- the watchdog ------------------------------------------------------------------ */

static void on_beat(uv_timer_t *timer)
{
	struct world *world = timer->data;
	time_us now = (time_us)(uv_hrtime() / 1000);
	service_beat(&world->service, HEART_LOOP, now);
	if (world->beats_left > 0) {
		world->beats_left--;
		service_beat(&world->service, HEART_WRITER, now);
	}
	if (world->beats_left == 0)
		uv_stop(&world->loop);
}

static void watchdog_world(struct world *world, const char *interval_us)
{
	char pid[32];
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("WATCHDOG_USEC", interval_us, 1);
	setenv("WATCHDOG_PID", pid, 1);
	world_open(world);
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static void watchdog_needs_both_hearts(void **state)
{
	(void)state;
	struct world world;
	watchdog_world(&world, "200000");
	assert_true(world.service.watched);
	assert_int_equal(world.service.silence_us_max, 100000);
	world.beats_left = 60;
	uv_timer_start(&world.timer, on_beat, 10, 10);
	uv_run(&world.loop, UV_RUN_DEFAULT);
	assert_true(heard_count(&world.manager, "WATCHDOG=1") >= 2);
	assert_null(strstr(log_of(&world), "writer"));

	/* From now on only the loop beats; until the silence has been noticed. */
	while (!world.service.silent)
		uv_run(&world.loop, UV_RUN_ONCE);
	heard_count(&world.manager, "");
	uint64_t end = uv_now(&world.loop) + 500;
	while (uv_now(&world.loop) < end)
		uv_run(&world.loop, UV_RUN_ONCE);
	assert_int_equal(heard_count(&world.manager, "WATCHDOG=1"), 0);
	assert_non_null(strstr(log_of(&world), "nothing was heard of the writer"));
	assert_non_null(strstr(log_of(&world), "systemd is going to restart"));

	/* It was only slow. */
	world.beats_left = 1000000;
	while (world.service.silent)
		uv_run(&world.loop, UV_RUN_ONCE);
	assert_true(heard_count(&world.manager, "WATCHDOG=1") >= 1);
	assert_non_null(strstr(log_of(&world), "beat again"));
	world_close(&world);
}

static void who_is_silent(void **state)
{
	(void)state;
	struct world world;
	enum service_heart heart = HEART_COUNT;
	world_open(&world);
	assert_false(world.service.watched);
	time_us limit = SERVICE_SILENCE_MS * TIME_US_PER_MS;
	service_beat(&world.service, HEART_LOOP, 1000);
	service_beat(&world.service, HEART_WRITER, 5000);
	assert_true(service_alive(&world.service, 1000 + limit, &heart));
	assert_false(service_alive(&world.service, 1001 + limit, &heart));
	assert_int_equal(heart, HEART_LOOP);
	service_beat(&world.service, HEART_LOOP, 9000);
	assert_true(service_alive(&world.service, 5000 + limit, &heart));
	assert_false(service_alive(&world.service, 5001 + limit, &heart));
	assert_int_equal(heart, HEART_WRITER);
	service_beat(&world.service, HEART_LOOP, (time_us)(uv_hrtime() / 1000));
	service_beat(&world.service, HEART_WRITER, (time_us)(uv_hrtime() / 1000));
	world_close(&world);
}

/* --- without systemd --------------------------------------------------------------- */

static void works_in_the_foreground(void **state)
{
	(void)state;
	struct world world;
	world_open(&world);
	unsetenv("NOTIFY_SOCKET");
	service_ready(&world.service);
	service_status(&world.service, "1 link");
	kill(getpid(), SIGINT);
	uv_run(&world.loop, UV_RUN_DEFAULT);
	assert_int_equal(world.drains, 1);
	assert_string_equal(heard(&world.manager), "");
	world_close(&world);
}

/* --- what systemd prepares --------------------------------------------------------- */

static void directories_are_the_first(void **state)
{
	(void)state;
	unsetenv("STATE_DIRECTORY");
	assert_slice(service_directory(DIRECTORY_STATE), "");
	setenv("STATE_DIRECTORY", "/var/lib/linkrotd:/var/lib/other", 1);
	assert_slice(service_directory(DIRECTORY_STATE), "/var/lib/linkrotd");
	setenv("STATE_DIRECTORY", "relative", 1);
	assert_slice(service_directory(DIRECTORY_STATE), "");
	setenv("STATE_DIRECTORY", "", 1);
	assert_slice(service_directory(DIRECTORY_STATE), "");
	unsetenv("STATE_DIRECTORY");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_it_does),
		cmocka_unit_test(status_is_sent_now_and_then),
		cmocka_unit_test(a_long_status_is_cut),
		cmocka_unit_test(hangup_reloads),
		cmocka_unit_test(terminate_drains),
		cmocka_unit_test(second_signal_ends),
		cmocka_unit_test(watchdog_needs_both_hearts),
		cmocka_unit_test(who_is_silent),
		cmocka_unit_test(works_in_the_foreground),
		cmocka_unit_test(directories_are_the_first),
	};
	unsetenv("JOURNAL_STREAM");
	unsetenv("WATCHDOG_USEC");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
