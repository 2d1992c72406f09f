/* The system's name servers, when they become others under a prober that lives on. The
 * file and its port 53 are played: this program's fopen and connect come before libc's,
 * for c-ares too. */
#include "unit/probe/stage.h"

#include <dlfcn.h>

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static struct stage stage;
static struct stage_route routes[] = { { "/", STAGE_KEEP, OK_ANSWER, NULL, 0 }, { 0 } };
static char resolv_conf[] = "/tmp/linkrotd-resolv-XXXXXX";
static uint16_t silent_port; /* 127.0.0.3, who never answers */

static void say(const char *text)
{
	FILE *file = fopen(resolv_conf, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

typedef FILE *fopen_fn(const char *path, const char *mode);

static FILE *open_next(const char *name, const char *path, const char *mode)
{
	fopen_fn *next;
	*(void **)&next = dlsym(RTLD_NEXT, name);
	return next(strcmp(path, "/etc/resolv.conf") == 0 ? resolv_conf : path, mode);
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
	return open_next("fopen", path, mode);
}

FILE *fopen64(const char *restrict path, const char *restrict mode)
{
	return open_next("fopen64", path, mode);
}

typedef int connect_fn(int fd, const struct sockaddr *to, socklen_t len);

/* 127.0.0.1 is the stage's; at any other nobody listens. */
int connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t len)
{
	connect_fn *next;
	struct sockaddr_in at;
	*(void **)&next = dlsym(RTLD_NEXT, "connect");
	memcpy(&at, to.__sockaddr__, len < sizeof(at) ? len : sizeof(at));
	if (at.sin_family == AF_INET && ntohs(at.sin_port) == 53) {
		bool silent = at.sin_addr.s_addr == htonl(0x7F000003);
		at.sin_port = htons(silent ? silent_port : stage.dns_port);
		return next(fd, (const struct sockaddr *)&at, sizeof(at));
	}
	return next(fd, to.__sockaddr__, len);
}

/* By the system's servers. */
static void open_stage(struct stage_name *names)
{
	stage_open(&stage, routes, names);
	stage.config.resolver = (struct slice){ 0 };
	stage_begin(&stage);
}

/* The new servers are asked within a second; a machine may stand still for some. */
static void probe_until(const char *url, enum reason wanted)
{
	uint64_t end = uv_hrtime() + UINT64_C(10000000000);
	while (stage_probe(&stage, url)->failure != wanted)
		assert_true(uv_hrtime() < end);
}

static void asks_the_servers_of_today(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ 0 } };
	say("nameserver 127.0.0.2\n");
	open_stage(names);
	assert_int_not_equal(stage_probe(&stage, "http://a.test/")->failure, REASON_OK);
	say("# by hand\nnameserver 127.0.0.1\n");
	probe_until("http://a.test/", REASON_OK);
	stage_close(&stage);
}

/* For longer than the file is not looked at. */
static void is_known_all_the_while(void)
{
	const struct probe_request anew = { .second_method = true };
	uint64_t end = uv_hrtime() + UINT64_C(1500000000);
	while (uv_hrtime() < end) {
		stage_start_as(&stage, "http://a.test/", anew);
		stage_run(&stage);
		assert_int_equal(stage.seen.failure, REASON_OK);
	}
}

/* Half a file, or none, is no news. */
static void keeps_servers_that_nobody_replaces(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ 0 } };
	say("nameserver 127.0.0.1\n");
	open_stage(names);
	say("");
	is_known_all_the_while();
	assert_int_equal(unlink(resolv_conf), 0);
	is_known_all_the_while();
	stage_close(&stage);
}

/* Who was asked before may let us wait, until the prober's end even. */
static void leaves_open_questions_where_they_are(void **state)
{
	(void)state;
	struct stage_name names[] = { { .name = "a.test", .v4 = { "127.0.0.1" } },
		{ 0 } };
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(0x7F000003) };
	socklen_t len = sizeof(at);
	int silent = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(silent, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(silent, (struct sockaddr *)&at, &len), 0);
	silent_port = ntohs(at.sin_port);
	for (int closes_early = 0; closes_early < 2; closes_early++) {
		say("nameserver 127.0.0.3\n");
		open_stage(names);
		stage_start(&stage, "http://slow.test/");
		uv_run(&stage.loop, UV_RUN_NOWAIT);
		say("nameserver 127.0.0.1\n");
		if (!closes_early)
			probe_until("http://a.test/", REASON_OK);
		stage_close(&stage);
		stage.pending = 0;
	}
	close(silent);
}

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(resolv_conf);
	return fd >= 0 ? close(fd) : -1;
}

static int remove_file(void **state)
{
	(void)state;
	(void)unlink(resolv_conf);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_the_servers_of_today),
		cmocka_unit_test(keeps_servers_that_nobody_replaces),
		cmocka_unit_test(leaves_open_questions_where_they_are),
	};
	return cmocka_run_group_tests_name("resolv.conf", tests, make_file, remove_file);
}
