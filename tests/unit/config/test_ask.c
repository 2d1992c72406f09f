#include "unit/config/configs.h"

#include <string.h>

static const char *match_of(const struct config *config, const char *key)
{
	const struct config_host *host = config_host_of(config, slice_of(key));
	return host != NULL ? host->match : "";
}

static void the_first_host_that_matches(void **state)
{
	(void)state;
	struct config *config =
		parse_good("hosts: [{match: '*.a.test'}, {match: b?.test}, "
			   "{match: '*x*y'}, {match: a.test}]\n");
	assert_string_equal(match_of(config, "a.test"), "*.a.test");
	assert_string_equal(match_of(config, "sub.A.test"), "*.a.test");
	assert_string_equal(match_of(config, "aa.test"), "");
	assert_string_equal(match_of(config, "b1.test"), "b?.test");
	assert_string_equal(match_of(config, "b.test"), "");
	assert_string_equal(match_of(config, "b12.test"), "");
	assert_string_equal(match_of(config, "xy"), "*x*y");
	assert_string_equal(match_of(config, "axbxcyy"), "*x*y");
	assert_string_equal(match_of(config, "xyz"), "");
	assert_string_equal(match_of(config, "arxiv.org"), "arxiv.org");
	assert_string_equal(match_of(config, ""), "");
	config_free(config);
}

static void lists_by_name(void **state)
{
	(void)state;
	struct config *config =
		parse_good("lists: [{name: a, sources: [x]}, {name: b, sources: [y]}]\n");
	assert_ptr_equal(config_list_of(config, SLICE("b")), &config->lists[1]);
	assert_null(config_list_of(config, SLICE("c")));
	config_free(config);
}

static void what_a_daemon_needs(void **state)
{
	(void)state;
	struct error error;
	struct config *config = parse_good("lists: [{name: a, sources: [x]}]\n");
	assert_int_equal(config_check_daemon(config, &error), -1);
	assert_non_null(strstr(error.text, "contact"));
	config_free(config);
	config = parse_good(TEXT_MAIN);
	assert_int_equal(config_check_daemon(config, &error), -1);
	assert_non_null(strstr(error.text, "lists"));
	config_free(config);
	config = parse_good(TEXT_MAIN "lists: [{name: a, sources: [x]}]\n");
	assert_int_equal(config_check_daemon(config, &error), 0);
	config_free(config);
}

static void assert_agent(const char *text, const char *expected)
{
	struct buffer agent;
	struct config *config = parse_good(text);
	buffer_init(&agent, 1000);
	config_add_user_agent(config, &agent);
	assert_slice(buffer_slice(&agent), expected);
	buffer_fini(&agent);
	config_free(config);
}

static void the_user_agent(void **state)
{
	(void)state;
	assert_agent(TEXT_MAIN, "linkrotd/" LINKROTD_VERSION " (+mailto:ops@a.test)");
	assert_agent(TEXT_MAIN "check: {user_agent: mine/1}\n", "mine/1");
}

static void secrets(void **state)
{
	(void)state;
	struct error error;
	struct buffer path;
	buffer_init(&path, 1000);
	assert_int_equal(config_secret_path("/etc/x", NULL, &path, &error), 0);
	assert_slice(buffer_slice(&path), "/etc/x");
	buffer_reset(&path);
	assert_int_equal(
		config_secret_path("credential:x", "/run/credentials/u", &path, &error),
		0);
	assert_slice(buffer_slice(&path), "/run/credentials/u/x");
	assert_int_equal(config_secret_path("credential:x", NULL, &path, &error), -1);
	assert_non_null(strstr(error.text, "LoadCredential"));
	buffer_fini(&path);
}

/* --- what a reload changes --- */

static void add_change(void *data, const char *sentence, bool needs_restart)
{
	buffer_printf(data, "%s%s\n", needs_restart ? "! " : "", sentence);
}

static void assert_changes(const char *before, const char *after, const char *expected)
{
	struct buffer text;
	struct config *old = parse_good(before), *new = parse_good(after);
	uint32_t lines = 0;
	buffer_init(&text, 100000);
	uint32_t count = config_diff(old, new, add_change, &text);
	assert_slice(buffer_slice(&text), expected);
	for (const char *c = expected; *c != '\0'; c++)
		lines += *c == '\n';
	assert_int_equal(count, lines);
	buffer_fini(&text);
	config_free(old);
	config_free(new);
}

static void changes(void **state)
{
	(void)state;
	assert_changes("",
		"check: {timeout: 20s}\ndatabase: /var/lib/linkrotd/linkrotd.db\n", "");
	assert_changes("", "check: {timeout: 1m, robots: ignore}\n",
		"check.timeout: 20s -> 1m\ncheck.robots: obey -> ignore\n");
	assert_changes("listen: 127.0.0.1:1\n", "database: /x\n",
		"! database: /var/lib/linkrotd/linkrotd.db -> /x\n"
		"! listen: 127.0.0.1:1 -> null\n");
	assert_changes(
		"lists: [{name: a, sources: [x, y, z]}, {name: b, sources: [q]}]\n",
		"lists: [{name: c, sources: [q]}, {name: a, sources: [z, w, x], "
		"interval: "
		"1d}]\n",
		"lists: \"c\" is new\nlists.a.sources: +w -y\n"
		"lists.a.interval: 7d -> 1d\nlists: \"b\" is gone\n");
	assert_changes("lists: [{name: a, sources: [x, y]}]\n",
		"lists: [{name: a, sources: [y, x]}]\n",
		"lists.a.sources: in another order\n");
	assert_changes("check: {exclude: []}\n", "check: {exclude: [a, b, c, d, e]}\n",
		"check.exclude: +a +b +c and more\n");
	assert_changes("notify: [{type: slack, url_file: x, on: [dead]}]\n",
		"notify: [{type: slack, url_file: x, on: [recovered]}, {type: webhook, "
		"url_file: y, on: [dead]}]\n",
		"notify.1.on: -dead +recovered\nnotify: number 2 is new\n");
	assert_changes("hosts: [{match: a.test}, {match: '*.test'}]\n",
		"hosts: [{match: '*.test'}, {match: a.test}]\n",
		"hosts: in another order\n");
	assert_changes("", "hosts: [{match: github.com, request_interval: 5s}]\n",
		"hosts.github.com.request_interval: 2s -> 5s\n"
		"hosts.github.com.concurrency: 2 -> 1\n");
}

static void receivers(void **state)
{
	(void)state;
	struct config *config = parse_good(
		"notify: [{type: slack, on: [dead], url_file: a}, {type: ntfy, on: "
		"[dead], topic: t, name: mine}, {type: ntfy, on: [dead], topic: u}, "
		"{type: slack, on: [dead], url_file: b}, {type: matrix, on: [dead], "
		"server: 'http://m', room: r, token_file: t}]\n");
	static const char *const names[] = { "slack#1", "mine", "ntfy#1", "slack#2",
		"matrix#1" };
	struct buffer name;
	buffer_init(&name, 100);
	for (uint32_t i = 0; i < 5; i++) {
		buffer_reset(&name);
		config_notify_name(config, i, &name);
		assert_string_equal(buffer_string(&name), names[i]);
	}
	assert_null(config_notify_server(&config->notify[0]));
	assert_string_equal(config_notify_server(&config->notify[1]), "https://ntfy.sh");
	assert_string_equal(config_notify_server(&config->notify[4]), "http://m");
	buffer_fini(&name);
	config_free(config);
}

static void quiet_hours(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int from, to, offset;
	} good[] = { { "22:00-07:00", 1320, 420, 0 }, { "00:00-23:59", 0, 1439, 0 },
		{ "12:30-13:00 +01:00", 750, 780, 60 },
		{ "12:30-13:00 -09:30", 750, 780, -570 } };
	static const char *const bad[] = { "", "22-7", "24:00-07:00", "22:60-07:00",
		"22:00-22:00", "22:00-07:00+01:00", "22:00-07:00 01:00",
		"22:00-07:00 +15:00", "22:00-07:00 ", "2a:00-07:00" };
	int from, to, offset;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(
			config_quiet_parse(slice_of(good[i].text), &from, &to, &offset));
		assert_int_equal(from, good[i].from);
		assert_int_equal(to, good[i].to);
		assert_int_equal(offset, good[i].offset);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (config_quiet_parse(slice_of(bad[i]), &from, &to, &offset))
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_host_that_matches),
		cmocka_unit_test(lists_by_name),
		cmocka_unit_test(what_a_daemon_needs),
		cmocka_unit_test(the_user_agent),
		cmocka_unit_test(secrets),
		cmocka_unit_test(changes),
		cmocka_unit_test(receivers),
		cmocka_unit_test(quiet_hours),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
