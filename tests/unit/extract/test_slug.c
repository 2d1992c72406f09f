#include "lib/test.h"

#include <jansson.h>
#include <stdio.h>

#include "extract/slug.h"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 10 * 1000 * 1000);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static void expect(struct slugs *slugs, const char *heading, const char *slug)
{
	assert_slice(slugs_next(slugs, &arena, slice_of(heading)), slug);
}

static void characters(void **state)
{
	(void)state;
	struct slugs *slugs = slugs_new();
	assert_non_null(slugs);
	expect(slugs, "Two  spaces & more!", "two--spaces--more");
	expect(slugs, "snake_case-and-Hyphen", "snake_case-and-hyphen");
	expect(slugs, "Über Ⅳ x² 10", "über-ⅳ-x-10");
	expect(slugs, "a — b", "a--b");
	expect(slugs,
		"no\xC2\xA0"
		"break",
		"nobreak");
	expect(slugs, "⚙\xEF\xB8\x8F Setup", "\xEF\xB8\x8F-setup");
	expect(slugs, "\xFFraw\xC0", "raw");
	slugs_free(slugs);
}

static void a_suffixed_slug_is_taken_too(void **state)
{
	(void)state;
	struct slugs *slugs = slugs_new();
	expect(slugs, "echo", "echo");
	expect(slugs, "echo", "echo-1");
	expect(slugs, "echo 1", "echo-1-1");
	expect(slugs, "echo-1", "echo-1-2");
	expect(slugs, "echo", "echo-2");
	slugs_free(slugs);
}

static void empty_headings(void **state)
{
	(void)state;
	struct slugs *slugs = slugs_new();
	expect(slugs, "", "");
	expect(slugs, "!!", "-1");
	slugs_free(slugs);
	slugs_free(NULL);
}

static void written(void **state)
{
	(void)state;
	assert_slice(slug_written(SLICE("Title {#My_id}")), "My_id");
	assert_slice(slug_written(SLICE(" A {b} {: .c #d e=f } ")), "d");
	assert_slice(slug_written(SLICE("A {/* #d */}")), "d");
	assert_slice(slug_written(SLICE("{#a}{#b}")), "b");
	assert_slice(slug_written(SLICE("A {#b} c")), "");
	assert_slice(slug_written(SLICE("A #b}")), "");
	assert_slice(slug_written(SLICE("A {#}")), "");
	assert_slice(slug_written(SLICE("{b}")), "");
	assert_slice(slug_written(SLICE("{")), "");
	assert_slice(slug_written(SLICE("")), "");
}

static void many_equal_headings_take_linear_time(void **state)
{
	(void)state;
	struct slugs *slugs = slugs_new();
	char last[32];
	enum { COUNT = 50000 };
	for (int i = 0; i < COUNT - 1; i++)
		assert_non_null(slugs_next(slugs, &arena, SLICE("same")).at);
	snprintf(last, sizeof(last), "same-%d", COUNT - 1);
	expect(slugs, "same", last);
	slugs_free(slugs);
}

static void no_memory(void **state)
{
	(void)state;
	struct slugs *slugs = slugs_new();
	struct arena small;
	arena_init(&small, 3);
	assert_null(slugs_next(slugs, &small, SLICE("longer than that")).at);
	arena_fini(&small);
	slugs_free(slugs);
}

static void what_github_says(void **state)
{
	(void)state;
	const char *path = test_shared("suites/github-slugs.json");
	if (path == NULL)
		skip();
	json_error_t error;
	json_t *cases = json_load_file(path, 0, &error), *one;
	assert_non_null(cases);
	struct slugs *slugs = slugs_new();
	size_t index, right = 0;
	json_array_foreach(cases, index, one)
	{
		struct slice slug = slugs_next(slugs, &arena,
			slice_of(json_string_value(json_object_get(one, "input"))));
		const char *expected =
			json_string_value(json_object_get(one, "expected"));
		if (slice_equal(slug, slice_of(expected)))
			right++;
		else
			printf("%s: %.*s\n", expected, SLICE_ARG(slug));
	}
	printf("github-slugs: %zu of %zu\n", right, json_array_size(cases));
	assert_true(json_array_size(cases) > 0);
	assert_int_equal(right, json_array_size(cases));
	slugs_free(slugs);
	json_decref(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters),
		cmocka_unit_test(a_suffixed_slug_is_taken_too),
		cmocka_unit_test(empty_headings),
		cmocka_unit_test(written),
		cmocka_unit_test(many_equal_headings_take_linear_time),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(what_github_says),
	};
	return cmocka_run_group_tests_name("slug", tests, set_up, tear_down);
}
