#include "lib/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "settings/settings.h"

/* Splits at single spaces; enough for a test's command line. */
static int parse(char *line, struct options *options, struct error *error)
{
	static char name[] = "check";
	char *argv[32] = { name };
	int argc = 1;
	for (char *at = line; at != NULL && *at != '\0' && argc < 31;) {
		char *space = strchr(at, ' ');
		if (space != NULL)
			*space++ = '\0';
		argv[argc++] = at;
		at = space;
	}
	return options_parse(argc, argv, COMMAND_CHECK, options, error);
}

static void reads_every_spelling(void **state)
{
	(void)state;
	char line[] =
		"-vq --timeout=5s -t 90s -m3 --max-retries 0 -fjson -o out.json a.md "
		"--include x --include=y -- -b.md";
	struct options options;
	struct error error = { "" };
	assert_int_equal(parse(line, &options, &error), 0);
	assert_int_equal(options.verbose, 1);
	assert_true(options.quiet);
	assert_int_equal(options.timeout_ms, 90000);
	assert_int_equal(options.max_redirects, 3);
	assert_int_equal(options.max_retries, 0);
	assert_string_equal(options.format, "json");
	assert_string_equal(options.output, "out.json");
	assert_int_equal(options.include.count, 2);
	assert_int_equal(options.inputs.count, 2);
	assert_string_equal(options.inputs.at[1], "-b.md");
	options_fini(&options);
}

static void defaults_are_the_contract(void **state)
{
	(void)state;
	char line[] = "-";
	struct options options;
	struct settings settings;
	struct error error = { "" };
	unsetenv("GITHUB_TOKEN");
	assert_int_equal(parse(line, &options, &error), 0);
	assert_string_equal(options.inputs.at[0], "-");
	assert_int_equal(settings_init(&settings, &options, &error), 0);
	assert_int_equal(settings.format, FORMAT_TEXT);
	assert_int_equal(
		settings.fail_on, (1u << OUTCOME_BROKEN) | (1u << OUTCOME_UNREACHABLE));
	assert_int_equal(settings.probing.pace.concurrency_total, 128);
	assert_int_equal(settings.probing.pace.concurrency, 2);
	assert_int_equal(settings.probing.pace.interval_us, 250000);
	assert_int_equal(settings.probing.timeout_ms, 20000);
	assert_int_equal(settings.probing.retry.retries_max, 2);
	assert_int_equal(settings.probing.redirect.hops_max, 10);
	assert_int_equal(settings.probing.addresses.allowed_count, 0);
	settings_fini(&settings);
	options_fini(&options);
}

/* Each must be refused with a sentence that holds the second text. */
static void refuses_with_a_remedy(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "--timout 5s a", "did you mean --timeout?" },
		{ "--max-con 5 a", "did you mean --max-concurrency?" },
		{ "--zzzzzzzzz a", "see --help" },
		{ "-Z a", "unknown option -Z" },
		{ "--timeout a", "not a duration" },
		{ "--timeout 5 a", "not a duration" },
		{ "--timeout 0 a", "must be from" },
		{ "--timeout", "needs a value" },
		{ "-t", "needs a value" },
		{ "--offline=yes a", "takes no value" },
		{ "--max-concurrency 0 a", "from 1 to" },
		{ "--max-redirects -1 a", "from 0 to" },
		{ "--format yaml a", "choose text, json" },
		{ "--fail-on broken,oops a", "\"oops\"" },
		{ "--fail-on ok a", "\"ok\"" },
		{ "--accept 20x a", "accept" },
		{ "--include ( a", "bad regular expression at character" },
		{ "--exclude-path [ a", "--exclude-path" },
		{ "--exclude= a", "--exclude '': would match everything" },
		{ "--include= a", "--include '': would match everything" },
		{ "--exclude-path= a", "--exclude-path '': would match everything" },
		{ "--header nocolon a", "'Name: value'" },
		{ "--header :x a", "'Name: value'" },
		{ "--connect-to a:b:c a", "HOST1:PORT1:HOST2:PORT2" },
		{ "--connect-to a:99999:c:80 a", "HOST1:PORT1:HOST2:PORT2" },
		{ "--allow-address 300.0.0.1 a", "--allow-address" },
		{ "--resolver dns.example a", "not an address" },
		{ "--resolver 127.0.0.1:0 a", "not an address" },
		{ "--resolver 127.0.0.1,dns.example a", "not an address" },
		{ "--resolver 127.0.0.1, a", "not an address" },
		{ "--allow-address 192.168.1.1/24 a", "--allow-address" },
		{ "--offline --suggest a", "--suggest" },
		{ "--database= a", "names no file" },
		{ "--database", "needs a value" },
		{ "-q -v a", "exclude each other" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[200];
		struct options options;
		struct settings settings = { 0 };
		struct error error = { "" };
		snprintf(line, sizeof(line), "%s", cases[i][0]);
		int result = parse(line, &options, &error);
		if (result == 0)
			result = settings_init(&settings, &options, &error);
		if (result == 0 || strstr(error.text, cases[i][1]) == NULL)
			fail_msg("\"%s\" gave \"%s\"", cases[i][0], error.text);
		settings_fini(&settings);
		options_fini(&options);
	}
}

static void takes_several_name_servers(void **state)
{
	(void)state;
	char line[] = "--resolver 127.0.0.1,[::1]:5353,::1 x";
	struct options options;
	struct settings settings;
	struct error error = { "" };
	assert_int_equal(parse(line, &options, &error), 0);
	assert_int_equal(settings_init(&settings, &options, &error), 0);
	settings_fini(&settings);
	options_fini(&options);
}

static void reads_connect_to_as_curl_does(void **state)
{
	(void)state;
	char line[] = "--connect-to :443::8443 --connect-to a.b:80:[::1]:81 "
		      "--connect-to [::2]::c: x";
	struct options options;
	struct settings settings;
	struct error error = { "" };
	assert_int_equal(parse(line, &options, &error), 0);
	assert_int_equal(settings_init(&settings, &options, &error), 0);
	const struct connect_to *rules = settings.probing.connect_to;
	assert_int_equal(settings.probing.connect_to_count, 3);
	assert_slice(rules[0].host, "");
	assert_int_equal(rules[0].port, 443);
	assert_slice(rules[0].to_host, "");
	assert_int_equal(rules[0].to_port, 8443);
	assert_slice(rules[1].to_host, "[::1]");
	assert_int_equal(rules[1].to_port, 81);
	assert_slice(rules[2].host, "[::2]");
	assert_int_equal(rules[2].port, -1);
	assert_slice(rules[2].to_host, "c");
	assert_int_equal(rules[2].to_port, -1);
	settings_fini(&settings);
	options_fini(&options);
}

static bool excluded(const char *options_line, const char *url)
{
	char line[200];
	struct options options;
	struct settings settings;
	struct error error = { "" };
	snprintf(line, sizeof(line), "%s x", options_line);
	assert_int_equal(parse(line, &options, &error), 0);
	assert_int_equal(settings_init(&settings, &options, &error), 0);
	bool result = settings_excludes(&settings, slice_of(url));
	settings_fini(&settings);
	options_fini(&options);
	return result;
}

static void includes_win_over_excludes(void **state)
{
	(void)state;
	assert_false(excluded("-i", "https://a/"));
	assert_true(excluded("--exclude a", "https://a/"));
	assert_false(excluded("--exclude b", "https://a/"));
	assert_false(excluded("--include a", "https://a/"));
	assert_true(excluded("--include b", "https://a/"));
	assert_false(excluded("--include a --exclude .*", "https://a/"));
	assert_false(excluded("--include z --exclude b", "https://a/"));
	/* A pattern that would take for ever counts as no match, soon. */
	assert_false(
		excluded("--exclude ^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_spelling),
		cmocka_unit_test(defaults_are_the_contract),
		cmocka_unit_test(refuses_with_a_remedy),
		cmocka_unit_test(takes_several_name_servers),
		cmocka_unit_test(reads_connect_to_as_curl_does),
		cmocka_unit_test(includes_win_over_excludes),
	};
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
