#include "unit/config/configs.h"

#include <string.h>

static struct config *parse_two(
	const char *first, const char *second, struct config_errors *errors)
{
	const struct config_file files[] = { { "linkrotd.yaml", slice_of(first) },
		{ "conf.d/10-b.yaml", slice_of(second) } };
	return config_parse(files, 2, &test_defaults, errors);
}

static void assert_clash(const char *first, const char *second, const char *expected)
{
	struct config_errors errors;
	assert_null(parse_two(first, second, &errors));
	assert_errors(&errors, expected, second);
}

static void groups_are_merged_and_lists_appended(void **state)
{
	(void)state;
	struct config_errors errors;
	struct config *config = parse_two(
		"check: {timeout: 3s}\nlists: [{name: a, sources: [x]}]\n"
		"network: {allow_ports: [81]}\nhosts: [{match: a.test}]\nnotify:\n",
		"check: {max_redirects: 4}\nlists: [{name: b, sources: [y]}]\n"
		"network: {allow_ports: [82, 83]}\nhosts: [{match: b.test}]\n"
		"notify: [{type: slack, url_file: x, on: [dead]}]\nlisten: 127.0.0.1:1\n",
		&errors);
	assert_non_null(config);
	assert_int_equal(config->check.timeout_ms, 3000);
	assert_int_equal(config->check.max_redirects, 4);
	assert_int_equal(config->list_count, 2);
	assert_string_equal(config->lists[0].name, "a");
	assert_string_equal(config->lists[1].name, "b");
	assert_int_equal(config->network.allow_ports.count, 3);
	assert_string_equal(config->network.allow_ports.at[2], "83");
	assert_int_equal(config->host_count, 4);
	assert_string_equal(config->hosts[1].match, "b.test");
	assert_string_equal(config->hosts[2].match, "arxiv.org");
	assert_int_equal(config->notify_count, 1);
	assert_string_equal(config->listen, "127.0.0.1:1");
	config_free(config);
}

static void a_scalar_is_set_once(void **state)
{
	(void)state;
	assert_clash("\ncontact: mailto:a@b.c\n", "contact: mailto:a@b.c\n",
		"conf.d/10-b.yaml:1:1: \"contact\" is already set in linkrotd.yaml:2");
	assert_clash("check:\n  timeout: 3s\n", "check: {timeout: 4s}\n",
		"conf.d/10-b.yaml:1:9: \"timeout\" is already set in linkrotd.yaml:2");
	assert_clash("listen: null\n", "listen: 127.0.0.1:1\n",
		"conf.d/10-b.yaml:1:1: \"listen\" is already set in linkrotd.yaml:1");
	assert_clash("check: {timeout: 3s}\n", "check: 3\n",
		"conf.d/10-b.yaml:1:1: \"check\" is already set in linkrotd.yaml:1");
	assert_clash("lists: [{name: a, sources: [x]}]\n",
		"lists: [{name: a, sources: [x]}]\n",
		"conf.d/10-b.yaml:1:10: lists.name: \"a\" is also ... linkrotd.yaml:1");
}

static void errors_of_all_files(void **state)
{
	(void)state;
	assert_clash("check: {timeout: 3}\nlists: [{}]\n", "foo: 1\n\tx\n",
		"linkrotd.yaml:1:18: check.timeout\n"
		"linkrotd.yaml:2:9: lists.name\n"
		"linkrotd.yaml:2:9: lists.sources\n"
		"conf.d/10-b.yaml:2:1: a tab");
}

static void too_many_files(void **state)
{
	(void)state;
	static struct config_file files[CONFIG_FILES_MAX + 1];
	struct config_errors errors;
	for (uint32_t i = 0; i <= CONFIG_FILES_MAX; i++)
		files[i] = (struct config_file){ "a.yaml", SLICE("lists: []\n") };
	assert_null(config_parse(files, CONFIG_FILES_MAX + 1, NULL, &errors));
	assert_int_equal(errors.count, 1);
	struct config *config = config_parse(files, CONFIG_FILES_MAX, NULL, &errors);
	assert_non_null(config);
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_merged_and_lists_appended),
		cmocka_unit_test(a_scalar_is_set_once),
		cmocka_unit_test(errors_of_all_files),
		cmocka_unit_test(too_many_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
