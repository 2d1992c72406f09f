#include "lib/test.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/journal.h"

/* A file takes the lines, because a pipe would be full. */
struct log {
	struct journal journal;
	int fd;
};

static time_us the_time;

static time_us test_now(void)
{
	return the_time;
}

static time_ms test_wall(void)
{
	return INT64_C(1700000000000);
}

static void open_log(struct log *log, enum journal_level level)
{
	char path[] = "/tmp/linkrotd-journal-XXXXXX";
	log->fd = mkstemp(path);
	assert_true(log->fd >= 0);
	unlink(path);
	the_time = 1000;
	journal_init(&log->journal, log->fd, level);
	log->journal.now = test_now;
	log->journal.wall = test_wall;
}

static const char *text_of(struct log *log)
{
	static char text[256 * 1024];
	ssize_t len = pread(log->fd, text, sizeof(text) - 1, 0);
	assert_true(len >= 0);
	text[len] = '\0';
	return text;
}

static void close_log(struct log *log)
{
	journal_fini(&log->journal);
	close(log->fd);
}

static unsigned lines_with(const char *text, const char *part)
{
	unsigned count = 0;
	for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
		count++;
	return count;
}

static void plain_lines_have_a_time(void **state)
{
	(void)state;
	struct log log;
	open_log(&log, JOURNAL_INFO);
	assert_int_equal(log.journal.way, JOURNAL_PLAIN);
	journal_say(&log.journal, JOURNAL_KIND_STARTED, "%d links on %s", 3, "one list");
	assert_string_equal(
		text_of(&log), "2023-11-14T22:13:20Z linkrotd: 3 links on one list\n");
	assert_int_equal(log.journal.written, 1);
	close_log(&log);
}

/* The variable is inherited by every child of a service; only the stream it names is
 * the journal's. */
static void journal_stream_must_be_ours(void **state)
{
	(void)state;
	struct log log;
	struct stat found;
	char stream[64];
	open_log(&log, JOURNAL_INFO);
	assert_int_equal(fstat(log.fd, &found), 0);

	snprintf(stream, sizeof(stream), "%lu:%lu", (unsigned long)found.st_dev,
		(unsigned long)found.st_ino + 1);
	setenv("JOURNAL_STREAM", stream, 1);
	journal_init(&log.journal, log.fd, JOURNAL_INFO);
	assert_int_equal(log.journal.way, JOURNAL_PLAIN);

	snprintf(stream, sizeof(stream), "%lu:%lu", (unsigned long)found.st_dev,
		(unsigned long)found.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	journal_init(&log.journal, log.fd, JOURNAL_INFO);
	assert_int_not_equal(log.journal.way, JOURNAL_PLAIN);
	log.journal.way = JOURNAL_PREFIX;
	journal_say(&log.journal, JOURNAL_KIND_STORE, "the disk is full");
	journal_say(&log.journal, JOURNAL_KIND_LINK, "a\nb");
	assert_string_equal(text_of(&log), "<3>the disk is full\n<5>a b\n");
	unsetenv("JOURNAL_STREAM");
	close_log(&log);
}

static void foreign_text_is_harmless(void **state)
{
	(void)state;
	struct log log;
	struct buffer url;
	open_log(&log, JOURNAL_DEBUG);
	journal_say(&log.journal, JOURNAL_KIND_SOURCE, "%s",
		"https://user:secret@host/\x1b[31m\n<0>forged\xff\xe2\x80\xae end");
	const char *text = text_of(&log);
	assert_null(strstr(text, "secret"));
	assert_null(strchr(text, '\x1b'));
	assert_null(strstr(text, "\n<0>"));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_non_null(strstr(text, "end\n"));

	buffer_init(&url, 1 << 20);
	buffer_add_text(&url, "https://host/");
	while (url.len < 100000)
		buffer_add_char(&url, 'x');
	size_t before = strlen(text);
	journal_event(&log.journal, &(struct event){ .kind = EVENT_FLAPPING },
		buffer_slice(&url), SLICE("list"));
	assert_true(strlen(text_of(&log)) - before < 6 * 1024);
	assert_int_equal(text_of(&log)[strlen(text_of(&log)) - 1], '\n');
	buffer_fini(&url);
	close_log(&log);
}

static void levels_are_kept(void **state)
{
	(void)state;
	struct log log;
	open_log(&log, JOURNAL_NOTICE);
	struct event event = { .kind = EVENT_STATE,
		.from = STATE_UNCHECKED,
		.to = STATE_ALIVE,
		.reason = REASON_OK };
	journal_event(&log.journal, &event, SLICE("https://a/"), SLICE("l"));
	event.from = STATE_ALIVE;
	event.to = STATE_SUSPECT;
	journal_event(&log.journal, &event, SLICE("https://a/"), SLICE("l"));
	assert_string_equal(text_of(&log), "");
	event.from = STATE_SUSPECT;
	event.to = STATE_DEAD;
	event.reason = REASON_HTTP_404;
	journal_event(&log.journal, &event, SLICE("https://a/"), SLICE("l"));
	assert_string_equal(text_of(&log),
		"2023-11-14T22:13:20Z linkrotd: https://a/ is dead (http_404); it was "
		"suspect\n");
	log.journal.level = JOURNAL_DEBUG;
	event = (struct event){ .kind = EVENT_STATE,
		.from = STATE_UNCHECKED,
		.to = STATE_ALIVE,
		.reason = REASON_OK };
	journal_event(&log.journal, &event, SLICE("https://b/"), SLICE("l"));
	assert_non_null(strstr(text_of(&log), "https://b/ is alive (ok)\n"));
	close_log(&log);
}

/* What the network does must not fill a disk, and must not be hidden. */
static void a_flood_is_counted(void **state)
{
	(void)state;
	struct log log;
	open_log(&log, JOURNAL_INFO);
	for (int i = 0; i < 100000; i++)
		journal_say(&log.journal, JOURNAL_KIND_LINK, "flood");
	assert_int_equal(lines_with(text_of(&log), "flood"), 60);
	assert_int_equal(log.journal.held_back, 100000 - 60);
	/* Others have their own bucket. */
	journal_say(&log.journal, JOURNAL_KIND_STORE, "the disk is full");
	assert_int_equal(lines_with(text_of(&log), "the disk is full"), 1);
	/* Within the minute nothing more is said of it; then once. */
	journal_tick(&log.journal);
	assert_int_equal(lines_with(text_of(&log), "came too fast"), 0);
	the_time += 61 * 1000000;
	journal_tick(&log.journal);
	journal_tick(&log.journal);
	assert_int_equal(lines_with(text_of(&log), "99940 more lines of the kind"), 1);
	assert_int_equal(lines_with(text_of(&log), "came too fast"), 1);
	/* Twenty have grown. */
	for (int i = 0; i < 100; i++)
		journal_say(&log.journal, JOURNAL_KIND_LINK, "later");
	assert_int_equal(lines_with(text_of(&log), "later"), 20);
	journal_fini(&log.journal);
	assert_int_equal(lines_with(text_of(&log), "80 more lines"), 1);
	close(log.fd);
}

/* A day of floods: what is written is bounded by the rate, not by the flood. */
static void a_day_of_floods(void **state)
{
	(void)state;
	struct log log;
	open_log(&log, JOURNAL_INFO);
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log.journal.fd = null;
	for (int minute = 0; minute < 24 * 60; minute++) {
		for (int i = 0; i < 100; i++)
			journal_say(&log.journal, JOURNAL_KIND_LINK, "flood");
		the_time += 60 * 1000000;
		journal_tick(&log.journal);
	}
	assert_in_range(log.journal.written, 24 * 60 * 20, 60 + 24 * 60 * 21 + 1);
	assert_int_equal(log.journal.lost, 0);
	close(null);
	close_log(&log);
}

static void a_broken_log_ends_nothing(void **state)
{
	(void)state;
	struct log log;
	open_log(&log, JOURNAL_INFO);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_true(full >= 0);
	log.journal.fd = full;
	journal_say(&log.journal, JOURNAL_KIND_STARTED, "unheard");
	assert_int_equal(log.journal.lost, 1);
	assert_int_equal(log.journal.written, 0);
	close(full);
	close_log(&log);
}

/* A journald that only listens, where journald is, seen by this process alone. -1: not
 * allowed here. */
static int listen_as_journald(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (unshare(CLONE_NEWNS) != 0 ||
		mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		mount("none", "/run", "tmpfs", 0, NULL) != 0 ||
		mkdir("/run/systemd", 0755) != 0 ||
		mkdir("/run/systemd/journal", 0755) != 0)
		return -1;
	snprintf(address.sun_path, sizeof(address.sun_path),
		"/run/systemd/journal/socket");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? fd : -1;
}

/* Passes on what the journal is told of one event. */
static int be_a_service(struct log *log, int out)
{
	char stream[64], entry[8192];
	struct stat found;
	int fd = listen_as_journald();
	if (fd < 0)
		return 77;
	fstat(log->fd, &found);
	snprintf(stream, sizeof(stream), "%lu:%lu", (unsigned long)found.st_dev,
		(unsigned long)found.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	journal_init(&log->journal, log->fd, JOURNAL_NOTICE);
	if (log->journal.way != JOURNAL_NATIVE)
		return 1;
	struct event event = { .kind = EVENT_STATE,
		.from = STATE_SUSPECT,
		.to = STATE_DEAD,
		.reason = REASON_HTTP_410 };
	journal_event(&log->journal, &event,
		SLICE("https://u:p@a.test/\nLINKROTD_STATE=alive"), SLICE("papers"));
	ssize_t len = recv(fd, entry, sizeof(entry), MSG_DONTWAIT);
	return len > 0 && write(out, entry, (size_t)len) == len ? 0 : 2;
}

static void the_journal_gets_fields(void **state)
{
	(void)state;
	struct log log;
	int ends[2], status = 0;
	char entry[8192];
	open_log(&log, JOURNAL_NOTICE);
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(be_a_service(&log, ends[1]));
	close(ends[1]);
	ssize_t len = read(ends[0], entry, sizeof(entry) - 1);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_string_equal(text_of(&log), "");
	close_log(&log);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
	assert_true(len > 0);
	entry[len] = '\0';
	assert_non_null(
		strstr(entry, "MESSAGE=https://a.test/ LINKROTD_STATE=alive is dead "
			      "(http_410); it was suspect\n"));
	assert_non_null(strstr(entry, "\nPRIORITY=5\n"));
	assert_non_null(strstr(entry, "\nMESSAGE_ID=4c62d06a737c40ad8404dcae55f4cb00\n"));
	assert_non_null(strstr(entry, "\nLINKROTD_KIND=link\n"));
	assert_non_null(
		strstr(entry, "\nLINKROTD_URL=https://a.test/ LINKROTD_STATE=alive\n"));
	assert_non_null(strstr(entry, "\nLINKROTD_LIST=papers\n"));
	assert_non_null(strstr(entry, "\nLINKROTD_FROM=suspect\n"));
	assert_non_null(strstr(entry, "\nLINKROTD_STATE=dead\n"));
	assert_non_null(strstr(entry, "\nLINKROTD_REASON=http_410\n"));
	assert_non_null(strstr(entry, "SYSLOG_IDENTIFIER=linkrotd\n"));
	assert_null(strstr(entry, "\nLINKROTD_STATE=alive"));
}

static void message_ids_are_unique(void **state)
{
	(void)state;
#define ID_OF(name, text, level, burst, minute, id) id,
	static const char *const ids[] = { JOURNAL_KINDS(ID_OF) };
	for (size_t i = 0; i < JOURNAL_KIND_COUNT; i++) {
		assert_int_equal(strlen(ids[i]), 32);
		assert_int_equal(strspn(ids[i], "0123456789abcdef"), 32);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(ids[i], ids[j]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_lines_have_a_time),
		cmocka_unit_test(journal_stream_must_be_ours),
		cmocka_unit_test(foreign_text_is_harmless),
		cmocka_unit_test(levels_are_kept),
		cmocka_unit_test(a_flood_is_counted),
		cmocka_unit_test(a_day_of_floods),
		cmocka_unit_test(a_broken_log_ends_nothing),
		cmocka_unit_test(the_journal_gets_fields),
		cmocka_unit_test(message_ids_are_unique),
	};
	unsetenv("JOURNAL_STREAM");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
