#include "lib/test.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "message/mail.h"
#include "notify/notifier.h"

/* --- the receivers: a child for all tests
 * -------------------------------------------------- */

static struct {
	char directory[64];
	char ports[512]; /* "http=1 https=2 ..." */
	pid_t pid;
	int input; /* it ends when this does */
} receivers;

static const char *find_script(void)
{
	static char path[256];
	static const char *const tops[] = { "", "../", "../../", "../../../",
		"../../../../", "../../../../../" };
	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		int written =
			snprintf(path, sizeof(path), "%stests/web/receivers.py", tops[i]);
		if (written > 0 && access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

static int start_receivers(void **state)
{
	(void)state;
	const char *script = find_script();
	int to[2], from[2];
	if (script == NULL || pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
		return -1;
	memcpy(receivers.directory, "/tmp/linkrotd-notify-XXXXXX", 28);
	if (mkdtemp(receivers.directory) == NULL)
		return -1;
	receivers.pid = fork();
	if (receivers.pid == 0) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		close(to[1]);
		close(from[0]);
		execl("/usr/bin/python3", "python3", script, receivers.directory, NULL);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	receivers.input = to[1];
	size_t have = 0;
	ssize_t got = 1;
	while (got > 0 && have + 1 < sizeof(receivers.ports) &&
		memchr(receivers.ports, '\n', have) == NULL) {
		got = read(from[0], receivers.ports + have,
			sizeof(receivers.ports) - 1 - have);
		have += got > 0 ? (size_t)got : 0;
	}
	close(from[0]);
	return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK && have > 0 ? 0 : -1;
}

static void remove_file(const char *name)
{
	char path[256];
	int written = snprintf(path, sizeof(path), "%s/%s", receivers.directory, name);
	assert_true(written > 0);
	unlink(path);
}

static int stop_receivers(void **state)
{
	(void)state;
	char command[128];
	close(receivers.input);
	waitpid(receivers.pid, NULL, 0);
	int written =
		snprintf(command, sizeof(command), "rm -r '%s'", receivers.directory);
	curl_global_cleanup();
	return written > 0 && system(command) == 0 ? 0 : -1;
}

static int port_of(const char *name)
{
	char wanted[32];
	int written = snprintf(wanted, sizeof(wanted), "%s=", name);
	const char *at = receivers.ports;
	assert_true(written > 0);
	while ((at = strstr(at, wanted)) != NULL && at != receivers.ports &&
		at[-1] != ' ')
		at++;
	assert_non_null(at);
	return (int)strtol(at + strlen(wanted), NULL, 10);
}

/* In place: valid until the next of the same slot. */
static struct slice url_of(
	const char *scheme, const char *host, const char *port, const char *path)
{
	static char urls[4][256];
	static int next;
	char *url = urls[next++ % 4];
	int written = snprintf(
		url, sizeof(urls[0]), "%s://%s:%d%s", scheme, host, port_of(port), path);
	assert_true(written > 0 && written < (int)sizeof(urls[0]));
	return slice_of(url);
}

static struct slice file_of(const char *name, const char *content)
{
	static char paths[4][256];
	static int next;
	char *path = paths[next++ % 4];
	int written =
		snprintf(path, sizeof(paths[0]), "%s/%s", receivers.directory, name);
	assert_true(written > 0);
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
	return slice_of(path);
}

/* What the receivers have seen since the last time. */
static void read_log(struct buffer *out)
{
	char path[256];
	int written = snprintf(path, sizeof(path), "%s/log", receivers.directory);
	assert_true(written > 0);
	buffer_init(out, 64 << 20);
	if (access(path, R_OK) == 0)
		test_read(path, out);
	remove_file("log");
}

static bool has(const struct buffer *text, const char *what)
{
	return slice_find(buffer_slice(text), slice_of(what)) != SLICE_NONE;
}

static void assert_has(const struct buffer *text, const char *what)
{
	if (!has(text, what))
		fail_msg("no %s in %.*s", what,
			SLICE_ARG(slice_sub(buffer_slice(text), 0, 3000)));
}

/* --- a notifier
 * ---------------------------------------------------------------------------- */

struct stage {
	uv_loop_t loop;
	struct notifier *notifier;
	struct notify_result results[200];
	uint32_t count, wanted;
	bool stopped;
	char cacert[128];
};

static void on_result(void *data, const struct notify_result *result)
{
	struct stage *stage = data;
	stage->results[stage->count++] = *result;
	if (stage->count == stage->wanted)
		uv_stop(&stage->loop);
}

static void on_stopped(void *data)
{
	struct stage *stage = data;
	stage->stopped = true;
}

static void open_stage(struct stage *stage, time_ms timeout_ms, const char *sendmail)
{
	struct error error;
	memset(stage, 0, sizeof(*stage));
	assert_int_equal(uv_loop_init(&stage->loop), 0);
	int written = snprintf(
		stage->cacert, sizeof(stage->cacert), "%s/root.pem", receivers.directory);
	assert_true(written > 0);
	const struct notify_setup setup = { .loop = &stage->loop,
		.user_agent = "linkrotd/test",
		.sendmail = sendmail,
		.timeout_ms = timeout_ms,
		.on_result = on_result,
		.data = stage };
	stage->notifier = notifier_start(&setup, &error);
	assert_non_null(stage->notifier);
}

static void close_stage(struct stage *stage)
{
	notifier_stop(stage->notifier, on_stopped, stage);
	uv_run(&stage->loop, UV_RUN_DEFAULT);
	assert_true(stage->stopped);
	assert_int_equal(uv_loop_close(&stage->loop), 0);
}

/* With the receivers' own authority, if the task brings no other. */
static void send_task(struct stage *stage, const struct notify_task *task)
{
	struct error error;
	struct notify_task trusting = *task;
	if (task->cacert.len == 0)
		trusting.cacert = slice_of(stage->cacert);
	if (notifier_send(stage->notifier, &trusting, &error) != 0)
		fail_msg("%s", error.text);
}

static const struct notify_result *result_of(
	struct stage *stage, const struct notify_task *task)
{
	stage->wanted = stage->count + 1;
	send_task(stage, task);
	while (stage->count < stage->wanted)
		uv_run(&stage->loop, UV_RUN_DEFAULT);
	return &stage->results[stage->count - 1];
}

static void assert_class(
	const struct notify_result *result, enum retry_class class, const char *where)
{
	if (result->class != class)
		fail_msg("%s: %s (%s)", where, retry_class_text(result->class),
			result->sentence.text);
	if ((class == RETRY_DONE) != (result->sentence.text[0] == '\0'))
		fail_msg("%s: the sentence is \"%s\"", where, result->sentence.text);
}

/* --- HTTP
 * ------------------------------------------------------------------------------------ */

static struct notify_task http_task(const char *path)
{
	return (struct notify_task){ .way = NOTIFY_HTTP,
		.id = 7,
		.server = url_of("http", "127.0.0.1", "http", ""),
		.method = WEBHOOK_POST,
		.path = slice_of(path),
		.bytes = SLICE("{\"a\":1}") };
}

static void http_answers(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		enum retry_class class;
		int status;
		time_ms retry_after_ms;
	} cases[] = {
		{ "/ok", RETRY_DONE, 200, -1 },
		{ "/status/204", RETRY_DONE, 204, -1 },
		{ "/status/429/120", RETRY_TEMPORARY, 429, 120000 },
		{ "/status/429/99999999999", RETRY_TEMPORARY, 429, RETRY_AFTER_MAX_MS },
		{ "/status/429/soon", RETRY_TEMPORARY, 429, -1 },
		{ "/status/503", RETRY_TEMPORARY, 503, -1 },
		{ "/status/500", RETRY_TEMPORARY, 500, -1 },
		{ "/status/413", RETRY_REFUSED, 413, -1 },
		{ "/status/400", RETRY_UNCLEAR, 400, -1 },
		{ "/status/404", RETRY_OPERATOR, 404, -1 },
		{ "/status/403/60", RETRY_TEMPORARY, 403, 60000 },
		{ "/redirect", RETRY_OPERATOR, 302, -1 },
		{ "/close", RETRY_TEMPORARY, 0, -1 },
		{ "/halfhead", RETRY_TEMPORARY, 0, -1 },
		{ "/garbage", RETRY_TEMPORARY, 0, -1 },
		{ "/hang", RETRY_TEMPORARY, 0, -1 },
		/* The head has said it. */
		{ "/half", RETRY_DONE, 200, -1 },
		{ "/endless", RETRY_DONE, 200, -1 },
		{ "/slowbody", RETRY_DONE, 200, -1 },
	};
	struct stage stage;
	struct buffer log;
	open_stage(&stage, 1500, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct notify_task task = http_task(cases[i].path);
		const struct notify_result *result = result_of(&stage, &task);
		assert_class(result, cases[i].class, cases[i].path);
		assert_int_equal(result->id, 7);
		assert_int_equal(result->status, cases[i].status);
		if (result->retry_after_ms != cases[i].retry_after_ms)
			fail_msg("%s: %lld", cases[i].path,
				(long long)result->retry_after_ms);
	}
	/* What an answer says is shown in one harmless line. */
	const struct notify_task task = http_task("/status/404");
	assert_string_equal(result_of(&stage, &task)->sentence.text,
		"the receiver answered 404: no [31m such thing");
	read_log(&log);
	assert_has(&log, "\"method\": \"POST\", \"path\": \"/ok\", \"body\": "
			 "\"{\\\"a\\\":1}\"");
	assert_has(&log, "\"content-type\": \"application/json\"");
	assert_has(&log, "\"user-agent\": \"linkrotd/test\"");
	assert_false(has(&log, "stolen"));
	buffer_fini(&log);
	close_stage(&stage);
}

static void nobody_there(void **state)
{
	(void)state;
	struct stage stage;
	struct notify_task task = http_task("/ok");
	open_stage(&stage, 3000, NULL);
	task.server = SLICE("http://127.0.0.1:1");
	assert_class(result_of(&stage, &task), RETRY_TEMPORARY, "refused");
	task.server = SLICE("http://no-such-host.invalid");
	assert_class(result_of(&stage, &task), RETRY_TEMPORARY, "unknown host");
	static const char *const bad[] = { "file:///etc/passwd", "ftp://127.0.0.1/", "",
		"gopher://127.0.0.1", "127.0.0.1" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		task.server = slice_of(bad[i]);
		assert_class(result_of(&stage, &task), RETRY_OPERATOR, bad[i]);
	}
	close_stage(&stage);
}

static void tls_is_verified(void **state)
{
	(void)state;
	struct stage stage;
	struct notify_task task = http_task("/ok");
	open_stage(&stage, 3000, NULL);
	task.server = url_of("https", "localhost", "https", "");
	assert_class(result_of(&stage, &task), RETRY_DONE, "good");
	task.cacert = file_of("other.pem", "nobody's\n");
	assert_class(result_of(&stage, &task), RETRY_OPERATOR, "another authority");
	task.cacert = (struct slice){ 0 };
	assert_class(result_of(&stage, &task), RETRY_DONE, "good again");
	task.server = url_of("https", "localhost", "https_bad", "");
	assert_class(result_of(&stage, &task), RETRY_OPERATOR, "self-signed");
	task.server = url_of("https", "127.0.0.1", "https", "");
	assert_class(result_of(&stage, &task), RETRY_OPERATOR, "another name");
	/* TLS to a port that speaks none, and the other way round. */
	task.server = url_of("https", "localhost", "http", "");
	assert_class(result_of(&stage, &task), RETRY_TEMPORARY, "no TLS");
	task.server = url_of("http", "localhost", "https", "");
	assert_class(result_of(&stage, &task), RETRY_TEMPORARY, "TLS");
	close_stage(&stage);
}

static void secrets_go_where_they_belong(void **state)
{
	(void)state;
	struct stage stage;
	struct buffer log;
	struct notify_task task = http_task("");
	open_stage(&stage, 3000, NULL);
	/* The URL from a file, as an editor leaves it. */
	char text[256];
	int written = snprintf(text, sizeof(text), "%s\r\n\n",
		url_of("http", "127.0.0.1", "http", "/hook/geheimnis/ok").at);
	assert_true(written > 0);
	task.server = (struct slice){ 0 };
	task.url_path = file_of("url", text);
	assert_class(result_of(&stage, &task), RETRY_DONE, "url_file");
	task = http_task("/x/ok");
	task.auth = WEBHOOK_AUTH_BEARER;
	task.token_path = file_of("token", "abcdefgh\n");
	task.method = WEBHOOK_PUT;
	assert_class(result_of(&stage, &task), RETRY_DONE, "bearer");
	task.auth = WEBHOOK_AUTH_TELEGRAM;
	task.method = WEBHOOK_POST;
	assert_class(result_of(&stage, &task), RETRY_DONE, "telegram");
	/* Changed in between: read when it is used. */
	task.auth = WEBHOOK_AUTH_BEARER;
	task.token_path = file_of("token", "changed-token");
	assert_class(result_of(&stage, &task), RETRY_DONE, "changed");
	read_log(&log);
	assert_has(&log, "\"path\": \"/hook/geheimnis/ok\"");
	assert_has(&log, "\"method\": \"PUT\", \"path\": \"/x/ok\"");
	assert_has(&log, "\"authorization\": \"Bearer abcdefgh\"");
	assert_has(&log, "\"authorization\": \"Bearer changed-token\"");
	assert_has(&log, "\"path\": \"/botabcdefgh/x/ok\"");
	buffer_fini(&log);
	close_stage(&stage);
}

static void no_sentence_has_a_secret(void **state)
{
	(void)state;
	static const char *const ends[] = { "echo", "status/404", "redirect", "garbage",
		"close" };
	struct stage stage;
	struct notify_task task;
	open_stage(&stage, 3000, NULL);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char path[64], text[256];
		int written = snprintf(path, sizeof(path), "/hook/geheimnis/%s", ends[i]);
		written = snprintf(text, sizeof(text), "%s",
			url_of("http", "127.0.0.1", "http", path).at);
		assert_true(written > 0);
		task = http_task("");
		task.server = (struct slice){ 0 };
		task.url_path = file_of("url", text);
		const char *sentence = result_of(&stage, &task)->sentence.text;
		assert_null(strstr(sentence, "geheimnis"));
		for (int auth = WEBHOOK_AUTH_BEARER; auth <= WEBHOOK_AUTH_TELEGRAM;
			auth++) {
			written = snprintf(path, sizeof(path), "/%s", ends[i]);
			task = http_task(path);
			task.auth = (enum webhook_auth)auth;
			task.token_path = file_of("token", "123:geheimes-token");
			sentence = result_of(&stage, &task)->sentence.text;
			assert_true(sentence[0] != '\0');
			assert_null(strstr(sentence, "geheim"));
		}
	}
	task = http_task("/echo");
	assert_non_null(strstr(result_of(&stage, &task)->sentence.text, "403: /echo"));
	close_stage(&stage);
	struct buffer log;
	read_log(&log);
	buffer_fini(&log);
}

static void secrets_that_are_none(void **state)
{
	(void)state;
	static const char *const contents[] = { "", "\n\n", "a b", "a\nb",
		"a\r\nX-Evil: 1", "\x01", "t\xC3\xB6ken" };
	struct stage stage;
	struct buffer log;
	struct notify_task task = http_task("/ok");
	open_stage(&stage, 3000, NULL);
	task.auth = WEBHOOK_AUTH_BEARER;
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		task.token_path = file_of("token", contents[i]);
		assert_class(result_of(&stage, &task), RETRY_OPERATOR, contents[i]);
	}
	task.token_path = SLICE("/nonexistent/token");
	const struct notify_result *result = result_of(&stage, &task);
	assert_class(result, RETRY_OPERATOR, "no file");
	assert_non_null(strstr(result->sentence.text, "/nonexistent/token"));
	task.token_path = slice_of(receivers.directory);
	assert_class(result_of(&stage, &task), RETRY_OPERATOR, "a directory");
	char fifo[256];
	int written = snprintf(fifo, sizeof(fifo), "%s/fifo", receivers.directory);
	assert_true(written > 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	task.token_path = slice_of(fifo);
	assert_class(result_of(&stage, &task), RETRY_OPERATOR, "a FIFO");
	char *large = malloc(10001);
	assert_non_null(large);
	memset(large, 'x', 10000);
	large[10000] = '\0';
	task.token_path = file_of("token", large);
	free(large);
	assert_class(result_of(&stage, &task), RETRY_OPERATOR, "too long");
	read_log(&log);
	assert_int_equal(log.len, 0);
	buffer_fini(&log);
	close_stage(&stage);
}

/* --- the living issue
 * -------------------------------------------------------------------------- */

static void an_issue_on_the_wire(void **state)
{
	(void)state;
	struct stage stage;
	struct buffer log;
	struct notify_task task = { .way = NOTIFY_ISSUE,
		.server = url_of("http", "127.0.0.1", "http", ""),
		.token_path = file_of("token", "ghp_geheim"),
		.issue = { .repository = SLICE("o/n"),
			.list = SLICE("a"),
			.title = SLICE("Links of A: 1 dead"),
			.body = SLICE("<!-- linkrotd list=a. -->\nfirst"),
			.open = true } };
	open_stage(&stage, 5000, NULL);
	assert_class(result_of(&stage, &task), RETRY_DONE, "create");
	task.issue.body = SLICE("<!-- linkrotd list=a. -->\nsecond");
	task.issue.open = false;
	assert_class(result_of(&stage, &task), RETRY_DONE, "update");
	read_log(&log);
	assert_has(&log, "\"method\": \"POST\", \"path\": \"/repos/o/n/labels\"");
	assert_has(&log, "\"method\": \"POST\", \"path\": \"/repos/o/n/issues\"");
	assert_has(&log, "\"method\": \"PATCH\", \"path\": \"/repos/o/n/issues/1\"");
	assert_has(&log, "\"authorization\": \"Bearer ghp_geheim\"");
	assert_has(&log, "\"accept\": \"application/vnd.github+json\"");
	buffer_fini(&log);
	static const struct {
		const char *base;
		enum retry_class class;
	} cases[] = { { "/status/401", RETRY_OPERATOR },
		{ "/status/403/60", RETRY_TEMPORARY },
		{ "/status/500", RETRY_TEMPORARY } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		task.server = url_of("http", "127.0.0.1", "http", cases[i].base);
		assert_class(result_of(&stage, &task), cases[i].class, cases[i].base);
	}
	close_stage(&stage);
	read_log(&log);
	buffer_fini(&log);
}

/* --- SMTP
 * --------------------------------------------------------------------------------------
 */

static const struct slice sender = { "linkrotd@host.example.org", 25 };

/* A mail of message/mail, with what may go wrong on its way: dots, long lines, other
 * scripts. */
static void make_mail(struct slice to, struct buffer *out)
{
	static const struct message_item item = { .topic = MESSAGE_DIED,
		.url = { "https://a.test/gone", 19 },
		.title = { ".\xC3\x9C"
			   "ber alles \xE2\x82\xAC",
			17 } };
	const struct message_part part = { .list = SLICE("llm"),
		.title = SLICE(".dot \xC3\xA4"),
		.items = &item,
		.item_count = 1,
		.counts = { 1, 0, 0, 0 } };
	const struct message message = { .id = SLICE("17-42"),
		.at = INT64_C(1795404601000),
		.parts = &part,
		.part_count = 1 };
	const struct mail_envelope envelope = { .from = sender,
		.to = &to,
		.to_count = 1,
		.subject_prefix = SLICE("[links] ") };
	struct error error;
	buffer_init(out, 1 << 20);
	if (mail_write(&message, &envelope, out, &error) != 0)
		fail_msg("%s", error.text);
}

static const struct notify_result *mail_result(struct stage *stage, const char *port,
	const char *to, bool password, struct slice server)
{
	struct buffer mail;
	const struct slice recipient = slice_of(to);
	make_mail(recipient, &mail);
	struct notify_task task = { .way = NOTIFY_SMTP,
		.server = server.len > 0 ? server : url_of("smtp", "127.0.0.1", port, ""),
		.from = sender,
		.to = &recipient,
		.to_count = 1,
		.bytes = buffer_slice(&mail) };
	if (password) {
		task.user = SLICE("u");
		task.password_path = file_of("password", "geheim wort\n");
	}
	const struct notify_result *result = result_of(stage, &task);
	buffer_fini(&mail);
	return result;
}

static void smtp_replies(void **state)
{
	(void)state;
	static const struct {
		const char *port, *to;
		enum retry_class class;
		int status;
	} cases[] = {
		{ "smtp", "ok@a.test", RETRY_DONE, 0 },
		{ "smtp", "rcpt450@a.test", RETRY_TEMPORARY, 450 },
		{ "smtp", "rcpt550@a.test", RETRY_OPERATOR, 550 },
		{ "smtp", "data451@a.test", RETRY_TEMPORARY, 451 },
		{ "smtp", "data552@a.test", RETRY_REFUSED, 552 },
		{ "smtp", "data554@a.test", RETRY_REFUSED, 554 },
		{ "smtp", "close@a.test", RETRY_TEMPORARY, 0 },
		{ "smtp", "hang@a.test", RETRY_TEMPORARY, 0 },
		{ "smtp", "garbage@a.test", RETRY_TEMPORARY, 0 },
		{ "smtp_busy", "ok@a.test", RETRY_TEMPORARY, 421 },
		{ "smtp_never", "ok@a.test", RETRY_OPERATOR, 554 },
		{ "smtp_silent", "ok@a.test", RETRY_TEMPORARY, 0 },
	};
	struct stage stage;
	struct buffer log;
	open_stage(&stage, 1500, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct notify_result *result = mail_result(
			&stage, cases[i].port, cases[i].to, false, (struct slice){ 0 });
		assert_class(result, cases[i].class, cases[i].to);
		if (result->status != cases[i].status)
			fail_msg("%s: %d", cases[i].to, result->status);
	}
	assert_class(
		mail_result(&stage, "", "ok@a.test", false, SLICE("smtp://127.0.0.1:1")),
		RETRY_TEMPORARY, "refused");
	assert_class(mail_result(&stage, "", "ok@a.test", false,
			     url_of("http", "127.0.0.1", "smtp", "")),
		RETRY_OPERATOR, "http");
	read_log(&log);
	assert_has(&log, "\"sender\": \"<linkrotd@host.example.org>\"");
	assert_has(&log, "\"recipients\": [\"<ok@a.test>\"]");
	assert_has(&log, "\"defects\": []");
	buffer_fini(&log);
	close_stage(&stage);
}

static void smtp_with_tls_and_password(void **state)
{
	(void)state;
	struct stage stage;
	struct buffer log;
	open_stage(&stage, 3000, NULL);
	assert_class(mail_result(&stage, "", "ok@a.test", true,
			     url_of("smtp", "localhost", "smtp_tls", "")),
		RETRY_DONE, "STARTTLS");
	assert_class(mail_result(&stage, "", "ok@a.test", true,
			     url_of("smtps", "localhost", "smtps", "")),
		RETRY_DONE, "smtps");
	read_log(&log);
	assert_has(&log, "\"secure\": true, \"logged_in\": true");
	assert_false(has(&log, "\"secure\": false"));
	buffer_fini(&log);

	/* Never in the clear, never to who cannot be verified. */
	assert_class(mail_result(&stage, "", "ok@a.test", true,
			     url_of("smtp", "localhost", "smtp", "")),
		RETRY_OPERATOR, "no STARTTLS");
	assert_class(mail_result(&stage, "", "ok@a.test", true,
			     url_of("smtp", "localhost", "smtp_tls_bad", "")),
		RETRY_OPERATOR, "self-signed");
	assert_class(mail_result(&stage, "", "ok@a.test", false,
			     url_of("smtps", "127.0.0.1", "smtps", "")),
		RETRY_OPERATOR, "another name");
	read_log(&log);
	assert_int_equal(log.len, 0);
	buffer_fini(&log);
	close_stage(&stage);
}

static void a_wrong_password_is_the_operators(void **state)
{
	(void)state;
	struct stage stage;
	struct buffer mail;
	const struct slice to = SLICE("ok@a.test");
	make_mail(to, &mail);
	struct notify_task task = { .way = NOTIFY_SMTP,
		.server = url_of("smtp", "localhost", "smtp_tls", ""),
		.user = SLICE("u"),
		.password_path = file_of("password", "wrongword"),
		.from = sender,
		.to = &to,
		.to_count = 1,
		.bytes = buffer_slice(&mail) };
	open_stage(&stage, 3000, NULL);
	const struct notify_result *result = result_of(&stage, &task);
	assert_class(result, RETRY_OPERATOR, "535");
	assert_int_equal(result->status, 535);
	assert_null(strstr(result->sentence.text, "wrongword"));
	task.tls = NOTIFY_TLS_NEVER;
	assert_class(result_of(&stage, &task), RETRY_OPERATOR, "never");
	buffer_fini(&mail);
	close_stage(&stage);
}

/* Debian's python3-aiosmtpd, and Python's own parser of mails. */
static void a_real_mail_server(void **state)
{
	(void)state;
	struct stage stage;
	struct buffer log;
	if (port_of("real") == 0)
		skip();
	open_stage(&stage, 5000, NULL);
	assert_class(mail_result(&stage, "real", "ok@a.test", false, (struct slice){ 0 }),
		RETRY_DONE, "aiosmtpd");
	read_log(&log);
	assert_has(&log, "\"kind\": \"real\", \"sender\": \"linkrotd@host.example.org\", "
			 "\"recipients\": [\"ok@a.test\"]");
	assert_has(&log, "\"subject\": \"[links] llm: 1 died\"");
	assert_has(&log, "\"message-id\": \"<17-42@host.example.org>\"");
	assert_has(&log, "\"references\": \"<list.llm@host.example.org>\"");
	assert_has(&log, "\"list-id\": \"<llm.links.host.example.org>\"");
	assert_has(&log, "\"auto-submitted\": \"auto-generated\"");
	assert_has(&log, "\"date\": \"Mon, 23 Nov 2026 03:30:01 +0000\"");
	assert_has(&log,
		"\"type\": \"text/plain\", \"text\": \".dot \xC3\xA4: 1 died\\r\\n  - "
		"dead: https://a.test/gone\\r\\n    .\xC3\x9C"
		"ber alles \xE2\x82\xAC\\r\\n\"");
	assert_has(&log, "\"type\": \"text/html\"");
	assert_has(&log, "\"defects\": []");
	buffer_fini(&log);
	close_stage(&stage);
}

/* --- sendmail
 * ------------------------------------------------------------------------------------ */

static const char *program(const char *script)
{
	static char path[256];
	struct slice file = file_of("sendmail", script);
	memcpy(path, file.at, file.len + 1);
	assert_int_equal(chmod(path, 0700), 0);
	return path;
}

static void into_sendmail(void **state)
{
	(void)state;
	static const struct {
		const char *script;
		enum retry_class class;
		const char *says;
	} cases[] = {
		{ "#!/bin/sh\n[ \"$*\" = '-t -oi' ] && cat > \"${0%/*}/mail\"\n",
			RETRY_DONE, "" },
		{ "#!/bin/sh\ncat > /dev/null\necho 'queue is full' >&2\nexit 75\n",
			RETRY_TEMPORARY, "ended with 75: queue is full" },
		{ "#!/bin/sh\ncat > /dev/null\nexit 67\n", RETRY_OPERATOR, "67" },
		{ "#!/bin/sh\ncat > /dev/null\nexit 65\n", RETRY_REFUSED, "65" },
		{ "#!/bin/sh\nkill -9 $$\n", RETRY_TEMPORARY, "signal 9" },
		/* It has not read it, whatever it says. */
		{ "#!/bin/sh\nexit 0\n", RETRY_TEMPORARY, "ended with 0" },
		{ "#!/bin/sh\nexec sleep 600\n", RETRY_TEMPORARY, "in time" },
		{ "#!/bin/sh\ncat >/dev/null\nexec yes\n", RETRY_TEMPORARY, "in time" },
		/* One that leaves a child behind with its output open. */
		{ "#!/bin/sh\ncat >/dev/null\nsleep 5 &\nexit 0\n", RETRY_DONE, "" },
		{ "#!/nonexistent\n", RETRY_OPERATOR, "cannot be run" },
	};
	struct buffer mail, got;
	char path[256];
	buffer_init(&mail, 4 << 20);
	/* More than a socket takes at once. */
	for (int i = 0; i < 40000; i++)
		buffer_printf(&mail, ".line %d of a mail\r\n", i);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct stage stage;
		const struct notify_task task = { .way = NOTIFY_SENDMAIL,
			.bytes = buffer_slice(&mail) };
		open_stage(&stage, 2000, program(cases[i].script));
		const struct notify_result *result = result_of(&stage, &task);
		assert_class(result, cases[i].class, cases[i].script);
		if (strstr(result->sentence.text, cases[i].says) == NULL)
			fail_msg("%s", result->sentence.text);
		close_stage(&stage);
	}
	int written = snprintf(path, sizeof(path), "%s/mail", receivers.directory);
	assert_true(written > 0);
	buffer_init(&got, 4 << 20);
	test_read(path, &got);
	assert_true(slice_equal(buffer_slice(&got), buffer_slice(&mail)));
	buffer_fini(&got);
	buffer_fini(&mail);
}

/* --- the notifier itself
 * ---------------------------------------------------------------------------- */

static void results_come_in_order_and_the_queue_ends(void **state)
{
	(void)state;
	struct stage stage;
	struct buffer log;
	struct error error;
	struct notify_task task = http_task("/ok");
	uint32_t taken = 0;
	open_stage(&stage, 5000, NULL);
	for (int i = 0; i < NOTIFY_QUEUE_MAX + 10; i++) {
		task.id = i;
		if (notifier_send(stage.notifier, &task, &error) == 0)
			taken++;
	}
	assert_in_range(taken, NOTIFY_QUEUE_MAX, NOTIFY_QUEUE_MAX + 1);
	assert_int_equal(notifier_busy(stage.notifier), taken);
	stage.wanted = taken;
	uv_run(&stage.loop, UV_RUN_DEFAULT);
	assert_int_equal(stage.count, taken);
	assert_int_equal(notifier_busy(stage.notifier), 0);
	for (uint32_t i = 0; i < taken; i++) {
		assert_int_equal(stage.results[i].id, i);
		assert_class(&stage.results[i], RETRY_DONE, "in order");
	}
	close_stage(&stage);
	read_log(&log);
	buffer_fini(&log);
}

static void on_timer(uv_timer_t *timer)
{
	struct stage *stage = timer->data;
	notifier_stop(stage->notifier, on_stopped, stage);
	uv_close((uv_handle_t *)timer, NULL);
}

/* Within a second or so, and everything that was taken is answered. */
static void it_stops_in_the_middle(void **state)
{
	(void)state;
	for (int kind = 0; kind < 3; kind++) {
		struct stage stage;
		struct notify_task task = http_task("/hang");
		uv_timer_t timer;
		open_stage(&stage, 60000, program("#!/bin/sh\nexec sleep 600\n"));
		if (kind == 1)
			task = (struct notify_task){ .way = NOTIFY_SENDMAIL,
				.bytes = SLICE("x") };
		for (int i = 0; i < 5 && kind < 2; i++) {
			task.id = i;
			send_task(&stage, &task);
		}
		assert_int_equal(uv_timer_init(&stage.loop, &timer), 0);
		timer.data = &stage;
		assert_int_equal(uv_timer_start(&timer, on_timer, 200, 0), 0);
		uint64_t began = uv_hrtime();
		uv_run(&stage.loop, UV_RUN_DEFAULT);
		assert_true(stage.stopped);
		assert_true(uv_hrtime() - began < UINT64_C(3000000000));
		assert_int_equal(stage.count, kind < 2 ? 5 : 0);
		for (uint32_t i = 0; i < stage.count; i++) {
			assert_int_equal(stage.results[i].id, i);
			assert_class(&stage.results[i], RETRY_TEMPORARY, "stopped");
		}
		assert_int_equal(uv_loop_close(&stage.loop), 0);
	}
	struct buffer log;
	read_log(&log);
	buffer_fini(&log);
}

static void tasks_that_cannot_be(void **state)
{
	(void)state;
	struct stage stage;
	struct error error;
	const struct slice bad = SLICE("a@b\r\nRCPT TO:<c@d>"), good = SLICE("a@b");
	struct notify_task task = {
		.way = NOTIFY_SMTP, .from = good, .to = &bad, .to_count = 1
	};
	open_stage(&stage, 1000, NULL);
	assert_int_equal(notifier_send(stage.notifier, &task, &error), -1);
	task.from = bad;
	task.to = &good;
	assert_int_equal(notifier_send(stage.notifier, &task, &error), -1);
	task = (struct notify_task){ .way = NOTIFY_SMTP, .from = good };
	assert_int_equal(notifier_send(stage.notifier, &task, &error), -1);
	task = (struct notify_task){ .way = NOTIFY_ISSUE,
		.issue = { .repository = SLICE("../x") } };
	assert_int_equal(notifier_send(stage.notifier, &task, &error), -1);
	close_stage(&stage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(http_answers),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(tls_is_verified),
		cmocka_unit_test(secrets_go_where_they_belong),
		cmocka_unit_test(no_sentence_has_a_secret),
		cmocka_unit_test(secrets_that_are_none),
		cmocka_unit_test(an_issue_on_the_wire),
		cmocka_unit_test(smtp_replies),
		cmocka_unit_test(smtp_with_tls_and_password),
		cmocka_unit_test(a_wrong_password_is_the_operators),
		cmocka_unit_test(a_real_mail_server),
		cmocka_unit_test(into_sendmail),
		cmocka_unit_test(results_come_in_order_and_the_queue_ends),
		cmocka_unit_test(it_stops_in_the_middle),
		cmocka_unit_test(tasks_that_cannot_be),
	};
	return cmocka_run_group_tests_name(
		"notifier", tests, start_receivers, stop_receivers);
}
